//! Whether planned images are in their registry: repositories and tags go in, what the registry says of them comes out.
//! No image is read; what an absent one means is not known here.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use smol_str::SmolStr;

use super::forms::manifest::{self, Document};
use crate::model::{PlannedImage, Platform, RegistryAnswer};
use crate::parallel::each;
use crate::registry::{Client, Fetched, ImageAddress, RegistryError, RegistryErrorKind as Kind, Repository};
use crate::source::Place;

/// Look-ups at once.
const MAX_AT_ONCE: usize = 16;
/// Tags that are passed on of a repository without the wanted one: the newest by text.
const MAX_TAGS: usize = 1_000;

/// A planned image that is looked up.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The line of the plan that asks for it.
    pub place: Place,
    /// Its name in the plan.
    pub name: SmolStr,
    /// Whether it is a service.
    pub is_service: bool,
    /// Repositories that it may be in, with their registry, the best first: `ghcr.io/org/web`.
    pub repositories: Vec<SmolStr>,
    /// The tag that it must have; `None`: any that the pattern allows.
    pub tag: Option<SmolStr>,
}

/// Looks images up, several at once; the answers are in the order of the images.
pub fn look_up(
    planned: &[Wanted],
    allows: &(dyn Fn(&str) -> bool + Sync),
    client: &Client,
    progress: &(dyn Fn(usize, usize, &str) + Sync),
    jobs: Option<NonZeroUsize>,
) -> Vec<PlannedImage> {
    let done = Mutex::new(0);
    each(planned, jobs.map_or(MAX_AT_ONCE, NonZeroUsize::get), |wanted| {
        let image = one(wanted, allows, client);
        let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *done += 1;
        progress(*done, planned.len(), &wanted.name);
        image
    })
}

/// Asks for one image under each of its names until it is found. Of the other answers the one that says most counts: a
/// repository without the tag, then a denial, then absence.
fn one(wanted: &Wanted, allows: &dyn Fn(&str) -> bool, client: &Client) -> PlannedImage {
    let mut best: Option<(usize, RegistryAnswer)> = None;
    for (at, repository) in wanted.repositories.iter().enumerate() {
        let answer = ask(repository, wanted.tag.as_deref(), allows, client);
        if best.as_ref().is_none_or(|(_, known)| weight(&answer) > weight(known)) {
            best = Some((at, answer));
        }
        if best
            .as_ref()
            .is_some_and(|(_, known)| weight(known) >= weight(&RegistryAnswer::Unreachable("".into())))
        {
            break;
        }
    }
    let (at, answer) = best.unwrap_or((0, RegistryAnswer::Absent));
    let reference = |repository: &SmolStr| match &wanted.tag {
        Some(tag) => SmolStr::from(format!("{repository}:{tag}")),
        None => repository.clone(),
    };
    let mut references: Vec<SmolStr> = wanted.repositories.iter().map(reference).collect();
    if at < references.len() {
        references[..=at].rotate_right(1);
    }
    PlannedImage {
        place: wanted.place.clone(),
        planned: wanted.name.clone(),
        is_service: wanted.is_service,
        references,
        answer,
    }
}

/// How much an answer says. After the last two nothing else is asked: it is there, or nobody answers.
fn weight(answer: &RegistryAnswer) -> u8 {
    match answer {
        RegistryAnswer::Absent => 0,
        RegistryAnswer::Denied(_) => 1,
        RegistryAnswer::NoSuchTag(_) => 2,
        RegistryAnswer::Unreachable(_) => 3,
        RegistryAnswer::Found { .. } => 4,
    }
}

fn ask(name: &str, tag: Option<&str>, allows: &dyn Fn(&str) -> bool, client: &Client) -> RegistryAnswer {
    let found = ImageAddress::parse(name).and_then(|address| match tag {
        Some(tag) => with_tag(&address.repository, tag, allows, client),
        None => newest(&address.repository, allows, client),
    });
    match found {
        Ok(answer) => answer,
        Err(error) => match error.kind {
            Kind::Denied => RegistryAnswer::Denied(explained(error)),
            Kind::Absent | Kind::NoSuchTag => RegistryAnswer::Absent,
            _ => RegistryAnswer::Unreachable(error.message.into()),
        },
    }
}

/// An error with what to do about it.
fn explained(error: RegistryError) -> SmolStr {
    match error.help {
        Some(help) => format!("{}; {help}", error.message).into(),
        None => error.message.into(),
    }
}

/// Asks for one tag; of a repository without it for the tags that it has.
fn with_tag(
    repository: &Repository,
    tag: &str,
    allows: &dyn Fn(&str) -> bool,
    client: &Client,
) -> Result<RegistryAnswer, RegistryError> {
    match client.manifest(repository, tag) {
        Ok(found) => Ok(found_as(repository, tag, &found)),
        // A registry may say the same of a repository that is not there; the list of tags tells.
        Err(error) if error.kind == Kind::NoSuchTag => {
            Ok(RegistryAnswer::NoSuchTag(some(client.tags(repository)?, allows)))
        }
        Err(error) => Err(error),
    }
}

/// Asks for the newest tag that the plan allows: tags begin with a date, so that the newest is the last one by text.
fn newest(
    repository: &Repository,
    allows: &dyn Fn(&str) -> bool,
    client: &Client,
) -> Result<RegistryAnswer, RegistryError> {
    let tags = client.tags(repository)?;
    match tags.iter().filter(|tag| allows(tag)).max() {
        Some(tag) => Ok(found_as(repository, tag, &client.manifest(repository, tag)?)),
        None => Ok(RegistryAnswer::NoSuchTag(some(tags, allows))),
    }
}

fn found_as(repository: &Repository, tag: &str, found: &Fetched) -> RegistryAnswer {
    RegistryAnswer::Found { reference: format!("{repository}:{tag}").into(), platforms: platforms(found) }
}

/// Some tags of many: those that the plan allows first, and of each the newest by text.
fn some(mut tags: Vec<String>, allows: &dyn Fn(&str) -> bool) -> Vec<SmolStr> {
    tags.sort_unstable_by(|one, other| (allows(other), other).cmp(&(allows(one), one)));
    tags.truncate(MAX_TAGS);
    tags.into_iter().map(SmolStr::from).collect()
}

/// The platforms of an index; `None` of a manifest, and of what cannot be read.
fn platforms(found: &Fetched) -> Option<Vec<Platform>> {
    match manifest::parse(&found.bytes, &found.media_type, "the index").ok()? {
        Document::Index(entries) => {
            let images = entries.into_iter().filter(|entry| !entry.is_attestation);
            Some(images.filter_map(|entry| entry.platform).collect())
        }
        Document::Manifest(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::some;

    #[test]
    fn tags_that_the_plan_allows_come_first() {
        let tags = ["latest", "20250812-b", "20250811-a", "x"].map(str::to_owned).to_vec();
        let allows = |tag: &str| tag.starts_with("2025");
        assert_eq!(some(tags, &allows), ["20250812-b", "20250811-a", "x", "latest"]);
        let many: Vec<String> = (0..5_000).map(|at| at.to_string()).collect();
        assert_eq!(some(many, &allows).len(), super::MAX_TAGS);
    }
}
