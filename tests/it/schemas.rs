//! The published schemas: the program prints them, each is one, and what the program prints follows it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{folder, plimsoll, repository};

fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(repository("schemas").join(name)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_program_prints_them() {
    let folder = folder("schemas-printed");
    for name in ["plan", "findings", "effective-config"] {
        let run = plimsoll(&folder, &["schema", name]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(run.json(), read(&format!("{name}.schema.json")));
        assert!(jsonschema::meta::is_valid(&run.json()), "{name}");
    }
    assert_eq!(plimsoll(&folder, &["schema", "nothing"]).code, Some(2));
}

#[test]
fn reports_follow_their_schema() {
    let schema = read("findings.schema.json");
    let report = jsonschema::validator_for(&schema).unwrap();
    let mut line = schema["$defs"]["finding"].clone();
    line["$defs"] = schema["$defs"].clone();
    let line = jsonschema::validator_for(&line).unwrap();
    let mut findings = 0;
    for fleet in
        ["blueprint", "blueprint-broken", "blueprint-deploy-broken", "harbour", "knative-broken", "messy"]
    {
        let folder = repository("testdata/fleets").join(fleet);
        let run = plimsoll(&folder, &["check", "--format", "json"]);
        let value = run.json();
        let faults: Vec<String> =
            report.iter_errors(&value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{fleet}: {faults:#?}");
        for text in plimsoll(&folder, &["check", "--format", "jsonl"]).stdout.lines() {
            assert!(line.is_valid(&serde_json::from_str(text).unwrap()), "{fleet}: {text}");
            findings += 1;
        }
    }
    assert!(findings > 100, "{findings}");
}

/// The fields of the structs that are serialised, as the source has them.
fn fields(path: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(repository(path)).unwrap();
    let structs = text.split("struct Json").skip(1).map(|rest| rest.split("\n}").next().unwrap());
    let lines = structs.flat_map(str::lines).filter(|line| line.starts_with("    "));
    lines
        .filter_map(|line| line.trim().split_once(": "))
        .map(|(name, _)| name.to_owned())
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect()
}

/// The properties of every object of a schema.
fn properties(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                if let Some(Value::Object(properties)) = object.get("properties") {
                    found.extend(properties.keys().cloned());
                }
                open.extend(object.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

#[test]
fn the_schema_of_reports_names_every_field_and_no_other() {
    let mut said = fields("src/report/json.rs");
    said.extend(fields("src/report/fleet/data.rs"));
    // The four members that the writer puts together itself.
    said.extend(["version", "findings", "open", "checked", "summary"].map(str::to_owned));
    assert_eq!(properties(&read("findings.schema.json")), said);
}
