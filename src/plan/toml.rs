//! The text of a plan file to a tree whose every node has its span.
//!
//! `toml-span` reads the grammar; this puts right what it leaves open: dates (it has none), the order of keys (it sorts
//! them), and caps on size and depth. Knows TOML and no key of a plan.

use std::sync::Arc;

use toml_span::value::ValueInner;

use super::error::PlanError;
use crate::source::{Place, Source, Span};

/// Largest plan file, in bytes: a fleet of a thousand services needs a fifth of it, and the reader needs about a hundred
/// times the size of a hostile one.
const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting of tables and arrays; a plan's own keys need seven.
const MAX_DEPTH: usize = 16;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) value: Toml,
    pub(super) span: Span,
}

/// A TOML value.
#[derive(Debug)]
pub(super) enum Toml {
    Text(String),
    Integer(i64),
    /// A float; what it says is the text of its span.
    Float,
    Bool(bool),
    /// A bare date; what it says is the text of its span.
    Date,
    Array(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) node: Node,
}

/// Reads a file; entries are in the order in which they are written.
pub(super) fn parse(source: &Arc<Source>) -> Result<Vec<Entry>, PlanError> {
    let fail = |span: Span, message: String| PlanError::new(Some(Place::new(source, span)), message);
    if source.bytes().len() > MAX_BYTES {
        return Err(fail(Span::default(), format!("the plan is larger than {} KiB", MAX_BYTES >> 10)));
    }
    let text = std::str::from_utf8(source.bytes()).map_err(|error| {
        let at = error.valid_up_to() as u32;
        fail(Span::new(at, at + 1), "the plan is not UTF-8 text".to_owned())
    })?;
    let prepared = prepare(text).map_err(|at| fail(Span::new(at, at + 1), too_deep()))?;
    let mut root = toml_span::parse(&prepared).map_err(|error| {
        let span = clamp(error.span, text.len());
        PlanError { help: first_place(source, &error.kind), ..fail(span, format!("not valid TOML: {error}")) }
    })?;
    match convert(&mut root, text, 0) {
        Ok(Node { value: Toml::Table(entries), .. }) => Ok(entries),
        Ok(node) => Err(fail(node.span, "the plan is no table".to_owned())),
        Err(span) => Err(fail(span, too_deep())),
    }
}

fn too_deep() -> String {
    format!("nested deeper than {MAX_DEPTH} levels")
}

fn first_place(source: &Arc<Source>, kind: &toml_span::ErrorKind) -> Option<String> {
    use toml_span::ErrorKind::{DottedKeyInvalidType, DuplicateKey, DuplicateTable};
    let (DuplicateKey { first, .. } | DuplicateTable { first, .. } | DottedKeyInvalidType { first }) = kind
    else {
        return None;
    };
    Some(format!("it is first written in line {}", source.position(first.start as u32).line))
}

fn clamp(span: toml_span::Span, len: usize) -> Span {
    Span::new(span.start.min(len) as u32, span.end.min(len) as u32)
}

/// Copies the tree, keys in written order; `Err` is the place that is nested too deeply.
///
/// Recursion is bounded by [`MAX_DEPTH`].
fn convert(value: &mut toml_span::Value<'_>, text: &str, depth: usize) -> Result<Node, Span> {
    let span = clamp(value.span, text.len());
    if depth > MAX_DEPTH {
        return Err(span);
    }
    let value = match value.take() {
        ValueInner::String(_) if is_bare(text, span) => {
            return Ok(Node { value: Toml::Date, span: Span::new(span.start - 1, span.end + 1) });
        }
        ValueInner::String(text) => Toml::Text(text.into_owned()),
        ValueInner::Integer(number) => Toml::Integer(number),
        ValueInner::Float(_) => Toml::Float,
        ValueInner::Boolean(flag) => Toml::Bool(flag),
        ValueInner::Array(items) => Toml::Array(
            items
                .into_iter()
                .map(|mut item| convert(&mut item, text, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        ValueInner::Table(table) => {
            let mut entries = Vec::with_capacity(table.len());
            for (key, mut value) in table {
                let key_span = clamp(key.span, text.len());
                entries.push(Entry {
                    key: key.name.into_owned(),
                    key_span,
                    node: convert(&mut value, text, depth + 1)?,
                });
            }
            entries.sort_by_key(|entry| entry.key_span.start);
            Toml::Table(entries)
        }
    };
    Ok(Node { value, span })
}

/// Whether the string of this span was made of a bare date: then a digit stands where its quote would.
fn is_bare(text: &str, span: Span) -> bool {
    span.start > 0 && text.as_bytes()[span.start as usize - 1].is_ascii_digit()
}

/// The text with each bare date turned into a string of the same length (its first and last byte become quotes), so that
/// every span stays right; `Err` is the offset of a key or header that is nested too deeply.
fn prepare(text: &str) -> Result<String, u32> {
    let mut bytes = text.as_bytes().to_vec();
    let mut changed = false;
    let mut dots = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'#' => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
            quote @ (b'"' | b'\'') => {
                at = string_end(&bytes, at, quote);
                continue;
            }
            byte @ (b'=' | b',' | b'\n' | b'[' | b'{') => {
                dots = 0;
                let blanks = bytes[at + 1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                let value = at + 1 + blanks;
                let len = date_len(&bytes[value..]);
                if byte == b'=' && len > 0 {
                    bytes[value] = b'"';
                    bytes[value + len - 1] = b'"';
                    changed = true;
                    at = value + len;
                    continue;
                }
            }
            b'.' => {
                dots += 1;
                if dots > MAX_DEPTH / 2 {
                    return Err(at as u32);
                }
            }
            _ => {}
        }
        at += 1;
    }
    // Only ASCII bytes were put in place of ASCII bytes.
    let prepared = if changed { String::from_utf8(bytes).ok() } else { None };
    Ok(prepared.unwrap_or_else(|| text.to_owned()))
}

/// Behind the string that starts at `at`; an unterminated one ends with its line, or with the file when it has many.
fn string_end(bytes: &[u8], at: usize, quote: u8) -> usize {
    let many = bytes[at..].starts_with(&[quote; 3]);
    let mut end = at + if many { 3 } else { 1 };
    while end < bytes.len() {
        match bytes[end] {
            b'\\' if quote == b'"' => end += 1,
            b'\n' if !many => return end,
            byte if byte == quote && !many => return end + 1,
            byte if byte == quote && bytes[end..].starts_with(&[quote; 3]) => {
                // Up to two further quotes belong to the string's end.
                let more = bytes[end + 3..].iter().take(2).take_while(|byte| **byte == quote).count();
                return end + 3 + more;
            }
            _ => {}
        }
        end += 1;
    }
    bytes.len()
}

/// Length of the date (and time) that stands at the start, 0 when there is none.
fn date_len(bytes: &[u8]) -> usize {
    let shape = b"dddd-dd-dd";
    let fits = bytes.len() >= shape.len()
        && shape.iter().zip(bytes).all(|(want, byte)| match want {
            b'd' => byte.is_ascii_digit(),
            _ => byte == want,
        });
    if !fits {
        return 0;
    }
    let rest = &bytes[shape.len()..];
    let timed = matches!(rest.first(), Some(b'T' | b't'))
        || (rest.first() == Some(&b' ') && rest.get(1).is_some_and(u8::is_ascii_digit));
    if !timed {
        return shape.len();
    }
    let time = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'.' | b'+' | b'-');
    shape.len() + 1 + rest[1..].iter().take_while(time).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Entry>, PlanError> {
        parse(&Source::new("plimsoll.toml", text.as_bytes().to_vec()))
    }

    #[test]
    fn dates_stay_where_they_are() {
        let text = "a = 2027-01-31\r\nb=\"2027-01-31\" # = 2027-01-31\nc = '''\n= 2027-01-31 '''\nd = 1979-05-27T07:32:00Z\n\
                    e.f = 7\n";
        let entries = read(text).expect("valid");
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["a", "b", "c", "d", "e"]);
        assert!(matches!(entries[0].node.value, Toml::Date));
        assert_eq!(&text[entries[0].node.span.range()], "2027-01-31");
        assert!(matches!(&entries[1].node.value, Toml::Text(text) if text == "2027-01-31"));
        assert!(matches!(&entries[2].node.value, Toml::Text(text) if text == "= 2027-01-31 "));
        assert!(matches!(entries[3].node.value, Toml::Date));
    }

    #[test]
    fn hostile_texts_are_errors_and_no_panic() {
        let cases = [
            format!("a = {}", "[".repeat(5000)),
            format!("a = {}1{}", "[".repeat(100), "]".repeat(100)),
            format!("a = {}", "{a=".repeat(5000)),
            format!("{} = 1", "a.".repeat(5000)),
            format!("[{}a]", "a.".repeat(5000)),
            "[a]\n[a]\n".repeat(10),
            "[".to_owned(),
            "[]\n[ ]\n".to_owned(),
            "a = \"".to_owned(),
            "a = '''".to_owned(),
            "a = \"\\".to_owned(),
            "a.b = 1\n[[a]]".to_owned(),
            "[[a]]\n[a]\n[[a.b]]\n[a.b]".to_owned(),
            "a = 2027-01-31 junk".to_owned(),
            "\u{0}".to_owned(),
            "a = \u{FEFF}1".to_owned(),
        ];
        for case in &cases {
            assert!(read(case).is_err(), "{:?}", &case[..case.len().min(30)]);
        }
        assert!(read(&"#".repeat(MAX_BYTES + 1)).is_err());
    }

    #[test]
    fn large_texts_end_soon() {
        let wide: String = (0..40_000).map(|i| format!("[a.b{i}.c.d.e.f]\n")).collect();
        let cases = [wide, format!("a = [{}]", "1,".repeat(200_000)), "[[a]]\n".repeat(100_000)];
        for case in &cases {
            let start = std::time::Instant::now();
            assert!(read(case).is_ok());
            assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
        }
    }
}
