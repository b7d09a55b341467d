//! `apt-update-alone`: the lists of packages are fetched in the step that installs from them.

use crate::finding::{Finding, Findings};
use crate::model::{Build, BuiltImage, PackageManager, Run, SystemInstall};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::images::past_runs;
use crate::source::Place;
use crate::syntax::shell::{Word, command_name};

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image)]);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for (index, run) in stage.runs.iter().enumerate() {
            let installs = stage.installs.iter().filter(|install| install.run == index);
            if let Some(finding) = judge(run, installs, out) {
                finding.subject(stage.label());
            }
        }
    }
}

fn image(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    for past in past_runs(image) {
        judge(&past.run, past.installs.iter(), out);
    }
}

fn judge<'i, 'f>(
    run: &Run,
    mut installs: impl Iterator<Item = &'i SystemInstall>,
    out: &'f mut Findings,
) -> Option<&'f mut Finding> {
    let at = update(run)?;
    let is_used = installs.any(|install| install.manager == PackageManager::Apt) || uses_lists(run);
    if is_used {
        return None;
    }
    let message = "fetches lists of packages in a step of its own: the layer is cached, and later steps install from old lists";
    Some(out.add(&at, message).help("write `apt-get update && apt-get install …` in one RUN"))
}

/// The first `apt-get update` of a RUN.
fn update(run: &Run) -> Option<Place> {
    run.texts.iter().find_map(|text| {
        let mut commands = text.script.commands.iter();
        let command = commands.find(|command| is_apt(text.command_words(command), |verb| verb == "update"))?;
        Some(text.place(command.span))
    })
}

/// Whether another step of the RUN needs the lists: an upgrade, a script or a program that may install.
fn uses_lists(run: &Run) -> bool {
    let texts = run.texts.iter();
    texts.flat_map(|text| text.script.commands.iter().map(|command| text.command_words(command))).any(|words| {
        let name = words.first().map_or("", |word| command_name(word));
        let is_known = matches!(name, "apt-get" | "apt" | "rm" | "echo" | "set" | "true" | "mkdir" | "export" | "cd" | "");
        !is_known || is_apt(words, |verb| verb != "update" && verb != "clean" && verb != "autoclean")
    })
}

/// Whether it is apt with such a verb.
fn is_apt(words: &[Word], is_verb: impl Fn(&str) -> bool) -> bool {
    let Some((program, rest)) = words.split_first() else { return false };
    let verb = rest.iter().map(|word| word.text.as_str()).find(|word| !word.starts_with('-'));
    matches!(command_name(program), "apt-get" | "apt") && verb.is_some_and(is_verb)
}
