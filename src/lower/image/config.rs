//! The inner config of an image as the one layer of its container.

use smol_str::{SmolStr, ToSmolStr};

use super::fields::{Fields, cut, is_text, kind};
use super::health;
use crate::model::{CommandLine, Form, Layer, Port, Spanned, Unknown, Value};
use crate::source::Place;
use crate::syntax::yaml::{Entry, Node};

/// Everything of a config but its user, which needs the accounts of the layers, and what the layers hold.
pub(super) fn layer(fields: &mut Fields, config: &Node) -> Layer {
    let mut layer = Layer {
        entrypoint: command(fields, config, "Entrypoint"),
        cmd: command(fields, config, "Cmd"),
        shell: shell(fields, config),
        env: environment(fields, config),
        labels: labels(fields, config),
        ports: ports(fields, config),
        workdir: workdir(fields, config),
        volumes: fields.set(config, "Volumes").into_iter().map(known).collect(),
        onbuild: fields.texts_at(config, "OnBuild").unwrap_or_default(),
        ..Layer::default()
    };
    layer.healthcheck = health::healthcheck(fields, config, &layer);
    for key in ["StopSignal", "Hostname", "Domainname"] {
        fields.text(config, key);
    }
    fields.truth(config, "ArgsEscaped");
    layer
}

fn known(said: Spanned<SmolStr>) -> Spanned<Value> {
    Spanned::new(Value::known(said.value), said.place)
}

/// A command in exec form; a text is a problem and read as shell form.
fn command(fields: &mut Fields, config: &Node, key: &str) -> Option<Spanned<CommandLine>> {
    let node = &fields.get(config, key)?.value;
    if let Some(text) = node.text() {
        fields.problem(node, format!("`{key}` is {}, not a list", kind(node)));
        let words = if text.is_empty() { Vec::new() } else { vec![text.into()] };
        return Some(Spanned::new(CommandLine { form: Form::Shell, words }, node.place.clone()));
    }
    if !node.is_sequence() {
        fields.problem(node, format!("`{key}` is {}, not a list", kind(node)));
        return None;
    }
    let words: Vec<SmolStr> = fields.texts(node, key).into_iter().map(|word| word.value).collect();
    // Builders write empty lists where nobody said anything.
    (!words.is_empty()).then(|| Spanned::new(CommandLine { form: Form::Exec, words }, node.place.clone()))
}

fn shell(fields: &mut Fields, config: &Node) -> Option<Spanned<Vec<SmolStr>>> {
    let words = fields.texts_at(config, "Shell").filter(|words| !words.is_empty())?;
    let place = words[0].place.clone();
    Some(Spanned::new(words.into_iter().map(|word| word.value).collect(), place))
}

fn environment(fields: &mut Fields, config: &Node) -> Vec<Spanned<(SmolStr, Value)>> {
    let Some(entry) = fields.get(config, "Env") else { return Vec::new() };
    let node = &entry.value;
    if node.is_mapping() {
        fields.problem(node, "`Env` is an object, not a list of `NAME=value`");
        return pairs(node).map(|(name, value, place)| Spanned::new((name, value), place)).collect();
    }
    if !node.is_sequence() {
        fields.problem(node, format!("`Env` is {}, not a list", kind(node)));
    }
    let said = fields.texts(node, "Env");
    if let Some(odd) = said.iter().find(|said| !said.value.contains('=') || said.value.starts_with('=')) {
        let name = cut(odd.value.split('=').next().unwrap_or_default());
        let message = match name.is_empty() {
            true => "`Env` holds an entry without a name".to_owned(),
            false => format!("`Env` holds `{name}` without a value"),
        };
        fields.problem_at(&odd.place, message);
    }
    let pairs = said.into_iter().map(|said| Spanned::new(health::variable(&said.value), said.place));
    pairs.filter(|pair| !pair.value.0.is_empty()).collect()
}

/// Names and scalar values of an object.
fn pairs(node: &Node) -> impl Iterator<Item = (SmolStr, Value, Place)> {
    node.entries().iter().filter_map(|entry| {
        let name = SmolStr::new(entry.key.text()?);
        let value = Value::known(entry.value.text().unwrap_or_default());
        let span = entry.key.place.span.to(entry.value.place.span);
        Some((name, value, Place::new(&entry.key.place.source, span)))
    })
}

fn labels(fields: &mut Fields, config: &Node) -> Vec<Spanned<(Value, Value)>> {
    let Some(entry) = fields.get(config, "Labels") else { return Vec::new() };
    let node = &entry.value;
    let label =
        |(name, value, place): (SmolStr, Value, Place)| Spanned::new((Value::known(name), value), place);
    if node.is_mapping() {
        let is_odd = |entry: &&Entry| !is_text(&entry.value) && !entry.value.is_null();
        if let Some(odd) = node.entries().iter().find(is_odd) {
            let name = super::fields::shown(&odd.key);
            fields.problem(&odd.value, format!("the label `{name}` is {}, not a text", kind(&odd.value)));
        }
        return pairs(node).map(label).collect();
    }
    fields.problem(node, format!("`Labels` is {}, not an object", kind(node)));
    let said = node.items().iter().filter_map(|item| {
        let (name, value) = health::variable(item.text()?);
        Some((name, value, item.place.clone()))
    });
    said.map(label).collect()
}

fn ports(fields: &mut Fields, config: &Node) -> Vec<Spanned<Result<Port, Unknown>>> {
    let said = fields.set(config, "ExposedPorts");
    let mut ports = Vec::with_capacity(said.len());
    let mut odd = None;
    for said in said {
        match port(&said.value) {
            Some(port) => ports.push(Spanned::new(Ok(port), said.place)),
            None => {
                odd.get_or_insert(said);
            }
        }
    }
    if let Some(odd) = odd {
        let message = format!("`ExposedPorts` holds `{}`, which is no port", cut(&odd.value));
        fields.problem_at(&odd.place, message);
    }
    ports
}

/// `8080`, `8080/tcp`, `8000-8010/udp`.
fn port(text: &str) -> Option<Port> {
    let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let protocol = protocol.to_ascii_lowercase().to_smolstr();
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    let port = Port { first: number(first)?, last: number(last)?, protocol };
    let is_known = matches!(port.protocol.as_str(), "tcp" | "udp" | "sctp");
    (is_known && port.first <= port.last).then_some(port)
}

/// The working directory; an empty one says nothing.
fn workdir(fields: &mut Fields, config: &Node) -> Option<Spanned<Value>> {
    let said = fields.text(config, "WorkingDir").filter(|said| !said.value.is_empty())?;
    if !said.value.starts_with('/') && !said.value.contains(':') {
        let message = format!("`WorkingDir` is `{}`, which is no absolute path", cut(&said.value));
        fields.problem_at(&said.place, message);
    }
    Some(known(said))
}
