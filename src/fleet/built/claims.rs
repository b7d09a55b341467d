//! What an image says of its base: annotations, labels, and what builders note in its history. Claims, not proof.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::model::{BaseClaim, BuiltImage, Fact};
use crate::source::Place;
use crate::syntax::image_reference::ImageReference;

/// The keys of the OCI image specification, annotations.md.
const NAME: &str = "org.opencontainers.image.base.name";
const DIGEST: &str = "org.opencontainers.image.base.digest";

/// A claim with what else it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// The name, who says it and where; the name is empty when only a digest is said.
    pub(super) said: BaseClaim,
    /// The digest of the base's manifest, with the place.
    pub(super) digest: Option<(SmolStr, Place)>,
    /// How a sentence calls what says it: `annotation`, `label`, `history`.
    pub(super) source: &'static str,
}

/// The claims of an image, the strongest first. Those of `base`, which it is built on by proof, are inherited and say
/// nothing of this image; so is what its first `below` steps of history say.
pub(super) fn of(image: &BuiltImage, base: Option<&BuiltImage>, below: usize) -> Vec<Claim> {
    let inherited = |claim: &Claim, all: fn(&BuiltImage) -> Option<Claim>| {
        let same = |its: Claim| its.said.name == claim.said.name && its.values() == claim.values();
        base.and_then(all).is_some_and(same)
    };
    let kinds: [fn(&BuiltImage) -> Option<Claim>; 2] = [annotation, label];
    let said = kinds.into_iter().filter_map(|kind| kind(image).filter(|claim| !inherited(claim, kind)));
    said.chain(note(image, below)).collect()
}

impl Claim {
    fn values(&self) -> Option<&SmolStr> {
        self.digest.as_ref().map(|(digest, _)| digest)
    }

    fn new(
        source: &'static str,
        name: Option<(SmolStr, Place)>,
        digest: Option<(SmolStr, Place)>,
    ) -> Option<Self> {
        let key = if name.is_some() { NAME } else { DIGEST };
        let place = name.as_ref().or(digest.as_ref()).map(|(_, place)| place.clone())?;
        let name = name.map(|(name, _)| name).unwrap_or_default();
        let of_name = ImageReference::parse(&name).digest.map(|digest| (SmolStr::new(digest), place.clone()));
        let said = BaseClaim { name, by: SmolStr::new(format!("{source} `{key}`")), place };
        Some(Self { said, digest: digest.or(of_name), source })
    }
}

fn annotation(image: &BuiltImage) -> Option<Claim> {
    let find = |key: &str| {
        let said = image.annotations.iter().rev().find(|said| said.value.0 == key)?;
        filled(said.value.1.clone(), &said.place)
    };
    Claim::new("annotation", find(NAME), find(DIGEST))
}

fn label(image: &BuiltImage) -> Option<Claim> {
    let find = |key: &str| match image.container.label(key) {
        Fact::Known { value, origin } => filled(value.text, origin.place()),
        _ => None,
    };
    Claim::new("label", find(NAME), find(DIGEST))
}

fn filled(text: SmolStr, place: &Place) -> Option<(SmolStr, Place)> {
    (!text.is_empty() && text != "scratch").then(|| (text, place.clone()))
}

/// Buildah notes the image that a build began with as a comment of a step: `FROM example/web:1.0`; images that it makes
/// between the steps are noted by their ids.
fn note(image: &BuiltImage, below: usize) -> Option<Claim> {
    let is_id = |name: &str| name.len() >= 12 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    image.history.iter().skip(below).rev().find_map(|step| {
        let name = step.comment.as_deref()?.strip_prefix("FROM ")?.trim();
        if name.is_empty() || name == "scratch" || is_id(name) || name.contains(char::is_whitespace) {
            return None;
        }
        let place = step.created_by.place.clone();
        let mut claim = Claim::new("history", Some((name.into(), place)), None)?;
        claim.said.by = "a comment of its history".into();
        Some(claim)
    })
}

/// Registry and repository in one form: names of Docker Hub and local names have none of `docker.io`, `library` and
/// `localhost`.
pub(super) fn repository(reference: &str) -> Cow<'_, str> {
    let parts = ImageReference::parse(reference);
    let repository = parts.repository.strip_prefix("library/").unwrap_or(parts.repository);
    match parts.registry {
        None | Some("docker.io" | "index.docker.io" | "localhost") => Cow::Borrowed(repository),
        Some(registry) => Cow::Owned(format!("{registry}/{}", parts.repository)),
    }
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn one_repository_has_several_names() {
        for (reference, want) in [
            ("web", "web"),
            ("docker.io/library/web:1.0", "web"),
            ("localhost/web@sha256:ab", "web"),
            ("localhost:5000/library/web", "localhost:5000/library/web"),
            ("ghcr.io/example/web:1", "ghcr.io/example/web"),
        ] {
            assert_eq!(repository(reference), want, "{reference}");
        }
    }
}
