//! The hook and the workflow that hold a repository to its plan: which of them fit, and their texts.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::git::GitFolder;

/// Bytes that are read of a file that is there already.
const MAX_THERE: u64 = 1 << 20;
/// Characters of a branch's name.
const MAX_BRANCH: usize = 100;

/// A file that makes the plan a gate.
#[derive(Debug, Clone)]
pub struct Gate {
    /// What it is: `hook`, `workflow`, `job`.
    pub what: &'static str,
    /// Its path below the folder, with `/`.
    pub path: &'static str,
    /// The whole text.
    pub text: String,
    /// Why it is only shown and not written.
    pub shown: Option<String>,
    /// What to take over when a file of this name is there already.
    pub snippet: String,
}

/// Hook, workflow and job for a folder; `table`: the Markdown file that its plan reads, by its path below the folder.
#[must_use]
pub fn gates(folder: &Path, table: Option<&str>) -> Vec<Gate> {
    let own_git = folder.join(".git").exists();
    let inside = (!own_git && folder.ancestors().skip(1).any(|above| above.join(".git").exists()))
        .then(|| "the root of the repository lies above this folder".to_owned());
    let hook = HOOK.replace("TABLE", &pattern(table));
    let mut gates = vec![Gate {
        what: "hook",
        path: ".pre-commit-config.yaml",
        text: format!("{HOOK_HEAD}{hook}"),
        shown: inside.clone(),
        snippet: hook,
    }];
    let git = GitFolder::of(&folder.join(".git"));
    let shared = |name: &str| git.as_ref().and_then(|git| git.shared(name)).unwrap_or_default();
    let text = workflow(default_branch(&shared("refs/remotes/origin/HEAD")));
    let on_github =
        fs::symlink_metadata(folder.join(".github")).is_ok() || has_github_remote(&shared("config"));
    let on_gitlab = fs::symlink_metadata(folder.join(".gitlab-ci.yml")).is_ok();
    if on_github || !on_gitlab {
        let unseen =
            || (!on_github).then(|| "there is no `.github` folder and no remote on GitHub".to_owned());
        let (shown, snippet) = (inside.or_else(unseen), text.clone());
        gates.push(Gate { what: "workflow", path: ".github/workflows/plimsoll.yml", text, shown, snippet });
    }
    if on_gitlab {
        let shown = Some("it is there and not ours to edit".to_owned());
        let (text, snippet) = (GITLAB.to_owned(), GITLAB.to_owned());
        gates.push(Gate { what: "job", path: ".gitlab-ci.yml", text, shown, snippet });
    }
    gates
}

/// The file of the plan's table as one more branch of a pattern; of a name that a pattern or YAML could misread, all
/// Markdown.
fn pattern(table: Option<&str>) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    match table {
        None => String::new(),
        Some(file) if file.bytes().all(plain) => format!("|{}", file.replace('.', r"\.")),
        Some(_) => r"|[^/]*\.md".to_owned(),
    }
}

/// Whether a file that is there speaks of this program already, so that nothing has to be added to it.
#[must_use]
pub fn is_gated(folder: &Path, gate: &Gate) -> bool {
    read(&folder.join(gate.path)).is_some_and(|text| text.contains("plimsoll"))
}

/// A file of usual size, when it is a regular one.
fn read(path: &Path) -> Option<String> {
    let found =
        fs::symlink_metadata(path).ok().filter(|found| found.is_file() && found.len() <= MAX_THERE)?;
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).ok()?);
    fs::File::open(path).ok()?.take(MAX_THERE).read_to_end(&mut bytes).ok()?;
    String::from_utf8(bytes).ok()
}

/// Whether a remote of the repository lies on GitHub, by git's configuration.
fn has_github_remote(config: &str) -> bool {
    let urls =
        config.lines().filter_map(|line| line.split_once('=')).filter(|(name, _)| name.trim() == "url");
    urls.map(|(_, url)| url.trim()).any(|url| {
        let host =
            url.rsplit_once('@').map_or_else(|| url.split("//").nth(1).unwrap_or(url), |(_, host)| host);
        host.starts_with("github.com/") || host.starts_with("github.com:")
    })
}

/// The branch that the remote begins with, by what its `HEAD` says; `main` where nobody says it.
fn default_branch(head: &str) -> &str {
    let name = head.trim().strip_prefix("ref: refs/remotes/origin/").unwrap_or("main");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    let usual =
        !name.is_empty() && name.len() <= MAX_BRANCH && name.bytes().all(plain) && !name.starts_with('-');
    if usual { name } else { "main" }
}

const HOOK_HEAD: &str = "\
# Drafted by `plimsoll init`. The hook starts the program that is installed, so that nothing has to be fetched.
repos:
";

const HOOK: &str = r"  - repo: local
    hooks:
      - id: plimsoll
        name: plimsoll
        language: system
        entry: plimsoll check
        # Rules about ports and base images look at all files, so one call judges the whole fleet.
        pass_filenames: false
        files: '(?i)(^|/)(([^/]*[._-])?(dockerfile|containerfile)([._-][^/]*)?|[^/]*\.(ya?ml|json)|requirements([^/]*|/.+)\.txt|\.dockerignore|plimsoll\.tomlTABLE)$'
";

const GITLAB: &str = r#"plimsoll:
  # Any image that has the program; this one would build it: cargo install --locked --git https://HOST/OWNER/plimsoll
  image: IMAGE
  script:
    - plimsoll check --format text --output gitlab=gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"#;

/// The workflow. Actions are pinned by commit, and no token stays in the checkout.
fn workflow(branch: &str) -> String {
    let branch = if branch == "main" { "main".to_owned() } else { format!("'{branch}'") };
    WORKFLOW.replace("BRANCH", &branch)
}

const WORKFLOW: &str = r#"# Drafted by `plimsoll init`. Replace OWNER and COMMIT below: the repository of plimsoll, and the commit of it that you
# trust (40 characters). The program is built once for each commit and kept in the cache.
name: plimsoll
on:
  pull_request:
  push:
    branches: [BRANCH]
permissions:
  contents: read
concurrency:
  group: plimsoll-${{ github.ref }}
  cancel-in-progress: true
jobs:
  check:
    name: The fleet against its plan
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    env:
      PLIMSOLL_REPOSITORY: https://github.com/OWNER/plimsoll
      PLIMSOLL_COMMIT: COMMIT
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          # Where a pull request left its target is found in the history.
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/cache@5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3
        id: program
        with:
          path: ~/.cargo/bin/plimsoll
          key: plimsoll-${{ runner.os }}-${{ runner.arch }}-${{ env.PLIMSOLL_COMMIT }}
      - name: Build plimsoll
        if: steps.program.outputs.cache-hit != 'true'
        run: cargo install --locked --git "$PLIMSOLL_REPOSITORY" --rev "$PLIMSOLL_COMMIT" plimsoll
      # Findings become annotations and a job summary. Of a pull request only what it brings counts, of a push everything.
      # To take over a fleet with old findings, write a baseline once (`plimsoll check --baseline .plimsoll-baseline.json
      # --write-baseline`), commit it, and add `--baseline .plimsoll-baseline.json` below: with `--since` it is read as the
      # target has it, so that no pull request adds to it.
      - name: Check
        env:
          BASE: ${{ github.base_ref }}
        run: |
          since=()
          if [ -n "$BASE" ]; then since=(--since "origin/$BASE"); fi
          plimsoll check "${since[@]}" --format github --output "markdown=$GITHUB_STEP_SUMMARY" \
            --output "sarif=$RUNNER_TEMP/plimsoll.sarif"
      # For code scanning take the `#` off, and give the job what it needs for that:
      #   permissions: { contents: read, security-events: write }
      # - name: Upload to code scanning
      #   if: ${{ !cancelled() }}
      #   uses: github/codeql-action/upload-sarif@ff0a06e83cb2de871e5a09832bc6a81e7276941f # v3.28.18
      #   with:
      #     sarif_file: ${{ runner.temp }}/plimsoll.sarif
"#;
