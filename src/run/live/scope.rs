//! What a call is about: the plan, cut to the services and machines that were asked for.

use super::super::plan::{machine_named, service_named};
use super::{FleetRequest, hosts};
use crate::live::ContainerParts;
use crate::plan::{Plan, PlanIndex, ServiceRow};
use crate::run::RunError;
use crate::source::{Place, Span};

/// What a call is about.
pub(super) struct Scope<'a> {
    pub(super) request: &'a FleetRequest,
    pub(super) plan: &'a Plan,
    pub(super) index: &'a PlanIndex,
    /// Rows of the call, in the order of the plan.
    pub(super) rows: Vec<usize>,
    /// Machines of the call, as indices into [`Plan::machines`]; `None`: all, and services without one.
    machines: Option<Vec<usize>>,
    /// `--host`, ready for URLs.
    pub(super) host: Option<String>,
    /// The host of each machine, ready for URLs.
    hosts: Vec<Option<String>>,
}

impl<'a> Scope<'a> {
    /// Cuts the plan to what the call asks for.
    ///
    /// # Errors
    /// When a machine or a service is not in the plan, no service is on the machines, or a host is none.
    pub(super) fn new(
        request: &'a FleetRequest,
        plan: &'a Plan,
        index: &'a PlanIndex,
    ) -> Result<Self, RunError> {
        let host = hosts::of_call(request.host.as_deref())?;
        let named: Vec<usize> =
            request.services.iter().map(|name| service_named(name, plan, index)).collect::<Result<_, _>>()?;
        let machines: Vec<usize> =
            request.machines.iter().map(|name| machine_named(name, plan)).collect::<Result<_, _>>()?;
        let machines = Some(machines).filter(|machines| !machines.is_empty());
        let is_named = |row: usize| request.services.is_empty() || named.contains(&row);
        let runs_there = |row: &ServiceRow| match &machines {
            None => true,
            Some(machines) => row.on.iter().any(|on| on.value.iter().any(|at| machines.contains(at))),
        };
        let rows: Vec<usize> =
            (0..plan.services.len()).filter(|at| is_named(*at) && runs_there(&plan.services[*at])).collect();
        if rows.is_empty() && machines.is_some() {
            let list: Vec<String> = request.machines.iter().map(|name| format!("`{name}`")).collect();
            let what = if request.services.is_empty() { "planned service" } else { "named service" };
            return Err(RunError {
                help: Some("Rows say with `on` which machines they run on.".to_owned()),
                ..RunError::new(format!("no {what} runs on {}", list.join(", ")))
            });
        }
        let is_meant = |at: usize| {
            let has_row = rows.iter().any(|row| {
                let row: &ServiceRow = &plan.services[*row];
                row.on.iter().any(|on| on.value.contains(&at))
            });
            host.is_none() && machines.as_ref().is_none_or(|machines| machines.contains(&at)) && has_row
        };
        let hosts = hosts::of_machines(&plan.machines, is_meant)?;
        Ok(Self { request, plan, index, rows, machines, host, hosts })
    }

    /// The machines of a row that the call is about; one `None` for a row that names no machine.
    pub(super) fn machines_of(&self, row: &ServiceRow) -> Vec<Option<usize>> {
        match &row.on {
            Some(on) if !on.value.is_empty() => {
                let is_meant =
                    |at: &&usize| self.machines.as_ref().is_none_or(|machines| machines.contains(at));
                on.value.iter().filter(is_meant).map(|at| Some(*at)).collect()
            }
            _ if row.unknown_machines.is_empty() => vec![None],
            _ => Vec::new(),
        }
    }

    /// Whether the call is about a machine.
    pub(super) fn is_about(&self, machine: usize) -> bool {
        self.machines.as_ref().is_none_or(|machines| machines.contains(&machine))
    }

    /// The host that services of a machine are asked at; `Err`: why nobody knows.
    pub(super) fn host_of(&self, machine: Option<usize>) -> Result<&str, String> {
        if let Some(host) = &self.host {
            return Ok(host);
        }
        let Some(at) = machine else { return Ok(hosts::LOCAL) };
        self.hosts[at].as_deref().ok_or_else(|| {
            let name = &self.plan.machines[at].name.value;
            format!(
                "the plan does not say where `{name}` is: write `host` below `[machines.{name}]`, or give `--host`"
            )
        })
    }

    /// The row of a container: of its name, of its compose service's label, of a name that Compose made,
    /// else of its image.
    pub(super) fn row_of(&self, parts: &ContainerParts) -> Option<usize> {
        let name = parts.name();
        let of_label = || match parts.compose_service() {
            Some(service) => self.index.service_named(service),
            None => self.row_of_generated(name),
        };
        let of_image = || self.row_of_image(parts.image_reference());
        self.index.service_named(name).or_else(of_label).or_else(of_image)
    }

    /// The row of an image of the fleet's own registry. An image of others that is called like a row stays one of others.
    fn row_of_image(&self, reference: &str) -> Option<usize> {
        let registry = self.plan.images.registry.as_ref()?.value.trim_end_matches('/');
        reference.strip_prefix(registry).filter(|rest| rest.starts_with('/'))?;
        self.index.service_of_reference(reference)
    }

    /// The row of a name that Compose makes: `PROJECT-SERVICE-1`, `PROJECT_SERVICE_1`; the project may be any words in front.
    fn row_of_generated(&self, name: &str) -> Option<usize> {
        let (stem, number) = name.rsplit_once(['-', '_'])?;
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // The longest end that is a row; more than 64 words are no name that anybody gave.
        let starts = stem.match_indices(['-', '_']).map(|(at, _)| at + 1).take(64);
        std::iter::once(0).chain(starts).find_map(|at| self.index.service_named(&stem[at..]))
    }

    /// Where findings about what has no row stand: the plan's first line.
    pub(super) fn anchor(&self) -> Option<Place> {
        let own = self.plan.sources.iter().find(|source| Some(source.path()) == self.plan.path.as_deref());
        let source = own.or_else(|| self.plan.sources.first())?;
        let bytes = source.bytes();
        let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
        Some(Place { source: source.clone(), span: Span::new(0, u32::try_from(end).unwrap_or(0)) })
    }
}
