//! `add-instead-of-copy`: ADD stands only where it does more than COPY.

use crate::finding::Findings;
use crate::model::{Build, BuiltImage, Found, Spanned};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::narrow;
use smol_str::SmolStr;

pub(in crate::rules) const CHECK: Check = Check::Several(&[Check::Build(check), Check::Image(image)]);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for copy in build.needed_stages().flat_map(|stage| &stage.copies).filter(|copy| copy.is_add) {
        let only_copies = copy.sources.iter().all(|source| {
            let certain = source.path.unknown.is_none();
            certain && source.found != Found::Outside && !is_archive(&source.path.text)
        });
        if only_copies && !copy.sources.is_empty() {
            let keyword = crate::source::Span::new(copy.place.span.start, copy.place.span.start + 3);
            let place = crate::source::Place::new(&copy.place.source, keyword);
            out.add(&place, MESSAGE).help(HELP).safe_fix(place.clone(), "COPY");
        }
    }
}

const MESSAGE: &str = "ADD copies files of the build context only, which COPY does without surprises";
const HELP: &str = "write COPY";

/// What the history tells: BuildKit names the sources, Docker's old builder and buildah say whether it was a folder. A file
/// there may have been an archive.
fn image(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    for step in image.history.iter().filter(|step| only_copies(&step.created_by)) {
        out.add(&narrow(&step.created_by.place, "ADD"), MESSAGE).help(HELP);
    }
}

fn only_copies(created_by: &Spanned<SmolStr>) -> bool {
    let text = created_by.value.as_str();
    if let Some(words) = text.strip_prefix("ADD ").and_then(|rest| rest.strip_suffix(" # buildkit")) {
        let words: Vec<&str> = words.split(' ').filter(|word| !word.starts_with("--")).collect();
        let plain = |word: &&str| !word.contains("://") && !word.contains('$') && !word.starts_with("git@") && !is_archive(word);
        return words.split_last().is_some_and(|(_, sources)| !sources.is_empty() && sources.iter().all(plain));
    }
    let nop = text.split_once("#(nop)").map(|(_, rest)| rest.trim_start());
    nop.is_some_and(|rest| rest.starts_with("ADD dir:"))
}

/// What ADD unpacks; a pattern may fit an archive.
fn is_archive(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let ends = [".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".zst", "*"];
    ends.iter().any(|end| lower.ends_with(end))
}
