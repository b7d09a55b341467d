//! Secrets that stand behind another word of a command: `--password hunter2`, `curl -u user:password`.

use std::ops::Range;

use super::secret_text::{Secret, What, value_at};
use crate::rules::run::{ValueKind, kind_of};

/// Options whose next word is a secret. Others (`--disabled-password`, `--password-stdin`, `--secret id=…`) only speak of one.
const OPTIONS: &str = "\
    password passwd pass token auth-token access-token api-key apikey api-token secret-key client-secret passphrase \
    secret-access-key requirepass registry-token http-password http-passwd";
/// Bytes of an account that are looked at.
const MAX_ACCOUNT: usize = 256;
/// No secret is shorter.
const SHORTEST: usize = 3;

/// Secrets of a command line, or of a script.
pub(super) fn in_words(text: &str, found: &mut Vec<Secret>) {
    // The program of the present command, as far as it counts.
    let mut program = "";
    let mut words = words(text).peekable();
    while let Some(word) = words.next() {
        let said = &text[word.clone()];
        let plain = said.trim_start_matches(['(', '{', '"', '\'', '[']);
        match plain.rsplit('/').next().unwrap_or(plain) {
            known @ ("curl" | "wget" | "sshpass") => program = known,
            _ if said.ends_with([';', '|', '&']) => program = "",
            _ => {}
        }
        let Some(next) = words.peek().map(|next| next.start) else { break };
        let next = || value_at(text, next);
        let option = plain.trim_end_matches(['"', '\'', ',']);
        if let Some(name) =
            option.strip_prefix("--").filter(|name| OPTIONS.split(' ').any(|one| one == *name))
        {
            let start = word.start + (said.len() - plain.len()) + 2;
            push(text, next(), start..start + name.len(), What::Option, found);
        } else if program == "curl" && matches!(option, "-u" | "--user" | "-U" | "--proxy-user") {
            account(text, next(), found);
        } else if program == "sshpass" && option == "-p" {
            push(text, next(), word, What::Option, found);
        }
    }
    changed_passwords(text, found);
}

/// `user:password`
fn account(text: &str, word: Range<usize>, found: &mut Vec<Secret>) {
    let Some((user, password)) = text[word.clone()].split_once(':') else { return };
    if user != password && !user.is_empty() {
        let start = word.start + user.len() + 1;
        push(text, start..start + password.len(), word.start..word.start + user.len(), What::Account, found);
    }
}

/// `echo 'user:password' | chpasswd`
fn changed_passwords(text: &str, found: &mut Vec<Secret>) {
    for at in memchr::memmem::find_iter(text.as_bytes(), b"chpasswd") {
        let Some(before) = text[..at].trim_end().strip_suffix('|').map(str::trim_end) else { continue };
        let word = before.trim_end_matches(['"', '\'']);
        let from = word.len() - word.bytes().rev().take(MAX_ACCOUNT).count();
        let from = (from..=word.len()).find(|at| word.is_char_boundary(*at)).unwrap_or(word.len());
        let start = word[from..]
            .rfind(|c: char| c.is_whitespace() || matches!(c, '"' | '\''))
            .map_or(from, |at| from + at + 1);
        account(text, start..word.len(), found);
    }
}

fn push(text: &str, value: Range<usize>, name: Range<usize>, what: What, found: &mut Vec<Secret>) {
    let raw = &text[value.clone()];
    let is_value = raw.len() >= SHORTEST && !raw.starts_with('-') && !raw.contains('=');
    if is_value && kind_of(raw) == ValueKind::Literal {
        found.push(Secret::new(value, name, what));
    }
}

/// Words between blanks.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let start = move |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    text.split_ascii_whitespace().map(move |word| start(word)..start(word) + word.len())
}
