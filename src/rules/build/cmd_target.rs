//! `cmd-target`: the script that the container starts is in the image.

use smol_str::SmolStr;

use super::command::{program, without_init};
use crate::finding::Findings;
use crate::model::{Build, ChainEnd, Entry, Fact, Form, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::source::{Place, Span};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Folders in which a public base image may hold scripts of its own.
const OF_BASES: &[&str] = &["/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/etc/", "/opt/", "/proc/", "/dev/", "/run/"];

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let Some(stage) = build.final_stage() else { return };
    for keyword in ["ENTRYPOINT", "CMD"] {
        let Some(entry) = stage.entries.iter().rfind(|entry| entry.keyword == keyword) else { continue };
        if entry.command.form != Form::Exec || (keyword == "CMD" && !starts_program(stage)) {
            continue;
        }
        let Some(target) = script(&entry.command.words, stage) else { continue };
        if surely_missing(build, stage, &target.path) {
            let message = format!("nothing puts `{}` into the image", target.path);
            out.add(&place_of(entry, target.word), message)
                .help("copy the script there, or name it where it is");
        }
    }
}

/// Whether the first word of CMD is the program: no ENTRYPOINT, or one that is only an init.
fn starts_program(stage: &Stage) -> bool {
    match stage.container.entrypoint() {
        Fact::Known { value, .. } => value.form == Form::Exec && without_init(&value.words).is_empty(),
        Fact::Absent => true,
        Fact::Unknown { .. } => false,
    }
}

struct Target<'a> {
    word: &'a str,
    path: String,
}

/// The script that a command starts: its first word, or the first argument of an interpreter.
fn script<'a>(words: &'a [SmolStr], stage: &Stage) -> Option<Target<'a>> {
    let words = without_init(words);
    let first = words.first()?;
    let interpreted = ["python", "python3", "node", "ruby", "perl", "php", "bash", "sh"];
    let name = program(first).trim_end_matches(|version: char| version.is_ascii_digit() || version == '.');
    let is_interpreter = interpreted.iter().any(|it| *it == name || it.trim_end_matches('3') == name);
    // Options may take values, so only the plain form is read.
    let word = if is_interpreter { words.get(1).filter(|word| !word.starts_with('-'))? } else { first };
    let suffix = [".sh", ".py", ".js", ".mjs", ".cjs", ".rb", ".pl", ".php"].iter().any(|end| word.ends_with(end));
    let plain = !word.contains(['$', '*', ' ', '{']);
    if !suffix || !plain || (!is_interpreter && !word.contains('/')) {
        return None;
    }
    let path = if word.starts_with('/') {
        word.to_string()
    } else {
        let workdir = match stage.container.workdir() {
            Fact::Known { value, .. } => value.certain()?.to_owned(),
            Fact::Absent => "/".to_owned(),
            Fact::Unknown { .. } => return None,
        };
        format!("{}/{}", workdir.trim_end_matches('/'), word.trim_start_matches("./"))
    };
    (!path.contains("..") && !path.contains("//")).then_some(Target { word, path })
}

/// Whether everything that puts files into the image is known, and none of it can be the script.
fn surely_missing(build: &Build, stage: &Stage, path: &str) -> bool {
    let container = &stage.container;
    let of_base = OF_BASES.iter().any(|folder| path.starts_with(folder)) || path.matches('/').count() == 1;
    match &container.end {
        ChainEnd::Scratch => {}
        ChainEnd::WellKnown { .. } if !of_base => {}
        _ => return false,
    }
    let name = program(path);
    let runs = build.stages.iter().flat_map(|stage| &stage.runs);
    let made = runs.into_iter().any(|run| mentions(&run.place, name));
    let lies_below = |folder: &str| {
        folder == "/" || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    !made
        && container.layers.iter().all(|layer| {
            layer.opaque.is_none()
                && layer.onbuild.is_empty()
                && layer.files.iter().all(|file| !lies_below(&file.value.path))
                && layer.volumes.iter().all(|volume| volume.value.certain().is_some_and(|folder| !lies_below(folder)))
        })
        && stage.copies.iter().all(|copy| copy.target.certain().is_some())
}

/// Whether a RUN names the file, or fetches and unpacks things of unknown names.
fn mentions(place: &Place, name: &str) -> bool {
    let text = place.source.slice(place.span);
    let has = |needle: &str| memchr::memmem::find(text, needle.as_bytes()).is_some();
    has(name) || ["git clone", "tar ", "unzip", "mv ", "cp ", "ln "].iter().any(|maker| has(maker))
}

fn place_of(entry: &Entry, word: &str) -> Place {
    let text = entry.argument.source.slice(entry.argument.span);
    let Some(at) = memchr::memmem::find(text, word.as_bytes()) else { return entry.argument.clone() };
    let start = entry.argument.span.start + at as u32;
    Place::new(&entry.argument.source, Span::new(start, start + word.len() as u32))
}
