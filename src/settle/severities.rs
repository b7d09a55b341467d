//! Severities: of the rule, of the plan, of the plan for some paths, of the call. The last of these that speaks counts.

use super::{Options, glob, waiver};
use crate::finding::{Finding, Severity};
use crate::plan::{Plan, RuleSetting};
use crate::rules::find;

/// Sets the severities of plan and call; `off` drops.
///
/// A finding that its rule lowered or raised itself follows only downwards: a note does not become an error because the
/// rule as a whole does. A rule that runs only because an override asks for it, which is off or newer than the
/// plan's rule set, speaks below the override's paths only.
pub(super) fn apply(list: Vec<Finding>, plan: &Plan, options: &Options) -> Vec<Finding> {
    if plan.rules.is_empty() && plan.overrides.is_empty() && options.severities.is_empty() {
        return list;
    }
    list.into_iter().filter_map(|finding| one(finding, plan, options)).collect()
}

fn one(mut finding: Finding, plan: &Plan, options: &Options) -> Option<Finding> {
    let Some(rule) = find(finding.rule) else { return Some(finding) };
    let of_call = options.severities.iter().rev().find(|(id, _)| *id == rule.id).map(|(_, level)| *level);
    let wanted =
        of_call.or_else(|| of_paths(&finding, plan, options)).or_else(|| level(&plan.rules, rule.id));
    let Some(wanted) = wanted else {
        return (!options.somewhere.contains(rule.id)).then_some(finding);
    };
    let wanted = wanted?;
    finding.severity = if rule.severity == finding.severity { wanted } else { wanted.min(finding.severity) };
    Some(finding)
}

/// What the last override that covers the finding says of its rule.
fn of_paths(finding: &Finding, plan: &Plan, options: &Options) -> Option<Option<Severity>> {
    if plan.overrides.is_empty() {
        return None;
    }
    let path = waiver::relative(finding.place.source.path(), plan, options);
    let covering = plan
        .overrides
        .iter()
        .rev()
        .filter(|part| part.paths.iter().any(|pattern| glob::covers(&pattern.value, &path)));
    covering.into_iter().find_map(|part| level(&part.rules, finding.rule))
}

/// What settings say of a rule; `None` inside: `off`.
fn level(settings: &[RuleSetting], id: &str) -> Option<Option<Severity>> {
    let mut of_rule = settings.iter().rev().filter(|setting| setting.rule.value == id);
    of_rule.find_map(|setting| setting.severity)
}
