//! `maintainer-deprecated`: the author is named in a label.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::{Place, Span};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    // Where lines start is worked out only for a file that has the word.
    if !holds_keyword(build.source.bytes()) {
        return;
    }
    for (first, _) in &build.instruction_lines {
        let span = build.source.lines().span_of(*first, build.source.bytes());
        let line = build.source.slice(span);
        let start = line.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        let keyword = line[start..].get(..KEYWORD.len());
        if keyword.is_some_and(|keyword| keyword.eq_ignore_ascii_case(KEYWORD)) {
            let at = span.start + start as u32;
            let place = Place::new(&build.source, Span::new(at, at + KEYWORD.len() as u32));
            out.add(&place, "MAINTAINER is out of use").help("write `LABEL org.opencontainers.image.authors=\"…\"`");
        }
    }
}

const KEYWORD: &[u8] = b"MAINTAINER";

fn holds_keyword(bytes: &[u8]) -> bool {
    let is_it = |at: usize| {
        bytes.get(at..at + KEYWORD.len()).is_some_and(|word| word.eq_ignore_ascii_case(KEYWORD))
    };
    memchr::memchr2_iter(b'M', b'm', bytes).any(is_it)
}
