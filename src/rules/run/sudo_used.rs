//! `sudo-used`: a RUN takes its rights from USER.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::shell::command_name;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for text in stage.runs.iter().flat_map(|run| &run.texts) {
            let commands = text.script.commands.iter();
            let sudo = commands.filter_map(|command| text.script.words(command).first());
            if let Some(word) = sudo.into_iter().find(|word| command_name(word) == "sudo") {
                out.add(&text.place(word.span), "`sudo` in a RUN: the rights of a step are those of USER")
                    .subject(stage.label())
                    .help("switch with `USER root` before the step and back behind it");
            }
        }
    }
}
