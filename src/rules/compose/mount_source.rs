//! `mount-source`: what is mounted from the repository is there.

use crate::finding::{Findings, Severity};
use crate::model::{NamedPath, PathPurpose, Presence, Project};
use crate::path::base_name;
use crate::plan::Plan;
use crate::rules::common::about;
use crate::rules::{Check, always};

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

/// Ends of names that only files have. `.d` and `.git` are folders, sockets are made by programs.
const FILE_ENDS: &[&str] = &[
    "bat", "cert", "cfg", "cnf", "conf", "config", "crt", "csv", "css", "db", "env", "gz", "hcl", "html", "ini",
    "jar", "js", "json", "key", "list", "log", "lua", "md", "mjs", "p12", "pem", "php", "properties", "py", "rb", "rules",
    "sh", "sql", "sqlite", "sqlite3", "tar", "toml", "ts", "txt", "war", "xml", "yaml", "yml", "zip",
];
/// Files without such an end.
const FILE_NAMES: &[&str] = &[".env", ".htpasswd", ".npmrc", ".pgpass", "Caddyfile", "Makefile", "Procfile"];

fn check(project: &Project, plan: &Plan, out: &mut Findings) {
    for named in &project.lookups.paths {
        if named.presence == Presence::Missing {
            report(project, named, plan, out);
        }
    }
}

fn report(project: &Project, named: &NamedPath, plan: &Plan, out: &mut Findings) {
    let path = &named.path;
    let (message, severity, help) = match &named.purpose {
        // `compose-reference` speaks of these.
        PathPurpose::EnvFile => return,
        PathPurpose::Element(name) => (
            format!("`{path}` of `{name}` does not exist, so the service does not start"),
            Severity::Error,
            "commit the file, or list it in `.gitignore` when it is made where the project runs",
        ),
        PathPurpose::Bind { is_created: false, .. } => (
            format!("`{path}` does not exist, and `create_host_path: false` forbids to make it"),
            Severity::Error,
            "commit it, or list it in `.gitignore` when it is made where the project runs",
        ),
        PathPurpose::Bind { target, .. } if is_file(path) || is_file(target) => (
            format!("`{path}` does not exist: Docker makes a folder of that name, and mounts it at `{target}`"),
            Severity::Error,
            "commit the file, or list it in `.gitignore` when it is made where the project runs",
        ),
        // Nobody misses a folder that the file asks for.
        PathPurpose::Bind { is_asked: true, .. } => return,
        PathPurpose::Bind { target, read_only, .. } => (
            format!("`{path}` does not exist: Docker makes an empty folder of root's, and mounts it at `{target}`"),
            // Git has no empty folders: most of those that a service writes to are its data.
            if *read_only { Severity::Warning } else { Severity::Note },
            "commit the folder, list it in `.gitignore` when it holds data of the running service, or use a named volume",
        ),
    };
    let finding = out.add(&named.place, message);
    finding.severity(severity).help(help);
    if let Some(workload) = named.service.and_then(|at| project.services.get(at)) {
        about(finding, workload, plan);
    }
}

/// Whether a path is one of a file, as far as its name tells.
fn is_file(path: &str) -> bool {
    let name = base_name(path);
    let end = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, end)| end);
    FILE_NAMES.contains(&name)
        || name.starts_with(".env.")
        || end.is_some_and(|end| FILE_ENDS.iter().any(|known| known.eq_ignore_ascii_case(end)))
}

#[cfg(test)]
mod tests {
    use super::is_file;

    #[test]
    fn names_of_files() {
        for path in ["nginx.conf", "a/b.SQL", "./.env", "x/Caddyfile", ".env.local", "init.sql"] {
            assert!(is_file(path), "{path}");
        }
        for path in ["data", "conf.d", "/etc/nginx/conf.d", ".git", "v1.2", "/var/run/docker.sock", ""] {
            assert!(!is_file(path), "{path}");
        }
    }
}
