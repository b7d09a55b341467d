//! The vendored schema: what it refuses, in which words, and that it takes what Compose takes.

use super::{check, compiled};
use crate::model::ProjectProblemKind as Kind;
use crate::source::Source;
use crate::syntax::yaml::parse;

fn told(text: &str) -> Vec<(u32, Kind, String)> {
    let source = Source::new("compose.yaml", text.as_bytes().to_vec());
    let refusals = check(&parse(&source).documents[0].root, super::Role::First);
    let problems = refusals.into_iter().map(|it| it.problem);
    problems.into_iter().map(|it| (it.place.start().line, it.kind, it.message)).collect()
}

#[test]
fn the_schema_compiles() {
    assert!(compiled().is_some());
}

#[test]
fn what_compose_refuses() {
    for (text, line, kind, message) in [
        (
            "services:\n  web:\n    image: a\n    ports_: [80]\n",
            4,
            Kind::Schema,
            "`services.web`: unknown key `ports_`, did you mean `ports`",
        ),
        (
            "services:\n  web:\n    image: a\n    user: 10001\n    init: true\n",
            4,
            Kind::UserType,
            "`user` of `web` is the number `10001`, and Compose takes a string only",
        ),
        ("services:\n  web:\n", 2, Kind::Schema, "`services.web` must be a mapping, is empty"),
        (
            "services:\n  web:\n    image: a\n    container_name: ''\n",
            4,
            Kind::Schema,
            "`services.web.container_name` is ``, which does not match `[a-zA-Z0-9][a-zA-Z0-9_.-]+`",
        ),
        (
            "services:\n  web:\n    image: a\n    depends_on:\n      db: {condition: healthy}\n",
            5,
            Kind::Schema,
            "`services.web.depends_on.db.condition` is `healthy`, must be one of `service_started`, \
             `service_healthy`, `service_completed_successfully`",
        ),
        (
            "services:\n  web:\n    image: a\n    environment:\n      A: [1]\n",
            5,
            Kind::Schema,
            "`services.web.environment.A` must be a string, true or false, a number or empty, is a list",
        ),
        (
            "services:\n  web:\n    image: a\n    ports:\n      - target: 80\n        publish: 80\n",
            6,
            Kind::Schema,
            "`services.web.ports[0]`: unknown key `publish`, did you mean `published`",
        ),
        (
            "services:\n  web:\n    image: a\n    deploy:\n      resources:\n        limits:\n          cpu: 1\n",
            7,
            Kind::Schema,
            "`services.web.deploy.resources.limits`: unknown key `cpu`, did you mean `cpus`",
        ),
        ("web:\n  image: a\n", 1, Kind::Schema, "unknown key `web`"),
        ("services: []\n", 1, Kind::Schema, "`services` must be a mapping, is a list"),
        ("version: 3\nservices: {}\n", 1, Kind::Schema, "`version` must be a string, is the number `3`"),
    ] {
        assert_eq!(told(text), [(line, kind, message.to_owned())], "{text}");
    }
}

#[test]
fn keys_of_earlier_formats() {
    for (text, help) in [
        ("services:\n  a:\n    image: a\n    net: host\n", "write `network_mode: …`"),
        ("services:\n  a:\n    build: .\n    dockerfile: b\n", "write `build: {dockerfile: …}`"),
        ("web:\n  image: a\n", "put `web:` under `services:`, two blanks deeper"),
    ] {
        let source = Source::new("compose.yaml", text.as_bytes().to_vec());
        let problems = check(&parse(&source).documents[0].root, super::Role::First);
        let told: Vec<_> =
            problems.iter().map(|it| (it.problem.message.as_str(), it.problem.help.as_deref())).collect();
        assert!(
            matches!(told.as_slice(), [(message, Some(said))] if *said == help && !message.contains("mean")),
            "{told:?}"
        );
    }
}

#[test]
fn what_compose_takes() {
    for text in [
        "services:\n  web:\n    image: a\n    user: \"10001\"\n    x-own: [1]\nx-top: {a: 1}\n",
        "services:\n  web:\n    image: a\n    environment: [TZ=UTC, TZ=CET, TZ=UTC]\n",
        "services:\n  web:\n    image: a\n    environment: {A: 1, B: true, C: , D: 2024-01-01}\n",
        "services:\n  web:\n    image: a\n    ports: [80, 80, \"1:2\"]\n    init: yes\n    privileged: true\n",
        "services:\n  web:\n    build: .\n    command:\n    entrypoint: null\nvolumes:\n  data:\nnetworks:\n  n:\n",
        "services:\n  web:\n    image: a\n    pre_start:\n      - command: [a]\n",
    ] {
        assert_eq!(told(text), [], "{text}");
    }
}
