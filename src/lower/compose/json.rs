//! A resolved project as JSON, in the shape in which compose-go prints one: what is empty or zero is left out, durations
//! and sizes have one form.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value as Json, json};

use super::numbers;
use super::patterns::{Patterns, State};
use super::tree;
use crate::source::{Place, Source, Span};
use crate::syntax::yaml::{Entry, Node, Resolved, Value};

/// How a path is printed, where not by its own type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Keys are names that people give: all stay, whatever their values; without any it is left out.
    Names,
    /// Like [`Shape::Names`], and printed when it is empty.
    AllNames,
    /// A value that is printed when it is zero too.
    Zero,
    /// A duration.
    Duration,
    /// A size.
    Bytes,
    /// A number that may be written as text.
    Number,
    /// Hosts with their addresses, as a list.
    Hosts,
    /// A limit that may be a single number.
    Limit,
    /// True unless it is said to be false.
    Unless,
}

use Shape::{AllNames, Bytes, Duration, Hosts, Limit, Names, Number, Unless, Zero};

static SHAPES: LazyLock<Patterns<Shape>> = LazyLock::new(|| {
    Patterns::new(&[
        ("configs", Names),
        ("models", Names),
        ("networks", Names),
        ("networks.*.driver_opts", Names),
        ("networks.*.enable_ipv4", Zero),
        ("networks.*.enable_ipv6", Zero),
        ("networks.*.ipam.options", Names),
        ("networks.*.labels", Names),
        ("secrets", Names),
        ("secrets.*.driver_opts", Names),
        ("secrets.*.labels", Names),
        ("configs.*.labels", Names),
        ("services", AllNames),
        ("services.*.annotations", Names),
        ("services.*.attach", Zero),
        ("services.*.build.additional_contexts", Names),
        ("services.*.build.args", Names),
        ("services.*.build.extra_hosts", Hosts),
        ("services.*.build.labels", Names),
        ("services.*.build.shm_size", Bytes),
        ("services.*.build.ulimits", Names),
        ("services.*.build.ulimits.*", Limit),
        ("services.*.command", Zero),
        ("services.*.cpus", Number),
        ("services.*.depends_on", Names),
        ("services.*.depends_on.*.required", Zero),
        ("services.*.deploy.labels", Names),
        ("services.*.deploy.replicas", Zero),
        ("services.*.deploy.resources.limits.cpus", Number),
        ("services.*.deploy.resources.limits.memory", Bytes),
        ("services.*.deploy.resources.reservations.cpus", Number),
        ("services.*.deploy.resources.reservations.memory", Bytes),
        ("services.*.deploy.restart_policy.delay", Duration),
        ("services.*.deploy.restart_policy.max_attempts", Zero),
        ("services.*.deploy.restart_policy.window", Duration),
        ("services.*.deploy.rollback_config.delay", Duration),
        ("services.*.deploy.rollback_config.monitor", Duration),
        ("services.*.deploy.rollback_config.parallelism", Zero),
        ("services.*.deploy.update_config.delay", Duration),
        ("services.*.deploy.update_config.monitor", Duration),
        ("services.*.deploy.update_config.parallelism", Zero),
        ("services.*.entrypoint", Zero),
        ("services.*.env_file.*.required", Unless),
        ("services.*.environment", Names),
        ("services.*.extra_hosts", Hosts),
        ("services.*.healthcheck.interval", Duration),
        ("services.*.healthcheck.retries", Zero),
        ("services.*.healthcheck.start_interval", Duration),
        ("services.*.healthcheck.start_period", Duration),
        ("services.*.healthcheck.timeout", Duration),
        ("services.*.init", Zero),
        ("services.*.labels", Names),
        ("services.*.logging.options", Names),
        ("services.*.mem_limit", Bytes),
        ("services.*.mem_reservation", Bytes),
        ("services.*.mem_swappiness", Bytes),
        ("services.*.memswap_limit", Bytes),
        ("services.*.models", Names),
        ("services.*.networks", Names),
        ("services.*.networks.*.driver_opts", Names),
        ("services.*.post_start.*.environment", Names),
        ("services.*.pre_stop.*.environment", Names),
        ("services.*.provider.options", Names),
        ("services.*.scale", Zero),
        ("services.*.shm_size", Bytes),
        ("services.*.stop_grace_period", Duration),
        ("services.*.storage_opt", Names),
        ("services.*.sysctls", Names),
        ("services.*.ulimits", Names),
        ("services.*.ulimits.*", Limit),
        ("services.*.volumes.*.bind.create_host_path", Unless),
        ("services.*.volumes.*.tmpfs.size", Bytes),
        ("services.*.volumes.*.volume.labels", Names),
        ("volumes", Names),
        ("volumes.*.driver_opts", Names),
        ("volumes.*.labels", Names),
    ])
});

/// Values of a project that are no durations, sizes or numbers where one must stand, each with what is wanted.
pub(super) fn unreadable(root: &Node) -> Vec<(&Node, &'static str)> {
    let mut found = Vec::new();
    let mut open = vec![(root, SHAPES.root())];
    while let Some((node, state)) = open.pop() {
        let text = || tree::printed(node);
        match &node.value {
            Value::Mapping(entries) => {
                let key = |entry: &'_ Entry| SHAPES.key(state, entry.key.text().unwrap_or_default());
                open.extend(entries.iter().map(|entry| (&entry.value, key(entry))));
            }
            Value::Sequence(items) => open.extend(items.iter().map(|item| (item, SHAPES.item(state)))),
            Value::Scalar(_) if node.is_null() => {}
            Value::Scalar(_) => {
                let wanted = match SHAPES.meaning(state) {
                    Some(Duration) if numbers::duration(&text()).is_none() => "a duration such as `1m30s`",
                    // Whole numbers may be negative, for no limit at all.
                    Some(Bytes)
                        if numbers::bytes(&text()).is_none()
                            && !matches!(tree::resolved(node), Some(Resolved::Int(_))) =>
                    {
                        "a size such as `512m`"
                    }
                    Some(Number) if text().parse::<f64>().is_err() => "a number",
                    _ => continue,
                };
                found.push((node, wanted));
            }
        }
    }
    found.sort_by_key(|(node, _)| node.place.span.start);
    found
}

/// A collection that is being printed.
struct Open<'n> {
    node: &'n Node,
    state: State,
    next: usize,
    members: Map<String, Json>,
    items: Vec<Json>,
}

/// Spans that reports do not show, by file.
#[derive(Default)]
struct Hidden {
    spans: HashMap<*const Source, Vec<Span>>,
}

impl Hidden {
    /// Whether a place holds a secret.
    fn holds(&mut self, place: &Place) -> bool {
        let spans = self.spans.entry(Arc::as_ptr(&place.source)).or_insert_with(|| {
            let mut spans = place.source.hidden();
            spans.sort_unstable();
            spans
        });
        // Hidden spans do not overlap much: the last ones that start before the place's end decide.
        let before = spans.partition_point(|span| span.start < place.span.end);
        spans[..before].iter().rev().take(4).any(|span| span.end > place.span.start)
    }
}

/// The project as JSON. Services of profiles are left out, because no profile is asked for. What reports hide is `***`.
#[must_use]
pub fn to_json(root: &Node) -> Json {
    let services = SHAPES.at(&["services"]);
    let mut hidden = Hidden::default();
    let mut open = vec![opened(root, SHAPES.root())];
    loop {
        let Some(top) = open.last_mut() else { return Json::Null };
        let child = match &top.node.value {
            Value::Mapping(entries) => entries.get(top.next).map(|entry| (entry.key.text(), &entry.value)),
            Value::Sequence(items) => items.get(top.next).map(|item| (None, item)),
            Value::Scalar(_) => None,
        };
        let Some((key, child)) = child else {
            let Some(done) = open.pop() else { return Json::Null };
            let closed = closed(done);
            let Some(parent) = open.last_mut() else { return closed.unwrap_or_else(|| json!({})) };
            put(parent, closed);
            continue;
        };
        let state = match key {
            Some(key) => SHAPES.key(top.state, key),
            None => SHAPES.item(top.state),
        };
        if top.state == services && child.get("profiles").is_some_and(|it| !it.items().is_empty()) {
            top.next += 1;
            continue;
        }
        if child.scalar().is_none() {
            open.push(opened(child, state));
            continue;
        }
        let keeps = matches!(SHAPES.meaning(top.state), Some(Names | AllNames)) || key.is_none();
        let value = match hidden.holds(&child.place) {
            true => Some(json!("***")),
            false => scalar(child, SHAPES.meaning(state), keeps),
        };
        put(top, value);
    }
}

fn opened(node: &Node, state: State) -> Open<'_> {
    Open { node, state, next: 0, members: Map::new(), items: Vec::new() }
}

/// Puts the next child in.
fn put(parent: &mut Open<'_>, value: Option<Json>) {
    let at = parent.next;
    parent.next += 1;
    let Some(value) = value else { return };
    match &parent.node.value {
        Value::Mapping(entries) => {
            let key = entries[at].key.text().unwrap_or_default();
            // Extensions are no part of what Compose works on.
            let names = matches!(SHAPES.meaning(parent.state), Some(Names | AllNames | Hosts | Limit));
            if names || !key.starts_with("x-") {
                parent.members.insert(key.to_owned(), value);
            }
        }
        _ => parent.items.push(value),
    }
}

/// A collection with all its children; `None` when it is left out.
fn closed(done: Open<'_>) -> Option<Json> {
    let Open { node, state, mut members, items, .. } = done;
    if node.is_sequence() {
        // A command of no words says something: it takes the image's away.
        let keeps = SHAPES.meaning(state) == Some(Zero);
        return (!items.is_empty() || keeps).then_some(Json::Array(items));
    }
    match SHAPES.meaning(state) {
        Some(Names) if members.is_empty() => return None,
        Some(Hosts) => {
            let addresses = members.iter().flat_map(|(host, addresses)| {
                let list = addresses.as_array().map(Vec::as_slice).unwrap_or_default();
                list.iter().map(move |address| format!("{host}={}", address.as_str().unwrap_or_default()))
            });
            let mut list: Vec<String> = addresses.collect();
            list.sort_unstable();
            return (!list.is_empty()).then(|| json!(list));
        }
        Some(Limit) if members.contains_key("single") => return members.remove("single"),
        _ => {}
    }
    implied(state, &mut members);
    Some(Json::Object(members))
}

/// Keys that are printed of everything of a kind.
fn implied(state: State, members: &mut Map<String, Json>) {
    let is = |path: &[&str]| state == SHAPES.at(path);
    let mut also = |key: &str, value: Json| {
        members.entry(key).or_insert(value);
    };
    if is(&["services", "x"]) {
        also("command", Json::Null);
        also("entrypoint", Json::Null);
    } else if is(&["services", "x", "deploy"]) {
        also("resources", json!({}));
        also("placement", json!({}));
    } else if is(&["networks", "x"]) {
        also("ipam", json!({}));
    } else if is(&[]) {
        members.remove("version");
        members.remove("include");
    }
}

/// A scalar; `None` when it is left out.
fn scalar(node: &Node, shape: Option<Shape>, keeps: bool) -> Option<Json> {
    let printed = || tree::printed(node);
    match shape {
        Some(Duration) if !node.is_null() => {
            let text = printed();
            let normal = numbers::duration(&text).map(numbers::printed_duration);
            return Some(json!(normal.unwrap_or(text).as_str()));
        }
        Some(Bytes) if !node.is_null() => {
            let text = printed();
            return match numbers::bytes(&text) {
                Some(0) => None,
                Some(bytes) => Some(json!(bytes.to_string())),
                None => Some(json!(text.as_str())),
            };
        }
        Some(Number) if !node.is_null() => {
            let text = printed();
            return match text.parse::<f64>() {
                Ok(0.0) => None,
                Ok(number) => Some(json!(number)),
                Err(_) => Some(json!(text.as_str())),
            };
        }
        Some(Unless) => {
            return (tree::resolved(node) == Some(Resolved::Bool(false))).then_some(Json::Bool(false));
        }
        _ => {}
    }
    let keeps = keeps || shape == Some(Zero);
    let (value, is_zero) = match tree::resolved(node)? {
        Resolved::Null => (Json::Null, !keeps),
        Resolved::Bool(value) => (json!(value), !value),
        Resolved::Int(value) => (json!(value), value == 0),
        Resolved::Float(value) => (json!(value), value == 0.0),
        Resolved::Text(text) | Resolved::Timestamp(text) => (json!(text.as_str()), text.is_empty()),
    };
    (keeps || !is_zero).then_some(value)
}
