//! `--baseline`: what was there stays quiet, what is new fails, and the list only shrinks.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::support::image_fixture::{Fixture, file, write_folder};
use crate::support::{folder, plimsoll, write};

const CHECK: [&str; 7] =
    ["check", "--pack", "recommended", "--select", "secret-literal", "--baseline", "known.json"];

fn dockerfile(folder: &Path, name: &str, above: usize, secrets: std::ops::Range<usize>) {
    let padding = "# nothing\n".repeat(above);
    let lines: String = secrets.map(|at| format!("ENV API_{at}_PASSWORD=hunter{at}xyz\n")).collect();
    write(&folder.join(name), format!("FROM python:3.11\n{padding}{lines}"));
}

fn check(folder: &Path, more: &[&str]) -> crate::support::Run {
    plimsoll(folder, &[&CHECK[..], more].concat())
}

#[test]
fn a_thousand_old_findings_stay_quiet_after_200_lines_and_one_new_one_fails() {
    let folder = folder("baseline/thousand");
    dockerfile(&folder, "a/Dockerfile", 0, 0..500);
    dockerfile(&folder, "b/Dockerfile", 0, 500..1000);
    let made = check(&folder, &["--write-baseline"]);
    assert!(made.code == Some(0) && made.stdout.contains("1000 in the baseline"), "{made:?}");
    let lines = fs::read_to_string(folder.join("known.json")).unwrap().lines().count();
    assert_eq!(lines, 1002, "one entry a line");

    dockerfile(&folder, "a/Dockerfile", 200, 0..500);
    dockerfile(&folder, "b/Dockerfile", 200, 500..1001);
    let run = check(&folder, &["--format", "json"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let findings = run.findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(
        (findings[0]["file"].as_str(), findings[0]["line"].as_u64()),
        (Some("b/Dockerfile"), Some(702))
    );
    assert_eq!(run.json()["summary"]["baseline"], json!({"known": 1000, "gone": 0, "protected": 0}));
}

#[test]
fn it_is_a_ratchet() {
    let folder = folder("baseline/ratchet");
    dockerfile(&folder, "Dockerfile", 0, 0..3);
    assert_eq!(check(&folder, &["--write-baseline"]).code, Some(0));
    // One is mended, one is new.
    dockerfile(&folder, "Dockerfile", 0, 1..4);
    let run = check(&folder, &[]);
    assert!(run.code == Some(1) && run.stdout.contains("lists 1 that are gone"), "{run:?}");
    let run = check(&folder, &["--write-baseline"]);
    assert_eq!(run.code, Some(1), "a new finding is not taken in: {run:?}");
    let text = fs::read_to_string(folder.join("known.json")).unwrap();
    assert!(!text.contains("API_0_") && !text.contains("API_3_") && text.contains("API_2_"), "{text}");
    // What was mended cannot come back.
    dockerfile(&folder, "Dockerfile", 0, 0..3);
    let run = check(&folder, &["--format", "json"]);
    assert!(run.code == Some(1) && run.findings().len() == 1, "{run:?}");
}

#[test]
fn a_call_over_a_part_of_the_fleet_takes_out_nothing_of_the_rest() {
    let folder = folder("baseline/part");
    dockerfile(&folder, "a/Dockerfile", 0, 0..2);
    dockerfile(&folder, "b/Dockerfile", 0, 2..4);
    assert_eq!(check(&folder, &["--write-baseline"]).code, Some(0));
    let before = fs::read(folder.join("known.json")).unwrap();
    let run = check(&folder, &["a/Dockerfile", "--write-baseline"]);
    assert!(run.code == Some(0) && !run.stdout.contains("gone"), "{run:?}");
    assert_eq!(fs::read(folder.join("known.json")).unwrap(), before);
    // Of what it looks at it does.
    dockerfile(&folder, "a/Dockerfile", 0, 0..1);
    let run = check(&folder, &["./a", "--write-baseline"]);
    assert!(run.code == Some(0) && run.stdout.contains("lists 1 that are gone"), "{run:?}");
    let text = fs::read_to_string(folder.join("known.json")).unwrap();
    assert!(!text.contains("API_1_") && text.contains("API_3_"), "{text}");
}

#[test]
fn what_is_no_baseline_is_refused() {
    let folder = folder("baseline/refused");
    dockerfile(&folder, "Dockerfile", 0, 0..1);
    let run = check(&folder, &[]);
    assert!(run.code == Some(2) && run.stderr.contains("there is no baseline `known.json`"), "{run:?}");
    assert!(run.stderr.contains("--write-baseline"), "{run:?}");
    for bad in ["", "[]", "{\"version\":9,\"findings\":[]}", &"[".repeat(100_000)] {
        write(&folder.join("known.json"), bad);
        let run = check(&folder, &["--write-baseline"]);
        assert!(run.code == Some(2) && run.stderr.contains("is no baseline"), "{run:?}");
        assert_eq!(fs::read_to_string(folder.join("known.json")).unwrap(), bad, "it is not written over");
    }
}

#[test]
fn images_that_were_mended_are_taken_out_and_others_stay() {
    let folder = folder("baseline/images");
    let image = |name: &str, user: &str| {
        let fixture = Fixture::new(name, json!({"User": user, "Cmd": ["/app"]}));
        write_folder(
            &folder.join(name),
            &fixture.layer("COPY app /app", vec![file("/app", "x")]).oci().oci_layout(),
        );
    };
    let check = |names: &[&str]| {
        let fixed =
            ["image", "--pack", "recommended", "--select", "runtime-user", "--baseline", "known.json"];
        plimsoll(&folder, &[&fixed[..], &["--write-baseline"], names].concat())
    };
    image("web", "0");
    image("api", "0");
    let made = check(&["oci:web", "oci:api"]);
    assert!(made.code == Some(0) && made.stdout.contains("2 in the baseline"), "{made:?}");
    image("web", "10001");
    image("api", "10001");
    let run = check(&["oci:web"]);
    assert!(run.code == Some(0) && run.stdout.contains("lists 1 that are gone"), "{run:?}");
    let text = fs::read_to_string(folder.join("known.json")).unwrap();
    assert!(!text.contains("oci:web") && text.contains("oci:api"), "{text}");
}

#[test]
fn a_baseline_is_the_same_from_every_folder() {
    let folder = folder("baseline/below");
    write(&folder.join("plimsoll.toml"), "[user]\nuid = 10001\n");
    dockerfile(&folder, "services/x/Dockerfile", 0, 0..2);
    dockerfile(&folder, "other/Dockerfile", 0, 2..3);
    let write_it = ["check", "--select", "secret-literal", "--baseline", "known.json", "--write-baseline"];
    assert_eq!(plimsoll(&folder, &write_it).code, Some(0));
    let whole = fs::read_to_string(folder.join("known.json")).unwrap();
    let below = folder.join("services");
    let arguments = ["check", "--select", "secret-literal", "--baseline", "../known.json"];
    let run = plimsoll(&below, &arguments);
    assert!(run.code == Some(0) && run.stdout.contains("2 in the baseline"), "{run:?}");
    assert_eq!(plimsoll(&below, &[&arguments[..], &["--write-baseline"]].concat()).code, Some(0));
    assert_eq!(fs::read_to_string(folder.join("known.json")).unwrap(), whole, "nothing was mended");
    // From above as well, where the plan has to be named.
    let name = folder.file_name().unwrap().to_str().unwrap();
    let (plan, known) = (format!("{name}/plimsoll.toml"), format!("{name}/known.json"));
    let above = ["check", name, "--plan", &plan, "--select", "secret-literal", "--baseline", &known];
    let run = plimsoll(folder.parent().unwrap(), &above);
    assert!(run.code == Some(0) && run.stdout.contains("3 in the baseline"), "{run:?}");
}

#[test]
fn a_file_that_cannot_be_read_mends_nothing() {
    let folder = folder("baseline/unread");
    dockerfile(&folder, "a/Dockerfile", 0, 0..2);
    dockerfile(&folder, "b/Dockerfile", 0, 2..4);
    assert_eq!(check(&folder, &["--select", "syntax", "--write-baseline"]).code, Some(0));
    write(&folder.join("a/Dockerfile"), "FROM\n");
    let run = check(&folder, &["--select", "syntax", "--write-baseline"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let text = fs::read_to_string(folder.join("known.json")).unwrap();
    assert!(text.contains("API_0_") && text.contains("API_2_"), "{text}");
}

#[cfg(unix)]
#[test]
fn links_and_devices_are_no_baselines() {
    let (outside, folder) = (folder("baseline/outside"), folder("baseline/links"));
    dockerfile(&folder, "Dockerfile", 0, 0..1);
    std::os::unix::fs::symlink("/dev/zero", folder.join("known.json")).unwrap();
    let run = check(&folder, &[]);
    assert!(run.code == Some(2) && run.stderr.contains("no file"), "{run:?}");
    fs::remove_file(folder.join("known.json")).unwrap();
    std::os::unix::fs::symlink(outside.join("new.json"), folder.join("known.json")).unwrap();
    let run = check(&folder, &["--write-baseline"]);
    assert!(run.code == Some(2) && run.stderr.contains("links are not followed"), "{run:?}");
    assert!(!outside.join("new.json").exists());
}
