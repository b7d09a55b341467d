//! Source lines around marks, cut out and made harmless before they are drawn.
//!
//! The drawing crate works on a whole text; given only the lines around the marks it draws the same at a cost that does
//! not grow with the file.

use std::borrow::Cow;

use annotate_snippets::{Annotation, AnnotationKind, Snippet};

use super::super::escape::{hostile, push_visible, visible};
use crate::source::{Place, Source, Span};

/// A place to mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark<'a> {
    pub(super) place: &'a Place,
    pub(super) label: &'a str,
    pub(super) primary: bool,
}

/// Some source lines, or a place whose line is too long to show.
pub(super) enum Block<'a> {
    Shown(Snippet<'a, Annotation<'a>>),
    Hidden(Mark<'a>),
}

/// Marks further apart than this get windows of their own.
const MAX_LINES: u32 = 20;
/// Longer windows are not shown: nobody reads them, and drawing takes time that grows with them.
const MAX_BYTES: u32 = 16_384;
const MAX_LINE_BYTES: u32 = 4_096;
/// Bytes of a longer line that are shown in front of a mark; twice as many from its start.
const EXCERPT: u32 = 60;

/// A mark cut to its first line.
struct Cut<'a> {
    mark: Mark<'a>,
    line: u32,
    span: Span,
}

/// Windows in the order of the first mark in each.
pub(super) fn blocks(marks: Vec<Mark<'_>>) -> Vec<Block<'_>> {
    let mut windows: Vec<Vec<Cut<'_>>> = Vec::new();
    let mut blocks = Vec::new();
    let mut hidden = Vec::new();
    for mark in marks {
        let Some(cut) = cut(mark) else {
            hidden.push(Block::Hidden(mark));
            continue;
        };
        let near = windows.iter_mut().find(|window| {
            let same = window[0].mark.place.source.is_same(&mark.place.source);
            same && window.iter().any(|other| other.line.abs_diff(cut.line) <= MAX_LINES)
        });
        match near {
            Some(window) => window.push(cut),
            None => windows.push(vec![cut]),
        }
    }
    let primary_hidden = hidden.iter().any(|block| matches!(block, Block::Hidden(mark) if mark.primary));
    if primary_hidden {
        blocks.append(&mut hidden);
    }
    blocks.extend(windows.iter().map(|window| draw(window)));
    blocks.append(&mut hidden);
    blocks
}

/// Cuts a mark to its first line; `None` when that is too long to show.
fn cut(mark: Mark<'_>) -> Option<Cut<'_>> {
    let (source, span) = (&mark.place.source, mark.place.span);
    let size = source.bytes().len() as u32;
    // The end of the file belongs to its last line that holds something.
    let start = span.start.min(size);
    let on = if start == size && source.bytes().ends_with(b"\n") { start.saturating_sub(1) } else { start };
    let line = source.lines().line_of(on);
    let whole = source.lines().span_of(line, source.bytes());
    if whole.len() > MAX_LINE_BYTES {
        return None;
    }
    let text = source.slice(whole);
    let end = whole.start + text.trim_ascii_end().len() as u32;
    let mut end = span.end.min(end.max(whole.start));
    // A span that goes on behind this line ends in front of its continuation character.
    if span.end > end {
        let kept = source.slice(Span::new(start, end)).trim_ascii_end();
        let kept = kept.strip_suffix(b"\\").unwrap_or(kept).trim_ascii_end();
        end = start + kept.len() as u32;
    }
    Some(Cut { mark, line, span: Span::new(on.min(end.max(on)), end) })
}

/// What stands around a place whose line is too long to show.
pub(super) fn excerpt(place: &Place) -> String {
    let (source, span) = (&place.source, place.span);
    let line = source.lines().span_of(source.lines().line_of(span.start), source.bytes());
    let start = span.start.saturating_sub(EXCERPT).max(line.start);
    let end = span.start.saturating_add(EXCERPT * 2).min(line.end);
    let text = String::from_utf8_lossy(source.shown_slice(Span::new(start, end))).into_owned();
    // A character that was cut in two reads as a replacement.
    let text = visible(text.trim_matches(char::REPLACEMENT_CHARACTER).trim()).into_owned();
    let (before, behind) = (if start > line.start { "…" } else { "" }, if end < line.end { "…" } else { "" });
    format!("the line is long; here it reads: {before}{text}{behind}")
}

fn draw<'a>(window: &[Cut<'a>]) -> Block<'a> {
    let first = window[0].mark;
    let source: &'a Source = &first.place.source;
    let lines = window.iter().map(|cut| cut.line);
    let (low, high) = lines.fold((u32::MAX, 0), |(low, high), line| (low.min(line), high.max(line)));
    let start = source.lines().span_of(low, source.bytes()).start;
    let end = source.lines().span_of(high, source.bytes()).end;
    if end - start > MAX_BYTES {
        return Block::Hidden(first);
    }
    let text = Harmless::new(source, Span::new(start, end));
    let mut snippet =
        Snippet::source(text.text.clone()).line_start(low as usize).path(visible(source.path()));
    for cut in window {
        let kind = if cut.mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(text.offset(cut.span.start)..text.offset(cut.span.end));
        let label = (!cut.mark.label.is_empty()).then(|| visible(cut.mark.label));
        snippet = snippet.annotation(annotation.label(label));
    }
    Block::Shown(snippet)
}

/// Part of a source as text that a terminal shows as it is.
struct Harmless<'a> {
    text: Cow<'a, str>,
    start: u32,
    /// Pairs of (offset in the source, offset in the text) at which the two run in step again. Empty: they do.
    steps: Vec<(u32, usize)>,
}

impl<'a> Harmless<'a> {
    fn new(source: &'a Source, span: Span) -> Self {
        let bytes = source.shown_slice(span);
        if let Ok(text) = std::str::from_utf8(bytes) {
            let clean = bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'));
            if clean || !text.chars().any(|c| hostile(c) && c != '\n' && c != '\t') {
                return Self { text: Cow::Borrowed(text), start: span.start, steps: Vec::new() };
            }
        }
        let (mut text, mut steps, mut at) = (String::with_capacity(bytes.len() * 2), Vec::new(), span.start);
        for chunk in bytes.utf8_chunks() {
            for character in chunk.valid().chars() {
                let from = text.len();
                match character {
                    '\n' | '\t' => text.push(character),
                    // Part of the line end, and the mark at the start of a file, are no text.
                    '\r' if source.bytes().get(at as usize + 1) == Some(&b'\n') => {}
                    '\u{FEFF}' if at == 0 => {}
                    other => push_visible(other, &mut text),
                }
                at += character.len_utf8() as u32;
                if text.len() - from != character.len_utf8() {
                    steps.push((at, text.len()));
                }
            }
            if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
                at += chunk.invalid().len() as u32;
                steps.push((at, text.len()));
            }
        }
        Self { text: Cow::Owned(text), start: span.start, steps }
    }

    /// Where a byte of the source is in the text; of a replaced character: where its replacement ends.
    fn offset(&self, at: u32) -> usize {
        let behind = self.steps.partition_point(|(source, _)| *source <= at);
        let (source, text) = behind.checked_sub(1).map_or((self.start, 0), |step| self.steps[step]);
        let offset = text + at.saturating_sub(source) as usize;
        let limit = self.steps.get(behind).map_or(self.text.len(), |(_, text)| *text);
        let mut offset = offset.min(limit);
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}
