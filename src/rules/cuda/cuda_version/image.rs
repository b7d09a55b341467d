//! The CUDA release of a built image, by the variables that CUDA images set.

use super::{fits, is_version, judge};
use crate::finding::{Findings, Severity};
use crate::model::{BuiltImage, Fact};
use crate::plan::Plan;

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let Some(planned) = &plan.cuda.version else { return };
    if let Fact::Known { value, origin } = image.container.env("CUDA_VERSION")
        && let Some(version) = value.certain().filter(|version| is_version(version))
    {
        judge(version, origin.place(), planned, out);
        return;
    }
    // What the container's runtime asks the driver for is the release that the image was built on.
    if let Fact::Known { value, origin } = image.container.env("NVIDIA_REQUIRE_CUDA")
        && let Some(version) = required(&value.text).filter(|version| !fits(version, &planned.value))
    {
        let message = format!("asks the driver for CUDA `{version}`, planned `{}`", planned.value);
        out.add(&origin, message).planned(planned).severity(Severity::Warning);
    }
}

/// `12.1` of `cuda>=12.1 brand=tesla,driver>=470`.
pub(in crate::rules) fn required(text: &str) -> Option<&str> {
    let version = text.split([' ', ',']).find_map(|part| part.strip_prefix("cuda>="))?;
    is_version(version).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::required;

    #[test]
    fn requirements_of_the_driver() {
        for (text, version) in [
            ("cuda>=12.1 brand=tesla,driver>=470,driver<471", Some("12.1")),
            ("brand=tesla,driver>=470 cuda>=11.8", Some("11.8")),
            ("driver>=470", None),
            ("cuda>=", None),
            ("", None),
        ] {
            assert_eq!(required(text), version, "{text}");
        }
    }
}
