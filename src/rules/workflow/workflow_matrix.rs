//! `workflow-matrix`: workflows build every planned service and image, and their lists name no other.

use super::built::{Target, known_name, pushing, some_of, target};
use crate::finding::Findings;
use crate::fleet::Fleet;
use crate::model::{Spanned, WorkflowBuild};
use crate::plan::{Plan, PlanIndex};
use crate::rules::Check;
use smol_str::SmolStr;

pub(in crate::rules) const CHECK: Check = Check::Fleet(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.services.is_empty() && plan.workflows.matrix.as_ref().is_none_or(|matrix| matrix.value)
}

/// What all workflows together build.
#[derive(Default)]
struct Covered<'f> {
    services: Vec<bool>,
    images: Vec<bool>,
    lists: Vec<List<'f>>,
    /// A build of which only the run knows what it builds.
    unknown: Option<&'f WorkflowBuild>,
}

/// A list of a matrix whose items are planned services or images, each its own.
struct List<'f> {
    name: &'f Spanned<SmolStr>,
    items: &'f [Spanned<SmolStr>],
    targets: Vec<Option<Target>>,
}

impl List<'_> {
    fn hits(&self, is_it: impl Fn(Target) -> bool) -> usize {
        self.targets.iter().flatten().filter(|target| is_it(**target)).count()
    }
}

fn check(fleet: &Fleet, plan: &Plan, out: &mut Findings) {
    if !fleet.whole {
        return;
    }
    let index = PlanIndex::new(plan);
    let mut covered = Covered {
        services: vec![false; plan.services.len()],
        images: vec![false; plan.images.hierarchy.len()],
        ..Covered::default()
    };
    for build in pushing(fleet) {
        covered.add(build, &index);
    }
    for list in &covered.lists {
        foreign(list, plan, out);
    }
    let names: Vec<&Spanned<SmolStr>> = plan.services.iter().map(|row| &row.name).collect();
    let asked = plan.workflows.matrix.is_some();
    let is_service = |target| matches!(target, Target::Service(_));
    if asked || builds_most(&covered.services) {
        missing(&covered, &covered.services, &names, is_service, out);
    }
    let names: Vec<&Spanned<SmolStr>> = plan.images.hierarchy.iter().map(|image| &image.name).collect();
    let is_image = |target| matches!(target, Target::Image(_));
    if asked || builds_most(&covered.images) {
        missing(&covered, &covered.images, &names, is_image, out);
    }
}

/// Whether workflows build so much of the plan that what they leave out was forgotten. A plan that asks for all is not
/// asked this.
fn builds_most(built: &[bool]) -> bool {
    built.iter().filter(|built| **built).count() * 2 >= built.len()
}

impl<'f> Covered<'f> {
    fn add(&mut self, build: &'f WorkflowBuild, index: &PlanIndex) {
        let mut of_items: Vec<Vec<Vec<Target>>> =
            build.matrix.iter().map(|(_, items)| vec![Vec::new(); items.len()]).collect();
        for image in &build.images {
            let Some(target) = target(image, index) else {
                let is_named = image.reference.as_deref().and_then(known_name).is_some();
                if !is_named && image.dockerfile.is_none() {
                    self.unknown = Some(build);
                }
                continue;
            };
            match target {
                Target::Service(at) => self.services[at] = true,
                Target::Image(at) => self.images[at] = true,
            }
            for (targets, item) in of_items.iter_mut().zip(&image.items) {
                let targets = item.and_then(|item| targets.get_mut(item));
                if let Some(targets) = targets.filter(|targets| !targets.contains(&target)) {
                    targets.push(target);
                }
            }
        }
        if build.is_matrix_computed && build.matrix.is_empty() {
            self.unknown = Some(build);
        }
        for ((name, items), targets) in build.matrix.iter().zip(of_items) {
            self.lists.extend(list(name, items, targets));
        }
    }
}

/// The list, when each of its items leads to one target, and no two to the same: a list of platforms does not.
fn list<'f>(name: &'f Spanned<SmolStr>, items: &'f [Spanned<SmolStr>], targets: Vec<Vec<Target>>) -> Option<List<'f>> {
    let mut seen: Vec<Target> = Vec::new();
    let mut one_each = Vec::with_capacity(targets.len());
    for targets in targets {
        match targets.as_slice() {
            [] => one_each.push(None),
            [one] if !seen.contains(one) => {
                seen.push(*one);
                one_each.push(Some(*one));
            }
            _ => return None,
        }
    }
    // Of two or three services one may be new; a list that hardly names any is about something else.
    (!seen.is_empty() && seen.len() * 2 >= items.len()).then_some(List { name, items, targets: one_each })
}

fn foreign(list: &List<'_>, plan: &Plan, out: &mut Findings) {
    let is_of_services = list.hits(|target| matches!(target, Target::Service(_))) * 2 >= list.items.len();
    let names: Vec<&str> = match is_of_services {
        true => plan.services.iter().map(|row| row.name.value.as_str()).collect(),
        false => plan.images.hierarchy.iter().map(|image| image.name.value.as_str()).collect(),
    };
    for (item, _) in list.items.iter().zip(&list.targets).filter(|(_, target)| target.is_none()) {
        let what = if is_of_services { "no row of the plan" } else { "no image of the hierarchy" };
        let finding = out.add(&item.place, format!("`{}` is built, and {what} has that name", item.value));
        if let Some(matrix) = &plan.workflows.matrix {
            finding.planned(matrix);
        }
        finding.help = crate::nearest::nearest(&item.value, names.iter().copied())
            .map(|name| format!("did you mean `{name}`?"));
    }
}

fn missing(
    covered: &Covered<'_>,
    built: &[bool],
    names: &[&Spanned<SmolStr>],
    is_kind: fn(Target) -> bool,
    out: &mut Findings,
) {
    // Workflows that build none of a kind leave it to something else.
    if !built.contains(&true) {
        return;
    }
    let missing: Vec<&Spanned<SmolStr>> =
        names.iter().zip(built).filter(|(_, built)| !**built).map(|(name, _)| *name).collect();
    let Some(first) = missing.first() else { return };
    let shown: Vec<&str> = missing.iter().map(|name| name.value.as_str()).collect();
    let list = covered.lists.iter().max_by_key(|list| (list.hits(is_kind), std::cmp::Reverse(list.name.place.span.start)));
    let list = list.filter(|list| list.hits(is_kind) > 0);
    let place = list.map_or(&first.place, |list| &list.name.place);
    let finding = match covered.unknown {
        Some(build) => {
            let message = format!(
                "cannot tell whether a workflow builds {}: what the job `{}` builds is computed",
                some_of(&shown),
                build.job.value
            );
            out.open(place, message)
        }
        None => out.add(place, format!("no workflow builds {}, which the plan has", some_of(&shown))),
    };
    if list.is_some() {
        finding.planned(first);
    }
    if let [one] = missing.as_slice() {
        finding.service(one.value.clone());
    }
}
