//! What is asked: the endpoints of planned services, of deployment files, and of the containers of an engine.

use std::collections::HashSet;
use std::sync::Arc;

use smol_str::SmolStr;

use super::deployed::Deployed;
use super::scope::Scope;
use super::{at_containers, planned, started};
use crate::live::Question;
use crate::model::{
    Answer, BodyFormat, BodyReading, ContractPort, EndpointContract, LiveContainer, LiveEndpoint, Method,
};
use crate::plan::ServiceRow;
use crate::run::RunError;
use crate::source::Place;

/// Whose endpoint it is.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) service: Option<usize>,
    pub(super) name: SmolStr,
    pub(super) machine: Option<SmolStr>,
    pub(super) container: Option<SmolStr>,
}

/// One endpoint to ask.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) owner: Owner,
    pub(super) place: Place,
    pub(super) contract: Arc<EndpointContract>,
    /// Addresses, the best first.
    pub(super) urls: Vec<SmolStr>,
    /// What is known instead of an answer, of those that cannot be asked.
    pub(super) instead: Option<Answer>,
}

/// What was found to ask.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) targets: Vec<Target>,
    /// Endpoints that rules speak of though nobody can ask them: the container is paused, or has no network.
    pub(super) unasked: Vec<Target>,
    /// What is left out, and why.
    pub(super) not_checked: Vec<(String, String)>,
    left_out: HashSet<(String, String)>,
}

impl Target {
    /// As the probe engine takes it.
    pub(super) fn question(&self) -> Question {
        Question {
            urls: self.urls.clone(),
            method: self.contract.method,
            body: self.contract.body.as_ref().map(|body| body.value.clone()),
            // Exporters that speak both formats send Prometheus' own unless they are asked for the other one.
            accept: (self.contract.format == BodyFormat::OpenMetrics)
                .then(|| "application/openmetrics-text;version=1.0.0,text/plain;q=0.5,*/*;q=0.1".into()),
            max_body: self.contract.max_body(),
            timeout: None,
        }
    }

    /// The endpoint before it answered, or one that is not asked.
    pub(super) fn blank(&self) -> LiveEndpoint {
        LiveEndpoint {
            service: self.owner.service,
            name: self.owner.name.clone(),
            machine: self.owner.machine.clone(),
            place: self.place.clone(),
            contract: self.contract.clone(),
            url: self.urls.first().cloned().unwrap_or_default(),
            container: self.owner.container.clone(),
            answer: self.instead.clone().unwrap_or_else(|| Answer::NotAsked(SmolStr::default())),
            reading: BodyReading::None,
        }
    }
}

impl Found {
    /// Notes something that is not asked, once.
    pub(super) fn leave_out(&mut self, what: impl Into<String>, why: impl Into<String>) {
        let entry = (what.into(), why.into());
        if self.left_out.insert(entry.clone()) {
            self.not_checked.push(entry);
        }
    }

    /// Leaves out what no rule of the call would judge: an answer that nobody looks at is no pass.
    fn keep_judged(&mut self, rules: &[&'static str]) {
        for target in
            self.targets.extract_if(.., |target| !rules.contains(&target.contract.rule())).collect::<Vec<_>>()
        {
            let what = format!("{}: {}", target.owner.name, target.contract.path.value);
            self.leave_out(what, format!("`{}` does not run in this call", target.contract.rule()));
        }
        self.unasked.retain(|target| rules.contains(&target.contract.rule()));
    }

    /// Notes an endpoint; one that wants a POST only when the call allows that.
    pub(super) fn ask(
        &mut self,
        scope: &Scope<'_>,
        owner: &Owner,
        place: &Place,
        contract: &Arc<EndpointContract>,
        urls: Vec<SmolStr>,
    ) {
        if contract.method == Method::Post && !scope.request.allow_post {
            let what = format!("{}: POST {}", owner.name, contract.path.value);
            return self.leave_out(what, "a POST may change or cost something; `--allow-post` asks it");
        }
        let (owner, place, contract) = (owner.clone(), place.clone(), Arc::clone(contract));
        self.targets.push(Target { owner, place, contract, urls, instead: None });
    }
}

/// Everything that there is to ask, and that one of the `rules` of the call judges.
///
/// # Errors
/// When there is nothing.
pub(super) fn find(
    scope: &Scope<'_>,
    deployed: &Deployed,
    containers: Option<&[LiveContainer]>,
    rules: &[&'static str],
) -> Result<Found, RunError> {
    let mut found = Found::default();
    match containers {
        Some(containers) => at_containers::add(scope, containers, &mut found),
        None => {
            // What deployment files publish goes before what the plan would have.
            let mut started = Found::default();
            let replaced = started::add(scope, deployed, &mut started);
            planned::add(scope, &replaced, &mut found);
            found.targets.append(&mut started.targets);
            started.not_checked.into_iter().for_each(|(what, why)| found.leave_out(what, why));
            // Rows in the order of the plan, whoever says where they are; then what has no row.
            found.targets.sort_by_key(|target| target.owner.service.unwrap_or(usize::MAX));
        }
    }
    found.keep_judged(rules);
    let is_empty = found.targets.is_empty() && found.unasked.is_empty();
    if is_empty && containers.is_none_or(|list| list.is_empty() && scope.rows.is_empty()) {
        return Err(nothing(scope, found, deployed));
    }
    Ok(found)
}

/// The error of a call that has nothing to ask.
fn nothing(scope: &Scope<'_>, found: Found, deployed: &Deployed) -> RunError {
    let left_out = found.not_checked.iter().chain(&deployed.not_checked);
    let faults: Vec<_> = left_out.map(|(what, why)| (None, format!("{what}: {why}"))).collect();
    let help = if !faults.is_empty() {
        None
    } else if scope.plan.services.is_empty() {
        Some(
            "The plan lists no services: write `[services.rows]`, for example \
             `web = { ports = \"7212/8212\" }`, or name a compose file.",
        )
    } else {
        Some(
            "The plan demands nothing of endpoints: write `path = \"/health\"` below `[health]`, or \
             `[services.contracts.NAME]`.",
        )
    };
    RunError { faults, help: help.map(str::to_owned), ..RunError::new("there is nothing to ask") }
}

/// The port that a contract of a row is about, and where the plan says it.
pub(super) fn port(row: &ServiceRow, port: &ContractPort) -> Option<(u16, Place)> {
    let (health, service) = (row.health_port.as_ref(), row.service_port.as_ref());
    let said = match port {
        ContractPort::Number(number) => return Some((number.value, row.name.place.clone())),
        ContractPort::Health => health.or(service),
        ContractPort::Service => service.or(health),
    };
    said.map(|port| (port.value, port.place.clone()))
}

/// `http://HOST:PORT/PATH`
pub(super) fn url(host: &str, port: u16, contract: &EndpointContract) -> SmolStr {
    SmolStr::new(format!("http://{host}:{port}{}", contract.path.value))
}
