//! `copy-operators`: COPY and ADD hold paths only, and no shell.

use super::copied::operators;
use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::{Place, Span};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for copy in build.stages.iter().flat_map(|stage| &stage.copies) {
        let Some(place) = operators(copy) else { continue };
        let keyword = if copy.is_add { "ADD" } else { "COPY" };
        let words = place.text();
        let message = format!("{keyword} runs no shell, so `{}` are taken as paths", words.replace(['\n', '\\'], " "));
        let finding = out.add(&place, message);
        finding.help("for a file that may be missing write a pattern, which may match nothing: `COPY pip.con[f] /etc/`");
        // Blanks before the operator go with it.
        let before = copy.sources.iter().map(|source| source.place.span.end).filter(|end| *end <= place.span.start);
        let start = before.max().unwrap_or(place.span.start);
        finding.unsafe_fix(Place::new(&place.source, Span::new(start, place.span.end)), "");
    }
}
