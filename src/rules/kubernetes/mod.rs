//! What the API server and kubelet do with objects, one by one and together.

mod kustomize;
mod select;
mod typed;

rules! { "kubernetes":
    kubernetes_type "kubernetes-type" Error on,
    empty_field "empty-field" Error on,
    deprecated_api "deprecated-api" Error on,
    duplicate_object "duplicate-object" Error on,
    kustomization_lists "kustomization-lists" Warning on,
    selector_match "selector-match" Error on,
    target_port "target-port" Error on,
    probe_port "probe-port" Error on,
    probe_shape "probe-shape" Error on,
    probe_missing "probe-missing" Warning off,
    env_duplicate "env-duplicate" Warning on,
    resources_missing "resources-missing" Warning off,
}

#[cfg(test)]
mod tests;
