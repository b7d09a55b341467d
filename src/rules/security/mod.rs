//! What a container may do to its host: advice of other linters, off unless it is asked for.

rules! { "security":
    privileged "privileged" Warning off,
    host_namespace "host-namespace" Warning off,
    engine_socket "engine-socket" Warning off,
    host_path "host-path" Warning off,
    privilege_escalation "privilege-escalation" Warning off,
    capabilities "capabilities" Warning off,
    capabilities_kept "capabilities-kept" Note off,
    read_only_root "read-only-root" Note off,
    user_id_low "user-id-low" Note off,
    image_digest "image-digest" Note off,
    image_registry "image-registry" Warning on,
}
