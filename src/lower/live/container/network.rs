//! Where a container is reached.

use std::net::IpAddr;

use serde_json::Value;
use smol_str::SmolStr;

use super::text;
use crate::model::{LiveNetwork, LivePort};

/// The networks that a container was started in, with the addresses that it has there now: one that has ended has none.
pub(super) fn network(inspect: &Value) -> LiveNetwork {
    let settings = &inspect["NetworkSettings"];
    let mode = text(&inspect["HostConfig"]["NetworkMode"]);
    match mode.as_str() {
        "none" => return LiveNetwork::None,
        "host" => return LiveNetwork::Host,
        _ => {}
    }
    if let Some(id) = mode.strip_prefix("container:") {
        return LiveNetwork::Container(id.into());
    }
    let mut addresses = Vec::new();
    for (name, network) in settings["Networks"].as_object().into_iter().flatten() {
        addresses.extend(ips(network).map(|address| (SmolStr::new(name), address)));
    }
    if addresses.is_empty() {
        // Where the list is left out, the default network's address stands beside it.
        addresses.extend(ips(settings).map(|address| (SmolStr::new("bridge"), address)));
    }
    LiveNetwork::Networks(addresses)
}

/// The addresses of one network.
fn ips(network: &Value) -> impl Iterator<Item = IpAddr> {
    ["IPAddress", "GlobalIPv6Address"].into_iter().filter_map(|key| network[key].as_str()?.parse().ok())
}

/// `NetworkSettings.Ports`: what stands there with null is exposed, and not published.
pub(super) fn published(ports: &Value) -> Vec<LivePort> {
    let mut list = Vec::new();
    for (inside, bindings) in ports.as_object().into_iter().flatten() {
        let (number, protocol) = inside.split_once('/').unwrap_or((inside, "tcp"));
        let Ok(container) = number.parse() else { continue };
        for binding in bindings.as_array().into_iter().flatten() {
            let Some(host) = port(&binding["HostPort"]) else { continue };
            let host_ip = match text(&binding["HostIp"]) {
                empty if empty.is_empty() => "0.0.0.0".into(),
                said => said,
            };
            list.push(LivePort { container, protocol: protocol.into(), host_ip, host });
        }
    }
    list
}

/// A port, which Docker writes as a text.
fn port(value: &Value) -> Option<u16> {
    match value {
        Value::String(said) => said.parse().ok(),
        other => other.as_u64()?.try_into().ok(),
    }
}
