//! Tables of Markdown: texts in, cells out that give them back. Knows nothing of what a plan says.

use std::fmt::{Display, Write as _};

use smol_str::SmolStr;

use crate::model::{PlannedScalar, Spanned};
use crate::plan::cell_text;

/// A text as code, in quotes where code alone would change it.
pub(super) fn code(text: &str) -> String {
    marked(&cell_text(text, false))
}

/// Texts as a list of codes.
pub(super) fn codes<'a>(texts: impl IntoIterator<Item = &'a SmolStr>) -> String {
    texts.into_iter().map(|text| marked(&cell_text(text, true))).collect::<Vec<_>>().join(", ")
}

/// Table cells are split before code is read.
fn marked(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// Keys of the plan with their values, each as a cell.
#[derive(Default)]
pub(super) struct Keys(pub(super) Vec<Vec<String>>);

impl Keys {
    /// A key with a cell as it is.
    pub(super) fn cell(&mut self, key: &str, cell: String) {
        self.0.push(vec![code(key), cell]);
    }

    /// A key with a text.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.cell(key, code(value));
    }

    /// A key with what it says, if it says anything.
    pub(super) fn value<T: Display>(&mut self, key: &str, value: Option<&Spanned<T>>) {
        if let Some(value) = value {
            self.text(key, &value.value.to_string());
        }
    }

    /// A key with a scalar: a text that looks like another kind of value is told apart by its quotes.
    pub(super) fn scalar(&mut self, key: &str, value: &PlannedScalar) {
        match value {
            PlannedScalar::Text(text) if text.parse::<f64>().is_ok() || text == "true" || text == "false" => {
                self.cell(key, format!("`\"{text}\"`"));
            }
            other => self.text(key, &other.to_string()),
        }
    }

    /// A key with a list, if there is one.
    pub(super) fn list<'a>(&mut self, key: &str, values: impl IntoIterator<Item = &'a Spanned<SmolStr>>) {
        let cell = codes(values.into_iter().map(|value| &value.value));
        if !cell.is_empty() {
            self.cell(key, cell);
        }
    }

    /// Keys of the user's own.
    pub(super) fn pairs(&mut self, path: &str, values: &[(SmolStr, Spanned<SmolStr>)]) {
        for (key, value) in values {
            self.value(&format!("{path}.{key}"), Some(value));
        }
    }
}

/// A Markdown document of tables.
pub(super) struct Document {
    pub(super) text: String,
}

impl Document {
    /// A document that begins with a text.
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// A table of keys.
    pub(super) fn keys(&mut self, heading: &str, keys: Keys) {
        self.table(heading, &["Key", "Value"], keys.0);
    }

    /// A heading and its table; nothing where there are no rows.
    pub(super) fn table(&mut self, heading: &str, header: &[&str], rows: Vec<Vec<String>>) {
        if rows.is_empty() {
            return;
        }
        let _ = write!(
            self.text,
            "\n## {heading}\n\n| {} |\n|{}\n",
            header.join(" | "),
            "---|".repeat(header.len())
        );
        for row in rows {
            self.text.push('|');
            for cell in row {
                let _ = write!(self.text, " {cell}{}|", if cell.is_empty() { "" } else { " " });
            }
            self.text.push('\n');
        }
    }
}
