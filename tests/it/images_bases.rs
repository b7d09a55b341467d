//! What built images are built on, end to end: a hierarchy five deep, in every form, whole and damaged.

use std::path::Path;

use serde_json::json;

use crate::support::image_fixture::{Entry, Fixture, file, write_archive, write_folder};
use crate::support::{Run, folder, plimsoll, write};

const PLAN: &str = "[images.hierarchy]\nbase-python = { from = \"python:3.11-slim-bookworm\" }\n\
    base-utils = { from = \"base-python\" }\nbase-cpu-pydeps = { from = \"base-utils\" }\n\
    family-web = { from = \"base-cpu-pydeps\" }\n[services.rows]\nstream-relay = { base = \"family-web\" }\n";

const NAMES: [&str; 5] = ["base-python", "base-utils", "base-cpu-pydeps", "family-web", "stream-relay"];

/// The first steps of an image below its own, as a builder makes them.
fn on(base: Option<&Fixture>, name: &str, tag: &str) -> Fixture {
    let mut fixture = Fixture::new(&format!("example/{name}:{tag}"), json!({"User": "10001"}));
    if let Some(base) = base {
        fixture.layers.clone_from(&base.layers);
        fixture.config["history"] = base.config["history"].clone();
    }
    fixture
}

fn holds(name: &str) -> Vec<Entry> {
    vec![file(&format!("/usr/share/{name}"), name)]
}

/// The hierarchy and its service.
fn five() -> Vec<Fixture> {
    let mut images: Vec<Fixture> = Vec::new();
    for name in NAMES {
        let image = on(images.last(), name, "2").layer(&format!("RUN install {name}"), holds(name));
        images.push(image.meta(&format!("ENV {name}=1")));
    }
    images
}

/// With all layers in one, of one step.
fn squashed(image: &Fixture) -> Fixture {
    let entries = image.layers.concat();
    let mut squashed = Fixture { layers: Vec::new(), ..image.clone() };
    squashed.config["history"] = json!([]);
    squashed.layer("CMD [\"serve\"]", entries)
}

/// How `plimsoll` is asked for images that are written in one form.
fn written(folder: &Path, images: &[&Fixture], form: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, image) in images.iter().enumerate() {
        let file = format!("{at}-{}", form);
        match form {
            "oci" => write_folder(&folder.join(&file), &image.oci_layout()),
            "dir" => write_folder(&folder.join(&file), &image.dir()),
            "oci-archive" => write_archive(&folder.join(&file), &image.oci_layout()),
            _ => write_archive(&folder.join(&file), &image.docker_archive()),
        }
        names.push(format!("{form}:{file}"));
    }
    names
}

fn graph(folder: &Path, names: &[String], more: &[&str]) -> String {
    let mut arguments = vec!["graph"];
    arguments.extend(names.iter().flat_map(|name| ["--image", name]));
    arguments.extend(more);
    let run = plimsoll(folder, &arguments);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.stdout
}

fn planned(name: &str) -> std::path::PathBuf {
    let folder = folder(&format!("images_bases/{name}"));
    write(&folder.join("plimsoll.toml"), PLAN);
    folder
}

/// What the rules about bases say of the last image, the others being candidates: `rule?` when it is open.
fn said(folder: &Path, names: &[String]) -> Vec<String> {
    let (last, bases) = names.split_last().unwrap();
    let mut arguments = vec!["image", last.as_str(), "--format", "json"];
    arguments.extend(bases.iter().flat_map(|name| ["--base", name]));
    for rule in ["base-proof", "base-family", "base-outdated"] {
        arguments.extend(["--select", rule]);
    }
    let run: Run = plimsoll(folder, &arguments);
    let report = run.json();
    let line = |one: &serde_json::Value, mark: &str| {
        format!("{}{mark}: {}", one["rule"].as_str().unwrap(), one["message"].as_str().unwrap())
    };
    let findings = report["findings"].as_array().unwrap().iter().map(|one| line(one, ""));
    let open = report["open"].as_array().unwrap().iter().map(|one| line(one, "?"));
    findings.chain(open).collect()
}

const CHAIN: &str = "base-python\n└─ base-utils (proven)\n   └─ base-cpu-pydeps (proven)\n      └─ family-web (proven)\n         \
    └─ stream-relay (proven)\n";

#[test]
fn the_hierarchy_is_recovered_from_every_form() {
    let images = five();
    let images: Vec<&Fixture> = images.iter().rev().collect();
    for form in ["docker-archive", "oci", "oci-archive"] {
        let folder = planned(&format!("five/{form}"));
        assert_eq!(graph(&folder, &written(&folder, &images, form), &[]), CHAIN, "{form}");
    }
    // Two forms of every image in one call are five images.
    let folder = planned("five/both");
    let mut names = written(&folder, &images, "oci");
    names.extend(written(&folder, &images, "docker-archive"));
    assert_eq!(graph(&folder, &names, &[]), CHAIN);
    // A form that carries no name takes part by its layers alone.
    let folder = planned("five/dir");
    let text = graph(&folder, &written(&folder, &images, "dir"), &[]);
    assert_eq!(text.matches("(proven)").count(), 4, "{text}");
    assert!(text.starts_with("dir:4-dir\n└─ dir:3-dir (proven)\n"), "{text}");
}

#[test]
fn drawings_mark_what_is_proven() {
    let folder = planned("formats");
    let images = five();
    let squashed = squashed(&images[4]);
    let names = written(&folder, &[&images[2], &images[3], &squashed], "oci");
    assert_eq!(
        graph(&folder, &names, &[]),
        "base-cpu-pydeps\n└─ family-web (proven)\n   └─ stream-relay (unknown: its layers are squashed into one)\n"
    );
    assert_eq!(
        graph(&folder, &names, &["--format", "dot"]),
        "digraph images {\n  rankdir=LR;\n  node [shape=box];\n  \"base-cpu-pydeps\" -> \"family-web\" [label=\"proven\"];\n  \
         \"family-web\" -> \"stream-relay\" [label=\"unknown\", style=dashed];\n}\n"
    );
    assert_eq!(
        graph(&folder, &names, &["--format", "mermaid"]),
        "graph LR\n  n1[\"base-cpu-pydeps\"]\n  n2[\"family-web\"]\n  n3[\"stream-relay\"]\n  n1 -->|proven| n2\n  \
         n2 -.->|unknown| n3\n"
    );
    let alone = graph(&folder, &names[..1], &["--format", "dot"]);
    assert!(alone.contains("\n  \"base-cpu-pydeps\";\n"), "{alone}");
    let missing = plimsoll(&folder, &["graph", "--image", "oci:nowhere"]);
    assert_eq!((missing.code, missing.stdout.as_str()), (Some(2), ""), "{missing:?}");
    assert!(missing.stderr.contains("oci:nowhere"), "{missing:?}");
    assert_eq!(plimsoll(&folder, &["graph", ".", "--image", &names[0]]).code, Some(2));
}

#[test]
fn squashed_outdated_and_flattened_images_are_told_apart() {
    let images = five();
    let service = |base: &Fixture| on(Some(base), "stream-relay", "2").layer("RUN install app", holds("app"));
    // The family, built again by the same commands a month later.
    let mut rebuilt =
        on(Some(&images[2]), "family-web", "3").layer("RUN install family-web", holds("patched"));
    rebuilt = rebuilt.meta("ENV family-web=1");
    let own_steps = rebuilt.config["history"].as_array().unwrap().len() - 2;
    for step in &mut rebuilt.config["history"].as_array_mut().unwrap()[own_steps..] {
        step["created"] = json!("2025-09-12T00:00:00Z");
    }
    let mut annotated = service(&images[1]);
    annotated.annotations = json!({
        "org.opencontainers.image.base.name": "example/family-web:2",
        "org.opencontainers.image.base.digest": format!("sha256:{}", "0".repeat(64)),
    });
    // `COPY --from=builder / /` onto base-utils.
    let flattened =
        on(Some(&images[1]), "stream-relay", "2").layer("COPY / / # buildkit", holds("everything"));
    let labelled = on(Some(&images[3]), "stream-relay", "2").meta("LABEL a=b");
    let cases: [(&str, &[&Fixture], &[&str]); 7] = [
        ("whole", &[&images[2], &images[3], &images[4]], &[]),
        ("only-a-label", &[&images[2], &images[3], &labelled], &[]),
        (
            "squashed",
            &[&images[2], &images[3], &squashed(&images[4])],
            &["base-proof?: cannot prove that it is built on `family-web`: its layers are squashed into one"],
        ),
        (
            "outdated",
            &[&images[2], &rebuilt, &images[4]],
            &[
                "base-outdated: is built on an older `family-web` than `oci-archive:1-oci-archive`: its history begins with \
              the 8 steps of an older build",
            ],
        ),
        (
            "outdated-by-annotation",
            &[&images[1], &images[3], &annotated],
            &[
                "base-outdated: is built on an older `family-web` than `oci-archive:1-oci-archive`: its annotation names the \
              digest `sha256:000000000000`",
            ],
        ),
        (
            "flattened",
            &[&images[1], &images[3], &flattened],
            &["base-family: stands on the family `base-utils` by its layers, planned `family-web`"],
        ),
        (
            "alone",
            &[&images[4]],
            &[
                "base-proof?: cannot prove that it is built on `family-web`: no image of the call is `family-web`",
            ],
        ),
    ];
    for (case, images, want) in cases {
        let folder = planned(&format!("apart/{case}"));
        assert_eq!(said(&folder, &written(&folder, images, "oci-archive")), want, "{case}");
    }
}
