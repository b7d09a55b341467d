//! `apt-clean`: no layer keeps the package lists of apt.

use super::pip::head;
use crate::finding::Findings;
use crate::model::{Base, Build, Fact, Run, ShellText, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::may_hide;
use crate::source::Place;
use crate::syntax::shell::{Command, Dialect, Operator, Word, command_name};

pub(in crate::rules) const CHECK: Check = Check::Build(check);
pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in shipped(build) {
        let shell_known = !matches!(stage.container.shell(), Fact::Unknown { .. });
        stage.runs.iter().for_each(|run| judge(build, shell_known, run, out));
    }
}

/// The stages whose layers the final image has: the final one and those it stands on.
fn shipped(build: &Build) -> impl Iterator<Item = &Stage> {
    std::iter::successors(build.final_stage(), |stage| match stage.from.base {
        Base::Stage(index) => build.stages.get(index),
        _ => None,
    })
}

fn judge(build: &Build, shell_known: bool, run: &Run, out: &mut Findings) {
    if run.mounts.iter().any(|mount| matches!(mount.kind.as_str(), "cache" | "tmpfs") && covers(&mount.target.text)) {
        return;
    }
    // The last update counts: what is removed before it comes back.
    let update = run.texts.iter().enumerate().find_map(|(index, text)| {
        let at = text.script.commands.iter().rposition(|command| is_update(text.command_words(command)))?;
        Some((index, at, text))
    });
    let Some((index, at, text)) = update else { return };
    let is_behind = |other: usize, position: usize| other != index || position > at;
    let cleaning = run.texts.iter().enumerate().flat_map(|(other, text)| {
        text.script.commands.iter().enumerate().filter(move |(position, _)| is_behind(other, *position)).map(move |(_, command)| cleans(text.command_words(command), braces(shell_known, text)))
    });
    let place = head(&text.place(text.script.commands[at].span));
    match cleaning.max().unwrap_or(Cleans::No) {
        Cleans::Yes => {}
        Cleans::Maybe => {
            out.open(&place, "cannot tell whether the package lists stay: a script may remove them");
        }
        // The cleaning stands behind a lost backslash, which is one cause with one finding.
        Cleans::No | Cleans::Braces if may_hide(build, "/VAR/LIB/APT") => {
            out.open(&place, "cannot tell whether the package lists stay: a part of the file cannot be read, and may remove them");
        }
        kept => {
            let why = if kept == Cleans::Braces { ": `sh` takes the `{…}` of `rm` as it stands" } else { "" };
            let finding = out.add(&place, format!("the package lists of this `update` stay in the layer{why}"));
            finding.help("End the same RUN with `rm -rf /var/lib/apt/lists/*`, or mount a cache on `/var/lib/apt`");
            if let Some(end) = end_of_plain(run, text) {
                finding.unsafe_fix(end, " && rm -rf /var/lib/apt/lists/*");
            }
        }
    }
}

/// Whether a mount on the folder keeps the lists out of the layer.
fn covers(target: &str) -> bool {
    matches!(target.trim_end_matches('/'), "/var/lib/apt/lists" | "/var/lib/apt" | "/var/lib" | "/var")
}

fn is_update(words: &[Word]) -> bool {
    let Some((program, rest)) = words.split_first() else { return false };
    // `-o Name=value`, `-c FILE`, `-t RELEASE` may stand before the verb.
    let is_value = |at: usize| {
        at > 0
            && matches!(rest[at - 1].text.as_str(), "-o" | "--option" | "-c" | "--config-file" | "-t" | "--target-release")
    };
    let mut operands = (0..rest.len()).filter(|at| !rest[*at].text.starts_with('-') && !is_value(*at));
    matches!(command_name(program), "apt-get" | "apt" | "aptitude")
        && operands.next().is_some_and(|at| rest[at].text == "update")
}

/// What a command does to the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cleans {
    No,
    /// It would if the shell knew `{a,b}`.
    Braces,
    Maybe,
    Yes,
}

/// What `{a,b}` becomes: several words in bash, itself in the `sh` of Debian, and who knows what where the shell is not
/// known.
fn braces(shell_known: bool, text: &ShellText) -> Cleans {
    match text.dialect {
        Dialect::Posix if !shell_known && text.parent.is_none() => Cleans::Maybe,
        Dialect::Posix => Cleans::Braces,
        _ => Cleans::Yes,
    }
}

fn cleans(words: &[Word], braces: Cleans) -> Cleans {
    let Some((program, rest)) = words.split_first() else { return Cleans::No };
    let in_braces = |word: &Word| !word.quoted && word.text.contains("/var/") && word.text.contains('{') && !word.text.contains("${");
    let names = |part: &str| rest.iter().any(|word| word.text.contains(part));
    let lists = names("/var/lib/apt") || names("/var/lib/*") || names("apt/lists") || (names("/var/lib/{") && names("apt"));
    match command_name(program) {
        "rm" | "find" | "rmdir" | "truncate" if lists => {
            let plain = rest.iter().any(|word| word.text.contains("/var/lib/") && word.text.contains("apt") && !in_braces(word));
            let all = rest.iter().any(|word| word.text.contains("/var/lib/*") || word.text.contains("apt/lists") && !in_braces(word));
            if plain || all || !rest.iter().any(in_braces) { Cleans::Yes } else { braces }
        }
        // `cd /var/lib/apt/lists && rm -rf *`
        "cd" if names("/var/lib/apt/lists") => Cleans::Yes,
        "rm" if rest.iter().any(|word| word.text.contains('$')) => Cleans::Maybe,
        "apt-get" | "apt" if names("dist-clean") || names("distclean") => Cleans::Yes,
        name if name.contains("clean") || name.ends_with(".sh") => Cleans::Maybe,
        // A text behind `-c` is looked at itself.
        "." | "source" | "sh" | "bash" if rest.iter().any(|word| !word.text.starts_with('-')) && !names("-c") => {
            Cleans::Maybe
        }
        _ => Cleans::No,
    }
}

/// Where a command can be added to a RUN that is one plain `&&` list; `None` for anything else.
fn end_of_plain(run: &Run, text: &ShellText) -> Option<Place> {
    let plain = |command: &Command| command.depth == 0 && matches!(command.before, Operator::Start | Operator::And);
    let script = &text.script;
    let is_one = run.exec.is_none() && run.texts.len() == 1 && script.opaque.is_empty() && script.comments.is_empty();
    let last = script.commands.last().filter(|_| is_one && script.commands.iter().all(plain))?;
    let span = text.place(last.span).span;
    (last.after == Operator::End).then(|| Place::new(&text.source, crate::source::Span::new(span.end, span.end)))
}
