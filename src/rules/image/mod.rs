//! What only a built image shows: its size, its platforms, what its layers and its config give away.

mod amounts;
mod json_text;
mod record_secrets;
mod secret_text;
mod secret_words;
mod shipped;

pub(crate) use record_secrets::hide_in_record;

rules! { "image":
    image_config "image-config" Warning on,
    drift "drift" Error on,
    health_lost "health-lost" Error on,
    base_proof "base-proof" Warning on,
    base_outdated "base-outdated" Warning on,
    image_size "image-size" Note on,
    image_secret "image-secret" Error on,
    image_platforms "image-platforms" Error on,
    revision_label "revision-label" Warning on,
    image_volume "image-volume" Warning on,
    image_setuid "image-setuid" Warning on,
    image_empty_password "image-empty-password" Error on,
    image_account_duplicate "image-account-duplicate" Warning on,
    image_vcs "image-vcs" Warning on,
    image_package_cache "image-package-cache" Warning on,
    image_build_file "image-build-file" Note on,
    registry_presence "registry-presence" Error on,
}
