//! `project-name`: the project says its name.

use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    if project.partial || project.resolved.is_none() {
        return;
    }
    let documents = || project.files.iter().flat_map(|file| &file.documents);
    if documents().any(|document| document.root.get("name").is_some()) {
        return;
    }
    let Some(first) = documents().find_map(|document| document.root.entries().first()) else { return };
    out.add(&first.key.place, "the project has no `name`, so it is named after whatever folder it lies in")
        .help("write `name: …` as the first line");
}
