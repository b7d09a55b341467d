//! Whether a script can end with a status other than 0.

use crate::syntax::shell::{
    Command, List, ListKind, Operator, Script, ShellOptions, Word, command_name, unwrap,
};

/// Commands that succeed whatever happens.
const SUCCEED: [&str; 6] = [":", "true", "echo", "printf", "sleep", "date"];
/// Commands that succeed when they only pass on what a pipe gives them.
const FILTERS: [&str; 14] = [
    "cat", "tee", "head", "tail", "sort", "uniq", "wc", "tr", "sed", "awk", "cut", "logger", "fold", "column",
];

/// How something may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends {
    well: bool,
    badly: bool,
}

impl Ends {
    const ANY: Self = Self { well: true, badly: true };
    const WELL: Self = Self { well: true, badly: false };
    const BADLY: Self = Self { well: false, badly: true };

    fn negated_if(self, negated: bool) -> Self {
        if negated { Self { well: self.badly, badly: self.well } } else { self }
    }
}

/// A command or a group in a list.
#[derive(Clone, Copy)]
struct Item<'s> {
    start: u32,
    before: Operator,
    after: Operator,
    what: What<'s>,
}

#[derive(Clone, Copy)]
enum What<'s> {
    Command(usize, &'s Command),
    Group(usize),
}

/// Whether the command alone, behind wrappers, always succeeds.
pub(super) fn is_certain_success(words: &[Word]) -> bool {
    ends_of_words(words, false) == Ends::WELL
}

/// Whether the script can fail: an `exit` or `false` that says so, `set -e`, or a last command that may fail and whose
/// failure nothing swallows (`|| true`, `; exit 0`, `| cat` without `pipefail`). What cannot be followed can fail.
pub(super) fn can_fail(script: &Script, options: &[ShellOptions]) -> bool {
    if script.commands.is_empty() {
        return !script.opaque.is_empty();
    }
    if !script.opaque.is_empty() || script.commands.iter().any(|command| says_failure(script, command)) {
        return true;
    }
    let lists = members(script);
    // The lists whose status can become the script's; groups are looked into one after the other, each once.
    let mut open = vec![0];
    let mut seen = vec![false; lists.len()];
    while let Some(list) = open.pop() {
        let Some(items) = lists.get(list) else { continue };
        if std::mem::replace(&mut seen[list], true) {
            continue;
        }
        for chain in
            items.chunk_by(|_, next| !matches!(next.before, Operator::Sequence | Operator::Background))
        {
            let is_last = chain.last().map(|it| it.start) == items.last().map(|it| it.start);
            let strict = options_of(chain, options).errexit;
            if (is_last || strict) && chain_ends(script, chain, options, &mut open).badly {
                return true;
            }
            if ends_script(script, chain) {
                break;
            }
        }
    }
    false
}

/// Commands and groups of each list, in order.
fn members(script: &Script) -> Vec<Vec<Item<'_>>> {
    let mut lists: Vec<Vec<Item<'_>>> = vec![Vec::new(); script.lists.len().max(1)];
    for (index, command) in script.commands.iter().enumerate() {
        if let Some(items) = lists.get_mut(command.list as usize) {
            let (before, after) = (command.before, command.after);
            items.push(Item {
                start: command.span.start,
                before,
                after,
                what: What::Command(index, command),
            });
        }
    }
    for (index, list) in script.lists.iter().enumerate() {
        if let Some(items) = list.parent.and_then(|parent| lists.get_mut(parent as usize))
            && counts(list)
        {
            let (before, after) = (list.before, list.after);
            items.push(Item { start: list.span.start, before, after, what: What::Group(index) });
        }
    }
    for items in &mut lists {
        items.sort_by_key(|item| item.start);
    }
    lists
}

/// Whether the status of a group's list is a status of the group.
fn counts(list: &List) -> bool {
    matches!(list.kind, ListKind::Subshell | ListKind::Brace | ListKind::Branch | ListKind::Loop)
}

fn options_of(chain: &[Item<'_>], options: &[ShellOptions]) -> ShellOptions {
    let command = chain.iter().find_map(|item| match item.what {
        What::Command(index, _) => options.get(index).copied(),
        What::Group(_) => None,
    });
    command.unwrap_or_default()
}

/// How an and-or list ends. A group that may decide is put on `open`, and counts as ending well here.
fn chain_ends(script: &Script, chain: &[Item<'_>], options: &[ShellOptions], open: &mut Vec<usize>) -> Ends {
    let pipefail = options_of(chain, options).pipefail;
    let mut so_far: Option<Ends> = None;
    let mut groups: Vec<usize> = Vec::new();
    for pipeline in chain.chunk_by(|_, next| matches!(next.before, Operator::Pipe | Operator::PipeBoth)) {
        let Some((first, last)) = pipeline.first().zip(pipeline.last()) else { continue };
        let left_groups = groups.len();
        let mut ends = item_ends(script, last, pipeline.len() > 1, &mut groups);
        if pipefail {
            ends.badly |= pipeline.iter().any(|item| match item.what {
                What::Group(_) => true,
                What::Command(_, command) => command_ends(script, command, false).badly,
            });
        }
        if last.after == Operator::Background {
            ends = Ends::WELL;
        }
        so_far = Some(match (so_far, first.before) {
            (Some(left), Operator::And) => {
                Ends { well: left.well && ends.well, badly: left.badly || (left.well && ends.badly) }
            }
            (Some(left), Operator::Or) => {
                // What fails on the left leaves the decision to the right.
                groups.drain(..left_groups);
                Ends { well: left.well || ends.well, badly: left.badly && ends.badly }
            }
            _ => ends,
        });
    }
    open.append(&mut groups);
    so_far.unwrap_or(Ends::WELL)
}

fn item_ends(script: &Script, item: &Item<'_>, piped: bool, groups: &mut Vec<usize>) -> Ends {
    match item.what {
        What::Group(list) => {
            groups.push(list);
            Ends { well: true, badly: item.after == Operator::Or }
        }
        What::Command(_, command) => command_ends(script, command, piped),
    }
}

fn command_ends(script: &Script, command: &Command, piped: bool) -> Ends {
    let opens =
        |target: &str| !target.starts_with("/dev/null") && !target.bytes().all(|byte| byte.is_ascii_digit());
    let redirected = script.redirections(command).iter().any(|it| {
        it.body.is_none()
            && !it.operator.ends_with('&')
            && !it.operator.starts_with("<<")
            && opens(&it.target.text)
    });
    let words = unwrap(script.words(command));
    let ends = match words.is_empty() {
        true if script.assignments(command).iter().any(|it| it.value.substitution) => Ends::ANY,
        true => Ends::WELL,
        false => ends_of_words(words, piped),
    };
    let ends = if redirected { Ends { badly: true, ..ends } } else { ends };
    ends.negated_if(command.within.negated)
}

fn ends_of_words(words: &[Word], piped: bool) -> Ends {
    let Some(first) = words.first() else { return Ends::ANY };
    let argument = words.get(1).map(|word| word.text.as_str());
    match command_name(first) {
        name if SUCCEED.contains(&name) => Ends::WELL,
        "false" => Ends::BADLY,
        "exit" | "return" if argument == Some("0") => Ends::WELL,
        "exit" | "return" if argument.is_some_and(|it| !it.starts_with('$')) => Ends::BADLY,
        name if piped && FILTERS.contains(&name) => Ends::WELL,
        _ => Ends::ANY,
    }
}

/// `exit 1`, `exit $?`, `kill 1`: said, so meant.
fn says_failure(script: &Script, command: &Command) -> bool {
    let words = unwrap(script.words(command));
    let is = |at: usize, text: &str| words.get(at).is_some_and(|word| word.text == text);
    let exits = (is(0, "exit") || is(0, "return")) && words.len() > 1 && !is(1, "0");
    let kills = is(0, "kill") && words.iter().any(|word| word.text == "1");
    (exits || kills) && !command.within.substitution
}

/// Whether nothing behind the chain runs: an `exit` that stands alone.
fn ends_script(script: &Script, chain: &[Item<'_>]) -> bool {
    let [Item { what: What::Command(_, command), .. }] = chain else { return false };
    command.list == 0 && unwrap(script.words(command)).first().is_some_and(|word| word.text == "exit")
}
