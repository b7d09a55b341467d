//! The networks of a project with their subnets; what is wrong with a network by itself is told here.

use std::net::IpAddr;

use super::address::{Fault, Subnet};
use crate::finding::Findings;
use crate::model::Project;
use crate::rules::common::certain_text;
use crate::syntax::yaml::Node;

/// One network that the project makes.
pub(super) struct Net<'f> {
    /// The key in `networks`.
    pub(super) key: &'f str,
    /// `name`, else the key.
    pub(super) name: &'f str,
    /// Its subnets with their nodes.
    pub(super) subnets: Vec<(Subnet, &'f Node)>,
    /// Its gateways.
    pub(super) gateways: Vec<IpAddr>,
    /// Whether all of it is known: it is made here, by the engine's own drivers, and no subnet is a variable.
    pub(super) is_certain: bool,
}

/// The networks of a project.
pub(super) fn nets<'f>(project: &'f Project, out: &mut Findings) -> Vec<Net<'f>> {
    let networks = project.resolved.as_ref().and_then(|root| root.get("networks"));
    let entries = networks.map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|entry| Some(net(entry.key.text()?, &entry.value, out))).collect()
}

fn net<'f>(key: &'f str, node: &'f Node, out: &mut Findings) -> Net<'f> {
    let name = node.get("name").and_then(certain_text).unwrap_or(key);
    let external = node.get("external").is_some_and(|said| said.text() != Some("false"));
    let driver = node.get("driver").and_then(Node::text).unwrap_or("bridge");
    // Another driver for addresses (DHCP) has rules of its own.
    let other = node.at(&["ipam", "driver"]).and_then(Node::text).is_some_and(|driver| driver != "default");
    let own = matches!(driver, "bridge" | "overlay") && !external && !other;
    let mut net = Net { key, name, subnets: Vec::new(), gateways: Vec::new(), is_certain: own };
    if !own {
        return net;
    }
    for config in node.at(&["ipam", "config"]).map(Node::items).unwrap_or_default() {
        let Some(said) = config.get("subnet") else { continue };
        let Some(text) = certain_text(said) else {
            net.is_certain = false;
            continue;
        };
        match Subnet::parse(text) {
            Ok(subnet) => {
                net.subnets.push((subnet, said));
                inside(&subnet, config, &mut net, out);
            }
            Err(Fault::Form) => {
                net.is_certain = false;
                out.add(&said.place, format!("`{text}` is no subnet"))
                    .help("write an address and a prefix length: `172.28.0.0/16`");
            }
            Err(Fault::HostBits(subnet)) => {
                net.subnets.push((subnet, said));
                out.add(&said.place, format!("`{text}` is an address in a subnet: Docker wants `{subnet}`"));
            }
        }
    }
    net
}

/// The gateway and the range of addresses lie in the subnet.
fn inside<'f>(subnet: &Subnet, config: &'f Node, net: &mut Net<'f>, out: &mut Findings) {
    if let Some(said) = config.get("gateway")
        && let Some(address) = certain_text(said).and_then(|text| text.parse::<IpAddr>().ok())
    {
        net.gateways.push(address);
        if !subnet.holds(address) {
            out.add(&said.place, format!("the gateway `{address}` lies outside the subnet `{subnet}`"));
        }
    }
    if let Some(said) = config.get("ip_range")
        && let Some(Ok(range)) = certain_text(said).map(Subnet::parse)
        && (range.first() < subnet.first() || range.last() > subnet.last())
    {
        out.add(&said.place, format!("the range `{range}` lies outside the subnet `{subnet}`"));
    }
}
