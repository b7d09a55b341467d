use std::fmt::Write;
use std::time::{Duration, Instant};

use super::{problems, project};

/// How long any of these may take, without optimisation and beside other tests.
const PATIENCE: Duration = Duration::from_secs(20);

fn quickly(files: &[(&str, &str)]) -> Vec<String> {
    let start = Instant::now();
    let found = problems(&project(files));
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    found.into_iter().map(|(_, message)| message).collect()
}

#[test]
fn many_services_that_extend_one_another() {
    let mut text = String::from("services:\n  s0: {image: x}\n");
    for at in 1..10_000 {
        writeln!(text, "  s{at}: {{extends: s{}, environment: [A{at}=1]}}", at - 1).unwrap();
    }
    let found = quickly(&[("compose.yaml", &text)]);
    assert!(found.iter().any(|message| message.contains("limit")), "{:?}", found.first());
}

#[test]
fn includes_that_double() {
    let mut files =
        vec![("compose.yaml".to_owned(), "include: [p0.yaml]\nservices: {a: {image: x}}".to_owned())];
    for at in 0..40 {
        files.push((format!("p{at}.yaml"), format!("include: [p{0}.yaml, ./p{0}.yaml]", at + 1)));
    }
    files.push(("p40.yaml".to_owned(), "services: {b: {image: x}}".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let found = quickly(&files);
    assert!(found.iter().any(|message| message.contains("are included")), "{found:?}");
}

#[test]
fn long_ranges_and_many_files() {
    let text = "services: {a: {image: x, ports: ['1-65535:1-65535', '1-65535:1-65535/udp']}}";
    assert_eq!(quickly(&[("compose.yaml", text)]), Vec::<String>::new());
    let mut files = vec![("compose.yaml".to_owned(), String::from("services:\n"))];
    for at in 0..1000 {
        writeln!(files[0].1, "  s{at}: {{image: x}}").unwrap();
    }
    for at in 0..100 {
        let mut text = String::from("services:\n");
        for service in 0..1000 {
            writeln!(text, "  s{service}: {{environment: {{A: '{at}'}}}}").unwrap();
        }
        files.push((format!("compose.{at:03}.yaml"), text));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(quickly(&files), Vec::<String>::new());
}

#[test]
fn variables_that_grow() {
    let big = format!("A={}\n", "x".repeat(1 << 20));
    let mut text = String::from("services:\n  a:\n    image: x\n    labels:\n");
    for at in 0..100 {
        writeln!(text, "      l{at}: $A$A$A").unwrap();
    }
    let found = quickly(&[("compose.yaml", &text), (".env", &big)]);
    assert!(found.iter().any(|message| message.contains("limit")), "{found:?}");
    let mut env = String::new();
    for at in 0..40_000 {
        writeln!(env, "NAME_{at}=some value of a variable").unwrap();
    }
    let mut text = String::from("services:\n");
    for at in 0..1000 {
        writeln!(text, "  s{at}: {{image: x, env_file: big.env}}").unwrap();
    }
    quickly(&[("compose.yaml", &text), ("big.env", &env)]);
}
