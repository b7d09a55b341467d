//! A pull request that wants to pass, to break the gate, or to speak through it. Each runs the action's script and the
//! binary with every format, on a base revision with the pull request on top.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::support::action_job::{Job, Step, commands};
use crate::support::{FORMATS, Run, plimsoll, write};

pub(crate) const PLAN: &str = "extends = [\"recommended\"]\n[user]\nuid = 10001\n[rules]\nruntime-user = { severity = \"error\", \
    suppressible = false }\nprivileged = { severity = \"error\", suppressible = false }\nimage-tag = \"warning\"\n";
pub(crate) const GOOD: &str = "FROM debian:12.5\nUSER 10001\nCMD [\"sleep\", \"1\"]\n";
pub(crate) const BAD: &str = "FROM debian:12.5\nUSER 0\nCMD [\"sleep\", \"1\"]\n";

/// What nobody finds in a report: the longest line of /etc/passwd.
fn secret() -> String {
    let text = fs::read_to_string("/etc/passwd").unwrap();
    text.lines().max_by_key(|line| line.len()).unwrap().to_owned()
}

/// A repository whose `main` is good; a branch is checked out.
pub(crate) fn pull_request(name: &str) -> Job {
    let job = Job::new(&format!("pull-request/{name}"));
    write(&job.fleet.join("plimsoll.toml"), PLAN);
    write(&job.fleet.join("web/Dockerfile"), GOOD);
    job.git(&["init", "-q"]);
    job.commit();
    job.git(&["checkout", "-qb", "work"]);
    job
}

/// The action's check of a pull request; whatever is in it, the job is not steered.
pub(crate) fn gate(job: &Job, inputs: &[(&str, &str)]) -> Step {
    let step = job.step("check", &[&[("SINCE", "main")], inputs].concat());
    for command in commands(&step.log) {
        let kinds = ["::error ", "::warning ", "::notice "];
        assert!(kinds.iter().any(|kind| command.starts_with(kind)), "{command}");
    }
    let keys: Vec<&str> = step.outputs.lines().map(|line| line.split_once('=').unwrap().0).collect();
    assert_eq!(keys, ["exit-code", "sarif-file", "errors", "findings"], "{}", step.outputs);
    assert!(step.summary.len() < 1 << 20, "{}", step.summary.len());
    harmless("the summary", &step.summary);
    harmless("the log", &step.log);
    is_markdown(&step.summary);
    if !step.output("sarif-file").is_empty() {
        is_sarif(&fs::read_to_string(step.output("sarif-file")).unwrap());
    }
    step
}

/// A call that writes every format; each is whole, and holds nothing of what it must not.
pub(crate) fn all_formats(job: &Job, more: &[&str]) -> Run {
    let path = |format: &str| job.runner.join(format!("report.{format}"));
    let outputs: Vec<String> =
        FORMATS.iter().map(|it| format!("--output={it}={}", path(it).display())).collect();
    let mut arguments = vec!["check", "."];
    arguments.extend(outputs.iter().map(String::as_str));
    arguments.extend(more);
    let run = plimsoll(&job.fleet, &arguments);
    for text in [&run.stdout, &run.stderr] {
        harmless("the terminal", text);
    }
    for format in FORMATS {
        let Ok(text) = fs::read_to_string(path(format)) else {
            assert_eq!(run.code, Some(2), "{format}: {run:?}");
            continue;
        };
        harmless(format, &text);
        match format {
            "json" | "gitlab" => drop(serde_json::from_str::<Value>(&text).unwrap()),
            "jsonl" => text.lines().for_each(|line| drop(serde_json::from_str::<Value>(line).unwrap())),
            "sarif" => is_sarif(&text),
            "junit" | "checkstyle" => is_xml(&text),
            "markdown" => is_markdown(&text),
            "html" => is_html(&text),
            _ => {}
        }
    }
    run
}

/// Nothing that moves a cursor, turns a line round, or comes from outside of the repository.
fn harmless(what: &str, text: &str) {
    let odd = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(odd), "{what} holds {:?}", text.chars().find(|c| odd(*c)));
    assert!(!text.contains(&secret()), "{what} holds /etc/passwd");
}

fn is_sarif(text: &str) {
    let document: Value = serde_json::from_str(text).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    let artifacts = document["runs"][0]["artifacts"].as_array().into_iter().flatten();
    let of_results =
        results.iter().map(|it| &it["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]);
    for uri in artifacts.map(|it| &it["location"]["uri"]).chain(of_results) {
        let uri = uri.as_str().unwrap();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
        assert!(uri.bytes().all(plain) && !uri.starts_with('/') && !uri.contains(".."), "{uri}");
    }
}

/// No HTML, no image and no link from a source: each stands only where a backslash or code takes its meaning.
fn is_markdown(text: &str) {
    for line in text.lines() {
        let mut outside = String::new();
        for (at, part) in line.split('`').enumerate() {
            if at % 2 == 0 || line.contains("``") {
                outside += part;
            }
        }
        assert!(!outside.contains('<') && !outside.contains("]("), "{line}");
        assert!(!outside.contains("http:") && !outside.contains("https:"), "{line}");
    }
}

fn is_html(text: &str) {
    assert!(!text.contains("<b>evil") && !text.contains("href=\"http://evil"), "markup of a source");
    assert_eq!(text.matches("</html>").count(), 1);
}

/// Well-formed: elements close in order, attributes are quoted, references are XML's own.
fn is_xml(text: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").unwrap();
    while let Some((before, tag)) = rest.split_once('<') {
        is_xml_text(before);
        let (tag, behind) = tag.split_once('>').unwrap();
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (name, attributes) = tag.trim_end_matches('/').split_once(' ').unwrap_or((tag, ""));
        for value in attributes.split('"').skip(1).step_by(2) {
            is_xml_text(value);
        }
        assert!(attributes.matches('"').count().is_multiple_of(2), "{tag}");
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    is_xml_text(rest);
    assert!(open.is_empty(), "{open:?}");
}

fn is_xml_text(text: &str) {
    assert!(!text.contains("]]>") && !text.contains(['\0', '\u{fffe}', '\u{ffff}']), "{text}");
    for reference in text.split('&').skip(1) {
        let name = reference.split(';').next().unwrap();
        assert!(["amp", "lt", "gt", "quot", "apos"].contains(&name), "{reference}");
    }
}

#[test]
fn a_comment_does_not_switch_off_a_protected_rule() {
    let job = pull_request("comment");
    for (comment, is_named) in [
        ("# plimsoll ignore=runtime-user reason=\"we know\"", true),
        ("# plimsoll ignore-file=runtime-user reason=x", true),
        ("# plimsoll: ignore = DL3002 , CKV_DOCKER_8", true),
        ("# hadolint ignore=DL3002", true),
        ("# hadolint global ignore=DL3002", true),
        ("# checkov:skip=CKV_DOCKER_8: no", true),
        ("# tally ignore=all", false),
        ("# tally global ignore=all;reason=x", false),
        ("# check=skip=all", false),
        ("# plimsoll ignore=all reason=x", false),
        ("# plimsoll ignore=* reason=x", false),
    ] {
        let text = BAD.replace("USER", &format!("{comment}\nUSER"));
        for text in [text.clone(), format!("{comment}\n{BAD}")] {
            write(&job.fleet.join("web/Dockerfile"), text);
            job.commit();
            let step = gate(&job, &[]);
            assert_eq!(step.output("exit-code"), "1", "{comment}: {}", step.log);
            assert!(step.log.contains("title=runtime-user::runs as `0"), "{comment}: {}", step.log);
            let is_told = step.log.contains("cannot be ignored here: the plan forbids it");
            assert_eq!(is_told, is_named, "{comment}: {}", step.log);
        }
        let run = all_formats(&job, &["--since", "main"]);
        assert_eq!(run.code, Some(1), "{comment}: {run:?}");
        for format in FORMATS {
            let text = fs::read_to_string(job.runner.join(format!("report.{format}"))).unwrap();
            assert!(
                text.contains("runtime-user") || format == "html" && text.contains("RuntimeUser"),
                "{format}"
            );
        }
    }
}

#[test]
fn neither_does_one_of_a_deployment_file() {
    let job = pull_request("deployment");
    let compose = "services:\n  web:\n    image: debian:12.5\n    # plimsoll ignore=privileged reason=x\n    privileged: true\n";
    write(&job.fleet.join("compose.yaml"), compose);
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    checkov.io/skip1: CKV_K8S_16=we know\n\
               \x20   kube-linter.io/ignore-all: yes\nspec:\n  containers:\n  - name: web\n    image: debian:12.5\n\
               \x20   # plimsoll ignore-file=privileged reason=x\n    securityContext:\n      privileged: true\n";
    write(&job.fleet.join("pod.yaml"), pod);
    job.commit();
    let step = gate(&job, &[]);
    assert_eq!(step.output("exit-code"), "1", "{}", step.log);
    for file in ["compose.yaml", "pod.yaml"] {
        let of = |line: &&str| line.contains(&format!("file={file}"));
        let lines: Vec<&str> = step.log.lines().filter(of).collect();
        assert!(lines.iter().any(|line| line.contains("title=privileged::")), "{file}: {lines:#?}");
        assert!(lines.iter().any(|line| line.contains("cannot be ignored here")), "{file}: {lines:#?}");
    }
    assert_eq!(all_formats(&job, &["--since", "main"]).code, Some(1));
}

#[test]
fn a_plan_that_changes_with_the_fault_does_not_allow_it() {
    let rule = "runtime-user = { severity = \"error\", suppressible = false }";
    let waiver =
        "\n[[waivers]]\nrule = \"runtime-user\"\nowner = \"me\"\nreason = \"x\"\npath = \"web/**\"\n";
    let table = "\n[[overrides]]\npaths = [\"web/**\"]\nrules = { runtime-user = \"off\" }\n";
    let ignored = BAD.replace("USER", "# plimsoll ignore=runtime-user reason=x\nUSER");
    for (name, plan, text, words) in [
        ("off", PLAN.replace(rule, "runtime-user = \"off\""), BAD, "`runtime-user` is off and was error"),
        ("note", PLAN.replace(rule, "runtime-user = \"note\""), BAD, "`runtime-user` is note and was error"),
        ("waiver", format!("{PLAN}{waiver}"), BAD, "`runtime-user` is waived for path `web/**`"),
        ("override", format!("{PLAN}{table}"), BAD, "`runtime-user` is off below `web/**`"),
        ("bare", PLAN.replace(rule, ""), &ignored, "`runtime-user` is no longer protected"),
        ("value", PLAN.replace("10001", "0"), BAD, "the plan itself changed since `main`"),
        ("packs", PLAN.replace("\"recommended\"", ""), BAD, "the plan itself changed since `main`"),
    ] {
        let job = pull_request(&format!("plan-{name}"));
        write(&job.fleet.join("plimsoll.toml"), plan);
        write(&job.fleet.join("web/Dockerfile"), text);
        job.commit();
        let step = gate(&job, &[]);
        assert_eq!(step.output("exit-code"), "1", "{name}: {}", step.log);
        assert!(step.log.contains("::error file=web/Dockerfile"), "{name}: {}", step.log);
        assert!(step.log.contains(words), "{name}: {}", step.log);
        let run = all_formats(&job, &["--since", "main"]);
        assert!(run.code == Some(1) && run.stdout.contains(words), "{name}: {run:?}");
    }
}

#[test]
fn nor_does_one_that_goes_or_comes_nearer() {
    let job = pull_request("plan-gone");
    fs::remove_file(job.fleet.join("plimsoll.toml")).unwrap();
    write(&job.fleet.join("web/Dockerfile"), BAD);
    job.commit();
    let step = gate(&job, &[]);
    assert_eq!(step.output("exit-code"), "1", "{}", step.log);
    assert!(step.log.contains("the plan `plimsoll.toml` of `main` is gone"), "{}", step.log);

    let job = pull_request("plan-nearer");
    write(&job.fleet.join("web/plimsoll.toml"), "extends = []\n[rules]\nruntime-user = \"off\"\n");
    write(&job.fleet.join("web/Dockerfile"), BAD);
    job.commit();
    let step = gate(&job, &[]);
    assert_eq!(step.output("exit-code"), "1", "the plan above counts: {}", step.log);
    let step = gate(&job, &[("PATHS", "web")]);
    assert_eq!(step.output("exit-code"), "1", "{}", step.log);
    assert!(step.log.contains("the plan is `web/plimsoll.toml`, and was `plimsoll.toml`"), "{}", step.log);
    for plan in ["plimsoll.toml", job.fleet.join("plimsoll.toml").to_str().unwrap()] {
        assert_eq!(gate(&job, &[("PATHS", "web"), ("PLAN", plan)]).output("exit-code"), "1", "{plan}");
    }
}

#[test]
fn a_plan_may_become_weaker_where_nothing_is_protected_and_that_is_said() {
    let job = pull_request("plan-open");
    write(&job.fleet.join("plimsoll.toml"), PLAN.replace("image-tag = \"warning\"", "image-tag = \"off\""));
    job.commit();
    let step = gate(&job, &[]);
    assert_eq!((step.output("exit-code"), step.output("findings")), ("0", "0"), "{}", step.log);
    let words = "the plan itself changed since `main`: `image-tag` is off and was warning";
    assert!(step.log.contains(&format!("::warning title=plimsoll::{words}")), "{}", step.log);
    assert!(step.summary.contains("`image-tag` is off"), "{}", step.summary);
    // A protected rule may become weaker by itself; what breaks it has to wait for the next pull request.
    write(
        &job.fleet.join("plimsoll.toml"),
        PLAN.replace("runtime-user = {", "init-process = \"note\"\nruntime-user = {"),
    );
    job.commit();
    assert_eq!(gate(&job, &[]).output("exit-code"), "0");
}

#[test]
fn a_baseline_of_the_pull_request_hides_nothing() {
    let job = pull_request("baseline");
    let select = ["--select", "image-tag", "--fail-on", "warning"];
    let make = |job: &Job| {
        let write = [&["check", ".", "--baseline", "known.json", "--write-baseline"][..], &select].concat();
        plimsoll(&job.fleet, &write)
    };
    write(&job.fleet.join("web/Dockerfile"), GOOD.replace("12.5", "latest"));
    assert_eq!(make(&job).code, Some(0));
    assert!(fs::read_to_string(job.fleet.join("known.json")).unwrap().contains("image-tag"));
    job.commit();
    let inputs = [("BASELINE", "known.json"), ("ARGS", "--select\nimage-tag"), ("FAIL_ON", "warning")];
    let step = gate(&job, &inputs);
    assert_eq!(step.output("exit-code"), "1", "a baseline that the pull request brings: {}", step.log);
    let run = all_formats(&job, &[&["--since", "main", "--baseline", "known.json"][..], &select].concat());
    assert_eq!(run.code, Some(1), "{run:?}");
    // One that is not in the repository is the workflow's own.
    fs::rename(job.fleet.join("known.json"), job.runner.join("known.json")).unwrap();
    let own = job.runner.join("known.json");
    let step = gate(&job, &[("BASELINE", own.to_str().unwrap()), inputs[1], inputs[2]]);
    assert_eq!(step.output("exit-code"), "0", "{}", step.log);
}

#[test]
fn a_baseline_hides_and_keeps_nothing_of_a_protected_rule() {
    let job = pull_request("firm");
    write(&job.fleet.join("web/Dockerfile"), BAD.replace("12.5", "latest"));
    let check = ["check", ".", "--select", "runtime-user,image-tag", "--baseline", "known.json"];
    let run = plimsoll(&job.fleet, &[&check[..], &["--write-baseline"]].concat());
    let text = fs::read_to_string(job.fleet.join("known.json")).unwrap();
    assert!(run.code == Some(1) && !text.contains("runtime-user") && text.contains("image-tag"), "{run:?}");
    assert!(
        run.stdout.contains("1 in the baseline, which cannot hold 1 finding of rules that the plan protects"),
        "{run:?}"
    );
    // Written when the rule was not protected.
    write(&job.fleet.join("plimsoll.toml"), PLAN.replace(", suppressible = false", ""));
    fs::remove_file(job.fleet.join("known.json")).unwrap();
    assert_eq!(plimsoll(&job.fleet, &[&check[..], &["--write-baseline"]].concat()).code, Some(0));
    write(&job.fleet.join("plimsoll.toml"), PLAN);
    let run = plimsoll(&job.fleet, &[&check[..], &["--format", "json"]].concat());
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.json()["summary"]["baseline"], serde_json::json!({"known": 1, "gone": 0, "protected": 1}));
}

#[test]
fn an_ignore_file_does_not_hide_what_git_tracks() {
    for (name, file, text) in [
        ("all", ".gitignore", "*\n"),
        ("one", ".gitignore", "/web/\n"),
        ("near", "web/.gitignore", "Dockerfile\n"),
        ("ripgrep", ".ignore", "*\n"),
        ("context", ".dockerignore", "*\n"),
        ("own", "web/Dockerfile.dockerignore", "*\n"),
    ] {
        let job = pull_request(&format!("ignore-{name}"));
        write(&job.fleet.join(file), text);
        write(&job.fleet.join("web/Dockerfile"), BAD);
        write(&job.fleet.join("web/compose.yaml"), "services:\n  web:\n    image: x\n    privileged: true\n");
        job.commit();
        let step = gate(&job, &[]);
        assert_eq!(step.output("exit-code"), "1", "{name}: {}", step.log);
        for rule in ["runtime-user", "privileged"] {
            assert!(step.log.contains(&format!("title={rule}::")), "{name}: {}", step.log);
        }
        assert_eq!(all_formats(&job, &[]).code, Some(1), "{name}");
        assert_eq!(plimsoll(&job.fleet.join("web"), &["check"]).code, Some(1), "{name}, from below");
    }
}

#[test]
fn what_git_does_not_track_stays_ignored() {
    let job = pull_request("untracked");
    write(&job.fleet.join(".gitignore"), "/out/\n");
    job.commit();
    write(&job.fleet.join("out/Dockerfile"), BAD);
    assert_eq!(all_formats(&job, &[]).code, Some(0));
}

#[test]
fn a_dockerfile_that_is_not_one_by_name_any_more_is_told() {
    for name in ["web/Dockerfile.md", "web/build.txt", "web/target/build", "web/.Dockerfile"] {
        let job = pull_request(&format!("renamed-{}", name.replace('/', "-")));
        write(
            &job.fleet.join("api/Dockerfile"),
            "FROM alpine:3.20\nENTRYPOINT [\"/bin/true\"]\nUSER 10001\n",
        );
        fs::create_dir_all(job.fleet.join(name).parent().unwrap()).unwrap();
        fs::rename(job.fleet.join("web/Dockerfile"), job.fleet.join(name)).unwrap();
        write(&job.fleet.join(name), BAD);
        job.commit();
        let step = gate(&job, &[]);
        let words = format!("`web/Dockerfile` is `{name}` now, which is not checked");
        assert!(step.log.contains(&words), "{name}: {}", step.log);
        assert!(step.summary.contains("which is not checked"), "{name}: {}", step.summary);
    }
    let job = pull_request("renamed-well");
    fs::rename(job.fleet.join("web/Dockerfile"), job.fleet.join("web/app.Dockerfile")).unwrap();
    job.commit();
    let step = gate(&job, &[]);
    assert!(step.output("exit-code") == "0" && !step.log.contains("not checked"), "{}", step.log);
}

#[test]
fn three_megabytes_are_judged_in_time_and_memory() {
    for (name, text) in [
        ("comments", format!("{}{BAD}", "# nothing to see here\n".repeat(140_000))),
        ("line", format!("FROM debian:12.5\nRUN echo {}\nUSER 0\n", "x".repeat(3 << 20))),
        ("instructions", format!("FROM debian:12.5\n{}USER 0\n", "ENV a=b\n".repeat(300_000))),
    ] {
        assert!(text.len() > 2 << 20 && text.len() < 4 << 20, "{name}: {}", text.len());
        let job = pull_request(&format!("large-{name}"));
        write(&job.fleet.join("web/Dockerfile"), &text[..]);
        job.commit();
        let run = all_formats(&job, &["--select", "runtime-user"]);
        assert!(run.code == Some(1) && run.stdout.contains("runtime-user"), "{name}: {}", run.stderr);
        println!("{name}: {:?}, {} MB", run.cpu, run.peak_kb >> 10);
        assert!(
            run.cpu < Duration::from_secs(20) && run.peak_kb < 1 << 20,
            "{name}: {:?} {} kB",
            run.cpu,
            run.peak_kb
        );
    }
    let job = pull_request("large-action");
    write(&job.fleet.join("web/Dockerfile"), format!("{}{BAD}", "# nothing\n".repeat(300_000)));
    job.commit();
    let step = gate(&job, &[]);
    assert_eq!(step.output("exit-code"), "1", "{}", step.log);
    // What is too large is not passed over.
    write(&job.fleet.join("web/Dockerfile"), format!("{}{BAD}", "# nothing\n".repeat(500_000)));
    job.commit();
    let step = gate(&job, &[]);
    assert!(step.output("exit-code") == "2" && step.log.contains("larger than 4 MiB"), "{}", step.log);
}

/// Text that each reader of a report might take for its own.
const WORDS: [&str; 12] = [
    "::set-output name=exit-code::0",
    "::error::x",
    "%0A::error::x",
    "\u{1b}[31m\u{1b}]0;x\u{7}",
    "\u{202e}\u{2066}txt.exe",
    "]]><failure/><![CDATA[",
    "</script><b>evil</b><img src=x>",
    "`` | [x](http://evil.example) `",
    "``` [x](http://evil.example) @team",
    "&lt;&#0;&bogus;",
    "\\n\\\"'$(id)",
    "</testcase></testsuite>",
];

#[test]
fn text_in_a_dockerfile_is_text_in_every_report() {
    let job = pull_request("text");
    for (at, word) in WORDS.iter().enumerate() {
        let quoted = word.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
        let text = format!(
            "# {word}\nFROM debian:latest AS {word}\nLABEL \"{quoted}\"=\"{quoted}\" {word}\nENV API_PASSWORD=\"{quoted}hunter2\"\n\
             EXPOSE {word}\nRUN apt-get install {word}\nWORKDIR {word}\nCOPY --from={word} a b\nUSER {word}\n"
        );
        let mut bytes = text.into_bytes();
        bytes.extend(b"LABEL x=\"\xff\xfe\x00\"\nUSER \"\xff\x00\"\n");
        write(&job.fleet.join(format!("s{at}/Dockerfile")), bytes);
        let compose = format!(
            "services:\n  web:\n    image: {0}\n    privileged: true\n    user: {0}\n",
            serde_json::to_string(word).unwrap()
        );
        write(&job.fleet.join(format!("s{at}/compose.yaml")), compose);
    }
    job.commit();
    for annotations in ["true", "false"] {
        let step = gate(&job, &[("ANNOTATIONS", annotations), ("ARGS", "-v")]);
        assert_eq!(step.output("exit-code"), "1", "{}", step.log);
        assert!(annotations == "true" || commands(&step.log).is_empty());
    }
    let run = all_formats(&job, &["--since", "main", "-v", "--strict"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
}

#[test]
fn names_of_files_are_names_in_every_report() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let job = pull_request("names");
    let names = [
        "a\nb",
        "-rf",
        "--plan=x",
        "::error::x",
        " blank ",
        "100%",
        "%0A",
        "a,b:c",
        "\u{202e}x",
        "\u{1b}[2J",
        "a\\b",
        "'\"`|",
        "<b>evil",
    ];
    for name in names {
        write(&job.fleet.join(name).join("Dockerfile"), BAD);
        write(&job.fleet.join(format!("{name}.Dockerfile")), BAD);
    }
    for bytes in [&b"\xff\xfe"[..], b"x\xc3"] {
        write(&job.fleet.join(OsStr::from_bytes(bytes)).join("Dockerfile"), BAD);
    }
    job.commit();
    let step = gate(&job, &[]);
    assert_eq!(step.output("exit-code"), "1", "{}", step.log);
    let expected = (2 * names.len() + 2).to_string();
    assert_eq!(gate(&job, &[("ARGS", "--select\nruntime-user")]).output("errors"), expected);
    let run = all_formats(&job, &["--since", "main", "--select", "runtime-user"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let annotations = commands(&step.log);
    assert!(annotations.iter().all(|line| line.contains("title=")), "{annotations:?}");
}

/// A file that leads to /etc/passwd, in the place of each kind of input.
#[test]
fn links_out_of_the_tree_are_not_followed() {
    for (name, link, target, code) in [
        ("dockerfile", "api/Dockerfile", "/etc/passwd", "2"),
        ("relative", "api/Dockerfile", "../../../../../../../../../../../../../../etc/passwd", "2"),
        ("folder", "api", "/etc", "0"),
        ("dangling", "api/Dockerfile", "nowhere", "2"),
        ("loop", "api/Dockerfile", "Dockerfile", "2"),
        ("device", "api/Dockerfile", "/dev/zero", "2"),
        ("compose", "compose.yaml", "/etc/passwd", "2"),
        ("manifest", "pod.yaml", "/etc/passwd", "0"),
        ("ignore", "web/.dockerignore", "/etc/passwd", "0"),
        ("git", ".gitignore", "/etc/passwd", "0"),
        ("plan", "plimsoll.toml", "/etc/passwd", "2"),
    ] {
        let job = pull_request(&format!("link-{name}"));
        let link = job.fleet.join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&link);
        symlink(target, &link).unwrap();
        job.commit();
        let step = gate(&job, &[]);
        assert_eq!(step.output("exit-code"), code, "{name}: {}", step.log);
        assert_eq!(
            all_formats(&job, &["-v"]).code.map(|code| code.to_string()).as_deref(),
            Some(code),
            "{name}"
        );
    }
}

#[test]
fn what_a_plan_or_a_compose_file_names_is_not_read_through_a_link() {
    let job = pull_request("named");
    for link in ["table.md", "web/secret.env", "web/base.yaml"] {
        symlink("/etc/passwd", job.fleet.join(link)).unwrap();
    }
    let compose = "services:\n  web:\n    image: debian:12.5\n    env_file: secret.env\n    privileged: true\n  api:\n\
                   \x20   extends: { file: base.yaml, service: x }\n  own:\n    image: x\n    env_file: /etc/passwd\n";
    write(&job.fleet.join("web/compose.yaml"), compose);
    job.commit();
    let step = gate(&job, &[("ARGS", "-v")]);
    assert_eq!(step.output("exit-code"), "1", "{}", step.log);
    assert_eq!(all_formats(&job, &["-v"]).code, Some(1));
    write(
        &job.fleet.join("plimsoll.toml"),
        format!("{PLAN}[services]\ntable = {{ file = \"table.md\", heading = \"x\" }}\n"),
    );
    job.commit();
    let step = gate(&job, &[]);
    assert_eq!(step.output("exit-code"), "2", "{}", step.log);
    assert_eq!(all_formats(&job, &[]).code, Some(2));
}

#[test]
fn what_is_no_file_does_not_hang_the_gate() {
    let job = pull_request("pipes");
    fs::create_dir_all(job.fleet.join("dir/Dockerfile")).unwrap();
    write(&job.fleet.join("dir/Dockerfile/x"), "");
    for pipe in ["a/Dockerfile", "b/compose.yaml", "c/pod.yaml", "web/.dockerignore"] {
        fs::create_dir_all(job.fleet.join(pipe).parent().unwrap()).unwrap();
        assert!(Command::new("mkfifo").arg(job.fleet.join(pipe)).status().unwrap().success());
    }
    let step = gate(&job, &[]);
    assert_eq!(step.output("exit-code"), "2", "{}", step.log);
    for words in
        ["a/Dockerfile is no regular file", "b/compose.yaml is no regular file", "dir/Dockerfile is a folder"]
    {
        assert!(step.log.contains(words), "{words}: {}", step.log);
    }
    assert_eq!(all_formats(&job, &["--since", "main"]).code, Some(2));
}

#[test]
fn a_submodule_is_judged_like_a_folder() {
    let job = pull_request("submodule");
    let inner = job.fleet.join("vendor/lib");
    write(&inner.join("Dockerfile"), BAD);
    let git = |arguments: &[&str]| {
        let user = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        assert!(
            Command::new("git").args(user).args(arguments).current_dir(&inner).status().unwrap().success()
        );
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "x"]);
    job.commit();
    let step = gate(&job, &[]);
    assert_eq!(step.output("exit-code"), "1", "{}", step.log);
    assert!(step.log.contains("file=vendor/lib/Dockerfile"), "{}", step.log);
    assert_eq!(all_formats(&job, &["--since", "main"]).code, Some(1));
}
