//! Where reports go: standard output with or without colours, and files.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;

use super::error::{Failure, usage};
use super::repository;
use crate::nearest::nearest;
use crate::report::{self, Format, Style};
use crate::run::Outcome;

pub(super) use crate::report::visible;

/// `--color`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` or `TERM` say otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorWhen {
    /// A stream that drops colours where they are not wanted.
    pub(super) fn stream<S: anstream::stream::RawStream + anstream::stream::AsLockedWrite>(
        self,
        raw: S,
    ) -> AutoStream<S> {
        AutoStream::new(raw, self.choice())
    }

    /// Whether standard output gets colours.
    pub(super) fn on_stdout(self) -> bool {
        self.stream(io::stdout()).current_choice() != ColorChoice::Never
    }

    fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::AlwaysAnsi,
            Self::Never => ColorChoice::Never,
        }
    }
}

/// `--format` and `--output`: where reports go.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct OutputArgs {
    /// Format of the report on standard output.
    #[arg(long, value_name = "FMT", value_parser = parse_format, default_value = "text", help_heading = "Output")]
    format: Format,
    /// Write a further report to a file, as FMT=PATH; repeatable.
    #[arg(long, value_name = "FMT=PATH", value_parser = parse_output, help_heading = "Output")]
    output: Vec<(Format, PathBuf)>,
    /// What tells several SARIF uploads of one workflow apart in code scanning.
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    sarif_category: Option<String>,
    /// Print findings only.
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
    /// List every result that could not be told.
    #[arg(long, short, help_heading = "Output")]
    verbose: bool,
    /// Print counts per rule and service.
    #[arg(long, help_heading = "Output")]
    statistics: bool,
}

impl OutputArgs {
    /// Writes every report that was asked for. Files first, so that a reader that goes away does not cost them.
    pub(super) fn write(&self, outcome: &mut Outcome, color: ColorWhen) -> Result<(), Failure> {
        outcome.checked.category.clone_from(&self.sarif_category);
        let formats = self.output.iter().map(|(format, _)| *format).chain([self.format]);
        if formats.into_iter().any(Format::names_the_repository) {
            let working = std::env::current_dir()?;
            outcome.checked.repository = repository::around(&working);
        }
        let style =
            |color| Style { color, verbose: self.verbose, quiet: self.quiet, statistics: self.statistics };
        for (format, path) in &self.output {
            let to_file = || -> io::Result<()> {
                let mut out = BufWriter::with_capacity(1 << 16, File::create(path)?);
                report::write(*format, &outcome.report(style(false)), &mut out)?;
                out.flush()
            };
            to_file().map_err(|error| usage(format!("cannot write `{}`: {error}", path.display()), None))?;
        }
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        report::write(self.format, &outcome.report(style(color.on_stdout())), &mut out)?;
        out.flush()?;
        Ok(())
    }
}

fn parse_format(name: &str) -> Result<Format, String> {
    Format::parse(name).ok_or_else(|| {
        let names = || Format::ALL.iter().map(|format| format.name());
        match nearest(name, names()) {
            Some(near) => format!("no such format; the nearest is `{near}`"),
            None => format!("no such format; there are {}", names().collect::<Vec<_>>().join(", ")),
        }
    })
}

fn parse_output(text: &str) -> Result<(Format, PathBuf), String> {
    match text.split_once('=') {
        Some((_, "")) | None => Err("write it as FORMAT=PATH, for example `json=report.json`".to_owned()),
        Some((format, path)) => Ok((parse_format(format)?, PathBuf::from(path))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_outputs() {
        assert_eq!(parse_format("json"), Ok(Format::Json));
        assert_eq!(parse_format("jsn"), Err("no such format; the nearest is `json`".to_owned()));
        assert!(parse_format("zzzzzz").is_err_and(|error| error.contains("text, concise")));
        assert_eq!(parse_output("json=a=b"), Ok((Format::Json, PathBuf::from("a=b"))));
        assert!(parse_output("json").is_err() && parse_output("json=").is_err());
    }
}
