use super::{at, problems, project};

/// What a key of the service has after one file is laid over another.
fn merged(base: &str, over: &str, key: &str) -> String {
    let file = |text: &str| {
        let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
        format!("services:\n  a:\n    image: x\n{}\n", lines.join("\n"))
    };
    let project = project(&[("compose.yaml", &file(base)), ("compose.over.yaml", &file(over))]);
    at(&project, &format!("/services/a/{key}"))
}

#[test]
fn each_path_merges_by_its_rule() {
    for (base, over, key, want) in [
        // Replaced.
        ("command: a b", "command: [c]", "command", r#"["c"]"#),
        ("entrypoint: [a]", "entrypoint: ''", "entrypoint", "[]"),
        ("command: a", "command: ~", "command", "null"),
        (
            "healthcheck: {test: [CMD, a], retries: 2}",
            "healthcheck: {test: b}",
            "healthcheck",
            r#"{"retries":2,"test":["CMD-SHELL","b"]}"#,
        ),
        ("restart: always", "restart: 'no'", "restart", r#""no""#),
        // Pairs by name, in either form.
        (
            "environment: [A=1, B=2]",
            "environment: {B: 3, C: }",
            "environment",
            r#"{"A":"1","B":"3","C":null}"#,
        ),
        ("labels: {a: 1}", "labels: [a=2, b]", "labels", r#"{"a":"2","b":""}"#),
        (
            "build: .",
            "build: {target: t, args: {A: 1}}",
            "build",
            r#"{"args":{"A":"1"},"context":".","target":"t"}"#,
        ),
        (
            "build: {context: x, args: [A=1]}",
            "build: {args: {A: 2}}",
            "build",
            r#"{"args":{"A":"2"},"context":"./x"}"#,
        ),
        // Lists with keys.
        ("ports: ['80:80']", "ports: ['80:80', '81:81']", "ports/1/target", "81"),
        ("ports: ['80:80']", "ports: ['80:80']", "ports/1", ""),
        (
            "volumes: ['./a:/d', './b:/e']",
            "volumes: [{type: volume, source: v, target: /d}]",
            "volumes/0/source",
            r#""v""#,
        ),
        ("devices: ['/a:/b']", "devices: ['/c:/b']", "devices/0/source", r#""/c""#),
        (
            "secrets: [a]",
            "secrets: [{source: a, mode: 4}]",
            "secrets",
            r#"[{"mode":4,"source":"a","target":"/run/secrets/a"}]"#,
        ),
        (
            "configs: [{source: a, target: /t}]",
            "configs: [{source: b, target: /t}]",
            "configs/0/source",
            r#""b""#,
        ),
        ("cap_add: [A, B]", "cap_add: [B, C]", "cap_add", r#"["A","B","C"]"#),
        ("expose: [80]", "expose: ['80', 81]", "expose", r#"["80","81"]"#),
        ("dns: 1.1.1.1", "dns: [8.8.8.8, 1.1.1.1]", "dns", r#"["1.1.1.1","8.8.8.8"]"#),
        (
            "env_file: a.env",
            "env_file: [b.env, {path: a.env, required: false}]",
            "env_file",
            r#"[{"path":"./a.env","required":false},{"path":"./b.env"}]"#,
        ),
        ("profiles: []", "tmpfs: /a", "tmpfs", r#"["/a"]"#),
        // Appended.
        ("security_opt: [a]", "security_opt: [a]", "security_opt", r#"["a","a"]"#),
        // Mappings in two forms.
        (
            "depends_on: [b]",
            "depends_on: {b: {condition: service_healthy}}",
            "depends_on/b",
            r#"{"condition":"service_healthy","required":true}"#,
        ),
        (
            "depends_on: {b: {condition: service_healthy}}",
            "depends_on: {b: {required: false}}",
            "depends_on/b",
            r#"{"condition":"service_healthy","required":false}"#,
        ),
        ("networks: [n]", "networks: {n: {aliases: [x]}}", "networks/n/aliases", r#"["x"]"#),
        (
            "networks: {n: {aliases: [x]}}",
            "networks: [n, m]",
            "networks",
            r#"{"m":null,"n":{"aliases":["x"]}}"#,
        ),
        (
            "extra_hosts: ['h:1.1.1.1']",
            "extra_hosts: {h: 1.1.1.1, i: [2.2.2.2, 3.3.3.3]}",
            "extra_hosts",
            r#"["h=1.1.1.1","i=2.2.2.2","i=3.3.3.3"]"#,
        ),
        ("ulimits: {n: {soft: 1, hard: 2}}", "ulimits: {n: 5}", "ulimits", r#"{"n":5}"#),
        // Options of one driver only.
        (
            "logging: {driver: d, options: {a: 1}}",
            "logging: {options: {b: 2}}",
            "logging",
            r#"{"driver":"d","options":{"a":"1","b":"2"}}"#,
        ),
        (
            "logging: {driver: d, options: {a: 1}}",
            "logging: {driver: e, options: {b: 2}}",
            "logging",
            r#"{"driver":"e","options":{"b":"2"}}"#,
        ),
        // A null says nothing.
        ("init: true", "init: ~", "init", "true"),
        ("deploy: {replicas: 2}", "deploy: ~", "deploy/replicas", "2"),
        // Item by item.
        ("command: [a, b, c]", "command: !merge [{}, x]", "command", r#"["a","x","c"]"#),
        ("ports: ['80:80', '81:81']", "ports: !merge [{published: '90'}]", "ports/0/published", r#""90""#),
        ("dns: [a, b]", "dns: !merge [c, ~, d]", "dns", r#"["c","b","d"]"#),
    ] {
        assert_eq!(merged(base, over, key), want, "{base} + {over}");
    }
}

#[test]
fn tags_take_away_and_replace() {
    for (base, over, key, want) in [
        ("ports: ['80:80']", "ports: !reset []", "ports", ""),
        ("ports: ['80:80']", "ports: !override ['81:81']", "ports/0/target", "81"),
        ("environment: {A: 1, B: 2}", "environment: {A: !reset }", "environment", r#"{"B":"2"}"#),
        (
            "build: {context: x, dockerfile: d}",
            "build: !override {context: y}",
            "build",
            r#"{"context":"./y"}"#,
        ),
        ("command: a", "command: !reset null", "command", "null"),
        ("cap_add: [A]", "cap_add: [!reset B, C]", "cap_add", r#"["A","C"]"#),
    ] {
        assert_eq!(merged(base, over, key), want, "{base} + {over}");
    }
    let whole = [
        ("compose.yaml", "services: {a: {image: x}}\nnetworks: {n: {name: m, external: true}}\n"),
        ("compose.over.yaml", "networks: {n: !override {}}\n"),
    ];
    assert_eq!(at(&project(&whole), "/networks/n"), r#"{"ipam":{}}"#);
    let gone = [
        ("compose.yaml", "services: {a: {image: x}, b: {image: y}}\n"),
        ("compose.over.yaml", "services: {b: !reset {}}\n"),
    ];
    assert_eq!(at(&project(&gone), "/services/b"), "");
}

#[test]
fn documents_of_one_file_merge_like_files() {
    let text = "services: {a: {image: x, environment: [A=1]}}\n---\nservices: {a: {image: y}}\n---\n";
    let project = project(&[("compose.yaml", text)]);
    assert_eq!(problems(&project), []);
    assert_eq!(at(&project, "/services/a/image"), r#""y""#);
    assert_eq!(at(&project, "/services/a/environment"), r#"{"A":"1"}"#);
}

#[test]
fn subnets_merge_by_address() {
    let files = [
        (
            "compose.yaml",
            "services: {a: {image: x}}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1}]}}}\n",
        ),
        (
            "compose.over.yaml",
            "networks: {n: {ipam: {config: [{subnet: 10.0.0.0/24, ip_range: 10.0.0.0/28}, {subnet: 10.1.0.0/24}]}}}\n",
        ),
    ];
    let want = r#"[{"gateway":"10.0.0.1","ip_range":"10.0.0.0/28","subnet":"10.0.0.0/24"},{"subnet":"10.1.0.0/24"}]"#;
    assert_eq!(at(&project(&files), "/networks/n/ipam/config"), want);
}

#[test]
fn what_does_not_fit_is_told() {
    let files = [
        ("compose.yaml", "services: {a: {image: x, deploy: {replicas: 1}}}\n"),
        ("compose.over.yaml", "services: {a: {deploy: 3}}\n"),
    ];
    let project = project(&files);
    assert!(
        problems(&project).iter().any(|(_, text)| text.contains("cannot override a mapping")),
        "{:?}",
        problems(&project)
    );
}

#[test]
fn the_last_definition_counts_and_remembers_the_others() {
    let files = [
        ("compose.yaml", "services:\n  a:\n    image: x\n    user: '0'\n"),
        ("compose.over.yaml", "services:\n  a:\n    user: '10001'\n"),
    ];
    let project = project(&files);
    let user = project.resolved.as_ref().unwrap().at(&["services", "a", "user"]).unwrap();
    assert_eq!(user.place.source.path(), "compose.over.yaml");
    assert_eq!(user.overrides().len(), 1);
    assert_eq!((user.overrides()[0].source.path(), user.overrides()[0].start().line), ("compose.yaml", 4));
    assert_eq!(project.services[0].source.path(), "compose.yaml");
}
