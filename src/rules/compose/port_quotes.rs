//! `port-quotes`: no port is a number to base 60.

use super::written::{each_service, own_items};
use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::{Check, always};
use crate::syntax::yaml::{Node, Scalar};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    for service in each_service(project) {
        for key in ["ports", "expose"] {
            for item in service.value.get(key).map(own_items).unwrap_or_default() {
                if let Some(scalar) = item.scalar().filter(|scalar| scalar.is_plain()) {
                    report(item, scalar, service.key.text().unwrap_or_default(), out);
                }
            }
        }
    }
}

fn report(item: &Node, scalar: &Scalar, service: &str, out: &mut Findings) {
    let Some(number) = base_60(&scalar.text) else { return };
    let text = &scalar.text;
    let message = format!("`{text}` without quotes is the number {number} to readers of YAML 1.1");
    out.add(&item.place, message)
        .help("put it in quotes")
        .subject(service)
        .safe_fix(item.place.clone(), format!("\"{text}\""));
}

/// The number that YAML 1.1 reads: `[1-9][0-9_]*(:[0-5]?[0-9])+`.
fn base_60(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let first = parts.next()?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let small = |part: &str| {
        let fits = digits(part) && part.len() <= 2;
        part.parse::<u64>().ok().filter(|value| fits && *value < 60)
    };
    if !digits(first) || first.starts_with('0') {
        return None;
    }
    let mut number: u64 = first.parse().ok()?;
    let mut rest = parts.peekable();
    rest.peek()?;
    for part in rest {
        number = number.checked_mul(60)?.checked_add(small(part)?)?;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::base_60;

    #[test]
    fn numbers_to_base_60() {
        let table = [
            ("22:22", Some(1342)),
            ("8022:22", Some(481_342)),
            ("1:2:3", Some(3723)),
            ("80:80", None),
            ("022:22", None),
            ("22", None),
            ("22:", None),
            ("22:022", None),
            ("99999999999999999999:1", None),
        ];
        for (text, number) in table {
            assert_eq!(base_60(text), number, "{text}");
        }
    }
}
