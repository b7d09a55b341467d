//! `plimsoll schema`

use std::io::{self, Write};
use std::process::ExitCode;

use clap::ValueEnum;

use super::Verdict;

/// Arguments of `schema`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  plimsoll schema plan > plimsoll.schema.json
  plimsoll schema findings

An editor completes a plan whose first line is `#:schema ./plimsoll.schema.json`.")]
pub(super) struct Args {
    /// What the schema is of.
    #[arg(value_name = "WHAT")]
    what: What,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// plimsoll.toml.
    Plan,
    /// Reports of `--format json`; `#/$defs/finding` is a line of `jsonl`.
    Findings,
    /// What `dump` prints of a Dockerfile.
    EffectiveConfig,
}

pub(super) fn run(args: &Args) -> Verdict {
    let text = match args.what {
        What::Plan => include_str!("../../schemas/plan.schema.json"),
        What::Findings => include_str!("../../schemas/findings.schema.json"),
        What::EffectiveConfig => include_str!("../../schemas/effective-config.schema.json"),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
