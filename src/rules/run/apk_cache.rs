//! `apk-cache`: apk leaves no index behind.

use crate::finding::Findings;
use crate::model::{Build, PackageManager};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for install in stage.installs.iter().filter(|install| install.manager == PackageManager::Apk) {
            let Some(run) = stage.runs.get(install.run) else { continue };
            let mounted = run.mounts.iter().any(|mount| mount.target.text.starts_with("/var/cache/apk") || mount.target.text.starts_with("/etc/apk/cache"));
            let removed = run.place.text().contains("/var/cache/apk");
            if !install.no_cache && !mounted && !removed && !install.packages.is_empty() {
                out.add(&install.place, "the index of packages stays in the layer").subject(stage.label()).help("add `--no-cache`");
            }
        }
    }
}
