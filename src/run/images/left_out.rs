//! What of the images of a call was not judged.

use crate::image::PlatformChoice;
use crate::model::{BuiltImage, Platform};
use crate::plan::Plan;

/// Why less is asked of an image than the plan has for services.
const NO_ROW: &str = "no planned service or base has its name, so its ports, base and the like are not judged; \
                      `--service` says which planned service it is";

/// Names of images that are nothing of the plan, when the plan has services.
pub(super) fn services(images: &[BuiltImage], plan: &Plan) -> Vec<(String, String)> {
    let is_nothing = |image: &&BuiltImage| {
        !image.is_candidate
            && image.service.is_none()
            && image.hierarchy.is_none()
            && !plan.services.is_empty()
    };
    images.iter().filter(is_nothing).map(|image| (image.name.to_string(), NO_ROW.to_owned())).collect()
}

/// Names of images with platforms that nobody asked about, and which those are. Who asks for one platform knows.
pub(super) fn platforms(images: &[BuiltImage], choice: &PlatformChoice) -> Vec<(String, String)> {
    if !matches!(choice, PlatformChoice::Default) {
        return Vec::new();
    }
    let judged = images.iter().filter(|image| !image.is_candidate);
    let of = |image: &BuiltImage| {
        let others = image.platforms.iter().flatten().filter(|platform| !platform.is(&image.platform));
        let others: Vec<String> = others.map(Platform::to_string).collect();
        let reason =
            format!("only its `{}` is judged, not {}: `--platform all`", image.platform, others.join(", "));
        (!others.is_empty()).then(|| (image.name.to_string(), reason))
    };
    judged.filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::testing::image;

    #[test]
    fn an_image_that_the_plan_does_not_have_is_named() {
        let plan =
            crate::plan::testing::load_text("[services.rows]\nweb = { ports = \"80\" }\n").expect("a plan");
        let rows = |service, is_candidate| {
            let mut image = image("other", "a").0;
            (image.service, image.is_candidate) = (service, is_candidate);
            services(&[image], &plan).len()
        };
        assert_eq!([rows(None, false), rows(Some(0), false), rows(None, true)], [1, 0, 0]);
        assert!(services(&[image("other", "a").0], &Plan::default()).is_empty());
    }

    #[test]
    fn platforms_that_nobody_asked_about_are_named() {
        let made = |index: Option<&[&str]>| {
            let mut image = image("web", "a").0;
            image.platforms = index.map(|all| all.iter().map(|text| Platform::parse(text)).collect());
            image
        };
        let one = PlatformChoice::One(Platform::parse("linux/amd64"));
        for (index, choice, want) in [
            (None, &PlatformChoice::Default, ""),
            (Some(&["linux/amd64"][..]), &PlatformChoice::Default, ""),
            (
                Some(&["linux/amd64", "linux/arm64"][..]),
                &PlatformChoice::Default,
                "only its `linux/amd64` is judged, not linux/arm64: `--platform all`",
            ),
            (Some(&["linux/amd64", "linux/arm64"][..]), &PlatformChoice::All, ""),
            (Some(&["linux/amd64", "linux/arm64"][..]), &one, ""),
        ] {
            let got = platforms(&[made(index)], choice);
            assert_eq!(got.first().map_or("", |(_, reason)| reason), want, "{index:?} {choice:?}");
        }
        let mut candidate = made(Some(&["linux/amd64", "linux/arm64"]));
        candidate.is_candidate = true;
        assert!(platforms(&[candidate], &PlatformChoice::Default).is_empty());
    }
}
