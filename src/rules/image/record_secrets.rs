//! Secrets in the record of an image, and how they are kept out of every report.
//!
//! The tree of the record comes in; places of secrets in it come out. The lowered image is not asked, because a field that
//! cannot be lowered still stands in the record.

use super::json_text::JsonText;
use super::secret_text::{Secret, What, cut, in_pair, in_step, in_text};
use crate::source::{Place, Span};
use crate::syntax::yaml::{Node, Value};

/// Secrets of one text that are told apart; a text with more of them is one.
const MAX_SECRETS: usize = 200;
/// Letters of a token that stay readable, so that its owner knows which one it is.
const READABLE: usize = 4;
/// Bytes of a secret without a name that are marked.
const MAX_MARK: usize = 16;
/// Bytes of a name that messages show.
const MAX_NAME: usize = 100;

/// Where in an image a secret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// A variable of the config.
    Variable,
    /// A label of the config.
    Label,
    /// An annotation of the manifest.
    Annotation,
    /// What is started, or checks the health, or is started when somebody builds on it.
    Command,
    /// A step of the history.
    History,
}

/// A secret of the record.
#[derive(Debug)]
pub(super) struct Found {
    /// Where in the image.
    pub(super) spot: Spot,
    /// The variable, label or annotation that holds it, or the name that makes it a secret; empty when there is none.
    pub(super) name: String,
    /// What it is.
    pub(super) what: What,
    /// The name, or the secret itself where it has none.
    pub(super) place: Place,
    /// The secret.
    pub(super) value: Place,
    /// The secret as it is meant.
    pub(super) text: String,
}

/// Every secret of a record, the config's before those of the history.
pub(super) fn secrets(record: &Node) -> Vec<Found> {
    let mut found = Vec::new();
    // Docker's classic builder keeps the config of its last container as well.
    for config in ["config", "container_config"].into_iter().filter_map(|key| record.at(&["image", key])) {
        variables(config, &mut found);
        members(config.get("Labels"), Spot::Label, &mut found);
        let health = config.get("Healthcheck").and_then(|health| health.get("Test"));
        let lists = ["Entrypoint", "Cmd", "OnBuild", "Shell"].into_iter().filter_map(|key| config.get(key));
        lists.chain(health).for_each(|list| command(list, &mut found));
    }
    members(record.at(&["manifest", "annotations"]), Spot::Annotation, &mut found);
    let steps = record.at(&["image", "history"]).map(Node::items).unwrap_or_default();
    for step in steps {
        for (key, read) in [("created_by", in_step as fn(&str) -> Vec<Secret>), ("comment", in_text)] {
            if let Some(text) = step.get(key).filter(|text| text.scalar().is_some()) {
                all(&text.place, Spot::History, read, &mut found);
            }
        }
    }
    found
}

/// Hides the secrets of a record, and says what they are, so that messages do not show them either.
pub(crate) fn hide_in_record(record: &Node) -> Vec<String> {
    let mut texts = Vec::new();
    for mut secret in secrets(record) {
        let span = secret.value.span;
        let readable =
            if matches!(secret.what, What::Token(_)) { READABLE.min(secret.text.len()) } else { 0 };
        secret.value.source.hide(Span::new(span.start + readable as u32, span.end));
        texts.push(secret.text.split_off(readable));
    }
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// `NAME=value`
fn variables(config: &Node, found: &mut Vec<Found>) {
    for item in config.get("Env").map(Node::items).unwrap_or_default() {
        let Some(text) = item.scalar().and_then(|_| JsonText::of(&item.place)) else { continue };
        match text.text.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                let from = name.len() + 1;
                let key = text.part(&(0..name.len()));
                pair(
                    Spot::Variable,
                    name,
                    value,
                    key,
                    &|range| text.part(&(from + range.start..from + range.end)),
                    found,
                );
            }
            _ => all(&item.place, Spot::Variable, in_text, found),
        }
    }
}

/// Labels or annotations.
fn members(node: Option<&Node>, spot: Spot, found: &mut Vec<Found>) {
    for entry in node.map(Node::entries).unwrap_or_default() {
        let Some(name) = entry.key.text() else { continue };
        let Some(value) = entry.value.scalar().and_then(|_| JsonText::of(&entry.value.place)) else {
            continue;
        };
        pair(spot, name, &value.text, entry.key.place.clone(), &|range| value.part(&range), found);
        if let Some(password) = account(&value.text) {
            let place = value.part(&password);
            let text = value.text[password].to_owned();
            let name = shown(name);
            found.push(Found {
                spot,
                name,
                what: What::Url,
                place: entry.key.place.clone(),
                value: place,
                text,
            });
        }
    }
}

fn pair(
    spot: Spot,
    name: &str,
    value: &str,
    key: Place,
    part: &dyn Fn(std::ops::Range<usize>) -> Place,
    found: &mut Vec<Found>,
) {
    for secret in capped(in_pair(name, value), value.len()) {
        let text = value[secret.value.clone()].to_owned();
        let place = part(secret.value);
        found.push(Found {
            spot,
            name: shown(name),
            what: secret.what,
            place: key.clone(),
            value: place,
            text,
        });
    }
}

/// A list of words, or one text.
fn command(node: &Node, found: &mut Vec<Found>) {
    match &node.value {
        Value::Scalar(_) => all(&node.place, Spot::Command, in_text, found),
        Value::Sequence(words) => {
            for (at, word) in words.iter().enumerate().filter(|(_, word)| word.scalar().is_some()) {
                let before = found.len();
                all(&word.place, Spot::Command, in_step, found);
                // `["--password", "hunter2"]`
                if found.len() == before
                    && let (Some(option), Some(said)) =
                        (at.checked_sub(1).and_then(|at| words[at].text()), word.text())
                    && option.starts_with("--")
                    && !said.contains(char::is_whitespace)
                {
                    behind(option, &word.place, found);
                }
            }
        }
        Value::Mapping(_) => {}
    }
}

/// The word behind an option, which is a place of its own.
fn behind(option: &str, place: &Place, found: &mut Vec<Found>) {
    let Some(text) = JsonText::of(place) else { return };
    let line = format!("{option} {}", text.text);
    let from = option.len() + 1;
    for secret in in_text(&line).into_iter().filter(|secret| secret.value.start == from) {
        let range = 0..secret.value.end - from;
        found.push(Found {
            spot: Spot::Command,
            name: shown(option.trim_start_matches('-')),
            what: secret.what,
            place: place.clone(),
            value: text.part(&range),
            text: text.text[range].to_owned(),
        });
    }
}

/// Every secret of one text.
fn all(place: &Place, spot: Spot, read: fn(&str) -> Vec<Secret>, found: &mut Vec<Found>) {
    let Some(text) = JsonText::of(place) else { return };
    for secret in capped(read(&text.text), text.text.len()) {
        let name = shown(&text.text[secret.name.clone()]);
        let is_named = secret.name != secret.value && !secret.name.is_empty();
        let marked =
            secret.value.start..secret.value.start + cut(&text.text[secret.value.clone()], MAX_MARK).len();
        let at = text.part(if is_named { &secret.name } else { &marked });
        found.push(Found {
            spot,
            name: if is_named { name } else { String::new() },
            what: secret.what,
            place: at,
            value: text.part(&secret.value),
            text: text.text[secret.value].to_owned(),
        });
    }
}

/// Of too many secrets the first, over the rest of the text.
fn capped(mut secrets: Vec<Secret>, length: usize) -> Vec<Secret> {
    if secrets.len() > MAX_SECRETS {
        secrets.truncate(MAX_SECRETS);
        if let Some(last) = secrets.last_mut() {
            last.value.end = length;
        }
    }
    secrets
}

/// The password of `user:password@registry.example/…`, which is no URL; `name:tag@sha256:…` is none either.
fn account(value: &str) -> Option<std::ops::Range<usize>> {
    let (account, host) = value.split_once('@')?;
    let (user, password) = account.split_once(':')?;
    let plain =
        |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '/' || c == '<');
    let is_registry = host.contains('.') && host.contains('/') && plain(host.split('/').next()?);
    (is_registry && plain(user) && plain(password) && !password.contains('$'))
        .then(|| user.len() + 1..account.len())
}

/// A name as messages show it.
fn shown(name: &str) -> String {
    cut(name, MAX_NAME).to_owned()
}
