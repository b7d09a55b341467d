//! `apt-yes`: apt does not stop to ask.

use crate::finding::Findings;
use crate::model::{Build, PackageManager, Run, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::shell::{Word, command_name};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

const MESSAGE: &str = "asks for confirmation where it needs further packages, and nobody answers in a build";

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages().filter(|stage| !is_configured(stage)) {
        for install in stage.installs.iter().filter(|install| install.manager == PackageManager::Apt) {
            // `yes | apt-get install x` answers by itself.
            let answered = stage.runs.get(install.run).is_some_and(is_answered);
            if !install.assume_yes && !answered && !install.packages.is_empty() {
                out.add(&install.place, MESSAGE).subject(stage.label()).help("add `-y`");
            }
        }
        for text in stage.runs.iter().filter(|run| !is_answered(run)).flat_map(|run| &run.texts) {
            for command in text.script.commands.iter().filter(|command| upgrades(text.command_words(command))) {
                out.add(&text.place(command.span), MESSAGE).subject(stage.label()).help("add `-y`");
            }
        }
    }
}

fn is_answered(run: &Run) -> bool {
    let text = run.place.text();
    text.contains("yes |") || text.contains("yes|")
}

/// Whether a RUN writes apt's own setting for it (`APT::Get::Assume-Yes "true";`).
fn is_configured(stage: &Stage) -> bool {
    stage.runs.iter().any(|run| run.place.text().contains("Assume-Yes"))
}

/// `apt-get upgrade` and its kin without an option that answers.
fn upgrades(words: &[Word]) -> bool {
    let Some((program, rest)) = words.split_first() else { return false };
    let verb = rest.iter().find(|word| !word.text.starts_with('-')).map(|word| word.text.as_str());
    let answers = |word: &Word| match word.text.strip_prefix('-') {
        Some(long) if long.starts_with('-') => {
            matches!(long, "-yes" | "-assume-yes" | "-force-yes" | "-simulate" | "-dry-run" | "-download-only" | "-quiet=2")
        }
        Some(letters) => letters.contains(['y', 's', 'd']) || letters.contains("qq") || letters == "q=2" || letters.starts_with('o'),
        // A variable or a substitution may hold it.
        None => !word.literal,
    };
    matches!(command_name(program), "apt-get" | "apt" | "aptitude")
        && matches!(verb, Some("upgrade" | "dist-upgrade" | "full-upgrade" | "safe-upgrade"))
        && !rest.iter().any(answers)
        && rest.iter().filter(|word| word.text == "-q").count() < 2
}
