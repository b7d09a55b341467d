//! The architectures that the variables of a built image name.

use std::borrow::Cow;

use super::{Judge, NAMES, Said, machines_of};
use crate::finding::Findings;
use crate::model::{BuiltImage, Fact};
use crate::plan::Plan;

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let judge = Judge { plan, machines: machines_of(image.service, plan) };
    for (name, reader) in NAMES {
        let Fact::Known { value, origin } = image.container.env(name) else { continue };
        let said = Said {
            name,
            reader: *reader,
            value: Cow::Owned(value),
            place: origin.place().clone(),
            is_default: false,
        };
        judge.value(&said, out);
    }
}
