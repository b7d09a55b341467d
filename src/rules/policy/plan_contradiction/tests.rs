use super::*;
use crate::finding::Severity;
use crate::plan::{PlanError, load_files, load_text};

/// `line: message; help` of each finding.
fn judge(plan: Result<Plan, Vec<PlanError>>) -> Vec<String> {
    let plan = plan.unwrap_or_else(|errors| panic!("{}", errors[0]));
    let mut out = Findings::new();
    out.speak_for("plan-contradiction", Severity::Error);
    check(&plan, &mut out);
    let print = |finding: crate::finding::Finding| {
        let help = finding.help.map(|help| format!("; {help}")).unwrap_or_default();
        // `load_text` puts one line before the text.
        format!("{}: {}{help}", finding.place.start().line - 1, finding.message)
    };
    out.into_vec().into_iter().map(print).collect()
}

/// Plans with the one thing that is wrong with them.
const WRONG: &[(&str, &str)] = &[
    ("[user]\nuid=0\nnon-root=true", "2: the planned user is root, and `non-root` forbids it"),
    (
        "[machines]\na={}\nb={}\n[services.rows]\nX = {on=\"both\",ports=\"1/2\"}\nY = {on=\"b\",ports=\"3/1\"}",
        "6: `Y` wants port 1 on `b`, the service port of `X`",
    ),
    (
        "[machines]\na={}\nb={}\n[services.rows]\nX = {on=\"b\",ports=\"1/2\"}\nY = {ports=\"1/2\"}",
        "6: `Y` wants ports 1 and 2 on `b`, which `X` has",
    ),
    ("[services.rows]\nX = {on=\"q\",port=1}\nY = {on=\"Q\",health-port=1}", "3: `Y` wants port 1 on `q`, the service port of `X`"),
    ("[services.rows]\nX = {port=1}\nY = {port=1}", "3: `Y` wants port 1, the service port of `X`"),
    ("[services.rows]\nX = {port=1}\nx = {port=1}", "3: `x` has two rows"),
    ("[machines]\na={}\n[services.rows]\nX={on=[\"a\",\"moon\"]}", "4: `X` runs on `moon`, which is no machine of the plan; machines: `a`"),
    ("[machines]\na={alias=\"x\"}\nb={alias=\"X\"}", "3: the name `X` means two machines"),
    (
        "[images.hierarchy]\nbase-web=\"a:1\"\n[services.rows]\nX={base=\"base-wep\"}\nY={base=\"base-wep\"}",
        "4: the base `base-wep` of `X` and one other service is not in the hierarchy; did you mean `base-web`?",
    ),
    (
        "[images]\nregistry=\"r.io/o\"\nhierarchy={b=\"a:1\"}\n[services.rows]\nX={base=\"r.io/o/zzzzzzzz:1\"}",
        "5: the base `r.io/o/zzzzzzzz:1` of `X` is not in the hierarchy",
    ),
    ("[images.hierarchy]\nb = \"debian\"", "2: the parent `debian` of `b` is neither in the hierarchy nor an external image with a tag"),
    ("[images.hierarchy]\nb = \"b\"", "2: the hierarchy comes back to itself: b \u{2192} b"),
    ("[images.hierarchy]\nx=\"a\"\na=\"b\"\nb=\"c\"\nc=\"a\"", "3: the hierarchy comes back to itself: a \u{2192} b \u{2192} c \u{2192} a"),
    ("[images.hierarchy]\nb=\"a:1\"\n[python]\nlegacy={base=\"old\"}", "4: the legacy base `old` is not in the hierarchy"),
    ("[cuda]\narch=[\"89\"]", "2: `89` is no architecture that PyTorch reads; PyTorch wants `8.9`"),
    ("[cuda]\narch=[\"8.9;86\"]", "2: `8.9;86` is more than one architecture; PyTorch wants each by itself: \"8.9\", \"8.6\""),
    ("[cuda]\narch=[\"x\"]", "2: `x` is no architecture that PyTorch reads; PyTorch wants major and minor number: `8.9`"),
    ("[cuda]\narch=[\"8.6\"]\n[machines]\na={cuda-arch=\"8.9\"}", "4: `a` has architecture `8.9`, which `cuda.arch` does not build"),
    ("[cuda]\nversion=\"12.1\"\n[pins]\ntorch=\"2+cu118\"", "4: `torch` is pinned to a build for CUDA 11.8, the plan's CUDA is 12.1"),
    ("[pins]\ntorch=\"2+cu121\"\n[images.hierarchy]\nfamily-torch-cu118=\"a:1\"", "4: `family-torch-cu118` is named for CUDA 11.8, the plan's CUDA is 12.1"),
    ("[cuda]\nversion=\"12.1.1\"\n[images.hierarchy]\ng=\"nvidia/cuda:12.4.1-base\"", "4: `g` comes from an image with CUDA 12.4, the plan's CUDA is 12.1"),
    ("[python]\nversion=\"3.11\"\n[images.hierarchy]\ng=\"python:3.12-slim\"", "4: `g` comes from an image with Python 3.12, the plan's Python is 3.11"),
    (
        "[python]\nlegacy={version=\"3.10\",base=\"old\"}\n[services.rows]\nX={python=\"3.10\",base=\"new\"}",
        "4: `X` runs Python 3.10 on `new`, but only `old` may have it",
    ),
    (
        "[health]\nlabel=\"hp\"\n[labels]\nvalues={hp=1}\n[services.rows]\nX={health-port=1}\nY={health-port=2}",
        "4: the label `hp` is `1` for every service, but the health port of `Y` is 2",
    ),
];

#[test]
fn each_contradiction_is_one_finding() {
    for (text, want) in WRONG {
        assert_eq!(judge(load_text(text)), [*want], "{text}");
    }
}

#[test]
fn plans_that_agree_have_none() {
    let good = [
        "[machines]\na={}\nb={}\n[services.rows]\nX={on=\"a\",ports=\"1/1\"}\nY={on=\"b\",ports=\"1/2\"}",
        "[services.rows]\nX={on=\"a\",port=1}\nY={on=\"b\",port=1}\nZ={base=\"whatever\"}",
        "[images.hierarchy]\npython=\"docker.io/library/python:3.11\"\na=\"scratch\"\nb=\"x@sha256:00\"\n[services.rows]\nX={base=\"python:3.11\"}",
        "[python]\nversion=\"3.11\"\nlegacy={version=\"3.10\",base=\"o\"}\n[images.hierarchy]\no=\"python:3.10\"\na=\"python:3.11.9-slim\"\nb=\"python:3\"\nc=\"python:slim\"",
        "[cuda]\nversion=\"12\"\narch=[\"8.6+PTX\",\"9.0a\"]\n[machines]\na={cuda-arch=\"8.6\"}\n[pins]\ntorch=\"2.2.2+cu118\"\nx=\"1+cpu\"",
        "[images.hierarchy]\nfamily-cute=\"a:1\"\ncu121=\"a:1\"\n[cuda]\nversion=\"12.1\"",
    ];
    for text in good {
        assert_eq!(judge(load_text(text)), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn packs_agree_with_themselves() {
    for (name, _) in crate::plan::PACKS {
        let text = format!("extends = [\"{name}\"]");
        assert_eq!(judge(load_files("p.toml", &[("p.toml", &text)])), Vec::<String>::new(), "{name}");
    }
}

const TOML: &str = "extends = []\n[machines]\nbig = { values = { N = 16 } }\n[cuda]\narch = [\"8.6\"]\n[images.hierarchy]\nroot = \"python:3.11\"\n\
    mid = \"root\"\nleaf = \"nvidia/cuda:12.1.0-base\"\n[services]\ntable = { file = \"p.md\" }\n[services.rows]\nweb = { port = 2, base = \"leaf\" }\n";

#[test]
fn the_markdown_is_compared_with_the_toml() {
    let beside = |markdown: &str| {
        let text = format!("{markdown}\n\n| Service | Base | Port |\n|-|-|-|\n| Web | leaf | 2 |\n");
        judge(load_files("p.toml", &[("p.toml", TOML), ("p.md", &text)]))
    };
    let cases: &[(&str, &[&str])] = &[
        ("| Key | Big |\n|-|-|\n| N | 16 |\n| M | 1 |", &[]),
        ("| Key | Big |\n|-|-|\n| N | `8` |", &["2: the table gives `N` the value `8` on `big`, the plan `16`"]),
        ("`TORCH_CUDA_ARCH_LIST=\"8.6\"`", &[]),
        ("`TORCH_CUDA_ARCH_LIST=\"86\"`", &["0: `86` is no list that PyTorch reads; PyTorch wants `8.6`"]),
        ("`TORCH_CUDA_ARCH_LIST=\"8.6;8.9\"`", &["0: the text builds for `8.9`, `cuda.arch` does not"]),
        ("```\nroot:3\n  mid\n```", &[]),
        ("```\npython:3\n  root\n    mid\nnvidia/cuda\n  leaf\n```", &[]),
        ("```\nroot\n  leaf\nmid\n```", &["2: the tree has `leaf` under `root`, the hierarchy from `nvidia/cuda:12.1.0-base`", "3: the tree has `mid` at the root, the hierarchy from `root`"]),
        ("```\nroot\n  mid\n  mix\n```", &["3: the tree names `mix`, the hierarchy does not; did you mean `mid`?"]),
    ];
    for (markdown, want) in cases {
        assert_eq!(beside(markdown), *want, "{markdown}");
    }
    let other = beside("").is_empty();
    assert!(other, "entry and row agree");
    let text = TOML.replace("port = 2", "port = 3");
    let plan = load_files("p.toml", &[("p.toml", &text), ("p.md", "| Service | Port |\n|-|-|\n| Web | 2 |\n")]);
    assert_eq!(judge(plan), ["12: the service port of `web` is `3` here and `2` in the table"]);
}

#[test]
fn large_hierarchies_take_linear_time() {
    let chain: String = (0..20_000).map(|i| format!("i{i}=\"i{}\"\n", (i + 1) % 20_000)).collect();
    let start = std::time::Instant::now();
    assert_eq!(judge(load_text(&format!("[images.hierarchy]\n{chain}"))).len(), 1);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
