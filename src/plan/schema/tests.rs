//! The table of keys against the reader, and the schema against plans.

use super::super::fields::asked;
use super::super::testing::load_files;
use super::super::toml::{Entry, Node, Toml, parse};
use super::*;
use crate::rules;
use crate::source::Source;

/// What goes with a key that does not go alone.
const WITH: [(&str, &str); 1] = [("body", "method = \"POST\"")];

/// A file for `services.table`.
const TABLE: &str = "# Services\n\n| Service | Port |\n|---|---|\n| web | 7200 |\n";

/// Every key with its whole path, those of contracts in both their places.
fn keys() -> Vec<(String, Kind, &'static str)> {
    let own = KEYS.iter().map(|Key(path, kind, sample, _)| ((*path).to_owned(), *kind, *sample));
    let contracts = ["services.contracts.*", "services.rows.*.contracts.*"].into_iter().flat_map(|above| {
        CONTRACT.iter().map(move |Key(path, kind, sample, _)| (format!("{above}.{path}"), *kind, *sample))
    });
    own.chain(contracts).collect()
}

/// A plan that holds one key, and what the tables around it need.
fn plan_with(path: &str, value: &str) -> String {
    let all = keys();
    let mut text = value.to_owned();
    let segments: Vec<&str> = path.trim_end_matches('!').split('.').collect();
    for depth in (0..segments.len()).rev() {
        let above = segments[..depth].join(".");
        let name = match segments[depth] {
            "[]" => {
                text = format!("[{text}]");
                continue;
            }
            "*" if above.ends_with("rules") => "runtime-user",
            "*" => "x",
            name => name,
        };
        let sibling = |(path, _, sample): &(String, Kind, &'static str)| {
            let (table, key) = path.strip_suffix('!')?.rsplit_once('.')?;
            (table == above && key != name).then(|| format!("{key} = {sample}"))
        };
        let with = WITH.iter().find(|(key, _)| *key == name).map(|(_, with)| (*with).to_owned());
        let mut parts: Vec<String> = all.iter().filter_map(sibling).chain(with).collect();
        parts.push(format!("{name} = {text}"));
        text = if depth == 0 { parts.join("\n") } else { format!("{{ {} }}", parts.join(", ")) };
    }
    text
}

/// What the reader says of a plan.
fn errors(text: &str) -> Vec<String> {
    let text = if text.starts_with("extends") { text.to_owned() } else { format!("extends = []\n{text}") };
    let files = [("plimsoll.toml", text.as_str()), ("plan.md", TABLE)];
    load_files("plimsoll.toml", &files).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

/// A plan as an editor sees it.
fn json(text: &str) -> Json {
    let source = Source::new("plimsoll.toml", text.as_bytes().to_vec());
    let entries = parse(&source).unwrap_or_else(|error| panic!("{error}: {text}"));
    table(&entries, &source)
}

fn table(entries: &[Entry], source: &Source) -> Json {
    entries.iter().map(|entry| (entry.key.clone(), node(&entry.node, source))).collect::<Map<_, _>>().into()
}

fn node(one: &Node, source: &Source) -> Json {
    let written = String::from_utf8_lossy(source.slice(one.span)).into_owned();
    match &one.value {
        Toml::Text(text) => json!(text),
        Toml::Integer(number) => json!(number),
        Toml::Float => json!(written.replace('_', "").parse::<f64>().unwrap()),
        Toml::Bool(flag) => json!(flag),
        Toml::Date => json!(written),
        Toml::Array(items) => items.iter().map(|item| node(item, source)).collect(),
        Toml::Table(entries) => table(entries, source),
    }
}

fn schema() -> (Json, jsonschema::Validator) {
    let schema = plan_schema(rules::all().map(|rule| {
        let page = rule.read_page();
        (rule.id, page.aliases, page.summary)
    }));
    let validator = jsonschema::validator_for(&schema).unwrap();
    (schema, validator)
}

#[test]
fn the_published_schema_is_one_and_not_stale() {
    let (schema, _) = schema();
    assert!(jsonschema::meta::is_valid(&schema), "{schema}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/plan.schema.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, &text).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == text,
        "schemas/plan.schema.json is stale: run with BLESS=1"
    );
}

#[test]
fn the_reader_asks_for_the_keys_of_the_table_and_no_other() {
    let keys = keys();
    asked::take();
    for (path, _, sample) in keys.iter().filter(|(_, _, sample)| !sample.is_empty()) {
        assert_eq!(errors(&plan_with(path, sample)), Vec::<String>::new(), "{}", plan_with(path, sample));
    }
    let asked = asked::take();
    let known: Vec<Vec<&str>> = keys
        .iter()
        .map(|(path, ..)| path.trim_end_matches('!').split('.').filter(|part| *part != "[]").collect())
        .collect();
    let is = |known: &[&str], path: &str| {
        let path: Vec<&str> = path.split('.').collect();
        known.len() == path.len() && known.iter().zip(path).all(|(one, other)| *one == "*" || *one == other)
    };
    let unknown: Vec<&String> =
        asked.iter().filter(|path| !known.iter().any(|known| is(known, path))).collect();
    assert!(unknown.is_empty(), "the reader asks for keys that src/plan/schema/keys.rs lacks: {unknown:?}");
    for known in known.iter().filter(|known| known.last() != Some(&"*")) {
        assert!(asked.iter().any(|path| is(known, path)), "nobody reads {known:?}");
    }
}

#[test]
fn samples_are_in_the_schema() {
    let (_, validator) = schema();
    for (path, _, sample) in keys().iter().filter(|(_, _, sample)| !sample.is_empty()) {
        let plan = plan_with(path, sample);
        let faults: Vec<String> =
            validator.iter_errors(&json(&plan)).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{plan}: {faults:?}");
    }
}

#[test]
fn schema_and_reader_refuse_the_same_types() {
    let (_, validator) = schema();
    let mut refused = 0;
    for (path, kind, _) in keys() {
        for value in ["true", "\"\"", "\"~\"", "3", "-3", "1.5", "[[]]", "{ zzz-unknown = [[]] }"] {
            let plan = plan_with(&path, value);
            let (told, valid) = (errors(&plan), validator.is_valid(&json(&plan)));
            if !valid {
                refused += 1;
                assert!(!told.is_empty(), "the schema refuses what the reader takes: {plan}");
            }
            // A table of anything takes what only the reader looks into.
            let typed = told.iter().any(|error| error.contains(" wants ") || error.contains("unknown key"));
            if typed && kind != Kind::Object {
                assert!(!valid, "the reader refuses what the schema takes: {plan}: {told:?}");
            }
        }
    }
    assert!(refused > 600, "{refused}");
}

#[test]
fn misspelled_keys_are_refused() {
    let (_, validator) = schema();
    for plan in [
        "usr = {}",
        "user = { uidd = 1 }",
        "rules = { runtime-usr = \"off\" }",
        "rules = { runtime-user = \"loud\" }",
        "overrides = [{ rules = {} }]",
        "waivers = [{ rule = \"no-such-rule\" }]",
        "extends = [\"recomended\"]",
        "health = { interval = \"30\" }",
        "services = { contracts = { x = { paths = \"/\" } } }",
    ] {
        assert!(!validator.is_valid(&json(plan)), "{plan}");
    }
}

#[test]
fn plans_packs_and_examples_follow_the_schema() {
    let (_, validator) = schema();
    let mut plans: Vec<(String, String)> =
        PACKS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let fleets = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/fleets");
    for fleet in std::fs::read_dir(fleets).unwrap() {
        let path = fleet.unwrap().path().join("plimsoll.toml");
        plans.extend(std::fs::read_to_string(&path).ok().map(|text| (path.display().to_string(), text)));
    }
    for rule in rules::all() {
        for (name, text) in rule.read_page().examples.into_iter().flat_map(|example| example.files) {
            if name.ends_with("plimsoll.toml") && errors_of_form(&text) {
                plans.push((format!("{}: {name}", rule.id), text));
            }
        }
    }
    assert!(plans.len() > 60, "{}", plans.len());
    for (name, text) in plans {
        let faults: Vec<String> = validator
            .iter_errors(&json(&text))
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    }
}

/// Whether an example is TOML at all.
fn errors_of_form(text: &str) -> bool {
    parse(&Source::new("plimsoll.toml", text.as_bytes().to_vec())).is_ok()
}
