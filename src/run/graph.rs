//! `plimsoll graph`: which image of the fleet builds on which.

mod images;

use std::collections::BTreeMap;

use super::{CheckRequest, GraphRequest, Progress, RunError, inputs, judge, plan};
use crate::finding::Finding;
use crate::fleet::{FleetBases, Member};
use crate::model::Role;
use crate::plan::{Plan, PlanIndex};
use crate::report::graph::{Drawing, Edge, Kind, Look};
use crate::report::visible;

/// The base-image graph, to be written in a form that the caller chooses.
///
/// # Errors
/// Those of [`super::check`].
pub fn graph(request: &GraphRequest, progress: Progress<'_>) -> Result<Drawing, RunError> {
    if !request.images.is_empty() {
        return images::drawing(request, progress);
    }
    let plan = plan::load_for(&request.plan, &request.paths)?;
    let call = CheckRequest { paths: request.paths.clone(), ..CheckRequest::default() };
    let inputs = inputs::gather(&call, &plan)?;
    let index = PlanIndex::new(&plan);
    let paths: Vec<_> = inputs.dockerfiles.iter().map(|input| input.path().into()).collect();
    let bases = FleetBases::new(&paths, &plan, &index, &inputs.files, &[], None, &inputs.root);
    let scope = judge::Scope {
        plan: &plan,
        rules: &[],
        bases: &bases,
        files: &inputs.files,
        build_args: &[],
        context: None,
        root: &inputs.root,
    };
    let judged = judge::all(&scope, &inputs.dockerfiles, None);
    if let Some((path, why)) = inputs.unread.into_iter().chain(judged.unread).next() {
        return Err(RunError::new(format!("{path} {why}")));
    }
    Ok(of(&judged.members, &plan))
}

/// What the Dockerfiles of a call build on what.
fn of(members: &[Member], plan: &Plan) -> Drawing {
    let names: BTreeMap<&str, String> =
        members.iter().map(|member| (member.path.as_str(), name(member, plan))).collect();
    let edges = members.iter().map(|member| {
        let parent = match &member.parent {
            Some(parent) => match parent.path.as_ref().and_then(|path| names.get(path.as_str())) {
                Some(name) => name.clone(),
                None => visible(&parent.name).into_owned(),
            },
            None => "(no stage)".to_owned(),
        };
        Edge { parent, child: names[member.path.as_str()].clone(), mark: None }
    });
    let mut drawing = Drawing::new(edges.collect(), Vec::new());
    for member in members {
        drawing.look(names[member.path.as_str()].clone(), look(member, plan));
    }
    drawing
}

/// The drawing for a report: only where something of the fleet is built on something else of it.
pub(super) fn bases(members: &[Member], plan: &Plan) -> Option<Drawing> {
    let inner = |member: &Member| member.parent.as_ref().is_some_and(|parent| parent.path.is_some());
    members.iter().any(inner).then(|| of(members, plan))
}

/// Counts what is reported to the images of its files.
pub(super) fn count(drawing: &mut Drawing, findings: &[Finding]) {
    drawing.count(findings.iter().map(|finding| (finding.place.source.path(), finding.severity)));
}

fn look(member: &Member, plan: &Plan) -> Look {
    let kind = match member.role {
        Role::Base => Kind::Base,
        Role::Service => Kind::Service,
        Role::Other => Kind::Other,
    };
    let service = member.service.and_then(|row| plan.services.get(row)).map(|row| row.name.value.to_string());
    Look { kind, file: Some(member.path.clone()), service, ..Look::default() }
}

/// The hierarchy's or the plan's name of an image, else its folder, else its path.
fn name(member: &Member, plan: &Plan) -> String {
    let service = member.service.map(|row| plan.services[row].name.value.to_string());
    let own = member.image_names.first().map(ToString::to_string);
    let name = match member.role {
        Role::Base => own,
        _ => service,
    };
    visible(&name.unwrap_or_else(|| member.path.clone())).into_owned()
}
