//! The containers of the engine as facts: waited for, and given their rows.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::scope::Scope;
use super::{FleetProgress, FleetStep};
use crate::live::{ContainerParts, FleetSource};
use crate::lower::live::container;
use crate::model::LiveContainer;
use crate::run::RunError;

/// Time between two looks at an engine whose containers are not all there.
const PAUSE: Duration = Duration::from_millis(500);

/// The containers that the call is about.
#[derive(Default)]
pub(super) struct Read {
    pub(super) containers: Vec<LiveContainer>,
    /// Containers that are left out or judged in part, and why.
    pub(super) left_out: Vec<(String, String)>,
}

/// Reads the engine's containers; `None`: no engine is asked.
///
/// # Errors
/// When the engine cannot be asked, or has no container at all.
pub(super) fn read(
    source: &dyn FleetSource,
    scope: &Scope<'_>,
    progress: FleetProgress<'_>,
) -> Result<Option<Read>, RunError> {
    let Some(parts) = waited(source, scope, progress)? else { return Ok(None) };
    if parts.is_empty() {
        let help = "Start the fleet first, give it time with `--wait 60s`, or name another engine's socket.";
        return Err(RunError {
            help: Some(help.to_owned()),
            ..RunError::new("the engine has no containers, so there is nothing to check")
        });
    }
    #[cfg(feature = "registry")]
    let parts = super::digests::look_up(parts, scope.request.registry.as_ref());
    Ok(Some(sorted_out(parts, scope)))
}

/// Gives containers their rows, and leaves out those that the call is not about.
fn sorted_out(parts: Vec<ContainerParts>, scope: &Scope<'_>) -> Read {
    let anchor = scope.anchor();
    let mut read = Read::default();
    for parts in parts {
        let service = scope.row_of(&parts);
        let name = || format!("container:{}", parts.name());
        let place = match service {
            Some(row) if scope.rows.contains(&row) => Some(scope.plan.services[row].name.place.clone()),
            Some(_) => {
                read.left_out.push((name(), "its service is none of those that are asked for".to_owned()));
                None
            }
            // Who asks for services by name asks for nothing else.
            None if !scope.request.services.is_empty() => None,
            None => {
                let why = "no planned service, so only what the plan says of every container was judged";
                read.left_out.push((name(), why.to_owned()));
                anchor.clone()
            }
        };
        if let Some(place) = place {
            read.containers.push(container(parts, service, &place));
        }
    }
    read
}

/// Reads containers again and again until every service of the call runs and has started, or the time is over.
fn waited(
    source: &dyn FleetSource,
    scope: &Scope<'_>,
    progress: FleetProgress<'_>,
) -> Result<Option<Vec<ContainerParts>>, RunError> {
    // A time that no clock reaches has no end.
    let end = Instant::now().checked_add(scope.request.wait);
    loop {
        let answer = source.containers();
        let rest = end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
        match answer {
            Ok(None) => return Ok(None),
            Ok(Some(parts)) => {
                let (ready, all) = (ready(&parts, scope), scope.rows.len());
                let is_there = ready == all && !parts.is_empty();
                if is_there || rest.is_zero() {
                    return Ok(Some(parts));
                }
                progress(FleetStep::Containers { ready, all });
            }
            Err((message, help)) if rest.is_zero() => {
                return Err(RunError { help, ..RunError::new(message) });
            }
            Err(_) => progress(FleetStep::Containers { ready: 0, all: scope.rows.len() }),
        }
        std::thread::sleep(PAUSE.min(rest));
    }
}

/// How many services of the call have a container that runs and has started.
fn ready(parts: &[ContainerParts], scope: &Scope<'_>) -> usize {
    let started = parts.iter().filter(|parts| parts.has_started());
    let rows: HashSet<usize> = started.filter_map(|parts| scope.row_of(parts)).collect();
    scope.rows.iter().filter(|row| rows.contains(row)).count()
}
