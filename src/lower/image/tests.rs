//! Configs as they are met, and what is read of them.

use serde_json::{Value as Json, json};

use super::*;
use crate::model::{Fact, FileKind, Form, GroupRow, ImageFile, ImageFiles, Interest, PythonPackage, UserRow};
use crate::syntax::yaml;

mod contents;

fn request(files: Contents, layers: usize) -> ImageRequest {
    let blob = LayerBlob { address: "sha256:1".into(), size: 1, media_type: SmolStr::default() };
    ImageRequest {
        name: "docker-archive:web.tar".into(),
        names_platform: false,
        form: ImageForm::DockerArchive,
        media: MediaKind::Docker,
        given_reference: Some("org/web:1.0".into()),
        digest: None,
        config_digest: "sha256:0".into(),
        platforms: None,
        layers: vec![blob; layers],
        files,
        problems: Vec::new(),
    }
}

fn unread() -> Contents {
    Contents::Unread(Unknown::Layers)
}

fn record(config: &str) -> (Arc<Source>, Node) {
    let text = format!("{{\"reference\": \"docker-archive:web.tar\", \"image\": {config}}}");
    let source = Source::new("docker-archive:web.tar", text.into());
    let tree = yaml::parse(&source).documents.remove(0).root;
    (source, tree)
}

/// The image of a whole config.
fn image(config: &Json, files: Contents, layers: usize) -> BuiltImage {
    let (source, tree) = record(&config.to_string());
    lower_image(source, tree, request(files, layers))
}

/// The image of an inner config.
fn inner(config: Json) -> BuiltImage {
    image(&whole(&[("config", config)]), unread(), 0)
}

/// A right config but for some keys; null takes one out.
fn whole(changes: &[(&str, Json)]) -> Json {
    let mut whole = json!({"os": "linux", "architecture": "amd64", "config": {}, "rootfs": {"diff_ids": []}});
    for (key, value) in changes {
        whole[key] = value.clone();
    }
    whole
}

fn problems(image: &BuiltImage) -> Vec<&str> {
    image.problems.iter().map(|problem| problem.message.as_str()).collect()
}

fn words(image: &BuiltImage, cmd: bool) -> Option<(Form, Vec<SmolStr>)> {
    let fact = if cmd { image.container.cmd() } else { image.container.entrypoint() };
    fact.known().map(|command| (command.form, command.words.clone()))
}

#[test]
fn a_usual_config_is_read_without_a_word() {
    let image = inner(json!({
        "User": "10001:10001", "Env": ["PATH=/bin", "A=b=c", "EMPTY="], "Entrypoint": ["tini", "--"],
        "Cmd": ["python", "app.py"], "ArgsEscaped": true, "WorkingDir": "/app", "StopSignal": "SIGTERM",
        "ExposedPorts": {"8080/tcp": {}, "53/udp": {}, "9000-9002": {}}, "Volumes": {"/data": {}},
        "Labels": {"org": "x"}, "Shell": ["/bin/bash", "-c"], "OnBuild": ["RUN true"], "Hostname": "",
        "Healthcheck": {
            "Test": ["CMD-SHELL", "curl -f http://localhost:8080/health || exit 1"],
            "Interval": 30_000_000_000u64, "Timeout": 1_500_000_000u64, "StartPeriod": 0,
            "StartInterval": 1_000_000_000u64, "Retries": 3,
        },
    }));
    assert_eq!(problems(&image), [""; 0]);
    let container = &image.container;
    let user = container.user();
    let user = user.known().unwrap();
    assert_eq!((user.uid, user.gid), (Some(10001), Some(10001)));
    let env = |name: &str| container.env(name).known().map(|value| value.text.clone());
    assert_eq!(env("A").as_deref(), Some("b=c"));
    assert_eq!(env("EMPTY").as_deref(), Some(""));
    assert_eq!(env("B"), None);
    assert_eq!(words(&image, false), Some((Form::Exec, vec!["tini".into(), "--".into()])));
    assert_eq!(words(&image, true), Some((Form::Exec, vec!["python".into(), "app.py".into()])));
    assert_eq!(container.workdir().known().map(|dir| dir.text.as_str()), Some("/app"));
    assert_eq!(container.label("org").known().map(|label| label.text.as_str()), Some("x"));
    assert_eq!(container.shell().known().map(Vec::len), Some(2));
    let ports: Vec<String> = container
        .ports()
        .map(|(_, port)| {
            let port = port.value.as_ref().unwrap();
            format!("{}-{}/{}", port.first, port.last, port.protocol)
        })
        .collect();
    assert_eq!(ports, ["53-53/udp", "8080-8080/tcp", "9000-9002/tcp"]);
    let layer = &container.layers[0];
    assert_eq!(layer.volumes[0].value.text, "/data");
    assert_eq!(layer.onbuild[0].value, "RUN true");
    let Fact::Known { value: health, origin } = container.healthcheck() else { panic!("no check") };
    assert!(health.can_fail && !health.ignores_status);
    assert_eq!(health.tools, ["curl"]);
    assert_eq!(
        (health.probes[0].port.text.as_str(), health.probes[0].path.text.as_str()),
        ("8080", "/health")
    );
    let times = [&health.interval, &health.timeout, &health.start_period];
    let times = times.map(|time| time.as_ref().map(|time| (time.written.to_string(), time.milliseconds)));
    assert_eq!(times[0], Some(("30s".into(), Some(30_000))));
    assert_eq!(times[1], Some(("1.5s".into(), Some(1_500))));
    assert_eq!((&times[2], health.retries), (&None, Some(3)));
    assert!(origin.place().text().starts_with('['), "{}", origin.place().text());
    assert_eq!(image.place.text(), "\"config\"");
    assert_eq!(image.reference.as_ref().map(|said| said.value.as_str()), Some("org/web:1.0"));
    assert_eq!(image.reference.as_ref().unwrap().place.text(), "\"docker-archive:web.tar\"");
    assert_eq!(image.platform.to_string(), "linux/amd64");
}

#[test]
fn one_bad_field_of_the_inner_config_is_one_problem() {
    for (config, want) in [
        (json!({"User": 1000}), "`User` is a number, not a text"),
        (json!({"User": ["a"]}), "`User` is a list, not a text"),
        (json!({"user": "a"}), "`user` is read as `User`"),
        (json!({"Cmd": "python app.py"}), "`Cmd` is a text, not a list"),
        (json!({"Cmd": {"a": 1}}), "`Cmd` is an object, not a list"),
        (json!({"Entrypoint": ["a", 5, 6]}), "`Entrypoint` holds a number, not only texts"),
        (json!({"Entrypoint": true}), "`Entrypoint` is a truth value, not a list"),
        (json!({"Shell": "/bin/sh"}), "`Shell` is a text, not a list"),
        (json!({"Env": {"A": "b", "C": "d"}}), "`Env` is an object, not a list of `NAME=value`"),
        (json!({"Env": ["A", "B=c", "D"]}), "`Env` holds `A` without a value"),
        (json!({"Env": ["=x"]}), "`Env` holds an entry without a name"),
        (json!({"Env": "A=b"}), "`Env` is a text, not a list"),
        (json!({"Env": ["A=b", ["C"]]}), "`Env` holds a list, not only texts"),
        (json!({"ExposedPorts": ["8080/tcp"]}), "`ExposedPorts` is a list, not an object"),
        (
            json!({"ExposedPorts": {"http": {}, "80": {}, "zzz": {}}}),
            "`ExposedPorts` holds `http`, which is no port",
        ),
        (json!({"ExposedPorts": {"90-80/tcp": {}}}), "`ExposedPorts` holds `90-80/tcp`, which is no port"),
        (json!({"ExposedPorts": {"80/http": {}}}), "`ExposedPorts` holds `80/http`, which is no port"),
        (json!({"ExposedPorts": {"+80/tcp": {}}}), "`ExposedPorts` holds `+80/tcp`, which is no port"),
        (json!({"Volumes": ["/data"]}), "`Volumes` is a list, not an object"),
        (json!({"Labels": {"a": 1, "b": true}}), "the label `a` is a number, not a text"),
        (json!({"Labels": ["a=1"]}), "`Labels` is a list, not an object"),
        (json!({"OnBuild": "RUN true"}), "`OnBuild` is a text, not a list"),
        (json!({"WorkingDir": "app"}), "`WorkingDir` is `app`, which is no absolute path"),
        (json!({"StopSignal": 15}), "`StopSignal` is a number, not a text"),
        (json!({"ArgsEscaped": "yes"}), "`ArgsEscaped` is a text, not true or false"),
        (json!({"Healthcheck": ["CMD", "x"]}), "`Healthcheck` is a list, not an object"),
        (json!({"Healthcheck": {"Test": "x"}}), "`Test` is a text, not a list; it is read as `CMD-SHELL`"),
        (json!({"Healthcheck": {"Test": {}}}), "`Test` is an object, not a list"),
        (
            json!({"Healthcheck": {"Test": ["curl", "x"]}}),
            "`Test` begins with `curl`, not `NONE`, `CMD` or `CMD-SHELL`: nothing is run",
        ),
        (
            json!({"Healthcheck": {"Test": ["CMD", "x"], "Interval": "30s"}}),
            "`Interval` is a text, not nanoseconds",
        ),
        (
            json!({"Healthcheck": {"Test": ["CMD", "x"], "Timeout": -5}}),
            "`Timeout` is `-5`, no number of nanoseconds",
        ),
        (
            json!({"Healthcheck": {"Test": ["CMD", "x"], "Timeout": 1e300}}),
            "`Timeout` is `1e+300`, no number of nanoseconds",
        ),
        (
            json!({"Healthcheck": {"Test": ["CMD", "x"], "Timeout": []}}),
            "`Timeout` is a list, not nanoseconds",
        ),
        (
            json!({"Healthcheck": {"Test": ["CMD", "x"], "Retries": -1}}),
            "`Retries` is no whole number that is not negative",
        ),
    ] {
        let image = inner(config.clone());
        assert_eq!(problems(&image), [want], "{config}");
    }
}

#[test]
fn what_is_meant_by_a_bad_field_is_read() {
    let image = inner(json!({
        "User": 1000, "Cmd": "python app.py", "Entrypoint": ["a", 5], "Env": {"A": "b", "N": 1},
        "ExposedPorts": [8080, "53/udp"], "Volumes": ["/data"], "Labels": {"a": 1, "b": null},
        "Healthcheck": {"Test": ["NONE"], "Interval": "1m30s"},
    }));
    assert_eq!(image.problems.len(), 8, "{:?}", problems(&image));
    let container = &image.container;
    assert_eq!(container.user().known().map(|user| user.uid), Some(Some(1000)));
    assert_eq!(words(&image, true), Some((Form::Shell, vec!["python app.py".into()])));
    assert_eq!(words(&image, false), Some((Form::Exec, vec!["a".into(), "5".into()])));
    assert_eq!(container.env("N").known().map(|value| value.text.as_str()), Some("1"));
    assert_eq!(container.ports().count(), 2);
    assert_eq!(container.layers[0].volumes[0].value.text, "/data");
    assert_eq!(container.label("a").known().map(|value| value.text.as_str()), Some("1"));
    assert_eq!(container.label("b").known().map(|value| value.text.as_str()), Some(""));
    let health = container.healthcheck();
    let health = health.known().unwrap();
    assert_eq!(health.command, None);
    assert_eq!(health.interval.as_ref().and_then(|time| time.milliseconds), Some(90_000));
}

#[test]
fn nulls_and_empty_values_say_nothing() {
    let keys = [
        "User",
        "Env",
        "Entrypoint",
        "Cmd",
        "ArgsEscaped",
        "WorkingDir",
        "ExposedPorts",
        "Volumes",
        "Labels",
        "Healthcheck",
        "Shell",
        "OnBuild",
        "StopSignal",
        "Domainname",
        "Hostname",
    ];
    let nulls: serde_json::Map<String, Json> = keys.map(|key| (key.into(), Json::Null)).into_iter().collect();
    let empty = json!({
        "User": "", "Env": [], "Entrypoint": [], "Cmd": [], "WorkingDir": "", "ExposedPorts": {},
        "Volumes": {}, "Labels": {}, "Healthcheck": {}, "Shell": [], "OnBuild": [],
    });
    let untested = json!({"Healthcheck": {"Test": [], "Interval": 5}});
    for config in [Json::Object(nulls), empty, untested, json!({}), Json::Null] {
        let image = inner(config.clone());
        assert_eq!(problems(&image), [""; 0], "{config}");
        let container = &image.container;
        assert!(matches!(container.user(), Fact::Absent), "{config}");
        assert!(matches!(container.healthcheck(), Fact::Absent), "{config}");
        assert!(container.starts_nothing() && matches!(container.workdir(), Fact::Absent), "{config}");
        assert_eq!(container.ports().count(), 0);
    }
}

#[test]
fn the_outer_config_is_tolerated() {
    let sha = "sha256:1";
    for (changes, layers, want) in [
        (vec![("architecture", Json::Null)], 0, Some("the config says no `architecture`")),
        (vec![("architecture", json!(""))], 0, Some("the config says no `architecture`")),
        (vec![("os", json!(5))], 0, Some("`os` is a number, not a text")),
        (vec![("os", Json::Null)], 0, Some("the config says no `os`")),
        (vec![("config", json!("x"))], 0, Some("`config` is a text, not an object")),
        (vec![("config", Json::Null)], 0, None),
        (vec![("variant", json!("v8")), ("os.version", json!("10.0"))], 0, None),
        (vec![("variant", json!(8))], 0, Some("`variant` is a number, not a text")),
        (vec![("rootfs", Json::Null)], 0, Some("the config says no `rootfs`")),
        (vec![("rootfs", json!([]))], 0, Some("`rootfs` is a list, not an object")),
        (vec![("rootfs", json!({"diff_ids": null}))], 0, None),
        (
            vec![("rootfs", json!({"diff_ids": null}))],
            2,
            Some("the number of layers is 0 by `diff_ids` and 2 by the manifest"),
        ),
        (vec![("rootfs", json!({"diff_ids": sha}))], 1, Some("`diff_ids` is a text, not a list")),
        (vec![("rootfs", json!({"diff_ids": [sha]}))], 1, None),
        (vec![("rootfs", json!({"diff_ids": [1]}))], 1, Some("`diff_ids` holds a number, not only texts")),
        (vec![("history", Json::Null)], 0, None),
        (vec![("history", json!("x"))], 0, Some("`history` is a text, not a list")),
        (vec![("history", json!([1]))], 0, Some("`history` holds a number, not only objects")),
        (
            vec![("history", json!([{"created_by": 1, "empty_layer": true}]))],
            0,
            Some("`created_by` is a number, not a text"),
        ),
        (
            vec![("history", json!([{"empty_layer": 1}]))],
            1,
            Some("`empty_layer` is a number, not true or false"),
        ),
        (
            vec![("history", json!([{}, {}]))],
            1,
            Some("the number of layers is 2 by `history` and 1 by `rootfs`"),
        ),
    ] {
        let mut whole = whole(&changes);
        if layers == 1 && changes[0].0 == "history" {
            whole["rootfs"] = json!({"diff_ids": [sha]});
        }
        let image = image(&whole, unread(), layers);
        let want: Vec<&str> = want.into_iter().collect();
        assert_eq!(problems(&image), want, "{changes:?}");
    }
    let variant = image(&whole(&[("variant", json!("v7")), ("architecture", json!("arm"))]), unread(), 0);
    assert_eq!(variant.platform.to_string(), "linux/arm/v7");
}

#[test]
fn history_and_layers_find_each_other() {
    let config = whole(&[
        ("rootfs", json!({"diff_ids": ["sha256:1", "sha256:2"]})),
        (
            "history",
            json!([
                {"created_by": "COPY a", "created": "2025-08-12T00:00:00Z", "comment": "buildkit"},
                {"created_by": "ENV A=b", "empty_layer": true},
                {"created_by": "RUN b"},
            ]),
        ),
    ]);
    let image = image(&config, unread(), 2);
    assert_eq!(problems(&image), [""; 0]);
    assert_eq!(image.layer_place(1).text(), "\"RUN b\"");
    assert_eq!(image.diff_ids[1].value, "sha256:2");
    let first = &image.history[0];
    assert_eq!(
        (first.created.as_deref(), first.comment.as_deref()),
        (Some("2025-08-12T00:00:00Z"), Some("buildkit"))
    );
    assert_eq!(image.history.iter().filter(|step| step.empty_layer).count(), 1);
}

#[test]
fn the_subject_names_the_platform_of_several() {
    let (source, tree) = record(&whole(&[("architecture", json!("arm64"))]).to_string());
    let request = ImageRequest {
        names_platform: true,
        name: "docker://ghcr.io/org/web:1.0".into(),
        form: ImageForm::Registry,
        given_reference: None,
        ..request(unread(), 0)
    };
    let image = lower_image(source, tree, request);
    assert_eq!(image.subject, "docker://ghcr.io/org/web:1.0 (linux/arm64)");
    assert_eq!(image.reference.map(|said| said.value).as_deref(), Some("ghcr.io/org/web:1.0"));
}
