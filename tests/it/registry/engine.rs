//! Images of an engine, played by a server on a Unix socket.
#![cfg(unix)]

use std::io::{BufReader, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;

use serde_json::json;

use crate::support::image_fixture::{Fixture, file, program, tar_of};
use crate::support::registry_server::read_request;
use crate::support::{folder, plimsoll_with_env, write};

/// Answers every request with what `answer` says of its path, in chunks as Docker does. An answer with status 0 is a good one
/// that stops in the middle.
fn start(socket: &Path, answer: impl Fn(&str) -> (u16, Vec<u8>) + Send + 'static) {
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        let mut stopped = Vec::new();
        for mut stream in listener.incoming().map_while(Result::ok) {
            let Some(seen) = read_request(&mut BufReader::new(&stream)) else { continue };
            assert_eq!(seen.method, "GET");
            let (status, body) = answer(&seen.path);
            let (first, second) = body.split_at(body.len() / 2);
            let head = "content-type: application/json\r\ntransfer-encoding: chunked";
            let mut sent = format!("HTTP/1.1 {} x\r\n{head}\r\n\r\n", status.max(200)).into_bytes();
            for chunk in [first, second].into_iter().filter(|chunk| !chunk.is_empty()) {
                sent.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
                sent.extend(chunk);
                sent.extend(b"\r\n");
                if status == 0 {
                    break;
                }
            }
            if status != 0 {
                sent.extend(b"0\r\n\r\n");
            }
            // The client may be gone.
            let _ = stream.write_all(&sent);
            if status == 0 {
                stopped.push(stream);
            }
        }
    });
}

#[test]
fn an_image_of_an_engine_is_judged_without_its_layers() {
    let place = folder("engine");
    write(&place.join("plimsoll.toml"), "[user]\nuid = 10001\ngid = 10001\n");
    let socket = place.join("s.sock");
    let id = format!("sha256:{}", "ab".repeat(32));
    let inspected = json!({
        "Id": id, "RepoTags": ["org/web:1"], "Created": "2025-08-12T00:00:00Z", "Architecture": "amd64", "Os": "linux",
        "Config": {"User": "0", "Cmd": ["/app"], "Env": ["PATH=/bin"]}, "Size": 5,
        "RootFS": {"Type": "layers", "Layers": [format!("sha256:{}", "cd".repeat(32))]},
    });
    let history = json!([
        {"Id": "<missing>", "Created": 1_754_956_800, "CreatedBy": "USER 0", "Size": 0, "Comment": ""},
        {"Id": id, "Created": 1_754_956_800, "CreatedBy": "COPY app /app", "Size": 5, "Comment": ""},
    ]);
    start(&socket, move |path| match path {
        "/images/org/web:1/json" => (200, inspected.to_string().into()),
        "/images/org/web:1/history" => (200, history.to_string().into()),
        "/images/odd/json" => (200, b"[1".to_vec()),
        _ => (404, json!({"message": "No such image"}).to_string().into()),
    });
    let call = |name: &str, host: &str| {
        let arguments = ["image", name, "--select", "runtime-user", "--format", "json", "--layers", "never"];
        plimsoll_with_env(&place, &arguments, &[("DOCKER_HOST", host)])
    };
    let host = format!("unix://{}", socket.display());
    let run = call("docker-daemon:org/web:1", &host);
    assert_eq!((run.code, run.findings().len()), (Some(1), 1), "{run:?}");
    for (name, host, words) in [
        ("docker-daemon:none:1", host.as_str(), "has no image `none:1`"),
        ("docker-daemon:odd", &host, "is not that of a Docker Engine"),
        ("docker-daemon:org/web:1", "unix:///nowhere/docker.sock", "/nowhere/docker.sock"),
        ("docker-daemon:org/web:1", "tcp://127.0.0.1:2375", "only unix:// sockets"),
    ] {
        let run = call(name, host);
        assert!(run.code == Some(2) && run.stderr.contains(words), "{name} {host}: {run:?}");
    }
}

/// Rules that look at layers and one that does not.
const RULES: &str = "runtime-user,image-setuid,image-vcs,image-config";

fn image() -> Fixture {
    Fixture::new("org/web:1", json!({"User": "0", "Cmd": ["/app"]}))
        .layer("COPY app /app", vec![file("/app/.git/config", "[core]"), program("/app/run", 0o4755)])
        .meta("USER 0")
        .layer("COPY more /more", vec![file("/more/x", "hello")])
}

/// As engines since 25.0 write it: an OCI layout, and `manifest.json` that names its blobs.
fn newer(image: &Fixture) -> Vec<(String, Vec<u8>)> {
    let blobs = image.blobs();
    let path = |digest: String| format!("blobs/{}", digest.replace(':', "/"));
    let layers: Vec<String> = blobs.layers.iter().map(|layer| path(layer.digest())).collect();
    let named = json!([{"Config": path(blobs.config.digest()), "RepoTags": [image.tag], "Layers": layers}]);
    let mut members = image.oci_layout();
    members.push(("manifest.json".to_owned(), named.to_string().into()));
    members
}

#[test]
fn an_image_of_an_engine_is_read_in_one_pass() {
    let place = folder("engine_layers");
    write(&place.join("plimsoll.toml"), "[user]\nuid = 10001\ngid = 10001\n");
    let socket = place.join("s.sock");
    let old = image().docker_archive();
    write(&place.join("old.tar"), tar_of(&old));
    let edited = |member: &str, to: &dyn Fn(&mut Vec<u8>)| {
        let mut members = old.clone();
        let found = members.iter_mut().find(|(name, _)| name.contains(member)).unwrap();
        to(&mut found.1);
        tar_of(&members)
    };
    let two = json!([{"Config": "x.json", "RepoTags": ["other:1"], "Layers": []}]).to_string();
    let archives = [
        ("old", tar_of(&old)),
        ("new", tar_of(&newer(&image()))),
        // Another layer than the config says.
        ("other", edited("layer.tar", &|bytes| *bytes = tar_of(&[("x".to_owned(), b"y".to_vec())]))),
        ("text", edited("layer.tar", &|bytes| *bytes = b"no archive".to_vec())),
        ("foreign", edited("manifest.json", &|bytes| *bytes = two.clone().into())),
        ("cut", tar_of(&old)[..4_000].to_vec()),
        ("garbage", vec![b'x'; 4_000]),
    ];
    start(&socket, move |path| {
        let Some((name, what)) = path.strip_prefix("/images/org/").and_then(|rest| rest.split_once(":1/"))
        else {
            return (404, b"{}".to_vec());
        };
        let known = archives.iter().find(|(known, _)| *known == name);
        match (what, known) {
            ("json", _) => {
                let tags = json!([format!("org/{name}:1")]);
                (
                    200,
                    json!({"Id": "sha256:x", "RepoTags": tags, "Os": "linux", "Architecture": "amd64"})
                        .to_string()
                        .into(),
                )
            }
            ("get", Some((_, archive))) => (200, archive.clone()),
            ("get", None) if name == "stops" => (0, tar_of(&old)),
            _ => (404, b"{}".to_vec()),
        }
    });
    let host = format!("unix://{}", socket.display());
    let call = |name: &str| {
        let limits = ["--timeout", "500ms", "--deadline", "20s"];
        let arguments = [&["image", name, "--select", RULES, "--format", "json"][..], &limits].concat();
        plimsoll_with_env(&place, &arguments, &[("DOCKER_HOST", &host)])
    };
    let said = |name: &str| -> Vec<String> {
        let run = call(name);
        assert_eq!(run.code, Some(1), "{name}: {run:?}");
        run.findings()
            .iter()
            .map(|found| format!("{} {} {}", found["rule"], found["line"], found["message"]))
            .collect()
    };
    let want = said("docker-archive:old.tar");
    assert_eq!(want.len(), 3, "{want:?}");
    assert_eq!(said("docker-daemon:org/old:1"), want);
    assert_eq!(said("docker-daemon:org/new:1").len(), 3);
    for (name, words) in [
        ("other", "not the diff_id"),
        ("text", "is none"),
        ("foreign", "`x.json` is not in it"),
        ("cut", "it is cut off"),
        ("garbage", "it is no tar archive"),
        ("stops", "no answer within 0.5s"),
        ("missing", "has no image"),
    ] {
        let run = call(&format!("docker-daemon:org/{name}:1"));
        assert!(run.code == Some(2) && run.stderr.contains(words), "{name}: {run:?}");
    }
}
