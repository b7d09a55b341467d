//! Hostile deployment files under a plan that asks for everything: little time and memory, whatever there is much of.

use std::path::Path;

use crate::hostile_files::{check, check_by};
use crate::support::{FORMATS, folder, plimsoll, write};

/// Everything that a plan can ask of deployments, for 200 services.
fn plan() -> String {
    let rows: String = (0..200).map(|at| format!("s{at} = {{ ports = \"{}\" }}\n", 8_000 + at)).collect();
    format!(
        r#"extends = ["strict"]
[user]
uid = 10001
gid = 10001
name = "app"
[init]
process = "tini"
[images]
registry = "registry.example.com"
tag = '^((a|aa|a+)+)+b$'
pinned = true
[health]
required = true
path = "/health"
interval = "30s"
[limits]
cpu = "1"
memory = "1G"
cpu-reserved = "0.5"
memory-reserved = "512M"
[logging]
driver = "json-file"
options = {{ max-size = "10m" }}
[mounts]
read-only = ["/data"]
[deploy]
required = true
restart = "unless-stopped"
read-only = true
[workflows]
matrix = true
[env]
LOG_LEVEL = ["DEBUG", "INFO"]
[services.rows]
{rows}"#
    )
}

/// How many of everything: what is quadratic in it takes long enough to be seen.
const MANY: usize = 2_000;

/// Checks files under the strict pack and under the plan.
fn tame(name: &str, files: &[(&str, String)]) {
    let fill = |folder: &Path| files.iter().for_each(|(path, text)| write(&folder.join(path), text));
    check_by(&format!("{name}-strict"), &["--pack", "strict"], fill);
    check_by(&format!("{name}-plan"), &["--plan", "plimsoll.toml"], |folder| {
        fill(folder);
        write(&folder.join("plimsoll.toml"), plan());
    });
}

fn compose(name: &str, text: String) {
    tame(name, &[("compose.yaml", text)]);
}

/// `piece` for each number, joined.
fn each(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

/// Services with a line each.
fn services(line: impl Fn(usize) -> String) -> String {
    format!("services:\n{}", each(MANY, |at| format!("  s{at}: {{image: x, {}}}\n", line(at))))
}

/// One service with a list or mapping under a key.
fn one(key: &str, item: impl Fn(usize) -> String) -> String {
    format!("services:\n  a:\n    image: x\n    {key}:\n{}", each(MANY, |at| format!("      {}\n", item(at))))
}

#[test]
fn ports_and_networks() {
    let range = |at: usize| format!("ports: [\"{}-{}:1-1000\"]", at + 1, at + 1000);
    compose("port-ranges", services(range));
    compose(
        "port-addresses",
        services(|at| format!("ports: [\"10.0.{}.{}:1-1000:1-1000\"]", at / 250, at % 250)),
    );
    compose("port-same", services(|_| "ports: [\"80:80\"]".to_owned()));
    compose("port-list", one("ports", |at| format!("- \"{}:80\"", at + 1)));
    compose("port-long", one("ports", |_| "- {target: 80, published: \"1-65535\"}".to_owned()));
    let subnet = |at: usize| {
        format!("  n{at}: {{ipam: {{config: [{{subnet: 10.{}.{}.0/24}}]}}}}\n", at / 250, at % 250)
    };
    compose("networks", format!("services: {{a: {{image: x}}}}\nnetworks:\n{}", each(MANY, subnet)));
    let same = |at: usize| format!("  n{at}: {{ipam: {{config: [{{subnet: 10.0.0.0/8}}]}}}}\n");
    compose("networks-same", format!("services: {{a: {{image: x}}}}\nnetworks:\n{}", each(MANY, same)));
}

#[test]
fn services_that_extend_and_depend() {
    let chain = each(MANY, |at| {
        format!("  s{at}: {{extends: {{service: s{}}}, environment: {{A{at}: b}}}}\n", at + 1)
    });
    compose("extends-chain", format!("services:\n{chain}  s{MANY}: {{image: x}}\n"));
    let base = each(200, |at| format!("A{at}: b, "));
    let all = each(MANY, |at| format!("  s{at}: {{extends: {{service: b}}}}\n"));
    compose("extends-one", format!("services:\n  b: {{image: x, environment: {{{base}}}}}\n{all}"));
    compose("depends-circle", services(|at| format!("depends_on: [s{}]", (at + 1) % MANY)));
    compose("depends-wide", services(|_| String::new()) + &one("depends_on", |at| format!("- s{at}"))[10..]);
    compose("depends-missing", services(|at| format!("depends_on: [t{at}]")));
}

#[test]
fn files_that_are_taken_in() {
    let include =
        format!("include:\n{}services: {{a: {{image: x}}}}\n", each(1_000, |at| format!("  - i{at}.yaml\n")));
    check("include-fan", |folder| {
        write(&folder.join("compose.yaml"), include);
        (0..1_000).for_each(|at| {
            write(&folder.join(format!("i{at}.yaml")), format!("services: {{b{at}: {{image: x}}}}\n"))
        });
    });
    let documents = each(MANY, |at| format!("---\nservices: {{s{at}: {{image: x}}}}\n"));
    compose("documents", documents);
    let variables = each(100, |at| format!("A{at}=b\n"));
    let files = services(|_| "env_file: a.env".to_owned());
    tame("env-files", &[("compose.yaml", files), ("a.env", variables)]);
    let doubling = each(60, |at| format!("A{}=${{A{at}}}${{A{at}}}\n", at + 1));
    let uses = one("environment", |at| format!("B{at}: \"${{A{}}}\"", at % 60));
    tame("dotenv-doubling", &[("compose.yaml", uses), (".env", format!("A0=xxxxxxxxxxxxxxxx\n{doubling}"))]);
    let dockerfile = format!("FROM debian:12\nARG A\n{}USER $A\n", "ENV A=b\n".repeat(500));
    let same = services(|_| "build: .".to_owned());
    tame("build-same", &[("compose.yaml", same), ("Dockerfile", dockerfile.clone())]);
    let others = services(|at| format!("build: {{context: ., args: {{A: {at}}}}}"));
    tame("build-arguments", &[("compose.yaml", others), ("Dockerfile", dockerfile)]);
    let base = format!("services:\n{}", each(100, |at| format!("  s{at}: {{image: x}}\n")));
    let names: Vec<String> = (0..200).map(|at| format!("compose.v{at}.yaml")).collect();
    let part = || "services: {s1: {user: \"0\"}}\n".to_owned();
    let mut variants: Vec<(&str, String)> = names.iter().map(|name| (name.as_str(), part())).collect();
    variants.push(("compose.yaml", base));
    tame("variants", &variants);
}

#[test]
fn aliases_just_below_the_limit() {
    let pairs = each(500, |at| format!("A{at}: b{at}, "));
    let uses = each(380, |at| format!("  s{at}: {{image: x, environment: *e}}\n"));
    compose("alias-environment", format!("x-e: &e {{{pairs}}}\nservices:\n{uses}"));
    let uses = each(380, |at| format!("  s{at}: {{<<: *e, image: x}}\n"));
    compose(
        "merge-services",
        format!("x-e: &e {{{}}}\nservices:\n{uses}", each(350, |at| format!("x-k{at}: v, "))),
    );
    compose("merge-chain", {
        let links = each(800, |at| format!("x-m{}: &m{}\n  <<: *m{at}\n  k{at}: v\n", at + 1, at + 1));
        format!("x-m0: &m0 {{a: b}}\n{links}services: {{a: {{image: x}}}}\n")
    });
    let containers = each(300, |at| format!("{{name: A{at}, value: b}}, "));
    let pods =
        each(200, |at| format!("- {{apiVersion: v1, kind: Pod, metadata: {{name: p{at}}}, spec: *e}}\n"));
    let pod = format!("x: &e {{containers: [{{name: a, image: x, env: [{containers}]}}]}}\n");
    tame("alias-pods", &[("pods.yaml", format!("{pod}apiVersion: v1\nkind: List\nitems:\n{pods}"))]);
}

#[test]
fn texts_of_one_value() {
    let command =
        |word: &str| format!("services:\n  a:\n    image: x\n    command: \"{}\"\n", word.repeat(MANY * 4));
    compose("command-words", command("a b "));
    compose("command-secrets", command("A_PASSWORD=hunter2hunter2 "));
    compose("command-tokens", command(&format!("ghp_{} ", "a".repeat(36))));
    compose("command-tokens-glued", command(&format!("ghp_{},", "a".repeat(36))));
    compose("command-keys", command("-----BEGIN x "));
    compose("command-variables", command("${A:-b} "));
    compose("command-defaults", command("${A_PASSWORD:-hunter2hunter2} "));
    compose("tag", format!("services:\n  a:\n    image: !{} x\n", "a".repeat(1 << 20)));
    let long = "a".repeat(200_000);
    compose(
        "pattern",
        format!(
            "services:\n  a:\n    image: registry.example.com/x:{long}\n    environment: {{LOG_LEVEL: {long}}}\n"
        ),
    );
}

#[test]
fn lists_of_a_service() {
    compose("environment", one("environment", |at| format!("A{at}: b{at}")));
    compose("environment-secrets", one("environment", |at| format!("- A{at}_PASSWORD=hunter2hunter{at}")));
    compose("hosts", one("extra_hosts", |at| format!("- h{at}=1.2.3.4")));
    compose("volumes", one("volumes", |at| format!("- \"v{at}:/v{at}\"")));
    compose("binds", one("volumes", |at| format!("- \"./v{at}:/v{at}\"")));
    compose("unknown", one("x-a", |at| format!("a{at}: b")).replace("x-a", "zz"));
    compose(
        "suppressed",
        format!(
            "services:\n{}",
            each(MANY, |at| {
                format!("  s{at}:\n    # plimsoll ignore=image-tag reason=x\n    image: x\n")
            })
        ),
    );
}

fn pod(at: usize, labels: &str, more: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{at}, labels: {{{labels}}}}}\n\
         spec: {{containers: [{{name: c, image: x{more}}}]}}\n"
    )
}

fn service(at: usize, selector: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{at}}}\n\
         spec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}\n"
    )
}

#[test]
fn objects() {
    let manifests = |name: &str, text: String| tame(name, &[("k.yaml", text)]);
    // Findings weigh more than what they are about.
    let count = MANY / 2;
    manifests("select-all", each(count, |at| pod(at, "app: a", "") + &service(at, "app: a")));
    manifests(
        "select-none",
        each(count, |at| pod(at, &format!("app: a{at}"), "") + &service(at, &format!("app: b{at}"))),
    );
    manifests(
        "select-apart",
        each(count, |at| pod(at, "app: a, tier: b", "") + &service(at, "app: a, tier: c")),
    );
    manifests("same-name", each(count, |_| pod(0, "app: a", "")));
    let probe = ", ports: [{containerPort: 80}], livenessProbe: {httpGet: {port: 81}}, readinessProbe: {tcpSocket: {port: no}}";
    manifests("probes", each(count, |at| pod(at, "app: a", probe)));
    let ports = |name: &str| {
        format!(", ports: [{}]", each(MANY, |at| format!("{{{name}containerPort: {}}}, ", at + 1)))
    };
    let head =
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  selector: {app: a}\n  ports:\n";
    let numbers = each(MANY, |at| format!("  - {{port: {}}}\n", at + 30_000));
    manifests("target-numbers", format!("{}{head}{numbers}", pod(0, "app: a", &ports(""))));
    let names = each(MANY, |at| format!("  - {{port: 1, targetPort: q{at}}}\n"));
    manifests("target-names", format!("{}{head}{names}", pod(0, "app: a", &ports("name: p, "))));
    let list = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[".repeat(80) + &"]}".repeat(80);
    manifests("list-deep", list);
}

#[test]
fn workflows() {
    let workflow = |name: &str, jobs: String| {
        tame(
            name,
            &[
                (".github/workflows/b.yml", format!("name: b\non: [push]\njobs:\n{jobs}")),
                ("Dockerfile", "FROM x\n".to_owned()),
            ],
        );
    };
    let head = "  a:\n    runs-on: u\n    strategy:\n      matrix:\n";
    let values = each(256, |at| format!("{at}, "));
    let include = each(256, |at| format!("          - {{x: {at}, z: {at}}}\n"));
    let exclude = each(256, |at| format!("          - {{x: {at}, y: {at}}}\n"));
    let steps = "    steps:\n      - run: docker build -t a/${{ matrix.x }}:${{ matrix.y }} .\n";
    workflow(
        "matrix",
        format!(
            "{head}        x: [{values}]\n        y: [{values}]\n        include:\n{include}        exclude:\n{exclude}{steps}"
        ),
    );
    let axes = each(20, |at| format!("        x{at}: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n"));
    workflow("axes", format!("{head}{axes}{steps}"));
    workflow(
        "steps",
        format!(
            "  a:\n    runs-on: u\n    steps:\n{}",
            each(MANY, |at| {
                format!("      - run: docker build -t a/b{at}:1 . && docker push a/b{at}:1\n")
            })
        ),
    );
    let doubling = each(MANY, |at| format!("          A{}=$A{at}$A{at}\n", at + 1));
    workflow(
        "script",
        format!(
            "  a:\n    runs-on: u\n    steps:\n      - run: |\n          A0=x\n{doubling}          docker build -t $A{MANY} .\n"
        ),
    );
}

/// Names that a terminal, a workflow runner, a browser or a reader of XML would obey.
#[test]
fn names_that_are_commands_elsewhere() {
    let names = [
        r#""a\e[31mred""#,
        r#""b\u202Eevil""#,
        r#""c\n::set-output name=x::y""#,
        r#""d<script>alert(1)</script>""#,
        r#""e|`x`|[l](javascript:1)""#,
        r#""f\r::warning::z""#,
        r#""g]]>x""#,
    ];
    let folder = folder("hostile/commands");
    let services =
        names.map(|name| format!("  {name}: {{image: {name}, user: {name}, {name}: 1}}\n")).concat();
    write(&folder.join("compose.yaml"), format!("services:\n{services}"));
    let pods = names.map(|name| {
        format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: {name}, image: {name}}}]}}\n")
    });
    write(&folder.join("pods.yaml"), pods.concat());
    for format in FORMATS {
        let run = plimsoll(&folder, &["check", "--pack", "strict", "--format", format]);
        assert_eq!(run.code, Some(1), "{run:?}");
        let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!run.stdout.contains(obeyed), "{format}: {}", run.stdout.escape_debug());
        let is_command = |line: &str| {
            let known = ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
            line.starts_with("::") && !(known && format == "github")
        };
        assert!(!run.stdout.lines().any(is_command), "{format}: {}", run.stdout);
        let is_markup = matches!(format, "junit" | "checkstyle" | "markdown" | "html");
        // The page has one of its own.
        let own = usize::from(format == "html");
        assert!(!is_markup || run.stdout.matches("<script").count() == own, "{format}: {}", run.stdout);
    }
}
