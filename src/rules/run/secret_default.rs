//! `secret-default`: no secret has a default that everybody knows.

use super::secrets::{ValueKind, is_secret_name, kind_under, pairs, token};
use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for pair in pairs(build).filter(|pair| pair.keyword != "LABEL" && is_secret_name(pair.name)) {
        let Some(raw) = &pair.raw() else { continue };
        if kind_under(pair.name, raw) == ValueKind::Known && token(raw).is_none() {
            let message = format!("{} `{}` has a default, which is in force wherever nobody sets it", pair.keyword, pair.name);
            out.add(&pair.key, message).help("leave it without a value, so that a missing secret is noticed");
        }
    }
}
