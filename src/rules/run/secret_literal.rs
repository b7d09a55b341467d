//! `secret-literal`: no secret is written into the file or passed as a build argument.

mod deployed;

use super::secrets::{ValueKind, is_secret_name, kind_under, may_hold_token, pairs, token};
use super::url_password::{may_hold_account, url_password};
use crate::finding::{Findings, Severity};
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::{Place, Span};

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Build(check), Check::Workload(deployed::check)]);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let tokens = may_hold_token(build);
    let urls = may_hold_account(build);
    for pair in pairs(build) {
        let (name, keyword) = (pair.name, pair.keyword);
        let secret = is_secret_name(name);
        // Messages name the variable and never its value.
        if !secret && !tokens && !urls {
            continue;
        }
        match &pair.raw() {
            Some(raw) if tokens && token(raw).is_some() => {
                let what = token(raw).map_or("", |(_, what)| what);
                out.add(&pair.key, format!("{keyword} `{name}` holds {what}, which stays in the image"))
                    .help(HELP);
            }
            Some(raw) if secret && kind_under(name, raw) == ValueKind::Literal => {
                out.add(&pair.key, format!("{keyword} `{name}` holds a secret, which stays in the image"))
                    .help(HELP);
            }
            Some(raw) if !secret && urls && matches!(url_password(raw), Some((ValueKind::Literal, _))) => {
                out.add(
                    &pair.key,
                    format!("the URL in {keyword} `{name}` holds a password, which stays in the image"),
                )
                .help(HELP);
            }
            None if secret && keyword == "ARG" => {
                out.add(
                    &pair.key,
                    format!("`{name}` is passed as a build argument, which stays in the image's history"),
                )
                .severity(Severity::Warning)
                .help("pass it with `RUN --mount=type=secret`");
            }
            _ => {}
        }
    }
    for run in build.stages.iter().flat_map(|stage| &stage.runs).filter(|_| tokens) {
        if let Some((at, what)) = token(&run.place.text()) {
            // The first letters show where it is without showing it.
            let start = run.place.span.start + at as u32;
            let place = Place::new(&run.place.source, Span::new(start, start + 4));
            out.add(&place, format!("a RUN holds {what}, which stays in the image's history")).help(HELP);
        }
    }
}

const HELP: &str = "withdraw it, and give the next one when the container starts, or with `RUN --mount=type=secret` while it is built";
