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
        boolean(&self.text, typing)
            .map(Resolved::Bool)
            .or_else(|| integer(&self.text, typing).map(Resolved::Int))
            .or_else(|| float(&self.text).map(Resolved::Float))
            .unwrap_or_else(|| Resolved::Text(self.text.clone()))
    }
}

fn boolean(text: &str, typing: Typing) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" if typing == Typing::Kubernetes => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" if typing == Typing::Kubernetes => Some(false),
        _ => None,
    }
}

fn integer(text: &str, typing: Typing) -> Option<i64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    if !digits.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let plain: String = match typing {
        Typing::Core => digits.to_owned(),
        Typing::Compose | Typing::Kubernetes => digits.replace('_', ""),
    };
    let radix = |prefix: &str, radix: u32| {
        let rest = plain.strip_prefix(prefix)?;
        i64::from_str_radix(rest, radix).ok().filter(|_| !rest.starts_with(['-', '+']))
    };
    let value = match plain.as_bytes() {
        [b'0', b'x', ..] => radix("0x", 16),
        [b'0', b'o', ..] => radix("0o", 8),
        [b'0', b'b', ..] if typing != Typing::Core => radix("0b", 2),
        [b'0', _, ..] if typing != Typing::Core => radix("0", 8),
        _ => plain.bytes().all(|byte| byte.is_ascii_digit()).then(|| plain.parse().ok()).flatten(),
    };
    value.map(|value| sign * value)
}

fn float(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let numeric = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'-' | b'+'));
    let first = digits.bytes().next()?;
    let starts =
        first.is_ascii_digit() || (first == b'.' && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit));
    (numeric && starts).then(|| text.parse().ok()).flatten()
}
