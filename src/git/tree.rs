//! The files of a commit, written into a folder.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::Stdio;

use super::{Commit, GitError, Repository, ask, git};

/// Files above this size are made with their size and without their text, in bytes: nobody reads them.
const MAX_TEXT: u64 = 4 << 20;
/// Files of one commit.
const MAX_FILES: usize = 500_000;

/// One entry of the commit.
struct Entry {
    is_link: bool,
    object: String,
    path: PathBuf,
}

pub(super) fn write(repository: &Repository, commit: &Commit, folder: &Path) -> Result<(), GitError> {
    let listing = ask(&repository.root, ["ls-tree", "-r", "-z", "--full-tree", &commit.0])?;
    let entries: Vec<Entry> = listing.split(|byte| *byte == 0).filter_map(entry).take(MAX_FILES).collect();
    let failed =
        |error: std::io::Error| GitError(format!("the files of the revision cannot be written: {error}"));
    let mut child = git(&repository.root)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| GitError(format!("git cannot be started: {error}")))?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(GitError("git takes no questions".to_owned()));
    };
    let written = std::thread::scope(|scope| {
        // Asked beside the reading, so that neither waits for the other.
        let asked = scope.spawn(|| {
            let mut input = BufWriter::new(input);
            entries.iter().try_for_each(|entry| writeln!(input, "{}", entry.object))?;
            input.flush()
        });
        let mut output = BufReader::new(output);
        let written = entries.iter().try_for_each(|entry| one(entry, &mut output, folder));
        // Nobody reads on, so that who still asks is refused.
        drop(output);
        let asked = asked.join().unwrap_or(Ok(()));
        written.and(asked)
    });
    // Git has nothing more to say, or nobody listens.
    let _ = child.wait();
    written.map_err(failed)?;
    write_index(repository, commit, folder).map_err(failed)
}

/// Makes the index that says that all of it is tracked, so that its ignore files hide no more there than here.
fn write_index(repository: &Repository, commit: &Commit, folder: &Path) -> std::io::Result<()> {
    let home = folder.join(".git");
    fs::create_dir(&home)?;
    let made = git(&repository.root)
        .args(["read-tree", &commit.0])
        .env("GIT_INDEX_FILE", home.join("index"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    match made.success() {
        true => Ok(()),
        false => Err(std::io::Error::other("git makes no index of it")),
    }
}

/// `100644 blob ID<tab>PATH`; submodules, and names that lead elsewhere, are left out.
fn entry(line: &[u8]) -> Option<Entry> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let (head, name) = (std::str::from_utf8(&line[..tab]).ok()?, std::str::from_utf8(&line[tab + 1..]).ok()?);
    let mut head = head.split(' ');
    let (mode, kind, object) = (head.next()?, head.next()?, head.next()?);
    let path = PathBuf::from(name);
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (kind == "blob" && is_plain).then(|| Entry { is_link: mode == "120000", object: object.to_owned(), path })
}

/// Takes the next object from git and writes it.
fn one(entry: &Entry, output: &mut impl BufRead, folder: &Path) -> std::io::Result<()> {
    let mut head = String::new();
    output.read_line(&mut head)?;
    let Some(size) = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok()) else {
        // `ID missing`, of a clone that holds not everything.
        return Ok(());
    };
    let path = folder.join(&entry.path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut object = output.by_ref().take(size);
    if entry.is_link {
        let mut target = String::new();
        object.read_to_string(&mut target)?;
        link(&target, &path)?;
    } else if size > MAX_TEXT {
        File::create(&path)?.set_len(size)?;
    } else {
        std::io::copy(&mut object, &mut File::create(&path)?)?;
    }
    std::io::copy(&mut object, &mut std::io::sink())?;
    output.read_exact(&mut [0])
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> std::io::Result<()> {
    // Whoever reads the folder follows no link out of it.
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> std::io::Result<()> {
    Ok(())
}
