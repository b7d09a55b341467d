//! The pinned packages that the layers of a built image hold; where the layers were not read, what its history says of
//! them.

use smol_str::SmolStr;

use super::{differs, fits_variant, split};
use crate::finding::Findings;
use crate::model::{BuiltImage, Contents, HistoryStep, ImageFiles, Spanned};
use crate::plan::Plan;
use crate::rules::common::narrow;
use crate::rules::images::{cannot_tell, row, unread};

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let row = row(image, plan);
    let is_cpu = row.is_some_and(|row| !row.needs_gpu());
    match &image.files {
        Contents::Read(files) => {
            for (name, pin) in &plan.pins {
                installed(image, files, name, pin, is_cpu, out);
            }
        }
        Contents::Unread(why) => {
            let mut told = false;
            for (name, pin) in &plan.pins {
                told |= by_history(&image.history, name, pin, is_cpu, out);
            }
            if !told && row.is_some_and(|row| row.needs_gpu()) {
                out.open(&image.place, cannot_tell("the versions of the pinned packages", unread(why)));
            }
        }
    }
}

/// Every copy of a package that the layers hold.
fn installed(
    image: &BuiltImage,
    files: &ImageFiles,
    name: &str,
    pin: &Spanned<SmolStr>,
    is_cpu: bool,
    out: &mut Findings,
) {
    let mut seen = Vec::new();
    for package in files.python_packages.iter().filter(|package| package.name == name) {
        if fits(&package.version, pin, is_cpu) || seen.contains(&&package.version) {
            continue;
        }
        seen.push(&package.version);
        out.add(image.layer_place(package.layer), differs(name, &package.version, &pin.value))
            .planned(pin)
            .help(format!("install `{name}=={}` where the image, or its base, is built", pin.value));
    }
}

fn fits(version: &str, pin: &Spanned<SmolStr>, is_cpu: bool) -> bool {
    fits_variant(version, &pin.value, is_cpu).unwrap_or(false)
}

/// Compares the versions that `pip install` steps name: whether there was one. A variant that an index chose cannot be
/// seen there.
fn by_history(
    history: &[HistoryStep],
    name: &str,
    pin: &Spanned<SmolStr>,
    is_cpu: bool,
    out: &mut Findings,
) -> bool {
    let prefix = format!("{name}==");
    let mut told = false;
    for step in history.iter().filter(|step| step.created_by.value.contains("install")) {
        let words = step.created_by.value.split(|letter: char| letter.is_whitespace() || "\"';&|".contains(letter));
        for version in words.filter_map(|word| word.strip_prefix(prefix.as_str())) {
            told = true;
            let hidden = split(version) == (split(&pin.value).0, None);
            if !hidden && !fits(version, pin, is_cpu) {
                let place = narrow(&step.created_by.place, &format!("{prefix}{version}"));
                out.add(&place, differs(name, version, &pin.value)).planned(pin);
            }
        }
    }
    told
}
