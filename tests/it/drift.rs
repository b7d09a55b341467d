//! Images beside the Dockerfiles that they were built from.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::image_fixture::{Fixture, file, write_archive};
use crate::support::{Run, folder, plimsoll, write};

const PLAN: &str = "extends = [\"recommended\"]\n[images.hierarchy]\nbase-web = { from = \"scratch\" }\n\
                    [services.rows]\nweb = { ports = \"8080\", paths = [\"services/web\"] }\n";
const BASE: &str = "FROM scratch\nADD rootfs/ /\nENV LOG_LEVEL=INFO\nUSER 10001:10001\n";
const WEB: &str = "FROM example/base-web:1.0\nARG REVISION\nLABEL revision=\"${REVISION}\"\n\
                   ENV API_KEY=sk-live-7f3a91c2e8b4d605 MODE=fast\nWORKDIR /app\nENTRYPOINT [\"/app/web\"]\n";

/// A fleet of a base and a service.
fn fleet(name: &str) -> PathBuf {
    let folder = folder(&format!("drift-{name}"));
    write(&folder.join("plimsoll.toml"), PLAN);
    write(&folder.join("base-web/Dockerfile"), BASE);
    write(&folder.join("services/web/Dockerfile"), WEB);
    folder
}

/// The config that the fleet's Dockerfiles make, some fields changed.
fn config(changes: &Value) -> Value {
    let mut config = json!({
        "User": "10001:10001",
        "Env": ["PATH=/bin", "LOG_LEVEL=INFO", "API_KEY=sk-live-7f3a91c2e8b4d605", "MODE=fast"],
        "Labels": {"revision": "abc"},
        "WorkingDir": "/app",
        "Entrypoint": ["/app/web"],
    });
    for (key, value) in changes.as_object().unwrap() {
        config[key] = value.clone();
    }
    config
}

fn archive(folder: &Path, name: &str, tag: &str, changes: &Value) -> String {
    let image = Fixture::new(tag, config(changes)).layer("COPY web /app/web", vec![file("/app/web", "x")]);
    write_archive(&folder.join(name), &image.docker_archive());
    format!("docker-archive:{name}")
}

fn messages(run: &Run, list: &str) -> Vec<String> {
    let found = run.json()[list].as_array().unwrap().clone();
    let drift = found.iter().filter(|finding| finding["rule"] == "drift");
    drift.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn bases_of_a_named_dockerfile_are_found_in_the_fleet() {
    let folder = fleet("bases");
    let image = archive(&folder, "web.tar", "example/web:1.0", &json!({"Env": ["LOG_LEVEL=DEBUG", "X=1"]}));
    let run = plimsoll(
        &folder,
        &["image", &image, "--against", "services/web", "--select", "drift", "--format", "json"],
    );
    assert_eq!(run.code, Some(1), "{run:?}");
    let found = messages(&run, "findings");
    let want = [
        "the variable `API_KEY` is not set in the image, and `***` in `services/web/Dockerfile`",
        "the variable `MODE` is not set in the image, and `fast` in `services/web/Dockerfile`",
        "the variable `LOG_LEVEL` is `DEBUG` in the image, and `INFO` in `base-web/Dockerfile`",
        "the variable `X` is `1` in the image, and not set in `services/web/Dockerfile`",
    ];
    assert_eq!(found.len(), want.len(), "{found:?}");
    assert!(want.iter().all(|want| found.iter().any(|found| found == want)), "{found:?}");
    let open = messages(&run, "open");
    assert_eq!(
        open,
        [
            "cannot tell whether the label `revision` is what `services/web/Dockerfile` says: `REVISION` has no value here"
        ]
    );
}

#[test]
fn build_arguments_close_what_is_open() {
    let folder = fleet("arguments");
    let image = archive(&folder, "web.tar", "example/web:1.0", &json!({}));
    let judged = |revision: &str| {
        let argument = format!("REVISION={revision}");
        let against = ["--against", ".", "--build-arg", &argument, "--select", "drift", "--strict"];
        plimsoll(&folder, &[&["image", &image, "--format", "concise"], &against[..]].concat())
    };
    let same = judged("abc");
    assert_eq!((same.code, same.stdout.as_str()), (Some(0), ""), "{same:?}");
    let other = judged("def");
    assert_eq!(other.code, Some(1), "{other:?}");
    let want = "the label `revision` is `abc` in the image, and `def` in `services/web/Dockerfile`";
    assert!(other.stdout.contains(want), "{other:?}");
}

#[test]
fn secrets_of_both_sides_stay_hidden() {
    let folder = fleet("secrets");
    let changes = json!({"Env": ["LOG_LEVEL=INFO", "API_KEY=sk-live-a5d80b6e4c2f1973", "MODE=slow"]});
    let image = archive(&folder, "web.tar", "example/web:1.0", &changes);
    for format in ["text", "json", "sarif", "concise"] {
        let run = plimsoll(&folder, &["image", &image, "--against", ".", "--format", format]);
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(all.contains("API_KEY") && all.contains("MODE"), "{format}: {all}");
        for secret in ["7f3a91c2e8b4d605", "a5d80b6e4c2f1973"] {
            assert!(!all.contains(secret), "{format}: {all}");
        }
    }
}

#[test]
fn check_judges_images_of_services_beside_the_files() {
    let folder = fleet("check");
    let image = archive(&folder, "any.tar", "unknown:1.0", &json!({"User": "0"}));
    let pair = format!("web={image}");
    let run = plimsoll(&folder, &["check", ".", "--image", &pair, "--select", "drift", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(
        messages(&run, "findings"),
        ["User is `0` in the image, and `10001:10001` in `base-web/Dockerfile`"]
    );
    let report = run.json();
    assert_eq!(report["findings"][0]["service"], "web", "{report}");
    assert_eq!(report["checked"]["files"]["image"], 1, "{report}");
    assert_eq!(report["checked"]["files"]["dockerfile"], 2, "{report}");
    for (pair, want) in [
        ("wbe=docker-archive:any.tar", "Did you mean `web`?"),
        ("nothing=docker-archive:any.tar", "It has these: web."),
        ("web", "Write SERVICE=REF"),
        ("web=docker-archive:nowhere.tar", "nowhere.tar"),
    ] {
        let run = plimsoll(&folder, &["check", ".", "--image", pair, "--select", "drift"]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains(want), "{pair}: {run:?}");
    }
}

#[test]
fn who_compares_nothing_hears_of_it() {
    let folder = fleet("nothing");
    let web = archive(&folder, "web.tar", "example/web:1.0", &json!({}));
    let other = archive(&folder, "other.tar", "example/other:1.0", &json!({}));
    let judged = |names: &[&str]| {
        let against = ["--against", ".", "--select", "drift", "--format", "json"];
        plimsoll(&folder, &[&["image"], names, &against[..]].concat())
    };
    let none = judged(&[&other]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.stderr.contains("no Dockerfile of the call is known to build it"), "{none:?}");
    let some = judged(&[&other, &web]);
    assert_eq!(some.code, Some(0), "{some:?}");
    assert!(some.json()["checked"]["not_checked"].to_string().contains("other.tar"), "{some:?}");
}

#[test]
fn a_dumped_record_hides_secrets() {
    let folder = folder("drift-dump");
    let image = archive(&folder, "web.tar", "example/web:1.0", &json!({}));
    let run = plimsoll(&folder, &["dump", &image]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let record = run.json();
    assert_eq!(record["reference"], "docker-archive:web.tar");
    assert_eq!(record["image"]["config"]["WorkingDir"], "/app");
    assert!(run.stdout.contains("API_KEY=") && !run.stdout.contains("7f3a91c2e8b4d605"), "{run:?}");
    let gone = plimsoll(&folder, &["dump", "docker-archive:nowhere.tar"]);
    assert_eq!(gone.code, Some(2), "{gone:?}");
}
