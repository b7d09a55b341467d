//! `plimsoll check`

use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ValueEnum;

use super::Verdict;
use super::error::usage;
use super::image::SourceArgs;
use super::options::{BuildArgs, PlanArgs, rule_ids, severities};
use super::output::{ColorWhen, OutputArgs};
use crate::finding::Severity;
use crate::report::FailsFrom;
use crate::run::{self, CheckRequest, ImageSources, Outcome};
use crate::settle::{Baseline, Day, Known, civil_from_days};

/// Arguments of `check`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  plimsoll check
  plimsoll check services/web/Dockerfile
  plimsoll check --format json --output sarif=plimsoll.sarif
  plimsoll check --select runtime-user,DL3008 --fail-on warning
  plimsoll check --image web=ghcr.io/example/web:20250812-abcdef0
  plimsoll check - --stdin-filename services/web/Dockerfile < Dockerfile")]
pub(super) struct Args {
    /// Files and folders; `-` reads a Dockerfile or a manifest from standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The name that standard input goes by.
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    /// Only what is new since this revision: findings on lines that changed, and those that were not there before.
    #[arg(long, value_name = "REV", help_heading = "Adoption")]
    since: Option<String>,
    #[command(flatten)]
    build: BuildArgs,
    /// Judge the built image of a planned service as well, and compare it with its Dockerfile; repeatable.
    #[arg(long = "image", value_name = "SERVICE=REF", help_heading = "Images")]
    images: Vec<String>,
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Threads; else one for each processor.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// What is reported, and what fails.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct JudgeArgs {
    /// Only these rules (ids, aliases or groups), also those off by default; repeatable.
    #[arg(long, value_name = "RULE", help_heading = "Rules")]
    select: Vec<String>,
    /// Not these rules; repeatable.
    #[arg(long, value_name = "RULE", help_heading = "Rules")]
    ignore: Vec<String>,
    /// Set a rule's severity: error, warning, note or off; repeatable.
    #[arg(long, value_name = "RULE=LEVEL", help_heading = "Rules")]
    severity: Vec<String>,
    /// The least severity that fails the call.
    #[arg(long, value_name = "LEVEL", default_value = "error", help_heading = "Rules")]
    pub(super) fail_on: FailOn,
    /// Count what could not be told as findings.
    #[arg(long, help_heading = "Rules")]
    strict: bool,
    /// Findings that this file lists do not count; it may only shrink. Those of rules with `suppressible = false` count.
    /// With `--since` it is read as that revision has it.
    #[arg(long, value_name = "FILE", help_heading = "Adoption")]
    baseline: Option<PathBuf>,
    /// Write the baseline: everything when there is none yet, else without what is gone. Never what protected rules find.
    #[arg(long, requires = "baseline", help_heading = "Adoption")]
    write_baseline: bool,
    /// Pay no heed to comments that suppress findings.
    #[arg(long, help_heading = "Rules")]
    no_inline_suppressions: bool,
}

impl JudgeArgs {
    /// A request with these options; everything else is left at its default.
    pub(super) fn request(&self) -> Result<CheckRequest, super::Failure> {
        self.request_since(None)
    }

    /// The same for a call that is about what is new since a revision.
    fn request_since(&self, since: Option<&str>) -> Result<CheckRequest, super::Failure> {
        Ok(CheckRequest {
            select: rule_ids(&self.select)?,
            ignore: rule_ids(&self.ignore)?,
            severities: severities(&self.severity)?,
            inline_suppressions: !self.no_inline_suppressions,
            strict: self.strict,
            baseline: self.known(since)?,
            since: since.map(str::to_owned),
            today: today(),
            ..CheckRequest::default()
        })
    }
}

impl JudgeArgs {
    /// What `--baseline` knows; everything when it is to be made. With `--since` as that revision has it.
    fn known(&self, since: Option<&str>) -> Result<Option<Known>, super::Failure> {
        let Some(path) = &self.baseline else { return Ok(None) };
        let shown = path.display();
        let before = match since.filter(|_| !self.write_baseline) {
            Some(revision) => run::baseline_before(revision, path)?,
            None => None,
        };
        match before.map_or_else(|| read_baseline(path), Ok) {
            Ok(bytes) => {
                let read = Baseline::parse(&bytes);
                let wrong = |why| usage(format!("`{shown}` is no baseline: {why}"), None);
                read.map(|baseline| Some(Known::Baseline(baseline))).map_err(wrong)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.write_baseline => {
                Ok(Some(Known::Everything))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(usage(
                format!("there is no baseline `{shown}`"),
                Some("`--write-baseline` makes one of what is found now.".to_owned()),
            )),
            Err(error) => Err(usage(format!("cannot read the baseline `{shown}`: {error}"), None)),
        }
    }

    /// Writes the baseline of a call that could finish, when it is asked for.
    fn keep_baseline(&self, outcome: &Outcome) -> Result<(), super::Failure> {
        let (Some(path), true, Some(quieted)) =
            (&self.baseline, self.write_baseline && outcome.unread.is_empty(), &outcome.settled.quieted)
        else {
            return Ok(());
        };
        let write = run::replace(path, &quieted.rest.text());
        write.map_err(|error| usage(format!("cannot write the baseline `{}`: {error}", path.display()), None))
    }
}

/// Bytes of a baseline: more than its most entries take.
const MAX_BASELINE: u64 = 256 << 20;

/// Reads a baseline that is on disk; a device or a pipe has no end.
fn read_baseline(path: &Path) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_BASELINE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BASELINE {
        return Err(io::Error::other(format!("it is larger than {} MiB", MAX_BASELINE >> 20)));
    }
    Ok(bytes)
}

/// `--fail-on`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Everything.
    Note,
    /// Nothing.
    Never,
}

impl FailOn {
    /// The least severity that fails; `None`: nothing does.
    fn least(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Note => Some(Severity::Note),
            Self::Never => None,
        }
    }

    /// 1 when a finding is as bad as this.
    pub(super) fn code(self, outcome: &Outcome) -> ExitCode {
        let Some(least) = self.least() else { return ExitCode::SUCCESS };
        let fails = outcome.settled.findings.iter().any(|finding| finding.severity >= least);
        ExitCode::from(u8::from(fails))
    }
}

/// The current day in UTC; the epoch's when the clock stands before it.
fn today() -> Day {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    civil_from_days(i64::try_from(seconds / 86_400).unwrap_or(i64::MAX))
}

/// `SERVICE=REF` pairs.
fn images(pairs: &[String]) -> Result<Vec<(String, String)>, super::Failure> {
    let pair = |text: &String| match text.split_once('=') {
        Some((service, name)) if !service.is_empty() && !name.is_empty() => {
            Ok((service.to_owned(), name.to_owned()))
        }
        _ => {
            let help = "Write SERVICE=REF, for example `web=docker-archive:web.tar`.".to_owned();
            Err(usage(format!("`--image {text}` names no service and image"), Some(help)))
        }
    };
    pairs.iter().map(pair).collect()
}

pub(super) fn run(args: Args, color: ColorWhen) -> Verdict {
    let images = images(&args.images)?;
    // Without an image nothing but local files is touched, the credentials of registries least of all.
    let image_sources = match images.is_empty() {
        true => ImageSources::default(),
        false => args.sources.sources(args.jobs)?,
    };
    let request = CheckRequest {
        images,
        image_sources,
        paths: args.paths,
        stdin_filename: args.stdin_filename,
        plan: args.plan.into(),
        build_args: args.build.pairs(),
        context: args.build.context,
        jobs: args.jobs,
        ..args.judge.request_since(args.since.as_deref())?
    };
    report(run::check(&request)?, &args.judge, &args.output, color)
}

/// Writes what came of a call, and says how it ends.
pub(super) fn report(
    mut outcome: Outcome,
    judge: &JudgeArgs,
    output: &OutputArgs,
    color: ColorWhen,
) -> Verdict {
    let code = match outcome.unread.is_empty() {
        true => judge.fail_on.code(&outcome),
        false => ExitCode::from(super::error::COULD_NOT),
    };
    outcome.checked.fails_from = FailsFrom(judge.fail_on.least());
    match output.write(&mut outcome, color) {
        // The verdict holds whether or not anybody read the report to its end.
        Err(super::Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    judge.keep_baseline(&outcome)?;
    super::error::report_unread(&outcome.unread, color);
    Ok(code)
}
