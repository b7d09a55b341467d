//! Interpolation of a document: variables into its values, and the types that Compose gives texts at some paths.
//!
//! Keys are never interpolated. A text stays a text, whatever a variable makes of it, unless its path has a type
//! (compose-go: `interpolation`, and the table of casts in `loader/interpolate.go`).

use std::sync::LazyLock;

use smol_str::SmolStr;

use super::environment::Environment;
use super::numbers;
use super::patterns::{Patterns, State};
use super::problems::Problems;
use super::template::{TemplateError, substitute};
use super::tree;
use crate::model::ProjectProblemKind;
use crate::syntax::yaml::{Node, Scalar, Style, Value, VariableUse};

/// The type of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cast {
    Whole,
    Fraction,
    Truth,
}

use Cast::{Fraction, Truth, Whole};

static CASTS: LazyLock<Patterns<Cast>> = LazyLock::new(|| {
    Patterns::new(&[
        ("services.*.configs.*.mode", Whole),
        ("services.*.cpu_count", Whole),
        ("services.*.cpu_percent", Fraction),
        ("services.*.cpu_period", Whole),
        ("services.*.cpu_quota", Whole),
        ("services.*.cpu_rt_period", Whole),
        ("services.*.cpu_rt_runtime", Whole),
        ("services.*.cpus", Fraction),
        ("services.*.cpu_shares", Whole),
        ("services.*.init", Truth),
        ("services.*.depends_on.*.required", Truth),
        ("services.*.depends_on.*.restart", Truth),
        ("services.*.deploy.replicas", Whole),
        ("services.*.deploy.update_config.parallelism", Whole),
        ("services.*.deploy.update_config.max_failure_ratio", Fraction),
        ("services.*.deploy.rollback_config.parallelism", Whole),
        ("services.*.deploy.rollback_config.max_failure_ratio", Fraction),
        ("services.*.deploy.restart_policy.max_attempts", Whole),
        ("services.*.deploy.placement.max_replicas_per_node", Whole),
        ("services.*.healthcheck.retries", Whole),
        ("services.*.healthcheck.disable", Truth),
        ("services.*.oom_kill_disable", Truth),
        ("services.*.oom_score_adj", Whole),
        ("services.*.pids_limit", Whole),
        ("services.*.ports.*.target", Whole),
        ("services.*.privileged", Truth),
        ("services.*.read_only", Truth),
        ("services.*.scale", Whole),
        ("services.*.secrets.*.mode", Whole),
        ("services.*.stdin_open", Truth),
        ("services.*.tty", Truth),
        ("services.*.ulimits.*", Whole),
        ("services.*.ulimits.*.hard", Whole),
        ("services.*.ulimits.*.soft", Whole),
        ("services.*.volumes.*.read_only", Truth),
        ("services.*.volumes.*.volume.nocopy", Truth),
        ("networks.*.external", Truth),
        ("networks.*.internal", Truth),
        ("networks.*.attachable", Truth),
        ("networks.*.enable_ipv4", Truth),
        ("networks.*.enable_ipv6", Truth),
        ("volumes.*.external", Truth),
        ("secrets.*.external", Truth),
        ("configs.*.external", Truth),
    ])
});

/// Puts variables into the values of a document and casts what has a type. `budget` is in bytes.
pub(super) fn interpolate(
    root: &mut Node,
    environment: &Environment,
    problems: &mut Problems,
    budget: &mut usize,
) {
    let mut open: Vec<(&mut Node, State)> = vec![(root, CASTS.root())];
    while let Some((node, state)) = open.pop() {
        if matches!(node.value, Value::Scalar(_)) {
            scalar(node, state, environment, problems, budget);
            continue;
        }
        match &mut node.value {
            Value::Mapping(entries) => open.extend(entries.iter_mut().rev().map(|entry| {
                let state = entry.key.text().map_or(state, |key| CASTS.key(state, key));
                (&mut entry.value, state)
            })),
            Value::Sequence(items) => {
                let state = CASTS.item(state);
                open.extend(items.iter_mut().rev().map(|item| (item, state)));
            }
            Value::Scalar(_) => {}
        }
    }
}

fn scalar(
    node: &mut Node,
    state: State,
    environment: &Environment,
    problems: &mut Problems,
    budget: &mut usize,
) {
    let cast = CASTS.meaning(state);
    let Some(text) = tree::as_text(node) else { return };
    if memchr::memchr(b'$', text.as_bytes()).is_some() {
        let done = substitute(text, &|name| environment.get(name), budget);
        match done {
            Ok(done) => {
                let style = node.scalar().map_or(Style::DoubleQuoted, |scalar| match scalar.style {
                    Style::Plain => Style::DoubleQuoted,
                    style => style,
                });
                node.value = Value::Scalar(Scalar { text: SmolStr::from(done.text), style });
                if done.variables.iter().any(|variable| !variable.is_set) {
                    problems.open(&node.place);
                }
                for variable in done.variables.iter().filter(|variable| variable.is_set) {
                    problems.used(&variable.name, environment.get(&variable.name).unwrap_or_default());
                }
                if !done.variables.is_empty() {
                    node.properties_mut().variables = done.variables;
                }
            }
            Err(error) => return refuse(node, &error, problems),
        }
    }
    if let Some(cast) = cast {
        apply(node, cast, problems);
    }
}

fn refuse(node: &mut Node, error: &TemplateError, problems: &mut Problems) {
    match error {
        TemplateError::Malformed => problems.add(
            ProjectProblemKind::Interpolation,
            &node.place,
            "`${` starts a variable that Compose cannot read",
            Some("write `$$` for a `$` that starts no variable".to_owned()),
        ),
        TemplateError::Required(required, message) => {
            // The text stays as written, and nobody knows what it becomes.
            problems.open(&node.place);
            let (name, argument) = (required.clone(), message.as_str().into());
            let unset = VariableUse { name, operator: ":?".into(), argument, is_set: false };
            node.properties_mut().variables.push(unset);
            let message = if message.is_empty() { String::new() } else { format!(": {message}") };
            problems.add(
                ProjectProblemKind::Required,
                &node.place,
                format!("the variable `{required}` must have a value{message}"),
                None,
            );
        }
        TemplateError::TooLarge => problems.add(
            ProjectProblemKind::Interpolation,
            &node.place,
            "the values that variables put in grow beyond the tool's limit",
            None,
        ),
    }
}

/// Makes the type of a path out of a text.
fn apply(node: &mut Node, cast: Cast, problems: &mut Problems) {
    let Some(text) = tree::as_text(node) else { return };
    let (cast, wanted) = match cast {
        Whole => (whole(text), "a whole number"),
        Fraction => {
            (text.trim().parse().ok().filter(|_| text.trim() == text).map(numbers::float), "a number")
        }
        Truth => (truth(text).map(SmolStr::new_static), "`true` or `false`"),
    };
    match cast {
        Some(text) => node.value = Value::Scalar(Scalar::plain(text)),
        None => {
            let unset =
                node.variables().iter().find(|variable| !variable.is_set && variable.operator.is_empty());
            let (kind, message) = match unset {
                Some(variable) => (
                    ProjectProblemKind::Required,
                    format!("{wanted} must stand here, and `{}` has no value", variable.name),
                ),
                None => {
                    (ProjectProblemKind::Interpolation, format!("{wanted} must stand here, not `{text}`"))
                }
            };
            problems.add(kind, &node.place, message, None);
        }
    }
}

fn whole(text: &str) -> Option<SmolStr> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value: i64 = text.parse().ok().filter(|_| decimal)?;
    Some(smol_str::format_smolstr!("{value}"))
}

/// The truth values of YAML 1.1 as words, which Compose still takes here, with a warning.
fn truth(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some("true"),
        "false" | "n" | "no" | "off" => Some("false"),
        _ => None,
    }
}
