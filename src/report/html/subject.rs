//! What findings can be about, whether anything was found or not.

use super::super::Service;

/// A row of the matrix: something that was looked at, or that the plan names, with its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Its name and files. A planned service without files was not among what was looked at.
    pub service: Service,
}

/// What a row of the matrix is, in the order of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// A service that the plan has a row for, or that a deployment file starts.
    Service,
    /// An image of the plan's hierarchy.
    Base,
    /// Any other file or image.
    Other,
}

impl SubjectKind {
    /// Each of them.
    pub(super) const ALL: [Self; 3] = [Self::Service, Self::Base, Self::Other];

    /// `1 service`, `2 services`.
    pub(super) fn noun(self, count: usize) -> &'static str {
        match (self, count) {
            (Self::Service, 1) => "service",
            (Self::Service, _) => "services",
            (Self::Base, 1) => "base image",
            (Self::Base, _) => "base images",
            (Self::Other, 1) => "other file",
            (Self::Other, _) => "other files",
        }
    }
}
