//! `[services.contracts]` and the contracts of a row, as they are written.

use std::sync::Arc;

use smol_str::SmolStr;

use super::super::fields::{Context, Table};
use super::super::sections::{FileScope, scalars};
use super::super::toml::{Entry, Node, Toml};
use super::super::types::Contract;
use super::{HEALTH, keys};
use crate::model::{BodyFormat, ContractPort, EndpointContract, Method, PlannedEndpoint, Spanned};
use crate::nearest::nearest;

/// The contracts of a table by name.
pub(in crate::plan) fn contracts(
    path: &str,
    entries: Vec<Entry>,
    scope: &FileScope<'_>,
    context: &mut Context<'_>,
) -> Vec<Contract> {
    let mut list = Vec::with_capacity(entries.len());
    for entry in entries {
        let path = format!("{path}.{}", entry.key);
        let name = context.spanned(SmolStr::from(entry.key), entry.key_span);
        let (demands, values) = match entry.node.value {
            Toml::Bool(false) => (None, Vec::new()),
            Toml::Table(entries) => {
                let mut values = Vec::new();
                for entry in &entries {
                    flatten(&entry.key, &entry.node, &mut values, context);
                }
                let demands = contract(&name, Table::new(path, entries), scope, context);
                (demands.map(Arc::new), values)
            }
            value => {
                let node = Node { value, span: entry.node.span };
                context.wrong(&path, "a table, or `false` to switch it off", &node);
                continue;
            }
        };
        list.push(Contract { name, demands, values });
    }
    list
}

fn contract(
    name: &Spanned<SmolStr>,
    mut table: Table,
    scope: &FileScope<'_>,
    context: &mut Context<'_>,
) -> Option<EndpointContract> {
    let wrong = context.errors.len();
    let path = keys::path(&mut table, context);
    if path.is_none() && context.errors.len() == wrong {
        let message = format!("`{}` names no `path`", table.path());
        context.error(name.place.span, message, Some("write what is asked: `path = \"/health\"`".to_owned()));
    }
    let asked = path.clone().unwrap_or_else(|| Spanned::new("/".into(), name.place.clone()));
    let mut contract = EndpointContract::get(name.value.clone(), asked);
    request(&mut contract, &mut table, context);
    let format = format(&mut table, context);
    answer(&mut contract, &mut table, scope, context);
    let is_json = !contract.expect.is_empty() || contract.schema.is_some();
    contract.format = match &format {
        Some(format) => format.value,
        None if is_json => BodyFormat::Json,
        None if !contract.endpoints.is_empty() => BodyFormat::AimManifest,
        None if !(contract.names.is_empty() && contract.values.is_empty()) => BodyFormat::Prometheus,
        None => BodyFormat::Any,
    };
    fits(&contract, &table, context);
    if contract.format == BodyFormat::AimManifest && contract.schema.is_none() {
        let place = format.map_or_else(|| contract.place.clone(), |format| format.place);
        contract.schema = keys::schema_named("builtin:aim-manifest", place, scope, context);
    }
    table.finish(context);
    path.map(|_| contract)
}

/// How it is asked.
fn request(contract: &mut EndpointContract, table: &mut Table, context: &mut Context<'_>) {
    contract.method = table.text("method", context).map_or(Method::Get, |method| {
        match method.value.to_ascii_uppercase().as_str() {
            "GET" => Method::Get,
            "POST" => Method::Post,
            _ => {
                let message = format!("`{}` is GET or POST, not `{}`", table.path_of("method"), method.value);
                context.error(method.place.span, message, None);
                Method::Get
            }
        }
    });
    contract.port = match table.take("port") {
        Some(node) => port(&table.path_of("port"), &node, context),
        None if contract.name == HEALTH => ContractPort::Health,
        None => ContractPort::Service,
    };
    contract.body = table.text("body", context);
    let Some(body) = &contract.body else { return };
    if contract.method != Method::Post {
        let message = format!("`{}` goes with `method = \"POST\"`", table.path_of("body"));
        context.error(body.place.span, message, None);
    } else if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&body.value) {
        let message = format!("`{}` is no JSON: {error}", table.path_of("body"));
        context.error(body.place.span, message, Some("write it like '{\"text\": \"hello\"}'".to_owned()));
    }
}

fn port(path: &str, node: &Node, context: &mut Context<'_>) -> ContractPort {
    match &node.value {
        Toml::Text(text) if text == "health" => ContractPort::Health,
        Toml::Text(text) if text == "service" => ContractPort::Service,
        Toml::Text(_) => {
            context.wrong(path, "\"health\", \"service\" or a port number", node);
            ContractPort::Service
        }
        _ => context.port_of(path, node).map_or(ContractPort::Service, ContractPort::Number),
    }
}

fn format(table: &mut Table, context: &mut Context<'_>) -> Option<Spanned<BodyFormat>> {
    let text = table.text("format", context)?;
    if let Some(format) = BodyFormat::ALL.into_iter().find(|format| format.name() == text.value) {
        return Some(Spanned::new(format, text.place));
    }
    let names = BodyFormat::ALL.map(BodyFormat::name);
    let help = match nearest(&text.value, names.into_iter()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("formats: {}", names.join(", ")),
    };
    let short: String = text.value.chars().take(60).collect();
    context.error(text.place.span, format!("no format is called `{short}`"), Some(help));
    None
}

/// What must come back.
fn answer(
    contract: &mut EndpointContract,
    table: &mut Table,
    scope: &FileScope<'_>,
    context: &mut Context<'_>,
) {
    contract.status = keys::status(table, context).unwrap_or_default();
    contract.content_type = keys::content_type(table, context);
    contract.expect = keys::expect(table, context).unwrap_or_default();
    contract.schema = keys::schema(table, scope, context);
    contract.max_time = keys::max_time(table, context).map(|time| Spanned::new(time.value.1, time.place));
    contract.names = table.texts("names", context).unwrap_or_default();
    contract.values = scalars(&table.path_of("values"), table.map("values", context), context);
    for (name, value) in &contract.values {
        if value.value.replace('_', "").parse::<f64>().is_err() {
            let message = format!("`{}.{name}` is no number: `{}`", table.path_of("values"), value.value);
            context.error(value.place.span, message, None);
        }
    }
    contract.endpoints = endpoints(table, context);
    for entry in table.map("headers", context) {
        let path = format!("{}.{}", table.path_of("headers"), entry.key);
        let is_token = |c: char| c.is_ascii_graphic() && !"\"(),/:;<=>?@[\\]{}".contains(c);
        if entry.key.is_empty() || !entry.key.chars().all(is_token) {
            context.error(entry.key_span, "no header has such a name".to_owned(), None);
            continue;
        }
        if let Some(value) = context.scalar_of(&path, &entry.node) {
            contract.headers.push((SmolStr::from(entry.key.to_ascii_lowercase()), value));
        }
    }
}

/// `endpoints`: paths, or tables with `uri` and `methods`.
fn endpoints(table: &mut Table, context: &mut Context<'_>) -> Vec<PlannedEndpoint> {
    let Some(node) = table.take("endpoints") else { return Vec::new() };
    let path = table.path_of("endpoints");
    let Toml::Array(items) = node.value else {
        context.wrong(&path, "a list like `[{ uri = \"/run\", methods = [\"POST\"] }]`", &node);
        return Vec::new();
    };
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        if let Toml::Text(_) = item.value {
            let uri = context.text_of(&path, &item);
            found.extend(uri.map(|uri| PlannedEndpoint { uri, methods: Vec::new() }));
            continue;
        }
        let span = item.span;
        let Some(mut table) = Table::of(path.clone(), item, context) else { continue };
        let wrong = context.errors.len();
        let uri = table.word("uri", context);
        if uri.is_none() && context.errors.len() == wrong {
            context.error(span, format!("an item of `{path}` names no `uri`"), None);
        }
        let upper = |method: Spanned<SmolStr>| {
            Spanned::new(SmolStr::from(method.value.to_ascii_uppercase()), method.place)
        };
        let methods = table.texts("methods", context).unwrap_or_default().into_iter().map(upper).collect();
        table.finish(context);
        found.extend(uri.map(|uri| PlannedEndpoint { uri, methods }));
    }
    found
}

/// A demand that nobody can hold against a body of this format is a mistake: it would never be checked.
fn fits(contract: &EndpointContract, table: &Table, context: &mut Context<'_>) {
    let format = contract.format;
    let json = "a JSON body";
    let expect = contract.expect.first().map(|(_, value)| &value.place);
    let schema = contract.schema.as_ref().map(|schema| &schema.place);
    let value = contract.values.first().map(|(_, value)| &value.place);
    let cases = [
        ("expect", expect, format.is_json(), json),
        ("schema", schema, format.is_json(), json),
        ("names", contract.names.first().map(|name| &name.place), format.is_metrics(), "metrics"),
        ("values", value, format.is_metrics(), "metrics"),
        (
            "endpoints",
            contract.endpoints.first().map(|endpoint| &endpoint.uri.place),
            format == BodyFormat::AimManifest,
            "an AIM manifest",
        ),
    ];
    for (key, place, fits, of) in cases {
        let Some(place) = place.filter(|_| !fits) else { continue };
        let message =
            format!("`{}` speaks of {of}, but the format is `{}`", table.path_of(key), format.name());
        context.error(place.span, message, None);
    }
}

/// Keeps every scalar below a node as text; the depth of a plan is capped where it is read.
fn flatten(key: &str, node: &Node, out: &mut Vec<(SmolStr, Spanned<SmolStr>)>, context: &mut Context<'_>) {
    match &node.value {
        Toml::Table(entries) => {
            for entry in entries {
                flatten(&format!("{key}.{}", entry.key), &entry.node, out, context);
            }
        }
        Toml::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                match item.value {
                    Toml::Table(_) | Toml::Array(_) => flatten(&format!("{key}.{index}"), item, out, context),
                    _ => flatten(key, item, out, context),
                }
            }
        }
        _ => {
            if let Some(value) = context.scalar_of(key, node) {
                out.push((SmolStr::from(key), value));
            }
        }
    }
}
