//! The baseline: findings that were there when a team began, which do not fail a call until somebody mends them.
//!
//! A list of fingerprints goes in with the findings of a call; what is new comes out, and the list as it would be without
//! what is gone. It is a ratchet: writing it again only takes entries out. Where the file lies is not known here.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::fingerprint::{fingerprints, fingerprints_by};
use crate::finding::Finding;

/// The version of the form that is written.
const VERSION: u32 = 1;
/// Entries of one baseline.
const MAX_ENTRIES: usize = 1_000_000;

/// Known findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// By fingerprint, so that two writers give the same text.
    entries: BTreeMap<String, Entry>,
}

/// One known finding. Only the fingerprint counts; the rest is for who reads the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    fingerprint: String,
    rule: String,
    file: String,
    /// Image, endpoint or container; of other subjects the file tells whether a call looked there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(default)]
    message: String,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// Id of the rule.
    pub rule: &'a str,
    /// The file, as reports name it; of an image its record.
    pub file: &'a str,
    /// Stage, service, image, endpoint or container.
    pub subject: Option<&'a str>,
}

impl Entry {
    fn about(&self) -> About<'_> {
        About { rule: &self.rule, file: &self.file, subject: self.subject.as_deref() }
    }
}

#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    findings: Vec<Entry>,
}

/// What a baseline leaves of the findings of a call.
#[derive(Debug, Default)]
pub struct Compared {
    /// New findings, in order.
    pub new: Vec<Finding>,
    /// How many findings were known.
    pub known: usize,
    /// How many entries have no finding any more.
    pub gone: usize,
    /// How many findings are new although the baseline lists them, because their rule is firm.
    pub firm: usize,
    /// The baseline without those that are gone and without those of firm rules.
    pub rest: Baseline,
}

impl Baseline {
    /// The baseline that knows all of these; `name` says how it calls a file.
    #[must_use]
    pub fn of(findings: &[Finding], name: impl Fn(&str) -> String) -> Self {
        let entry = |(finding, fingerprint): (&Finding, String)| {
            let entry = Entry {
                fingerprint: fingerprint.clone(),
                rule: finding.rule.to_owned(),
                file: name(finding.place.source.path()),
                subject: finding.subject.as_ref().map(ToString::to_string),
                message: finding.message.clone(),
            };
            (fingerprint, entry)
        };
        let prints = fingerprints_by(findings, &name);
        Self { entries: findings.iter().zip(prints).map(entry).collect() }
    }

    /// Reads what [`Baseline::text`] wrote.
    ///
    /// # Errors
    /// One phrase: why it is no baseline.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if written.version != VERSION {
            return Err(format!("it has version {}, and this program reads {VERSION}", written.version));
        }
        if written.findings.len() > MAX_ENTRIES {
            return Err(format!("it has more than {MAX_ENTRIES} entries"));
        }
        let entries = written.findings.into_iter().map(|entry| (entry.fingerprint.clone(), entry));
        Ok(Self { entries: entries.collect() })
    }

    /// As a file: one entry a line, ordered by file, rule and message, so that a review shows what was mended.
    #[must_use]
    pub fn text(&self) -> String {
        let mut entries: Vec<&Entry> = self.entries.values().collect();
        entries.sort_by_key(|entry| (&entry.file, &entry.rule, &entry.message, &entry.fingerprint));
        let lines = entries.into_iter().filter_map(|entry| serde_json::to_string(entry).ok());
        let lines: Vec<String> = lines.map(|line| format!("  {line}")).collect();
        let body = if lines.is_empty() { String::new() } else { format!("\n{}\n", lines.join(",\n")) };
        format!("{{\"version\":{VERSION},\"findings\":[{body}]}}\n")
    }

    /// Of each finding of a call whether it is known.
    #[must_use]
    pub fn knows(&self, findings: &[Finding]) -> Vec<bool> {
        fingerprints(findings).iter().map(|print| self.entries.contains_key(print)).collect()
    }

    /// How many findings it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Parts the findings of a call into known and new ones; `name` says how the baseline calls a file. `tells` says whether the call looked at what an entry is
    /// about: entries of others are kept. Of the rules that are `firm` nothing is known.
    #[must_use]
    pub fn compare(
        self,
        findings: Vec<Finding>,
        name: impl Fn(&str) -> String,
        firm: impl Fn(&str) -> bool,
        tells: impl Fn(About<'_>) -> bool,
    ) -> Compared {
        let prints = fingerprints_by(&findings, name);
        let found: HashMap<&str, ()> = prints.iter().map(|print| (print.as_str(), ())).collect();
        let mut compared = Compared::default();
        for (print, entry) in self.entries {
            let is_found = found.contains_key(print.as_str());
            if !is_found && tells(entry.about()) {
                compared.gone += 1;
            } else if !firm(&entry.rule) {
                compared.rest.entries.insert(print, entry);
            } else if is_found {
                compared.firm += 1;
            }
        }
        let known = |print: &String| compared.rest.entries.contains_key(print);
        let is_new: Vec<bool> = prints.iter().map(|print| !known(print)).collect();
        compared.known = is_new.iter().filter(|is_new| !**is_new).count();
        compared.new = findings.into_iter().zip(is_new).filter(|(_, new)| *new).map(|(f, _)| f).collect();
        compared
    }
}

#[cfg(test)]
mod tests {
    use super::super::fingerprint::as_is;
    use super::super::tests::{finding, source};
    use super::*;

    fn never(_: &str) -> bool {
        false
    }

    fn findings(text: &str, needles: &[&str]) -> Vec<Finding> {
        let source = source("a/Dockerfile", text);
        needles
            .iter()
            .map(|needle| finding("runtime-user", &source, needle, &format!("`{needle}`")))
            .collect()
    }

    #[test]
    fn what_was_known_stays_quiet_after_lines_moved_and_what_is_new_does_not() {
        let old = Baseline::of(&findings("USER a\nUSER b\n", &["USER a", "USER b"]), as_is);
        let moved = format!("{}USER a\nUSER b\nUSER c\n", "# x\n".repeat(200));
        let compared = old.compare(findings(&moved, &["USER a", "USER b", "USER c"]), as_is, never, |_| true);
        let new: Vec<&str> = compared.new.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!((new, compared.known, compared.gone), (vec!["`USER c`"], 2, 0));
    }

    #[test]
    fn it_only_shrinks() {
        let old = Baseline::of(&findings("USER a\nUSER b\n", &["USER a", "USER b"]), as_is);
        let now = findings("USER b\nUSER c\n", &["USER b", "USER c"]);
        let compared = old.clone().compare(now, as_is, never, |_| true);
        assert_eq!((compared.new.len(), compared.known, compared.gone, compared.rest.len()), (1, 1, 1, 1));
        // A rule that did not run says nothing about its entries.
        let compared = old.compare(Vec::new(), as_is, never, |_| false);
        assert_eq!((compared.gone, compared.rest.len()), (0, 2));
    }

    #[test]
    fn it_hides_and_keeps_nothing_of_a_firm_rule() {
        let now = || findings("USER a\nUSER b\n", &["USER a", "USER b"]);
        let firm = |rule: &str| rule == "runtime-user";
        let compared = Baseline::of(&now(), as_is).compare(now(), as_is, firm, |_| true);
        assert_eq!((compared.new.len(), compared.known, compared.gone, compared.firm), (2, 0, 0, 2));
        assert!(compared.rest.is_empty());
        let compared =
            Baseline::of(&now(), as_is).compare(now(), as_is, |rule| rule == "base-image", |_| true);
        assert_eq!((compared.new.len(), compared.firm, compared.rest.len()), (0, 0, 2));
    }

    #[test]
    fn what_an_entry_is_about_is_asked_with_its_subject() {
        let mut list = findings("USER a\nUSER b\n", &["USER a", "USER b"]);
        list[0].subject = Some("http://web:8080/health".into());
        list[1].subject = Some("container:web".into());
        let text = Baseline::of(&list, as_is).text();
        let read = Baseline::parse(text.as_bytes()).unwrap();
        let compared = read.compare(Vec::new(), as_is, never, |about| {
            assert_eq!((about.rule, about.file), ("runtime-user", "a/Dockerfile"));
            about.subject == Some("container:web")
        });
        assert_eq!((compared.gone, compared.rest.len()), (1, 1));
    }

    #[test]
    fn it_reads_what_it_writes_one_entry_a_line() {
        let old = Baseline::of(&findings("USER a\nUSER b\n", &["USER b", "USER a"]), as_is);
        let text = old.text();
        assert_eq!(Baseline::parse(text.as_bytes()), Ok(old));
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.find("`USER a`") < text.find("`USER b`"), "{text}");
        assert_eq!(Baseline::parse(Baseline::default().text().as_bytes()), Ok(Baseline::default()));
        for (bad, why) in [
            ("", "EOF"),
            ("[]", "invalid"),
            ("{\"version\":2,\"findings\":[]}", "version 2"),
            ("{\"version\":1}", "missing field"),
        ] {
            assert!(Baseline::parse(bad.as_bytes()).is_err_and(|error| error.contains(why)), "{bad}");
        }
    }
}
