//! The known name that a mistyped one most likely means: words in, a distance or a name out. Knows no kind of word.

/// Longer texts count as far from everything, because the work grows with the square of their length.
const LONGEST: usize = 64;

/// How many letters have to be put in, left out, replaced or swapped with their neighbour to make one text of the other.
/// `usize::MAX` when either has more than 64 characters. Case counts.
#[must_use]
pub fn distance(one: &str, other: &str) -> usize {
    if one.len() > LONGEST * 4 || other.len() > LONGEST * 4 {
        return usize::MAX;
    }
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    if one.len() > LONGEST || other.len() > LONGEST {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::with_capacity(other.len() + 1);
    let mut above: Vec<usize> = (0..=other.len()).collect();
    let mut row: Vec<usize> = Vec::with_capacity(other.len() + 1);
    for (i, from) in one.iter().enumerate() {
        row.clear();
        row.push(i + 1);
        for (j, to) in other.iter().enumerate() {
            let mut best = (above[j] + usize::from(from != to)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *from == other[j - 1] && one[i - 1] == *to {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        // The oldest row is written anew.
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above[other.len()]
}

/// The name that is at most a third of the shorter one's letters (rounded up) away, case, `-`, `_` and blanks not counted; the first of
/// equals.
#[must_use]
pub fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| -> String {
        text.chars().filter(|it| !matches!(it, '-' | '_' | ' ' | '.')).flat_map(char::to_lowercase).collect()
    };
    if text.len() > LONGEST {
        return None;
    }
    let wanted = plain(text);
    names
        .map(|name| (distance(&wanted, &plain(name)), name))
        .filter(|(distance, name)| *distance <= name.len().min(text.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn slips_are_counted() {
        for (one, other, wanted) in [
            ("builder", "bulider", 1),
            ("", "ab", 2),
            ("abc", "abc", 0),
            ("kitten", "sitting", 3),
            ("a", "abcde", 4),
        ] {
            assert_eq!(distance(one, other), wanted, "{one} {other}");
        }
        assert_eq!(distance(&"a".repeat(10_000), "a"), usize::MAX);
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["multi-stage", "pip-hashes", "json", "text"];
        for (text, want) in [
            ("multistage", Some("multi-stage")),
            ("pip_hashs", Some("pip-hashes")),
            ("jsn", Some("json")),
            ("zzzzzzzz", None),
            // Two of three letters are another word.
            ("jot", None),
        ] {
            assert_eq!(nearest(text, names.into_iter()), want, "{text}");
        }
        assert_eq!(nearest(&"a".repeat(10_000), names.into_iter()), None);
    }
}
