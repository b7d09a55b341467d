//! The questions that rules ask a container: each walks the layers and answers with the way it took.
//!
//! The rules of inheritance are Docker's (image config of the parent, changed by what the child says) and BuildKit's
//! (`ENTRYPOINT` clears an inherited `CMD` unless the same stage sets one; dockerfile2llb `dispatchEntrypoint`).

use smol_str::SmolStr;

use super::command::{Account, CommandLine, Form, Healthcheck, Port, User};
use super::container::{ChainEnd, Container};
use super::fact::{Fact, Origin, Spanned, Unknown, Value};
use crate::source::Place;

impl Container {
    /// Who runs the process. `Absent` means root, because nobody up to the end of the chain says otherwise.
    #[must_use]
    pub fn user(&self) -> Fact<User> {
        if let Some((depth, said)) = self.find_ref(|layer| layer.user.as_ref()) {
            let origin = self.origin(depth, Some(&said.place), "set here");
            return match &said.value {
                Ok(user) => Fact::Known { value: user.clone(), origin },
                Err(why) => Fact::Unknown { why: why.clone(), origin },
            };
        }
        self.said_by_end(|base| (!base.user.is_empty()).then(|| known_user(base)))
    }

    /// ENTRYPOINT. An empty one (`ENTRYPOINT []`) is `Known` with no words.
    #[must_use]
    pub fn entrypoint(&self) -> Fact<CommandLine> {
        if let Some((depth, said)) = self.find_ref(|layer| layer.entrypoint.as_ref()) {
            let origin = self.origin(depth, Some(&said.place), "set here");
            return Fact::Known { value: said.value.clone(), origin };
        }
        self.said_by_end(|base| (!base.entrypoint.is_empty()).then(|| exec(base.entrypoint)))
    }

    /// CMD, as far as no nearer ENTRYPOINT clears it.
    #[must_use]
    pub fn cmd(&self) -> Fact<CommandLine> {
        let entrypoint = self.find_ref(|layer| layer.entrypoint.as_ref()).map(|(depth, _)| depth);
        if let Some((depth, said)) = self.find_ref(|layer| layer.cmd.as_ref()) {
            if entrypoint.is_some_and(|entrypoint| entrypoint < depth) {
                return Fact::Absent;
            }
            let origin = self.origin(depth, Some(&said.place), "set here");
            return Fact::Known { value: said.value.clone(), origin };
        }
        if entrypoint.is_some() {
            return Fact::Absent;
        }
        self.said_by_end(|base| (!base.cmd.is_empty()).then(|| exec(base.cmd)))
    }

    /// Whether nobody up to the end of the chain says what to start.
    #[must_use]
    pub fn starts_nothing(&self) -> bool {
        let words =
            |said: &Option<Spanned<CommandLine>>| said.as_ref().map(|said| !said.value.words.is_empty());
        let entrypoint = self.find(|layer| words(&layer.entrypoint));
        let cmd = self.find(|layer| words(&layer.cmd));
        let (starts_entrypoint, starts_cmd) = match (&self.end, &entrypoint) {
            (ChainEnd::Scratch, _) => (false, false),
            (ChainEnd::WellKnown { base, .. }, None) => (!base.entrypoint.is_empty(), !base.cmd.is_empty()),
            // An ENTRYPOINT of a layer clears the CMD of the end.
            (ChainEnd::WellKnown { .. }, Some(_)) => (false, false),
            (ChainEnd::Unknown { .. }, None) => return false,
            (ChainEnd::Unknown { .. }, Some(_)) => (false, false),
        };
        let cleared = |depth: usize| entrypoint.is_some_and(|(entrypoint, _)| entrypoint < depth);
        let by_entrypoint = entrypoint.map_or(starts_entrypoint, |(_, starts)| starts);
        let by_cmd = cmd.map_or(starts_cmd, |(depth, starts)| starts && !cleared(depth));
        !by_entrypoint && !by_cmd
    }

    /// The health check. `HEALTHCHECK NONE` is `Known` without a command.
    #[must_use]
    pub fn healthcheck(&self) -> Fact<&Healthcheck> {
        match self.find_ref(|layer| layer.healthcheck.as_ref()) {
            Some((depth, said)) => {
                Fact::Known { value: &said.value, origin: self.origin(depth, Some(&said.place), "set here") }
            }
            // None of the well-known bases has a health check.
            None => self.said_by_end(|_| None),
        }
    }

    /// One environment variable.
    #[must_use]
    pub fn env(&self, name: &str) -> Fact<Value> {
        let found = self.find_ref(|layer| layer.env_pair(name));
        match found {
            Some((depth, said)) => Fact::Known {
                value: said.value.1.clone(),
                origin: self.origin(depth, Some(&said.place), "set here"),
            },
            None => self.said_by_end(|_| None),
        }
    }

    /// One label.
    #[must_use]
    pub fn label(&self, name: &str) -> Fact<Value> {
        let found = self
            .find_ref(|layer| layer.labels.iter().rev().find(|pair| pair.value.0.certain() == Some(name)));
        match found {
            Some((depth, said)) => Fact::Known {
                value: said.value.1.clone(),
                origin: self.origin(depth, Some(&said.place), "set here"),
            },
            None => self.said_by_end(|_| None),
        }
    }

    /// The ports of this layer and of all below, nearest first, with the depth of the layer that exposes each.
    pub fn ports(&self) -> impl Iterator<Item = (usize, &Spanned<Result<Port, Unknown>>)> {
        self.layers
            .iter()
            .enumerate()
            .flat_map(|(depth, layer)| layer.ports.iter().map(move |port| (depth, port)))
    }

    /// The working directory; `/` when nobody says one.
    #[must_use]
    pub fn workdir(&self) -> Fact<Value> {
        match self.find_ref(|layer| layer.workdir.as_ref()) {
            Some((depth, said)) => Fact::Known {
                value: said.value.clone(),
                origin: self.origin(depth, Some(&said.place), "set here"),
            },
            None => self.said_by_end(|_| None),
        }
    }

    /// SHELL in exec form; `Absent` means `/bin/sh -c`.
    #[must_use]
    pub fn shell(&self) -> Fact<Vec<SmolStr>> {
        match self.find_ref(|layer| layer.shell.as_ref()) {
            Some((depth, said)) => Fact::Known {
                value: said.value.clone(),
                origin: self.origin(depth, Some(&said.place), "set here"),
            },
            None => self.said_by_end(|_| None),
        }
    }

    /// The account with this name as it is in the end, changes (`usermod`) put in; accounts of a well-known end included.
    #[must_use]
    pub fn account(&self, name: &str, is_group: bool) -> Option<Account> {
        let mut wanted = SmolStr::new(name);
        let mut found: Option<Account> = None;
        for account in self.accounts_latest_first(is_group) {
            if account.name != wanted {
                continue;
            }
            let was = account.was.clone();
            match &mut found {
                None => found = Some(account),
                Some(newer) => {
                    newer.id = newer.id.or(account.id);
                    newer.primary_group = newer.primary_group.take().or(account.primary_group);
                    newer.own_group |= account.own_group;
                    newer.system |= account.system;
                }
            }
            match was {
                Some(before) => wanted = before,
                None => return found,
            }
        }
        found
    }

    /// The account with this number, latest first.
    #[must_use]
    pub fn account_by_id(&self, id: u32, is_group: bool) -> Option<Account> {
        let found = self.accounts_latest_first(is_group).find(|account| account.id == Some(id))?;
        self.account(&found.name, is_group).filter(|account| account.id == Some(id))
    }

    fn accounts_latest_first(&self, is_group: bool) -> impl Iterator<Item = Account> {
        let of_layers = self.layers.iter().flat_map(|layer| layer.accounts.iter().rev());
        of_layers
            .filter(move |said| said.value.is_group == is_group)
            .map(|said| said.value.clone())
            .chain(self.end_accounts(is_group))
    }

    fn end_accounts(&self, is_group: bool) -> impl Iterator<Item = Account> {
        let rows: &'static [&'static str] = match &self.end {
            ChainEnd::WellKnown { base, .. } => base.accounts,
            _ => &[],
        };
        std::iter::once("root:0:0").chain(rows.iter().copied()).filter_map(move |row| {
            let mut parts = row.split(':');
            let name = parts.next()?;
            let uid = parts.next()?.parse().ok()?;
            let gid: u32 = parts.next()?.parse().ok()?;
            Some(Account {
                name: name.into(),
                is_group,
                id: Some(if is_group { gid } else { uid }),
                primary_group: (!is_group).then(|| SmolStr::new(gid.to_string())),
                ..Account::default()
            })
        })
    }

    /// Where somebody in the chain installs or copies a program; `Absent` when surely nobody does.
    ///
    /// `names` are package names and file paths that mean the program.
    #[must_use]
    pub fn provider(&self, names: &[&str]) -> Fact<()> {
        let mut opaque: Option<(usize, &Place)> = None;
        let mut removed = false;
        for (depth, layer) in self.layers.iter().enumerate() {
            for said in layer.provides.iter().filter(|_| !removed) {
                if names.contains(&said.value.as_str()) {
                    return Fact::Known {
                        value: (),
                        origin: self.origin(depth, Some(&said.place), "installed here"),
                    };
                }
            }
            for file in &layer.files {
                if names.iter().any(|name| file.value.may_be(name)) {
                    return Fact::Known {
                        value: (),
                        origin: self.origin(depth, Some(&file.place), "copied here"),
                    };
                }
            }
            removed |= layer.removed.iter().any(|gone| names.contains(&gone.value.as_str()));
            if opaque.is_none() {
                opaque = layer.opaque.as_ref().map(|place| (depth, place));
            }
        }
        if let ChainEnd::WellKnown { base, reference, .. } = &self.end
            && base.tools == super::KnownBase::UNTOLD
        {
            return Fact::Unknown { why: Unknown::Base(reference.clone()), origin: self.way_to_end() };
        }
        let end = self.said_by_end(|base| {
            names
                .iter()
                .any(|name| base.tools.contains(&name.rsplit('/').next().unwrap_or(name)))
                .then_some(())
        });
        match (end, opaque) {
            (Fact::Absent, Some((depth, place))) => Fact::Unknown {
                why: Unknown::Opaque,
                origin: self.origin(depth, Some(place), "may install it"),
            },
            (end, _) => end,
        }
    }

    fn find_ref<'a, T>(&'a self, said: impl Fn(&'a super::Layer) -> Option<T>) -> Option<(usize, T)> {
        self.layers.iter().enumerate().find_map(|(depth, layer)| Some((depth, said(layer)?)))
    }

    /// What the end of the chain says, when no layer does.
    fn said_by_end<T>(&self, said: impl Fn(&'static super::KnownBase) -> Option<T>) -> Fact<T> {
        match &self.end {
            ChainEnd::Scratch => Fact::Absent,
            ChainEnd::WellKnown { base, reference, .. } => match said(base) {
                Some(value) => {
                    let depth = self.layers.len();
                    let mut origin = self.origin(depth, None, "");
                    if let Some(last) = origin.steps.last_mut() {
                        last.what = SmolStr::new(format!("said by the public image {reference}"));
                    }
                    Fact::Known { value, origin }
                }
                None => Fact::Absent,
            },
            ChainEnd::Unknown { why, .. } => {
                Fact::Unknown { why: why.clone(), origin: self.origin(self.layers.len(), None, "") }
            }
        }
    }

    /// The way to the end of the chain: every FROM passed.
    #[must_use]
    pub fn way_to_end(&self) -> Origin {
        self.origin(self.layers.len(), None, "")
    }
}

impl super::PlacedFile {
    /// Whether this copy may create the file: the path itself, or a folder above it of which nobody lists the content.
    #[must_use]
    pub fn may_be(&self, path: &str) -> bool {
        if !path.starts_with('/') {
            return self.path.rsplit('/').next() == Some(path);
        }
        self.path == path
    }
}

fn exec(words: &[&str]) -> CommandLine {
    CommandLine { form: Form::Exec, words: words.iter().map(SmolStr::new).collect() }
}

fn known_user(base: &super::KnownBase) -> User {
    let (name, group) = match base.user.split_once(':') {
        Some((name, group)) => (name, Some(SmolStr::new(group))),
        None => (base.user, None),
    };
    let row = base.accounts.iter().find_map(|row| {
        let mut parts = row.split(':');
        let (account, uid, gid) = (parts.next()?, parts.next()?, parts.next()?);
        (account == name || uid == name).then_some((uid.parse().ok()?, gid.parse().ok()?))
    });
    let uid = name.parse().ok().or(row.map(|(uid, _): (u32, u32)| uid));
    let gid = match &group {
        Some(group) => group.parse().ok().or(row.map(|(_, gid)| gid)),
        None => row.map(|(_, gid)| gid),
    };
    User { name: name.into(), group, uid, gid, system: false, unnumbered: false }
}
