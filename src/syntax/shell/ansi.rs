//! The escapes of bash's `$'…'`.

/// Decodes the escape whose backslash is at `at` into `out`; the offset behind it.
pub(super) fn escape(text: &str, at: usize, limit: usize, out: &mut String) -> usize {
    let rest = &text[at + 1..limit];
    let Some(character) = rest.chars().next() else {
        out.push('\\');
        return limit;
    };
    let behind = at + 1 + character.len_utf8();
    let plain = match character {
        'a' => '\x07',
        'b' => '\x08',
        'e' | 'E' => '\x1B',
        'f' => '\x0C',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0B',
        '\\' | '\'' | '"' | '?' => character,
        'x' => return number(text, behind, limit, (2, 16), out),
        'u' => return number(text, behind, limit, (4, 16), out),
        'U' => return number(text, behind, limit, (8, 16), out),
        '0'..='7' => return number(text, at + 1, limit, (3, 8), out),
        other => {
            out.push('\\');
            other
        }
    };
    out.push(plain);
    behind
}

/// At most `digits` digits of a base as one character; what is no character stands as U+FFFD.
fn number(text: &str, start: usize, limit: usize, (digits, base): (usize, u32), out: &mut String) -> usize {
    let mut value = 0u32;
    let mut end = start;
    for character in text[start..limit].chars().take(digits) {
        let Some(digit) = character.to_digit(base) else { break };
        value = value.wrapping_mul(base).wrapping_add(digit);
        end += 1;
    }
    out.push(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
    end
}
