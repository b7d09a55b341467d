//! One rule on one Dockerfile in memory, for tables of cases that pages cannot show: results that stay open.

use std::collections::BTreeMap;

use super::{Check, find};
use crate::finding::{Findings, Kind};
use crate::fleet::FleetBases;
use crate::lower::{Files, MemoryFiles, Request, lower};
use crate::plan::PlanIndex;

/// A Dockerfile with what a rule says of it.
pub(in crate::rules) struct Case {
    /// What it is about.
    pub(in crate::rules) name: &'static str,
    /// The rule.
    pub(in crate::rules) rule: &'static str,
    /// The plan, packs left out.
    pub(in crate::rules) plan: &'static str,
    /// The file.
    pub(in crate::rules) text: &'static str,
    /// Lines of findings.
    pub(in crate::rules) findings: &'static [u32],
    /// Lines of open results.
    pub(in crate::rules) open: &'static [u32],
}

/// One case.
pub(in crate::rules) const fn case(
    name: &'static str,
    rule: &'static str,
    plan: &'static str,
    text: &'static str,
    findings: &'static [u32],
    open: &'static [u32],
) -> Case {
    Case { name, rule, plan, text, findings, open }
}

/// Holds every case against what the rule says; the Dockerfile stands at `path`.
pub(in crate::rules) fn hold(path: &str, cases: &[Case]) {
    let differing: Vec<String> = cases.iter().filter_map(|case| difference(path, case)).collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn difference(path: &str, case: &Case) -> Option<String> {
    let plan = crate::plan::testing::load_text(case.plan).expect("the plan is read");
    let rule = find(case.rule).expect("the rule exists");
    let of_builds = rule.check.each().find_map(|check| match check {
        Check::Build(check) => Some(check),
        _ => None,
    });
    let check = of_builds.expect("the rule judges builds");
    assert!((rule.planned)(&plan), "{}: {} is not planned", case.name, case.rule);
    let mut map = BTreeMap::from([(path.to_owned(), case.text.as_bytes().to_vec())]);
    // What the cases copy.
    for name in ["entry", "s.sh", "app", "x", "hc"] {
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        map.insert(format!("{folder}{name}"), b"x\n".to_vec());
    }
    let files = MemoryFiles::new(map);
    let index = PlanIndex::new(&plan);
    let bases = FleetBases::new(&[path.into()], &plan, &index, &files, &[], None, ".");
    let source = files.read(path).expect("the file is there");
    let request = Request {
        source: &source,
        files: &files,
        bases: &bases,
        requirements: bases.requirements(),
        build_args: &[],
        context: None,
        root: ".",
    };
    let build = lower(request, bases.identity(path));
    let mut out = Findings::new();
    out.speak_for(rule.id, rule.severity);
    check(&build, &plan, &mut out);
    let said = out.into_vec();
    let lines = |kind: Kind| {
        let mut lines: Vec<u32> =
            said.iter().filter(|one| one.kind == kind).map(|one| one.place.start().line).collect();
        lines.sort_unstable();
        lines
    };
    let (findings, open) = (lines(Kind::Finding), lines(Kind::Open));
    let messages: Vec<&str> = said.iter().map(|one| one.message.as_str()).collect();
    (findings != case.findings || open != case.open).then(|| {
        format!(
            "{}: {} gives findings {findings:?} and open {open:?}, not {:?} and {:?}: {messages:?}",
            case.rule, case.name, case.findings, case.open
        )
    })
}
