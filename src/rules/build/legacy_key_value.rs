//! `legacy-key-value`: ENV and LABEL are written with an equals sign.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        let layer = stage.layer();
        let env = layer.env.iter().map(|pair| ("ENV", pair.value.0.as_str(), &pair.place));
        let labels = layer.labels.iter().map(|pair| ("LABEL", pair.value.0.text.as_str(), &pair.place));
        for (keyword, name, place) in env.chain(labels) {
            let text = place.text();
            let Some(value) = text.strip_prefix(name).filter(|rest| rest.starts_with([' ', '\t'])) else { continue };
            let finding = out.add(place, format!("{keyword} `{name}` is written with a blank instead of `=`"));
            let value = value.trim();
            finding.help(format!("write `{keyword} {name}=…`"));
            // A value of one plain word means the same in both forms.
            if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/:-".contains(&byte)) {
                finding.safe_fix(place.clone(), format!("{name}={value}"));
            }
        }
    }
}
