//! The labels of a built image: what the build set beside the Dockerfile is there as well.

use super::{has_value, is_there, missing, required};
use crate::finding::Findings;
use crate::model::BuiltImage;
use crate::plan::Plan;
use crate::rules::images::is_base;

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    if is_base(image) {
        return;
    }
    for (name, value) in &plan.labels.values {
        if !has_value(&image.container.label(name), name, value, out) {
            missing(&image.place, name, value, out);
        }
    }
    for name in required(plan) {
        if !is_there(&image.container.label(&name.value), name, out) {
            missing(&image.place, &name.value, name, out);
        }
    }
}
