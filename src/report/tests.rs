//! One report, in every format.

mod hosts;
mod limits;

use std::sync::Arc;

use super::*;
use crate::finding::Kind;
use crate::model::Step;
use crate::settle::tests::{finding, source};
use crate::source::{Place, Source, Span};

pub(super) fn rendered(format: Format, report: &Report<'_>) -> String {
    let mut out = Vec::new();
    write(format, report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(super) fn report<'a>(findings: &'a [Finding], open: &'a [Finding], checked: &'a Checked) -> Report<'a> {
    Report {
        findings,
        open,
        suppressed: 0,
        waived: 0,
        quieted: None,
        older: None,
        checked,
        style: Style::default(),
    }
}

pub(super) fn step(source: &Arc<Source>, needle: &str, what: &str) -> Step {
    let text = String::from_utf8_lossy(source.bytes()).into_owned();
    let start = text.find(needle).unwrap() as u32;
    Step { place: Place::new(source, Span::new(start, start + needle.len() as u32)), what: what.into() }
}

pub(super) fn checked() -> Checked {
    Checked {
        mode: "check",
        plan: Some("plimsoll.toml".to_owned()),
        files: BTreeMap::from([("dockerfile".into(), 2)]),
        rules: vec!["runtime-user"],
        not_planned: vec!["waiver"],
        ..Checked::default()
    }
}

/// A text for findings whose place is set later.
pub(super) fn anything() -> Arc<Source> {
    source("x", "x")
}

/// A finding with plan line, origin in another file, help and service; a copy of it elsewhere; an open result.
pub(super) fn sample() -> (Vec<Finding>, Vec<Finding>) {
    let file = source("services/web/Dockerfile", "FROM base-utils\nRUN a\nUSER 0\n");
    let base = source("base-utils/Dockerfile", "FROM debian:12\nUSER root\n");
    let plan = source("plimsoll.toml", "[user]\nuid = 10001\n");
    let copy = source("services/api/Dockerfile", "FROM x\nUSER 1\n");
    let mut first = finding("runtime-user", &file, "USER 0", "runs as `0`, and the plan says `10001`");
    first.plan = Some(step(&plan, "10001", "planned here"));
    first.origin.push(step(&base, "USER root", "set here"));
    first.service = Some("Web".into());
    first.subject = Some("stage 1".into());
    first.help("Write `USER 10001`");
    first.safe_fix(first.place.clone(), "USER 10001");
    let mut second = finding("runtime-user", &copy, "USER 1", "runs as `1`, and the plan says `10001`");
    second.plan.clone_from(&first.plan);
    second.help("Write `USER 10001`");
    let mut open =
        finding("runtime-user", &copy, "FROM x", "cannot tell the user: the base image `x` was not read");
    open.kind = Kind::Open;
    (vec![first, second], vec![open])
}

#[test]
fn text_shows_both_lines_and_groups_copies() {
    let (findings, open) = sample();
    let checked = checked();
    let expected = "\
error[runtime-user]: runs as `0`, and the plan says `10001`
 --> services/web/Dockerfile:3:1
  |
3 | USER 0
  | ^^^^^^
  |
 ::: base-utils/Dockerfile:2:1
  |
2 | USER root
  | --------- set here
  |
 ::: plimsoll.toml:2:7
  |
2 | uid = 10001
  |       ----- planned here
  |
  = help: Write `USER 10001`
  = note: also at services/api/Dockerfile:2 (1)

open[runtime-user]: cannot tell the user: the base image `x` was not read (services/api/Dockerfile:1)

2 errors in 2 files against plimsoll.toml; 1 could not be told; 1 rule not planned (waiver)
";
    assert_eq!(rendered(Format::Text, &report(&findings, &open, &checked)), expected);
}

#[test]
fn concise_is_one_line_each() {
    let (findings, open) = sample();
    let checked = checked();
    let mut report = report(&findings, &open, &checked);
    report.style.verbose = true;
    let expected = "\
services/web/Dockerfile:3:1: error[runtime-user] runs as `0`, and the plan says `10001`
services/api/Dockerfile:2:1: error[runtime-user] runs as `1`, and the plan says `10001`
services/api/Dockerfile:1:1: open[runtime-user] cannot tell the user: the base image `x` was not read
";
    assert_eq!(rendered(Format::Concise, &report), expected);
}

#[test]
fn json_has_the_documented_fields() {
    let (findings, open) = sample();
    let checked = checked();
    let value: serde_json::Value =
        serde_json::from_str(&rendered(Format::Json, &report(&findings, &open, &checked))).unwrap();
    let first = &value["findings"][0];
    let keys: Vec<&str> = first.as_object().unwrap().keys().map(String::as_str).collect();
    for key in
        "rule severity message file line column end_line end_column service subject plan origin related fix fingerprint".split(' ')
    {
        assert!(keys.contains(&key), "{key}");
    }
    assert_eq!(first["severity"], "error");
    assert_eq!((&first["line"], &first["end_column"]), (&3.into(), &7.into()));
    assert_eq!(first["plan"], serde_json::json!({"file": "plimsoll.toml", "line": 2}));
    assert_eq!(
        first["origin"][0],
        serde_json::json!({"file": "base-utils/Dockerfile", "line": 2, "what": "set here"})
    );
    assert_eq!(first["fix"]["edits"][0]["text"], "USER 10001");
    assert_eq!(value["findings"][1]["service"], serde_json::Value::Null);
    assert_eq!(value["checked"]["not_planned"], serde_json::json!(["waiver"]));
    assert_eq!(value["checked"]["files"]["dockerfile"], 2);
    assert_eq!(
        value["summary"],
        serde_json::json!({"errors": 2, "warnings": 0, "notes": 0, "open": 1, "suppressed": 0, "waived": 0})
    );
    assert_eq!((value["version"].as_u64(), value["open"].as_array().unwrap().len()), (Some(1), 1));
}

#[test]
fn jsonl_is_one_finding_a_line_and_an_empty_report_is_valid() {
    let (findings, open) = sample();
    let checked = checked();
    let lines = rendered(Format::Jsonl, &report(&findings, &open, &checked));
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert_eq!(lines.lines().count(), 2);
    let empty = rendered(Format::Json, &report(&[], &[], &checked));
    assert!(serde_json::from_str::<serde_json::Value>(&empty).is_ok());
    assert_eq!(rendered(Format::Jsonl, &report(&[], &[], &checked)), "");
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let text = "\u{feff}FROM \x1b[2Jx \u{202e}y\r\nUSER \x07\u{9b}z \\\r\n  0\r\n";
    let bytes = [text.as_bytes(), b"\xFF\xFE tail"].concat();
    let file = Source::new("a\x1b]0;b\u{2066}/Dockerfile\n", bytes);
    let mut list = Vec::new();
    // Every span of the file, the impossible ones included.
    let size = file.bytes().len() as u32 + 3;
    for start in 0..size {
        for end in [start, start + 1, start + 5, size] {
            let mut one = finding("runtime-user", &source("x", "x"), "x", "m\x1b[1m\u{202e}\n");
            one.message.push_str(&format!("{start}"));
            one.place = Place::new(&file, Span::new(start, end));
            one.help("h\x1b");
            one.related.push(Step { place: one.place.clone(), what: "w\x1b\u{2067}".into() });
            list.push(one);
        }
    }
    let checked = Checked {
        plan: Some("\x1bp".to_owned()),
        not_checked: vec![("\x1b".into(), "\x1b".into())],
        ..checked()
    };
    for chunk in list.chunks(40) {
        for format in Format::ALL.iter().copied() {
            let shown = rendered(format, &report(chunk, chunk, &checked));
            assert!(!shown.contains(['\x1b', '\x07', '\u{9b}']), "{format:?}");
            assert!(!shown.contains(['\u{202e}', '\u{2066}', '\u{feff}']), "{format:?}");
        }
    }
}

#[test]
fn marks_point_at_what_is_shown() {
    let file = source("d", "ENV a=\x1b b=c \\\n  d=e\n");
    let mut one = finding("runtime-user", &file, "b=c", "m");
    one.place.span.end += 8;
    let checked = checked();
    let shown = rendered(Format::Text, &report(&[one], &[], &checked));
    assert!(shown.contains("1 | ENV a=\\u{1b} b=c \\\n  |              ^^^\n"), "{shown}");
}

#[test]
fn long_lines_and_far_places_stay_short() {
    let long = source("long", &("RUN ".to_owned() + &"x".repeat(1_000_000) + "\nUSER 0\n"));
    let far = source("far", &("USER 0\n".to_owned() + &"#\n".repeat(100_000) + "USER 1\n"));
    let mut one = finding("runtime-user", &long, "RUN", "m");
    one.related.push(step(&far, "USER 1", "far"));
    one.related.push(step(&far, "USER 0", "near"));
    let checked = checked();
    let shown = rendered(Format::Text, &report(&[one], &[], &checked));
    assert!(shown.len() < 1_000, "{}", shown.len());
    assert!(
        shown.contains("long:1:1") && shown.contains("far:100002:1") && shown.contains("far:1:1"),
        "{shown}"
    );
}

#[test]
fn many_groups_become_lines() {
    let file = source("f", "USER 0\n");
    let list: Vec<Finding> =
        (0..300).map(|at| finding("runtime-user", &file, "USER 0", &format!("fault {at}"))).collect();
    let checked = checked();
    let shown = rendered(Format::Text, &report(&list, &[], &checked));
    assert_eq!(shown.matches(" --> f:1:1").count(), 200);
    assert!(shown.contains("\nf:1:1: error[runtime-user] fault 299\n"));
}

#[test]
fn the_summary_says_what_was_not_done() {
    let contexts = vec![AssumedContext {
        file: "a/Dockerfile".into(),
        folder: "a".into(),
        how: "the Dockerfile's own folder",
    }];
    let not_planned = vec!["a", "b", "c", "d", "e", "f", "g"];
    let checked =
        Checked { contexts, not_planned, not_checked: vec![("x".into(), "is a folder".into())], ..checked() };
    let mut report = report(&[], &[], &checked);
    (report.suppressed, report.waived, report.style.verbose) = (2, 1, true);
    let expected = "\
not checked: x: is a folder
assumed build context: a/Dockerfile: a, the Dockerfile's own folder
no findings in 2 files against plimsoll.toml; 2 suppressed; 1 waived; 7 rules not planned (a, b, c, d, e and 2 more)
";
    assert_eq!(rendered(Format::Text, &report), expected);
    report.style.quiet = true;
    assert_eq!(rendered(Format::Text, &report), "");
}

#[test]
fn colour_is_written_only_when_asked() {
    let (findings, open) = sample();
    let checked = checked();
    let mut report = report(&findings, &open, &checked);
    assert!(!rendered(Format::Text, &report).contains('\x1b'));
    report.style.color = true;
    assert!(rendered(Format::Text, &report).contains('\x1b'));
}

#[test]
fn statistics_count_by_rule_and_service() {
    let (findings, open) = sample();
    let checked = checked();
    let mut report = report(&findings, &open, &checked);
    report.style.statistics = true;
    let shown = rendered(Format::Concise, &report);
    assert!(shown.ends_with("findings   files  rule\n       2       2  runtime-user\n\nfindings   files  service\n       1       1  Web\n"), "{shown}");
}

#[test]
fn github_commands_are_escaped_and_the_worst_come_first() {
    let file = source("a:b,c%/Dockerfile", "USER 0\n");
    let mut note = finding("runtime-user", &file, "USER", "n");
    note.severity = Severity::Note;
    let bad = finding("runtime-user", &file, "USER 0", "50% `x`\r\n::error::injected");
    let (checked, list) = (checked(), [note, bad]);
    let expected = "\
::error file=a%3Ab%2Cc%25/Dockerfile,line=1,endLine=1,col=1,endColumn=7,title=runtime-user::50%25 `x`\\r\\n::error::injected
::notice file=a%3Ab%2Cc%25/Dockerfile,line=1,endLine=1,col=1,endColumn=5,title=runtime-user::n
";
    assert_eq!(rendered(Format::Github, &report(&list, &[], &checked)), expected);
}

#[test]
fn gitlab_is_a_list_with_its_required_fields() {
    let (findings, open) = sample();
    let checked = checked();
    let value: serde_json::Value =
        serde_json::from_str(&rendered(Format::Gitlab, &report(&findings, &open, &checked))).unwrap();
    assert_eq!(value.as_array().unwrap().len(), 2);
    assert_eq!(
        value[0]["location"],
        serde_json::json!({"path": "services/web/Dockerfile", "lines": {"begin": 3, "end": 3}})
    );
    assert_eq!((&value[0]["severity"], &value[0]["check_name"]), (&"major".into(), &"runtime-user".into()));
    assert_eq!(rendered(Format::Gitlab, &report(&[], &[], &checked)), "[]\n");
}

#[test]
fn xml_formats() {
    let (findings, open) = sample();
    let checked = checked();
    let checkstyle = rendered(Format::Checkstyle, &report(&findings, &open, &checked));
    assert!(
        checkstyle.contains(
            "<file name=\"services/web/Dockerfile\">\n    <error line=\"3\" column=\"1\" severity=\"error\""
        ),
        "{checkstyle}"
    );
    assert_eq!(checkstyle.matches("<file ").count(), 2);
    let junit = rendered(Format::Junit, &report(&findings, &open, &checked));
    assert!(junit.contains("tests=\"3\" failures=\"2\" errors=\"0\" skipped=\"1\""), "{junit}");
    assert_eq!((junit.matches("<testcase ").count(), junit.matches("</testcase>").count()), (3, 3));
    assert!(rendered(Format::Junit, &report(&[], &[], &checked)).contains("tests=\"1\" failures=\"0\""));
}

#[test]
fn markdown_lists_groups_and_stays_short() {
    let (findings, open) = sample();
    let checked = checked();
    let shown = rendered(Format::Markdown, &report(&findings, &open, &checked));
    // Other words are another row, and what could not be told stands last.
    for row in [
        "| error | `runtime-user` | services/web/Dockerfile&#58;3 | runs as `0`, and the plan says `10001` |\n",
        "| error | `runtime-user` | services/api/Dockerfile&#58;2 | runs as `1`, and the plan says `10001` |\n",
    ] {
        assert!(shown.contains(row), "{shown}");
    }
    let last = "| _open_ | `runtime-user` | services/api/Dockerfile&#58;1 | cannot tell the user&#58; the base image `x` was not read |\n";
    assert!(shown.ends_with(last), "{shown}");
    let places: Vec<Finding> = (0..5)
        .map(|at| finding("runtime-user", &source(&format!("f{at}"), "USER 0\n"), "USER 0", "runs as `0`"))
        .collect();
    let shown = rendered(Format::Markdown, &report(&places, &[], &checked));
    assert!(shown.contains("| f0&#58;1, f1&#58;1, f2&#58;1 and 2 more | runs as `0` |"), "{shown}");
    let file = source("f", "USER 0\n");
    let many: Vec<Finding> = (0..20_000)
        .map(|at| finding("runtime-user", &file, "USER 0", &format!("a fault that has the number {at}")))
        .collect();
    let shown = rendered(Format::Markdown, &report(&many, &[], &checked));
    assert!(shown.len() < 1 << 20 && shown.contains("more kinds of findings"), "{}", shown.len());
}

#[test]
fn every_format_has_a_name_and_a_report_without_findings() {
    let checked = checked();
    for format in Format::ALL {
        assert_eq!(Format::parse(format.name()), Some(*format));
        rendered(*format, &report(&[], &[], &checked));
    }
}

#[test]
fn what_cannot_be_told_for_one_reason_shares_a_line() {
    let record = source("docker-archive:web.tar", "{\n}\n");
    let open = |rule, what: &str| {
        let message = format!("cannot tell {what}: its layers were not read");
        let mut open = finding(rule, &record, "}", &message);
        open.kind = Kind::Open;
        open
    };
    let all = [
        open("image-setuid", "which programs run as somebody else"),
        open("image-vcs", "whether it ships a repository"),
        open("image-secret", "whether it ships credentials"),
    ];
    let checked = Checked::default();
    let text = rendered(Format::Text, &report(&[], &all, &checked));
    let line = "open[image-setuid, image-vcs, image-secret]: cannot tell: its layers were not read (docker-archive:web.tar:2)\n";
    assert!(text.starts_with(line), "{text}");
    let text = rendered(Format::Text, &report(&[], &all[..2], &checked));
    assert!(text.starts_with("open[image-setuid]: cannot tell which programs"), "{text}");
}

#[test]
fn what_is_left_out_for_one_reason_shares_a_line() {
    let names = ["a", "b", "c", "d", "e", "f"].map(|name| (name.to_owned(), "a template".to_owned()));
    let checked = Checked { not_checked: names.to_vec(), ..checked() };
    let text = rendered(Format::Text, &report(&[], &[], &checked));
    assert!(text.contains("not checked: a, b, c, d, e … and 1 more: a template\n"), "{text}");
}
