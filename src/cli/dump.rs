//! `plimsoll dump`

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::options::{BuildArgs, PlanArgs};
use super::{Failure, Verdict};
use crate::run::{self, DumpRequest};

/// Arguments of `dump`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  plimsoll dump services/web/Dockerfile
  plimsoll dump compose.yaml compose.prod.yaml
  plimsoll dump --syntax services/*/Dockerfile
  plimsoll dump compose.yaml compose.override.yaml
  plimsoll dump docker-archive:web.tar")]
pub(super) struct Args {
    /// Dockerfiles, compose files and images on disk (`docker-archive:FILE`); `-` is a Dockerfile on standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Print the parse tree, one JSON line a file, instead of the effective config.
    #[arg(long)]
    syntax: bool,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    build: BuildArgs,
}

pub(super) fn run(args: Args) -> Verdict {
    let request = DumpRequest {
        files: args.files,
        syntax: args.syntax,
        plan: args.plan.into(),
        build_args: args.build.pairs(),
        context: args.build.context,
    };
    let mut out = Remembering { inner: BufWriter::with_capacity(1 << 16, io::stdout().lock()), failed: None };
    let dumped = run::dump(&request, &mut out);
    // A reader that went away is seen by the writer first; the pipeline only passes it on.
    if let Some(kind) = out.failed {
        return Err(Failure::Output(kind.into()));
    }
    let accepted = dumped?;
    out.flush()?;
    Ok(if accepted { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// A writer that remembers how it failed.
struct Remembering<W> {
    inner: W,
    failed: Option<io::ErrorKind>,
}

impl<W: Write> Write for Remembering<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes).inspect_err(|error| self.failed = Some(error.kind()))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush().inspect_err(|error| self.failed = Some(error.kind()))
    }
}
