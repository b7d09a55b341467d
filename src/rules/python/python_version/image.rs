//! The Python of a built image: what its variables say, which interpreter its layers hold, and which one its packages
//! belong to.

use std::collections::HashSet;

use super::{Judge, foreign, is_version, minor, of_folder};
use crate::finding::Findings;
use crate::model::{BuiltImage, Fact, ImageFile, ImageFiles};
use crate::plan::Plan;
use crate::rules::images::row;

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let Some(version) = &plan.python.version else { return };
    let legacy = plan.python.legacy_version.as_ref().filter(|_| is_legacy(image, plan));
    let mut judge = Judge { version, legacy, seen: HashSet::new() };
    if let Fact::Known { value, origin } = image.container.env("PYTHON_VERSION")
        && let Some(said) = value.certain().filter(|said| is_version(said))
    {
        judge.judge(said, origin.place(), "says", out);
    }
    let Some(files) = image.files.read() else { return };
    let Some((there, program)) = interpreter(files) else { return };
    if !judge.seen.contains(there) {
        judge.judge(there, image.layer_place(program.layer), "comes with", out);
    }
    packages(image, files, there, &mut judge, out);
}

/// Whether the plan lets this image have the legacy version: it is the legacy base, or the hierarchy leads from it, or from
/// the base of its row, to the legacy base.
fn is_legacy(image: &BuiltImage, plan: &Plan) -> bool {
    let Some(base) = &plan.python.legacy_base else { return false };
    let hierarchy = &plan.images.hierarchy;
    let own = image.hierarchy.and_then(|at| hierarchy.get(at)).map(|own| &own.name.value);
    let of_row = row(image, plan).and_then(|row| row.base.as_ref()).map(|base| &base.value);
    let mut at = own.or(of_row);
    // A hierarchy that comes back to itself is somebody else's finding.
    for _ in 0..=hierarchy.len() {
        let Some(name) = at.filter(|name| **name != base.value) else { break };
        at = hierarchy.iter().find(|image| image.name.value == *name).map(|image| &image.from.value);
    }
    at.is_some_and(|name| *name == base.value)
}

/// The version of what `python3` or `python` starts, by the name of the file that it leads to: `python3.11`.
fn interpreter(files: &ImageFiles) -> Option<(&str, &ImageFile)> {
    let program = files.program("python3").or_else(|| files.program("python"))?;
    let version = program.path.rsplit('/').next()?.strip_prefix("python")?;
    is_version(version).then_some((version, program))
}

/// Packages below `/usr` of a Python that is not in the image: nothing imports them.
fn packages(image: &BuiltImage, files: &ImageFiles, there: &str, judge: &mut Judge<'_>, out: &mut Findings) {
    for package in files.python_packages.iter().filter(|package| package.path.starts_with("/usr/")) {
        let Some(version) = of_folder(&package.path) else { continue };
        let is_there = minor(version) == minor(there) || files.program(&format!("python{version}")).is_some();
        if !is_there && judge.seen.insert(minor(version)) {
            out.add(image.layer_place(package.layer), foreign(version, there)).planned(judge.version);
        }
    }
}
