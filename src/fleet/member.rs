//! What stays of one build when its own rules have run.

use smol_str::SmolStr;

use crate::model::{Port, Role, Spanned, Unknown};
use crate::source::Place;

/// All builds of one call.
#[derive(Debug, Default)]
pub struct Fleet {
    /// One per Dockerfile, in the order of their paths.
    pub members: Vec<Member>,
    /// Chains of bases that come back to themselves: each image with the FROM that names the next, smallest path first.
    pub cycles: Vec<Vec<(SmolStr, Place)>>,
    /// Whether the call looked at the whole fleet (a folder that holds the plan) and not at single files. Only then can
    /// a missing file be told.
    pub whole: bool,
}

/// One build, as far as rules across files ask.
#[derive(Debug)]
pub struct Member {
    /// Display path of the Dockerfile.
    pub path: String,
    /// What it is for.
    pub role: Role,
    /// The planned service, as an index into the plan's rows.
    pub service: Option<usize>,
    /// Names of the image that it builds, best first.
    pub image_names: Vec<SmolStr>,
    /// The final stage's FROM, or the start of the file when there is none.
    pub place: Place,
    /// The final image's base in the fleet, by path, with the FROM; walks stages of the same file.
    pub base: Option<(SmolStr, Place)>,
    /// References to images that other files of the fleet build: name and whole reference.
    pub fleet_references: Vec<Spanned<(SmolStr, SmolStr)>>,
    /// Ports that the final image exposes itself.
    pub ports: Vec<Spanned<Result<Port, Unknown>>>,
    /// Exact Python pins in force: package and version, with the requirement.
    pub python_pins: Vec<Spanned<(SmolStr, SmolStr)>>,
}
