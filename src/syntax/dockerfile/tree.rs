//! The tree of one Dockerfile. All spans are byte offsets into the file as it was read, a byte order mark included.

use std::borrow::Cow;

use crate::source::Span;

/// One Dockerfile.
#[derive(Debug, Clone)]
pub struct Dockerfile<'a> {
    /// The file's bytes.
    pub bytes: &'a [u8],
    /// The escape character in force: `\` unless a directive says `` ` ``.
    pub escape: u8,
    /// Parser directives (`# syntax=`, `# escape=`, `# check=`) in order.
    pub directives: Vec<Directive<'a>>,
    /// Every comment line, those inside continued instructions included; from `#` to the end of the line.
    pub comments: Vec<Span>,
    /// The instructions in order, those that are wrong or unknown included.
    pub instructions: Vec<Instruction<'a>>,
    /// What is wrong, in the order of the file.
    pub errors: Vec<SyntaxError>,
    /// Leftovers of a template engine: `${{ … }}`, `{{ … }}`, `{% … %}`, `{# … #}`, `<% … %>`. Comments and heredoc bodies
    /// are not searched; in shell text (RUN, CMD, ENTRYPOINT, HEALTHCHECK) only `${{` counts, because `{{ … }}` is legal there.
    pub templates: Vec<Span>,
}

/// A parser directive at the top of the file.
#[derive(Debug, Clone)]
pub struct Directive<'a> {
    /// The name in lower case: `syntax`, `escape` or `check`.
    pub name: Cow<'a, str>,
    /// The value, blanks trimmed.
    pub value: Cow<'a, str>,
    /// From `#` to the end of the value.
    pub span: Span,
    /// The value alone.
    pub value_span: Span,
}

/// The word an instruction starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the variants are the instructions' own names")]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// Any other word.
    Unknown,
}

/// One instruction with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Instruction<'a> {
    /// What it is.
    pub keyword: Keyword,
    /// The first word as written.
    pub name: Cow<'a, str>,
    /// The first word. Of a keyword that is split by a continuation: all of it.
    pub name_span: Span,
    /// From the first byte (of the line that opens it, leading blanks left out) to the end of the last line of its own
    /// text, line end and heredoc bodies left out.
    pub span: Span,
    /// First and last physical line, from 1, heredoc bodies included.
    pub lines: (u32, u32),
    /// Flags (`--from=x`) in order.
    pub flags: Vec<Flag<'a>>,
    /// What follows the flags, in the form that the keyword asks for.
    pub arguments: Arguments<'a>,
    /// Heredocs in the order of their words.
    pub heredocs: Vec<Heredoc<'a>>,
    /// Spans of the blank lines inside the instruction (BuildKit warns: NoEmptyContinuation).
    pub empty_continuations: Vec<Span>,
}

/// A flag of an instruction.
#[derive(Debug, Clone)]
pub struct Flag<'a> {
    /// The whole flag as written: `--from=builder`.
    pub raw: Text<'a>,
    /// The name without dashes: `from`.
    pub name: Cow<'a, str>,
    /// The value behind `=`, quotes and escapes resolved as BuildKit does; `None` when there is no `=`.
    pub value: Option<Text<'a>>,
}

/// A piece of an instruction's logical text: continuations joined, comment lines gone, invalid UTF-8 replaced.
///
/// It remembers which source bytes each part came from, so that a word inside a long RUN has an exact span.
#[derive(Debug, Clone, Default)]
pub struct Text<'a> {
    /// The text. Borrowed when it lies in one piece in the file.
    pub text: Cow<'a, str>,
    /// Where it is in the source, first byte to last byte.
    pub span: Span,
    /// How text maps to source: pairs of (offset in `text`, offset in the source), ascending. Empty when the text is
    /// one piece that starts at `span.start`.
    pub segments: Vec<(u32, u32)>,
}

impl Text<'_> {
    /// The source span of a range of this text, in bytes of `text`.
    ///
    /// The end is the source position behind the last byte of the range, so a span never reaches over a continuation
    /// that follows it.
    #[must_use]
    pub fn source_span(&self, start: u32, end: u32) -> Span {
        if start >= end {
            let at = self.source_offset(start);
            return Span::new(at, at);
        }
        Span::new(self.source_offset(start), self.source_offset(end - 1) + 1)
    }

    /// The source offset of one byte of the text.
    #[must_use]
    pub fn source_offset(&self, at: u32) -> u32 {
        match self.segments.partition_point(|(text, _)| *text <= at) {
            0 => self.span.start + at,
            index => {
                let (text, source) = self.segments[index - 1];
                source + (at - text)
            }
        }
    }
}

/// What follows an instruction's flags.
#[derive(Debug, Clone)]
pub enum Arguments<'a> {
    /// Exec form: a JSON array of strings, decoded. Each element's span includes its quotes.
    Json(Vec<Text<'a>>),
    /// The whole rest as one text: shell form of RUN, CMD, ENTRYPOINT, SHELL, and USER, WORKDIR, STOPSIGNAL, MAINTAINER.
    Text(Text<'a>),
    /// Words: FROM, EXPOSE, and COPY, ADD, VOLUME in their plain form. Quotes mean nothing there.
    Words(Vec<Text<'a>>),
    /// ENV and LABEL, and ARG (where a pair may have no value).
    Pairs(Vec<Pair<'a>>),
    /// HEALTHCHECK: the type (`CMD`, `NONE`) and what follows it, JSON or text.
    Health {
        /// The first word as written.
        kind: Text<'a>,
        /// The rest: [`Arguments::Json`] or [`Arguments::Text`].
        command: Box<Arguments<'a>>,
    },
    /// ONBUILD: the inner instruction. Its text as BuildKit keeps it is in `raw`.
    Onbuild {
        /// The rest of the line as written.
        raw: Text<'a>,
        /// The trigger, parsed once (an inner ONBUILD is not parsed further).
        inner: Option<Box<Instruction<'a>>>,
    },
    /// Nothing.
    None,
}

/// One `key=value` of ENV, LABEL or ARG.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    /// The key, quotes kept.
    pub key: Text<'a>,
    /// The value, quotes and escapes kept; `None` for an ARG without a default.
    pub value: Option<Text<'a>>,
    /// Whether it was written in the old form `ENV key value`.
    pub legacy: bool,
}

/// A here-document.
#[derive(Debug, Clone)]
pub struct Heredoc<'a> {
    /// The terminator word, quotes removed.
    pub name: Cow<'a, str>,
    /// The word on the instruction's line: `<<-"EOF"`.
    pub span: Span,
    /// The body without the terminator line; for `<<-` with leading tabs still in it (see `strip_tabs`).
    pub body: Cow<'a, str>,
    /// Where the body is in the source. The mapping is one piece: offset in `body` + `body_span.start`, exact as long as
    /// the body is valid UTF-8.
    pub body_span: Span,
    /// Whether variables in it are expanded: no quote in the word.
    pub expand: bool,
    /// Whether leading tabs are stripped (`<<-`).
    pub strip_tabs: bool,
    /// The file descriptor before `<<`, when one is written.
    pub descriptor: Option<u32>,
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone)]
pub struct SyntaxError {
    /// What kind of fault it is.
    pub kind: SyntaxErrorKind,
    /// One sentence without a full stop, lower case first: `unterminated heredoc "EOF"`.
    pub message: String,
    /// The smallest span that shows it.
    pub span: Span,
    /// Whether BuildKit refuses it in `parser.Parse` (`true`) or in `instructions.Parse` (`false`).
    pub in_parser: bool,
    /// Whether both steps accept it and the build fails on it later, as with `COPY --from=$X`.
    pub at_build: bool,
    /// Further places that belong to it: the orphaned lines of a lost continuation.
    pub related: Vec<Span>,
}

/// Kinds of syntax errors, for rules that treat some of them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// Anything that is not named below.
    Other,
    /// No instruction in the file.
    Empty,
    /// The first word is no instruction.
    UnknownInstruction,
    /// ENV or LABEL without `=`.
    MissingEquals,
    /// An instruction other than ARG before the first FROM.
    BeforeFrom,
    /// A physical line over 65,535 bytes.
    LongLine,
    /// A heredoc without its end.
    Heredoc,
    /// A flag that the instruction does not know, or that is given wrongly.
    Flag,
    /// A line without its continuation character: what follows is no instruction but the rest of this one. The span is
    /// the last word of that line; `related` are the orphaned lines.
    LostContinuation,
    /// Only ARG instructions and no FROM.
    NoStage,
}
