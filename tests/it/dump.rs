//! `dump` prints what `schemas/effective-config.schema.json` says.
//!
//! The schema uses few keywords, so a validator of these few is part of the test; a keyword that it does not know fails.

use serde_json::Value;

use crate::support::{folder, plimsoll, repository, write};

/// Keywords that say nothing about validity.
const NOTES: [&str; 4] = ["$schema", "title", "description", "$defs"];

/// What is wrong with a value, as path and reason; empty when it is valid.
fn faults(value: &Value, schema: &Value, root: &Value, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (keyword, wanted) in schema.as_object().unwrap() {
        match keyword.as_str() {
            note if NOTES.contains(&note) => {}
            "$ref" => {
                let target = root.pointer(&wanted.as_str().unwrap()[1..]).unwrap();
                found.extend(faults(value, target, root, path));
            }
            "type" => {
                let kinds = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
                if !kinds.iter().any(|kind| is_of(value, kind.as_str().unwrap())) {
                    found.push(format!("{path}: {value} is not {wanted}"));
                }
            }
            "const" if value != wanted => found.push(format!("{path}: {value} is not {wanted}")),
            "const" => {}
            "enum" if !wanted.as_array().unwrap().contains(value) => {
                found.push(format!("{path}: {value} is not of {wanted}"));
            }
            "enum" => {}
            "minimum" if value.as_f64() < wanted.as_f64() => {
                found.push(format!("{path}: {value} is too small"))
            }
            "minimum" => {}
            "required" => {
                let missing = wanted
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|key| value.get(key.as_str().unwrap()).is_none());
                found.extend(missing.map(|key| format!("{path}: {key} is missing")));
            }
            "properties" => {
                for (key, schema) in wanted.as_object().unwrap() {
                    if let Some(value) = value.get(key) {
                        found.extend(faults(value, schema, root, &format!("{path}/{key}")));
                    }
                }
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                for (key, value) in value.as_object().into_iter().flatten() {
                    if known.is_some_and(|known| known.contains_key(key)) {
                        continue;
                    }
                    match wanted {
                        Value::Bool(false) => found.push(format!("{path}: {key} is not known")),
                        wanted => found.extend(faults(value, wanted, root, &format!("{path}/{key}"))),
                    }
                }
            }
            "items" => {
                for (at, value) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(faults(value, wanted, root, &format!("{path}/{at}")));
                }
            }
            "oneOf" => {
                let valid =
                    wanted.as_array().unwrap().iter().filter(|one| faults(value, one, root, path).is_empty());
                let count = valid.count();
                if count != 1 {
                    found.push(format!("{path}: {count} of the alternatives fit {value}"));
                }
            }
            other => found.push(format!("the validator does not know `{other}`")),
        }
    }
    found
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

#[test]
fn effective_configs_follow_their_schema() {
    let schema = std::fs::read(repository("schemas/effective-config.schema.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    for (fleet, file) in [
        ("blueprint", "services/stt_service/Dockerfile"),
        ("blueprint", "docker/base-images/base-gpu-cu121/Dockerfile"),
        ("blueprint-broken", "services/system_digital_twin/Dockerfile"),
        ("blueprint-broken", "services/cloud_translation_service/Dockerfile"),
        ("blueprint-broken", "docker/Dockerfile.central_error_bus"),
        ("blueprint-broken", "experimental/images/lab-audio/Dockerfile"),
        ("frames-api", "Dockerfile"),
    ] {
        let folder = repository("testdata/fleets").join(fleet);
        let run = plimsoll(&folder, &["dump", file]);
        assert_eq!(run.code, Some(0), "{run:?}");
        let dump: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(dump["file"], *file);
        let faults = faults(&dump, &schema, &schema, "");
        assert!(faults.is_empty(), "{fleet}/{file}: {faults:#?}");
    }
}

#[test]
fn compose_projects_follow_their_schema() {
    let schema = std::fs::read(repository("schemas/compose-project.schema.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let folder = folder("dump-compose");
    write(&folder.join("web/Dockerfile"), "FROM python:3.11-slim\nCMD [\"serve\"]\nEXPOSE 80\n");
    write(&folder.join(".env"), "TAG=7\n");
    let base = "services:\n  web:\n    build: web\n    ports: ['8080:80']\n    environment: {API_TOKEN: not-for-you, TAG: }\n";
    write(&folder.join("compose.yaml"), base);
    write(
        &folder.join("compose.override.yaml"),
        "services:\n  web:\n    user: '10001'\n    labels: [\"tag=$TAG\"]\n",
    );
    let run = plimsoll(&folder, &["dump", "compose.yaml", "compose.override.yaml"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let dump: Value = serde_json::from_str(&run.stdout).unwrap();
    let faults = faults(&dump, &schema, &schema, "");
    assert!(faults.is_empty(), "{faults:#?}");
    let web = &dump["services"]["web"];
    assert_eq!(web["labels"]["tag"], "7");
    assert_eq!(web["environment"]["TAG"], "7");
    assert_eq!(web["ports"][0]["published"], "8080");
    assert!(!run.stdout.contains("not-for-you"), "{}", run.stdout);
    let config = &dump["effective"]["web"]["config"];
    assert_eq!(config["user"]["value"]["uid"], 10001);
    assert_eq!(config["user"]["origin"][0]["file"], "compose.override.yaml");
    let way: Vec<&str> = config["cmd"]["origin"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["file"].as_str().unwrap())
        .collect();
    assert_eq!(way, ["compose.yaml", "web/Dockerfile"]);
}

#[test]
fn the_validator_refuses() {
    let schema = serde_json::json!({ "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": { "a": { "oneOf": [{ "type": "string" }, { "type": "null" }] } } });
    for (value, count) in [
        (serde_json::json!({ "a": "x" }), 0),
        (serde_json::json!({ "a": 1 }), 1),
        (serde_json::json!({ "b": 1 }), 2),
        (serde_json::json!([]), 2),
    ] {
        assert_eq!(faults(&value, &schema, &schema, "").len(), count, "{value}");
    }
}
