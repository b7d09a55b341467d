//! `image-volume`: no VOLUME lies over a folder of the system.

use crate::finding::Findings;
use crate::model::{Build, BuiltImage, Spanned, Value};
use crate::path;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image)]);

pub(in crate::rules) use crate::rules::always as planned;

/// Folders that programs, their settings or the kernel own. What lies below them may well be data.
const SYSTEM: [&str; 12] =
    ["/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr"];

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let Some(stage) = build.final_stage() else { return };
    for volume in build.own_stages().flat_map(|own| &own.layer().volumes) {
        judge(volume, out, |finding| {
            finding.subject(stage.label());
        });
    }
}

fn image(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    for volume in image.container.layers.iter().flat_map(|layer| &layer.volumes) {
        judge(volume, out, |_| ());
    }
}

fn judge(volume: &Spanned<Value>, out: &mut Findings, name: impl Fn(&mut crate::finding::Finding)) {
    let Some(text) = volume.value.certain() else { return };
    let folder = format!("/{}", path::clean(text).trim_matches('/'));
    if text.starts_with('/') && SYSTEM.contains(&folder.as_str()) {
        let message = format!("the volume `{text}` is a folder of the system: its files are copied out of the image once, and stay as old as that");
        name(out.add(&volume.place, message).help("name the folder that holds the data"));
    }
}
