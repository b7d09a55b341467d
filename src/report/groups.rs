//! Near-identical findings, as copied files give them, put together.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use crate::finding::Finding;

/// Findings that differ only in place and in the values between backticks: the first, and the others in order.
#[derive(Debug)]
pub(super) struct Alike<'a> {
    pub(super) first: &'a Finding,
    pub(super) others: Vec<&'a Finding>,
}

/// Groups findings by rule, severity, message without its values, and line of the plan; groups in the order of their
/// first findings.
pub(super) fn alike(findings: &[Finding]) -> Vec<Alike<'_>> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    let mut index: HashMap<u64, usize> = HashMap::with_capacity(findings.len().min(1_024));
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
    if let Some(plan) = &finding.plan {
        hash.write(plan.place.source.path().as_bytes());
        hash.write_u32(plan.place.span.start);
    }
    hash.finish()
}
