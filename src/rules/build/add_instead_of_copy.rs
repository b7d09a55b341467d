//! `add-instead-of-copy`: ADD stands only where it does more than COPY.

use crate::finding::Findings;
use crate::model::{Build, Found};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

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
            out.add(&place, "ADD copies files of the build context only, which COPY does without surprises")
                .help("write COPY")
                .safe_fix(place.clone(), "COPY");
        }
    }
}

/// What ADD unpacks; a pattern may fit an archive.
fn is_archive(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let ends = [".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".zst", "*"];
    ends.iter().any(|end| lower.ends_with(end))
}
