//! Which plan a call is judged by, found and read; and a Markdown plan, read and turned into one.

use std::path::{Path, PathBuf};

use super::{PlanChoice, RunError, inputs};
use crate::collect::DiskFiles;
use crate::lower::context::path;
use crate::lower::{FileKind, Files};
use crate::plan::{ImportRequest, Imported, Plan, PlanIndex, PlanRequest, import, load, normalise};

/// The name of a plan file.
const PLAN_FILE: &str = "plimsoll.toml";

/// Reads the plan with everything it extends; looks for it from the working directory upwards.
///
/// # Errors
/// When it is wrong, or a named file cannot be read.
pub fn load_plan(choice: &PlanChoice) -> Result<Plan, RunError> {
    load_for(choice, &[])
}

/// Reads the plan for the paths of a call.
///
/// Without `--plan` and `--pack` the nearest `plimsoll.toml` is taken, looked for from the first path upwards and then
/// from the working directory upwards, so that `plimsoll check some/fleet` finds the plan that lies in the fleet. Without
/// any, the `recommended` pack is the plan.
pub(super) fn load_for(choice: &PlanChoice, paths: &[PathBuf]) -> Result<Plan, RunError> {
    load_in(&inputs::working_directory()?, choice, paths)
}

/// The same for a call that works in a folder.
pub(super) fn load_in(base: &Path, choice: &PlanChoice, paths: &[PathBuf]) -> Result<Plan, RunError> {
    let file = match (&choice.file, &choice.pack) {
        (Some(file), _) => Some(shown(base, file)),
        (None, Some(_)) => None,
        (None, None) => find(base, paths),
    };
    let folder = file.as_deref().and_then(path::parent).unwrap_or(".");
    let files = DiskFiles::new(base, &[PathBuf::from(folder)]);
    let packs: Vec<String> = choice.pack.iter().cloned().collect();
    let request = PlanRequest { path: file.as_deref(), packs: &packs, known_rule: &crate::rules::known };
    load(&request, &files).map_err(|errors| {
        let what = file.as_deref().or(choice.pack.as_deref()).unwrap_or("the plan");
        let faults = errors.into_iter().map(|error| {
            let message = match error.help {
                Some(help) => format!("{}; {help}", error.message),
                None => error.message,
            };
            (error.place, message)
        });
        RunError { faults: faults.collect(), ..RunError::new(format!("cannot use the plan {what}")) }
    })
}

/// What `plan import` reads, and for which plan.
#[derive(Debug, Clone)]
pub struct ImportCall {
    /// The Markdown file.
    pub document: PathBuf,
    /// Where the plan will be written; paths in it are relative to its folder. `None`: the working directory.
    pub plan: Option<PathBuf>,
    /// A part of the heading above the service table.
    pub heading: Option<String>,
    /// Rows into the plan instead of a reference to the table.
    pub inline: bool,
}

/// Turns a Markdown plan into TOML; writes nothing.
///
/// # Errors
/// When the document cannot be read, or no plan can be made of it.
pub fn import_plan(call: &ImportCall) -> Result<Imported, RunError> {
    let base = inputs::working_directory()?;
    let document = shown(&base, &call.document);
    let plan = call.plan.as_deref().map(|plan| shown(&base, plan));
    let folder = plan.as_deref().and_then(path::parent).unwrap_or(".");
    let above = path::parent(&document).unwrap_or(".");
    let files = DiskFiles::new(&base, &[PathBuf::from(folder), PathBuf::from(above)]);
    let unread = |why: &str, help: Option<String>| RunError {
        help,
        ..RunError::new(format!("cannot import {document}: {why}"))
    };
    match files.kind(&document) {
        Some(FileKind::File) => {}
        Some(FileKind::Folder) => {
            return Err(unread(
                "it is a folder",
                Some("Name the Markdown file that holds the plan.".to_owned()),
            ));
        }
        _ => return Err(unread("there is no such file", None)),
    }
    let source = files.read(&document).ok_or_else(|| {
        unread("it cannot be read", Some("A file larger than 4 MiB is not read.".to_owned()))
    })?;
    let request =
        ImportRequest { source: &source, folder, heading: call.heading.as_deref(), inline: call.inline };
    import(&request, &files).map_err(|error| RunError {
        faults: vec![(error.place, error.message)],
        help: error.help,
        ..RunError::new(format!("cannot import {document}"))
    })
}

/// The display path of the nearest plan file.
fn find(base: &Path, paths: &[PathBuf]) -> Option<String> {
    let first = paths.iter().find(|path| path.as_os_str() != "-").map(|path| base.join(path));
    let start = first.filter(|path| path.exists());
    let above = |start: &Path| {
        start.ancestors().map(|folder| folder.join(PLAN_FILE)).find(|candidate| candidate.is_file())
    };
    let found = start.as_deref().and_then(above).or_else(|| above(base))?;
    Some(shown(base, &found))
}

/// A path relative to the working directory with `/`, with `..` for a plan above it.
fn shown(base: &Path, file: &Path) -> String {
    let full = base.join(file);
    for (up, ancestor) in base.ancestors().enumerate() {
        if let Ok(rest) = full.strip_prefix(ancestor) {
            let rest = rest.to_string_lossy().replace('\\', "/");
            // Far away, an absolute path says more than a ladder.
            return match up {
                0..=3 => path::clean(&format!("{}{rest}", "../".repeat(up))),
                _ => full.to_string_lossy().replace('\\', "/"),
            };
        }
    }
    file.to_string_lossy().replace('\\', "/")
}

/// Names that an error lists at most.
const SHOWN_NAMES: usize = 10;

/// The row of a service that the command line names: an index into [`Plan::services`].
///
/// # Errors
/// When the plan has none of that name.
pub(super) fn service_named(name: &str, plan: &Plan, index: &PlanIndex) -> Result<usize, RunError> {
    index.service_named(name).ok_or_else(|| {
        let names: Vec<&str> = plan.services.iter().map(|row| row.name.value.as_str()).collect();
        RunError {
            help: Some(known_names(name, &names, "The plan lists no services.")),
            ..RunError::new(format!("the plan has no service `{name}`"))
        }
    })
}

/// The machine that the command line names, by its name or an alias: an index into [`Plan::machines`].
///
/// # Errors
/// When the plan has none of that name.
pub(super) fn machine_named(name: &str, plan: &Plan) -> Result<usize, RunError> {
    let wanted = normalise(name);
    let is_it = |known: &str| normalise(known) == wanted;
    let of_name = plan.machines.iter().position(|machine| is_it(&machine.name.value));
    let of_alias =
        || plan.machines.iter().position(|machine| machine.alias.iter().any(|alias| is_it(&alias.value)));
    of_name.or_else(of_alias).ok_or_else(|| {
        let mut names: Vec<&str> = plan.machines.iter().map(|machine| machine.name.value.as_str()).collect();
        names.extend(
            plan.machines.iter().flat_map(|machine| &machine.alias).map(|alias| alias.value.as_str()),
        );
        RunError {
            help: Some(known_names(name, &names, "The plan lists no machines: write `[machines.NAME]`.")),
            ..RunError::new(format!("the plan has no machine `{name}`"))
        }
    })
}

/// The nearest of the names that there are, or some of them.
fn known_names(wanted: &str, names: &[&str], none: &str) -> String {
    match crate::nearest::nearest(wanted, names.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if names.is_empty() => none.to_owned(),
        None => {
            let some = names[..names.len().min(SHOWN_NAMES)].join(", ");
            let more = if names.len() > SHOWN_NAMES { ", …" } else { "" };
            format!("It has these: {some}{more}.")
        }
    }
}
