//! What several rules ask about COPY and ADD.

use crate::model::{Build, Copy, CopySource, Found};
use crate::source::{Place, Span};

/// Words of a plain COPY that only a shell would understand.
fn is_operator(word: &str) -> bool {
    matches!(word, "||" | "&&" | ";" | "|" | "&")
        || word.trim_start_matches(|digit: char| digit.is_ascii_digit()).starts_with('>')
}

/// The words of a COPY from the first shell operator on.
pub(super) fn operators(copy: &Copy) -> Option<Place> {
    let places = copy.sources.iter().map(|source| &source.place).chain([&copy.destination.place]);
    // A quoted word (JSON form) is a path, whatever it holds.
    let first = places.skip(1).find(|place| is_operator(&place.text()))?;
    let span = Span::new(first.span.start, copy.destination.place.span.end);
    Some(Place::new(&first.source, span))
}

/// The sources of a build that are paths of its context, with their COPY; of the stages that the image needs.
pub(super) fn context_sources(build: &Build) -> impl Iterator<Item = (&Copy, &CopySource)> {
    let copies = build.needed_stages().flat_map(|stage| &stage.copies);
    let from_context = copies.filter(|copy| copy.from.is_none() && operators(copy).is_none());
    from_context
        .flat_map(|copy| copy.sources.iter().map(move |source| (copy, source)))
        .filter(|(_, source)| source.found != Found::Outside)
}

/// Whether something that is copied was found in the assumed context, so that the assumption has a reason.
pub(super) fn context_is_certain(build: &Build) -> bool {
    use crate::model::ContextChoice::{AllSourcesExist, Given, MostSourcesExist, NoSourceExists, None, Own};
    match build.context.chosen {
        Given | AllSourcesExist => true,
        None => false,
        Own | MostSourcesExist | NoSourceExists => {
            context_sources(build).any(|(_, source)| match &source.found {
                // The folder itself is always there.
                Found::Files(files) => files.iter().any(|file| file != "."),
                Found::Ignored(_) => true,
                _ => false,
            })
        }
    }
}
