//! `plan import` and `plan show --format markdown`: what a document becomes, what the plan then finds, and back again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Run, assert_blessed, folder, plimsoll, repository, write};

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => write(&target, fs::read(entry.path()).unwrap()),
        }
    }
}

/// A fleet of its own whose plan is made of its document.
fn fleet_by_document(name: &str) -> PathBuf {
    let folder = folder(&format!("plan_import/{name}"));
    copy(&repository("testdata/fleets").join(name), &folder);
    let run = plimsoll(&folder, &["plan", "import", "docs/plan.md", "--output", "plimsoll.toml", "--force"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:?}");
    folder
}

fn check(folder: &Path) -> BTreeSet<(String, String, u64)> {
    let run = plimsoll(folder, &["check", ".", "--format", "json"]);
    assert!(matches!(run.code, Some(0 | 1)), "{run:?}");
    run.findings().iter().map(place).collect()
}

fn place(finding: &Value) -> (String, String, u64) {
    let text = |key: &str| finding[key].as_str().unwrap().to_owned();
    (text("rule"), text("file"), finding["line"].as_u64().unwrap())
}

fn expected(name: &str) -> BTreeSet<(String, String, u64)> {
    let text = fs::read_to_string(repository("testdata/fleets").join(name).join("expected.jsonl")).unwrap();
    text.lines().map(|line| place(&serde_json::from_str(line).unwrap())).collect()
}

#[test]
fn a_fleet_that_keeps_its_document_has_no_findings_about_it() {
    let found = check(&fleet_by_document("blueprint"));
    // Four services whose Dockerfiles no name tells: the document does not say where they are.
    let unsaid =
        found.iter().filter(|(rule, file, _)| rule == "service-coverage" && file == "docs/plan.md").count();
    assert_eq!((unsaid, found.len()), (4, 4), "{found:?}");
}

/// What the document of this fleet does not say, and the plan beside it does.
const UNSAID: [(&str, &str); 8] = [
    ("torch-pin", "no version of torch"),
    ("health-label", "where the service of pc2 is built"),
    ("env-value", "no list of allowed values"),
    ("labels", "no vendor"),
    ("pip-hashes", "the waivers are the plan's own"),
    ("waiver", "the waivers are the plan's own"),
    ("port-conflict", "the row of EdgeCache is the plan's own"),
    ("service-coverage", "the paths of rows are the plan's own"),
];

#[test]
fn a_document_finds_what_the_plan_beside_it_finds() {
    let folder = fleet_by_document("blueprint-broken");
    let (found, expected) = (check(&folder), expected("blueprint-broken"));
    let missing: Vec<_> = expected.difference(&found).collect();
    let more: Vec<_> = found.difference(&expected).collect();
    println!("{} of {} expected, {} more", expected.len() - missing.len(), expected.len(), more.len());
    let said = |list: &[&(String, String, u64)]| {
        let list = list.iter().filter(|(rule, _, _)| !UNSAID.iter().any(|(unsaid, _)| unsaid == rule));
        list.map(|finding| format!("{finding:?}")).collect::<Vec<_>>()
    };
    assert_eq!(said(&missing), Vec::<String>::new(), "missing");
    assert_eq!(said(&more), Vec::<String>::new(), "unexpected");
    assert!(missing.len() * 10 <= expected.len(), "{missing:?}");
}

#[test]
fn plans_of_several_styles() {
    for name in ["bullets", "other-words", "prose"] {
        let source = repository("testdata/plans");
        let run = plimsoll(&source, &["plan", "import", &format!("{name}.md")]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_blessed(&source.join(format!("{name}.toml")), &run.stdout);
        let folder = folder(&format!("plan_import/{name}"));
        copy(&source, &folder);
        let plan = format!("{name}.toml");
        assert_eq!(plimsoll(&folder, &["plan", "show", "--plan", &plan]).code, Some(0), "{name}");
    }
}

/// Sections that are not promised to come back.
const NOT_BACK: [&str; 3] = ["Changed rules\n", "Waivers\n", "Repositories of services\n"];

fn promised(markdown: &str) -> Vec<&str> {
    let back = |section: &&str| !NOT_BACK.iter().any(|heading| section.starts_with(heading));
    markdown.split("\n## ").filter(back).collect()
}

#[test]
fn a_plan_that_is_printed_and_imported_is_the_same_plan() {
    let fleets = fs::read_dir(repository("testdata/fleets")).unwrap().map(|entry| entry.unwrap().path());
    let mut fleets: Vec<PathBuf> = fleets.filter(|path| path.join("plimsoll.toml").exists()).collect();
    fleets.sort();
    assert!(fleets.len() > 8);
    for fleet in fleets {
        let name = fleet.file_name().unwrap().to_str().unwrap().to_owned();
        let show = |folder: &Path| {
            plimsoll(folder, &["plan", "show", "--format", "markdown", "--plan", "plimsoll.toml"])
        };
        let first = show(&fleet);
        assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""), "{name}: {first:?}");
        let folder = folder(&format!("plan_import/back/{name}"));
        write(&folder.join("plan.md"), &first.stdout);
        for file in ["config", "schemas"] {
            if fleet.join(file).is_dir() {
                copy(&fleet.join(file), &folder.join(file));
            }
        }
        let run = plimsoll(&folder, &["plan", "import", "plan.md", "--inline", "--output", "plimsoll.toml"]);
        assert_eq!(run.code, Some(0), "{name}: {run:?}");
        let second = show(&folder);
        assert_eq!(second.code, Some(0), "{name}: {second:?}\n{run:?}");
        assert_eq!(promised(&first.stdout), promised(&second.stdout), "{name}\n{}", run.stderr);
    }
}

#[test]
fn printed_tables_are_what_they_were() {
    let fleet = repository("testdata/fleets/blueprint-broken");
    let show = || plimsoll(&fleet, &["plan", "show", "--format", "markdown"]).stdout;
    let text = show();
    assert_eq!(text, show());
    assert_blessed(&repository("testdata/plans/shown/blueprint-broken.md"), &text);
}

#[test]
fn nothing_is_overwritten_and_mistakes_are_said() {
    let folder = folder("plan_import/errors");
    write(&folder.join("plan.md"), "uid 5\n");
    write(&folder.join("plimsoll.toml"), "mine\n");
    write(
        &folder.join("two.md"),
        "# A\n\n| Service | Ports |\n|-|-|\n| x | 1 |\n\n# B\n\n| Service | Ports |\n|-|-|\n| y | 2 |\n",
    );
    write(&folder.join("nothing.md"), "# Notes\n\nNothing.\n");
    write(&folder.join("binary.md"), b"uid 5 \xff\xfe");
    let import =
        |arguments: &[&str]| -> Run { plimsoll(&folder, &[&["plan", "import"], arguments].concat()) };
    let cases: [(&[&str], &str); 7] = [
        (
            &["plan.md", "--output", "plimsoll.toml"],
            "`plimsoll.toml` exists already\n`--force` overwrites it.",
        ),
        (&["gone.md"], "cannot import gone.md: there is no such file"),
        (&["."], "it is a folder"),
        (&["two.md"], "2 tables list services with ports: `A` (line 3), `B` (line 9)"),
        (&["two.md", "--heading", "C"], "no heading of `two.md` contains `C`"),
        (&["nothing.md"], "a service table has a `Service` column beside `Ports`"),
        (&["binary.md"], "binary.md:1:7: the document is not UTF-8 text"),
    ];
    for (arguments, want) in cases {
        let run = import(arguments);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains(want), "{want}\n{}", run.stderr);
    }
    assert_eq!(fs::read_to_string(folder.join("plimsoll.toml")).unwrap(), "mine\n");
    assert_eq!(import(&["plan.md", "--output", "plimsoll.toml", "--force"]).code, Some(0));
    assert!(fs::read_to_string(folder.join("plimsoll.toml")).unwrap().contains("uid = 5 # plan.md:1"));
    let chosen = import(&["two.md", "--heading", "B"]);
    assert!(chosen.stdout.contains("heading = \"B\"") && chosen.code == Some(0), "{chosen:?}");
}
