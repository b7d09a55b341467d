//! JSON Schema over YAML and JSON trees: a schema and a tree come in, violations with places and readable messages come
//! out.
//!
//! The only module that knows the JSON Schema library. Trees are judged as they are, nothing is copied. Nothing here
//! knows what a schema is about; external references are never fetched.

mod body;
mod choose;
mod instance;
mod known;
mod message;

use std::fmt;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;
use smol_str::SmolStr;

pub use self::body::{BodyFault, BodySchema};
use self::instance::{Handle, Yaml};
use super::yaml::{Node, Typing};
use crate::source::Place;

/// Violations that are told of one tree.
const MAX_VIOLATIONS: usize = 64;

/// A schema, compiled.
pub struct Schema {
    text: Value,
    validator: Validator<Yaml>,
}

/// Something in a tree that its schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What kind.
    pub kind: ViolationKind,
    /// The keys and indices that lead to it; of an unknown key the mapping that holds it.
    pub path: Vec<SmolStr>,
    /// The key or value that is wrong; for something missing the key of the mapping that lacks it.
    pub place: Place,
    /// One sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Violation {
    /// Whether it says that the outermost mapping lacks this key.
    #[must_use]
    pub fn lacks(&self, key: &str) -> bool {
        self.kind == ViolationKind::Required
            && self.path.is_empty()
            && self.message.ends_with(&format!("`{key}`"))
    }
}

/// What kind of violation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViolationKind {
    /// A key that the schema does not know.
    UnknownKey,
    /// A value of another type.
    Type,
    /// A value that is not one of the allowed ones.
    Enum,
    /// A key is missing.
    Required,
    /// A list holds one item twice.
    Unique,
    /// Anything else: a pattern, a bound.
    Other,
}

impl Schema {
    /// Compiles the text of a schema. Patterns run in linear time; a pattern that cannot is an error.
    ///
    /// # Errors
    /// When the text is no JSON, or no schema, or refers to another file: one sentence.
    pub fn compile(text: &str) -> Result<Self, String> {
        let text: Value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
        let options =
            jsonschema::options_for::<Yaml>().with_pattern_options(PatternOptions::regex()).offline();
        let validator = options.build(&text).map_err(|error| format!("is no JSON Schema: {error}"))?;
        Ok(Self { text, validator })
    }

    /// What a tree breaks, in the order of the text. Scalars have the types that a consumer sees in them.
    #[must_use]
    pub fn check(&self, root: &Node, typing: Typing) -> Vec<Violation> {
        let handle = Handle::Node(root, typing);
        // Most trees are valid, and the bare answer costs a fraction of the reasons.
        if self.validator.is_valid(handle) {
            return Vec::new();
        }
        let leaves = choose::leaves(self.validator.iter_errors(handle));
        let words = message::Words { schema: &self.text, root, typing };
        let mut violations: Vec<Violation> = Vec::new();
        for leaf in leaves.iter().take(MAX_VIOLATIONS * 4) {
            for violation in words.of(leaf) {
                if violations.len() < MAX_VIOLATIONS && !violations.contains(&violation) {
                    violations.push(violation);
                }
            }
        }
        violations.sort_by_key(|violation| violation.place.span.start);
        violations
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
