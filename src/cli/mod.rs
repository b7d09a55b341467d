//! The command line: arguments in, one call of the pipeline, reports and an exit code out.
//!
//! Exit codes are the same for every command and format: 0 clean, 1 findings at or above `--fail-on`, 2 the tool could not
//! finish. A reader that goes away (`| head`) is no failure.

mod check;
mod completions;
mod dump;
mod error;
mod explain;
mod graph;
mod image;
mod init;
mod man;
mod options;
mod output;
mod plan;
mod registry;
mod repository;
mod rules;
mod schema;
mod validate_fleet;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::Failure;

/// Policy linter for container fleets: works out what will run, and proves where the plan is broken.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, about, propagate_version = false, max_term_width = 100)]
#[command(after_help = "Examples:
  plimsoll init                     write a starter plan from what is here
  plimsoll check                    check the fleet below this folder against its plan
  plimsoll check --pack recommended check without a plan of your own
  plimsoll explain runtime-user     what a rule means, and how to mend it

Exit codes: 0 clean, 1 findings, 2 the tool could not finish.")]
struct Cli {
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: output::ColorWhen,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check files against the plan.
    Check(check::Args),
    /// Check built images against the plan: archives, layouts, registries.
    Image(image::Args),
    /// Ask the running fleet: endpoints of the plan's services, containers of an engine.
    ValidateFleet(validate_fleet::Args),
    /// Show the resolved plan, check it alone, or import one from Markdown.
    Plan(plan::Args),
    /// Draw which image builds on which.
    Graph(graph::Args),
    /// Print what a Dockerfile builds, as JSON.
    Dump(dump::Args),
    /// Explain a rule.
    Explain(explain::Args),
    /// List the rules.
    Rules(rules::Args),
    /// Write a starter plan, a hook and a workflow from what is in the repository.
    Init(init::Args),
    /// Print the JSON Schema of a plan or of what the program prints.
    Schema(schema::Args),
    /// Print a shell's completion script.
    Completions(completions::Args),
    /// Print the manual page, in roff.
    Man(man::Args),
}

/// What a command that finished says: whether it found something.
type Verdict = Result<ExitCode, Failure>;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // Help and version come this way too, with code 0. If nobody reads them, there is nothing to say.
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(error::COULD_NOT));
        }
    };
    let color = cli.color;
    let verdict = match cli.command {
        Command::Check(args) => check::run(args, color),
        Command::Image(args) => image::run(args, color),
        Command::ValidateFleet(args) => validate_fleet::run(args, color),
        Command::Plan(args) => plan::run(args, color),
        Command::Graph(args) => graph::run(args),
        Command::Dump(args) => dump::run(args),
        Command::Explain(args) => explain::run(&args, color),
        Command::Rules(args) => rules::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    verdict.unwrap_or_else(|failure| error::report(&failure, color))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
