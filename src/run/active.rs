//! Which rules a call runs, by its options and its plan.

use std::path::Path;

use super::CheckRequest;
use crate::plan::{Plan, newest_ruleset, ruleset_holds, ruleset_version};
use crate::rules::{Check, Rule};
use crate::settle::{Options, working_prefix};

/// The rules of a call.
pub(super) struct Active {
    /// Those that run.
    pub(super) run: Vec<&'static Rule>,
    /// Those that would, if the plan said what they need.
    pub(super) not_planned: Vec<&'static str>,
}

impl Active {
    /// The rules that `looks` says look at something of the call.
    pub(super) fn of(request: &CheckRequest, plan: &Plan, looks: fn(&Check) -> bool) -> Self {
        let mut active = Self { run: Vec::new(), not_planned: Vec::new() };
        let bare = Plan { path: Some(String::new()), ..Plan::default() };
        for rule in crate::rules::all() {
            if !rule.check.each().any(looks) {
                continue;
            }
            let of_call =
                request.severities.iter().rev().find(|(id, _)| *id == rule.id).map(|(_, level)| *level);
            let of_plan = plan.rules.iter().rev().find(|setting| setting.rule.value == rule.id);
            let level = of_call.or(of_plan.and_then(|setting| setting.severity));
            let selected = request.select.contains(&rule.id);
            let somewhere = || wanted_somewhere(plan, rule.id);
            let wanted = match level {
                Some(level) => level.is_some(),
                None => (rule.default && is_in_ruleset(plan, rule)) || selected || somewhere(),
            };
            let left_out = request.ignore.contains(&rule.id) || (!request.select.is_empty() && !selected);
            if !wanted || left_out {
                continue;
            }
            // Who asks for a rule by its name needs no plan file, unless the rule needs a value of it.
            let asked = (selected || of_call.is_some()) && (rule.planned)(&bare);
            match asked || (rule.planned)(plan) {
                true => active.run.push(rule),
                false => active.not_planned.push(rule.id),
            }
        }
        active
    }

    /// Those of them that look at something.
    pub(super) fn only(mut self, looks: fn(&Check) -> bool) -> Self {
        self.run.retain(|rule| rule.check.each().any(looks));
        self
    }

    /// Their ids.
    pub(super) fn ids(&self) -> Vec<&'static str> {
        self.run.iter().map(|rule| rule.id).collect()
    }

    /// How their findings are settled. `whole`: whether everything that the plan is about was looked at.
    pub(super) fn options(&self, request: &CheckRequest, plan: &Plan, base: &Path, whole: bool) -> Options {
        Options {
            severities: request.severities.clone(),
            select: request.select.clone(),
            ignore: request.ignore.clone(),
            strict: request.strict,
            today: request.today,
            ran: self.run.iter().map(|rule| rule.id).collect(),
            whole,
            working_prefix: working_prefix(&plan.folder, base),
            looked_at: request.paths.iter().map(|path| super::inputs::shown(path)).collect(),
            baseline: request.baseline.clone(),
        }
    }
}

/// Whether an override of the plan turns a rule on for some paths.
fn wanted_somewhere(plan: &Plan, id: &str) -> bool {
    let mut settings = plan.overrides.iter().flat_map(|part| &part.rules);
    settings.any(|setting| setting.rule.value == id && matches!(setting.severity, Some(Some(_))))
}

/// Whether the rule set that the plan is pinned to has a rule. Reads pages only for an older one.
fn is_in_ruleset(plan: &Plan, rule: &Rule) -> bool {
    let Some(named) = plan.ruleset.as_ref().filter(|named| named.value != newest_ruleset()) else {
        return true;
    };
    ruleset_version(&named.value).is_none_or(|version| ruleset_holds(version, &rule.read_page().since))
}

/// Whether a check looks at built images.
pub(super) fn at_images(check: &Check) -> bool {
    matches!(check, Check::Image(_) | Check::Images(_))
}

/// Whether a check looks at files, at the plan, or at what settling leaves over.
pub(super) fn at_files(check: &Check) -> bool {
    !at_images(check) && !at_live(check)
}

/// Whether a check looks at a running fleet.
pub(super) fn at_live(check: &Check) -> bool {
    matches!(check, Check::Endpoint(_) | Check::Container(_) | Check::Live(_))
}

/// Whether a check looks at the plan alone.
pub(super) fn at_plan(check: &Check) -> bool {
    matches!(check, Check::Plan(_))
}
