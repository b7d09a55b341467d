//! Command texts of Compose as words: no shell is started, so the text is split as mattn/go-shellwords does.

use smol_str::SmolStr;

/// The words of a command; `None` when quotes, a `$(` or a backslash have no end, or a `(` stands where none may.
///
/// The text ends at the first `;`, `&`, `|`, `<` or `>` outside quotes: what follows is lost.
pub(super) fn split(text: &str) -> Option<Vec<SmolStr>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut began = false;
    let mut quote: Option<char> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', Some('\'')) => word.push('\\'),
            ('\\', _) => {
                word.push(match characters.next()? {
                    't' => '\t',
                    'n' => '\n',
                    other => other,
                });
                began = true;
            }
            (' ' | '\t' | '\r' | '\n', None) => {
                if began {
                    words.push(word.as_str().into());
                    word.clear();
                    began = false;
                }
            }
            (' ' | '\t' | '\r' | '\n', Some(_)) => word.push(character),
            ('"' | '\'', None) => quote = Some(character),
            ('"' | '\'', Some(open)) if open == character => {
                quote = None;
                began = true;
            }
            ('(', None) => {
                if !word.ends_with('$') {
                    return None;
                }
                word.push('(');
                quote = Some(')');
            }
            ('(', Some(')')) => return None,
            // Between backquotes and in `$( )` the text stays, its marks included.
            ('`', None) => {
                quote = Some('`');
                word.push('`');
                began = true;
            }
            (')' | '`', Some(open)) if open == character => {
                quote = None;
                word.push(character);
                began = true;
            }
            (')', None) => return None,
            (';' | '&' | '|' | '<' | '>', None) => {
                // `2>` is no word of its own.
                let descriptor = character == '>' && word.as_bytes().first().is_some_and(u8::is_ascii_digit);
                began &= !descriptor;
                break;
            }
            _ => {
                word.push(character);
                began = true;
            }
        }
    }
    if quote.is_some() {
        return None;
    }
    if began {
        words.push(word.into());
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_split_as_without_a_shell() {
        for (text, want) in [
            ("", Some(&[][..])),
            ("python -m app", Some(&["python", "-m", "app"])),
            ("sh -c \"sleep 1 && echo 'a  b'\" ''", Some(&["sh", "-c", "sleep 1 && echo 'a  b'", ""])),
            ("a\\ b 'c\\d' \"e\\\"f\"", Some(&["a b", "c\\d", "e\"f"])),
            ("echo a && echo b", Some(&["echo", "a"])),
            ("run 2>/dev/null", Some(&["run"])),
            ("run x>/dev/null", Some(&["run", "x"])),
            ("echo $(id -u) x", Some(&["echo", "$(id -u)", "x"])),
            ("echo `id -u`", Some(&["echo", "`id -u`"])),
            ("a'b'\"c\"", Some(&["abc"])),
            ("echo \"x", None),
            ("echo (x)", None),
            ("echo x)", None),
            ("echo \\", None),
        ] {
            let words = split(text);
            let words: Option<Vec<&str>> = words.as_ref().map(|it| it.iter().map(|it| it.as_str()).collect());
            assert_eq!(words.as_deref(), want, "{text}");
        }
    }
}
