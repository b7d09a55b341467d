//! `plimsoll init`: a starter plan, made from what is in the folder.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Verdict;
use super::error::usage;
use super::output::visible;

/// Arguments of `init`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// Where the plan is written.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

const NAME: &str = "plimsoll.toml";
/// Dockerfiles that are looked at; a starter plan needs no more.
const MAX_FILES: usize = 500;
/// Bytes of one Dockerfile that are looked at.
const MAX_BYTES: u64 = 1 << 20;

pub(super) fn run(args: &Args) -> Verdict {
    let path = args.folder.join(NAME);
    let seen = look(&args.folder);
    let plan = starter(&seen);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .and_then(|mut file| file.write_all(plan.as_bytes()));
    if let Err(error) = written {
        let help = "Nothing was written.".to_owned();
        return Err(match error.kind() {
            io::ErrorKind::AlreadyExists => usage(format!("`{}` exists already", path.display()), Some(help)),
            _ => usage(format!("cannot write `{}`: {error}", path.display()), Some(help)),
        });
    }
    let mut out = io::stdout().lock();
    let count = match seen.files.len() {
        0 => "no Dockerfile was found below this folder".to_owned(),
        1 => "1 Dockerfile was found".to_owned(),
        count => format!("{count} Dockerfiles were found"),
    };
    writeln!(out, "Wrote {} ({count}):\n\n{plan}\n{NEXT}", visible(&path.display().to_string()))?;
    Ok(ExitCode::SUCCESS)
}

const NEXT: &str = "\
Next: plimsoll check

In .pre-commit-config.yaml:

  - repo: local
    hooks:
      - id: plimsoll
        name: plimsoll
        language: system
        entry: plimsoll check
        pass_filenames: false

In a workflow, with results in code scanning:

  - run: plimsoll check --output sarif=plimsoll.sarif
  - uses: github/codeql-action/upload-sarif@v3
    if: always()
    with: { sarif_file: plimsoll.sarif }";

/// What is in a folder.
#[derive(Debug, Default)]
struct Seen {
    /// Dockerfiles, relative to the folder, with `/`.
    files: Vec<String>,
    /// External base images and how many files use them.
    bases: BTreeMap<String, usize>,
}

fn look(folder: &Path) -> Seen {
    let mut seen = Seen::default();
    let walk = ignore::WalkBuilder::new(folder).sort_by_file_name(std::ffi::OsStr::cmp).build();
    for entry in walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
        if !is_dockerfile(&entry.file_name().to_string_lossy()) {
            continue;
        }
        if seen.files.len() == MAX_FILES {
            break;
        }
        let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        seen.files.push(relative.to_string_lossy().replace('\\', "/"));
        if let Ok(file) = fs::File::open(entry.path()) {
            for base in bases(BufReader::new(file.take(MAX_BYTES))) {
                *seen.bases.entry(base).or_default() += 1;
            }
        }
    }
    seen
}

/// Whether a name is one that Dockerfiles go by.
fn is_dockerfile(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let stem = |stem: &str| {
        let parts = || name.split('.');
        parts().next() == Some(stem) || parts().next_back() == Some(stem)
    };
    (stem("dockerfile") || stem("containerfile")) && !name.ends_with(".dockerignore")
}

/// External images of the FROM lines, each once. Rough, because a starter plan is read by a person.
fn bases(text: impl BufRead) -> Vec<String> {
    let (mut bases, mut stages) = (Vec::new(), Vec::new());
    for line in text.lines().map_while(Result::ok) {
        let mut words = line.split_whitespace();
        if !words.next().is_some_and(|word| word.eq_ignore_ascii_case("from")) {
            continue;
        }
        let mut words = words.skip_while(|word| word.starts_with("--"));
        let Some(image) = words.next() else { continue };
        let plain = image.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/:@".contains(&byte));
        if plain
            && image != "scratch"
            && !stages.contains(&image.to_ascii_lowercase())
            && !bases.iter().any(|base| base == image)
        {
            bases.push(image.to_owned());
        }
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("as")) {
            stages.extend(words.next().map(str::to_ascii_lowercase));
        }
    }
    bases
}

fn starter(seen: &Seen) -> String {
    let mut plan = String::from(
        "# The plan of this fleet. Every value is optional; a rule whose value is missing does not run.\n\
         # `plimsoll rules` lists the rules, `plimsoll explain RULE` says which value a rule reads.\n\
         extends = [\"recommended\"]\n\n\
         # [user]\n# uid = 10001\n# gid = 10001\n# name = \"appuser\"\n\n\
         # [init]\n# process = \"tini\"\n\n\
         # [health]\n# path = \"/health\"\n",
    );
    if !seen.bases.is_empty() {
        plan +=
            "\n# Base images in use here. Name those that the fleet may build on:\n# [images.hierarchy]\n";
        for (base, count) in seen.bases.iter().take(20) {
            let name = base.rsplit('/').next().unwrap_or(base).split([':', '@']).next().unwrap_or(base);
            let files = if *count == 1 { "1 file".to_owned() } else { format!("{count} files") };
            plan += &format!("# base-{} = {{ from = \"{base}\" }}   # {files}\n", name.replace('.', "-"));
        }
    }
    let folders: Vec<&str> =
        seen.files.iter().filter_map(|file| file.rsplit_once('/')).map(|(folder, _)| folder).collect();
    if !folders.is_empty() {
        plan += "\n# Services, found by the names of their folders:\n# [services.rows]\n";
        let mut names = std::collections::BTreeSet::new();
        for folder in folders.into_iter().take(50) {
            let name = folder.rsplit('/').next().unwrap_or(folder);
            let bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            if bare && names.insert(name) {
                plan += &format!("# {name} = {{ ports = \"8000/8001\" }}\n");
            }
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_dockerfiles() {
        for (name, expected) in [
            ("Dockerfile", true),
            ("dockerfile.gpu", true),
            ("web.Dockerfile", true),
            ("Containerfile", true),
            ("Dockerfile.dockerignore", false),
            ("README.md", false),
            ("mydockerfile", false),
        ] {
            assert_eq!(is_dockerfile(name), expected, "{name}");
        }
    }

    #[test]
    fn bases_are_external_images() {
        let text = "FROM --platform=x python:3.11-slim AS Build\nFROM build\nfrom ${X}\nFROM scratch\nFROM a/b:1\nRUN FROM\n";
        assert_eq!(bases(text.as_bytes()), ["python:3.11-slim", "a/b:1"]);
    }

    #[test]
    fn the_starter_plan_is_valid_also_without_its_comment_marks() {
        let seen = Seen {
            files: vec![
                "Dockerfile".to_owned(),
                "services/web/Dockerfile".to_owned(),
                "services/we b/Dockerfile".to_owned(),
            ],
            bases: BTreeMap::from([("ghcr.io/x/python.y:3.11".to_owned(), 2)]),
        };
        let plan = starter(&seen);
        assert!(toml_span::parse(&plan).is_ok());
        let said = |line: &str| {
            line.strip_prefix("# ")
                .filter(|rest| rest.contains('=') || rest.starts_with('['))
                .map(str::to_owned)
        };
        let active: String = plan.lines().filter_map(said).map(|line| line + "\n").collect();
        assert!(toml_span::parse(&active).is_ok(), "{active}");
        assert!(
            active.contains("base-python-y = { from = \"ghcr.io/x/python.y:3.11\" }")
                && active.contains("\nweb = "),
            "{active}"
        );
    }
}
