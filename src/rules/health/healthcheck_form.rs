//! `healthcheck-form`: what needs a shell is written in shell form, and JSON is JSON.

mod compose;

use smol_str::SmolStr;

use super::watch::{Watch, watch, watch_image};
use crate::finding::Findings;
use crate::model::{Build, BuiltImage, Form};
use crate::plan::Plan;
use crate::rules::common::is_broken_json;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Build(check), Check::Workload(compose::check), Check::Image(image)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// Words that only a shell understands.
const OPERATORS: &[&str] =
    &["||", "&&", "|", ";", "&", ">", ">>", "<", "2>&1", ">/dev/null", "1>/dev/null", "2>/dev/null"];

/// Programs whose own language has `$`.
const DOLLAR_PROGRAMS: &[&str] =
    &["sh", "bash", "dash", "ash", "zsh", "awk", "gawk", "perl", "sed", "grep", "php", "node"];

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    if let Some(watch) = watch(build) {
        judge(&watch, out);
    }
}

/// What the config of a built image says, as its Dockerfile said it.
fn image(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    if let Some(watch) = watch_image(image) {
        judge(&watch, out);
    }
}

fn judge(watch: &Watch<'_>, out: &mut Findings) {
    let Some(command) = &watch.health.command else { return };
    let found = match command.form {
        Form::Exec => exec_fault(&command.words),
        Form::Shell => command.words.first().and_then(|text| broken_json(text)),
    };
    if let Some(Fault { text, message, help }) = found {
        report(watch, &text, message, help, out);
    }
}

struct Fault {
    /// What shows it.
    text: String,
    message: String,
    help: &'static str,
}

fn report(watch: &Watch<'_>, text: &str, message: String, help: &str, out: &mut Findings) {
    out.add(&watch.in_command(text), message).help(help).subject(watch.label.clone());
}

const SHELL_FORM: &str =
    "write the command without brackets and quotes: `HEALTHCHECK CMD curl -f http://… || exit 1`";

fn exec_fault(words: &[SmolStr]) -> Option<Fault> {
    let first = words.first()?;
    let program = first.rsplit('/').next().unwrap_or(first);
    if matches!(first.as_str(), "CMD" | "CMD-SHELL") {
        let message =
            format!("the exec form starts a program named `{first}`, which is how compose files write it");
        return Some(Fault {
            text: first.to_string(),
            message,
            help: "leave the word out: `HEALTHCHECK CMD [\"curl\", …]`",
        });
    }
    if first.contains(char::is_whitespace) && !first.starts_with('/') {
        let message = format!("the exec form takes the whole of `{first}` for the name of a program");
        return Some(Fault { text: first.to_string(), message, help: SHELL_FORM });
    }
    if DOLLAR_PROGRAMS.contains(&program) {
        return None;
    }
    if let Some(operator) = words.iter().find(|word| OPERATORS.contains(&word.as_str())) {
        let message = format!("the exec form has no shell, so `{operator}` is an argument of `{first}`");
        return Some(Fault { text: format!("\"{operator}\""), message, help: SHELL_FORM });
    }
    let variable = words.iter().find_map(|word| variable(word))?;
    let message = format!("the exec form has no shell, so nothing replaces `{variable}`");
    Some(Fault { text: variable, message, help: SHELL_FORM })
}

/// The first `$NAME` or `${NAME…}` of a word.
fn variable(word: &str) -> Option<String> {
    let start = word.find('$')?;
    let rest = &word[start + 1..];
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if let Some(braced) = rest.strip_prefix('{') {
        let end = braced
            .find('}')
            .filter(|_| braced.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'))?;
        return Some(word[start..=start + end + 2].to_owned());
    }
    let length = rest.find(|character| !is_name(character)).unwrap_or(rest.len());
    let upper = rest.starts_with(|first: char| first.is_ascii_uppercase() || first == '_');
    upper.then(|| word[start..=start + length].to_owned())
}

/// A shell form that was meant to be JSON: `['curl', …]`, a missing bracket or comma.
fn broken_json(text: &str) -> Option<Fault> {
    is_broken_json(text).then(|| Fault {
        text: String::new(),
        message:
            "the brackets hold no valid JSON, so the health check is a shell command that starts with `[`"
                .to_owned(),
        help: "use double quotes and commas: `[\"curl\", \"-f\", \"http://localhost/\"]`",
    })
}
