//! The page without a browser.

use std::time::Instant;

use super::super::tests::{anything, checked, rendered, report, sample};
use super::super::{Checked, Format, Service};
use super::*;
use crate::finding::Finding;
use crate::settle::tests::{finding, source};

fn subject(kind: SubjectKind, name: &str, files: &[&str]) -> Subject {
    let files = files.iter().map(|file| (*file).into()).collect();
    let planned = kind == SubjectKind::Service;
    Subject { kind, service: Service { name: name.into(), planned, files, ..Service::default() } }
}

fn fleet() -> Checked {
    let subjects = vec![
        subject(SubjectKind::Service, "api", &["services/api/Dockerfile"]),
        subject(SubjectKind::Service, "Web", &["services/web/Dockerfile"]),
        subject(SubjectKind::Service, "cron", &["services/cron/Dockerfile"]),
        subject(SubjectKind::Service, "later", &[]),
        subject(SubjectKind::Base, "base-utils", &["base-utils/Dockerfile"]),
        subject(SubjectKind::Base, "api", &["base-api/Dockerfile"]),
    ];
    Checked { subjects, ..checked() }
}

fn page(findings: &[Finding], open: &[Finding], checked: &Checked) -> String {
    rendered(Format::Html, &report(findings, open, checked))
}

/// What stands between two texts.
fn between<'p>(page: &'p str, start: &str, end: &str) -> &'p str {
    let rest = &page[page.find(start).unwrap_or_else(|| panic!("{start}")) + start.len()..];
    &rest[..rest.find(end).unwrap()]
}

#[test]
fn each_result_is_at_its_service() {
    let (mut findings, open) = sample();
    let base = source("base-utils/Dockerfile", "FROM debian:12\nUSER root\n");
    let tool = source("tools/Dockerfile", "FROM debian:12\n");
    findings.push(finding("base-tag", &base, "FROM debian:12", "a"));
    findings.push(finding("base-tag", &tool, "FROM debian:12", "b"));
    findings[3].severity = Severity::Warning;
    let checked = fleet();
    let matrix = Matrix::of(&report(&findings, &open, &checked));
    let rows: Vec<(&str, [usize; 4])> =
        matrix.rows.iter().map(|row| (row.name.as_str(), row.tally.0)).collect();
    assert_eq!(
        rows,
        [
            ("api", [1, 0, 0, 1]),
            ("Web", [1, 0, 0, 0]),
            ("cron", [0; 4]),
            ("later", [0; 4]),
            ("base-utils", [1, 0, 0, 0]),
            ("api (base image)", [0; 4]),
            ("tools/Dockerfile", [0, 1, 0, 0]),
        ]
    );
    let columns: Vec<(&str, [usize; 4])> =
        matrix.columns.iter().map(|column| (column.rule, column.tally.0)).collect();
    assert_eq!(columns, [("runtime-user", [2, 0, 0, 1]), ("base-tag", [1, 1, 0, 0])]);
    assert_eq!(matrix.standing(SubjectKind::Service), (3, 1), "`later` was not looked at");
    let page = page(&findings, &open, &checked);
    assert!(
        page.contains("1 of 3 services clean · 1 of 2 base images clean · 1 other file with findings"),
        "{page}"
    );
    assert!(page.contains(
        "<td class=\"error\"><a href=\"#f1\" data-service=\"api\" data-rule=\"runtime-user\" \
         title=\"api, runtime-user: 1 error, 1 open\" aria-label=\"api, runtime-user: 1 error, 1 open\">✗<i>2</i></a></td>"
    ));
    assert!(page.contains("1 planned service has no file among what was checked."));
    let article = between(&page, "id=\"f0\"", "</article>");
    for part in
        ["data-service=\"Web\"", "services/web/Dockerfile:3:1", "<dt class=\"plan\">plimsoll.toml:2:7"]
    {
        assert!(article.contains(part), "{part}: {article}");
    }
    assert_eq!(
        page.matches("id=\"r-runtime-user\"").count(),
        1,
        "open results of the rule stand in a group of their own"
    );
}

#[test]
fn many_equal_names_stay_apart() {
    let subjects = vec![subject(SubjectKind::Service, "a", &["f"]); 5_000];
    let checked = Checked { subjects, ..checked() };
    let start = Instant::now();
    let matrix = Matrix::of(&report(&[], &[], &checked));
    let names: std::collections::HashSet<&str> = matrix.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names.len(), 5_000);
    assert!(start.elapsed().as_secs() < 5);
}

#[test]
fn what_is_too_much_is_counted() {
    let file = anything();
    let one = finding("runtime-user", &file, "x", "m");
    let mut findings = vec![one; 6_000];
    for (at, finding) in findings.iter_mut().enumerate() {
        finding.service = Some(format!("s{}", at % 400).into());
    }
    let checked = checked();
    let start = Instant::now();
    let page = page(&findings, &[], &checked);
    let took = start.elapsed();
    println!("{} bytes in {took:?}", page.len());
    assert_eq!(page.matches("<article ").count(), 5_000);
    assert!(page.contains("… and 1000 more."), "findings that are left out");
    assert!(page.contains("100 rows more are not shown."), "rows that are left out");
    assert!(took.as_secs() < 10, "{took:?}");
}

/// 2,480 errors, 2,280 warnings, and more notes than there is room for, in services that are called so that the rule of the
/// errors is the last of the alphabet.
fn too_many() -> Vec<Finding> {
    let file = anything();
    let mut findings = Vec::new();
    for (rule, severity, count) in [
        ("base-tag", Severity::Note, 1_000),
        ("health-contract", Severity::Warning, 2_280),
        ("image-labels", Severity::Note, 480),
        ("runtime-user", Severity::Error, 2_480),
    ] {
        for at in 0..count {
            let mut one = finding(rule, &file, "x", "m");
            one.severity = severity;
            // Notes of a rule of its own are in services of their own.
            let name = if rule == "image-labels" { 200 + at % 5 } else { at % 120 };
            one.service = Some(format!("s{name}").into());
            findings.push(one);
        }
    }
    findings
}

#[test]
fn nothing_leads_to_what_is_not_listed() {
    let findings = too_many();
    let page = page(&findings, &[], &checked());
    assert_eq!(page.matches("<article ").count(), 5_000);
    let ids: std::collections::HashSet<&str> =
        page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let targets: Vec<&str> =
        page.split("<a href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(targets.len() > 300, "{}", targets.len());
    for target in targets {
        assert!(ids.contains(target), "{target}");
    }
    // The notes that there is room for are the first 240, two of each of the 120 services.
    for part in [
        "Findings <small>the worst 5000 of 6240</small>",
        "error <b>2480</b>",
        "warning <b>2280</b>",
        "note <b>240 of 1480</b>",
        "<th scope=\"col\"><div title=\"image-labels: 480 notes, not listed\">",
        "title=\"base-tag: 1000 notes, 240 of 1000 listed\"",
        "<th scope=\"row\"><div title=\"s200: 96 notes, not listed\">",
        "<td class=\"note\"><div role=\"img\" title=\"s200, image-labels: 96 notes, not listed\"",
        "title=\"s119, base-tag: 8 notes, 2 of 8 listed\"",
        "<p class=\"hint\">760 more of this rule are not listed.</p>",
        "… and 1240 more.",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn a_row_leads_to_its_worst_finding() {
    let findings = too_many();
    let page = page(&findings, &[], &checked());
    let first = between(&page, "<tr><th scope=\"row\"><a href=\"#", "\"");
    let at: usize = first.strip_prefix('f').unwrap().parse().unwrap();
    assert_eq!((findings[at].rule, findings[at].severity), ("runtime-user", Severity::Error));
}

#[test]
fn nothing_but_the_own_script_and_styles_may_run() {
    let (findings, open) = sample();
    let page = page(&findings, &open, &fleet());
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\">");
    let styles = between(&page, "<style>", "</style>");
    assert_eq!(policy, filters::policy(&[styles]), "the policy is that of the text of the page");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
    // Attributes with code or styles in them would be refused, and the reader would see a complaint.
    for word in [" style=", " onclick=", " onload="] {
        assert!(!page.contains(word), "{word}");
    }
}

/// Relative luminance of `#rgb` or `#rrggbb`, as WCAG defines it.
fn luminance(color: &str) -> f64 {
    let hex = color.trim_start_matches('#');
    let wide: String =
        if hex.len() == 3 { hex.chars().flat_map(|digit| [digit, digit]).collect() } else { hex.to_owned() };
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

#[test]
fn colours_are_far_enough_apart_in_light_and_dark() {
    let dark = STYLE.find("prefers-color-scheme: dark").unwrap();
    for palette in [&STYLE[..dark], &STYLE[dark..]] {
        let color = |name: &str| between(palette, &format!(" --{name}: "), ";").trim();
        let mut pairs = vec![];
        for ground in ["page", "card", "code"] {
            pairs.extend(
                ["text", "faint", "accent", "pass", "error", "warning", "note", "open"]
                    .map(|own| (own, ground)),
            );
        }
        let grounds =
            ["pass", "error", "warning", "note", "open"].map(|name| (name, format!("{name}-ground")));
        pairs.extend(grounds.iter().map(|(own, ground)| (*own, ground.as_str())));
        pairs.push(("text", "hover"));
        for (own, ground) in pairs {
            let (one, other) = (luminance(color(own)), luminance(color(ground)));
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(contrast >= 4.5, "{own} on {ground}: {contrast:.2}");
        }
    }
}

#[test]
fn values_are_code_and_nothing_is_markup() {
    for (text, expected) in [
        ("runs as `0`, not <b>", "runs as <code>0</code>, not &lt;b&gt;"),
        ("`<script>`", "<code>&lt;script&gt;</code>"),
        ("odd ` one", "odd ` one"),
        ("a\u{202e}b", "a\\u{202e}b"),
    ] {
        assert_eq!(marked(text), expected);
    }
}
