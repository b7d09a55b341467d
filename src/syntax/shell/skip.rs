//! Finds the end of a bracketed part without splitting it: for nesting beyond the limit and for telling `$((1+2))` from
//! `$((a); b)`. Keeps one byte per open bracket, so its memory is that of the text at most.

use super::class::ends_word;

/// The offset behind the bracket, quote or reserved word that closes the one at `at`; `None` when nothing does before
/// `limit`. `at` points at `(`, `{`, `"` or at a reserved word that opens a compound command.
pub(super) fn skip(bytes: &[u8], at: usize, limit: usize, parameter: bool) -> Option<usize> {
    let mut skipper = Skipper { bytes: &bytes[..limit], at, open: Vec::new(), command: true };
    if parameter {
        skipper.open(b'}', 1);
    } else {
        skipper.step()?;
    }
    while !skipper.open.is_empty() {
        skipper.step()?;
    }
    Some(skipper.at)
}

/// `open` holds what closes each open part: a bracket, a quote, `f`(i), `d`(one), `e`(sac) or `B` for a brace group.
struct Skipper<'t> {
    bytes: &'t [u8],
    at: usize,
    open: Vec<u8>,
    /// Whether the next word is in command position, where reserved words are reserved.
    command: bool,
}

impl Skipper<'_> {
    fn open(&mut self, closer: u8, length: usize) {
        self.open.push(closer);
        self.at += length;
        self.command = true;
    }

    fn close(&mut self, length: usize) {
        self.open.pop();
        self.at += length;
        self.command = false;
    }

    fn step(&mut self) -> Option<()> {
        let byte = *self.bytes.get(self.at)?;
        let inside = self.open.last().copied().unwrap_or(0);
        match (byte, inside) {
            (b'\\', _) => self.at += 2,
            (b'$', _) => self.dollar(),
            (b'`', b'`') => self.close(1),
            (b'`', _) => self.open(b'`', 1),
            (b'"', b'"') => self.close(1),
            (b'"', _) => self.open(b'"', 1),
            (_, b'"') => self.at += 1,
            (b'\'', _) if inside == b'}' && self.in_quotes() => self.at += 1,
            (b'\'', _) => {
                self.at += memchr::memchr(b'\'', &self.bytes[self.at + 1..])? + 2;
                self.command = false;
            }
            (b'}', b'}') => self.close(1),
            (_, b'}') => self.at += 1,
            _ => self.in_list(byte, inside),
        }
        Some(())
    }

    /// Whether the `${` on top stands in double quotes, where `'` is an ordinary character.
    fn in_quotes(&self) -> bool {
        self.open.len() >= 2 && self.open[self.open.len() - 2] == b'"'
    }

    fn dollar(&mut self) {
        match self.bytes.get(self.at + 1) {
            Some(b'(') => self.open(b')', 2),
            Some(b'{') => self.open(b'}', 2),
            _ => {
                self.at += 1;
                self.command = false;
            }
        }
    }

    fn in_list(&mut self, byte: u8, inside: u8) {
        match byte {
            b' ' | b'\t' => self.at += 1,
            b'\n' | b';' | b'&' | b'|' => {
                self.at += 1;
                self.command = true;
            }
            b'(' => self.open(b')', 1),
            b')' if inside == b')' => self.close(1),
            b')' => {
                self.at += 1;
                self.command = true;
            }
            b'<' | b'>' => self.at += 1,
            b'#' if self.at == 0 || ends_word(self.bytes[self.at - 1]) => {
                let rest = &self.bytes[self.at..];
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            }
            _ => self.word(inside),
        }
    }

    fn word(&mut self, inside: u8) {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|byte| is_word(*byte)) {
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        let whole = self.bytes.get(self.at).is_none_or(|byte| ends_word(*byte));
        if !(self.command && whole) {
            self.command = false;
            return;
        }
        match (word, inside) {
            (b"if", _) => self.open(b'f', 0),
            (b"while" | b"until", _) => self.open.push(b'?'),
            (b"for" | b"select", _) => {
                self.open.push(b'?');
                self.command = false;
            }
            // The skipped part may start behind the head of its loop or `case`.
            (b"do", 0) => self.open(b'd', 0),
            (b"in", 0) => {
                self.open(b'e', 0);
                self.command = false;
            }
            (b"do", b'?') => {
                self.open.pop();
                self.open(b'd', 0);
            }
            (b"case", _) => {
                self.open(b'e', 0);
                self.command = false;
            }
            (b"{", _) => self.open(b'B', 0),
            (b"fi", b'f') | (b"done", b'd') | (b"esac", b'e') | (b"}", b'B') => self.close(0),
            (b"then" | b"else" | b"elif" | b"do" | b"!", _) => {}
            _ => self.command = false,
        }
    }
}

/// A byte that ends neither the word nor needs a look of its own.
fn is_word(byte: u8) -> bool {
    !ends_word(byte) && !matches!(byte, b'\\' | b'\'' | b'"' | b'$' | b'`')
}
