//! Path patterns of waivers: `*` and `?` within one folder, `**` over folders, `[a-z]` and `[!a-z]`.

/// Whether a pattern covers a path. A pattern without wildcards, or one that ends in `/`, also covers what lies below.
///
/// Takes time in proportion to the product of both lengths, whatever the pattern.
pub(super) fn covers(pattern: &str, path: &str) -> bool {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let folder = pattern.trim_end_matches('/');
    let plain = !pattern.contains(['*', '?', '[']);
    if plain || folder.len() < pattern.len() {
        let mut ends = path.match_indices('/').map(|(end, _)| &path[..end]);
        if ends.any(|parent| matches(folder, parent)) {
            return true;
        }
    }
    matches(folder, path)
}

/// One unit of a pattern.
enum Token {
    /// This character.
    Literal(char),
    /// `?`
    Any,
    /// `*`
    Star,
    /// `**`: everything, and `**/`: also nothing.
    Folders,
    /// `[…]`: ranges, and whether they are excluded.
    Class(Vec<(char, char)>, bool),
}

fn matches(pattern: &str, path: &str) -> bool {
    let tokens = tokens(pattern);
    let path: Vec<char> = path.chars().collect();
    // reached[i]: the tokens so far can match the first i characters.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for token in &tokens {
        reached = step(token, &reached, &path);
    }
    reached[path.len()]
}

fn step(token: &Token, reached: &[bool], path: &[char]) -> Vec<bool> {
    let mut next = vec![false; reached.len()];
    let mut open = false;
    for i in 0..reached.len() {
        let previous = i.checked_sub(1).map(|before| (reached[before], path[before]));
        next[i] = match token {
            Token::Literal(wanted) => previous.is_some_and(|(ok, c)| ok && c == *wanted),
            Token::Any => previous.is_some_and(|(ok, c)| ok && c != '/'),
            Token::Class(ranges, not) => previous.is_some_and(|(ok, c)| {
                ok && c != '/' && ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *not
            }),
            Token::Star => {
                open = reached[i] || (open && previous.is_some_and(|(_, c)| c != '/'));
                open
            }
            Token::Folders => {
                open = open || reached[i];
                open
            }
        };
    }
    next
}

fn tokens(pattern: &str) -> Vec<Token> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(character) = characters.get(at) {
        let rest = &characters[at..];
        let (token, length) = match character {
            '*' if rest.starts_with(&['*', '*']) => {
                // `a/**/b` matches `a/b`: the slash belongs to the wildcard, at a folder's start.
                let whole = at == 0 || characters[at - 1] == '/';
                (Token::Folders, if whole && rest.get(2) == Some(&'/') { 3 } else { 2 })
            }
            '*' => (Token::Star, 1),
            '?' => (Token::Any, 1),
            '\\' if rest.len() > 1 => (Token::Literal(rest[1]), 2),
            '[' => class(rest).unwrap_or((Token::Literal('['), 1)),
            other => (Token::Literal(*other), 1),
        };
        tokens.push(token);
        at += length;
    }
    tokens
}

/// A class and its length, when it is closed.
fn class(rest: &[char]) -> Option<(Token, usize)> {
    let not = matches!(rest.get(1), Some('!' | '^'));
    let start = 1 + usize::from(not);
    let end = start + 1 + rest.get(start + 1..)?.iter().position(|c| *c == ']')?;
    let mut ranges = Vec::new();
    let mut at = start;
    while at < end {
        if at + 2 < end && rest[at + 1] == '-' {
            ranges.push((rest[at], rest[at + 2]));
            at += 3;
        } else {
            ranges.push((rest[at], rest[at]));
            at += 1;
        }
    }
    Some((Token::Class(ranges, not), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_paths() {
        for (pattern, path, expected) in [
            ("legacy/**", "legacy/a/Dockerfile", true),
            ("legacy/**", "legacy2/Dockerfile", false),
            ("legacy", "legacy/a/Dockerfile", true),
            ("legacy/", "legacy/a/Dockerfile", true),
            ("legacy/*", "legacy/a/Dockerfile", false),
            ("legacy/*", "legacy/Dockerfile", true),
            ("**/Dockerfile", "Dockerfile", true),
            ("**/Dockerfile", "a/b/Dockerfile", true),
            ("a/**/Dockerfile", "a/Dockerfile", true),
            ("a/**/Dockerfile", "ab/Dockerfile", false),
            ("./a/Dockerfile", "a/Dockerfile", true),
            ("Dockerfile.?", "Dockerfile.a", true),
            ("Dockerfile.?", "Dockerfile.ab", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[x", "[x", true),
            ("", "a", false),
            ("**", "a/b", true),
        ] {
            assert_eq!(covers(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn many_wildcards_stay_linear_in_the_product() {
        assert!(!covers(&"*a".repeat(300), &"a".repeat(299)));
        assert!(!covers(&"**b".repeat(300), &"a".repeat(3_000)));
    }
}
