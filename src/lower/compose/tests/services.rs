use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{ComposeRequest, load};
use super::project;
use crate::lower::{BuildQuestion, Files, Image, Images, MemoryFiles};
use crate::model::{
    ChainEnd, CommandLine, Container, Duration, Fact, Form, Healthcheck, Layer, MountKind, Project, Spanned,
    Unknown, Workload,
};
use crate::source::{Place, Source, Span};

/// One image, `app`, built from `app/Dockerfile`.
struct App(Arc<Layer>);

impl App {
    fn image(&self) -> Image {
        Image {
            name: "app".into(),
            dockerfile: "app/Dockerfile".into(),
            container: Container { layers: vec![Arc::clone(&self.0)], end: ChainEnd::Scratch },
            missing: None,
        }
    }
}

impl Images for App {
    fn built(&self, question: &BuildQuestion<'_>) -> Result<Image, Unknown> {
        match question.dockerfile {
            "app/Dockerfile" => Ok(self.image()),
            other => Err(Unknown::File(other.into())),
        }
    }

    fn named(&self, reference: &str) -> Option<Image> {
        (reference == "app").then(|| self.image())
    }
}

fn exec(words: &[&str]) -> CommandLine {
    CommandLine { form: Form::Exec, words: words.iter().map(|word| (*word).into()).collect() }
}

fn app() -> App {
    let source = Source::new("app/Dockerfile", b"FROM scratch".to_vec());
    let place = Place::new(&source, Span::new(0, 4));
    let second = |text: &str| Some(Duration { written: text.into(), milliseconds: Some(1000) });
    let health = Healthcheck {
        command: Some(exec(&["probe"])),
        interval: second("1s"),
        timeout: second("1s"),
        start_period: None,
        retries: Some(9),
        probes: Vec::new(),
        can_fail: true,
        ignores_status: false,
        tools: Vec::new(),
    };
    App(Arc::new(Layer {
        entrypoint: Some(Spanned::new(exec(&["tini", "--"]), place.clone())),
        cmd: Some(Spanned::new(exec(&["serve"]), place.clone())),
        healthcheck: Some(Spanned::new(health, place)),
        ..Layer::default()
    }))
}

fn over_app(text: &str) -> Project {
    let text = format!("services:\n  web:\n    build: app\n    {text}\n");
    let files = MemoryFiles::new(BTreeMap::from([("compose.yaml".to_owned(), text.into_bytes())]));
    let sources = [files.read("compose.yaml").unwrap()];
    load(ComposeRequest { sources: &sources, files: &files, images: &app(), environment: &[] })
}

#[test]
fn commands_are_laid_over_the_image() {
    for (text, entrypoint, cmd) in [
        ("init: true", &["tini", "--"][..], Some(&["serve"][..])),
        ("command: a b", &["tini", "--"], Some(&["a", "b"])),
        ("command: ~", &["tini", "--"], Some(&["serve"])),
        ("command: []", &["tini", "--"], Some(&[])),
        ("entrypoint: [x]", &["x"], None),
        ("entrypoint: []", &[], Some(&["serve"])),
        ("entrypoint: x\n    command: y", &["x"], Some(&["y"])),
        ("command: ${C}", &["tini", "--"], Some(&["${C}"])),
    ] {
        let project = over_app(text);
        let container = &project.services[0].container;
        assert_eq!(container.entrypoint().known(), Some(&exec(entrypoint)), "{text}");
        assert_eq!(container.cmd().known(), cmd.map(exec).as_ref(), "{text}");
    }
    let project = over_app("command: a");
    assert_eq!(project.services[0].dockerfile.as_deref(), Some("app/Dockerfile"));
    let Fact::Known { origin, .. } = project.services[0].container.entrypoint() else { panic!("unknown") };
    let steps: Vec<&str> = origin.steps.iter().map(|step| step.place.source.path()).collect();
    assert_eq!(steps, ["compose.yaml", "app/Dockerfile"]);
}

#[test]
fn health_checks_take_what_is_left_out_from_the_image() {
    let check = |text: &str| -> Healthcheck {
        let project = over_app(text);
        let Fact::Known { value, .. } = project.services[0].container.healthcheck() else { panic!("{text}") };
        value.clone()
    };
    let inherited = check("init: true");
    assert_eq!(inherited.command, Some(exec(&["probe"])));
    let timed = check("healthcheck: {interval: 5s, timeout: 0s}");
    assert_eq!(timed.command, Some(exec(&["probe"])));
    assert_eq!(timed.interval.unwrap().milliseconds, Some(5000));
    assert_eq!((timed.timeout.unwrap().milliseconds, timed.retries), (Some(1000), Some(9)));
    let own = check("healthcheck: {test: curl http://localhost:8000/health, retries: 2}");
    assert_eq!(own.command.as_ref().map(|it| it.form), Some(Form::Shell));
    assert_eq!(
        (own.tools.as_slice(), own.ignores_status, own.retries),
        (&["curl".into()][..], true, Some(2))
    );
    assert_eq!(own.probes[0].port.text, "8000");
    for text in ["healthcheck: {disable: true}", "healthcheck: {test: [NONE]}", "healthcheck: {test: NONE}"] {
        let off = check(text).command;
        assert_eq!(off.is_none(), !text.ends_with("NONE}"), "{text}");
    }
}

fn only(text: &str) -> Project {
    project(&[("compose.yaml", &format!("services:\n  web:\n    image: python:3.11-slim\n    {text}\n"))])
}

fn web(project: &Project) -> &Workload {
    &project.services[0]
}

#[test]
fn plain_fields() {
    let project = only(
        "user: '10001:10002'\n    init: true\n    read_only: true\n    privileged: false\n    cap_add: [cap_net_admin]\n    \
         cap_drop: [ALL]\n    expose: ['80', '90-91/udp']\n    working_dir: app\n    mem_limit: 1g\n    \
         deploy: {resources: {limits: {cpus: '0.5'}}}\n    tmpfs: ['/run:size=1m']\n    \
         volumes: ['./a:/a:ro', 'vol:/v', '${D}:/d']",
    );
    let web = web(&project);
    let Fact::Known { value: user, .. } = web.container.user() else { panic!("no user") };
    assert_eq!((user.uid, user.gid), (Some(10001), Some(10002)));
    assert!(matches!(web.container.end, ChainEnd::WellKnown { .. }));
    let truths = [&web.init, &web.read_only, &web.privileged];
    assert_eq!(truths.map(|it| it.as_ref().map(|it| it.value)), [Some(true), Some(true), Some(false)]);
    assert_eq!((web.cap_add[0].value.as_str(), web.cap_drop[0].value.as_str()), ("NET_ADMIN", "ALL"));
    let ports: Vec<(u16, u16)> = web
        .overlay()
        .ports
        .iter()
        .filter_map(|it| it.value.as_ref().ok())
        .map(|it| (it.first, it.last))
        .collect();
    assert_eq!(ports, [(80, 80), (90, 91)]);
    assert_eq!(web.container.workdir().known().map(|it| it.text.clone()), Some("/app".into()));
    assert_eq!(web.resources.memory_limit.as_ref().unwrap().value.amount, Some(1 << 30));
    assert_eq!(web.resources.cpu_limit.as_ref().unwrap().value.amount, Some(500));
    let mounts: Vec<(MountKind, &str, bool, bool)> = web
        .mounts
        .iter()
        .map(|it| {
            let source = it.value.source.as_ref();
            let text = source.map_or("", |it| it.text.as_str());
            (it.value.kind, text, it.value.read_only, source.is_some_and(|it| it.unknown.is_some()))
        })
        .collect();
    assert_eq!(mounts[0], (MountKind::Bind, "a", true, false));
    assert_eq!(mounts[1], (MountKind::Volume, "vol", false, false));
    assert!(mounts[2].3, "{mounts:?}");
    assert_eq!(mounts[3].0, MountKind::Tmpfs);
    assert_eq!(web.mounts[3].value.target.text, "/run");
}

#[test]
fn ports_of_the_host() {
    let project = only("ports: ['127.0.0.1:8080:80', '9000-9002:90', '${P}:70', 60, '0.0.0.0:50:50']");
    let seen: Vec<_> = web(&project)
        .ports
        .iter()
        .map(|it| (it.value.container.clone().ok(), it.value.host, it.value.host_ip.as_deref()))
        .collect();
    assert_eq!(seen[0], (Some(80), Some((8080, 8080)), Some("127.0.0.1")));
    assert_eq!(seen[1], (Some(90), Some((9000, 9002)), None));
    assert_eq!(seen[2].1, None);
    assert_eq!(seen[3], (Some(60), None, None));
    assert_eq!(seen[4], (Some(50), Some((50, 50)), None));
}

#[test]
fn values_point_into_the_text() {
    let text = "services:\n  web:\n    image: x\n    environment:\n      - A=one\n      - \"B=${NO}\"\n";
    let project = project(&[("compose.yaml", text)]);
    let env = &web(&project).overlay().env;
    assert_eq!(env[0].place.text(), "one");
    assert_eq!(env[1].value.1.unknown, Some(Unknown::Variable("NO".into())));
    assert_eq!(web(&project).place.text(), "web");
}

#[test]
fn builds_without_a_known_dockerfile_are_unknown() {
    for (text, why) in [
        ("build: gone", "File"),
        ("build: {context: 'https://example.org/x.git'}", "Dynamic"),
        ("build: {dockerfile_inline: FROM x}", "Dynamic"),
        ("build: '${CTX}'", "Variable"),
        ("image: '${IMG}'", "Variable"),
    ] {
        let project = project(&[("compose.yaml", &format!("services: {{a: {{{text}}}}}\n"))]);
        let ChainEnd::Unknown { why: found, .. } = &web(&project).container.end else { panic!("{text}") };
        assert!(format!("{found:?}").starts_with(why), "{text}: {found:?}");
    }
}
