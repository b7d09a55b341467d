//! Reports: settled findings in, one file per format out.
//!
//! Every writer streams, escapes what comes from input for its own format, and gives the same bytes for the same report.
//! No rule's logic and no settling here; what is listed was decided before.

mod checkstyle;
mod concise;
pub mod effective;
mod escape;
mod fleet;
mod github;
mod gitlab;
pub mod graph;
mod groups;
mod html;
mod json;
mod json_text;
mod junit;
mod markdown;
mod plan_tables;
mod sarif;
mod services;
mod statistics;
mod text;

pub use escape::visible;
pub use fleet::{CellState, FleetCell, FleetRow};
pub use html::{Subject, SubjectKind};
pub use plan_tables::plan_tables;
pub use services::Service;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use smol_str::SmolStr;

use crate::finding::{Finding, Severity};
use crate::settle::Quieted;

/// Everything a report can say.
#[derive(Debug)]
pub struct Report<'a> {
    /// Findings in the order of settle.
    pub findings: &'a [Finding],
    /// Open results in the order of settle.
    pub open: &'a [Finding],
    /// How many results inline comments suppressed.
    pub suppressed: usize,
    /// How many results waivers took out.
    pub waived: usize,
    /// What a baseline took out; `None` without one.
    pub quieted: Option<&'a Quieted>,
    /// How many findings are older than the revision that `--since` names.
    pub older: Option<usize>,
    /// What was looked at.
    pub checked: &'a Checked,
    /// How the text formats look.
    pub style: Style,
}

/// What was looked at, and what was not.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// What was done, for `automationDetails` of SARIF: `check`.
    pub mode: &'static str,
    /// What tells several SARIF uploads of one workflow apart; `None`: tool and mode do.
    pub category: Option<String>,
    /// The plan file as reports print it, or the pack.
    pub plan: Option<String>,
    /// Kinds of files (`dockerfile`) and how many of each were judged.
    pub files: BTreeMap<SmolStr, usize>,
    /// Canonical ids of the rules that ran, in the order of the table.
    pub rules: Vec<&'static str>,
    /// Canonical ids of the rules that did not run because the plan says nothing of what they need.
    pub not_planned: Vec<&'static str>,
    /// Inputs that could not be judged: name and reason, which are part of an honest report.
    pub not_checked: Vec<(String, String)>,
    /// The services of a deployed fleet, with the files that make them.
    pub services: Vec<Service>,
    /// Everything that findings can be about, so that what has none shows too: the plan's services in its order, other
    /// deployed services, base images, other files and images.
    pub subjects: Vec<Subject>,
    /// Which image builds on which, with the findings of each; `None` where nothing of the fleet is built on something
    /// else of it.
    pub bases: Option<graph::Drawing>,
    /// The table of a running fleet; empty where none was asked.
    pub fleet: Vec<FleetRow>,
    /// Build contexts that were assumed rather than given.
    pub contexts: Vec<AssumedContext>,
    /// What the call has to say that is no finding: one sentence each, without a full stop, values in backticks.
    pub notices: Vec<String>,
    /// What fails the call; the command line fills it in for the formats that know failures.
    pub fails_from: FailsFrom,
    /// The repository around the working directory; the command line fills it in for the formats that name it.
    pub repository: Repository,
}

/// The least severity that fails a call (`--fail-on`), an error unless said otherwise; `None`: nothing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailsFrom(pub Option<Severity>);

impl FailsFrom {
    /// Whether a finding of this severity fails the call.
    #[must_use]
    pub fn fails(self, severity: Severity) -> bool {
        self.0.is_some_and(|least| severity >= least)
    }
}

impl Default for FailsFrom {
    fn default() -> Self {
        Self(Some(Severity::Error))
    }
}

/// A build context that was worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedContext {
    /// Report path of the Dockerfile.
    pub file: String,
    /// The folder, relative to the working directory.
    pub folder: String,
    /// How it was found, as a phrase: `the nearest folder that holds every source`.
    pub how: &'static str,
}

/// The repository around the working directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// Its root folder, absolute, where that is known; else the working directory stands for it.
    pub root: Option<PathBuf>,
    /// The working directory as seen from the root: empty, or ending in `/`.
    pub prefix: String,
    /// Whether a job of the code host runs this, whose annotations are looked up from the root.
    pub hosted: bool,
    /// What is checked out.
    pub revision: Option<Revision>,
}

impl Repository {
    /// A report path as code hosts look for it: from the repository's root in their own jobs. Names of images and absolute
    /// paths stay as they are.
    fn path<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let is_file = !path.starts_with('/') && !path.contains(':');
        let prefix = if self.hosted { self.prefix.as_str() } else { "" };
        match is_file && (path.starts_with("./") || !prefix.is_empty()) {
            true => resolved(prefix.split('/').chain(path.split('/'))).into(),
            false => path.into(),
        }
    }
}

/// A commit of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Address of the repository, without credentials.
    pub repository: String,
    /// The commit.
    pub commit: String,
    /// The branch, when one is checked out.
    pub branch: Option<String>,
}

/// How the text formats look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Whether colours are written.
    pub color: bool,
    /// Open results one by one instead of grouped.
    pub verbose: bool,
    /// Findings only: no summary.
    pub quiet: bool,
    /// A table of counts behind the findings.
    pub statistics: bool,
}

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people: source lines with marks.
    Text,
    /// One line a finding.
    Concise,
    /// One JSON document.
    Json,
    /// One JSON finding a line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands that GitHub turns into annotations.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// JUnit XML: a test case for each file.
    Junit,
    /// Checkstyle XML.
    Checkstyle,
    /// A summary for pull requests and job summaries.
    Markdown,
    /// One page for browsers, without anything from outside.
    Html,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::Text,
        Self::Concise,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Junit,
        Self::Checkstyle,
        Self::Markdown,
        Self::Html,
    ];

    /// As it is written on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Checkstyle => "checkstyle",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// Whether its readers look for files from the repository's root.
    #[must_use]
    pub fn names_the_repository(self) -> bool {
        matches!(self, Self::Sarif | Self::Github | Self::Gitlab)
    }

    /// The format of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }
}

/// Writes a report in a format.
///
/// # Errors
/// Those of the writer.
pub fn write(format: Format, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, out),
        Format::Concise => concise::write(report, out),
        Format::Json => json::write(report, out),
        Format::Jsonl => json::write_lines(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Checkstyle => checkstyle::write(report, out),
        Format::Markdown => markdown::write(report, out),
        Format::Html => html::write(report, out),
    }
}

impl Report<'_> {
    /// How many findings have this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The worst severity among the findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// `1 error`, `2 errors`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A path without `.`, `..` and empty parts; `..` stays in front.
fn resolved<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in parts {
        match part {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => {
                kept.pop();
            }
            part => kept.push(part),
        }
    }
    kept.join("/")
}

#[cfg(test)]
mod tests;
