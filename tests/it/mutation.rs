//! Deployment files of the fleets with random faults: whatever a byte turns into, a call ends soon and without a panic.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::{folder, plimsoll_limited, repository, write};

/// A small deterministic generator (xorshift64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below the limit; 0 for a limit of 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// A text with one to five faults: something left out, doubled, a snippet or a byte put in.
pub(crate) fn mutated(bytes: &[u8], random: &mut Random, snippets: &[&[u8]]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let to = (at + random.below(6)).min(bytes.len());
        match random.below(4) {
            0 => drop(bytes.drain(at..to)),
            1 => {
                let copy = bytes[at..to].to_vec();
                bytes.splice(at..at, copy);
            }
            2 => drop(bytes.splice(at..at, snippets[random.below(snippets.len())].iter().copied())),
            _ => bytes.insert(at, random.below(256) as u8),
        }
    }
    bytes
}

/// What means something in YAML, in compose, in an object or in a workflow.
const SNIPPETS: [&[u8]; 30] = [
    b":",
    b": ",
    b"- ",
    b"\n- ",
    b"\n  ",
    b"\t",
    b"[",
    b"]",
    b"{",
    b"}",
    b"\"",
    b"'",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"!reset ",
    b"!override ",
    b"| ",
    b">-\n",
    b"\n---\n",
    b"#",
    b"${A",
    b"${A:-${B",
    b"${{ ",
    b"{{ x }}",
    b"$",
    b"null",
    b"-1",
    b"99999999999999999999",
    b"\xFF",
];
/// Calls for each fleet.
const ROUNDS: usize = 12;
/// Processor time that a call may take.
const TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 5_000 } else { 1_000 });
/// Address space of a call, in kB.
const ADDRESS_SPACE: u64 = 400_000;

/// Every file below a folder.
fn files(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort_unstable();
    found
}

#[test]
fn deployments_with_random_faults() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut reported = 0;
    for fleet in ["blueprint-deploy-broken", "frames-api", "knative"] {
        let root = repository("testdata/fleets").join(fleet);
        let here = folder(&format!("mutation/{fleet}"));
        let mut deployed = Vec::new();
        for path in files(&root) {
            let (to, bytes) = (here.join(path.strip_prefix(&root).unwrap()), fs::read(&path).unwrap());
            write(&to, &bytes);
            let is_yaml = to.extension().is_some_and(|end| end == "yaml" || end == "yml");
            let is_env = to.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".env"));
            if is_yaml || is_env {
                deployed.push((to, bytes));
            }
        }
        assert!(deployed.len() > 2, "{fleet}: only {} deployment files", deployed.len());
        for round in 0..ROUNDS {
            for (path, bytes) in &deployed {
                write(path, mutated(bytes, &mut random, &SNIPPETS));
            }
            let run =
                plimsoll_limited(&here, &["check", ".", "--format", "json", "--jobs", "1"], ADDRESS_SPACE);
            let name = format!("{fleet}, round {round}, files in {}", here.display());
            assert!(matches!(run.code, Some(0..=1)), "{name}: {run:?}");
            assert!(!run.stderr.contains("panicked"), "{name}: {}", run.stderr);
            assert!(run.cpu <= TIME, "{name}: {:?} of CPU", run.cpu);
            reported += run.findings().len();
        }
    }
    assert!(reported > ROUNDS, "only {reported} findings");
}
