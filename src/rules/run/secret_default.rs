//! `secret-default`: no secret has a default that everybody knows.

use super::interpolation::{Default, defaults, is_variable};
use super::said::said;
use super::secrets::{ValueKind, is_secret_name, kind_of, kind_under, pairs, token};
use super::url_password::url_password;
use crate::finding::Findings;
use crate::model::{Build, Workload};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::narrow;
use crate::source::Place;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Workload(deployed)]);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for pair in pairs(build).filter(|pair| pair.keyword != "LABEL" && is_secret_name(pair.name)) {
        let Some(raw) = &pair.raw() else { continue };
        if kind_under(pair.name, raw) == ValueKind::Known && token(raw).is_none() {
            let message = format!(
                "{} `{}` has a default, which is in force wherever nobody sets it",
                pair.keyword, pair.name
            );
            out.add(&pair.key, message).help("leave it without a value, so that a missing secret is noticed");
        }
    }
}

const HELP: &str = "take it from outside, so that a missing one is noticed: `${NAME:?}`, a secret of the platform, or a file";

/// Defaults of variables and build arguments, and of secrets inside a command: `--requirepass ${REDIS_PASSWORD:-x}`.
fn deployed(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    for said in said(workload) {
        let raw = said.raw();
        if is_known(workload, said.name, &raw) {
            let message = format!("`{}` has a value that everybody knows", said.name);
            out.add(&*said.key(), message).help(HELP);
            continue;
        }
        let found = defaults(&raw);
        let by_name = |default: &&Default<'_>| is_secret_name(said.name) || is_secret_name(default.name);
        // In a pod `${` is text.
        let mut secret = found.iter().filter(|_| !workload.kind.in_pod()).filter(by_name);
        if let Some(default) = secret.find(|default| is_secret(default)) {
            report(said.name, default, &said.key(), out);
        }
    }
    if workload.kind.in_pod() {
        return;
    }
    let overlay = workload.overlay();
    let commands = overlay.entrypoint.iter().chain(&overlay.cmd).map(|command| &command.place);
    for place in commands.chain(overlay.healthcheck.as_ref().map(|health| &health.place)) {
        let text = place.text();
        let found = defaults(&text);
        let secret = |default: &&Default<'_>| is_secret_name(default.name) && is_secret(default);
        if let Some(default) = found.iter().find(secret) {
            report(default.name, default, &narrow(place, default.name), out);
        }
    }
}

/// Whether a secret is given a value that everybody knows, or that somebody means to replace.
fn is_known(workload: &Workload, name: &str, raw: &str) -> bool {
    if !is_secret_name(name) {
        return matches!(url_password(raw), Some((ValueKind::Known, _)));
    }
    let is_known = || kind_under(name, &raw.replace('$', "")) == ValueKind::Known && token(raw).is_none();
    !is_variable(workload, raw) && is_known()
}

/// A well-known token is `secret-literal`'s, wherever it stands.
fn is_secret(default: &Default<'_>) -> bool {
    kind_of(default.text) != ValueKind::Harmless && token(default.text).is_none()
}

fn report(name: &str, default: &Default<'_>, place: &Place, out: &mut Findings) {
    let message = match name == default.name || default.name.is_empty() {
        true => format!("`{name}` has a default, which is in force wherever nobody sets it"),
        false => format!(
            "`{name}` has a default for `{}`, which is in force wherever nobody sets it",
            default.name
        ),
    };
    out.add(place, message).help(HELP);
}
