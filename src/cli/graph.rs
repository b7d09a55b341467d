//! `plimsoll graph`

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::Verdict;
use super::image::SourceArgs;
use super::options::PlanArgs;
use crate::run::{self, GraphFormat, GraphRequest};

/// Arguments of `graph`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  plimsoll graph
  plimsoll graph --format mermaid >> docs/images.md
  plimsoll graph --format svg > docs/images.svg
  plimsoll graph --image docker-archive:base.tar --image docker-archive:web.tar")]
pub(super) struct Args {
    /// Files and folders.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Draw built images instead, by what their own layers say; repeatable.
    #[arg(long, value_name = "REF", conflicts_with = "paths", help_heading = "Images")]
    image: Vec<String>,
    #[command(flatten)]
    sources: SourceArgs,
    /// Form of the drawing.
    #[arg(long, value_name = "FMT", default_value = "text")]
    format: Form,
    #[command(flatten)]
    plan: PlanArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    /// An indented tree.
    Text,
    /// Graphviz.
    Dot,
    /// Mermaid.
    Mermaid,
    /// A drawing for browsers and documents.
    Svg,
}

pub(super) fn run(args: Args) -> Verdict {
    let format = match args.format {
        Form::Text => GraphFormat::Text,
        Form::Dot => GraphFormat::Dot,
        Form::Mermaid => GraphFormat::Mermaid,
        Form::Svg => GraphFormat::Svg,
    };
    let request = GraphRequest {
        paths: args.paths,
        images: args.image,
        sources: args.sources.sources(None)?,
        plan: args.plan.into(),
    };
    let drawn = run::graph(&request, &super::image::progress);
    super::image::clear_progress();
    let drawing = drawn?;
    let mut out = BufWriter::new(io::stdout().lock());
    drawing.write(format, &mut out)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
