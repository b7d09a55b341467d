//! Questions that rules of several groups ask.

use crate::finding::Finding;
use crate::model::{Base, Build, Fact, ProblemKind, Project, ProjectFile, Role, Stage, Workload};
use crate::nearest::distance;
use crate::path;
use crate::plan::{Machine, Plan};
use crate::source::{Place, Span};
use crate::syntax::yaml::{Node, VariableUse};

/// Whether an instruction with this keyword may hide in a part of the file that could not be read, so that "it is
/// missing" cannot be said: the text of an orphaned line, a template or a misspelt instruction mentions it.
#[must_use]
pub(in crate::rules) fn may_hide(build: &Build, keyword: &str) -> bool {
    let mentions = |text: &str| text.to_ascii_uppercase().contains(keyword);
    build.problems.iter().any(|problem| match problem.kind {
        // A template alone on its line may stand for anything.
        ProblemKind::Template => {
            let line = problem
                .place
                .source
                .lines()
                .span_of(problem.place.start().line, problem.place.source.bytes());
            let line = String::from_utf8_lossy(problem.place.source.slice(line)).trim().to_owned();
            line == problem.place.text().trim() || mentions(&line)
        }
        _ => {
            // The message names the instruction that was probably meant.
            mentions(&problem.place.text())
                || mentions(&problem.message)
                || problem.related.iter().any(|(place, _)| mentions(&place.text()))
        }
    })
}

/// The final stage of a build whose container somebody starts: a planned service, a tool, an example. `None` for the
/// bases of the hierarchy (each child is judged through its chain), for Windows, and for an image that holds files but
/// starts nothing.
#[must_use]
pub(in crate::rules) fn started(build: &Build) -> Option<&Stage> {
    let stage = build.final_stage()?;
    let judged = build.role != Role::Base && !is_windows(build) && !stage.container.starts_nothing();
    judged.then_some(stage)
}

/// Whether an image of no row is there for others to build on: it stands on an image of the fleet, and no file of the
/// chain sets a CMD or says here what is started.
#[must_use]
pub(in crate::rules) fn is_unplanned_base(build: &Build) -> bool {
    let Some(stage) = build.final_stage().filter(|_| build.role == Role::Other) else { return false };
    let on_fleet = build.own_stages().any(|own| matches!(own.from.base, Base::Fleet { .. }));
    on_fleet && matches!(stage.container.cmd(), Fact::Absent) && stage.layer().entrypoint.is_none()
}

/// Whether the final image is a Windows one, which has no uid, no init and no `/bin/sh`.
#[must_use]
pub(in crate::rules) fn is_windows(build: &Build) -> bool {
    let of_stage = |stage: &Stage| {
        let reference = stage.from.reference.text.as_bytes();
        let holds = |part: &str| {
            reference.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
        };
        let platform =
            stage.from.platform.as_ref().is_some_and(|said| said.value.text.starts_with("windows"));
        platform || holds("windowsservercore") || holds("nanoserver") || holds("/windows")
    };
    let mut stage = build.final_stage();
    while let Some(now) = stage {
        if of_stage(now) {
            return true;
        }
        stage = match now.from.base {
            // A stage stands on an earlier one only, so this ends.
            Base::Stage(index) => build.stages.get(index),
            _ => None,
        };
    }
    false
}

/// The first occurrence of a text inside a place; the place itself when the text is spelt otherwise there.
#[must_use]
pub(in crate::rules) fn narrow(place: &Place, text: &str) -> Place {
    let bytes = place.source.slice(place.span);
    match memchr::memmem::find(bytes, text.as_bytes()) {
        Some(at) if !text.is_empty() => {
            let start = place.span.start + at as u32;
            Place::new(&place.source, Span::new(start, start + text.len() as u32))
        }
        _ => place.clone(),
    }
}

/// The known name that a written one is a slip of: short names allow one slip, longer ones two.
#[must_use]
pub(in crate::rules) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match written.len() {
        0..=3 => return None,
        4..=5 => 1,
        _ => 2,
    };
    known
        .map(|name| (distance(&written.to_ascii_lowercase(), &name.to_ascii_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Whether a shell form was meant to be a JSON array: `['curl', …]`, a missing bracket or comma, text behind it.
pub(super) fn is_broken_json(text: &str) -> bool {
    let Some(inside) = text.trim().strip_prefix('[') else { return false };
    let quoted = inside.trim_start().starts_with(['"', '\'']);
    let list = inside.contains("\",") || inside.contains("',");
    inside.starts_with(['"', '\'']) || (quoted && list)
}

/// Says which container a finding of a rule over projects or fleets is about.
pub(in crate::rules) fn about<'f>(
    finding: &'f mut Finding,
    workload: &Workload,
    plan: &Plan,
) -> &'f mut Finding {
    if let Some(row) = workload.service.and_then(|row| plan.services.get(row)) {
        finding.service(row.name.value.clone());
    }
    finding.subject(workload.subject.clone())
}

/// Whether a compose service is only a part of one: without an image it can only be laid over or extended.
#[must_use]
pub(in crate::rules) fn is_fragment(workload: &Workload) -> bool {
    let says = |key| workload.tree.get(key).is_some();
    !workload.kind.in_pod()
        && workload.image.is_none()
        && !says("build")
        && !says("image")
        && !says("provider")
}

/// The text of a scalar, unless a variable in it has neither a value nor a default.
#[must_use]
pub(in crate::rules) fn certain_text(node: &Node) -> Option<&str> {
    let unset =
        |variable: &VariableUse| !variable.is_set && matches!(variable.operator.as_str(), "" | ":?" | "?");
    node.text().filter(|_| !node.variables().iter().any(unset))
}

/// Profiles of a compose service; empty: it always runs.
pub(in crate::rules) fn profiles(workload: &Workload) -> impl Iterator<Item = &str> {
    workload.tree.get("profiles").into_iter().flat_map(|node| node.items()).filter_map(|item| item.text())
}

/// Whether no profile starts both services; somebody who enables several means it.
#[must_use]
pub(in crate::rules) fn never_together(one: &Workload, other: &Workload) -> bool {
    let has = |workload| profiles(workload).next().is_some();
    has(one) && has(other) && !profiles(one).any(|profile| profiles(other).any(|own| own == profile))
}

/// The machines on which the plan says that a project runs (`machines.X.compose`), as indices into
/// [`Plan::machines`]; empty when it says nothing. What Compose lays over a file by itself need not be named.
#[must_use]
pub(in crate::rules) fn machines_of(project: &Project, plan: &Plan) -> Vec<usize> {
    let shown = |value: &str| path::clean(&path::join(&path::clean(&plan.folder), &path::clean(value)));
    let machines = plan.machines.iter().enumerate();
    let runs = |machine: &Machine| {
        let listed: Vec<String> = machine.compose.iter().map(|file| shown(&file.value)).collect();
        let is_listed =
            |path: &str| listed.contains(&path::clean(path)) || path.contains("compose.override.");
        !listed.is_empty() && project.files.iter().all(|file| is_listed(file.source.path()))
    };
    machines.filter(|(_, machine)| runs(machine)).map(|(at, _)| at).collect()
}

/// Whether two projects have a file in common: variants of one, of which a machine runs one.
#[must_use]
pub(in crate::rules) fn are_variants(one: &Project, other: &Project) -> bool {
    let path = |file: &ProjectFile| file.source.path().to_owned();
    one.files.iter().any(|file| other.files.iter().any(|own| path(own) == path(file)))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_counted() {
        assert_eq!(nearest("bulider", ["runtime", "builder"].into_iter()), Some("builder"));
        assert_eq!(nearest("bash", ["base"].into_iter()), Some("base"));
        assert_eq!(nearest("uv", ["us"].into_iter()), None);
    }
}
