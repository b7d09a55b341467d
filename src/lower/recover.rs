//! A file that lost some of its `\`, read as it was meant: bytes of the same length in which the parted lines are joined.
//!
//! Offsets stay what they are, so that every place found in the joined text is a place of the file. Without this one lost
//! `\` would be followed by all that its instruction no longer says: a package not installed, a port not set.

use std::collections::HashSet;
use std::sync::Arc;

use crate::model::{Problem, ProblemKind};
use crate::source::Source;
use crate::syntax::dockerfile::Dockerfile;

/// The file with its parted lines joined; `None` when no `\` is lost.
pub(crate) fn joined(source: &Arc<Source>, problems: &[Problem]) -> Option<Arc<Source>> {
    let mut bytes: Option<Vec<u8>> = None;
    for problem in lost(problems) {
        let Some((orphan, _)) = problem.related.first() else { continue };
        let gap = problem.place.span.end as usize..orphan.span.start as usize;
        let bytes = bytes.get_or_insert_with(|| source.bytes().to_vec());
        if let Some(gap) = bytes.get_mut(gap) {
            gap.fill(b' ');
        }
    }
    bytes.map(|bytes| Source::new(source.path(), bytes))
}

/// Gives the instructions of a joined text the line numbers that they have in the file.
pub(crate) fn renumber(tree: &mut Dockerfile<'_>, joined: &Source, source: &Source) {
    let line_of = |offset: u32| source.lines().line_of(offset);
    for instruction in &mut tree.instructions {
        let (first, last) = instruction.lines;
        let first = joined.lines().span_of(first, joined.bytes()).start;
        let last = joined.lines().span_of(last, joined.bytes());
        instruction.lines = (line_of(first), line_of(last.end.saturating_sub(1).max(last.start)));
    }
}

/// Lines that only were taken for one instruction; a further fault there may be due to that.
pub(crate) fn doubtful_lines(problems: &[Problem]) -> HashSet<u32> {
    let related = |problem: &'_ Problem| {
        problem.related.iter().map(|(place, _)| place.start().line).collect::<Vec<_>>()
    };
    lost(problems)
        .flat_map(|problem| [vec![problem.place.start().line], related(problem)])
        .flatten()
        .collect()
}

fn lost(problems: &[Problem]) -> impl Iterator<Item = &Problem> {
    problems.iter().filter(|problem| problem.kind == ProblemKind::LostContinuation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::problems;
    use crate::syntax::dockerfile::parse;

    #[test]
    fn joined_lines_keep_places_and_numbers() {
        let text = "FROM a\nENV A=1\n# why\n    B=2 \\\n    C=3\nRUN x\n";
        let source = Source::new("Dockerfile", text.as_bytes().to_vec());
        let problems = problems::of_tree(&parse(source.bytes()), &source);
        let joined = joined(&source, &problems).expect("a continuation is lost");
        assert_eq!(joined.bytes().len(), text.len());
        let mut tree = parse(joined.bytes());
        renumber(&mut tree, &joined, &source);
        let lines: Vec<(u32, u32)> = tree.instructions.iter().map(|it| it.lines).collect();
        assert_eq!(lines, [(1, 1), (2, 5), (6, 6)]);
        assert!(tree.errors.is_empty());
    }

    #[test]
    fn a_whole_file_is_left_as_it_is() {
        let source = Source::new("Dockerfile", b"FROM a\nFOO b\n".to_vec());
        let problems = problems::of_tree(&parse(source.bytes()), &source);
        assert!(joined(&source, &problems).is_none());
    }
}
