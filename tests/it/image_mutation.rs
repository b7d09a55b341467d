//! Images with random faults: whatever a byte turns into, reading ends without a panic, and so does judging what was read.

use std::fs;
use std::path::Path;

use plimsoll::image::{ImageName, ReadOptions, read};
use serde_json::{Value, json};

use crate::hostile_images::{Then, archive_of, images, stored};
use crate::mutation::{Random, mutated};
use crate::support::folder;
use crate::support::image_fixture::{Fixture, file, program, sha256, symlink, tar_of, write_folder};

/// What means something in JSON, in a config, in a name or in a header of tar.
const SNIPPETS: [&[u8]; 30] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b",",
    b":",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"99999999999999999999",
    b"\0",
    b"\xff",
    b"../",
    b"/",
    b".wh.",
    b".wh..wh..opq",
    b"sha256:",
    b"sha512:",
    b"0:0",
    b"root",
    b"\"User\":",
    b"\"Env\":[\"A=",
    b"\"Healthcheck\":{\"Test\":[\"CMD\"",
    b"$",
    b"\x1b[",
];

/// An image that says something in each field that is read.
fn rich() -> Fixture {
    let config = json!({
        "User": "app", "Env": ["PATH=/usr/bin:/bin", "A=b", "LOG_LEVEL=INFO"], "WorkingDir": "/app",
        "Entrypoint": ["/usr/bin/tini", "--"], "Cmd": ["/bin/sh", "-c", "exec serve"],
        "ExposedPorts": {"8000/tcp": {}, "9000-9010/udp": {}}, "Volumes": {"/data": {}},
        "Labels": {"org.opencontainers.image.revision": "abcdef0"}, "StopSignal": "SIGTERM", "Shell": ["/bin/sh", "-c"],
        "OnBuild": ["RUN x"], "ArgsEscaped": true,
        "Healthcheck": {"Test": ["CMD-SHELL", "wget -q -O- http://localhost:9000/health || exit 1"],
            "Interval": 30_000_000_000_u64, "Timeout": 1_000_000_000, "StartPeriod": 0, "Retries": 3},
    });
    let mut image = Fixture::new("example/web:20260101-abcdef0", config)
        .layer(
            "/bin/sh -c #(nop) ADD dir:a in /",
            vec![
                program("/usr/bin/tini", 0o755),
                program("/usr/bin/su", 0o4755),
                symlink("/bin", "usr/bin"),
                file("/etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:10001:10001::/app:/bin/sh\n"),
                file("/etc/group", "root:x:0:\napp:x:10001:\n"),
                file("/etc/shadow", "root::1:0:99999:7:::\n"),
            ],
        )
        .layer(
            "RUN pip install x # buildkit",
            vec![
                file("/etc/.wh.group", ""),
                file("/app/.git/HEAD", "ref"),
                file("/usr/lib/python3/site-packages/x-1.0.dist-info/METADATA", "Name: x\n"),
                file("/cache/.wh..wh..opq", ""),
            ],
        )
        .meta("ENV A=b");
    image.annotations = json!({"org.opencontainers.image.base.name": "example/base:1"});
    image
}

/// The same bytes but for one to four.
fn overwritten(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        bytes[at] = random.below(256) as u8;
    }
    bytes
}

/// Reads an image and says whether that went well.
fn reads(name: &str) -> bool {
    let name = ImageName::parse(name).unwrap();
    read(&name, &ReadOptions::default()).is_ok()
}

#[test]
fn archives_with_random_faults() {
    let folder = folder("image-mutation/archives");
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut read = 0;
    for (form, bytes) in [
        ("docker-archive", tar_of(&rich().docker_archive())),
        ("oci-archive", tar_of(&rich().oci().oci_layout())),
    ] {
        let path = folder.join("bad.tar");
        for _ in 0..400 {
            fs::write(&path, mutated(&bytes, &mut random, &SNIPPETS)).unwrap();
            read += usize::from(reads(&format!("{form}:{}", path.display())));
        }
        // Nothing shifts, so that most of an archive is still read.
        for _ in 0..400 {
            fs::write(&path, overwritten(&bytes, &mut random)).unwrap();
            read += usize::from(reads(&format!("{form}:{}", path.display())));
        }
    }
    assert!(read > 10, "only {read} of 1,600 were read");
}

/// A layout of this config, manifest and first layer, under right digests, each changed first.
fn layout(mut change: impl FnMut(&str, &[u8]) -> Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let image = rich().oci();
    let tars: Vec<Vec<u8>> = image
        .layers
        .iter()
        .map(|entries| change("layer", &crate::support::image_fixture::tar(entries)))
        .collect();
    let mut config = image.config.clone();
    config["rootfs"] =
        json!({"type": "layers", "diff_ids": tars.iter().map(|tar| sha256(tar)).collect::<Vec<_>>()});
    let config = change("config", config.to_string().as_bytes());
    let describe = |media_type: &str, bytes: &[u8]| json!({"mediaType": media_type, "digest": sha256(bytes), "size": bytes.len()});
    let layers: Vec<Value> =
        tars.iter().map(|tar| describe("application/vnd.oci.image.layer.v1.tar", tar)).collect();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({"schemaVersion": 2, "mediaType": kind, "annotations": image.annotations,
        "config": describe("application/vnd.oci.image.config.v1+json", &config), "layers": layers});
    let manifest = change("manifest", manifest.to_string().as_bytes());
    let index = json!({"schemaVersion": 2, "manifests": [describe(kind, &manifest)]});
    let index = change("index", index.to_string().as_bytes());
    let path = |bytes: &[u8]| format!("blobs/{}", sha256(bytes).replace(':', "/"));
    let mut members = vec![
        ("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()),
        ("index.json".to_owned(), index),
    ];
    for blob in [manifest, config].into_iter().chain(tars) {
        members.push((path(&blob), blob));
    }
    members
}

#[test]
fn parts_with_random_faults() {
    let folder = folder("image-mutation/parts");
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for part in ["config", "manifest", "index", "layer"] {
        let mut read = 0;
        for round in 0..250 {
            let members = layout(|kind, bytes| match kind == part {
                // A byte more or less, and all headers behind it are none.
                true if part == "layer" => overwritten(bytes, &mut random),
                true => mutated(bytes, &mut random, &SNIPPETS),
                false => bytes.to_vec(),
            });
            let path = folder.join(format!("{part}-{round}"));
            write_folder(&path, &members);
            read += usize::from(reads(&format!("oci:{}", path.display())));
            fs::remove_dir_all(&path).unwrap();
        }
        // Of a layer hardly a byte is not under a checksum.
        assert!(read > if part == "layer" { 0 } else { 5 }, "{part}: only {read} of 250 were read");
    }
}

#[test]
fn configs_with_random_faults_are_judged() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let config = rich().config.to_string();
    for round in 0..5 {
        images(&format!("judged-{round}"), Then::Ends, |folder: &Path| {
            let names = (0..40).map(|at| {
                let text = mutated(config.as_bytes(), &mut random, &SNIPPETS);
                let manifest = br#"[{"Config":"config.json","RepoTags":["example/web:1"],"Layers":[]}]"#;
                let members = [stored("config.json", &text), stored("manifest.json", manifest)];
                archive_of(&folder.join(format!("{at}.tar")), &members);
                format!("docker-archive:{at}.tar")
            });
            names.collect()
        });
    }
}
