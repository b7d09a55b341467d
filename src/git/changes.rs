//! Which lines changed, from a diff without context.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use super::{Commit, GitError, Repository, ask};

/// Lines that changed since a commit, by the path of their file from the root of the repository.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ChangedLines {
    /// 1-based lines that were added or replaced, in order.
    lines: HashMap<String, Vec<RangeInclusive<u32>>>,
    /// Files that the commit does not know.
    new: HashSet<String>,
}

impl ChangedLines {
    /// Whether one of these lines (1-based, both included) of a file changed.
    #[must_use]
    pub fn touch(&self, path: &str, first: u32, last: u32) -> bool {
        // The first range that does not end before the lines.
        let meets = |ranges: &Vec<RangeInclusive<u32>>| {
            let at = ranges.partition_point(|range| *range.end() < first);
            ranges.get(at).is_some_and(|range| *range.start() <= last)
        };
        self.new.contains(path) || self.lines.get(path).is_some_and(meets)
    }
}

/// Asks git for the diff and for files that it does not track.
pub(super) fn read(repository: &Repository, commit: &Commit) -> Result<ChangedLines, GitError> {
    let diff = ["diff", "--unified=0", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames"];
    let more = ["--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules", &commit.0, "--"];
    let mut changed = parse(&ask(&repository.root, diff.iter().chain(&more))?);
    let untracked = ask(&repository.root, ["ls-files", "--others", "--exclude-standard", "-z"])?;
    let paths = untracked.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    changed.new.extend(paths.map(|path| String::from_utf8_lossy(path).into_owned()));
    Ok(changed)
}

/// Asks git for the files that were moved, as far as they are still alike.
pub(super) fn renames(repository: &Repository, commit: &Commit) -> Result<Vec<(String, String)>, GitError> {
    let diff = ["diff", "--name-status", "-z", "--find-renames", "--diff-filter=R", "--no-ext-diff"];
    let list =
        ask(&repository.root, diff.iter().copied().chain(["--ignore-submodules", commit.0.as_str(), "--"]))?;
    Ok(pairs(&list))
}

/// `R100`, the old path and the new path, each with a zero behind it.
fn pairs(list: &[u8]) -> Vec<(String, String)> {
    let text = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    let parts: Vec<&[u8]> = list.split(|byte| *byte == 0).collect();
    parts.chunks_exact(3).map(|part| (text(part[1]), text(part[2]))).collect()
}

/// Reads a diff. The text of changed lines is passed over by count, so that no file can play a header.
fn parse(diff: &[u8]) -> ChangedLines {
    let mut changed = ChangedLines::default();
    let mut path: Option<String> = None;
    let mut body = 0_u32;
    for line in diff.split(|byte| *byte == b'\n') {
        if body > 0 && matches!(line.first(), Some(b'+' | b'-')) {
            body -= 1;
        } else if let Some(name) = line.strip_prefix(b"+++ ") {
            path = unquoted(name).and_then(|name| name.strip_prefix("b/").map(str::to_owned));
        } else if let Some((removed, start, count)) = line.strip_prefix(b"@@ -").and_then(hunk) {
            body = removed.saturating_add(count);
            if let (Some(path), true) = (&path, count > 0) {
                let end = start.saturating_add(count - 1);
                changed.lines.entry(path.clone()).or_default().push(start..=end);
            }
        }
    }
    changed
}

/// `12,3 +14,2 @@`: lines that went, the first line that came, lines that came.
fn hunk(text: &[u8]) -> Option<(u32, u32, u32)> {
    let text = std::str::from_utf8(text).ok()?;
    let (old, rest) = text.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let pair = |text: &str| match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    };
    let (_, removed): (u32, u32) = pair(old)?;
    let (start, count) = pair(new)?;
    Some((removed, start, count))
}

/// A path as git prints it: in quotes, with C's escapes, where it has odd characters.
fn unquoted(name: &[u8]) -> Option<String> {
    // A name with a blank ends in a tab.
    let name = name.strip_suffix(b"\t").unwrap_or(name);
    let Some(inner) = name.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return Some(String::from_utf8_lossy(name).into_owned());
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            first @ b'0'..=b'3' => {
                let digit = |byte: u8| (b'0'..=b'7').contains(&byte).then(|| byte - b'0');
                let (second, third) = (digit(rest.next()?)?, digit(rest.next()?)?);
                (first - b'0') * 64 + second * 8 + third
            }
            other => other,
        });
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_came_are_touched_and_others_are_not() {
        let diff = "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -2 +2,2 @@ FROM a\n-old\n+new\n+newer\n\
                    @@ -9,2 +10,0 @@\n-gone\n-gone\ndiff --git a/y b/y\n--- /dev/null\n+++ b/y\n@@ -0,0 +1 @@\n+one\n\
                    \\ No newline at end of file\n";
        let changed = parse(diff.as_bytes());
        for (path, line, is) in [
            ("x", 1, false),
            ("x", 2, true),
            ("x", 3, true),
            ("x", 4, false),
            ("x", 10, false),
            ("y", 1, true),
        ] {
            assert_eq!(changed.touch(path, line, line), is, "{path}:{line}");
        }
        assert!(changed.touch("x", 1, 9) && !changed.touch("z", 1, 9));
    }

    #[test]
    fn many_changes_are_looked_up_like_few() {
        let hunks: String =
            (0..1000_u32).map(|at| format!("@@ -{0} +{0},2 @@\n-a\n+b\n+c\n", 10 * at + 5)).collect();
        let changed = parse(format!("--- a/x\n+++ b/x\n{hunks}").as_bytes());
        for line in 1..=10_100 {
            let is = line < 10_000 && matches!(line % 10, 5 | 6);
            assert_eq!(changed.touch("x", line, line), is, "{line}");
            let is = line < 10_000 && matches!(line % 10, 2..=6);
            assert_eq!(changed.touch("x", line, line + 3), is, "{line}");
        }
        assert!(changed.touch("x", 1, u32::MAX) && !changed.touch("x", 9997, u32::MAX));
    }

    #[test]
    fn the_text_of_a_file_is_no_header() {
        let diff =
            "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/evil\n-@@ -1 +1 @@\n+++ b/evil\n+@@ -1,0 +1,99 @@\n";
        let changed = parse(diff.as_bytes());
        assert!(changed.touch("x", 2, 2) && !changed.touch("x", 3, 3) && !changed.touch("evil", 1, 99));
    }

    #[test]
    fn names_are_unquoted() {
        for (name, path) in [
            ("b/a b\t", "b/a b"),
            ("\"b/a\\nb\"", "b/a\nb"),
            ("\"b/\\303\\244\\\"\"", "b/ä\""),
            ("b/plain", "b/plain"),
        ] {
            assert_eq!(unquoted(name.as_bytes()).as_deref(), Some(path));
        }
        assert_eq!(unquoted(b"\"b/\\3\""), None);
    }

    #[test]
    fn renames_are_pairs() {
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        assert_eq!(pairs(b"R100\0a/x\0b\ny\0R060\0c\0d\0"), [pair("a/x", "b\ny"), pair("c", "d")]);
        assert_eq!(pairs(b""), []);
    }

    #[test]
    fn odd_diffs_do_no_harm() {
        for diff in
            ["", "@@", "@@ -", "@@ -1 +", "@@ -9999999999 +1 @@\n+++ b/", "+++ \n@@ -0,0 +4294967295,9 @@\n"]
        {
            assert!(!parse(diff.as_bytes()).touch("x", 1, 1), "{diff}");
        }
    }
}
