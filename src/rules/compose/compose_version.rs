//! `compose-version`: no file says the obsolete `version`.

use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::{Check, always};
use crate::source::{Place, Span};
use crate::syntax::yaml::Entry;

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    for file in &project.files {
        for document in &file.documents {
            let Some(entry) = document.root.entry("version") else { continue };
            let finding = out.add(&entry.key.place, "`version` is obsolete: Compose ignores it and warns");
            finding.help("remove the line");
            if let Some(line) = whole_line(entry) {
                finding.safe_fix(line, "");
            }
        }
    }
}

/// The line of a key that stands alone with its value on one line, and a blank line behind it that would be left over.
fn whole_line(entry: &Entry) -> Option<Place> {
    let source = &entry.key.place.source;
    let (key, value) = (entry.key.place.span, entry.value.place.span);
    let bytes = source.bytes();
    let line = source.lines().span_of(entry.key.place.start().line, bytes);
    let head = &bytes[line.start as usize..(key.start as usize).max(line.start as usize)];
    let end = value.end.max(key.end);
    if !(head.is_empty() || head == b"\xEF\xBB\xBF") || end > line.end || value.is_empty() {
        return None;
    }
    let rest = String::from_utf8_lossy(&bytes[end as usize..line.end as usize]);
    if !(rest.trim().is_empty() || rest.trim_start().starts_with('#')) {
        return None;
    }
    let is_blank = |span: Span| source.slice(span).iter().all(u8::is_ascii_whitespace);
    let number = entry.key.place.start().line;
    let next = source.lines().span_of(number + 1, bytes);
    let opens = number == 1 || is_blank(source.lines().span_of(number - 1, bytes));
    let until = if opens && !next.is_empty() && is_blank(next) { next.end } else { line.end };
    Some(Place::new(source, Span::new(line.start + head.len() as u32, until)))
}
