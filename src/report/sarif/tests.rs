//! The document as a whole.

use serde_json::Value;

use super::super::tests::{checked, rendered, report, sample};
use super::super::{Checked, Format, Repository, Revision};
use super::*;
use crate::settle::tests::{finding, source};

fn document(findings: &[Finding], open: &[Finding], checked: &Checked) -> Value {
    serde_json::from_str(&rendered(Format::Sarif, &report(findings, open, checked))).unwrap()
}

fn full() -> Checked {
    let revision = Revision {
        repository: "https://example.com/o/r".into(),
        commit: "a1b2c3".into(),
        branch: Some("main".into()),
    };
    let repository = Repository {
        root: Some("/srv/my repo".into()),
        prefix: "fleet/".into(),
        hosted: true,
        revision: Some(revision),
    };
    Checked { repository, ..checked() }
}

#[test]
fn the_run_has_what_code_scanning_reads() {
    let (findings, open) = sample();
    let document = document(&findings, &open, &full());
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    assert_eq!(run["automationDetails"]["id"], "plimsoll/check/");
    assert_eq!(run["originalUriBaseIds"]["SRCROOT"]["uri"], "file:///srv/my%20repo/");
    assert_eq!(run["versionControlProvenance"][0]["revisionId"], "a1b2c3");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!((&rule["id"], &rule["name"]), (&"runtime-user".into(), &"RuntimeUser".into()));
    for text in ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
        assert!(rule.pointer(text).and_then(Value::as_str).is_some_and(|text| !text.is_empty()), "{text}");
    }
}

#[test]
fn results_have_regions_links_and_fingerprints() {
    let (findings, open) = sample();
    let document = document(&findings, &open, &full());
    let run = &document["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    let first = &results[0];
    assert_eq!((&first["ruleId"], &first["ruleIndex"]), (&"runtime-user".into(), &0.into()));
    let location = &first["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "fleet/services/web/Dockerfile");
    assert_eq!(
        location["region"],
        json!({"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 7, "snippet": {"text": "USER 0"}})
    );
    assert_eq!(location["contextRegion"]["snippet"]["text"], "USER 0\n");
    assert_eq!(
        first["message"]["text"],
        "runs as `0`, and the plan says `10001` ([planned here](1), [set here](2)). Write `USER 10001`."
    );
    assert_eq!(first["relatedLocations"][1]["id"], 2);
    assert_eq!(
        first["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
        "USER 10001"
    );
    assert_eq!((&results[2]["kind"], &results[2]["level"]), (&"open".into(), &"none".into()));
    for result in results {
        let prints = &result["partialFingerprints"];
        assert!(prints["primaryLocationLineHash"].as_str().is_some_and(|hash| hash.ends_with(":1")));
        assert_eq!(prints["plimsollFinding/v1"].as_str().map(str::len), Some(16));
        let index = result["locations"][0]["physicalLocation"]["artifactLocation"]["index"].as_u64().unwrap()
            as usize;
        let artifact = &run["artifacts"][index];
        assert_eq!(
            artifact["location"]["uri"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        );
        assert_eq!(artifact["sourceLanguage"], "dockerfile");
    }
}

#[test]
fn columns_are_utf16() {
    let file = source("d", "LABEL a=\"語\u{1F600}\" b=c\n");
    let document = document(&[finding("runtime-user", &file, "b=c", "m")], &[], &checked());
    assert_eq!(
        document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"],
        15
    );
}

#[test]
fn nothing_is_null_or_empty() {
    fn walk(value: &Value, path: &str) {
        let mut stack = vec![(value, path.to_owned())];
        while let Some((value, path)) = stack.pop() {
            match value {
                Value::Null => panic!("{path} is null"),
                Value::String(text) => assert!(!text.is_empty(), "{path} is empty"),
                Value::Array(items) => {
                    assert!(!items.is_empty(), "{path} is empty");
                    stack.extend(items.iter().map(|item| (item, format!("{path}/0"))));
                }
                Value::Object(members) => {
                    stack.extend(members.iter().map(|(key, value)| (value, format!("{path}/{key}"))))
                }
                _ => {}
            }
        }
    }
    let (findings, open) = sample();
    walk(&document(&findings, &open, &full()), "");
    let nothing = document(&[], &[], &checked());
    assert_eq!(nothing["runs"][0]["results"], json!([]));
    assert!(nothing["runs"][0].get("artifacts").is_none());
}

#[test]
fn too_many_results_are_cut_with_a_notification_and_the_worst_stay() {
    let file = source("d", "x");
    let mut list: Vec<Finding> = Vec::new();
    for at in 0..25_010 {
        let mut one = finding("runtime-user", &file, "x", &format!("{at}"));
        one.severity = if at % 2 == 0 { Severity::Note } else { Severity::Error };
        list.push(one);
    }
    let document = document(&list, &[], &checked());
    let run = &document["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert_eq!(results.iter().filter(|result| result["level"] == "error").count(), 12_505);
    let note = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(note.starts_with("10 results are left out"), "{note}");
}

#[test]
fn hostile_text_stays_text() {
    let file = source("a b/\u{202e}[x](y)", "USER 0\n");
    let one = finding("runtime-user", &file, "USER 0", "m [click](https://example.com) \u{1b}[0m\u{202e}");
    let document = document(&[one], &[], &checked());
    let result = &document["runs"][0]["results"][0];
    assert_eq!(result["message"]["text"], "m \\[click\\](https://example.com) \\u{1b}\\[0m\\u{202e}.");
    let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert_eq!(uri, "a%20b/%E2%80%AE%5Bx%5D%28y%29");
}

/// Places that are easy to get wrong: empty file, end of file, several lines, wide characters, odd bytes and names.
fn awkward() -> Vec<Finding> {
    let files = [
        ("empty/Dockerfile", &b""[..], (0, 0)),
        ("end/Dockerfile", b"FROM a\n", (7, 7)),
        ("beyond/Dockerfile", b"FROM a", (90, 99)),
        ("lines/Dockerfile", b"RUN a \\\r\n  b\r\nUSER 0\r\n", (0, 12)),
        ("w\u{e9} \u{8a9e}/Dockerfile", b"LABEL a=\xF0\x9F\x98\x80 b\n", (6, 14)),
        ("bytes/Dockerfile", b"\xEF\xBB\xBFRUN \xFF\xFE\x00\x1b[0m\n", (7, 9)),
        ("blank/Dockerfile", b"\n\n", (1, 1)),
    ];
    let all = files.iter().map(|(path, bytes, (start, end))| {
        let source = crate::source::Source::new(String::from_utf8_lossy(path.as_bytes()), bytes.to_vec());
        let mut one =
            finding("suppression-unused", &super::super::tests::anything(), "x", "an [awkward] place of `x`");
        one.place = crate::source::Place::new(&source, crate::source::Span::new(*start, *end));
        one.unsafe_fix(one.place.clone(), "");
        one
    });
    all.collect()
}

#[test]
fn awkward_places_have_regions_inside_their_files() {
    let list = awkward();
    let document = document(&list, &[], &full());
    let results = document["runs"][0]["results"].as_array().unwrap();
    let region = |at: usize| {
        let region = &results[at]["locations"][0]["physicalLocation"]["region"];
        ["startLine", "startColumn", "endLine", "endColumn"].map(|name| region[name].as_u64().unwrap())
    };
    let expected =
        [[1, 1, 1, 1], [1, 7, 2, 1], [1, 7, 1, 7], [1, 1, 2, 4], [1, 7, 1, 13], [1, 5, 1, 7], [2, 1, 2, 1]];
    for (at, expected) in expected.into_iter().enumerate() {
        assert_eq!(region(at), expected, "{}", list[at].place.source.path());
    }
    for result in results {
        assert!(result["partialFingerprints"]["primaryLocationLineHash"].is_string());
    }
}

/// Writes the sample to the file that `PLIMSOLL_SARIF_SAMPLE` names, for validation by other tools.
#[test]
fn sample_for_other_tools() {
    let Some(path) = std::env::var_os("PLIMSOLL_SARIF_SAMPLE") else { return };
    let (mut findings, open) = sample();
    findings.extend(awkward());
    std::fs::write(path, rendered(Format::Sarif, &report(&findings, &open, &full()))).unwrap();
}
