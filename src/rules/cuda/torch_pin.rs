//! `torch-pin`: packages that the plan pins are installed in that version.

use smol_str::SmolStr;

use crate::finding::Findings;
use crate::model::{Base, Build, PipInstall, Reading, Requirement, Spanned, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::image_reference::ImageReference;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.pins.is_empty()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let is_cpu = build.service.and_then(|row| plan.services.get(row)).is_some_and(|row| !row.needs_gpu());
    for stage in build.needed_stages() {
        of_image(stage, plan, out);
        for install in &stage.pip_installs {
            let reading = install.reading();
            for requirement in reading.requirements() {
                if let Some((_, pin)) = plan.pins.iter().find(|(name, _)| *name == requirement.name) {
                    Judge { install, reading: &reading, pin, is_cpu }.requirement(requirement, out);
                }
            }
        }
    }
}

struct Judge<'a> {
    install: &'a PipInstall,
    reading: &'a Reading<'a>,
    pin: &'a Spanned<SmolStr>,
    is_cpu: bool,
}

/// How a version stands to the planned one.
enum Fit {
    Same,
    Differs,
    Open(String),
}

impl Judge<'_> {
    fn requirement(&self, requirement: &Requirement, out: &mut Findings) {
        if requirement.local || requirement.editable || self.is_redirected(requirement) {
            return;
        }
        let planned = &self.pin.value;
        let constrained = self.reading.constraints_on(&requirement.name).find_map(|line| line.pinned.as_ref());
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
        let name = &requirement.written;
        match fit {
            Fit::Same => {}
            Fit::Open(why) => {
                out.open(&requirement.place, format!("cannot tell the version of `{name}`, planned `{planned}`: {why}"))
                    .planned(self.pin);
            }
            Fit::Differs => {
                let message = match version {
                    Some(version) => format!("`{name}` is `{version}`, planned `{planned}`"),
                    None if requirement.specifier.is_empty() => format!("`{name}` has no version, planned `{planned}`"),
                    None => format!("`{name}{}` is not pinned, planned `{planned}`", requirement.specifier),
                };
                out.add(&requirement.place, message).planned(self.pin).help(format!("Write `{name}=={planned}`"));
            }
        }
    }

    fn is_redirected(&self, requirement: &Requirement) -> bool {
        let (own, at) = (&requirement.place.source, requirement.place.span);
        let holds = |span: crate::source::Span| span.start <= at.start && at.end <= span.end;
        self.install.redirected_versions.iter().any(|place| place.source.path() == own.path() && holds(place.span))
    }

    /// A local version (`+cu121`) may also be chosen by the index that serves nothing else.
    fn version(&self, version: &str) -> Fit {
        let planned = self.pin.value.as_str();
        let (public, local) = split(version);
        let (planned_public, planned_local) = split(planned);
        if version == planned {
            return Fit::Same;
        }
        if public != planned_public {
            return Fit::Differs;
        }
        let Some(variant) = planned_local else { return Fit::Differs };
        match local {
            Some("cpu") if self.is_cpu => Fit::Same,
            Some(_) => Fit::Differs,
            None => self.index(variant),
        }
    }

    fn index(&self, variant: &str) -> Fit {
        let of_files = self.reading.files.iter().flat_map(|file| &file.index_urls);
        let mut urls = self.install.index_urls.iter().chain(&self.install.find_links).chain(of_files).map(|url| &url.value);
        let serves = |text: &str, variant: &str| text.split(['/', ' ', '=']).any(|part| part == variant);
        if urls.clone().any(|url| serves(&url.text, variant) || (self.is_cpu && serves(&url.text, "cpu"))) {
            return Fit::Same;
        }
        match urls.find_map(|url| url.unknown.as_ref()) {
            Some(why) => Fit::Open(why.to_string()),
            None => Fit::Differs,
        }
    }
}

/// A version without and with what stands behind `+` (PEP 440, local version identifiers).
fn split(version: &str) -> (&str, Option<&str>) {
    match version.split_once('+') {
        Some((public, local)) => (public, Some(local)),
        None => (version, None),
    }
}

/// The version in the name of a wheel or archive: `torch-2.2.2%2Bcu121-cp311-…`.
fn of_url(url: &str, name: &str, planned: &str) -> Fit {
    let file = url.split(['#', '?']).next().unwrap_or(url).rsplit('/').next().unwrap_or(url);
    let file = file.replace("%2B", "+").replace("%2b", "+");
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
