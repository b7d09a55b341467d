//! What well-known public images say in their configs, as far as rules ask. Read from the images' published configs and
//! Dockerfiles; a row speaks for every tag unless it names a part of the tag. Rows with a part stand first.
//!
//! An image that is not listed is *unknown*: a wrong row would make a wrong verdict, a missing one makes an open result.

use crate::model::KnownBase;
use crate::syntax::image_reference::ImageReference;

const BASE: KnownBase = KnownBase {
    repository: "",
    tag_part: "",
    user: "",
    entrypoint: &[],
    cmd: &[],
    tools: &[],
    has_shell: true,
    accounts: &[],
};

const DEBIAN: KnownBase = KnownBase { cmd: &["bash"], tools: APT_TOOLS, accounts: DEBIAN_ACCOUNTS, ..BASE };
const ALPINE: KnownBase =
    KnownBase { cmd: &["/bin/sh"], tools: BUSYBOX_TOOLS, accounts: ALPINE_ACCOUNTS, ..BASE };
const FEDORA: KnownBase =
    KnownBase { cmd: &["/bin/bash"], tools: FEDORA_TOOLS, accounts: DEBIAN_ACCOUNTS, ..BASE };

const APT_TOOLS: &[&str] = &["bash", "sh", "perl", "sed", "grep", "tar", "gzip", "awk"];
const BUSYBOX_TOOLS: &[&str] = &["sh", "wget", "nc", "sed", "grep", "tar", "gzip", "awk", "ps", "busybox"];
const FEDORA_TOOLS: &[&str] = &["bash", "sh", "curl", "sed", "grep", "tar", "gzip", "awk"];
const DEBIAN_ACCOUNTS: &[&str] = &[
    "daemon:1:1",
    "bin:2:2",
    "sys:3:3",
    "games:5:60",
    "man:6:12",
    "mail:8:8",
    "www-data:33:33",
    "nobody:65534:65534",
];
const ALPINE_ACCOUNTS: &[&str] =
    &["bin:1:1", "daemon:2:2", "adm:3:4", "mail:8:12", "guest:405:100", "nobody:65534:65534"];
/// User and start are known, the programs are not.
const ROOT: KnownBase = KnownBase { tools: KnownBase::UNTOLD, ..BASE };
const PHP: KnownBase = KnownBase { entrypoint: &["docker-php-entrypoint"], cmd: &["php", "-a"], ..ROOT };

const PYTHON_TOOLS: &[&str] =
    &["bash", "sh", "perl", "sed", "grep", "tar", "gzip", "awk", "python", "python3", "pip", "pip3"];
/// The full (buildpack-deps) variants carry curl, wget, git and compilers.
const PYTHON_FULL_TOOLS: &[&str] = &[
    "bash", "sh", "perl", "sed", "grep", "tar", "gzip", "awk", "python", "python3", "pip", "pip3", "curl",
    "wget", "git", "gcc", "make", "ps",
];
const FULL_TOOLS: &[&str] =
    &["bash", "sh", "perl", "sed", "grep", "tar", "gzip", "awk", "curl", "wget", "git", "gcc", "make", "ps"];
const NODE_FULL_TOOLS: &[&str] = &[
    "bash", "sh", "perl", "sed", "grep", "tar", "gzip", "awk", "curl", "wget", "git", "gcc", "make", "ps",
    "node", "npm", "yarn", "python3",
];

/// The table.
pub(crate) static KNOWN_BASES: &[KnownBase] = &[
    KnownBase {
        repository: "python",
        tag_part: "alpine",
        cmd: &["python3"],
        tools: &["sh", "wget", "nc", "python", "python3", "pip", "pip3"],
        ..ALPINE
    },
    KnownBase { repository: "python", tag_part: "slim", cmd: &["python3"], tools: PYTHON_TOOLS, ..DEBIAN },
    KnownBase { repository: "python", tag_part: "windowsservercore", has_shell: false, ..BASE },
    KnownBase { repository: "python", cmd: &["python3"], tools: PYTHON_FULL_TOOLS, ..DEBIAN },
    KnownBase {
        repository: "node",
        tag_part: "alpine",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["node"],
        tools: &["sh", "wget", "nc", "node", "npm", "yarn"],
        accounts: &["nobody:65534:65534", "node:1000:1000"],
        ..ALPINE
    },
    KnownBase {
        repository: "node",
        tag_part: "slim",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["node"],
        tools: &["bash", "sh", "node", "npm", "yarn"],
        accounts: &["nobody:65534:65534", "www-data:33:33", "node:1000:1000"],
        ..DEBIAN
    },
    KnownBase {
        repository: "node",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["node"],
        tools: NODE_FULL_TOOLS,
        accounts: &["nobody:65534:65534", "www-data:33:33", "node:1000:1000"],
        ..DEBIAN
    },
    KnownBase { repository: "debian", ..DEBIAN },
    KnownBase {
        repository: "ubuntu",
        tag_part: "24.",
        cmd: &["/bin/bash"],
        accounts: &["www-data:33:33", "nobody:65534:65534", "ubuntu:1000:1000"],
        ..DEBIAN
    },
    KnownBase {
        repository: "ubuntu",
        tag_part: "noble",
        cmd: &["/bin/bash"],
        accounts: &["www-data:33:33", "nobody:65534:65534", "ubuntu:1000:1000"],
        ..DEBIAN
    },
    KnownBase {
        repository: "ubuntu",
        tag_part: "latest",
        cmd: &["/bin/bash"],
        accounts: &["www-data:33:33", "nobody:65534:65534", "ubuntu:1000:1000"],
        ..DEBIAN
    },
    KnownBase { repository: "ubuntu", cmd: &["/bin/bash"], ..DEBIAN },
    KnownBase {
        repository: "buildpack-deps",
        tag_part: "curl",
        tools: &["bash", "sh", "perl", "curl", "wget"],
        ..DEBIAN
    },
    KnownBase { repository: "buildpack-deps", tools: FULL_TOOLS, ..DEBIAN },
    KnownBase { repository: "alpine", ..ALPINE },
    KnownBase { repository: "busybox", cmd: &["sh"], ..ALPINE },
    KnownBase { repository: "fedora", ..FEDORA },
    KnownBase { repository: "centos", ..FEDORA },
    KnownBase { repository: "rockylinux", ..FEDORA },
    KnownBase { repository: "almalinux", ..FEDORA },
    KnownBase { repository: "amazonlinux", ..FEDORA },
    KnownBase { repository: "registry.access.redhat.com/ubi9/ubi-minimal", ..FEDORA },
    KnownBase { repository: "registry.access.redhat.com/ubi9/ubi", ..FEDORA },
    KnownBase { repository: "registry.access.redhat.com/ubi8/ubi-minimal", ..FEDORA },
    KnownBase { repository: "registry.access.redhat.com/ubi8/ubi", ..FEDORA },
    KnownBase {
        repository: "golang",
        tag_part: "alpine",
        cmd: &["/bin/sh"],
        tools: &["sh", "wget", "nc", "go"],
        ..ALPINE
    },
    KnownBase { repository: "golang", tools: FULL_TOOLS, ..DEBIAN },
    KnownBase { repository: "rust", tag_part: "alpine", tools: &["sh", "wget", "nc", "cargo"], ..ALPINE },
    KnownBase { repository: "rust", tag_part: "slim", tools: &["bash", "sh", "cargo", "gcc"], ..DEBIAN },
    KnownBase { repository: "rust", tools: FULL_TOOLS, ..DEBIAN },
    KnownBase {
        repository: "nvidia/cuda",
        tag_part: "ubi",
        entrypoint: &["/opt/nvidia/nvidia_entrypoint.sh"],
        ..FEDORA
    },
    KnownBase {
        repository: "nvidia/cuda",
        tag_part: "rockylinux",
        entrypoint: &["/opt/nvidia/nvidia_entrypoint.sh"],
        ..FEDORA
    },
    // The `base` flavour has no entrypoint script of its own; runtime and devel do.
    KnownBase { repository: "nvidia/cuda", tag_part: "-base-ubuntu", cmd: &["/bin/bash"], ..DEBIAN },
    KnownBase {
        repository: "nvidia/cuda",
        tag_part: "ubuntu24",
        entrypoint: &["/opt/nvidia/nvidia_entrypoint.sh"],
        cmd: &["/bin/bash"],
        accounts: &["www-data:33:33", "nobody:65534:65534", "ubuntu:1000:1000"],
        ..DEBIAN
    },
    KnownBase {
        repository: "nvidia/cuda",
        entrypoint: &["/opt/nvidia/nvidia_entrypoint.sh"],
        cmd: &["/bin/bash"],
        ..DEBIAN
    },
    KnownBase {
        repository: "gcr.io/distroless",
        tag_part: "debug-nonroot",
        user: "65532",
        has_shell: false,
        accounts: &["nobody:65534:65534", "nonroot:65532:65532"],
        ..BASE
    },
    KnownBase {
        repository: "gcr.io/distroless",
        tag_part: "nonroot",
        user: "65532",
        has_shell: false,
        accounts: &["nobody:65534:65534", "nonroot:65532:65532"],
        ..BASE
    },
    KnownBase {
        repository: "gcr.io/distroless",
        has_shell: false,
        accounts: &["nobody:65534:65534", "nonroot:65532:65532"],
        ..BASE
    },
    KnownBase {
        repository: "nginx",
        tag_part: "alpine",
        entrypoint: &["/docker-entrypoint.sh"],
        cmd: &["nginx", "-g", "daemon off;"],
        tools: &["sh", "wget", "nc", "nginx", "curl"],
        accounts: &["nobody:65534:65534", "nginx:101:101"],
        ..ALPINE
    },
    KnownBase {
        repository: "nginx",
        entrypoint: &["/docker-entrypoint.sh"],
        cmd: &["nginx", "-g", "daemon off;"],
        tools: &["bash", "sh", "nginx", "curl"],
        accounts: &["nobody:65534:65534", "nginx:101:101"],
        ..DEBIAN
    },
    KnownBase { repository: "httpd", tag_part: "alpine", cmd: &["httpd-foreground"], ..ALPINE },
    KnownBase { repository: "httpd", cmd: &["httpd-foreground"], ..DEBIAN },
    KnownBase {
        repository: "redis",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["redis-server"],
        tools: &["sh", "redis-cli", "redis-server"],
        ..BASE
    },
    KnownBase {
        repository: "postgres",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["postgres"],
        tools: &["sh", "bash", "pg_isready", "psql"],
        ..BASE
    },
    // Below: images whose user and start are known, but not every program in them.
    KnownBase { repository: "php", tag_part: "apache", cmd: &["apache2-foreground"], ..PHP },
    KnownBase { repository: "php", tag_part: "fpm", cmd: &["php-fpm"], ..PHP },
    KnownBase { repository: "php", ..PHP },
    KnownBase { repository: "ruby", cmd: &["irb"], ..ROOT },
    KnownBase { repository: "perl", cmd: &["perl", "-de0"], ..ROOT },
    KnownBase { repository: "openjdk", cmd: &["jshell"], ..ROOT },
    KnownBase { repository: "eclipse-temurin", ..ROOT },
    KnownBase { repository: "amazoncorretto", ..ROOT },
    KnownBase {
        repository: "maven",
        entrypoint: &["/usr/local/bin/mvn-entrypoint.sh"],
        cmd: &["mvn"],
        ..ROOT
    },
    KnownBase { repository: "tomcat", cmd: &["catalina.sh", "run"], ..ROOT },
    KnownBase { repository: "gcc", cmd: &["bash"], ..ROOT },
    KnownBase { repository: "erlang", cmd: &["erl"], ..ROOT },
    KnownBase { repository: "elixir", cmd: &["iex"], ..ROOT },
    KnownBase { repository: "swift", cmd: &["/bin/bash"], ..ROOT },
    KnownBase { repository: "oraclelinux", cmd: &["/bin/bash"], ..ROOT },
    KnownBase { repository: "archlinux", cmd: &["/usr/bin/bash"], ..ROOT },
    KnownBase { repository: "archlinux/base", cmd: &["/usr/bin/bash"], ..ROOT },
    KnownBase { repository: "opensuse/leap", cmd: &["/bin/bash"], ..ROOT },
    KnownBase { repository: "mysql", entrypoint: &["docker-entrypoint.sh"], cmd: &["mysqld"], ..ROOT },
    KnownBase { repository: "mariadb", entrypoint: &["docker-entrypoint.sh"], cmd: &["mariadbd"], ..ROOT },
    KnownBase { repository: "mongo", entrypoint: &["docker-entrypoint.sh"], cmd: &["mongod"], ..ROOT },
    KnownBase {
        repository: "rabbitmq",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["rabbitmq-server"],
        ..ROOT
    },
    KnownBase {
        repository: "wordpress",
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["apache2-foreground"],
        ..ROOT
    },
    KnownBase { repository: "pytorch/pytorch", cmd: &["/bin/bash"], ..ROOT },
    KnownBase { repository: "tensorflow/tensorflow", ..ROOT },
    KnownBase { repository: "continuumio/miniconda3", cmd: &["/bin/bash"], ..ROOT },
    KnownBase { repository: "continuumio/anaconda3", cmd: &["/bin/bash"], ..ROOT },
    KnownBase { repository: "phusion/baseimage", cmd: &["/sbin/my_init"], ..ROOT },
    KnownBase {
        repository: "nginxinc/nginx-unprivileged",
        user: "101",
        entrypoint: &["/docker-entrypoint.sh"],
        cmd: &["nginx", "-g", "daemon off;"],
        accounts: &["nobody:65534:65534", "nginx:101:101"],
        ..ROOT
    },
    KnownBase {
        repository: "jenkins/jenkins",
        user: "jenkins",
        entrypoint: &["/usr/bin/tini", "--", "/usr/local/bin/jenkins.sh"],
        accounts: &["jenkins:1000:1000"],
        ..ROOT
    },
];

/// The row for a reference. `repository` is compared without `docker.io/` and `library/`.
pub(crate) fn known_base(reference: &str) -> Option<&'static KnownBase> {
    let parsed = ImageReference::parse(reference);
    let repository = match parsed.registry {
        None | Some("docker.io" | "index.docker.io" | "registry-1.docker.io") => {
            parsed.repository.strip_prefix("library/").unwrap_or(parsed.repository).to_owned()
        }
        // Mirrors that carry Docker's official images under their own names.
        Some("public.ecr.aws") => parsed.repository.strip_prefix("docker/library/")?.to_owned(),
        Some("mirror.gcr.io") => {
            parsed.repository.strip_prefix("library/").unwrap_or(parsed.repository).to_owned()
        }
        Some(registry) => format!("{registry}/{}", parsed.repository),
    };
    let tag = parsed.tag.unwrap_or(if parsed.digest.is_some() { "" } else { "latest" });
    let family = |row: &KnownBase| {
        row.repository == repository
            || (row.repository == "gcr.io/distroless" && repository.starts_with("gcr.io/distroless/"))
    };
    KNOWN_BASES.iter().find(|row| family(row) && tag.contains(row.tag_part))
}

/// Whether a reference names an image of the table, so that no folder of the fleet is taken for it.
#[must_use]
pub fn is_well_known(reference: &str) -> bool {
    known_base(reference).is_some()
}

#[cfg(test)]
mod tests {
    use super::known_base;

    #[test]
    fn tags_choose_the_row() {
        let row = |reference| known_base(reference).map(|row| (row.repository, row.tag_part, row.user));
        assert_eq!(row("python:3.11-slim-bookworm"), Some(("python", "slim", "")));
        assert_eq!(row("docker.io/library/python:3.11"), Some(("python", "", "")));
        assert_eq!(
            row("gcr.io/distroless/python3-debian12:nonroot"),
            Some(("gcr.io/distroless", "nonroot", "65532"))
        );
        assert_eq!(row("ghcr.io/example/python:3.11"), None);
        assert_eq!(row("nvidia/cuda:12.1.1-runtime-ubuntu22.04"), Some(("nvidia/cuda", "", "")));
        assert_eq!(row("example/python"), None);
    }
}
