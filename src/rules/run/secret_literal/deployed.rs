//! Secrets in deployment files: variables, build arguments, words of a command.

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{CommandLine, Spanned, Workload};
use crate::plan::Plan;
use crate::rules::common::narrow;
use crate::rules::run::interpolation::{defaults, is_variable};
use crate::rules::run::said::{Said, said};
use crate::rules::run::secrets::{ValueKind, is_secret_name, kind_under, token};
use crate::rules::run::url_password::url_password;
use crate::source::Place;

const HELP: &str =
    "withdraw it, and give the next one from outside: `${NAME:?}`, a secret of the platform, or a file";

pub(super) fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    for said in said(workload) {
        variable(workload, &said, out);
    }
    let overlay = workload.overlay();
    for command in overlay.entrypoint.iter().chain(&overlay.cmd) {
        words(command, out);
    }
}

fn variable(workload: &Workload, said: &Said<'_>, out: &mut Findings) {
    let raw = said.raw();
    let (name, place) = (said.name, said.key());
    let whose = if said.is_argument { "the build argument " } else { "" };
    // Messages name the variable and never its value.
    if let Some((_, what)) = token(&raw) {
        out.add(&*place, format!("{whose}`{name}` holds {what}")).help(HELP);
        return;
    }
    // What everybody knows is `secret-default`'s.
    if !is_secret_name(name) {
        if let Some((ValueKind::Literal, _)) = url_password(&raw) {
            out.add(&*place, format!("the URL in {whose}`{name}` holds a password")).help(HELP);
        }
        return;
    }
    if is_variable(workload, &raw) {
        return;
    }
    if kind_under(name, &raw.replace('$', "")) == ValueKind::Literal {
        out.add(&*place, format!("{whose}`{name}` holds a secret")).help(HELP);
    }
}

/// Tokens in the words of a command, and values of options that are called secret: `--password=…`, `--api-key …`.
fn words(command: &Spanned<CommandLine>, out: &mut Findings) {
    let text = command.place.text();
    if let Some((_, what)) = token(&text) {
        out.add(&command.place, format!("the command holds {what}")).help(HELP);
        return;
    }
    let words: Vec<&str> = command.value.words.iter().flat_map(split).collect();
    for (at, word) in words.iter().enumerate() {
        let Some(option) = word.strip_prefix('-').map(|rest| rest.trim_start_matches('-')) else { continue };
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, words.get(at + 1).copied().filter(|next| !next.starts_with('-'))),
        };
        // The word as it is written: what a variable put in is no literal.
        let literal = value.filter(|value| text.contains(*value) && !value.contains('$'));
        let Some(value) = literal.filter(|_| is_secret_name(name)) else { continue };
        if kind_under(name, value) != ValueKind::Harmless && !is_default(&text, value) {
            let place = option_place(&command.place, word, value);
            out.add(&place, format!("the command's option `{}` holds a secret", shown(word))).help(HELP);
            return;
        }
    }
}

/// Shell texts word by word, words of a list as they are.
fn split(words: &SmolStr) -> impl Iterator<Item = &str> {
    words.split_ascii_whitespace()
}

/// Whether a text stands in the default of a variable, which is `secret-default`'s.
fn is_default(text: &str, value: &str) -> bool {
    defaults(text).iter().any(|default| default.text.contains(value))
}

/// The option without its value.
fn shown(word: &str) -> &str {
    word.split('=').next().unwrap_or(word)
}

fn option_place(place: &Place, word: &str, value: &str) -> Place {
    narrow(place, word.strip_suffix(value).map_or(word, |option| option.trim_end_matches('=')))
}
