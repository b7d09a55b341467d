//! What only a built image shows: its size, its platforms, what its layers and its config give away.

mod amounts;

rules! { "image":
    image_config "image-config" Warning on,
    drift "drift" Error on,
    health_lost "health-lost" Error on,
    image_size "image-size" Note on,
}
