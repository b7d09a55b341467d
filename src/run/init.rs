//! `plimsoll init`: a folder goes in, a starter plan with hook and workflow comes out, made from what is there.
//!
//! The repository is read as `check` reads it. What is clear becomes a setting, what is doubtful a proposal behind `#`, and
//! both say how many images they come from. The draft is loaded and held against itself before anybody sees it: a setting
//! that the plan's own reader refuses or that contradicts another one is taken back.

mod count;
mod draft;
mod fleet;
mod gate;
mod look;
mod overlay;
mod service;
mod suggest;
mod table;

use std::path::Path;

pub use gate::{Gate, gates, is_gated};

use count::plural;
use draft::{LineOf, Section, render};
use fleet::Unfound;
use look::Seen;
use overlay::{Overlay, PLAN};
use table::Table;

use super::{RunError, inputs};
use crate::finding::Findings;
use crate::lower::Files;
use crate::plan::{PACKS, Plan, PlanIndex, PlanRequest, load};
use crate::rules::Check;

/// How often a draft is read and mended.
const MAX_ROUNDS: usize = 8;

/// A plan to begin with.
#[derive(Debug)]
pub struct Starter {
    /// The text of the plan.
    pub plan: String,
    /// Settings in force, `extends` left out.
    pub settings: usize,
    /// Settings behind `#`.
    pub proposals: usize,
    /// What was looked at, one phrase: `53 Dockerfiles, 2 compose projects`.
    pub seen: String,
    /// A Markdown file with a table of services, when there is one.
    pub table: Option<String>,
}

/// Makes a starter plan for a folder.
///
/// # Errors
/// When the folder is none, or cannot be read.
pub fn starter(folder: &Path) -> Result<Starter, RunError> {
    let folder = inputs::working_directory()?.join(folder);
    if !folder.is_dir() {
        return Err(RunError::new(format!("`{}` is no folder", folder.display())));
    }
    let folder = std::fs::canonicalize(&folder)
        .map_err(|error| RunError::new(format!("cannot read the folder `{}`: {error}", folder.display())))?;
    let (seen, files) = look::look(&folder)?;
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let table = table::find(&seen, &files);
    let drawn = Drawing { seen: &seen, table: table.as_ref(), name: &name, packs: packs() };
    let (plan, sections) = drawn.settled(&files);
    let settings = sections.iter().flat_map(|section| &section.settings);
    let on = settings.clone().filter(|setting| setting.on).count();
    Ok(Starter {
        plan,
        settings: on.saturating_sub(1),
        proposals: settings.count() - on,
        seen: seen.phrase(),
        table: table.map(|table| table.file),
    })
}

/// The packs that may fit, as plans.
fn packs() -> Vec<(&'static str, Plan)> {
    let files = crate::lower::MemoryFiles::default();
    let plan = |name: &str| {
        let names = [name.to_owned()];
        load(&PlanRequest { path: None, packs: &names, known_rule: &crate::rules::known }, &files).ok()
    };
    let fleets = PACKS.iter().filter(|(name, _)| !matches!(*name, "recommended" | "strict"));
    fleets.filter_map(|(name, _)| Some((*name, plan(name)?))).collect()
}

/// What a draft is made of.
struct Drawing<'a> {
    seen: &'a Seen,
    table: Option<&'a Table>,
    name: &'a str,
    packs: Vec<(&'static str, Plan)>,
}

impl Drawing<'_> {
    fn head(&self) -> Vec<String> {
        let mut head = vec![
            "The plan of this fleet, drafted by `plimsoll init` from what is here. Please read it once.".to_owned(),
            format!("Looked at: {}.", self.seen.phrase()),
            "A setting behind `#` is a proposal: what is here does not say it clearly enough.".to_owned(),
            "Every value is optional; a rule whose value is missing does not run. `plimsoll rules` lists the rules,".to_owned(),
            "`plimsoll explain RULE` says which value a rule reads.".to_owned(),
        ];
        let left_out = [
            (self.seen.left_out, "Dockerfile"),
            (self.seen.not_read, "file that may deploy|files that may deploy"),
        ];
        let left_out: Vec<String> = left_out
            .into_iter()
            .filter(|(files, _)| *files > 0)
            .map(|(files, what)| plural(files, what))
            .collect();
        if !left_out.is_empty() {
            head.push(format!("Not looked at: {}.", left_out.join(", ")));
        }
        if let Some(why) = &self.seen.unread {
            head.push(format!("Not everything can be read: {why}."));
        }
        head
    }

    fn sections(&self, unfound: &Unfound) -> Vec<Section> {
        let seen = self.seen;
        let mut sections = vec![fleet::packs(seen, &self.packs)];
        sections.extend(suggest::sections(seen));
        sections.extend([fleet::images(seen), fleet::hierarchy(seen, unfound)]);
        sections.extend(fleet::machines(seen, self.table));
        match self.table {
            Some(table) => {
                let mut services = Section::new("services");
                let found =
                    format!("{} of its {} have a Dockerfile here", table.found, plural(table.rows, "row"));
                services.set(true, table.setting(), found);
                sections.push(services);
            }
            None => sections.push(fleet::rows(seen, self.name, unfound)),
        }
        sections.retain(|section| !section.settings.is_empty());
        sections
    }

    /// The draft, read and mended until it holds.
    fn settled(&self, files: &dyn Files) -> (String, Vec<Section>) {
        let mut unfound = Unfound::default();
        let head = self.head();
        let mut sections = self.sections(&unfound);
        for round in 0..MAX_ROUNDS {
            let (text, lines) = render(&head, &sections);
            let overlay = Overlay::new(files, &text);
            let request = PlanRequest { path: Some(PLAN), packs: &[], known_rule: &crate::rules::known };
            let faults = match load(&request, &overlay) {
                Err(errors) => errors.into_iter().map(|error| (error.place, error.message)).collect(),
                Ok(plan) => {
                    if round == 0 && self.note_unfound(&plan, &mut unfound) {
                        sections = self.sections(&unfound);
                        continue;
                    }
                    contradictions(&plan)
                }
            };
            if !take_back(&mut sections, &lines, &faults) {
                if faults.is_empty() {
                    return (text, sections);
                }
                break;
            }
        }
        // What nobody can mend is only proposed.
        sections
            .iter_mut()
            .skip(1)
            .flat_map(|section| &mut section.settings)
            .for_each(|setting| setting.on = false);
        (render(&head, &sections).0, sections)
    }

    /// Paths that the names of the draft do not lead to; whether there are any.
    fn note_unfound(&self, plan: &Plan, unfound: &mut Unfound) -> bool {
        let index = PlanIndex::new(plan);
        let is_named =
            |name: &str, planned: &str| crate::plan::normalise(name) == crate::plan::normalise(planned);
        for service in &self.seen.services {
            let Some(name) = service.name.as_ref().or(service.deployed_as.as_ref()) else { continue };
            let found = index.service_of(&service.path).and_then(|row| plan.services.get(row));
            let planned = index.service_named(name).is_some();
            if planned && found.is_none_or(|row| !is_named(name, &row.name.value)) {
                unfound.0.insert(service.path.clone());
            }
        }
        for base in &self.seen.bases {
            let found = index.hierarchy_of(&base.path).and_then(|image| plan.images.hierarchy.get(image));
            let planned = index.image_of_reference(&base.name).is_some();
            if planned && found.is_none_or(|image| image.name.value != base.name) {
                unfound.0.insert(base.path.clone());
            }
        }
        !unfound.0.is_empty()
    }
}

/// Contradictions of a plan that stand in its own file.
fn contradictions(plan: &Plan) -> Vec<(Option<crate::source::Place>, String)> {
    let mut out = Findings::new();
    let about_plans = crate::rules::all().filter(|rule| (rule.planned)(plan));
    for rule in about_plans {
        for check in rule.check.each() {
            if let Check::Plan(check) = check {
                out.speak_for(rule.id, rule.severity);
                check(plan, &mut out);
            }
        }
    }
    let own = out.into_vec().into_iter().filter(|finding| finding.place.source.path() == PLAN);
    own.map(|finding| (Some(finding.place), finding.message)).collect()
}

/// Switches the settings off that faults stand at; whether one was on.
fn take_back(
    sections: &mut [Section],
    lines: &[LineOf],
    faults: &[(Option<crate::source::Place>, String)],
) -> bool {
    let mut taken = false;
    for (place, message) in faults {
        let line = place
            .as_ref()
            .filter(|place| place.source.path() == PLAN)
            .map(|place| place.start().line as usize);
        let Some(Some((section, setting))) = line.and_then(|line| lines.get(line.saturating_sub(1))) else {
            continue;
        };
        let concerned = match setting {
            Some(one) => {
                taken |= sections[*section].settings[*one].take_back(message);
                continue;
            }
            // A row on a machine that the plan does not name beside others is a contradiction: all of them, or none.
            None if sections[*section].is_machine() => {
                sections.iter_mut().filter(|section| section.is_machine()).collect()
            }
            None => vec![&mut sections[*section]],
        };
        for section in concerned {
            taken |= std::mem::take(&mut section.counts);
            section.settings.iter_mut().for_each(|setting| taken |= setting.take_back(message));
        }
    }
    taken
}

impl Seen {
    /// What was looked at.
    fn phrase(&self) -> String {
        let mut parts = Vec::new();
        match (self.dockerfiles, self.bases.len()) {
            (0, _) => parts.push("no Dockerfile".to_owned()),
            (all, 0) => parts.push(plural(all, "Dockerfile")),
            (all, bases) => {
                parts.push(format!("{} ({} that others build on)", plural(all, "Dockerfile"), bases))
            }
        }
        for (count, what) in [
            (self.projects.len(), "compose project"),
            (self.pods, "container of a pod|containers of pods"),
            (self.knative, "Knative container"),
            (self.workflows, "workflow"),
        ] {
            if count > 0 {
                parts.push(plural(count, what));
            }
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests;
