//! `torch-pin`: packages that the plan pins are installed in that version.

mod image;

use std::collections::HashSet;

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{Base, Build, PipInstall, Reading, Requirement, Spanned, Stage, Value,
};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::image_reference::ImageReference;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image::check)]);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.pins.is_empty()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let is_cpu = build.service.and_then(|row| plan.services.get(row)).is_some_and(|row| !row.needs_gpu());
    let mut seen = HashSet::new();
    for stage in build.needed_stages() {
        of_image(stage, plan, out);
        for install in &stage.pip_installs {
            let reading = install.reading();
            let own = reading.command_line.iter();
            let new = reading.files.iter().filter(|file| seen.insert(file.source.path()));
            for requirement in own.chain(new.flat_map(|file| &file.requirements)) {
                let name = package(requirement);
                if let Some((_, pin)) = plan.pins.iter().find(|(pinned, _)| *pinned == name) {
                    Judge { install, reading: &reading, pin, is_cpu }.requirement(requirement, out);
                }
            }
        }
    }
}

struct Judge<'r, 'a> {
    install: &'a PipInstall,
    reading: &'r Reading<'a>,
    pin: &'a Spanned<SmolStr>,
    is_cpu: bool,
}

/// How a version stands to the planned one.
enum Fit {
    Same,
    Differs,
    Open(String),
}

impl Judge<'_, '_> {
    fn requirement(&self, requirement: &Requirement, out: &mut Findings) {
        if requirement.local || requirement.editable || self.is_redirected(requirement) {
            return;
        }
        let planned = &self.pin.value;
        let constrained = self.reading.constraints_on(&requirement.name).iter().find_map(|line| line.pinned.as_ref());
        let version = requirement.pinned.as_ref().or(constrained);
        let fit = match (version, &requirement.url, &requirement.unknown) {
            (Some(version), ..) => self.version(version),
            (None, Some(url), _) => of_url(url, &requirement.name, planned),
            (None, None, Some(why)) => Fit::Open(why.to_string()),
            // The version is that of the wheels in the folder, or of a constraint that was not read.
            (None, None, None) if self.install.no_index => return,
            (None, None, None) => match self.reading.unread_constraints.iter().find_map(|used| used.file.as_ref().err()) {
                Some(why) => Fit::Open(why.to_string()),
                None => Fit::Differs,
            },
        };
        let name = if requirement.name.is_empty() { package(requirement) } else { requirement.written.to_string() };
        match fit {
            Fit::Same => {}
            Fit::Open(why) => {
                out.open(&requirement.place, format!("cannot tell the version of `{name}`, planned `{planned}`: {why}"))
                    .planned(self.pin);
            }
            Fit::Differs => {
                let message = match version {
                    Some(version) if split(version) == (split(planned).0, None) => {
                        format!("`{name}` is `{version}` {}, planned `{planned}`", self.source())
                    }
                    Some(version) => differs(&name, version, planned),
                    None if requirement.url.is_some() => format!("the address holds another `{name}`, planned `{planned}`"),
                    None if requirement.specifier.is_empty() => format!("`{name}` has no version, planned `{planned}`"),
                    None => format!("`{name}{}` is not pinned, planned `{planned}`", requirement.specifier),
                };
                out.add(&requirement.place, message).planned(self.pin).help(format!("Write `{name}=={planned}`"));
            }
        }
    }

    fn is_redirected(&self, requirement: &Requirement) -> bool {
        let at = requirement.place.span;
        let places = &self.install.redirected_versions;
        // They stand in the order of the text.
        let before = places.partition_point(|place| place.span.start <= at.start);
        let place = before.checked_sub(1).and_then(|index| places.get(index));
        place.is_some_and(|it| at.end <= it.span.end && it.source.path() == requirement.place.source.path())
    }

    /// A local version (`+cu121`) may also be chosen by the index that serves nothing else.
    fn version(&self, version: &str) -> Fit {
        match (fits_variant(version, &self.pin.value, self.is_cpu), split(&self.pin.value).1) {
            (Some(true), _) => Fit::Same,
            (None, Some(variant)) => self.index(variant),
            _ => Fit::Differs,
        }
    }

    fn index(&self, variant: &str) -> Fit {
        let serves = |url: &Value, variant: &str| url.text.split(['/', ' ', '=']).any(|part| part == variant);
        if self.urls().any(|url| serves(url, variant) || (self.is_cpu && serves(url, "cpu"))) {
            return Fit::Same;
        }
        match self.urls().find_map(|url| url.unknown.as_ref()) {
            Some(why) => Fit::Open(why.to_string()),
            None => Fit::Differs,
        }
    }

    /// Where pip looks, beside the default index.
    fn urls(&self) -> impl Iterator<Item = &Value> {
        let of_files = self.reading.files.iter().flat_map(|file| &file.index_urls);
        self.install.index_urls.iter().chain(&self.install.find_links).chain(of_files).map(|url| &url.value)
    }

    /// Where a version without a variant comes from, in words.
    fn source(&self) -> String {
        let last = |url: &Value| url.text.trim_end_matches('/').rsplit('/').next().map(|part| format!("from `{part}`"));
        self.urls().find_map(last).unwrap_or_else(|| "from the default index".to_owned())
    }
}

/// Whether a version is the planned one: `None` when it names no variant and the plan does, so that the version alone
/// does not tell. A service without a GPU may have the variant `cpu`.
fn fits_variant(version: &str, planned: &str, is_cpu: bool) -> Option<bool> {
    let ((public, local), (planned_public, planned_local)) = (split(version), split(planned));
    match (local, planned_local) {
        _ if version == planned => Some(true),
        _ if public != planned_public => Some(false),
        (Some("cpu"), Some(_)) => Some(is_cpu),
        (None, Some(_)) => None,
        _ => Some(false),
    }
}

/// The message about another version.
fn differs(name: &str, version: &str, planned: &str) -> String {
    format!("`{name}` is `{version}`, planned `{planned}`")
}

/// A version without and with what stands behind `+` (PEP 440, local version identifiers).
fn split(version: &str) -> (&str, Option<&str>) {
    match version.split_once('+') {
        Some((public, local)) => (public, Some(local)),
        None => (version, None),
    }
}

/// The normalised name of a package; of a bare address, what its file is called.
fn package(requirement: &Requirement) -> String {
    match &requirement.url {
        Some(url) if requirement.name.is_empty() => {
            let file = file_of(url);
            let name = file.split('-').next().filter(|_| file.contains('-')).unwrap_or_default();
            name.to_ascii_lowercase().replace(['_', '.'], "-")
        }
        _ => requirement.name.to_string(),
    }
}

/// The last part of an address.
fn file_of(url: &str) -> String {
    let file = url.split(['#', '?']).next().unwrap_or(url).rsplit('/').next().unwrap_or(url);
    file.replace("%2B", "+").replace("%2b", "+")
}

/// The version in the name of a wheel or archive: `torch-2.2.2%2Bcu121-cp311-…`.
fn of_url(url: &str, name: &str, planned: &str) -> Fit {
    let file = file_of(url);
    let version = file.split('-').nth(1).map(|version| version.trim_end_matches(".tar.gz"));
    match version {
        Some(version) if version == planned => Fit::Same,
        Some(version) if version.starts_with(|first: char| first.is_ascii_digit()) => Fit::Differs,
        _ => Fit::Open(format!("the address does not say which `{name}` it holds")),
    }
}

/// `pytorch/pytorch:2.1.0-cuda11.8-…` brings torch along.
fn of_image(stage: &Stage, plan: &Plan, out: &mut Findings) {
    let Some((_, pin)) = plan.pins.iter().find(|(name, _)| name == "torch") else { return };
    let is_public = matches!(stage.from.base, Base::External | Base::WellKnown(_));
    let Some(text) = stage.from.reference.certain().filter(|_| is_public) else { return };
    let reference = ImageReference::parse(text);
    let Some(tag) = reference.tag.filter(|_| reference.repository == "pytorch/pytorch") else { return };
    let version = tag.split('-').next().unwrap_or(tag);
    if version.starts_with(|first: char| first.is_ascii_digit()) && version != split(&pin.value).0 {
        out.add(&stage.from.reference_place, format!("the image brings torch `{version}`, planned `{}`", pin.value))
            .planned(pin);
    }
}
