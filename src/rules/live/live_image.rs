//! `live-image`: a container runs the image that the plan means.

use super::common::{is_ours, open, report, row, who};
use crate::finding::{Findings, Severity};
use crate::model::LiveContainer;
use crate::plan::{Plan, normalise};
use crate::rules::Check;
use crate::rules::base::{is_id, moving, pinned_images, unplanned_tag};
use crate::source::Place;
use crate::syntax::image_reference::ImageReference;

pub(in crate::rules) const CHECK: Check = Check::Container(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.images.registry.is_some() || plan.images.tag.is_some() || pinned_images(plan).is_some()
}

fn check(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    if !is_ours(container, plan) || container.image.reference.is_empty() {
        return false;
    }
    let judge = Judge { container, plan, who: who(container, plan) };
    // One image, one finding: the first of what is wrong.
    let _ = judge.without_name(out) || judge.other(out) || judge.tag(out) || judge.moved(out) || judge.registry(out);
    true
}

struct Judge<'a> {
    container: &'a LiveContainer,
    plan: &'a Plan,
    who: String,
}

impl Judge<'_> {
    fn reference(&self) -> &str {
        &self.container.image.reference
    }

    /// The line of the plan that speaks of images.
    fn demand(&self) -> &Place {
        let images = &self.plan.images;
        let tag = images.tag.as_ref().or(images.registry.as_ref()).map(|said| &said.place);
        tag.or(images.pinned.as_ref().map(|said| &said.place)).unwrap_or(&self.container.place)
    }

    /// An image that is named by its id.
    fn without_name(&self, out: &mut Findings) -> bool {
        let reference = self.reference();
        if self.plan.images.tag.is_none() && self.plan.images.registry.is_none() {
            return false;
        }
        let is_short = (12..=64).contains(&reference.len())
            && self.container.image.id.trim_start_matches("sha256:").starts_with(reference);
        if !is_short && !is_id(&ImageReference::parse(reference)) {
            return false;
        }
        let message =
            format!("{} runs the image `{reference}` by its id, so no tag tells what it is", self.who);
        report(out, self.container, self.demand(), message).help("start it by the image's name and tag");
        true
    }

    /// Another repository than the row's.
    fn other(&self, out: &mut Findings) -> bool {
        let Some(row) = row(self.container, self.plan) else { return false };
        let is = ImageReference::parse(self.reference());
        let image = self.reference().split('@').next().unwrap_or_default();
        let image = is.tag.and_then(|tag| image.strip_suffix(tag)?.strip_suffix(':')).unwrap_or(image);
        let registry = self.plan.images.registry.as_ref();
        let below = registry.map(|said| said.value.trim_end_matches('/'));
        let path = match below {
            Some(below) => image.strip_prefix(below).and_then(|rest| rest.strip_prefix('/')),
            None => Some(image),
        };
        let is_called = |name: &str| normalise(is.name()) == normalise(name);
        let (right, wanted, demand) = match (&row.repository, path) {
            (Some(said), path) => {
                let wanted = said.value.trim_matches('/');
                let right = path.is_some_and(|path| path == wanted || (below.is_none() && path.ends_with(&format!("/{wanted}"))));
                (right, wanted, &said.place)
            }
            (None, path) => {
                let name = row.name.value.as_str();
                let others = || self.plan.services.iter().any(|other| is_called(&other.name.value));
                // Without a registry nobody says what images are called: only that of another service is surely wrong.
                let right = path.is_some() && (is_called(name) || (below.is_none() && !others()));
                (right, name, registry.map_or(&row.name.place, |said| &said.place))
            }
        };
        if right {
            return false;
        }
        let wanted = match (below, row.repository.is_some()) {
            (Some(below), true) => format!("`{below}/{wanted}`"),
            (Some(below), false) => format!("that of `{wanted}` below `{below}`"),
            (None, true) => format!("`{wanted}`"),
            (None, false) => format!("that of `{wanted}`"),
        };
        let message =
            format!("{} runs the image `{}`, planned is {wanted}", self.who, self.reference());
        let finding = report(out, self.container, demand, message);
        if row.repository.is_none() && path.is_some() {
            finding.help("start the planned image, or name this one in the row: `repository = \"…\"`");
        }
        true
    }

    fn tag(&self, out: &mut Findings) -> bool {
        let reference = ImageReference::parse(self.reference());
        let images = &self.plan.images;
        if let Some((tag, pattern)) = images.tag.as_ref().zip(images.tag_pattern.as_ref()) {
            let Some(message) = unplanned_tag(&reference, tag, pattern) else { return false };
            report(out, self.container, &tag.place, format!("{}: {message}", self.who));
            return true;
        }
        let Some(pinned) = pinned_images(self.plan) else { return false };
        let Some(message) = moving(&reference, "so `latest` of the day runs") else { return false };
        report(out, self.container, &pinned.place, format!("{}: {message}", self.who))
            .severity(Severity::Warning)
            .help("name a version, or a digest beside it");
        true
    }

    /// A tag that by now means another image on this engine.
    fn moved(&self, out: &mut Findings) -> bool {
        let image = &self.container.image;
        let reference = ImageReference::parse(&image.reference);
        if reference.digest.is_some() {
            return false;
        }
        let wanted = full(&image.reference);
        if image.tags.iter().any(|tag| full(tag) == wanted) {
            return false;
        }
        if image.config.is_none() {
            let message = format!(
                "cannot tell whether `{}` is still what {} was started from: the engine has that image no longer",
                image.reference, self.who
            );
            open(out, self.container, self.demand(), message);
            return true;
        }
        let message = format!(
            "{} runs an old build: on its engine the tag `{}` means another image by now",
            self.who, image.reference
        );
        report(out, self.container, self.demand(), message).help("make the container anew");
        true
    }

    /// What the registry has for the reference now.
    fn registry(&self, out: &mut Findings) -> bool {
        let image = &self.container.image;
        match &image.registry {
            None => return false,
            Some(Err(why)) => {
                let message = format!(
                    "cannot tell whether {} runs what the registry has as `{}`: {why}",
                    self.who, image.reference
                );
                open(out, self.container, self.demand(), message);
            }
            Some(Ok(digest)) => {
                let digests = || image.digests.iter().filter_map(|known| known.split_once('@'));
                if digests().any(|(_, known)| known == digest) {
                    return false;
                }
                let own = digests().next().map_or("an image that was built here", |(_, known)| known);
                let own = if own.starts_with("sha") { format!("`{}`", short(own)) } else { own.to_owned() };
                let message = format!(
                    "{} runs {own}, and the registry has `{}` as `{}`",
                    self.who,
                    short(digest),
                    image.reference
                );
                report(out, self.container, self.demand(), message)
                    .help("pull the image, and make the container anew");
            }
        }
        true
    }
}

/// The beginning of a digest: what people compare.
fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

/// A reference with everything that Docker leaves out.
fn full(reference: &str) -> String {
    let parts = ImageReference::parse(reference);
    let registry = parts.registry.filter(|name| *name != "index.docker.io").unwrap_or("docker.io");
    let folder = if registry == "docker.io" && !parts.repository.contains('/') { "library/" } else { "" };
    format!("{registry}/{folder}{}:{}", parts.repository, parts.tag.unwrap_or("latest"))
}

#[cfg(test)]
mod tests {
    use super::full;

    #[test]
    fn short_names_are_long_ones() {
        for (short, long) in [
            ("python", "docker.io/library/python:latest"),
            ("docker.io/library/python:3.11", "docker.io/library/python:3.11"),
            ("org/web:1", "docker.io/org/web:1"),
            ("localhost:5000/web", "localhost:5000/web:latest"),
            ("ghcr.io/example/web:1@sha256:ab", "ghcr.io/example/web:1"),
        ] {
            assert_eq!(full(short), long);
        }
    }
}
