//! Applies inline suppressions, and reports those that suppress nothing.

mod read;
mod yaml;

use std::collections::{HashMap, HashSet};

pub use read::Suppressions;
use read::{Form, Scope, Suppression, Target};

use super::Options;
use crate::finding::{Finding, Findings, Severity};
use crate::plan::Plan;
use crate::rules::{Check, Rule, find, nearest};

const RULE: &str = "suppression-unused";

/// Takes out what comments suppress; returns what stays, with the findings about suppressions, and how many went.
pub(super) fn apply(
    list: Vec<Finding>,
    files: &[Suppressions],
    plan: &Plan,
    options: &Options,
) -> (Vec<Finding>, usize) {
    if files.iter().all(|file| file.list.is_empty()) {
        return (list, 0);
    }
    let by_path: HashMap<&str, usize> =
        files.iter().enumerate().map(|(at, file)| (file.path.as_str(), at)).collect();
    let by_line: Vec<ByLine> = files.iter().map(ByLine::of).collect();
    let mut used: Vec<Vec<bool>> = files.iter().map(|file| vec![false; file.list.len()]).collect();
    let firm = super::protected(plan);
    let before = list.len();
    let mut kept = list;
    kept.retain_mut(|finding| {
        let Some(file) = by_path.get(finding.place.source.path()).copied() else { return true };
        let line = finding.place.start().line;
        let mut covered = false;
        for at in by_line[file].at(line) {
            if files[file].list[at].covers(finding.rule, line) {
                used[file][at] = true;
                covered = true;
            }
        }
        if covered && firm.contains(finding.rule) {
            let help = finding.help.take().map(|help| format!("{help}. ")).unwrap_or_default();
            finding.help =
                Some(format!("{help}The comment that suppresses it has no effect: the plan forbids that"));
            return true;
        }
        !covered
    });
    let suppressed = before - kept.len();
    kept.extend(faults(files, &used, &firm, options));
    (kept, suppressed)
}

/// Lines that one suppression is looked up by; one that covers more is asked for every finding.
const FEW_LINES: u32 = 64;

/// The suppressions of a file by the lines that they cover: a file may have as many as findings.
struct ByLine {
    few: HashMap<u32, Vec<usize>>,
    wide: Vec<usize>,
}

impl ByLine {
    fn of(file: &Suppressions) -> Self {
        let mut index = Self { few: HashMap::new(), wide: Vec::new() };
        for (at, suppression) in file.list.iter().enumerate() {
            match suppression.scope {
                Scope::Lines(first, last) if last.saturating_sub(first) < FEW_LINES => {
                    (first..=last).for_each(|line| index.few.entry(line).or_default().push(at));
                }
                _ => index.wide.push(at),
            }
        }
        index
    }

    /// Those that may cover a line.
    fn at(&self, line: u32) -> impl Iterator<Item = usize> {
        self.wide.iter().chain(self.few.get(&line).into_iter().flatten()).copied()
    }
}

impl Suppression {
    fn covers(&self, rule: &str, line: u32) -> bool {
        let here = match self.scope {
            Scope::File => true,
            Scope::Lines(first, last) => (first..=last).contains(&line),
        };
        here && match &self.target {
            Target::All(rules) | Target::Rules(rules) => rules.iter().any(|known| known.id == rule),
            Target::Nothing => false,
        }
    }
}

/// What is wrong with the suppressions.
fn faults(
    files: &[Suppressions],
    used: &[Vec<bool>],
    firm: &HashSet<&'static str>,
    options: &Options,
) -> Vec<Finding> {
    let mut out = Findings::new();
    if let Some(rule) = find(RULE) {
        out.speak_for(rule.id, rule.severity);
    }
    for (file, used) in files.iter().zip(used) {
        for (suppression, used) in file.list.iter().zip(used) {
            judge(suppression, *used, firm, options, &mut out);
        }
    }
    out.into_vec()
}

fn judge(
    suppression: &Suppression,
    used: bool,
    firm: &HashSet<&'static str>,
    options: &Options,
    out: &mut Findings,
) {
    let Suppression { written, place, .. } = suppression;
    let own = suppression.form == Form::Own;
    match &suppression.target {
        Target::Nothing => {
            let finding = out.add(place, format!("there is no rule `{written}` to ignore"));
            if let Some(near) = nearest(written) {
                finding.help(format!("The nearest name is `{near}`"));
            }
            return;
        }
        // `all` of another tool means that tool's codes, and is no attempt at this plan.
        Target::Rules(rules) if rules.iter().any(|rule| firm.contains(rule.id)) => {
            let held: Vec<&str> = rules.iter().map(|rule| rule.id).filter(|id| firm.contains(id)).collect();
            let also = if held == [written.as_str()] {
                String::new()
            } else {
                format!(" (`{}`)", held.join("`, `"))
            };
            out.add(place, format!("`{written}`{also} cannot be ignored here: the plan forbids it"))
                .help("Remove the comment and mend what it hides, or ask who owns the plan for a waiver");
            return;
        }
        Target::Rules(rules) if !used && rules.iter().any(|rule| told(rule, options)) => {
            let canonical: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
            let also = if canonical == [written.as_str()] {
                String::new()
            } else {
                format!(" (`{}`)", canonical.join("`, `"))
            };
            let finding = out.add(place, format!("`{written}`{also} is ignored here, but is not found"));
            finding.help("Remove the comment");
            if !own {
                finding.severity(Severity::Note);
            }
            return;
        }
        _ => {}
    }
    if own && !suppression.has_reason {
        out.add(place, format!("`{written}` is ignored here without a reason"))
            .help("Add `reason=…` behind the rules")
            .severity(Severity::Note);
    }
}

/// Whether it can be told that a rule found nothing: it ran, and saw all it looks at. What settle reports comes later.
fn told(rule: &Rule, options: &Options) -> bool {
    let saw_all = match rule.check {
        Check::Fleet(_) | Check::Plan(_) => options.whole,
        Check::Settle => false,
        _ => true,
    };
    saw_all && options.ran.contains(rule.id)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::{finding, source};
    use super::super::{Settled, settle};
    use super::*;
    use crate::model::Spanned;
    use crate::plan::RuleSetting;
    use crate::source::{Place, Source, Span};

    fn run(text: &str, plan: &Plan, ran: &[&'static str]) -> Settled {
        let file: Arc<Source> = source("Dockerfile", text);
        let findings = vec![finding("runtime-user", &file, "USER 0", "runs as root")];
        let files = [read::tests::read(&file)];
        let options = Options { ran: ran.iter().copied().collect(), whole: true, ..Options::default() };
        settle(findings, &files, plan, &options)
    }

    fn shown(settled: &Settled) -> Vec<String> {
        let line = |f: &Finding| {
            format!(
                "{}:{}: {} {}",
                f.place.start().line,
                f.place.start().column,
                f.severity.name(),
                f.message
            )
        };
        settled.findings.iter().map(line).collect()
    }

    const RAN: &[&str] = &["runtime-user"];
    const ROOT: &str = "error runs as root";

    #[test]
    fn a_used_suppression_with_a_reason_says_nothing() {
        let settled = run("FROM a\n# plimsoll ignore=runtime-user reason=x\nUSER 0\n", &Plan::default(), RAN);
        assert_eq!((shown(&settled), settled.suppressed), (vec![], 1));
    }

    #[test]
    fn scope_is_the_next_instruction_only() {
        let settled = run("# plimsoll ignore=runtime-user reason=x\nFROM a\nUSER 0\n", &Plan::default(), RAN);
        let unused = "1:19: warning `runtime-user` is ignored here, but is not found";
        assert_eq!(shown(&settled), [unused, &format!("3:1: {ROOT}")]);
        let settled =
            run("# plimsoll ignore-file=runtime-user reason=x\nFROM a\nUSER 0\n", &Plan::default(), RAN);
        assert_eq!((shown(&settled), settled.suppressed), (vec![], 1));
    }

    #[test]
    fn what_did_not_run_is_not_unused() {
        let settled =
            run("FROM a\nUSER 0\n# plimsoll ignore=runtime-user reason=x\nRUN b\n", &Plan::default(), &[]);
        assert_eq!(shown(&settled), [format!("2:1: {ROOT}")]);
    }

    #[test]
    fn missing_reasons_and_unknown_rules() {
        let settled =
            run("FROM a\n# plimsoll ignore=runtime-user,runtime-usr\nUSER 0\n", &Plan::default(), RAN);
        assert_eq!(
            shown(&settled),
            [
                "2:19: note `runtime-user` is ignored here without a reason",
                "2:32: warning there is no rule `runtime-usr` to ignore"
            ]
        );
        assert_eq!(settled.findings[1].help.as_deref(), Some("The nearest name is `runtime-user`"));
    }

    #[test]
    fn a_rule_that_cannot_be_suppressed_stays_and_says_so() {
        let text = source("plimsoll.toml", "runtime-user");
        let rule = Spanned::new("runtime-user".into(), Place::new(&text, Span::new(0, 12)));
        let plan = Plan {
            rules: vec![RuleSetting { rule, severity: None, suppressible: false }],
            ..Plan::default()
        };
        let settled = run("FROM a\n# plimsoll ignore=runtime-user reason=x\nUSER 0\n", &plan, RAN);
        let told = "2:19: warning `runtime-user` cannot be ignored here: the plan forbids it";
        assert_eq!((shown(&settled), settled.suppressed), (vec![told.into(), format!("3:1: {ROOT}")], 0));
        assert!(settled.findings[1].help.as_ref().is_some_and(|help| help.contains("the plan forbids")));
    }

    #[test]
    fn peers_unused_suppressions_are_notes_and_their_unknown_ids_are_silent() {
        let settled =
            run("FROM a\n# hadolint ignore=runtime-user,DL9999\nRUN b\nUSER 0\n", &Plan::default(), RAN);
        assert_eq!(
            shown(&settled),
            ["2:19: note `runtime-user` is ignored here, but is not found", &format!("4:1: {ROOT}")]
        );
    }
}
