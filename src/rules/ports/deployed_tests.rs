//! Deployment files: ports of the host, and rows that are deployed.

use crate::rules::compose::testing::{alone, said};

const NONE: [&str; 0] = [];

/// A project of two services with these lines each.
fn two(one: &str, other: &str) -> String {
    format!("services:\n  a:\n    image: x:1\n{one}  b:\n    image: y:1\n{other}")
}

#[test]
fn ports_of_one_project() {
    let with = |one: &str, other: &str| {
        alone("port-conflict", &two(&format!("    ports: {one}\n"), &format!("    ports: {other}\n")))
    };
    const LATER: [&str; 1] = ["compose.yaml:7 error"];
    assert_eq!(with("['80:80']", "['80:81']"), LATER);
    assert_eq!(with("['80:80']", "['80:80/udp']"), NONE);
    assert_eq!(with("['127.0.0.1:80:80']", "['127.0.0.2:80:80']"), NONE);
    assert_eq!(with("['127.0.0.1:80:80']", "['80:80']"), LATER);
    assert_eq!(with("['0.0.0.0:80:80']", "['127.0.0.1:80:80']"), LATER);
    assert_eq!(with("['80-82:80-82']", "['81:81']"), LATER);
    // Docker picks one that is free.
    assert_eq!(with("['8000-9000:80']", "['8080:81']"), NONE);
    assert_eq!(with("['80']", "['80']"), NONE);
    assert_eq!(with("['${P}:80']", "['${P}:81']"), NONE);
    assert_eq!(with("['${P:-80}:80']", "['80:81']"), LATER);
    assert_eq!(with("['80:80', '80:81']", "[]"), ["compose.yaml:4 error"]);
    assert_eq!(with("['80:80', '80:80']", "[]"), NONE);
    assert_eq!(with("[{target: 80, published: 80}]", "[{target: 81, published: '80'}]"), LATER);
}

#[test]
fn ports_that_are_not_published_together() {
    let with = |one: &str, other: &str| {
        let line = |more: &str| format!("    ports: ['80:80']\n    {more}\n");
        alone("port-conflict", &two(&line(one), &line(other)))
    };
    assert_eq!(with("profiles: [x]", "profiles: [y]"), NONE);
    assert_eq!(with("profiles: [x]", "init: true"), ["compose.yaml:8 error"]);
    assert_eq!(with("network_mode: host", "init: true"), NONE);
}

const TWO_ROWS: &str = "machines.m.compose = [\"a/compose.yaml\"]\nmachines.n.compose = []\n[services.rows]\n\
                        alpha = { on = [\"m\"], ports = \"7101/8101\" }\nbeta = { on = [\"n\"], ports = \"7102/8102\" }\n";

#[test]
fn ports_of_projects_on_machines() {
    let plan =
        |one: &str, other: &str| format!("machines.m.compose = [{one}]\nmachines.n.compose = [{other}]\n");
    let with = |plan: &str| {
        let project = "services:\n  a:\n    image: x:1\n    ports: ['80:80']\n";
        said("port-conflict", plan, &[("a/compose.yaml", project), ("b/compose.yaml", project)])
    };
    assert_eq!(with(&plan("\"a/compose.yaml\", \"b/compose.yaml\"", "")), ["b/compose.yaml:4 error"]);
    assert_eq!(with(&plan("\"a/compose.yaml\"", "\"b/compose.yaml\"")), NONE);
    assert_eq!(with(""), NONE);
}

#[test]
fn planned_ports_of_the_machine() {
    let with = |service: &str, port: u16| {
        let project = format!("services:\n  {service}:\n    image: x:1\n    ports: ['{port}:1']\n");
        said("port-conflict", TWO_ROWS, &[("a/compose.yaml", &project)])
    };
    assert_eq!(with("other", 8101), ["a/compose.yaml:4 error"]);
    assert_eq!(with("alpha", 8101), NONE);
    // `beta` runs on the other machine.
    assert_eq!(with("other", 8102), NONE);
}

#[test]
fn ports_of_pods() {
    let pod = |spec: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}  containers:\n  - name: a\n    image: x:1\n    ports: [{{containerPort: 80, hostPort: 8080}}]\n  - name: b\n    image: x:1\n    ports: [{{containerPort: 8080}}]\n"
        )
    };
    let with =
        |spec: &str| said("port-conflict", "", &[("pod.yaml", &pod(spec)), ("other/pod.yaml", &pod(spec))]);
    assert_eq!(with(""), NONE);
    assert_eq!(with("  hostNetwork: true\n"), ["other/pod.yaml:12 error", "pod.yaml:12 error"]);
}

#[test]
fn rows_and_deployments() {
    const PLAN: &str = "deploy.required = true\nimages.registry = \"ghcr.io/me\"\nmachines.m.compose = [\"a/compose.yaml\", \"b/compose.yaml\"]\n\
                        machines.n.compose = []\n[services.rows]\nalpha = { on = [\"m\"] }\n";
    let with = |plan: &str, files: &[(&str, &str)]| -> Vec<String> {
        let all = said("service-coverage", plan, files);
        // The row has no Dockerfile in any of these.
        let own = "plimsoll.toml:7 error";
        all.into_iter().filter(|one| one != own).collect()
    };
    let alpha = "services:\n  alpha:\n    image: ghcr.io/me/alpha:1\n  db:\n    image: postgres:16\n";
    assert_eq!(with(PLAN, &[("a/compose.yaml", alpha)]), NONE);
    assert_eq!(
        with(PLAN, &[("a/compose.yaml", alpha), ("b/compose.yaml", alpha)]),
        ["b/compose.yaml:2 error"]
    );
    let stranger =
        "services:\n  alpha:\n    image: ghcr.io/me/alpha:1\n  new:\n    image: ghcr.io/me/new:1\n";
    assert_eq!(with(PLAN, &[("a/compose.yaml", stranger)]), ["a/compose.yaml:4 error"]);
    let elsewhere = PLAN.replace("on = [\"m\"]", "on = [\"n\"]");
    assert_eq!(with(&elsewhere, &[("a/compose.yaml", alpha)]), ["a/compose.yaml:2 error"]);
    let optional = PLAN.replace("true", "false");
    assert_eq!(with(&optional, &[("a/compose.yaml", stranger)]), NONE);
}

#[test]
fn lists_of_health_checks() {
    let with = |test: &str| {
        alone(
            "healthcheck-form",
            &format!("services:\n  a:\n    image: x:1\n    healthcheck:\n      test: {test}\n"),
        )
    };
    const WRONG: [&str; 1] = ["compose.yaml:5 error"];
    for test in [
        "[curl, -f, http://x/]",
        "[\"curl -f http://x/ || exit 1\"]",
        "[CMD, \"curl -f http://x/\"]",
        "[CMD, curl, -f, http://x/, \"||\", exit, '1']",
        "[CMD, curl, \"http://x:$$PORT/\"]",
        "[CMD-SHELL, curl, http://x/]",
    ] {
        assert_eq!(with(test), WRONG, "{test}");
    }
    for test in [
        "curl -f http://x/ || exit 1",
        "[CMD-SHELL, \"curl -f http://x/ || exit 1\"]",
        "[CMD, curl, -f, http://x/]",
        "[CMD, sh, -c, \"curl $$X || exit 1\"]",
        "[CMD, /healthcheck]",
        "[NONE]",
        "[]",
    ] {
        assert_eq!(with(test), NONE, "{test}");
    }
}
