//! What of a plan is weaker than it was: a change that brings a fault may bring the plan that allows it.
//!
//! Two plans go in, sentences come out. What the plans' values mean is not known here.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Severity;
use crate::plan::{PACK_PREFIX, Plan};
use crate::rules::{Rule, all, find};
use crate::settle::protected;

/// Rules, waivers and overrides that are named at most.
const SHOWN: usize = 10;

/// Whether the files of two plans have other texts. Packs are the program's own.
pub(super) fn differ(old: &Plan, new: &Plan) -> bool {
    old.path != new.path || texts(old) != texts(new)
}

fn texts(plan: &Plan) -> BTreeMap<&str, &[u8]> {
    let own = plan.sources.iter().filter(|source| !source.path().starts_with(PACK_PREFIX));
    own.map(|source| (source.path(), source.bytes())).collect()
}

/// What a reader of the change should know of its plan; nothing when it is as it was.
pub(super) fn told(old: &Plan, new: &Plan, revision: &str) -> Option<String> {
    if !differ(old, new) {
        return None;
    }
    let mut weaker: Vec<String> = all().filter_map(|rule| lowered(rule, old, new)).collect();
    let firm = protected(new);
    let mut bared: Vec<&str> = protected(old).into_iter().filter(|id| !firm.contains(id)).collect();
    bared.sort_unstable();
    weaker.extend(bared.into_iter().map(|id| format!("`{id}` is no longer protected")));
    let waived = waivers(old);
    weaker.extend(
        waivers(new).difference(&waived).map(|(rule, what)| format!("`{rule}` is waived for {what}")),
    );
    let known = overrides(old);
    weaker.extend(
        overrides(new)
            .difference(&known)
            .map(|(rule, paths, level)| format!("`{rule}` is {level} below {paths}")),
    );
    let changed = match (&old.path, &new.path) {
        (Some(old), Some(new)) if old != new => {
            format!("the plan is `{new}`, and was `{old}` in `{revision}`")
        }
        (Some(old), None) => format!("the plan `{old}` of `{revision}` is gone"),
        _ => format!("the plan itself changed since `{revision}`"),
    };
    if weaker.is_empty() {
        return Some(changed);
    }
    let rest = weaker.len().saturating_sub(SHOWN);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    weaker.truncate(SHOWN);
    Some(format!("{changed}: {}{more}", weaker.join(", ")))
}

/// A rule that has a lower severity than it had.
fn lowered(rule: &Rule, old: &Plan, new: &Plan) -> Option<String> {
    let (was, is) = (level(rule, old), level(rule, new));
    (is < was).then(|| format!("`{}` is {} and was {}", rule.id, shown(is), shown(was)))
}

/// The severity of a rule for all paths; `None`: off.
fn level(rule: &Rule, plan: &Plan) -> Option<Severity> {
    let setting = plan.rules.iter().rev().find(|setting| setting.rule.value == rule.id);
    let own = rule.default.then_some(rule.severity);
    setting.and_then(|setting| setting.severity).unwrap_or(own)
}

fn shown(level: Option<Severity>) -> &'static str {
    level.map_or("off", Severity::name)
}

/// Waivers: the rule, and what is waived.
fn waivers(plan: &Plan) -> BTreeSet<(String, String)> {
    let one = |waiver: &crate::plan::Waiver| {
        let part =
            |name: &str, value: Option<&smol_str::SmolStr>| value.map(|value| format!("{name} `{value}`"));
        let parts = [
            part("path", waiver.path.as_ref().map(|path| &path.value)),
            part("service", waiver.service.as_ref().map(|service| &service.value)),
            waiver
                .until
                .as_ref()
                .map(|day| format!("all until {:04}-{:02}-{:02}", day.value.0, day.value.1, day.value.2)),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let what = if parts.is_empty() { "everything".to_owned() } else { parts.join(" and ") };
        (waiver.rule.value.to_string(), what)
    };
    plan.waivers.iter().map(one).collect()
}

/// Overrides that lower a rule below what it is elsewhere: the rule, the paths, the severity.
fn overrides(plan: &Plan) -> BTreeSet<(String, String, &'static str)> {
    let mut found = BTreeSet::new();
    for part in &plan.overrides {
        let paths: Vec<String> = part.paths.iter().map(|path| format!("`{}`", path.value)).collect();
        for setting in &part.rules {
            let (Some(rule), Some(wanted)) = (find(&setting.rule.value), setting.severity) else { continue };
            if wanted < level(rule, plan) {
                found.insert((rule.id.to_owned(), paths.join(", "), shown(wanted)));
            }
        }
    }
    found
}
