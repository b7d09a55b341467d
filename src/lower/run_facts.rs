//! All that the commands of one RUN say about the image, read in one go.

use super::requirements::RequirementsCache;
use super::scope::RunScope;
use super::words::Words;
use super::{accounts, pip, provides, system_packages};
use crate::model::{Account, PipInstall, Provided, Spanned, SystemInstall};

/// What one RUN installs, creates and provides.
#[derive(Debug)]
pub struct RunFacts {
    /// System packages.
    pub installs: Vec<SystemInstall>,
    /// Python packages.
    pub pip_installs: Vec<PipInstall>,
    /// Users and groups created or changed, in order.
    pub accounts: Vec<Spanned<Account>>,
    /// Programs and packages that are there afterwards.
    pub provided: Provided,
}

/// Reads a RUN. `at` in the installs is the index of text and command in [`crate::model::Run::texts`]; of an exec form,
/// the text's index is the number of texts.
#[must_use]
pub fn run_facts(scope: &RunScope, cache: &RequirementsCache) -> RunFacts {
    let words = Words::new(*scope);
    let installs = system_packages::installs(&words);
    let pip_installs = pip::installs(&words, cache);
    let provided = provides::provides(&words, &installs, &pip_installs);
    RunFacts { accounts: accounts::accounts(&words), installs, pip_installs, provided }
}
