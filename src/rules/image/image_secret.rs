//! `image-secret`: nothing that everybody who fetches the image can read is a secret.

mod files;

use std::collections::HashMap;

use super::record_secrets::{Found, Spot, secrets};
use super::secret_text::What;
use crate::finding::Findings;
use crate::model::BuiltImage;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Image(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Secrets of one image that are told one by one.
const MAX_FINDINGS: usize = 100;
/// Further places of one secret that are shown.
const MAX_PLACES: usize = 3;

const HELP: &str = "whoever fetches the image can read it: withdraw it, and give the next one when the container \
    starts, or with `RUN --mount=type=secret` while it is built";

fn check(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    let found = secrets(&image.tree);
    // One secret is one finding: a variable stands in the config, in the history, and in each step that it was given to.
    let mut groups: Vec<Vec<&Found>> = Vec::new();
    let mut index: HashMap<&str, usize> = HashMap::new();
    for secret in &found {
        let at = *index.entry(&secret.text).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(secret),
            None => groups.push(vec![secret]),
        }
    }
    for group in groups.iter().take(MAX_FINDINGS) {
        let first = group[0];
        let finding = out.add(&first.place, message(first)).help(HELP);
        for other in group.iter().skip(1).take(MAX_PLACES) {
            finding.related(&other.place, spot(other));
        }
    }
    if groups.len() > MAX_FINDINGS {
        out.add(&image.place, format!("holds {} more secrets", groups.len() - MAX_FINDINGS));
    }
    files::check(image, out);
}

/// What holds which secret. Messages name what holds it and never the secret itself.
fn message(found: &Found) -> String {
    let name = &found.name;
    let holder = match found.spot {
        Spot::Variable if name.is_empty() => "a variable".to_owned(),
        Spot::Variable => format!("the variable `{name}`"),
        Spot::Label => format!("the label `{name}`"),
        Spot::Annotation => format!("the annotation `{name}`"),
        Spot::Command => return format!("a command of the config holds {}", named(found)),
        Spot::History => return format!("the history shows {}", named(found)),
    };
    match found.what {
        What::Value => format!("{holder} holds a secret"),
        What::Token(kind) => format!("{holder} holds {kind}"),
        What::Url => format!("the URL in {holder} holds a password"),
        What::Option => format!("{holder} holds an option with a secret"),
        What::Header => format!("{holder} holds a header with a secret"),
        What::Account => format!("{holder} holds the password of an account"),
    }
}

/// A secret by the name that makes it one.
fn named(found: &Found) -> String {
    let name = &found.name;
    match found.what {
        What::Value => format!("the value of `{name}`, a secret"),
        What::Option => format!("the value of the option `{name}`, a secret"),
        What::Header => format!("the value of the header `{name}`, a secret"),
        What::Account => format!("the password of the account `{name}`"),
        What::Url => "the password of a URL".to_owned(),
        What::Token(kind) => kind.to_owned(),
    }
}

fn spot(found: &Found) -> &'static str {
    match found.spot {
        Spot::Variable => "and in this variable",
        Spot::Label => "and in this label",
        Spot::Annotation => "and in this annotation",
        Spot::Command => "and in this command",
        Spot::History => "and in the history",
    }
}
