//! What a deployment file puts right of an image.
//!
//! The findings of a Dockerfile are about a container that is started as the image says. Where every deployment of the
//! image says the fact itself, and says it as the plan wants it, no such container runs, and the finding is dropped.

use crate::model::Workload;
use crate::plan::Plan;

/// Whether a workload puts right what a rule may find in its Dockerfile.
type Mends = fn(&Workload, &Plan) -> bool;

/// The rules whose findings a deployment can put right.
const MENDS: &[(&str, Mends)] = &[
    ("runtime-user", super::user::runtime_user_mends),
    ("user-exists", super::user::runtime_user_mends),
    ("init-process", super::init::init_process_mends),
    ("healthcheck", super::health::healthcheck_mends),
    ("machine-arg", super::machine::machine_arg_mends),
];

/// What puts the findings of a rule right; `None`: nothing outside the Dockerfile does.
#[must_use]
pub(crate) fn mends(rule: &str) -> Option<fn(&Workload, &Plan) -> bool> {
    MENDS.iter().find(|(id, _)| *id == rule).map(|(_, mends)| *mends)
}
