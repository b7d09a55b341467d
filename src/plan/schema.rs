//! The JSON Schema of plan files: the table of keys in, the schema out, so that editors complete and explain a plan.
//!
//! Draft 7 with `definitions`, which is what editors of TOML understand. It is generated for `schemas/plan.schema.json`; the
//! program prints that file. What it refuses the reader refuses too; the reader refuses more (a schema cannot tell a rule's
//! form from another key's value).

mod keys;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::PACKS;
use super::rulesets::RULESETS;
use crate::model::BodyFormat;
use keys::{CONTRACT, KEYS, Key};

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A table; with a key `*` below it one of the user's own names.
    Table,
    /// A list of what `[]` below it is.
    List,
    /// A text, or a table.
    TextOrTable,
    /// A text, an empty one too.
    Text,
    /// A text that is not empty.
    Word,
    /// A list of texts, or one.
    Texts,
    Flag,
    /// `true` and nothing else.
    True,
    /// A whole number from 0.
    Number(u32),
    Port,
    Ports,
    ContractPort,
    /// A text, number or flag.
    Scalar,
    Quantity,
    Duration,
    Date,
    Regex,
    UrlPath,
    MediaType,
    Status,
    Method,
    Format,
    /// A table of anything.
    Object,
    Contract,
    Severity,
    /// A rule's severity, or a table.
    Setting,
    /// A table whose names are those of rules; what each holds is the definition of this name.
    Rules(&'static str),
    RuleId,
    Extends,
    Ruleset,
}

/// The schema of plan files; of each rule: its id, its aliases, and what it looks for.
#[must_use]
pub fn plan_schema(rules: impl Iterator<Item = (&'static str, Vec<String>, String)>) -> Json {
    let mut rules = Rules::of(rules);
    let mut root = tree(KEYS, &mut rules);
    let contract = tree(CONTRACT, &mut rules);
    rules.definitions.insert("contract".into(), contract);
    if let Json::Object(root) = &mut root {
        root.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
        root.insert("title".into(), json!("Plan of plimsoll (plimsoll.toml)"));
        root.insert("description".into(), json!("What a container fleet is meant to be."));
        root.insert("definitions".into(), Json::Object(rules.definitions));
    }
    root
}

/// The rules that a plan may name, and what the schema says once for all of them.
struct Rules {
    /// Id, and what it looks for; sorted.
    ids: BTreeMap<&'static str, String>,
    /// Every alias, with or without the other tool's name before it, in any case: a regular expression of ECMA 262.
    aliases: String,
    definitions: Map<String, Json>,
}

impl Rules {
    fn of(rules: impl Iterator<Item = (&'static str, Vec<String>, String)>) -> Self {
        let mut ids = BTreeMap::new();
        let mut codes = BTreeSet::new();
        for (id, aliases, about) in rules {
            codes.extend(aliases.iter().map(|alias| alias.rsplit('/').next().unwrap_or(alias).to_owned()));
            codes.insert(id.to_owned());
            ids.insert(id, about);
        }
        let codes: Vec<String> = codes.iter().map(|code| any_case(code)).collect();
        Self { ids, aliases: format!("^(.*/)?({})$", codes.join("|")), definitions: Map::new() }
    }
}

/// `DL3008` as `[Dd][Ll]3008`.
fn any_case(code: &str) -> String {
    let one = |c: char| match c {
        c if c.is_ascii_alphabetic() => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
        '-' | '_' | '0'..='9' => c.to_string(),
        c => format!("\\{c}"),
    };
    code.chars().map(one).collect()
}

/// The object of a table of keys.
fn tree(keys: &[Key], rules: &mut Rules) -> Json {
    let mut done: Vec<(Vec<&str>, Json, bool)> = Vec::new();
    // From the last one up, so that what is below a key is known.
    for Key(path, kind, sample, about) in keys.iter().rev() {
        let needed = path.ends_with('!');
        let path: Vec<&str> = path.trim_end_matches('!').split('.').collect();
        let inner = take_below(&mut done, &path);
        let mut value = value(*kind, inner, rules);
        if let Json::Object(value) = &mut value {
            value.insert("description".into(), json!(explained(about, sample)));
        }
        done.push((path, value, needed));
    }
    object(done)
}

/// What an editor says of a key.
fn explained(about: &str, sample: &str) -> String {
    if sample.is_empty() { about.to_owned() } else { format!("{about} For example `{sample}`.") }
}

/// Takes out what stands directly below a path.
fn take_below<'k>(
    done: &mut Vec<(Vec<&'k str>, Json, bool)>,
    path: &[&str],
) -> Vec<(Vec<&'k str>, Json, bool)> {
    let at = done.iter().rposition(|(known, ..)| known.len() <= path.len() || !known.starts_with(path));
    done.split_off(at.map_or(0, |at| at + 1))
}

/// The object of the keys directly below another one.
fn object(below: Vec<(Vec<&str>, Json, bool)>) -> Json {
    let mut properties = Map::new();
    let mut required: Vec<&str> = Vec::new();
    let mut others = json!(false);
    for (path, value, needed) in below.into_iter().rev() {
        let name = path.last().copied().unwrap_or_default();
        match name {
            "*" => others = value,
            _ => {
                required.extend(needed.then_some(name));
                properties.insert(name.to_owned(), value);
            }
        }
    }
    let mut object = json!({ "type": "object", "additionalProperties": others });
    if let Json::Object(object) = &mut object {
        if !properties.is_empty() {
            object.insert("properties".into(), Json::Object(properties));
        }
        if !required.is_empty() {
            object.insert("required".into(), json!(required));
        }
    }
    object
}

/// The schema of a value, with what stands below its key.
fn value(kind: Kind, below: Vec<(Vec<&str>, Json, bool)>, rules: &mut Rules) -> Json {
    let text = json!({ "type": "string" });
    let port = json!({ "type": "integer", "minimum": 1, "maximum": 65535 });
    match kind {
        Kind::Table => object(below),
        Kind::List => json!({ "type": "array", "items": below.into_iter().next().map(|(_, item, _)| item) }),
        Kind::TextOrTable => json!({ "anyOf": [text, object(below)] }),
        Kind::Text => text,
        Kind::Word => pattern(r"\S"),
        Kind::Regex => json!({ "type": "string", "pattern": r"\S", "format": "regex" }),
        Kind::Texts => json!({ "anyOf": [{ "type": "array", "items": text }, text] }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::True => json!({ "type": "boolean", "const": true }),
        Kind::Number(max) => json!({ "type": "integer", "minimum": 0, "maximum": max }),
        Kind::Port => port,
        Kind::Ports => json!({ "anyOf": [
            text, port, { "type": "array", "items": port, "minItems": 1, "maxItems": 2 }, object(below),
        ] }),
        Kind::ContractPort => json!({ "anyOf": [{ "type": "string", "enum": ["health", "service"] }, port] }),
        Kind::Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Quantity => json!({ "type": ["string", "number"] }),
        Kind::Duration => pattern(r"^(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$"),
        Kind::Date => pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        Kind::UrlPath => pattern("^/"),
        Kind::MediaType => pattern(r"^[^\s/;]+/[^\s;]+$"),
        Kind::Status => {
            let code = json!({ "type": "integer", "minimum": 200, "maximum": 599 });
            json!({ "anyOf": [{ "type": "array", "items": code, "minItems": 1, "maxItems": 64 }, code] })
        }
        Kind::Method => json!({ "type": "string", "enum": ["GET", "POST", "get", "post"] }),
        Kind::Format => json!({ "type": "string", "enum": BodyFormat::ALL.map(BodyFormat::name) }),
        Kind::Object => json!({ "type": "object" }),
        Kind::Contract => json!({ "anyOf": [{ "const": false }, { "$ref": "#/definitions/contract" }] }),
        Kind::Severity => severity(),
        Kind::Setting => json!({ "anyOf": [severity(), object(below)] }),
        Kind::Rules(name) => of_rules(name, below, rules),
        // Other tools' codes may come with the tool's name: `hadolint/DL3008`.
        Kind::RuleId => {
            let ids: Vec<&str> = rules.ids.keys().copied().collect();
            json!({ "anyOf": [{ "type": "string", "enum": ids }, pattern(&rules.aliases)] })
        }
        Kind::Extends => {
            let packs: Vec<&str> = PACKS.iter().map(|(name, _)| *name).collect();
            let one = json!({ "anyOf": [{ "type": "string", "enum": packs }, { "type": "string", "pattern": r"^pack:|[/\\]|\.toml$" }] });
            json!({ "anyOf": [{ "type": "array", "items": one }, one] })
        }
        Kind::Ruleset => json!({ "type": "string", "enum": RULESETS.names().collect::<Vec<_>>() }),
    }
}

fn pattern(pattern: &str) -> Json {
    json!({ "type": "string", "pattern": pattern })
}

fn severity() -> Json {
    json!({ "type": "string", "enum": ["error", "warning", "note", "off"] })
}

/// A table of rules: each of its own, so that an editor completes the name and says what the rule looks for.
fn of_rules(name: &str, below: Vec<(Vec<&str>, Json, bool)>, rules: &mut Rules) -> Json {
    rules.definitions.extend(below.into_iter().map(|(_, setting, _)| (name.to_owned(), setting)));
    let setting = json!({ "$ref": format!("#/definitions/{name}") });
    // What stands beside a reference counts for nobody in draft 7.
    let one = |(id, about): (&&str, &String)| {
        ((*id).to_owned(), json!({ "allOf": [setting], "description": about }))
    };
    let properties: Map<String, Json> = rules.ids.iter().map(one).collect();
    let aliases = json!({ &rules.aliases: setting });
    json!({ "type": "object", "additionalProperties": false, "properties": properties, "patternProperties": aliases })
}

#[cfg(test)]
mod tests;
