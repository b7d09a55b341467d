//! Which pods of a call a Service selects.

use std::collections::{HashMap, HashSet};

use super::kustomize::Kustomize;
use crate::fleet::Fleet;
use crate::model::{Manifest, Spanned};
use crate::source::Source;
use crate::syntax::yaml::Node;

/// Labels that controllers add to the pods they make.
const MADE: [&str; 9] = [
    "pod-template-hash",
    "controller-revision-hash",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "job-name",
    "controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid",
    "serving.knative.dev/revision",
];
/// Pods that one look-up compares at most.
const MAX_COMPARED: usize = 256;

/// What makes pods with known labels.
pub(super) struct Candidate<'f> {
    /// The object.
    pub(super) object: &'f Manifest,
    labels: HashMap<&'f str, &'f str>,
}

/// The pods of a call.
pub(super) struct Pods<'f> {
    all: Vec<Candidate<'f>>,
    by_label: HashMap<(&'f str, &'f str), Vec<usize>>,
    by_folder: HashMap<&'f str, Vec<usize>>,
    /// Label values and names of objects of other tools, which may make pods with them.
    foreign: HashSet<&'f str>,
    /// Folders with a template: what it makes is not known.
    templated: HashSet<&'f str>,
    /// Folder → words of its files that are no YAML in some part, with how often they stand there.
    broken: HashMap<&'f str, HashMap<&'f [u8], usize>>,
    /// Paths of those files.
    broken_files: HashSet<&'f str>,
    /// How kustomize puts the files together.
    pub(super) kustomize: Kustomize<'f>,
}

/// One `key: value` of a selector.
pub(super) type Pair<'f> = (&'f str, &'f str, &'f Node);

impl<'f> Pods<'f> {
    /// The pods of a call.
    pub(super) fn of(fleet: &'f Fleet) -> Self {
        let mut pods = Self {
            all: Vec::new(),
            by_label: HashMap::new(),
            by_folder: HashMap::new(),
            foreign: fleet.manifests.iter().flat_map(|file| &file.objects).flat_map(foreign).collect(),
            templated: fleet.templates.iter().map(|path| super::kustomize::folder_of(path)).collect(),
            broken: words(fleet),
            broken_files: broken(fleet).map(|source| source.path()).collect(),
            kustomize: Kustomize::of(fleet),
        };
        let mut named: HashMap<(&str, &str), usize> = HashMap::new();
        let objects = || fleet.manifests.iter().flat_map(|file| &file.objects);
        // Parts last: they are laid over the whole object of their name.
        for object in objects().filter(|object| !object.partial).chain(objects().filter(|one| one.partial)) {
            let Some(mut labels) = labels(object) else { continue };
            let name = object.name.as_ref().map_or("", |name| name.value.as_str());
            let key = (object.kind.value.as_str(), name);
            match named.get(&key).filter(|_| object.partial) {
                Some(whole) => {
                    for (key, value) in &pods.all[*whole].labels {
                        labels.entry(key).or_insert(value);
                    }
                }
                None => {
                    named.insert(key, pods.all.len());
                }
            }
            pods.add(Candidate { object, labels });
        }
        pods
    }

    fn add(&mut self, candidate: Candidate<'f>) {
        let at = self.all.len();
        for (key, value) in &candidate.labels {
            self.by_label.entry((key, value)).or_default().push(at);
        }
        let folder = super::kustomize::folder_of(candidate.object.source.path());
        self.by_folder.entry(folder).or_default().push(at);
        self.all.push(candidate);
    }

    /// The pairs of a Service's selector that can be compared; `None` when it has none, or what it selects is not told by
    /// the files alone.
    pub(super) fn selector(&self, service: &'f Manifest) -> Option<Vec<Pair<'f>>> {
        let spec = service.tree.get("spec")?;
        if spec.get("type").and_then(Node::text) == Some("ExternalName") {
            return None;
        }
        let pairs = spec.get("selector")?.entries().iter();
        let pairs = pairs.filter_map(|entry| Some((entry.key.text()?, entry.value.text()?, &entry.value)));
        let pairs: Vec<Pair<'f>> =
            pairs.filter(|(key, ..)| !MADE.contains(key) && !self.kustomize.sets_label(key)).collect();
        let templated = pairs.iter().any(|(_, value, _)| crate::rules::pods::is_placeholder(value));
        (!pairs.is_empty() && !templated).then_some(pairs)
    }

    /// The pods that a selector finds in the namespace of an object; `None` when there are too many to compare.
    pub(super) fn selected(&self, service: &Manifest, pairs: &[Pair<'_>]) -> Option<Vec<&Candidate<'f>>> {
        let lists = pairs.iter().map(|(key, value, _)| self.by_label.get(&(*key, *value)));
        let shortest = lists.map(|list| list.map_or(&[][..], Vec::as_slice)).min_by_key(|list| list.len())?;
        if shortest.len() > MAX_COMPARED {
            return None;
        }
        let candidates = shortest.iter().map(|at| &self.all[*at]);
        let holds = |candidate: &&Candidate<'_>| {
            pairs.iter().all(|(key, value, _)| candidate.labels.get(key) == Some(value))
                && self.same_namespace(service, candidate.object)
        };
        Some(candidates.filter(holds).collect())
    }

    /// A pod of another namespace that has all of the labels.
    pub(super) fn in_other_namespace(
        &self,
        service: &Manifest,
        pairs: &[Pair<'_>],
    ) -> Option<&Candidate<'f>> {
        let (key, value, _) = pairs.first()?;
        let list = self.by_label.get(&(*key, *value)).map(Vec::as_slice).unwrap_or_default();
        let candidates = list.iter().take(MAX_COMPARED).map(|at| &self.all[*at]);
        let holds = |candidate: &&Candidate<'_>| {
            pairs.iter().all(|(key, value, _)| candidate.labels.get(key) == Some(value))
                && !self.same_namespace(service, candidate.object)
        };
        candidates.into_iter().find(holds)
    }

    /// Whether any pod of the namespace has this label.
    pub(super) fn any_has(&self, service: &Manifest, (key, value, _): &Pair<'_>) -> bool {
        let list = self.by_label.get(&(*key, *value)).map(Vec::as_slice).unwrap_or_default();
        list.iter().take(MAX_COMPARED).any(|at| self.same_namespace(service, self.all[*at].object))
    }

    /// Whether pods that a selector means may be made by something that is not seen here: a template beside it, a file that
    /// is no YAML, an operator's object that goes by one of the values, or the cluster itself.
    pub(super) fn may_be_elsewhere(&self, service: &Manifest, pairs: &[Pair<'_>]) -> bool {
        let folder = super::kustomize::folder_of(service.source.path());
        if self.templated.contains(folder) || self.may_be_broken(folder, service, pairs) {
            return true;
        }
        service.namespace.as_ref().is_some_and(|said| said.value == "kube-system")
            // A value that pods of the call have is explained by them.
            || pairs.iter().any(|pair| self.foreign.contains(pair.1) && !self.any_has(service, pair))
    }

    /// Whether files of the folder that cannot be read in some part say every value of a selector, besides the selector.
    fn may_be_broken(&self, folder: &str, service: &Manifest, pairs: &[Pair<'_>]) -> bool {
        let Some(words) = self.broken.get(folder) else { return false };
        let own = usize::from(self.broken_files.contains(service.source.path()));
        pairs.iter().all(|(_, value, _)| words.get(value.as_bytes()).is_some_and(|count| *count > own))
    }

    /// Pods in the folder of an object and in its namespace that have one of the keys.
    pub(super) fn beside(&self, service: &'f Manifest, pairs: &[Pair<'_>]) -> Vec<&Candidate<'f>> {
        let folder = super::kustomize::folder_of(service.source.path());
        let list = self.by_folder.get(folder).map(Vec::as_slice).unwrap_or_default();
        let candidates = list.iter().take(MAX_COMPARED).map(|at| &self.all[*at]);
        let shares =
            |candidate: &&Candidate<'_>| pairs.iter().any(|(key, ..)| candidate.labels.contains_key(key));
        candidates.filter(|one| self.same_namespace(service, one.object)).filter(shares).collect()
    }

    /// Whether two objects may end up in one namespace: who says none is put where the caller says.
    fn same_namespace(&self, one: &Manifest, other: &Manifest) -> bool {
        let said = |object: &Manifest| object.namespace.as_ref().map(|said| said.value.clone());
        match (said(one), said(other)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }
}

impl<'f> Candidate<'f> {
    /// The value of a label.
    pub(super) fn label(&self, key: &str) -> Option<&'f str> {
        self.labels.get(key).copied()
    }
}

/// The labels of the pods that an object makes; of unknown kinds those of what looks like a template.
fn labels(object: &Manifest) -> Option<HashMap<&str, &str>> {
    let mut labels: HashMap<&str, &str> = match &object.pod {
        Some(pod) => pairs(&pod.labels).collect(),
        None => {
            let template = object.tree.at(&["spec", "template", "metadata", "labels"])?;
            let entries = template.entries().iter();
            entries.filter_map(|entry| Some((entry.key.text()?, entry.value.text()?))).collect()
        }
    };
    // knative/serving `pkg/reconciler/revision/resources/meta.go`.
    if let Some(name) = object.name.as_ref().filter(|_| object.is_knative()) {
        labels.insert("serving.knative.dev/configuration", &name.value);
        if object.kind.value == "Service" {
            labels.insert("serving.knative.dev/service", &name.value);
        }
    }
    Some(labels)
}

/// Files that are no YAML in some part.
fn broken(fleet: &Fleet) -> impl Iterator<Item = &Source> {
    fleet.manifests.iter().filter(|file| !file.problems.is_empty()).map(|file| &*file.source)
}

/// What broken files say, as words that may be values of labels, by folder.
fn words(fleet: &Fleet) -> HashMap<&str, HashMap<&[u8], usize>> {
    let mut found: HashMap<&str, HashMap<&[u8], usize>> = HashMap::new();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    for source in broken(fleet) {
        let words = found.entry(super::kustomize::folder_of(source.path())).or_default();
        for word in source.bytes().split(|byte| !is_part(byte)).filter(|word| !word.is_empty()) {
            *words.entry(word).or_default() += 1;
        }
    }
    found
}

/// What pods of an object of another tool may be labelled with: its name and the values of its labels.
fn foreign(object: &Manifest) -> Vec<&str> {
    let makes_none = matches!(object.kind.value.as_str(), "ServiceMonitor" | "PodMonitor" | "PrometheusRule")
        || matches!(object.group(), "networking.istio.io" | "security.istio.io" | "cert-manager.io");
    if object.has_known_api() || object.is_kustomization() || makes_none {
        return Vec::new();
    }
    let own = object.labels.iter().map(|label| label.value.1.as_str());
    own.chain(object.name.as_ref().map(|name| name.value.as_str())).collect()
}

fn pairs(labels: &[Spanned<(smol_str::SmolStr, smol_str::SmolStr)>]) -> impl Iterator<Item = (&str, &str)> {
    labels.iter().map(|pair| (pair.value.0.as_str(), pair.value.1.as_str()))
}
