//! Deployment files: compose projects, Kubernetes objects and workflows are read, laid over their images, and judged.

mod overridden;
pub(super) mod projects;

use std::sync::Arc;

use super::judge::Scope;
use crate::collect::{Input, NameKind, classify};
use crate::finding::{Finding, Findings};
use crate::lower::compose::{ComposeRequest, load};
use crate::lower::{kubernetes, lookups, workflow};
use crate::model::{Manifest, ManifestFile, Project, ProjectProblemKind, Workflow, Workload, WorkloadKind};
use crate::plan::PlanIndex;
use crate::rules::Check;
use crate::settle::Suppressions;
use crate::source::{Source, Span};
use crate::syntax::yaml::{self, Document};

/// What the deployment files of a call say, and what their rules say about them.
#[derive(Default)]
pub(super) struct Deployments {
    pub(super) projects: Vec<Project>,
    pub(super) manifests: Vec<ManifestFile>,
    /// Paths of manifests that are templates.
    pub(super) templates: Vec<String>,
    pub(super) workflows: Vec<Workflow>,
    pub(super) findings: Vec<Finding>,
    pub(super) suppressions: Vec<Suppressions>,
    /// Files that cannot be judged: name and reason.
    pub(super) not_checked: Vec<(String, String)>,
    /// Files that cannot be read.
    pub(super) unread: Vec<(String, String)>,
}

/// Deployment files of a call.
#[derive(Default)]
pub(super) struct Files {
    pub(super) compose: Vec<Input>,
    pub(super) yaml: Vec<Input>,
    pub(super) workflows: Vec<Input>,
    /// Named one by one: what they hold says what they are.
    pub(super) by_content: Vec<Input>,
    /// Read already, as manifests: standard input.
    pub(super) read: Vec<Arc<Source>>,
}

impl Files {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        let lists = [&self.compose, &self.yaml, &self.workflows, &self.by_content];
        lists.iter().all(|list| list.is_empty()) && self.read.is_empty()
    }
}

/// Whether standard input holds a deployment file: by the name it goes by, else by its text (`kubectl get -o json`).
pub(super) fn is_deployment(source: &Source) -> bool {
    let name = source.path().rsplit('/').next().unwrap_or_default();
    match classify(name) {
        NameKind::Compose | NameKind::Yaml => true,
        NameKind::Other | NameKind::Json => is_manifest(source.bytes()),
        _ => false,
    }
}

/// Reads and judges all deployment files.
pub(super) fn all(scope: &Scope<'_>, files: &Files, index: &PlanIndex) -> Deployments {
    let mut all = Deployments::default();
    let mut compose = all.read(&files.compose);
    for source in all.read(&files.by_content) {
        if is_manifest(source.bytes()) {
            all.manifest(scope, &source, index);
        } else if is_compose(&source) {
            compose.push(source);
        } else {
            let reason = "neither a compose file nor a Kubernetes manifest".to_owned();
            all.not_checked.push((source.path().to_owned(), reason));
        }
    }
    all.compose(scope, compose, index);
    for input in &files.yaml {
        match input.read() {
            Ok(source) if is_manifest(source.bytes()) || kubernetes::is_kustomization(&source) => {
                all.manifest(scope, &source, index)
            }
            Ok(_) => {}
            Err(problem) => all.unread.push((problem.path, problem.message)),
        }
    }
    for source in &files.read {
        all.manifest(scope, source, index);
    }
    for input in &files.workflows {
        match input.read() {
            Ok(source) => all.workflow(scope, &source),
            Err(problem) => all.unread.push((problem.path, problem.message)),
        }
    }
    all
}

/// Whether a text may hold Kubernetes objects. Cheap, because most YAML files of a repository hold none.
fn is_manifest(bytes: &[u8]) -> bool {
    let holds = |text: &[u8]| memchr::memmem::find(bytes, text).is_some();
    holds(b"apiVersion") && holds(b"kind")
}

/// Whether a text of any name is a compose file: it has `services`, and each of them is a mapping.
fn is_compose(source: &Arc<Source>) -> bool {
    let stream = yaml::parse(source);
    let services = stream.documents.iter().find_map(|document| document.root.get("services"));
    services.is_some_and(|services| services.entries().iter().any(|entry| entry.value.is_mapping()))
}

impl Deployments {
    /// Whether no file turned out to deploy anything.
    pub(super) fn is_empty(&self) -> bool {
        let objects = self.manifests.iter().any(|file| !file.objects.is_empty() || !file.problems.is_empty());
        self.projects.is_empty() && self.workflows.is_empty() && !objects
    }

    /// The texts of files; what cannot be read is noted.
    fn read(&mut self, inputs: &[Input]) -> Vec<Arc<Source>> {
        let mut sources = Vec::with_capacity(inputs.len());
        for input in inputs {
            match input.read() {
                Ok(source) => sources.push(source),
                Err(problem) => self.unread.push((problem.path, problem.message)),
            }
        }
        sources
    }

    fn compose(&mut self, scope: &Scope<'_>, sources: Vec<Arc<Source>>, index: &PlanIndex) {
        for group in projects::group(sources) {
            let request = ComposeRequest {
                sources: &group.sources,
                files: scope.files,
                images: scope.bases,
                environment: &[],
            };
            let mut project = load(request);
            if let Some(template) = project.problems.iter().find(|it| it.kind == ProjectProblemKind::Template)
            {
                let path = template.place.source.path().to_owned();
                self.not_checked.push((path, "a template, not rendered".to_owned()));
                continue;
            }
            project.partial = group.partial;
            project.variant = group.variant;
            if group.partial {
                // What the other files say is not known here.
                project.problems.retain(|problem| problem.kind != ProjectProblemKind::Reference);
            }
            project.lookups = lookups::look_up(&project, scope.files);
            for workload in &mut project.services {
                workload.service = crate::fleet::row_of_workload(workload, None, scope.plan, index);
            }
            for file in &project.files {
                self.suppress(&file.source, &file.documents, &file.comments);
            }
            // What others take in is judged with them.
            let workloads = if group.used { &[][..] } else { &project.services };
            let mut findings = judge_project(scope, &project, workloads);
            if let Some(last) = project.files.last().filter(|_| group.variant) {
                // What the other files say is judged where they stand by themselves.
                findings.retain(|finding| finding.place.source.path() == last.source.path());
            }
            self.findings.append(&mut findings);
            self.projects.push(project);
        }
    }

    fn manifest(&mut self, scope: &Scope<'_>, source: &Arc<Source>, index: &PlanIndex) {
        let stream = yaml::parse(source);
        if stream.template.is_some() {
            self.not_checked.push((source.path().to_owned(), "a template, not rendered".to_owned()));
            self.templates.push(source.path().to_owned());
            return;
        }
        self.suppress(source, &stream.documents, &stream.comments);
        let mut file = kubernetes::manifests(source, stream, scope.bases);
        for object in &mut file.objects {
            let Some(pod) = &mut object.pod else { continue };
            // The name of the object says what its only container is, and nothing of several.
            let is_main = |workload: &Workload| workload.kind != WorkloadKind::PodInit;
            let alone = pod.containers.iter().filter(|workload| is_main(workload)).count() == 1;
            for workload in &mut pod.containers {
                let name = object.name.as_ref().filter(|_| alone && is_main(workload));
                let name = name.map(|name| name.value.as_str());
                workload.service = crate::fleet::row_of_workload(workload, name, scope.plan, index);
            }
        }
        self.findings.extend(judge_manifests(scope, &file));
        self.manifests.push(file);
    }

    /// Notes the suppressions of a file, once however many projects it is part of.
    fn suppress(&mut self, source: &Arc<Source>, documents: &[Document], comments: &[Span]) {
        let found = Suppressions::read_yaml(source, documents, comments);
        if !found.is_empty() && !self.suppressions.iter().any(|known| known.path() == source.path()) {
            self.suppressions.push(found);
        }
    }

    fn workflow(&mut self, scope: &Scope<'_>, source: &Arc<Source>) {
        let stream = yaml::parse(source);
        self.suppress(source, &stream.documents, &stream.comments);
        let workflow = workflow::workflow(source, stream);
        let mut out = Findings::new();
        for rule in scope.rules {
            for check in rule.check.each() {
                if let Check::Workflow(check) = check {
                    out.speak_for(rule.id, rule.severity);
                    check(&workflow, scope.plan, &mut out);
                }
            }
        }
        self.findings.extend(out.into_vec());
        self.workflows.push(workflow);
    }
}

fn judge_project(scope: &Scope<'_>, project: &Project, workloads: &[Workload]) -> Vec<Finding> {
    let mut out = Findings::new();
    for rule in scope.rules {
        for check in rule.check.each() {
            if let Check::Project(check) = check {
                out.speak_for(rule.id, rule.severity);
                out.concern(None, None);
                check(project, scope.plan, &mut out);
            }
        }
    }
    for workload in workloads {
        judge_workload(scope, workload, &mut out);
    }
    overridden::show(project, out)
}

fn judge_manifests(scope: &Scope<'_>, file: &ManifestFile) -> Vec<Finding> {
    let mut out = Findings::new();
    for rule in scope.rules {
        for check in rule.check.each() {
            if let Check::Manifests(check) = check {
                out.speak_for(rule.id, rule.severity);
                out.concern(None, None);
                check(file, scope.plan, &mut out);
            }
        }
    }
    let pods = file.objects.iter().filter_map(|object: &Manifest| object.pod.as_ref());
    for workload in pods.flat_map(|pod| &pod.containers) {
        judge_workload(scope, workload, &mut out);
    }
    out.into_vec()
}

/// Lets the rules of workloads speak about one container.
fn judge_workload(scope: &Scope<'_>, workload: &Workload, out: &mut Findings) {
    let service = workload.service.map(|row| scope.plan.services[row].name.value.clone());
    out.concern(service, Some(workload.subject.clone()));
    for rule in scope.rules {
        for check in rule.check.each() {
            if let Check::Workload(check) = check {
                out.speak_for(rule.id, rule.severity);
                check(workload, scope.plan, out);
            }
        }
    }
}
