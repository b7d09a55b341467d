//! What several rules of running fleets ask.

use crate::model::LiveContainer;
use crate::plan::{Plan, ServiceRow};

/// The planned row of a container.
pub(in crate::rules) fn row<'p>(container: &LiveContainer, plan: &'p Plan) -> Option<&'p ServiceRow> {
    container.service.and_then(|at| plan.services.get(at))
}
