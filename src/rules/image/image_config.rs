//! `image-config`: manifest and config of an image are what engines expect.

use crate::finding::Findings;
use crate::model::BuiltImage;
use crate::plan::Plan;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Image(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(image: &BuiltImage, _: &Plan, out: &mut Findings) {
    for problem in &image.problems {
        out.add(&problem.place, problem.message.clone());
    }
}
