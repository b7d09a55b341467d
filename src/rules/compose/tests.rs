//! What pages do not show: what cannot be told, what is left alone, and hostile sizes.

use super::testing::{alone, said};

const NONE: [&str; 0] = [];

#[test]
fn an_image_that_was_not_read_may_have_a_health_check() {
    let text = "services:\n  a:\n    image: alpine:3\n    depends_on:\n      b:\n        condition: service_healthy\n      c:\n        condition: service_healthy\n        required: false\n  b:\n    image: corp/unknown:1\n  c:\n    image: python:3.11\n";
    assert_eq!(alone("dependency-health", text), ["compose.yaml:6 open", "compose.yaml:8 warning"]);
}

#[test]
fn an_image_of_the_fleet_brings_its_health_check() {
    let text = "services:\n  a:\n    image: alpine:3\n    depends_on:\n      b:\n        condition: service_healthy\n  b:\n    build: .\n    healthcheck:\n      interval: 5s\n";
    let with = |dockerfile: &str| {
        said("dependency-health", "", &[("compose.yaml", text), ("Dockerfile", dockerfile)])
    };
    assert_eq!(with("FROM alpine:3\nHEALTHCHECK CMD true\n"), NONE);
    assert_eq!(with("FROM alpine:3\n"), ["compose.yaml:6 error"]);
    assert_eq!(with("FROM corp/x:1\n"), ["compose.yaml:6 open"]);
}

#[test]
fn what_git_never_has_is_made_where_the_project_runs() {
    let text = "services:\n  a:\n    image: alpine:3\n    env_file: .env.local\n    volumes:\n      - ./data/db:/db\n      - ./app.conf:/app.conf\n      - type: bind\n        source: ./own\n        target: /own\n        bind:\n          create_host_path: false\n";
    let with = |ignore: &str, rule: &str| said(rule, "", &[("compose.yaml", text), (".gitignore", ignore)]);
    let all = ["compose.yaml:6 note", "compose.yaml:7 error", "compose.yaml:9 error"];
    assert_eq!(with("", "mount-source"), all);
    assert_eq!(with("data/\n*.conf\nown\n", "mount-source"), NONE);
    assert_eq!(with("*\n!data\n!data/db\n", "mount-source"), ["compose.yaml:6 note"]);
    assert_eq!(with("", "compose-reference"), ["compose.yaml:4 error"]);
    assert_eq!(with(".env*\n", "compose-reference"), NONE);
    // What a sample lies beside of is copied from it.
    for sample in [".env.local.example", "sample.env.local", "env.local.dist", ".env.template.local"] {
        assert_eq!(
            said("compose-reference", "", &[("compose.yaml", text), (sample, "A=1\n")]),
            NONE,
            "{sample}"
        );
    }
    let other = said("compose-reference", "", &[("compose.yaml", text), (".env.example", "A=1\n")]);
    assert_eq!(other, ["compose.yaml:4 error"]);
}

#[test]
fn paths_that_cannot_be_seen_are_left_alone() {
    let text = "services:\n  a:\n    build: ../elsewhere\n    volumes:\n      - ../up:/up\n      - /etc/x.conf:/x\n      - ~/x.conf:/y\n      - ${HOME}/x.conf:/z\n      - ${D:-./x.conf}:/w\n      - named:/n\n  b:\n    build: https://example.org/x.git\n  c:\n    build: ${WHERE}\n  d:\n    build:\n      context: .\n      dockerfile_inline: FROM scratch\nvolumes:\n  named:\n";
    assert_eq!(alone("mount-source", text), NONE);
    assert_eq!(alone("build-context", text), NONE);
}

#[test]
fn targets_and_arguments() {
    let compose = |target: &str, arg: &str| {
        format!(
            "services:\n  a:\n    build:\n      context: .\n      target: {target}\n      args:\n        {arg}: x\n"
        )
    };
    let with = |target: &str, arg: &str, dockerfile: &str| {
        let compose = compose(target, arg);
        said("build-context", "", &[("compose.yaml", &compose), ("Dockerfile", dockerfile)])
    };
    const TWO: &str = "ARG TAG=3\nFROM alpine:$TAG AS Base\nARG A\nFROM base\n";
    assert_eq!(with("base", "A", TWO), NONE);
    assert_eq!(with("BASE", "TAG", TWO), NONE);
    assert_eq!(with("'1'", "https_proxy", TWO), NONE);
    assert_eq!(with("'2'", "BUILDKIT_INLINE_CACHE", TWO), ["compose.yaml:5 error"]);
    assert_eq!(with("base", "B", TWO), ["compose.yaml:7 warning"]);
    assert_eq!(with("base", "B", "# syntax=example/frontend\nFROM alpine AS base\n"), NONE);
    assert_eq!(
        with("base", "B", "# syntax=docker/dockerfile:1\nFROM alpine AS base\n"),
        ["compose.yaml:7 warning"]
    );
}

#[test]
fn profiles_that_never_meet() {
    let text = |two: &str| {
        format!(
            "services:\n  a:\n    image: alpine:3\n    container_name: x1\n    profiles: [one]\n  b:\n    image: alpine:3\n    container_name: x1\n    profiles: [{two}]\n"
        )
    };
    assert_eq!(alone("container-name-duplicate", &text("two")), NONE);
    assert_eq!(alone("container-name-duplicate", &text("two, one")), ["compose.yaml:8 error"]);
    assert_eq!(alone("compose-reference", &text("one")), NONE);
}

#[test]
fn addresses_of_other_peoples_networks_are_left_alone() {
    let net = |lines: &str| {
        format!(
            "services:\n  a:\n    image: alpine:3\n    networks:\n      n:\n        ipv4_address: 10.9.0.5\nnetworks:\n  n:\n{lines}"
        )
    };
    let ipam = "    ipam:\n      config:\n        - subnet: ";
    assert_eq!(alone("network-overlap", &net("    external: true\n")), NONE);
    assert_eq!(alone("network-overlap", &net("    driver: macvlan\n")), NONE);
    assert_eq!(alone("network-overlap", &net("    internal: true\n")), ["compose.yaml:6 error"]);
    assert_eq!(alone("network-overlap", &net(&format!("{ipam}10.9.0.0/24\n"))), NONE);
    assert_eq!(alone("network-overlap", &net(&format!("{ipam}${{NET}}\n"))), NONE);
    assert_eq!(alone("network-overlap", &net(&format!("{ipam}10.9.0.1/24\n"))), ["compose.yaml:11 error"]);
    assert_eq!(alone("network-overlap", &net(&format!("{ipam}10.9.0.0\n"))), ["compose.yaml:11 error"]);
    let gateway = format!("{ipam}10.9.0.0/24\n          gateway: 10.9.0.5\n");
    assert_eq!(alone("network-overlap", &net(&gateway)), ["compose.yaml:6 error"]);
}

#[test]
fn projects_of_one_machine_share_subnets_by_name() {
    let project = |name: &str, subnet: &str| {
        format!(
            "services:\n  a:\n    image: alpine:3\nnetworks:\n  {name}:\n    name: {name}\n    ipam:\n      config: [{{subnet: {subnet}}}]\n"
        )
    };
    const PLAN: &str = "machines.m.compose = [\"a/compose.yaml\", \"./b/compose.yaml\"]\n";
    let with = |plan: &str, one: &str, two: &str| {
        let (one, two) = (project(one, "10.1.0.0/16"), project(two, "10.1.2.0/24"));
        said("network-overlap", plan, &[("a/compose.yaml", &one), ("b/compose.yaml", &two)])
    };
    assert_eq!(with(PLAN, "x", "y"), ["b/compose.yaml:8 error"]);
    assert_eq!(with(PLAN, "x", "x"), NONE);
    assert_eq!(with("", "x", "y"), NONE);
}

#[test]
fn restart_policies_of_both_kinds() {
    const PLAN: &str = "deploy.restart = \"always\"\n";
    let with = |lines: &str| {
        let text = format!("services:\n  a:\n    build: .\n{lines}");
        said("restart-policy", PLAN, &[("compose.yaml", &text), ("Dockerfile", "FROM alpine:3\n")])
    };
    assert_eq!(with(""), ["compose.yaml:2 error"]);
    assert_eq!(with("    restart: always\n"), NONE);
    assert_eq!(with("    restart: no\n"), ["compose.yaml:4 error"]);
    assert_eq!(with("    deploy: {restart_policy: {condition: any}}\n"), NONE);
    assert_eq!(with("    deploy: {restart_policy: {condition: on-failure}}\n"), ["compose.yaml:4 error"]);
}

#[test]
fn log_options_mean_amounts() {
    const PLAN: &str =
        "logging = { driver = \"json-file\", options = { max-size = \"10m\", max-file = 3 } }\n";
    let with = |logging: &str| {
        said(
            "log-limits",
            PLAN,
            &[("compose.yaml", &format!("services:\n  a:\n    image: alpine:3\n    logging: {logging}\n"))],
        )
    };
    assert_eq!(with("{driver: json-file, options: {max-size: 10MB, max-file: '3'}}"), NONE);
    assert_eq!(with("{options: {max-size: 10m, max-file: 3}}"), NONE);
    assert_eq!(with("{driver: syslog}"), ["compose.yaml:4 error"]);
    assert_eq!(with("{driver: json-file, options: {max-size: 10m}}"), ["compose.yaml:4 error"]);
    assert_eq!(with(""), ["compose.yaml:2 error"]);
}

#[test]
fn limits_are_amounts() {
    const PLAN: &str = "limits = { memory = \"1G\", cpu = 1 }\n";
    let with = |lines: &str| {
        said(
            "resource-limits",
            PLAN,
            &[("compose.yaml", &format!("services:\n  a:\n    image: alpine:3\n{lines}"))],
        )
    };
    assert_eq!(with("    mem_limit: 1024m\n    cpus: 1.0\n"), NONE);
    assert_eq!(with("    mem_limit: 1024m\n"), ["compose.yaml:2 error"]);
    assert_eq!(with("    mem_limit: ${MEM}\n    cpus: 1\n"), ["compose.yaml:4 open"]);
    assert_eq!(
        with("    deploy: {resources: {limits: {cpus: '1', memory: 2G}}}\n"),
        ["compose.yaml:4 error"]
    );
}

#[test]
fn thousands_of_services_and_networks_end_soon() {
    let mut text = String::from("services:\n");
    for at in 0..4000 {
        text += &format!(
            "  s{at}:\n    image: alpine:3\n    container_name: same\n    ports: ['80:80']\n    networks: {{n0: {{ipv4_address: 10.0.0.9}}}}\n"
        );
    }
    text += "networks:\n";
    for at in 0..4000 {
        text += &format!("  n{at}: {{ipam: {{config: [{{subnet: 10.0.0.0/8}}]}}}}\n");
    }
    let start = std::time::Instant::now();
    for rule in ["container-name-duplicate", "network-overlap", "port-conflict", "dependency-health"] {
        let found = alone(rule, &text);
        assert_eq!(found.is_empty(), rule == "dependency-health", "{rule}");
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_base_that_is_missing_is_one_fault() {
    let text = "services:\n  a:\n    extends:\n      file: base.yaml\n      service: x\n  b:\n    extends:\n      file: https://example.org/base.yaml\n      service: x\n";
    assert_eq!(alone("compose-reference", text), ["compose.yaml:4 error"]);
}
