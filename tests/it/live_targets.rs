//! What `validate-fleet` asks: rows on their machines, compose and Knative files.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use plimsoll::live::{ContainerParts, FleetSource, Judge, Question, Reply};
use plimsoll::run::FleetRequest;

use crate::support::fleet_call::{Asked, Call, short};

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
        fn ask(&self, _: &[Question], _: &mut dyn Judge) {}
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

/// What a health check asks is demanded by its file alone, and whoever is asked is judged.
#[test]
fn endpoints_of_deployment_files_need_no_plan() {
    let call = Call::new("no-contract", "[user]\nuid = 10001\n").file("compose.yaml", COMPOSE);
    assert_eq!(call.asked(&[]).0, ["http://127.0.0.1:8081/ready"]);
    let outcome = call.run(&Asked::new(&[])).unwrap();
    let found: Vec<_> = outcome.settled.findings.iter().map(|it| (it.rule, it.place.start().line)).collect();
    assert_eq!(found, [("health-contract", 8)]);
    let good = Asked::new(&[("http://127.0.0.1:8081/ready", "HTTP/1.1 200 OK\n\n")]);
    assert!(call.run(&good).unwrap().settled.findings.is_empty());
}

/// An answer that no rule of the call looks at is not asked for, and a call of nothing else is no pass.
#[test]
fn what_no_rule_judges_is_left_out() {
    let plan = format!("{PLAN}[services.contracts.metrics]\npath = \"/metrics\"\nformat = \"prometheus\"\n");
    let call = Call::new("unjudged", &plan).with(|it| {
        it.services = vec!["cron".to_owned()];
        it.check.ignore = vec!["health-contract"];
    });
    let (asked, left_out) = call.asked(&[]);
    assert_eq!(asked, ["http://127.0.0.1:7215/metrics"]);
    assert_eq!(left_out, ["health: `health-contract` does not run in this call"]);
    let error = call.with(|it| it.check.ignore.push("metrics-contract")).error();
    assert_eq!((error.message.as_str(), error.faults.len()), ("there is nothing to ask", 2), "{error:?}");
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
    fn ask(&self, questions: &[Question], judge: &mut dyn Judge) {
        use plimsoll::model::{Answer, Failure};
        for at in 0..questions.len() {
            judge.answer(at, Reply { url: 0, answer: Answer::Failed(Failure::Refused) });
            judge.heard(at, true);
        }
    }

    fn containers(&self) -> Result<Option<Vec<ContainerParts>>, (String, Option<String>)> {
        Ok(None)
    }
}
