//! Programs whose names differ from their packages', and the paths of init programs.

use crate::model::PackageManager;

/// Package, programs beyond its own name.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("python3-pip", &["pip", "pip3"]),
    ("py3-pip", &["pip", "pip3"]),
    ("python3-minimal", &["python3"]),
    ("python-is-python3", &["python"]),
    ("netcat-openbsd", &["nc", "netcat"]),
    ("netcat-traditional", &["nc", "netcat"]),
    ("netcat", &["nc"]),
    ("nmap-ncat", &["nc", "ncat"]),
    ("ncat", &["ncat"]),
    ("iproute2", &["ip", "ss"]),
    ("iproute", &["ip", "ss"]),
    ("procps", &["ps", "pgrep", "pkill", "top", "free"]),
    ("procps-ng", &["ps", "pgrep", "pkill", "top", "free"]),
    ("net-tools", &["netstat", "ifconfig"]),
    ("iputils-ping", &["ping"]),
    ("iputils", &["ping"]),
    ("dnsutils", &["dig", "nslookup"]),
    ("bind9-dnsutils", &["dig", "nslookup"]),
    ("bind-tools", &["dig", "nslookup"]),
    ("bind-utils", &["dig", "nslookup"]),
    ("postgresql-client", &["psql", "pg_isready"]),
    ("default-mysql-client", &["mysql", "mysqladmin"]),
    ("mysql-client", &["mysql", "mysqladmin"]),
    ("mariadb-client", &["mariadb", "mysql", "mysqladmin"]),
    ("redis-tools", &["redis-cli"]),
    ("redis", &["redis-cli", "redis-server"]),
    ("redis-server", &["redis-cli"]),
    ("nodejs", &["node"]),
    ("build-essential", &["gcc", "g++", "make"]),
    ("build-base", &["gcc", "g++", "make"]),
    ("openssh-client", &["ssh", "scp"]),
    ("coreutils", &["timeout"]),
    ("git-core", &["git"]),
    ("docker.io", &["docker"]),
];

/// Programs that are asked for by their path, and the folders that package managers put them in.
const PATHS: &[(&str, &[&str], &[&str])] = &[
    ("tini", &["/usr/bin/tini", "/usr/bin/tini-static"], &["/sbin/tini"]),
    ("tini-static", &["/usr/bin/tini-static"], &["/sbin/tini-static"]),
    ("dumb-init", &["/usr/bin/dumb-init"], &["/usr/bin/dumb-init"]),
    ("catatonit", &["/usr/bin/catatonit"], &["/usr/bin/catatonit"]),
    ("gosu", &["/usr/sbin/gosu"], &["/usr/bin/gosu"]),
    ("su-exec", &["/sbin/su-exec"], &["/sbin/su-exec"]),
    ("bash", &["/bin/bash"], &["/bin/bash"]),
    ("curl", &["/usr/bin/curl"], &["/usr/bin/curl"]),
    ("wget", &["/usr/bin/wget"], &["/usr/bin/wget"]),
];

/// What a system package brings beyond its own name.
pub(super) fn of(manager: PackageManager, package: &str) -> impl Iterator<Item = &'static &'static str> {
    let programs = PROGRAMS.iter().find(|row| row.0 == package).map_or(&[][..], |row| row.1);
    let apk = manager == PackageManager::Apk;
    let path =
        PATHS.iter().find(|row| row.0 == package).map_or(&[][..], |row| if apk { row.2 } else { row.1 });
    programs.iter().chain(path)
}

/// Programs that a Python package brings, for those that start or watch containers.
pub(super) fn of_python(package: &str) -> impl Iterator<Item = &'static &'static str> {
    let programs: &[&str] = match package {
        "uvicorn" => &["uvicorn"],
        "gunicorn" => &["gunicorn"],
        "hypercorn" => &["hypercorn"],
        "celery" => &["celery"],
        "poetry" => &["poetry"],
        "pipenv" => &["pipenv"],
        "uv" => &["uv"],
        "httpie" => &["http", "https"],
        "supervisor" => &["supervisord", "supervisorctl"],
        "dumb-init" => &["dumb-init"],
        "streamlit" => &["streamlit"],
        "flask" => &["flask"],
        "granian" => &["granian"],
        "fastapi-cli" => &["fastapi"],
        _ => &[],
    };
    programs.iter()
}
