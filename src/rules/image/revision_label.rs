//! `revision-label`: the label that names the commit agrees with the commit in the tag.

use crate::finding::Findings;
use crate::model::{BuiltImage, Fact, Origin};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::image_reference::ImageReference;

pub(in crate::rules) const CHECK: Check = Check::Image(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.images.tag.is_some()
}

/// Annotation keys of the OCI image specification; as a label it is what BuildKit, Buildah and CI actions write.
const LABEL: &str = "org.opencontainers.image.revision";
/// Shorter ones are no names of commits (git's default is 7).
const SHORTEST: usize = 7;

fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let Some(reference) = &image.reference else { return };
    let Some(named) = ImageReference::parse(&reference.value).tag else { return };
    let Some(commit) = commit_of_tag(named) else { return };
    let Some(tag) = &plan.images.tag else { return };
    let annotation = image.annotations.iter().find(|said| said.value.0 == LABEL);
    let finding = match image.container.label(LABEL) {
        Fact::Known { value, origin } => disagreement(("label", &value.text), (named, commit), &origin, out),
        Fact::Unknown { why, .. } => {
            out.open(&image.place, format!("cannot tell the label `{LABEL}`: {why}")).planned(tag);
            return;
        }
        Fact::Absent if annotation.is_some() => None,
        Fact::Absent => {
            let place = image.tree.at(&["image", "config", "Labels"]).map_or(&image.place, |labels| &labels.place);
            let message = format!("has no label `{LABEL}`, though its tag `{named}` names a commit");
            Some(out.add(place, message))
        }
    };
    if let Some(finding) = finding {
        finding.planned(tag).help(HELP);
        return;
    }
    let said = annotation.and_then(|said| {
        disagreement(("annotation", &said.value.1), (named, commit), &Origin::here(&said.place, "said here"), out)
    });
    if let Some(finding) = said {
        finding.planned(tag).help(HELP);
    }
}

const HELP: &str = "set it where the image is built, to `git rev-parse HEAD`: without that the label of its base stays";

/// What is wrong with what names the commit.
fn disagreement<'f>(
    (what, said): (&str, &str),
    (tag, commit): (&str, &str),
    origin: &Origin,
    out: &'f mut Findings,
) -> Option<&'f mut crate::finding::Finding> {
    let said = said.trim();
    let is_commit = said.len() >= SHORTEST && said.len() <= 64 && said.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lower = said.to_ascii_lowercase();
    if is_commit && (lower.starts_with(commit) || commit.starts_with(&lower)) {
        return None;
    }
    let message = match is_commit {
        true => format!("the {what} `{LABEL}` says `{said}`, and the tag `{tag}` names another commit"),
        false => format!("the {what} `{LABEL}` says `{said}`, which is no commit, and the tag is `{tag}`"),
    };
    Some(out.add(origin, message))
}

/// The commit of `20250812-abcdef0` and `20250812-abcdef0-cu118`.
fn commit_of_tag(tag: &str) -> Option<&str> {
    let (date, rest) = tag.split_once('-')?;
    let commit = rest.split(['-', '.', '_']).next()?;
    let is_date = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    let is_hex = commit.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (is_date && is_hex && (SHORTEST..=64).contains(&commit.len())).then_some(commit)
}

#[cfg(test)]
mod tests {
    use super::commit_of_tag;

    #[test]
    fn commits_of_tags() {
        for (tag, wanted) in [
            ("20250812-abcdef0", Some("abcdef0")),
            ("20250812-abcdef0-cu118", Some("abcdef0")),
            ("20250812-0123456789abcdef0123456789abcdef01234567", Some("0123456789abcdef0123456789abcdef01234567")),
            ("20250812-abcdef", None),
            ("20250812-release", None),
            ("2025081-abcdef0", None),
            ("v1.2.3-abcdef0", None),
            ("latest", None),
            ("", None),
        ] {
            assert_eq!(commit_of_tag(tag), wanted, "{tag}");
        }
    }
}
