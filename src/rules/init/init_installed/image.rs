//! The init that a built image starts must lie in its layers.

use super::{package_of, started_init};
use crate::finding::Findings;
use crate::model::{BuiltImage, Origin};
use crate::plan::Plan;
use crate::rules::common::narrow;
use crate::rules::images::{Presence, cannot_tell, is_windows, program};
use crate::rules::init::pid1::file_name;

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    if is_windows(image) {
        return;
    }
    let Some((init, origin)) = started_init(&image.container, plan) else { return };
    let at = Origin::here(&narrow(origin.place(), &init), "set here");
    let asked: Vec<&str> =
        plan.init.process.iter().chain(&plan.init.accept).map(|said| said.value.as_str()).collect();
    match program(image, &init, &asked) {
        Presence::There => {}
        Presence::Missing => {
            let finding = out.add(&at, format!("starts `{init}`, which is not in the image"));
            // The package may have put it elsewhere: `/usr/bin` on Debian, `/sbin` on Alpine.
            let real = image.files.read().and_then(|files| files.program(file_name(&init)));
            match real {
                Some(real) => finding.help(format!("write `{}`, which is there", real.path)),
                None => {
                    let package = package_of(file_name(&init));
                    finding.help(format!("install the package `{package}` in the image's Dockerfile or in a base"))
                }
            };
        }
        Presence::Unknown(why) => {
            out.open(&at, cannot_tell(format!("whether `{init}` is in the image"), why));
        }
    }
}
