//! Endpoints whose silence another finding explains: one cause, one finding.

use crate::model::{Answer, ContractPort, LiveEndpoint, LiveFleet};
use crate::plan::Plan;
use crate::rules::{Rule, silent_port_explains};

/// The rule that looks at the sockets of containers.
const RULE: &str = "live-port";

/// Whether nobody answers because nobody in the container listens there for others, which `live-port` says.
pub(super) fn by_port(
    rules: &[&'static Rule],
    endpoint: &LiveEndpoint,
    fleet: &LiveFleet,
    plan: &Plan,
) -> bool {
    let is_silent = matches!(endpoint.answer, Answer::Failed(_));
    if !is_silent || rules.iter().all(|rule| rule.id != RULE) {
        return false;
    }
    let container = endpoint
        .container
        .as_ref()
        .and_then(|name| fleet.containers.iter().find(|container| container.name == *name));
    let row = endpoint.service.and_then(|at| plan.services.get(at));
    let (Some(container), Some(row)) = (container, row) else { return false };
    let (service, health) = (row.service_port.as_ref(), row.health_port.as_ref());
    let port = match &endpoint.contract.port {
        ContractPort::Number(port) => Some(port),
        ContractPort::Health => health.or(service),
        ContractPort::Service => service.or(health),
    };
    port.is_some_and(|port| silent_port_explains(container, port.value, plan))
}
