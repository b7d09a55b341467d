//! What a running fleet says → facts: the Docker Engine's words about a container, and the bodies of answers.
//!
//! JSON and bytes come in, [`crate::model::LiveContainer`]s and [`crate::model::BodyReading`]s come out. How they are asked
//! for is not known here.

mod container;
mod file;
mod json;
mod reading;

pub use container::{ContainerParts, container};
pub use reading::read_body;
