//! Wrong answers that users of other linters reported, each in its smallest form, and the right ones.
//!
//! `testdata/fp/expected.md` says why.

use plimsoll::rules::find;

use crate::support::{Run, folder, plimsoll, repository, write};

/// One verdict: the file without its ending, the plan, rules that must be silent, findings (rule and line) that must be.
struct Verdict {
    file: &'static str,
    plan: &'static str,
    silent: &'static [&'static str],
    found: &'static [(&'static str, u64)],
}

const fn silent(file: &'static str, silent: &'static [&'static str]) -> Verdict {
    Verdict { file, plan: "", silent, found: &[] }
}

const NON_ROOT: &str = "[user]\nnon-root = true\n";

const VERDICTS: [Verdict; 27] = [
    silent("1040-from-expr", &["image-tag", "syntax"]),
    silent("1062-env-esc", &["env-self-reference", "variable-undefined", "syntax"]),
    Verdict { plan: "[build]\npip-hashes = true\n", ..silent("1067-pipx", &["pip-pinned", "pip-hashes"]) },
    Verdict { plan: NON_ROOT, ..silent("1068-stage-root", &["runtime-user"]) },
    Verdict {
        file: "1068-stage-root",
        plan: "[user]\nuid = 10001\n",
        silent: &[],
        found: &[("runtime-user", 6)],
    },
    silent("1078-arg-from", &["image-tag"]),
    silent("1084-alpine-pipefail", &["masked-failure"]),
    silent("1137-heredoc-bash", &["masked-failure", "syntax"]),
    silent("1145-add-unpack", &["syntax", "unknown-instruction"]),
    Verdict { plan: NON_ROOT, ..silent("1234-user-arg", &["runtime-user", "user-exists"]) },
    Verdict {
        plan: "[user]\nuid = 1000\ngid = 1000\n",
        ..silent("1234-user-arg", &["runtime-user", "user-exists"])
    },
    silent("215x-shell-arg", &["syntax", "masked-failure"]),
    silent("339-from-default", &["image-tag", "syntax", "variable-undefined"]),
    silent("406-shell-inherit", &["masked-failure"]),
    Verdict {
        plan: "[build]\npip-cache-mount = true\npip-hashes = true\n",
        ..silent("497-pip-cache-mount", &["pip-cache-mount"])
    },
    Verdict { file: "648-root-inherit", plan: NON_ROOT, silent: &[], found: &[("runtime-user", 1)] },
    Verdict {
        file: "648-root-inherit",
        plan: "[user]\nuid = 10001\n",
        silent: &[],
        found: &[("runtime-user", 1)],
    },
    silent("712-run-comment", &["syntax", "masked-failure"]),
    silent("806-heredoc-shebang", &["masked-failure", "syntax"]),
    silent("859-copy-from-image", &["copy-from-builder"]),
    silent("885-arg-multi", &["variable-undefined", "syntax"]),
    silent("928-apt-var", &["apt-pinned"]),
    silent("960-after-heredoc", &["syntax", "unknown-instruction", "lost-continuation"]),
    silent("979-arg-stage", &["image-tag", "copy-from-builder"]),
    silent("bk-secret-name", &["secret-literal", "secret-default"]),
    Verdict {
        file: "lost-continuation",
        plan: "",
        silent: &["unknown-instruction", "syntax"],
        found: &[("lost-continuation", 2)],
    },
    Verdict { file: "lost-continuation", plan: NON_ROOT, silent: &[], found: &[("lost-continuation", 2)] },
];

fn check(at: usize, verdict: &Verdict, rules: &[&str]) -> Run {
    let folder = folder(&format!("fp/{at}"));
    let text = std::fs::read(repository("testdata/fp").join(format!("{}.Dockerfile", verdict.file))).unwrap();
    write(&folder.join("Dockerfile"), text);
    write(&folder.join("plimsoll.toml"), format!("extends = [\"recommended\"]\n{}", verdict.plan));
    plimsoll(&folder, &["check", ".", "--format", "json", "--select", &rules.join(",")])
}

#[test]
fn known_wrong_answers_are_not_given() {
    let mut wrong = Vec::new();
    for (at, verdict) in VERDICTS.iter().enumerate() {
        // What is not a rule here cannot be wrong; one at least is.
        let silent = verdict.silent.iter().copied().filter(|id| find(id).is_some());
        let rules: Vec<&str> = silent.chain(verdict.found.iter().map(|(id, _)| *id)).collect();
        assert!(!rules.is_empty(), "{}", verdict.file);
        let run = check(at, verdict, &rules);
        let mut findings: Vec<(String, u64)> = run
            .findings()
            .iter()
            .map(|finding| (finding["rule"].as_str().unwrap().to_owned(), finding["line"].as_u64().unwrap()))
            .collect();
        findings.sort();
        let wanted: Vec<(String, u64)> =
            verdict.found.iter().map(|(rule, line)| ((*rule).to_owned(), *line)).collect();
        if findings != wanted {
            wrong.push(format!("{} with {:?}: {findings:?} and not {wanted:?}", verdict.file, verdict.plan));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_snippet_has_a_verdict() {
    let folder = std::fs::read_dir(repository("testdata/fp")).unwrap();
    let files =
        folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().unwrap() == "Dockerfile");
    let mut count = 0;
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(VERDICTS.iter().any(|verdict| verdict.file == name), "{name}");
        count += 1;
    }
    assert_eq!(count, 23);
}

/// The effective config of a snippet.
fn config(file: &str) -> serde_json::Value {
    let path = format!("testdata/fp/{file}.Dockerfile");
    let run = plimsoll(&repository("."), &["dump", &path, "--pack", "recommended"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.json()["config"].clone()
}

#[test]
fn instructions_below_are_read() {
    for file in ["lost-continuation", "960-after-heredoc"] {
        assert_eq!(config(file)["cmd"]["origin"][0]["line"], 6, "{file}");
    }
}

#[test]
fn values_are_what_the_build_makes_of_them() {
    assert_eq!(config("1062-env-esc")["env"]["B"]["value"], "${A}_x");
    let user = &config("1234-user-arg")["user"]["value"];
    assert_eq!((user["uid"].as_u64(), user["gid"].as_u64()), (Some(1000), Some(1000)));
}
