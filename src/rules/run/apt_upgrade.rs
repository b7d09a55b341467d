//! `apt-upgrade`: a build does not move the whole distribution.

use crate::finding::{Finding, Findings};
use crate::model::{Build, BuiltImage, ShellText};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::images::past_runs;
use crate::syntax::shell::command_name;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image)]);

pub(in crate::rules) use crate::rules::always as planned;

/// Programs with the verbs that take every package to another release.
const VERBS: &[(&[&str], &[&str])] = &[
    (&["apt-get", "apt", "aptitude"], &["dist-upgrade", "full-upgrade"]),
    (&["zypper"], &["dist-upgrade", "dup"]),
    (&["dnf", "yum", "microdnf"], &["distro-sync", "system-upgrade"]),
];

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for text in stage.runs.iter().flat_map(|run| &run.texts) {
            if let Some(finding) = judge(text, out) {
                finding.subject(stage.label());
            }
        }
    }
}

fn image(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    for text in past_runs(image).flat_map(|past| &past.run.texts) {
        judge(text, out);
    }
}

fn judge<'f>(text: &ShellText, out: &'f mut Findings) -> Option<&'f mut Finding> {
    let (place, name, verb) = text.script.commands.iter().find_map(|command| {
        let (program, rest) = text.command_words(command).split_first()?;
        let name = command_name(program);
        let (_, verbs) = VERBS.iter().find(|(programs, _)| programs.contains(&name))?;
        let verb = rest.iter().map(|word| word.text.as_str()).find(|word| !word.starts_with('-'))?;
        verbs.contains(&verb).then(|| (text.place(command.span), name, verb))
    })?;
    let message = format!("`{name} {verb}` adds and removes packages of the base as it likes");
    Some(out.add(&place, message).help("build on a newer base image, and install what is needed by name"))
}
