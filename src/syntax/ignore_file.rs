//! `.dockerignore`: bytes in, ordered patterns with spans out, and the question whether a path is left out.
//!
//! Reads as BuildKit does: lines by `patternmatcher/ignorefile`, matching by moby's `patternmatcher`
//! (`MatchesOrParentMatches`): the last pattern that matches a path or one of its folders decides, `!` takes back.
//! Nothing here reads files or knows which folders a plan wants left out.

use super::wildcard::{Budget, Matched, Wildcard};
use crate::path;
use crate::source::Span;

/// Patterns beyond this number are not read; the file says so in [`IgnoreFile::truncated`].
const MAX_PATTERNS: usize = 4096;
/// Steps that one question may cost.
const STEPS: usize = 1 << 19;
/// A path component that no pattern names.
const ANY_NAME: &str = "plimsoll-any-name";

/// One ignore file.
#[derive(Debug, Clone, Default)]
pub struct IgnoreFile {
    /// The patterns in order.
    pub patterns: Vec<Pattern>,
    /// Lines that are no valid pattern (an open `[`, a lone `!`); Docker refuses to build with them.
    pub invalid: Vec<Span>,
    /// Whether the file holds more patterns than are read.
    pub truncated: bool,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The pattern, cleaned, without `!`.
    pub text: String,
    /// Whether it takes back (`!`).
    pub negated: bool,
    /// The line without the blanks around it, `!` included; bytes of the file.
    pub span: Span,
    /// Its line, from 1.
    pub line: u32,
    wildcard: Wildcard,
}

/// How far a folder of some name is left out.
#[derive(Debug, Clone, Copy)]
pub enum Coverage<'a> {
    /// At the root of the context and below every folder.
    Everywhere,
    /// At the root only, by this pattern.
    RootOnly(&'a Pattern),
    /// Not at the root.
    Not,
    /// It would be, but this pattern takes it back.
    ReincludedBy(&'a Pattern),
}

/// Reads an ignore file. Never fails: what is no pattern is listed.
#[must_use]
pub fn parse(bytes: &[u8]) -> IgnoreFile {
    let mut file = IgnoreFile::default();
    let mut start = 0;
    let mut line = 0;
    while start < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
        line += 1;
        let mut from = start;
        if line == 1 && bytes.starts_with(b"\xEF\xBB\xBF") {
            from += 3;
        }
        if file.patterns.len() >= MAX_PATTERNS {
            file.truncated = true;
            return file;
        }
        read_line(&bytes[from..end], from, line, &mut file);
        start = end + 1;
    }
    file
}

fn read_line(bytes: &[u8], offset: usize, line: u32, file: &mut IgnoreFile) {
    // A comment starts in the first column; `  # x` is a pattern.
    if bytes.first() == Some(&b'#') {
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return;
    }
    // Unicode blanks are valid text, so their length is the same in the bytes.
    let start = offset + (text.len() - text.trim_start().len());
    let end = offset + bytes.len() - (text.len() - text.trim_end().len());
    let span = Span::new(start as u32, end as u32);
    let (negated, body) = match trimmed.strip_prefix('!') {
        Some(rest) => (true, rest.trim()),
        None => (false, trimmed),
    };
    let text = clean(body);
    match Wildcard::new(&text) {
        Some(wildcard) if !body.is_empty() => {
            file.patterns.push(Pattern { text, negated, span, line, wildcard });
        }
        _ => file.invalid.push(span),
    }
}

/// Go's `filepath.Clean`, then without the leading `/`.
fn clean(path: &str) -> String {
    match path::clean(path) {
        cleaned if cleaned.len() > 1 => cleaned.trim_start_matches('/').to_owned(),
        cleaned => cleaned,
    }
}

impl IgnoreFile {
    /// The pattern that leaves a path out; `None` when the path is in the context. `path` is relative to the context's
    /// root, with `/`; a leading `/` or `./` does not matter. A path inside a folder that is left out is left out.
    #[must_use]
    pub fn ignored(&self, path: &str) -> Option<&Pattern> {
        self.decide(path).filter(|pattern| !pattern.negated)
    }

    /// Whether a pattern takes something back, so that parts of a folder that is left out may still be in.
    #[must_use]
    pub fn has_exceptions(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.negated)
    }

    /// The last pattern that changes whether the path is in.
    fn decide(&self, path: &str) -> Option<&Pattern> {
        let path = clean(path);
        let mut budget = Budget::new(STEPS);
        let mut decision: Option<&Pattern> = None;
        for pattern in &self.patterns {
            let out = decision.is_some_and(|decision| !decision.negated);
            if pattern.negated == out && pattern.wildcard.find(&path, &mut budget) != Matched::No {
                decision = Some(pattern);
            }
        }
        decision
    }

    /// How far a folder of this name (`models/`, `__pycache__`, also `*.egg-info`) would be left out with all that it
    /// holds.
    #[must_use]
    pub fn covers(&self, folder: &str) -> Coverage<'_> {
        let name = clean(folder.trim_start_matches("**/")).replace('*', ANY_NAME);
        let name = name.as_str();
        let at_root = [format!("{name}/{ANY_NAME}"), format!("{name}/{ANY_NAME}/{ANY_NAME}")];
        let mut root = None;
        for path in &at_root {
            match self.decide(path) {
                None => return Coverage::Not,
                Some(pattern) if pattern.negated => return Coverage::ReincludedBy(pattern),
                Some(pattern) => root = Some(pattern),
            }
        }
        let Some(root) = root else { return Coverage::Not };
        let mut above = String::new();
        for _ in 0..3 {
            above.push_str(ANY_NAME);
            above.push('/');
            if at_root.iter().any(|path| self.ignored(&format!("{above}{path}")).is_none()) {
                return Coverage::RootOnly(root);
            }
        }
        Coverage::Everywhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_buildkit_reads_them() {
        let text = b"\xEF\xBB\xBF# no\r\n  a/ \n\n  # yes\n! b/../c//d \n/e/\n!\n[\n";
        let file = parse(text);
        let seen: Vec<_> = file.patterns.iter().map(|it| (it.text.as_str(), it.negated, it.line)).collect();
        assert_eq!(seen, [("a", false, 2), ("# yes", false, 4), ("c/d", true, 5), ("e", false, 6)]);
        assert_eq!(&text[file.patterns[0].span.range()], b"a/");
        assert_eq!(&text[file.patterns[2].span.range()], b"! b/../c//d");
        assert_eq!(file.invalid.len(), 2);
    }

    #[test]
    fn the_last_match_decides() {
        let table = [
            ("node_modules\n", "node_modules/a/b.js", Some(1)),
            ("node_modules\n", "web/node_modules/a", None),
            ("**/node_modules\n", "web/node_modules/a", Some(1)),
            ("*\n!app\n", "app/x.py", None),
            ("*\n!app\n", "data/x", Some(1)),
            ("*\n!app\napp/secret\n", "app/secret/k", Some(3)),
            ("!app\n*\n", "app/x", Some(2)),
            ("data\n!data/keep\n", "data/keep/x", None),
            ("data\n!data/keep\n", "data/x", Some(1)),
            ("/logs/\n", "logs/a", Some(1)),
            ("*.md\n!README.md\n", "README.md", None),
            ("*.md\n!README.md\n", "docs/a.md", None),
            ("**/*.md\n", "docs/a.md", Some(1)),
            (".\n", "a", None),
            ("**\n", "a/b", Some(1)),
            ("a\n", "./a", Some(1)),
            ("a\n", "/a", Some(1)),
            ("A\n", "a", None),
        ];
        for (text, path, line) in table {
            let file = parse(text.as_bytes());
            assert_eq!(file.ignored(path).map(|it| it.line), line, "{text:?} on {path}");
        }
    }

    #[test]
    fn coverage_of_folders() {
        let name = |coverage: Coverage<'_>| match coverage {
            Coverage::Everywhere => "everywhere".to_owned(),
            Coverage::RootOnly(pattern) => format!("root {}", pattern.line),
            Coverage::Not => "not".to_owned(),
            Coverage::ReincludedBy(pattern) => format!("back {}", pattern.line),
        };
        let table = [
            ("models/\n", "models/", "root 1"),
            ("**/models\n", "models/", "everywhere"),
            ("**/models/**\n", "models/", "everywhere"),
            ("models/*\n", "models/", "root 1"),
            ("*\n", "models", "everywhere"),
            ("*\n!models\n", "models/", "back 2"),
            ("*\n!models/**\n", "models/", "back 2"),
            ("models\n!models/.gitkeep\n", "models/", "root 1"),
            ("*/models\n", "models", "not"),
            ("models/*.bin\n", "models", "not"),
            ("!models\n", "models", "not"),
            ("", "models", "not"),
            ("**/*.egg-info\n", "*.egg-info", "everywhere"),
            ("**/__pycache__\n", "**/__pycache__/", "everywhere"),
        ];
        for (text, folder, wanted) in table {
            assert_eq!(name(parse(text.as_bytes()).covers(folder)), wanted, "{text:?} on {folder}");
        }
    }

    #[test]
    fn hostile_files_cost_little() {
        let started = std::time::Instant::now();
        let many = "*a*b*c*d*e*f\n".repeat(100_000);
        let file = parse(many.as_bytes());
        assert!(file.truncated);
        assert!(file.ignored(&"ab".repeat(2000)).is_none());
        assert!(parse("*".repeat(10_000).as_bytes()).ignored("a").is_none());
        assert!(parse(b"\xFF\xFE\n\0\n").ignored("a").is_none());
        assert!(started.elapsed().as_secs() < 5);
    }

    #[test]
    fn no_bytes_are_too_odd() {
        let alphabet = b"*?[]^-!\\/.ab# \n\r\xFF\xC3\xA9{}$";
        let mut seed = 7_u64;
        for _ in 0..20_000 {
            let mut text = Vec::new();
            for _ in 0..20 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push(alphabet[(seed >> 33) as usize % alphabet.len()]);
            }
            let file = parse(&text);
            for pattern in &file.patterns {
                assert!(pattern.span.end as usize <= text.len() && !pattern.span.is_empty());
                assert!(!text[pattern.span.range()].contains(&b'\n'));
            }
            assert!(file.ignored("a/b/ab").is_none_or(|pattern| !pattern.negated));
            let covered = !matches!(file.covers("a/"), Coverage::Not);
            assert!(!covered || !file.patterns.is_empty());
        }
    }
}
