//! The linked fleet: what every build says that rules across files ask for.
//!
//! A whole build is dropped once its own rules have run; what stays here is small, so that memory does not grow with the
//! text of a large repository.

mod bases;
mod built;
mod images;
mod member;
mod present;
mod rows;

pub use bases::*;
pub use built::{
    ImageRow, Newest, Older, PlannedBase, chain, has_inner_parents, is_ancestor, link_images, planned_base,
    row_of_image, row_of_reference,
};
pub use member::*;
pub use rows::row_of_workload;

#[cfg(test)]
pub(crate) use built::testing;
