//! What `validate-fleet` does with the containers of an engine.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use plimsoll::live::{ContainerParts, FleetSource, Judge, Question};
use plimsoll::run::{FleetStep, validate_fleet};
use serde_json::json;

use crate::support::fleet_call::{Asked, Call, of_engine};
use crate::support::played_fleet::{Played, container};

const OK: &str = "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"status\":\"ok\"}\n";

const PLAN: &str = "[health]\npath = \"/health\"\nexpect = { status = \"ok\" }\n\
    [services.rows]\ncron = { ports = \"7215/8215\" }\n";

#[test]
fn rows_with_a_container_are_asked_there() {
    let plan = "[health]\npath = \"/health\"\n[services.rows]\na = { ports = \"1000/2000\" }\nb = { ports = \"1001/2001\" }\n\
        c = { ports = \"1002/2002\" }\nd = { ports = \"1003/2003\" }\ne = { ports = \"1004/2004\" }\nf = { ports = \"1005/2005\" }\n\
        g = { ports = \"1006/2006\" }\n";
    let published = json!({"NetworkSettings": {"Ports": {"2000/tcp": [
        {"HostIp": "0.0.0.0", "HostPort": "9000"}, {"HostIp": "::", "HostPort": "9000"}]}}});
    let two = json!({"Config": {"Labels": {"com.docker.compose.service": "b"}}, "NetworkSettings": {"Networks": {
        "one": {"IPAddress": "172.18.0.5"}, "two": {"IPAddress": "172.19.0.5"}}}});
    let files = [
        of_engine("a", &published),
        of_engine("project-b-1", &two),
        of_engine(
            "c",
            &json!({"HostConfig": {"NetworkMode": "host"}, "NetworkSettings": {"Networks": {"host": {"IPAddress": ""}}}}),
        ),
        of_engine(
            "d",
            &json!({"HostConfig": {"NetworkMode": "none"}, "NetworkSettings": {"Networks": {"none": {"IPAddress": ""}}}}),
        ),
        of_engine(
            "shop_e_2",
            &json!({"NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.9"}}}}),
        ),
        of_engine("f", &json!({"State": {"Status": "paused", "Paused": true}})),
        of_engine("stranger", &json!({"Config": {"Image": "redis:7"}})),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let call = Call::new("engine", plan);
    let (asked, left_out) = call.asked(&files);
    assert_eq!(
        asked,
        [
            "http://127.0.0.1:9000/health | http://172.17.0.2:2000/health",
            "http://172.18.0.5:2001/health | http://172.19.0.5:2001/health",
            "http://127.0.0.1:2002/health",
            "http://172.17.0.9:2004/health",
        ]
    );
    assert_eq!(
        left_out,
        ["container:stranger: no planned service, so only what the plan says of every container was judged"]
    );
    let outcome = call.run(&Asked::new(&files)).unwrap();
    let of = |rule: &str, service: &str| {
        let found = outcome.settled.findings.iter().filter(|it| it.rule == rule);
        found.filter(|it| it.service.as_deref() == Some(service)).count()
    };
    assert_eq!((of("health-contract", "d"), of("health-contract", "f")), (1, 0), "one cause is one finding");
    assert_eq!((of("live-health", "f"), of("service-coverage", "g")), (1, 1));
    let state = |service: &str, rule: &str| {
        let row = outcome.checked.fleet.iter().find(|row| row.service == service).unwrap();
        row.cells.iter().find(|cell| cell.rule == rule).map(|cell| format!("{:?}", cell.state))
    };
    assert_eq!(state("f", "health-contract").as_deref(), Some("Open"), "no answer is no pass");
    assert_eq!(state("g", "service-coverage").as_deref(), Some("Fail(Error)"));
    assert_eq!(state("a", "service-coverage").as_deref(), Some("Pass"));
    // With `--host` published ports are asked there, and strangers are nobody's business with `--service`.
    let call = call.with(|it| {
        it.host = Some("10.9.9.9".to_owned());
        it.services = vec!["a".to_owned()];
    });
    let (asked, left_out) = call.asked(&files);
    assert_eq!(asked, ["http://10.9.9.9:9000/health | http://172.17.0.2:2000/health"]);
    assert!(left_out.iter().all(|line| line.ends_with("none of those that are asked for")), "{left_out:?}");
}

#[test]
fn containers_are_compared_with_the_files_of_the_call() {
    let plan = "[services.rows]\nweb = { ports = \"7212/8212\" }\n";
    let compose = "services:\n  web:\n    image: example/web:1\n    user: \"1000\"\n";
    let call = Call::new("expected", plan).file("compose.yaml", compose);
    let running = of_engine("web", &json!({"Config": {"User": "1001", "Image": "example/web:1"}}));
    let outcome = call.run(&Asked::new(&[(&running.0, &running.1)])).unwrap();
    assert!(outcome.settled.findings.iter().any(|it| it.rule == "drift"), "{:?}", outcome.settled.findings);
}

/// Containers that are there at the third look.
struct Slow(Mutex<u32>);

impl FleetSource for Slow {
    fn ask(&self, questions: &[Question], judge: &mut dyn Judge) {
        let files = [("http://172.17.0.2:8215/health".to_owned(), OK.to_owned())];
        Played::of(&files).ask(questions, judge);
    }

    fn containers(&self) -> Result<Option<Vec<ContainerParts>>, (String, Option<String>)> {
        let mut looks = self.0.lock().unwrap();
        *looks += 1;
        match *looks {
            1 => Err(("the engine is not there".to_owned(), None)),
            2 => Ok(Some(vec![container("cron", json!({"State": {"Health": {"Status": "starting"}}}))])),
            _ => Ok(Some(vec![container("cron", json!({}))])),
        }
    }
}

#[test]
fn an_engine_is_waited_for() {
    let call = Call::new("wait", PLAN).with(|it| {
        it.services = vec!["cron".to_owned()];
        it.wait = Duration::from_secs(30);
    });
    let steps = Mutex::new(Vec::new());
    let hear = |step: FleetStep<'_>| steps.lock().unwrap().push(format!("{step:?}"));
    let start = Instant::now();
    let outcome = validate_fleet(&call.request, &Slow(Mutex::new(0)), &hear).unwrap();
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(outcome.checked.files.get("container"), Some(&1));
    let steps = steps.into_inner().unwrap();
    assert_eq!(steps.len(), 3, "{steps:?}");
    assert_eq!(steps[0], "Containers { ready: 0, all: 1 }");
    assert!(steps[2].contains("good: true") && steps[2].contains("last: true"), "{steps:?}");
    // A time that no clock reaches is one too.
    let call = call.with(|it| it.wait = Duration::MAX);
    assert!(call.run(&Slow(Mutex::new(0))).is_ok());
    // Without time there is one look.
    let call = call.with(|it| it.wait = Duration::ZERO);
    let error = call.run(&Slow(Mutex::new(0))).unwrap_err();
    assert_eq!(error.message, "the engine is not there");
}

#[cfg(feature = "registry")]
#[test]
fn images_are_held_against_their_registry() {
    use crate::support::image_fixture::{Fixture, file};
    use crate::support::registry_server::Server;

    let image =
        Fixture::new("org/web:1.0", json!({"User": "0"})).layer("COPY app /app", vec![file("/app", "x")]);
    let server = Server::of(&[image]);
    let registry = format!("{}/org", server.address);
    let old = json!({"Config": {"Image": format!("{registry}/web:1.0")},
        "image": {"Config": {}, "RepoTags": [format!("{registry}/web:1.0")], "RepoDigests": [format!("{registry}/web@sha256:{}", "0".repeat(64))]}});
    let files = [of_engine("web", &old), of_engine("web-2", &old)];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let plan =
        format!("[images]\nregistry = \"{registry}\"\n[services.rows]\nweb = {{ ports = \"7212/8212\" }}\n");
    let call = Call::new("registry", &plan);
    let images = |call: &Call| {
        let outcome = call.run(&Asked::new(&files)).unwrap();
        outcome.settled.findings.iter().filter(|it| it.rule == "live-image").count()
    };
    assert_eq!((images(&call), server.seen().len()), (0, 0), "nobody is asked unless the call says so");
    let call = call.with(|it| it.registry = Some(plimsoll::registry::ClientOptions::default()));
    assert_eq!(images(&call), 2);
    let manifests = server.seen().iter().filter(|seen| seen.path.contains("/manifests/")).count();
    assert_eq!(manifests, 1, "one reference is asked for once");
}
