//! `plimsoll image`

use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::Verdict;
use super::check::{JudgeArgs, report};
use super::options::{BuildArgs, PlanArgs};
use super::output::{ColorWhen, OutputArgs};
use super::registry::RegistryArgs;
use crate::image::{LayerChoice, PlatformChoice};
use crate::model::Platform;
use crate::run::{self, CheckRequest, ImageRequest, ImageSources};

/// Arguments of `image`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Names of images:
  oci:DIR[:TAG]               a folder in OCI layout
  oci-archive:FILE[:TAG]      the same as an archive
  docker-archive:FILE[:TAG]   what `docker save` writes
  dir:DIR                     a folder with manifest.json and blobs
  docker-daemon:REF           an image of the local Docker Engine
  docker://REF, REF           an image of a registry

Examples:
  plimsoll image docker-archive:web.tar
  plimsoll image ghcr.io/example/web:20250812-abcdef0 --against services/web
  plimsoll image oci:build/layout:web --base oci:build/layout:base-python
  plimsoll image --planned --tag 20250812-abcdef0")]
pub(super) struct Args {
    /// Images to judge.
    #[arg(value_name = "REF", required_unless_present = "planned")]
    images: Vec<String>,
    /// The planned service that the images belong to; else their names tell.
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Compare with what the Dockerfiles of a file or folder would make; repeatable.
    #[arg(long, value_name = "PATH")]
    against: Vec<PathBuf>,
    /// An image that others may be built on, and that is not judged itself; repeatable.
    #[arg(long, value_name = "REF")]
    base: Vec<String>,
    #[command(flatten)]
    sources: SourceArgs,
    /// Look up every planned image in the plan's registry.
    #[arg(long, help_heading = "Registry")]
    planned: bool,
    /// The tag that planned images must have; else any that the plan allows.
    #[arg(long, value_name = "TAG", requires = "planned", help_heading = "Registry")]
    tag: Option<String>,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    build: BuildArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Images at once.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// How images are read; also options of `check --image`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct SourceArgs {
    /// The platform of a multi-platform image: OS/ARCH[/VARIANT], or `all`.
    #[arg(long, value_name = "PLATFORM", value_parser = parse_platform, help_heading = "Images")]
    platform: Option<PlatformChoice>,
    /// Whether layers are read: auto (not those of large images in registries), always or never.
    #[arg(long, value_name = "WHEN", value_parser = parse_layers, default_value = "auto", help_heading = "Images")]
    layers: LayerChoice,
    #[command(flatten)]
    registry: RegistryArgs,
}

impl SourceArgs {
    /// As the pipeline takes them.
    pub(super) fn sources(self, jobs: Option<NonZeroUsize>) -> Result<ImageSources, super::Failure> {
        Ok(ImageSources {
            platform: self.platform.unwrap_or_default(),
            layers: self.layers,
            jobs,
            #[cfg(feature = "registry")]
            registry: Some(self.registry.options()?),
        })
    }
}

fn parse_platform(text: &str) -> Result<PlatformChoice, String> {
    if text == "all" {
        return Ok(PlatformChoice::All);
    }
    let platform = Platform::parse(text);
    match platform.os.is_empty() || platform.architecture.is_empty() || text.split('/').count() > 3 {
        true => Err("write it as OS/ARCH or OS/ARCH/VARIANT, for example `linux/arm64`, or `all`".to_owned()),
        false => Ok(PlatformChoice::One(platform)),
    }
}

fn parse_layers(text: &str) -> Result<LayerChoice, String> {
    match text {
        "auto" => Ok(LayerChoice::Auto),
        "always" => Ok(LayerChoice::Always),
        "never" => Ok(LayerChoice::Never),
        _ => Err("use auto, always or never".to_owned()),
    }
}

pub(super) fn run(args: Args, color: ColorWhen) -> Verdict {
    let request = ImageRequest {
        images: args.images,
        candidates: args.base,
        service: args.service,
        against: args.against,
        planned: args.planned,
        tag: args.tag,
        sources: args.sources.sources(args.jobs)?,
        check: CheckRequest {
            plan: args.plan.into(),
            build_args: args.build.pairs(),
            context: args.build.context,
            jobs: args.jobs,
            ..args.judge.request()?
        },
    };
    let outcome = run::check_images(&request, &progress)?;
    clear_progress();
    report(outcome, &args.judge, &args.output, color)
}

/// One line on a terminal that says how far the call is; nothing elsewhere.
pub(super) fn progress(done: usize, all: usize, name: &str) {
    let mut out = std::io::stderr().lock();
    if all > 1 && out.is_terminal() {
        let name: String = super::output::visible(name).chars().take(60).collect();
        // A terminal that went away misses nothing.
        let _ = write!(out, "\r\x1b[Kread {done} of {all} images: {name}");
        let _ = out.flush();
    }
}

/// Takes that line away.
pub(super) fn clear_progress() {
    let mut out = std::io::stderr().lock();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K");
        let _ = out.flush();
    }
}
