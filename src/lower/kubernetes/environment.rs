//! Variables of a container, and the `$(NAME)` that they and the commands may hold.
//!
//! Order and expansion follow kubelet (`pkg/kubelet/kubelet_pods.go`, `third_party/forked/golang/expansion`): a reference
//! sees the variables before it, `$$` is a dollar, and what no variable is called stays as it is written.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::scalars::{text, value};
use crate::model::{Spanned, Unknown, Value};
use crate::source::Place;
use crate::syntax::yaml::Node;

/// Bytes that the expansions of one container may produce; beyond them a value is unknown.
const MAX_EXPANDED: usize = 1 << 20;

/// The variables of one container.
#[derive(Debug, Default)]
pub(super) struct Environment {
    /// Literal ones in order, each at its value (an empty one at its name), and unknown ones of `valueFrom` at the reference.
    pub(super) pairs: Vec<Spanned<(SmolStr, Value)>>,
    /// Names that a reference to another object gives.
    pub(super) references: Vec<Spanned<SmolStr>>,
    /// The first `envFrom`.
    pub(super) elsewhere: Option<Place>,
    /// Values by name, the last one counts.
    known: HashMap<SmolStr, Value>,
    /// Bytes produced so far.
    spent: usize,
}

impl Environment {
    /// Reads `env` and `envFrom` of a container; `injected` are there before them.
    pub(super) fn read(container: &Node, injected: Vec<Spanned<(SmolStr, Value)>>) -> Self {
        let mut environment = Self::default();
        let from = container.entry("envFrom").filter(|entry| !entry.value.items().is_empty());
        environment.elsewhere = from.map(|entry| entry.key.place.clone());
        for pair in injected {
            environment.add(pair);
        }
        for item in container.get("env").map(Node::items).unwrap_or_default() {
            environment.item(item);
        }
        environment
    }

    fn add(&mut self, pair: Spanned<(SmolStr, Value)>) {
        self.known.insert(pair.value.0.clone(), pair.value.1.clone());
        self.pairs.push(pair);
    }

    fn item(&mut self, item: &Node) {
        let Some(name) = item.get("name").and_then(text).filter(|name| !name.value.is_empty()) else {
            return;
        };
        if let Some(from) = item.get("valueFrom").filter(|from| !from.is_null()) {
            let what = from.entries().first().and_then(|entry| entry.key.text()).unwrap_or("valueFrom");
            let unknown = Value { text: SmolStr::default(), unknown: Some(Unknown::Dynamic(what.into())) };
            self.add(Spanned::new((name.value.clone(), unknown), name.place.clone()));
            self.references.push(name);
            return;
        }
        let said = item.get("value").and_then(text).filter(|said| !said.place.span.is_empty());
        let (raw, place) = match said {
            Some(said) => (said.value, said.place),
            None => (SmolStr::default(), name.place),
        };
        let value = self.expand(&raw);
        self.add(Spanned::new((name.value, value), place));
    }

    /// The text with `$(NAME)` replaced.
    pub(super) fn expand(&mut self, raw: &str) -> Value {
        let mut result = value(raw);
        if !raw.contains('$') {
            return result;
        }
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(behind) = rest.strip_prefix('$') {
                out.push('$');
                rest = behind;
            } else if let Some((name, behind)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'))
            {
                self.put(name, &mut out, &mut result.unknown);
                rest = behind;
            } else {
                out.push('$');
            }
            if self.spent + out.len() > MAX_EXPANDED {
                return Value { text: raw.into(), unknown: Some(Unknown::TooLarge) };
            }
        }
        out.push_str(rest);
        self.spent += out.len();
        result.text = out.into();
        result
    }

    fn put(&self, name: &str, out: &mut String, unknown: &mut Option<Unknown>) {
        match self.known.get(name) {
            Some(Value { text, unknown: None }) => out.push_str(text),
            Some(Value { unknown: Some(why), .. }) => {
                unknown.get_or_insert_with(|| why.clone());
                out.push_str(&format!("$({name})"));
            }
            None => {
                // Another object, or a Service of the namespace, may say it.
                let is_service = name.ends_with("_SERVICE_HOST") || name.contains("_PORT");
                if self.elsewhere.is_some() || is_service {
                    unknown.get_or_insert_with(|| Unknown::Variable(name.into()));
                }
                out.push_str(&format!("$({name})"));
            }
        }
    }
}
