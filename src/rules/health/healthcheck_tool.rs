//! `healthcheck-tool`: the programs of the health check are in the image.

mod image;

use super::watch::{Watch, watch, watch_service};
use crate::finding::Findings;
use crate::model::{Build, ChainEnd, Fact, Form, Workload};
use crate::plan::Plan;
use crate::rules::deployed::is_ours;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check =
    Check::Several(&[Check::Build(check), Check::Workload(deployed), Check::Image(image::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// Programs that come from packages, with the packages that hold them. What is not listed belongs to the application.
const PACKAGES: &[(&str, &[&str])] = &[
    ("curl", &["curl", "curl-minimal", "curl-full"]),
    ("wget", &["wget", "wget2", "busybox", "busybox-static"]),
    (
        "nc",
        &[
            "nc",
            "ncat",
            "netcat",
            "netcat-openbsd",
            "netcat-traditional",
            "nmap-ncat",
            "nmap",
            "busybox",
            "busybox-extras",
        ],
    ),
    ("ncat", &["ncat", "nmap-ncat", "nmap"]),
    ("netcat", &["netcat", "netcat-openbsd", "netcat-traditional"]),
    ("jq", &["jq"]),
    ("dig", &["dnsutils", "bind9-dnsutils", "bind-tools", "bind-utils"]),
    ("nslookup", &["dnsutils", "bind9-dnsutils", "bind-tools", "bind-utils", "busybox"]),
    ("netstat", &["net-tools", "busybox"]),
    ("ss", &["iproute2", "iproute"]),
    ("pg_isready", &["postgresql", "postgresql-client", "postgresql-common"]),
    ("redis-cli", &["redis", "redis-tools", "redis-server"]),
    ("mysqladmin", &["mysql-client", "mariadb-client", "default-mysql-client", "mysql", "mariadb"]),
    ("http", &["httpie", "pip:httpie"]),
    ("pgrep", &["procps", "procps-ng", "busybox"]),
    ("ps", &["procps", "procps-ng", "busybox"]),
];

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    if let Some(watch) = watch(build) {
        judge(&watch, installs_unknown(build), true, out);
    }
}

/// What a compose service asks with, in the image that it runs; of the images of others nothing is open.
fn deployed(workload: &Workload, plan: &Plan, out: &mut Findings) {
    if let Some(watch) = watch_service(workload) {
        judge(&watch, false, is_ours(workload, plan), out);
    }
}

/// `may_hold`: packages are installed whose names cannot be told. `is_open`: whether doubts are worth telling.
fn judge(watch: &Watch<'_>, may_hold: bool, is_open: bool, out: &mut Findings) {
    if lacks_shell(watch) {
        out.add(
            &watch.in_command(""),
            "the health check is in shell form, and nothing in the chain brings a shell",
        )
        .help("use the exec form with a program that is in the image")
        .subject(watch.label.clone());
        return;
    }
    for tool in &watch.health.tools {
        let Some((program, names)) = names_of(tool) else { continue };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match watch.container.provider(&names) {
            Fact::Known { .. } => {}
            Fact::Absent if may_hold => {}
            Fact::Absent => {
                let at = watch.in_command(&program);
                let what = if tool.starts_with("python:") { "the Python package " } else { "" };
                out.add(
                    &at,
                    format!("the health check needs {what}`{program}`, which nothing in the chain installs"),
                )
                .help(format!(
                    "install `{program}` in this file or in a base, or ask with a program that is there"
                ))
                .subject(watch.label.clone());
                return;
            }
            Fact::Unknown { .. } if !is_open => {}
            Fact::Unknown { why, .. } => {
                let at = watch.in_command(&program);
                out.open(&at, format!("cannot tell whether `{program}` is in the image: {why}"))
                    .subject(watch.label.clone());
                return;
            }
        }
    }
}

/// The program as reports name it, and the names of packages and files that bring it.
fn names_of(tool: &str) -> Option<(String, Vec<String>)> {
    if let Some(module) = tool.strip_prefix("python:") {
        let system = format!("python3-{module}");
        let names = vec![format!("pip:{module}"), system, format!("py3-{module}")];
        return Some((module.to_owned(), names));
    }
    if tool.contains('/') {
        return None;
    }
    let (_, packages) = PACKAGES.iter().find(|(name, _)| *name == tool)?;
    let mut names: Vec<String> = packages.iter().map(ToString::to_string).collect();
    names.push(tool.to_owned());
    Some((tool.to_owned(), names))
}

/// A shell form on an image without a shell: `scratch`, or a distroless one.
fn lacks_shell(watch: &Watch<'_>) -> bool {
    let container = watch.container;
    let bare = match &container.end {
        ChainEnd::Scratch => true,
        ChainEnd::WellKnown { base, .. } => !base.has_shell,
        ChainEnd::Unknown { .. } => false,
    };
    let shell_form = watch.health.command.as_ref().is_some_and(|command| command.form == Form::Shell);
    // A folder out of another image may hold anything.
    let whole = container.layers.iter().flat_map(|layer| &layer.files).any(|file| {
        matches!(file.value.path.as_str(), "" | "/" | "/bin" | "/usr" | "/usr/bin")
            && file.value.context_path.is_none()
    });
    let brought =
        || container.provider(&["sh", "bash", "dash", "ash", "busybox", "busybox-static", "/bin/sh"]);
    bare && shell_form && !whole && container.shell().known().is_none() && matches!(brought(), Fact::Absent)
}

/// Whether this file installs packages whose names cannot be told.
fn installs_unknown(build: &Build) -> bool {
    let mut installs = build.stages.iter().flat_map(|stage| &stage.installs);
    installs.any(|install| install.packages.iter().any(|package| package.unknown.is_some()))
}
