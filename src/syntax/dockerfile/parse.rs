//! The driver: bytes in, a [`Dockerfile`] out. Joins physical lines, reads heredoc bodies, and puts the parts together.
//!
//! BuildKit: `parser/parser.go`.

use super::lines::{Line, Lines, continuation};
use super::logical::{File, Logical, push_lossy};
use super::lost::Unknowns;
use super::{
    Arguments, Dockerfile, Heredoc, Instruction, Keyword, SyntaxError, SyntaxErrorKind, check, directives,
    heredoc, instruction, templates,
};
use crate::source::Span;

/// BuildKit refuses files with longer physical lines (`bufio.MaxScanTokenSize - 1`).
const LONGEST_LINE: usize = 65_535;

/// The room to make for instructions beforehand: a usual one has so many bytes, and never for more than that many.
const USUAL_INSTRUCTION: usize = 64;
const MOST_RESERVED: usize = 64;

/// How often the rest of a file is searched for a heredoc's end in vain, before the rest counts as its body.
const HEREDOC_SEARCHES: u8 = 16;

/// Reads a Dockerfile. Never fails and takes time linear in the length; what is wrong is in `errors`.
#[must_use]
pub fn parse(bytes: &[u8]) -> Dockerfile<'_> {
    let mut parser = Parser::new(bytes);
    parser.run();
    parser.finish()
}

struct Parser<'a> {
    file: File<'a>,
    lines: Lines<'a>,
    tree: Dockerfile<'a>,
    /// Whether directives can still come.
    directives: bool,
    heredoc_searches: u8,
    unknowns: Unknowns,
    /// Reused from line to line: the joined text and its map.
    text: String,
    segments: Vec<(u32, u32)>,
}

/// What joining found besides the text.
struct Joined {
    /// The physical line that the instruction starts on.
    first: u32,
    /// Offset behind its last line's text.
    end: usize,
    blank: Vec<Span>,
}

impl<'a> Parser<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let tree = Dockerfile {
            bytes,
            escape: b'\\',
            directives: Vec::new(),
            comments: Vec::new(),
            instructions: Vec::with_capacity((bytes.len() / USUAL_INSTRUCTION).clamp(1, MOST_RESERVED)),
            errors: Vec::new(),
            templates: Vec::new(),
        };
        Self {
            file: File::new(bytes),
            lines: Lines::new(bytes),
            tree,
            directives: true,
            heredoc_searches: HEREDOC_SEARCHES,
            unknowns: Unknowns::default(),
            text: String::new(),
            segments: Vec::with_capacity(4),
        }
    }

    fn run(&mut self) {
        while let Some(line) = self.next_line() {
            if line.is_blank() {
                self.directives = false;
            } else if self.file.bytes[line.text] == b'#' {
                self.comment_or_directive(line);
            } else {
                self.directives = false;
                self.instruction(line);
            }
        }
    }

    fn next_line(&mut self) -> Option<Line> {
        let line = self.lines.next()?;
        if line.next - line.start > LONGEST_LINE {
            self.check_length(line);
        }
        Some(line)
    }

    #[cold]
    fn check_length(&mut self, line: Line) {
        let bytes = &self.file.bytes[line.start..line.next];
        // A byte order mark counts, a line feed does not.
        let length =
            bytes.strip_suffix(b"\n").unwrap_or(bytes).len() + if line.number == 1 { line.start } else { 0 };
        if length > LONGEST_LINE {
            let message =
                format!("the line has {length} bytes, and {LONGEST_LINE} is the most that BuildKit reads");
            let span = Span::new(line.text as u32, line.end as u32);
            self.tree.errors.push(SyntaxError::new(SyntaxErrorKind::LongLine, message, span).in_parser());
        }
    }

    fn comment_or_directive(&mut self, line: Line) {
        if self.directives {
            if let Some(directive) = directives::read(&self.file, line) {
                self.directive(directive);
                return;
            }
            self.directives = false;
        }
        self.tree.comments.push(Span::new(line.text as u32, line.end as u32));
    }

    fn directive(&mut self, directive: super::Directive<'a>) {
        if self.tree.directives.iter().any(|it| it.name == directive.name) {
            let message = format!("only one {} parser directive can be used", directive.name);
            let error = SyntaxError::new(SyntaxErrorKind::Other, message, directive.span).in_parser();
            self.tree.errors.push(error);
        } else if directive.name == "escape" {
            match directive.value.as_ref() {
                "`" => self.tree.escape = b'`',
                "\\" => self.tree.escape = b'\\',
                other => {
                    let other = instruction::shorten(other);
                    let message = format!("the escape character must be ` or \\, and not `{other}`");
                    let error = SyntaxError::new(SyntaxErrorKind::Other, message, directive.value_span);
                    self.tree.errors.push(error.in_parser());
                }
            }
        }
        self.tree.directives.push(directive);
    }

    /// Joins the lines of one instruction into `text` and `segments`; `None` in place of the text when it is one line
    /// that can be borrowed.
    fn join(&mut self, first: Line) -> (Joined, Option<&'a str>) {
        self.text.clear();
        self.segments.clear();
        let mut joined = Joined { first: first.number, end: first.end, blank: Vec::new() };
        let mut cut = continuation(&self.file.bytes[first.text..first.end], self.tree.escape);
        if cut.is_none()
            && let Some(text) = self.file.text(first.text, first.end)
        {
            self.segments.push((0, first.text as u32));
            return (joined, Some(text));
        }
        self.push(first.text, cut.map_or(first.end, |at| first.text + at));
        while cut.is_some() {
            let Some(line) = self.next_line() else { break };
            if line.is_blank() {
                joined.blank.push(Span::new(line.start as u32, line.end as u32));
            } else if self.file.bytes[line.text] == b'#' {
                self.tree.comments.push(Span::new(line.text as u32, line.end as u32));
            } else {
                cut = continuation(&self.file.bytes[line.start..line.end], self.tree.escape);
                self.push(line.start, cut.map_or(line.end, |at| line.start + at));
                joined.end = line.end;
            }
        }
        if self.segments.is_empty() {
            self.segments.push((0, first.text as u32));
        }
        (joined, None)
    }

    fn push(&mut self, start: usize, end: usize) {
        match self.file.text(start, end) {
            Some("") => {}
            Some(text) => {
                self.segments.push((self.text.len() as u32, start as u32));
                self.text.push_str(text);
            }
            None => push_lossy(&mut self.text, &mut self.segments, &self.file.bytes[start..end], start),
        }
    }

    fn instruction(&mut self, first: Line) {
        let (joined, borrowed) = self.join(first);
        let (owned, segments) = (std::mem::take(&mut self.text), std::mem::take(&mut self.segments));
        let line = Logical { file: self.file, text: borrowed.unwrap_or(&owned), segments: &segments };
        let mut it = instruction::read(&line, (0, line.text.len()), self.tree.escape, &mut self.tree.errors);
        it.span = Span::new(first.text as u32, joined.end as u32);
        if it.name.is_empty() {
            it.name_span = Span::new(it.span.start, it.span.start);
        }
        it.empty_continuations = joined.blank;
        if can_hold_heredoc(&it) && heredoc::may_open(line.text) {
            for opening in heredoc::openings(line.text) {
                let span = line.span(opening.range.0, opening.range.1);
                let heredoc = self.heredoc(opening, span);
                it.heredocs.push(heredoc);
            }
        }
        it.lines = (joined.first, self.lines.number());
        if it.keyword == Keyword::Unknown {
            self.unknowns.report(&mut self.tree, &it, first);
        } else {
            check::instruction(&it, &mut self.tree.errors);
        }
        self.tree.instructions.push(it);
        (self.text, self.segments) = (owned, segments);
    }

    /// Reads the body of a heredoc, which starts at the next line.
    fn heredoc(&mut self, opening: heredoc::Opening, span: Span) -> Heredoc<'a> {
        let before = self.lines;
        let start = self.position();
        let mut body = None;
        if self.heredoc_searches > 0 {
            while let Some(line) = self.next_line() {
                let mut end = &self.file.bytes[line.start..line.end];
                while opening.strip_tabs && end.first() == Some(&b'\t') {
                    end = &end[1..];
                }
                if end == opening.name.as_bytes() {
                    body = Some(line.start);
                    break;
                }
            }
        }
        let end = body.unwrap_or_else(|| {
            let message = format!("unterminated heredoc \"{}\"", instruction::shorten(&opening.name));
            self.tree.errors.push(SyntaxError::new(SyntaxErrorKind::Heredoc, message, span).in_parser());
            self.recover(before)
        });
        Heredoc {
            name: opening.name.into(),
            span,
            body: self.file.text_lossy(start, end),
            body_span: Span::new(start as u32, end as u32),
            expand: opening.expand,
            strip_tabs: opening.strip_tabs,
            descriptor: opening.descriptor,
        }
    }

    /// Where the next line starts.
    fn position(&self) -> usize {
        let mut ahead = self.lines;
        ahead.next().map_or(self.file.bytes.len(), |line| line.start)
    }

    /// Ends the body of an unterminated heredoc before the next line that starts with a keyword in capitals.
    fn recover(&mut self, before: Lines<'a>) -> usize {
        self.heredoc_searches = self.heredoc_searches.saturating_sub(1);
        self.lines = before;
        loop {
            let here = self.lines;
            let Some(line) = self.lines.next() else { return self.file.bytes.len() };
            let text = &self.file.bytes[line.start..line.end];
            let word = text.iter().position(|byte| !byte.is_ascii_uppercase()).unwrap_or(text.len());
            let is_keyword = matches!(text.get(word), Some(b' ' | b'\t'))
                && std::str::from_utf8(&text[..word])
                    .is_ok_and(|name| Keyword::from_name(name) != Keyword::Unknown);
            if is_keyword {
                self.lines = here;
                return line.start;
            }
        }
    }

    fn finish(mut self) -> Dockerfile<'a> {
        check::order(&mut self.tree);
        templates::find(&mut self.tree);
        self.tree.errors.sort_by_key(|error| error.span.start);
        self.tree
    }
}

/// Whether heredocs are looked for: in RUN, COPY and ADD that are not in JSON form, and in ONBUILD of these.
fn can_hold_heredoc(it: &Instruction<'_>) -> bool {
    let it = match &it.arguments {
        Arguments::Onbuild { inner: Some(inner), .. } => inner,
        _ => it,
    };
    matches!(it.keyword, Keyword::Run | Keyword::Copy | Keyword::Add)
        && !matches!(it.arguments, Arguments::Json(_))
}
