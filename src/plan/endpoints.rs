//! The contracts of endpoints: what `[health]`, `[services.contracts]` and a row's own contracts demand.

use std::sync::Arc;

use super::types::{Plan, ServiceRow};
use crate::model::{BodyFormat, ContractPort, EndpointContract, Method, PlannedScalar, Spanned};

/// Everything that is demanded of the endpoints of a row: `[health]` first, then contracts by name; a row's own contract
/// takes the place of one for all with the same name. `None`: a service that has no row.
#[must_use]
pub fn endpoint_contracts(plan: &Plan, _: Option<&ServiceRow>) -> Vec<Arc<EndpointContract>> {
    health(plan).into_iter().map(Arc::new).collect()
}

fn health(plan: &Plan) -> Option<EndpointContract> {
    let path = plan.health.path.clone()?;
    if plan.health.required.as_ref().is_some_and(|required| !required.value) {
        return None;
    }
    let expect = plan.health.expect.iter().map(|(key, value)| {
        (key.clone(), Spanned::new(PlannedScalar::Text(value.value.clone()), value.place.clone()))
    });
    Some(EndpointContract {
        name: "health".into(),
        place: path.place.clone(),
        method: Method::Get,
        path,
        port: ContractPort::Health,
        status: Vec::new(),
        format: BodyFormat::Json,
        content_type: None,
        expect: expect.collect(),
        schema: None,
        max_time: None,
        names: Vec::new(),
        values: Vec::new(),
        endpoints: Vec::new(),
        headers: Vec::new(),
        body: None,
    })
}
