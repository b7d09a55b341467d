//! What holds at a command because of the commands before it: shell options and the working directory; and which shell
//! a SHELL instruction or a first line chooses.
//!
//! [`options`] and [`Directories::new`] go over a script once; ask them for every command. [`options_at`] and
//! [`directory_at`] are for a single one.

use super::tree::{Command, Dialect, List, ListKind, Operator, Script, Word};
use super::wrappers::file_name;

/// The shell options that decide whether a failure is noticed and what a trace shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShellOptions {
    /// `-e`: a failing command ends the script.
    pub errexit: bool,
    /// `-o pipefail`: a pipe fails when any of its commands does.
    pub pipefail: bool,
    /// `-u`: an unset variable is an error.
    pub nounset: bool,
    /// `-x`: commands are printed, with the values of variables.
    pub xtrace: bool,
}

impl ShellOptions {
    fn set(&mut self, name: &str, on: bool) {
        match name {
            "errexit" | "e" => self.errexit = on,
            "pipefail" => self.pipefail = on,
            "nounset" | "u" => self.nounset = on,
            "xtrace" | "x" => self.xtrace = on,
            _ => {}
        }
    }

    /// Applies the options among `arguments` (`-eux`, `-o`, `pipefail`, `+e`) up to the first other word.
    fn apply<'a>(&mut self, mut arguments: impl Iterator<Item = &'a str>) {
        while let Some(argument) = arguments.next() {
            let on = argument.starts_with('-');
            let Some(letters) = argument.strip_prefix(['-', '+']) else { return };
            if letters.starts_with('-') {
                if letters == "-" {
                    return;
                }
                continue;
            }
            for (at, letter) in letters.char_indices() {
                if letter == 'o' {
                    self.set(arguments.next().unwrap_or_default(), on);
                } else {
                    self.set(&letters[at..at + letter.len_utf8()], on);
                }
            }
        }
    }
}

/// The options that hold at every command of a script; index as in [`Script::commands`]. A `set` holds for what follows
/// it in its list and in the lists inside; behind a `{ }` also for what follows that. One in a branch, a loop, a
/// function, a subshell, a pipe or the background does not reach the commands behind that.
#[must_use]
pub fn options(script: &Script, initial: ShellOptions) -> Vec<ShellOptions> {
    let mut lists = Lists::new(script, initial);
    let mut out = Vec::with_capacity(script.commands.len());
    for command in &script.commands {
        let mut state = lists.state(script, command.list);
        out.push(state);
        let words = script.words(command);
        if words.first().is_some_and(|word| word.text == "set") && !is_separate(command.before, command.after)
        {
            state.apply(words[1..].iter().map(|word| word.text.as_str()));
            lists.update(script, command.list, state, |state, _, certain| certain.then_some(state));
        }
    }
    out
}

/// The options that hold at one command; see [`options`] for all of them at once.
#[must_use]
pub fn options_at(script: &Script, command_index: usize, initial: ShellOptions) -> ShellOptions {
    options(script, initial).get(command_index).copied().unwrap_or(initial)
}

/// Whether what stands between the two operators runs in a process of its own and cannot change the shell.
fn is_separate(before: Operator, after: Operator) -> bool {
    let pipe = |operator| matches!(operator, Operator::Pipe | Operator::PipeBoth);
    pipe(before) || pipe(after) || after == Operator::Background
}

/// A state per list; a list starts with that of the list around it.
struct Lists<T> {
    states: Vec<Option<T>>,
    initial: T,
}

impl<T: Copy> Lists<T> {
    fn new(script: &Script, initial: T) -> Self {
        Self { states: vec![None; script.lists.len()], initial }
    }

    /// The state of a list. Lists nest at most as deep as the splitter goes, so the way up is short.
    fn state(&mut self, script: &Script, list: u32) -> T {
        let mut from = list as usize;
        let state = loop {
            if let Some(state) = self.states[from] {
                break state;
            }
            match script.lists[from].parent {
                Some(parent) => from = parent as usize,
                None => break self.initial,
            }
        };
        self.states[list as usize] = Some(state);
        state
    }

    /// Sets the state of a list and of those around it that it shares its shell with. `carry` says what a list around it
    /// gets from an inner one that surely runs (`true`) or may run (`false`); `None` leaves it as it is.
    fn update(&mut self, script: &Script, list: u32, state: T, carry: impl Fn(T, &List, bool) -> Option<T>) {
        let (mut list, mut state) = (list as usize, state);
        loop {
            self.states[list] = Some(state);
            let inner = &script.lists[list];
            let Some(parent) = inner.parent else { return };
            let separate = is_separate(inner.before, inner.after);
            if separate || matches!(inner.kind, ListKind::Subshell | ListKind::Substitution) {
                return;
            }
            let certain = inner.kind == ListKind::Brace && inner.before != Operator::Or;
            let Some(next) = carry(state, inner, certain) else { return };
            (list, state) = (parent as usize, next);
        }
    }
}

/// The effective working directory at every command of a script, as the `cd`s that lead there.
#[derive(Debug)]
pub struct Directories<'s> {
    script: &'s Script,
    /// Number of the last `cd` per command.
    at: Vec<u32>,
    /// The word of each `cd` and the number of the one before it.
    steps: Vec<(u32, u32)>,
}

/// No `cd` yet.
const START: u32 = u32::MAX;
/// Not known.
const UNKNOWN: u32 = u32::MAX - 1;
/// How many relative `cd`s are followed.
const MAX_STEPS: usize = 64;

#[derive(Clone, Copy)]
struct Directory {
    step: u32,
    relative: usize,
    /// Whether the and-or list has a `cd` so far.
    changed: bool,
    /// Whether that may not have run.
    doubtful: bool,
    /// Whether the and-or list has a `||` so far.
    alternative: bool,
}

impl<'s> Directories<'s> {
    /// Follows the `cd`s of a script, once.
    #[must_use]
    pub fn new(script: &'s Script) -> Self {
        let initial =
            Directory { step: START, relative: 0, changed: false, doubtful: false, alternative: false };
        let mut lists = Lists::new(script, initial);
        let mut out = Self { script, at: Vec::with_capacity(script.commands.len()), steps: Vec::new() };
        for command in &script.commands {
            let mut state = lists.state(script, command.list);
            state.follow(command.before);
            let hidden = state.changed && state.alternative;
            out.at.push(if hidden { UNKNOWN } else { state.step });
            if !is_separate(command.before, command.after) {
                out.change(command, &mut state);
            }
            lists.update(script, command.list, state, |state, list, certain| {
                if !state.changed {
                    return None;
                }
                let doubtful = state.doubtful || matches!(list.before, Operator::And);
                let step = if certain { state.step } else { UNKNOWN };
                Some(Directory { step, doubtful, alternative: false, ..state })
            });
        }
        out
    }

    /// Applies the command if it is a `cd`.
    fn change(&mut self, command: &Command, state: &mut Directory) {
        let words = self.script.words(command);
        let Some(name) = words.first().filter(|word| matches!(word.text.as_str(), "cd" | "pushd" | "popd"))
        else {
            return;
        };
        state.doubtful |= state.alternative || command.before == Operator::And;
        state.changed = true;
        let target = words.iter().enumerate().skip(1).find(|(_, word)| !is_cd_option(word));
        let known = target.filter(|(_, word)| word.literal && word.text != "-" && name.text != "popd");
        let Some((index, word)) = known else {
            state.step = UNKNOWN;
            return;
        };
        let absolute = word.text.starts_with('/');
        state.relative = if absolute { 0 } else { state.relative + 1 };
        if !absolute && (state.step == UNKNOWN || state.relative > MAX_STEPS) {
            state.step = UNKNOWN;
            return;
        }
        let before = if absolute { START } else { state.step };
        state.step = self.steps.len() as u32;
        self.steps.push((command.words.0 + index as u32, before));
    }

    /// The targets of the `cd`s that lead to the directory in which a command runs, first to last, from the last
    /// absolute one on. Empty: where the script starts. `None`: not known.
    #[must_use]
    pub fn at(&self, command_index: usize) -> Option<Vec<&'s Word>> {
        let mut step = *self.at.get(command_index)?;
        if step == UNKNOWN {
            return None;
        }
        let mut words = Vec::new();
        while let Some((word, before)) = self.steps.get(step as usize) {
            words.push(&self.script.words[*word as usize]);
            step = *before;
        }
        words.reverse();
        Some(words)
    }
}

impl Directory {
    /// Goes on behind an operator: at the end of an and-or list, what may not have run is not known.
    fn follow(&mut self, before: Operator) {
        match before {
            Operator::Or => self.alternative = true,
            Operator::Sequence | Operator::Background => {
                if self.doubtful {
                    self.step = UNKNOWN;
                }
                (self.changed, self.doubtful, self.alternative) = (false, false, false);
            }
            _ => {}
        }
    }
}

fn is_cd_option(word: &Word) -> bool {
    matches!(word.text.as_str(), "-L" | "-P" | "-e" | "-@" | "--")
}

/// The targets of the `cd`s before a command; see [`Directories`] for all commands of a script.
#[must_use]
pub fn directory_at(script: &Script, command_index: usize) -> Option<Vec<&Word>> {
    Directories::new(script).at(command_index)
}

/// The dialect and the options of a SHELL instruction's vector: `["/bin/bash", "-o", "pipefail", "-c"]`. An unknown
/// program is [`Dialect::Other`]; an empty vector is the default shell.
#[must_use]
pub fn shell_dialect<S: AsRef<str>>(argv: &[S]) -> (Dialect, ShellOptions) {
    let mut argv = argv.iter().map(AsRef::as_ref);
    let Some(mut program) = argv.next() else { return (Dialect::Posix, ShellOptions::default()) };
    if file_name(program) == "env" {
        program = argv.find(|word| !word.starts_with('-') && !word.contains('=')).unwrap_or_default();
    } else if file_name(program) == "busybox" {
        program = argv.next().unwrap_or_default();
    }
    let dialect = program_dialect(program).unwrap_or(Dialect::Other);
    let mut options = ShellOptions::default();
    if dialect != Dialect::Other {
        options.apply(argv);
    }
    (dialect, options)
}

/// The dialect and the options that a script's first line chooses (`#!/usr/bin/env bash`, `#!/bin/sh -e`); `None` when
/// it is no `#!` line. The rest of the text behind the line end is not looked at.
#[must_use]
pub fn shebang_dialect(first_line: &str) -> Option<(Dialect, ShellOptions)> {
    let line = first_line.lines().next()?.strip_prefix("#!")?;
    let argv: Vec<&str> = line.split_ascii_whitespace().collect();
    if argv.is_empty() { None } else { Some(shell_dialect(&argv)) }
}

/// No shell that is known has a longer name.
const LONGEST_SHELL: &str = "powershell.exe";

/// The dialect of a shell by the name of its program; `None` when it is no shell that is known.
pub(super) fn program_dialect(program: &str) -> Option<Dialect> {
    let bytes = program.as_bytes();
    let folder = bytes.iter().rposition(|byte| matches!(byte, b'/' | b'\\')).map_or(0, |at| at + 1);
    let name = &bytes[folder..];
    let mut lower = [0; LONGEST_SHELL.len()];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    match lower.strip_suffix(b".exe").unwrap_or(lower) {
        b"sh" | b"dash" | b"ash" | b"busybox" | b"posh" | b"yash" => Some(Dialect::Posix),
        b"bash" | b"zsh" | b"ksh" | b"ksh93" | b"mksh" | b"rbash" => Some(Dialect::Bash),
        b"powershell" | b"pwsh" | b"cmd" => Some(Dialect::Other),
        _ => None,
    }
}
