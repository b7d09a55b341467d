//! The floor that `compose.sh` measures against: reads every YAML file of a folder into a tree, and does nothing else.
//!
//! `cargo bench --profile dist --bench yaml_floor -- FOLDER` prints how many files, bytes and documents it read.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program of its own")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use plimsoll::source::Source;
use plimsoll::syntax::yaml;

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let folder: Option<OsString> = std::env::args_os().skip(1).find(|argument| argument != "--bench");
    let Some(folder) = folder else {
        println!("skipped: give it a folder with YAML files");
        return ExitCode::SUCCESS;
    };
    match measure(Path::new(&folder)) {
        Ok((files, bytes, documents)) => {
            println!("{files} files, {bytes} bytes, {documents} documents");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Files, bytes and documents.
fn measure(folder: &Path) -> std::io::Result<(usize, usize, usize)> {
    let (mut files, mut bytes, mut documents) = (0, 0, 0);
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if name.ends_with(".yaml") || name.ends_with(".yml") {
                let text = std::fs::read(entry.path())?;
                files += 1;
                bytes += text.len();
                documents += yaml::parse(&Source::new(name, text)).documents.len();
            }
        }
    }
    Ok((files, bytes, documents))
}
