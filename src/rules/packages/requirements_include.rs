//! `requirements-include`: the files that requirement files read are there.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::pip::installs;
use crate::finding::Findings;
use crate::model::{Base, Build, ContextChoice, Found, PipInstall, RequirementsUse, Stage, Unknown};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::shell::command_name;

pub(in crate::rules) const CHECK: Check = Check::Build(check);
pub(in crate::rules) use crate::rules::always as planned;

/// Files that are looked for in one build. Each costs a look at all its commands.
const MAX_MISSING: usize = 64;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let mut seen = HashSet::new();
    for (stage, install) in installs(build) {
        let reading = install.reading();
        let of_files = reading.files.iter().chain(&reading.constraints);
        let nested = of_files.flat_map(|file| file.nested.iter().chain(&file.constraints));
        for used in nested {
            let Err(why) = &used.file else { continue };
            let is_new = seen.len() < MAX_MISSING && seen.insert((used.place.source.path(), used.place.span));
            match (why, missing(used)) {
                _ if !is_new => {}
                (Unknown::Cycle, _) => {
                    out.add(&used.place, format!("`{}` reads the file that reads it", base_name(&used.path.text)));
                }
                (_, Some(path)) if !may_be_made(build, stage, &path) => {
                    let message = format!("`{path}` is not there: no COPY puts it beside the file that reads it");
                    out.add(&used.place, message);
                }
                _ => {}
            }
        }
        let is_known = matches!(build.context.chosen, ContextChoice::Given | ContextChoice::AllSourcesExist);
        for used in install.files.iter().chain(&install.constraints).filter(|used| is_known && used.file.is_err()) {
            if seen.len() < MAX_MISSING && seen.insert((used.place.source.path(), used.place.span)) {
                named_file(build, stage, used, out);
            }
        }
    }
}

/// The path of a file that could not be read and is no URL.
fn missing(used: &RequirementsUse) -> Option<SmolStr> {
    let is_file = matches!(used.file, Err(Unknown::File(_))) && used.path.certain().is_some();
    (is_file && !used.path.text.contains("://")).then(|| used.path.text.clone())
}

/// A file of the command line itself: certain only when the folder it should be in was copied from a known context.
fn named_file(build: &Build, stage: &Stage, used: &RequirementsUse, out: &mut Findings) {
    let Some(Unknown::File(path)) = used.file.as_ref().err() else { return };
    let folder = stage.layer().files.iter().find(|file| {
        file.value.is_folder && file.value.context_path.is_some() && is_below(path, &file.value.path)
    });
    if let (Some(folder), false) = (folder, may_be_made(build, stage, path)) {
        out.add(&used.place, format!("`{path}` is not there: what is copied to its folder holds no such file"))
            .related(&folder.place, "copied here");
    }
}

/// Whether something other than a COPY of the build context may put the file there: an image nobody read, another stage,
/// an archive, a URL, a mount, or a command that names it.
fn may_be_made(build: &Build, stage: &Stage, path: &str) -> bool {
    let bases_unread = stage.container.unknown_end().is_some()
        || stage.container.layers.iter().skip(1).any(|layer| layer.opaque.is_some());
    bases_unread || own_chain(build, stage).any(|stage| brings(stage, path) || runs_make(stage, path))
}

/// The stage and the stages of the same file that it stands on.
fn own_chain<'a>(build: &'a Build, stage: &'a Stage) -> impl Iterator<Item = &'a Stage> {
    std::iter::successors(Some(stage), |stage| match stage.from.base {
        Base::Stage(index) => build.stages.get(index),
        _ => None,
    })
}

fn brings(stage: &Stage, path: &str) -> bool {
    stage.copies.iter().any(|copy| {
        let is_elsewhere = copy.from.is_some()
            || copy.is_add
            || copy.sources.iter().any(|source| !matches!(source.found, Found::Files(_)));
        is_elsewhere && copy.target.certain().is_none_or(|target| is_below(path, target) || target == path)
    })
}

/// Programs that put files somewhere without naming each.
const MAKERS: &[&str] = &["cp", "mv", "git", "tar", "unzip", "rsync", "curl", "wget", "poetry", "uv", "pipenv", "pip-compile"];

fn runs_make(stage: &Stage, path: &str) -> bool {
    let name = base_name(path);
    stage.runs.iter().enumerate().any(|(run_index, run)| {
        let mounted = run.mounts.iter().any(|mount| mount.kind != "cache" && is_below(path, &mount.target.text));
        let made = run.texts.iter().enumerate().any(|(text_index, text)| {
            text.script.commands.iter().enumerate().any(|(index, command)| {
                let is_pip = |install: &PipInstall| install.run == run_index && install.at == (text_index, index);
                let words = text.command_words(command);
                let makes = words.first().is_some_and(|word| MAKERS.contains(&command_name(word)));
                let writes = text.script.redirections(command).iter().any(|one| one.target.text.ends_with(name));
                let names = words.iter().any(|word| word.text.ends_with(name));
                writes || ((makes || names) && !stage.pip_installs.iter().any(is_pip))
            })
        });
        mounted || made
    })
}

fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
