//! `pip-redirect`: the shell leaves version specifiers alone.

use super::pip::{installs, run_of};
use crate::finding::Findings;
use crate::model::{Build, PipInstall, Stage};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);
pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for (stage, install) in installs(build) {
        for place in &install.redirected_versions {
            let written = place.text().into_owned();
            let Some(at) = written.find(['<', '>']) else { continue };
            let operator = &written[at..=at];
            let file = written[at..].trim_start_matches(['<', '>']).trim();
            let asked = written[..at].trim();
            let does = if operator == "<" { "reads the file" } else { "writes the output to the file" };
            let message = format!("unquoted `{operator}`: pip gets `{asked}` without a version, and the shell {does} `{file}`");
            let finding = out.add(place, message);
            finding.help(format!("Quote it: `\"{asked}{}\"`", written[at..].replace(' ', "")));
            if can_quote(stage, install, &written) {
                finding.unsafe_fix(place.clone(), format!("\"{}\"", written.replace(' ', "")));
            }
        }
    }
}

/// Whether double quotes around the text do no harm: not inside the quotes of `sh -c`, and nothing quoted already.
fn can_quote(stage: &Stage, install: &PipInstall, written: &str) -> bool {
    let text = run_of(stage, install).and_then(|run| run.texts.get(install.at.0));
    let plain = !written.contains(['"', '\'', '\\', '\n', '$', '`']);
    plain && text.is_some_and(|text| text.parent.is_none())
}
