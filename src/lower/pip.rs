//! Which Python packages a RUN installs with pip, or with uv's pip.
//!
//! pipx, pipenv, poetry and conda are other programs with other rules; they are not read here.

mod command;
mod environment;

use std::collections::HashSet;
use std::sync::Arc;

use smol_str::SmolStr;

use super::arguments::Argument;
use super::calls::Call;
use super::requirements::{Loader, RequirementsCache, fact, rewritten};
use super::words::{Field, Words};
use crate::model::{PipInstall, Requirement, RequirementsFile, RequirementsUse, Spanned, Unknown, Value};
use crate::source::Place;
use crate::syntax::requirements::{ParsedRequirement, parse_requirement};
use command::PipCall;

/// The pip installs of a RUN in order.
pub(super) fn installs(words: &Words, calls: &[Call], cache: &RequirementsCache) -> Vec<PipInstall> {
    let mut loader = Loader::new(words.scope, cache);
    let mut installs = Vec::new();
    for call in calls {
        if let Some(pip) = command::read(words, call) {
            installs.push(install(words, &mut loader, call, pip));
        }
    }
    installs
}

/// The names that `pip uninstall` takes away, when the call is one.
pub(super) fn uninstalled(words: &Words, call: &Call) -> Vec<Field> {
    command::uninstalled(words, call)
}

fn install(words: &Words, loader: &mut Loader, call: &Call, pip: PipCall) -> PipInstall {
    let mut install = PipInstall {
        place: call.place(),
        run: words.scope.index,
        at: call.at(),
        subcommand: pip.subcommand,
        uv: pip.uv,
        requirements: Vec::new(),
        files: Vec::new(),
        constraints: Vec::new(),
        require_hashes: false,
        no_cache_dir: None,
        cache_mount: false,
        no_deps: false,
        no_index: false,
        find_links: Vec::new(),
        index_urls: Vec::new(),
        upgrade: false,
        redirected_versions: redirected(words, call),
    };
    let mut reader = Reader { words, call, loader };
    let mut cache_folder = None;
    for argument in &pip.arguments {
        match argument {
            Argument::Operand(field) if install.subcommand == "sync" => {
                install.files.push(reader.file(field));
            }
            Argument::Operand(field) => install.requirements.extend(reader.requirement(field, false)),
            Argument::Option { name, value: Some(value), .. } if matches!(name.as_str(), "--cache-dir") => {
                cache_folder = Some(value_of(value));
            }
            Argument::Option { name, value, field } => {
                reader.option(name, value.as_ref(), field, &mut install)
            }
        }
    }
    if call.is_fed_by_xargs() {
        install.requirements.push(fact(
            ParsedRequirement { written: "xargs".into(), ..ParsedRequirement::default() },
            Some(Unknown::Dynamic("xargs".into())),
            call.place(),
        ));
    }
    environment::apply(words, call, cache_folder, &mut install);
    install
}

fn value_of(field: &Field) -> Value {
    Value { text: field.text.clone(), unknown: field.unknown.clone() }
}

struct Reader<'w, 'a, 'l> {
    words: &'w Words<'a>,
    call: &'w Call<'w>,
    loader: &'w mut Loader<'l>,
}

impl Reader<'_, '_, '_> {
    fn option(&mut self, name: &str, value: Option<&Field>, field: &Field, install: &mut PipInstall) {
        match (name, value) {
            ("--requirement" | "--requirements" | "-r", Some(value)) => install.files.push(self.file(value)),
            ("--constraint" | "--constraints" | "-c", Some(value)) => {
                install.constraints.push(self.file(value))
            }
            ("--editable" | "-e", Some(value)) => install.requirements.extend(self.requirement(value, true)),
            (
                "--index-url" | "-i" | "--pypi-url" | "--extra-index-url" | "--index" | "--default-index",
                Some(value),
            ) => {
                install.index_urls.push(self.spanned(value));
            }
            ("--find-links" | "-f", Some(value)) => install.find_links.push(self.spanned(value)),
            ("--require-hashes", _) => install.require_hashes = true,
            ("--no-cache-dir", _) => install.no_cache_dir = Some(self.call.place_of(field)),
            ("--no-cache" | "-n", _) if install.uv => install.no_cache_dir = Some(self.call.place_of(field)),
            ("--no-deps", _) => install.no_deps = true,
            ("--no-index", _) => install.no_index = true,
            ("--upgrade" | "-U", _) => install.upgrade = true,
            _ => {}
        }
    }

    fn spanned(&self, field: &Field) -> Spanned<Value> {
        Spanned::new(value_of(field), self.call.place_of(field))
    }

    fn file(&mut self, field: &Field) -> RequirementsUse {
        let path = value_of(field);
        let place = self.call.place_of(field);
        let is_url = path.text.contains("://");
        let file = match &path.unknown {
            Some(why) => Err(why.clone()),
            None if self.loader.is_full() => Err(Unknown::TooLarge),
            None if is_url || field.glob || matches!(path.text.as_str(), "-" | "/dev/stdin") => {
                Err(Unknown::Dynamic(path.text.clone()))
            }
            None => {
                let absolute = self.words.absolute(self.call.text, self.call.command, &path);
                match rewritten(self.words, self.call.at(), &absolute.text) {
                    Some(why) => Err(why),
                    None => self.loader.load(&absolute),
                }
            }
        };
        RequirementsUse { place, path, file }
    }

    fn requirement(&self, field: &Field, editable: bool) -> Option<Requirement> {
        if field.text.is_empty() {
            return None;
        }
        let place = self.call.place_of(field);
        let parsed = parse_requirement(&field.text).unwrap_or_else(|_| unreadable(&field.text));
        let mut requirement = fact(parsed, field.unknown.clone(), place);
        if requirement.unknown.is_none() && field.text.contains('$') {
            requirement.unknown = Some(Unknown::Dynamic(field.text.clone()));
        }
        requirement.editable = editable;
        Some(requirement)
    }
}

/// What pip would refuse: the name as far as it goes, and nothing pinned.
fn unreadable(text: &str) -> ParsedRequirement {
    let end = text.find(['=', '<', '>', '!', '~', '[', ' ', ';']).unwrap_or(text.len());
    let name = parse_requirement(&text[..end]).map(|parsed| parsed.name).unwrap_or_default();
    ParsedRequirement {
        name,
        written: text[..end].into(),
        specifier: text[end..].into(),
        ..ParsedRequirement::default()
    }
}

/// Redirections that were meant as versions: `pip install foo>=1.2` writes to a file named `=1.2`.
fn redirected(words: &Words, call: &Call) -> Vec<Place> {
    let script = &words.text(call.text).script;
    let mut found = Vec::new();
    for redirection in script.redirections(call.line) {
        if redirection.descriptor.is_some() || !matches!(redirection.operator, ">" | "<" | ">>") {
            continue;
        }
        let starts_with_digit = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
        let target = redirection.target.text.as_str();
        let version = target.strip_prefix('=');
        let behind = call.words.partition_point(|word| word.span.end <= redirection.span.start);
        let Some(before) = call.words[..behind].last() else { continue };
        let touches = before.span.end == redirection.span.start && !starts_with_digit(&before.text);
        let is_version = match version {
            Some(version) => starts_with_digit(version) || version.starts_with('$'),
            None => touches && (starts_with_digit(target) || target.starts_with("${")),
        };
        if is_version {
            found.push(call.place_at(before.span.to(redirection.span)));
        }
    }
    found
}

/// Requirement files by address, so that each counts once.
pub(super) type FilesRead = HashSet<*const RequirementsFile>;

/// The normalised names of Python packages that an install brings, its readable files included; and whether it brings
/// what cannot be told: a local project, a repository, an unread file. Files that are in `read` already are left out.
pub(super) fn brought(install: &PipInstall, read: &mut FilesRead) -> (Vec<Spanned<SmolStr>>, bool) {
    let mut names = Vec::new();
    let mut unknown = false;
    let mut take = |requirement: &Requirement| {
        unknown |= requirement.name.is_empty() || requirement.local || requirement.url.is_some();
        if !requirement.name.is_empty() {
            names.push(Spanned::new(
                SmolStr::new(format!("pip:{}", requirement.name)),
                requirement.place.clone(),
            ));
        }
    };
    install.requirements.iter().for_each(&mut take);
    let mut missing = false;
    let mut pending: Vec<&RequirementsUse> = install.files.iter().collect();
    while let Some(used) = pending.pop() {
        match &used.file {
            Ok(file) if read.insert(Arc::as_ptr(file)) => {
                file.requirements.iter().for_each(&mut take);
                pending.extend(file.nested.iter());
            }
            Ok(_) => {}
            Err(_) => missing = true,
        }
    }
    (names, unknown || missing)
}

#[cfg(test)]
mod tests;
