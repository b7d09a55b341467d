//! No secret of an image is printed, in no format, whichever rule shows its line.

use serde_json::{Value, json};

use crate::support::image_fixture::{Fixture, file, write_archive};
use crate::support::{FORMATS, folder, plimsoll, write};

/// Parts that every planted secret has one of.
const MARKS: [&str; 3] = ["verysecret", "hunter2hunter2", "k5Wn83pLz"];
const TOKEN: &str = "ghp_abcdefghijklmnopqrstuvk5Wn83pLz01234";

/// An image with secrets wherever one may stand, and with enough wrong that rules show every part of its record.
fn leaky(tag: &str) -> Fixture {
    let config = json!({
        "User": "0",
        "Env": [
            "PATH=/usr/bin",
            "API_TOKEN=verysecret-1",
            "dbPassword=verysecret \"2\" & <more>",
            "DATABASE_URL=postgres://app:hunter2hunter2@db/app",
            "JAVA_OPTS=-Dspring.datasource.password=verysecret3 -Xmx1g",
            format!("NOTE={TOKEN}"),
            format!("{TOKEN}"),
            "LOG_LEVEL=loud",
            "LOG_LEVEL_TOKEN=verysecret-1",
        ],
        "Cmd": ["app", "--password", "verysecret4", "--api-key=verysecret5"],
        "Entrypoint": ["sh", "-c", "curl -H \"Authorization: Bearer verysecret6\" https://x"],
        "Healthcheck": { "Test": ["CMD-SHELL", "curl -u probe:verysecret7 http://localhost/x"] },
        "OnBuild": ["ENV CHILD_SECRET=verysecret8"],
        "Volumes": { "/etc": {} },
        "Labels": {
            "build.token": "verysecret9",
            "org.opencontainers.image.base.name": "robot:hunter2hunter2@registry.example/base:1",
            "org.opencontainers.image.source": "https://bot:k5Wn83pLz@git.example/web",
            "org.opencontainers.image.revision": "k5Wn83pLz",
        },
    });
    let mut fixture = Fixture::new(tag, config)
        .layer(
            "RUN |2 A=b NPM_TOKEN=verysecret10 /bin/sh -c npm ci # buildkit",
            vec![file("/root/.npmrc", "//registry.example/:_authToken=verysecret11\n")],
        )
        .layer(
            "/bin/sh -c echo 'root:verysecret12' | chpasswd",
            vec![file("/root/.ssh/id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\nverysecret13\n")],
        )
        .layer("|1 PASSWORD=verysecret14 /bin/sh -c echo '{\"auth_token\": \"verysecret15\"}' > /x", vec![])
        .meta("ENV OLD_SECRET=verysecret16 and more of verysecret17")
        .meta("/bin/sh -c #(nop)  LABEL build.password=verysecret18")
        .meta("RUN /bin/sh -c sshpass -p verysecret19 ssh x; app --auth-token 'verysecret20' # buildkit");
    fixture.annotations = json!({
        "org.example.secret-key": "verysecret21",
        "org.opencontainers.image.base.name": "https://robot:hunter2hunter2@registry.example/base:1",
    });
    fixture.config["container_config"] =
        json!({ "Env": ["API_TOKEN=verysecret-1", "OTHER_TOKEN=verysecret22"] });
    fixture
}

const PLAN: &str = "\
extends = [\"strict\"]
[env]
LOG_LEVEL = [\"DEBUG\", \"INFO\"]
[images]
registry = \"registry.example/org\"
tag = '^\\d{8}-[0-9a-f]{7,40}$'
platforms = [\"linux/arm64\"]
[images.size]
cpu = \"1KB\"
[images.hierarchy]
base = { from = \"scratch\" }
[health]
path = \"/health\"
[services.rows]
web = { base = \"base\", ports = \"7000/8000\" }
";

#[test]
fn no_report_of_an_image_shows_a_secret() {
    let folder = folder("images-secrets");
    let fixture = leaky("registry.example/org/web:20250812-abcdef0");
    write_archive(&folder.join("docker.tar"), &fixture.docker_archive());
    write_archive(&folder.join("oci.tar"), &fixture.clone().oci().oci_layout());
    write(&folder.join("plimsoll.toml"), PLAN);
    write(
        &folder.join("web/Dockerfile"),
        "FROM scratch\nENV API_TOKEN=verysecret-of-the-file LOG_LEVEL=info\nCMD [\"app\"]\n",
    );
    let all = ["docker-archive:docker.tar", "oci-archive:oci.tar"];
    for format in FORMATS {
        for extra in [&[][..], &["--ignore", "image-secret"], &["--against", "web"], &["--base", all[1]]] {
            let arguments = [&["image", all[0], all[1], "--format", format, "-v"][..], extra].concat();
            let run = plimsoll(&folder, &arguments);
            assert_eq!(run.code, Some(1), "{run:?}");
            assert!(!run.stdout.is_empty(), "{format}");
            for secret in MARKS {
                assert!(!run.stdout.contains(secret), "{format} shows `{secret}`:\n{}", run.stdout);
                assert!(!run.stderr.contains(secret), "{format} shows `{secret}`:\n{}", run.stderr);
            }
        }
    }
}

#[test]
fn every_secret_is_found_once() {
    let folder = folder("images-secrets-found");
    let fixture = leaky("org/web:1.0").oci();
    write_archive(&folder.join("web.tar"), &fixture.oci_layout());
    let run =
        plimsoll(&folder, &["image", "oci-archive:web.tar", "--select", "image-secret", "--format", "json"]);
    let findings = run.findings();
    let messages: Vec<&str> = findings.iter().filter_map(|finding| finding["message"].as_str()).collect();
    for wanted in [
        "the variable `API_TOKEN` holds a secret",
        "the variable `dbPassword` holds a secret",
        "the URL in the variable `DATABASE_URL` holds a password",
        "the variable `JAVA_OPTS` holds an option with a secret",
        "the variable `NOTE` holds a GitHub token",
        "a command of the config holds the value of the option `password`, a secret",
        "a command of the config holds the value of the option `api-key`, a secret",
        "a command of the config holds the value of the header `Authorization`, a secret",
        "a command of the config holds the password of the account `probe`",
        "a command of the config holds the value of `CHILD_SECRET`, a secret",
        "the label `build.token` holds a secret",
        "the URL in the label `org.opencontainers.image.source` holds a password",
        "the annotation `org.example.secret-key` holds a secret",
        "the history shows the value of `NPM_TOKEN`, a secret",
        "the history shows the password of the account `root`",
        "the history shows the value of `PASSWORD`, a secret",
        "the history shows the value of `auth_token`, a secret",
        "the history shows the value of `OLD_SECRET`, a secret",
        "the history shows the value of `build.password`, a secret",
        "the history shows the value of the option `auth-token`, a secret",
        "this layer ships `/root/.npmrc`, which is a credential by its name or its first bytes",
        "this layer ships `/root/.ssh/id_rsa`, which is a credential by its name or its first bytes",
    ] {
        let count = messages.iter().filter(|message| **message == wanted).count();
        assert_eq!(count, 1, "{wanted}\n{}", messages.join("\n"));
    }
    // `container_config` repeats one secret and has another of its own.
    let related = |finding: &Value| finding["related"].as_array().map_or(0, Vec::len);
    let token = findings.iter().find(|it| it["message"] == "the variable `API_TOKEN` holds a secret");
    assert_eq!(token.map(related), Some(2), "{findings:?}");
    assert!(messages.contains(&"the variable `OTHER_TOKEN` holds a secret"), "{messages:?}");
}
