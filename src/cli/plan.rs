//! `plimsoll plan`

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};

use super::Verdict;
use super::check::JudgeArgs;
use super::error::usage;
use super::options::PlanArgs;
use super::output::{ColorWhen, OutputArgs, visible};
use crate::plan::Imported;
use crate::report;
use crate::run::{self, CheckRequest, ImportCall};

/// Contradictions and remarks that are printed; the plan itself lists more.
const MAX_PRINTED: usize = 10;

/// Arguments of `plan`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Print the resolved plan: every value with the line that says it, or as Markdown tables.
    Show(ShowArgs),
    /// Check the plan against itself.
    Check(Box<CheckArgs>),
    /// Turn a Markdown plan into TOML.
    Import(ImportArgs),
}

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  plimsoll plan show
  plimsoll plan show --format markdown > docs/plan.md")]
struct ShowArgs {
    /// Form of the plan.
    #[arg(long, value_name = "FMT", default_value = "text")]
    format: Form,
    #[command(flatten)]
    plan: PlanArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// One line per value, with its place.
    Text,
    /// Tables that people read; `plan import` reads them back, but for rules, waivers and what the last table lists.
    Markdown,
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

#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Reads tables of services, machines and base images, trees, lists and sentences. What it is sure of
becomes a value with the line that says it; what it doubts becomes a comment with the reason. The
service table stays in the document, where people read it, unless --inline is given.

Examples:
  plimsoll plan import docs/plan.md                            print the plan
  plimsoll plan import docs/plan.md --output plimsoll.toml     write it; never over another file
  plimsoll plan import docs/plan.md --heading \"Fleet table\"    say which table lists the services
  plimsoll plan import docs/plan.md --inline                   write the rows into the plan, too

Next: plimsoll plan check"
)]
struct ImportArgs {
    /// The Markdown document.
    #[arg(value_name = "FILE")]
    document: PathBuf,
    /// Write the plan to a file instead of standard output; paths in it are relative to its folder.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the file.
    #[arg(long, requires = "output")]
    force: bool,
    /// The heading above the service table, or a part of it.
    #[arg(long, value_name = "TEXT")]
    heading: Option<String>,
    /// Write the rows of the service table into the plan.
    #[arg(long)]
    inline: bool,
}

pub(super) fn run(args: Args, color: ColorWhen) -> Verdict {
    match args.what {
        What::Show(args) => {
            let plan = run::load_plan(&args.plan.into())?;
            let text = match args.format {
                Form::Text => crate::plan::show(&plan),
                Form::Markdown => report::plan_tables(&plan),
            };
            let mut out = BufWriter::new(io::stdout().lock());
            for line in text.lines() {
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
        What::Import(args) => import(args),
    }
}

fn import(args: ImportArgs) -> Verdict {
    let ImportArgs { document, output, force, heading, inline } = args;
    let call = ImportCall { document, plan: output.clone(), heading, inline };
    let imported = run::import_plan(&call)?;
    match &output {
        Some(path) => write_to(path, &call.document, &imported.toml, force)?,
        None => {
            let mut out = io::stdout().lock();
            out.write_all(imported.toml.as_bytes())?;
            out.flush()?;
        }
    }
    summary(&imported, output.as_deref())?;
    Ok(ExitCode::SUCCESS)
}

fn write_to(path: &Path, document: &Path, text: &str, force: bool) -> Result<(), super::error::Failure> {
    let is_there = path.symlink_metadata().is_ok();
    if is_there && path.canonicalize().is_ok_and(|path| document.canonicalize().is_ok_and(|it| it == path)) {
        return Err(usage(format!("`{}` is the document itself", path.display()), None));
    }
    if is_there && !force {
        let help = Some("`--force` overwrites it.".to_owned());
        return Err(usage(format!("`{}` exists already", path.display()), help));
    }
    run::replace(path, text)
        .map_err(|error| usage(format!("cannot write `{}`: {error}", path.display()), None))
}

/// What was taken and what was not, on standard error: standard output is the plan.
fn summary(imported: &Imported, output: Option<&Path>) -> io::Result<()> {
    let mut out = io::stderr().lock();
    let written = output.map_or_else(String::new, |path| format!(" into {}", path.display()));
    let Imported { taken, doubtful, contradictions, notes, .. } = imported;
    writeln!(
        out,
        "{taken} values taken{}, {doubtful} not sure and commented out, {} said in two ways.",
        visible(&written),
        contradictions.len()
    )?;
    for line in contradictions.iter().take(MAX_PRINTED).chain(notes.iter().take(MAX_PRINTED)) {
        writeln!(out, "- {}", visible(line))?;
    }
    Ok(())
}
