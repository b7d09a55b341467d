//! The hierarchy against itself, and the bases that rows name against the hierarchy.

use std::collections::HashMap;

use super::{nearest_image, own_image, short};
use crate::finding::Findings;
use crate::plan::{Plan, PlanIndex, ServiceRow};

pub(super) fn check(plan: &Plan, index: &PlanIndex, out: &mut Findings) {
    // A plan without a hierarchy says nothing about which names exist.
    if plan.images.hierarchy.is_empty() {
        return;
    }
    bases(plan, index, out);
    parents(plan, index, out);
    cycles(plan, index, out);
    if let Some(base) = &plan.python.legacy_base
        && own_image(plan, index, &base.value) == Ok(None)
    {
        let message = format!("the legacy base `{}` is not in the hierarchy", short(&base.value));
        out.add(&base.place, message).help = nearest_image(plan, &base.value);
    }
}

/// Bases that the hierarchy does not know: one finding per name, at the first row that says it.
fn bases(plan: &Plan, index: &PlanIndex, out: &mut Findings) {
    let mut unknown: Vec<Vec<&ServiceRow>> = Vec::new();
    let mut groups: HashMap<&str, usize> = HashMap::new();
    for row in &plan.services {
        let Some(base) = &row.base else { continue };
        if own_image(plan, index, &base.value) != Ok(None) || base.value == "scratch" {
            continue;
        }
        let group = *groups.entry(base.value.as_str()).or_insert(unknown.len());
        match unknown.get_mut(group) {
            Some(rows) => rows.push(row),
            None => unknown.push(vec![row]),
        }
    }
    for rows in unknown {
        let (Some(first), others) = (rows.first(), rows.len() - 1) else { continue };
        let Some(base) = &first.base else { continue };
        let more = match others {
            0 => String::new(),
            1 => " and one other service".to_owned(),
            others => format!(" and {others} other services"),
        };
        let message = format!(
            "the base `{}` of `{}`{more} is not in the hierarchy",
            short(&base.value),
            short(&first.name.value)
        );
        let finding = out.add(&base.place, message);
        finding.help = nearest_image(plan, &base.value);
        if others == 0 {
            finding.service(first.name.value.clone());
        }
        for row in rows.iter().skip(1).take(3) {
            finding.related(&row.name.place, "here as well");
        }
    }
}

fn parents(plan: &Plan, index: &PlanIndex, out: &mut Findings) {
    for image in &plan.images.hierarchy {
        let from = &image.from;
        if from.value == "scratch" || own_image(plan, index, &from.value) != Ok(None) {
            continue;
        }
        let message = format!(
            "the parent `{}` of `{}` is neither in the hierarchy nor an external image with a tag",
            short(&from.value),
            short(&image.name.value)
        );
        let finding = out.add(&from.place, message);
        finding.help = nearest_image(plan, &from.value);
    }
}

/// Chains of parents that come back: each image is walked once, so a plan of any size takes linear time.
fn cycles(plan: &Plan, index: &PlanIndex, out: &mut Findings) {
    let images = &plan.images.hierarchy;
    let parent = |at: usize| own_image(plan, index, &images[at].from.value).ok().flatten();
    // 0: not seen; otherwise the number of the walk that saw it.
    let mut seen = vec![0; images.len()];
    for start in 0..images.len() {
        let walk = start + 1;
        let mut at = start;
        while seen[at] == 0 {
            seen[at] = walk;
            match parent(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        // Back at an image of this very walk, and not at the end of a chain.
        let returned = seen[at] == walk && parent(at).is_some_and(|next| seen[next] == walk);
        if returned {
            cycle(plan, at, &parent, out);
        }
    }
}

fn cycle(plan: &Plan, start: usize, parent: &dyn Fn(usize) -> Option<usize>, out: &mut Findings) {
    let images = &plan.images.hierarchy;
    let mut way = vec![start];
    while let Some(next) = parent(way[way.len() - 1]) {
        if next == start {
            break;
        }
        way.push(next);
    }
    let mut names: Vec<_> = way.iter().take(10).map(|at| short(&images[*at].name.value)).collect();
    if way.len() > names.len() {
        names.push("\u{2026}".to_owned());
    }
    names.push(short(&images[start].name.value));
    let message = format!("the hierarchy comes back to itself: {}", names.join(" \u{2192} "));
    let finding = out.add(&images[start].from.place, message);
    for at in way.iter().skip(1).take(9) {
        finding.related(&images[*at].from.place, "and here");
    }
}
