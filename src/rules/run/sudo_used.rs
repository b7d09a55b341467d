//! `sudo-used`: a RUN takes its rights from USER.

use crate::finding::{Finding, Findings};
use crate::model::{Build, BuiltImage, ShellText};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::images::past_runs;
use crate::syntax::shell::command_name;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image)]);

pub(in crate::rules) use crate::rules::always as planned;

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
    let commands = text.script.commands.iter();
    let mut first = commands.filter_map(|command| text.script.words(command).first());
    let word = first.find(|word| command_name(word) == "sudo")?;
    let finding = out.add(&text.place(word.span), "`sudo` in a RUN: the rights of a step are those of USER");
    Some(finding.help("switch with `USER root` before the step and back behind it"))
}
