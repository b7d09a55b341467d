//! `platform-fixed`: FROM does not name one platform for good.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        let Some(platform) = &stage.from.platform else { continue };
        // A variable follows the build; a stage may well be made for one platform that its name says.
        let text = platform.value.text.as_str();
        let part = text.rsplit('/').next().unwrap_or(text);
        let named = stage.name.as_ref().is_some_and(|name| name.value.contains(part) || name.value.contains("cross"));
        if !platform.place.text().contains('$') && !named {
            out.add(&platform.place, format!("the stage is always built for `{text}`, whatever platform is asked for"))
                .subject(stage.label())
                .help("leave the flag out, or write `--platform=$BUILDPLATFORM` where a cross compiler runs");
        }
    }
}
