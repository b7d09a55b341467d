//! `healthcheck-noop`: the health check can fail.

use super::watch::{Watch, watch, watch_image, watch_service};
use crate::finding::Findings;
use crate::model::{Build, BuiltImage, Workload};
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Build(check), Check::Workload(deployed), Check::Image(image)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// Ends of a command that throw its result away.
const SWALLOWS: &[&str] = &["|| true", "|| exit 0", "|| :", "||true", "; true", "; exit 0"];

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    if let Some(watch) = watch(build) {
        judge(&watch, out);
    }
}

/// What a compose service says instead of its image.
fn deployed(workload: &Workload, _plan: &Plan, out: &mut Findings) {
    if let Some(watch) = watch_service(workload) {
        judge(&watch, out);
    }
}

fn image(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    if let Some(watch) = watch_image(image) {
        judge(&watch, out);
    }
}

fn judge(watch: &Watch<'_>, out: &mut Findings) {
    if !watch.health.can_fail {
        let text = watch.written();
        let end = SWALLOWS.iter().find(|end| text.contains(**end)).copied().unwrap_or("");
        out.add(
            &watch.in_command(end),
            "the health check cannot fail, so a broken container counts as healthy",
        )
        .help("let the failure through: `|| exit 1`, or nothing behind the command")
        .subject(watch.label.clone());
    } else if watch.health.ignores_status {
        out.add(
            &watch.in_command("curl"),
            "the health check passes on any answer, so an error page counts as healthy",
        )
        .help("give curl `--fail` (`-f`)")
        .subject(watch.label.clone());
    }
}
