//! `workflow-scan`: a scan for vulnerabilities fails the workflow and does not only report.

use crate::finding::Findings;
use crate::model::Workflow;
use crate::plan::Plan;
use crate::rules::common::narrow;
use crate::rules::{Check, always};
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Workflow(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

const HELP: &str = "write `exit-code: \"1\"` with `severity: HIGH,CRITICAL`, and list what is allowed in `.trivyignore`";

fn check(workflow: &Workflow, _plan: &Plan, out: &mut Findings) {
    let jobs = workflow.tree.as_ref().and_then(|tree| tree.get("jobs")).map(Node::entries).unwrap_or_default();
    let steps = jobs.iter().filter_map(|job| job.value.get("steps")).flat_map(Node::items);
    for step in steps {
        match step.get("uses").and_then(Node::text) {
            Some(uses) if uses.starts_with("aquasecurity/trivy-action@") => action(step, out),
            Some(_) => {}
            None => script(step, out),
        }
    }
}

fn action(step: &Node, out: &mut Findings) {
    match step.at(&["with", "exit-code"]) {
        None => {
            let Some(uses) = step.get("uses") else { return };
            out.add(&uses.place, "the scan has no `exit-code`, so it reports and never fails").help(HELP);
        }
        Some(code) if code.text() == Some("0") => {
            out.add(&code.place, "`exit-code` is 0, so the scan reports and never fails").help(HELP);
        }
        // An expression may be anything.
        Some(_) => go_on(step, out),
    }
}

fn go_on(step: &Node, out: &mut Findings) {
    if let Some(node) = step.get("continue-on-error").filter(|node| node.text() == Some("true")) {
        out.add(&node.place, "the workflow goes on when the scan fails").help("remove `continue-on-error`");
    }
}

fn script(step: &Node, out: &mut Findings) {
    let Some(run) = step.get("run") else { return };
    let lines = run.text().unwrap_or_default().lines();
    for line in lines.filter(|line| line.trim_start().starts_with("trivy ")) {
        for option in ["--exit-code 0", "--exit-code=0"] {
            if line.contains(option) {
                out.add(&narrow(&run.place, option), "`--exit-code 0`: the scan reports and never fails")
                    .help("write `--exit-code 1 --severity HIGH,CRITICAL`");
            }
        }
    }
}
