//! The floor that `compare.sh` measures against: reads every Dockerfile of a folder and parses it with
//! `parse-dockerfile`, and does nothing else.
//!
//! `cargo bench --profile dist --bench floor -- FOLDER` prints how many files and bytes it read.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program of its own")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What was read.
#[derive(Default)]
struct Totals {
    files: usize,
    bytes: usize,
    instructions: usize,
    refused: usize,
}

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let folder: Option<OsString> = std::env::args_os().skip(1).find(|argument| argument != "--bench");
    let Some(folder) = folder else {
        println!("skipped: give it a folder with Dockerfiles");
        return ExitCode::SUCCESS;
    };
    match measure(Path::new(&folder)) {
        Ok(totals) => {
            let Totals { files, bytes, instructions, refused } = totals;
            println!("{files} files, {bytes} bytes, {instructions} instructions, {refused} refused");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(folder: &Path) -> std::io::Result<Totals> {
    let mut totals = Totals::default();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.file_name().to_string_lossy().ends_with("Dockerfile") {
                let bytes = std::fs::read(entry.path())?;
                totals.files += 1;
                totals.bytes += bytes.len();
                match parse_dockerfile::parse(&String::from_utf8_lossy(&bytes)) {
                    Ok(tree) => totals.instructions += tree.instructions.len(),
                    Err(_) => totals.refused += 1,
                }
            }
        }
    }
    Ok(totals)
}
