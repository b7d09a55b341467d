//! What happens to findings between the rules and the report: an ordered list of pure functions.
//!
//! Findings of the whole call, the suppressions of its files and the plan go in; what is listed and what is only counted
//! comes out, in one order that depends on nothing but the input. No rule's logic, no output format and no clock here:
//! the day is a parameter.

mod baseline;
mod date;
mod fingerprint;
mod glob;
mod hidden;
mod severities;
mod suppress;
mod waiver;

use std::collections::{HashMap, HashSet};

pub use baseline::{About, Baseline, Compared};
pub use date::civil_from_days;
pub use fingerprint::{LineHashes, as_is, fingerprints};
pub use suppress::Suppressions;
pub use waiver::working_prefix;

use std::sync::Arc;

use crate::finding::{Finding, Kind, Severity};
use crate::path::{below, clean};
use crate::plan::Plan;
use crate::rules::{Check, find};

/// A day as year, month, day.
pub type Day = (u16, u8, u8);

/// What the call says about findings.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--severity`: canonical id and severity, `None` for `off`. Stronger than the plan; the last one of a rule counts.
    pub severities: Vec<(&'static str, Option<Severity>)>,
    /// `--select`, as canonical ids. Empty: all.
    pub select: Vec<&'static str>,
    /// `--ignore`, as canonical ids.
    pub ignore: Vec<&'static str>,
    /// `--strict`: open results become findings.
    pub strict: bool,
    /// The current day in UTC, for waivers that end.
    pub today: Day,
    /// The rules that ran. Only of these can a suppression or waiver be unused.
    pub ran: HashSet<&'static str>,
    /// Whether the whole fleet was looked at; otherwise a waiver of another file is not unused.
    pub whole: bool,
    /// The working directory as seen from the plan's folder: empty, or ending in `/`. See [`working_prefix`].
    pub working_prefix: String,
    /// The rules that run only because overrides of the plan turn them on below some paths.
    pub somewhere: HashSet<&'static str>,
    /// What was looked at.
    pub looked_at: LookedAt,
    /// Findings that do not count because they were there before.
    pub baseline: Option<Known>,
}

/// What a call looked at, so that its silence can be told from not having looked.
#[derive(Debug, Clone, Default)]
pub struct LookedAt {
    /// Files and folders, as reports name them.
    pub paths: Vec<String>,
    /// Images that were judged, as reports name them.
    pub images: HashSet<String>,
    /// Endpoints and containers, each with a rule that judged it.
    pub live: HashSet<(&'static str, String)>,
}

impl Options {
    /// Whether the call says by its silence that a rule has nothing to say about something; `name` says how files are called
    /// there. A call over a part of the fleet
    /// says nothing about the rest.
    fn tells(&self, about: About<'_>, name: impl Fn(&str) -> String) -> bool {
        let Some(rule) = find(about.rule).filter(|rule| self.ran.contains(rule.id)) else { return false };
        let LookedAt { paths, images, live } = &self.looked_at;
        match about.subject {
            // Of several images each is judged by what the others are.
            Some(image) if image.starts_with(about.file) => {
                let over_all = |check: &Check| matches!(check, Check::Images(_));
                images.contains(image) && !rule.check.each().any(over_all)
            }
            Some(asked) if asked.starts_with("container:") || asked.contains("://") => {
                live.contains(&(rule.id, asked.to_owned()))
            }
            _ => {
                let over_all =
                    |check: &Check| matches!(check, Check::Fleet(_) | Check::Plan(_) | Check::Settle);
                (self.whole || !rule.check.each().any(over_all))
                    && paths.iter().any(|folder| below(about.file, &clean(&name(folder))).is_some())
            }
        }
    }
}

/// What a call knows of earlier findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Those of a baseline.
    Baseline(Baseline),
    /// All of this call: it begins a baseline.
    Everything,
}

/// What a baseline took out.
#[derive(Debug, Default)]
pub struct Quieted {
    /// Findings that were known.
    pub known: usize,
    /// Entries of the baseline without a finding.
    pub gone: usize,
    /// Findings that are reported although the baseline lists them, or would: the plan protects their rules.
    pub protected: usize,
    /// The baseline without those entries.
    pub rest: Baseline,
}

/// What is reported.
#[derive(Debug, Default)]
pub struct Settled {
    /// Findings, in order.
    pub findings: Vec<Finding>,
    /// Open results, in order.
    pub open: Vec<Finding>,
    /// How many results inline comments suppressed.
    pub suppressed: usize,
    /// How many results waivers of the plan took out.
    pub waived: usize,
    /// What a baseline took out; `None` without one.
    pub quieted: Option<Quieted>,
    /// How many findings are older than the revision that `--since` names; `None` without one.
    pub older: Option<usize>,
}

/// Settles the findings of one call.
///
/// `suppressions` is empty under `--no-inline-suppressions`. The steps in order: inline suppressions, waivers, severities,
/// `--select` and `--ignore`, `--strict`, duplicates, order, the baseline.
#[must_use]
pub fn settle(
    findings: Vec<Finding>,
    suppressions: &[Suppressions],
    plan: &Plan,
    options: &Options,
) -> Settled {
    let (list, suppressed) = suppress::apply(findings, suppressions, plan, options);
    let (list, waived) = waiver::apply(list, plan, options);
    let list = severities::apply(list, plan, options);
    let list = selected(list, options);
    let list = strict(list, options);
    let list = ordered(list);
    let (open, findings) = list.into_iter().partition(|finding| finding.kind == Kind::Open);
    let (findings, quieted) = new_ones(findings, plan, options);
    let settled = Settled { findings, open, suppressed, waived, quieted, older: None };
    hidden::share(&settled);
    settled
}

/// Findings of one call with those of another look at the same files: each once, with the worse of its severities.
#[must_use]
pub fn joined(mut list: Vec<Finding>, more: Vec<Finding>) -> Vec<Finding> {
    let known: HashMap<String, usize> = fingerprints(&list).into_iter().zip(0..).collect();
    for (print, finding) in fingerprints(&more).into_iter().zip(more) {
        match known.get(&print) {
            Some(at) => list[*at].severity = list[*at].severity.max(finding.severity),
            None => list.push(finding),
        }
    }
    ordered(list)
}

/// The rules that the plan protects (`suppressible = false`): neither a comment nor a baseline hides what they find.
#[must_use]
pub fn protected(plan: &Plan) -> HashSet<&'static str> {
    let firm = plan.rules.iter().filter(|setting| !setting.suppressible);
    firm.filter_map(|setting| find(&setting.rule.value).map(|rule| rule.id)).collect()
}

/// Takes out what a baseline knows.
fn new_ones(findings: Vec<Finding>, plan: &Plan, options: &Options) -> (Vec<Finding>, Option<Quieted>) {
    // Wherever the call works, a file has one name: as the plan would write it. Names of images are as they were given.
    let name = |path: &str| match path.contains(':') {
        true => path.to_owned(),
        false => waiver::relative(path, plan, options),
    };
    let baseline = match &options.baseline {
        None => return (findings, None),
        Some(Known::Everything) => Baseline::of(&findings, name),
        Some(Known::Baseline(baseline)) => baseline.clone(),
    };
    let firm = protected(plan);
    // Of a file that cannot be read to its end nobody knows what is mended.
    let is_broken = |finding: &&Finding| {
        finding.rule == "compose-schema" || find(finding.rule).is_some_and(|rule| rule.group == "syntax")
    };
    let broken: HashSet<String> =
        findings.iter().filter(is_broken).map(|finding| name(finding.place.source.path())).collect();
    let tells = |about: About<'_>| !broken.contains(about.file) && options.tells(about, name);
    let compared = baseline.compare(findings, name, |rule| firm.contains(rule), tells);
    let quieted =
        Quieted { known: compared.known, gone: compared.gone, protected: compared.firm, rest: compared.rest };
    (compared.new, Some(quieted))
}

/// Keeps what `--select` and `--ignore` leave.
fn selected(mut list: Vec<Finding>, options: &Options) -> Vec<Finding> {
    list.retain(|finding| {
        (options.select.is_empty() || options.select.contains(&finding.rule))
            && !options.ignore.contains(&finding.rule)
    });
    list
}

/// Turns open results into findings under `--strict`.
fn strict(mut list: Vec<Finding>, options: &Options) -> Vec<Finding> {
    if options.strict {
        list.iter_mut().for_each(|finding| finding.kind = Kind::Finding);
    }
    list
}

/// Orders by path, place, rule and message, and leaves one of each.
fn ordered(list: Vec<Finding>) -> Vec<Finding> {
    let mut list = list;
    list.sort_by(compared);
    list.dedup_by(|b, a| key(a) == key(b) && a.place.source.is_same(&b.place.source));
    list
}

/// The order of two findings. Most neighbours are of one file, whose path need not be read.
fn compared(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    if Arc::ptr_eq(&a.place.source, &b.place.source) {
        let ((_, a1, a2, a3, a4, a5), (_, b1, b2, b3, b4, b5)) = (key(a), key(b));
        return (a1, a2, a3, a4, a5).cmp(&(b1, b2, b3, b4, b5));
    }
    key(a).cmp(&key(b))
}

/// Within one file byte offsets order like lines and columns, and cost no line index.
fn key(finding: &Finding) -> (&str, u32, u32, &'static str, &str, Kind) {
    let span = finding.place.span;
    (finding.place.source.path(), span.start, span.end, finding.rule, &finding.message, finding.kind)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Spanned;
    use crate::plan::RuleSetting;
    use crate::rules::all;
    use crate::source::{Place, Source, Span};

    /// A finding of a rule at the first occurrence of `needle`.
    pub(crate) fn finding(rule: &'static str, source: &Arc<Source>, needle: &str, message: &str) -> Finding {
        let text = String::from_utf8_lossy(source.bytes()).into_owned();
        let start = text.find(needle).unwrap() as u32;
        let severity = all().find(|known| known.id == rule).map_or(Severity::Error, |known| known.severity);
        Finding {
            rule,
            severity,
            kind: Kind::Finding,
            message: message.to_owned(),
            place: Place::new(source, Span::new(start, start + needle.len() as u32)),
            service: None,
            subject: None,
            plan: None,
            origin: Vec::new(),
            related: Vec::new(),
            help: None,
            fix: None,
        }
    }

    pub(crate) fn source(path: &str, text: &str) -> Arc<Source> {
        Source::new(path, text.as_bytes().to_vec())
    }

    fn shown(settled: &Settled) -> Vec<String> {
        let line = |f: &Finding| {
            format!("{}:{} {} {}", f.place.source.path(), f.place.start().line, f.rule, f.severity.name())
        };
        settled.findings.iter().map(line).collect()
    }

    fn setting(severity: Option<Severity>) -> Plan {
        let plan = source("plimsoll.toml", "runtime-user");
        let rule = Spanned::new("runtime-user".into(), Place::new(&plan, Span::new(0, 12)));
        Plan {
            rules: vec![RuleSetting { rule, severity: Some(severity), suppressible: true }],
            ..Plan::default()
        }
    }

    #[test]
    fn order_is_path_line_column_rule_and_duplicates_go() {
        let (a, b) = (source("a", "x\ny z\n"), source("b", "x"));
        let list = vec![
            finding("runtime-user", &b, "x", "m"),
            finding("runtime-user", &a, "z", "m"),
            finding("runtime-user", &a, "x", "n"),
            finding("runtime-user", &a, "z", "m"),
            finding("base-image", &a, "z", "m"),
        ];
        let settled = settle(list, &[], &Plan::default(), &Options::default());
        let expected = [
            "a:1 runtime-user error",
            "a:2 base-image error",
            "a:2 runtime-user error",
            "b:1 runtime-user error",
        ];
        assert_eq!(shown(&settled), expected);
    }

    #[test]
    fn severities_come_from_the_plan_and_stronger_from_the_call() {
        let a = source("a", "x");
        let run = |plan: &Plan, severities: &[(&'static str, Option<Severity>)], own: Severity| {
            let mut one = finding("runtime-user", &a, "x", "m");
            one.severity = own;
            let options = Options { severities: severities.to_vec(), ..Options::default() };
            settle(vec![one], &[], plan, &options).findings.first().map(|finding| finding.severity)
        };
        let (error, warning, note) = (Severity::Error, Severity::Warning, Severity::Note);
        assert_eq!(run(&Plan::default(), &[], error), Some(error));
        assert_eq!(run(&setting(Some(warning)), &[], error), Some(warning));
        assert_eq!(run(&setting(None), &[], error), None);
        assert_eq!(run(&setting(None), &[("runtime-user", Some(note))], error), Some(note));
        assert_eq!(run(&setting(Some(warning)), &[("runtime-user", None)], error), None);
        assert_eq!(run(&setting(Some(warning)), &[], note), Some(note), "a lowered finding is not raised");
    }

    #[test]
    fn a_baseline_loses_what_a_call_looked_at_and_did_not_find() {
        let plan = source("plimsoll.toml", "row");
        let found = |rule: &'static str, file: &Arc<Source>, subject: &str| {
            let mut one = finding(rule, file, "r", "m");
            one.subject = Some(subject.into());
            one
        };
        let (image, other) = (source("oci:web", "r"), source("oci:api", "r"));
        let list = vec![
            found("health-contract", &plan, "http://web:8080/health"),
            found("health-contract", &plan, "http://api:8080/health"),
            found("live-health", &plan, "container:web"),
            found("runtime-user", &image, "oci:web"),
            found("runtime-user", &other, "oci:api (linux/arm64)"),
            found("base-proof", &image, "oci:web"),
        ];
        let baseline = Baseline::of(&list, as_is);
        let rest = |looked_at: LookedAt| {
            let options = Options {
                ran: ["health-contract", "live-health", "runtime-user", "base-proof"].into(),
                looked_at,
                baseline: Some(Known::Baseline(baseline.clone())),
                ..Options::default()
            };
            let quieted = settle(Vec::new(), &[], &Plan::default(), &options).quieted.unwrap_or_default();
            (quieted.gone, quieted.rest.len())
        };
        let live = |pairs: &[(&'static str, &str)]| LookedAt {
            live: pairs.iter().map(|(rule, subject)| (*rule, (*subject).to_owned())).collect(),
            ..LookedAt::default()
        };
        assert_eq!(rest(LookedAt::default()), (0, 6));
        assert_eq!(rest(LookedAt { paths: vec![".".to_owned()], ..LookedAt::default() }), (0, 6), "of files");
        assert_eq!(
            rest(live(&[("health-contract", "http://web:8080/health"), ("live-health", "x")])),
            (1, 5)
        );
        assert_eq!(rest(live(&[("live-health", "container:web")])), (1, 5));
        // What a rule says of an image beside others needs the others.
        assert_eq!(rest(LookedAt { images: ["oci:web".to_owned()].into(), ..LookedAt::default() }), (1, 5));
        let platform = ["oci:api (linux/arm64)".to_owned()].into();
        assert_eq!(rest(LookedAt { images: platform, ..LookedAt::default() }), (1, 5));
    }

    #[test]
    fn select_ignore_and_strict() {
        let a = source("a", "x y");
        let list = || {
            let mut open = finding("runtime-user", &a, "y", "cannot tell");
            open.kind = Kind::Open;
            vec![finding("base-image", &a, "x", "m"), open]
        };
        let count = |options: &Options| {
            let settled = settle(list(), &[], &Plan::default(), options);
            (settled.findings.len(), settled.open.len())
        };
        assert_eq!(count(&Options::default()), (1, 1));
        assert_eq!(count(&Options { strict: true, ..Options::default() }), (2, 0));
        assert_eq!(count(&Options { select: vec!["runtime-user"], ..Options::default() }), (0, 1));
        assert_eq!(count(&Options { ignore: vec!["runtime-user"], ..Options::default() }), (1, 0));
    }
}
