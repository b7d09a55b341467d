//! Endpoints that the plan itself tells: its rows, on each of their machines.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::scope::Scope;
use super::targets::{Found, Owner, port, url};
use crate::plan::endpoint_contracts;

/// Endpoints that deployment files tell better: row, machine, and name of the contract.
pub(super) type Replaced = HashSet<(usize, Option<usize>, SmolStr)>;

/// Adds the endpoints of every row of the call.
pub(super) fn add(scope: &Scope<'_>, replaced: &Replaced, found: &mut Found) {
    for at in &scope.rows {
        let row = &scope.plan.services[*at];
        let name = &row.name.value;
        let contracts = endpoint_contracts(scope.plan, Some(row));
        let machines = scope.machines_of(row);
        if machines.is_empty() {
            found.leave_out(name.as_str(), "the plan does not know the machine that it runs on");
        }
        for machine in machines {
            let owner = Owner {
                service: Some(*at),
                name: name.clone(),
                machine: machine.map(|at| scope.plan.machines[at].name.value.clone()),
                container: None,
            };
            for contract in &contracts {
                if replaced.contains(&(*at, machine, contract.name.clone())) {
                    continue;
                }
                let Some((port, place)) = port(row, &contract.port) else {
                    found.leave_out(name.as_str(), "the plan gives it no port: write `ports` into its row");
                    continue;
                };
                match scope.host_of(machine) {
                    Ok(host) => {
                        found.ask(scope, &owner, &place, contract, vec![url(host, port, contract)]);
                    }
                    Err(why) => found.leave_out(name.as_str(), why),
                }
            }
        }
    }
}
