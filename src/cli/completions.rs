//! `plimsoll completions`

use std::io::{self, Write};
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Verdict};

/// Arguments of `completions`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:
  plimsoll completions bash > /etc/bash_completion.d/plimsoll")]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Verdict {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "plimsoll", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
