//! What the commands are asked to do.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::finding::Severity;
use crate::image::{LayerChoice, PlatformChoice};
use crate::settle::{Day, Known};

/// Which plan a call judges by.
#[derive(Debug, Clone, Default)]
pub struct PlanChoice {
    /// `--plan`: this file. `None`: `plimsoll.toml`, searched from the working directory upwards.
    pub file: Option<PathBuf>,
    /// `--pack`: this pack and no file.
    pub pack: Option<String>,
}

/// What `check` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct CheckRequest {
    /// Files and folders; `-` is a Dockerfile from standard input. Never empty: the command line says `.`.
    pub paths: Vec<PathBuf>,
    /// `--stdin-filename`: the name that standard input goes by.
    pub stdin_filename: Option<String>,
    /// The plan.
    pub plan: PlanChoice,
    /// `--select`, as canonical ids; also turns on what the default leaves off. Empty: the default.
    pub select: Vec<&'static str>,
    /// `--ignore`, as canonical ids.
    pub ignore: Vec<&'static str>,
    /// `--severity`: canonical id and severity, `None` for `off`.
    pub severities: Vec<(&'static str, Option<Severity>)>,
    /// `--build-arg`: name and value; `None`: the value of the environment variable of that name, as `docker` does it.
    pub build_args: Vec<(String, Option<String>)>,
    /// `--context`: the build context of every Dockerfile of the call.
    pub context: Option<PathBuf>,
    /// `--no-inline-suppressions` was not given.
    pub inline_suppressions: bool,
    /// `--strict`: open results are findings.
    pub strict: bool,
    /// `--jobs`: threads; `None`: as many as there are processors.
    pub jobs: Option<NonZeroUsize>,
    /// The current day in UTC.
    pub today: Day,
    /// `--baseline`: what is known already.
    pub baseline: Option<Known>,
    /// `--since`: only what is new since this revision.
    pub since: Option<String>,
    /// The folder that the call works in, absolute; `None`: the process's own.
    pub base: Option<PathBuf>,
    /// `--image` of `check`: planned services with the names of their images, which are judged beside the files.
    pub images: Vec<(String, String)>,
    /// How those are read.
    pub image_sources: ImageSources,
}

/// How images are read.
#[derive(Debug, Clone, Default)]
pub struct ImageSources {
    /// Which platform of an index.
    pub platform: PlatformChoice,
    /// Whether layers are read.
    pub layers: LayerChoice,
    /// Images at once; `None`: as many as suit.
    pub jobs: Option<NonZeroUsize>,
    /// How registries are spoken to; `None`: not at all.
    #[cfg(feature = "registry")]
    pub registry: Option<crate::registry::ClientOptions>,
}

/// What `image` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct ImageRequest {
    /// The images to judge, by name.
    pub images: Vec<String>,
    /// Images that are read to be compared with, and not judged.
    pub candidates: Vec<String>,
    /// `--service`: the planned service that every image belongs to.
    pub service: Option<String>,
    /// `--against`: files and folders whose Dockerfiles the images were built from.
    pub against: Vec<PathBuf>,
    /// `--planned`: whether every planned image is looked up in the registry.
    pub planned: bool,
    /// `--tag`: the tag that planned images must have.
    pub tag: Option<String>,
    /// How they are read.
    pub sources: ImageSources,
    /// Plan, rules and what fails.
    pub check: CheckRequest,
}

/// Hears how far a long call is: images done, images in all, and the name of the last one.
pub type Progress<'a> = &'a (dyn Fn(usize, usize, &str) + Sync);

/// What `graph` is asked to draw.
#[derive(Debug, Clone)]
pub struct GraphRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// `--image`: built images, drawn instead of files by what their own evidence says.
    pub images: Vec<String>,
    /// How they are read.
    pub sources: ImageSources,
    /// The plan.
    pub plan: PlanChoice,
}

/// What `dump` is asked to print.
#[derive(Debug, Clone)]
pub struct DumpRequest {
    /// Dockerfiles; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// The parse tree, one JSON line a file, instead of the effective config.
    pub syntax: bool,
    /// The plan, for the hierarchy.
    pub plan: PlanChoice,
    /// `--build-arg`.
    pub build_args: Vec<(String, Option<String>)>,
    /// `--context`.
    pub context: Option<PathBuf>,
}
