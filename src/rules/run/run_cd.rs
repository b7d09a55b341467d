//! `run-cd`: a RUN does not end in a cd that nobody sees.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::shell::Operator;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for text in stage.runs.iter().flat_map(|run| &run.texts).filter(|text| text.parent.is_none()) {
            let Some(command) = text.script.commands.last().filter(|command| command.depth == 0) else { continue };
            let words = text.script.words(command);
            let is_cd = words.first().is_some_and(|word| word.text == "cd") && words.len() == 2;
            // Going back to where one came from is a habit, and harms nobody.
            let first = text.script.commands.len() == 1;
            let back = !first && words.get(1).is_some_and(|word| matches!(word.text.as_str(), "/" | "-" | ".." | "~" | "$HOME"));
            if is_cd && !back && text.script.opaque.is_empty() && command.before != Operator::Or {
                out.add(&text.place(command.span), "the change of folder is gone when this RUN ends")
                    .subject(stage.label())
                    .help("set the folder with WORKDIR");
            }
        }
    }
}
