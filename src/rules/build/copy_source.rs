//! `copy-source`: what COPY and ADD name is in the build context.

use smol_str::SmolStr;

use super::copied::{context_is_certain, context_sources};
use crate::finding::Findings;
use crate::model::{Build, ContextChoice, CopySource, Found};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::Place;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let certain = context_is_certain(build);
    let mut told = false;
    for (_, source) in context_sources(build) {
        match &source.found {
            Found::Missing { elsewhere } if certain => missing(build, source, elsewhere, out),
            Found::Missing { .. } if !told => {
                told = true;
                let message = format!(
                    "cannot tell whether `{}` exists: no folder from `{}` up holds any source of this file",
                    source.path.text, build.context.folder
                );
                out.open(&source.place, message).help("name the build context with `--context`");
            }
            Found::Ignored(pattern) => ignored(source, pattern, out),
            _ => {}
        }
    }
}

fn missing(build: &Build, source: &CopySource, elsewhere: &[SmolStr], out: &mut Findings) {
    let folder = &build.context.folder;
    let how = match build.context.chosen {
        ContextChoice::Given => "given",
        _ => "assumed, because it holds the other sources",
    };
    let finding = out.add(&source.place, format!("`{}` is not in the build context `{folder}`", source.path.text));
    match elsewhere {
        [] => finding.help(format!("the build context is `{folder}` ({how})")),
        [first, ..] => finding.help(format!("the build context is `{folder}` ({how}); `{first}` does exist")),
    };
}

fn ignored(source: &CopySource, pattern: &Place, out: &mut Findings) {
    let message = format!("`{}` is there, but `{}` leaves it out of the build context", source.path.text, pattern.text());
    out.add(&source.place, message)
        .related(pattern, "left out here")
        .help("copy something else, or take the path back with a `!` pattern");
}
