//! Takes the secrets of compose projects out of texts that are printed, however they came in: through a variable of
//! `.env`, a file of variables, or a URL with a password.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::mask::{Mask, START};
use super::secrets::{ValueKind, is_secret_name, kind_of};
use super::url_password::url_password;
use crate::model::{Layer, Project, Workload};
use crate::source::{Source, Span};
use crate::syntax::yaml::{Node, Value};

/// What stands in the place of a secret.
const MASK: &str = "***";
/// Texts that must not be printed.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    secrets: Mask,
}

impl Redaction {
    /// The secrets of some projects.
    pub(crate) fn of<'p>(projects: impl IntoIterator<Item = &'p Project>) -> Self {
        let mut found = BTreeSet::new();
        for project in projects {
            for (name, value) in &project.variables {
                named(name, value, &mut found);
            }
            project.resolved.iter().for_each(|root| tree(root, &mut found));
        }
        let mut secrets = Mask::default();
        found.iter().for_each(|secret| secrets.add(secret));
        Self { secrets }
    }

    /// Adds what the secret variables of a container have.
    pub(crate) fn add_environment(&mut self, workload: &Workload) {
        let own = workload.container.layers.first().into_iter().flat_map(|layer| &layer.env);
        for pair in own.filter(|pair| is_secret_name(&pair.value.0) && is_literal(&pair.value.1.text)) {
            self.secrets.add(&pair.value.1.text);
        }
    }

    /// Adds what is hidden in the files of a project.
    pub(crate) fn add_hidden(&mut self, project: &Project) {
        project.files.iter().for_each(|file| self.add_hidden_of(&file.source));
    }

    /// Adds one secret.
    pub(crate) fn add(&mut self, secret: &str) {
        self.secrets.add(secret);
    }

    /// Adds what is hidden in a text.
    pub(crate) fn add_hidden_of(&mut self, source: &Source) {
        let hidden = source.hidden();
        let values = hidden.iter().filter_map(|span| std::str::from_utf8(source.slice(*span)).ok());
        values.for_each(|value| self.secrets.add(value.trim_matches(['"', '\''])));
    }

    /// Adds what the secret variables and labels that a file sets have.
    pub(crate) fn add_layer(&mut self, layer: &Layer) {
        let env = layer.env.iter().map(|pair| (pair.value.0.as_str(), pair.value.1.text.as_str()));
        let labels = layer.labels.iter().map(|pair| (pair.value.0.text.as_str(), pair.value.1.text.as_str()));
        let mut found = BTreeSet::new();
        env.chain(labels).for_each(|(name, value)| named(name, value, &mut found));
        found.iter().for_each(|secret| self.secrets.add(secret));
    }

    /// Hides the secrets in a text, wherever they stand.
    pub(crate) fn hide_in(&self, source: &Source) {
        if let Ok(text) = std::str::from_utf8(source.bytes()) {
            self.secrets.each(text, |range| source.hide(Span::new(range.start as u32, range.end as u32)));
        }
    }

    /// Whether there is nothing to take out.
    pub(crate) fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Takes the secrets out of a text.
    pub(crate) fn text(&self, text: &mut String) {
        if let Some(hidden) = self.secrets.hide(text) {
            *text = hidden;
        }
    }

    /// A variable may be the name of a network.
    fn keys(&self, members: &mut Map<String, Json>) {
        if members.keys().any(|key| self.secrets.hide(key).is_some()) {
            let all = std::mem::take(members).into_iter();
            *members = all.map(|(key, value)| (self.secrets.hide(&key).unwrap_or(key), value)).collect();
        }
    }

    /// Takes the secrets out of every key and value, and what a secret name has.
    pub(crate) fn json(&self, root: &mut Json) {
        let mut open = vec![(root, false)];
        while let Some((value, is_named)) = open.pop() {
            match value {
                Json::String(text) if is_named && is_literal(text) => MASK.clone_into(text),
                Json::String(text) => self.text(text),
                Json::Array(items) => open.extend(items.iter_mut().map(|item| (item, false))),
                Json::Object(members) => {
                    self.keys(members);
                    open.extend(members.iter_mut().map(|(key, value)| {
                        // `NAME: {value: …}` as well as `NAME: …`.
                        let is_named = is_secret_name(key) || is_named && key == "value";
                        (value, is_named)
                    }));
                }
                _ => {}
            }
        }
    }
}

/// Whether a value that a secret name has is a secret: what everybody knows is none.
fn is_literal(value: &str) -> bool {
    kind_of(&value.replace('$', "")) == ValueKind::Literal
}

/// The password of a URL in a text, unless everybody knows it.
fn password(text: &str) -> Option<String> {
    let (kind, range) = url_password(text)?;
    (kind == ValueKind::Literal).then(|| text[range].to_owned())
}

fn named(name: &str, value: &str, found: &mut BTreeSet<String>) {
    if value.len() >= START && is_secret_name(name) && is_literal(value) {
        found.insert(value.to_owned());
    }
    found.extend(password(value));
}

/// Values of secret names, and passwords of URLs wherever they stand.
fn tree(root: &Node, found: &mut BTreeSet<String>) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Scalar(scalar) => found.extend(password(&scalar.text)),
            Value::Sequence(items) => open.extend(items),
            Value::Mapping(entries) => {
                for entry in entries {
                    if let (Some(key), Some(scalar)) = (entry.key.text(), entry.value.scalar()) {
                        named(key, &scalar.text, found);
                    }
                    open.push(&entry.value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Redaction;

    #[test]
    fn secrets_go_out_of_every_value() {
        let mut redaction = Redaction::default();
        redaction.secrets.add("s3cr3t-9");
        let mut value = json!({
            "command": ["app", "--auth=s3cr3t-9"],
            "xs3cr3t-9": {},
            "API_TOKEN": "x9y",
            "DB_PASSWORD": { "value": "zz9", "origin": ["s3cr3t"] },
            "TOKEN_TTL": "300",
            "ROOT_PASSWORD": "changeme",
        });
        redaction.json(&mut value);
        let want = json!({
            "command": ["app", "--auth=***"],
            "x***": {},
            "API_TOKEN": "***",
            "DB_PASSWORD": { "value": "***", "origin": ["s3cr3t"] },
            "TOKEN_TTL": "300",
            "ROOT_PASSWORD": "changeme",
        });
        assert_eq!(value, want);
    }
}
