//! `resource-order`: no service reserves more than it may take.

use crate::finding::{Findings, Severity};
use crate::model::{Quantity, Spanned, Workload};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    let resources = &workload.resources;
    compare("memory", &resources.memory_reserved, &resources.memory_limit, Severity::Error, out);
    // Kubernetes refuses both; Docker only looks at memory.
    let severity = if workload.kind.in_pod() { Severity::Error } else { Severity::Warning };
    compare("processors", &resources.cpu_reserved, &resources.cpu_limit, severity, out);
}

fn compare(
    what: &str,
    reserved: &Option<Spanned<Quantity>>,
    limit: &Option<Spanned<Quantity>>,
    severity: Severity,
    out: &mut Findings,
) {
    let (Some(reserved), Some(limit)) = (reserved, limit) else { return };
    let (Some(least), Some(most)) = (reserved.value.amount, limit.value.amount) else { return };
    // 0 means no limit.
    if least > most && most > 0 {
        let message =
            format!("reserves `{}` of {what}, more than its limit `{}`", reserved.value.written, limit.value.written);
        out.add(&reserved.place, message).related(&limit.place, "the limit").severity(severity);
    }
}
