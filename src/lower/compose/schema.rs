//! The schema of the Compose Specification over the files of a project.
//!
//! One file's tree comes in, as Compose has it after interpolation and casts and before files are merged; what Compose
//! refuses of its keys, types and values comes out. The schema is the specification's own (`schemas/compose-spec.json`,
//! JSON Schema 2020-12); it is compiled when the first compose file is met.

use std::sync::OnceLock;

use smol_str::SmolStr;

use super::merge::POSITIONS;
use crate::model::{ProjectProblem, ProjectProblemKind};
use crate::syntax::schema::{Schema, Violation, ViolationKind};
use crate::syntax::yaml::{Node, Typing};

/// The Compose Specification, Apache-2.0; its notice and licence lie beside it.
const TEXT: &str = include_str!("../../../schemas/compose-spec.json");

/// What a document is to the project: Compose looks at the schema when the document is laid over what came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The first one.
    First,
    /// One that is laid over others.
    Part,
    /// One that services of others start from: it counts as far as they use it.
    Bases,
}

/// Something that the specification refuses.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// What is told of it.
    pub(crate) problem: ProjectProblem,
    /// The keys and indices that lead to it.
    pub(crate) path: Vec<SmolStr>,
    /// Whether what stood there before may make it right: an empty value says nothing, and a list that is merged by
    /// positions may have empty items.
    pub(crate) is_doubtful: bool,
}

/// What the specification refuses of one document. Of a part that is laid over others, and of a service that starts from
/// another one, no key is missing: they may have it.
#[must_use]
pub(crate) fn check(tree: &Node, role: Role) -> Vec<Refusal> {
    let Some(schema) = compiled() else { return Vec::new() };
    let violations = schema.check(tree, Typing::Compose);
    // Compose takes a later item for a correction of an equal one before it looks at the schema.
    let counts = |violation: &Violation| match violation.kind {
        ViolationKind::Unique => false,
        ViolationKind::Required => role == Role::First && !extends(tree, &violation.path),
        _ => true,
    };
    let counted = violations.into_iter().filter(counts);
    let refusal = |violation: Violation| Refusal {
        path: violation.path.clone(),
        is_doubtful: is_doubtful(tree, &violation.path),
        problem: problem(tree, violation),
    };
    counted.map(refusal).filter(|refusal| !refusal.is_doubtful || !extends(tree, &refusal.path)).collect()
}

/// Whether a path is that of a service that starts from another one.
fn extends(tree: &Node, path: &[SmolStr]) -> bool {
    let [services, name, ..] = path else { return false };
    services == "services" && tree.at(&["services", name.as_str(), "extends"]).is_some()
}

fn is_doubtful(tree: &Node, path: &[SmolStr]) -> bool {
    let mut node = tree;
    for step in path {
        if node.tag() == Some(POSITIONS) {
            return true;
        }
        let next = match node.is_sequence() {
            true => step.parse().ok().and_then(|at: usize| node.items().get(at)),
            false => node.get(step),
        };
        let Some(next) = next else { return false };
        node = next;
    }
    node.is_null()
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
