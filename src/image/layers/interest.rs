//! Which entries are kept, told by their paths. What a file says is asked elsewhere.

use smol_str::SmolStr;

use crate::model::{Interest, PROGRAM_FOLDERS};

/// Folders that are a package manager's cache, wherever they lie at the root.
const CACHES: [&str; 12] = [
    "/var/lib/apt/lists",
    "/var/cache/apt",
    "/var/cache/apk",
    "/var/cache/yum",
    "/var/cache/dnf",
    "/var/cache/libdnf5",
    "/var/cache/pacman/pkg",
    "/var/cache/zypp",
    "/usr/local/share/.cache",
    "/opt/conda/pkgs",
    "/root/.npm",
    "/root/.conda/pkgs",
];
/// The same in anybody's home: a parent and its folder.
const HOME_CACHES: [(&str, &str); 12] = [
    (".cache", "pip"),
    (".cache", "uv"),
    (".cache", "pypoetry"),
    (".cache", "pipenv"),
    (".cache", "yarn"),
    (".cache", "pnpm"),
    (".cache", "go-build"),
    (".cache", "composer"),
    (".npm", "_cacache"),
    ("miniconda3", "pkgs"),
    ("anaconda3", "pkgs"),
    ("miniforge3", "pkgs"),
];
/// Folders that packages are installed into: what lies in them was put there by a package, not by the build.
const PACKAGE_PARTS: [&str; 5] = ["site-packages", "dist-packages", "node_modules", "gems", "__pypackages__"];
const PACKAGE_FOLDERS: [&str; 10] = [
    "/usr/share/",
    "/usr/lib/",
    "/usr/local/lib/",
    "/usr/local/go/",
    "/usr/local/cargo/",
    "/usr/local/rustup/",
    "/usr/local/share/",
    "/usr/src/",
    "/opt/conda/",
    "/go/pkg/mod/",
];
/// Folders of packages that hold what nobody uses: keys of tests are no secrets.
const SAMPLE_PARTS: [&str; 16] = [
    "test",
    "tests",
    "testing",
    "testdata",
    "test_data",
    "test-data",
    "__tests__",
    "spec",
    "fixtures",
    "example",
    "examples",
    "doc",
    "docs",
    "samples",
    "dummyserver",
    "third_party",
];

/// The folder that is kept as a whole and holds this path: where its path ends, and what it is.
pub(super) fn whole(path: &str) -> Option<(usize, Interest)> {
    let below = |folder: &&&str| path.strip_prefix(**folder).is_some_and(|rest| rest.starts_with('/'));
    let fixed = CACHES.iter().find(below).map(|folder| (folder.len(), Interest::PackageCache));
    // A repository inside a cache is part of the cache, and the outermost repository counts.
    fixed.or_else(|| {
        let mut before = "";
        let mut at = 0;
        for part in path.split('/') {
            let end = at + part.len();
            if end == path.len() {
                break;
            }
            if HOME_CACHES.contains(&(before, part)) {
                return Some((end, Interest::PackageCache));
            }
            if matches!(part, ".git" | ".svn" | ".hg") {
                return Some((end, Interest::VersionControl));
            }
            before = part;
            at = end + 1;
        }
        None
    })
}

/// Whether a file in such a folder is one that stays behind when the folder is emptied.
pub(super) fn is_leftover(path: &str, size: u64) -> bool {
    let name = name(path);
    size == 0 || name == "lock" || name.ends_with(".lock") || name == "urls.txt" || name.starts_with(".keep")
}

/// The last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether it lies in a folder of programs, or is one of the links that name programs.
pub(super) fn is_program(path: &str) -> bool {
    let below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    PROGRAM_FOLDERS.iter().any(|folder| below(folder)) || below("/etc/alternatives")
}

/// Whether a link lies so near the root that others' paths lead through it.
pub(super) fn is_near_root(path: &str) -> bool {
    path.matches('/').count() <= 2
}

/// Whether a path is one of those that are asked for, or a folder on the way to one.
pub(super) fn leads_to(path: &str, wanted: &[SmolStr]) -> bool {
    wanted.iter().any(|wanted| wanted.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
}

/// Whether it was put there by a package.
pub(super) fn is_of_a_package(path: &str) -> bool {
    PACKAGE_FOLDERS.iter().any(|folder| path.starts_with(folder))
        || path.split('/').any(|part| PACKAGE_PARTS.contains(&part))
}

/// Whether it is a package's test, example or documentation.
pub(super) fn is_sample(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    path.starts_with("/usr/share/")
        || is_of_a_package(path) && folders.split('/').any(|part| SAMPLE_PARTS.contains(&part))
}

/// Whether it is a file that only a build needs.
pub(super) fn is_build_file(path: &str) -> bool {
    let name = name(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_compose = (name.starts_with("docker-compose") || name.starts_with("compose."))
        && matches!(extension, "yml" | "yaml");
    let is_build = matches!(name, "Dockerfile" | "Containerfile" | ".dockerignore" | ".containerignore")
        || extension == "Dockerfile"
        || name.starts_with("Dockerfile.")
            && !matches!(extension, "py" | "js" | "j2" | "html" | "lua" | "vim" | "md" | "rst" | "txt");
    (is_compose || is_build) && !is_of_a_package(path)
}

/// Whether its rows may be those of accounts. The name of a file that `/etc/passwd` links to is the same in every image
/// that does so.
pub(super) fn is_account_file(path: &str) -> bool {
    matches!(name(path), "passwd" | "group" | "shadow")
        && !is_program(path)
        && !["/etc/pam.d/", "/usr/share/", "/proc/", "/usr/lib/pam.d/"]
            .iter()
            .any(|folder| path.starts_with(folder))
}
