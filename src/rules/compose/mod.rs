//! Compose projects, and what plans say about how containers are deployed.

mod order;
mod problems;
mod written;

rules! { "compose":
    compose_schema "compose-schema" Error on,
    compose_user_type "compose-user-type" Error on,
    compose_reference "compose-reference" Error on,
    compose_version "compose-version" Warning on,
    build_context "build-context" Error on,
    mount_source "mount-source" Warning on,
    network_overlap "network-overlap" Error on,
    container_name_duplicate "container-name-duplicate" Error on,
    container_name_form "container-name-form" Error on,
    dependency_health "dependency-health" Error on,
    port_quotes "port-quotes" Warning on,
    resource_order "resource-order" Error on,
    resource_limits "resource-limits" Error on,
    log_limits "log-limits" Error on,
    read_only_mount "read-only-mount" Error on,
    root_file_system "root-file-system" Note on,
    restart_policy "restart-policy" Error on,
    build_and_image "build-and-image" Note off,
    port_interface "port-interface" Warning off,
    variable_unset "variable-unset" Warning off,
    project_name "project-name" Note off,
    volume_quotes "volume-quotes" Note off,
    service_order "service-order" Note off,
    key_order "key-order" Note off,
    top_level_order "top-level-order" Note off,
    port_order "port-order" Note off,
    dependency_order "dependency-order" Note off,
}

#[cfg(test)]
pub(in crate::rules) mod testing;

#[cfg(test)]
mod tests;
