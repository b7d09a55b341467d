//! Whether a call holds a newer build of what an image is built on by proof.

use std::collections::HashMap;

use super::claims::repository;
use super::history::{Moment, moment};
use super::{chain, plain};
use crate::model::{BuiltImage, ImageSet, Platform};
use crate::syntax::image_reference::ImageReference;

/// The newest build of each image of a call. Builds are compared by the dates of their tags (`20251103-4f1c9e7`); those of
/// one tag by when their last step ran. Other tags (`3.11-slim` and `3.12-slim`) are different images, not builds of one.
#[derive(Debug)]
pub struct Newest<'a> {
    set: &'a ImageSet,
    newest: HashMap<Key<'a>, usize>,
}

/// A base that is older than another build of it. Both are indices into [`ImageSet::images`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Older {
    /// What the image is built on.
    pub on: usize,
    /// The newer build.
    pub newer: usize,
}

/// What builds of one image have in common: platform, name, and the tag without its date and commit.
type Key<'a> = (Platform, Name, &'a str);

#[derive(Debug, PartialEq, Eq, Hash)]
enum Name {
    /// An image of the plan's hierarchy.
    Planned(usize),
    Repository(String),
}

impl<'a> Newest<'a> {
    /// Looks at all images of a call once.
    #[must_use]
    pub fn new(set: &'a ImageSet) -> Self {
        let mut newest: HashMap<Key<'_>, usize> = HashMap::new();
        for (at, image) in set.images.iter().enumerate() {
            let Some(key) = key(image) else { continue };
            let best = newest.entry(key).or_insert(at);
            if is_newer(image, &set.images[*best]) {
                *best = at;
            }
        }
        Self { set, newest }
    }

    /// The nearest base of an image that is older than another build of it. Bases of a base are only looked at below one
    /// that is not judged itself.
    #[must_use]
    pub fn older_base(&self, at: usize) -> Option<Older> {
        let images = &self.set.images;
        let chain = chain(self.set, at);
        let mut is_inner = false;
        let bases = chain.iter().copied().skip(1).take_while(|on| {
            let is_looked_at = !is_inner;
            is_inner = !images[*on].is_candidate;
            is_looked_at
        });
        let own = key(&images[at]);
        let mut older = bases.filter_map(|on| {
            // A build that begins with the layers of an earlier build of itself is not built on it.
            let key = key(&images[on]).filter(|key| own.as_ref() != Some(key))?;
            let newer = *self.newest.get(&key)?;
            let is_other = !chain.contains(&newer) && !same_layers(&images[newer], &images[on]);
            (is_other && is_newer(&images[newer], &images[on])).then_some(Older { on, newer })
        });
        older.next()
    }
}

fn key(image: &BuiltImage) -> Option<Key<'_>> {
    let reference = &image.reference.as_ref()?.value;
    let tag = ImageReference::parse(reference).tag.unwrap_or_default();
    let name = match image.hierarchy {
        Some(planned) => Name::Planned(planned),
        None => Name::Repository(repository(reference).into_owned()),
    };
    Some((plain(&image.platform), name, dated(tag).map_or(tag, |(_, rest)| rest)))
}

fn is_newer(one: &BuiltImage, other: &BuiltImage) -> bool {
    match (date(one), date(other)) {
        (Some(one), Some(other)) if one != other => one > other,
        (Some(_), None) | (None, Some(_)) => false,
        _ => matches!((made(one), made(other)), (Some(one), Some(other)) if one > other),
    }
}

fn date(image: &BuiltImage) -> Option<&str> {
    let reference = image.reference.as_ref()?;
    Some(dated(ImageReference::parse(&reference.value).tag?)?.0)
}

/// The date of a tag `YYYYMMDD-COMMIT`, and what follows the commit.
fn dated(tag: &str) -> Option<(&str, &str)> {
    let (date, rest) = tag.split_at_checked(8)?;
    let rest = rest.strip_prefix('-')?;
    let end = rest.find(|character: char| !character.is_ascii_hexdigit()).unwrap_or(rest.len());
    let is_dated = date.bytes().all(|byte| byte.is_ascii_digit()) && (7..=40).contains(&end);
    is_dated.then(|| (date, &rest[end..]))
}

fn made(image: &BuiltImage) -> Option<Moment> {
    image.history.iter().rev().find_map(|step| moment(step.created.as_deref()?))
}

fn same_layers(one: &BuiltImage, other: &BuiltImage) -> bool {
    let layers = |image: &'_ BuiltImage| -> Vec<smol_str::SmolStr> {
        image.diff_ids.iter().map(|id| id.value.clone()).collect()
    };
    layers(one) == layers(other)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{image, linked};
    use super::*;
    use crate::plan::Plan;

    #[test]
    fn a_base_is_older_than_another_build_of_it_in_the_call() {
        let old = || image("x/base:20250812-abcdef0", "a");
        let web = || image("web", "a b");
        for (name, images, want) in [
            ("a later date", vec![web(), old(), image("x/base:20250813-abcdef1", "c")], Some((1, 2))),
            ("an earlier date", vec![web(), old(), image("x/base:20250811-abcdef1", "c")], None),
            ("the same layers", vec![web(), old(), image("x/base:20250813-abcdef1", "a")], None),
            ("another repository", vec![web(), old(), image("y/base:20250813-abcdef1", "c")], None),
            ("a variant", vec![web(), old(), image("x/base:20250813-abcdef1-cu118", "c")], None),
            (
                "another processor",
                vec![web(), old(), image("x/base:20250813-abcdef1", "c").platform("linux/arm64")],
                None,
            ),
            (
                "the newest of three",
                vec![
                    web(),
                    old(),
                    image("x/base:20250814-abcdef1", "c"),
                    image("x/base:20250813-abcdef1", "d"),
                ],
                Some((1, 2)),
            ),
            (
                "versions are no builds",
                vec![
                    web(),
                    image("python:3.11-slim", "a").history("A@1"),
                    image("python:3.12-slim", "c").history("A@2"),
                ],
                None,
            ),
            (
                "one tag at two times",
                vec![
                    web(),
                    image("x/base:latest", "a").history("A@1"),
                    image("x/base:latest", "c").history("A@2"),
                ],
                Some((1, 2)),
            ),
            (
                "built on its own last build",
                vec![image("x/base:20250813-abcdef1", "a b"), old(), image("x/base:20250814-abcdef2", "c")],
                None,
            ),
            (
                "of a base that is judged",
                vec![image("api", "a b c"), web(), old(), image("x/base:20250813-abcdef1", "c")],
                None,
            ),
            (
                "of a base that is not judged",
                vec![image("api", "a b c"), web().candidate(), old(), image("x/base:20250813-abcdef1", "c")],
                Some((2, 3)),
            ),
        ] {
            let set = linked(images, &Plan::default());
            let got = Newest::new(&set).older_base(0).map(|older| (older.on, older.newer));
            assert_eq!(got, want, "{name}");
        }
    }
}
