//! The loader from text to plan: forms, errors, extends, Markdown tables.

use super::testing::{MapFiles, known_rule, load_files, load_text};
use super::*;

/// The example of the interface: every key must be accepted.
const FULL: &str = r#"
extends = ["recommended"]
[user]
uid = 10001
gid = 10001
name = "appuser"
[init]
process = "tini"
accept = ["dumb-init"]
[build]
multi-stage = true
pip-hashes = true
pip-cache-mount = true
apt-snapshot = false
[images]
registry = "ghcr.io/example"
tag = '^\d{8}-[0-9a-f]{7,40}$'
pinned = true
[images.hierarchy]
base-python = { from = "python:3.11-slim-bookworm", path = "bases/python/Dockerfile" }
base-utils = { from = "base-python" }
legacy-py310-cpu = "python:3.10-slim"
[python]
version = "3.11"
legacy = { version = "3.10", base = "legacy-py310-cpu" }
[pins]
torch = "2.2.2+cu121"
Prometheus_Client = "0.20.0"
[cuda]
version = "12.1"
arch = ["8.6", "8.9"]
[health]
required = true
path = "/health"
expect = { status = "ok", code = 200 }
label = "health_check_port"
interval = "30s"
timeout = "1m30s"
start-period = "40s"
retries = 3
[labels]
required = ["org.opencontainers.image.revision"]
values = { GPUS = "0" }
[dockerignore]
covers = ["models/", "data/"]
[env]
LOG_LEVEL = ["DEBUG", "INFO"]
[machines.mainpc]
alias = ["4090"]
host = "127.0.0.1"
profile = "config/mainpc.json"
cuda-arch = ["8.9"]
values = { OMP_NUM_THREADS = "16", UVICORN_WORKERS = 32 }
[machines.pc2]
alias = ["3060"]
[services]
table = { file = "docs/plan.md", heading = "coverage" }
[services.rows]
ModelOpsCoordinator = { on = ["mainpc"], base = "family-llm-cu121", ports = "7212/8212", paths = ["model_ops_coordinator"] }
"Observability (pc2)" = { on = ["3060", "moon"], port = 9100, health-port = 9110, needs = "CPU", python = "3.10" }
Api = { ports = { service = 1, health = 2 } }
Own = { on = "mainpc", ports = [3, 4], contracts.extra = { path = "/x" } }
[services.contracts.metrics]
path = "/metrics"
format = "prometheus"
names = ["hello_ai_up", "hello_ai_total"]
[services.contracts.ready]
path = "/ready"
expect = { status = "ok" }
[rules]
DL3008 = "off"
runtime-user = { severity = "error", suppressible = false }
[[waivers]]
rule = "runtime-user"
path = "legacy/**"
until = 2027-01-31
owner = "platform"
reason = "vendor image"
[[waivers]]
rule = "pip-hashes"
until = "2028-02-29"
"#;

const TABLE: &str = "# Plan\n\n## Fleet coverage\n\n| Service | Machine(s) | Needs | Base Family | Ports (svc/health) |\n\
|--|--|--|--|--|\n| **model-ops-coordinator** | both | GPU/LLM | `family-llm-cu121` | 7212 / 9999 |\n| Own | 4090 | | | |\n| Web | Main PC (4090), mars | | | - |\n| Web | | | | |\n";

fn full() -> Plan {
    let files = [("plimsoll.toml", FULL), ("docs/plan.md", TABLE), ("config/mainpc.json", "{}")];
    load_files("plimsoll.toml", &files).expect("valid")
}

#[test]
fn every_key_of_the_interface_is_read() {
    let plan = full();
    assert_eq!(plan.user.uid.as_ref().map(|uid| uid.value), Some(10001));
    assert_eq!(plan.user.non_root.as_ref().map(|flag| flag.place.source.path()), Some("pack:recommended"));
    assert_eq!(plan.images.hierarchy[2].from.value, "python:3.10-slim");
    assert!(plan.images.tag_pattern.as_ref().is_some_and(|tag| tag.matches("20250101-abcdef0")));
    assert_eq!(plan.pins[1].0, "prometheus-client");
    assert_eq!(plan.health.timeout.as_ref().map(|it| it.value.1), Some(90_000));
    assert_eq!(plan.health.expect[1].1.value.to_string(), "200");
    assert_eq!(plan.machines[0].values[1].1.value, "32");
    assert!(matches!(plan.machines[0].profile_file, Some(Ok(_))));
    assert_eq!(plan.env[0].1.value, ["DEBUG", "INFO"]);
    let contracts: Vec<_> = plan
        .contracts
        .iter()
        .flat_map(|contract| &contract.values)
        .map(|(key, value)| (key.as_str(), value.value.as_str()))
        .collect();
    assert!(contracts.contains(&("names", "hello_ai_total")) && contracts.contains(&("expect.status", "ok")));
    let apt = plan.rules.iter().find(|it| it.rule.value == "apt-pinned").expect("set");
    assert_eq!((apt.severity, apt.rule.place.source.path()), (Some(None), "plimsoll.toml"));
    let user = plan.rules.iter().find(|it| it.rule.value == "runtime-user").expect("set");
    assert!(!user.suppressible);
    assert_eq!(plan.waivers[0].until.as_ref().map(|it| it.value), Some((2027, 1, 31)));
    assert_eq!(
        plan.waivers[0].until.as_ref().map(|it| it.place.text().into_owned()),
        Some("2027-01-31".to_owned())
    );
    assert_eq!(plan.waivers[1].until.as_ref().map(|it| it.value), Some((2028, 2, 29)));
    assert_eq!(plan.waivers[0].place.text().lines().next(), Some("[[waivers]]"));
}

#[test]
fn rows_of_table_and_entries_are_one() {
    let plan = full();
    let names: Vec<_> = plan.services.iter().map(|row| row.name.value.as_str()).collect();
    assert_eq!(names, ["ModelOpsCoordinator", "Own", "Web", "Observability (pc2)", "Api"]);
    let row = &plan.services[0];
    // The entry wins over the table, and what differs is kept.
    assert_eq!(row.on.as_ref().map(|on| on.value.clone()), Some(vec![0]));
    assert_eq!(row.health_port.as_ref().map(|it| it.value), Some(8212));
    assert_eq!(row.needs.as_ref().map(|it| it.value.as_str()), Some("GPU/LLM"));
    let differ: Vec<_> =
        row.disagreements.iter().map(|(field, table, _)| (*field, table.text().into_owned())).collect();
    assert_eq!(differ, [("health port", "9999".to_owned()), ("machines", "both".to_owned())]);
    let web = &plan.services[2];
    assert_eq!(web.unknown_machines[0].place.text(), "mars");
    assert_eq!(
        (web.on.as_ref().map(|on| on.value.clone()), web.service_port.is_none()),
        (Some(vec![0]), true)
    );
    assert_eq!((plan.duplicate_rows.len(), plan.duplicate_rows[0].2.start().line), (1, 10));
    assert!(plan.services[1].disagreements.is_empty(), "`4090` is `mainpc`");
    let obs = &plan.services[3];
    assert_eq!(obs.on.as_ref().map(|on| on.value.clone()), Some(vec![1]));
    assert_eq!(obs.unknown_machines[0].value, "moon");
    assert_eq!((obs.service_port.as_ref().map(|it| it.value), obs.python.is_some()), (Some(9100), true));
    assert_eq!(plan.services[4].health_port.as_ref().map(|it| it.value), Some(2));
    assert_eq!(plan.services[1].service_port.as_ref().map(|it| it.value), Some(3));
    assert_eq!(plan.services[1].contracts[0].values[0].1.value, "/x");
}

#[test]
fn every_value_is_shown_with_its_line() {
    let text = show(&full());
    for want in [
        "non-root  true     pack:recommended:5",
        "[services.rows.ModelOpsCoordinator]",
        "GPU/LLM",
        "docs/plan.md:7",
        "legacy/** until 2027-01-31 (platform)",
        "error, not suppressible",
    ] {
        assert!(text.contains(want), "{want} is missing in\n{text}");
    }
    let uid = text.lines().find(|line| line.contains("uid")).expect("uid");
    assert!(uid.ends_with("plimsoll.toml:4"), "{uid}");
}

/// What is wrong, and the first error that is printed.
const WRONG: &[(&str, &str)] = &[
    ("[build]\nmultistage = true", "2:1: unknown key `multistage` in `build`; did you mean `multi-stage`?"),
    ("[biuld]\n", "unknown key `biuld`; did you mean `build`?"),
    ("extend = []", "unknown key `extend`; did you mean `extends`?"),
    ("[user]\ncolour = 1", "unknown key `colour` in `user`; known keys: uid, gid, name, non-root"),
    ("[user]\nuid = \"x\"", "`user.uid` wants a whole number, not the text `x`"),
    ("[user]\nuid = -1", "`user.uid` is a number from 0 to 4294967294, not -1"),
    ("[user]\nuid = 4294967295", "`user.uid` is a number from 0 to 4294967294"),
    ("[user]\nname = \"\"", "`user.name` is empty"),
    ("user = 1", "`user` wants a table, not the number 1"),
    ("[build]\nmulti-stage = \"yes\"", "`build.multi-stage` wants `true` or `false`, not the text `yes`"),
    (
        "[python]\nversion = 3.10",
        "`python.version` wants text in quotes, not a number with a point; write it in quotes: \"3.10\"",
    ),
    ("[cuda]\narch = [8.6]", "`cuda.arch` wants text in quotes"),
    ("[cuda]\narch = true", "`cuda.arch` wants a list of texts, not `true`"),
    (
        "[images]\ntag = '['",
        "`images.tag` is no regular expression that can be used: unclosed character class",
    ),
    ("[images.hierarchy]\na = {}", "`images.hierarchy.a` has no `from`"),
    ("[health]\ninterval = \"30\"", "`health.interval` is no duration: `30`; write it like \"30s\""),
    ("[health]\npath = \"health\"", "`health.path` starts with `/`; write \"/health\""),
    ("[health]\nretries = 1.5", "`health.retries` wants a whole number"),
    (
        "[services.rows]\nA = { ports = \"a/b\" }",
        "`services.rows.A.ports` holds `a`, which is no port; write it like",
    ),
    (
        "[services.rows]\nA = { ports = 70000 }",
        "`services.rows.A.ports` is a port from 1 to 65535, not 70000",
    ),
    ("[services.rows]\nA = { ports = true }", "wants ports like \"7212/8212\", not `true`"),
    ("[services.rows]\nA = { prots = 1 }", "unknown key `prots` in `services.rows.A`; did you mean `ports`?"),
    ("[services]\ntable = {}", "`services.table` names no `file`"),
    ("[services]\ntable = { file = \"x.md\" }", "2:19: `x.md` cannot be read"),
    ("[services.contracts]\na = 1", "`services.contracts.a` wants a table"),
    ("[machines.a]\nvalues = { A = [] }", "`machines.a.values.A` wants one text or number, not a list"),
    ("[rules]\napt-pined = \"off\"", "2:1: no rule is called `apt-pined`"),
    (
        "[rules]\napt-pinned = \"loud\"",
        "`rules.apt-pinned` is no severity: `loud`; use error, warning, note or off",
    ),
    ("[rules]\napt-pinned = 3", "`rules.apt-pinned` wants a table"),
    ("[[waivers]]\nowner = \"x\"", "1:1: a waiver names no `rule`"),
    ("[[waivers]]\nrule = \"x\"", "no rule is called `x`"),
    (
        "[[waivers]]\nrule = \"apt-pinned\"\nuntil = 2027-02-30",
        "`waivers.until` is no date: `2027-02-30`; write it like 2027-01-31",
    ),
    ("[[waivers]]\nrule = \"apt-pinned\"\nuntil = 2027-01-31T00:00:00Z", "`waivers.until` is no date"),
    ("[[waivers]]\nrule = \"apt-pinned\"\nuntil = 7", "`waivers.until` wants a date, not the number 7"),
    ("[waivers]\nrule = \"apt-pinned\"", "`waivers` wants a list of tables (`[[waivers]]`), not a table"),
    ("[pins]\na_b = \"1\"\nA-B = \"2\"", "3:1: `pins` has the package `a-b` twice"),
    ("a = ", "not valid TOML"),
    ("[user]\nuid = 1\nuid = 2", "3:1: not valid TOML: duplicate key: `uid`; it is first written in line 2"),
    ("extends = [\"recomended\"]", "no pack is called `recomended`; did you mean `recommended`?"),
    ("extends = [\"./gone.toml\"]", "`gone.toml` cannot be read"),
    ("extends = [\"p.toml\"]", "the plan extends itself: p.toml \u{2192} p.toml"),
];

#[test]
fn mistakes_are_errors_with_their_place() {
    for (text, want) in WRONG {
        let errors = load_files("p.toml", &[("p.toml", text)]).expect_err(text);
        let first = errors[0].to_string();
        assert!(first.contains(want), "{text}\n  says: {first}\n  not:  {want}");
        assert!(first.starts_with("p.toml:"), "{first}");
    }
}

#[test]
fn all_mistakes_are_collected() {
    let text = "[user]\nuid = \"a\"\ngid = \"b\"\nnam = 1\n[rules]\nx = 1\n";
    assert_eq!(load_text(text).expect_err("wrong").len(), 4);
    let many: String = (0..5000).map(|i| format!("k{i} = 1\n")).collect();
    assert_eq!(load_text(&many).expect_err("wrong").len(), 100);
    assert_eq!(load_files("gone.toml", &[]).expect_err("gone")[0].to_string(), "`gone.toml` cannot be read");
}

#[test]
fn later_files_win_and_paths_stay_with_their_file() {
    let files = [
        (
            "fleet/plimsoll.toml",
            "extends = [\"../base/a.toml\", \"../base/b.toml\"]\n[user]\nname = \"own\"\n",
        ),
        (
            "base/a.toml",
            "extends = [\"c.toml\"]\n[user]\nuid = 1\nname = \"a\"\n[services.rows]\nX = { port = 1, paths = [\"x\"] }\n",
        ),
        (
            "base/b.toml",
            "extends = [\"c.toml\"]\n[user]\nuid = 2\n[services.rows]\nx = { health-port = 2 }\n[machines.m]\nprofile = \"m.json\"\n",
        ),
        ("base/c.toml", "[user]\nuid = 3\ngid = 3\n"),
        ("base/m.json", "{}"),
    ];
    let plan = load_files("fleet/plimsoll.toml", &files).expect("valid");
    assert_eq!(plan.folder, "fleet");
    assert_eq!(plan.user.uid.as_ref().map(|it| it.value), Some(2));
    assert_eq!(plan.user.gid.as_ref().map(|it| it.value), Some(3));
    assert_eq!(plan.user.name.as_ref().map(|it| it.value.as_str()), Some("own"));
    assert!(plan.user.non_root.is_none(), "`extends` leaves the recommended pack out");
    let row = &plan.services[0];
    assert_eq!((row.paths[0].value.as_str(), row.health_port.is_some()), ("../base/x", true));
    assert!(row.disagreements.is_empty(), "a later file may differ");
    assert_eq!(service_of(&plan, "base/x/Dockerfile"), Some(0));
    assert!(matches!(plan.machines[0].profile_file, Some(Ok(_))));
}

#[test]
fn cycles_and_long_chains_end() {
    let files = [("a.toml", "extends = [\"b.toml\"]"), ("b.toml", "extends = [\"a.toml\"]")];
    let errors = load_files("a.toml", &files).expect_err("cycle");
    assert!(
        errors[0]
            .to_string()
            .starts_with("b.toml:1:13: the plan extends itself: a.toml \u{2192} b.toml \u{2192} a.toml")
    );
    let texts: Vec<_> =
        (0..30).map(|i| (format!("{i}.toml"), format!("extends = [\"{}.toml\"]", i + 1))).collect();
    let files: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let errors = load_files("0.toml", &files).expect_err("long");
    assert!(errors[0].message.contains("more than 16 plans"), "{}", errors[0]);
}

#[test]
fn every_pack_loads() {
    for (name, _) in PACKS {
        let packs = [name.to_owned()];
        let request = PlanRequest { path: None, packs: &packs, known_rule: &known_rule };
        let plan =
            load(&request, &MapFiles::new(&[])).unwrap_or_else(|errors| panic!("{name}: {}", errors[0]));
        assert_eq!(plan.user.non_root.as_ref().map(|it| it.value), Some(true), "{name}");
        assert!(plan.images.tag_pattern.is_none_or(|tag| tag.validate().is_ok()), "{name}");
    }
    let request = PlanRequest { path: None, packs: &[], known_rule: &known_rule };
    let plan = load(&request, &MapFiles::new(&[])).expect("default");
    assert_eq!(plan.sources.iter().map(|it| it.path()).collect::<Vec<_>>(), ["pack:recommended"]);
    let wrong = ["gpu_flet".to_owned()];
    let request = PlanRequest { path: None, packs: &wrong, known_rule: &known_rule };
    let errors = load(&request, &MapFiles::new(&[])).expect_err("wrong");
    assert_eq!(errors[0].to_string(), "no pack is called `gpu_flet`; did you mean `gpu-fleet`?");
}

#[test]
fn the_table_is_found_by_its_heading() {
    let table = |heading: &str, markdown: &str| {
        let text = format!("extends = []\n[services]\ntable = {{ file = \"p.md\"{heading} }}\n");
        load_files("p.toml", &[("p.toml", &text), ("p.md", markdown)])
    };
    let two = "# One\n| Service | Port |\n|-|-|\n| a | 1 |\n# Fleet one\n| Key | x |\n|-|-|\n| k | v |\n\n| Name | Port | Health port |\n|-|-|-|\n| [b](x.md) | *2* | `3` |\n";
    let plan = table(", heading = \"FLEET\"", two).expect("found");
    assert_eq!((plan.services.len(), plan.services[0].name.value.as_str()), (1, "b"));
    let port = plan.services[0].health_port.as_ref().expect("port");
    assert_eq!((port.value, port.place.start().line, port.place.start().column), (3, 12, 22));
    // An exact heading wins over others that contain it.
    assert_eq!(table(", heading = \"one\"", two).expect("exact").services[0].name.value, "a");
    let cases = [
        (
            ", heading = \"gone\"",
            two,
            "p.toml:3:37: no heading of `p.md` contains `gone`; headings: `One`, `Fleet one`",
        ),
        (", heading = \"e\"", two, "2 headings of `p.md` contain `e`; write more of it: `One`, `Fleet one`"),
        ("", two, "more than one table has a `Service` column"),
        ("", "# x\n", "no table has a `Service` column"),
        (", heading = \"x\"", "# x\ntext\n", "no table with a `Service` column stands below the heading `x`"),
        (
            "",
            "| Service | Ports |\n|-|-|\n| a | seven |\n",
            "p.md:3:7: the port cell of `a` holds `seven`, which is no port",
        ),
        (
            "",
            "| Service | Ports |\n|-|-|\n| a | 1/70000 |\n",
            "p.md:3:7: the port cell of `a` holds `70000`, but ports go",
        ),
    ];
    for (heading, markdown, want) in cases {
        let first = table(heading, markdown).expect_err(want)[0].to_string();
        assert!(first.contains(want), "says: {first}\nnot:  {want}");
    }
}

#[test]
fn what_the_markdown_states_is_kept() {
    let toml = "[machines.big]\nalias = [\"4090\"]\n[machines.small]\n[images.hierarchy]\na = \"x:1\"\nb = \"a\"\n[services]\ntable = { file = \"p.md\" }\n";
    let markdown = "Set `TORCH_CUDA_ARCH_LIST=\"89;86\"` here, or TORCH_CUDA_ARCH_LIST=8.6.\n\n\
        | Key | Big (4090) | Small | Other |\n|-|-|-|-|\n| `A` | `1` | 2 | 3 |\n\n\
        ```\na:1.0    # root\n  \u{251c}\u{2500} b # x\n  \u{2502}  \u{2514}\u{2500} c\n  \u{2514}\u{2500} d\n```\n\n\
        ```\nnot a tree\n  b\n```\n\n```Dockerfile\nFROM a\nENV TORCH_CUDA_ARCH_LIST=1\n```\n\n| Service |\n|-|\n| s |\n";
    let text = format!("extends = []\n{toml}");
    let plan = load_files("p.toml", &[("p.toml", &text), ("p.md", markdown)]).expect("valid");
    let mut seen = Vec::new();
    for stated in &plan.stated {
        seen.push(match stated {
            Stated::MachineValue { machine, key, value } => {
                format!("{machine} {key}={} {}", value.value, value.place.text())
            }
            Stated::CudaArch(list) => format!("arch {} {}", list.value, list.place.text()),
            Stated::Hierarchy { image, parent } => {
                let parent = parent.as_ref().map(|it| it.value.clone());
                format!("{} < {}", image.place.text(), parent.unwrap_or_default())
            }
        });
    }
    let want =
        ["0 A=1 `1`", "1 A=2 2", "arch 89;86 89;86", "arch 8.6 8.6.", "a < ", "b < a", "c < b", "d < a"];
    assert_eq!(seen, want);
    assert_eq!(plan.examples.len(), 1);
    assert!(plan.examples[0].text().starts_with("FROM a\n"));
}
