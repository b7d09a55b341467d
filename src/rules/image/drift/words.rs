//! Values as messages print them, and texts that mean the same.

use crate::model::{CommandLine, Form};
use crate::rules::run::is_secret;

/// Characters of a value that are printed.
const MAX_SHOWN: usize = 80;

/// A value cut to what a message can hold; a secret is not printed at all.
pub(super) fn shown(name: &str, value: &str) -> String {
    if is_secret(name, value) {
        return "***".to_owned();
    }
    let value = value.replace(['\n', '\r'], " ");
    match value.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value,
    }
}

/// A command as it is written.
pub(super) fn command(line: &CommandLine) -> String {
    match line.form {
        Form::Shell => shown("", line.words.first().map_or("", |text| text.as_str())),
        Form::Exec => {
            let words: Vec<String> = line.words.iter().map(|word| format!("{word:?}")).collect();
            shown("", &format!("[{}]", words.join(", ")))
        }
    }
}

/// Whether two shell texts differ in white space alone: builders join continued lines each in their own way.
pub(super) fn same_text(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}
