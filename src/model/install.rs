//! What a build installs: system packages, Python packages, and the requirement files they come from.

use std::sync::Arc;

use smol_str::SmolStr;

use super::fact::{Spanned, Unknown, Value};
use crate::source::{Place, Source};

/// A program that installs system packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the variants are the programs' own names")]
pub enum PackageManager {
    Apt,
    Apk,
    Dnf,
    Yum,
    Microdnf,
    Zypper,
    Npm,
    Gem,
}

/// One `apt-get install`, `apk add`, … command.
#[derive(Debug, Clone)]
pub struct SystemInstall {
    /// The program.
    pub manager: PackageManager,
    /// The command, from the program's name to its last word.
    pub place: Place,
    /// Which RUN of the stage it is in, as an index into [`super::Stage::runs`].
    pub run: usize,
    /// Text and command inside that RUN.
    pub at: (usize, usize),
    /// The packages named.
    pub packages: Vec<SystemPackage>,
    /// Whether recommended packages are left out (`--no-install-recommends`, or an apt option that says so).
    pub no_recommends: bool,
    /// Whether it asks no question (`-y`, `--yes`, `-qq`, `DEBIAN_FRONTEND` alone is not enough).
    pub assume_yes: bool,
    /// apk: `--no-cache`.
    pub no_cache: bool,
    /// apk: the name behind `--virtual`, under which `apk del` takes all of them away again.
    pub virtual_name: Option<SmolStr>,
}

/// One package of a [`SystemInstall`].
#[derive(Debug, Clone)]
pub struct SystemPackage {
    /// Name without version; as written when it is a variable.
    pub name: SmolStr,
    /// What is asked for: the version behind `=`; with any other operator (apk and zypper: `~=1.2`, `>1`) operator and
    /// version. Of dnf and yum: what stands behind the name (`1.2-3.el9`); of npm and gem: behind `@`, `:` and `-v`.
    pub version: Option<SmolStr>,
    /// Why the word is not certain: a shell variable that may hold a version, a command substitution, a local file.
    pub unknown: Option<Unknown>,
    /// Whether it is a local file or URL (`./x.deb`), which has no version to pin.
    pub local: bool,
    /// The word.
    pub place: Place,
}

/// One `pip install`, `pip wheel`, `pip download`, `python -m pip …` or `uv pip install` command.
#[derive(Debug, Clone)]
pub struct PipInstall {
    /// The command, from the program's name to its last word.
    pub place: Place,
    /// Which RUN of the stage it is in, as an index into [`super::Stage::runs`].
    pub run: usize,
    /// Text and command inside that RUN.
    pub at: (usize, usize),
    /// `install`, `wheel`, `download` or `sync` (uv).
    pub subcommand: SmolStr,
    /// Whether it is `uv pip`, whose cache folder and variables have other names.
    pub uv: bool,
    /// Requirements on the command line.
    pub requirements: Vec<Requirement>,
    /// Files read with `-r`.
    pub files: Vec<RequirementsUse>,
    /// Files read with `-c`.
    pub constraints: Vec<RequirementsUse>,
    /// `--require-hashes`, or `PIP_REQUIRE_HASHES` in force.
    pub require_hashes: bool,
    /// `--no-cache-dir`, or `PIP_NO_CACHE_DIR` in force.
    pub no_cache_dir: Option<Place>,
    /// A cache mount of this RUN covers pip's cache folder, or may: its target or the user's home cannot be told.
    pub cache_mount: bool,
    /// `--no-deps`.
    pub no_deps: bool,
    /// `--no-index`.
    pub no_index: bool,
    /// `--find-links` values.
    pub find_links: Vec<Spanned<Value>>,
    /// `--index-url` and `--extra-index-url` values.
    pub index_urls: Vec<Spanned<Value>>,
    /// `--upgrade`.
    pub upgrade: bool,
    /// A redirection that swallowed a version (`pip install foo>1.2`): the word and its target.
    pub redirected_versions: Vec<Place>,
}

/// A requirement file as a pip command names it.
#[derive(Debug, Clone)]
pub struct RequirementsUse {
    /// The word behind `-r`.
    pub place: Place,
    /// The path as written, variables expanded.
    pub path: Value,
    /// The file, when it could be found through the stage's COPY instructions (or a bind mount) in the build context.
    pub file: Result<Arc<RequirementsFile>, Unknown>,
}

/// A requirement file with all that it reads.
#[derive(Debug)]
pub struct RequirementsFile {
    /// The file.
    pub source: Arc<Source>,
    /// Its own requirements in order, those of nested files not included.
    pub requirements: Vec<Requirement>,
    /// Nested `-r` lines.
    pub nested: Vec<RequirementsUse>,
    /// Nested `-c` lines.
    pub constraints: Vec<RequirementsUse>,
    /// Whether the file itself says `--require-hashes`.
    pub require_hashes: bool,
    /// `--index-url`, `--extra-index-url` and `--find-links` lines.
    pub index_urls: Vec<Spanned<Value>>,
    /// Lines that are no requirement and no known option.
    pub errors: Vec<Spanned<SmolStr>>,
}

/// One Python requirement.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// The name as PEP 503 normalises it: lower case, runs of `-_.` as one `-`. Empty for a bare path or URL.
    pub name: SmolStr,
    /// The name as written.
    pub written: SmolStr,
    /// The version specifier without blanks: `==2.2.2+cu121`, `>=1,<2`; empty when there is none.
    pub specifier: SmolStr,
    /// The version when exactly one `==` (or `===`) without a wildcard pins it.
    pub pinned: Option<SmolStr>,
    /// `name @ URL`, a bare URL, or a repository (`git+https://…`).
    pub url: Option<SmolStr>,
    /// A local path: `.`, `./pkg`, `dist/x.whl`.
    pub local: bool,
    /// `-e`.
    pub editable: bool,
    /// The environment marker behind `;`.
    pub marker: Option<SmolStr>,
    /// `--hash=` values with their places: `sha256:…`.
    pub hashes: Vec<Spanned<SmolStr>>,
    /// A variable stands where the version should: why the version is not certain.
    pub unknown: Option<Unknown>,
    /// The requirement, hashes left out.
    pub place: Place,
}

/// Which programs and packages a RUN adds to the image, as far as its text tells.
#[derive(Debug, Clone, Default)]
pub struct Provided {
    /// Names added and not taken away again: packages and programs (`curl`, `nc`), absolute paths of files
    /// (`/usr/bin/tini`), Python packages as `pip:NAME` with the name normalised (`pip:httpx`).
    pub names: Vec<Spanned<SmolStr>>,
    /// Names taken away and not added again: of earlier instructions or of the base.
    pub removed: Vec<Spanned<SmolStr>>,
    /// The first command that may add anything: a script, an unpacked archive, packages behind a variable.
    pub opaque: Option<Place>,
}
