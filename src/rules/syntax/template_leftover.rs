//! `template-leftover`: no expression of a template engine, and no `<placeholder>` in an image name, is left.

use super::problems::report_one;
use crate::finding::{Findings, Severity};
use crate::model::{Build, ProblemKind, Stage};
use crate::plan::Plan;
use crate::rules::common::narrow;
use crate::rules::{Check, always};
use crate::source::Place;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// Placeholders of one file that are told; a hostile one holds thousands.
const MAX_PLACEHOLDERS: usize = 32;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    // Steps that handle such words themselves (`sed s/{{NAME}}/…/`) show that the rest are meant for a script as well.
    let handled = || build.stages.iter().flat_map(|stage| &stage.runs).any(|run| handles_words(&run.place.text()));
    for problem in build.problems.iter().filter(|problem| problem.kind == ProblemKind::Template) {
        let for_later = may_be_for_later(&problem.place.text());
        if for_later && handled() {
            continue;
        }
        let finding = report_one(problem, out);
        if for_later {
            finding.severity(Severity::Warning);
        }
    }
    let mut said: Vec<Place> = Vec::new();
    for stage in &build.stages {
        if said.len() == MAX_PLACEHOLDERS {
            return;
        }
        let Some(name) = placeholder(&stage.from.reference.text) else { continue };
        let place = where_said(build, stage, name);
        // One ARG may feed several stages; a tag such as `<%= x %>` is a template already.
        let known = build.problems.iter().any(|problem| {
            problem.kind == ProblemKind::Template && problem.place.start().line == place.start().line
        });
        if known || said.contains(&place) {
            continue;
        }
        out.add(&place, format!("the image name still holds the placeholder `{name}`"))
            .help("write the real name, or pass it with `--build-arg`");
        said.push(place);
    }
}

/// The FROM itself, or the ARG that brings the placeholder in.
fn where_said(build: &Build, stage: &Stage, name: &str) -> Place {
    let holds = |text: &str| text.contains(name);
    let arg =
        build.global_args.iter().find(|arg| arg.value.value.as_ref().is_some_and(|value| holds(&value.text)));
    match arg {
        Some(arg) if !holds(&stage.from.written) => arg.place.clone(),
        _ => narrow(&stage.from.reference_place, name),
    }
}

/// `<org>` of `ghcr.io/<org>/web`.
fn placeholder(reference: &str) -> Option<&str> {
    let start = reference.find('<')?;
    let end = start + reference[start..].find('>')?;
    let name = &reference[start + 1..end];
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    (!name.is_empty() && name.chars().all(plain)).then(|| &reference[start..=end])
}

/// `{{NAME}}`: some images keep such words for a script that puts a value in when the container starts.
fn may_be_for_later(text: &str) -> bool {
    let name = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or_default();
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a step holds such a word.
fn handles_words(text: &str) -> bool {
    text.split("{{").skip(1).any(|rest| {
        let length = rest.find("}}").unwrap_or(0);
        may_be_for_later(&format!("{{{{{}}}}}", &rest[..length]))
    })
}
