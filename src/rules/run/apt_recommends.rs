//! `apt-recommends`: apt installs what is named and no more.

use crate::finding::Findings;
use crate::model::{Build, PackageManager};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        // `echo 'APT::Install-Recommends "0";' >/etc/apt/apt.conf.d/…` holds for every later step.
        let configured = stage.runs.iter().position(|run| sets_apt(&run.place.text()));
        for install in stage.installs.iter().filter(|install| install.manager == PackageManager::Apt) {
            let configured = configured.is_some_and(|run| run <= install.run);
            if !install.no_recommends && !configured && !install.packages.is_empty() {
                out.add(&install.place, "recommended packages are installed as well")
                    .subject(stage.label())
                    .help("add `--no-install-recommends`");
            }
        }
    }
}

/// Whether a RUN writes the setting into apt's configuration.
fn sets_apt(text: &str) -> bool {
    text.contains("APT::Install-Recommends") && text.contains("/etc/apt/")
}
