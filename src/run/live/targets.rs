//! What is asked: the endpoints of planned services, of deployment files, and of the containers of an engine.

use std::sync::Arc;

use smol_str::SmolStr;

use super::super::RunError;
use super::FleetRequest;
use crate::live::{ContainerParts, Question};
use crate::model::{Answer, BodyReading, ContractPort, EndpointContract, LiveContainer, LiveEndpoint};
use crate::plan::{Plan, PlanIndex, ServiceRow, endpoint_contracts};
use crate::source::Place;

/// What a call is about: the plan, cut to the services and machines that were asked for.
pub(super) struct Scope<'a> {
    pub(super) request: &'a FleetRequest,
    pub(super) plan: &'a Plan,
    pub(super) index: &'a PlanIndex,
    /// Rows of the call, in the order of the plan.
    pub(super) rows: Vec<usize>,
}

/// One endpoint to ask.
pub(super) struct Target {
    pub(super) service: Option<usize>,
    pub(super) name: SmolStr,
    pub(super) machine: Option<SmolStr>,
    pub(super) place: Place,
    pub(super) contract: Arc<EndpointContract>,
    /// Addresses, the best first.
    pub(super) urls: Vec<SmolStr>,
    pub(super) container: Option<SmolStr>,
    /// Why it cannot be asked, of those that are not.
    pub(super) why_not: Option<SmolStr>,
}

/// What was found to ask.
#[derive(Default)]
pub(super) struct Found {
    pub(super) targets: Vec<Target>,
    /// Endpoints that a rule speaks of though nobody can ask them: the container has no network, is paused.
    pub(super) unasked: Vec<Target>,
    /// What is left out, and why.
    pub(super) not_checked: Vec<(String, String)>,
}

impl<'a> Scope<'a> {
    /// Cuts the plan to what the call asks for.
    ///
    /// # Errors
    /// When a machine or a service is not in the plan.
    pub(super) fn new(
        request: &'a FleetRequest,
        plan: &'a Plan,
        index: &'a PlanIndex,
    ) -> Result<Self, RunError> {
        Ok(Self { request, plan, index, rows: (0..plan.services.len()).collect() })
    }

    /// The row of a container: of its name, or of its label.
    pub(super) fn row_of(&self, parts: &ContainerParts) -> Option<usize> {
        let name = parts.inspect["Name"].as_str()?.trim_start_matches('/');
        self.index.service_named(name)
    }
}

impl Target {
    /// As the probe engine takes it.
    pub(super) fn question(&self) -> Question {
        Question {
            urls: self.urls.clone(),
            method: self.contract.method,
            body: self.contract.body.as_ref().map(|body| body.value.clone()),
            max_body: self.contract.max_body(),
            timeout: None,
        }
    }

    /// The endpoint before it answered.
    pub(super) fn blank(&self) -> LiveEndpoint {
        LiveEndpoint {
            service: self.service,
            name: self.name.clone(),
            machine: self.machine.clone(),
            place: self.place.clone(),
            contract: self.contract.clone(),
            url: self.urls.first().cloned().unwrap_or_default(),
            container: self.container.clone(),
            answer: Answer::NotAsked(self.why_not.clone().unwrap_or_default()),
            reading: BodyReading::None,
        }
    }

    /// The endpoint that was not asked.
    pub(super) fn unasked(&self) -> LiveEndpoint {
        self.blank()
    }
}

/// Everything that there is to ask.
///
/// # Errors
/// When there is nothing.
pub(super) fn find(scope: &Scope<'_>, containers: Option<&[LiveContainer]>) -> Result<Found, RunError> {
    let mut found = Found::default();
    for at in &scope.rows {
        let row = &scope.plan.services[*at];
        for contract in endpoint_contracts(scope.plan, Some(row)) {
            let Some(port) = port(row, &contract.port) else { continue };
            let host = scope.request.host.as_deref().unwrap_or("127.0.0.1");
            found.targets.push(Target {
                service: Some(*at),
                name: row.name.value.clone(),
                machine: None,
                place: row.name.place.clone(),
                urls: vec![format!("http://{host}:{port}{}", contract.path.value).into()],
                contract,
                container: None,
                why_not: None,
            });
        }
    }
    if found.targets.is_empty() && containers.is_none_or(<[_]>::is_empty) {
        return Err(RunError::new("there is nothing to ask"));
    }
    Ok(found)
}

fn port(row: &ServiceRow, port: &ContractPort) -> Option<u16> {
    let (health, service) = (row.health_port.as_ref(), row.service_port.as_ref());
    match port {
        ContractPort::Number(number) => Some(number.value),
        ContractPort::Health => health.or(service).map(|port| port.value),
        ContractPort::Service => service.or(health).map(|port| port.value),
    }
}
