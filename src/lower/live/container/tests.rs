//! Containers as a real Docker Engine 20.10 shows them (testdata/live/engine), and as others do, written by hand.

use serde_json::json;

use super::*;
use crate::model::{ContainerState, DockerHealth, Fact, LiveNetwork};
use crate::source::{Source, Span};

fn place() -> Place {
    let source = Source::new("plimsoll.toml", b"[services]\n".to_vec());
    Place { source, span: Span::new(0, 10) }
}

fn parts(inspect: Value, image: Value) -> ContainerParts {
    ContainerParts {
        inspect,
        image,
        processes: Err("nobody asked".into()),
        listeners: Err("nobody asked".into()),
        files: Vec::new(),
        registry: None,
    }
}

fn lowered(inspect: Value) -> LiveContainer {
    container(parts(inspect, Value::Null), Some(3), &place())
}

fn recorded() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/live/engine/docker-20.10.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn of_docker(name: &str) -> LiveContainer {
    let all = recorded();
    container(parts(all["containers"][name].clone(), all["image"].clone()), None, &place())
}

#[test]
fn a_running_container_of_docker() {
    let it = of_docker("published");
    assert_eq!((it.name.as_str(), it.id.len()), ("published", 64));
    assert_eq!((&it.state, &it.health), (&ContainerState::Running, &DockerHealth::Healthy));
    assert_eq!(it.published.len(), 1);
    let port = &it.published[0];
    assert_eq!(
        (port.container, port.host, port.protocol.as_str(), port.host_ip.as_str()),
        (8202, 18202, "tcp", "127.0.0.1")
    );
    assert!(!it.init && !it.privileged && !it.read_only && !it.oom_killed && it.restarts == 0);
    assert_eq!(it.restart_policy, "no");
    assert_eq!(it.image.reference, "live.example.com/fleet/published:20260101-abcdef0");
    assert!(it.image.id.starts_with("sha256:"), "{}", it.image.id);
    assert_eq!(it.image.tags.len(), 2, "{:?}", it.image.tags);
    let Fact::Known { value, origin } = it.container.label("health_check_port") else { panic!("no label") };
    assert_eq!(value.text, "8202");
    assert!(origin.steps.iter().all(|step| step.place.start().line == 1));
    let layer = &it.container.layers[0];
    let user = layer.user.as_ref().unwrap().value.as_ref().unwrap();
    assert_eq!((user.uid, user.gid), (Some(10001), Some(10001)));
    assert_eq!(layer.entrypoint.as_ref().unwrap().value.words, ["/usr/bin/tini", "--", "/bin/serve"]);
    assert!(layer.healthcheck.is_some() && layer.opaque.is_some());
    let of_image = it.image.config.unwrap();
    assert!(matches!(of_image.label("health_check_port"), Fact::Absent));
    assert!(of_image.layers[0].healthcheck.is_some());
}

#[test]
fn states_of_docker() {
    for (name, state) in [
        ("paused", ContainerState::Paused),
        ("restarting", ContainerState::Restarting),
        ("exited", ContainerState::Exited(4)),
        ("unhealthy", ContainerState::Running),
    ] {
        assert_eq!(of_docker(name).state, state, "{name}");
    }
    assert!(of_docker("restarting").restarts >= 3);
    assert_eq!(of_docker("restarting").restart_policy, "always");
    let DockerHealth::Unhealthy { streak, exit_code, output } = of_docker("unhealthy").health else {
        panic!()
    };
    assert!(streak >= 1);
    assert_eq!((exit_code, output.as_str()), (Some(1), "nobody healthy at 127.0.0.1:1"));
    assert!(of_docker("by-engine").init);
}

#[test]
fn networks_of_docker() {
    let LiveNetwork::Networks(two) = of_docker("two-networks").network else { panic!() };
    let names: Vec<&str> = two.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["one", "two"]);
    assert!(two.iter().all(|(_, address)| address.is_ipv4()));
    assert_eq!(of_docker("no-network").network, LiveNetwork::None);
    assert_eq!(of_docker("exited").network, LiveNetwork::Networks(Vec::new()));
    let LiveNetwork::Container(other) = of_docker("shared").network else { panic!() };
    assert_eq!(other, of_docker("good").id);
}

#[test]
fn networks_of_others() {
    let of = |mode: Value, settings: Value| {
        lowered(json!({"HostConfig": {"NetworkMode": mode}, "NetworkSettings": settings})).network
    };
    let one =
        |name: &str, address: &str| LiveNetwork::Networks(vec![(name.into(), address.parse().unwrap())]);
    for (mode, settings, expected) in [
        (json!("host"), json!({"Networks": {"host": {"IPAddress": ""}}}), LiveNetwork::Host),
        (json!("container:ab"), json!({}), LiveNetwork::Container("ab".into())),
        // Docker before there were lists, and podman's default network.
        (json!("default"), json!({"IPAddress": "172.17.0.2"}), one("bridge", "172.17.0.2")),
        (
            json!("bridge"),
            json!({"Networks": {"podman": {"IPAddress": "10.88.0.5"}}}),
            one("podman", "10.88.0.5"),
        ),
        (
            json!("v6"),
            json!({"Networks": {"v6": {"IPAddress": "", "GlobalIPv6Address": "fd00::2"}}}),
            one("v6", "fd00::2"),
        ),
        // Rootless podman: reached by published ports alone.
        (json!("slirp4netns"), json!({"Networks": null, "IPAddress": ""}), LiveNetwork::Networks(Vec::new())),
        (json!(7), json!({"Networks": [1], "IPAddress": "no address"}), LiveNetwork::Networks(Vec::new())),
    ] {
        assert_eq!(of(mode.clone(), settings.clone()), expected, "{mode} {settings}");
    }
}

#[test]
fn published_ports() {
    let ports = json!({
        "8212/tcp": [{"HostIp": "0.0.0.0", "HostPort": "18212"}, {"HostIp": "::", "HostPort": "18212"}],
        "53/udp": [{"HostIp": "", "HostPort": 5353}],
        "9000/tcp": null, "9001/tcp": [], "x/tcp": [{"HostPort": "1"}], "99999/tcp": [{"HostPort": "1"}],
        "1/tcp": [{"HostPort": "99999"}, {"HostPort": ""}, 7, null],
    });
    let list: Vec<String> = network::published(&ports)
        .iter()
        .map(|port| format!("{}/{}={}:{}", port.container, port.protocol, port.host_ip, port.host))
        .collect();
    assert_eq!(list, ["53/udp=0.0.0.0:5353", "8212/tcp=0.0.0.0:18212", "8212/tcp=:::18212"]);
}

#[test]
fn states_of_others() {
    for (given, expected) in [
        (json!({"Status": "created"}), ContainerState::Other("created".into())),
        (json!({"Status": "dead", "Dead": true}), ContainerState::Other("dead".into())),
        (json!({"Status": "running", "Running": true, "Paused": true}), ContainerState::Paused),
        (json!({"Status": "stopped", "ExitCode": 137}), ContainerState::Exited(137)),
        (json!({"Status": "exited", "ExitCode": "x"}), ContainerState::Exited(0)),
        (json!({"Running": true}), ContainerState::Running),
        (json!(null), ContainerState::Other("unknown".into())),
    ] {
        assert_eq!(state::state(&given), expected, "{given}");
    }
}

#[test]
fn health_of_others() {
    let check = json!({"Test": ["CMD", "/bin/serve", "check"]});
    let long = format!("  curl: not found\n{}  ", "x".repeat(500));
    let unhealthy =
        |exit_code, output: &str| DockerHealth::Unhealthy { streak: 2, exit_code, output: output.into() };
    for (name, health, config, expected) in [
        ("Health", json!(null), json!(null), DockerHealth::None),
        ("Health", json!(null), json!({"Test": []}), DockerHealth::None),
        ("Health", json!(null), json!({"Test": ["NONE"]}), DockerHealth::Disabled),
        // Podman leaves it out.
        ("Health", json!(null), check.clone(), DockerHealth::Starting),
        ("Health", json!({"Status": "none"}), json!(null), DockerHealth::None),
        ("Healthcheck", json!({"Status": "healthy"}), check.clone(), DockerHealth::Healthy),
        ("Health", json!({"Status": "starting"}), check.clone(), DockerHealth::Starting),
        (
            "Health",
            json!({"Status": "unhealthy", "FailingStreak": 2, "Log": null}),
            check.clone(),
            unhealthy(None, ""),
        ),
        (
            "Health",
            json!({"Status": "unhealthy", "FailingStreak": 2, "Log": [{"ExitCode": 1, "Output": "a"}, {"ExitCode": -1, "Output": " b\n"}]}),
            check,
            unhealthy(Some(-1), "b"),
        ),
    ] {
        let it =
            lowered(json!({"State": {"Status": "running", name: health}, "Config": {"Healthcheck": config}}));
        assert_eq!(it.health, expected, "{name} {health} {config}");
    }
    let it = lowered(json!({"State": {"Health": {"Status": "unhealthy", "Log": [{"Output": long}]}}}));
    let DockerHealth::Unhealthy { output, .. } = it.health else { panic!() };
    assert!(output.starts_with("curl: not found\nx") && output.chars().count() == 200, "{output}");
}

/// Fields of newer engines and of podman.
#[test]
fn settings_of_others() {
    let it = lowered(json!({
        "Id": "ab", "Name": "/web", "RestartCount": 1e3, "Image": "ab".repeat(32),
        "ImageManifestDescriptor": {"digest": "sha256:00"},
        "HostConfig": {"Init": true, "Privileged": true, "ReadonlyRootfs": true, "CapAdd": ["CAP_NET_ADMIN", "sys_time", 7],
            "CapDrop": ["ALL"], "RestartPolicy": {"Name": "unless-stopped"}},
        "Config": {"User": "web", "Labels": {"com.docker.compose.service": "api"}, "Env": ["A=b=c", "X"],
            "Healthcheck": {"Test": ["CMD-SHELL", "curl -f http://127.0.0.1:8212/health"], "StartInterval": 1_000_000_000},
            "ExposedPorts": {"8212/tcp": {}}, "Volumes": {"/data": {}}, "WorkingDir": "/app"},
        "State": {"OOMKilled": true},
    }));
    assert_eq!(it.compose_service.as_deref(), Some("api"));
    assert_eq!((it.cap_add, it.cap_drop), (vec!["NET_ADMIN".into(), "SYS_TIME".into()], vec!["ALL".into()]));
    assert!(it.init && it.privileged && it.read_only && it.oom_killed);
    assert_eq!((it.service, it.restart_policy.as_str()), (Some(3), "unless-stopped"));
    assert_eq!(it.image.id, format!("sha256:{}", "ab".repeat(32)));
    assert!(it.image.config.is_none());
    let layer = &it.container.layers[0];
    assert!(layer.user.as_ref().unwrap().value.is_err(), "nobody knows the number of a name");
    assert_eq!(layer.env[0].value.0, "A");
    assert_eq!(layer.ports[0].value.as_ref().unwrap().first, 8212);
    assert_eq!(layer.healthcheck.as_ref().unwrap().value.probes.len(), 1);
    assert_eq!((layer.volumes.len(), layer.workdir.as_ref().unwrap().value.text.as_str()), (1, "/app"));
}

/// Every field of a recorded container in turn is something else: nothing else is lost.
#[test]
fn one_odd_field_is_not_the_end() {
    let whole = recorded()["containers"]["published"].clone();
    let odd = [
        json!(null),
        json!(7),
        json!("x"),
        json!([[[[[[1]]]]]]),
        json!({"a": {"b": {"c": {"d": {}}}}}),
        json!(true),
    ];
    let mut paths: Vec<Vec<String>> = Vec::new();
    for (key, value) in whole.as_object().unwrap() {
        paths.push(vec![key.clone()]);
        for inner in value.as_object().into_iter().flatten() {
            paths.push(vec![key.clone(), inner.0.clone()]);
        }
    }
    assert!(paths.len() > 40, "{}", paths.len());
    for path in &paths {
        for value in &odd {
            let mut changed = whole.clone();
            let target = path.iter().fold(&mut changed, |at, key| &mut at[key]);
            *target = value.clone();
            let it = lowered(changed);
            assert!(path[0] == "Name" || it.name == "published", "{path:?} {value}");
            assert!(path[0] == "State" || it.state == ContainerState::Running, "{path:?} {value}");
            assert!(path[0] == "NetworkSettings" || it.published.len() == 1, "{path:?} {value}");
        }
    }
    for value in odd {
        assert_eq!(lowered(value).name, "");
    }
}
