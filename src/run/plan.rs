//! Which plan a call is judged by, found and read.

use std::path::{Path, PathBuf};

use super::{PlanChoice, RunError, inputs};
use crate::collect::DiskFiles;
use crate::lower::context::path;
use crate::plan::{Plan, PlanRequest, load};

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
