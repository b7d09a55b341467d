//! Hostile configs and indexes: large, deep, said twice, or of other types than they should be.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use serde_json::{Value, json};

use crate::hostile_images::{Then, archive_of, config_of, healthy, image, member, put_layout, stored};
use crate::support::image_fixture::{sha256, write_folder};
use crate::support::write;

const REFUSED: Then = Then::Refuses("");

/// A docker-archive of a config and no layers.
fn config(name: &str, then: Then, text: impl AsRef<[u8]>) {
    image(&format!("config-{name}"), then, |folder| {
        let manifest = br#"[{"Config":"config.json","RepoTags":["example/web:1.0"],"Layers":[]}]"#;
        archive_of(
            &folder.join("bad.tar"),
            &[stored("config.json", text.as_ref()), stored("manifest.json", manifest)],
        );
        "docker-archive:bad.tar".to_owned()
    });
}

/// The same with something inside the inner config, and history.
fn inner(name: &str, then: Then, key: &str, value: &str) {
    let text = format!(
        r#"{{"architecture":"amd64","os":"linux","config":{{"{key}":{value}}},"history":[],"rootfs":{{"type":"layers","diff_ids":[]}}}}"#
    );
    config(name, then, text);
}

/// `piece` for each number, joined by commas.
fn each(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().join(",")
}

#[test]
fn texts_that_are_no_config() {
    let cases: [(&str, &[u8]); 12] = [
        ("empty", b""),
        ("null", b"null"),
        ("list", b"[]"),
        ("number", b"1"),
        ("text", b"\"x\""),
        ("nan", b"{\"config\": NaN}"),
        ("infinity", b"{\"config\": {\"User\": -Infinity}}"),
        ("yaml", b"config: {User: root}\n"),
        ("comment", b"{} // {\"config\": {}}"),
        ("two", b"{}{}"),
        ("comma", b"{\"config\": {},}"),
        ("open", b"{\"config\": {"),
    ];
    for (name, text) in cases {
        config(name, REFUSED, text);
    }
    // Not refused for their own sake: what is wrong may be a finding.
    let odd: [(&str, &[u8]); 8] = [
        ("object", b"{}"),
        ("bom", b"\xef\xbb\xbf{\"config\": {}}"),
        ("utf8", b"{\"config\": {\"User\": \"\xff\xfe\"}}"),
        ("surrogate", b"{\"config\": {\"User\": \"\\ud800\"}}"),
        ("control", b"{\"config\": {\"User\": \"\\u001b[2J\\u0007\\u0000\", \"Env\": [\"A=\\u009b31m\\u202e\"]}}"),
        ("raw-control", b"{\"config\": {\"User\": \"\x01\x1b[2J\"}}"),
        ("twice", b"{\"config\": {\"User\": \"0\", \"User\": \"1\"}, \"config\": {\"User\": \"2\"}, \"rootfs\": {}}"),
        ("utf16", b"\xff\xfe{\0}\0"),
    ];
    for (name, text) in odd {
        config(name, Then::Ends, text);
    }
}

#[test]
fn numbers_and_types() {
    let nines = "9".repeat(4_000);
    for (at, number) in
        ["1e999", "-0", "1e-999", "0.1", "-1", "18446744073709551616", &nines, "null", "[]", "{}", "true"]
            .iter()
            .enumerate()
    {
        for key in [
            "User",
            "Env",
            "Cmd",
            "Entrypoint",
            "ExposedPorts",
            "Labels",
            "Volumes",
            "WorkingDir",
            "Shell",
            "OnBuild",
        ] {
            if at < 3 || at == 6 || at > 6 && at % 2 == 0 {
                inner(&format!("{}-{at}", key.to_lowercase()), Then::Ends, key, number);
            }
        }
        let health =
            format!(r#"{{"Test":["CMD","x"],"Interval":{number},"Timeout":{number},"Retries":{number}}}"#);
        inner(&format!("health-{at}"), Then::Ends, "Healthcheck", &health);
        config(
            &format!("whole-{at}"),
            Then::Ends,
            format!(
                r#"{{"architecture":{number},"os":{number},"created":{number},"history":{number},"rootfs":{number}}}"#
            ),
        );
    }
}

#[test]
fn much_of_everything() {
    config(
        "history-million",
        REFUSED,
        format!(r#"{{"config":{{}},"history":[{}]}}"#, each(1_000_000, |_| "{}".into())),
    );
    config(
        "history-20000",
        Then::Ends,
        format!(r#"{{"config":{{}},"history":[{}]}}"#, each(20_000, |_| r#"{"created_by":"x"}"#.into())),
    );
    config(
        "diff-ids",
        Then::Ends,
        format!(
            r#"{{"config":{{}},"rootfs":{{"diff_ids":[{}]}}}}"#,
            each(100_000, |_| format!("\"sha256:{}\"", "0".repeat(64)))
        ),
    );
    let pairs = |count: usize| each(count, |at| format!("\"k{at}\":\"v\""));
    inner("labels-many", Then::Ends, "Labels", &format!("{{{}}}", pairs(100_000)));
    inner("labels-same", Then::Ends, "Labels", &format!("{{{}}}", each(100_000, |_| "\"k\":\"v\"".into())));
    inner(
        "ports-many",
        Then::Ends,
        "ExposedPorts",
        &format!("{{{}}}", each(65_535, |at| format!("\"{at}/tcp\":{{}}"))),
    );
    inner(
        "ports-range",
        Then::Ends,
        "ExposedPorts",
        r#"{"1-65535/tcp":{},"0-99999999999/udp":{},"65535-1/sctp":{}}"#,
    );
    inner("env-many", Then::Ends, "Env", &format!("[{}]", each(100_000, |at| format!("\"K{at}=v\""))));
    inner(
        "env-same",
        Then::Ends,
        "Env",
        &format!("[{}]", each(100_000, |_| "\"PATH=/bin:/usr/bin\"".into())),
    );
    inner("env-path", Then::Ends, "Env", &format!("[\"PATH={}\"]", "/bin:".repeat(200_000)));
    inner(
        "env-references",
        Then::Ends,
        "Env",
        &format!("[{}]", each(20_000, |at| format!("\"A{at}=${{A{}}}${{A{}}}\"", at + 1, at + 1))),
    );
    inner("env-no-equals", Then::Ends, "Env", &format!("[{}]", each(50_000, |_| "\"=\",\"\",\"x\"".into())));
    inner("cmd-many", Then::Ends, "Cmd", &format!("[{}]", each(200_000, |_| "\"-c\"".into())));
    inner("cmd-long", Then::Ends, "Cmd", &format!("[\"/bin/sh\",\"-c\",\"{}\"]", "exec ".repeat(200_000)));
    inner("cmd-quotes", Then::Ends, "Cmd", &format!("[\"/bin/sh\",\"-c\",\"{}\"]", "'$(`".repeat(50_000)));
    inner(
        "health-long",
        Then::Ends,
        "Healthcheck",
        &format!(r#"{{"Test":["CMD-SHELL","{}"]}}"#, "curl x || ".repeat(50_000)),
    );
    inner("onbuild-many", Then::Ends, "OnBuild", &format!("[{}]", each(50_000, |_| "\"RUN x\"".into())));
    inner("user-long", Then::Ends, "User", &format!("\"{}\"", "u:".repeat(500_000)));
    inner("nested-lists", REFUSED, "Cmd", &("[".repeat(200_000) + &"]".repeat(200_000)));
    inner("nested-objects", REFUSED, "Labels", &(r#"{"a":"#.repeat(200_000) + "1" + &"}".repeat(200_000)));
    inner("nested-100", Then::Ends, "Labels", &(r#"{"a":"#.repeat(100) + "1" + &"}".repeat(100)));
    inner("unknown-keys", Then::Ends, "Labels", &format!("{{}},{}", pairs(200_000)));
    inner("escapes", Then::Ends, "User", &format!("\"{}\"", "\\u0041".repeat(500_000)));
}

#[test]
fn secrets_in_floods() {
    let secret = |at: usize| format!("\"API_TOKEN_{at}=ghp_{at:036}\"");
    inner("secrets-many", Then::Ends, "Env", &format!("[{}]", each(10_000, secret)));
    let step = |at: usize| {
        format!(r#"{{"created_by":"/bin/sh -c #(nop) ENV TOKEN_{at}=ghp_{at:036}","empty_layer":true}}"#)
    };
    config("secrets-history", Then::Ends, format!(r#"{{"config":{{}},"history":[{}]}}"#, each(9_000, step)));
}

#[test]
fn configs_of_100_megabytes() {
    const SIZE: u64 = 100 << 20;
    let grow = |path: &Path| File::options().write(true).open(path).unwrap().set_len(SIZE).unwrap();
    for (name, said) in [("declared", SIZE), ("undeclared", 100)] {
        image(&format!("config-100mb-{name}"), REFUSED, |folder| {
            let mut layout = healthy().oci().oci_layout();
            let mut manifest: Value = serde_json::from_slice(&layout[2].1).unwrap();
            manifest["config"]["size"] = json!(said);
            replace_manifest(&mut layout, manifest.to_string().into_bytes());
            write_folder(&folder.join("bad"), &layout);
            grow(&folder.join("bad").join(&layout[3].0));
            "oci:bad".to_owned()
        });
    }
    image("manifest-100mb", REFUSED, |folder| {
        let layout = healthy().oci().oci_layout();
        write_folder(&folder.join("bad"), &layout);
        grow(&folder.join("bad").join(&layout[2].0));
        "oci:bad".to_owned()
    });
    image("index-100mb", REFUSED, |folder| {
        write_folder(&folder.join("bad"), &healthy().oci().oci_layout());
        grow(&folder.join("bad/index.json"));
        "oci:bad".to_owned()
    });
    for large in ["config.json", "manifest.json"] {
        image(&format!("archive-{large}-100mb"), REFUSED, |folder| {
            let manifest = br#"[{"Config":"config.json","RepoTags":[],"Layers":[]}]"#;
            let small = [stored("config.json", &config_of(&[])), stored("manifest.json", manifest)];
            let mut bytes: Vec<u8> =
                small.into_iter().filter(|bytes| !bytes.starts_with(large.as_bytes())).flatten().collect();
            let start = bytes.len() as u64;
            bytes.extend(member(large.as_bytes(), b'0', "", SIZE, b""));
            write(&folder.join("bad.tar"), bytes);
            let file = File::options().write(true).open(folder.join("bad.tar")).unwrap();
            file.set_len(start + 512 + SIZE + 1024).unwrap();
            "docker-archive:bad.tar".to_owned()
        });
    }
}

/// Puts another manifest under its right digest into a layout.
fn replace_manifest(layout: &mut [(String, Vec<u8>)], bytes: Vec<u8>) {
    let mut index: Value = serde_json::from_slice(&layout[1].1).unwrap();
    index["manifests"][0]["digest"] = json!(sha256(&bytes));
    index["manifests"][0]["size"] = json!(bytes.len());
    layout[1].1 = index.to_string().into();
    layout[2] = (format!("blobs/{}", sha256(&bytes).replace(':', "/")), bytes);
}

/// A layout whose `index.json` is this, beside the blobs of an image and others.
fn index(name: &str, then: Then, text: &str, more: &[Vec<u8>]) {
    for form in ["oci", "oci-archive"] {
        image(&format!("index-{form}-{name}"), then, |folder| {
            let mut layout = healthy().oci().oci_layout();
            layout[1].1 = text.as_bytes().to_vec();
            for blob in more {
                layout.push((format!("blobs/{}", sha256(blob).replace(':', "/")), blob.clone()));
            }
            put_layout(form, folder, &layout)
        });
    }
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// An index of these descriptors.
fn index_of(manifests: &[Value]) -> Vec<u8> {
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).to_string().into_bytes()
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": sha256(bytes), "size": bytes.len()})
}

#[test]
fn indexes_inside_each_other() {
    let good = healthy().oci().blobs().manifest;
    let mut inside = index_of(&[good.descriptor()]);
    let mut blobs = vec![inside.clone()];
    for _ in 0..5 {
        inside = index_of(&[descriptor(INDEX, &inside)]);
        blobs.push(inside.clone());
    }
    let outer = |at: usize| String::from_utf8(index_of(&[descriptor(INDEX, &blobs[at])])).unwrap();
    index("depth-2", Then::Reads, &outer(0), &blobs);
    index("depth-3", REFUSED, &outer(1), &blobs);
    index("depth-7", REFUSED, &outer(5), &blobs);
    // A digest cannot name what holds it: whoever follows without looking goes round for ever.
    let named = format!("sha256:{}", "a".repeat(64));
    let own = index_of(&[json!({"mediaType": INDEX, "digest": named, "size": 100})]);
    image("index-of-itself", REFUSED, |folder| {
        let mut layout = healthy().oci().oci_layout();
        layout[1].1.clone_from(&own);
        layout.push((format!("blobs/sha256/{}", "a".repeat(64)), own.clone()));
        put_layout("oci", folder, &layout)
    });
}

#[test]
fn indexes_of_much() {
    let good = healthy().oci().blobs().manifest.descriptor();
    let mut many = String::from(r#"{"schemaVersion":2,"manifests":["#);
    for at in 0..10_000 {
        let comma = if at == 0 { "" } else { "," };
        let mut entry = good.clone();
        entry["platform"] = json!({"os": "linux", "architecture": format!("a{at}")});
        write!(many, "{comma}{entry}").unwrap();
    }
    index("10000-entries", REFUSED, &(many + "]}"), &[]);
    let inside = index_of(&vec![descriptor(INDEX, &index_of(&vec![good.clone(); 255])); 255]);
    let wide = [index_of(&vec![good.clone(); 255]), inside.clone()];
    let outer = String::from_utf8(index_of(&[descriptor(INDEX, &inside)])).unwrap();
    index("wide", Then::Ends, &outer, &wide);
    for (at, text) in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"manifests":null}"#,
        r#"{"manifests":[]}"#,
        r#"{"manifests":[1]}"#,
        r#"{"manifests":{}}"#,
    ]
    .iter()
    .enumerate()
    {
        index(&format!("odd-{at}"), REFUSED, text, &[]);
    }
    index("deep", REFUSED, &(r#"{"manifests":"#.to_owned() + &"[".repeat(200_000)), &[]);
    let twice = format!(r#"{{"schemaVersion":2,"manifests":[],"manifests":[{good}]}}"#);
    index("twice", Then::Ends, &twice, &[]);
    for (at, platform) in
        [json!(1), json!({"os": 1}), json!({"os": "\u{1b}[2J", "architecture": null}), json!([])]
            .iter()
            .enumerate()
    {
        let mut entry = good.clone();
        entry["platform"] = platform.clone();
        index(
            &format!("platform-{at}"),
            Then::Ends,
            &json!({"schemaVersion": 2, "manifests": [entry]}).to_string(),
            &[],
        );
    }
    let lost = json!({"mediaType": good["mediaType"], "digest": "sha256:", "size": 1});
    index("no-digest", REFUSED, &json!({"manifests": [lost]}).to_string(), &[]);
}
