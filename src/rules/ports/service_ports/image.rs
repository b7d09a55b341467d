//! The ports that the config of a built image exposes; those of its bases are among them.

use super::{compare, listed, missing_text, wanted, write_expose};
use crate::finding::Findings;
use crate::model::BuiltImage;
use crate::plan::Plan;
use crate::rules::images::{cannot_tell, row};

pub(super) fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    let wanted = row(image, plan).map(wanted).unwrap_or_default();
    if wanted.is_empty() {
        return;
    }
    let ports = || image.container.ports().map(|(_, said)| said);
    let missing = compare(&image.container, ports(), &wanted, out);
    let Some(first) = missing.first() else { return };
    let named = listed(&missing);
    if let Some((place, why)) = ports().find_map(|said| Some((&said.place, said.value.as_ref().err()?))) {
        out.open(place, cannot_tell(format!("whether {named} is exposed"), why));
        return;
    }
    let place = ports().next().map_or(&image.place, |said| &said.place);
    out.add(place, missing_text(&named, ports().next().is_some())).planned(first).help(write_expose(&named));
}
