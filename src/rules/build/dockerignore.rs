//! `dockerignore`: the ignore file leaves out what the plan wants kept out of every build.

use std::sync::Arc;

use smol_str::SmolStr;

use super::copied::{context_is_certain, context_sources};
use crate::finding::Findings;
use crate::model::{Build, ContextChoice, Present, Spanned};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::{Place, Source, Span};
use crate::syntax::ignore_file::{Coverage, IgnoreFile};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    !plan.dockerignore_covers.is_empty()
}

fn check(build: &Build, plan: &Plan, out: &mut Findings) {
    let (Some(stage), Some(first)) = (build.final_stage(), plan.dockerignore_covers.first()) else { return };
    // Without a COPY from the context nothing of it is sent.
    if context_sources(build).next().is_none() || build.context.chosen == ContextChoice::None {
        return;
    }
    let is_guess =
        matches!(build.context.chosen, ContextChoice::MostSourcesExist | ContextChoice::NoSourceExists);
    let guessed = is_guess && !context_is_certain(build);
    let folder = &build.context.folder;
    match (&build.context.ignore_file, &build.context.ignore) {
        (Some(source), Some(ignore)) => {
            for planned in &plan.dockerignore_covers {
                let present = build.context.present.iter().find(|present| present.name == planned.value);
                judge(source, ignore, planned, present, out);
            }
        }
        _ if guessed => {
            let message = format!("cannot tell which .dockerignore holds: no folder from `{folder}` up holds the sources");
            out.open(&stage.from.place, message).planned(first);
        }
        _ => {
            let wanted: Vec<String> =
                plan.dockerignore_covers.iter().map(|folder| format!("`{}`", folder.value)).collect();
            let there = there(build.context.present.first());
            out.add(&stage.from.place, format!("the build context `{folder}` has no .dockerignore{there}"))
                .planned(first)
                .help(format!("leave out {} there, each behind `**/`", wanted.join(", ")));
        }
    }
}

/// What is really in the context, for a message.
fn there(present: Option<&Present>) -> String {
    let Some(present) = present else { return String::new() };
    let files = match present.files {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    };
    match (present.places, present.path.ends_with(present.name.trim_end_matches('/')) && present.name.ends_with('/')) {
        (1, true) => format!(", and `{}/` with {files} is in the context", present.path),
        (1, false) => format!(", and `{}` is in the context", present.path),
        (places, _) => format!(", and `{}` and {} more with {files} are in the context", present.path, places - 1),
    }
}

fn judge(
    source: &Arc<Source>,
    ignore: &IgnoreFile,
    planned: &Spanned<SmolStr>,
    present: Option<&Present>,
    out: &mut Findings,
) {
    let wanted = planned.value.as_str();
    let there = there(present);
    let pattern = format!("**/{}", wanted.trim_start_matches("**/").trim_start_matches('/'));
    match ignore.covers(wanted) {
        Coverage::Everywhere => {
            // An exception somewhere below takes it back.
            if let Some(present) = present {
                let message = format!("`{wanted}` is left out, and something takes `{}` back", present.path);
                of_file(out.add(&first_line(source), message).planned(planned));
            }
        }
        Coverage::RootOnly(said) => {
            let place = Place::new(source, said.span);
            let message = format!("`{}` covers the root of the context only, planned is `{wanted}` everywhere{there}", place.text());
            let finding = out.add(&place, message).planned(planned);
            finding.help(format!("write `{pattern}`"));
            // A longer pattern may mean something else besides.
            if said.text.trim_matches('/') == wanted.trim_matches('/') {
                finding.unsafe_fix(place, pattern);
            }
            of_file(finding);
        }
        Coverage::ReincludedBy(said) => {
            let place = Place::new(source, said.span);
            let message = format!("`{}` takes `{wanted}` back, planned is to leave it out{there}", place.text());
            of_file(out.add(&place, message).planned(planned));
        }
        Coverage::Not => {
            let end = source.bytes().len() as u32;
            let line = if source.bytes().last().is_none_or(|byte| *byte == b'\n') { "" } else { "\n" };
            let finding = out.add(&first_line(source), format!("`{wanted}` is not covered{there}")).planned(planned);
            finding.help(format!("add `{pattern}`"));
            finding.unsafe_fix(Place::new(source, Span::new(end, end)), format!("{line}{pattern}\n"));
            of_file(finding);
        }
    }
}

/// The file belongs to every build of its context, so no service is named.
fn of_file(finding: &mut crate::finding::Finding) {
    finding.service = None;
    finding.subject = None;
}

fn first_line(source: &Arc<Source>) -> Place {
    let span = source.lines().span_of(1, source.bytes());
    let text = source.slice(span);
    let length = text.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at as u32 + 1);
    Place::new(source, Span::new(span.start, span.start + length))
}
