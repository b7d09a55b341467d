use super::{at, problems, project};
use crate::model::ProjectProblemKind::{
    self, Interpolation, Reference, Required, Schema, Syntax, Template, Value,
};

#[test]
fn texts_become_what_their_path_wants() {
    for (key, yaml, want) in [
        ("init", "\"${T:-yes}\"", "true"),
        ("privileged", "ON", "true"),
        ("read_only", "'true'", "true"),
        ("scale", "\"${N:-2}\"", "2"),
        ("cpus", "\"${C:-0.50}\"", "0.5"),
        ("mem_limit", "512m", r#""536870912""#),
        ("mem_limit", "1.5 GiB", r#""1610612736""#),
        ("stop_grace_period", "90s", r#""1m30s""#),
        (
            "environment",
            "{A: 010, B: 0o10, C: 1_000, D: 1e3, E: 1.0, F: 0x1F, G: 22:22, H: yes, I: true}",
            r#"{"A":"8","B":"8","C":"1000","D":"1000","E":"1","F":"31","G":"22:22","H":"yes","I":"true"}"#,
        ),
        (
            "environment",
            "{A: 2024-01-01, B: '010', C: !!str 5}",
            r#"{"A":"2024-01-01 00:00:00 +0000 UTC","B":"010","C":"5"}"#,
        ),
        ("environment", "[A=1, A=2, B, C=]", r#"{"A":"2","B":null,"C":""}"#),
        ("command", "\"sh -c 'a  b' $$X\"", r#"["sh","-c","a  b","$X"]"#),
        (
            "ports",
            "['127.0.0.1:80-81:90-91/udp']",
            r#"[{"host_ip":"127.0.0.1","mode":"ingress","protocol":"udp","published":"80","target":90},{"host_ip":"127.0.0.1","mode":"ingress","protocol":"udp","published":"81","target":91}]"#,
        ),
        (
            "ports",
            "[8080, {target: '${P:-80}', published: 90}]",
            r#"[{"mode":"ingress","protocol":"tcp","target":8080},{"mode":"ingress","protocol":"tcp","published":"90","target":80}]"#,
        ),
        (
            "ports",
            "['8000-8002:80']",
            r#"[{"mode":"ingress","protocol":"tcp","published":"8000-8002","target":80}]"#,
        ),
        (
            "volumes",
            "['/ab', 'vol:/b:ro', './c:/d/:z']",
            r#"[{"target":"/ab","type":"volume","volume":{}},{"read_only":true,"source":"vol","target":"/b","type":"volume","volume":{}},{"bind":{"selinux":"z"},"source":"./c","target":"/d","type":"bind"}]"#,
        ),
        (
            "healthcheck",
            "{test: 'exit 0', interval: 1m30s, disable: false}",
            r#"{"interval":"1m30s","test":["CMD-SHELL","exit 0"]}"#,
        ),
        ("gpus", "all", r#"[{"count":-1}]"#),
        (
            "devices",
            "['/a', '/b:/c:r']",
            r#"[{"permissions":"rwm","source":"/a","target":"/a"},{"permissions":"r","source":"/b","target":"/c"}]"#,
        ),
        ("models", "[m]", r#"{"m":null}"#),
        (
            "post_start",
            "[{command: a b, environment: [X=1]}]",
            r#"[{"command":["a","b"],"environment":{"X":"1"}}]"#,
        ),
        (
            "deploy",
            "{resources: {limits: {cpus: '0.5', memory: 1g}}}",
            r#"{"placement":{},"resources":{"limits":{"cpus":0.5,"memory":"1073741824"}}}"#,
        ),
    ] {
        let text = format!(
            "services:\n  a:\n    image: x\n    {key}: {yaml}\nvolumes: {{vol: }}\nmodels: {{m: {{model: y}}}}\n"
        );
        let project = project(&[("compose.yaml", &text)]);
        assert_eq!(
            at(&project, &format!("/services/a/{key}")),
            want,
            "{key}: {yaml} {:?}",
            problems(&project)
        );
        assert_eq!(problems(&project), [], "{key}: {yaml}");
    }
}

#[test]
fn variables_come_from_the_env_file_of_the_project() {
    let files = [
        (".env", "TAG=1.2\nBOTH=${TAG}-x\n"),
        (
            "compose.yaml",
            "name: shop\nservices: {a: {image: \"r/${COMPOSE_PROJECT_NAME}:$TAG\", environment: {TAG: , NONE: }, labels: [\"$TAG=$BOTH\"]}}\n",
        ),
    ];
    let project = project(&files);
    assert_eq!(at(&project, "/services/a/image"), r#""r/shop:1.2""#);
    assert_eq!(at(&project, "/services/a/environment"), r#"{"NONE":null,"TAG":"1.2"}"#);
    assert_eq!(at(&project, "/services/a/labels"), r#"{"1.2":"1.2-x"}"#);
    let env = &project.services[0].overlay().env;
    assert_eq!(env.iter().filter(|pair| pair.value.1.unknown.is_some()).count(), 1, "{env:?}");
}

#[test]
fn what_compose_refuses_is_told() {
    let with = |text: &str| format!("services:\n  a:\n    image: x\n    {text}\n");
    let cases: [(String, ProjectProblemKind, &str); 27] = [
        (with("init: maybe"), Interpolation, "`true` or `false`"),
        (with("init: ${X}"), Required, "`X` has no value"),
        (with("hostname: ${X:?say it}"), Required, "say it"),
        (with("hostname: ${X Y}"), Interpolation, "cannot read"),
        (with("ports: ['80:a']"), Value, "no port"),
        (with("ports: ['1-2:3-5']"), Value, "differ in length"),
        (with("ports: [{target: 80, host_ip: x}]"), Value, "no address"),
        (with("volumes: ['aa::b']"), Value, "empty part"),
        (with("command: \"echo 'x\""), Value, "left open"),
        (with("networks: [n]"), Reference, "network `n`"),
        (with("depends_on: [b]"), Reference, "service `b`"),
        (with("depends_on: [a]"), Reference, "wait for each other"),
        (with("volumes: ['vol:/b']"), Reference, "volume `vol`"),
        (with("secrets: [s]"), Reference, "secret `s`"),
        (with("configs: [s]"), Reference, "config `s`"),
        (with("network_mode: 'service:z'"), Reference, "service `z`"),
        (with("network_mode: host\n    networks: [default]"), Reference, "exclude each other"),
        (with("healthcheck: {test: [curl, x]}"), Value, "starts with `CMD`"),
        (with("extra_hosts: [nowhere]"), Value, "names no address"),
        (with("gpus: [{count: 1, device_ids: ['0']}]"), Value, "exclude each other"),
        ("services: {a: {}}".into(), Reference, "neither `image` nor `build`"),
        (
            "services: {a: {image: x, container_name: n}, b: {image: x, container_name: n}}".into(),
            Reference,
            "`n`",
        ),
        ("services: {a: {image: x}}\nsecrets: {s: {}}".into(), Value, "needs one of"),
        ("services: {a: {image: x}}\nvolumes: {v: {external: true, driver: d}}".into(), Value, "no `driver`"),
        ("services: {a: {image: x}, 1: {image: y}}".into(), Value, "no text"),
        ("services: {a: {image: x, image: y}}".into(), Syntax, ""),
        ("- a".into(), Value, "is a mapping"),
    ];
    for (text, kind, word) in cases {
        let found = problems(&project(&[("compose.yaml", &text)]));
        assert!(found.iter().any(|(of, message)| *of == kind && message.contains(word)), "{text}: {found:?}");
    }
}

#[test]
fn what_nobody_refuses_is_not_told() {
    for text in [
        "services:\n  a: {image: x, depends_on: {b: {condition: service_started, required: false}}}\n",
        "services:\n  a: {image: x, container_name: '${X}', hostname: '${Y}'}\n",
        "services:\n  a: {provider: {type: model}}\n",
        "services:\n  a: {image: x, volumes: ['${V}:/x'], networks: ['${N}']}\n",
        "x-a: {1: 2}\nservices: {a: {image: x}}\n",
    ] {
        let found = problems(&project(&[("compose.yaml", text)]));
        let counted: Vec<_> = found.iter().filter(|(kind, _)| *kind != Required).collect();
        let keys = text.starts_with("x-");
        assert!(counted.is_empty() || keys, "{text}: {found:?}");
    }
    let parts = [
        (
            "compose.yaml",
            "services: {a: {image: x, depends_on: {b: {condition: service_healthy}}}, b: {image: y}}\n",
        ),
        ("compose.over.yaml", "services: {a: {depends_on: {b: {required: false}}}}\n"),
    ];
    assert_eq!(problems(&project(&parts)), [], "a part needs no keys that another part has");
}

#[test]
fn schema_and_templates() {
    let wrong = problems(&project(&[("compose.yaml", "services: {a: {image: x, imagee: y}}\n")]));
    assert!(wrong.iter().any(|(kind, _)| *kind == Schema), "{wrong:?}");
    let template =
        problems(&project(&[("compose.yaml", "services:\n{{ if x }}\n  a: {image: x}\n{{ end }}\n")]));
    assert!(template.iter().any(|(kind, _)| *kind == Template), "{template:?}");
}
