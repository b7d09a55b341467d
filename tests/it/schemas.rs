//! The published schemas: the program prints them, each is one, and what the program prints follows it.

use std::collections::{BTreeMap, BTreeSet};

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

/// The structs that reports are made of, each with the object of the schema that it is written as.
const OBJECTS: [(&str, &str); 13] = [
    ("JsonFinding", "/$defs/finding"),
    ("JsonLine", "/$defs/line"),
    ("JsonStep", "/$defs/step"),
    ("JsonFix", "/$defs/fix"),
    ("JsonEdit", "/$defs/edit"),
    ("JsonChecked", "/properties/checked"),
    ("JsonNotChecked", "/properties/checked/properties/not_checked/items"),
    ("JsonContext", "/properties/checked/properties/contexts/items"),
    ("JsonService", "/$defs/service"),
    ("JsonFleetRow", "/$defs/row"),
    ("JsonCheck", "/$defs/check"),
    ("JsonSummary", "/properties/summary"),
    ("JsonQuieted", "/properties/summary/properties/baseline"),
];

/// A member of an object, as a struct or a schema has it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    name: String,
    /// Whether it is always there.
    required: bool,
    /// Whether it can be `null`.
    nullable: bool,
    /// The object that it is or that it is a list of, as a pointer into the schema.
    object: Option<String>,
}

/// The members of each `struct Json…` of a source, as serde writes them.
fn structs(text: &str) -> BTreeMap<String, BTreeSet<Member>> {
    let parts = text.split("struct Json").skip(1).map(|rest| rest.split("\n}").next().unwrap());
    parts
        .map(|part| {
            let name = part.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
            (format!("Json{name}"), members(part))
        })
        .collect()
}

fn members(body: &str) -> BTreeSet<Member> {
    let mut found = BTreeSet::new();
    let (mut skipped, mut renamed) = (false, None);
    for line in body.lines().skip(1).map(str::trim).filter(|line| !line.starts_with("//")) {
        if let Some(attribute) = line.strip_prefix("#[serde(") {
            skipped |= attribute.contains("skip_serializing_if");
            renamed = attribute.split("rename = \"").nth(1).map(|rest| rest.split('"').next().unwrap());
            assert!(skipped || renamed.is_some(), "what does it do to the schema? {line}");
        } else if let Some((name, kind)) = line.split_once(": ") {
            let name = name.rsplit(' ').next().unwrap();
            let object =
                kind.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| word.starts_with("Json"));
            found.insert(Member {
                name: renamed.unwrap_or(name).to_owned(),
                required: !skipped,
                // What is left out when there is none is never `null`.
                nullable: kind.starts_with("Option<") && !skipped,
                object: object.map(pointer),
            });
            (skipped, renamed) = (false, None);
        }
    }
    found
}

fn pointer(name: &str) -> String {
    let known = OBJECTS.iter().find(|(known, _)| *known == name);
    known.unwrap_or_else(|| panic!("{name} is not in the table")).1.to_owned()
}

/// The members of the object at a pointer of a schema.
fn described(schema: &Value, at: &str) -> BTreeSet<Member> {
    let object = schema.pointer(at).unwrap_or_else(|| panic!("{at} is not in the schema"));
    assert_eq!((&object["type"], &object["additionalProperties"]), (&"object".into(), &false.into()), "{at}");
    let required: BTreeSet<&str> =
        object["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let properties = object["properties"].as_object().unwrap();
    assert!(required.iter().all(|name| properties.contains_key(*name)), "{at}: {required:?}");
    let member = |(name, value): (&String, &Value)| Member {
        name: name.clone(),
        required: required.contains(name.as_str()),
        nullable: value["type"] == "null"
            || ["type", "enum"].iter().any(|key| {
                let list = value[key].as_array();
                list.is_some_and(|list| list.iter().any(|one| one.is_null() || one == "null"))
            })
            || alternatives(value).any(|one| one["type"] == "null"),
        object: leads_to(value, format!("{at}/properties/{name}")),
    };
    properties.iter().map(member).collect()
}

fn alternatives(value: &Value) -> impl Iterator<Item = &Value> {
    value["anyOf"].as_array().into_iter().flatten()
}

/// The object that a value is, or that the items of a list are.
fn leads_to(mut value: &Value, mut at: String) -> Option<String> {
    loop {
        if let Some(target) = value["$ref"].as_str() {
            return target.strip_prefix('#').map(str::to_owned);
        } else if let Some(one) = alternatives(value).find(|one| one["type"] != "null") {
            value = one;
        } else if value["items"].is_object() {
            (value, at) = (&value["items"], at + "/items");
        } else {
            return value["properties"].is_object().then_some(at);
        }
    }
}

/// Pointers to the objects of a schema whose members it names.
fn objects(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![(schema, String::new())];
    while let Some((value, at)) = open.pop() {
        if let Value::Object(object) = value {
            if value["properties"].is_object() && value["type"] == "object" {
                found.insert(at.clone());
            }
            open.extend(object.iter().map(|(key, value)| (value, format!("{at}/{key}"))));
        }
    }
    found
}

#[test]
fn the_schema_of_reports_has_each_struct_with_its_members() {
    let schema = read("findings.schema.json");
    let mut written = BTreeMap::new();
    for path in ["src/report/json.rs", "src/report/fleet/data.rs"] {
        written.extend(structs(&std::fs::read_to_string(repository(path)).unwrap()));
    }
    let known: BTreeSet<&str> = OBJECTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(written.keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    for (name, at) in OBJECTS {
        assert_eq!(described(&schema, at), written[name], "{name}, {at}");
    }
    // No object of the schema is without its struct but the document, which the writer puts together itself.
    let mut all: BTreeSet<String> = OBJECTS.iter().map(|(_, at)| (*at).to_owned()).collect();
    all.insert(String::new());
    assert_eq!(objects(&schema), all);
    let document = described(&schema, "");
    let names: Vec<&str> = document.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["checked", "findings", "open", "summary", "version"]);
    assert!(document.iter().all(|member| member.required && !member.nullable), "{document:?}");
}

#[test]
fn members_of_structs_are_read_as_serde_writes_them() {
    let source = "struct JsonStep<'a> {\n    /// Where: a path.\n    pub(crate) file: &'a str,\n    \
        #[serde(rename = \"type\")]\n    kind: Option<&'a str>,\n    \
        #[serde(skip_serializing_if = \"Option::is_none\")]\n    fix: Option<Vec<JsonFix<'a>>>,\n}\n";
    let member = |name: &str, required, nullable, object: Option<&str>| Member {
        name: name.to_owned(),
        required,
        nullable,
        object: object.map(str::to_owned),
    };
    let expected = BTreeSet::from([
        member("file", true, false, None),
        member("type", true, true, None),
        member("fix", false, false, Some("/$defs/fix")),
    ]);
    assert_eq!(structs(source), BTreeMap::from([("JsonStep".to_owned(), expected)]));
}
