//! The schema of the Compose Specification over the files of a project.
//!
//! One file's tree comes in, as Compose has it after interpolation and casts and before files are merged; what Compose
//! refuses of its keys, types and values comes out. The schema is the specification's own (`schemas/compose-spec.json`,
//! JSON Schema 2020-12); it is compiled when the first compose file is met.

use std::sync::OnceLock;

use smol_str::SmolStr;

use crate::model::{ProjectProblem, ProjectProblemKind};
use crate::syntax::schema::{Schema, Violation, ViolationKind};
use crate::syntax::yaml::{Node, Typing};

/// The Compose Specification, Apache-2.0; its notice and licence lie beside it.
const TEXT: &str = include_str!("../../../schemas/compose-spec.json");

/// What the specification refuses of one file. Of a part that is laid over others no key is missing: they may have it.
#[must_use]
pub(crate) fn check(tree: &Node, is_part: bool) -> Vec<ProjectProblem> {
    let Some(schema) = compiled() else { return Vec::new() };
    let violations = schema.check(tree, Typing::Compose);
    // Compose takes a later item for a correction of an equal one before it looks at the schema.
    let counts = |violation: &Violation| match violation.kind {
        ViolationKind::Unique => false,
        ViolationKind::Required => !is_part,
        _ => true,
    };
    let counted = violations.into_iter().filter(counts);
    counted.map(|violation| problem(tree, violation)).collect()
}

/// The vendored schema, compiled once. A test makes sure that it compiles.
fn compiled() -> Option<&'static Schema> {
    static SCHEMA: OnceLock<Option<Schema>> = OnceLock::new();
    SCHEMA.get_or_init(|| Schema::compile(TEXT).ok()).as_ref()
}

fn problem(tree: &Node, violation: Violation) -> ProjectProblem {
    let Violation { kind, path, place, message, help } = violation;
    let steps: Vec<&str> = path.iter().map(SmolStr::as_str).collect();
    if let (["services", service, "user"], ViolationKind::Type) = (steps.as_slice(), kind) {
        let text = place.text();
        if text.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
            return ProjectProblem {
                kind: ProjectProblemKind::UserType,
                message: format!(
                    "`user` of `{service}` is the number `{text}`, and Compose takes a string only"
                ),
                help: Some(format!("put it in quotes: `user: \"{text}\"`")),
                place,
                related: None,
            };
        }
    }
    let help = misplaced(tree, &steps, kind, &place.text()).or(help);
    ProjectProblem { kind: ProjectProblemKind::Schema, place, message, help, related: None }
}

/// What to do with a key that stands in the wrong mapping.
fn misplaced(tree: &Node, path: &[&str], kind: ViolationKind, key: &str) -> Option<String> {
    if kind != ViolationKind::UnknownKey {
        return None;
    }
    match path {
        // The first format of Compose had the services at the top.
        [] => {
            let value = tree.get(key)?;
            let is_service = value.get("image").or_else(|| value.get("build")).is_some();
            is_service.then(|| format!("put `{key}:` under `services:`, two blanks deeper"))
        }
        ["services"] => Some("a service's name has letters, digits, `.`, `_` and `-` only".to_owned()),
        ["services", _] => {
            RENAMED.iter().find(|(old, _)| *old == key).map(|(_, new)| format!("write `{new}`"))
        }
        _ => None,
    }
}

/// Keys of services that earlier formats had, and what stands for them.
const RENAMED: [(&str, &str); 5] = [
    ("net", "network_mode: …"),
    ("log_driver", "logging: {driver: …}"),
    ("log_opt", "logging: {options: …}"),
    ("dockerfile", "build: {dockerfile: …}"),
    ("args", "build: {args: …}"),
];

#[cfg(test)]
mod tests;
