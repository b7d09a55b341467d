//! `image-build-file`: the image ships no file that only its build needed.

use super::shipped::{by_layer, files, named};
use crate::finding::Findings;
use crate::model::{BuiltImage, Interest};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Image(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    let Some(files) = files(image, "whether it ships files that only the build needed", out) else { return };
    // What a later layer takes away is no secret, and small.
    for ((layer, _), found) in by_layer(files, Interest::BuildFile).into_iter().filter(|((_, seen), _)| *seen) {
        let paths = named(found.iter().map(|file| file.path.as_str()));
        out.add(image.layer_place(layer), format!("this layer ships {paths}, which only the build needs"))
            .help("name it in `.dockerignore`, or copy only the folders that the program needs");
    }
}
