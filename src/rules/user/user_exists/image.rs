//! The account files of a built image: a name that they do not have keeps a container from starting (`unable to find
//! user`).

use super::super::accounts::missing_in_image;
use super::{help, message};
use crate::finding::Findings;
use crate::model::{BuiltImage, Fact};
use crate::plan::Plan;
use crate::rules::images::is_windows;

pub(super) fn check(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    if is_windows(image) {
        return;
    }
    let (Fact::Known { origin: at, .. } | Fact::Unknown { origin: at, .. }) = image.container.user() else {
        return;
    };
    let Some((what, name)) = missing_in_image(image) else { return };
    let where_not = match what {
        "group" => "is not in `/etc/group` of the image",
        _ => "is not in `/etc/passwd` of the image",
    };
    out.add(&at, message(what, &name, where_not)).help(help(what, &name));
}
