//! The contracts of endpoints: what `[health]`, `[services.contracts]` and a row's own contracts demand.

mod keys;
mod read;
mod schemas;

use std::sync::Arc;

use super::types::{Contract, Plan, ServiceRow};
use crate::model::{BodyFormat, ContractPort, EndpointContract, Spanned};

pub(super) use keys::{content_type, expect, max_time, path, schema, status};
pub(super) use read::contracts;
pub(super) use schemas::{SchemaOf, Schemas};

/// The name of the contract that `[health]` is.
const HEALTH: &str = "health";

/// Everything that is demanded of the endpoints of a row: `[health]` first, then contracts by name; a row's own contract
/// takes the place of one for all with the same name, and `NAME = false` takes it away. `None`: a service that has no row.
#[must_use]
pub fn endpoint_contracts(plan: &Plan, row: Option<&ServiceRow>) -> Vec<Arc<EndpointContract>> {
    let own: &[Contract] = row.map(|row| row.contracts.as_slice()).unwrap_or_default();
    // A row has a handful of contracts; a search in them is cheaper than an index.
    let of = |name: &str, list: &'_ [Contract]| list.iter().position(|contract| contract.name.value == name);
    let mut found = Vec::new();
    if of(HEALTH, own).is_none() && of(HEALTH, &plan.contracts).is_none() {
        found.extend(health(plan).map(Arc::new));
    }
    let for_all = plan.contracts.iter().map(|contract| match of(&contract.name.value, own) {
        Some(at) => &own[at],
        None => contract,
    });
    let further = own.iter().filter(|contract| of(&contract.name.value, &plan.contracts).is_none());
    found.extend(for_all.chain(further).filter_map(|contract| contract.demands.clone()));
    // The one that takes the place of `[health]` stands where that stood.
    found.sort_by_key(|contract| contract.name != HEALTH);
    found
}

/// The contract that `[health]` is. None without a path, and none where `required = false` says that services have no
/// such endpoint.
fn health(plan: &Plan) -> Option<EndpointContract> {
    let health = &plan.health;
    let path = health.path.clone()?;
    if health.required.as_ref().is_some_and(|required| !required.value) {
        return None;
    }
    let is_json = !health.expect.is_empty() || health.schema.is_some();
    let mut contract = EndpointContract::get(HEALTH.into(), path);
    contract.port = ContractPort::Health;
    contract.format = if is_json { BodyFormat::Json } else { BodyFormat::Any };
    contract.status.clone_from(&health.status);
    contract.content_type.clone_from(&health.content_type);
    contract.expect.clone_from(&health.expect);
    contract.schema.clone_from(&health.schema);
    contract.max_time = health.max_time.as_ref().map(|time| Spanned::new(time.value.1, time.place.clone()));
    Some(contract)
}

#[cfg(test)]
mod tests;
