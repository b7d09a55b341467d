//! `plimsoll plan`

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Subcommand;

use super::Verdict;
use super::check::JudgeArgs;
use super::options::PlanArgs;
use super::output::{ColorWhen, OutputArgs, visible};
use crate::run::{self, CheckRequest};

/// Arguments of `plan`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Print every value of the resolved plan with the line that says it.
    Show(ShowArgs),
    /// Check the plan against itself.
    Check(Box<CheckArgs>),
}

#[derive(Debug, Clone, clap::Args)]
struct ShowArgs {
    #[command(flatten)]
    plan: PlanArgs,
}

#[derive(Debug, Clone, clap::Args)]
struct CheckArgs {
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(super) fn run(args: Args, color: ColorWhen) -> Verdict {
    match args.what {
        What::Show(args) => {
            let plan = run::load_plan(&args.plan.into())?;
            let mut out = BufWriter::new(io::stdout().lock());
            for line in crate::plan::show(&plan).lines() {
                writeln!(out, "{}", visible(line))?;
            }
            out.flush()?;
            Ok(ExitCode::SUCCESS)
        }
        What::Check(args) => {
            let request = CheckRequest { plan: args.plan.into(), ..args.judge.request()? };
            let mut outcome = run::check_plan(&request)?;
            args.output.write(&mut outcome, color)?;
            Ok(args.judge.fail_on.code(&outcome))
        }
    }
}
