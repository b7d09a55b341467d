//! `cuda-version`: images come with the planned CUDA release.

mod image;

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{Base, Build, Spanned, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::Place;
use crate::syntax::image_reference::ImageReference;

pub(in crate::rules) use image::required;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.cuda.version.is_some()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(planned) = &plan.cuda.version else { return };
    for stage in build.needed_stages() {
        of_image(stage, plan, planned, out);
        of_variable(stage, planned, out);
    }
}

fn of_image(stage: &Stage, plan: &Plan, planned: &Spanned<SmolStr>, out: &mut Findings) {
    let from = &stage.from;
    let place = &from.reference_place;
    let open = |out: &mut Findings, why: &dyn std::fmt::Display| {
        out.open(place, format!("cannot tell the CUDA version, planned `{}`: {why}", planned.value)).planned(planned);
    };
    match &from.base {
        Base::External | Base::WellKnown(_) => {}
        Base::Unknown(why) if from.written.to_ascii_lowercase().contains("cuda") => return open(out, why),
        _ => return,
    }
    let Some(text) = from.reference.certain().filter(|text| !is_of_fleet(text, plan)) else { return };
    let reference = ImageReference::parse(text);
    let tag = reference.tag.unwrap_or_default();
    let is_cuda = reference.name() == "cuda";
    match of_tag(tag, is_cuda) {
        Some(version) if !fits(&version, &planned.value) => {
            out.add(place, format!("comes with CUDA `{version}`, planned `{}`", planned.value)).planned(planned);
        }
        None if is_cuda => open(out, &format!("`{text}` has no version in its tag")),
        _ => {}
    }
}

/// Images of the fleet say their CUDA where they are built.
fn is_of_fleet(reference: &str, plan: &Plan) -> bool {
    let prefix = plan.images.registry.as_ref().map(|registry| registry.value.trim_end_matches('/'));
    let of_registry = prefix.is_some_and(|prefix| {
        reference.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
    });
    let name = ImageReference::parse(reference).name();
    of_registry || plan.images.hierarchy.iter().any(|image| image.name.value == name)
}

fn of_variable(stage: &Stage, planned: &Spanned<SmolStr>, out: &mut Findings) {
    let Some(pair) = stage.layer().env_pair("CUDA_VERSION") else { return };
    let Some(version) = pair.value.1.certain().filter(|version| is_version(version)) else { return };
    judge(version, &pair.place, planned, out);
}

/// What the variable says.
fn judge(version: &str, place: &Place, planned: &Spanned<SmolStr>, out: &mut Findings) {
    if !fits(version, &planned.value) {
        out.add(place, format!("says CUDA `{version}`, planned `{}`", planned.value)).planned(planned);
    }
}

/// The CUDA version that a tag tells: `12.1.1-runtime-…` of an image named `cuda`, else `…-cuda12.1-…` or `…cu121…`.
fn of_tag(tag: &str, is_cuda: bool) -> Option<String> {
    let tag = tag.to_ascii_lowercase();
    if is_cuda {
        let version = tag.split('-').next().unwrap_or_default();
        return is_version(version).then(|| version.to_owned());
    }
    tag.split(['-', '_']).find_map(|part| {
        if let Some(version) = part.strip_prefix("cuda").filter(|version| is_version(version)) {
            return Some(version.to_owned());
        }
        let digits = part.strip_prefix("cu").filter(|digits| digits.len() == 3 && digits.bytes().all(|it| it.is_ascii_digit()))?;
        Some(format!("{}.{}", &digits[..2], &digits[2..]))
    })
}

/// Whether a text is a version: digits and dots.
pub(in crate::rules) fn is_version(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit()) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether the parts that both name are equal: `12.1.1` and `12` fit `12.1`, `12.10` does not.
pub(in crate::rules) fn fits(version: &str, planned: &str) -> bool {
    version.split('.').zip(planned.split('.')).all(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use super::{fits, of_tag};

    #[test]
    fn tags_tell_versions() {
        for (tag, is_cuda, version) in [
            ("12.1.1-runtime-ubuntu22.04", true, Some("12.1.1")),
            ("latest", true, None),
            ("2.2.2-cuda12.1-cudnn8-runtime", false, Some("12.1")),
            ("py311-cu118", false, Some("11.8")),
            ("23.05-py3", false, None),
            ("custom", false, None),
            ("cudnn8", false, None),
        ] {
            assert_eq!(of_tag(tag, is_cuda).as_deref(), version, "{tag}");
        }
    }

    #[test]
    fn versions_are_compared_by_parts() {
        assert!(fits("12.1.1", "12.1") && fits("12.1", "12.1.1"));
        assert!(!fits("12.10", "12.1") && !fits("11.8.0", "12.1"));
    }
}
