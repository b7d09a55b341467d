//! Objects of Kubernetes manifests.

use std::sync::Arc;

use smol_str::SmolStr;

use super::fact::Spanned;
use super::workload::Workload;
use crate::source::{Place, Source};
use crate::syntax::yaml::{Node, Problem};

/// One file of Kubernetes objects.
#[derive(Debug)]
pub struct ManifestFile {
    /// The file.
    pub source: Arc<Source>,
    /// Its objects in order, those of a `List` one by one. What has no `apiVersion` and `kind` is left out.
    pub objects: Vec<Manifest>,
    /// What is wrong with it as YAML.
    pub problems: Vec<Problem>,
}

/// One object of a manifest.
#[derive(Debug)]
pub struct Manifest {
    /// The file.
    pub source: Arc<Source>,
    /// `apiVersion`.
    pub api_version: Spanned<SmolStr>,
    /// `kind`.
    pub kind: Spanned<SmolStr>,
    /// `metadata.name`.
    pub name: Option<Spanned<SmolStr>>,
    /// `metadata.namespace`.
    pub namespace: Option<Spanned<SmolStr>>,
    /// `metadata.labels`.
    pub labels: Vec<Spanned<(SmolStr, SmolStr)>>,
    /// `metadata.annotations`.
    pub annotations: Vec<Spanned<(SmolStr, SmolStr)>>,
    /// Where something missing is reported: `metadata.name`, or `kind` without one.
    pub place: Place,
    /// The pod that the object makes.
    pub pod: Option<Pod>,
    /// Whether it is only a part of an object, which a tool lays over a whole one (a patch of kustomize): a workload
    /// without selector or without a container's image, a Service without ports. What it lacks says nothing.
    pub partial: bool,
    /// The whole object.
    pub tree: Node,
}

/// A pod, or the template of one.
#[derive(Debug)]
pub struct Pod {
    /// Labels of the pod (of the template for what makes pods).
    pub labels: Vec<Spanned<(SmolStr, SmolStr)>>,
    /// Annotations of the pod.
    pub annotations: Vec<Spanned<(SmolStr, SmolStr)>>,
    /// Where something missing of the pod is reported.
    pub place: Place,
    /// Containers, then init containers.
    pub containers: Vec<Workload>,
    /// The pod's `spec`.
    pub spec: Node,
}

impl Manifest {
    /// `Deployment/web`, `Service/(no name)`.
    #[must_use]
    pub fn label(&self) -> SmolStr {
        let name = self.name.as_ref().map_or("(no name)", |name| name.value.as_str());
        SmolStr::new(format!("{}/{name}", self.kind.value))
    }

    /// The group of `apiVersion`; empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        self.api_version.value.split_once('/').map_or("", |(group, _)| group)
    }

    /// Whether the object is a `Service` of Kubernetes itself.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.kind.value == "Service" && self.group().is_empty()
    }

    /// Whether the object says how kustomize puts files together.
    #[must_use]
    pub fn is_kustomization(&self) -> bool {
        self.group() == "kustomize.config.k8s.io"
    }

    /// Whether the API is one of Kubernetes itself or of Knative Serving, whose fields are known. Other tools use
    /// `apiVersion` and `kind` for files of their own.
    #[must_use]
    pub fn has_known_api(&self) -> bool {
        let group = self.group();
        matches!(
            group,
            "" | "apps" | "batch" | "extensions" | "autoscaling" | "policy" | "serving.knative.dev"
        ) || (group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io") && !self.is_kustomization())
    }

    /// Whether a Knative object is written for Cloud Run, which follows laws of its own.
    #[must_use]
    pub fn is_cloud_run(&self) -> bool {
        let of_pod = self.pod.iter().flat_map(|pod| &pod.annotations);
        self.annotations.iter().chain(of_pod).any(|pair| pair.value.0.starts_with("run.googleapis.com/"))
    }

    /// Whether the object is one of Knative Serving.
    #[must_use]
    pub fn is_knative(&self) -> bool {
        self.group() == "serving.knative.dev"
    }
}
