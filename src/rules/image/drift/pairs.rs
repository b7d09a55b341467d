//! ENV and LABEL: names with values.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::Drift;
use super::words::shown;
use crate::model::{Layer, Origin, Spanned, Unknown, Value};
use crate::source::Place;

/// Labels that builders and pipelines write beside those of the Dockerfile.
const WRITTEN: [&str; 4] = ["org.opencontainers.image.", "org.label-schema.", "io.buildah.", "com.docker."];

pub(super) fn compare(drift: &mut Drift<'_>) {
    // Every builder sets PATH.
    of_kind(drift, "the variable", env, |name| name == "PATH", |_| true);
    of_kind(drift, "the label", labels, |name| WRITTEN.iter().any(|start| name.starts_with(start)), |_| true);
}

/// Compares what is said for a container: of its variables and labels those alone that `env` and `label` ask for.
pub(super) fn compare_said(drift: &mut Drift<'_>, is_env: impl Fn(&str) -> bool, is_label: impl Fn(&str) -> bool) {
    of_kind(drift, "the variable", env, |_| true, is_env);
    of_kind(drift, "the label", labels, |_| true, is_label);
}

fn env(layer: &Layer) -> Pairs {
    let pair = |said: &Spanned<(SmolStr, Value)>| {
        (Value::known(said.value.0.clone()), said.value.1.clone(), said.place.clone())
    };
    layer.env.iter().map(pair).collect()
}

fn labels(layer: &Layer) -> Pairs {
    let pair =
        |said: &Spanned<(Value, Value)>| (said.value.0.clone(), said.value.1.clone(), said.place.clone());
    layer.labels.iter().map(pair).collect()
}

/// Name, value and place, in order.
type Pairs = Vec<(Value, Value, Place)>;

fn of_kind(
    drift: &mut Drift<'_>,
    kind: &str,
    pairs: impl Fn(&Layer) -> Pairs,
    is_written: impl Fn(&str) -> bool,
    is_asked: impl Fn(&str) -> bool,
) {
    let held = last_of_each(&[pairs(drift.layer())]);
    let layers: Vec<Pairs> = drift.own.layers.iter().map(|layer| pairs(layer)).collect();
    let said = last_of_each(&layers);
    for wanted in said.named.iter().filter(|wanted| is_asked(&wanted.name)) {
        let origin = drift.own.origin(wanted.depth, Some(&wanted.place), "said here");
        let has = held.get(&wanted.name);
        one(drift, kind, wanted, has, &origin);
    }
    if !drift.is_complete || said.has_uncertain {
        return;
    }
    for held in held.named.iter().filter(|held| said.get(&held.name).is_none() && !is_written(&held.name)) {
        let what = format!("{kind} `{}`", held.name);
        let value = shown(&held.name, &held.value.text);
        drift.differs(&what, Some(&held.place), Some(value), None, None);
    }
}

/// One name that the Dockerfiles say.
fn one(drift: &mut Drift<'_>, kind: &str, wanted: &Named, has: Option<&Named>, origin: &Origin) {
    let what = format!("{kind} `{}`", wanted.name);
    let at = has.map(|has| &has.place);
    let fits = has.and_then(|has| fits(wanted, &has.value.text));
    if let Some(why) = wanted.value.unknown.as_ref().filter(|_| fits.is_none()) {
        return drift.open(&what, at, why, Some(origin));
    }
    if fits == Some(true) || has.is_some_and(|has| has.value.text == wanted.value.text) {
        return;
    }
    let text = |named: &Named| shown(&named.name, &named.value.text);
    drift.differs(&what, at, has.map(text), Some(text(wanted)), Some(origin));
}

/// Whether a value is what somebody below has, with something around it (`PATH=/app/bin:$PATH`); `None`: it is not built that
/// way. What the base has is not compared, and of `scratch` builders give another PATH than none.
fn fits(wanted: &Named, has: &str) -> Option<bool> {
    let text = wanted.value.text.as_str();
    let around =
        |head: &str, tail: &str| Some(has.strip_prefix(head).is_some_and(|rest| rest.ends_with(tail)));
    match &wanted.value.unknown {
        None if wanted.name != "PATH" => None,
        None if text.ends_with(':') => around(text, ""),
        None if text.starts_with(':') => around("", text),
        Some(Unknown::Variable(name)) if *name == wanted.name => {
            let (head, tail) = text.split_once('$')?;
            let tail = match tail.strip_prefix('{') {
                Some(braced) => braced.split_once('}')?.1,
                None => tail.strip_prefix(name.as_str())?,
            };
            if tail.contains('$') { None } else { around(head, tail) }
        }
        _ => None,
    }
}

struct Named {
    name: SmolStr,
    value: Value,
    place: Place,
    /// The layer that says it.
    depth: usize,
}

struct Names {
    /// In the order of their names.
    named: Vec<Named>,
    /// Whether a name cannot be told.
    has_uncertain: bool,
}

impl Names {
    fn get(&self, name: &str) -> Option<&Named> {
        let at = self.named.binary_search_by(|named| named.name.as_str().cmp(name)).ok()?;
        self.named.get(at)
    }
}

/// What counts of each name: the last pair of the nearest layer that has one.
fn last_of_each(layers: &[Pairs]) -> Names {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut names = Names { named: Vec::new(), has_uncertain: false };
    for (depth, pairs) in layers.iter().enumerate() {
        for (name, value, place) in pairs.iter().rev() {
            match name.certain() {
                None => names.has_uncertain = true,
                Some(name) if seen.insert(name) => {
                    names.named.push(Named {
                        name: name.into(),
                        value: value.clone(),
                        place: place.clone(),
                        depth,
                    });
                }
                Some(_) => {}
            }
        }
    }
    names.named.sort_by(|one, other| one.name.cmp(&other.name));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Span};

    #[test]
    fn a_value_around_another_is_compared_as_far_as_it_is_written() {
        let source = Source::new("Dockerfile", Vec::new());
        let of_path = |text: &str, unknown: Option<&str>| Named {
            name: "PATH".into(),
            value: Value { text: text.into(), unknown: unknown.map(|name| Unknown::Variable(name.into())) },
            place: Place::new(&source, Span::default()),
            depth: 0,
        };
        for (text, unknown, has, want) in [
            ("/app/bin:$PATH", Some("PATH"), "/app/bin:/usr/bin", Some(true)),
            ("/app/bin:${PATH}", Some("PATH"), "/app/bin:/usr/bin", Some(true)),
            ("$PATH:/app/bin", Some("PATH"), "/usr/bin:/app/bin", Some(true)),
            ("/app/bin:$PATH", Some("PATH"), "/usr/bin", Some(false)),
            ("/app/bin:$PATH:$HOME", Some("PATH"), "/app/bin:/usr/bin", None),
            ("/app/bin:$HOME", Some("HOME"), "/app/bin:/root", None),
            ("/app/bin:", None, "/app/bin:/usr/bin", Some(true)),
            (":/app/bin", None, "/usr/bin:/app/bin", Some(true)),
            ("/app/bin:", None, "/usr/bin", Some(false)),
            ("/app/bin", None, "/app/bin:/usr/bin", None),
        ] {
            assert_eq!(fits(&of_path(text, unknown), has), want, "{text} {has}");
        }
    }
}
