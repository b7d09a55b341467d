//! An image as it was built: what its manifest and its config say, and what its layers hold.
//!
//! Every place lies in the image's *record* ([`BuiltImage::source`]): manifest and config as indented JSON, named like the
//! image as the user gave it. How images are stored and fetched is not known here.

use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use super::build::Run;
use super::command::Healthcheck;
use super::container::Container;
use super::fact::{Fact, Origin, Spanned, Unknown};
use super::image_files::ImageFiles;
use super::install::SystemInstall;
use crate::source::{Place, Source};
use crate::syntax::yaml::Node;

/// One image of one platform.
#[derive(Debug)]
pub struct BuiltImage {
    /// As the user gave it: `docker-archive:web.tar`, `ghcr.io/example/web:20250812-abcdef0`.
    pub name: SmolStr,
    /// As reports name it: the name, with the platform when several of one index are judged.
    pub subject: SmolStr,
    /// How it is stored.
    pub form: ImageForm,
    /// The record: manifest and config as indented JSON.
    pub source: Arc<Source>,
    /// The record, read: `reference`, `manifest` (media type, digest, annotations, layers) and `image` (the config as it
    /// is stored).
    pub tree: Node,
    /// Where something missing is reported: the inner `config` of the config.
    pub place: Place,
    /// Registry, repository and tag that it goes by: as given, or as its archive names it. `None`: nobody names it.
    pub reference: Option<Spanned<SmolStr>>,
    /// Digest of the manifest: `sha256:…`. `None`: the form has no manifest (docker-archive).
    pub digest: Option<SmolStr>,
    /// Digest of the config.
    pub config_digest: SmolStr,
    /// Whether manifest and config are of the OCI's media types, or of Docker's.
    pub media: MediaKind,
    /// The platform of the config.
    pub platform: Platform,
    /// The platforms of the index that it was chosen from, attestations left out; `None`: a single manifest.
    pub platforms: Option<Vec<Platform>>,
    /// What it runs as: one layer that says what the config says, over nothing.
    pub container: Container,
    /// `rootfs.diff_ids`: digests of the layers, unpacked, lowest first. Empty when the config has none.
    pub diff_ids: Vec<Spanned<SmolStr>>,
    /// `history`, oldest first.
    pub history: Vec<HistoryStep>,
    /// Annotations of the manifest.
    pub annotations: Vec<Spanned<(SmolStr, SmolStr)>>,
    /// Layers of the manifest, lowest first.
    pub layers: Vec<LayerBlob>,
    /// What the layers hold.
    pub files: Contents,
    /// Fields that cannot be read as what they should be, and what else is odd with manifest and config.
    pub problems: Vec<ImageProblem>,
    /// The planned service, as an index into [`crate::plan::Plan::services`].
    pub service: Option<usize>,
    /// The image of the plan's hierarchy that it is, as an index into `plan.images.hierarchy`.
    pub hierarchy: Option<usize>,
    /// Whether it is only there for others to be compared with (`--base`), and not judged itself.
    pub is_candidate: bool,
}

/// How an image is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ImageForm {
    /// A folder with `index.json` and `blobs/`.
    OciLayout,
    /// The same as a tar archive.
    OciArchive,
    /// What `docker save` writes.
    DockerArchive,
    /// A folder with `manifest.json` and blobs by digest (skopeo's `dir:`).
    Dir,
    /// A registry.
    Registry,
    /// A Docker Engine.
    DockerDaemon,
}

/// The family of media types of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// `application/vnd.oci.image.*`: its config has no place for a health check, though some tools write one.
    Oci,
    /// `application/vnd.docker.*`, and archives of `docker save`.
    Docker,
}

/// Operating system and processor. Empty parts are not said.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Platform {
    /// `linux`
    pub os: SmolStr,
    /// `amd64`
    pub architecture: SmolStr,
    /// `v8`
    pub variant: SmolStr,
}

impl Platform {
    /// `linux/arm64/v8`; parts that are missing stay empty.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut parts = text.split('/').map(SmolStr::new);
        let mut next = || parts.next().unwrap_or_default();
        Self { os: next(), architecture: next(), variant: next() }
    }

    /// Whether an image of this platform is what somebody who asks for `wanted` gets: parts that `wanted` does not say
    /// do not count, and `v8` is what an arm64 without a variant is (containerd `platforms.Normalize`).
    #[must_use]
    pub fn is(&self, wanted: &Self) -> bool {
        let plain = |platform: &Self| match (platform.architecture.as_str(), platform.variant.as_str()) {
            ("arm64", "v8") => SmolStr::default(),
            _ => platform.variant.clone(),
        };
        let says = |want: &str, has: &str| want.is_empty() || want == has;
        says(&wanted.os, &self.os)
            && says(&wanted.architecture, &self.architecture)
            && says(&plain(wanted), &plain(self))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

/// One entry of `history`.
#[derive(Debug, Clone)]
pub struct HistoryStep {
    /// The command, as the builder wrote it down; empty when it wrote none.
    pub created_by: Spanned<SmolStr>,
    /// When, as RFC 3339 text.
    pub created: Option<SmolStr>,
    /// A note of the builder.
    pub comment: Option<SmolStr>,
    /// Whether it made no layer.
    pub empty_layer: bool,
    /// The RUN that it tells of.
    pub run: Option<Arc<PastRun>>,
}

/// A RUN that only the history of an image tells of: without its mounts, its user and the files that it saw.
#[derive(Debug)]
pub struct PastRun {
    /// The shell text, tied to the record.
    pub run: Run,
    /// System packages that it installs.
    pub installs: Vec<SystemInstall>,
}

/// A layer of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerBlob {
    /// Digest as stored, `sha256:…`; of docker-archives the name of the member.
    pub address: SmolStr,
    /// Size as stored, in bytes.
    pub size: u64,
    /// Media type; empty where the form has none.
    pub media_type: SmolStr,
}

/// What is known of the layers' files.
#[derive(Debug)]
pub enum Contents {
    /// They were read.
    Read(ImageFiles),
    /// They were not; why.
    Unread(Unknown),
}

impl Contents {
    /// The files, when they were read.
    #[must_use]
    pub fn read(&self) -> Option<&ImageFiles> {
        match self {
            Self::Read(files) => Some(files),
            Self::Unread(_) => None,
        }
    }
}

/// Something wrong with the manifest or the config.
#[derive(Debug, Clone)]
pub struct ImageProblem {
    /// Where.
    pub place: Place,
    /// One sentence without a full stop.
    pub message: String,
}

impl BuiltImage {
    /// The health check of the config. `Unknown` when there is none and the form cannot carry one: then it may have been
    /// lost on the way (`skopeo copy` to an OCI form drops it without a word).
    #[must_use]
    pub fn healthcheck(&self) -> Fact<&Healthcheck> {
        match self.container.healthcheck() {
            Fact::Absent if self.media == MediaKind::Oci => Fact::Unknown {
                why: Unknown::Dynamic("an OCI image config without a place for a health check".into()),
                origin: Origin::here(&self.place, "said here"),
            },
            fact => fact,
        }
    }

    /// Where a finding about something that layer `index` (lowest is 0) holds is reported: the history step that made the
    /// layer where the history tells, else the layer's own line.
    #[must_use]
    pub fn layer_place(&self, index: usize) -> &Place {
        let made = || self.history.iter().filter(|step| !step.empty_layer);
        if made().count() == self.diff_ids.len()
            && let Some(step) = made().nth(index)
        {
            return &step.created_by.place;
        }
        self.diff_ids.get(index).map_or(&self.place, |id| &id.place)
    }

    /// Size of all layers as stored, in bytes.
    #[must_use]
    pub fn stored_size(&self) -> u64 {
        self.layers.iter().map(|layer| layer.size).fold(0, u64::saturating_add)
    }
}

/// The images of one call, linked.
#[derive(Debug, Default)]
pub struct ImageSet {
    /// Images in the order of the call, then those that are only there to compare with.
    pub images: Vec<BuiltImage>,
    /// Of each image what it is built on, in the same order.
    pub bases: Vec<BaseVerdict>,
    /// Of each image what the Dockerfiles of the call (`--against`) would make of it.
    pub expected: Vec<Option<ExpectedImage>>,
    /// What registries said of planned images that were only looked up.
    pub presence: Vec<PlannedImage>,
}

/// What an image is built on, by the evidence of the image itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaseVerdict {
    /// Its layers begin with all layers of another image of the call: an index into [`ImageSet::images`]. Proof.
    Built {
        /// The longest such image; of copies in several forms the one in the image's own form, else the first.
        on: usize,
        /// What proves it.
        proof: BaseProof,
        /// What the image says of its base that this proof contradicts.
        contradicts: Option<BaseClaim>,
    },
    /// Annotations or history name a digest, a tag or steps that an image of the call no longer has.
    Outdated {
        /// The image as it is now.
        on: usize,
        /// How it shows, as a phrase: `its annotation names …`.
        evidence: SmolStr,
        /// Where it shows.
        place: Place,
    },
    /// A claim nobody could verify.
    Claimed {
        /// What is claimed.
        claim: BaseClaim,
        /// The image of the call that goes by the claimed name, though its layers are not those that the image begins with.
        on: Option<usize>,
    },
    /// It cannot be told; why, as a phrase without a full stop: `its layers are squashed into one`.
    Unknown(SmolStr),
}

impl BaseVerdict {
    /// Why nothing is known of an image whose layers look whole.
    pub const NO_BASE: &'static str = "no image of the call is its base";
}

/// What proves a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseProof {
    /// The image has all layers of the base, and further ones on top.
    Layers,
    /// The image has just the layers of the base, and its history has all steps of the base's and further ones: it only
    /// changes the config.
    History,
}

/// What an image says of its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseClaim {
    /// The name as it is said.
    pub name: SmolStr,
    /// What says it: ``annotation `org.opencontainers.image.base.name` ``.
    pub by: SmolStr,
    /// Where.
    pub place: Place,
}

/// What the Dockerfile of an image and its chain would make.
#[derive(Debug, Clone)]
pub struct ExpectedImage {
    /// Display path of the Dockerfile.
    pub dockerfile: SmolStr,
    /// The effective config of its last stage.
    pub container: Container,
    /// The final stage's FROM.
    pub place: Place,
}

/// What a registry said of a planned image.
#[derive(Debug, Clone)]
pub struct PlannedImage {
    /// The line of the plan that asks for the image.
    pub place: Place,
    /// The planned service or hierarchy image.
    pub planned: SmolStr,
    /// Whether it is a service.
    pub is_service: bool,
    /// The references that were looked up, the best first.
    pub references: Vec<SmolStr>,
    /// The answer.
    pub answer: RegistryAnswer,
}

/// An answer about a planned image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryAnswer {
    /// It is there.
    Found {
        /// The reference that was found.
        reference: SmolStr,
        /// Platforms of its index; `None`: a single manifest, or nobody looked.
        platforms: Option<Vec<Platform>>,
    },
    /// The repository is there, and no tag of it is the wanted one: tags that are there, some of them.
    NoSuchTag(Vec<SmolStr>),
    /// The registry knows no such repository.
    Absent,
    /// The registry wants a login, so presence cannot be told; its words, and what to do.
    Denied(SmolStr),
    /// The registry could not be asked; why.
    Unreachable(SmolStr),
}
