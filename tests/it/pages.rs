//! Every example of every rule page is run, and what is printed is what the page says.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::rules::{Check, Example, Page, Rule, all};

use crate::support::image_fixture::{Fixture, write_archive};
use crate::support::played_fleet as live;
use crate::support::{bless, folder, plimsoll, repository, write};

/// Rules whose page shows no failing or no passing example, with the reason.
const WITHOUT_EXAMPLES: [(&str, &str); 1] = [(
    "registry-presence",
    "a page asks no registry; tests beside the rule hold every answer against its message",
)];

fn page_path(rule: &Rule) -> PathBuf {
    repository("rules").join(rule.group).join(format!("{}.md", rule.id))
}

/// Makes an archive of each `NAME.image.json` of an example, and says how `plimsoll image` names it. `"from": "NAME"` lays an
/// image over one that stands before it; `"oci": true` makes an OCI archive.
fn images(folder: &Path, example: &Example) -> Vec<String> {
    let mut made: Vec<(&str, Fixture)> = Vec::new();
    let mut names = Vec::new();
    for (file, text) in &example.files {
        let Some(name) = file.strip_suffix(".image.json") else { continue };
        let value: serde_json::Value =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let base = value["from"].as_str().and_then(|from| made.iter().find(|(known, _)| *known == from));
        let fixture = Fixture::from_json(name, &value, base.map(|(_, base)| base));
        let (form, members) = match fixture.oci {
            true => ("oci-archive", fixture.oci_layout()),
            false => ("docker-archive", fixture.docker_archive()),
        };
        write_archive(&folder.join(format!("{name}.tar")), &members);
        names.push(format!("{form}:{name}.tar"));
        made.push((name, fixture));
    }
    names
}

/// What `check --select <rule>` prints for one example.
fn printed(rule: &Rule, at: usize, example: &Example) -> String {
    let folder = folder(&format!("pages/{}/{at}", rule.id));
    for (name, text) in &example.files {
        write(&folder.join(name), text);
    }
    if live::is_live(example) {
        return live::printed(&folder, rule, example);
    }
    let images = images(&folder, example);
    // A plan can be judged without a fleet.
    let alone = example.files.iter().all(|(name, _)| !name.to_lowercase().contains("dockerfile"));
    let mut arguments = match rule.check {
        _ if !images.is_empty() => {
            let against = if alone { &[][..] } else { &["--against", "."] };
            ["image"]
                .into_iter()
                .chain(images.iter().map(String::as_str))
                .chain(against.iter().copied())
                .collect()
        }
        Check::Plan(_) if alone => vec!["plan", "check"],
        _ => vec!["check", ".", "--jobs", "1"],
    };
    arguments.extend(["--format", "concise", "--fail-on", "note"]);
    // A suppression is unused only when the rule that it names ran.
    if matches!(rule.check, Check::Settle) {
        arguments.push("--quiet");
    } else {
        arguments.extend(["--select", rule.id]);
    }
    if !folder.join("plimsoll.toml").exists() {
        arguments.extend(["--pack", "recommended"]);
    }
    let run = plimsoll(&folder, &arguments);
    assert!(matches!(run.code, Some(0 | 1)), "{} example {at}: {run:?}", rule.id);
    assert_eq!(run.code == Some(1), !run.stdout.is_empty(), "{} example {at}: {run:?}", rule.id);
    if matches!(rule.check, Check::Settle) {
        let own = format!("[{}]", rule.id);
        return run
            .stdout
            .lines()
            .filter(|line| line.contains(&own))
            .map(|line| format!("{line}\n"))
            .collect();
    }
    run.stdout
}

/// Replaces what the pages' `text` blocks hold: those without a file name, below `## Fails`.
fn blessed(text: &str, outputs: &[String]) -> String {
    let mut outputs = outputs.iter();
    let mut kept = String::new();
    let (mut fails, mut lines) = (false, text.lines());
    while let Some(line) = lines.next() {
        if line.starts_with("## ") {
            fails = line == "## Fails";
        }
        kept += line;
        kept.push('\n');
        let ticks = line.len() - line.trim_start_matches('`').len();
        if ticks < 3 {
            continue;
        }
        let fence = &line[..ticks];
        let replaced = fails && line[ticks..].trim() == "text";
        if replaced && let Some(output) = outputs.next() {
            kept += output;
        }
        for body in lines.by_ref() {
            let closes = body.trim_end() == fence;
            if closes || !replaced {
                kept += body;
                kept.push('\n');
            }
            if closes {
                break;
            }
        }
    }
    kept
}

/// What is wrong with one rule's page.
fn faults(rule: &Rule) -> Vec<String> {
    let page = rule.read_page();
    let mut faults = shape(rule, &page);
    let mut outputs = Vec::new();
    for (at, example) in page.examples.iter().enumerate() {
        let output = printed(rule, at, example);
        if example.fails {
            if output.is_empty() {
                faults.push(format!("failing example {at} prints nothing"));
            }
            match &example.expected {
                None => faults.push(format!("failing example {at} has no `text` block")),
                Some(expected) if !bless() && *expected != output => {
                    faults.push(format!("example {at} prints\n{output}and the page says\n{expected}"));
                }
                Some(_) => {}
            }
            outputs.push(output);
        } else if !output.is_empty() {
            faults.push(format!("passing example {at} prints\n{output}"));
        }
    }
    if bless() {
        let path = page_path(rule);
        let old = fs::read_to_string(&path).unwrap();
        let new = blessed(&old, &outputs);
        if new != old {
            fs::write(&path, new).unwrap();
        }
    }
    faults
}

/// Whether the page has what every page has.
fn shape(rule: &Rule, page: &Page) -> Vec<String> {
    let mut faults = Vec::new();
    let mut want = |holds: bool, what: &str| {
        if !holds {
            faults.push(what.to_owned());
        }
    };
    want(page.severity == Some(rule.severity), "the page's severity is not the table's");
    want(page.title.starts_with(&format!("{}: ", rule.id)), "the title does not start with the id");
    want(!page.since.is_empty(), "`since` is missing");
    want(!page.tags.is_empty(), "`tags` are missing");
    want(!page.applies_to.is_empty(), "`applies-to` is missing");
    want(!page.first_paragraph().is_empty(), "the first paragraph is missing");
    if !WITHOUT_EXAMPLES.iter().any(|(id, _)| *id == rule.id) {
        want(page.examples.iter().any(|example| example.fails), "there is no failing example");
        want(page.examples.iter().any(|example| !example.fails), "there is no passing example");
    }
    faults
}

#[test]
fn pages_print_what_they_say() {
    let rules: Vec<&Rule> = all().collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let shares = std::thread::scope(|scope| {
        let share = |rules: Vec<&'static Rule>, worker: usize| {
            std::thread::Builder::new()
                .name(format!("pages.{worker}"))
                .spawn_scoped(scope, move || {
                    let all = rules.iter().flat_map(|rule| {
                        faults(rule)
                            .into_iter()
                            .map(|fault| format!("{}: {fault}", page_path(rule).display()))
                    });
                    all.collect::<Vec<String>>()
                })
                .unwrap()
        };
        let threads: Vec<_> = (0..workers)
            .map(|worker| share(rules.iter().copied().skip(worker).step_by(workers).collect(), worker))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let faults = shares.concat();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn only_what_no_page_can_show_may_lack_examples() {
    for (id, reason) in WITHOUT_EXAMPLES {
        let rule = plimsoll::rules::find(id).unwrap();
        let is_of_call = rule.check.each().all(|check| matches!(check, Check::Settle | Check::Images(_)));
        assert!(is_of_call && !reason.is_empty(), "{id}");
    }
}

#[test]
fn blessing_replaces_what_is_printed_and_nothing_else() {
    let page = "## Plan\n```text\nkept\n```\n## Fails\n```text a.txt\nkept\n```\n````dockerfile\n```text\n````\n\
        ```text\nbless\n```\n## Passes\n```text\nkept\n```\n";
    let expected = page.replace("bless\n", "a\nb\n");
    assert_eq!(blessed(page, &["a\nb\n".to_owned()]), expected);
}
