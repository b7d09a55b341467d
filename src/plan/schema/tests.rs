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

/// Keys that a plan does not get back from its tables.
const NOT_BACK: [(&str, &str); 9] = [
    ("machines.*.values", "names that are none of a variable, as that of the sample, are listed"),
    ("ruleset", "the rules as they were are the plan's own"),
    ("rules", "policy is the plan's own"),
    ("overrides", "policy is the plan's own"),
    ("waivers", "policy is the plan's own"),
    ("services.rows.*.repository", "a table of its own, which no import reads"),
    ("services.rows.*.contracts", "listed as not in a form that an import reads"),
    ("services.contracts.*.endpoints", "a list of tables, listed likewise"),
    ("services.table", "with `--inline` the rows are the plan's"),
];

/// The values of a plan without their places, in the order of the alphabet.
fn values_of(plan: &crate::plan::Plan) -> Vec<String> {
    let shown = crate::plan::show(plan);
    let mut section = "";
    let mut lines = Vec::new();
    for line in shown.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("  ") {
            None => section = line,
            Some(line) => {
                let value = line.rsplit_once(' ').map_or("", |(value, _)| value);
                lines.push(format!("{section} {}", value.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
        }
    }
    lines.sort();
    lines
}

/// The plan of the tables of a plan, with the tables.
fn back(text: &str) -> (crate::plan::Plan, crate::plan::Plan, String) {
    let text = format!("extends = []\n{text}");
    let load = |text: &str| {
        load_files("plimsoll.toml", &[("plimsoll.toml", text), ("plan.md", TABLE)])
            .unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
    };
    let plan = load(&text);
    let tables = crate::report::plan_tables(&plan);
    let source = Source::new("tables.md", tables.clone().into_bytes());
    let request = crate::plan::ImportRequest { source: &source, folder: ".", heading: None, inline: true };
    let toml = crate::plan::import(&request, &super::super::testing::MapFiles::new(&[])).map(|it| it.toml);
    let toml = toml.unwrap_or_default().replace("[\"recommended\"]", "[]");
    let again = load(if toml.is_empty() { "extends = []" } else { &toml });
    (plan, again, format!("{tables}\n{toml}"))
}

#[test]
fn every_key_comes_back_from_the_tables_or_is_known_not_to() {
    let (mut silent, mut better) = (Vec::new(), Vec::new());
    for (path, _, sample) in keys().iter().filter(|(path, _, sample)| path != "extends" && !sample.is_empty())
    {
        let (plan, again, texts) = back(&plan_with(path, sample));
        let known = NOT_BACK.iter().any(|(known, _)| path.trim_end_matches('!').starts_with(known));
        match (values_of(&plan) == values_of(&again), known) {
            (false, false) => {
                silent.push(format!("{path}\n{:?}\n{:?}\n{texts}", values_of(&plan), values_of(&again)))
            }
            // A plan without a value to lose is as good as back.
            (true, true) if !path.starts_with("services.table") && !values_of(&plan).is_empty() => {
                better.push(path.clone())
            }
            _ => {}
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n\n"));
    assert!(better.is_empty(), "these do come back: {better:?}");
}

#[test]
fn odd_texts_come_back_or_are_listed() {
    for plan in [
        "health = { path = \"/h\", status = [200, 204] }",
        "health = { path = \"/h\", expect = { a = -3, b = 1.50, c = \"200\", d = true, e = \"true\", f = \"1,2\" } }",
        "services = { contracts = { chat = { path = \"/x\", status = [200, 201], port = 7, expect = { n = \"1\" } }, m = false } }",
        "labels = { values = { \"a|b\" = \"x`y\", c = \"back\\\\\", d = \"<img src=x>\", e = \" lead\", f = \"uses `x`\", g = \"\", h = \"-\" } }",
        "labels = { required = [\"a,b\", \" c\", \"d e\"] }",
        "env = { X = [\"\", \"a, b\", \"\\\"q\\\"\"] }",
        "services = { rows = { \"we|b\\\\\" = { ports = \"1/2\" }, \"[x](http://y)\" = { port = 3 } } }",
        "machines = { m = { values = { A_B = \" x\", C_D = \"n/a\", E_F = \"u`v`\" } } }",
    ] {
        let (plan, again, texts) = back(plan);
        assert_eq!(values_of(&plan), values_of(&again), "{texts}");
        assert!(!texts.contains("## Not in a form"), "{texts}");
    }
    for (plan, lost) in [
        (
            "services = { rows = { web = { port = 1, paths = [\"a b\", \".\"] } } }",
            "| `services.rows.web.paths` | `a b` |",
        ),
        (
            "services = { rows = { web = { port = 1, needs = \"`a`\" } } }",
            "| `services.rows.web.needs` | `\"\\u0060a\\u0060\"` |",
        ),
        (
            "services = { rows = { web = { port = 1, contracts = { x = false } } } }",
            "| `services.rows.web.contracts.x` | `false` |",
        ),
        (
            "services = { contracts = { \"a.b\" = { path = \"/x\" } } }",
            "| `services.contracts.a.b.path` | `/x` |",
        ),
    ] {
        let texts = back(plan).2;
        let listed = texts.split_once("## Not in a form").map_or("", |(_, listed)| listed);
        assert!(listed.contains(lost), "{texts}");
    }
}

/// Whether an example is TOML at all.
fn errors_of_form(text: &str) -> bool {
    parse(&Source::new("plimsoll.toml", text.as_bytes().to_vec())).is_ok()
}
