//! Which of the rules about bases speaks: one cause, one finding.

use crate::finding::{Findings, Kind};
use crate::fleet::testing::{Made, image, linked};
use crate::rules::{Check, find};

const PLAN: &str = "[images.hierarchy]\nbase-python = { from = \"python:3.11-slim\" }\nbase-utils = { from = \"base-python\" }\n\
    family-web = { from = \"base-utils\" }\nfamily-llm = { from = \"base-utils\" }\n\
    [services.rows]\nweb = { base = \"family-web\" }\nworker = {}\n";

fn family() -> Vec<Made> {
    vec![
        image("base-python:2", "p").history("P"),
        image("base-utils:2", "p u").history("P U"),
        image("family-web:2", "p u w").history("P U W"),
    ]
}

/// What all of the rules say of a set, one line each: `?` when it is open.
fn said(images: Vec<Made>) -> Vec<String> {
    let plan = crate::plan::testing::load_text(PLAN).expect("a plan");
    let set = linked(images, &plan);
    let mut out = Findings::new();
    for id in ["base-family", "base-proof", "base-outdated"] {
        let rule = find(id).expect("a rule");
        out.speak_for(rule.id, rule.severity);
        for check in rule.check.each() {
            if let Check::Images(check) = check {
                check(&set, &plan, &mut out);
            }
        }
    }
    let line = |one: crate::finding::Finding| {
        let open = if one.kind == Kind::Open { "?" } else { "" };
        format!("{}{open} {}: {}", one.rule, one.subject.unwrap_or_default(), one.message)
    };
    out.into_vec().into_iter().map(line).collect()
}

#[test]
fn one_cause_is_one_finding() {
    let on = |last: Vec<Made>| family().into_iter().chain(last).collect::<Vec<_>>();
    let web = |layers: &str| image("web:1", layers);
    let name = "ghcr.io/example/family-web:1";
    let cases: Vec<(&str, Vec<Made>, &[&str])> = vec![
        ("as planned", on(vec![web("p u w x")]), &[]),
        ("through an image that nobody plans", on(vec![image("other:1", "p u w o"), web("p u w o x")]), &[]),
        ("an image without a planned base", on(vec![image("worker:1", "q")]), &[]),
        (
            "another family",
            on(vec![image("family-llm:1", "p u l"), web("p u l x").annotation("name", name)]),
            &["base-family web:1: stands on the family `family-llm` by its layers, planned `family-web`"],
        ),
        (
            "another family through an image that nobody plans",
            on(vec![image("other:1", "p u o"), web("p u o x")]),
            &["base-family web:1: stands on the family `base-utils` (through `other`) by its layers, planned `family-web`"],
        ),
        (
            "a family of the hierarchy on another one",
            vec![image("base-python:1", "p"), image("base-utils:1", "p u"), image("family-web:1", "p x")],
            &["base-family family-web:1: stands on the family `base-python` by its layers, planned `base-utils`"],
        ),
        (
            "no family at all",
            on(vec![image("nginx:1", "n").candidate(), web("n x")]),
            &["base-family web:1: stands on `nginx` by its layers, which is no planned family; planned `family-web`"],
        ),
        (
            "an older build",
            on(vec![web("p u old x").history("P U W/FROM-family-web:1 X")]),
            &["base-outdated web:1: is built on an older `family-web` than `family-web:2`: its history names the tag `1`, not `2`"],
        ),
        (
            "on an image that is on an older build",
            on(vec![
                image("other:1", "p u old o").history("P U W/FROM-family-web:1 O"),
                web("p u old o x").history("P U W/FROM-family-web:1 O X"),
            ]),
            &["base-outdated other:1: is built on an older `family-web` than `family-web:2`: its history names the tag `1`, not `2`"],
        ),
        (
            "squashed",
            on(vec![web("s").history("S -x")]),
            &["base-proof? web:1: cannot prove that it is built on `family-web`: its layers are squashed into one"],
        ),
        (
            "alone",
            vec![web("p u w x")],
            &["base-proof? web:1: cannot prove that it is built on `family-web`: no image of the call is `family-web`"],
        ),
        (
            "only its grandparent is there",
            vec![image("base-utils:1", "p u").candidate(), web("p u w x")],
            &["base-proof? web:1: cannot prove that it is built on `family-web`: no image of the call is `family-web`"],
        ),
        (
            "only a claim",
            vec![web("p u w x").annotation("name", name)],
            &["base-proof? web:1: cannot prove that it is built on `family-web`: annotation \
              `org.opencontainers.image.base.name` names `ghcr.io/example/family-web:1`, which is no image of the call"],
        ),
        (
            "a wrong claim",
            on(vec![web("p u w x").annotation("name", "family-llm:1")]),
            &["base-proof web:1: annotation `org.opencontainers.image.base.name` names `family-llm:1`, but its layers are \
              those of `family-web`"],
        ),
        ("candidates are not judged", on(vec![image("web:1", "s").candidate()]), &[]),
        (
            "another processor",
            on(vec![web("p u w x").platform("linux/arm64")]),
            &["base-proof? web:1: cannot prove that it is built on `family-web`: no image of the call is `family-web`"],
        ),
    ];
    let mut wrong = Vec::new();
    for (case, images, want) in cases {
        let got = said(images);
        if got != want {
            wrong.push(format!("{case}: {got:#?}, not {want:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
