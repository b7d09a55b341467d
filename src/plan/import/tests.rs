use std::fmt::Write as _;

use super::super::testing::{MapFiles, load_files};
use super::super::{Plan, Stated};
use super::*;

fn try_import(text: &str, heading: Option<&str>, inline: bool) -> Result<Imported, PlanError> {
    let source = Source::new("docs/plan.md", text.as_bytes().to_vec());
    import(&ImportRequest { source: &source, folder: ".", heading, inline }, &MapFiles::new(&[]))
}

fn imported(text: &str) -> Imported {
    try_import(text, None, false).unwrap_or_else(|error| panic!("{error}"))
}

fn loaded(text: &str) -> Plan {
    let toml = imported(text).toml;
    load_files("plimsoll.toml", &[("plimsoll.toml", &toml), ("docs/plan.md", text)])
        .unwrap_or_else(|errors| panic!("{errors:?}\n{toml}"))
}

/// The line of the plan that starts with a text.
fn line<'t>(toml: &'t str, start: &str) -> &'t str {
    toml.lines()
        .find(|line| line.starts_with(start))
        .unwrap_or_else(|| panic!("no line starts with {start}:\n{toml}"))
}

#[test]
fn every_pattern_compiles() {
    let all =
        [text::ALL.as_slice(), &health::ALL, &images::ALL, &hierarchy::ALL, &machines::ALL, &services::ALL];
    for pattern in all.concat() {
        assert!(pattern.is_valid(), "{}", pattern.text());
    }
}

#[test]
fn sentences_become_values_with_their_lines() {
    let cases = [
        ("The uid is 10001.", "uid = 10001 # docs/plan.md:1"),
        ("- It runs as UID:GID `10001:10002` (`appuser`).", "gid = 10002 # docs/plan.md:1"),
        ("- It runs as UID:GID `10001:10002` (`appuser`).", "name = \"appuser\" # docs/plan.md:1"),
        ("started by `tini`, owned by `app` (7:8)", "uid = 7 # docs/plan.md:1"),
        ("Every\nimage has `tini` as PID 1.", "process = \"tini\" # docs/plan.md:2"),
        ("Non-root user (uid 5)", "uid = 5 # docs/plan.md:1"),
        ("Multi-stage builds only.", "multi-stage = true # docs/plan.md:1"),
        ("`ghcr.io/example/<name>:YYYYMMDD-<commit>`", "registry = \"ghcr.io/example\" # docs/plan.md:1"),
        ("`ghcr.io/example/<name>:YYYYMMDD-<commit>`", "tag = '^\\d{8}-[0-9a-f]{7,40}$' # docs/plan.md:1"),
        ("Python is 3.11 everywhere but in `old`.", "version = \"3.11\" # docs/plan.md:1"),
        ("`torch==2.2.2+cu121` is pinned.", "torch = \"2.2.2+cu121\" # docs/plan.md:1"),
        ("GPU images stand on CUDA 12.1.", "version = \"12.1\" # docs/plan.md:1"),
        ("Set `TORCH_CUDA_ARCH_LIST=\"89;86\"`.", "arch = [\"8.9\", \"8.6\"] # docs/plan.md:1"),
        ("Health: `GET /health` every 30 s.", "interval = \"30s\" # docs/plan.md:1"),
        ("Health: `GET /health` every 30 s.", "path = \"/health\" # docs/plan.md:1"),
        ("Health answers `{status:\"ok\"}`.", "expect = { status = \"ok\" } # docs/plan.md:1"),
        ("The health port is in the label `hcp`.", "label = \"hcp\" # docs/plan.md:1"),
        ("`models/` and `data/` never reach a build.", "covers = [\"models/\", \"data/\"] # docs/plan.md:1"),
        ("`LOG_LEVEL` is one of A, B.", "LOG_LEVEL = [\"A\", \"B\"] # docs/plan.md:1"),
        (
            "`a-x` is built from `python:3.11` as base image.",
            "a-x = { from = \"python:3.11\" } # docs/plan.md:1",
        ),
    ];
    for (text, want) in cases {
        let toml = imported(text).toml;
        assert!(toml.lines().any(|line| line == want), "{text}\n{toml}");
        loaded(text);
    }
}

#[test]
fn what_is_not_sure_is_a_comment_with_its_reason() {
    let cases = [
        ("It was uid 1000.", "# uid = 1000 # docs/plan.md:1: the sentence says `was`"),
        ("We do not run as uid 0.", "# uid = 0 # docs/plan.md:1: the sentence says `not`"),
        ("## Risks\n\nuid 5", "# uid = 5 # docs/plan.md:3: the section is `Risks`"),
        ("uid 5\n\nuid 6", "# uid = 6 # docs/plan.md:3: the document says it in two ways"),
        ("```dockerfile\nFROM a\nUSER 7\n```", "# uid = 7 # docs/plan.md:3: only an example says it"),
        (
            "`ghcr.io/<org>/<name>:YYYYMMDD-<sha>`",
            "# registry = \"ghcr.io/<org>\" # docs/plan.md:1: it has a placeholder",
        ),
        (
            "Multi-stage: ready for it if needed.",
            "# multi-stage = true # docs/plan.md:1: the sentence says `if needed`",
        ),
        ("on `ghcr.io/<org>`", "# registry = \"ghcr.io/<org>\" # docs/plan.md:1: it has a placeholder"),
        ("It is, for example, uid 5.", "# uid = 5 # docs/plan.md:1: the sentence says `for example`"),
        ("Should health be asked every 5 s?", "# interval = \"5s\" # docs/plan.md:1: it is a question"),
    ];
    for (text, want) in cases {
        let toml = imported(text).toml;
        assert!(toml.lines().any(|line| line == want), "{text}\n{toml}");
    }
    let both = imported("uid 5\n\nuid 6");
    assert_eq!(both.contradictions, ["`user.uid` is 5 (docs/plan.md:1) and 6 (docs/plan.md:3)"]);
    let example = imported("uid 5\n\n```dockerfile\nFROM a\nUSER 7\n```").toml;
    assert_eq!(line(&example, "uid"), "uid = 5 # docs/plan.md:1; docs/plan.md:5 has 7 (an example)");
}

#[test]
fn text_about_other_things_takes_nothing() {
    let cases = [
        "The meeting is every 30 minutes.",
        "Ports 8080:80 are mapped, 5432:5432 too.",
        "See https://example.org/health/check.html and /usr/bin/healthcheck.",
        "Release 3.11 of the plan.",
        "```\nproject/\n\u{251c}\u{2500}\u{2500} main.py\n\u{2514}\u{2500}\u{2500} Dockerfile\n```",
        "| Name | Age |\n|---|---|\n| Ida | 30 |\n",
        "| ID | Risk | Likelihood |\n|---|---|---|\n| R1 | fire | low |\n",
        "```bash\nexport UID=1000\ndocker run --user 5:5 x\n```",
        "",
    ];
    for text in cases {
        let result = try_import(text, None, false);
        assert!(result.is_err(), "{text}\n{}", result.map(|it| it.toml).unwrap_or_default());
    }
}

const TABLE: &str = "| Service | Machine(s) | Base | Ports |\n|---|---|---|---|\n| A b | big | base-x | 1/2 |\n| C | both | base-y | 3 |\n";

#[test]
fn the_table_stays_where_it_is_or_comes_along() {
    let text = format!("# Plan\n\n## 6. Fleet table\n\n{TABLE}");
    let kept = imported(&text);
    assert_eq!(line(&kept.toml, "table"), "table = { file = \"docs/plan.md\", heading = \"Fleet table\" }");
    let inline = try_import(&text, None, true).expect("inline").toml;
    assert_eq!(
        line(&inline, "\"A b\""),
        "\"A b\" = { on = [\"big\"], base = \"base-x\", ports = \"1/2\" } # docs/plan.md:7"
    );
    assert_eq!(line(&inline, "C ="), "C = { on = [\"big\"], base = \"base-y\", port = 3 } # docs/plan.md:8");
    let rows = |plan: &Plan| plan.services.iter().map(|row| format!("{:?}", row.service_port)).count();
    assert_eq!(rows(&loaded(&text)), 2);
    assert!(line(&kept.toml, "[machines.big]").len() > 1);
}

#[test]
fn a_table_that_cannot_be_read_in_place_comes_along() {
    // A port that is none: the plan's own reader refuses the table.
    let text = format!("{TABLE}| D | big | base-x | seven |\n");
    let inline = imported(&text);
    assert!(
        inline.toml.contains("[services.rows]") && inline.notes.iter().any(|note| note.contains("`seven`"))
    );
    assert_eq!(loaded(&text).services.len(), 3);
    // Two headings of one name: no name for the table.
    let text = format!(
        "# P\n\n## T\n\ntext\n\n## T\n\n{TABLE}\n## Other\n\n{}",
        "| Service | Ports |\n|-|-|\n| z | 1 |\n"
    );
    let inline = try_import(&text, None, false).expect_err("two tables");
    assert!(inline.to_string().contains("`T` (line 9), `Other` (line 16)"), "{inline}");
    assert!(inline.to_string().contains("--heading TEXT"), "{inline}");
    let chosen = try_import(&text, Some("Other"), false).expect("chosen").toml;
    assert_eq!(line(&chosen, "table"), "table = { file = \"docs/plan.md\", heading = \"Other\" }");
    assert!(
        try_import(&text, Some("nowhere"), false).expect_err("no heading").to_string().contains("headings:")
    );
}

#[test]
fn trees_diagrams_tables_and_lists_are_one_hierarchy() {
    let want = "base-a < python:3.11-slim, base-b < base-a, fam-c < base-b";
    let cases = [
        "## Base images\n\n```\npython:3.11-slim\n\u{2514}\u{2500} base-a # x\n   \u{2514}\u{2500} base-b\n      \u{2514}\u{2500} fam-c\n```\n",
        "## Base images\n\n- `python:3.11-slim`\n  - `base-a`: x\n    - `base-b`\n      - `fam-c`\n",
        "| Image | Parent |\n|---|---|\n| base-a | `python:3.11-slim` |\n| base-b | base-a |\n| fam-c | base-b |\n",
        "```mermaid\ngraph TD\n  p[\"python:3.11-slim\"] --> base-a --> base-b\n  base-b -->|x| fam-c\n```\n",
        "```mermaid\ngraph BT\n  base-a --> p[\"python:3.11-slim\"]\n  base-b --> base-a\n  fam-c --> base-b\n```\n",
        "Base images: `base-a` is built from `python:3.11-slim`, `base-b` from `base-a`, `fam-c` extends `base-b`.",
    ];
    for text in cases {
        let plan = loaded(text);
        let mut found: Vec<String> =
            plan.images.hierarchy.iter().map(|it| format!("{} < {}", it.name.value, it.from.value)).collect();
        found.sort();
        assert_eq!(found.join(", "), want, "{text}");
    }
    // A root of the fleet's own says nothing of what it is built from; a comment may.
    let tree = "## Base images\n\n```\nbase-a:3.11-slim\n  base-b # FROM nvidia/cuda:12.1\n    base-c\n```\n";
    let toml = imported(tree).toml;
    assert!(line(&toml, "# base-a.from").contains("nothing says what it is built from"), "{toml}");
    assert!(
        line(&toml, "base-b").starts_with("base-b = { from = \"nvidia/cuda:12.1\" } # docs/plan.md:5; "),
        "{toml}"
    );
}

#[test]
fn machines_have_their_values_and_one_name() {
    let text = "Build with `MACHINE=mainpc`.\n\n## Machines\n\n| Key | MainPC (4090) | Default |\n|---|---|---|\n| `OMP_NUM_THREADS` | 16 | 1 |\n\n\
        - SM 8.9 (4090) is compiled.\n- mainpc: `UVICORN_WORKERS=32`\n";
    let plan = loaded(text);
    let [machine] = &plan.machines[..] else { panic!("{:?}", plan.machines) };
    assert_eq!((machine.name.value.as_str(), machine.alias[0].value.as_str()), ("mainpc", "4090"));
    let values: Vec<String> = machine.values.iter().map(|(key, it)| format!("{key}={}", it.value)).collect();
    assert_eq!(values, ["OMP_NUM_THREADS=16", "UVICORN_WORKERS=32"]);
    assert_eq!(machine.cuda_arch[0].value, "8.9");
}

#[test]
fn hostile_names_stay_inside_their_quotes() {
    let names = [
        "a\"b",
        "a'b",
        "a\\b",
        "]\\n[user]",
        "x = 1 #",
        "\u{202e}rtl",
        "\u{0}nul",
        "'''",
        "\"\"\"",
        "\u{1f6a2}",
        "a.b.c",
        "${X}",
        "{{ y }}",
        "`",
        "*",
        "<b>",
        "-",
        "#",
    ];
    let mut text = String::from("uid 5\n\n| Service | Machine(s) | Base | Ports |\n|---|---|---|---|\n");
    for (at, name) in names.iter().enumerate() {
        let _ = writeln!(text, "| {name} | m{name} | b{name} | {} |", at + 1);
    }
    text.push_str("\n## Machines\n\n| Key | A \"q\" | B\\ |\n|---|---|---|\n| OMP_X | \"]\n | ' |\n| Y_Z | \u{202e} | x |\n");
    for inline in [false, true] {
        let toml = try_import(&text, None, inline).expect("a plan").toml;
        assert!(!toml.contains(['\u{202e}', '\u{0}']), "{toml}");
        let plan = load_files("plimsoll.toml", &[("plimsoll.toml", &toml), ("docs/plan.md", &text)]);
        let plan = plan.unwrap_or_else(|errors| panic!("{errors:?}\n{toml}"));
        assert_eq!(plan.user.uid.as_ref().map(|uid| uid.value), Some(5));
        assert!(plan.services.len() + 2 >= names.len(), "{}\n{toml}", plan.services.len());
    }
}

/// Random lines of the forms that readers look for: never a panic, never a plan that does not load.
#[test]
fn any_order_of_lines_is_an_answer() {
    const ROUNDS: usize = 300;
    const PARTS: [&str; 30] = [
        "# H\n",
        "## Machines\n",
        "\n",
        "| Service | Machine(s) | Ports |\n|---|---|---|\n",
        "| a | b | 1/2 |\n",
        "| a | both | x |\n",
        "| Key | a (1) | b |\n|---|---|---|\n",
        "| OMP_NUM | 1 | \" |\n",
        "| user.uid | 99999999999 |\n",
        "| Key | Value |\n|---|---|\n",
        "| images.tag | ( |\n",
        "| health.path | x |\n",
        "| health.retries | 99999999999 |\n",
        "uid 4294967295 ",
        "gid 5. ",
        "every 30 s ",
        "```\na:1\n  b\n    c\n```\n",
        "```mermaid\na --> b\n```\n",
        "- `x`\n  - `y`\n",
        "health `/a b` ",
        "`{\"a\": 01}` health ",
        "torch==1.0 ",
        "`TORCH_CUDA_ARCH_LIST=\"x;8.6\"` ",
        "`a.b/c/<x>:YYYYMMDD` ",
        "CUDA 12.1 ",
        "python 3.11 ",
        "\u{202e}",
        "\u{0}",
        "| Image | Parent |\n|---|---|\n",
        "| p | p |\n",
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..ROUNDS {
        let mut text = String::new();
        for _ in 0..24 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(PARTS[(state >> 33) as usize % PARTS.len()]);
        }
        for inline in [false, true] {
            if let Ok(imported) = try_import(&text, None, inline) {
                let files = [("plimsoll.toml", imported.toml.as_str()), ("docs/plan.md", text.as_str())];
                let plan = load_files("plimsoll.toml", &files);
                assert!(plan.is_ok(), "{plan:?}\n{}\n{text}", imported.toml);
            }
        }
    }
}

#[test]
fn large_documents_end_soon() {
    let wide =
        format!("|Service|Ports|{}\n|-|-|{}\n{}", "a|".repeat(98), "-|".repeat(98), "|x|1/2|\n".repeat(1000));
    let rows: String = (0..20_000).map(|at| format!("| s{at} | m{} | 1/2 |\n", at % 300)).collect();
    let machines: String = (0..200)
        .map(|at| {
            let aliases: Vec<String> = (0..16).map(|alias| format!("al{at}x{alias}")).collect();
            format!("| machine{at} | {} |\n", aliases.join(", "))
        })
        .collect();
    let keys: String = (0..20_000).map(|at| format!("| K_{at} | 1 |\n")).collect();
    let cases = [
        "uid 5 health every 30 s tini as pid 1 python 3.11 cuda 12.1 ".repeat(60_000),
        "uid 5 health every 30 s.\n\n".repeat(150_000),
        format!("| Service | Machine | Ports |\n|-|-|-|\n{rows}"),
        format!("## Machines\n\n| Key | a |\n|-|-|\n{keys}"),
        wide,
        format!(
            "## base image\n\n```\n{}```\n",
            (0..3000).map(|at| format!("{}i{at}\n", " ".repeat(at % 300))).collect::<String>()
        ),
        format!(
            "## base image\n\n{}",
            (0..900).map(|at| format!("{}- `i{at}`\n", "  ".repeat(at % 90))).collect::<String>()
        ),
        "`a".repeat(500_000),
        "a==1.0 ".repeat(300_000),
        "torch==1.0\n\n".repeat(300_000),
        (0..50_000).map(|at| format!("p{at}==1.{at}\n\n")).collect(),
        // Every sentence begins with what might be the name of a machine.
        format!("# P\n\n| Machine | Alias |\n|-|-|\n{machines}\n{}", "zz: y. ".repeat(70_000)),
        format!("# P\n\n| Machine | Alias |\n|-|-|\n{machines}\n{}", "zz: y.\n\n".repeat(60_000)),
    ];
    for case in &cases {
        let start = std::time::Instant::now();
        let _ = try_import(case, None, true).map(|imported| imported.toml.len());
        let _ = try_import(case, None, false).map(|imported| imported.toml.len());
        assert!(start.elapsed().as_secs() < 20, "{:?}: {:?}", start.elapsed(), &case[..40]);
    }
}

#[test]
fn what_is_no_text_is_said() {
    let fail = |bytes: &[u8]| {
        let source = Source::new("p.md", bytes.to_vec());
        import(
            &ImportRequest { source: &source, folder: ".", heading: None, inline: false },
            &MapFiles::new(&[]),
        )
        .expect_err("no plan")
        .to_string()
    };
    assert_eq!(fail(b"uid 5 \xff"), "p.md:1:7: the document is not UTF-8 text");
    assert!(fail(b"hello").contains("nothing of a plan was found: no service table"));
    assert!(fail(&vec![b'a'; MAX_DOCUMENT + 1]).contains("larger than 4 MiB"));
}

#[test]
fn the_plan_and_its_document_agree() {
    let text = "## Base images\n\nBuild with `MACHINE={one|two}`.\n\n```\nx/y:1\n  base-a\n    base-b\n```\n\n## Machines\n\n| Key | one | two |\n|-|-|-|\n| A_B | 1 | 2 |\n";
    let plan = loaded(text);
    let files = [("plimsoll.toml", imported(text).toml)];
    assert!(plan.stated.is_empty() && files[0].1.contains("base-a = { from = \"x/y:1\" }"), "{}", files[0].1);
    let machine = |stated: &Stated| matches!(stated, Stated::MachineValue { .. });
    let table = format!("{text}\n## Services\n\n| Service | Ports |\n|-|-|\n| s | 1/2 |\n");
    assert_eq!(loaded(&table).stated.iter().filter(|it| machine(it)).count(), 2);
}
