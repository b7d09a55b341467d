//! Micro-benchmarks of the steps, over the committed fleets: `cargo bench --bench micro`.
#![allow(clippy::unwrap_used, reason = "a program for developers")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use plimsoll::run::{CheckRequest, Outcome, PlanChoice, check};
use plimsoll::source::Source;
use plimsoll::syntax::{dockerfile, metrics, shell, yaml};

fn main() {
    divan::main();
}

/// The Dockerfiles of the compliant fleet: real sizes, every construct the rules look at.
fn dockerfiles() -> Vec<Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fleets/blueprint")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap().to_string_lossy().contains("Dockerfile") {
                found.insert(path.clone(), std::fs::read(path).unwrap());
            }
        }
    }
    found.into_values().collect()
}

fn total(files: &[impl AsRef<[u8]>]) -> BytesCount {
    BytesCount::new(files.iter().map(|file| file.as_ref().len()).sum::<usize>())
}

#[divan::bench]
fn parse_dockerfiles(bencher: Bencher<'_, '_>) {
    let files = dockerfiles();
    bencher.counter(total(&files)).bench_local(|| {
        files.iter().map(|file| dockerfile::parse(black_box(file)).instructions.len()).sum::<usize>()
    });
}

/// The same with the crate that stands for the floor.
#[divan::bench]
fn parse_dockerfiles_elsewhere(bencher: Bencher<'_, '_>) {
    let files: Vec<String> =
        dockerfiles().iter().map(|file| String::from_utf8_lossy(file).into_owned()).collect();
    bencher
        .counter(total(&files))
        .bench_local(|| files.iter().filter(|file| parse_dockerfile::parse(black_box(file)).is_ok()).count());
}

#[divan::bench]
fn split_shell_commands(bencher: Bencher<'_, '_>) {
    let texts: Vec<String> = dockerfiles()
        .iter()
        .flat_map(|file| {
            let text = String::from_utf8_lossy(file).replace("\\\n", "");
            let runs = text.lines().filter_map(|line| line.strip_prefix("RUN ").map(str::to_owned));
            runs.collect::<Vec<_>>()
        })
        .collect();
    bencher.counter(total(&texts)).bench_local(|| {
        texts
            .iter()
            .map(|text| shell::parse(black_box(text), shell::Dialect::Bash).commands.len())
            .sum::<usize>()
    });
}

#[divan::bench]
fn find_lines(bencher: Bencher<'_, '_>) {
    let files = dockerfiles();
    bencher.counter(total(&files)).with_inputs(|| sources(&files)).bench_local_refs(|sources| {
        sources.iter().map(|source| source.position(source.bytes().len() as u32).line).sum::<u32>()
    });
}

fn sources(files: &[Vec<u8>]) -> Vec<Arc<Source>> {
    files.iter().map(|file| Source::new("Dockerfile", file.clone())).collect()
}

/// The compose files of the folder that `PLIMSOLL_COMPOSE` names; without it one file of the usual shape, several times.
fn compose_files() -> Vec<Vec<u8>> {
    let Some(folder) = std::env::var_os("PLIMSOLL_COMPOSE") else {
        let service = "  web:\n    image: example.com/team/web:1.4.2 # pinned\n    environment:\n      LOG_LEVEL: \"info\"\n    \
                       ports:\n      - 8080:80\n    logging: {driver: json-file, options: {max-size: 10m}}\n";
        return vec![format!("services:\n{service}").into_bytes(); 100];
    };
    let is_yaml = |path: &Path| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let files =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| is_yaml(path));
    files.map(|path| std::fs::read(path).unwrap()).collect()
}

/// Trees of compose files, the target being at most 1.5 times what the events alone cost.
#[divan::bench]
fn yaml_trees(bencher: Bencher<'_, '_>) {
    let files = compose_files();
    bencher.counter(total(&files)).with_inputs(|| sources(&files)).bench_local_refs(|sources| {
        sources.iter().map(|source| yaml::parse(black_box(source)).documents.len()).sum::<usize>()
    });
}

/// The events of the library alone.
#[divan::bench]
fn yaml_events(bencher: Bencher<'_, '_>) {
    let files = compose_files();
    bencher.counter(total(&files)).with_inputs(|| sources(&files)).bench_local_refs(|sources| {
        let count = |source: &Arc<Source>| {
            let text = std::str::from_utf8(source.bytes()).unwrap_or_default();
            granit_parser::Parser::new_from_str(black_box(text)).filter(Result::is_ok).count()
        };
        sources.iter().map(count).sum::<usize>()
    });
}

/// A list as `kubectl get -o json` prints it, of about 2 MB.
#[divan::bench]
fn yaml_of_json(bencher: Bencher<'_, '_>) {
    let item = "        {\n            \"kind\": \"Pod\",\n            \"metadata\": {\n                \"name\": \"web-1\",\n                \
                \"labels\": {\"app\": \"web\"}\n            },\n            \"spec\": {\"containers\": [{\"image\": \
                \"example.com/web:1\", \"ports\": [{\"containerPort\": 8080}]}]}\n        }";
    let list = vec![item; 8000].join(",\n");
    let files =
        vec![format!("{{\n    \"kind\": \"List\",\n    \"items\": [\n{list}\n    ]\n}}\n").into_bytes()];
    bencher.counter(total(&files)).with_inputs(|| sources(&files)).bench_local_refs(|sources| {
        sources.iter().map(|source| yaml::parse(black_box(source)).documents.len()).sum::<usize>()
    });
}

/// Metrics of a large service: 8 MiB of series of one name.
#[divan::bench]
fn read_metrics(bencher: Bencher<'_, '_>) {
    let lines = (0..).map(|at| format!("http_requests_total{{method=\"post\",path=\"/items/{at}\"}} {at}\n"));
    let body: String = lines.take(8 << 14).collect();
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| metrics::parse(black_box(body.as_bytes()), false).families.len());
}

/// A whole call over one fleet, on one thread; with `select` one family of rules only.
fn check_fleet(fleet: &str, select: &[&'static str]) -> Outcome {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fleets").join(fleet);
    let request = CheckRequest {
        paths: vec![folder.clone()],
        plan: PlanChoice { file: Some(folder.join("plimsoll.toml")), pack: None },
        select: select.to_vec(),
        inline_suppressions: true,
        jobs: std::num::NonZeroUsize::new(1),
        ..CheckRequest::default()
    };
    check(&request).unwrap()
}

/// Walk, plan, parse and lowering: the one rule that runs looks at nothing.
#[divan::bench]
fn lower_a_fleet(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| check_fleet("blueprint", &["waiver"]));
}

#[divan::bench]
fn rules_of_user(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| check_fleet("blueprint", &["runtime-user"]));
}

#[divan::bench(args = ["blueprint", "blueprint-broken"])]
fn all_rules(bencher: Bencher<'_, '_>, fleet: &str) {
    bencher.bench_local(|| check_fleet(fleet, &[]));
}

#[divan::bench(args = ["text", "concise", "json", "sarif"])]
fn write_report(bencher: Bencher<'_, '_>, format: &str) {
    let Some(format) = plimsoll::report::Format::parse(format) else { return };
    let outcome = check_fleet("blueprint-broken", &[]);
    bencher.bench_local(|| {
        let mut out = Vec::with_capacity(1 << 20);
        let report = outcome.report(plimsoll::report::Style::default());
        plimsoll::report::write(format, &report, &mut out).unwrap();
        out.len()
    });
}
