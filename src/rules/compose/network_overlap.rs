//! `network-overlap`: subnets are apart, and fixed addresses fit in them.

mod address;
mod nets;

use std::collections::HashMap;
use std::net::IpAddr;

use crate::finding::Findings;
use crate::fleet::Fleet;
use crate::model::{Project, Workload};
use crate::plan::Plan;
use crate::rules::common::{about, are_variants, machines_of, never_together};
use crate::rules::{Check, always};
use crate::syntax::yaml::Node;

use address::Subnet;
use nets::{Net, nets};

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    let mut all: Vec<(usize, Vec<Net<'_>>)> = Vec::new();
    for (at, project) in fleet.projects.iter().enumerate().filter(|(_, project)| project.runs_by_itself()) {
        let nets = nets(project, out);
        addresses(project, &nets, plan, out);
        all.push((at, nets));
    }
    overlaps(fleet, &all, plan, out);
}

/// One range of addresses that a network takes.
struct Taken<'f> {
    subnet: Subnet,
    project: usize,
    name: &'f str,
    node: &'f Node,
}

/// Subnets that overlap: sorted by their first address, each is held against those that are still open.
fn overlaps(fleet: &Fleet, all: &[(usize, Vec<Net<'_>>)], plan: &Plan, out: &mut Findings) {
    let machines: Vec<Vec<usize>> =
        fleet.projects.iter().map(|project| machines_of(project, plan)).collect();
    let meet = |one: usize, other: usize| {
        one == other
            || (machines[one].iter().any(|machine| machines[other].contains(machine))
                && !are_variants(&fleet.projects[one], &fleet.projects[other]))
    };
    let mut taken: Vec<Taken<'_>> = Vec::new();
    for (project, nets) in all {
        for net in nets {
            let subnets = net.subnets.iter().map(|(subnet, node)| Taken {
                subnet: *subnet,
                project: *project,
                name: net.name,
                node,
            });
            taken.extend(subnets);
        }
    }
    // Nets of equal start keep the order of the files.
    taken.sort_by_key(|one| one.subnet.first());
    let mut open: Vec<usize> = Vec::new();
    for at in 0..taken.len() {
        let now = &taken[at];
        open.retain(|other| taken[*other].subnet.last() >= now.subnet.first());
        let clash = open.iter().map(|other| &taken[*other]).find(|other| {
            let same_network = other.project != now.project && other.name == now.name;
            meet(other.project, now.project) && !same_network
        });
        if let Some(other) = clash {
            // Told at the one that is written later.
            let later = |one: &Taken<'_>| (one.project, one.node.place.span.start);
            let (first, second) = if later(other) < later(now) { (other, now) } else { (now, other) };
            let message = format!(
                "the subnet `{}` of `{}` overlaps `{}` of `{}`",
                second.subnet, second.name, first.subnet, first.name
            );
            out.add(&second.node.place, message).related(&first.node.place, "the other subnet");
        }
        // A hostile file has thousands of nets around one address; a few tell enough.
        if open.len() < 64 {
            open.push(at);
        }
    }
}

/// Fixed addresses of services: in a subnet of their network, and each one once.
fn addresses(project: &Project, nets: &[Net<'_>], plan: &Plan, out: &mut Findings) {
    let by_key: HashMap<&str, &Net<'_>> = nets.iter().map(|net| (net.key, net)).collect();
    let mut held: HashMap<(&str, IpAddr), (&Workload, &Node)> = HashMap::new();
    for workload in &project.services {
        for entry in workload.tree.get("networks").map(Node::entries).unwrap_or_default() {
            let Some(net) = entry.key.text().and_then(|key| by_key.get(key)) else { continue };
            for key in ["ipv4_address", "ipv6_address"] {
                let Some(node) = entry.value.get(key) else { continue };
                let Some(address) = node.text().and_then(|text| text.parse::<IpAddr>().ok()) else { continue };
                place_of(workload, net, node, address, plan, out);
                let other = *held.entry((net.key, address)).or_insert((workload, node));
                if std::ptr::eq(other.1, node) || never_together(other.0, workload) {
                    continue;
                }
                let message = format!("`{address}` is the address of `{}` already", other.0.subject);
                about(out.add(&node.place, message), workload, plan).related(&other.1.place, "the other service");
            }
        }
    }
}

fn place_of(
    workload: &Workload,
    net: &Net<'_>,
    node: &Node,
    address: IpAddr,
    plan: &Plan,
    out: &mut Findings,
) {
    // Somebody else made the network, or one of its subnets is not certain.
    if !net.is_certain {
        return;
    }
    let same_family = || net.subnets.iter().filter(|(subnet, _)| subnet.is_v4() == address.is_ipv4());
    let message = if same_family().next().is_none() {
        format!("`{address}` needs a subnet, and the network `{}` says none", net.name)
    } else if !same_family().any(|(subnet, _)| subnet.holds(address)) {
        format!("`{address}` lies outside the subnet of the network `{}`", net.name)
    } else if net.gateways.contains(&address) {
        format!("`{address}` is the gateway of the network `{}`", net.name)
    } else {
        return;
    };
    let finding = about(out.add(&node.place, message), workload, plan);
    if let Some((_, subnet)) = net.subnets.first() {
        finding.related(&subnet.place, "the subnet");
    }
}
