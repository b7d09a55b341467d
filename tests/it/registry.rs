//! Registries, right and wrong, played by a server on a loopback address.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use plimsoll::registry::{
    Client, ClientOptions, ImageAddress, RegistryError, RegistryErrorKind as Kind, Repository, sha256,
};
use serde_json::json;

use crate::support::folder;
use crate::support::image_fixture::{Fixture, file};
use crate::support::registry_server::{Dead, Reply, Seen, Sent, Server, Shelf, read_all};

mod cli;
mod engine;
mod limits;
mod tokens;

fn options() -> ClientOptions {
    let (timeout, deadline) = (Duration::from_secs(5), Duration::from_secs(30));
    ClientOptions { timeout, deadline, ..ClientOptions::default() }
}

fn client() -> Client {
    Client::new(options())
}

fn repository(server: &Server, path: &str) -> Repository {
    Repository::new(Some(&server.address), path).unwrap()
}

fn web(tag: &str) -> Fixture {
    Fixture::new(tag, json!({"User": "10001:10001", "Cmd": ["/app"]}))
        .layer("COPY app /app", vec![file("/app", "hello")])
}

/// The manifest of `org/web:1` at a server, or why not.
fn manifest(server: &Server) -> Result<String, RegistryError> {
    client().manifest(&repository(server, "org/web"), "1").map(|found| found.digest)
}

fn refusal(server: &Server) -> RegistryError {
    manifest(server).unwrap_err()
}

#[test]
fn an_image_is_read_as_it_is() {
    let image = web("org/web:1");
    let blobs = image.blobs();
    let server = Server::of(&[image]);
    let (client, web) = (client(), repository(&server, "org/web"));
    let found = client.manifest(&web, "1").unwrap();
    assert_eq!((&found.digest, &found.media_type), (&blobs.manifest.digest(), &blobs.manifest.media_type));
    assert_eq!(found, client.manifest(&web, &found.digest).unwrap());
    let config = client.config(&web, &blobs.config.digest(), blobs.config.bytes.len() as u64).unwrap();
    assert_eq!(config, blobs.config.bytes);
    let layer = &blobs.layers[0];
    let read = client.blob(&web, &layer.digest(), layer.bytes.len() as u64).unwrap();
    assert_eq!(read_all(read), layer.bytes);
    assert_eq!(client.tags(&web).unwrap(), ["1"]);
    let seen = server.seen();
    assert!(seen.iter().all(|seen| seen.method == "GET"), "{seen:?}");
    let accept = seen[0].header("accept").unwrap();
    for media in [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ] {
        assert!(accept.contains(media), "{accept}");
    }
    assert_eq!(server.connections(), 1, "connections are used again");
}

#[test]
fn what_is_not_there_is_told_apart() {
    let server = Server::of(&[web("org/web:1")]);
    let kind = |path: &str, tag: &str| client().manifest(&repository(&server, path), tag).unwrap_err().kind;
    assert_eq!(kind("org/web", "2"), Kind::NoSuchTag);
    assert_eq!(kind("org/other", "1"), Kind::Absent);
    assert_eq!(client().tags(&repository(&server, "org/other")).unwrap_err().kind, Kind::Absent);
    let denying = Server::start(|_| Reply::new(403, "{}"));
    let error = refusal(&denying);
    assert_eq!(error.kind, Kind::Denied);
    assert!(error.message.contains("org/web") && error.message.contains("do not exist"), "{error}");
}

#[test]
fn pages_of_tags_are_followed_within_bounds() {
    let server = Server::start(|seen| match seen.path.contains("last=") {
        false => Reply::new(200, json!({"tags": ["1", "2"]}).to_string())
            .header("link", "</v2/org/web/tags/list?last=2&n=2>; rel=\"next\""),
        true => Reply::new(200, json!({"tags": ["3"]}).to_string()),
    });
    assert_eq!(client().tags(&repository(&server, "org/web")).unwrap(), ["1", "2", "3"]);
    let elsewhere = Server::start(|_| Reply::new(200, json!({"tags": ["x"]}).to_string()));
    let link = format!("<http://{}/v2/org/web/tags/list?last=2>; rel=\"next\"", elsewhere.address);
    let server =
        Server::start(move |_| Reply::new(200, json!({"tags": ["1"]}).to_string()).header("link", &link));
    assert_eq!(client().tags(&repository(&server, "org/web")).unwrap(), ["1"]);
    assert_eq!(elsewhere.connections(), 0);
    let page = AtomicUsize::new(0);
    let endless = Server::start(move |_| {
        let page = page.fetch_add(1, Ordering::SeqCst);
        let tags: Vec<String> = (0..1000).map(|at| format!("{page}-{at}")).collect();
        Reply::new(200, json!({"tags": tags}).to_string())
            .header("link", format!("</v2/org/web/tags/list?last={page}>; rel=\"next\""))
    });
    assert_eq!(client().tags(&repository(&endless, "org/web")).unwrap().len(), 10_000);
    assert_eq!(endless.seen().len(), 10);
}

#[test]
fn blobs_may_lie_elsewhere() {
    let image = web("org/web:1");
    let config = image.blobs().config;
    let size = config.bytes.len() as u64;
    let bytes = config.bytes.clone();
    let cdn = Server::start(move |_| Reply::new(200, bytes.clone()));
    let address = cdn.address.clone();
    let (shelf, hops) = (Shelf::of(&[image]), AtomicUsize::new(0));
    let server = Server::start(move |seen| {
        if seen.path.starts_with("/token") {
            return Reply::new(200, r#"{"token":"good"}"#);
        }
        let host = seen.header("host").unwrap_or_default();
        match (seen.header("authorization"), seen.path.contains("/blobs/")) {
            (Some(_), true) => {
                hops.fetch_add(1, Ordering::SeqCst);
                Reply::new(307, "").header("location", format!("http://{address}/x?signature=secret"))
            }
            (Some(_), false) => shelf.answer(seen),
            _ => Reply::new(401, "")
                .header("www-authenticate", format!("Bearer realm=\"http://{host}/token\"")),
        }
    });
    let read = client().config(&repository(&server, "org/web"), &config.digest(), size).unwrap();
    assert_eq!(read, config.bytes);
    let seen = cdn.seen();
    assert_eq!((seen.len(), seen[0].header("authorization")), (1, None), "the token stays with the registry");
}

#[test]
fn redirects_that_lead_astray_are_not_followed() {
    let digest = sha256(b"{}");
    let of = |location: &str| {
        let location = location.to_owned();
        let server = Server::start(move |_| Reply::new(302, "").header("location", location.clone()));
        let error = client().config(&repository(&server, "org/web"), &digest, 2).unwrap_err();
        (error, server.seen().len())
    };
    for location in [
        "http://169.254.169.254/latest?token=secret",
        "https://169.254.169.254/latest?token=secret",
        "http://10.0.0.1/",
        "https://10.0.0.1/",
        "file:///etc/passwd",
        "gopher://x/",
        "http://user:secret@127.0.0.1/",
        "",
    ] {
        let (error, asked) = of(location);
        assert_eq!((error.kind, asked), (Kind::Refused, 1), "{location}: {error}");
        assert!(!error.message.contains("secret"), "{error}");
    }
    let (error, asked) = of("/v2/org/web/blobs/again");
    assert_eq!((error.kind, asked), (Kind::Refused, 4), "three hops and no more: {error}");
    let other = Server::of(&[web("org/web:1")]);
    let location = format!("http://{}/v2/org/web/manifests/1", other.address);
    let server = Server::start(move |_| Reply::new(302, "").header("location", location.clone()));
    assert_eq!(refusal(&server).kind, Kind::Refused);
    assert_eq!(other.connections(), 0, "manifests are asked of the registry alone");
}

#[test]
fn addresses_are_filtered_after_dns() {
    for host in [
        "127.1:5000",
        "2130706433:5000",
        "0.0.0.0:5000",
        "[::]:5000",
        "[::ffff:127.0.0.1]:5000",
        "169.254.169.254",
        "10.0.0.1:5000",
        "192.168.0.1",
        "100.64.0.1",
        "[fd00:ec2::254]",
    ] {
        let repository = Repository::new(Some(host), "org/web").unwrap();
        let error = client().manifest(&repository, "1").unwrap_err();
        assert_eq!(error.kind, Kind::Refused, "{host}: {error}");
        let is_private = ["10.", "192.168.", "100.64."].iter().any(|private| host.starts_with(private));
        assert_eq!(error.help.is_some(), is_private, "{host}: {error:?}");
    }
    let localhost = Server::of(&[web("org/web:1")]);
    let host = localhost.address.replace("127.0.0.1", "localhost");
    assert!(client().manifest(&Repository::new(Some(&host), "org/web").unwrap(), "1").is_ok());
    // Named as insecure, a name of a loopback address is what the user wants.
    let server = Server::of(&[web("org/web:1")]);
    let port = server.address.rsplit(':').next().unwrap();
    let host = format!("127.1:{port}");
    let client = Client::new(ClientOptions { insecure: vec![host.clone()], ..options() });
    assert!(client.manifest(&Repository::new(Some(&host), "org/web").unwrap(), "1").is_ok());
}

#[test]
fn what_digests_do_not_say_is_not_read() {
    let other = sha256(b"other");
    let said = other.clone();
    let server = Server::start(move |_| Reply::new(200, "{}").header("docker-content-digest", &said));
    assert_eq!(refusal(&server).kind, Kind::Protocol);
    let web = repository(&server, "org/web");
    assert_eq!(client().manifest(&web, &other).unwrap_err().kind, Kind::Protocol);
    assert_eq!(client().config(&web, &other, 2).unwrap_err().kind, Kind::Protocol);
    assert_eq!(client().config(&web, &sha256(b"{}"), 3).unwrap_err().kind, Kind::Protocol);
    assert_eq!(client().config(&web, &sha256(b"{}"), 1).unwrap_err().kind, Kind::Refused);
    assert_eq!(client().config(&web, &other, 9 << 20).unwrap_err().kind, Kind::Refused);
    assert_eq!(client().config(&web, "md5:x", 2).unwrap_err().kind, Kind::Protocol);
}

#[test]
fn configs_are_kept_by_digest() {
    let image = web("org/web:1");
    let config = image.blobs().config;
    let server = Server::of(&[image]);
    let cache = folder("registry_cache");
    let read = || {
        let client = Client::new(ClientOptions { cache: Some(cache.clone()), ..options() });
        client.config(&repository(&server, "org/web"), &config.digest(), config.bytes.len() as u64).unwrap()
    };
    assert_eq!((read(), server.seen().len()), (config.bytes.clone(), 1));
    assert_eq!((read(), server.seen().len()), (config.bytes.clone(), 1), "from the cache");
    let kept: Vec<_> = std::fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    std::fs::write(&kept[0], vec![b'x'; config.bytes.len()]).unwrap();
    assert_eq!((read(), server.seen().len()), (config.bytes.clone(), 2), "what is damaged is not used");
    assert_eq!((read(), server.seen().len()), (config.bytes.clone(), 2), "and is kept anew");
    std::fs::write(cache.join("file"), "").unwrap();
    let unusable = ClientOptions { cache: Some(cache.join("file/below")), ..options() };
    let web = repository(&server, "org/web");
    assert!(Client::new(unusable).config(&web, &config.digest(), config.bytes.len() as u64).is_ok());
}
