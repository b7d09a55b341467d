//! Which rules a call runs, by its options and its plan.

use std::path::Path;

use super::CheckRequest;
use crate::plan::{Plan, RULESETS, Rulesets};
use crate::rules::{Check, Rule};
use crate::settle::{LookedAt, Options, working_prefix};

/// The rules of a call.
pub(super) struct Active {
    /// Those that run.
    pub(super) run: Vec<&'static Rule>,
    /// Those that would, if the plan said what they need.
    pub(super) not_planned: Vec<&'static str>,
    /// Those that run only because overrides of the plan turn them on below some paths.
    somewhere: Vec<&'static str>,
}

impl Active {
    /// The rules that `looks` says look at something of the call.
    pub(super) fn of(request: &CheckRequest, plan: &Plan, looks: fn(&Check) -> bool) -> Self {
        Self::among(RULESETS, request, plan, looks)
    }

    /// The same with rule sets of their own.
    fn among(sets: Rulesets, request: &CheckRequest, plan: &Plan, looks: fn(&Check) -> bool) -> Self {
        let mut active = Self { run: Vec::new(), not_planned: Vec::new(), somewhere: Vec::new() };
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
            let everywhere = match level {
                Some(level) => level.is_some(),
                None => (rule.default && is_in_ruleset(sets, plan, rule)) || selected,
            };
            let somewhere = !everywhere && of_call.is_none() && wanted_somewhere(plan, rule.id);
            let wanted = everywhere || somewhere;
            let left_out = request.ignore.contains(&rule.id) || (!request.select.is_empty() && !selected);
            if !wanted || left_out {
                continue;
            }
            if somewhere {
                active.somewhere.push(rule.id);
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
            somewhere: self.somewhere.iter().copied().collect(),
            looked_at: LookedAt {
                paths: request.paths.iter().map(|path| super::inputs::shown(path)).collect(),
                ..LookedAt::default()
            },
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
fn is_in_ruleset(sets: Rulesets, plan: &Plan, rule: &Rule) -> bool {
    let pinned = plan.ruleset.as_ref();
    pinned.is_none_or(|named| sets.has(&named.value, || rule.read_page().since))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::model::Spanned;
    use crate::plan::{Override, RuleSetting};
    use crate::settle::{settle, tests::finding};
    use crate::source::{Place, Source, Span};

    /// Every rule of this program is newer than `past`.
    const SETS: Rulesets = Rulesets(&[("past", "0.0"), ("now", "0.1")]);

    /// A plan that is pinned to a rule set, and has `runtime-user` as a warning below `legacy` alone.
    fn plan(set: &str) -> Plan {
        let source = Source::new("plimsoll.toml", b"x".to_vec());
        let spanned = |text: &str| Spanned::new(text.into(), Place::new(&source, Span::new(0, 1)));
        let rule = RuleSetting {
            rule: spanned("runtime-user"),
            severity: Some(Some(Severity::Warning)),
            suppressible: true,
        };
        let mut plan = Plan {
            path: Some("plimsoll.toml".to_owned()),
            folder: ".".to_owned(),
            ruleset: Some(spanned(set)),
            overrides: vec![Override { paths: vec![spanned("legacy/**")], rules: vec![rule] }],
            ..Plan::default()
        };
        plan.user.uid = Some(Spanned::new(10_001, Place::new(&source, Span::new(0, 1))));
        plan
    }

    /// The files in which `runtime-user` speaks.
    fn speaks(set: &str, request: &CheckRequest) -> Vec<String> {
        let plan = plan(set);
        let active = Active::among(SETS, request, &plan, at_files);
        assert!(active.ids().contains(&"runtime-user"), "{set}");
        let list = ["legacy/Dockerfile", "web/Dockerfile"].map(|path| {
            let source = Source::new(path, b"USER 0".to_vec());
            finding("runtime-user", &source, "USER 0", "m")
        });
        let settled = settle(list.into(), &[], &plan, &active.options(request, &plan, Path::new("/"), true));
        settled.findings.iter().map(|finding| finding.place.source.path().to_owned()).collect()
    }

    #[test]
    fn a_rule_newer_than_the_pinned_set_speaks_only_where_an_override_asks_for_it() {
        let bare = CheckRequest::default();
        assert_eq!(speaks("past", &bare), ["legacy/Dockerfile"]);
        assert_eq!(speaks("now", &bare), ["legacy/Dockerfile", "web/Dockerfile"]);
        let asked = CheckRequest { select: vec!["runtime-user"], ..CheckRequest::default() };
        assert_eq!(speaks("past", &asked), ["legacy/Dockerfile", "web/Dockerfile"]);
    }

    #[test]
    fn an_older_set_runs_nothing_that_came_later() {
        let mut plan = plan("past");
        plan.overrides.clear();
        assert!(Active::among(SETS, &CheckRequest::default(), &plan, at_files).ids().is_empty());
    }
}
