//! `sarif`: SARIF 2.1.0 as code scanning reads it, written result by result.
//!
//! Paths are relative to the repository's root, columns count UTF-16 units. What GitHub shows and what its limits are is
//! in "SARIF support for code scanning" of `github/docs`.

mod location;
mod result;
mod rule;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

use super::escape::visible;
use super::{Report, json_text};
use crate::finding::{Finding, Severity};
use crate::settle::fingerprints;
use location::Artifacts;
use result::Results;
use rule::Rules;

/// Results that GitHub accepts in one run.
const MAX_RESULTS: usize = 25_000;
/// Results of one run that it keeps and shows.
const SHOWN_RESULTS: usize = 5_000;
/// Where the tool is described; the package's repository when it names one.
const INFORMATION_URI: &str = if env!("CARGO_PKG_REPOSITORY").is_empty() {
    "https://docs.rs/plimsoll"
} else {
    env!("CARGO_PKG_REPOSITORY")
};

/// Writes one run.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let chosen = worst(report);
    let dropped = report.findings.len() + report.open.len() - chosen.len();
    let rules = Rules::of(report);
    let artifacts = Artifacts::of(&chosen, &report.checked.repository.prefix);
    out.write_all(
        b"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{",
    )?;
    member("tool", &json!({ "driver": driver(&rules) }), out)?;
    // GitHub takes what stands before the last `/` for the category (SARIF support for code scanning, "runAutomationDetails").
    let id = match &report.checked.category {
        Some(category) => format!("{category}/"),
        None => format!("plimsoll/{}/", report.checked.mode),
    };
    member("automationDetails", &json!({ "id": id }), out)?;
    member("originalUriBaseIds", &json!({ "SRCROOT": source_root(report) }), out)?;
    member("columnKind", &"utf16CodeUnits", out)?;
    member("invocations", &[invocation(report, chosen.len(), dropped)], out)?;
    if let Some(revision) = &report.checked.repository.revision {
        let mut provenance = json!({
            "repositoryUri": revision.repository,
            "revisionId": revision.commit,
            "mappedTo": { "uriBaseId": "SRCROOT" },
        });
        if let Some(branch) = &revision.branch {
            provenance["branch"] = branch.as_str().into();
        }
        member("versionControlProvenance", &[provenance], out)?;
    }
    if !artifacts.is_empty() {
        out.write_all(b"\"artifacts\":[")?;
        artifacts.write(out)?;
        out.write_all(b"\n],")?;
    }
    out.write_all(b"\"results\":[")?;
    let mut results = Results::new(&rules, &artifacts);
    for (at, (finding, fingerprint)) in chosen.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        results.write(finding, fingerprint, out)?;
    }
    out.write_all(b"\n]}]}\n")
}

/// Findings, then open results, in order; when there are more than are shown the worst first, and of too many those alone.
fn worst<'a>(report: &Report<'a>) -> Vec<(&'a Finding, String)> {
    let all = report.findings.iter().zip(fingerprints(report.findings));
    let mut all: Vec<(&Finding, String)> =
        all.chain(report.open.iter().zip(fingerprints(report.open))).collect();
    if all.len() > SHOWN_RESULTS {
        let found = report.findings.len();
        let mut order: Vec<usize> = (0..all.len()).collect();
        // Open results count least.
        order.sort_by_key(|at| (*at >= found, std::cmp::Reverse(all[*at].0.severity)));
        order.truncate(MAX_RESULTS);
        all = order.into_iter().map(|at| (all[at].0, std::mem::take(&mut all[at].1))).collect();
    }
    all
}

fn member(name: &str, value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "\"{name}\":")?;
    json_text::write(value, out)?;
    out.write_all(b",\n")
}

fn driver(rules: &Rules) -> serde_json::Value {
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "name": "plimsoll",
        "fullName": format!("plimsoll {version}"),
        "version": version,
        "semanticVersion": version,
        "informationUri": INFORMATION_URI,
        "rules": rules.descriptors(),
    })
}

fn source_root(report: &Report<'_>) -> serde_json::Value {
    let description = json!({ "text": "The root of the repository." });
    match &report.checked.repository.root {
        Some(root) => {
            let path = root.to_string_lossy().replace('\\', "/");
            let path = path.trim_matches('/');
            let folder =
                if path.is_empty() { String::new() } else { format!("{}/", super::escape::uri(path)) };
            json!({ "uri": format!("file:///{folder}"), "description": description })
        }
        None => json!({ "description": description }),
    }
}

/// How the run went: what was not checked or not listed is told as notifications.
fn invocation(report: &Report<'_>, listed: usize, dropped: usize) -> serde_json::Value {
    let mut notes: Vec<serde_json::Value> = Vec::new();
    let mut note = |text: String| notes.push(json!({ "level": "warning", "message": { "text": text } }));
    if dropped > 0 {
        note(format!(
            "{dropped} results are left out: a run holds at most {MAX_RESULTS}. The worst are listed."
        ));
    }
    if listed > SHOWN_RESULTS {
        note(format!("{listed} results are listed, and code scanning keeps {SHOWN_RESULTS}, the worst."));
    }
    for said in &report.checked.notices {
        note(format!("{}.", visible(said)));
    }
    for (what, reason) in &report.checked.not_checked {
        note(format!("Not checked: {}: {}.", visible(what), visible(reason)));
    }
    let mut invocation = json!({ "executionSuccessful": true });
    if !notes.is_empty() {
        invocation["toolExecutionNotifications"] = notes.into();
    }
    invocation
}

/// SARIF's name of a severity.
fn level(severity: Severity) -> &'static str {
    severity.name()
}

#[cfg(test)]
mod tests;
