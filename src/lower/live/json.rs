//! JSON with what readers swallow: keys that stand twice, and a byte order mark.
//!
//! The text is read twice: by the JSON library, which has a limit of its own for depth, and, when it is valid, by a scan
//! for keys that needs no recursion.

use std::collections::HashSet;

use serde_json::Value;
use smol_str::SmolStr;

use crate::model::JsonReading;

/// Keys that are told; a body of nothing but doubles says nothing more with the next one.
const MAX_DUPLICATES: usize = 8;
/// Characters of a path.
const MAX_PATH: usize = 80;

/// Reads a body as JSON (RFC 8259). A byte order mark in front is noted and left out.
pub(super) fn read(body: &[u8]) -> JsonReading {
    let text = body.strip_prefix(b"\xEF\xBB\xBF");
    let has_bom = text.is_some();
    let text = text.unwrap_or(body);
    let value = serde_json::from_slice::<Value>(text).map_err(|error| why(text, &error));
    let duplicates = if value.is_ok() { duplicates(text) } else { Vec::new() };
    JsonReading { value, duplicates, has_bom }
}

/// Why it is no JSON.
fn why(text: &[u8], error: &serde_json::Error) -> SmolStr {
    if text.iter().all(u8::is_ascii_whitespace) {
        return "it is empty".into();
    }
    error.to_string().into()
}

/// A list or an object that is open.
enum Open<'a> {
    /// How many items were before this one.
    List(usize),
    /// Keys so far, and the last of them.
    Object(HashSet<Box<str>>, &'a [u8]),
}

/// Keys that one object of a valid text has twice, as dotted paths, in order.
fn duplicates(text: &[u8]) -> Vec<SmolStr> {
    let mut found = Vec::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut at = 0;
    while at < text.len() && found.len() < MAX_DUPLICATES {
        let mut end = at + 1;
        match text[at] {
            b'{' => open.push(Open::Object(HashSet::new(), b"")),
            b'[' => open.push(Open::List(0)),
            b'}' | b']' => drop(open.pop()),
            b',' => {
                if let Some(Open::List(count)) = open.last_mut() {
                    *count += 1;
                }
            }
            b'"' => {
                end = string_end(text, at);
                let is_key = next_is_colon(text, end);
                if let Some(Open::Object(keys, last)) = open.last_mut().filter(|_| is_key) {
                    *last = &text[at..end];
                    if !keys.insert(unescaped(last)) {
                        let path = path(&open);
                        if !found.contains(&path) {
                            found.push(path);
                        }
                    }
                }
            }
            _ => {}
        }
        at = end;
    }
    found
}

/// The offset behind the string that starts at `at`.
fn string_end(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < text.len() {
        match text[end] {
            b'\\' => end += 2,
            b'"' => return end + 1,
            _ => end += 1,
        }
    }
    text.len()
}

/// Whether a colon follows, behind white space. White space is looked at once more by the caller, and never a third time.
fn next_is_colon(text: &[u8], at: usize) -> bool {
    text[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// A key without its quotes and escapes: `"st\u0061tus"` is `status`.
fn unescaped(quoted: &[u8]) -> Box<str> {
    let plain = || String::from_utf8_lossy(quoted).trim_matches('"').to_owned();
    match quoted.contains(&b'\\') {
        true => serde_json::from_slice::<String>(quoted).unwrap_or_else(|_| plain()).into(),
        false => plain().into(),
    }
}

/// Where the scan is: `checks.0.name`, its end kept when it is long.
fn path(open: &[Open<'_>]) -> SmolStr {
    let mut steps = Vec::new();
    let mut length = 0;
    for open in open.iter().rev() {
        let step: String = match open {
            Open::List(count) => count.to_string(),
            Open::Object(_, key) => unescaped(key).chars().take(MAX_PATH).collect(),
        };
        length += step.chars().count() + 1;
        if length > MAX_PATH && !steps.is_empty() {
            steps.push("\u{2026}".to_owned());
            break;
        }
        steps.push(step);
    }
    steps.reverse();
    steps.join(".").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_stand_twice_are_told() {
        let cases: [(&str, &[&str]); 12] = [
            (r#"{"status":"ok"}"#, &[]),
            (r#"{"status":"ok","status":"fail"}"#, &["status"]),
            (r#"{"status":"ok","st\u0061tus":"fail"}"#, &["status"]),
            (r#"{"a":{"b":1,"b" : 2},"c":[{"d":1},{"d":1,"d":2}]}"#, &["a.b", "c.1.d"]),
            (r#"{"a":{"x":1},"b":{"x":1}}"#, &[]),
            (r#"{"a":"a","b":"b:","c":["a","a"]}"#, &[]),
            (r#"{"a":1,"a":2,"a":3}"#, &["a"]),
            (r#"{"":1,"":2}"#, &[""]),
            (r#"{"a\"":1,"a\\":2,"a\"":3}"#, &["a\""]),
            (r#"{"a":{"a":{"a":1}}}"#, &[]),
            (r#"{"a":1,"A":2}"#, &[]),
            (r#"[[],[1,{"k":"{","k":"}"}]]"#, &["1.1.k"]),
        ];
        for (text, want) in cases {
            let reading = read(text.as_bytes());
            assert!(reading.value.is_ok(), "{text}");
            assert_eq!(reading.duplicates, want, "{text}");
        }
        let many: Vec<String> = (0..100).map(|key| format!("\"{key}\":1,\"{key}\":2")).collect();
        assert_eq!(read(format!("{{{}}}", many.join(",")).as_bytes()).duplicates.len(), MAX_DUPLICATES);
        let long = "k".repeat(5000);
        let told = &read(format!("{{\"{long}\":{{\"{long}\":1,\"{long}\":2}}}}").as_bytes()).duplicates[0];
        assert!(told.chars().count() <= MAX_PATH + 2, "{told}");
    }

    #[test]
    fn a_byte_order_mark_is_noted() {
        let reading = read(b"\xEF\xBB\xBF{\"status\":\"ok\"}");
        assert!(reading.has_bom && reading.value.is_ok());
        assert!(!read(b"{}").has_bom);
    }

    #[test]
    fn what_is_no_json_says_where() {
        let cases: [(&[u8], &str); 11] = [
            (b"", "it is empty"),
            (b" \n", "it is empty"),
            (b"\xEF\xBB\xBF", "it is empty"),
            (b"OK", "expected value at line 1 column 1"),
            (b"{\"a\":1}\nx", "trailing characters at line 2 column 1"),
            (b"{\"a\":1", "EOF while parsing an object at line 1 column 6"),
            (b"{\"a\":1,}", "trailing comma at line 1 column 8"),
            (b"{'a':1}", "key must be a string at line 1 column 2"),
            (b"{\"a\":NaN}", "expected value at line 1 column 6"),
            (b"{\"a\":\"\xff\"}", "invalid unicode code point at line 1 column 7"),
            (b"\xFF\xFE{\0}\0", "expected value at line 1 column 1"),
        ];
        for (text, want) in cases {
            let reading = read(text);
            assert_eq!(reading.value.map_err(|why| why.to_string()), Err(want.to_owned()), "{text:?}");
            assert!(reading.duplicates.is_empty());
        }
        let deep = read("[".repeat(60_000).as_bytes());
        assert!(deep.value.is_err_and(|why| why.starts_with("recursion limit exceeded at line 1")));
    }

    /// Bodies of 64 KiB that a quadratic scan would take seconds for, and every prefix of a small one.
    #[test]
    fn hostile_bodies_end_soon() {
        let large = [
            format!("{{{}\"a\":1}}", "\"a\":1,".repeat(10_000)),
            format!("[\"a\"{}]", " ".repeat(65_000)),
            format!("[{}\"a\"]", "\"a\"                ,".repeat(3_000)),
            format!("{{\"a\"{}:1}}", " ".repeat(65_000)),
            format!("{}{}", "[".repeat(120), "]".repeat(120)),
            "\"".repeat(65_000),
            "\\".repeat(65_000),
        ];
        let start = std::time::Instant::now();
        for text in &large {
            let _ = read(text.as_bytes());
        }
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
        let small = br#"{"a\\\"":[{"b":"\u0041"},-1.5e3,null,true],"a":{}}"#;
        for end in 0..small.len() {
            let _ = read(&small[..end]);
            let _ = duplicates(&small[..end]);
        }
    }
}
