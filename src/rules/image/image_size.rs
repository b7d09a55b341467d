//! `image-size`: the image of a service is no larger than the plan's goal.

use super::amounts::size_text;
use crate::finding::Findings;
use crate::model::{BuiltImage, Contents, ImageForm, Quantity, Spanned};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Image(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    plan.images.size.cpu.is_some() || plan.images.size.gpu.is_some()
}

/// Layers that are shown.
const SHOWN: usize = 3;
/// A layer that is no more than this part of the image is not worth showing.
const SMALL: u64 = 20;

/// What is known of the size that the plan means.
enum Size {
    /// So many bytes.
    Known(u64),
    /// No more than this, and why nobody knows how many.
    AtMost(u64, &'static str),
    /// At least this, and why nobody knows how many.
    AtLeast(u64, String),
}

fn check(image: &BuiltImage, plan: &Plan, out: &mut Findings) {
    // Goals are for what is deployed.
    if image.hierarchy.is_some() {
        return;
    }
    let Some(goal) = goal(image, plan) else { return };
    let Some(limit) = goal.value.amount else { return };
    let unpacked = plan.images.size.unpacked.as_ref().is_some_and(|said| said.value);
    let (size, how) = if unpacked { (unpacked_size(image), "unpacked") } else { (stored_size(image), "as stored") };
    let planned = &goal.value.written;
    let finding = match size {
        Size::Known(size) | Size::AtLeast(size, _) if size > limit => {
            out.add(&image.place, format!("is {} {how}, planned at most `{planned}`", size_text(size)))
        }
        Size::AtMost(size, why) if size > limit => {
            let size = size_text(size);
            out.open(&image.place, format!("cannot tell whether its size {how} is at most `{planned}`: {why} ({size})"))
        }
        Size::AtLeast(_, why) => {
            out.open(&image.place, format!("cannot tell whether its size {how} is at most `{planned}`: {why}"))
        }
        _ => return,
    };
    finding.planned(goal);
    let mut layers: Vec<(usize, u64)> = image.layers.iter().map(|layer| layer.size).enumerate().collect();
    layers.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let whole = image.stored_size();
    for (index, size) in layers.into_iter().take(SHOWN).filter(|(_, size)| *size > whole / SMALL) {
        finding.related(image.layer_place(index), format!("{} of it", size_text(size)));
    }
}

/// The goal of the image's row; of an image without one its variables tell whether it needs a GPU.
fn goal<'p>(image: &BuiltImage, plan: &'p Plan) -> Option<&'p Spanned<Quantity>> {
    let row = image.service.and_then(|row| plan.services.get(row));
    let of_cuda = || {
        let names = image.container.layers.iter().flat_map(|layer| &layer.env).map(|pair| pair.value.0.as_str());
        names.into_iter().any(|name| matches!(name, "CUDA_VERSION" | "NVIDIA_REQUIRE_CUDA" | "NVIDIA_VISIBLE_DEVICES"))
    };
    let gpu = row.map_or_else(of_cuda, crate::plan::ServiceRow::needs_gpu);
    if gpu { plan.images.size.gpu.as_ref() } else { plan.images.size.cpu.as_ref() }
}

/// The size of layers as registries keep them.
fn stored_size(image: &BuiltImage) -> Size {
    let size = image.stored_size();
    let local = matches!(image.form, ImageForm::DockerArchive | ImageForm::DockerDaemon);
    match local || image.form != ImageForm::Registry && !is_packed(image) {
        true => Size::AtMost(size, "its layers are kept here without compression"),
        false => Size::Known(size),
    }
}

fn unpacked_size(image: &BuiltImage) -> Size {
    match &image.files {
        Contents::Read(files) => match &files.truncated {
            Some(why) => Size::AtLeast(files.unpacked_size, why.to_string()),
            None => Size::Known(files.unpacked_size),
        },
        Contents::Unread(_) if !is_packed(image) && !image.layers.is_empty() => Size::Known(image.stored_size()),
        Contents::Unread(_) => Size::AtLeast(image.stored_size(), "its layers were not read".to_owned()),
    }
}

/// Whether any layer is compressed as it is stored.
fn is_packed(image: &BuiltImage) -> bool {
    image.layers.iter().any(|layer| layer.media_type.ends_with("gzip") || layer.media_type.ends_with("zstd"))
}
