//! Says what is wrong with a text that the parser refuses, where to look, and what to do.

use granit_parser::ErrorKind;

use crate::source::Span;

/// What the parser said, and what was known by then.
pub(super) struct Mistake<'a> {
    pub(super) kind: &'a ErrorKind,
    /// The byte at which the parser stopped.
    pub(super) at: usize,
    pub(super) text: &'a str,
    /// The innermost bracket that is open.
    pub(super) open_bracket: Option<u32>,
    /// What was read without a mistake ends here.
    pub(super) read_to: usize,
}

/// What is said.
pub(super) struct Explained {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) related: Option<(Span, &'static str)>,
}

/// The explanation of a mistake.
pub(super) fn explain(mistake: &Mistake<'_>) -> Explained {
    quote(mistake).or_else(|| bracket(mistake)).or_else(|| tab(mistake)).unwrap_or_else(|| Explained {
        span: character(mistake.text, mistake.at),
        message: sentence(mistake),
        related: None,
    })
}

/// The character at an offset; empty at the end of a line.
fn character(text: &str, at: usize) -> Span {
    let length = text[at..].chars().next().filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8);
    Span::new(at as u32, (at + length) as u32)
}

/// Where the parser stopped, for a mistake that began before.
fn stopped(mistake: &Mistake<'_>) -> Option<(Span, &'static str)> {
    Some((character(mistake.text, mistake.at), "noticed here"))
}

/// A quote that is not closed.
fn quote(mistake: &Mistake<'_>) -> Option<Explained> {
    use ErrorKind as E;
    if !matches!(
        mistake.kind,
        E::UnclosedQuotedScalar | E::InvalidQuotedScalarIndent | E::DocumentIndicatorInQuotedScalar
    ) {
        return None;
    }
    let is_at_quote =
        mistake.text[mistake.at..].starts_with(['"', '\'']) && *mistake.kind == E::UnclosedQuotedScalar;
    let at = if is_at_quote { mistake.at } else { first_quote(mistake.text, mistake.read_to, mistake.at)? };
    Some(Explained {
        span: character(mistake.text, at),
        message:
            "this quote is not closed: close it, and indent the lines of a text in quotes deeper than its key"
                .to_owned(),
        related: stopped(mistake).filter(|_| !is_at_quote),
    })
}

/// The first quote between two offsets at which a scalar can begin.
fn first_quote(text: &str, from: usize, to: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[..to];
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => return Some(at),
            b'#' if at == 0 || bytes[at - 1].is_ascii_whitespace() => {
                at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(to - at);
            }
            _ => at += 1,
        }
    }
    None
}

/// A bracket that is not closed.
fn bracket(mistake: &Mistake<'_>) -> Option<Explained> {
    use ErrorKind as E;
    let Mistake { text, at, .. } = *mistake;
    if let E::UnclosedFlowCollection { open } = mistake.kind {
        return Some(Explained { span: character(text, at), message: not_closed(*open), related: None });
    }
    let is_about_brackets = matches!(
        mistake.kind,
        E::UnexpectedEofFlowSequence
            | E::UnexpectedEofFlowMapping
            | E::UnexpectedEofImplicitFlowMapping
            | E::ExpectedFlowSequenceSeparator
            | E::ExpectedFlowMappingSeparator
            | E::InvalidColonPlacement
            | E::BlockEntryInFlowCollection
            | E::MappingKeyNotAllowed
            | E::SimpleKeyExpected
            | E::InvalidFlowScalarIndent
            | E::InvalidIndentation
    );
    if !is_about_brackets {
        return None;
    }
    let open = mistake.open_bracket? as usize;
    let bracket = if text[open..].starts_with('{') { '{' } else { '[' };
    let is_later = text[open..at].contains(['\n', '\r']) || at == text.trim_end().len();
    if is_later {
        let span = character(text, open);
        return Some(Explained { span, message: not_closed(bracket), related: stopped(mistake) });
    }
    matches!(mistake.kind, E::ExpectedFlowSequenceSeparator | E::ExpectedFlowMappingSeparator).then(|| {
        Explained {
            span: character(text, at),
            message: format!("a comma or `{}` is missing here", close_of(bracket)),
            related: Some((character(text, open), "the bracket that is open")),
        }
    })
}

fn not_closed(bracket: char) -> String {
    format!("`{bracket}` is not closed: `{}` or a comma is missing", close_of(bracket))
}

fn close_of(bracket: char) -> char {
    if bracket == '{' { '}' } else { ']' }
}

/// A tab where only blanks may stand: the tab itself, which the parser has passed.
fn tab(mistake: &Mistake<'_>) -> Option<Explained> {
    use ErrorKind as E;
    if !matches!(
        mistake.kind,
        E::TabNotAllowed
            | E::TabInBlockIndentation
            | E::TabInIndentation
            | E::TabAtBlockScalarStart
            | E::TabInPlainScalar
            | E::InvalidBlockEntryWhitespace
            | E::InvalidMappingValueWhitespace
    ) {
        return None;
    }
    let bytes = mistake.text.as_bytes();
    let is_indentation = |tab: &usize| {
        bytes[..*tab]
            .iter()
            .rev()
            .find(|byte| !matches!(byte, b' ' | b'\t'))
            .is_none_or(|byte| b"\n\r".contains(byte))
    };
    // The parser stops at the tab, behind it, or at the beginning of the text that the tab cuts.
    let near =
        [mistake.at, mistake.at.saturating_sub(1)].into_iter().find(|at| bytes.get(*at) == Some(&b'\t'));
    let behind = || {
        let tabs = memchr::memchr_iter(b'\t', &bytes[mistake.read_to..]).map(|at| mistake.read_to + at);
        tabs.take(100).find(is_indentation)
    };
    let at = near.or_else(behind).unwrap_or(mistake.at);
    Some(Explained {
        span: character(mistake.text, at),
        message: "a tab stands where only blanks may: indent with blanks".to_owned(),
        related: None,
    })
}

fn sentence(mistake: &Mistake<'_>) -> String {
    use ErrorKind as E;
    let sentence = match mistake.kind {
        E::UnexpectedCharacter { character } => return unexpected(*character),
        E::MappingValueNotAllowed if is_deeper_line(mistake) => {
            "this key is indented deeper than the value above it allows: align it with the keys around it"
        }
        E::MappingValueNotAllowed | E::InvalidColonPlacement => {
            "`:` is not allowed here: put the text in quotes when it contains `: `"
        }
        E::SimpleKeyExpected | E::InvalidSimpleKey => {
            "this line is no `key: value`: a `:` is missing, or the indentation does not fit the text above"
        }
        E::ExpectedBlockMappingKey
        | E::UnexpectedEofBlockMapping
        | E::InvalidIndentation
        | E::MappingKeyNotAllowed => {
            "the indentation fits no mapping above: align this line with its neighbours"
        }
        E::ExpectedBlockSequenceEntry | E::UnexpectedEofBlockSequence => {
            "a list item begins with `- `: align this line with the items above, or with the key of the list"
        }
        E::BlockSequenceEntryNotAllowed => "`- ` is not allowed here: begin the list on a line of its own",
        E::BlockEntryInFlowCollection => "`- ` is not allowed inside brackets: separate items by commas",
        E::PlainScalarStartsWithDashFlowIndicator => "a text that begins with `-` and a bracket needs quotes",
        E::MismatchedFlowCollectionEnd { open, close } => {
            return format!("`{close}` does not close `{open}`: one of the two is wrong");
        }
        E::MisplacedFlowCollectionEnd => "this bracket closes nothing: remove it, or put the text in quotes",
        E::InvalidTrailingDoubleQuotedScalar | E::InvalidTrailingSingleQuotedScalar => {
            "text stands behind the closing quote: put all of it in quotes, and write a quote inside as `''` or `\\\"`"
        }
        E::UnknownQuotedScalarEscape => {
            "an escape in these double quotes is unknown: write `\\\\` for a backslash, or use single quotes"
        }
        E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => {
            "an escape in these double quotes is no character: write `\\u` and four digits"
        }
        E::UndeclaredTagHandle => {
            "the tag has a prefix that no `%TAG` declares: a tag of one's own is `!name`"
        }
        E::InvalidTagTerminator
        | E::InvalidGlobalTagCharacter
        | E::UnclosedVerbatimTag
        | E::ExpectedTagBang => "the tag is not well formed: put a text that begins with `!` in quotes",
        E::MissingAnchorOrAliasName => "a name is missing: put a text that begins with `*` or `&` in quotes",
        E::ZeroBlockScalarIndent | E::InvalidBlockScalarHeader => {
            "behind `|` or `>` only `-`, `+` and one digit from 1 may stand: begin the text on the next line"
        }
        E::InvalidBlockScalarIndent => "a line of this text block is indented less than its first line",
        E::CommentInterceptedScalar => "a comment cuts this text in two: put it above or behind the text",
        E::CommentNotSeparated => "a comment needs a blank before its `#`",
        E::RecursionLimitExceeded => {
            "more than 255 collections stand inside one another: this document is left out"
        }
        E::TooManyComments => {
            "too many comments stand between a key and its value: this document is left out"
        }
        E::InvalidDocumentEnd => "behind `...` nothing may stand on the same line",
        E::ExpectedDocumentStart => "a second document begins with `---` on a line of its own",
        E::MissingDocumentEndBeforeDirective => {
            "a `%` directive ends no document: put a line with `...` above it"
        }
        E::BomInsideDocument => "a byte order mark stands inside the text: remove it",
        E::DuplicateVersionDirective | E::UnsupportedYamlMajorVersion | E::DuplicateTagDirective => {
            "the directive is wrong here: remove the line that begins with `%`"
        }
        other => return format!("{other}"),
    };
    sentence.to_owned()
}

fn unexpected(character: char) -> String {
    match character {
        '@' | '`' | '%' | '|' | '>' | ',' => {
            format!("a text may not begin with `{character}`: put it in quotes")
        }
        _ => format!("the character U+{:04X} may not stand in YAML: remove it", character as u32),
    }
}

/// Whether the parser stopped on a line that it took for the rest of a text above.
fn is_deeper_line(mistake: &Mistake<'_>) -> bool {
    let line = mistake.text[..mistake.at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let begins = mistake.text[line..mistake.at].starts_with([' ', '\t']);
    // The text that ends here began on a line above.
    begins && !mistake.text[line..mistake.at].trim_start().contains([':', '"', '\'', '-', '#'])
}
