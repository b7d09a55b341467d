//! No secret is printed, in no format, whichever rule shows its line.

use crate::support::{folder, plimsoll, write};

const DOCKERFILE: &str = "\
FROM python:3.11-slim AS base
ENV API_TOKEN=abcd1234verysecret LOG_LEVEL=info
ARG DB_PASSWORD=\"hunter2 and more\"
FROM base
RUN curl -H \"Authorization: ghp_abcdefghijklmnopqrstuvwxyz0123456789\" https://example.com | tar x
RUN pip install flask && export PATH=/x
USER 0
";

#[test]
fn no_report_shows_a_secret() {
    let folder = folder("secrets");
    write(&folder.join("Dockerfile"), DOCKERFILE);
    write(&folder.join("child/Dockerfile"), "FROM example/secrets\nCMD [\"x\"]\n");
    write(&folder.join("plimsoll.toml"), "[env]\nLOG_LEVEL = [\"DEBUG\", \"INFO\"]\n");
    let formats =
        ["text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "markdown"];
    let without = ["--ignore", "secret-literal"];
    for format in formats {
        for extra in [&[][..], &without[..]] {
            let arguments = [&["check", "--format", format], extra].concat();
            let run = plimsoll(&folder, &arguments);
            assert_eq!(run.code, Some(1), "{run:?}");
            no_secret(&run.stdout, format);
        }
    }
    let dump = plimsoll(&folder, &["dump", "Dockerfile"]);
    assert!(dump.stdout.contains("\"secret\": true"), "{dump:?}");
    no_secret(&dump.stdout, "dump");
}

#[track_caller]
fn no_secret(text: &str, format: &str) {
    assert!(!text.is_empty(), "{format}");
    for secret in ["verysecret", "hunter2", "ghijklmn"] {
        assert!(!text.contains(secret), "{format} shows `{secret}`:\n{text}");
    }
}
