//! `plimsoll validate-fleet` against a fleet that is played, right and wrong.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::live_server::{Behaviour, LiveServer, behaviour, behaviours, good, with_status};
use crate::support::{Run, folder, plimsoll, plimsoll_with_env, write};

/// A plan with a row for each service: its name, host and health port.
fn plan(name: &str, services: &[(String, String, u16)]) -> PathBuf {
    let folder = folder(name);
    let mut text = "[health]\npath = \"/health\"\nexpect = { status = \"ok\" }\n".to_owned();
    let mut hosts: Vec<&str> = services.iter().map(|(_, host, _)| host.as_str()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    for (at, host) in hosts.iter().enumerate() {
        write!(text, "\n[machines.m{at}]\nhost = \"{host}\"\n").unwrap();
    }
    text.push_str("\n[services.rows]\n");
    for (at, (service, host, port)) in services.iter().enumerate() {
        let machine = hosts.binary_search(&host.as_str()).unwrap();
        writeln!(text, "{service} = {{ on = [\"m{machine}\"], ports = \"{}/{port}\" }}", 100 + at).unwrap();
    }
    write(&folder.join("plimsoll.toml"), text);
    folder
}

fn here(services: &[(String, u16)]) -> Vec<(String, String, u16)> {
    services.iter().map(|(name, port)| (name.clone(), "127.0.0.1".to_owned(), *port)).collect()
}

fn validate(folder: &Path, arguments: &[&str]) -> Run {
    let arguments: Vec<&str> =
        ["validate-fleet", "--format", "json"].into_iter().chain(arguments.iter().copied()).collect();
    plimsoll(folder, &arguments)
}

/// Rule, service and message of each finding.
fn said(run: &Run) -> Vec<(String, String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let all = run.findings();
    all.iter().map(|finding| ["rule", "service", "message"].map(|key| text(&finding[key])).into()).collect()
}

/// The behaviours, who plays each, and the rows of the plan: name, host and port.
type Played = (Vec<Behaviour>, Vec<Option<LiveServer>>, Vec<(String, String, u16)>);

/// Ports that play the cases, and the services of the plan. Cases with an address are asked there; those in IPv6 are not
/// part of a plan.
fn play(cases: Vec<Behaviour>) -> Played {
    let (mut kept, mut servers, mut services) = (Vec::new(), Vec::new(), Vec::new());
    for case in cases {
        let server = case.url.is_none().then(|| LiveServer::of(&case));
        let (host, port) = match (&case.url, &server) {
            (Some(url), _) if url.contains('[') => continue,
            (Some(url), _) => {
                let authority = url.trim_start_matches("http://").trim_end_matches("/health");
                let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
                (host.to_owned(), port.parse().unwrap())
            }
            (None, server) => ("127.0.0.1".to_owned(), server.as_ref().unwrap().port),
        };
        services.push((format!("case-{:02}", kept.len()), host, port));
        servers.push(server);
        kept.push(case);
    }
    (kept, servers, services)
}

#[test]
fn every_bad_answer_is_one_finding_that_says_what_came_back() {
    let (cases, servers, services) = play(behaviours());
    let run = validate(&plan("live-behaviours", &services), &["--timeout", "2s"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let said = said(&run);
    let mut wrong = Vec::new();
    for ((case, server), (service, ..)) in cases.iter().zip(&servers).zip(&services) {
        let found: Vec<_> = said.iter().filter(|(_, of, _)| of == service).collect();
        match (case.is_good, found.as_slice()) {
            (true, []) => {}
            (false, [(rule, _, message)]) if rule == "health-contract" && message.contains(&case.says) => {}
            (_, found) => wrong.push(format!("{} ({}): {found:?}", case.name, case.says)),
        }
        if server.as_ref().is_some_and(|server| server.connections() != 1) {
            wrong.push(format!("{} was not asked once", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} answers: {} kB at most", cases.len(), run.peak_kb);
    assert!(run.peak_kb < 96 << 10, "{} kB", run.peak_kb);
}

#[test]
fn sixty_six_endpoints_of_which_six_hang_end_in_time() {
    let hanging: Vec<LiveServer> =
        (0..6).map(|_| LiveServer::of(&behaviour("hang before the status line"))).collect();
    let fine: Vec<LiveServer> = (0..60).map(|_| LiveServer::good()).collect();
    let services: Vec<(String, u16)> = hanging
        .iter()
        .chain(&fine)
        .enumerate()
        .map(|(at, server)| (format!("service-{at:02}"), server.port))
        .collect();
    let folder = plan("live-66", &here(&services));
    let start = Instant::now();
    let run = validate(&folder, &["--timeout", "2s"]);
    let took = start.elapsed();
    println!("66 endpoints, 6 hang: {took:?}, {} kB", run.peak_kb);
    assert!(took < Duration::from_secs(3), "{took:?}");
    let said = said(&run);
    let services: Vec<&str> = said.iter().map(|(_, service, _)| service.as_str()).collect();
    assert_eq!(services, (0..6).map(|at| format!("service-{at:02}")).collect::<Vec<_>>(), "{said:?}");
    assert!(
        said.iter().all(|(rule, _, text)| rule == "health-contract" && text.contains("within 2 s")),
        "{said:?}"
    );
}

#[test]
fn the_report_is_the_same_whatever_the_threads() {
    let (_, _servers, services) = play(behaviours().into_iter().filter(Behaviour::is_quick).collect());
    let folder = plan("live-threads", &services);
    let [one, many] = ["1", "64"].map(|count| validate(&folder, &["--concurrency", count]));
    assert_eq!(one.code, Some(1), "{one:?}");
    assert_eq!(one.stdout, many.stdout);
}

#[test]
fn a_fleet_may_take_its_time_to_start() {
    let start = Instant::now();
    let starting = LiveServer::answering(move |_| match start.elapsed() < Duration::from_secs(1) {
        true => with_status("503 Busy"),
        false => good(),
    });
    let folder = plan("live-wait", &here(&[("web".to_owned(), starting.port)]));
    let impatient = validate(&folder, &[]);
    assert_eq!((impatient.code, starting.connections()), (Some(1), 1), "{impatient:?}");
    let patient = validate(&folder, &["--wait", "20s"]);
    assert_eq!((patient.code, said(&patient).len()), (Some(0), 0), "{patient:?}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());

    // A wait ends, and what was not good by then is a finding.
    let never = LiveServer::answering(|_| with_status("503 Busy"));
    let folder = plan("live-wait-never", &here(&[("web".to_owned(), never.port)]));
    let run = validate(&folder, &["--wait", "1s"]);
    assert_eq!((run.code, said(&run).len()), (Some(1), 1), "{run:?}");
    assert!(never.connections() >= 3, "{}", never.connections());
}

#[test]
fn a_service_that_flaps_is_found() {
    let flapping = LiveServer::answering(|at| if at % 2 == 1 { with_status("503 Busy") } else { good() });
    let folder = plan("live-flaps", &here(&[("web".to_owned(), flapping.port)]));
    assert_eq!(validate(&folder, &[]).code, Some(0));
    let _second = validate(&folder, &[]);
    let run = validate(&folder, &["--consecutive", "3"]);
    let said = said(&run);
    assert!(matches!(said.as_slice(), [(_, _, message)] if message.contains("503")), "{run:?}");
}

#[test]
fn the_deadline_ends_a_call() {
    let hanging = LiveServer::of(&behaviour("hang before the status line"));
    let services: Vec<(String, u16)> = (0..40).map(|at| (format!("service-{at:02}"), hanging.port)).collect();
    let folder = plan("live-deadline", &here(&services));
    let start = Instant::now();
    let run = validate(&folder, &["--timeout", "2s", "--deadline", "1s"]);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!((run.code, said(&run).len()), (Some(1), 40), "{run:?}");
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let server = LiveServer::good();
    let folder = plan("live-proxy", &here(&[("web".to_owned(), server.port)]));
    let proxies: Vec<(&str, &str)> = ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "https_proxy"]
        .map(|name| (name, "http://127.0.0.1:1"))
        .to_vec();
    let run = plimsoll_with_env(&folder, &["validate-fleet"], &proxies);
    assert_eq!((run.code, server.connections()), (Some(0), 1), "{run:?}");
}
