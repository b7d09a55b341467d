//! `masked-failure`: a step that fetches, installs or builds fails the build when it fails.

use super::installers::{checks_its_input, does_work, only_prints, swallows};
use crate::finding::{Findings, Severity};
use crate::model::{Build, Fact, Run, ShellText, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::shell::{Command, Dialect, ListKind, Operator, command_name};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Commands between a command and the end of its pipe.
const MAX_PIPE: usize = 64;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let mut open = false;
    for stage in build.needed_stages() {
        for run in &stage.runs {
            for text in run.texts.iter().filter(|text| text.dialect != Dialect::Other) {
                swallowed(stage, text, out);
            }
            pipes(stage, run, &mut open, out);
        }
    }
}

fn swallowed(stage: &Stage, text: &ShellText, out: &mut Findings) {
    let mut found: Vec<(usize, &Command, &'static str)> = Vec::new();
    for (at, command) in text.script.commands.iter().enumerate() {
        let watched = !command.within.condition && !command.within.negated && !command.within.substitution;
        if !watched || !does_work(text.command_words(command)) {
            continue;
        }
        let Some((how, by)) = swallower(text, at) else { continue };
        // `update && install || true` is one fault, shown at the last step that it hides.
        found.retain(|(other, ..)| *other != by);
        found.push((by, command, how));
    }
    for (by, command, how) in found {
        let words = text.command_words(command).iter().take(2).map(|word| word.text.as_str());
        let name = words.collect::<Vec<_>>().join(" ");
        let by = text.script.words(&text.script.commands[by]).first().map_or("…", |word| word.text.as_str());
        out.add(&text.place(command.span), format!("a failure of `{name}` goes unnoticed: `{how} {by}` hides it"))
            .subject(stage.label())
            .help("let the step fail, or handle the one failure that is expected");
    }
}

/// Commands of one `&&` and `||` list that are followed.
const MAX_STEPS: usize = 64;

/// What swallows the failure of a command, as an index into the commands: the last one of its list of `&&` and `||`.
fn swallower(text: &ShellText, at: usize) -> Option<(&'static str, usize)> {
    let commands = &text.script.commands;
    if !matches!(commands[at].after, Operator::And | Operator::Or | Operator::Sequence) {
        return None;
    }
    let same = || commands.iter().enumerate().skip(at + 1).filter(|(_, next)| next.list == commands[at].list);
    let mut last = &commands[at];
    for (index, next) in same().take(MAX_STEPS) {
        match last.after {
            Operator::And | Operator::Or => last = next,
            // `install x; true`: only the last one counts, unless `set -e` is on.
            Operator::Sequence if same().nth(1).is_none() => {
                let quiet = text.script.words(next).first().is_some_and(|word| matches!(word.text.as_str(), "true" | ":"));
                let errexit = text.options.get(at).is_some_and(|options| options.errexit);
                return (quiet && next.after == Operator::End && !errexit).then_some((";", index));
            }
            _ => return None,
        }
        let ended = !matches!(last.after, Operator::And | Operator::Or);
        if last.before == Operator::Or && swallows(text.command_words(last)) && ended {
            return Some(("||", index));
        }
    }
    group_behind(text, last)
}

/// `install x || { echo failed; true; }`: a group that only speaks.
fn group_behind(text: &ShellText, last: &Command) -> Option<(&'static str, usize)> {
    if last.after != Operator::Or {
        return None;
    }
    // Lists are numbered in the order in which they open, so the group is one of the next.
    let lists = &text.script.lists;
    let next = lists.partition_point(|list| list.span.start < last.span.end);
    let (number, list) = lists.iter().enumerate().skip(next).take(MAX_STEPS).find(|(_, list)| {
        list.parent == Some(last.list) && list.before == Operator::Or
    })?;
    let is_group = matches!(list.kind, ListKind::Brace | ListKind::Subshell);
    let behind = text.script.commands.partition_point(|command| command.span.start < list.span.start);
    let inside = || {
        let commands = text.script.commands.iter().enumerate().skip(behind);
        commands
            .take_while(|(_, command)| command.span.start < list.span.end)
            .filter(|(_, command)| command.list as usize == number)
    };
    let ended = !matches!(list.after, Operator::And | Operator::Or);
    let speaks = inside().all(|(_, command)| swallows(text.command_words(command)));
    let (first, _) = inside().next()?;
    (is_group && ended && speaks).then_some(("||", first))
}

/// The pipe of a RUN whose left side can fail without anybody noticing; the first one, or else the first one whose last
/// command finds fault with what a failed download gives it.
fn pipes(stage: &Stage, run: &Run, open: &mut bool, out: &mut Findings) {
    let all = || {
        run.texts
            .iter()
            .filter(|text| text.dialect != Dialect::Other)
            .flat_map(|text| unwatched(text).map(move |at| (text, at)))
    };
    let hidden = all().find(|(text, at)| stumbling(text, *at).is_none());
    let Some((text, at)) = hidden.or_else(|| all().next()) else { return };
    let command = &text.script.commands[at];
    let name = text.command_words(command).first().map(|word| word.text.clone()).unwrap_or_default();
    let place = text.place(command.span);
    // A base that nobody read may have set its own SHELL.
    if let (Fact::Unknown { why, .. }, None) = (stage.container.shell(), &text.parent) {
        if !*open {
            *open = true;
            out.open(&place, format!("cannot tell whether a failure of `{name}` in the pipe is noticed: {why}"));
        }
        return;
    }
    let finding = match stumbling(text, at) {
        None => {
            out.add(&place, format!("a failure of `{name}` goes unnoticed: the pipe's result is that of its last command"))
        }
        Some(last) => out
            .add(&place, format!("a failure of `{name}` shows only if `{last}` cannot read what it gets: the pipe's result is that of its last command"))
            .severity(Severity::Note),
    };
    finding
        .subject(stage.label())
        .help("put `set -o pipefail &&` before it, or `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]` above");
}

/// The commands on the left of a pipe whose failure changes nothing.
fn unwatched(text: &ShellText) -> impl Iterator<Item = usize> {
    let commands = text.script.commands.iter().enumerate();
    commands
        .filter(|(at, command)| {
            let is_pipe = matches!(command.after, Operator::Pipe | Operator::PipeBoth);
            let unwatched = text.options.get(*at).is_some_and(|options| !options.pipefail);
            let within = command.within;
            is_pipe
                && unwatched
                && !(within.condition || within.substitution || within.negated)
                && !only_prints(text.command_words(command))
        })
        .map(|(at, _)| at)
}

/// The last command of the pipe, if it fails on an empty or broken input.
fn stumbling(text: &ShellText, at: usize) -> Option<&str> {
    let list = text.script.commands[at].list;
    // Longer pipes are not followed: each of their commands asks.
    let mut rest = text.script.commands[at + 1..].iter().take(MAX_PIPE).filter(|next| next.list == list);
    let last = rest.find(|next| !matches!(next.after, Operator::Pipe | Operator::PipeBoth))?;
    let words = text.command_words(last);
    (matches!(last.before, Operator::Pipe | Operator::PipeBoth) && checks_its_input(words)).then(|| command_name(&words[0]))
}
