//! What only a built image shows: its size, its platforms, what its layers and its config give away.

mod amounts;

rules! { "image":
    image_size "image-size" Note on,
}
