//! `apt-recommends`: apt installs what is named and no more.

use crate::finding::Findings;
use crate::model::{Build, PackageManager};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for install in stage.installs.iter().filter(|install| install.manager == PackageManager::Apt) {
            if !install.no_recommends && !install.packages.is_empty() {
                out.add(&install.place, "recommended packages are installed as well")
                    .subject(stage.label())
                    .help("add `--no-install-recommends`");
            }
        }
    }
}
