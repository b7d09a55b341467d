use std::sync::Arc;

use super::manifests;
use crate::lower::{BuildQuestion, Image, Images, NoImages};
use crate::model::{
    ChainEnd, CommandLine, Container, Fact, Form, Layer, ManifestFile, MountKind, ProbeAction, Spanned,
    Unknown, User, Workload, WorkloadKind,
};
use crate::source::{Place, Source, Span};
use crate::syntax::yaml;

fn lower(text: &str) -> ManifestFile {
    lower_with(text, &NoImages)
}

fn lower_with(text: &str, images: &dyn Images) -> ManifestFile {
    let source = Source::new("k8s/app.yaml", text.as_bytes().to_vec());
    manifests(&source, yaml::parse(&source), images)
}

fn only(text: &str) -> Workload {
    let mut file = lower_with(text, &Fleet);
    assert_eq!(file.objects.len(), 1, "{text}");
    let mut pod = file.objects.remove(0).pod.unwrap();
    pod.containers.remove(0)
}

/// A pod with one container that says these lines.
fn pod(lines: &str) -> Workload {
    let lines = lines.trim_end().replace('\n', "\n    ");
    only(&format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: app\n    image: app\n    {lines}\n"
    ))
}

fn exec(words: &[&str]) -> CommandLine {
    CommandLine { form: Form::Exec, words: words.iter().map(|word| (*word).into()).collect() }
}

/// A fleet with the image `app`: `USER 10001:10001`, ENTRYPOINT, CMD, HEALTHCHECK.
struct Fleet;

impl Images for Fleet {
    fn built(&self, question: &BuildQuestion<'_>) -> Result<Image, Unknown> {
        NoImages.built(question)
    }

    fn named(&self, reference: &str) -> Option<Image> {
        let source = Source::new("app/Dockerfile", b"FROM scratch".to_vec());
        let place = Place::new(&source, Span::new(0, 12));
        let user = User { name: "10001".into(), uid: Some(10001), gid: Some(10001), ..User::root() };
        let layer = Layer {
            user: Some(Spanned::new(Ok(user), place.clone())),
            entrypoint: Some(Spanned::new(exec(&["tini", "--"]), place.clone())),
            cmd: Some(Spanned::new(exec(&["serve"]), place.clone())),
            ..Layer::default()
        };
        let container = Container { layers: vec![Arc::new(layer)], end: ChainEnd::Scratch };
        let image =
            Image { name: "app".into(), dockerfile: "app/Dockerfile".into(), container, missing: None };
        (reference == "app").then_some(image)
    }
}

#[test]
fn every_kind_has_its_pod() {
    let spec = "spec: {containers: [{name: app, image: app}]}";
    let cases = [
        ("v1", "Pod", spec.to_owned()),
        ("apps/v1", "Deployment", format!("spec: {{template: {{{spec}}}}}")),
        ("apps/v1", "StatefulSet", format!("spec: {{template: {{{spec}}}}}")),
        ("apps/v1", "DaemonSet", format!("spec: {{template: {{{spec}}}}}")),
        ("apps/v1", "ReplicaSet", format!("spec: {{template: {{{spec}}}}}")),
        ("batch/v1", "Job", format!("spec: {{template: {{{spec}}}}}")),
        ("batch/v1", "CronJob", format!("spec: {{jobTemplate: {{spec: {{template: {{{spec}}}}}}}}}")),
        ("serving.knative.dev/v1", "Service", format!("spec: {{template: {{{spec}}}}}")),
        ("serving.knative.dev/v1", "Configuration", format!("spec: {{template: {{{spec}}}}}")),
    ];
    for (api, kind, spec) in cases {
        let text = format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web}}\n{spec}\n");
        let file = lower(&text);
        let object = &file.objects[0];
        let subject = object.pod.as_ref().map(|pod| pod.containers[0].subject.to_string());
        assert_eq!(subject, Some(format!("{kind}/web: app")), "{text}");
    }
    for (api, kind) in
        [("v1", "Service"), ("example.org/v1", "Deployment"), ("serving.knative.dev/v1", "Route")]
    {
        let text = format!("apiVersion: {api}\nkind: {kind}\nspec: {{template: {{{spec}}}}}\n");
        assert!(lower(&text).objects[0].pod.is_none(), "{text}");
    }
}

#[test]
fn lists_are_their_items_and_other_documents_are_left_out() {
    let item = |name: &str| {
        format!(
            "{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {{\"name\": \"{name}\", \"managedFields\": [{{}}]}}, \"spec\": {{\"containers\": []}}, \"status\": {{\"phase\": \"Running\"}}}}"
        )
    };
    let inner = format!("{{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{}]}}", item("b"));
    let text = format!(
        "{{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{}, {inner}, {}]}}",
        item("a"),
        item("c")
    );
    let labels = |file: &ManifestFile| {
        file.objects.iter().map(|object| object.label().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(labels(&lower(&text)), ["Pod/a", "Pod/b", "Pod/c"]);
    assert_eq!(labels(&lower("a: 1\n---\nkind: Pod\napiVersion: v1\n---\n- x\n---\n")), ["Pod/(no name)"]);
    let deep = "{apiVersion: v1, kind: List, items: [".repeat(40) + &"]}".repeat(40);
    assert!(lower(&deep).objects.is_empty());
}

#[test]
fn commands_replace_what_the_image_starts() {
    type Words<'a> = &'a [&'a str];
    let cases: [(&str, Words<'_>, Option<Words<'_>>); 5] = [
        ("command: [sh, -c, run]", &["sh", "-c", "run"], None),
        ("args: [other]", &["tini", "--"], Some(&["other"])),
        ("command: [a]\nargs: [b]", &["a"], Some(&["b"])),
        ("command: []\nargs: []", &["tini", "--"], Some(&["serve"])),
        (
            "env: [{name: PORT, value: '80'}]\nargs: [\"$(PORT)\", \"$$(PORT)\", \"$(NO)\", a$]",
            &["tini", "--"],
            Some(&["80", "$(PORT)", "$(NO)", "a$"]),
        ),
    ];
    for (lines, entrypoint, cmd) in cases {
        let container = pod(lines).container;
        assert_eq!(container.entrypoint().known(), Some(&exec(entrypoint)), "{lines}");
        assert_eq!(container.cmd().known(), cmd.map(exec).as_ref(), "{lines}");
    }
}

#[test]
fn the_container_s_user_goes_before_the_pod_s_and_the_image_s() {
    let text = |pod: &str, own: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  securityContext: {{{pod}}}\n  containers: [{{name: a, image: app, securityContext: {{{own}}}}}]\n"
        )
    };
    let cases = [
        ("", "", "10001", Some(10001), Some(10001)),
        ("runAsUser: 1", "", "1", Some(1), Some(0)),
        ("runAsUser: 1, runAsGroup: 2", "runAsUser: 5", "5:2", Some(5), Some(2)),
        ("", "runAsGroup: 7", "10001", Some(10001), Some(7)),
        ("", "runAsUser: 0", "0", Some(0), Some(0)),
    ];
    for (pod, own, name, uid, gid) in cases {
        let workload = only(&text(pod, own));
        let Fact::Known { value, .. } = workload.container.user() else { panic!("{pod} {own}") };
        assert_eq!((value.uid, value.gid), (uid, gid), "{pod} {own}");
        assert!(value.describe().starts_with(name), "{}", value.describe());
    }
}

#[test]
fn the_health_check_of_the_image_does_not_run() {
    let workload = pod("livenessProbe:\n  httpGet: {path: /healthz, port: http}\n  periodSeconds: 5");
    assert!(workload.container.healthcheck().known().is_some_and(|health| health.command.is_none()));
    let probe = &workload.probes[0].value;
    assert_eq!(probe.period.as_ref().and_then(|said| said.value.milliseconds), Some(5000));
    let ProbeAction::Http { path: Some(path), port: Some(port) } = &probe.action else { panic!("{probe:?}") };
    assert_eq!((path.value.as_str(), port.value.as_str()), ("/healthz", "http"));
}

#[test]
fn variables_are_literal_expanded_or_said_elsewhere() {
    let workload = pod(
        "envFrom: [{configMapRef: {name: c}}]\nenv:\n- {name: A, value: one}\n- {name: B, value: $(A)/$(C)}\n- name: C\n  valueFrom: {fieldRef: {fieldPath: status.podIP}}\n- {name: D}",
    );
    let env = |name: &str| workload.container.env(name);
    assert_eq!(env("A").known().and_then(|value| value.certain()), Some("one"));
    assert_eq!(
        env("B").known().map(|value| (value.text.as_str(), value.unknown.is_some())),
        Some(("one/$(C)", true))
    );
    assert_eq!(env("C").known().and_then(|value| value.certain()), None);
    assert_eq!(env("D").known().and_then(|value| value.certain()), Some(""));
    assert_eq!(workload.env_references[0].value, "C");
    assert!(workload.env_elsewhere.is_some());
}

#[test]
fn knative_fills_in_the_port_and_says_it() {
    let text = |ports: &str| {
        format!(
            "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {{name: s}}\nspec: {{template: {{spec: {{containers: [{{image: app{ports}}}]}}}}}}\n"
        )
    };
    for (ports, want) in
        [("", 8080), (", ports: [{containerPort: 8002}]", 8002), (", ports: [{name: h2c}]", 8080)]
    {
        let workload = only(&text(ports));
        assert_eq!(workload.kind, WorkloadKind::Knative);
        assert_eq!(workload.name.value, "user-container");
        assert_eq!(workload.knative_port(), Some(want), "{ports}");
        assert_eq!(workload.ports.is_empty(), ports.is_empty());
        let port =
            workload.container.env("PORT").known().and_then(|value| value.certain()).map(str::to_owned);
        assert_eq!(port, Some(want.to_string()), "{ports}");
    }
}

#[test]
fn mounts_know_their_volume() {
    let text = "apiVersion: v1\nkind: Pod\nspec:\n  volumes:\n  - {name: sock, hostPath: {path: /var/run/docker.sock}}\n  - {name: tmp, emptyDir: {medium: Memory}}\n  - {name: scratch, emptyDir: {}}\n  - {name: conf, configMap: {name: c}}\n  - {name: data, persistentVolumeClaim: {claimName: d}}\n  containers:\n  - name: a\n    image: app\n    volumeMounts:\n    - {name: sock, mountPath: /s}\n    - {name: tmp, mountPath: /tmp}\n    - {name: scratch, mountPath: /x, readOnly: true}\n    - {name: conf, mountPath: /c}\n    - {name: data, mountPath: /d}\n    - {name: gone, mountPath: /g}\n";
    let workload = only(text);
    let kinds = workload.mounts.iter().map(|mount| {
        let source = mount.value.source.as_ref().map(|source| source.text.to_string()).unwrap_or_default();
        (mount.value.kind, source, mount.value.read_only)
    });
    let want = [
        (MountKind::Bind, "/var/run/docker.sock", false),
        (MountKind::Tmpfs, "tmp", false),
        (MountKind::Volume, "scratch", true),
        (MountKind::Other, "c", true),
        (MountKind::Other, "d", false),
        (MountKind::Other, "gone", false),
    ];
    assert_eq!(kinds.collect::<Vec<_>>(), want.map(|(kind, source, ro)| (kind, source.to_owned(), ro)));
}

#[test]
fn security_and_resources_are_read() {
    let workload = pod(
        "securityContext:\n  privileged: true\n  readOnlyRootFilesystem: yes\n  capabilities: {add: [CAP_NET_ADMIN, sys_time], drop: [ALL]}\nresources:\n  limits: {cpu: 0.1, memory: 1Gi}\n  requests: {cpu: 250m}",
    );
    assert_eq!(workload.privileged.as_ref().map(|said| said.value), Some(true));
    assert_eq!(workload.read_only.as_ref().map(|said| said.value), Some(true));
    let added: Vec<&str> = workload.cap_add.iter().map(|said| said.value.as_str()).collect();
    assert_eq!(added, ["NET_ADMIN", "SYS_TIME"]);
    let amount =
        |said: &Option<Spanned<crate::model::Quantity>>| said.as_ref().and_then(|said| said.value.amount);
    let resources = &workload.resources;
    assert_eq!(amount(&resources.cpu_limit), Some(100));
    assert_eq!(amount(&resources.memory_limit), Some(1 << 30));
    assert_eq!(amount(&resources.cpu_reserved), Some(250));
    assert_eq!(amount(&resources.memory_reserved), None);
}

#[test]
fn expansions_have_a_budget() {
    let mut lines = String::from("env:\n- {name: A0, value: aaaaaaaaaaaaaaaa}\n");
    for at in 1..40 {
        lines += &format!("- {{name: A{at}, value: $(A{0})$(A{0})}}\n", at - 1);
    }
    let workload = pod(&lines);
    let last = workload.container.env("A39");
    assert!(last.known().is_some_and(|value| value.unknown == Some(Unknown::TooLarge)));
}

#[test]
fn patches_are_told_from_whole_objects() {
    let deployment =
        |spec: &str| format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w}}\nspec: {spec}\n");
    let whole = "{selector: {matchLabels: {a: b}}, template: {spec: {containers: [{name: a, image: app}]}}}";
    let cases = [
        (deployment(whole), false),
        (deployment(&whole.replace(", image: app", "")), true),
        (deployment(&whole.replace(", image: app", ", image: ''")), false),
        (deployment("{replicas: 3}"), true),
        (deployment("{template: {spec: {containers: [{name: a, image: app}]}}}"), true),
        ("apiVersion: v1\nkind: Service\nspec: {type: NodePort}\n".to_owned(), true),
        ("apiVersion: v1\nkind: Service\nspec: {ports: [{port: 80}]}\n".to_owned(), false),
        ("apiVersion: v1\nkind: ConfigMap\n".to_owned(), false),
    ];
    for (text, want) in cases {
        assert_eq!(lower(&text).objects[0].partial, want, "{text}");
    }
}

#[test]
fn kustomize_reads_its_own_file_without_a_kind() {
    let source = Source::new("base/kustomization.yaml", b"resources:\n- web.yaml\n".to_vec());
    let file = manifests(&source, yaml::parse(&source), &NoImages);
    assert!(file.objects[0].is_kustomization());
    assert!(lower("resources:\n- web.yaml\n").objects.is_empty());
}
