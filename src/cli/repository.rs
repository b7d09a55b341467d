//! The repository around the working directory: what code scanning needs to know of it, read without running anything.

use std::path::Path;

use crate::report::{Repository, Revision};
use crate::run::GitFolder;

/// Looks for a repository from the working directory upwards. GitHub's own variables are believed first.
pub(super) fn around(working: &Path) -> Repository {
    let Some(root) = working.ancestors().find(|folder| folder.join(".git").exists()) else {
        return Repository { root: Some(working.to_owned()), ..Repository::default() };
    };
    let below = working.strip_prefix(root).unwrap_or(Path::new(""));
    let prefix = below.components().map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect();
    let revision = of_workflow(|name| std::env::var(name).ok()).or_else(|| of_git(&root.join(".git")));
    let hosted = ["GITHUB_ACTIONS", "GITLAB_CI"].iter().any(|name| std::env::var_os(name).is_some());
    Repository { root: Some(root.to_owned()), prefix, hosted, revision }
}

/// What a workflow's variables say.
fn of_workflow(variable: impl Fn(&str) -> Option<String>) -> Option<Revision> {
    let full = |name: &str| variable(name).filter(|value| !value.is_empty());
    let server = full("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".to_owned());
    Some(Revision {
        repository: format!("{server}/{}", full("GITHUB_REPOSITORY")?),
        commit: full("GITHUB_SHA")?,
        branch: full("GITHUB_HEAD_REF").or_else(|| full("GITHUB_REF_NAME")),
    })
}

/// What the files of `.git` say; `None` when there is no commit or no `origin`.
fn of_git(git: &Path) -> Option<Revision> {
    let git = GitFolder::of(git)?;
    let head = git.own("HEAD")?;
    let (commit, branch) = match head.trim().strip_prefix("ref: ") {
        Some(name) => (resolve(&git, name)?, name.strip_prefix("refs/heads/").map(str::to_owned)),
        None => (head.trim().to_owned(), None),
    };
    let hexadecimal = commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let repository = origin(&git.shared("config")?)?;
    hexadecimal.then_some(Revision { repository, commit, branch })
}

/// The commit of a reference: a file of its own, or a line of `packed-refs`.
fn resolve(git: &GitFolder, name: &str) -> Option<String> {
    if name.split('/').any(|part| part.is_empty() || part == "..") {
        return None;
    }
    let loose = git.own(name).or_else(|| git.shared(name));
    loose.map(|commit| commit.trim().to_owned()).or_else(|| {
        let packed = git.shared("packed-refs")?;
        packed.lines().find_map(|line| {
            line.split_once(' ').filter(|(_, found)| *found == name).map(|(id, _)| id.to_owned())
        })
    })
}

/// The address of `origin` as a web address without credentials.
fn origin(config: &str) -> Option<String> {
    let mut lines = config.lines().map(str::trim);
    lines.find(|line| *line == "[remote \"origin\"]")?;
    let url = lines.take_while(|line| !line.starts_with('[')).find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "url").then(|| value.trim())
    })?;
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => (scheme, rest.to_owned()),
        Some(("ssh" | "git", rest)) => ("https", rest.to_owned()),
        Some(_) => return None,
        // `git@host:owner/name`
        None => ("https", url.split_once('@')?.1.replacen(':', "/", 1)),
    };
    let (host, path) = rest.split_once('/')?;
    let host = host.rsplit('@').next().unwrap_or(host);
    let path = path.strip_suffix(".git").unwrap_or(path);
    let plain =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte));
    (!host.is_empty() && plain(host) && plain(path)).then(|| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn addresses_lose_their_credentials() {
        let of = |url: &str| {
            origin(&format!("[core]\n\tbare = false\n[remote \"origin\"]\n\turl = {url}\n[branch \"x\"]\n"))
        };
        for (url, expected) in [
            ("https://github.com/o/r.git", Some("https://github.com/o/r")),
            ("https://user:secret@example.com/o/r", Some("https://example.com/o/r")),
            ("git@github.com:o/r.git", Some("https://github.com/o/r")),
            ("ssh://git@example.com:22/o/r", Some("https://example.com:22/o/r")),
            ("/srv/git/r", None),
            ("file:///srv/git/r", None),
            ("https://x/a b", None),
        ] {
            assert_eq!(of(url).as_deref(), expected, "{url}");
        }
        assert_eq!(origin("[remote \"other\"]\nurl = https://a/b\n"), None);
    }

    #[test]
    fn a_workflow_says_what_it_runs_on() {
        let variable = |name: &str| match name {
            "GITHUB_REPOSITORY" => Some("o/r".to_owned()),
            "GITHUB_SHA" => Some("abc".to_owned()),
            "GITHUB_HEAD_REF" => Some(String::new()),
            "GITHUB_REF_NAME" => Some("main".to_owned()),
            _ => None,
        };
        let revision = of_workflow(variable).unwrap();
        assert_eq!(
            (revision.repository.as_str(), revision.branch.as_deref()),
            ("https://github.com/o/r", Some("main"))
        );
        assert_eq!(of_workflow(|_| None), None);
    }

    #[test]
    fn files_of_git_are_read() {
        let folder = std::env::temp_dir().join(format!("plimsoll-repository-{}", std::process::id()));
        let git = folder.join(".git");
        fs::create_dir_all(git.join("refs/heads")).unwrap();
        fs::create_dir_all(folder.join("a/b")).unwrap();
        fs::write(git.join("config"), "[remote \"origin\"]\n\turl = https://example.com/o/r.git\n").unwrap();
        let commit = "0123456789012345678901234567890123456789";
        fs::write(git.join("packed-refs"), format!("# pack-refs\n{commit} refs/heads/main\n")).unwrap();
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        let found = of_git(&git).unwrap();
        assert_eq!((found.commit.as_str(), found.branch.as_deref()), (commit, Some("main")));
        fs::write(git.join("HEAD"), "ref: ../../outside\n").unwrap();
        assert_eq!(of_git(&git), None);
        assert_eq!(around(&folder.join("a/b")).prefix, "a/b/");
        fs::remove_dir_all(&folder).unwrap();
    }
}
