//! `apk-cache`: apk leaves no index behind.

use crate::finding::{Finding, Findings};
use crate::model::{Build, BuiltImage, ImageFile, ImageFiles, PackageManager, Run, SystemInstall};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::images::past_runs;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image)]);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for install in &stage.installs {
            let Some(run) = stage.runs.get(install.run) else { continue };
            if let Some(finding) = judge(install, run, out) {
                finding.subject(stage.label());
            }
        }
    }
}

/// What the history tells. A mount is not told there, so where the layers were read they decide.
fn image(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    let is_index = |file: &ImageFile| file.path.starts_with("/var/cache/apk");
    let is_gone = |files: &ImageFiles| !files.files.values().chain(&files.hidden).any(is_index);
    if image.files.read().is_some_and(is_gone) {
        return;
    }
    for past in past_runs(image) {
        for install in &past.installs {
            judge(install, &past.run, out);
        }
    }
}

fn judge<'f>(install: &SystemInstall, run: &Run, out: &'f mut Findings) -> Option<&'f mut Finding> {
    let caches = ["/var/cache/apk", "/etc/apk/cache"];
    let is_mounted = run.mounts.iter().any(|mount| caches.iter().any(|cache| mount.target.text.starts_with(cache)));
    let is_removed = || run.place.text().contains("/var/cache/apk");
    let fetches = install.manager == PackageManager::Apk && !install.no_cache && !install.packages.is_empty();
    (fetches && !is_mounted && !is_removed())
        .then(|| out.add(&install.place, "the index of packages stays in the layer").help("add `--no-cache`"))
}
