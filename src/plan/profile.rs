//! Machine profiles: a JSON file in, the members of its outermost object out, with the place of each key and value.
//!
//! `serde_json` says whether the text is valid and what the values are, a small scanner where they stand. Knows no rule.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use smol_str::SmolStr;

use crate::model::Spanned;
use crate::source::{Place, Source, Span};

/// One key of a machine profile.
#[derive(Debug, Clone)]
pub struct ProfileMember {
    /// The key, with its place (quotes included).
    pub key: Spanned<SmolStr>,
    /// Its value as text: of a string the string itself, of anything else the JSON.
    pub value: Spanned<SmolStr>,
}

/// More keys than any machine has settings.
const MAX_MEMBERS: usize = 4096;

/// Reads a profile, its keys sorted. Of a key that is written twice the last one counts, and only that one is kept.
///
/// # Errors
/// Why it is no profile, with the line.
pub(super) fn read(source: &Arc<Source>) -> Result<Vec<ProfileMember>, Spanned<String>> {
    let bytes = source.bytes();
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let fault = |line: usize, message: String| Spanned::new(message, first_of_line(source, line as u32));
    let object = match serde_json::from_slice::<Value>(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(fault(1, "the profile is no JSON object".to_owned())),
        Err(error) => return Err(fault(error.line(), format!("the profile is no valid JSON: {error}"))),
    };
    let mut found: BTreeMap<String, ProfileMember> = BTreeMap::new();
    for member in members(bytes) {
        let Some(value) = object.get(&member.key) else { continue };
        let value = match value {
            Value::String(text) => SmolStr::new(text),
            other => SmolStr::new(other.to_string()),
        };
        let key = Spanned::new(SmolStr::new(&member.key), Place::new(source, member.key_span));
        let value = Spanned::new(value, Place::new(source, member.value));
        found.insert(member.key, ProfileMember { key, value });
        if found.len() > MAX_MEMBERS {
            return Err(fault(1, format!("the profile has more than {MAX_MEMBERS} keys")));
        }
    }
    Ok(found.into_values().collect())
}

/// A line without its end.
fn first_of_line(source: &Arc<Source>, number: u32) -> Place {
    let span = source.lines().span_of(number.max(1), source.bytes());
    let text = source.slice(span);
    let length = text.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at as u32 + 1);
    Place::new(source, Span::new(span.start, span.start + length))
}

/// One member and where it stands.
struct Member {
    /// The key, escapes resolved.
    key: String,
    /// The key with its quotes.
    key_span: Span,
    value: Span,
}

/// The members of the outermost object of a valid JSON text, in order; of any other text some may be missing.
fn members(bytes: &[u8]) -> Vec<Member> {
    let mut found = Vec::new();
    let mut depth = 0usize;
    let mut key: Option<Span> = None;
    // Where the value of `key` starts, and the end of what was read of it.
    let mut value: Option<Span> = None;
    let mut at = 0;
    while at < bytes.len() {
        let end = if bytes[at] == b'"' { string_end(bytes, at) } else { at + 1 };
        let here = Span::new(at as u32, end as u32);
        match bytes[at] {
            b'{' | b'[' => {
                depth += 1;
                if depth > 1 {
                    value = value.map_or(Some(here), |value| Some(value.to(here)));
                }
            }
            b'}' | b']' if depth == 1 => {
                close(bytes, &mut key, &mut value, &mut found);
                return found;
            }
            b',' if depth == 1 => close(bytes, &mut key, &mut value, &mut found),
            b':' if depth == 1 => {
                key = value.take();
            }
            byte if depth == 0 || byte.is_ascii_whitespace() => {}
            byte => {
                depth -= usize::from(matches!(byte, b'}' | b']'));
                value = value.map_or(Some(here), |value| Some(value.to(here)));
            }
        }
        at = end;
    }
    found
}

fn close(bytes: &[u8], key: &mut Option<Span>, value: &mut Option<Span>, found: &mut Vec<Member>) {
    if let (Some(key_span), Some(value)) = (key.take(), value.take())
        && let Ok(key) = serde_json::from_slice(&bytes[key_span.range()])
    {
        found.push(Member { key, key_span, value });
    }
}

/// The offset behind the string that starts at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 2,
            b'"' => return end + 1,
            _ => end += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::members;

    #[test]
    fn members_of_the_outer_object() {
        let text = br#"{ "a": 1, "b\"" : "x,}" , "c":{"d":[1,{"e":2}]}, "f": true}"#;
        let found = members(text);
        let shown: Vec<(&str, &str)> = found
            .iter()
            .map(|it| (it.key.as_str(), std::str::from_utf8(&text[it.value.range()]).unwrap()))
            .collect();
        assert_eq!(shown, [("a", "1"), ("b\"", "\"x,}\""), ("c", "{\"d\":[1,{\"e\":2}]}"), ("f", "true")]);
        assert_eq!(&text[found[0].key_span.range()], b"\"a\"");
    }

    #[test]
    fn damaged_text_ends() {
        for text in ["", "{", "[1,2]", "{\"a", "{\"a\":", "}}}", "{\"a\\", "{\"a\":1}}}"] {
            assert!(members(text.as_bytes()).len() <= 1, "{text}");
        }
    }
}
