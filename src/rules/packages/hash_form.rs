//! `hash-form`: a `--hash` is one that pip can compare.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::pip::installs;
use crate::finding::Findings;
use crate::model::{Build, Spanned};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);
pub(in crate::rules) use crate::rules::always as planned;

/// What pip takes, with the number of hexadecimal digits (pip, `STRONG_HASHES`).
const ALGORITHMS: &[(&str, usize)] = &[("sha256", 64), ("sha384", 96), ("sha512", 128)];

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let mut seen = HashSet::new();
    for (_, install) in installs(build) {
        let reading = install.reading();
        for file in reading.files.iter().chain(&reading.constraints) {
            if seen.insert(file.source.path()) {
                file.requirements.iter().flat_map(|one| &one.hashes).for_each(|hash| judge(hash, out));
            }
        }
    }
}

fn judge(hash: &Spanned<SmolStr>, out: &mut Findings) {
    let (algorithm, digest) = hash.value.split_once(':').unwrap_or(("", &hash.value));
    if hash.value.contains('$') {
        return;
    }
    let Some((_, digits)) = ALGORITHMS.iter().find(|(name, _)| *name == algorithm) else {
        let message = format!("pip knows no hash `{algorithm}`; it takes `sha256`, `sha384` and `sha512`");
        out.add(&hash.place, message).help("Write `--hash=sha256:` and the 64 hexadecimal digits that `pip hash` prints");
        return;
    };
    if let Some(odd) = digest.chars().find(|digit| !digit.is_ascii_hexdigit()) {
        out.add(&hash.place, format!("`{odd}` is no hexadecimal digit, so this hash fits no file"));
    } else if digest.len() != *digits {
        let message = format!("{} hexadecimal digits, a {algorithm} has {digits}, so this hash fits no file", digest.len());
        out.add(&hash.place, message).help("Take the hash again with `pip hash` or `pip-compile --generate-hashes`");
    }
}
