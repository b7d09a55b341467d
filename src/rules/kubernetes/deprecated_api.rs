//! `deprecated-api`: the API version is one that servers still have.
//!
//! Kubernetes documentation, "Deprecated API Migration Guide".

use crate::finding::Findings;
use crate::model::ManifestFile;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Manifests(check);

pub(in crate::rules) use crate::rules::always as planned;

/// API version, kinds (empty: all), the release without it, what to write instead (empty: nothing).
const GONE: &[(&str, &[&str], &str, &str)] = &[
    ("extensions/v1beta1", &["Ingress"], "1.22", "networking.k8s.io/v1"),
    ("extensions/v1beta1", &["NetworkPolicy"], "1.16", "networking.k8s.io/v1"),
    ("extensions/v1beta1", &["PodSecurityPolicy"], "1.16", ""),
    ("extensions/v1beta1", &["Deployment", "DaemonSet", "ReplicaSet"], "1.16", "apps/v1"),
    ("apps/v1beta1", &[], "1.16", "apps/v1"),
    ("apps/v1beta2", &[], "1.16", "apps/v1"),
    ("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], "1.22", "networking.k8s.io/v1"),
    ("rbac.authorization.k8s.io/v1beta1", &[], "1.22", "rbac.authorization.k8s.io/v1"),
    ("rbac.authorization.k8s.io/v1alpha1", &[], "1.22", "rbac.authorization.k8s.io/v1"),
    ("apiextensions.k8s.io/v1beta1", &[], "1.22", "apiextensions.k8s.io/v1"),
    ("admissionregistration.k8s.io/v1beta1", &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"], "1.22", "admissionregistration.k8s.io/v1"),
    ("apiregistration.k8s.io/v1beta1", &[], "1.22", "apiregistration.k8s.io/v1"),
    ("certificates.k8s.io/v1beta1", &["CertificateSigningRequest"], "1.22", "certificates.k8s.io/v1"),
    ("coordination.k8s.io/v1beta1", &["Lease"], "1.22", "coordination.k8s.io/v1"),
    ("scheduling.k8s.io/v1beta1", &["PriorityClass"], "1.22", "scheduling.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", &["StorageClass", "VolumeAttachment", "CSIDriver", "CSINode"], "1.22", "storage.k8s.io/v1"),
    ("batch/v1beta1", &["CronJob"], "1.25", "batch/v1"),
    ("batch/v2alpha1", &["CronJob"], "1.21", "batch/v1"),
    ("policy/v1beta1", &["PodDisruptionBudget"], "1.25", "policy/v1"),
    ("policy/v1beta1", &["PodSecurityPolicy"], "1.25", ""),
    ("discovery.k8s.io/v1beta1", &["EndpointSlice"], "1.25", "discovery.k8s.io/v1"),
    ("events.k8s.io/v1beta1", &["Event"], "1.25", "events.k8s.io/v1"),
    ("node.k8s.io/v1beta1", &["RuntimeClass"], "1.25", "node.k8s.io/v1"),
    ("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], "1.25", "autoscaling/v2"),
    ("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], "1.26", "autoscaling/v2"),
    ("flowcontrol.apiserver.k8s.io/v1beta1", &[], "1.26", "flowcontrol.apiserver.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta2", &[], "1.29", "flowcontrol.apiserver.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta3", &[], "1.32", "flowcontrol.apiserver.k8s.io/v1"),
    ("serving.knative.dev/v1alpha1", &["Service", "Configuration", "Route", "Revision"], "", "serving.knative.dev/v1"),
    ("serving.knative.dev/v1beta1", &["Service", "Configuration", "Route", "Revision"], "", "serving.knative.dev/v1"),
];

fn check(file: &ManifestFile, _plan: &Plan, out: &mut Findings) {
    for object in &file.objects {
        let version = object.api_version.value.as_str();
        let kind = object.kind.value.as_str();
        let row = GONE.iter().find(|(gone, kinds, ..)| {
            *gone == version && (kinds.is_empty() || kinds.contains(&kind))
        });
        let Some((_, _, since, instead)) = row else { continue };
        let by = match *since {
            "" => "Knative 1.0".to_owned(),
            release => format!("Kubernetes {release}"),
        };
        let finding = out.add(
            &object.api_version.place,
            format!("`{version}` of a {kind} is gone since {by}"),
        );
        finding.subject(object.label());
        if instead.is_empty() {
            finding.help("leave the object out; what it did is done by pod security admission");
        } else {
            finding.help(format!("write `{instead}`, and look through the fields that changed"));
        }
    }
}
