//! Waivers of the plan: they take findings out, and are findings themselves when nobody owns them, when they are over, or
//! when nothing is left of what they waive.

use std::path::Path;

use super::{Options, glob};
use crate::finding::{Finding, Findings, Kind};
use smol_str::SmolStr;

use crate::model::Spanned;
use crate::plan::{Plan, Waiver};
use crate::rules::{Rule, find};

const RULE: &str = "waiver";

/// Takes out what the plan waives; returns what stays, with the findings about waivers, and how many went.
pub(super) fn apply(list: Vec<Finding>, plan: &Plan, options: &Options) -> (Vec<Finding>, usize) {
    if plan.waivers.is_empty() {
        return (list, 0);
    }
    let waivers: Vec<Candidate<'_>> =
        plan.waivers.iter().map(|waiver| Candidate::new(waiver, options)).collect();
    let mut used = vec![false; waivers.len()];
    let before = list.len();
    let mut kept = list;
    kept.retain(|finding| {
        let path = relative(finding.place.source.path(), plan, options);
        let mut waived = false;
        for (candidate, used) in waivers.iter().zip(&mut used) {
            if candidate.covers(finding, &path) {
                *used = true;
                waived |= !candidate.over;
            }
        }
        !waived
    });
    let waived = before - kept.len();
    kept.extend(faults(&waivers, &used, options));
    (kept, waived)
}

/// A waiver with what is worked out once.
struct Candidate<'a> {
    waiver: &'a Waiver,
    rule: Option<&'static Rule>,
    over: bool,
}

impl<'a> Candidate<'a> {
    fn new(waiver: &'a Waiver, options: &Options) -> Self {
        let over = waiver.until.as_ref().is_some_and(|until| until.value < options.today);
        Self { waiver, rule: find(&waiver.rule.value), over }
    }

    fn covers(&self, finding: &Finding, path: &str) -> bool {
        self.rule.is_some_and(|rule| rule.id == finding.rule)
            && finding.rule != RULE
            && self.waiver.path.as_ref().is_none_or(|pattern| glob::covers(&pattern.value, path))
            && self.waiver.service.as_ref().is_none_or(|service| {
                finding.service.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&service.value))
            })
    }
}

/// What is wrong with the waivers.
fn faults(waivers: &[Candidate<'_>], used: &[bool], options: &Options) -> Vec<Finding> {
    let mut out = Findings::new();
    if let Some(rule) = find(RULE) {
        out.speak_for(rule.id, rule.severity);
    }
    for (candidate, used) in waivers.iter().zip(used) {
        let waiver = candidate.waiver;
        let (name, place) = (&waiver.rule.value, &waiver.rule.place);
        if let (true, Some(until)) = (candidate.over, &waiver.until) {
            let (year, month, day) = until.value;
            out.add(&until.place, format!("the waiver of `{name}` ended on {year:04}-{month:02}-{day:02}"))
                .help("Mend what it waives, or let its owner decide on a new day");
        }
        if is_blank(waiver.owner.as_ref()) {
            out.add(place, format!("the waiver of `{name}` has no owner"))
                .help("Add `owner = \"…\"`: who answers for it");
        }
        if is_blank(waiver.reason.as_ref()) {
            out.add(place, format!("the waiver of `{name}` has no reason")).help("Add `reason = \"…\"`");
        }
        let told = options.whole && candidate.rule.is_some_and(|rule| options.ran.contains(rule.id));
        if told && !used {
            out.add(place, format!("the waiver of `{name}` matches no finding"))
                .help("Remove it, or correct its `path` or `service`");
        }
    }
    let list = out.into_vec();
    debug_assert!(list.iter().all(|finding| finding.kind == Kind::Finding));
    list
}

/// Whether nobody or nothing is said.
fn is_blank(said: Option<&Spanned<SmolStr>>) -> bool {
    said.is_none_or(|said| said.value.trim().is_empty())
}

/// A report path as the plan would write it: relative to the plan's folder.
pub(super) fn relative(path: &str, plan: &Plan, options: &Options) -> String {
    let folder = plan.folder.trim_end_matches('/');
    if folder.is_empty() || folder == "." {
        return path.to_owned();
    }
    match path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) => rest.to_owned(),
        None => format!("{}{path}", options.working_prefix),
    }
}

/// The working directory as seen from a plan's folder that lies above it: `..` in `/a/b` gives `b/`; any other folder
/// gives nothing.
#[must_use]
pub fn working_prefix(plan_folder: &str, working: &Path) -> String {
    let parts = || plan_folder.split('/').filter(|part| !part.is_empty() && *part != ".");
    if parts().any(|part| part != "..") {
        return String::new();
    }
    let names: Vec<_> = working.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let above = parts().count().min(names.len());
    names[names.len() - above..].iter().map(|name| format!("{name}/")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{finding, source};
    use super::super::{Settled, settle};
    use super::*;
    use crate::model::Spanned;
    use crate::source::{Place, Span};

    struct Said {
        path: Option<&'static str>,
        service: Option<&'static str>,
        until: Option<(u16, u8, u8)>,
        owned: bool,
    }

    fn plan(said: &Said, folder: &str) -> Plan {
        let text = source("plimsoll.toml", "[[waivers]]\nrule = \"runtime-user\"\n");
        let place = Place::new(&text, Span::new(19, 33));
        let spanned = |value: &str| Spanned::new(value.into(), place.clone());
        let waiver = Waiver {
            rule: spanned("runtime-user"),
            path: said.path.map(spanned),
            service: said.service.map(spanned),
            until: said.until.map(|day| Spanned::new(day, place.clone())),
            owner: said.owned.then(|| spanned("me")),
            reason: said.owned.then(|| spanned("why")),
            place: place.clone(),
        };
        Plan { waivers: vec![waiver], folder: folder.to_owned(), ..Plan::default() }
    }

    fn run(said: &Said, folder: &str, prefix: &str) -> Settled {
        let file = source("legacy/a/Dockerfile", "USER 0");
        let mut one = finding("runtime-user", &file, "USER 0", "m");
        one.service = Some("Web".into());
        let options = Options {
            today: (2027, 1, 31),
            ran: ["runtime-user"].into(),
            whole: true,
            working_prefix: prefix.to_owned(),
            ..Options::default()
        };
        settle(vec![one], &[], &plan(said, folder), &options)
    }

    fn messages(settled: &Settled) -> Vec<&str> {
        settled.findings.iter().map(|finding| finding.message.as_str()).collect()
    }

    const GOOD: Said =
        Said { path: Some("legacy/**"), service: None, until: Some((2027, 1, 31)), owned: true };

    #[test]
    fn a_good_waiver_counts_and_lists_nothing() {
        let settled = run(&GOOD, ".", "");
        assert_eq!((messages(&settled), settled.waived), (vec![], 1));
        assert_eq!(run(&Said { service: Some("web"), ..GOOD }, ".", "").waived, 1);
        assert_eq!(run(&Said { service: Some("other"), ..GOOD }, ".", "").waived, 0);
    }

    #[test]
    fn paths_are_seen_from_the_plan() {
        assert_eq!(run(&Said { path: Some("a/Dockerfile"), ..GOOD }, "legacy", "").waived, 1);
        assert_eq!(run(&Said { path: Some("top/legacy/**"), ..GOOD }, "..", "top/").waived, 1);
        assert_eq!(run(&GOOD, "..", "top/").waived, 0);
    }

    #[test]
    fn an_expired_waiver_waives_nothing() {
        let settled = run(&Said { until: Some((2027, 1, 30)), ..GOOD }, ".", "");
        assert_eq!(messages(&settled), ["m", "the waiver of `runtime-user` ended on 2027-01-30"]);
        assert_eq!(settled.waived, 0);
    }

    #[test]
    fn unowned_unexplained_and_unused_waivers_are_findings() {
        let settled = run(&Said { owned: false, ..GOOD }, ".", "");
        assert_eq!(
            messages(&settled),
            ["the waiver of `runtime-user` has no owner", "the waiver of `runtime-user` has no reason"]
        );
        let settled = run(&Said { path: Some("other/**"), ..GOOD }, ".", "");
        assert_eq!(messages(&settled), ["m", "the waiver of `runtime-user` matches no finding"]);
        assert_eq!((settled.findings[1].rule, settled.findings[1].place.start().line), ("waiver", 2));
    }

    #[test]
    fn prefixes_of_the_working_directory() {
        let working = Path::new("/srv/fleet/sub");
        for (folder, expected) in
            [(".", ""), ("..", "sub/"), ("../..", "fleet/sub/"), ("a", ""), ("../x", "")]
        {
            assert_eq!(working_prefix(folder, working), expected, "{folder}");
        }
    }
}
