//! The pattern that tags of the fleet's own images match.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use smol_str::SmolStr;

/// Memory one compiled pattern may take, in bytes: thousand times what a date and a commit need.
const MAX_COMPILED: usize = 1 << 20;

/// A regular expression over image tags, compiled on first use.
#[derive(Debug, Clone)]
pub struct TagPattern {
    text: SmolStr,
    compiled: OnceLock<Result<Regex, String>>,
}

impl TagPattern {
    /// The pattern of this text; nothing is compiled yet.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: SmolStr::from(text), compiled: OnceLock::new() }
    }

    /// The pattern as the plan writes it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the pattern can be used.
    ///
    /// # Errors
    /// Why not, in one line.
    pub fn validate(&self) -> Result<(), &str> {
        self.compiled().as_ref().map(|_| ()).map_err(String::as_str)
    }

    /// Whether a tag matches, in time linear in its length. The pattern is not anchored unless it says so; one that
    /// cannot be compiled matches nothing.
    #[must_use]
    pub fn matches(&self, tag: &str) -> bool {
        self.compiled().as_ref().is_ok_and(|regex| regex.is_match(tag.as_bytes()))
    }

    fn compiled(&self) -> &Result<Regex, String> {
        self.compiled.get_or_init(|| {
            // Tags are ASCII (distribution specification), so the tables of Unicode classes are not built in.
            RegexBuilder::new(&self.text)
                .unicode(false)
                .size_limit(MAX_COMPILED)
                .dfa_size_limit(MAX_COMPILED)
                .nest_limit(50)
                .build()
                .map_err(|error| {
                    let text = error.to_string();
                    // The first lines of a syntax error show the pattern and a caret; the last says what is wrong.
                    let line = text.lines().last().unwrap_or_default();
                    line.trim_start_matches("error: ").to_owned()
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::TagPattern;

    #[test]
    fn tags_of_date_and_commit() {
        let pattern = TagPattern::new(r"^\d{8}-[0-9a-f]{7,40}$");
        assert!(pattern.matches("20250812-abcdef0"));
        assert!(!pattern.matches("20250812-latest"));
        assert!(!pattern.matches("latest"));
    }

    #[test]
    fn patterns_that_cannot_be_used_say_why() {
        let nested = "(".repeat(5000);
        for bad in ["(", "[0-9", "(?:(?:a{1000}){1000}){1000}", r"\p{Greek}", nested.as_str()] {
            let pattern = TagPattern::new(bad);
            let why = pattern.validate().expect_err("unusable");
            assert!(!why.is_empty() && !why.contains('\n'), "{why}");
            assert!(!pattern.matches("a"));
        }
    }
}
