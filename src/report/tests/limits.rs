//! What readers of reports take at most, and what they must find: GitHub's limits, the fields of GitLab and Checkstyle.

use std::collections::HashSet;

use serde_json::Value;

use super::*;

/// Findings of different kinds, one of them an error, far behind.
fn many(count: usize) -> Vec<Finding> {
    let files: Vec<_> =
        (0..count.div_ceil(100)).map(|at| source(&format!("s{at}/Dockerfile"), "USER 0\n")).collect();
    let one = |at: usize| {
        let mut one =
            finding("runtime-user", &files[at / 100], "USER 0", &format!("fault {at} [x](y) <b> | of many"));
        one.severity = if at == count - 1 { Severity::Error } else { Severity::Note };
        one
    };
    (0..count).map(one).collect()
}

fn json(format: Format, findings: &[Finding]) -> Value {
    serde_json::from_str(&rendered(format, &report(findings, &[], &checked()))).unwrap()
}

/// The notifications of a SARIF document.
fn notifications(document: &Value) -> Vec<&str> {
    let list = document["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array();
    list.into_iter().flatten().map(|note| note["message"]["text"].as_str().unwrap()).collect()
}

#[test]
fn sarif_has_the_worst_first_and_says_what_code_scanning_drops() {
    for (count, results, notes) in [
        (5_000, 5_000, &[][..]),
        (5_001, 5_001, &["5001 results are listed, and code scanning keeps 5000, the worst."]),
        (
            30_000,
            25_000,
            &[
                "5000 results are left out: a run holds at most 25000. The worst are listed.",
                "25000 results are listed, and code scanning keeps 5000, the worst.",
            ],
        ),
    ] {
        let document = json(Format::Sarif, &many(count));
        let list = document["runs"][0]["results"].as_array().unwrap();
        assert_eq!((list.len(), notifications(&document)), (results, notes.to_vec()), "{count}");
        let error = list.iter().position(|result| result["level"] == "error");
        assert_eq!(error, Some(if notes.is_empty() { count - 1 } else { 0 }), "{count}");
    }
}

#[test]
fn the_largest_sarif_is_below_ten_megabytes_packed() {
    use std::io::Write;
    // What a finding of a real fleet has: a place, a line of the plan, a way, advice.
    let plan = source("plimsoll.toml", "[user]\nuid = 10001\n");
    let mut list = many(25_000);
    for (at, finding) in list.iter_mut().enumerate() {
        finding.message = format!("runs as `user{:x}`, planned uid `10001`", at.wrapping_mul(0x9E37_79B9));
        finding.plan = Some(step(&plan, "10001", "planned here"));
        finding.service = Some(format!("service-{at}").into());
        finding.help("Write `USER 10001:10001` behind the last `COPY`");
    }
    let text = rendered(Format::Sarif, &report(&list, &[], &checked()));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap().len();
    println!("25,000 results: {} kB, {} kB packed", text.len() >> 10, packed >> 10);
    assert!(packed < 10 << 20, "{packed}");
}

#[test]
fn github_hears_how_many_it_does_not_show_before_it_stops_listening() {
    let levels = |errors: usize, warnings: usize, notes: usize| {
        let mut list = many(errors + warnings + notes);
        for (at, finding) in list.iter_mut().enumerate() {
            finding.severity = match at {
                at if at < notes => Severity::Note,
                at if at < notes + warnings => Severity::Warning,
                _ => Severity::Error,
            };
        }
        list
    };
    for (errors, warnings, notes, rest) in [
        (10, 10, 9, None),
        (11, 0, 0, Some(1)),
        (0, 12, 3, Some(2)),
        (0, 0, 10, None),
        (0, 0, 11, Some(2)),
        (30, 1, 30, Some(41)),
    ] {
        let list = levels(errors, warnings, notes);
        let shown = rendered(Format::Github, &report(&list, &[], &checked()));
        let at = shown.lines().position(|line| line.contains("GitHub does not show"));
        assert_eq!(at.is_some(), rest.is_some(), "{shown}");
        if let (Some(at), Some(rest)) = (at, rest) {
            assert_eq!(at, errors + warnings, "it is the first notice");
            let words = format!(
                "::notice title=plimsoll::{} findings, of which GitHub does not show {rest}:",
                list.len()
            );
            assert!(shown.contains(&words), "{shown}");
        }
    }
}

#[test]
fn a_summary_of_fifty_thousand_kinds_is_cut_where_a_row_ends() {
    let mut list = many(50_000);
    for (at, finding) in list.iter_mut().enumerate() {
        finding.message = format!("fault {at} [x](y) <b> | of many");
    }
    let shown = rendered(Format::Markdown, &report(&list, &[], &checked()));
    assert!(shown.len() < 1 << 20, "{}", shown.len());
    let rows: Vec<&str> =
        shown.lines().filter(|line| line.starts_with("| error |") || line.starts_with("| note |")).collect();
    assert!(rows[0].starts_with("| error |"), "the worst first: {}", rows[0]);
    for row in &rows {
        // Pipes of a source are escaped, so that each row has its four cells.
        assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
        assert!(row.ends_with(" |") && !row.contains("<b>") && !row.contains("[x](y)"), "{row}");
    }
    let rest = 50_000 - rows.len();
    assert!(
        shown.ends_with(&format!("|\n\n… and {rest} more kinds of findings.\n")),
        "{}",
        &shown[shown.len() - 200..]
    );
}

#[test]
fn gitlab_gets_what_its_format_asks_for() {
    let mut list = many(300);
    for (at, finding) in list.iter_mut().enumerate() {
        finding.severity = [Severity::Note, Severity::Warning, Severity::Error][at % 3];
        // The same thing, said twice at one place.
        finding.message = "m".to_owned();
    }
    let issues = json(Format::Gitlab, &list);
    let issues = issues.as_array().unwrap();
    let mut prints = HashSet::new();
    for issue in issues {
        for field in ["description", "check_name", "fingerprint"] {
            assert!(issue[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {issue}");
        }
        assert!(prints.insert(issue["fingerprint"].as_str().unwrap()), "{issue}");
        let known = ["info", "minor", "major", "critical", "blocker"];
        assert!(known.contains(&issue["severity"].as_str().unwrap()), "{issue}");
        let path = issue["location"]["path"].as_str().unwrap();
        assert!(!path.starts_with(['.', '/']), "{path}");
        assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{issue}");
    }
    assert_eq!(issues.len(), 300);
}

#[test]
fn checkstyle_has_one_file_element_for_each_file() {
    let list = many(300);
    let shown = rendered(Format::Checkstyle, &report(&list, &[], &checked()));
    assert_eq!((shown.matches("<file name=").count(), shown.matches("<error line=\"1\"").count()), (3, 300));
    for severity in shown.split("severity=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(["error", "warning", "info", "ignore"].contains(&severity), "{severity}");
    }
    assert!(!shown.contains("<b>") && shown.contains("source=\"plimsoll.runtime-user\""));
}

#[test]
fn junit_fails_where_the_call_does() {
    let file = source("a/Dockerfile", "USER 0\n");
    let mut list: Vec<Finding> =
        ["e", "w", "n"].map(|message| finding("runtime-user", &file, "USER 0", message)).into();
    list[1].severity = Severity::Warning;
    list[2].severity = Severity::Note;
    for (fails_from, failures) in
        [(Some(Severity::Error), 1), (Some(Severity::Warning), 2), (Some(Severity::Note), 3), (None, 0)]
    {
        let checked = Checked { fails_from: FailsFrom(fails_from), ..checked() };
        let shown = rendered(Format::Junit, &report(&list, &[], &checked));
        let head = format!("tests=\"3\" failures=\"{failures}\" errors=\"0\" skipped=\"0\"");
        assert!(shown.contains(&head), "{shown}");
        let count = |element: &str| shown.matches(element).count();
        assert_eq!((count("<failure "), count("<system-out>")), (failures, 3 - failures), "{shown}");
        assert_eq!((count("</failure>"), count("</system-out>")), (failures, 3 - failures), "{shown}");
    }
    let checked = checked();
    let shown = rendered(Format::Junit, &report(&list[2..], &[], &checked));
    assert!(shown.contains("<system-out>a/Dockerfile:1:1: note[runtime-user] n</system-out>"), "{shown}");
}

#[test]
fn junit_cells_of_a_fleet_fail_where_the_call_does() {
    let cell = |severity| FleetCell {
        rule: "health-contract",
        state: CellState::Fail(severity),
        details: vec!["m".to_owned()],
    };
    let row = |name: &str, severity| FleetRow {
        service: name.into(),
        machine: None,
        container: None,
        cells: vec![cell(severity)],
    };
    let fleet = vec![row("a", Severity::Note), row("b", Severity::Error)];
    let checked = Checked { fleet, ..checked() };
    let shown = rendered(Format::Junit, &report(&[], &[], &checked));
    assert!(shown.contains("tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\""), "{shown}");
    assert!(
        shown.contains("<system-out>m</system-out>") && shown.contains("<failure type=\"error\""),
        "{shown}"
    );
}

#[test]
fn sarif_columns_are_utf_16_units() {
    // 😀 and 𝄞 are two units each, 漢 and é one.
    let file = source("d", "LABEL a=\"\u{1F600}\u{1D11E}漢é\" b=c\n");
    let list = [finding("runtime-user", &file, "b=c", "m"), finding("runtime-user", &file, "\u{1D11E}", "n")];
    let document = json(Format::Sarif, &list);
    let region = |at: usize| {
        let region = &document["runs"][0]["results"][at]["locations"][0]["physicalLocation"]["region"];
        (region["startColumn"].as_u64().unwrap(), region["endColumn"].as_u64().unwrap())
    };
    assert_eq!((region(0), region(1)), ((18, 21), (12, 14)));
}

#[test]
fn what_the_call_has_to_say_is_in_every_format_that_has_a_place_for_it() {
    let notices = vec!["the plan itself changed: `x` is [off](y)\u{202e}".to_owned()];
    let checked = Checked { notices, ..checked() };
    let shown = |format| rendered(format, &report(&[], &[], &checked));
    assert!(shown(Format::Text).contains("note: the plan itself changed: `x` is [off](y)\\u{202e}\n"));
    assert!(shown(Format::Github).starts_with("::warning title=plimsoll::the plan itself changed"));
    assert!(shown(Format::Markdown).contains("- **the plan itself changed&#58; `x` is \\[off\\]\\(y\\)"));
    assert!(shown(Format::Json).contains("\"notices\":[\"the plan itself changed"));
    assert!(shown(Format::Sarif).contains("\"text\":\"the plan itself changed"));
    assert!(shown(Format::Html).contains("<li>the plan itself changed: <code>x</code>"));
}
