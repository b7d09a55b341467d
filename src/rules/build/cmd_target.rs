//! `cmd-target`: the script that the container starts is in the image.

use super::copied::context_is_certain;
use super::command::{program, without_init};
use crate::finding::Findings;
use crate::model::{Build, ChainEnd, Entry, Fact, Form, Found, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::rules::common::is_broken_json;
use crate::source::{Place, Span};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Folders in which a public base image may hold scripts of its own.
const OF_BASES: &[&str] = &["/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/etc/", "/opt/", "/proc/", "/dev/", "/run/"];

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let Some(stage) = build.final_stage() else { return };
    no_json(stage, out);
    one_word(stage, out);
    for started in stage.started.iter().filter(|started| started.nowhere) {
        let entry = stage.entries.iter().rfind(|entry| entry.keyword == started.keyword);
        let (Some(entry), Some(path)) = (entry, started.paths.last()) else { continue };
        if started.keyword == "CMD" && !starts_program(stage) {
            continue;
        }
        if started.paths.iter().all(|path| surely_missing(build, stage, path)) {
            let file = if path.ends_with(started.word.as_str()) || started.paths.len() == 1 {
                format!("`{path}`")
            } else {
                format!("`{path}`, which `{}` needs,", started.word)
            };
            let place = place_of(entry, &started.word);
            if context_is_certain(build) {
                out.add(&place, format!("nothing puts {file} into the image"))
                    .help("copy the file there, or name it where it is");
            } else {
                let folder = &build.context.folder;
                let message = format!("cannot tell whether {file} is in the image: `{folder}` may not be the build context");
                out.open(&place, message);
            }
        }
    }
}

/// `CMD ["npm", "start"];`: no JSON, so a shell looks for a program of that spelling.
fn no_json(stage: &Stage, out: &mut Findings) {
    for keyword in ["ENTRYPOINT", "CMD"] {
        let Some(entry) = stage.entries.iter().rfind(|entry| entry.keyword == keyword) else { continue };
        let text = entry.command.words.first().filter(|_| entry.command.form == Form::Shell);
        if text.is_some_and(|text| is_broken_json(text)) {
            out.add(&entry.argument, format!("the brackets hold no valid JSON, so {keyword} is a shell command that starts with `[`"))
                .help("use double quotes and commas, and nothing behind the bracket: `[\"npm\", \"start\"]`");
        }
    }
}

/// `CMD ["service mysql start"]`: one word, so the whole of it is the program's name.
fn one_word(stage: &Stage, out: &mut Findings) {
    for keyword in ["ENTRYPOINT", "CMD"] {
        let Some(entry) = stage.entries.iter().rfind(|entry| entry.keyword == keyword) else { continue };
        let words = without_init(&entry.command.words);
        let Some(first) = words.first().filter(|_| entry.command.form == Form::Exec) else { continue };
        // A path may hold blanks.
        if first.contains(' ') && !first.contains('/') && (keyword == "ENTRYPOINT" || starts_program(stage)) {
            out.add(&place_of(entry, first), format!("the exec form takes the whole of `{first}` for the name of a program"))
                .help(format!("give each word its own quotes, or write {keyword} without brackets"));
        }
    }
}

/// Whether CMD is what starts: no ENTRYPOINT, or one that is only an init.
fn starts_program(stage: &Stage) -> bool {
    match stage.container.entrypoint() {
        Fact::Known { value, .. } => value.form == Form::Exec && without_init(&value.words).is_empty(),
        Fact::Absent => true,
        Fact::Unknown { .. } => false,
    }
}

/// Whether everything else that puts files into the image is known, and none of it can be the script.
fn surely_missing(build: &Build, stage: &Stage, path: &str) -> bool {
    let container = &stage.container;
    let of_base = OF_BASES.iter().any(|folder| path.starts_with(folder)) || path.matches('/').count() == 1;
    match &container.end {
        ChainEnd::Scratch => {}
        ChainEnd::WellKnown { .. } if !of_base => {}
        _ => return false,
    }
    let runs = build.stages.iter().flat_map(|stage| &stage.runs);
    let made = runs.into_iter().any(|run| may_make(&run.place, program(path)));
    let lies_below = |folder: &str| {
        folder == "/" || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let found = |found: &Found| match found {
        Found::Files(files) => !files.is_empty(),
        Found::Outside => true,
        _ => false,
    };
    let copies = build.stages.iter().flat_map(|stage| &stage.copies);
    // An image into which nothing is copied gets its files when it runs.
    let any = container.layers.iter().any(|layer| !layer.files.is_empty());
    any && !made
        && container.layers.iter().all(|layer| {
            layer.opaque.is_none()
                && layer.onbuild.is_empty()
                && layer.files.iter().all(|file| file.value.context_path.is_some() || !lies_below(&file.value.path))
                && layer.volumes.iter().all(|volume| volume.value.certain().is_some_and(|folder| !lies_below(folder)))
        })
        && copies.into_iter().all(|copy| {
            copy.target.certain().is_some() && copy.sources.iter().all(|source| found(&source.found))
        })
}

/// Whether a RUN names the file, or fetches, unpacks or moves things of unknown names.
fn may_make(place: &Place, name: &str) -> bool {
    const MAKERS: &[&str] = &["git clone", "tar ", "unzip", "mv ", "cp ", "ln "];
    let text = place.source.slice(place.span);
    let has = |needle: &str| memchr::memmem::find(text, needle.as_bytes()).is_some();
    has(name) || MAKERS.iter().any(|maker| has(maker))
}

fn place_of(entry: &Entry, word: &str) -> Place {
    let text = entry.argument.source.slice(entry.argument.span);
    let Some(at) = memchr::memmem::find(text, word.as_bytes()) else { return entry.argument.clone() };
    let start = entry.argument.span.start + at as u32;
    Place::new(&entry.argument.source, Span::new(start, start + word.len() as u32))
}
