//! Fingerprints: what makes a finding the same one after the file has moved around it.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::source::Source;

/// A fingerprint for each finding, 16 hexadecimal digits, in the order of the findings.
///
/// Made of rule, file, subject, message and the text at the place, without line numbers; equal ones are told apart by
/// their position in the list.
#[must_use]
pub fn fingerprints(findings: &[Finding]) -> Vec<String> {
    fingerprints_by(findings, as_is)
}

/// A path as reports name it.
#[must_use]
pub fn as_is(path: &str) -> String {
    path.to_owned()
}

/// The same with another name for each file, for what has to hold wherever the call works.
pub(super) fn fingerprints_by(findings: &[Finding], name: impl Fn(&str) -> String) -> Vec<String> {
    let mut seen: HashMap<u64, u64> = HashMap::new();
    findings
        .iter()
        .map(|finding| {
            let mut hash = Fnv::new();
            hash.field(finding.rule.as_bytes());
            hash.field(name(finding.place.source.path()).as_bytes());
            hash.field(finding.subject.as_deref().unwrap_or_default().as_bytes());
            hash.field(without_line_numbers(&finding.message).as_bytes());
            // Blanks do not count, so that reformatting keeps what is known; long texts count by their beginning.
            let text = finding.place.source.slice(finding.place.span);
            text.iter()
                .take(4_096)
                .filter(|byte| !byte.is_ascii_whitespace())
                .for_each(|byte| hash.byte(*byte));
            let ordinal = seen.entry(hash.0).or_default();
            hash.field(&ordinal.to_le_bytes());
            *ordinal += 1;
            format!("{:016x}", hash.0)
        })
        .collect()
}

/// The message with the numbers behind `line` and `lines` left out.
fn without_line_numbers(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find("line") {
        let end = at + 4;
        let behind = rest[end..].strip_prefix('s').unwrap_or(&rest[end..]);
        out.push_str(&rest[..end]);
        rest = behind
            .strip_prefix(' ')
            .map_or(behind, |number| number.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out + rest
}

/// FNV-1a, 64 bit: stable across versions and machines, which the standard library's hasher does not promise.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }

    fn field(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.byte(*byte));
        // No UTF-8 text holds this byte, so fields cannot run into each other.
        self.byte(0xFF);
    }
}

/// How many UTF-16 units a line's hash covers.
const WINDOW: usize = 100;
const FACTOR: u64 = 37;
/// Ends the text. A value that no text holds as a character.
const END: u16 = u16::MAX;

/// GitHub's `primaryLocationLineHash` of every line of one text.
///
/// Over UTF-16 units without blanks and tabs, line ends as one `\n`: the hash of a line is a polynomial in 37 (mod 2^64)
/// over the 100 units from the line's first one, zeros behind the end. Equal values are counted. Lines end at `\r`, `\n`
/// and `\r\n` here.
///
/// Source: `github/codeql-action`, `src/fingerprints.ts`.
#[derive(Debug)]
pub struct LineHashes {
    lines: Vec<(u64, u32)>,
}

impl LineHashes {
    /// Hashes a text, in one pass.
    #[must_use]
    pub fn new(source: &Source) -> Self {
        let mut hasher = LineHasher::new();
        for chunk in source.bytes().utf8_chunks() {
            chunk.valid().encode_utf16().for_each(|unit| hasher.unit(unit));
            if !chunk.invalid().is_empty() {
                hasher.unit(0xFFFD);
            }
        }
        hasher.unit(END);
        (0..WINDOW).for_each(|_| hasher.push(0));
        Self { lines: hasher.lines }
    }

    /// The value of a 1-based line: 1 to 16 hexadecimal digits, `:` and the number of this value in the text.
    #[must_use]
    pub fn of_line(&self, line: u32) -> Option<String> {
        let (hash, count) = self.lines.get(line.checked_sub(1)? as usize)?;
        Some(format!("{hash:x}:{count}"))
    }
}

struct LineHasher {
    /// The last units, as a ring.
    ring: [u16; WINDOW],
    /// Whether the unit at the same index is a line's first.
    starts: [bool; WINDOW],
    at: usize,
    hash: u64,
    /// 37^100: what the unit that leaves has been multiplied with.
    leaving: u64,
    line_start: bool,
    after_return: bool,
    seen: HashMap<u64, u32>,
    lines: Vec<(u64, u32)>,
}

impl LineHasher {
    fn new() -> Self {
        Self {
            ring: [0; WINDOW],
            starts: [false; WINDOW],
            at: 0,
            hash: 0,
            leaving: FACTOR.wrapping_pow(WINDOW as u32),
            line_start: true,
            after_return: false,
            seen: HashMap::new(),
            lines: Vec::new(),
        }
    }

    fn unit(&mut self, unit: u16) {
        const LF: u16 = b'\n' as u16;
        const CR: u16 = b'\r' as u16;
        const SPACE: u16 = b' ' as u16;
        const TAB: u16 = b'\t' as u16;
        if unit == SPACE || unit == TAB || (unit == LF && self.after_return) {
            self.after_return = false;
            return;
        }
        self.after_return = unit == CR;
        let unit = if unit == CR { LF } else { unit };
        self.emit();
        self.starts[self.at] = self.line_start;
        self.line_start = unit == LF;
        self.roll(unit);
    }

    /// Pushes a unit that begins no line.
    fn push(&mut self, unit: u16) {
        self.emit();
        self.roll(unit);
    }

    /// Takes the value of the line whose first unit is about to leave.
    fn emit(&mut self) {
        if std::mem::take(&mut self.starts[self.at]) {
            let count = self.seen.entry(self.hash).or_default();
            *count += 1;
            self.lines.push((self.hash, *count));
        }
    }

    fn roll(&mut self, unit: u16) {
        let old = std::mem::replace(&mut self.ring[self.at], unit);
        let gone = self.leaving.wrapping_mul(u64::from(old));
        self.hash = self.hash.wrapping_mul(FACTOR).wrapping_add(u64::from(unit)).wrapping_sub(gone);
        self.at = (self.at + 1) % WINDOW;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{finding, source};
    use super::*;

    /// The definition, computed line by line.
    fn slow(text: &str) -> Vec<String> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut units: Vec<u16> = text.encode_utf16().filter(|unit| ![9, 32].contains(unit)).collect();
        units.push(65_535);
        let mut values: Vec<String> = Vec::new();
        for start in (0..units.len()).filter(|at| *at == 0 || units[at - 1] == 10) {
            let unit = |offset: usize| u64::from(units.get(start + offset).copied().unwrap_or(0));
            let hash = (0..100).fold(0u64, |hash, offset| hash.wrapping_mul(37).wrapping_add(unit(offset)));
            let hash = format!("{hash:x}:");
            let count = 1 + values.iter().filter(|value| value.starts_with(&hash)).count();
            values.push(format!("{hash}{count}"));
        }
        values
    }

    #[test]
    fn line_hashes_equal_the_slow_definition() {
        let long = "RUN x\n".repeat(80) + &"y".repeat(1_000) + "\nFROM a\n";
        for text in [
            "",
            "FROM a",
            "FROM a\nUSER b\n",
            "\n\n\n",
            "a\r\nb\rc\n",
            "\t a b\n  ab\n",
            "é\u{1F600} 語\nx\n",
            &long,
        ] {
            let hashes = LineHashes::new(&source("x", text));
            let expected = slow(text);
            for (line, value) in (1..).zip(&expected) {
                assert_eq!(hashes.of_line(line).as_ref(), Some(value), "line {line} of {text:?}");
            }
            assert_eq!(hashes.of_line(expected.len() as u32 + 1), None);
            assert_eq!(hashes.of_line(0), None);
        }
    }

    #[test]
    fn fingerprints_survive_moved_lines_and_blanks() {
        let of = |text: &str, message: &str| {
            fingerprints(&[finding("runtime-user", &source("a", text), "USER", message)])[0].clone()
        };
        assert_eq!(of("USER 0", "as on line 3"), of("FROM x\n\nUSER 0", "as on line 12"));
        assert_ne!(of("USER 0", "runs as `a`"), of("USER 0", "runs as `b`"));
        assert_eq!(of("USER 0", "m").len(), 16);
    }

    #[test]
    fn equal_findings_have_different_fingerprints() {
        let file = source("a", "USER 0");
        let two = [finding("runtime-user", &file, "USER", "m"), finding("runtime-user", &file, "USER", "m")];
        let prints = fingerprints(&two);
        assert_ne!(prints[0], prints[1]);
    }
}
