//! No secret is printed, in no format, whichever rule shows its line.

use crate::support::{FORMATS, folder, plimsoll, write};

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
    let without = ["--ignore", "secret-literal"];
    for format in FORMATS {
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

const COMPOSE: &str = "\
x-shared: &shared
  API_TOKEN: abcd1234verysecret
services:
  api:
    build: .
    user: root
    command: [\"app\", \"--password=hunter2hunter2\", \"ghp_abcdefghijklmnopqrstuvwxyz0123456789\"]
    env_file: api.env
    environment:
      <<: *shared
      DB_PASSWORD: ${DB_PASSWORD:-hunter2 and more}
      LOG_LEVEL: info
  other:
    image: redis
    environment: [\"SIGNING_KEY=abcd1234verysecret\", \"LOG_LEVEL=info\"]
";
const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: { name: api }
spec:
  containers:
    - { name: api, image: nginx, env: [{ name: API_TOKEN, value: abcd1234verysecret }] }
---
apiVersion: v1
kind: Secret
metadata: { name: api }
stringData: { anything: hunter2 }
";

#[test]
fn no_report_shows_a_secret_of_a_deployment_file() {
    let folder = folder("secrets-deployed");
    write(&folder.join("Dockerfile"), "FROM debian:12\nUSER 10001\nCMD [\"x\"]\n");
    write(&folder.join("compose.yaml"), COMPOSE);
    write(&folder.join("pod.yaml"), POD);
    write(&folder.join("api.env"), "LOG_LEVEL=loud\nAUTH_TOKEN=abcd1234verysecret\n");
    write(&folder.join(".env"), "OTHER=hunter2\n");
    write(&folder.join("plimsoll.toml"), "[env]\nLOG_LEVEL = [\"DEBUG\", \"INFO\"]\n");
    for format in FORMATS {
        for extra in [&[][..], &["--ignore", "secret-literal", "--ignore", "secret-default"][..]] {
            let run = plimsoll(&folder, &[&["check", "--format", format], extra].concat());
            assert_eq!(run.code, Some(1), "{run:?}");
            no_secret(&run.stdout, format);
        }
    }
    no_secret(&plimsoll(&folder, &["dump", "compose.yaml"]).stdout, "dump");
}

/// Secrets of `.env` that interpolation puts where no name says that they are secret, and what pods say.
const INTERPOLATED: &str = "\
services:
  api:
    build: {context: ., args: {API_TOKEN: abcd1234verysecret, NPM: \"${NPM_TOKEN}\"}}
    container_name: \"${API_TOKEN}\"
    user: \"${API_TOKEN}\"
    command: [\"app\", \"--with\", \"${API_TOKEN}\", \"${OTHER_PASSWORD:-hunter2hunter2}\"]
    networks: [\"${API_TOKEN}\"]
    volumes: [\"./${API_TOKEN}:/data\"]
    healthcheck: {test: \"curl -f http://u:${API_TOKEN}@localhost:1/x || exit 1\"}
    environment:
      DATABASE_URL: postgres://api:${DB_PASSWORD}@db/api
      LOG_LEVEL: \"${API_TOKEN}\"
  other:
    image: \"redis:${API_TOKEN}\"
    ports: [\"${API_TOKEN}:80\"]
    depends_on: [\"x${API_TOKEN}\"]
    env_file: \"${API_TOKEN}.env\"
    logging: {driver: \"${API_TOKEN}\"}
    restart: \"${API_TOKEN}\"
";
const PODS: &str = "\
apiVersion: v1
kind: Pod
metadata: { name: api, labels: { app: api } }
spec:
  containers:
    - name: api
      image: nginx
      command: [app, --password=hunter2hunter2]
      args: [\"API_TOKEN=abcd1234verysecret\", ghp_abcdefghijklmnopqrstuvwxyz0123456789]
      env:
        - { name: API_TOKEN, value: abcd1234verysecret }
        - { name: API_TOKEN, value: abcd1234verysecret }
        - { name: LOG_LEVEL, value: $(API_TOKEN) }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: api }
data:
  DB_PASSWORD: hunter2hunter2
  id_rsa: |
    -----BEGIN RSA PRIVATE KEY-----
    MIIEverysecret
    -----END RSA PRIVATE KEY-----
";

#[test]
fn no_report_shows_what_variables_put_in() {
    let folder = folder("secrets-interpolated");
    write(&folder.join("Dockerfile"), "FROM debian:12\nARG NPM\nUSER 10001\nCMD [\"x\"]\n");
    write(&folder.join("compose.yaml"), INTERPOLATED);
    write(&folder.join("pods.yaml"), PODS);
    write(
        &folder.join(".env"),
        "API_TOKEN=abcd1234verysecret\nDB_PASSWORD=hunter2hunter2\nNPM_TOKEN=verysecret9\n",
    );
    let plan = "extends = [\"strict\"]\n[env]\nLOG_LEVEL = [\"INFO\"]\n[logging]\ndriver = \"json-file\"\n[deploy]\nrestart = \"always\"\n";
    write(&folder.join("plimsoll.toml"), plan);
    for format in FORMATS {
        let run = plimsoll(&folder, &["check", "--format", format]);
        assert_eq!(run.code, Some(1), "{run:?}");
        no_secret(&run.stdout, format);
        no_secret(&format!("-{}", run.stderr), format);
    }
    no_secret(&plimsoll(&folder, &["dump", "compose.yaml"]).stdout, "dump");
}

const SECRETS_OF_DOTENV: &str = "\
DB_PASSWORD=s3cr3t-verysecret
SIGNING_KEY='hunter2 and more'
CACHE_URL=redis://:hunter2hunter2@cache:6379
FREE=free
";
const COMPOSE_WITH_VARIABLES: &str = "\
services:
  api:
    image: nginx:${DB_PASSWORD}
    command: app --auth ${DB_PASSWORD} --cache=${CACHE_URL}
    entrypoint: [\"/run.sh\", \"$SIGNING_KEY\"]
    ports: [\"80:${SIGNING_KEY}\"]
    healthcheck:
      test: curl -u app:${DB_PASSWORD} http://localhost/health
      retries: ${DB_PASSWORD}
    build:
      context: .
      args:
        DB_PASSWORD:
    env_file: api.env
    labels: { note: \"$DB_PASSWORD $FREE\" }
    environment:
      DB_PASSWORD: ${DB_PASSWORD}
      SIGNING_KEY:
      DATABASE: postgres://app:${DB_PASSWORD}@db/app
      OTHER: postgres://app:pre-verysecret@db/app
      LOG_LEVEL: ${DB_PASSWORD}
      HARMLESS: ${FREE}
";

#[test]
fn no_report_shows_what_a_variable_brings() {
    let folder = folder("secrets-variables");
    write(&folder.join("Dockerfile"), "FROM debian:12\nARG DB_PASSWORD\nUSER 10001\nCMD [\"x\"]\n");
    write(&folder.join("compose.yaml"), COMPOSE_WITH_VARIABLES);
    write(&folder.join(".env"), SECRETS_OF_DOTENV);
    write(&folder.join("api.env"), "AUTH_TOKEN=abcd1234verysecret\n");
    write(&folder.join("plimsoll.toml"), "[env]\nLOG_LEVEL = [\"DEBUG\", \"INFO\"]\n");
    let dump = plimsoll(&folder, &["dump", "compose.yaml"]);
    no_secret(&dump.stdout, "dump");
    assert!(dump.stdout.contains("\"HARMLESS\": \"free\""), "{dump:?}");
    assert!(dump.stdout.contains("\"DATABASE\": \"postgres://app:***@db/app\""), "{dump:?}");
    for format in FORMATS {
        let run = plimsoll(&folder, &["check", "--format", format]);
        assert_eq!(run.code, Some(1), "{run:?}");
        no_secret(&run.stdout, format);
    }
}

#[track_caller]
fn no_secret(text: &str, format: &str) {
    assert!(!text.is_empty(), "{format}");
    for secret in ["verysecret", "hunter2", "ghijklmn"] {
        assert!(!text.contains(secret), "{format} shows `{secret}`:\n{text}");
    }
}
