//! `init-installed`: the init that is started is in the image.

mod image;

use super::pid1::{KNOWN_INITS, Pid1, file_name, handed_over, is_init, own_entry, pid1};
use crate::finding::Findings;
use crate::model::{Build, Container, Fact, Origin, PackageManager, Role};
use crate::plan::Plan;
use crate::rules::common::{is_windows, narrow};
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(stage) = build.final_stage().filter(|_| !is_windows(build)) else { return };
    let Some((init, origin)) = started_init(&stage.container, plan) else { return };
    // A base says it once, at its own line.
    if build.role == Role::Base && stage.layer().entrypoint.is_none() {
        return;
    }
    let name = file_name(&init);
    let package = package_of(name);
    let in_python = format!("pip:{package}");
    let names = [init.as_str(), name, package, in_python.as_str()];
    let place = own_entry(build, &origin).map(|entry| narrow(&entry.argument, &init));
    let at = place.map_or_else(|| origin.clone(), |place| Origin::here(&place, "set here"));
    match stage.container.provider(&names) {
        Fact::Absent => {
            out.add(&at, format!("starts `{init}`, which nothing in the chain installs"))
                .help(format!("install the package `{package}` in this file or in a base"))
                .subject(stage.label());
        }
        Fact::Known { origin: installed, .. } => {
            if let Some(real) = elsewhere(build, &init) {
                out.add(&at, format!("starts `{init}`, but the package installs `{real}`"))
                    .help(format!("write `{real}`"))
                    .related(&installed.last().place, "installed here")
                    .subject(stage.label());
            }
        }
        Fact::Unknown { why, .. } => {
            out.open(&at, format!("cannot tell whether `{init}` is in the image: {why}"))
                .subject(stage.label());
        }
    }
}

/// The package that brings an init.
fn package_of(name: &str) -> &str {
    if name.starts_with("tini") { "tini" } else { name }
}

/// The init that becomes PID 1, as written.
fn started_init(container: &Container, plan: &Plan) -> Option<(String, Origin)> {
    let planned = plan.init.process.iter().chain(&plan.init.accept).map(|said| said.value.as_str());
    let inits: Vec<&str> = planned.chain(KNOWN_INITS.iter().copied()).collect();
    let (init, origin) = match pid1(container)? {
        Pid1::Exec(words, origin) => (words.first()?.to_string(), origin),
        Pid1::Shell(text, origin) => {
            let first = handed_over(&text).or_else(|| text.split_ascii_whitespace().next())?.to_owned();
            (first, origin)
        }
        _ => return None,
    };
    is_init(&init, &inits).then_some((init, origin))
}

/// Where the packages put tini, when that is not where the ENTRYPOINT looks: `/usr/bin` on Debian, `/sbin` on Alpine.
fn elsewhere(build: &Build, init: &str) -> Option<&'static str> {
    let (manager, real) = match init {
        "/usr/bin/tini" => (PackageManager::Apk, "/sbin/tini"),
        "/sbin/tini" => (PackageManager::Apt, "/usr/bin/tini"),
        _ => return None,
    };
    let stage = build.final_stage()?;
    let installs =
        stage.installs.iter().filter(|install| install.packages.iter().any(|package| package.name == "tini"));
    let managers: Vec<PackageManager> = installs.map(|install| install.manager).collect();
    // A link, a copy or a download may put it there as well.
    let mentioned = stage.runs.iter().any(|run| run.place.text().contains(init));
    let copied =
        stage.container.layers.iter().flat_map(|layer| &layer.files).any(|file| file.value.path == init);
    (managers == [manager] && !mentioned && !copied).then_some(real)
}
