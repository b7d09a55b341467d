//! What only a built image shows: its size, its platforms, what its layers and its config give away.

mod amounts;
mod json_text;
mod record_secrets;
mod secret_text;
mod secret_words;

pub(crate) use record_secrets::hide_in_record;

rules! { "image":
    image_size "image-size" Note on,
    image_secret "image-secret" Error on,
    image_platforms "image-platforms" Error on,
    revision_label "revision-label" Warning on,
    image_volume "image-volume" Warning on,
}
