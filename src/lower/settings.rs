//! What a shell text assigns, so that a later `$NAME` in it can be told: assignments, `export`, `for`, `read`, `cd`.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::paths;
use super::words::Words;
use crate::model::{Unknown, Value};
use crate::syntax::shell::{Command, ListKind, Operator, Script, Word};

/// How many earlier settings or commands one look-up may pass before the answer is "cannot tell".
const LOOK_BACK: usize = 64;

/// What one text assigns, by name. The working directory is kept as `PWD`.
#[derive(Debug, Default)]
pub(super) struct Settings {
    by_name: HashMap<SmolStr, Vec<Setting>>,
}

/// One assignment.
#[derive(Debug)]
pub(super) struct Setting {
    /// Index of the command that makes it.
    pub(super) command: u32,
    /// To what.
    pub(super) bound: Bound,
}

/// What a variable is bound to.
#[derive(Debug)]
pub(super) enum Bound {
    /// One value, which may itself be unknown.
    Value(Value),
    /// Each of these, one per round of a `for` loop.
    Items(Vec<Value>),
    /// Something that only the running shell knows.
    Unknown,
}

impl Settings {
    /// All settings of a name.
    pub(super) fn all(&self, name: &str) -> &[Setting] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// What the name is bound to when a command runs; `None` when this text does not set it before.
    pub(super) fn at(&self, script: &Script, command: usize, name: &str) -> Option<&Bound> {
        let all = self.by_name.get(name)?;
        let user = script.commands.get(command)?;
        let behind = all.partition_point(|setting| (setting.command as usize) < command);
        // In a loop, what stands below has run before in all rounds but the first.
        if user.within.repeated
            && let Some(next) = all.get(behind)
            && script.commands[next.command as usize].within.repeated
        {
            return Some(&Bound::Unknown);
        }
        for setting in all[..behind].iter().rev().take(LOOK_BACK) {
            match reach(script, setting, command) {
                Reach::None => {}
                Reach::Certain => return Some(&setting.bound),
                Reach::Perhaps => return Some(&Bound::Unknown),
            }
        }
        (behind > LOOK_BACK).then_some(&Bound::Unknown)
    }

    fn add(&mut self, name: &str, command: usize, bound: Bound) {
        let setting = Setting { command: command as u32, bound };
        self.by_name.entry(name.into()).or_default().push(setting);
    }
}

/// Whether a setting holds at a later command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    None,
    Perhaps,
    Certain,
}

fn reach(script: &Script, setting: &Setting, at: usize) -> Reach {
    let (from, to) = (&script.commands[setting.command as usize], &script.commands[at]);
    let is_pipe = |operator| matches!(operator, Operator::Pipe | Operator::PipeBoth);
    if is_pipe(from.before) || is_pipe(from.after) || from.after == Operator::Background {
        return Reach::None;
    }
    let mut reach = Reach::Certain;
    let mut list = from.list;
    for _ in 0..LOOK_BACK {
        if holds(script, list, to.list) {
            break;
        }
        let Some(outer) = script.lists.get(list as usize) else { break };
        match outer.kind {
            ListKind::Subshell | ListKind::Substitution => return Reach::None,
            ListKind::Branch | ListKind::Function | ListKind::Loop | ListKind::Condition => {
                reach = Reach::Perhaps
            }
            ListKind::Text | ListKind::Brace => {}
        }
        if is_pipe(outer.before) || is_pipe(outer.after) {
            return Reach::None;
        }
        let Some(parent) = outer.parent else { break };
        list = parent;
    }
    if reach == Reach::Certain && !surely_ran(script, setting.command as usize, from, at) {
        reach = Reach::Perhaps;
    }
    reach
}

/// Whether `inner` is `outer` or lies in it.
fn holds(script: &Script, outer: u32, mut inner: u32) -> bool {
    for _ in 0..LOOK_BACK {
        if outer == inner {
            return true;
        }
        match script.lists.get(inner as usize).and_then(|list| list.parent) {
            Some(parent) => inner = parent,
            None => return false,
        }
    }
    false
}

/// Whether the setting's command has run when a later one does. Behind `||` it may not have. Behind `&&` it has when the
/// later command hangs on it too, or when what stands before `&&` is no test: a build whose real commands fail ends.
fn surely_ran(script: &Script, index: usize, setting: &Command, at: usize) -> bool {
    match setting.before {
        Operator::Or => return false,
        Operator::And => {}
        _ => return true,
    }
    let list = setting.list;
    let mut tested = false;
    let mut before = Operator::And;
    let earlier = script.commands[..index].iter().rev().take(4 * LOOK_BACK);
    for command in earlier.filter(|command| command.list == list).take(LOOK_BACK) {
        if !matches!(before, Operator::And | Operator::Or) {
            break;
        }
        before = command.before;
        let name = script.words(command).first().map_or("", |word| word.text.as_str());
        tested |= command.within.negated
            || matches!(
                name,
                "[" | "[["
                    | "(("
                    | "test"
                    | "grep"
                    | "id"
                    | "getent"
                    | "command"
                    | "which"
                    | "type"
                    | "false"
            );
    }
    if !tested {
        return true;
    }
    let later = script.commands[index + 1..=at].iter();
    let mut between = later.filter(|command| command.list == list).take(LOOK_BACK);
    at - index < LOOK_BACK && between.all(|command| command.before == Operator::And)
}

/// Reads what a text assigns into its settings, which are empty.
pub(super) fn read(words: &mut Words, text: usize) {
    let count = words.text(text).script.commands.len();
    for command in 0..count {
        let found = {
            let script = &words.text(text).script;
            let at = &script.commands[command];
            bindings(words, text, command, script.words(at), at)
        };
        for (name, bound) in found {
            words.settings_of(text).add(&name, command, bound);
        }
    }
}

type Bindings = Vec<(String, Bound)>;

fn bindings(words: &Words, text: usize, command: usize, line: &[Word], at: &Command) -> Bindings {
    let mut found = Bindings::new();
    let Some(name) = line.first() else {
        for assignment in words.text(text).script.assignments(at) {
            let mut value = words.value(text, command, &assignment.value);
            if assignment.append {
                let before = words.variable(text, command, &assignment.name).unwrap_or_default();
                if words.pay(before.text.len() + value.text.len()) {
                    value.unknown = before.unknown.or(value.unknown);
                    value.text = format!("{}{}", before.text, value.text).into();
                } else {
                    value = Value { text: assignment.value.text.clone(), unknown: Some(Unknown::TooLarge) };
                }
            }
            found.push((assignment.name.to_string(), Bound::Value(value)));
        }
        return found;
    };
    match name.text.as_str() {
        "export" | "readonly" | "declare" | "local" | "typeset" => {
            for word in &line[1..] {
                let value = words.value(text, command, word);
                if let Some((name, rest)) = value.text.split_once('=') {
                    let bound = Bound::Value(Value { text: rest.into(), unknown: value.unknown.clone() });
                    found.push((name.to_owned(), bound));
                }
            }
        }
        "for" | "select" => {
            if let Some(variable) = line.get(1) {
                found.push((variable.text.to_string(), loop_items(words, text, command, line)));
            }
        }
        "read" | "getopts" | "mapfile" | "readarray" => {
            let names = line[1..].iter().filter(|word| !word.text.starts_with('-'));
            found.extend(names.map(|word| (word.text.to_string(), Bound::Unknown)));
        }
        "unset" => {
            let names = line[1..].iter().filter(|word| !word.text.starts_with('-'));
            found.extend(names.map(|word| (word.text.to_string(), Bound::Value(Value::default()))));
        }
        "cd" | "pushd" => found.push(("PWD".to_owned(), changed_directory(words, text, command, &line[1..]))),
        "popd" => found.push(("PWD".to_owned(), Bound::Unknown)),
        _ => {}
    }
    found
}

fn loop_items(words: &Words, text: usize, command: usize, line: &[Word]) -> Bound {
    if line.get(2).is_none_or(|word| word.text != "in") {
        return Bound::Unknown;
    }
    let fields = words.all_fields(text, command, line, 3);
    Bound::Items(fields.into_iter().map(|field| Value { text: field.text, unknown: field.unknown }).collect())
}

fn changed_directory(words: &Words, text: usize, command: usize, arguments: &[Word]) -> Bound {
    let target = arguments.iter().find(|word| !word.text.starts_with('-') || word.text == "-");
    let target = match target {
        None => match words.home() {
            Some(home) => Value::known(home),
            None => return Bound::Unknown,
        },
        Some(word) if word.text == "-" => return Bound::Unknown,
        Some(word) => words.value(text, command, word),
    };
    if target.text.starts_with('/') {
        return Bound::Value(Value { text: paths::join("/", &target.text), unknown: target.unknown });
    }
    let directory = words.absolute(text, command, &target);
    if words.pay(directory.text.len()) { Bound::Value(directory) } else { Bound::Unknown }
}
