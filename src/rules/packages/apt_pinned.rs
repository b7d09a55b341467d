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
    let dated = dated(build);
    let excused = |stage: &Stage| match (snapshot, dated.get(stage.index)) {
        (Some(false), _) | (_, None) => false,
        // The archive may be set up in a base of the fleet, whose commands are judged there.
        (Some(true), Some(dated)) => dated.here || dated.on_fleet,
        (None, Some(dated)) => dated.here,
    };
    let help = "Write `package=version`; `apt-cache policy` prints the version, a snapshot archive keeps it";
    unpinned(build, PackageManager::Apt, excused, help, out);
}

/// What is known of the archive that a stage takes packages from.
struct Dated {
    /// The stage, or one of this file that it stands on, points apt at the archive of one day.
    here: bool,
    /// It stands on an image of the fleet.
    on_fleet: bool,
}

/// For each stage; a stage stands on earlier ones only.
fn dated(build: &Build) -> Vec<Dated> {
    let mut all: Vec<Dated> = Vec::with_capacity(build.stages.len());
    for stage in &build.stages {
        let below = match stage.from.base {
            Base::Stage(index) => all.get(index),
            _ => None,
        };
        let here = below.is_some_and(|below| below.here) || takes_snapshot(stage);
        let on_fleet = below.is_some_and(|below| below.on_fleet) || matches!(stage.from.base, Base::Fleet { .. });
        all.push(Dated { here, on_fleet });
    }
    all
}

/// Whether apt is pointed at an archive of one day.
fn takes_snapshot(stage: &Stage) -> bool {
    let says = |text: &str| {
        ["snapshot.debian.org", "snapshot.ubuntu.com", "snapshot-cloudflare.debian.org", "APT::Snapshot", "--snapshot"]
            .iter()
            .any(|part| text.contains(part))
    };
    let mut words = stage.runs.iter().flat_map(|run| &run.texts).flat_map(|text| &text.script.words);
    let mut values = stage.layer().env.iter().map(|pair| pair.value.1.text.as_str());
    words.any(|word| says(&word.text)) || values.any(says)
}
