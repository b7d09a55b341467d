//! How the container is watched.

mod watch;

pub(in crate::rules) use healthcheck::{mends as healthcheck_mends, planned as healthcheck_planned};

rules! { "health":
    healthcheck "healthcheck" Error on,
    healthcheck_endpoint "healthcheck-endpoint" Error on,
    healthcheck_timing "healthcheck-timing" Error on,
    healthcheck_tool "healthcheck-tool" Error on,
    healthcheck_noop "healthcheck-noop" Warning on,
    healthcheck_form "healthcheck-form" Error on,
    health_label "health-label" Error on,
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod tool_tests;
