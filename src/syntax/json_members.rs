//! The members of the outermost object of a JSON text, with their places: bytes in, keys and spans out.
//!
//! The text is known to be valid JSON; of anything else some members may be missing. Values are not read here.

use crate::source::Span;

/// One member.
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    /// The key as written, escapes not resolved.
    pub key: String,
    /// The key with its quotes.
    pub key_span: Span,
    /// The value.
    pub value: Span,
}

/// The members in order.
#[must_use]
pub fn members(bytes: &[u8]) -> Vec<Member> {
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
    if let (Some(key_span), Some(value)) = (key.take(), value.take()) {
        let text = String::from_utf8_lossy(&bytes[key_span.range()]);
        found.push(Member { key: text.trim_matches('"').to_owned(), key_span, value });
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
        assert_eq!(shown, [("a", "1"), ("b\\", "\"x,}\""), ("c", "{\"d\":[1,{\"e\":2}]}"), ("f", "true")]);
        assert_eq!(&text[found[0].key_span.range()], b"\"a\"");
    }

    #[test]
    fn damaged_text_ends() {
        for text in ["", "{", "[1,2]", "{\"a", "{\"a\":", "}}}", "{\"a\\", "{\"a\":1}}}"] {
            assert!(members(text.as_bytes()).len() <= 1, "{text}");
        }
    }
}
