//! Reads a text: events of the YAML library go through the two passes, document by document.

use std::borrow::Cow;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Options, Parser, ScanError};

use super::build::Builder;
use super::explain::{Mistake, explain};
use super::problems::Problems;
use super::record::Recorder;
use super::template;
use super::tree::{Document, Problem, ProblemKind, Stream};
use crate::source::{Place, Source, Span};

/// Comments that may stand between a key and its value, or between documents.
const MAX_COMMENTS: usize = 20_000;

/// Reads a text.
///
/// Takes any bytes: a byte that is no UTF-8 is a [`Problem`] and reads as `?`. A document that is broken or beyond a limit
/// is left out with a problem, and the documents behind the next `---` are read. Time is linear in the length of the text
/// and in the nodes that aliases expand to, which are limited; what one text takes stays below 64 MB for texts of up to
/// 4 MiB.
#[must_use]
pub fn parse(source: &Arc<Source>) -> Stream {
    let mut problems = Problems::default();
    let mut stream = Stream::default();
    if let Some(text) = decode(source, &mut problems) {
        let mut reader = Reader {
            source,
            text: &text,
            recorder: Recorder::new(source, &text),
            problems,
            stream,
            begin: 0,
        };
        reader.read();
        (stream, problems) = (reader.stream, reader.problems);
    }
    if stream.template.is_some() {
        // Nothing else can be said.
        stream.documents.clear();
    } else {
        stream.problems = problems.into_vec();
    }
    if !stream.comments.is_sorted() {
        stream.comments.sort_unstable();
    }
    stream
}

/// The text, each byte that is no UTF-8 replaced by `?` so that every place stays.
fn decode<'s>(source: &'s Arc<Source>, problems: &mut Problems) -> Option<Cow<'s, str>> {
    let bytes = source.bytes();
    let Err(error) = std::str::from_utf8(bytes) else {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    };
    let is_utf16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    let at = error.valid_up_to() as u32;
    let place = Place::new(source, Span::new(at, at + if is_utf16 { 2 } else { 1 }));
    let message = match is_utf16 {
        true => "the file is UTF-16: save it as UTF-8".to_owned(),
        false => format!("the byte 0x{:02X} is no UTF-8: save the file as UTF-8", bytes[at as usize]),
    };
    problems.push(Problem { kind: ProblemKind::Syntax, place, message, related: None });
    if is_utf16 {
        return None;
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    Some(Cow::Owned(text))
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    text: &'s str,
    recorder: Recorder<'s>,
    problems: Problems,
    stream: Stream,
    /// Where the document at hand begins, at the latest behind the one before it.
    begin: usize,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut options = Options::default();
        options.strict_indentation = false;
        options.emit_unresolved_aliases = true;
        options.max_buffered_comment_events = MAX_COMMENTS;
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        while let Some(event) = parser.next_event() {
            match event {
                Ok((event, span)) => self.event(event, span_of(&span)),
                Err(error) => {
                    self.mistake(&error);
                    if !parser.proceed_next_document().unwrap_or(false) {
                        break;
                    }
                }
            }
            self.stream.template = self.stream.template.or(self.recorder.template);
            if self.stream.template.is_some() {
                break;
            }
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Comment(..) => self.stream.comments.push(span),
            Event::DocumentStart(..) => self.recorder.clear(),
            Event::DocumentEnd => {
                self.begin = span.end as usize;
                self.document();
            }
            event => self.recorder.event(event, span, &mut self.problems),
        }
    }

    fn document(&mut self) {
        if self.recorder.finish() {
            let Recorder { items, tags, has_aliases, .. } = &mut self.recorder;
            let builder = Builder::new(self.source, items, tags, !*has_aliases, &mut self.problems);
            self.stream.documents.extend(builder.build().map(|root| Document { root }));
        }
        self.recorder.clear();
    }

    fn mistake(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(0).min(self.text.len());
        let begin = self.begin.min(at);
        self.begin = at;
        self.stream.template = template::before_mistake(self.text, begin, at, &self.recorder.items);
        if self.stream.template.is_some() {
            return;
        }
        let is_limit = matches!(error.kind(), ErrorKind::RecursionLimitExceeded | ErrorKind::TooManyComments);
        if is_limit && self.recorder.is_too_large() {
            // Said already.
            return self.recorder.clear();
        }
        let mistake = Mistake {
            kind: error.kind(),
            at,
            text: self.text,
            open_bracket: self.recorder.open_bracket(),
            read_to: (self.recorder.last_end() as usize).clamp(begin, at),
        };
        let found = explain(&mistake);
        let kind = if is_limit { ProblemKind::TooLarge } else { ProblemKind::Syntax };
        let related = found.related.map(|(span, note)| (Place::new(self.source, span), note));
        let place = Place::new(self.source, found.span);
        self.problems.push(Problem { kind, place, message: found.message, related });
        self.recorder.clear();
    }
}

fn span_of(span: &granit_parser::Span) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span::new(range.start as u32, range.end as u32)
}
