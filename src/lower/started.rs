//! Which scripts and modules a CMD or ENTRYPOINT starts, and whether anything copies them.
//!
//! Only plain spellings are read: a path with a script's suffix, `python -m package`, and the `package.module:name` of
//! the usual Python servers. What a wrapper does with other words is its own affair.

use smol_str::{SmolStr, format_smolstr};

use super::context::path;
use super::image_layers::LayerFiles;
use super::stage::StageBuilder;
use crate::model::{Entry, Form, StartedFile};

const SUFFIXES: [&str; 8] = [".sh", ".py", ".js", ".mjs", ".cjs", ".rb", ".pl", ".php"];
const INTERPRETERS: [&str; 8] = ["python", "pypy", "node", "ruby", "perl", "php", "bash", "sh"];
const SERVERS: [&str; 4] = ["uvicorn", "gunicorn", "hypercorn", "daphne"];
const INITS: [&str; 5] = ["tini", "tini-static", "dumb-init", "catatonit", "docker-init"];

/// What the last CMD and ENTRYPOINT of a stage start.
pub(crate) fn started(stage: &StageBuilder<'_>) -> Vec<StartedFile> {
    let workdir = stage.current_workdir();
    let Some(workdir) = workdir.certain() else { return Vec::new() };
    let files = LayerFiles::new(&stage.layer.files, &stage.below, &stage.file.context, &[]);
    let mut found = Vec::new();
    for keyword in ["ENTRYPOINT", "CMD"] {
        let Some(entry) = stage.entries.iter().rfind(|entry| entry.keyword == keyword) else { continue };
        let words = plain_words(entry);
        // Another search path may lead elsewhere.
        let paths = match script(&words, workdir) {
            None if stage.is_env("PYTHONPATH") => None,
            None => module(&words, workdir, &files),
            script => script,
        };
        let Some((word, paths)) = paths else { continue };
        let nowhere = files.ask(|files| paths.iter().all(|path| files.lacks(path))).unwrap_or(false);
        found.push(StartedFile { keyword, word, paths, nowhere });
    }
    found
}

/// The words of exec form, or of a shell text that is a single command without variables.
fn plain_words(entry: &Entry) -> Vec<SmolStr> {
    match (entry.command.form, &entry.text) {
        (Form::Exec, _) => entry.command.words.clone(),
        (Form::Shell, Some(text)) if text.script.commands.len() == 1 && text.script.opaque.is_empty() => {
            let words = text.command_words(&text.script.commands[0]);
            let plain = words.iter().all(|word| word.literal);
            if plain { words.iter().map(|word| word.text.clone()).collect() } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// `python3.11` is a python.
fn is_interpreter(word: &str) -> bool {
    let name = program(word).trim_end_matches(|version: char| version.is_ascii_digit() || version == '.');
    INTERPRETERS.contains(&name)
}

/// The first word behind an init, or the word right behind an interpreter, when it is the path of a script.
fn script(words: &[SmolStr], workdir: &str) -> Option<(SmolStr, Vec<SmolStr>)> {
    let first = words.iter().position(|word| !INITS.contains(&program(word)) && !word.starts_with('-'))?;
    let interpreted = words[first..].iter().position(|word| is_interpreter(word)).map(|at| first + at + 1);
    let is_script = |word: &SmolStr| {
        SUFFIXES.iter().any(|suffix| word.ends_with(suffix)) && !word.contains(['$', '*', ' ', '{', '~'])
    };
    let word = match interpreted.and_then(|at| words.get(at)) {
        Some(word) if is_script(word) => word,
        // Without a slash the program is looked for in PATH.
        _ => Some(&words[first]).filter(|word| is_script(word) && word.contains('/'))?,
    };
    Some((word.clone(), vec![absolute(word, workdir)]))
}

/// The files that may be a Python module, when the folder of its package is copied from the build context.
fn module(words: &[SmolStr], workdir: &str, files: &LayerFiles<'_>) -> Option<(SmolStr, Vec<SmolStr>)> {
    let run = words
        .windows(3)
        .find(|at| is_interpreter(&at[0]) && at[1] == "-m" && !SERVERS.contains(&at[2].as_str()));
    let served = || {
        let server = words.iter().position(|word| SERVERS.contains(&program(word)))?;
        words[server + 1..].iter().find(|word| word.contains(':') && !word.starts_with('-'))
    };
    let moved = words.iter().any(|word| word.starts_with("--app-dir") || word.starts_with("--chdir"));
    let (word, runs) = match run {
        Some(at) => (&at[2], true),
        None => (served().filter(|_| !moved)?, false),
    };
    let name = word.split(':').next().unwrap_or(word);
    let is_name = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let parts: Vec<&str> = name.split('.').collect();
    if !parts.iter().all(|part| is_name(part)) || (parts.len() == 1 && !runs) {
        return None;
    }
    let package = absolute(parts[0], workdir);
    files.ask(|files| files.holds_folder(&package)).filter(|held| *held)?;
    let base = absolute(&parts.join("/"), workdir);
    let last = if runs { "__main__" } else { "__init__" };
    let mut paths = vec![format_smolstr!("{base}/{last}.py")];
    if parts.len() > 1 {
        paths.push(format_smolstr!("{base}.py"));
    }
    Some((word.clone(), paths))
}

fn absolute(word: &str, workdir: &str) -> SmolStr {
    let joined = if word.starts_with('/') { word.to_owned() } else { format!("{workdir}/{word}") };
    path::clean(&joined).into()
}
