//! `live-port`: the planned ports of a container have a listener that others reach.

use std::collections::BTreeSet;

use super::common::{is_alive, open, report, row, who};
use crate::finding::Findings;
use crate::model::{DockerHealth, Listener, LiveContainer, LiveNetwork, Spanned};
use crate::plan::{Plan, ServiceRow};
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Container(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.services.iter().any(|row| row.service_port.is_some() || row.health_port.is_some())
}

/// Ports that a message lists.
const MAX_TOLD: usize = 5;

/// Why nobody outside reaches a port.
enum Silence {
    /// Nobody listens on it; who listens, on others.
    Nobody(BTreeSet<u16>),
    /// Only the container itself reaches who listens there.
    Loopback(Listener),
}

fn check(container: &LiveContainer, plan: &Plan, out: &mut Findings) -> bool {
    // What has no network is reached by nobody, whatever listens: `health-contract` says so.
    let is_judged = is_alive(container) && container.network != LiveNetwork::None;
    let Some(row) = row(container, plan).filter(|_| is_judged) else { return false };
    let ports = ports(row);
    let Some(first) = ports.first() else { return false };
    let who = who(container, plan);
    let listeners = match &container.listeners {
        Ok(listeners) => listeners,
        Err(why) => {
            let all: Vec<String> = ports.iter().map(|port| format!("`{}`", port.value)).collect();
            let message =
                format!("cannot tell whether {who} listens on {}: {why}", all.join(" and "));
            open(out, container, &first.place, message);
            return true;
        }
    };
    if listeners.is_empty() && container.health != DockerHealth::Starting {
        let all: Vec<String> = ports.iter().map(|port| format!("`{}`", port.value)).collect();
        let message = format!("nobody in {who} listens on any port, planned {}", all.join(" and "));
        report(out, container, &first.place, message).help("`docker logs` tells what its server does");
        return true;
    }
    for port in ports {
        match silence(container, listeners, port.value) {
            Some(silence) => silent(container, &who, port, &silence, out),
            None => published(container, row, &who, port, out),
        }
    }
    true
}

/// The planned ports of a row, each once.
fn ports(row: &ServiceRow) -> Vec<&Spanned<u16>> {
    let mut ports: Vec<&Spanned<u16>> = row.service_port.iter().chain(&row.health_port).collect();
    ports.dedup_by_key(|port| port.value);
    ports
}

/// The port of the container that a planned one means: itself, or what its host publishes under that number.
fn listens_inside(container: &LiveContainer, listeners: &[Listener], port: u16) -> u16 {
    let is_there = |port: u16| listeners.iter().any(|listener| listener.port == port);
    let mut leads = container.published.iter().filter(|it| it.protocol == "tcp" && it.host == port);
    let other = leads.find(|it| !is_there(port) && is_there(it.container));
    other.map_or(port, |it| it.container)
}

/// Why nobody reaches a planned port; `None`: somebody may.
fn silence(container: &LiveContainer, listeners: &[Listener], port: u16) -> Option<Silence> {
    let inside = listens_inside(container, listeners, port);
    let mut loopback = None;
    for listener in listeners.iter().filter(|listener| listener.port == inside) {
        // In its host's network everybody on that host reaches it there.
        if !listener.is_loopback() || container.network == LiveNetwork::Host {
            return None;
        }
        loopback = loopback.or(Some(*listener));
    }
    Some(loopback.map_or_else(
        || Silence::Nobody(listeners.iter().map(|listener| listener.port).collect()),
        Silence::Loopback,
    ))
}

fn silent(
    container: &LiveContainer,
    who: &str,
    port: &Spanned<u16>,
    silence: &Silence,
    out: &mut Findings,
) {
    let number = port.value;
    if container.health == DockerHealth::Starting {
        let message = format!("cannot tell whether {who} listens on `{number}`: it is still starting");
        open(out, container, &port.place, message);
        return;
    }
    match silence {
        Silence::Loopback(listener) => {
            let address = std::net::SocketAddr::new(listener.address, listener.port);
            let healthy = match container.health {
                DockerHealth::Healthy => ", though Docker calls it healthy",
                _ => "",
            };
            let message = format!(
                "{who} listens on `{address}` alone, so nobody outside it reaches the planned port{healthy}"
            );
            report(out, container, &port.place, message)
                .help(format!("bind the server to `0.0.0.0:{number}`"));
        }
        Silence::Nobody(others) => {
            let list: Vec<String> =
                others.iter().take(MAX_TOLD).map(|port| format!("`{port}`")).collect();
            let more = if others.len() > MAX_TOLD { ", …" } else { "" };
            let list = list.join(", ");
            let message = format!(
                "nobody in {who} listens on the planned port `{number}`; it listens on {list}{more}"
            );
            report(out, container, &port.place, message)
                .help("let the server take its port from the plan, or mend the row");
        }
    }
}

/// On a machine that the row names a planned port is published under its own number, if at all.
fn published(
    container: &LiveContainer,
    row: &ServiceRow,
    who: &str,
    port: &Spanned<u16>,
    out: &mut Findings,
) {
    let mut published =
        container.published.iter().filter(|it| it.protocol == "tcp" && it.container == port.value);
    let Some(first) = published.clone().next().filter(|_| row.on.is_some()) else { return };
    if published.all(|it| it.host != port.value) {
        let number = port.value;
        let message =
            format!("{who} publishes `{number}` as port `{}` of its host, planned `{number}`", first.host);
        report(out, container, &port.place, message).help(format!("write `{number}:{number}`"));
    }
}

