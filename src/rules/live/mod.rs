//! Rules of the group `live`: what a running fleet answers, and what its containers are.

mod answer;
pub(in crate::rules) mod common;

rules!("live":
    health_contract "health-contract" Error on,
    metrics_contract "metrics-contract" Error on,
    manifest_contract "manifest-contract" Error on,
    live_user "live-user" Error on,
    live_init "live-init" Error on,
    live_port "live-port" Error on,
    live_health "live-health" Error on,
    live_image "live-image" Error on,
    live_cuda "live-cuda" Error on,
);
