//! Rules on images in memory: what stays open, who is exempt, and traps that pages leave out.

use serde_json::json;

use crate::finding::{Findings, Kind};
use crate::fleet::row_of_image;
use crate::image::fixture::{Fixture, write_archive};
use crate::image::{ImageName, LayerChoice, ReadOptions, read};
use crate::model::BuiltImage;
use crate::plan::{Plan, PlanIndex};
use crate::rules::{Check, find};

mod versions;

/// The image that a fixture is read as.
fn image(value: &serde_json::Value, layers: LayerChoice, plan: &Plan) -> BuiltImage {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let fixture = Fixture::from_json("web:1.0", value, None);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("plimsoll-image-rules-{}-{number}.tar", std::process::id()));
    let (form, members) = match fixture.oci {
        true => ("oci-archive", fixture.oci_layout()),
        false => ("docker-archive", fixture.docker_archive()),
    };
    write_archive(&path, &members);
    let name = ImageName::parse(&format!("{form}:{}", path.display())).unwrap();
    let options = ReadOptions { layers, ..ReadOptions::default() };
    let found = read(&name, &options);
    std::fs::remove_file(&path).unwrap();
    let mut image = found.unwrap().pop().unwrap();
    let row = row_of_image(&image, &PlanIndex::new(plan));
    (image.service, image.hierarchy) = (row.service, row.hierarchy);
    image
}

/// What a rule says of an image: messages, those of open results behind `open: `.
fn said(rule: &str, plan: &str, value: &serde_json::Value, layers: LayerChoice) -> Vec<String> {
    let plan = crate::plan::testing::load_text(plan).unwrap();
    let rule = find(rule).unwrap();
    assert!((rule.planned)(&plan), "{} is not planned", rule.id);
    let image = image(value, layers, &plan);
    let mut out = Findings::new();
    out.speak_for(rule.id, rule.severity);
    for check in rule.check.each() {
        if let Check::Image(check) = check {
            check(&image, &plan, &mut out);
        }
    }
    let shown = |kind: Kind, message: String| match kind {
        Kind::Finding => message,
        Kind::Open => format!("open: {message}"),
    };
    out.into_vec().into_iter().map(|one| shown(one.kind, one.message)).collect()
}

/// Each case: what it is about, the rule, the plan, the image, and how the only message begins; none: nothing is said.
type Case = (&'static str, &'static str, &'static str, serde_json::Value, Option<&'static str>);

fn hold(layers: LayerChoice, cases: Vec<Case>) {
    for (name, rule, plan, value, wanted) in cases {
        let said = said(rule, plan, &value, layers);
        match wanted {
            None => assert!(said.is_empty(), "{rule}, {name}: {said:?}"),
            Some(wanted) => {
                assert!(said.len() == 1 && said[0].starts_with(wanted), "{rule}, {name}: {said:?}");
            }
        }
    }
}

const USER: &str = "[user]\nuid = 10001\ngid = 10001\n[images.hierarchy]\nbase = { from = \"scratch\" }\n";
const INIT: &str = "[init]\nprocess = \"tini\"\n[images.hierarchy]\nbase = { from = \"scratch\" }\n";
const HEALTH: &str = "[health]\npath = \"/health\"\n[services.rows]\nweb = { ports = \"7113/8113\" }\n[images.hierarchy]\nbase = { from = \"scratch\" }\n";
const PASSWD: &str = "root:x:0:0::/:/bin/sh\nappuser:x:10001:10001::/:/bin/sh\n";

#[test]
fn users() {
    let with =
        |user: &str| json!({"config": {"User": user, "Cmd": ["web"]}, "layers": [{"/etc/passwd": PASSWD}]});
    hold(
        LayerChoice::Always,
        vec![
            ("the planned name", "runtime-user", USER, with("appuser"), None),
            ("the planned numbers", "runtime-user", USER, with("10001:10001"), None),
            ("a number with a row", "runtime-user", USER, with("10001"), None),
            (
                "a number without a row",
                "runtime-user",
                USER,
                with("10002"),
                Some("runs as `10002 (10002:0)`"),
            ),
            ("nobody", "runtime-user", USER, json!({"config": {"Cmd": ["web"]}}), Some("sets no user")),
            ("nothing is started", "runtime-user", USER, json!({"config": {"User": "root"}}), None),
            (
                "a base",
                "runtime-user",
                USER,
                json!({"tag": "base:1.0", "config": {"User": "root", "Cmd": ["sh"]}}),
                None,
            ),
            (
                "Windows",
                "runtime-user",
                USER,
                json!({"platform": "windows/amd64", "config": {"User": "ContainerUser", "Cmd": ["web"]}}),
                None,
            ),
            ("a name of nobody is another rule's", "runtime-user", USER, with("ghost"), None),
            (
                "a name of nobody",
                "user-exists",
                "",
                with("ghost"),
                Some("runs as user `ghost`, which is not in `/etc/passwd`"),
            ),
            ("a group of nobody", "user-exists", "", with("appuser:ghosts"), Some("runs as group `ghosts`")),
            ("root without a file", "user-exists", "", json!({"config": {"User": "root"}}), None),
            (
                "an account that a later layer takes away",
                "user-exists",
                "",
                json!({"config": {"User": "appuser"}, "layers": [{"/etc/passwd": PASSWD}, {"/etc/.wh.passwd": ""}]}),
                Some("runs as user `appuser`"),
            ),
        ],
    );
    hold(
        LayerChoice::Never,
        vec![
            ("a name", "runtime-user", USER, with("appuser"), Some("open: cannot tell the user")),
            ("root", "runtime-user", USER, with("root"), Some("runs as `root (0:0)`")),
            ("a number", "runtime-user", USER, with("10001:10001"), None),
            ("another number", "runtime-user", USER, with("1000:1000"), Some("runs as `1000:1000`")),
            ("a name", "user-exists", "", with("ghost"), None),
        ],
    );
}

#[test]
fn inits() {
    let starts =
        |entrypoint: &[&str], cmd: &[&str]| json!({"config": {"Entrypoint": entrypoint, "Cmd": cmd}});
    let holds = |path: &str, entrypoint: &str| json!({"config": {"Entrypoint": [entrypoint, "--"], "Cmd": ["web"]}, "layers": [{path: {"mode": "755", "text": ""}}]});
    hold(
        LayerChoice::Always,
        vec![
            ("tini", "init-process", INIT, starts(&["/sbin/tini", "--"], &["web"]), None),
            ("tini as CMD", "init-process", INIT, starts(&[], &["tini", "--", "web"]), None),
            ("exec tini", "init-process", INIT, starts(&["/bin/sh", "-c", "exec tini -- web"], &[]), None),
            (
                "a script",
                "init-process",
                INIT,
                starts(&["/entry.sh"], &["web"]),
                Some("open: cannot tell PID 1: the script"),
            ),
            (
                "an entry program",
                "init-process",
                INIT,
                starts(&["docker-entrypoint"], &["web"]),
                Some("open: cannot tell PID 1"),
            ),
            (
                "another program",
                "init-process",
                INIT,
                starts(&["python"], &["web"]),
                Some("`python` is PID 1, planned `tini`"),
            ),
            ("a base", "init-process", INIT, json!({"tag": "base:1.0", "config": {"Cmd": ["python"]}}), None),
            ("nothing", "init-process", INIT, json!({"config": {}}), None),
            ("it is there", "init-installed", INIT, holds("/usr/bin/tini", "/usr/bin/tini"), None),
            ("it is found", "init-installed", INIT, holds("/usr/bin/tini", "tini"), None),
            (
                "it is elsewhere",
                "init-installed",
                INIT,
                holds("/sbin/tini", "/usr/bin/tini"),
                Some("starts `/usr/bin/tini`"),
            ),
            (
                "its folder is not searched",
                "init-installed",
                INIT,
                holds("/opt/tini", "/opt/tini"),
                Some("open: cannot tell whether"),
            ),
            (
                "a link out of the folders",
                "init-installed",
                INIT,
                json!({"config": {"Entrypoint": ["tini"], "Cmd": ["web"]}, "layers": [{"/usr/bin/tini": {"link": "/opt/tini/tini"}}]}),
                None,
            ),
            (
                "a folder of PATH that is not searched",
                "init-installed",
                INIT,
                json!({"config": {"Env": ["PATH=/opt/conda/bin:/usr/bin"], "Entrypoint": ["tini"], "Cmd": ["web"]}, "layers": [{"/a": ""}]}),
                Some(
                    "open: cannot tell whether `tini` is in the image: the layers were not searched for what lies in `/opt/conda/bin`",
                ),
            ),
            (
                "a virtual environment",
                "init-installed",
                INIT,
                json!({"config": {"Env": ["PATH=/opt/venv/bin:/usr/bin"], "Entrypoint": ["tini"], "Cmd": ["web"]}, "layers": [{"/a": ""}]}),
                Some("starts `tini`, which is not in the image"),
            ),
        ],
    );
    let unread = Some(
        "open: cannot tell whether `/usr/bin/tini` is in the image: the layers of the image were not read",
    );
    hold(
        LayerChoice::Never,
        vec![("unread", "init-installed", INIT, holds("/usr/bin/tini", "/usr/bin/tini"), unread)],
    );
}

#[test]
fn health_checks() {
    let asks = |test: &[&str]| json!({"config": {"Cmd": ["web"], "Healthcheck": {"Test": test}}, "layers": [{"/usr/bin/curl": {"mode": "755", "text": ""}}]});
    let oci = json!({"oci": true, "tag": "org/web:1.0", "config": {"Cmd": ["web"]}});
    hold(
        LayerChoice::Always,
        vec![
            (
                "an OCI config cannot say",
                "healthcheck",
                HEALTH,
                oci,
                Some("open: cannot tell whether there is a health check: an OCI"),
            ),
            (
                "an OCI config says so all the same",
                "healthcheck",
                HEALTH,
                json!({"oci": true, "tag": "org/web:1.0", "config": {"Cmd": ["web"], "Healthcheck": {"Test": ["CMD", "web"]}}}),
                None,
            ),
            (
                "missing",
                "healthcheck",
                HEALTH,
                json!({"config": {"Cmd": ["web"]}}),
                Some("has no health check"),
            ),
            ("a base", "healthcheck", HEALTH, json!({"tag": "base:1.0", "config": {"Cmd": ["sh"]}}), None),
            (
                "an image that no row plans",
                "healthcheck",
                HEALTH,
                json!({"tag": "tool:1.0", "config": {"Cmd": ["tool"]}}),
                None,
            ),
            (
                "one that listens",
                "healthcheck",
                HEALTH,
                json!({"tag": "tool:1.0", "config": {"Cmd": ["tool"], "ExposedPorts": {"80/tcp": {}}}}),
                Some("has no health check"),
            ),
            (
                "the program is there",
                "healthcheck-tool",
                "",
                asks(&["CMD", "curl", "-f", "http://localhost/"]),
                None,
            ),
            (
                "a shell form without a shell",
                "healthcheck-tool",
                "",
                asks(&["CMD-SHELL", "curl -f http://localhost/"]),
                Some("the health check is in shell form, and the image has no `/bin/sh`"),
            ),
            (
                "another program",
                "healthcheck-tool",
                "",
                asks(&["CMD", "wget", "-q", "http://localhost/"]),
                Some("the health check needs `wget`"),
            ),
            ("a program of the application", "healthcheck-tool", "", asks(&["CMD", "/app/health"]), None),
            (
                "its own name is the container",
                "healthcheck-endpoint",
                HEALTH,
                asks(&["CMD", "curl", "-f", "http://web:8113/health"]),
                None,
            ),
            (
                "another host is not",
                "healthcheck-endpoint",
                HEALTH,
                asks(&["CMD", "curl", "-f", "http://db:8113/health"]),
                Some("the health check asks `db`"),
            ),
        ],
    );
    hold(
        LayerChoice::Never,
        vec![
            (
                "unread",
                "healthcheck-tool",
                "",
                asks(&["CMD", "curl", "-f", "http://localhost/"]),
                Some("open: cannot tell whether `curl` is in the image"),
            ),
            ("an own program", "healthcheck-tool", "", asks(&["CMD", "web", "--health"]), None),
        ],
    );
}
