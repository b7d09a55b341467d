//! `apt-yes`: apt does not stop to ask.

use crate::finding::Findings;
use crate::model::{Build, PackageManager};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for install in stage.installs.iter().filter(|install| install.manager == PackageManager::Apt) {
            // `yes | apt-get install x` answers by itself.
            let run = stage.runs.get(install.run).map(|run| run.place.text());
            let answered = run.is_some_and(|text| text.contains("yes |") || text.contains("yes|"));
            if !install.assume_yes && !answered && !install.packages.is_empty() {
                out.add(&install.place, "asks for confirmation where it needs further packages, and nobody answers in a build")
                    .subject(stage.label())
                    .help("add `-y`");
            }
        }
    }
}
