//! Hides the secrets of a file from every report, whichever rule a finding belongs to.

use std::borrow::Cow;

use super::secrets::{ValueKind, is_secret_name, kind_of, may_hold_token, pairs, token};
use super::url_password::{may_hold_account, url_password};
use crate::model::{Build, Container};
use crate::source::Span;

/// Letters of a token that stay readable, so that its owner knows which one it is.
const READABLE: u32 = 4;

/// Whether a value is a secret by its name, or by itself.
pub(in crate::rules) fn is_secret(name: &str, value: &str) -> bool {
    let in_url = || matches!(url_password(value), Some((ValueKind::Literal, _)));
    is_secret_name(name) && kind_of(value) == ValueKind::Literal || token(value).is_some() || in_url()
}

/// Hides the secrets that the layers of a container have in variables and labels, in the files that say them.
pub(crate) fn hide_in_container(container: &Container) {
    for layer in &container.layers {
        for said in &layer.env {
            if is_secret(&said.value.0, &said.value.1.text) {
                said.place.source.hide(said.place.span);
            }
        }
        for said in &layer.labels {
            if is_secret(&said.value.0.text, &said.value.1.text) {
                said.place.source.hide(said.place.span);
            }
        }
    }
}

/// Hides values of secret names, and tokens wherever they stand in ENV, ARG, LABEL and RUN.
pub(crate) fn hide_secrets(build: &Build) {
    let tokens = may_hold_token(build);
    let urls = may_hold_account(build);
    for pair in pairs(build) {
        let named = is_secret_name(pair.name);
        if !named && !tokens && !urls {
            continue;
        }
        let Some(raw) = &pair.raw() else { continue };
        let secret = named && kind_of(raw) == ValueKind::Literal;
        let in_url = || matches!(url_password(raw), Some((ValueKind::Literal, _)));
        if secret || tokens && token(raw).is_some() || urls && in_url() {
            // The `=` or blank before the value stays.
            pair.key.source.hide(Span::new(pair.value.start + 1, pair.value.end));
        }
    }
    for run in build.stages.iter().flat_map(|stage| &stage.runs).filter(|_| tokens) {
        let text = run.place.text();
        if matches!(text, Cow::Owned(_)) {
            // Offsets of a text that is no UTF-8 are not those of the file.
            run.place.source.hide(run.place.span);
            continue;
        }
        let mut from = 0;
        while let Some((at, what)) = token(&text[from..]) {
            let start = from + at;
            let rest = &text[start..];
            let end = match what {
                "a private key" => rest.find("-----END").unwrap_or(rest.len()),
                _ => rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c))
                    .unwrap_or(rest.len()),
            };
            let first = run.place.span.start + start as u32;
            run.place.source.hide(Span::new(first + READABLE, first + end as u32));
            from = start + end.max(1);
            if !text.is_char_boundary(from) {
                break;
            }
        }
    }
}
