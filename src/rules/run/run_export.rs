//! `run-export`: a RUN does not end in an `export` that nobody sees.

use crate::finding::Findings;
use crate::model::{Build, Run, ShellText, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::shell::{Command, Dialect, Operator};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for run in &stage.runs {
            for text in
                run.texts.iter().filter(|text| text.parent.is_none() && text.dialect != Dialect::Other)
            {
                judge(stage, run, text, out);
            }
        }
    }
}

fn judge(stage: &Stage, run: &Run, text: &ShellText, out: &mut Findings) {
    let commands = &text.script.commands;
    // The exports at the very end; what stands before them may need the shell's state, but nothing comes behind.
    let trailing = commands.iter().rev().take_while(|command| is_export(text, command)).count();
    let Some(command) = commands.get(commands.len() - trailing) else { return };
    if !text.script.opaque.is_empty() {
        return;
    }
    let words = text.script.words(command);
    let names: Vec<&str> = words[1..].iter().filter_map(|word| word.text.split('=').next()).collect();
    let message = format!("the export of `{}` is gone when this RUN ends", names.join("`, `"));
    let finding = out.add(&text.place(command.span), message);
    finding.subject(stage.label()).help("set it with ENV, or write it to a file that the entry script reads");
    // A RUN that is nothing but one literal export means ENV.
    let alone = commands.len() == 1 && run.texts.len() == 1 && run.mounts.is_empty();
    if alone && words[1..].iter().all(|word| word.literal && word.text.contains('=')) {
        let pairs: Vec<_> = words[1..].iter().map(|word| text.place(word.span).text().into_owned()).collect();
        finding.unsafe_fix(run.place.clone(), format!("ENV {}", pairs.join(" ")));
    }
}

/// An `export` of something, in the text's own list: not in a branch, a subshell or a pipe.
fn is_export(text: &ShellText, command: &Command) -> bool {
    let words = text.script.words(command);
    let is_export = words.first().is_some_and(|word| word.text == "export");
    let named = words.len() > 1 && words[1..].iter().all(|word| !word.text.starts_with('-'));
    let piped = matches!(command.after, Operator::Pipe | Operator::PipeBoth | Operator::Or)
        || matches!(command.before, Operator::Pipe | Operator::PipeBoth);
    is_export && named && command.depth == 0 && !piped && text.script.redirections(command).is_empty()
}
