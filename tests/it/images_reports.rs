//! Reports about images in every format: names that are no paths, hostile texts, several platforms of one name.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::image_fixture::{Blob, Fixture, file, write_archive, write_folder};
use crate::support::{FORMATS, Run, folder, plimsoll, write};

/// What a terminal, a log or a review page would act on.
const HOSTILE: &str = "a\u{1b}[31m\n::error file=x::owned\r\n\u{202e}\u{9b}<img src=x>|`x` [y](http://z) ##[error]owned\u{2028}]]>";

fn root_image(tag: &str) -> Fixture {
    Fixture::new(tag, json!({"User": "0", "Cmd": ["/app"]})).layer("COPY app /app", vec![file("/app", "x")])
}

fn judged(folder: &Path, names: &[&str], format: &str) -> Run {
    let fixed = ["image", "--select", "runtime-user", "--format", format, "--pack", "recommended"];
    plimsoll(folder, &[&fixed[..], names].concat())
}

/// Layouts whose folders have names that read like addresses.
fn odd_names(folder: &Path) -> Vec<String> {
    let layout = root_image("org/web:1.0").oci().oci_layout();
    let mut names = Vec::new();
    for path in ["https/web", "we b@1", "sub,dir=x;y/%41", "é/#web?"] {
        write_folder(&folder.join(path), &layout);
        names.push(format!("dir-less/../{path}"));
    }
    write(&folder.join("dir-less/x"), "");
    names.iter().map(|path| format!("oci:{path}")).collect()
}

#[test]
fn every_format_names_the_image_as_given() {
    let folder = folder("images-reports-names");
    let names = odd_names(&folder);
    for name in &names {
        let run = judged(&folder, &[name], "json");
        assert_eq!(run.code, Some(1), "{run:?}");
        let finding = &run.findings()[0];
        assert_eq!((finding["file"].as_str(), finding["subject"].as_str()), (Some(&**name), Some(&**name)));
        assert_eq!(run.json()["checked"]["files"], json!({"image": 1}));
        let sarif = judged(&folder, &[name], "sarif").json();
        let result = &sarif["runs"][0]["results"][0];
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
        assert!(uri.contains("/oci%3A") && uri.bytes().all(is_plain), "{uri}");
        assert_eq!(result["properties"]["subject"], name.as_str());
        assert_eq!(sarif["runs"][0]["automationDetails"]["id"], "plimsoll/image/");
        let github = judged(&folder, &[name], "github").stdout;
        assert_eq!(github.matches("::error file=oci%3A").count(), 1, "{github}");
        assert!(judged(&folder, &[name], "concise").stdout.starts_with(&format!("{name}:")), "{name}");
        for format in ["gitlab", "junit", "checkstyle", "markdown", "text"] {
            assert!(!judged(&folder, &[name], format).stdout.is_empty(), "{format}");
        }
    }
    let gitlab = judged(&folder, &[&names[0]], "gitlab").json();
    assert_eq!(gitlab[0]["location"]["path"], names[0].as_str());
}

#[test]
fn the_last_line_counts_images() {
    let folder = folder("images-reports-summary");
    write_archive(&folder.join("a.tar"), &root_image("org/a:1").docker_archive());
    write_archive(&folder.join("b.tar"), &root_image("org/b:1").docker_archive());
    let last = |names: &[&str]| {
        let run = judged(&folder, names, "text");
        run.stdout.lines().last().unwrap_or_default().to_owned()
    };
    let one = last(&["docker-archive:a.tar"]);
    assert!(one.starts_with("1 error in 1 image against"), "{one}");
    let two = last(&["docker-archive:a.tar", "docker-archive:b.tar"]);
    assert!(two.starts_with("2 errors in 2 images against"), "{two}");
    let missing = judged(&folder, &["docker-archive:a.tar", "docker-archive:none.tar"], "text");
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(missing.stdout.contains("1 error in 1 image against"), "{missing:?}");
    assert!(missing.stderr.contains("docker-archive:none.tar"), "{missing:?}");
}

#[test]
fn only_rules_of_images_are_not_planned() {
    let folder = folder("images-reports-planned");
    write_archive(&folder.join("a.tar"), &root_image("org/a:1").docker_archive());
    write(&folder.join("plimsoll.toml"), "[services.rows]\na = { ports = \"7000/8000\" }\n");
    let report = plimsoll(&folder, &["image", "docker-archive:a.tar", "--format", "json"]).json();
    let listed = |key: &str| report["checked"][key].as_array().cloned().unwrap_or_default();
    assert!(listed("not_planned").contains(&json!("image-size")), "{report}");
    assert!(!listed("not_planned").contains(&json!("workflow-matrix")), "{report}");
    assert!(listed("rules").contains(&json!("image-secret")), "{report}");
    assert_eq!(report["checked"]["services"][0]["name"], "a", "{report}");
    assert_eq!(report["checked"]["services"][0]["files"], json!(["docker-archive:a.tar"]));
}

/// An image whose every text is hostile.
fn hostile() -> Fixture {
    let config = json!({
        "User": HOSTILE,
        "Env": [format!("{HOSTILE}_TOKEN=abcd1234x"), format!("LOG_LEVEL={HOSTILE}")],
        "Labels": {"org.opencontainers.image.revision": HOSTILE, HOSTILE: "https://a:k5Wn83pLz@b/c"},
        "Volumes": {format!("/etc/{HOSTILE}/../"): {}, "/etc": {}},
        "ExposedPorts": {HOSTILE: {}},
        "Cmd": [HOSTILE],
    });
    let step = format!("RUN |1 {HOSTILE}=x API_TOKEN=k5Wn83pLz /bin/sh -c {HOSTILE}");
    let path = "/root/\u{1b}[31m::error::\u{202e}\n/id_rsa";
    let mut fixture = Fixture::new("org/web:20250812-abcdef0", config)
        .layer(&step, vec![file(path, "-----BEGIN OPENSSH PRIVATE KEY-----\n")])
        .oci();
    fixture.annotations = json!({HOSTILE: HOSTILE, "x.token": "k5Wn83pLz9"});
    fixture.config["architecture"] = json!(HOSTILE);
    fixture
}

#[test]
fn no_format_lets_an_image_speak() {
    let folder = folder("images-reports-hostile");
    let name = "we\u{1b}[31m\u{202e}b";
    write_folder(&folder.join(name), &hostile().oci_layout());
    let plan = "extends = [\"strict\"]\n[env]\nLOG_LEVEL = [\"INFO\"]\n[images]\ntag = '^\\d{8}-[0-9a-f]{7}$'\n\
        platforms = [\"linux/amd64\"]\n[images.size]\ncpu = \"1B\"\n";
    write(&folder.join("plimsoll.toml"), plan);
    for format in FORMATS {
        let run = plimsoll(&folder, &["image", &format!("oci:{name}"), "--format", format, "-v"]);
        assert_eq!(run.code, Some(1), "{run:?}");
        for text in [&run.stdout, &run.stderr] {
            let bad = |c: &char| {
                (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2028}')
            };
            assert_eq!(text.chars().find(bad), None, "{format}: {text}");
            let speaks =
                |line: &&str| line.trim_start().starts_with("::error file=x") || line.starts_with("##[");
            assert_eq!(text.lines().find(speaks), None, "{format}: {text}");
        }
        if matches!(format, "json" | "sarif" | "gitlab") {
            assert!(run.json().is_object() || run.json().is_array());
        }
        if matches!(format, "junit" | "checkstyle") {
            assert!(!run.stdout.contains("<img") && !run.stdout.contains("]]>"), "{format}: {}", run.stdout);
        }
        if format == "markdown" {
            // What stands between backticks is code.
            let plain = run.stdout.lines().map(|line| line.split('`').step_by(2).collect::<String>());
            assert!(
                plain.into_iter().all(|line| !line.contains("](http") && !line.contains("<img")),
                "{}",
                run.stdout
            );
        }
    }
}

#[test]
fn a_long_line_is_cut_around_what_is_marked() {
    let folder = folder("images-reports-long");
    let step = format!(
        "RUN /bin/sh -c {} && app --password hunter2hunter2 && {}",
        "echo a ".repeat(900),
        "echo b ".repeat(900)
    );
    let fixture = Fixture::new("org/web:1", json!({"User": "1"})).layer(&step, vec![file("/app", "x")]);
    write_archive(&folder.join("a.tar"), &fixture.docker_archive());
    let run = plimsoll(&folder, &["image", "docker-archive:a.tar", "--select", "image-secret"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.contains("app --password *************"), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.chars().count() < 400), "{}", run.stdout);
}

/// A layout with one image for each of two platforms.
fn two_platforms(folder: &Path) {
    let mut members: Vec<(String, Vec<u8>)> =
        vec![("oci-layout".into(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec())];
    let mut manifests: Vec<Value> = Vec::new();
    for architecture in ["amd64", "arm64"] {
        let mut fixture = root_image("org/web:1").oci();
        fixture.config["architecture"] = json!(architecture);
        fixture.config["config"]["Env"] =
            json!([format!("{}=1", "X".repeat(architecture.len())), "API_TOKEN=k5Wn83pLz"]);
        let blobs = fixture.blobs();
        let mut descriptor = blobs.manifest.descriptor();
        descriptor["platform"] = json!({"os": "linux", "architecture": architecture});
        manifests.push(descriptor);
        let all = [blobs.manifest, blobs.config].into_iter().chain(blobs.layers);
        members
            .extend(all.map(|blob: Blob| (format!("blobs/{}", blob.digest().replace(':', "/")), blob.bytes)));
    }
    // Tools attach attestations as a manifest of no platform.
    let index = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests});
    members.push(("index.json".into(), index.to_string().into()));
    write_folder(folder, &members);
}

#[test]
fn platforms_of_one_name_are_told_apart() {
    let folder = folder("images-reports-platforms");
    two_platforms(&folder.join("web"));
    let plan =
        "[images]\nplatforms = [\"linux/amd64\", \"linux/arm64/v8\", \"linux/s390x\"]\n[user]\nuid = 10001\n";
    write(&folder.join("plimsoll.toml"), plan);
    let run = |format: &str, rule: &str| {
        plimsoll(&folder, &["image", "oci:web", "--platform", "all", "--select", rule, "--format", format])
    };
    let subjects = |rule: &str| {
        let findings = run("json", rule).findings();
        let text = |finding: &Value| finding["subject"].as_str().unwrap_or_default().to_owned();
        findings.iter().map(text).collect::<Vec<String>>()
    };
    let users = subjects("runtime-user");
    assert_eq!(users.len(), 2, "{users:?}");
    assert!(users[0] != users[1] && users.iter().all(|subject| subject.contains("linux/")), "{users:?}");
    let findings = run("json", "image-platforms").findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    let message = findings[0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("`linux/amd64`, `linux/arm64`, and not the planned `linux/s390x`"), "{message}");
    for format in FORMATS {
        let run = run(format, "image-secret");
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(!run.stdout.contains("k5Wn83pLz"), "{format}: {}", run.stdout);
    }
}
