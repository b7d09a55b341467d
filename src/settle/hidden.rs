//! One file may be held twice, read in its own turn and as somebody's base: what one of the two hides, both hide.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Settled;
use crate::finding::Finding;
use crate::source::{Place, Source, Span};

/// Makes every text that the findings show hide what any text of the same path hides.
pub(super) fn share(settled: &Settled) {
    let mut hidden: HashMap<&str, Vec<(&Source, Vec<Span>)>> = HashMap::new();
    let sources = sources(settled);
    for source in &sources {
        let spans = source.hidden();
        if !spans.is_empty() {
            hidden.entry(source.path()).or_default().push((source, spans));
        }
    }
    if hidden.is_empty() {
        return;
    }
    for source in sources {
        let others = hidden.get(source.path()).filter(|_| source.hidden().is_empty());
        let same = others.and_then(|others| others.iter().find(|(other, _)| other.is_same(source)));
        if let Some((_, spans)) = same {
            spans.iter().for_each(|span| source.hide(*span));
        }
    }
}

/// Every text that a finding shows, once.
fn sources(settled: &Settled) -> Vec<&Arc<Source>> {
    let mut seen = HashSet::new();
    let shown = settled.findings.iter().chain(&settled.open).flat_map(places).map(|place| &place.source);
    shown.filter(|source| seen.insert(Arc::as_ptr(source))).collect()
}

fn places(finding: &Finding) -> impl Iterator<Item = &Place> {
    let steps = finding.plan.iter().chain(&finding.origin).chain(&finding.related);
    std::iter::once(&finding.place).chain(steps.map(|step| &step.place))
}
