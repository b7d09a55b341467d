//! The text of a starter plan: sections with settings, each on or off and with the reason behind it.
//!
//! Names come from repositories of strangers: values are quoted, and comments hold no line ends or control characters.

use crate::plan::toml_text;
pub(super) use crate::plan::toml_text::{key, list, string as quoted};

/// One `[table]` of the plan.
#[derive(Debug, Clone, Default)]
pub(super) struct Section {
    /// The table's name as TOML; empty: keys before the first table.
    pub(super) table: String,
    /// Sentences above it.
    pub(super) about: Vec<String>,
    /// Its settings.
    pub(super) settings: Vec<Setting>,
    /// Whether the table says something by its name alone: a machine that there is.
    pub(super) counts: bool,
}

/// One `key = value`.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// Whether it is in force; else it is a proposal behind `#`.
    pub(super) on: bool,
    /// `key = value` as TOML, on one line.
    pub(super) code: String,
    /// Where it comes from.
    pub(super) note: String,
}

/// Where a line of the text comes from: a section, and the setting in it unless it is the table's header.
pub(super) type LineOf = Option<(usize, Option<usize>)>;

impl Section {
    /// A table without settings.
    pub(super) fn new(table: &str) -> Self {
        Self { table: table.to_owned(), ..Self::default() }
    }

    /// Adds a setting.
    pub(super) fn set(&mut self, on: bool, code: String, note: impl Into<String>) {
        self.settings.push(Setting { on, code, note: note.into() });
    }

    /// Whether it names a machine.
    pub(super) fn is_machine(&self) -> bool {
        self.table.starts_with("machines.")
    }
}

impl Setting {
    /// Makes it a proposal that says what stands in its way; whether it was in force.
    pub(super) fn take_back(&mut self, message: &str) -> bool {
        if self.on {
            self.note = format!("{}; not in force, because {message}", self.note);
        }
        std::mem::take(&mut self.on)
    }
}

/// Columns up to which notes stand behind their settings in one column; longer settings have theirs a line above.
const NOTE_COLUMN: usize = 44;

/// The text of the sections, and which of its lines is which setting.
pub(super) fn render(head: &[String], sections: &[Section]) -> (String, Vec<LineOf>) {
    let (mut text, mut lines) = (String::new(), Vec::new());
    let mut push = |line: &str, of: LineOf| {
        text.push_str(line.trim_end());
        text.push('\n');
        lines.push(of);
    };
    head.iter().for_each(|line| push(&comment(line), None));
    for (at, section) in sections.iter().enumerate() {
        push("", None);
        section.about.iter().for_each(|line| push(&comment(line), None));
        let mark = |on: bool| if on { "" } else { "#" };
        if !section.table.is_empty() {
            let on = section.counts || section.settings.iter().any(|setting| setting.on);
            push(&format!("{}[{}]", mark(on), section.table), Some((at, None)));
        }
        let wide = section.settings.iter().map(|setting| setting.code.chars().count() + 1).max();
        let column = wide.unwrap_or(0).min(NOTE_COLUMN);
        for (position, setting) in section.settings.iter().enumerate() {
            let of = Some((at, Some(position)));
            let code = format!("{}{}", mark(setting.on), setting.code);
            if setting.note.is_empty() {
                push(&code, of);
            } else if code.chars().count() > NOTE_COLUMN {
                push(&comment(&setting.note), None);
                push(&code, of);
            } else {
                push(&format!("{code:column$}   {}", comment(&setting.note)), of);
            }
        }
    }
    (text, lines)
}

/// A sentence as a comment of one line.
fn comment(text: &str) -> String {
    format!("# {}", toml_text::comment(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_a_key_and_a_text_of_toml() {
        for name in
            ["web", "a b", "", "a\"b\\", "x\ny\r\t", "\u{1b}[2J", "\u{202e}x", "é", "\u{0}", "]=#'", "\u{7f}"]
        {
            let text = format!("{} = {}\n", key(name), quoted(name));
            let parsed = toml_span::parse(&text).unwrap_or_else(|error| unreachable!("{name:?}: {error}"));
            let table = parsed.as_table().map(|table| table.len());
            assert_eq!(table, Some(1), "{name:?}");
            assert_eq!(
                parsed.pointer("").and(parsed.as_table()).and_then(|table| table.get(name)?.as_str()),
                Some(name)
            );
            assert!(text.lines().count() == 1 && !text.contains('\u{1b}'), "{text:?}");
        }
    }

    #[test]
    fn a_note_never_ends_its_line() {
        let mut section = Section::new("user");
        section.set(true, "uid = 1".to_owned(), "of a\nuid = 2\u{1b}");
        section.set(false, format!("name = {}", quoted(&"n".repeat(90))), "long");
        let (text, lines) = render(&["one\r\ntwo".to_owned()], &[section]);
        assert_eq!(text.lines().count(), lines.len());
        assert_eq!(text.lines().next(), Some("# one\\r\\ntwo"));
        let at = |of| lines.iter().position(|line| *line == of);
        assert_eq!(
            (at(Some((0, None))), at(Some((0, Some(0)))), at(Some((0, Some(1))))),
            (Some(2), Some(3), Some(5))
        );
        assert!(
            text.lines()
                .nth(3)
                .is_some_and(|line| line.starts_with("uid = 1 ") && line.contains("\\nuid = 2"))
        );
        assert!(text.lines().nth(5).is_some_and(|line| line.starts_with("#name = \"nnn")), "{text}");
        assert!(toml_span::parse(&text).is_ok(), "{text}");
    }
}
