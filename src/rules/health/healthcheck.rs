//! `healthcheck`: every service has a health check.

mod deployed;
mod image;

use super::watch::watched;
use crate::finding::{Finding, Findings};
use crate::model::{Build, Fact, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::may_hide;

pub(in crate::rules) use deployed::mends;

pub(in crate::rules) const CHECK: Check = Check::Several(&[
    Check::Build(check),
    Check::Workload(deployed::check),
    Check::Image(image::check),
]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    match &plan.health.required {
        Some(required) => required.value,
        None => plan.health.path.is_some(),
    }
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(stage) = watched(build, plan) else { return };
    let from = &stage.from.place;
    match stage.container.healthcheck() {
        Fact::Known { value, .. } if value.command.is_some() => {}
        Fact::Known { origin, .. } => {
            finish(out.add(&origin, SWITCHED_OFF), stage, plan);
        }
        Fact::Unknown { why, .. } => {
            out.open(from, format!("cannot tell whether there is a health check: {why}"))
                .subject(stage.label());
        }
        Fact::Absent if may_hide(build, "HEALTHCHECK") => {
            out.open(from, "cannot tell whether there is a health check: a part of the file cannot be read")
                .subject(stage.label());
        }
        Fact::Absent => {
            finish(
                out.add(from, "has no health check, and neither does its base, and the plan wants one"),
                stage,
                plan,
            );
        }
    }
}

/// The message about `HEALTHCHECK NONE`.
const SWITCHED_OFF: &str = "switches the health check off, and the plan wants one";

/// What to write in a Dockerfile.
const WRITE: &str = "write `HEALTHCHECK CMD …` with a program";

fn finish(finding: &mut Finding, stage: &Stage, plan: &Plan) {
    finish_for(finding, plan, WRITE).subject(stage.label());
}

/// Names the plan's line, and what to write: a health check that asks the planned path.
fn finish_for<'f>(finding: &'f mut Finding, plan: &Plan, write: &str) -> &'f mut Finding {
    if let Some(required) = &plan.health.required {
        finding.planned(required);
    } else if let Some(path) = &plan.health.path {
        finding.planned(path);
    }
    let path = plan.health.path.as_ref().map_or("/", |path| path.value.as_str());
    finding.help(format!("{write} that asks `{path}` and fails when the answer is wrong"))
}
