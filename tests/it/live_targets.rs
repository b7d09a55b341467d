//! What `validate-fleet` asks: rows on their machines, containers, compose and Knative files.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use plimsoll::live::{Accepts, ContainerParts, FleetSource, Heard, Question, Reply};
use plimsoll::run::{CheckRequest, FleetRequest, FleetStep, Outcome, PlanChoice, RunError, validate_fleet};
use serde_json::json;

use crate::support::played_fleet::{Played, container};
use crate::support::{folder, write};

const OK: &str = "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"status\":\"ok\"}\n";

/// Plays, and remembers what it was asked.
struct Asked {
    played: Played,
    questions: Mutex<Vec<Vec<String>>>,
}

impl Asked {
    fn new(files: &[(&str, &str)]) -> Self {
        let files: Vec<(String, String)> =
            files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Self { played: Played::of(&files), questions: Mutex::default() }
    }

    /// The addresses of every question.
    fn urls(&self) -> Vec<String> {
        self.questions.lock().unwrap().iter().map(|urls| urls.join(" | ")).collect()
    }
}

impl FleetSource for Asked {
    fn ask(&self, questions: &[Question], accepts: Accepts<'_>, heard: Heard<'_>) -> Vec<Reply> {
        let urls = questions.iter().map(|it| it.urls.iter().map(ToString::to_string).collect());
        self.questions.lock().unwrap().extend(urls);
        self.played.ask(questions, accepts, heard)
    }

    fn containers(&self) -> Result<Option<Vec<ContainerParts>>, (String, Option<String>)> {
        self.played.containers()
    }
}

/// A call against a plan in a folder of its own.
struct Call {
    folder: PathBuf,
    request: FleetRequest,
}

impl Call {
    fn new(name: &str, plan: &str) -> Self {
        let folder = folder(&format!("live-targets-{name}"));
        write(&folder.join("plimsoll.toml"), plan);
        let choice = PlanChoice { file: Some(folder.join("plimsoll.toml")), pack: None };
        let check = CheckRequest { plan: choice, ..CheckRequest::default() };
        Self { folder, request: FleetRequest { check, ..FleetRequest::default() } }
    }

    fn file(mut self, name: &str, text: &str) -> Self {
        write(&self.folder.join(name), text);
        self.request.paths.push(self.folder.join(name));
        self
    }

    fn with(mut self, change: impl FnOnce(&mut FleetRequest)) -> Self {
        change(&mut self.request);
        self
    }

    fn run(&self, source: &dyn FleetSource) -> Result<Outcome, RunError> {
        validate_fleet(&self.request, source, &|_| {})
    }

    /// The addresses that are asked, and what is left out.
    fn asked(&self, files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let source = Asked::new(files);
        let outcome = self.run(&source).unwrap_or_else(|error| panic!("{error:?}"));
        let left_out =
            outcome.checked.not_checked.iter().map(|(what, why)| format!("{}: {why}", short(what)));
        (source.urls(), left_out.collect())
    }

    fn error(&self) -> RunError {
        self.run(&Asked::new(&[])).unwrap_err()
    }
}

fn short(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

const PLAN: &str = "[health]\npath = \"/health\"\nexpect = { status = \"ok\" }\n\
    [machines.mainpc]\nalias = [\"4090\"]\nhost = \"10.0.0.1\"\n[machines.pc2]\nhost = \"::1\"\n[machines.lost]\n\
    [services.rows]\nweb = { on = [\"mainpc\", \"pc2\"], ports = \"7212/8212\" }\napi = { on = [\"lost\"], ports = \"7213/8213\" }\n\
    jobs = { on = [\"4090\"] }\ncron = { ports = \"7215/8215\" }\n";

#[test]
fn rows_are_asked_on_each_of_their_machines() {
    let (asked, left_out) = Call::new("rows", PLAN).asked(&[]);
    assert_eq!(
        asked,
        ["http://10.0.0.1:8212/health", "http://[::1]:8212/health", "http://127.0.0.1:8215/health"]
    );
    assert_eq!(
        left_out,
        [
            "api: the plan does not say where `lost` is: write `host` below `[machines.lost]`, or give `--host`",
            "jobs: the plan gives it no port: write `ports` into its row",
        ]
    );
}

#[test]
fn a_call_names_machines_hosts_and_services() {
    let machine = Call::new("machine", PLAN).with(|it| it.machines = vec!["4090".to_owned()]);
    assert_eq!(machine.asked(&[]).0, ["http://10.0.0.1:8212/health"]);
    let host = Call::new("host", PLAN).with(|it| it.host = Some("fe80::2".to_owned()));
    // Both machines are one host now, which is asked once and judged for each.
    assert_eq!(
        host.asked(&[]).0,
        ["http://[fe80::2]:8212/health", "http://[fe80::2]:8213/health", "http://[fe80::2]:8215/health"]
    );
    let outcome = host.run(&Asked::new(&[])).unwrap();
    assert_eq!(outcome.checked.files.get("endpoint"), Some(&4));
    let service = Call::new("service", PLAN).with(|it| it.services = vec!["Cron".to_owned()]);
    assert_eq!(service.asked(&[]).0, ["http://127.0.0.1:8215/health"]);
}

#[test]
fn what_does_not_exist_ends_the_call_with_the_nearest() {
    type Change = Box<dyn FnOnce(&mut FleetRequest)>;
    let cases: [(&str, Change, &str, &str); 6] = [
        ("no-machine", Box::new(|it| it.machines = vec!["mainpx".into()]), "no machine `mainpx`", "`mainpc`"),
        ("no-service", Box::new(|it| it.services = vec!["wen".into()]), "no service `wen`", "`web`"),
        ("scheme", Box::new(|it| it.host = Some("http://x".into())), "has a scheme", "--host 10.0.0.5"),
        ("port", Box::new(|it| it.host = Some("x:80".into())), "has a port", "--host 10.0.0.5"),
        (
            "elsewhere",
            Box::new(|it| {
                it.services = vec!["api".into()];
                it.machines = vec!["pc2".into()];
            }),
            "no named service runs on `pc2`",
            "`on`",
        ),
        ("jobs", Box::new(|it| it.services = vec!["jobs".into()]), "there is nothing to ask", ""),
    ];
    for (name, change, message, help) in cases {
        let error = Call::new(name, PLAN).with(change).error();
        assert!(error.message.contains(message), "{name}: {error:?}");
        assert!(error.help.clone().unwrap_or_default().contains(help), "{name}: {error:?}");
    }
}

#[test]
fn a_plan_without_endpoints_says_what_to_write() {
    let rows = Call::new("empty", "[health]\npath = \"/health\"\n").error();
    assert!(rows.help.is_some_and(|help| help.contains("[services.rows]")));
    let contracts = Call::new("bare", "[services.rows]\nweb = { ports = \"1/2\" }\n").error();
    assert!(contracts.help.is_some_and(|help| help.contains("[health]")));
    let bad = Call::new(
        "badhost",
        "[health]\npath = \"/h\"\n[machines.a]\nhost = \"http://x\"\n[services.rows]\nweb = { on = [\"a\"], ports = \"1/2\" }\n",
    );
    let error = bad.error();
    let (place, message) = &error.faults[0];
    assert_eq!(place.as_ref().map(|place| place.start().line), Some(4), "{error:?}");
    assert!(message.contains("has a scheme"), "{message}");
    // An engine without containers is no clean fleet.
    struct Empty;
    impl FleetSource for Empty {
        fn ask(&self, _: &[Question], _: Accepts<'_>, _: Heard<'_>) -> Vec<Reply> {
            Vec::new()
        }
        fn containers(&self) -> Result<Option<Vec<ContainerParts>>, (String, Option<String>)> {
            Ok(Some(Vec::new()))
        }
    }
    let error = Call::new("empty-engine", PLAN).run(&Empty).unwrap_err();
    assert!(error.message.contains("no containers"), "{error:?}");
}

#[test]
fn a_post_wants_leave() {
    let plan =
        format!("{PLAN}[services.contracts.run]\npath = \"/run\"\nmethod = \"POST\"\nbody = '{{\"x\":1}}'\n");
    let call = Call::new("post", &plan).with(|it| it.services = vec!["cron".to_owned()]);
    let (asked, left_out) = call.asked(&[]);
    assert_eq!(asked, ["http://127.0.0.1:8215/health"]);
    assert_eq!(left_out, ["run: a POST may change or cost something; `--allow-post` asks it"]);
    let allowed = call.with(|it| it.allow_post = true);
    assert_eq!(allowed.asked(&[]).0, ["http://127.0.0.1:8215/health", "http://127.0.0.1:7215/run"]);
}

fn of_engine(name: &str, value: &serde_json::Value) -> (String, String) {
    (format!("{name}.container.json"), value.to_string())
}

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

const COMPOSE: &str = "services:\n  web:\n    image: ghcr.io/example/web:1\n    ports:\n      - \"127.0.0.1:9212:8212\"\n\
    \x20 proxy:\n    image: nginx:1\n    ports: [\"8081:80\"]\n    healthcheck:\n      test: [CMD, curl, -f, \"http://localhost:80/ready\"]\n\
    \x20 db:\n    image: postgres:16\n    ports: [\"5432:5432\"]\n";

#[test]
fn compose_files_say_where_services_are_published() {
    let plan = "[health]\npath = \"/health\"\nexpect = { status = \"ok\" }\n[services.rows]\nweb = { ports = \"7212/8212\" }\n";
    let call = Call::new("compose", plan).file("compose.yaml", COMPOSE);
    let (asked, left_out) = call.asked(&[]);
    assert_eq!(asked, ["http://127.0.0.1:9212/health", "http://127.0.0.1:8081/ready"]);
    assert_eq!(
        left_out,
        ["compose service `db`: no planned service, and no health check over HTTP that says what to ask"]
    );
    let outcome = call.run(&Asked::new(&[])).unwrap();
    let places: BTreeSet<(String, u32)> = outcome
        .settled
        .findings
        .iter()
        .map(|it| (short(it.place.source.path()).to_owned(), it.place.start().line))
        .collect();
    assert_eq!(places, BTreeSet::from([("compose.yaml".to_owned(), 5), ("compose.yaml".to_owned(), 8)]));
    // What is bound to loopback there is not reached from here.
    let remote = "[health]\npath = \"/health\"\n[machines.far]\nhost = \"10.0.0.7\"\ncompose = [\"compose.yaml\"]\n\
        [services.rows]\nweb = { on = [\"far\"], ports = \"7212/8212\" }\n";
    let (asked, left_out) = Call::new("far", remote).file("compose.yaml", COMPOSE).asked(&[]);
    assert_eq!(asked, ["http://10.0.0.7:8081/ready"]);
    assert!(left_out.iter().any(|line| line.contains("published at 127.0.0.1 of 10.0.0.7 only")));
}

#[test]
fn knative_services_are_asked_at_their_address() {
    let plan = "[health]\npath = \"/healthz\"\n[services.rows]\nhello = { ports = \"8002/8002\" }\n";
    let object = |status: &str| {
        format!(
            "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {{name: hello}}\nspec:\n  template:\n    spec:\n      \
             containers: [{{name: hello, image: \"example/hello:1\", ports: [{{containerPort: 8002}}]}}]\n{status}"
        )
    };
    let with = object("status: {url: \"http://hello.default.example.com\"}\n");
    let call = Call::new("knative", plan).file("ksvc.yaml", &with);
    assert_eq!(call.asked(&[]).0, ["http://hello.default.example.com/healthz"]);
    let without = Call::new("knative-bare", plan).file("ksvc.yaml", &object(""));
    let (asked, left_out) = without.asked(&[]);
    assert_eq!(asked, ["http://127.0.0.1:8002/healthz"], "the row is asked as the plan says");
    assert!(left_out[0].contains("kubectl get ksvc"), "{left_out:?}");
    let host = without.with(|it| it.host = Some("10.0.0.8".to_owned()));
    assert_eq!(host.asked(&[]).0, ["http://10.0.0.8:8002/healthz"]);
    let hostile = object("status: {url: \"http://user@169.254.169.254/latest/\"}\n");
    let (asked, left_out) = Call::new("knative-hostile", plan).file("ksvc.yaml", &hostile).asked(&[]);
    assert_eq!(asked, ["http://127.0.0.1:8002/healthz"]);
    assert!(left_out[0].ends_with("`status.url` is no address of a service"), "{left_out:?}");
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
    fn ask(&self, questions: &[Question], accepts: Accepts<'_>, heard: Heard<'_>) -> Vec<Reply> {
        let files = [("http://172.17.0.2:8215/health".to_owned(), OK.to_owned())];
        Played::of(&files).ask(questions, accepts, heard)
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

#[test]
fn ten_thousand_endpoints_are_judged_in_linear_time() {
    let mut plan =
        String::from("[health]\npath = \"/health\"\nexpect = { status = \"ok\" }\n[services.rows]\n");
    for at in 0..10_000 {
        plan += &format!("s{at} = {{ ports = \"{}/{}\" }}\n", 10_000 + at, 30_000 + at);
    }
    let call = Call::new("many", &plan);
    let start = Instant::now();
    let outcome = call.run(&Refused).unwrap();
    let took = start.elapsed();
    assert_eq!((outcome.checked.fleet.len(), outcome.settled.findings.len()), (10_000, 10_000));
    println!("10,000 rows were read, judged and put into a table in {took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

/// Nobody listens anywhere.
struct Refused;

impl FleetSource for Refused {
    fn ask(&self, questions: &[Question], _: Accepts<'_>, heard: Heard<'_>) -> Vec<Reply> {
        use plimsoll::model::{Answer, Failure};
        let reply = Reply { url: 0, answer: Answer::Failed(Failure::Refused) };
        (0..questions.len()).for_each(|at| heard(at, &reply, true));
        questions.iter().map(|_| reply.clone()).collect()
    }

    fn containers(&self) -> Result<Option<Vec<ContainerParts>>, (String, Option<String>)> {
        Ok(None)
    }
}
