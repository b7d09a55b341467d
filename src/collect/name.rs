//! What a file's name says it is.

/// What a file is by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A Dockerfile or Containerfile.
    Dockerfile,
    /// A template that a Dockerfile is made from.
    Template,
    /// A compose file.
    Compose,
    /// Other YAML.
    Yaml,
    /// JSON, which holds Kubernetes objects when it says so (`kubectl get -o json`).
    Json,
    /// A file of Python requirements.
    Requirements,
    /// Anything else.
    Other,
}

/// Suffixes of templates.
const TEMPLATES: [&str; 5] = ["j2", "jinja", "jinja2", "tmpl", "template"];
/// Suffixes under which `Dockerfile.x` is a text about Dockerfiles, or left by an editor, and not one itself.
const NOT_DOCKERFILES: [&str; 12] = [
    "dockerignore",
    "containerignore",
    "md",
    "rst",
    "html",
    "json",
    "toml",
    "lock",
    "orig",
    "rej",
    "swp",
    "snap",
];
/// Suffixes under which lower-case `dockerfile.x` is a program; `Dockerfile.go` is a variant for Go.
const PROGRAMS: [&str; 16] =
    ["go", "py", "rs", "js", "mjs", "ts", "tsx", "java", "rb", "c", "h", "cpp", "cs", "php", "lua", "vim"];

/// What a file is, by its name alone: `Dockerfile`, `Dockerfile.gpu`, `web.Dockerfile`, the same for `Containerfile` and in
/// lower case; `compose.yaml`, `docker-compose*.yml`, `compose.*.yml`.
#[must_use]
pub fn classify(name: &str) -> NameKind {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml") {
        return yaml(name);
    }
    if extension.eq_ignore_ascii_case("json") && !is_dockerfile_text(name) {
        return NameKind::Json;
    }
    if extension == "txt" && name.contains("requirements") {
        return NameKind::Requirements;
    }
    if TEMPLATES.contains(&extension) {
        let inner = &name[..name.len() - extension.len() - 1];
        return if is_dockerfile(inner) { NameKind::Template } else { NameKind::Other };
    }
    if is_dockerfile(name) { NameKind::Dockerfile } else { NameKind::Other }
}

fn yaml(name: &str) -> NameKind {
    let name = name.to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or("", |(stem, _)| stem);
    let compose = stem == "compose" || stem.starts_with("compose.") || stem.starts_with("docker-compose");
    if compose { NameKind::Compose } else { NameKind::Yaml }
}

/// Whether a name starts like that of a Dockerfile: `Dockerfile.json` is a report about one.
fn is_dockerfile_text(name: &str) -> bool {
    let starts = |word: &str| name.get(..word.len()).is_some_and(|first| first.eq_ignore_ascii_case(word));
    starts("Dockerfile.") || starts("Containerfile.")
}

fn is_dockerfile(name: &str) -> bool {
    ["Dockerfile", "Containerfile"].iter().any(|word| {
        let first = name.get(..word.len());
        if first.is_some_and(|first| first.eq_ignore_ascii_case(word)) {
            let rest = &name[word.len()..];
            return rest.is_empty() || suffix_fits(rest, name.starts_with(char::is_uppercase));
        }
        name.len() > word.len() + 1
            && name
                .len()
                .checked_sub(word.len())
                .and_then(|at| name.split_at_checked(at))
                .is_some_and(|(before, last)| before.ends_with('.') && last.eq_ignore_ascii_case(word))
    })
}

/// Whether `.x` or `-x` behind `Dockerfile` names a variant of it.
fn suffix_fits(rest: &str, upper_case: bool) -> bool {
    if rest.len() < 2 || rest.ends_with('~') {
        return false;
    }
    let extension = rest.rsplit_once('.').map_or("", |(_, extension)| extension);
    match rest.as_bytes()[0] {
        b'.' | b'-' => {
            !NOT_DOCKERFILES.contains(&extension) && (upper_case || !PROGRAMS.contains(&extension))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::NameKind::{Compose, Dockerfile, Json, Other, Requirements, Template, Yaml};
    use super::*;

    #[test]
    fn names() {
        let table = [
            (
                Dockerfile,
                "Dockerfile Containerfile dockerfile containerfile Dockerfile.gpu Containerfile.dev \
                 web.Dockerfile web.containerfile a.b.dockerfile Dockerfile-dev Dockerfile.go dockerfile.dev \
                 DOCKERFILE Dockerfile.v1.2 Dockerfile.txt",
            ),
            (
                Other,
                "Dockerfile.dockerignore web.Dockerfile.dockerignore Dockerfile~ Dockerfile.md dockerfile.go \
                 Dockerfiles myDockerfile .dockerignore Dockerfile. .Dockerfile x.j2 README Dockerfile_old é \
                 Dockerfilé.x ééééééDockerfile",
            ),
            (Template, "Dockerfile.j2 Dockerfile.gpu.tmpl web.Dockerfile.template Dockerfile.template"),
            (
                Compose,
                "compose.yml docker-compose.yaml docker-compose.prod.yml compose.dev.yaml docker-compose-a.yml",
            ),
            (Json, "list.json package.json Pod.JSON compose.json"),
            (Other, "Dockerfile.json json list.json~"),
            (Yaml, "deployment.yaml my-compose.yml compose-x.yaml"),
            (Requirements, "requirements.txt requirements-dev.txt dev-requirements.txt"),
        ];
        for (wanted, list) in table {
            for name in list.split_whitespace() {
                assert_eq!(classify(name), wanted, "{name}");
            }
        }
    }
}
