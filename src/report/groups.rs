//! Near-identical findings, as copied files give them, put together.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::finding::Finding;

/// Findings that differ only in place and in the values between backticks, and get the same advice: the first, and the others in order.
#[derive(Debug)]
pub(super) struct Alike<'a> {
    pub(super) first: &'a Finding,
    pub(super) others: Vec<&'a Finding>,
}

/// Groups findings by rule, severity, message without its values, and line of the plan; groups in the order of their
/// first findings.
pub(super) fn alike(findings: &[Finding]) -> Vec<Alike<'_>> {
    grouped(findings, key)
}

/// Groups findings that say the same in the same words of the same rule, in other places.
pub(super) fn same(findings: &[Finding]) -> Vec<Alike<'_>> {
    grouped(findings, |finding| (finding.rule, finding.severity, finding.message.as_str()))
}

fn grouped<'a, K: Hash + Eq>(findings: &'a [Finding], key: impl Fn(&'a Finding) -> K) -> Vec<Alike<'a>> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    let mut index: HashMap<K, usize> = HashMap::with_capacity(findings.len().min(1_024));
    for finding in findings {
        let at = *index.entry(key(finding)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.others.push(finding),
            None => groups.push(Alike { first: finding, others: Vec::new() }),
        }
    }
    groups
}

fn key(finding: &Finding) -> u64 {
    let mut hash = DefaultHasher::new();
    hash.write(finding.rule.as_bytes());
    hash.write_u8(finding.severity as u8);
    for (at, part) in finding.message.split('`').enumerate() {
        // Every second part stands between backticks.
        if at % 2 == 0 {
            hash.write(part.as_bytes());
        }
        hash.write_u8(0xFF);
    }
    // Advice that says another thing belongs to another finding; what differs in names and numbers only is the same advice.
    for part in finding.help.iter().flat_map(|help| help.split('`').step_by(2)) {
        part.bytes().filter(u8::is_ascii_alphabetic).for_each(|byte| hash.write_u8(byte));
    }
    if let Some(plan) = &finding.plan {
        hash.write(plan.place.source.path().as_bytes());
        hash.write_u32(plan.place.span.start);
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Findings;
    use crate::source::{Place, Source, Span};

    #[test]
    fn findings_with_other_advice_stand_apart() {
        let source = Source::new("x", b"x".to_vec());
        let place = Place::new(&source, Span::new(0, 1));
        let mut out = Findings::new();
        for (name, help) in [
            ("a", Some("look at pid 12, 13 of `a`")),
            ("b", Some("look at pid 7 of `b`")),
            ("c", Some("install it")),
            ("d", None),
        ] {
            let finding = out.add(&place, format!("`{name}` is ill"));
            if let Some(help) = help {
                finding.help(help);
            }
        }
        let all = out.into_vec();
        let sizes: Vec<usize> = alike(&all).iter().map(|group| group.others.len()).collect();
        assert_eq!(sizes, [1, 0, 0]);
    }
}
