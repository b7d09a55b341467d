//! Scalars: text and style, and the types that each consumer sees in them.

use smol_str::SmolStr;

/// A scalar as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text after escapes and folding; empty for an empty value.
    pub text: SmolStr,
    /// How it is written.
    pub style: Style,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// By whose table a plain scalar is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// Compose: go-yaml v3 and later, which reads YAML 1.2's core schema and the octal and binary numbers of 1.1; `yes`
    /// and `on` are text.
    Compose,
    /// Kubernetes: YAML 1.1 as `sigs.k8s.io/yaml` reads it; `yes` and `on` are booleans.
    Kubernetes,
    /// GitHub workflows: YAML 1.2's core schema.
    Core,
}

/// A scalar with its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    /// Nothing, `null`, `~`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction or an exponent, or beyond 64 bits.
    Float(f64),
    /// A text.
    Text(SmolStr),
    /// A date or a time as written, which go-yaml reads as a time (`2024-01-01`); for Compose only.
    Timestamp(SmolStr),
}

impl Scalar {
    /// A plain scalar.
    #[must_use]
    pub fn plain(text: impl Into<SmolStr>) -> Self {
        Self { text: text.into(), style: Style::Plain }
    }

    /// Whether it is written without quotes.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.style == Style::Plain
    }

    /// Whether it is an empty value, `null` or `~`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.is_plain() && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// The scalar with the type that a consumer sees.
    #[must_use]
    pub fn resolve(&self, typing: Typing) -> Resolved {
        if !self.is_plain() {
            return Resolved::Text(self.text.clone());
        }
        if self.is_null() {
            return Resolved::Null;
        }
        super::resolve::resolve(&self.text, typing).unwrap_or_else(|| Resolved::Text(self.text.clone()))
    }
    /// The scalar with the type that a consumer sees when it carries a tag, as go-yaml honours tags: `!!str` keeps the
    /// text, `!!int`, `!!float`, `!!bool` and `!!null` look into quotes as well, and what does not fit its tag stays a text.
    /// A tag of one's own (`!reset`) makes a text.
    #[must_use]
    pub fn resolve_tagged(&self, tag: Option<&str>, typing: Typing) -> Resolved {
        let text = || Resolved::Text(self.text.clone());
        let Some(tag) = tag else { return self.resolve(typing) };
        let Some(name) = core_name(tag) else { return text() };
        let plain = Self::plain(self.text.clone()).resolve(typing);
        match (name, plain) {
            ("int", value @ Resolved::Int(_))
            | ("float", value @ Resolved::Float(_))
            | ("bool", value @ Resolved::Bool(_))
            | ("null", value @ Resolved::Null)
            | ("timestamp", value @ Resolved::Timestamp(_)) => value,
            ("float", Resolved::Int(value)) => Resolved::Float(value as f64),
            _ => text(),
        }
    }
}

/// The name of a tag of YAML itself: `int` of `!!int` and `!<tag:yaml.org,2002:int>`.
fn core_name(tag: &str) -> Option<&str> {
    let verbatim = tag.strip_prefix("!<").and_then(|tag| tag.strip_suffix('>')).unwrap_or(tag);
    verbatim.strip_prefix("!!").or_else(|| verbatim.strip_prefix("tag:yaml.org,2002:"))
}
