//! Questions that rules of several groups ask.

use crate::model::{Build, ProblemKind};

/// Whether an instruction with this keyword may hide in a part of the file that could not be read, so that "it is
/// missing" cannot be said: the text of an orphaned line, a template or a misspelt instruction mentions it.
#[must_use]
pub(in crate::rules) fn may_hide(build: &Build, keyword: &str) -> bool {
    let mentions = |text: &str| text.to_ascii_uppercase().contains(keyword);
    build.problems.iter().any(|problem| match problem.kind {
        // A template alone on its line may stand for anything.
        ProblemKind::Template => {
            let line = problem
                .place
                .source
                .lines()
                .span_of(problem.place.start().line, problem.place.source.bytes());
            let line = String::from_utf8_lossy(problem.place.source.slice(line)).trim().to_owned();
            line == problem.place.text().trim() || mentions(&line)
        }
        _ => {
            mentions(&problem.place.text())
                || problem.related.iter().any(|(place, _)| mentions(&place.text()))
        }
    })
}

/// How many letters have to be put in, left out, replaced or swapped to make one text of the other; `limit + 1` when it
/// is more than `limit`. Long texts count as far apart, so that no input makes it slow.
#[must_use]
pub(in crate::rules) fn distance(one: &str, other: &str, limit: usize) -> usize {
    const LONGEST: usize = 64;
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > limit || one.len() > LONGEST || other.len() > LONGEST {
        return limit + 1;
    }
    let width = other.len() + 1;
    let mut table = vec![0; (one.len() + 1) * width];
    for row in 0..=one.len() {
        for column in 0..width {
            table[row * width + column] = if row == 0 || column == 0 {
                row + column
            } else {
                let same = usize::from(one[row - 1] != other[column - 1]);
                let mut best = table[(row - 1) * width + column - 1] + same;
                best = best.min(table[(row - 1) * width + column] + 1);
                best = best.min(table[row * width + column - 1] + 1);
                let swapped = row > 1
                    && column > 1
                    && one[row - 1] == other[column - 2]
                    && one[row - 2] == other[column - 1];
                if swapped { best.min(table[(row - 2) * width + column - 2] + 1) } else { best }
            };
        }
    }
    table[one.len() * width + other.len()].min(limit + 1)
}

/// The known name that a written one is a slip of: short names allow one slip, longer ones two.
#[must_use]
pub(in crate::rules) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match written.len() {
        0..=3 => return None,
        4..=5 => 1,
        _ => 2,
    };
    known
        .map(|name| (distance(&written.to_ascii_lowercase(), &name.to_ascii_lowercase(), limit), name))
        .filter(|(distance, _)| *distance <= limit)
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
            assert_eq!(distance(one, other, 3), wanted, "{one} {other}");
        }
        assert_eq!(nearest("bulider", ["runtime", "builder"].into_iter()), Some("builder"));
        assert_eq!(nearest("bash", ["base"].into_iter()), Some("base"));
        assert_eq!(nearest("uv", ["us"].into_iter()), None);
    }
}
