//! Whole small fleets through the binary: every expected finding, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{assert_blessed, plimsoll, repository};

/// Rule, file and line, and how often.
type Bag = BTreeMap<(String, String, u64), i64>;

fn fleet(name: &str) -> PathBuf {
    repository("testdata/fleets").join(name)
}

fn add(bag: &mut Bag, finding: &Value, count: i64) {
    let text = |key: &str| finding[key].as_str().unwrap_or_else(|| panic!("{key} of {finding}")).to_owned();
    *bag.entry((text("rule"), text("file"), finding["line"].as_u64().unwrap())).or_default() += count;
}

/// Checks a fleet as its README says, and compares.
fn assert_expected(name: &str) {
    let folder = fleet(name);
    let expected = fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    let expected: Vec<Value> = expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let run = plimsoll(&folder, &["check", ".", "--format", "json", "--plan", "plimsoll.toml"]);
    assert!(matches!(run.code, Some(0 | 1)), "{name}: {run:?}");
    let findings = run.findings();
    let mut bag = Bag::new();
    expected.iter().for_each(|finding| add(&mut bag, finding, 1));
    findings.iter().for_each(|finding| add(&mut bag, finding, -1));
    let list = |missing: bool| {
        let rows = bag.iter().filter(|(_, count)| if missing { **count > 0 } else { **count < 0 });
        let rows = rows.map(|((rule, file, line), count)| {
            let message = findings.iter().find(|finding| {
                finding["rule"] == rule.as_str()
                    && finding["file"] == file.as_str()
                    && finding["line"] == *line
            });
            let message = message.and_then(|finding| finding["message"].as_str()).unwrap_or_default();
            format!("  {file}:{line}: {rule} ({}) {message}", count.abs())
        });
        rows.collect::<Vec<_>>()
    };
    let (missing, unexpected) = (list(true), list(false));
    println!(
        "{name}: {} expected, {} missing, {} unexpected, {} open",
        expected.len(),
        missing.len(),
        unexpected.len(),
        run.json()["open"].as_array().unwrap().len()
    );
    assert!(
        missing.is_empty() && unexpected.is_empty(),
        "{name}\nmissing:\n{}\nunexpected:\n{}",
        missing.join("\n"),
        unexpected.join("\n")
    );
    let errors = findings.iter().any(|finding| finding["severity"] == "error");
    assert_eq!(run.code, Some(i32::from(errors)), "{name}: the exit code follows the findings");
}

macro_rules! fleets {
    ($($test:ident $folder:literal)+) => {
        $(
            #[test]
            fn $test() {
                assert_expected($folder);
            }
        )+

        #[test]
        fn every_fleet_is_tested() {
            let mut folders: Vec<String> = fs::read_dir(fleet("."))
                .unwrap()
                .map(|entry| entry.unwrap())
                .filter(|entry| entry.path().join("expected.jsonl").exists())
                .map(|entry| entry.file_name().into_string().unwrap())
                .collect();
            folders.sort();
            assert_eq!(folders, [$($folder),+]);
        }
    };
}

fleets! {
    aim "aim"
    blueprint "blueprint"
    blueprint_broken "blueprint-broken"
    blueprint_deploy_broken "blueprint-deploy-broken"
    frames_api "frames-api"
    frames_api_broken "frames-api-broken"
    harbour "harbour"
    knative "knative"
    knative_broken "knative-broken"
    messy "messy"
    phase4 "phase4"
}

/// Formats for people, printed for one fleet and compared as a whole.
#[test]
fn formats_for_people() {
    let folder = fleet("blueprint-broken");
    for (name, arguments) in [
        ("text", ["--format", "text"].as_slice()),
        ("concise", &["--format", "concise"]),
        ("statistics", &["--format", "concise", "--statistics"]),
    ] {
        let run = plimsoll(&folder, &[&["check", "."], arguments].concat());
        assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{name}");
        assert!(!run.stdout.contains('\x1b'), "{name}: no colours outside a terminal");
        let lines = run.stdout.lines();
        let printed = match name {
            // The findings are those of `concise`; what is compared is the table behind them.
            "statistics" => lines
                .skip_while(|line| line.contains("]: ") || line.contains("["))
                .fold(String::new(), |all, line| all + line + "\n"),
            _ => run.stdout.clone(),
        };
        assert_blessed(&folder.join("snapshots").join(format!("{name}.txt")), &printed);
    }
}

/// Formats for programs say the same findings, in the form that their readers rely on.
#[test]
fn formats_for_programs() {
    let folder = fleet("blueprint-broken");
    let json = plimsoll(&folder, &["check", ".", "--format", "json"]);
    let document = json.json();
    assert_eq!(document["version"], 1);
    let findings = json.findings();
    for finding in &findings {
        for key in ["rule", "severity", "message", "file", "fingerprint"] {
            assert!(finding[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {finding}");
        }
        for key in ["line", "column", "end_line", "end_column"] {
            assert!(finding[key].as_u64().is_some_and(|number| number > 0), "{key}: {finding}");
        }
        for key in ["service", "subject", "plan", "origin", "related", "fix"] {
            assert!(finding.get(key).is_some(), "{key}: {finding}");
        }
        let start = (finding["line"].as_u64(), finding["column"].as_u64());
        assert!(start <= (finding["end_line"].as_u64(), finding["end_column"].as_u64()), "{finding}");
        assert!(folder.join(finding["file"].as_str().unwrap()).is_file(), "{finding}");
    }
    let total: u64 = ["errors", "warnings", "notes"]
        .iter()
        .map(|key| document["summary"][key].as_u64().unwrap_or_else(|| panic!("{key}")))
        .sum();
    assert_eq!(total, findings.len() as u64);

    let lines = plimsoll(&folder, &["check", ".", "--format", "jsonl"]);
    let lines: Vec<Value> = lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, findings);
}

#[test]
fn sarif_has_what_code_scanning_needs() {
    let folder = fleet("blueprint-broken");
    let run = plimsoll(&folder, &["check", ".", "--format", "sarif"]);
    let log = run.json();
    assert_eq!((run.code, log["version"].as_str()), (Some(1), Some("2.1.0")));
    let driver = &log["runs"][0]["tool"]["driver"];
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(driver["name"], "plimsoll");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let json = plimsoll(&folder, &["check", ".", "--format", "json"]);
    let findings = results.iter().filter(|result| result["kind"] != "open").count();
    assert_eq!(findings, json.findings().len(), "SARIF and JSON list the same findings");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"], "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.is_empty() && !uri.starts_with('/') && !uri.contains(' '), "{result}");
        for key in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["region"][key].as_u64().is_some_and(|number| number > 0), "{key}: {result}");
        }
        assert!(result["partialFingerprints"]["primaryLocationLineHash"].is_string(), "{result}");
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{result}");
    }
    for rule in rules {
        for key in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[key]["text"].as_str().is_some_and(|text| !text.is_empty()), "{key}: {rule}");
        }
    }
}

/// Formats of other systems: one entry a finding, and nothing that ends an element or a command early.
#[test]
fn formats_of_other_systems() {
    let folder = fleet("blueprint-broken");
    let count = plimsoll(&folder, &["check", ".", "--format", "json"]).findings().len();
    for (format, entry) in
        [("github", "\n::"), ("checkstyle", "<error "), ("junit", "<testcase "), ("gitlab", "\"check_name\"")]
    {
        let run = plimsoll(&folder, &["check", ".", "--format", format]);
        let found = format!("\n{}", run.stdout).matches(entry).count();
        assert!(run.code == Some(1) && found >= count, "{format}: {found} of {count}: {run:?}");
    }
}

/// The picture in the README is a part of what its quick start prints.
#[test]
fn the_readme_shows_what_is_printed() {
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    let picture = readme.split_once("<!-- picture").unwrap().1.split_once("<!-- /picture -->").unwrap().0;
    let picture = picture.split_once("```text\n").unwrap().1.split_once("```").unwrap().0;
    let command = "check testdata/fleets/blueprint-broken";
    assert!(readme.contains(&format!("cargo run --release -- {command}\n")));
    let run = plimsoll(&repository("."), &command.split(' ').collect::<Vec<_>>());
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    for finding in picture.trim_end().split("\n\n") {
        assert!(run.stdout.contains(&format!("{finding}\n\n")), "not printed:\n{finding}\n\n{}", run.stdout);
    }
}

/// The same input gives the same bytes, whatever the number of threads.
#[test]
fn reports_do_not_depend_on_threads() {
    let folder = fleet("blueprint-broken");
    let of = |jobs: &str| plimsoll(&folder, &["check", ".", "--format", "json", "--jobs", jobs]).stdout;
    let one = of("1");
    assert!(!one.is_empty() && one == of("2") && one == of("8"));
}
