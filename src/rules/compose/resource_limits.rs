//! `resource-limits`: what a service may take, and what is kept free for it, is what the plan says.

use crate::finding::Findings;
use crate::model::{Quantity, Resources, Spanned, Workload, WorkloadKind};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::is_fragment;

pub(in crate::rules) const CHECK: Check = Check::Workload(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    amounts(&plan.limits).iter().any(|(_, amount)| amount.is_some())
}

type Amount<'a> = Option<&'a Spanned<Quantity>>;

/// The amounts with their names in sentences.
fn amounts(resources: &Resources) -> [(&'static str, Amount<'_>); 4] {
    [
        ("processor limit", resources.cpu_limit.as_ref()),
        ("memory limit", resources.memory_limit.as_ref()),
        ("processor reservation", resources.cpu_reserved.as_ref()),
        ("memory reservation", resources.memory_reserved.as_ref()),
    ]
}

fn check(workload: &Workload, plan: &Plan, out: &mut Findings) {
    if workload.kind == WorkloadKind::PodInit || is_fragment(workload) {
        return;
    }
    let mut missing: Vec<(&str, &Spanned<Quantity>)> = Vec::new();
    for ((name, wanted), (_, said)) in amounts(&plan.limits).into_iter().zip(amounts(&workload.resources)) {
        let Some(wanted) = wanted else { continue };
        match said {
            None => missing.push((name, wanted)),
            Some(said) => compare(name, said, wanted, out),
        }
    }
    let Some((_, first)) = missing.first() else { return };
    let names: Vec<String> =
        missing.iter().map(|(name, wanted)| format!("no {name} (planned `{}`)", wanted.value.written)).collect();
    let help = match workload.kind.in_pod() {
        true => "say it in `resources.limits` and `resources.requests`",
        false => "say it in `deploy.resources.limits` and `deploy.resources.reservations`",
    };
    out.add(&workload.place, format!("says {}", names.join(" and "))).planned(first).help(help);
}

fn compare(name: &str, said: &Spanned<Quantity>, wanted: &Spanned<Quantity>, out: &mut Findings) {
    let (is, planned) = (&said.value.written, &wanted.value.written);
    match (said.value.amount, wanted.value.amount) {
        (Some(is), Some(planned)) if is == planned => {}
        (None, _) => {
            out.open(&said.place, format!("cannot tell the {name}: `{is}` is not certain")).planned(wanted);
        }
        _ => {
            out.add(&said.place, format!("the {name} is `{is}`, planned `{planned}`")).planned(wanted);
        }
    }
}
