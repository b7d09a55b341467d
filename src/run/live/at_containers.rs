//! Endpoints of the engine's containers: where each planned row really runs on this engine.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::hosts;
use super::scope::Scope;
use super::targets::{Found, Owner, Target, port, url};
use crate::model::{Answer, ContainerState, EndpointContract, LiveContainer, LiveNetwork, LivePort};
use crate::plan::{ServiceRow, endpoint_contracts};

/// Containers in whose network another one may be, one behind the other.
const MAX_SHARED: usize = 8;

/// The containers of an engine, by id and by name.
struct Containers<'a>(HashMap<&'a str, &'a LiveContainer>);

/// Where a container is reached.
struct Reach<'a> {
    /// Ports of the host that lead to it.
    published: &'a [LivePort],
    /// Its own addresses.
    hosts: Vec<String>,
}

/// Adds the endpoints of every row of the call that has a container.
pub(super) fn add(scope: &Scope<'_>, containers: &[LiveContainer], found: &mut Found) {
    let named = containers.iter().flat_map(|it| [(it.id.as_str(), it), (it.name.as_str(), it)]);
    let all = Containers(named.collect());
    let mut of_row: HashMap<usize, Vec<&LiveContainer>> = HashMap::new();
    for container in containers {
        if let Some(row) = container.service {
            of_row.entry(row).or_default().push(container);
        }
    }
    for at in &scope.rows {
        for container in of_row.get(at).into_iter().flatten() {
            add_container(scope, *at, container, &all, found);
        }
    }
}

fn add_container(
    scope: &Scope<'_>,
    at: usize,
    container: &LiveContainer,
    all: &Containers<'_>,
    found: &mut Found,
) {
    let row = &scope.plan.services[at];
    let contracts = endpoint_contracts(scope.plan, Some(row));
    let owner = Owner {
        service: Some(at),
        name: row.name.value.clone(),
        machine: None,
        container: Some(container.name.clone()),
    };
    let (stopped, reach) = (stopped(&container.state), all.reach(container));
    let reach = match (stopped, reach) {
        // What is wrong with a container that does not run is for the rules of containers; all that is known here is that
        // its endpoints cannot be told.
        (Some(why), _) => return unasked(row, &owner, &contracts, &Answer::NotAsked(why.into()), found),
        (None, Err(why)) => return unasked(row, &owner, &contracts, &Answer::Unreachable(why.into()), found),
        (None, Ok(reach)) => reach,
    };
    for contract in &contracts {
        let Some((port, place)) = port(row, &contract.port) else {
            found.leave_out(row.name.value.as_str(), "the plan gives it no port: write `ports` into its row");
            continue;
        };
        let urls = reach.urls(port, contract, scope.host.as_deref().unwrap_or(hosts::LOCAL));
        found.ask(scope, &owner, &place, contract, urls);
    }
}

/// Notes endpoints that nobody can ask.
fn unasked(
    row: &ServiceRow,
    owner: &Owner,
    contracts: &[Arc<EndpointContract>],
    instead: &Answer,
    found: &mut Found,
) {
    found.unasked.extend(contracts.iter().map(|contract| {
        let place = port(row, &contract.port).map_or_else(|| row.name.place.clone(), |(_, place)| place);
        let (owner, contract, instead) = (owner.clone(), Arc::clone(contract), Some(instead.clone()));
        Target { owner, place, contract, urls: Vec::new(), instead }
    }));
}

/// Why a container in this state cannot be asked.
fn stopped(state: &ContainerState) -> Option<String> {
    match state {
        ContainerState::Running => None,
        ContainerState::Paused => Some("the container is paused".to_owned()),
        ContainerState::Restarting => Some("the container is restarting".to_owned()),
        ContainerState::Exited(code) => Some(format!("the container has exited with code {code}")),
        ContainerState::Other(word) => Some(format!("the container is {word}")),
    }
}

impl<'a> Containers<'a> {
    /// Where a container is reached; `Err`: why nowhere.
    fn reach(&self, container: &'a LiveContainer) -> Result<Reach<'a>, &'static str> {
        let mut at = container;
        for _ in 0..MAX_SHARED {
            let hosts: Vec<String> = match &at.network {
                LiveNetwork::None => return Err("the container has no network"),
                LiveNetwork::Host => vec![hosts::LOCAL.to_owned()],
                LiveNetwork::Networks(list) => list.iter().map(|(_, it)| hosts::of_address(*it)).collect(),
                LiveNetwork::Container(other) => match self.0.get(other.as_str()) {
                    Some(other) => {
                        at = other;
                        continue;
                    }
                    None => {
                        return Err("the container has no network: the one that it shares is not there");
                    }
                },
            };
            return match hosts.is_empty() && at.published.is_empty() {
                true => Err("the container has no network address and publishes no port"),
                false => Ok(Reach { published: &at.published, hosts }),
            };
        }
        Err("the container has no network: those that it shares lead nowhere")
    }
}

impl Reach<'_> {
    /// Addresses of an endpoint, those of the host first. A planned port is the container's, or, where nothing of the
    /// container has that number, the host's.
    fn urls(&self, port: u16, contract: &EndpointContract, everywhere: &str) -> Vec<SmolStr> {
        let tcp = || self.published.iter().filter(|published| published.protocol == "tcp");
        let leads = |published: &&LivePort| published.container == port;
        let (mut mapped, mut inside): (Vec<&LivePort>, u16) = (tcp().filter(leads).collect(), port);
        if mapped.is_empty() {
            mapped = tcp().filter(|published| published.host == port).collect();
            inside = mapped.first().map_or(port, |published| published.container);
        }
        let mut urls: Vec<SmolStr> = mapped
            .iter()
            .map(|published| {
                url(&hosts::of_published(&published.host_ip, everywhere), published.host, contract)
            })
            .collect();
        urls.extend(self.hosts.iter().map(|host| url(host, inside, contract)));
        let mut seen = std::collections::HashSet::new();
        urls.retain(|url| seen.insert(url.clone()));
        urls
    }
}
