use super::RULES;
use crate::finding::{Finding, Findings, Severity};
use crate::fleet::Fleet;
use crate::lower::{NoImages, kubernetes::manifests};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::Source;
use crate::syntax::yaml;

/// What one rule of the group says about some files.
fn findings(id: &str, files: &[(&str, &str)]) -> Vec<Finding> {
    let fleet = Fleet {
        manifests: files
            .iter()
            .map(|(path, text)| {
                let source = Source::new(*path, text.as_bytes().to_vec());
                manifests(&source, yaml::parse(&source), &NoImages)
            })
            .collect(),
        ..Fleet::default()
    };
    let rule = RULES.iter().find(|rule| rule.id == id).unwrap();
    let (plan, mut out) = (Plan::default(), Findings::new());
    out.speak_for(rule.id, rule.severity);
    for check in rule.check.each() {
        match check {
            Check::Fleet(check) => check(&fleet, &plan, &mut out),
            Check::Manifests(check) => fleet.manifests.iter().for_each(|file| check(file, &plan, &mut out)),
            Check::Workload(check) => fleet.workloads().for_each(|workload| check(workload, &plan, &mut out)),
            _ => panic!("{id} looks at something else"),
        }
    }
    out.into_vec()
}

/// `file:line` of each finding, with its severity.
fn places(id: &str, files: &[(&str, &str)]) -> Vec<String> {
    let found = findings(id, files).into_iter();
    let said = found
        .map(|one| format!("{}:{} {}", one.place.source.path(), one.place.start().line, one.severity.name()));
    said.collect()
}

fn service(name: &str, selector: &str, ports: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec:\n  selector: {{{selector}}}\n  ports: [{ports}]\n"
    )
}

fn deployment(name: &str, labels: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  selector: {{matchLabels: {{{labels}}}}}\n  template:\n    metadata: {{labels: {{{labels}}}}}\n    spec: {{containers: [{{name: {name}, image: x/y:1{container}}}]}}\n"
    )
}

#[test]
fn services_find_pods_across_files_and_namespaces() {
    let web = deployment("web", "app: webshop", "");
    let of = |selector: &str| service("web", selector, "{port: 80}");
    let own = "apiVersion: shop.example.org/v1\nkind: Shop\nmetadata: {name: webshop}\n";
    let cases: [(&str, &str, &str, &[&str]); 9] = [
        ("app: webshop", "", "", &[]),
        // That one is explained by the pods that are seen; the other label is nobody's.
        ("app: webshop, role: admin", own, "", &["k8s/svc.yaml:5 warning"]),
        ("app: wepshop", "", "", &["k8s/svc.yaml:5 error"]),
        ("app: postgres", "", "", &["k8s/svc.yaml:5 warning"]),
        ("name: webshop", "", "", &[]),
        // An operator's object goes by the value.
        ("app: kafka", "apiVersion: kafka.example.org/v1\nkind: Kafka\nmetadata: {name: kafka}\n", "", &[]),
        // kustomize sets the key everywhere.
        ("app: shop", "", "commonLabels: {app: shop}\n", &[]),
        ("app: wepshop", "", "patchesJson6902: [{path: x.yaml}]\n", &[]),
        ("pod-template-hash: abc", "", "", &[]),
    ];
    for (selector, other, kustomization, want) in cases {
        let files = [
            ("k8s/kustomization.yaml", kustomization),
            ("k8s/other.yaml", other),
            ("k8s/svc.yaml", &of(selector)),
            ("k8s/web.yaml", &web),
        ];
        assert_eq!(places("selector-match", &files), want, "{selector} {other}{kustomization}");
    }
}

#[test]
fn pods_of_another_namespace_are_not_selected() {
    let svc = service("web", "app: web", "{port: 80}").replace("{name: web}", "{name: web, namespace: a}");
    let web = deployment("web", "app: web", "");
    let elsewhere = web.replace("{name: web}", "{name: web, namespace: b}");
    let beside = deployment("api", "app: api", "");
    assert!(places("selector-match", &[("s.yaml", &svc), ("w.yaml", &web)]).is_empty());
    let found = places("selector-match", &[("s.yaml", &svc), ("w.yaml", &elsewhere), ("x.yaml", &beside)]);
    assert_eq!(found, ["s.yaml:5 warning"]);
    let both = format!("{elsewhere}---\n{svc}");
    assert_eq!(places("selector-match", &[("s.yaml", &both)]), ["s.yaml:14 error"]);
    let none = elsewhere.replace(", namespace: b", "");
    assert!(places("selector-match", &[("s.yaml", &format!("{none}---\n{svc}"))]).is_empty());
}

#[test]
fn target_ports_are_names_or_numbers() {
    let cases: [(&str, &str, &[&str]); 8] = [
        ("{port: 80, targetPort: http}", ", ports: [{containerPort: 8000, name: http}]", &[]),
        ("{port: 80, targetPort: web}", ", ports: [{containerPort: 8000, name: http}]", &["s.yaml:6 error"]),
        ("{port: 80, targetPort: web}", "", &["s.yaml:6 error"]),
        ("{port: 80}", ", ports: [{containerPort: 8000}]", &["s.yaml:6 warning"]),
        ("{port: 80}", "", &[]),
        ("{port: 8000}", ", ports: [{containerPort: 8000}]", &[]),
        ("{port: 80, targetPort: \"8000\"}", ", ports: [{containerPort: 8000}]", &[]),
        (
            "{port: 53, targetPort: dns, protocol: UDP}",
            ", ports: [{containerPort: 53, name: dns}]",
            &["s.yaml:6 error"],
        ),
    ];
    for (port, container, want) in cases {
        let (svc, web) = (service("web", "app: web", port), deployment("web", "app: web", container));
        assert_eq!(places("target-port", &[("s.yaml", &svc), ("w.yaml", &web)]), want, "{port} {container}");
    }
}

#[test]
fn objects_are_applied_together_or_not() {
    let plain = service("web", "a: b", "{port: 80}");
    let named = plain.replace("{name: web}", "{name: web, namespace: shop}");
    let other = plain.replace("{name: web}", "{name: web, namespace: test}");
    let both = "resources: [a.yaml, b.yaml]\n";
    type Files<'a> = &'a [(&'a str, &'a str)];
    let cases: [(Files<'_>, &[&str]); 9] = [
        (&[("a.yaml", &plain), ("b.yaml", &plain)], &["b.yaml:3 note"]),
        (&[("a.yaml", &named), ("b.yaml", &named)], &["b.yaml:3 error"]),
        (&[("a.yaml", &named), ("b.yaml", &other)], &[]),
        (&[("x/a.yaml", &named), ("x/old/b.yaml", &named)], &["x/old/b.yaml:3 error"]),
        (&[("x/one/b.yaml", &named), ("x/z.yaml", &named)], &["x/z.yaml:3 error"]),
        (&[("x/a/b.yaml", &named), ("x/b/b.yaml", &named)], &[]),
        (&[("a/a.yaml", &plain), ("b.yaml", &plain)], &[]),
        (
            &[("k/kustomization.yaml", both), ("k/a.yaml", &plain), ("k/b.yaml", &plain)],
            &["k/b.yaml:3 error"],
        ),
        (
            &[("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", &named), ("k/b.yaml", &named)],
            &[],
        ),
    ];
    for (files, want) in cases {
        assert_eq!(places("duplicate-object", files), want, "{files:?}");
    }
}

#[test]
fn types_are_those_of_yaml_1_1() {
    let pod = |env: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: a\n    image: x/y:1\n    env:\n    - name: A\n      value: {env}\n"
        )
    };
    for text in
        ["text", "\"1\"", "2024-01-01", "12:30:45", "0xZZ", "~", "", "!!str 1", "${X}", "1Gi", "|\n        1"]
    {
        assert!(places("kubernetes-type", &[("p.yaml", &pod(text))]).is_empty(), "{text}");
    }
    for text in ["1", "1.5", "yes", "Off", "0x1F", "1e3", "true", "[a]", "{a: b}"] {
        assert_eq!(places("kubernetes-type", &[("p.yaml", &pod(text))]).len(), 1, "{text}");
    }
    let foreign = "apiVersion: skaffold/v2\nkind: Config\nmetadata: {labels: {a: 1}}\n";
    assert!(places("kubernetes-type", &[("p.yaml", foreign)]).is_empty());
}

#[test]
fn patches_lack_nothing() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        livenessProbe: {periodSeconds: 5}\n        resources: {limits: {cpu: 1}}\n";
    for rule in RULES {
        assert!(places(rule.id, &[("patch.yaml", patch)]).is_empty(), "{}", rule.id);
    }
}

#[test]
fn many_objects_cost_linear_time() {
    let mut text = String::new();
    for at in 0..3_000 {
        text += &format!(
            "---\n{}---\n{}",
            service("s", "a: b, c: d", "{port: 80}"),
            deployment(&format!("d{at}"), if at % 2 == 0 { "a: b" } else { "c: d" }, "")
        );
    }
    let files = [("all.yaml", text.as_str())];
    for id in ["selector-match", "target-port", "duplicate-object"] {
        let found = findings(id, &files);
        assert!(found.iter().all(|one| one.severity <= Severity::Error), "{id}");
    }
}

#[test]
fn pods_of_files_that_cannot_be_read_may_be_meant() {
    let (web, other) = (deployment("web", "app: web", ""), service("other", "app: other", "{port: 80}"));
    assert_eq!(places("selector-match", &[("a.yaml", &web), ("b.yaml", &other)]), ["b.yaml:5 warning"]);
    let broken = "apiVersion: v1\nkind: Pod\nmetadata: {name: other, labels: {app: other}\n";
    let beside = places("selector-match", &[("a.yaml", &web), ("b.yaml", &other), ("c.yaml", broken)]);
    assert!(beside.is_empty(), "{beside:?}");
    let mine = "apiVersion: v1\nkind: Pod\nmetadata: {name: mine, labels: {app: mine}\n";
    let else_ = places("selector-match", &[("a.yaml", &web), ("b.yaml", &other), ("c.yaml", mine)]);
    assert_eq!(else_, ["b.yaml:5 warning"]);
    let away = places("selector-match", &[("a.yaml", &web), ("b.yaml", &other), ("c/c.yaml", broken)]);
    assert_eq!(away, ["b.yaml:5 warning"]);
}
