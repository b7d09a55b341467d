//! `volume-quotes`: volumes stand without quotes that they do not need.

use super::written::{each_service, own_items, quoted};
use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    for service in each_service(project) {
        for item in service.value.get("volumes").map(own_items).unwrap_or_default() {
            let Some(scalar) = quoted(item).filter(|scalar| is_plain(&scalar.text)) else { continue };
            out.add(&item.place, "the quotes are not needed")
                .subject(service.key.text().unwrap_or_default())
                .safe_fix(item.place.clone(), scalar.text.to_string());
        }
    }
}

/// Whether a text without quotes is the same text, also between brackets.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b':' | b'-' | b'$');
    let starts = text.as_bytes().first().is_some_and(|first| first.is_ascii_alphabetic() || b"./$".contains(first));
    starts && text.contains(':') && !text.ends_with(':') && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn texts_that_need_no_quotes() {
        for text in ["./data:/data:ro", "db:/var/lib/db", "$HOME/x:/x"] {
            assert!(is_plain(text), "{text}");
        }
        for text in ["data", "", "${DATA}:/data", "~/x:/x", "a b:/x", "x:", "#:/x", "1:2"] {
            assert!(!is_plain(text), "{text}");
        }
    }
}
