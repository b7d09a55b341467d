//! What one image says of the things that a plan can fix.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::fleet::Member;
use crate::model::{
    Build, ChainEnd, Container, Fact, Healthcheck, PipInstall, ProblemKind, TakeSource, Unknown,
};
use crate::rules::init_of;
use crate::syntax::image_reference::ImageReference;

/// Labels of one image that are kept.
const MAX_LABELS: usize = 100;

/// What an image says, bases included. Where nothing can be told the outer `Option` is `None`.
#[derive(Debug, Clone)]
pub(super) struct Service {
    /// Path of its Dockerfile.
    pub(super) path: String,
    /// Name by the path, best first.
    pub(super) name: Option<SmolStr>,
    /// The compose service that it is deployed as.
    pub(super) deployed_as: Option<SmolStr>,
    /// Whether it starts anything.
    pub(super) starts: bool,
    /// Who runs it.
    pub(super) user: Option<Runs>,
    /// The init that is PID 1; inner `None`: another program is.
    pub(super) init: Option<Option<SmolStr>>,
    /// Whether it takes something out of a builder stage.
    pub(super) two_stages: bool,
    /// Whether all of its pip commands demand hashes, and whether all keep their downloads in a cache mount; `None`
    /// without such a command.
    pub(super) pip: Option<(bool, bool)>,
    /// `3.11`: the Python of the public image that it stands on.
    pub(super) python: Option<String>,
    /// `12.1`: the CUDA of the public image that it stands on.
    pub(super) cuda: Option<String>,
    /// Its health check; inner `None`: it has none.
    pub(super) check: Option<Option<Check>>,
    /// Names of its labels.
    pub(super) labels: BTreeSet<SmolStr>,
    /// Value of the label `GPUS`, by which an AIM is known.
    pub(super) gpus: Option<SmolStr>,
    /// TCP ports that it exposes itself, each once and in order; `None`: some cannot be told.
    pub(super) ports: Option<Vec<u16>>,
    /// Exact versions of the Python packages that it installs.
    pub(super) pins: Vec<(SmolStr, SmolStr)>,
    /// Path of the Dockerfile of the base that it stands on.
    pub(super) base: Option<SmolStr>,
}

/// Who runs a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Runs {
    /// A user with a number, and the group's where it is known.
    As(u32, Option<u32>),
    /// A user whose number nobody writes.
    Named(SmolStr),
}

/// A health check, as far as a plan can fix it.
#[derive(Debug, Clone, Default)]
pub(super) struct Check {
    /// The path that it asks.
    pub(super) path: Option<SmolStr>,
    /// The port that it asks.
    pub(super) port: Option<u16>,
    /// `interval`, `timeout`, `start-period` as written, where they can be told.
    pub(super) timing: [Option<SmolStr>; 3],
    /// `retries`
    pub(super) retries: Option<u32>,
}

/// What a build says; `member`: the same build, as the fleet keeps it.
pub(super) fn of_build(build: &Build, member: &Member) -> Service {
    // Of a file that is broken what is missing may be lost, and what is there may not hold.
    let whole = !build
        .problems
        .iter()
        .any(|problem| matches!(problem.kind, ProblemKind::Syntax | ProblemKind::Template));
    let stage = build.final_stage().filter(|_| whole);
    let container = stage.map(|stage| &stage.container);
    let end = container.and_then(end_reference);
    let ports = member.ports.iter().map(|port| port.value.as_ref().ok());
    Service {
        path: member.path.clone(),
        name: member.image_names.first().cloned(),
        deployed_as: None,
        starts: container.is_some_and(|container| !container.starts_nothing()),
        user: container.and_then(runs_as),
        init: container.and_then(init_of),
        two_stages: takes_from_builder(build),
        pip: pip(build),
        python: end.as_deref().and_then(|end| version_of(end, "python")),
        cuda: end.as_deref().and_then(|end| version_of(end, "cuda")),
        check: stage.and_then(|stage| match stage.container.healthcheck() {
            Fact::Known { value, .. } => Some(check(value, &stage.probes)),
            Fact::Absent => Some(None),
            Fact::Unknown { .. } => None,
        }),
        labels: container.map(labels).unwrap_or_default(),
        gpus: container.and_then(|container| {
            container.label("GPUS").known().and_then(|value| value.certain().map(SmolStr::new))
        }),
        ports: ports
            .map(|port| port.filter(|port| port.first == port.last))
            .filter(|port| port.is_none_or(|port| port.protocol == "tcp"))
            .map(|port| port.map(|port| port.first))
            .collect::<Option<BTreeSet<u16>>>()
            .map(|ports| ports.into_iter().collect()),
        pins: member.pins.iter().map(|pin| (pin.name.clone(), pin.version.clone())).collect(),
        base: None,
    }
}

fn runs_as(container: &Container) -> Option<Runs> {
    match container.user() {
        Fact::Known { value, .. } => match value.uid {
            Some(uid) => Some(Runs::As(uid, value.gid)),
            None if value.unnumbered || value.system => Some(Runs::Named(value.name)),
            None => None,
        },
        Fact::Absent => Some(Runs::As(0, Some(0))),
        Fact::Unknown { .. } => None,
    }
}

fn takes_from_builder(build: &Build) -> bool {
    let own: Vec<usize> = build.own_stages().map(|stage| stage.index).collect();
    let mut takes = build.own_stages().flat_map(|stage| &stage.takes);
    takes.any(|take| matches!(take.source, TakeSource::Stage(index) if !own.contains(&index)))
}

fn pip(build: &Build) -> Option<(bool, bool)> {
    let installs: Vec<&PipInstall> = build.needed_stages().flat_map(|stage| &stage.pip_installs).collect();
    let hashed = |install: &&PipInstall| {
        let of_file =
            |file: &crate::model::RequirementsUse| file.file.as_ref().is_ok_and(|file| file.require_hashes);
        install.require_hashes || (!install.files.is_empty() && install.files.iter().all(of_file))
    };
    let cached = |install: &&PipInstall| install.cache_mount;
    (!installs.is_empty()).then(|| (installs.iter().all(hashed), installs.iter().all(cached)))
}

/// The image outside of the repository that a container stands on.
fn end_reference(container: &Container) -> Option<SmolStr> {
    match &container.end {
        ChainEnd::WellKnown { reference, .. } => Some(reference.clone()),
        ChainEnd::Unknown { why: Unknown::Base(reference), .. } => Some(reference.clone()),
        _ => None,
    }
}

/// Major and minor number at the start of the tag of an image with this name.
fn version_of(reference: &str, name: &str) -> Option<String> {
    let parsed = ImageReference::parse(reference);
    let tag = parsed.tag.filter(|_| parsed.name() == name)?;
    let mut parts = tag.split(|c: char| !c.is_ascii_digit() && c != '.').next()?.split('.');
    let number =
        |part: Option<&str>| part.filter(|part| !part.is_empty() && part.len() <= 3).map(str::to_owned);
    Some(format!("{}.{}", number(parts.next())?, number(parts.next())?))
}

fn labels(container: &Container) -> BTreeSet<SmolStr> {
    let pairs = container.layers.iter().flat_map(|layer| &layer.labels);
    let names = pairs.filter_map(|pair| pair.value.0.certain());
    names.filter(|name| !name.is_empty() && name.len() <= 100).map(SmolStr::new).take(MAX_LABELS).collect()
}

/// `None`: the check is switched off.
fn check(check: &Healthcheck, probes: &[crate::model::Probe]) -> Option<Check> {
    check.command.as_ref()?;
    let plain = |path: &&str| {
        let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
        path.starts_with('/') && path.len() <= 100 && path.bytes().all(usual)
    };
    let probe = probes.iter().find(|probe| !probe.path.text.is_empty());
    let timing = [&check.interval, &check.timeout, &check.start_period].map(|duration| {
        let told = duration.as_ref().filter(|duration| duration.milliseconds.is_some());
        told.map(|duration| duration.written.clone())
    });
    Some(Check {
        path: probe.and_then(|probe| probe.path.certain()).filter(plain).map(SmolStr::new),
        port: probes.iter().find_map(|probe| probe.port.certain()?.parse().ok()),
        timing,
        retries: check.retries,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_tags() {
        for (reference, name, version) in [
            ("python:3.11-slim-bookworm", "python", Some("3.11")),
            ("docker.io/library/python:3.11.4", "python", Some("3.11")),
            ("nvidia/cuda:12.1.1-runtime-ubuntu22.04", "cuda", Some("12.1")),
            ("python:3-slim", "python", None),
            ("python:slim", "python", None),
            ("python", "python", None),
            ("debian:12.5", "python", None),
            ("python:3.99999", "python", None),
        ] {
            assert_eq!(version_of(reference, name).as_deref(), version, "{reference}");
        }
    }
}
