//! What we accept, refuse and see in a Dockerfile equals BuildKit's parser.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use plimsoll::syntax::dockerfile::{dump, dump_recovered, parse};
use serde_json::Value;

/// Files where we differ from BuildKit knowingly, with the reason. At most five.
const KNOWN_DIFFERENCES: [(&str, &str); 0] = [];

/// The fields that must be equal in every row. `err` is our own text, but must come from the same step.
const FIELDS: [&str; 9] = ["bytes", "ok", "oki", "esc", "stages", "meta", "warn", "here", "ins"];

fn difference(name: &str, bytes: &[u8], expected: &Value) -> Option<String> {
    let actual: Value = serde_json::from_str(&dump(name, &parse(bytes))).unwrap();
    for field in FIELDS {
        if actual.get(field) != expected.get(field) {
            let pair = |row: &Value| row.get(field).map(ToString::to_string).unwrap_or_default();
            let (ours, theirs) = (pair(&actual), pair(expected));
            let at =
                ours.bytes().zip(theirs.bytes()).position(|(a, b)| a != b).unwrap_or(0).saturating_sub(40);
            let cut = |text: &str| text.chars().skip(at).take(160).collect::<String>();
            return Some(format!("{name}: {field}: ours …{} theirs …{}", cut(&ours), cut(&theirs)));
        }
    }
    let step = |row: &Value| {
        row.get("err").and_then(Value::as_str).map(|text| text.chars().take(3).collect::<String>())
    };
    (step(&actual) != step(expected)).then(|| format!("{name}: err: {actual} {expected}"))
}

fn assert_none(differences: &[String], files: usize) {
    let unknown: Vec<_> = differences
        .iter()
        .filter(|text| !KNOWN_DIFFERENCES.iter().any(|(name, _)| text.starts_with(name)))
        .collect();
    assert!(
        unknown.is_empty(),
        "{} of {files} differ:\n{:#?}",
        unknown.len(),
        &unknown[..unknown.len().min(30)]
    );
}

#[test]
fn hand_made_cases_equal_buildkit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/dockerfile");
    let rows = std::fs::read_to_string(folder.join("cases.bk.jsonl")).unwrap();
    let mut differences = Vec::new();
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let name = row["p"].as_str().unwrap();
        let bytes = std::fs::read(folder.join(name)).unwrap();
        differences.extend(difference(name, &bytes, &row));
    }
    assert_eq!(rows.lines().count(), 91);
    assert_none(&differences, 91);
}

#[test]
fn recovered_instructions_can_be_seen() {
    let tree = parse(b"FROM a\nENV A\nRUN x\n");
    assert!(!dump("x", &tree).contains("\"ins\""));
    let row: Value = serde_json::from_str(&dump_recovered("x", &tree)).unwrap();
    assert_eq!((row["ok"].as_bool(), row["ins"].as_array().map(Vec::len)), (Some(false), Some(3)));
}

/// Needs a folder with `dockerfiles.tar.gz` and `buildkit.jsonl.gz`.
#[test]
fn corpus_equals_buildkit() {
    let Some(folder) = std::env::var_os("PLIMSOLL_CORPUS") else {
        crate::support::skipped("the corpus, because PLIMSOLL_CORPUS is not set");
        return;
    };
    let open = |name: &str| {
        flate2::read::GzDecoder::new(std::fs::File::open(Path::new(&folder).join(name)).unwrap())
    };
    let mut rows = HashMap::new();
    for row in BufReader::new(open("buildkit.jsonl.gz")).lines() {
        let row: Value = serde_json::from_str(&row.unwrap()).unwrap();
        rows.insert(row["p"].as_str().unwrap().to_owned(), row);
    }
    let mut differences = Vec::new();
    let mut files = 0;
    let mut archive = tar::Archive::new(open("dockerfiles.tar.gz"));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        let Some(row) = rows.get(&name) else { continue };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        differences.extend(difference(&name, &bytes, row));
        super::spans::assert_spans(&name, &bytes);
        files += 1;
    }
    assert_eq!(files, rows.len(), "rows without a file");
    assert_none(&differences, files);
}
