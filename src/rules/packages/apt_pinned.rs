//! `apt-pinned`: packages from apt carry their version.

use super::apt::unpinned;
use crate::finding::Findings;
use crate::model::{Base, Build, PackageManager, Stage};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

/// A policy of those who wrote a plan: distributions drop old versions, so pins need care that not everybody wants.
pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.path.is_some() || plan.rules.iter().any(|setting| setting.rule.value == "apt-pinned")
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let snapshot = plan.build.apt_snapshot.as_ref().map(|planned| planned.value);
    let excused = |stage: &Stage, _: &_| match snapshot {
        Some(false) => false,
        // The archive may be set up in a base of the fleet, whose commands are judged there.
        Some(true) => takes_snapshot(build, stage) || matches!(chain(build, stage).last(), Some(last) if matches!(last.from.base, Base::Fleet { .. })),
        None => takes_snapshot(build, stage),
    };
    let help = "Write `package=version`; `apt-cache policy` prints the version, a snapshot archive keeps it";
    unpinned(build, PackageManager::Apt, excused, help, out);
}

/// The stage and those of the same file that it stands on.
fn chain<'a>(build: &'a Build, stage: &'a Stage) -> impl Iterator<Item = &'a Stage> {
    std::iter::successors(Some(stage), |stage| match stage.from.base {
        Base::Stage(index) => build.stages.get(index),
        _ => None,
    })
}

/// Whether apt is pointed at an archive of one day.
fn takes_snapshot(build: &Build, stage: &Stage) -> bool {
    let says = |text: &str| {
        ["snapshot.debian.org", "snapshot.ubuntu.com", "snapshot-cloudflare.debian.org", "APT::Snapshot", "--snapshot"]
            .iter()
            .any(|part| text.contains(part))
    };
    chain(build, stage).any(|stage| {
        let mut words = stage.runs.iter().flat_map(|run| &run.texts).flat_map(|text| &text.script.words);
        let mut images = stage.layer().env.iter().map(|pair| pair.value.1.text.as_str());
        words.any(|word| says(&word.text)) || images.any(says)
    })
}
