//! Token services, right and wrong.

use super::{Kind, Reply, Seen, Sent, Server, Shelf, client, manifest, refusal, repository, web};

/// A registry that wants a token of the realm that `realm` makes of its own address.
fn with_tokens(realm: impl Fn(&str) -> String + Send + Sync + 'static) -> Server {
    let shelf = Shelf::of(&[web("org/web:1")]);
    Server::start(move |seen| {
        let host = seen.header("host").unwrap_or_default();
        if seen.path.starts_with("/token") {
            return Reply::new(200, r#"{"token":"good"}"#);
        }
        match seen.header("authorization") {
            Some("Bearer good") => shelf.answer(seen),
            _ => Reply::new(401, "{}").header(
                "www-authenticate",
                format!(
                    "Bearer realm=\"{}\",service=\"a b\",scope=\"repository:org/web:pull,push\"",
                    realm(host)
                ),
            ),
        }
    })
}

#[test]
fn tokens_are_fetched_once_and_only_to_pull() {
    let server = with_tokens(|host| format!("http://{host}/token"));
    let (client, web) = (client(), repository(&server, "org/web"));
    client.manifest(&web, "1").unwrap();
    client.tags(&web).unwrap();
    let seen: Vec<Seen> = server.seen();
    let tokens: Vec<&str> =
        seen.iter().map(|seen| seen.path.as_str()).filter(|path| path.starts_with("/token")).collect();
    assert_eq!(tokens, ["/token?service=a%20b&scope=repository%3Aorg%2Fweb%3Apull"]);
    assert_eq!(seen.len(), 4, "the token is kept: {seen:?}");
}

#[test]
fn token_services_elsewhere_are_judged() {
    let other = Server::start(|_| Reply::new(200, r#"{"token":"good"}"#));
    let address = other.address.clone();
    let near = with_tokens(move |_| format!("http://{address}/token"));
    assert!(manifest(&near).is_ok(), "another port of the same machine is asked without credentials");
    assert_eq!(other.seen()[0].header("authorization"), None);
    for realm in [
        "http://token.example/token",
        "http://169.254.169.254/token",
        "https://169.254.169.254/",
        "file:///x",
        "",
    ] {
        let server = with_tokens(move |_| realm.to_owned());
        let error = refusal(&server);
        assert_eq!(error.kind, Kind::Refused, "{realm}: {error}");
    }
    let target = Server::start(|_| Reply::new(200, r#"{"token":"good"}"#));
    let address = target.address.clone();
    let moved = Server::start(move |_| Reply::new(302, "").header("location", format!("http://{address}/")));
    let address = moved.address.clone();
    let server = with_tokens(move |_| format!("http://{address}/token"));
    assert_eq!(refusal(&server).kind, Kind::Protocol);
    assert_eq!(target.connections(), 0, "no redirect of a token request is followed");
}

#[test]
fn hostile_tokens_end_the_login() {
    for body in
        [Sent::Endless, Sent::Bytes(b"{}".to_vec()), Sent::Bytes(br#"{"token":"a\r\nx: y"}"#.to_vec())]
    {
        let tokens = Server::start(move |_| Reply::sent(body.clone()));
        let address = tokens.address.clone();
        let error = refusal(&with_tokens(move |_| format!("http://{address}/token")));
        assert!(matches!(error.kind, Kind::Protocol | Kind::Refused), "{error}");
    }
    // A token that is never accepted is not fetched again and again.
    let server = Server::start(|seen| match seen.path.starts_with("/token") {
        true => Reply::new(200, r#"{"access_token":"bad"}"#),
        false => Reply::new(401, "").header(
            "www-authenticate",
            format!("Bearer realm=\"http://{}/token\"", seen.header("host").unwrap_or_default()),
        ),
    });
    assert_eq!(refusal(&server).kind, Kind::Denied);
    assert_eq!(server.seen().len(), 3);
}
