//! Bodies of metrics, and what promtool said of each.
//!
//! `testdata/metrics/promtool.tsv` holds its verdicts: the name of a body, the exit code (1: syntax error; 3: something to
//! improve; 0: nothing) and the line of the error. `BLESS=1` writes it anew where promtool is installed. It does not
//! read OpenMetrics: `testdata/metrics/openmetrics/expected.tsv` is what the grammar of OpenMetrics 1.0 says.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use plimsoll::syntax::metrics::{Exposition, MAX_ALIKE, MetricFault, parse};

use crate::support::{assert_blessed, bless, repository};

fn folder() -> PathBuf {
    repository("testdata/metrics")
}

/// Bodies of a folder by name.
fn bodies(folder: &Path, extension: &str) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let bodies = files.filter(|path| path.extension().is_some_and(|found| found == extension));
    bodies
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect()
}

/// Rows of a table by their first column.
fn table(path: &Path) -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    let cells = rows.map(|row| row.split('\t').map(str::to_owned).collect::<Vec<String>>());
    cells.map(|cells| (cells[0].clone(), cells[1..].to_vec())).collect()
}

/// The line of the first syntax error; 0: there is none.
fn refused_at(read: &Exposition) -> u32 {
    read.problems.iter().find(|problem| problem.is_syntax).map_or(0, |problem| problem.line.max(1))
}

fn version() -> Option<String> {
    let said = Command::new("promtool").arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    Some(said.lines().next()?.split(" (").next()?.to_owned())
}

/// Exit code and line of the error.
fn promtool(body: &[u8]) -> (i32, u32) {
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may stop reading at the first error.
    let _ = child.stdin.take().unwrap().write_all(body);
    let said = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&said.stderr).into_owned();
    let line = text.split_once("parsing error in line ").map(|(_, rest)| rest.split(':').next().unwrap());
    (said.status.code().unwrap(), line.map_or(0, |line| line.parse().unwrap()))
}

#[test]
fn promtool_and_this_reader_refuse_the_same_bodies() {
    let path = folder().join("promtool.tsv");
    let bodies = bodies(&folder(), "prom");
    let live = version();
    if let Some(version) = live.as_ref().filter(|_| bless()) {
        let mut text = format!("# {version}: body, exit code, line of the syntax error (0: none)\n");
        for (name, body) in &bodies {
            let (code, line) = promtool(body);
            text += &format!("{name}\t{code}\t{line}\n");
        }
        fs::write(&path, text).unwrap();
    }
    let recorded = table(&path);
    let names: Vec<&String> = recorded.keys().collect();
    assert_eq!(names, bodies.keys().collect::<Vec<_>>(), "run with BLESS=1 where promtool is installed");
    assert!(bodies.len() >= 60, "{}", bodies.len());
    let mut faults = Vec::new();
    for (name, body) in &bodies {
        let at = refused_at(&parse(body, false)).to_string();
        let said = &recorded[name];
        // The whole body is refused for the first line that is: it must be the same one.
        if (at != "0") != (said[0] == "1") || at != said[1] {
            faults.push(format!("{name}: line {at} here, code {} and line {} there", said[0], said[1]));
        }
        if live.is_some() {
            let (code, line) = promtool(body);
            if (code == 1, line) != (said[0] == "1", said[1].parse().unwrap()) {
                faults.push(format!(
                    "{name}: promtool says code {code} and line {line} now, recorded {said:?}"
                ));
            }
        }
    }
    let refused = recorded.values().filter(|said| said[0] == "1").count();
    let live =
        live.unwrap_or_else(|| "skipped: promtool is not installed, its recorded verdicts were used".into());
    println!("{} bodies, {refused} of them refused ({live})", bodies.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn openmetrics_is_read_by_its_grammar() {
    let folder = folder().join("openmetrics");
    let path = folder.join("expected.tsv");
    let bodies = bodies(&folder, "om");
    let mut text = "# body, line of the syntax error (0: none), other problems: line and kind\n".to_owned();
    for (name, body) in &bodies {
        let read = parse(body, true);
        let others = read.problems.iter().filter(|problem| !problem.is_syntax);
        let others: Vec<String> =
            others.map(|problem| format!("{} {:?}", problem.line, problem.kind)).collect();
        text += &format!("{name}\t{}\t{}\n", refused_at(&read), others.join(", "));
    }
    assert_blessed(&path, &text);
    assert!(bodies.len() >= 60, "{}", bodies.len());
}

/// What promtool lets pass, by the name of the body; every other one that it takes is clean.
const MEANINGLESS: [(&str, MetricFault); 35] = [
    ("counter-negative", MetricFault::Value),
    ("duplicate-series", MetricFault::Duplicate),
    ("duplicate-series-empty-label", MetricFault::Duplicate),
    ("duplicate-series-labels", MetricFault::Duplicate),
    ("duplicate-series-timestamps", MetricFault::Duplicate),
    ("empty", MetricFault::Empty),
    ("escape-type", MetricFault::Description),
    ("family-apart", MetricFault::Apart),
    ("help-not-utf8", MetricFault::Description),
    ("histogram-bare-sample", MetricFault::Misfit),
    ("histogram-count", MetricFault::Buckets),
    ("histogram-empty", MetricFault::Buckets),
    ("histogram-le-missing", MetricFault::Misfit),
    ("histogram-le-nan", MetricFault::Buckets),
    ("histogram-negative", MetricFault::Value),
    ("histogram-no-count", MetricFault::Buckets),
    ("histogram-no-inf", MetricFault::Buckets),
    ("histogram-not-cumulative", MetricFault::Buckets),
    ("histogram-order", MetricFault::Buckets),
    ("one-newline", MetricFault::Empty),
    ("only-blanks", MetricFault::Empty),
    ("only-comments", MetricFault::Empty),
    ("only-newlines", MetricFault::Empty),
    ("summary-bare-sample", MetricFault::Misfit),
    ("summary-name-is-suffix", MetricFault::Misfit),
    ("summary-quantile-nan", MetricFault::Value),
    ("summary-quantile-range", MetricFault::Value),
    ("type-blank", MetricFault::Description),
    ("type-gauge-histogram", MetricFault::Description),
    ("type-late-empty", MetricFault::Description),
    ("type-long-s", MetricFault::Description),
    ("type-missing", MetricFault::Description),
    ("type-of-count-first", MetricFault::Buckets),
    ("type-only", MetricFault::Empty),
    ("type-upper-case", MetricFault::Description),
];

#[test]
fn nonsense_that_parses_is_found_and_nothing_else() {
    let recorded = table(&folder().join("promtool.tsv"));
    let mut found = Vec::new();
    for (name, body) in bodies(&folder(), "prom") {
        if recorded[&name][0] != "1" {
            let mut kinds: Vec<MetricFault> =
                parse(&body, false).problems.iter().map(|problem| problem.kind).collect();
            kinds.dedup();
            found.extend(kinds.into_iter().map(|kind| (name.clone(), kind)));
        }
    }
    let expected: Vec<(String, MetricFault)> =
        MEANINGLESS.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    assert_eq!(found, expected);
}

/// Bodies of 8 MiB that are hard to read, by name.
fn large() -> Vec<(&'static str, Vec<u8>)> {
    const SIZE: usize = 8 << 20;
    let repeat = |text: &str| text.as_bytes().iter().copied().cycle().take(SIZE).collect::<Vec<u8>>();
    let rows = |row: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        let mut at = 0;
        while text.len() < SIZE {
            text += &row(at);
            at += 1;
        }
        text.into_bytes()
    };
    vec![
        (
            "series",
            rows(&|at| format!("http_total{{method=\"get\",code=\"{}\",path=\"/{at}\"}} {at}\n", at % 600)),
        ),
        ("one series", repeat("a 1\n")),
        ("names", rows(&|at| format!("n{at:x} 1\n"))),
        ("types", rows(&|at| format!("# TYPE t{at} counter\nt{at} -1\n"))),
        (
            "one histogram",
            rows(&|at| {
                format!("# TYPE h histogram\nh_bucket{{le=\"{at}\"}} {at}\n").split_off(if at == 0 {
                    0
                } else {
                    19
                })
            }),
        ),
        (
            "histograms",
            rows(&|at| {
                format!("# TYPE h histogram\nh_bucket{{p=\"{at}\",le=\"1\"}} 1\n").split_off(if at == 0 {
                    0
                } else {
                    19
                })
            }),
        ),
        (
            "labels of one sample",
            rows(&|at| if at == 0 { "a{".to_owned() } else { format!("l{at}=\"{at}\",") }),
        ),
        ("an open label", rows(&|at| if at == 0 { "a{b=\"".to_owned() } else { "x".to_owned() })),
        ("escapes", rows(&|at| if at == 0 { "a{b=\"".to_owned() } else { "\\\\".to_owned() })),
        ("a name", repeat("a")),
        ("a number", rows(&|at| if at == 0 { "a ".to_owned() } else { "1".to_owned() })),
        ("braces", repeat("{")),
        ("line feeds", repeat("\n")),
        ("comments", repeat("#\n")),
        ("wrong lines", repeat("1\n")),
        ("bytes", (0..=255u8).cycle().take(SIZE).collect()),
    ]
}

#[test]
fn hostile_bodies_are_read_in_linear_time_and_kept_in_bounds() {
    let most = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 5 });
    for (name, body) in large() {
        for is_openmetrics in [false, true] {
            let start = Instant::now();
            let read = parse(&body, is_openmetrics);
            let took = start.elapsed();
            let samples: usize = read.families.iter().map(|family| family.samples.len()).sum();
            println!("{name}: {took:?}, {samples} samples, {} problems", read.problems.len());
            assert!(took < most, "{name}: {took:?}");
            assert!(samples <= 250_000 && read.families.len() <= 50_000, "{name}: {samples}");
            assert!(read.problems.len() <= 8 * MAX_ALIKE, "{name}: {}", read.problems.len());
        }
    }
}

#[test]
fn hostile_bytes_are_read_whatever_they_are() {
    let mut seed = 7u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below.max(1)
    };
    let seeds: Vec<Vec<u8>> = bodies(&folder(), "prom")
        .into_values()
        .chain(bodies(&folder().join("openmetrics"), "om").into_values())
        .collect();
    for _ in 0..4_000 {
        let mut body = seeds[random(seeds.len())].clone();
        for _ in 0..=random(4) {
            let at = random(body.len() + 1);
            match random(3) {
                0 => body.insert(at, random(256) as u8),
                1 => body.truncate(at),
                _ => body.extend_from_slice(&seeds[random(seeds.len())][..]),
            }
        }
        for is_openmetrics in [false, true] {
            let lines = body.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
            let read = parse(&body, is_openmetrics);
            assert!(read.problems.iter().all(|problem| problem.line <= lines && !problem.message.is_empty()));
            assert!(read.problems.is_sorted_by_key(|problem| problem.line));
        }
    }
}
