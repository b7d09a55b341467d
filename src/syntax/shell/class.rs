//! What a byte means in an unquoted word: one table look-up per byte is all that most of a script costs.

/// Ordinary: stays in the word as it is. All bytes of characters beyond ASCII are.
pub(super) const PLAIN: u8 = 0;
/// Space or tab: ends a word.
pub(super) const BLANK: u8 = 1;
/// Operator character or line end: ends a word.
pub(super) const META: u8 = 2;
/// Quote, escape, expansion, glob or brace: needs a closer look.
pub(super) const SPECIAL: u8 = 3;

static CLASS: [u8; 256] = table();

const fn table() -> [u8; 256] {
    let mut table = [PLAIN; 256];
    mark(&mut table, b" \t", BLANK);
    mark(&mut table, b"\n;&|()<>", META);
    mark(&mut table, b"\\'\"$`*?[]{}", SPECIAL);
    table
}

const fn mark(table: &mut [u8; 256], bytes: &[u8], class: u8) {
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = class;
        index += 1;
    }
}

/// The class of a byte.
#[inline]
pub(super) fn class(byte: u8) -> u8 {
    CLASS[byte as usize]
}

/// Whether the byte ends an unquoted word.
#[inline]
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(class(byte), BLANK | META)
}

/// Whether the byte may stand in a variable's name.
#[inline]
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether the byte may start a variable's name.
#[inline]
pub(super) fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}
