//! JSON whose strings are safe to look at: control and invisible characters beyond ASCII are escaped as well, which
//! changes nothing for a reader.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::escape::hostile;

/// Writes a value in one line.
pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, Visible))?)
}

struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.bytes().all(|byte| byte < 0x7F) {
            return out.write_all(fragment.as_bytes());
        }
        let mut from = 0;
        for (at, character) in fragment.char_indices().filter(|(_, character)| hostile(*character)) {
            out.write_all(&fragment.as_bytes()[from..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            from = at + character.len_utf8();
        }
        out.write_all(&fragment.as_bytes()[from..])
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn hostile_characters_are_escaped_and_read_back() {
        let text = "a\u{9b}b\u{202e}\u{e0041}é語\"\n\u{7f}";
        let mut out = Vec::new();
        super::write(&text, &mut out).unwrap();
        assert_eq!(String::from_utf8_lossy(&out), "\"a\\u009bb\\u202e\\udb40\\udc41é語\\\"\\n\\u007f\"");
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }
}
