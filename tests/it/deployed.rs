//! Dockerfiles and the files that deploy them, judged together.

use std::path::Path;

use crate::support::{folder, plimsoll, write};

const PLAN: &str = "extends = []\n[user]\nuid = 10001\ngid = 10001\n[init]\nprocess = \"tini\"\n\
    [health]\nrequired = true\n[services.rows]\napi = {}\n";
const DOCKERFILE: &str = "FROM debian:12\nEXPOSE 8000\nCMD [\"sleep\", \"60\"]\n";
const MENDED: &str = "    build: ./api\n    user: \"10001:10001\"\n    init: true\n    healthcheck:\n      test: [CMD, test, -e, /tmp/alive]\n";

/// Lines of the rules about a started container, as `file:line rule`.
fn findings(folder: &Path) -> Vec<String> {
    let rules = ["runtime-user", "init-process", "healthcheck", "override-drops-health"];
    let select = rules.iter().flat_map(|rule| ["--select", rule]);
    let arguments: Vec<&str> =
        ["check", ".", "--format", "json", "--fail-on", "never"].into_iter().chain(select).collect();
    let run = plimsoll(folder, &arguments);
    let line = |finding: &serde_json::Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        format!("{}:{} {}", text("file"), finding["line"], text("rule"))
    };
    run.findings().iter().map(line).collect()
}

/// What it is about, files beside the Dockerfile, findings.
type Case<'t> = (&'t str, &'t [(&'t str, &'t str)], &'t [&'t str]);

#[test]
fn a_dockerfile_is_mended_by_all_of_its_deployments_or_by_none() {
    let of_image =
        ["api/Dockerfile:1 healthcheck", "api/Dockerfile:1 init-process", "api/Dockerfile:1 runtime-user"];
    let mended = format!("services:\n  api:\n{MENDED}");
    let second = format!("{mended}  worker:\n    build: ./api\n    user: \"10001:10001\"\n");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: api }\nspec:\n  containers:\n  - name: api\n    image: api:1\n";
    let cases: [Case<'_>; 5] = [
        ("nobody starts it", &[], &of_image),
        ("one that mends all", &[("compose.yaml", &mended)], &[]),
        ("a second one that mends the user only", &[("compose.yaml", &second)], &of_image[..2]),
        (
            "a part that never runs alone",
            &[("compose.yaml", "services:\n  other:\n    user: \"10001:10001\"\n")],
            &of_image,
        ),
        ("a pod that mends nothing", &[("compose.yaml", &mended), ("pod.yaml", pod)], &of_image),
    ];
    for (name, files, wanted) in cases {
        let folder = folder(&format!("deployed/{}", name.replace(' ', "-")));
        write(&folder.join("plimsoll.toml"), PLAN);
        write(&folder.join("api/Dockerfile"), DOCKERFILE);
        for (path, text) in files {
            write(&folder.join(path), text);
        }
        assert_eq!(findings(&folder), wanted, "{name}");
    }
}

#[test]
fn what_deployments_build_is_judged_whatever_it_is_called() {
    let folder = folder("deployed/named");
    write(&folder.join("plimsoll.toml"), "[user]\nuid = 10001\n");
    write(&folder.join("web/web.txt"), "FROM debian:12.5\nUSER 0\nCMD [\"a\"]\n");
    write(&folder.join("job/other.txt"), "FROM debian:12.5\nUSER 0\nCMD [\"a\"]\n");
    write(&folder.join("notes.txt"), "FROM debian:12.5\nUSER 0\n");
    let compose = "services:\n  web:\n    build: {context: web, dockerfile: web.txt}\n";
    write(&folder.join("compose.yaml"), compose);
    let workflow = "on: push\njobs:\n  job:\n    runs-on: ubuntu-24.04\n    steps:\n    - uses: docker/build-push-action@v6\n      with: {context: job, file: job/other.txt, push: true, tags: x/job:1}\n";
    write(&folder.join(".github/workflows/build.yml"), workflow);
    let wanted = ["job/other.txt:2 runtime-user", "web/web.txt:2 runtime-user"];
    let found: Vec<String> =
        findings(&folder).into_iter().filter(|line| line.ends_with("runtime-user")).collect();
    assert_eq!(found, wanted);
    let alone = plimsoll(&folder, &["check", "compose.yaml", "--select", "runtime-user"]);
    assert_eq!(alone.code, Some(0), "a call for one file judges that file: {alone:?}");
}

#[test]
fn an_override_shows_what_it_overrides() {
    let folder = folder("deployed-override");
    write(&folder.join("plimsoll.toml"), PLAN);
    write(&folder.join("api/Dockerfile"), format!("{DOCKERFILE}USER 10001:10001\n"));
    write(&folder.join("compose.yaml"), "services:\n  api:\n    build: ./api\n    user: \"10001:10001\"\n");
    write(&folder.join("compose.override.yaml"), "services:\n  api:\n    user: root\n");
    let arguments = ["check", ".", "--format", "json", "--select", "runtime-user"];
    let run = plimsoll(&folder, &arguments);
    let found = run.findings();
    assert_eq!(found.len(), 1, "{run:?}");
    assert_eq!((&found[0]["file"], &found[0]["line"]), (&"compose.override.yaml".into(), &3.into()));
    let related: Vec<String> = found[0]["related"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| format!("{}:{}", step["file"].as_str().unwrap(), step["line"]))
        .collect();
    assert_eq!(related, ["api/Dockerfile:4", "compose.yaml:4"], "{run:?}");
}

#[test]
fn images_of_others_are_no_planned_service() {
    let folder = folder("deployed-others");
    write(
        &folder.join("plimsoll.toml"),
        "extends = []\n[user]\nuid = 10001\n[images]\nregistry = \"ghcr.io/example\"\n[services.rows]\nredis = {}\nweb = {}\nproxy = {}\n",
    );
    let file = "services:\n  redis:\n    image: redis:7.2\n    user: \"999\"\n  proxy:\n    image: bitnami/envoy:1\n    user: \"1001\"\n  web:\n    image: ghcr.io/example/web:1\n    user: \"1001\"\n";
    write(&folder.join("compose.yaml"), file);
    assert_eq!(findings(&folder), ["compose.yaml:10 runtime-user"]);
}
