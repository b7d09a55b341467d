//! Secrets in the texts of an image: variables, labels, steps of the history, words of a command.
//!
//! A text goes in, the places of secrets in it come out, in order and apart from each other. What kind of value a name
//! has is the judgement of the rules over Dockerfiles. Linear in the text.

use std::ops::Range;

use super::secret_words;
use crate::rules::run::{
    PRIVATE_KEY, SHORTEST, ValueKind, is_secret_name, kind_of, kind_under, token, url_password,
};

/// Bytes of a header's line that are looked at.
const MAX_LINE: usize = 4_096;
/// Bytes of the first line of a key: `-----BEGIN OPENSSH PRIVATE KEY-----`.
const MAX_TITLE: usize = 64;
/// Bytes behind that line in which the first letters of the key stand; an encrypted key has headers of its own.
const MAX_HEADERS: usize = 400;

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Secret {
    /// The value.
    pub(super) value: Range<usize>,
    /// The name that makes it a secret.
    pub(super) name: Range<usize>,
    /// What it is.
    pub(super) what: What,
}

/// What a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The value of a variable, an argument, a key.
    Value,
    /// The value of an option of a program.
    Option,
    /// The value of a header.
    Header,
    /// The password of an account: `curl -u user:password`.
    Account,
    /// The password of a URL.
    Url,
    /// A well-known kind of token.
    Token(&'static str),
}

impl Secret {
    pub(super) fn new(value: Range<usize>, name: Range<usize>, what: What) -> Self {
        Self { value, name, what }
    }

    fn moved(self, by: usize) -> Self {
        let moved = |range: Range<usize>| range.start + by..range.end + by;
        Self { value: moved(self.value), name: moved(self.name), what: self.what }
    }
}

/// Secrets of `NAME=value` where the value is final, as in the config of an image.
pub(super) fn in_pair(name: &str, value: &str) -> Vec<Secret> {
    let raw = unquoted(value);
    let is_named = says_secret(name) && !raw.starts_with('$') && !is_fingerprint(name, raw);
    if is_named && kind_under(name, &raw.replace('$', "")) == ValueKind::Literal {
        return vec![Secret::new(0..value.len(), 0..0, What::Value)];
    }
    in_text(value)
}

/// Secrets of one step of the history (`created_by`).
pub(super) fn in_step(text: &str) -> Vec<Secret> {
    let body = text.strip_prefix("/bin/sh -c #(nop)").unwrap_or(text).trim_start();
    let body = body.strip_prefix("RUN ").unwrap_or(body).trim_start();
    let from = text.len() - body.len();
    let meta = ["ENV ", "ARG ", "LABEL "].iter().any(|keyword| body.starts_with(keyword));
    let mut found = Vec::new();
    if meta {
        of_pairs(text, from, text.len(), &mut found);
        return found;
    }
    // `|2 A=x B=y /bin/sh -c …`: the arguments that a RUN was given.
    if body.starts_with('|') && body[1..].starts_with(|c: char| c.is_ascii_digit()) {
        let end = body.find(" /").map_or(text.len(), |at| from + at);
        of_pairs(text, from, end, &mut found);
        found.extend(in_text(&text[end..]).into_iter().map(|secret| secret.moved(end)));
        return found;
    }
    in_text(text)
}

/// Pairs parted by blanks whose values may hold blanks as well: a value ends where the next name starts.
fn of_pairs(text: &str, from: usize, end: usize, found: &mut Vec<Secret>) {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
    let mut names: Vec<Range<usize>> = Vec::new();
    let mut word = from;
    for (at, byte) in text.bytes().enumerate().take(end).skip(from) {
        match byte {
            b' ' => word = at + 1,
            b'=' if word < at => {
                names.push(word..at);
                // Up to the next blank this is a value.
                word = end;
            }
            byte if !is_part(byte) => word = end,
            _ => {}
        }
    }
    for (at, name) in names.iter().enumerate() {
        let next = names.get(at + 1).map_or(end, |next| next.start - 1);
        let start = name.end + 1;
        let secrets = in_pair(&text[name.clone()], text[start..next.max(start)].trim_end());
        found.extend(secrets.into_iter().map(|secret| {
            let secret = secret.moved(start);
            let own = secret.what == What::Value && secret.value.start == start;
            if own { Secret { name: name.clone(), ..secret } } else { secret }
        }));
    }
}

/// Secrets of any other text: a script, a command, a value that no name makes a secret.
pub(super) fn in_text(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    // Whatever is looked for has one of these bytes, or is a token: a text may have a million short values.
    if text.len() < SHORTEST && !text.bytes().any(|byte| matches!(byte, b'=' | b':' | b'-')) {
        return found;
    }
    assignments(text, &mut found);
    let mut headers = 0;
    for at in memchr::memchr_iter(b':', text.as_bytes()) {
        found.extend(url(text, at).or_else(|| member_or_header(text, at, &mut headers)));
    }
    secret_words::in_words(text, &mut found);
    tokens(text, &mut found);
    keys(text, &mut found);
    found.sort_by_key(|secret| (secret.value.start, std::cmp::Reverse(secret.value.end)));
    let mut end = 0;
    found.retain(|secret| {
        let apart = secret.value.start >= end && !secret.value.is_empty();
        end = if apart { secret.value.end } else { end };
        apart
    });
    found
}

/// `NAME=value`, `--name=value`, `?name=value`.
fn assignments(text: &str, found: &mut Vec<Secret>) {
    let mut done = 0;
    for at in memchr::memchr_iter(b'=', text.as_bytes()) {
        let name = name_before(text, at);
        if at < done || name.start < done || !says_secret(&text[name.clone()]) {
            continue;
        }
        let value = value_at(text, at + 1);
        done = value.end;
        let raw = &text[value.clone()];
        if !is_fingerprint(&text[name.clone()], raw)
            && kind_under(&text[name.clone()], raw) == ValueKind::Literal
        {
            let option = text[..name.start].ends_with('-');
            found.push(Secret::new(value, name, if option { What::Option } else { What::Value }));
        }
    }
}

/// The password of the URL whose `://` stands at an offset.
fn url(text: &str, at: usize) -> Option<Secret> {
    /// Bytes of an account and what follows it.
    const LONGEST: usize = 600;
    let behind = cut(text[at..].strip_prefix("://")?, LONGEST);
    // The next URL has its own turn.
    let end = at + 3 + behind.find("://").unwrap_or(behind.len());
    let (kind, range) = url_password(&text[at..end])?;
    let value = at + range.start..at + range.end;
    (kind == ValueKind::Literal).then(|| Secret::new(value.clone(), value, What::Url))
}

/// `"name":"value"` of JSON, `Authorization: Bearer …` of a header; the colon stands at an offset, and the headers before
/// end at another.
fn member_or_header(text: &str, at: usize, headers: &mut usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    let before = *bytes.get(at.checked_sub(1)?)?;
    if matches!(before, b'"' | b'\'') {
        let closing = if bytes.get(at.wrapping_sub(2)) == Some(&b'\\') { at - 2 } else { at - 1 };
        let name = name_before(text, closing);
        let behind = text[at + 1..].trim_start_matches([' ', '\\']);
        if !says_secret(&text[name.clone()]) || !behind.starts_with(['"', '\'']) {
            return None;
        }
        let value = value_at(text, text.len() - behind.len());
        let literal = kind_under(&text[name.clone()], &text[value.clone()]) == ValueKind::Literal;
        return literal.then(|| Secret::new(value, name, What::Value));
    }
    let name = name_before(text, at);
    // No header holds another one: so every byte belongs to one value at most.
    if at < *headers {
        return None;
    }
    header(text, at, name, headers)
}

fn header(text: &str, at: usize, name: Range<usize>, ends: &mut usize) -> Option<Secret> {
    let said = &text[name.clone()];
    let known =
        said.eq_ignore_ascii_case("authorization") || said.eq_ignore_ascii_case("proxy-authorization");
    let of_option = || {
        let before = text[..name.start].trim_end_matches(['"', '\'', '\\']).trim_end_matches([' ', '=']);
        before.ends_with("-H") || before.ends_with("header")
    };
    if !(known || says_secret(said) && of_option()) {
        return None;
    }
    let quote = text[..name.start].chars().next_back().filter(|last| matches!(last, '"' | '\''));
    let rest = cut(&text[at + 1..], MAX_LINE);
    let closing = quote.map_or(b'\n', |quote| quote as u8);
    let end = memchr::memchr2(closing, b'\n', rest.as_bytes()).unwrap_or(rest.len());
    let line = rest[..end].trim_end_matches('\\').trim_end();
    // `Bearer abc`: the scheme is known, what follows it is not.
    let value = line.trim_start();
    let scheme = ["bearer ", "basic ", "token "];
    let is_scheme =
        |scheme: &&&str| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let value = scheme.iter().find(is_scheme).map_or(value, |scheme| value[scheme.len()..].trim_start());
    // Without a quote it ends with the word.
    let length = if quote.is_some() {
        line.len()
    } else {
        line.len() - value.len() + value.find(' ').unwrap_or(value.len())
    };
    let start = at + 1 + line.len() - value.len();
    let value = start..at + 1 + length;
    *ends = value.end;
    let literal = value.len() >= 3 && kind_of(&text[value.clone()]) == ValueKind::Literal;
    literal.then(|| Secret::new(value, name, What::Header))
}

/// Tokens by their shape.
fn tokens(text: &str, found: &mut Vec<Secret>) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let mut start = 0;
    for run in text.as_bytes().split(|byte| !is_part(byte)) {
        if run.len() >= SHORTEST
            && let Some((at, what)) = token(&text[start..start + run.len()])
        {
            let value = start + at..start + run.len();
            found.push(Secret::new(value.clone(), value, What::Token(what)));
        }
        start += run.len() + 1;
    }
}

/// Private keys, to their last line.
fn keys(text: &str, found: &mut Vec<Secret>) {
    let mut from = 0;
    while let Some(at) = text[from..].find(PRIVATE_KEY).map(|at| from + at) {
        let title = cut(&text[at..], MAX_TITLE).lines().next().unwrap_or_default();
        let body = title.find("PRIVATE KEY-----").map_or(at, |end| at + end + "PRIVATE KEY-----".len());
        if body == at || !holds_base64(cut(&text[body..], MAX_HEADERS)) {
            from = at + PRIVATE_KEY.len();
            continue;
        }
        let end = text[at + PRIVATE_KEY.len()..]
            .find("-----END")
            .map_or(text.len(), |end| at + PRIVATE_KEY.len() + end);
        found.push(Secret::new(at..end, at..at, What::Token("a private key")));
        from = end;
    }
}

/// Whether the letters of a key stand in a text: a script that looks for keys has none.
fn holds_base64(text: &str) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    text.as_bytes().split(|byte| !is_part(byte)).any(|run| run.len() >= SHORTEST)
}

/// The name that ends at an offset, without the dashes of an option.
fn name_before(text: &str, end: usize) -> Range<usize> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let length = text.as_bytes()[..end].iter().rev().take_while(|byte| is_part(byte)).count();
    let start = end - length;
    let dashes = text.as_bytes()[start..end].iter().take_while(|byte| **byte == b'-').count();
    start + dashes..end
}

/// The value that starts at an offset: between quotes, or to the end of the word.
pub(super) fn value_at(text: &str, from: usize) -> Range<usize> {
    let escaped = usize::from(text[from..].starts_with("\\\"") || text[from..].starts_with("\\'"));
    let quoted = text.as_bytes().get(from + escaped).copied().filter(|byte| matches!(byte, b'"' | b'\''));
    if let Some(quote) = quoted {
        let start = from + escaped + 1;
        if let Some(length) = memchr::memchr(quote, &text.as_bytes()[start..]) {
            let inner = text[start..start + length].trim_end_matches('\\');
            return start..start + inner.len();
        }
    }
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b";|&<>()'\"`\\".contains(byte);
    let length = text.as_bytes()[from..].iter().position(ends).unwrap_or(text.len() - from);
    from..from + length
}

/// Whether a name says that its value is a secret, in any style: `API_TOKEN`, `api-token`, `apiToken`.
pub(super) fn says_secret(name: &str) -> bool {
    /// No name of a variable is longer.
    const LONGEST: usize = 200;
    if name.len() > LONGEST {
        return false;
    }
    if is_secret_name(name) {
        return true;
    }
    let mut parted = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for character in name.chars() {
        if before.is_ascii_lowercase() && character.is_ascii_uppercase() {
            parted.push('_');
        }
        parted.push(character);
        before = character;
    }
    parted.len() > name.len() && is_secret_name(&parted)
}

/// Whether a key's value is the fingerprint of a public key, which official images check downloads with.
fn is_fingerprint(name: &str, value: &str) -> bool {
    let is_hex =
        |word: &str| word.len() == 40 && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    value.split(' ').all(is_hex) && name.to_ascii_uppercase().contains("KEY")
}

/// The beginning of a text, of so many bytes at most.
pub(super) fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// A text without its outer quotes.
fn unquoted(text: &str) -> &str {
    let inner = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.unwrap_or(text)
}

#[cfg(test)]
mod tests;
