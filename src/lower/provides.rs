//! Which programs and packages are there after a RUN.
//!
//! Goes through the commands in order, so that what is installed and purged in one RUN is not there. A command that may
//! bring anything makes the RUN opaque: from then on a missing name proves nothing.

mod files;
mod opaque;
mod programs;

use std::collections::HashMap;

use smol_str::SmolStr;

use super::arguments::operands;
use super::calls::Call;
use super::words::Words;
use super::{pip, system_packages};
use crate::model::{PackageManager, PipInstall, Provided, Spanned, SystemInstall};
use crate::source::Place;

/// What a RUN adds and takes away.
pub(super) fn provides(
    words: &Words,
    calls: &[Call],
    installs: &[SystemInstall],
    pip_installs: &[PipInstall],
) -> Provided {
    let mut ledger = Ledger::default();
    let mut installs = installs.iter().peekable();
    let mut pip_installs = pip_installs.iter().peekable();
    for text in 0..words.count() {
        let source = words.text(text);
        if let Some(span) = source.script.opaque.first() {
            ledger.opaque(source.place(*span));
        }
    }
    for call in calls {
        if let Some(install) = installs.next_if(|install| install.at == call.at()) {
            system(&mut ledger, install);
            removed_by_dash(words, call, install.manager, &mut ledger);
        } else if let Some(install) = pip_installs.next_if(|install| install.at == call.at()) {
            python(&mut ledger, install);
        } else if let Some(manager) = system_packages::manager_of(call.name()) {
            removed(words, call, manager, &mut ledger);
        } else {
            other(words, call, &mut ledger);
        }
    }
    ledger.finish()
}

/// Names in the order in which they come and go. A name's last event counts.
#[derive(Default)]
struct Ledger {
    events: Vec<(Spanned<SmolStr>, bool)>,
    /// Packages under a name that `apk del` knows.
    virtuals: HashMap<SmolStr, Vec<SmolStr>>,
    /// Requirement files whose packages are in already.
    files: pip::FilesRead,
    opaque: Option<Place>,
}

impl Ledger {
    fn add(&mut self, name: impl Into<SmolStr>, place: &Place) {
        self.events.push((Spanned::new(name.into(), place.clone()), true));
    }

    fn remove(&mut self, name: impl Into<SmolStr>, place: &Place) {
        self.events.push((Spanned::new(name.into(), place.clone()), false));
    }

    fn opaque(&mut self, place: Place) {
        self.opaque.get_or_insert(place);
    }

    fn finish(self) -> Provided {
        let mut provided = Provided { opaque: self.opaque, ..Provided::default() };
        let last = last_of_each(&self.events);
        for ((name, added), is_last) in self.events.into_iter().zip(last) {
            if is_last {
                if added { provided.names.push(name) } else { provided.removed.push(name) }
            }
        }
        provided
    }
}

/// Which events are the last ones of their names.
fn last_of_each(events: &[(Spanned<SmolStr>, bool)]) -> Vec<bool> {
    let name = |at: usize| events[at].0.value.as_str();
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|at| name(*at));
    let mut last = vec![false; events.len()];
    for (index, at) in order.iter().enumerate() {
        last[*at] = order.get(index + 1).is_none_or(|next| name(*next) != name(*at));
    }
    last
}

fn system(ledger: &mut Ledger, install: &SystemInstall) {
    let mut names = Vec::new();
    for package in &install.packages {
        if package.local
            || package.unknown.is_some() && (package.version.is_none() || package.name.contains('$'))
        {
            ledger.opaque(package.place.clone());
            continue;
        }
        names.push(package.name.clone());
        ledger.add(package.name.clone(), &package.place);
        for program in programs::of(install.manager, &package.name) {
            ledger.add(*program, &package.place);
        }
    }
    if let Some(name) = &install.virtual_name {
        ledger.virtuals.insert(name.clone(), names);
    }
}

fn python(ledger: &mut Ledger, install: &PipInstall) {
    if matches!(install.subcommand.as_str(), "wheel" | "download") {
        return;
    }
    let (names, unknown) = pip::brought(install, &mut ledger.files);
    for name in names {
        if let Some(bare) = name.value.strip_prefix("pip:") {
            // Many Python packages bring a program of their own name: uvicorn, gunicorn, httpie.
            for program in programs::of_python(bare) {
                ledger.add(*program, &name.place);
            }
        }
        ledger.add(name.value, &name.place);
    }
    if unknown {
        ledger.opaque(install.place.clone());
    }
}

/// `apt-get install a b-` takes `b` away.
fn removed_by_dash(words: &Words, call: &Call, manager: PackageManager, ledger: &mut Ledger) {
    if manager == PackageManager::Apt {
        removed(words, call, manager, ledger);
    }
}

fn removed(words: &Words, call: &Call, manager: PackageManager, ledger: &mut Ledger) {
    if !system_packages::may_remove(call) {
        return;
    }
    let arguments = system_packages::manager_arguments(words, call);
    let mut named = operands(&arguments);
    let Some(verb) = named.next() else { return };
    if matches!(verb.text.as_str(), "groupinstall" | "group" | "module" | "build-dep") {
        ledger.opaque(call.place());
    }
    for field in named {
        let Some(name) = system_packages::removes(manager, &verb.text, field) else { continue };
        let place = call.place_of(field);
        let members = ledger.virtuals.remove(&name);
        for name in members.unwrap_or_default().into_iter().chain([name]) {
            for program in programs::of(manager, &name) {
                ledger.remove(*program, &place);
            }
            ledger.remove(name, &place);
        }
    }
}

fn other(words: &Words, call: &Call, ledger: &mut Ledger) {
    for field in pip::uninstalled(words, call) {
        let name = crate::syntax::requirements::normalize_name(&field.text);
        ledger.remove(format!("pip:{name}"), &call.place_of(&field));
    }
    files::read(words, call, ledger);
    if opaque::is_opaque(words, call) {
        ledger.opaque(call.place());
    }
}

#[cfg(test)]
mod tests;
