//! Commands that only run another command: `sudo`, `env`, `timeout 5` and their like, and `sh -c 'script'`.
//!
//! Words of a command go in, the words of the command that really runs come out. Only the spelling is judged here; what a
//! command means is for the rules.

use super::context::program_dialect;
use super::tree::{Dialect, Word};

/// How a wrapper's own arguments look.
struct Wrapper {
    name: &'static str,
    /// Short options that take a value (`-u root`, `-uroot`).
    short: &'static str,
    /// Long options that take the next word as their value when they have no `=`.
    long: &'static [&'static str],
    /// How many plain words come before the command (`timeout 5`, `gosu user`).
    operands: usize,
    /// Whether `A=B` words come before the command.
    assignments: bool,
}

const fn wrapper(name: &'static str, short: &'static str, operands: usize) -> Wrapper {
    Wrapper { name, short, long: &[], operands, assignments: false }
}

static WRAPPERS: &[Wrapper] = &[
    Wrapper {
        name: "sudo",
        short: "CDghpRrTtUu",
        long: &["--user", "--group", "--chdir", "--chroot", "--host", "--prompt", "--role", "--type"],
        operands: 0,
        assignments: true,
    },
    wrapper("doas", "Cu", 0),
    Wrapper { name: "env", short: "uCS", long: &["--unset", "--chdir"], operands: 0, assignments: true },
    wrapper("exec", "a", 0),
    wrapper("command", "", 0),
    wrapper("builtin", "", 0),
    wrapper("nohup", "", 0),
    wrapper("eatmydata", "", 0),
    wrapper("setsid", "", 0),
    Wrapper { name: "time", short: "fo", long: &["--format", "--output"], operands: 0, assignments: false },
    Wrapper { name: "nice", short: "n", long: &["--adjustment"], operands: 0, assignments: false },
    Wrapper {
        name: "ionice",
        short: "cn",
        long: &["--class", "--classdata"],
        operands: 0,
        assignments: false,
    },
    Wrapper {
        name: "stdbuf",
        short: "ioe",
        long: &["--input", "--output", "--error"],
        operands: 0,
        assignments: false,
    },
    Wrapper {
        name: "xargs",
        short: "aEdILnPs",
        long: &["--arg-file", "--delimiter", "--max-args", "--max-procs", "--max-chars", "--max-lines"],
        operands: 0,
        assignments: false,
    },
    wrapper("gosu", "", 1),
    wrapper("su-exec", "", 1),
    wrapper("tini", "peE", 0),
    wrapper("docker-init", "peE", 0),
    Wrapper { name: "dumb-init", short: "r", long: &["--rewrite"], operands: 0, assignments: false },
    Wrapper {
        name: "timeout",
        short: "ks",
        long: &["--kill-after", "--signal"],
        operands: 1,
        assignments: false,
    },
];

/// The file name of a command: `pip` of `/usr/bin/pip`. Of a word that ends in `/`, the word itself.
#[must_use]
pub fn command_name(word: &Word) -> &str {
    file_name(&word.text)
}

pub(super) fn file_name(path: &str) -> &str {
    match path.bytes().rposition(|byte| byte == b'/') {
        Some(at) if at + 1 < path.len() => &path[at + 1..],
        _ => path,
    }
}

/// The words of the command that really runs: those behind `sudo`, `env A=B`, `timeout 5` and their like, nested ones
/// included. Of `xargs` the fixed part. A wrapper that has no command behind it (`command -v git`, `env`) is the command
/// itself. Words are taken as written: an expansion that may hold options (`sudo $FLAGS apt`) counts as the command.
#[must_use]
pub fn unwrap(words: &[Word]) -> &[Word] {
    let mut words = words;
    loop {
        let inner = words.first().and_then(|word| {
            let name = command_name(word);
            WRAPPERS.iter().find(|wrapper| wrapper.name == name)
        });
        match inner.map(|wrapper| behind(wrapper, words)) {
            Some(count) if count < words.len() => words = &words[count..],
            _ => return words,
        }
    }
}

/// How many words the wrapper and its own arguments take; all of them when it runs nothing.
fn behind(wrapper: &Wrapper, words: &[Word]) -> usize {
    let mut at = 1;
    let mut ended = false;
    let mut operands = wrapper.operands;
    while let Some(word) = words.get(at) {
        let text = word.text.as_str();
        if !ended && text == "--" {
            ended = true;
        } else if !ended && text.len() > 1 && text.starts_with('-') {
            if wrapper.name == "command" && text.contains(['v', 'V']) {
                return words.len();
            }
            at += usize::from(takes_value(wrapper, text));
        } else if wrapper.assignments && is_assignment(text) {
            ended = true;
        } else if operands > 0 {
            operands -= 1;
        } else {
            return at;
        }
        at += 1;
    }
    words.len()
}

/// Whether the option's value is the next word.
fn takes_value(wrapper: &Wrapper, option: &str) -> bool {
    if option.starts_with("--") {
        return wrapper.long.contains(&option);
    }
    // In a group (`-nu root`) only the last letter can take the next word; an earlier one takes the rest as its value.
    let first = option[1..].find(|letter| wrapper.short.contains(letter));
    first.is_some_and(|at| at + 2 == option.len())
}

fn is_assignment(text: &str) -> bool {
    let name = text.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Of `sh -c 'script'`, `bash -lc "script"`, `/bin/bash -o pipefail -c script`: the index of the word that holds the
/// script, and the shell that reads it. Pass the words behind wrappers ([`unwrap`]). The caller parses the word's text;
/// when the word is not literal, the text holds expansions that the outer shell does.
#[must_use]
pub fn inline_script(words: &[Word]) -> Option<(usize, Dialect)> {
    let dialect = program_dialect(&words.first()?.text)?;
    let mut at = 1;
    let mut script = false;
    while let Some(word) = words.get(at) {
        let text = word.text.as_str();
        let Some(letters) = text.strip_prefix(['-', '+']).filter(|letters| !letters.is_empty()) else {
            break;
        };
        if dialect == Dialect::Other {
            script |= letters.eq_ignore_ascii_case("command") || letters.eq_ignore_ascii_case("c");
        } else if letters == "-" {
            at += 1;
            break;
        } else if !letters.starts_with('-') {
            script |= text.starts_with('-') && letters.contains('c');
            at += usize::from(letters.ends_with(['o', 'O']));
        } else if matches!(letters, "-rcfile" | "-init-file") {
            at += 1;
        }
        at += 1;
        if script && dialect == Dialect::Other {
            break;
        }
    }
    (script && at < words.len()).then_some((at, dialect))
}
