//! Shell patterns of parameter expansion: `*`, `?` and escapes, no brackets (BuildKit, `shell/lex.go` `convertShellPatternToRegex`).
//!
//! Matching is dynamic programming over characters, so that no pattern can make it exponential.

/// Work bound: characters of the text times characters of the pattern.
const MAX_WORK: usize = 4 * 1024 * 1024;

enum Part {
    Star,
    Any,
    Literal(char),
}

fn parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        parts.push(match character {
            '*' => Part::Star,
            '?' => Part::Any,
            '\\' => Part::Literal(characters.next().unwrap_or('\\')),
            other => Part::Literal(other),
        });
    }
    parts
}

/// The byte lengths at which the pattern matches a prefix of `text`, ascending; `None` when the work is too much.
fn prefix_matches(text: &str, pattern: &[Part]) -> Option<Vec<usize>> {
    if text.len().saturating_mul(pattern.len() + 1) > MAX_WORK {
        return None;
    }
    // `reach[i]`: the first i parts match the text read so far.
    let mut reach = vec![false; pattern.len() + 1];
    reach[0] = true;
    close_stars(&mut reach, pattern);
    let mut found = Vec::new();
    if reach[pattern.len()] {
        found.push(0);
    }
    for (at, character) in text.char_indices() {
        let mut next = vec![false; pattern.len() + 1];
        for (index, part) in pattern.iter().enumerate() {
            match part {
                Part::Star if reach[index] || reach[index + 1] => next[index + 1] = true,
                Part::Any if reach[index] => next[index + 1] = true,
                Part::Literal(want) if reach[index] && *want == character => next[index + 1] = true,
                _ => {}
            }
        }
        close_stars(&mut next, pattern);
        reach = next;
        if reach[pattern.len()] {
            found.push(at + character.len_utf8());
        }
        if !reach.contains(&true) {
            break;
        }
    }
    Some(found)
}

fn close_stars(reach: &mut [bool], pattern: &[Part]) {
    for (index, part) in pattern.iter().enumerate() {
        if matches!(part, Part::Star) && reach[index] {
            reach[index + 1] = true;
        }
    }
}

/// `${X#pattern}` (`longest`: `##`). `None`: too much work.
pub(crate) fn without_prefix<'a>(text: &'a str, pattern: &str, longest: bool) -> Option<&'a str> {
    let found = prefix_matches(text, &parts(pattern))?;
    let cut = if longest { found.last() } else { found.first() };
    Some(&text[cut.copied().unwrap_or(0)..])
}

/// `${X%pattern}` (`longest`: `%%`). `None`: too much work.
pub(crate) fn without_suffix<'a>(text: &'a str, pattern: &str, longest: bool) -> Option<&'a str> {
    let reversed: String = text.chars().rev().collect();
    let mut pattern = parts(pattern);
    pattern.reverse();
    let found = prefix_matches(&reversed, &pattern)?;
    let cut = if longest { found.last() } else { found.first() };
    Some(&text[..text.len() - cut.copied().unwrap_or(0)])
}

/// `${X/pattern/with}` (`all`: `//`). `None`: too much work or too long a result.
pub(crate) fn replaced(text: &str, pattern: &str, with: &str, all: bool) -> Option<String> {
    let pattern = parts(pattern);
    if pattern.is_empty()
        || text.len().saturating_mul(text.len()).saturating_mul(pattern.len()) > MAX_WORK * 16
    {
        return pattern.is_empty().then(|| text.to_owned());
    }
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        let longest = prefix_matches(&text[at..], &pattern)?.last().copied().unwrap_or(0);
        if longest == 0 {
            let length = text[at..].chars().next().map_or(1, char::len_utf8);
            out.push_str(&text[at..at + length]);
            at += length;
            continue;
        }
        out.push_str(with);
        at += longest;
        if !all {
            break;
        }
    }
    out.push_str(&text[at..]);
    (out.len() <= 1 << 20).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_backtrack_without_cost() {
        let text = "a".repeat(2_000);
        let pattern = "*a".repeat(500);
        assert!(without_prefix(&text, &format!("{pattern}b"), true).is_some());
    }

    #[test]
    fn escapes_are_literal() {
        assert_eq!(without_prefix("*x", "\\*", false), Some("x"));
        assert_eq!(replaced("a.b", "?", "-", false).as_deref(), Some("-.b"));
    }
}
