//! JSON Schema over a body of an answer, which has no lines to point at: the first error, and the path of the value.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

use super::message::{label, list, one_of, plain, shown};

/// Values of the schema that a message names.
const MAX_NAMED: usize = 8;

/// A schema of bodies. It is compiled when the first body is held against it, or when somebody asks whether it can be.
pub struct BodySchema {
    text: Cow<'static, str>,
    validator: OnceLock<Result<Validator, String>>,
}

/// The first thing in a body that its schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyFault {
    /// What is wrong with which value (`endpoints[0].uri`), one sentence without a full stop. What the value is does not
    /// stand in it: it may be a secret.
    pub message: String,
}

impl BodySchema {
    /// A schema of this text.
    #[must_use]
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), validator: OnceLock::new() }
    }

    /// Whether it can be used.
    ///
    /// # Errors
    /// When the text is no JSON, or no schema, or refers to another file: one sentence.
    pub fn verify(&self) -> Result<(), String> {
        self.validator().as_ref().map(drop).map_err(Clone::clone)
    }

    /// The first thing that is wrong with a body. A schema that cannot be used refuses everything.
    #[must_use]
    pub fn first_fault(&self, body: &Value) -> Option<BodyFault> {
        match self.validator() {
            Ok(validator) => validator.iter_errors(body).next().map(|error| fault(error, body)),
            Err(why) => Some(BodyFault { message: format!("the schema {why}") }),
        }
    }

    fn validator(&self) -> &Result<Validator, String> {
        self.validator.get_or_init(|| {
            let text = self.text.strip_prefix('\u{feff}').unwrap_or(&self.text);
            let value: Value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
            // Patterns run in linear time: answers are hostile.
            let options = jsonschema::options().with_pattern_options(PatternOptions::regex()).offline();
            options.build(&value).map_err(|error| format!("is no JSON Schema: {error}"))
        })
    }
}

impl fmt::Debug for BodySchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodySchema").finish_non_exhaustive()
    }
}

fn fault(error: ValidationError<'_>, body: &Value) -> BodyFault {
    let steps = super::choose::path(&error);
    let label = if steps.is_empty() { "the body".to_owned() } else { label(&steps) };
    let found = body.pointer(error.instance_path().as_str()).map_or("something else", kind_of);
    let message = match error.kind() {
        Kind::Required { property } => format!("{label} has no `{}`", shown(&plain(property))),
        Kind::Type { kind: TypeKind::Single(kind) } => {
            format!("{label} is {found}, not {}", one_of(&[*kind]))
        }
        Kind::Type { kind: TypeKind::Multiple(kinds) } => {
            format!("{label} is {found}, not {}", one_of(&kinds.iter().collect::<Vec<_>>()))
        }
        Kind::Enum { options } => {
            let options: Vec<String> = options
                .as_array()
                .into_iter()
                .flatten()
                .take(MAX_NAMED)
                .map(|it| shown(&plain(it)))
                .collect();
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            format!("{label} is none of {}", list(&options))
        }
        Kind::Constant { expected_value } => format!("{label} is not `{}`", shown(&plain(expected_value))),
        Kind::Pattern { pattern } => format!("{label} does not match `{}`", shown(pattern)),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let first = unexpected.first().map_or("", String::as_str);
            format!("{label} has `{}`, which the schema does not know", shown(first))
        }
        kind => format!("{label} does not satisfy `{}`", kind.keyword()),
    };
    BodyFault { message }
}

/// What a value is, with its article.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_fault_names_the_value() {
        let schema = BodySchema::new(
            r#"{"type": "object", "required": ["status"], "properties": {
                "status": {"enum": ["ok", "healthy"]}, "name": {"type": "string", "pattern": "^[a-z]+$"},
                "list": {"type": "array", "minItems": 1, "items": {"required": ["uri"], "additionalProperties": false,
                    "properties": {"uri": {"type": ["string", "null"]}}}}, "one": {"const": 1}}}"#,
        );
        assert_eq!(schema.verify(), Ok(()));
        let cases = [
            (json!({"status": "ok", "more": 1}), None),
            (json!({}), Some("the body has no `status`")),
            (json!([]), Some("the body is a list, not a mapping")),
            (json!({"status": "secret"}), Some("`status` is none of `ok`, `healthy`")),
            (json!({"status": "ok", "name": 1}), Some("`name` is a number, not a string")),
            (json!({"status": "ok", "name": "A"}), Some("`name` does not match `^[a-z]+$`")),
            (json!({"status": "ok", "one": 2}), Some("`one` is not `1`")),
            (json!({"status": "ok", "list": []}), Some("`list` does not satisfy `minItems`")),
            (json!({"status": "ok", "list": [{"uri": "a"}, {}]}), Some("`list[1]` has no `uri`")),
            (
                json!({"status": "ok", "list": [{"uri": 1}]}),
                Some("`list[0].uri` is a number, not a string or empty"),
            ),
            (
                json!({"status": "ok", "list": [{"uri": "a", "x": 1}]}),
                Some("`list[0]` has `x`, which the schema does not know"),
            ),
        ];
        for (body, want) in cases {
            let fault = schema.first_fault(&body);
            assert_eq!(fault.as_ref().map(|fault| fault.message.as_str()), want, "{body}");
        }
    }

    #[test]
    fn what_is_no_schema_is_an_error() {
        let cases = [
            ("{", "is no JSON: "),
            ("{\"type\": 3}", "is no JSON Schema: "),
            ("{\"$ref\": \"http://127.0.0.1:1/x.json\"}", "is no JSON Schema: "),
            ("{\"pattern\": \"(a)\\\\1\"}", "is no JSON Schema: "),
        ];
        for (text, want) in cases {
            let schema = BodySchema::new(text);
            assert!(schema.verify().is_err_and(|why| why.starts_with(want)), "{text}");
            assert!(schema.first_fault(&json!({})).is_some(), "{text}");
        }
        assert_eq!(BodySchema::new("\u{feff}{}").verify(), Ok(()));
    }
}
