//! Reports about a running fleet: the table in every format that has one, hostile texts, and pages for browsers.

use std::sync::Arc;

use plimsoll::finding::{Finding, Kind, Severity};
use plimsoll::model::Step;
use plimsoll::report::{self, CellState, Checked, FleetCell, FleetRow, Format, Report, Style};
use plimsoll::run::{CheckRequest, FleetRequest, Outcome, PlanChoice, validate_fleet};
use plimsoll::source::{Place, Source, Span};
use serde_json::{Value, json};

use crate::support::played_fleet::Played;
use crate::support::{assert_blessed, folder, plimsoll, repository, write};

const PLAN: &str = "[user]\nuid = 10001\n[health]\npath = \"/health\"\n[services.rows]\nweb = { ports = \"7212/8212\" }\n\
    api = { ports = \"7213/8213\" }\n";
/// What a terminal, a log or a browser would act on.
const HOSTILE: &str =
    "a\u{1b}[31m\n::error::owned\r\n\u{202e}<img src=x onerror=alert(1)>|`x` [y](http://z) ]]> & \"q\" 'p'";

fn place(source: &Arc<Source>, needle: &str) -> Place {
    let text = String::from_utf8_lossy(source.bytes()).into_owned();
    let start = text.find(needle).unwrap() as u32;
    Place { source: Arc::clone(source), span: Span::new(start, start + needle.len() as u32) }
}

fn finding(rule: &'static str, at: Place, service: &str, subject: &str, message: &str) -> Finding {
    Finding {
        rule,
        severity: Severity::Error,
        kind: Kind::Finding,
        message: message.to_owned(),
        place: at,
        service: Some(service.into()),
        subject: Some(subject.into()),
        plan: None,
        origin: Vec::new(),
        related: Vec::new(),
        help: None,
        fix: None,
    }
}

fn cell(rule: &'static str, state: CellState, details: &[&str]) -> FleetCell {
    FleetCell { rule, state, details: details.iter().map(|line| (*line).to_owned()).collect() }
}

fn row(service: &str, machine: Option<&str>, container: Option<&str>, cells: Vec<FleetCell>) -> FleetRow {
    FleetRow {
        service: service.into(),
        machine: machine.map(Into::into),
        container: container.map(Into::into),
        cells,
    }
}

/// Everything of a report.
struct Sample {
    findings: Vec<Finding>,
    open: Vec<Finding>,
    checked: Checked,
}

impl Sample {
    /// Three services: one that fails, one that cannot be told, one that is good.
    fn new() -> Self {
        let plan = Source::new("plimsoll.toml", PLAN.as_bytes().to_vec());
        let health = "`http://127.0.0.1:8212/health` answers `503`, planned `200`";
        let mut bad = finding(
            "health-contract",
            place(&plan, "7212/8212"),
            "web",
            "http://127.0.0.1:8212/health",
            health,
        );
        bad.plan = Some(Step { place: place(&plan, "/health"), what: "planned here".into() });
        bad.help = Some("look at its log".to_owned());
        let root = "container `web-blue` of `web` runs as `0`, planned `10001`";
        let mut user = finding("live-user", place(&plan, "web"), "web", "container:web-blue", root);
        user.plan = Some(Step { place: place(&plan, "10001"), what: "planned here".into() });
        let unknown = "cannot tell the user of container `api`: nobody told";
        let mut open = finding("live-user", place(&plan, "api"), "api", "container:api", unknown);
        open.kind = Kind::Open;
        let ok = ["http://127.0.0.1:8213/health"];
        let fleet = vec![
            row(
                "web",
                None,
                Some("web-blue"),
                vec![
                    cell("live-user", CellState::Fail(Severity::Error), &[root]),
                    cell("health-contract", CellState::Fail(Severity::Error), &[health]),
                ],
            ),
            row(
                "api",
                None,
                Some("api"),
                vec![
                    cell("live-user", CellState::Open, &[unknown]),
                    cell("health-contract", CellState::Pass, &ok),
                ],
            ),
            row("cron", Some("mainpc"), None, vec![cell("health-contract", CellState::Pass, &ok)]),
        ];
        let checked = Checked {
            mode: "validate-fleet",
            plan: Some("plimsoll.toml".to_owned()),
            files: [("endpoint".into(), 3), ("container".into(), 2)].into(),
            rules: vec!["live-user", "health-contract"],
            not_checked: vec![("run: POST /run".to_owned(), "a POST may change something".to_owned())],
            fleet,
            ..Checked::default()
        };
        Self { findings: vec![user, bad], open: vec![open], checked }
    }

    fn rendered(&self, format: Format, style: Style) -> String {
        let report = Report {
            findings: &self.findings,
            open: &self.open,
            suppressed: 0,
            waived: 1,
            quieted: None,
            older: None,
            checked: &self.checked,
            style,
        };
        rendered(&report, format)
    }
}

fn rendered(report: &Report<'_>, format: Format) -> String {
    let mut out = Vec::new();
    report::write(format, report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_table_in_every_format_that_has_one() {
    let sample = Sample::new();
    for (format, name) in [
        (Format::Text, "text.txt"),
        (Format::Markdown, "markdown.md"),
        (Format::Junit, "junit.xml"),
        (Format::Html, "html.html"),
    ] {
        let text = sample.rendered(format, Style::default());
        assert_blessed(&repository(&format!("testdata/live/reports/{name}")), &text);
    }
    let json: Value = serde_json::from_str(&sample.rendered(Format::Json, Style::default())).unwrap();
    assert_eq!(
        json["checked"]["fleet"][1],
        json!({"service": "api", "machine": null, "container": "api", "checks": [
            {"rule": "live-user", "state": "open", "severity": null,
             "details": ["cannot tell the user of container `api`: nobody told"]},
            {"rule": "health-contract", "state": "pass", "severity": null, "details": ["http://127.0.0.1:8213/health"]},
        ]})
    );
    assert_eq!(json["checked"]["fleet"][0]["checks"][0]["severity"], "error");
}

#[test]
fn the_text_table_follows_colour_width_and_length() {
    let mut sample = Sample::new();
    let colored = sample.rendered(Format::Text, Style { color: true, ..Style::default() });
    assert!(colored.contains("\x1b[1;91m✗") && colored.contains("\x1b[32m✓"), "{colored}");
    assert!(!sample.rendered(Format::Text, Style { quiet: true, ..Style::default() }).contains("web-blue)"));
    // With many checks it is a line for each service.
    let rules: Vec<&'static str> = plimsoll::rules::all().map(|rule| rule.id).take(20).collect();
    sample.checked.rules.extend(&rules);
    for row in &mut sample.checked.fleet {
        row.cells.extend(rules.iter().map(|rule| cell(rule, CellState::Pass, &[])));
    }
    let wide = sample.rendered(Format::Text, Style::default());
    let lines: Vec<&str> = wide.lines().filter(|line| line.starts_with("  ")).collect();
    assert!(lines.contains(&"  web (web-blue)  FAIL live-user, health-contract; ok 20"), "{wide}");
    assert!(lines.contains(&"  api             open live-user; ok 21"), "{wide}");
    // A note fails nothing.
    let mut noted = Sample::new();
    noted.checked.fleet[2].cells[0].state = CellState::Fail(Severity::Note);
    let text = noted.rendered(Format::Text, Style::default());
    assert!(text.contains("cron@mainpc     -          note"), "{text}");
    assert!(noted.rendered(Format::Markdown, Style::default()).contains("| | note |"));
    assert!(noted.rendered(Format::Html, Style::default()).contains("! note"));
    sample.checked.fleet[1].cells[1].state = CellState::Fail(Severity::Note);
    let wide = sample.rendered(Format::Text, Style::default());
    assert!(wide.contains("  api             note health-contract; open live-user; ok 20\n"), "{wide}");
    sample.checked.fleet[1].cells[1].state = CellState::Pass;
    // Of many services the worst are shown.
    let good = sample.checked.fleet[2].clone();
    sample.checked.fleet.splice(0..0, std::iter::repeat_n(good, 100));
    let long = sample.rendered(Format::Text, Style::default());
    assert!(long.contains("… and 43 more rows; 101 of all 103 are good"), "{long}");
    assert!(long.find("web (web-blue)  FAIL").unwrap() < long.find("cron@mainpc").unwrap());
}

#[test]
fn a_summary_stays_within_its_size() {
    let mut sample = Sample::new();
    let bad = sample.checked.fleet[0].clone();
    sample.checked.fleet = std::iter::repeat_n(bad, 40_000).collect();
    let text = sample.rendered(Format::Markdown, Style::default());
    assert!(text.len() < 1 << 20, "{}", text.len());
    assert!(
        text.contains("more rows.") && text.contains("| error | `live-user` |"),
        "the findings are there too"
    );
}

#[test]
fn hostile_texts_do_nothing() {
    let mut sample = Sample::new();
    for finding in sample.findings.iter_mut().chain(&mut sample.open) {
        finding.message = HOSTILE.to_owned();
        finding.help = Some(HOSTILE.to_owned());
        finding.service = Some(HOSTILE.into());
        finding.subject = Some(HOSTILE.into());
    }
    for row in &mut sample.checked.fleet {
        row.service = HOSTILE.into();
        row.machine = Some(HOSTILE.into());
        row.container = Some(format!("x{HOSTILE}").into());
        row.cells.iter_mut().for_each(|cell| cell.details = vec![HOSTILE.to_owned()]);
    }
    sample.checked.not_checked = vec![(HOSTILE.to_owned(), HOSTILE.to_owned())];
    sample.checked.plan = Some(HOSTILE.to_owned());
    for format in Format::ALL {
        let text = sample.rendered(*format, Style::default());
        let raw = ['\u{1b}', '\r', '\u{202e}'].iter().find(|it| text.contains(**it));
        assert_eq!(raw, None, "{}", format.name());
        assert!(!text.lines().any(|line| line.starts_with("::error::owned")), "{}", format.name());
        if matches!(format, Format::Html | Format::Junit | Format::Markdown) {
            assert!(!text.contains("<img"), "{}", format.name());
        }
    }
    assert_page(&sample.rendered(Format::Html, Style::default()));
    assert_balanced(&sample.rendered(Format::Junit, Style::default()));
}

/// A page needs nothing from outside, runs nothing but its own script, and closes what it opens.
fn assert_page(page: &str) {
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
    let head = page.split("<body>").next().unwrap();
    assert!(head.contains("name=\"viewport\"") && head.contains("prefers-color-scheme: dark"));
    let scripts: Vec<&str> = page.split("<script>\n").skip(1).collect();
    assert!(
        matches!(scripts[..], [own] if own.starts_with("// Filters") && own.contains("</script>\n</body>"))
    );
    let page = &page
        .replacen("<script>\n", "<b>", 1)
        .replacen("</script>", "</b>", 1)
        .replace(" href=\"#", " id=\"");
    for word in
        ["<script", " src=", " href=", "<link", "url(", "@import", " onerror=\"", "<iframe", "javascript:"]
    {
        let outside = page.match_indices(word).find(|(at, _)| {
            // Words of input stand in text, behind an escaped bracket.
            page[..*at].rfind("&lt;").is_none_or(|escaped| page[escaped..*at].contains('<'))
        });
        assert_eq!(outside, None, "{word}");
    }
    assert_balanced(page);
}

/// Every element is closed in order. Text holds no bare `<`, so this needs no parser.
fn assert_balanced(text: &str) {
    const VOID: [&str; 4] = ["meta", "br", "input", "rect"];
    let text = match text.split_once("<style>") {
        Some((before, rest)) => format!("{before}<style>{}", &rest[rest.find("</style>").unwrap()..]),
        None => text.to_owned(),
    };
    let text = match text.split_once("<b>// Filters") {
        Some((before, rest)) => format!("{before}<b>{}", &rest[rest.find("</b>").unwrap()..]),
        None => text,
    };
    let mut stack: Vec<&str> = Vec::new();
    for tag in text.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap();
        match tag {
            _ if tag.starts_with(['!', '?']) || tag.ends_with('/') || VOID.contains(&name) => {}
            _ if tag.starts_with('/') => assert_eq!(stack.pop(), Some(name), "{tag}"),
            _ => stack.push(name),
        }
    }
    assert!(stack.is_empty(), "{stack:?}");
}

#[test]
fn every_command_makes_a_page() {
    let folder = folder("live-reports-page");
    write(&folder.join("Dockerfile"), "FROM debian:12\nENV API_TOKEN=s3cr3t-0123456789abcdef\nUSER root\n");
    let run = plimsoll(&folder, &["check", "--pack", "recommended", "--format", "html"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_page(&run.stdout);
    assert!(run.stdout.contains("data-rule=\"runtime-user\"") && run.stdout.contains("<mark>"), "{run:?}");
    assert!(!run.stdout.contains("<details>"), "there is no running fleet");
    assert!(!run.stdout.contains("s3cr3t"), "secrets of files are hidden here too");
}

const OK: &str = "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{}\n";

fn outcome(name: &str, plan: &str, files: &[(&str, &str)]) -> Outcome {
    let folder = folder(&format!("live-reports-{name}"));
    write(&folder.join("plimsoll.toml"), plan);
    let files: Vec<(String, String)> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let choice = PlanChoice { file: Some(folder.join("plimsoll.toml")), pack: None };
    let check = CheckRequest { plan: choice, today: (2026, 1, 1), ..CheckRequest::default() };
    let request = FleetRequest { check, ..FleetRequest::default() };
    validate_fleet(&request, &Played::of(&files), &|_| {}).unwrap()
}

fn states(outcome: &Outcome) -> Vec<String> {
    let rows = outcome.checked.fleet.iter().flat_map(|row| row.cells.iter().map(move |cell| (row, cell)));
    rows.map(|(row, cell)| format!("{} {} {:?}", row.service, cell.rule, cell.state)).collect()
}

#[test]
fn waived_findings_fail_no_cell_and_every_check_is_a_case() {
    let plan = "[health]\npath = \"/health\"\n[services.contracts.ready]\npath = \"/ready\"\n[services.rows]\n\
        web = { ports = \"7212/8212\" }\napi = { ports = \"8212/8212\" }\n";
    let answers =
        [("http://127.0.0.1:8212/health", "HTTP/1.1 500 No\n\n"), ("http://127.0.0.1:7212/ready", OK)];
    let plain = outcome("plain", plan, &answers);
    // Two contracts of one rule are one cell; one address of two services is a finding of each.
    assert_eq!(
        states(&plain),
        ["web health-contract Fail(Error)", "api health-contract Fail(Error)"],
        "{:?}",
        plain.settled.findings
    );
    let web = &plain.checked.fleet[0].cells[0].details;
    assert_eq!(web.len(), 1, "{web:?}");
    let waived = format!(
        "{plan}[[waivers]]\nrule = \"health-contract\"\nservice = \"web\"\nuntil = 2099-01-01\nowner = \"a\"\nreason = \"b\"\n"
    );
    let waived = outcome("waived", &waived, &answers);
    assert_eq!(states(&waived), ["web health-contract Pass", "api health-contract Fail(Error)"]);
    let junit = rendered(&waived.report(Style::default()), Format::Junit);
    assert!(junit.contains("tests=\"2\" failures=\"1\""), "{junit}");
    assert!(junit.contains("<testcase classname=\"web\" name=\"health-contract\"/>"), "{junit}");
    assert!(
        junit
            .contains("<testcase classname=\"api\" name=\"health-contract\">\n      <failure type=\"error\"")
    );
    let sarif: Value =
        serde_json::from_str(&rendered(&plain.report(Style::default()), Format::Sarif)).unwrap();
    for result in sarif["runs"][0]["results"].as_array().unwrap() {
        let location = &result["locations"][0];
        let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.ends_with("plimsoll.toml"), "{uri}");
        let named = &location["logicalLocations"][0];
        assert_eq!(
            (&named["fullyQualifiedName"], &named["kind"]),
            (&result["properties"]["subject"], &json!("resource"))
        );
        assert!(named["fullyQualifiedName"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    }
}
