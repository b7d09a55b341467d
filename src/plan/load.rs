//! A plan file, what it extends, the Markdown table it names and the profiles of its machines, read into one plan.

use std::collections::HashSet;
use std::sync::Arc;

use smol_str::SmolStr;

use super::draft::Draft;
use super::endpoints::Schemas;
use super::error::PlanError;
use super::fields::{Context, Table};
use super::names::{folder_of, join, relative};
use super::packs::{PACK_PREFIX, PACKS, pack};
use super::profile::{self, Profile, ProfileFault};
use super::sections::{self, FileScope};
use super::types::Plan;
use super::{resolve, table, toml};
use crate::lower::Files;
use crate::model::Spanned;
use crate::nearest::nearest;
use crate::source::{Place, Source, Span};

/// Longest chain of plans that extend each other.
const MAX_CHAIN: usize = 16;
/// Most files of one plan.
const MAX_FILES: usize = 64;
/// Largest Markdown plan or machine profile, in bytes.
const MAX_TEXT: usize = 4 << 20;
/// What a plan without `extends` extends.
const DEFAULT_PACK: &str = "recommended";

/// The canonical id of a rule's id or alias; else the id that is nearest to it.
pub type KnownRule = dyn Fn(&str) -> Result<&'static str, Option<&'static str>>;

/// What to load.
pub struct PlanRequest<'a> {
    /// Display path of the plan file; `None`: packs only.
    pub path: Option<&'a str>,
    /// Names of packs that come first; later ones win, and the plan file wins over all of them. Without any, the
    /// `recommended` pack comes first, unless the plan file has an `extends` of its own (`extends = []`: no pack).
    pub packs: &'a [String],
    /// Whether a rule is known by an id or alias.
    pub known_rule: &'a KnownRule,
}

/// Loads a plan.
///
/// # Errors
/// Everything that is wrong with the form of the plan's files, in the order in which it was found, at most a hundred per
/// file. Contradictions between values are no errors.
pub fn load(request: &PlanRequest<'_>, files: &dyn Files) -> Result<Plan, Vec<PlanError>> {
    let mut loader = Loader::new(request, files);
    loader.run();
    let Loader { mut draft, mut errors, .. } = loader;
    if let Some(reference) = draft.table.take() {
        match read_text(&reference.file.value, files) {
            Ok(source) => {
                draft.plan.sources.push(Arc::clone(&source));
                table::read(&mut draft, &source, reference.heading.as_ref(), &mut errors);
            }
            Err(why) => errors.push(PlanError::new(Some(reference.file.place), why)),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut plan = resolve::resolve(draft);
    let schema = plan
        .profile_schema
        .as_ref()
        .map(|path| profile::schema(&path.value, |path| read_text(&join(&plan.folder, path), files)));
    let (schema, fault) = match schema.transpose() {
        Ok(schema) => (schema, None),
        Err(why) => (None, Some(why)),
    };
    plan.profile_schema_fault = fault;
    for machine in &mut plan.machines {
        let Some(profile) = &machine.profile else { continue };
        let read = read_text(&join(&plan.folder, &profile.value), files);
        if let Ok(source) = &read {
            plan.sources.push(Arc::clone(source));
        }
        let read = read.map_err(|message| ProfileFault { place: None, message });
        machine.profile_file = Some(read.and_then(|source| Profile::read(&source, schema.as_ref())));
    }
    Ok(plan)
}

fn read_text(path: &str, files: &dyn Files) -> Result<Arc<Source>, String> {
    let source = files.read(path).ok_or_else(|| format!("`{path}` cannot be read"))?;
    if source.bytes().len() > MAX_TEXT {
        return Err(format!("`{path}` is larger than {} MiB", MAX_TEXT >> 20));
    }
    Ok(source)
}

/// One file on its way: its text, and the paths of the files that led to it, itself last.
struct Step {
    source: Arc<Source>,
    chain: Vec<String>,
}

enum Task {
    /// Read it, and put what it extends before it.
    Enter(Step),
    /// Lay it over what is there.
    Apply(Arc<Source>, Vec<toml::Entry>),
}

struct Loader<'a> {
    request: &'a PlanRequest<'a>,
    files: &'a dyn Files,
    draft: Draft,
    errors: Vec<PlanError>,
    /// Paths of files that are laid already: a file that two others extend is laid once, where it is first needed.
    seen: HashSet<String>,
    tasks: Vec<Task>,
    /// Schemas of answers, each read and compiled once.
    schemas: Schemas,
}

impl<'a> Loader<'a> {
    fn new(request: &'a PlanRequest<'a>, files: &'a dyn Files) -> Self {
        let mut draft = Draft::default();
        draft.plan.path = request.path.map(str::to_owned);
        draft.plan.folder = request.path.map_or_else(|| ".".to_owned(), folder_of);
        Self {
            request,
            files,
            draft,
            errors: Vec::new(),
            seen: HashSet::new(),
            tasks: Vec::new(),
            schemas: Schemas::default(),
        }
    }

    fn run(&mut self) {
        if let Some(path) = self.request.path {
            match read_text(path, self.files) {
                Ok(source) => self.push(source, &[]),
                Err(why) => self.errors.push(PlanError::new(None, why)),
            }
        }
        let default = [DEFAULT_PACK.to_owned()];
        let names = match self.request.packs {
            [] if self.request.path.is_none() => &default,
            packs => packs,
        };
        for name in names.iter().rev() {
            match pack(name) {
                Some(source) => self.push(source, &[]),
                None => self.errors.push(PlanError { help: pack_help(name), ..no_pack(name, None) }),
            }
        }
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Enter(step) => self.enter(step),
                Task::Apply(source, entries) => self.apply(&source, entries),
            }
        }
    }

    fn push(&mut self, source: Arc<Source>, chain: &[String]) {
        let mut chain = chain.to_vec();
        chain.push(source.path().to_owned());
        self.tasks.push(Task::Enter(Step { source, chain }));
    }

    fn enter(&mut self, step: Step) {
        let Step { source, chain } = step;
        if !self.seen.insert(source.path().to_owned()) {
            return;
        }
        if self.seen.len() > MAX_FILES {
            let message = format!("a plan is made of at most {MAX_FILES} files");
            self.errors.push(PlanError::new(Some(Place::new(&source, Span::default())), message));
            self.tasks.clear();
            return;
        }
        let mut entries = match toml::parse(&source) {
            Ok(entries) => entries,
            Err(error) => return self.errors.push(error),
        };
        let extends = self.extends(&source, &mut entries);
        self.tasks.push(Task::Apply(Arc::clone(&source), entries));
        for name in extends.iter().rev() {
            if let Some(parent) = self.parent(name, &source, &chain) {
                self.push(parent, &chain);
            }
        }
    }

    /// Takes `extends` out of a file.
    fn extends(&mut self, source: &Arc<Source>, entries: &mut Vec<toml::Entry>) -> Vec<Spanned<SmolStr>> {
        let mut root = Table::new("", std::mem::take(entries));
        let mut context = Context { source, errors: &mut self.errors };
        let written = root.texts("extends", &mut context);
        *entries = root.rest();
        let root_file = self.request.path == Some(source.path());
        match written {
            Some(names) if names.len() > MAX_FILES => {
                context.error(
                    names[MAX_FILES].place.span,
                    format!("a plan is made of at most {MAX_FILES} files"),
                    None,
                );
                Vec::new()
            }
            Some(names) => names,
            None if root_file && self.request.packs.is_empty() => {
                vec![Spanned::new(SmolStr::new_static(DEFAULT_PACK), Place::new(source, Span::default()))]
            }
            None => Vec::new(),
        }
    }

    /// The file that a name of `extends` means.
    fn parent(&mut self, name: &Spanned<SmolStr>, source: &Source, chain: &[String]) -> Option<Arc<Source>> {
        let fail = |message: String, help| {
            let place = Some(name.place.clone());
            Some(PlanError { place, message, help })
        };
        let text = name.value.strip_prefix(PACK_PREFIX).unwrap_or(&name.value);
        let is_path = text.contains(['/', '\\']) || text.ends_with(".toml");
        let (found, error) = if !is_path {
            let found = pack(text);
            let error =
                if found.is_none() { fail(no_pack(text, None).message, pack_help(text)) } else { None };
            (found, error)
        } else if source.path().starts_with(PACK_PREFIX) {
            (None, fail("a pack extends packs only".to_owned(), None))
        } else {
            match read_text(&join(&folder_of(source.path()), text), self.files) {
                Ok(found) => (Some(found), None),
                Err(why) => (None, fail(why, None)),
            }
        };
        self.errors.extend(error);
        let found = found?;
        if chain.iter().any(|path| path == found.path()) {
            let way = chain.join(" \u{2192} ");
            let message = format!("the plan extends itself: {way} \u{2192} {}", found.path());
            self.errors.extend(fail(message, None));
            return None;
        }
        if chain.len() >= MAX_CHAIN {
            self.errors.extend(fail(format!("more than {MAX_CHAIN} plans extend each other"), None));
            return None;
        }
        Some(found)
    }

    fn apply(&mut self, source: &Arc<Source>, entries: Vec<toml::Entry>) {
        self.draft.plan.sources.push(Arc::clone(source));
        let is_pack = source.path().starts_with(PACK_PREFIX);
        let plan_folder = self.draft.plan.folder.clone();
        let folder = if is_pack { plan_folder.clone() } else { folder_of(source.path()) };
        let rebase = |path: &str| {
            if folder == plan_folder { path.to_owned() } else { relative(&plan_folder, &join(&folder, path)) }
        };
        let scope = FileScope {
            rebase: &rebase,
            folder: &folder,
            pack: is_pack,
            known_rule: self.request.known_rule,
            schema: &|name| self.schemas.of(name, |path| read_text(&join(&plan_folder, path), self.files)),
        };
        let mut errors = Vec::new();
        let mut context = Context { source, errors: &mut errors };
        sections::apply(&mut self.draft, Table::new("", entries), &scope, &mut context);
        self.errors.append(&mut errors);
    }
}

fn no_pack(name: &str, place: Option<Place>) -> PlanError {
    let short: String = name.chars().take(60).collect();
    PlanError::new(place, format!("no pack is called `{short}`"))
}

fn pack_help(name: &str) -> Option<String> {
    let names = PACKS.iter().map(|(name, _)| *name);
    Some(match nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("packs: {}", names.collect::<Vec<_>>().join(", ")),
    })
}
