//! `python-version`: images run the planned Python.

mod image;

use std::collections::HashSet;

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{Base, Build, ChainEnd, Container, PackageManager, Spanned, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::Place;
use crate::syntax::image_reference::ImageReference;
use crate::syntax::shell::command_name;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.python.version.is_some()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let Some(version) = &plan.python.version else { return };
    let legacy = plan.python.legacy_version.as_ref().filter(|_| is_legacy(build, plan));
    let mut judge = Judge { version, legacy, seen: HashSet::new() };
    for stage in build.needed_stages() {
        judge.image(stage, out);
        judge.packages(stage, out);
        judge.variable(stage, out);
    }
    for stage in build.needed_stages() {
        judge.folders(stage, out);
    }
}

/// Whether the plan lets this file use the legacy version: it builds the legacy base, or stands on it, or its row does.
fn is_legacy(build: &Build, plan: &Plan) -> bool {
    let Some(base) = &plan.python.legacy_base else { return false };
    let row = build.service.and_then(|row| plan.services.get(row)).and_then(|row| row.base.as_ref());
    let stands_on = |stage: &Stage| stage.container.layers.iter().any(|layer| layer.base_name == base.value);
    build.image_names.contains(&base.value)
        || row.is_some_and(|row| row.value == base.value)
        || build.final_stage().is_some_and(stands_on)
}

struct Judge<'a> {
    version: &'a Spanned<SmolStr>,
    legacy: Option<&'a Spanned<SmolStr>>,
    /// Versions that a finding of this file already names: one cause, one finding.
    seen: HashSet<String>,
}

impl Judge<'_> {
    fn allows(&self, version: &str) -> bool {
        fits(version, &self.version.value) || self.legacy.is_some_and(|legacy| fits(version, &legacy.value))
    }

    fn planned(&self) -> String {
        match self.legacy {
            Some(legacy) => format!("`{}` or `{}`", self.version.value, legacy.value),
            None => format!("`{}`", self.version.value),
        }
    }

    fn judge(&mut self, version: &str, place: &Place, what: &str, out: &mut Findings) {
        if !self.allows(version) {
            out.add(place, format!("{what} Python `{version}`, planned {}", self.planned())).planned(self.version);
            self.seen.insert(minor(version));
        }
    }

    fn image(&mut self, stage: &Stage, out: &mut Findings) {
        let from = &stage.from;
        match &from.base {
            Base::External | Base::WellKnown(_) => {}
            Base::Unknown(why) if is_python(&from.written) => {
                out.open(&from.reference_place, format!("cannot tell the Python version, planned {}: {why}", self.planned()));
                return;
            }
            _ => return,
        }
        let Some(text) = from.reference.certain() else { return };
        match of_reference(text) {
            Some(version) => self.judge(&version, &from.reference_place, "comes with", out),
            None if is_python(text) => {
                let message = format!("cannot tell the Python version, planned {}: the tag names none", self.planned());
                out.open(&from.reference_place, message);
            }
            None => {}
        }
    }

    /// `python3.10` and its kin from apt; the first of each version is enough.
    fn packages(&mut self, stage: &Stage, out: &mut Findings) {
        for install in stage.installs.iter().filter(|install| install.manager == PackageManager::Apt) {
            for package in &install.packages {
                let Some(version) = of_package(&package.name) else { continue };
                if !self.seen.contains(&minor(version)) {
                    self.judge(version, &package.place, "installs", out);
                }
            }
        }
    }

    fn variable(&mut self, stage: &Stage, out: &mut Findings) {
        let Some(pair) = stage.layer().env_pair("PYTHON_VERSION") else { return };
        let Some(version) = pair.value.1.certain() else { return };
        if is_version(version) && !self.seen.contains(&minor(version)) {
            self.judge(version, &pair.place, "says", out);
        }
    }

    /// A path of packages belongs to one Python, and that one must be in the image.
    fn folders(&mut self, stage: &Stage, out: &mut Findings) {
        let mut chain = None;
        for copy in &stage.copies {
            let sources = copy.sources.iter().filter(|_| copy.from.is_some()).map(|source| (&source.place, &source.path.text));
            let target = std::iter::once((&copy.destination.place, &copy.destination.value.text));
            for (place, path) in sources.chain(target) {
                let Some(version) = of_folder(path) else { continue };
                let there = chain.get_or_insert_with(|| of_chain(&stage.container));
                let is_wrong = match &*there {
                    Some(there) => !fits(version, there),
                    None => !self.allows(version),
                };
                if is_wrong && !self.seen.contains(&minor(version)) {
                    let message = match &*there {
                        Some(there) => foreign(version, there),
                        None => format!("packages of Python `{version}`, planned {}", self.planned()),
                    };
                    out.add(place, message).planned(self.version);
                    break;
                }
            }
        }
        let chain = chain.unwrap_or_else(|| of_chain(&stage.container));
        if let Some(there) = &chain {
            self.copied_by_run(stage, there, out);
        }
    }

    /// The target of a `cp` or `mv` in a RUN, which `RUN --mount=from=` leads to.
    fn copied_by_run(&self, stage: &Stage, there: &str, out: &mut Findings) {
        for text in stage.runs.iter().flat_map(|run| &run.texts) {
            for command in &text.script.commands {
                let Some((program, rest)) = text.command_words(command).split_first() else { continue };
                let Some(target) = rest.last().filter(|_| matches!(command_name(program), "cp" | "mv")) else { continue };
                let Some(version) = of_folder(&target.text).filter(|version| !fits(version, there)) else { continue };
                if !self.seen.contains(&minor(version)) {
                    out.add(&text.place(target.span), foreign(version, there)).planned(self.version);
                }
            }
        }
    }
}

/// Whether the image is an official Python, by its name.
fn is_python(reference: &str) -> bool {
    ImageReference::parse(reference).name() == "python"
}

/// The version that a reference tells: `python:3.11-slim`, `…:python3.9-alpine`.
fn of_reference(reference: &str) -> Option<String> {
    let parsed = ImageReference::parse(reference);
    let mut parts = parsed.tag?.split(['-', '_']);
    if parsed.name() == "python" {
        return parts.find(|part| is_version(part)).map(str::to_owned);
    }
    let named = parts.find_map(|part| part.strip_prefix("python").or_else(|| part.strip_prefix("py")))?;
    is_version(named).then(|| named.to_owned())
}

/// `3.11` of `python3.11`, `python3.11-venv` and `libpython3.11-stdlib`.
fn of_package(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("python")?;
    let version = rest.split('-').next().unwrap_or(rest);
    is_version(version).then_some(version)
}

/// `3.11` of `/usr/local/lib/python3.11/site-packages`.
fn of_folder(path: &str) -> Option<&str> {
    let mut parts = path.split('/');
    let version = parts.find_map(|part| part.strip_prefix("python").filter(|version| is_version(version)))?;
    matches!(parts.next(), Some("site-packages" | "dist-packages")).then_some(version)
}

/// The Python of an image, as far as its chain tells: a variable, a package, the image at its end.
fn of_chain(container: &Container) -> Option<String> {
    for layer in &container.layers {
        if let Some(pair) = layer.env_pair("PYTHON_VERSION") {
            return pair.value.1.certain().filter(|version| is_version(version)).map(minor);
        }
        let mut installed = layer.provides.iter().filter_map(|said| of_package(&said.value));
        if let Some(version) = installed.next() {
            // With two of them either may be meant.
            return installed.all(|other| other == version).then(|| version.to_owned());
        }
    }
    match &container.end {
        ChainEnd::WellKnown { reference, .. } if is_python(reference) => of_reference(reference).map(|version| minor(&version)),
        _ => None,
    }
}

/// At least major and minor: `3.11`, `3.11.4`; also `3.13rc1`.
fn is_version(text: &str) -> bool {
    let mut parts = text.splitn(3, '.');
    let digits = |part: Option<&str>| part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    matches!(text.as_bytes().first(), Some(b'2' | b'3')) && digits(parts.next()) && {
        let minor = parts.next().unwrap_or_default();
        minor.starts_with(|first: char| first.is_ascii_digit())
    }
}

/// Major and minor.
fn minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// The message about packages of a Python that is not there.
fn foreign(version: &str, there: &str) -> String {
    format!("packages of Python `{version}`, and the image has `{there}`")
}

/// Whether the parts that both name are equal.
fn fits(version: &str, planned: &str) -> bool {
    version.split('.').zip(planned.split('.')).all(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use super::{of_folder, of_package, of_reference};

    #[test]
    fn references_tell_versions() {
        for (reference, version) in [
            ("python:3.11-slim-bookworm", Some("3.11")),
            ("docker.io/library/python:3.10.14-alpine3.20", Some("3.10.14")),
            ("python:slim", None),
            ("python:3", None),
            ("mcr.microsoft.com/devcontainers/python:1-3.12-bookworm", Some("3.12")),
            ("tiangolo/uvicorn-gunicorn-fastapi:python3.9-alpine3.14", Some("3.9")),
            ("nvcr.io/nvidia/pytorch:23.05-py3", None),
            ("node:20-slim", None),
        ] {
            assert_eq!(of_reference(reference).as_deref(), version, "{reference}");
        }
    }

    #[test]
    fn packages_and_folders_tell_versions() {
        assert_eq!(of_package("python3.10-venv"), Some("3.10"));
        assert_eq!(of_package("python3-venv"), None);
        assert_eq!(of_folder("/opt/venv/lib/python3.11/site-packages/"), Some("3.11"));
        assert_eq!(of_folder("/usr/lib/python3/dist-packages"), None);
        assert_eq!(of_folder("/opt/python3.9/bin"), None);
    }
}
