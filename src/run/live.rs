//! `plimsoll validate-fleet`: a running fleet is asked, read, judged.
//!
//! The plan is cut to what the call is about (`scope`), the engine's containers become facts (`containers`), deployment
//! files say where services are published and what containers should be (`deployed`). Out of these come the endpoints
//! (`targets`), which are asked once each (`asking`); rules speak (`judge`), and what they spoke about becomes a table
//! (`matrix`). How anything is asked is not known here: that is the [`FleetSource`]'s.

use std::path::PathBuf;
use std::time::Duration;

use smol_str::SmolStr;

use super::active::{Active, at_live};
use super::{CheckRequest, Outcome, RunError, inputs, plan, secrets};
use crate::live::FleetSource;
use crate::model::LiveFleet;
use crate::plan::PlanIndex;
use crate::report::Checked;
use crate::settle::settle;

mod asking;
mod at_containers;
mod containers;
mod deployed;
#[cfg(feature = "registry")]
mod digests;
mod expected;
mod hosts;
mod judge;
mod matrix;
mod planned;
mod scope;
mod started;
mod targets;

use scope::Scope;

/// What `validate-fleet` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct FleetRequest {
    /// Compose files and manifests whose services are asked too, and what containers are compared with.
    pub paths: Vec<PathBuf>,
    /// `--machine`: only services on these machines (names or aliases). Empty: all.
    pub machines: Vec<String>,
    /// `--host`: where every service is asked, whatever the plan says of its machine.
    pub host: Option<String>,
    /// `--service`: only these planned services. Empty: all.
    pub services: Vec<String>,
    /// `--allow-post`: whether contracts that want a POST are asked.
    pub allow_post: bool,
    /// `--wait`: how long the engine's containers may take to be there.
    pub wait: Duration,
    /// `--against-registry`: how registries are asked for the digests that tags have now; `None`: they are not.
    #[cfg(feature = "registry")]
    pub registry: Option<crate::registry::ClientOptions>,
    /// Plan, rules and what fails.
    pub check: CheckRequest,
}

/// How far a call is.
#[derive(Debug, Clone, Copy)]
pub enum FleetStep<'a> {
    /// The engine's containers are waited for: planned services that run and have started, and planned services in all.
    Containers {
        /// Services that are there.
        ready: usize,
        /// Services in all.
        all: usize,
    },
    /// An endpoint answered.
    Answer {
        /// Endpoints with their last answer.
        done: usize,
        /// Endpoints in all.
        all: usize,
        /// The service.
        service: &'a str,
        /// The address that answered.
        url: &'a str,
        /// Whether the answer is good.
        good: bool,
        /// Whether it is the last one of this endpoint.
        last: bool,
    },
}

/// Hears how far a call is.
pub type FleetProgress<'a> = &'a (dyn Fn(FleetStep<'_>) + Sync);

/// Asks a running fleet, and holds it against the plan.
///
/// # Errors
/// When the plan is wrong, the engine cannot be asked, or there is nothing to ask.
pub fn validate_fleet(
    request: &FleetRequest,
    source: &dyn FleetSource,
    progress: FleetProgress<'_>,
) -> Result<Outcome, RunError> {
    let plan = plan::load_for(&request.check.plan, &request.paths)?;
    let index = PlanIndex::new(&plan);
    let active = Active::of(&request.check, &plan, at_live);
    let scope = Scope::new(request, &plan, &index)?;
    let deployed = deployed::load(&scope)?;
    let mut read = containers::read(source, &scope, progress)?;
    if let Some(read) = &mut read {
        expected::attach(&mut read.containers, &deployed);
    }
    let containers = read.as_ref().map(|read| read.containers.as_slice());
    let mut found = targets::find(&scope, &deployed, containers, &active.ids())?;
    let answered = asking::ask(&found, source, &active.run, &plan, progress);
    let (endpoints, said) = answered.all.into_iter().map(|judged| (judged.endpoint, judged.said)).unzip();
    let expected = read.is_some().then(|| scope.rows.clone());
    let (containers, left_out) = read.map(|read| (read.containers, read.left_out)).unwrap_or_default();
    let fleet = LiveFleet { endpoints, containers, expected };

    let mut judged = matrix::Judged::new(&plan, &active.ids());
    let mut findings = judge::all(&active.run, &fleet, said, &plan, &mut judged);
    secrets::hide(&findings, &deployed.files);
    secrets::redact(&mut findings, &deployed.files);
    secrets::redact_live(&mut findings, &fleet.containers);
    let mut options = active.options(&request.check, &plan, &inputs::working_directory()?, false);
    options.looked_at.live = judged.told();
    let settled = settle(findings, &[], &plan, &options);
    let mut not_checked = std::mem::take(&mut found.not_checked);
    not_checked.extend(left_out);
    not_checked.extend(without_registry(request, &active));
    not_checked.extend(deployed.not_checked);
    not_checked.extend(without_bodies(answered.not_kept));
    let checked = Checked {
        mode: "validate-fleet",
        plan: plan.path.clone().or_else(|| request.check.plan.pack.clone()),
        files: counts(&fleet),
        rules: active.ids(),
        not_planned: active.not_planned,
        not_checked,
        fleet: judged.rows(&settled),
        ..Checked::default()
    };
    Ok(Outcome { settled, checked, unread: deployed.unread })
}

/// What is left out when there are more bodies than are kept.
fn without_bodies(count: usize) -> Option<(String, String)> {
    let what = || format!("{count} answers against the examples of manifests");
    (count > 0).then(|| (what(), "together they are too long to be kept".to_owned()))
}

/// What is left out when registries are to be asked though nobody judges what they say.
fn without_registry(request: &FleetRequest, active: &Active) -> Option<(String, String)> {
    let is_asked = asks_registry(request);
    let is_judged = active.run.iter().any(|rule| rule.id == "live-image");
    (is_asked && !is_judged).then(|| {
        let why =
            "`live-image` does not run: the plan says nothing of images, or the call leaves the rule out";
        ("images against their registry".to_owned(), why.to_owned())
    })
}

#[cfg(feature = "registry")]
fn asks_registry(request: &FleetRequest) -> bool {
    request.registry.is_some()
}

#[cfg(not(feature = "registry"))]
fn asks_registry(_: &FleetRequest) -> bool {
    false
}

/// How many endpoints and containers there are; kinds without any are left out.
fn counts(fleet: &LiveFleet) -> std::collections::BTreeMap<SmolStr, usize> {
    let kinds = [("endpoint", fleet.endpoints.len()), ("container", fleet.containers.len())];
    kinds.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| (kind.into(), count)).collect()
}
