//! What images stand on: stages, base images, references.

mod chain;

pub(in crate::rules) use image_tag::{is_id, moving, pinned as pinned_images, unplanned as unplanned_tag};

rules! { "base":
    multi_stage "multi-stage" Error on,
    copy_from_builder "copy-from-builder" Error on,
    base_image "base-image" Error on,
    base_family "base-family" Error on,
    base_cycle "base-cycle" Error on,
    base_duplicate "base-duplicate" Error on,
    image_tag "image-tag" Error on,
    stage_name_duplicate "stage-name-duplicate" Error off,
    stage_name_reserved "stage-name-reserved" Error off,
    stage_name_case "stage-name-case" Note off,
    platform_fixed "platform-fixed" Warning off,
}
