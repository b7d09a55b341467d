//! `selector-match`: a selector finds pods.
//!
//! A workload's selector has to match its own template (`pkg/apis/apps/validation`); a Service that selects nothing has no
//! endpoints.

use std::collections::HashSet;

use super::select::{Pair, Pods};
use crate::finding::{Findings, Severity};
use crate::fleet::Fleet;
use crate::model::{Manifest, ManifestFile};
use crate::nearest::distance;
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::pods::whole_pods;
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Manifests(workloads), Check::Fleet(services)]);

pub(in crate::rules) use crate::rules::always as planned;

/// Labels that are compared with a selector that finds none.
const MAX_NEAR: usize = 64;

fn workloads(file: &ManifestFile, _plan: &Plan, out: &mut Findings) {
    for (object, pod) in whole_pods(&file.objects) {
        let selector = match (object.group(), object.kind.value.as_str()) {
            ("apps" | "extensions", _) => object.tree.at(&["spec", "selector", "matchLabels"]),
            ("", "ReplicationController") => object.tree.at(&["spec", "selector"]),
            _ => continue,
        };
        for entry in selector.map(Node::entries).unwrap_or_default() {
            let (Some(key), Some(value)) = (entry.key.text(), entry.value.text()) else { continue };
            let own = pod.labels.iter().rev().find(|label| label.value.0 == key);
            if own.is_some_and(|own| own.value.1 == value) || value.contains(['$', '{']) {
                continue;
            }
            let has = match own {
                Some(own) => format!("its own pods have `{key}: {}`", own.value.1),
                None => format!("its own pods have no label `{key}`"),
            };
            let message = format!("selects `{key}: {value}`, and {has}, so the API server refuses it");
            let finding = out.add(&entry.value.place, message);
            finding.subject(object.label());
            finding.related(own.map_or(&pod.place, |own| &own.place), "the labels of the pods");
        }
    }
}

fn services(fleet: &Fleet, _plan: &Plan, out: &mut Findings) {
    let pods = Pods::of(fleet);
    if pods.kustomize.may_relabel() {
        return;
    }
    let objects = fleet.manifests.iter().flat_map(|file| &file.objects);
    for service in objects.filter(|object| object.is_service() && !object.partial) {
        let Some(pairs) = pods.selector(service) else { continue };
        if pods.selected(service, &pairs).is_none_or(|selected| !selected.is_empty()) {
            continue;
        }
        report(service, &pairs, &pods, out);
    }
}

/// A Service without pods is told only beside pods that it could mean: others are made elsewhere.
fn report(service: &Manifest, pairs: &[Pair<'_>], pods: &Pods<'_>, out: &mut Findings) {
    let beside = pods.beside(service, pairs);
    let far = pods.in_other_namespace(service, pairs);
    if let (true, Some(pod), Some((key, value, node))) = (beside.is_empty(), far, pairs.first()) {
        // The same file makes them, so no other one does in the Service's namespace.
        if pod.object.source.path() == service.source.path() {
            let namespace = pod.object.namespace.as_ref().map_or("default", |said| said.value.as_str());
            let message = format!("selects `{key}: {value}`, and the pods with this label are in the namespace `{namespace}`");
            let finding = out.add(&node.place, message);
            finding.subject(service.label());
            finding.related(&pod.object.kind.place, "the pods");
        }
        return;
    }
    if beside.is_empty() || pods.may_be_elsewhere(service, pairs) {
        return;
    }
    let wrong = pairs.iter().find(|pair| !pods.any_has(service, pair));
    let Some((key, value, node)) = wrong.or(pairs.first()) else { return };
    let message = match wrong {
        Some(_) => format!("selects `{key}: {value}`, and no pod of the namespace has this label"),
        None => "selects labels that no pod of the namespace has together".to_owned(),
    };
    let mut seen = HashSet::new();
    let known = beside.iter().filter_map(|pod| pod.label(key)).filter(|said| said != value && seen.insert(*said));
    let near = known.take(MAX_NEAR).map(|said| (distance(said, value), said)).min_by_key(|(distance, _)| *distance);
    let finding = out.add(&node.place, message);
    finding.subject(service.label());
    if let Some((_, near)) = near {
        finding.help(format!("the nearest label of a pod beside it is `{key}: {near}`"));
    }
    let same_file = beside.iter().any(|pod| pod.object.source.path() == service.source.path());
    let close = near.is_some_and(|(distance, _)| value.len() > 3 && distance <= 2);
    if !same_file && !close {
        finding.severity(Severity::Warning);
    }
}
