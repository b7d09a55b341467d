//! What is linked to what, and why.

mod evidence;

use std::time::{Duration, Instant};

use super::testing::{Made, image};
use super::{chain, link_images};
use crate::model::{BaseProof, BaseVerdict, BuiltImage, ImageForm, ImageSet};
use crate::plan::Plan;

const EMPTY: &str = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

const PLAN: &str = "[images.hierarchy]\nbase-python = { from = \"python:3.11-slim\" }\nbase-utils = { from = \"base-python\" }\n\
    base-cpu-pydeps = { from = \"base-utils\" }\nfamily-web = { from = \"base-cpu-pydeps\" }\n\
    [services.rows]\nweb = { base = \"family-web\" }\n";

fn linked(images: Vec<Made>, plan: &str) -> ImageSet {
    let plan = match plan {
        "" => Plan::default(),
        text => crate::plan::testing::load_text(text).expect("a plan"),
    };
    super::testing::linked(images, &plan)
}

/// A verdict in words.
fn words(verdict: &BaseVerdict) -> String {
    match verdict {
        BaseVerdict::Built { on, proof, contradicts } => {
            let proof = if *proof == BaseProof::History { " by history" } else { "" };
            let not = contradicts.as_ref().map_or(String::new(), |claim| format!(", not {}", claim.name));
            format!("on {on}{proof}{not}")
        }
        BaseVerdict::Outdated { on, evidence, .. } => format!("older {on}: {evidence}"),
        BaseVerdict::Claimed { claim, on } => {
            let on = on.map_or(String::new(), |on| format!(" = {on}"));
            format!("claims {}{on} by {}", claim.name, claim.by)
        }
        BaseVerdict::Unknown(why) => why.to_string(),
    }
}

/// Each case: its name, its plan, its images, and what the last image is built on.
fn hold(cases: Vec<(&str, &str, Vec<Made>, &str)>) {
    let mut wrong = Vec::new();
    for (name, plan, images, want) in cases {
        let set = linked(images, plan);
        let got = words(set.bases.last().expect("an image"));
        if got != want {
            wrong.push(format!("{name}: {got:?}, not {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const NO_BASE: &str = BaseVerdict::NO_BASE;

#[test]
fn a_base_is_the_longest_image_that_the_layers_begin_with() {
    let trivial = || format!("{EMPTY} a");
    hold(vec![
        ("alone", "", vec![image("web", "a b")], NO_BASE),
        ("one", "", vec![image("base", "a"), image("web", "a b")], "on 0"),
        ("longest", "", vec![image("x", "a"), image("y", "a b"), image("web", "a b c")], "on 1"),
        ("no prefix", "", vec![image("x", "b"), image("web", "a b")], NO_BASE),
        ("a part in common", "", vec![image("x", "a c"), image("web", "a b")], NO_BASE),
        ("longer than it", "", vec![image("x", "a b c"), image("web", "a b")], NO_BASE),
        ("no layers at all", "", vec![image("x", ""), image("web", "a b")], NO_BASE),
        ("it has none", "", vec![image("x", "a"), image("web", "")], "its config lists no layers"),
        ("an empty layer", "", vec![image("x", EMPTY), image("web", &trivial())], NO_BASE),
        (
            "an empty layer and more",
            "",
            vec![image("x", &trivial()), image("web", &format!("{EMPTY} a b"))],
            "on 0",
        ),
        (
            "another processor",
            "",
            vec![image("x", "a").platform("linux/arm64"), image("web", "a b")],
            NO_BASE,
        ),
        (
            "an arm64 is a v8",
            "",
            vec![image("x", "a").platform("linux/arm64/v8"), image("web", "a b").platform("linux/arm64")],
            "on 0",
        ),
    ]);
}

#[test]
fn an_image_that_only_changes_the_config_has_a_base_as_well() {
    hold(vec![
        (
            "a label more",
            "",
            vec![image("x", "a").history("A"), image("web", "a").history("A -l")],
            "on 0 by history",
        ),
        ("the same", "", vec![image("x", "a").history("A -l"), image("web", "a").history("A -l")], NO_BASE),
        (
            "the base itself",
            "",
            vec![image("x", "a").history("A -l"), image("web", "a").history("A")],
            NO_BASE,
        ),
        ("no history", "", vec![image("x", "a"), image("web", "a").history("A -l")], NO_BASE),
        (
            "other moments",
            "",
            vec![image("x", "a").history("A@2"), image("web", "a").history("A@1 -l")],
            NO_BASE,
        ),
        (
            "two with one set of layers",
            "",
            vec![
                image("labelled", "a").history("A -l"),
                image("plain", "a").history("A"),
                image("web", "a b").history("A -l B"),
            ],
            "on 0",
        ),
        (
            "the plain one of two",
            "",
            vec![
                image("labelled", "a").history("A -l"),
                image("plain", "a").history("A"),
                image("web", "a b").history("A B"),
            ],
            "on 1",
        ),
        (
            "the planned one where no history tells",
            PLAN,
            vec![image("base-cpu-pydeps", "a"), image("family-web", "a"), image("web", "a b")],
            "on 1",
        ),
    ]);
}

#[test]
fn copies_of_an_image_are_not_each_others_base() {
    let base = |form| image("base", "a").history("A").form(form);
    hold(vec![
        ("two forms", "", vec![base(ImageForm::OciLayout), base(ImageForm::DockerArchive)], NO_BASE),
        (
            "the base of its own form",
            "",
            vec![
                base(ImageForm::OciLayout),
                base(ImageForm::DockerArchive),
                image("web", "a b").form(ImageForm::DockerArchive),
            ],
            "on 1",
        ),
        (
            "else the first",
            "",
            vec![
                base(ImageForm::OciLayout),
                base(ImageForm::Dir),
                image("web", "a b").form(ImageForm::DockerArchive),
            ],
            "on 0",
        ),
        (
            "a child of one layer set",
            "",
            vec![
                base(ImageForm::OciLayout),
                base(ImageForm::DockerArchive),
                image("child", "a").history("A -l"),
                image("child", "a").history("A -l").form(ImageForm::DockerArchive),
            ],
            "on 1 by history",
        ),
    ]);
}

/// The hierarchy of [`PLAN`] with its service, as a builder without squashing makes it.
fn five() -> Vec<Made> {
    [
        ("base-python", "p", "P -e"),
        ("base-utils", "p u", "P -e U"),
        ("base-cpu-pydeps", "p u c", "P -e U C"),
        ("family-web", "p u c f", "P -e U C F"),
        ("web", "p u c f w", "P -e U C F W -x"),
    ]
    .into_iter()
    .map(|(name, layers, history)| image(&format!("ghcr.io/example/{name}:2"), layers).history(history))
    .collect()
}

#[test]
fn five_images_in_any_order_are_one_chain() {
    let set = linked(five(), PLAN);
    assert_eq!(chain(&set, 4), [4, 3, 2, 1, 0]);
    assert_eq!(words(&set.bases[0]), NO_BASE);
    let set = linked(five().into_iter().rev().collect(), "");
    assert_eq!(chain(&set, 0), [0, 1, 2, 3, 4]);
}

#[test]
fn a_chain_ends_whatever_the_verdicts_say() {
    let mut set = linked(five(), "");
    let back = BaseVerdict::Built { on: 4, proof: BaseProof::Layers, contradicts: None };
    set.bases[0] = back.clone();
    assert!(chain(&set, 4).len() <= 6);
    set.bases[4] = BaseVerdict::Built { on: 99, proof: BaseProof::Layers, contradicts: None };
    assert_eq!(chain(&set, 4), [4]);
    assert_eq!(chain(&set, 99), [99]);
}

#[test]
fn a_thousand_images_of_a_hundred_layers_are_linked_at_once() {
    let layers = |family: usize, own: usize, count: usize| {
        let shared = (0..count - 1).map(|at| format!("{family}-{at}"));
        shared.chain([format!("own-{own}")]).collect::<Vec<_>>().join(" ")
    };
    let steps = |count: usize| (0..count).map(|at| format!("S{at}")).collect::<Vec<_>>().join(" ");
    let distinct =
        (0..1000).map(|at| image(&format!("web{at}:1"), &layers(at % 10, at, 100)).history(&steps(100)));
    let chained = (0..1000).map(|at| {
        let layers: Vec<String> = (0..=at / 10).map(|at| format!("l{at}")).collect();
        image(&format!("web{at}:1"), &layers.join(" "))
            .history(&steps(at % 10 + 100))
            .annotation("name", "web5:7")
    });
    for images in [distinct.collect::<Vec<_>>(), chained.collect()] {
        let images: Vec<BuiltImage> = images.into_iter().map(|made| made.0).collect();
        let start = Instant::now();
        assert_eq!(link_images(&images, &Plan::default()).len(), 1000);
        let spent = start.elapsed();
        assert!(spent < Duration::from_secs(5), "{spent:?}");
    }
}
