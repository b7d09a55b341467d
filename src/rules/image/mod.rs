//! What only a built image shows: its size, its platforms, what its layers and its config give away.

mod amounts;

rules! { "image":
    base_proof "base-proof" Warning on,
    base_outdated "base-outdated" Warning on,
    image_size "image-size" Note on,
    registry_presence "registry-presence" Error on,
}
