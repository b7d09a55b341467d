//! What of a plan is weaker than it was: a change that brings a fault may bring the plan that allows it.
//!
//! Two plans go in, sentences come out. What the plans' values mean is not known here.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Severity;
use crate::plan::{PACK_PREFIX, Plan, RULESETS, Rulesets};
use crate::rules::{Rule, all, find};
use crate::settle::protected;

/// Rules, waivers and others that are named at most.
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
    let weaker = weaker(RULESETS, old, new);
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
    let shown = &weaker[..weaker.len() - rest];
    Some(format!("{changed}: {}{more}", shown.join(", ")))
}

/// All that is weaker, what weighs most first: what rules are worth, which of them run, where they do not count, and what
/// they compare with.
fn weaker(sets: Rulesets, old: &Plan, new: &Plan) -> Vec<String> {
    let mut weaker: Vec<String> = all().filter_map(|rule| lowered(rule, old, new)).collect();
    let firm = protected(new);
    let mut bared: Vec<&str> = protected(old).into_iter().filter(|id| !firm.contains(id)).collect();
    bared.sort_unstable();
    weaker.extend(bared.into_iter().map(|id| format!("`{id}` is no longer protected")));
    weaker.extend(gone(packs(old), &packs(new)).map(|pack| format!("`{pack}` is no longer extended")));
    if age(sets, new) < age(sets, old) {
        let name = new.ruleset.as_ref().map_or("", |name| &name.value);
        weaker.push(format!("`ruleset` is the older `{name}`"));
    }
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
    let unplanned = all().filter(|rule| is_unplanned(rule, old, new));
    weaker.extend(unplanned.map(|rule| format!("`{}` is no longer planned", rule.id)));
    weaker.extend(gone(machines(old), &machines(new)).map(|name| format!("the machine `{name}` is gone")));
    weaker.extend(gone(rows(old), &rows(new)).map(|name| format!("the row of `{name}` is gone")));
    weaker
}

/// Those of a list that another has not, in order.
fn gone<'p>(old: BTreeSet<&'p str>, new: &BTreeSet<&str>) -> impl Iterator<Item = &'p str> {
    old.into_iter().filter(|name| !new.contains(name))
}

fn packs(plan: &Plan) -> BTreeSet<&str> {
    plan.sources.iter().filter_map(|source| source.path().strip_prefix(PACK_PREFIX)).collect()
}

fn machines(plan: &Plan) -> BTreeSet<&str> {
    plan.machines.iter().map(|machine| machine.name.value.as_str()).collect()
}

fn rows(plan: &Plan) -> BTreeSet<&str> {
    plan.services.iter().map(|row| row.name.value.as_str()).collect()
}

/// Where a plan's rule set stands among all, from the oldest; without one every rule counts.
fn age(sets: Rulesets, plan: &Plan) -> usize {
    let newest = sets.0.len().saturating_sub(1);
    let named = plan.ruleset.as_ref();
    named.and_then(|set| sets.0.iter().position(|(name, _)| *name == set.value)).unwrap_or(newest)
}

/// A rule that the plan gives nothing to compare with any more, and that is not switched off besides.
fn is_unplanned(rule: &Rule, old: &Plan, new: &Plan) -> bool {
    level(rule, old).is_some() && level(rule, new).is_some() && (rule.planned)(old) && !(rule.planned)(new)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::testing::MapFiles;
    use crate::plan::{PlanRequest, load};

    const PLAN: &str = "extends = [\"recommended\"]\n[user]\nuid = 10001\n[machines.m1]\nhost = \"a\"\n\
        [services.rows.web]\n[services.rows.api]\n";

    fn plan(text: &str) -> Plan {
        let request =
            PlanRequest { path: Some("plimsoll.toml"), packs: &[], known_rule: &crate::rules::known };
        load(&request, &MapFiles::new(&[("plimsoll.toml", text)])).unwrap()
    }

    #[test]
    fn what_goes_from_a_plan_is_named() {
        let old = plan(PLAN);
        // The pack says by itself that nothing runs as root.
        let bare = PLAN.replace("\"recommended\"", "");
        for (text, from, to, words) in [
            (PLAN, "[machines.m1]\nhost = \"a\"\n", "", "the machine `m1` is gone"),
            (PLAN, "[services.rows.web]\n", "", "the row of `web` is gone"),
            (PLAN, "\"recommended\"", "", "`recommended` is no longer extended"),
            (&bare, "uid = 10001", "name = \"x\"", "`runtime-user` is no longer planned"),
        ] {
            let told = told(&plan(text), &plan(&text.replace(from, to)), "main").unwrap_or_default();
            assert!(told.contains(words), "{words}: {told}");
        }
        // What comes is not weaker, nor is another value.
        for text in [format!("{PLAN}[services.rows.new]\n"), PLAN.replace("10001", "10002")] {
            assert_eq!(
                told(&old, &plan(&text), "main").as_deref(),
                Some("the plan itself changed since `main`")
            );
        }
        assert_eq!(told(&old, &plan(PLAN), "main"), None);
    }

    #[test]
    fn a_rule_that_is_off_is_named_once() {
        let (old, new) =
            ("extends = []\n[user]\nuid = 1\n", "extends = []\n[rules]\nruntime-user = \"off\"\n");
        let found = weaker(RULESETS, &plan(old), &plan(new));
        let of_rule: Vec<&String> = found.iter().filter(|it| it.contains("runtime-user")).collect();
        assert_eq!(of_rule, ["`runtime-user` is off and was error"]);
    }

    #[test]
    fn an_older_rule_set_is_named() {
        const SETS: Rulesets = Rulesets(&[("2026.1", "0.1"), ("2027.1", "0.2")]);
        let (open, pinned) = (plan(PLAN), plan(&format!("ruleset = \"2026.1\"\n{PLAN}")));
        assert_eq!(weaker(SETS, &open, &pinned), ["`ruleset` is the older `2026.1`"]);
        assert_eq!(weaker(SETS, &pinned, &open), [""; 0]);
        assert_eq!(weaker(RULESETS, &open, &pinned), [""; 0]);
    }

    #[test]
    fn few_are_named_and_the_rest_is_counted() {
        let rows: String = (0..40).map(|at| format!("[services.rows.s{at}]\n")).collect();
        let told = told(&plan(&format!("{PLAN}{rows}")), &plan(PLAN), "main").unwrap();
        assert!(told.matches("the row of").count() == SHOWN && told.ends_with(" and 30 more"), "{told}");
    }
}
