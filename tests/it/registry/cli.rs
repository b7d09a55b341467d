//! The same through the program: what it reports, what it exits with, and what it never does.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Dead, Fixture, Reply, Seen, Sent, Server, Shelf, file, folder, web};
use crate::support::image_fixture::Blob;
use crate::support::{Run, plimsoll, plimsoll_with_env, write};

const PLAN: &str = "[user]\nuid = 10001\ngid = 10001\n";
/// `anna:hunter2-hunter2`
const LOGIN: &str = "YW5uYTpodW50ZXIyLWh1bnRlcjI=";

/// A folder with a plan.
fn place(name: &str, plan: &str) -> std::path::PathBuf {
    let place = folder(name);
    write(&place.join("plimsoll.toml"), plan);
    place
}

/// How many images were judged.
fn judged(run: &Run) -> u64 {
    run.json()["checked"]["files"]["image"].as_u64().unwrap_or_else(|| panic!("{run:?}"))
}

fn has_no_secret(run: &Run) {
    for secret in ["hunter2", LOGIN, "good-token"] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run:?}");
    }
}

/// A folder with `config.json` that has a login for these registries.
fn logged_in(place: &Path, registries: &[&str]) -> String {
    let auths: serde_json::Map<String, serde_json::Value> =
        registries.iter().map(|registry| ((*registry).to_owned(), json!({"auth": LOGIN}))).collect();
    write(&place.join("docker/config.json"), json!({"auths": auths}).to_string());
    place.join("docker").to_str().unwrap().to_owned()
}

#[test]
fn an_image_of_a_registry_is_judged() {
    let root = Fixture::new("org/root:1", json!({"User": "0", "Cmd": ["/app"]}));
    let server = Server::of(&[web("org/web:1"), root]);
    let place = place("registry_judged", PLAN);
    let name = |image: &str| format!("{}/org/{image}:1", server.address);
    let run = plimsoll(&place, &["image", &name("web"), "--select", "runtime-user", "--format", "json"]);
    assert_eq!((run.code, judged(&run)), (Some(0), 1), "{run:?}");
    let root = format!("docker://{}", name("root"));
    let run = plimsoll(&place, &["image", &root, "--select", "runtime-user", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.findings()[0]["file"], root.as_str());
    let run = plimsoll(&place, &["image", &name("none"), "--format", "json"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("knows no repository org/none"), "{run:?}");
}

#[test]
fn the_platform_of_an_index_is_chosen() {
    let mut shelf = Shelf::default();
    let of = |architecture: &str, user: &str| {
        let mut image = Fixture::new("org/web:one", json!({"User": user, "Cmd": ["/app"]}));
        image.config["architecture"] = json!(architecture);
        image
    };
    let entries: Vec<_> = [("amd64", "10001:10001"), ("arm64", "0")]
        .map(|(architecture, user)| {
            let mut descriptor = shelf.put(&of(architecture, user)).descriptor();
            descriptor["platform"] = json!({"os": "linux", "architecture": architecture});
            descriptor
        })
        .to_vec();
    let media_type = "application/vnd.docker.distribution.manifest.list.v2+json";
    let index = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": entries});
    let index = Blob { media_type: media_type.to_owned(), bytes: index.to_string().into_bytes() };
    shelf.put_manifest("org/web", "1", &index);
    let server = Server::start(move |seen| shelf.answer(seen));
    let place = place("registry_platform", PLAN);
    let name = format!("{}/org/web:1", server.address);
    for (platform, code, count) in [("linux/amd64", 0, 1), ("linux/arm64", 1, 1), ("all", 1, 2)] {
        let run = plimsoll(
            &place,
            &["image", &name, "--platform", platform, "--select", "runtime-user", "--format", "json"],
        );
        assert_eq!((run.code, judged(&run)), (Some(code), count), "{platform}: {run:?}");
    }
}

#[test]
fn two_hundred_images_are_checked_in_one_call() {
    let base = vec![file("/big", &"x".repeat(1 << 20))];
    let images: Vec<Fixture> = (0..200)
        .map(|at| {
            Fixture::new(&format!("org/web-{at}:1"), json!({"User": "10001:10001", "Cmd": ["/app"]}))
                .layer("COPY big /big", base.clone())
                .layer("COPY app /app", vec![file("/app", &at.to_string())])
        })
        .collect();
    let server = Server::of(&images);
    let names: Vec<String> = (0..200).map(|at| format!("{}/org/web-{at}:1", server.address)).collect();
    let mut arguments = vec!["image", "--select", "runtime-user", "--format", "json"];
    arguments.extend(names.iter().map(String::as_str));
    let run = plimsoll(&place("registry_many", PLAN), &arguments);
    assert_eq!((run.code, judged(&run)), (Some(0), 200), "{}", run.stderr);
    assert!(run.peak_kb < 128 << 10, "{} kB", run.peak_kb);
    println!(
        "200 images: {} kB, {:?} of processor time, {} connections",
        run.peak_kb,
        run.cpu,
        server.connections()
    );
    assert!(server.connections() <= 16, "{}", server.connections());
}

#[test]
fn a_dead_registry_does_not_keep_others_from_being_judged() {
    let server = Server::of(&[web("org/web:1")]);
    let (dead, silent) = (Dead::new(), Server::start(|_| Reply::sent(Sent::Nothing)));
    let mut names: Vec<String> = (0..40).map(|at| format!("{}/org/web-{at}:1", dead.address)).collect();
    names.extend((0..40).map(|at| format!("{}/org/web-{at}:1", silent.address)));
    names.push(format!("{}/org/web:1", server.address));
    let place = place("registry_dead", PLAN);
    let call = |limits: &[&str]| {
        let mut arguments = vec!["image", "--select", "runtime-user", "--format", "json"];
        arguments.extend(limits);
        arguments.extend(names.iter().map(String::as_str));
        let start = Instant::now();
        (plimsoll(&place, &arguments), start.elapsed())
    };
    let (run, took) = call(&["--timeout", "1s"]);
    assert_eq!((run.code, judged(&run)), (Some(2), 1), "{run:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(run.stderr.contains(&dead.address) && run.stderr.contains("no answer"), "{run:?}");
    let (run, took) = call(&["--timeout", "1m", "--deadline", "2s"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("the deadline of 2s passed"), "{run:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

/// A registry that wants a login and takes any.
fn basic(image: Fixture) -> Server {
    let shelf = Shelf::of(&[image]);
    Server::start(move |seen| match seen.header("authorization") {
        Some(_) => shelf.answer(seen),
        None => Reply::new(401, "").header("www-authenticate", "Basic realm=\"x\""),
    })
}

fn sent_logins(seen: &[Seen]) -> usize {
    seen.iter().filter(|seen| seen.header("authorization").is_some()).count()
}

#[test]
fn logins_go_to_the_registry_they_were_stored_for() {
    let (own, other) = (basic(web("org/web:1")), basic(web("org/web:1")));
    let place = place("registry_basic", PLAN);
    let docker = logged_in(&place, &[&own.address]);
    let (first, second) = (format!("{}/org/web:1", own.address), format!("{}/org/web:1", other.address));
    let env = [("DOCKER_CONFIG", docker.as_str())];
    let run = plimsoll_with_env(&place, &["image", &first, "--format", "json"], &env);
    assert_eq!(
        (run.code, sent_logins(&own.seen())),
        (Some(2), 0),
        "not without --docker-config-auth: {run:?}"
    );
    assert!(run.stderr.contains("--docker-config-auth") && run.stderr.contains("denies org/web"), "{run:?}");
    let arguments =
        ["image", &first, &second, "--docker-config-auth", "--select", "runtime-user", "--format", "json"];
    let run = plimsoll_with_env(&place, &arguments, &env);
    assert_eq!((run.code, judged(&run)), (Some(2), 1), "{run:?}");
    assert_eq!(
        own.seen().iter().find_map(|seen| seen.header("authorization").map(str::to_owned)),
        Some(format!("Basic {LOGIN}"))
    );
    assert_eq!(sent_logins(&other.seen()), 0);
    has_no_secret(&run);
}

#[test]
fn a_foreign_token_service_gets_no_login() {
    let thief = Server::start(|_| Reply::new(200, r#"{"token":"good-token"}"#));
    let shelf = Shelf::of(&[web("org/web:1")]);
    let (address, realm) = (thief.address.clone(), std::sync::Arc::new(std::sync::Mutex::new(String::new())));
    let said = std::sync::Arc::clone(&realm);
    let server = Server::start(move |seen| match seen.header("authorization") {
        Some("Bearer good-token") => shelf.answer(seen),
        Some(_) => Reply::new(403, ""),
        None if seen.path.starts_with("/token") => Reply::new(401, ""),
        None => {
            let realm = said.lock().unwrap().clone();
            Reply::new(401, "").header("www-authenticate", format!("Bearer realm=\"{realm}\",service=\"x\""))
        }
    });
    let place = place("registry_thief", PLAN);
    let docker = logged_in(&place, &[&server.address]);
    let name = format!("{}/org/web:1", server.address);
    for elsewhere in [format!("http://{address}/token"), "http://thief.example/token".to_owned()] {
        realm.lock().unwrap().clone_from(&elsewhere);
        let run = plimsoll_with_env(
            &place,
            &["image", &name, "--docker-config-auth", "--select", "runtime-user", "--format", "json"],
            &[("DOCKER_CONFIG", &docker)],
        );
        has_no_secret(&run);
        assert_eq!(sent_logins(&thief.seen()), 0, "{elsewhere}");
    }
    assert!(!thief.seen().is_empty(), "it is asked, but not told anything");
}

#[cfg(unix)]
#[test]
fn credential_helpers_have_a_time_limit_and_no_voice() {
    use std::os::unix::fs::PermissionsExt;
    let server = basic(web("org/web:1"));
    let place = place("registry_helper", PLAN);
    let helper = |script: &str| {
        let path = place.join("bin/docker-credential-own");
        write(&path, format!("#!/bin/sh\nread -r server\n{script}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        write(&place.join("docker/config.json"), r#"{"credsStore": "own"}"#);
        let (docker, bin) = (place.join("docker"), place.join("bin"));
        let path = format!("{}:/usr/bin:/bin", bin.display());
        let env = [("DOCKER_CONFIG", docker.to_str().unwrap()), ("PATH", path.as_str())];
        let name = format!("{}/org/web:1", server.address);
        let arguments = [
            "image",
            &name,
            "--docker-config-auth",
            "--timeout",
            "1s",
            "--select",
            "runtime-user",
            "--format",
            "json",
        ];
        plimsoll_with_env(&place, &arguments, &env)
    };
    let good = helper(r#"echo '{"ServerURL":"","Username":"anna","Secret":"hunter2-hunter2"}'"#);
    assert_eq!(good.code, Some(0), "{good:?}");
    for (script, words) in [
        ("echo hunter2; echo hunter2 >&2; exit 1", "the credential helper failed"),
        ("exec sleep 5", "no answer in time"),
        (r#"echo '{"ServerURL":"","Username":"<token>","Secret":"hunter2"}'"#, "not supported"),
    ] {
        let run = helper(script);
        assert!(run.code == Some(2) && run.stderr.contains(words), "{script}: {run:?}");
        has_no_secret(&run);
    }
}

#[test]
fn check_opens_no_connection() {
    let server = Server::of(&[web("org/web:1"), web("org/base:1")]);
    let plan = format!(
        "{PLAN}[images]\nregistry = \"{}/org\"\n[images.hierarchy]\nbase = \"scratch\"\n",
        server.address
    );
    let place = place("registry_check", &plan);
    write(&place.join("web/Dockerfile"), format!("FROM {}/org/base:1\nUSER 10001:10001\n", server.address));
    let compose = format!("services:\n  web:\n    image: {}/org/web:1\n", server.address);
    write(&place.join("compose.yaml"), compose);
    for arguments in [&["check", "."][..], &["graph", "."], &["plan", "show"]] {
        let run = plimsoll(&place, arguments);
        assert_ne!(run.code, None, "{run:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn planned_images_are_looked_up() {
    let images = ["base:20250812-abcdef0", "model-ops:20250811-1234567", "model-ops:latest", "odd:latest"];
    let server = Server::of(&images.map(|image| web(&format!("org/{image}"))));
    let plan = |registry: &str| {
        format!(
            "[images]\nregistry = \"{registry}/org\"\ntag = '^\\d{{8}}-[0-9a-f]{{7}}$'\n\
             [images.hierarchy]\nbase = \"debian\"\n\
             [services.rows.model_ops]\nport = 1\n[services.rows.odd]\nport = 2\n[services.rows.gone]\nport = 3\n"
        )
    };
    let place = place("registry_planned", &plan(&server.address));
    let call = |more: &[&str]| {
        let arguments =
            [&["image", "--planned", "--select", "registry-presence", "--format", "json"], more].concat();
        plimsoll(&place, &arguments)
    };
    let messages = |run: &Run| -> Vec<String> {
        run.findings()
            .iter()
            .map(|finding| finding["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let run = call(&[]);
    let said = messages(&run).join("\n");
    assert_eq!((run.code, run.findings().len()), (Some(1), 2), "{run:?}");
    assert!(said.contains("/org/odd") && said.contains("/org/gone"), "{said}");
    let run = call(&["--tag", "20250812-abcdef0"]);
    let said = messages(&run).join("\n");
    assert_eq!(run.findings().len(), 3, "{run:?}");
    assert!(said.contains("/org/model-ops` has no tag `20250812-abcdef0`"), "{said}");
    let dead = Dead::new();
    write(&place.join("plimsoll.toml"), plan(&dead.address));
    let run = call(&["--timeout", "300ms"]);
    assert!(run.code == Some(2) && run.stderr.contains("no answer"), "{run:?}");
    let denying = Server::start(|_| Reply::new(403, "{}"));
    write(&place.join("plimsoll.toml"), plan(&denying.address));
    let run = call(&[]);
    assert!(run.code == Some(2) && run.stderr.contains("--docker-config-auth"), "{run:?}");
    assert_eq!(run.json()["open"].as_array().map(Vec::len), Some(4), "{run:?}");
    write(&place.join("plimsoll.toml"), PLAN);
    let run = call(&[]);
    assert!(run.code == Some(2) && run.stderr.contains("names no registry"), "{run:?}");
}
