//! Requirement files as the build sees them: found through the image's files, nested ones included.
//!
//! A file is parsed once however many Dockerfiles read it; what it nests depends on where the image has it, so that is
//! looked up anew. Nothing recurses: files that read each other end at a cycle, and depth and number are capped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use smol_str::SmolStr;

use super::paths;
use super::scope::{ImageFiles, RunScope};
use super::words::Words;
use crate::model::{Requirement, RequirementsFile, RequirementsUse, Spanned, Unknown, Value};
use crate::source::{Place, Source, Span};
use crate::syntax::requirements::{
    ParsedRequirement, RequirementsItem, RequirementsTree, parse, parse_requirement,
};
use crate::syntax::shell::Word;

/// How deep requirement files may nest.
const MAX_DEPTH: usize = 16;
/// How many requirement files one RUN may read.
const MAX_FILES: usize = 256;
/// How many `-r` and `-c` lines of files one RUN may follow.
const MAX_NESTED: usize = 256;
/// Lines of files with variables, which mean something else in each RUN, times the instructions before that RUN.
const MAX_COPIED: usize = 1 << 22;

/// Requirement files of one run of the tool, by display path, so that a shared one is read once.
#[derive(Debug, Default)]
pub struct RequirementsCache {
    trees: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug, Clone)]
struct Entry {
    source: Arc<Source>,
    tree: Arc<RequirementsTree>,
    /// The finished file, when it reads no other and holds no variable, so that it means the same everywhere.
    file: Option<Arc<RequirementsFile>>,
    /// The file as it was last understood, for the next RUN that finds the same nested files.
    last: Option<Arc<Understood>>,
}

/// A file with what its nested files were.
#[derive(Debug)]
struct Understood {
    uses: Vec<RequirementsUse>,
    file: Arc<RequirementsFile>,
}

impl Understood {
    /// Whether the same paths gave the same files.
    fn has(&self, uses: &[RequirementsUse]) -> bool {
        let same_file = |one: &RequirementsUse, other: &RequirementsUse| match (&one.file, &other.file) {
            (Ok(one), Ok(other)) => Arc::ptr_eq(one, other),
            (Err(one), Err(other)) => one == other,
            _ => false,
        };
        let same = |(one, other): (&RequirementsUse, &RequirementsUse)| {
            one.path == other.path && same_file(one, other)
        };
        self.uses.len() == uses.len() && self.uses.iter().zip(uses).all(same)
    }
}

impl RequirementsCache {
    /// The tree of a source. A source of the same path with other bytes (a heredoc, a file of a test) is parsed anew.
    fn entry(&self, source: &Arc<Source>) -> Entry {
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = trees.get(source.path())
            && (Arc::ptr_eq(&entry.source, source) || entry.source.bytes() == source.bytes())
        {
            return entry.clone();
        }
        drop(trees);
        let tree = Arc::new(parse(source.bytes()));
        let file = is_alone(&tree).then(|| Arc::new(finish(source, &tree, None, Vec::new())));
        let entry = Entry { source: Arc::clone(source), tree, file, last: None };
        trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        trees.insert(source.path().to_owned(), entry.clone());
        entry
    }
}

impl RequirementsCache {
    fn remember(&self, source: &Arc<Source>, last: Understood) {
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = trees.get_mut(source.path()).filter(|entry| Arc::ptr_eq(&entry.source, source)) {
            entry.last = Some(Arc::new(last));
        }
    }
}

fn is_alone(tree: &RequirementsTree) -> bool {
    let reads =
        |item: &RequirementsItem| matches!(item, RequirementsItem::Option { name, .. } if reads_file(name));
    !tree.has_variables && !tree.items.iter().any(reads)
}

fn reads_file(option: &str) -> bool {
    matches!(option, "--requirement" | "--constraint")
}

/// A file that is being read: its nested files are read one after the other.
struct Frame {
    path: SmolStr,
    entry: Entry,
    /// Index of the next item to look at.
    next: usize,
    uses: Vec<RequirementsUse>,
    /// How the file around it names this one.
    named: Option<(Place, Value)>,
}

/// Reads the requirement files of one RUN, each once.
pub(super) struct Loader<'a> {
    scope: RunScope<'a>,
    cache: &'a RequirementsCache,
    done: HashMap<SmolStr, Arc<RequirementsFile>>,
    opened: usize,
    followed: usize,
}

impl<'a> Loader<'a> {
    pub(super) fn new(scope: RunScope<'a>, cache: &'a RequirementsCache) -> Self {
        Self { scope, cache, done: HashMap::new(), opened: 0, followed: 0 }
    }

    /// Whether no further file is read.
    pub(super) fn is_full(&self) -> bool {
        self.opened >= MAX_FILES
    }

    /// The file behind an absolute path of the image, with all that it reads.
    pub(super) fn load(&mut self, path: &Value) -> Result<Arc<RequirementsFile>, Unknown> {
        let mut stack = Vec::new();
        let mut finished = self.start(path, None, &mut stack)?;
        while let Some(frame) = stack.last_mut() {
            if let Some(nested) = next_use(frame, &self.scope) {
                let (place, target) = nested;
                self.followed += 1;
                if self.followed >= MAX_NESTED {
                    // The rest of this file and of those around it stays unread.
                    stack.iter_mut().for_each(|frame| frame.next = usize::MAX);
                    push_use(&mut stack, place, target, Err(Unknown::TooLarge));
                    continue;
                }
                match self.start(&target, Some((place.clone(), target.clone())), &mut stack) {
                    Ok(None) => {}
                    Ok(Some(file)) => push_use(&mut stack, place, target, Ok(file)),
                    Err(why) => push_use(&mut stack, place, target, Err(why)),
                }
                continue;
            }
            let Some(frame) = stack.pop() else { break };
            let file = self.finished(&frame.entry, frame.uses)?;
            self.done.insert(frame.path, Arc::clone(&file));
            match frame.named {
                Some((place, target)) => push_use(&mut stack, place, target, Ok(file)),
                None => finished = Some(file),
            }
        }
        finished.ok_or(Unknown::TooLarge)
    }

    /// The facts of a file whose nested files are known: those of the RUN before, when nothing is different.
    fn finished(&self, entry: &Entry, uses: Vec<RequirementsUse>) -> Result<Arc<RequirementsFile>, Unknown> {
        if entry.tree.has_variables {
            if entry.tree.items.len().saturating_mul(self.scope.run.order) > MAX_COPIED {
                return Err(Unknown::TooLarge);
            }
            return Ok(Arc::new(finish(&entry.source, &entry.tree, Some(&self.scope), uses)));
        }
        if let Some(last) = entry.last.as_ref().filter(|last| last.has(&uses)) {
            return Ok(Arc::clone(&last.file));
        }
        let file = Arc::new(finish(&entry.source, &entry.tree, Some(&self.scope), uses.clone()));
        self.cache.remember(&entry.source, Understood { uses, file: Arc::clone(&file) });
        Ok(file)
    }

    /// A finished file, or `None` when its frame now lies on the stack.
    fn start(
        &mut self,
        path: &Value,
        named: Option<(Place, Value)>,
        stack: &mut Vec<Frame>,
    ) -> Result<Option<Arc<RequirementsFile>>, Unknown> {
        if let Some(why) = &path.unknown {
            return Err(why.clone());
        }
        if let Some(file) = self.done.get(&path.text) {
            return Ok(Some(Arc::clone(file)));
        }
        if stack.iter().any(|frame| frame.path == path.text) {
            return Err(Unknown::Cycle);
        }
        if stack.len() >= MAX_DEPTH || self.is_full() {
            return Err(Unknown::TooLarge);
        }
        self.opened += 1;
        let source = open(self.scope.files, &path.text)?;
        let entry = self.cache.entry(&source);
        if let Some(file) = &entry.file {
            self.done.insert(path.text.clone(), Arc::clone(file));
            return Ok(Some(Arc::clone(file)));
        }
        stack.push(Frame { path: path.text.clone(), entry, next: 0, uses: Vec::new(), named });
        Ok(None)
    }
}

fn open(files: &dyn ImageFiles, path: &str) -> Result<Arc<Source>, Unknown> {
    if path.contains("://") { Err(Unknown::File(path.into())) } else { files.open(path) }
}

fn push_use(stack: &mut [Frame], place: Place, path: Value, file: Result<Arc<RequirementsFile>, Unknown>) {
    if let Some(frame) = stack.last_mut() {
        frame.uses.push(RequirementsUse { place, path, file });
    }
}

/// The next nested file of a frame: where it is named, and its path in the image.
fn next_use(frame: &mut Frame, scope: &RunScope) -> Option<(Place, Value)> {
    while let Some(item) = frame.entry.tree.items.get(frame.next) {
        frame.next += 1;
        if let RequirementsItem::Option { name, value, span } = item
            && reads_file(name)
        {
            let value = substituted(value, Some(scope));
            let text = if value.text.contains("://") {
                value.text.clone()
            } else {
                paths::join(paths::parent(&frame.path), &value.text)
            };
            return Some((Place::new(&frame.entry.source, *span), Value { text, unknown: value.unknown }));
        }
    }
    None
}

/// The facts of one file. `uses`: its nested files, in the order of their lines.
fn finish(
    source: &Arc<Source>,
    tree: &RequirementsTree,
    scope: Option<&RunScope>,
    uses: Vec<RequirementsUse>,
) -> RequirementsFile {
    let mut file = RequirementsFile {
        source: Arc::clone(source),
        requirements: Vec::new(),
        nested: Vec::new(),
        constraints: Vec::new(),
        require_hashes: false,
        index_urls: Vec::new(),
        errors: Vec::new(),
    };
    let place = |span: Span| Place::new(source, span);
    let mut uses = uses.into_iter();
    for item in &tree.items {
        match item {
            RequirementsItem::Requirement { requirement, editable, hashes, span } => {
                let mut found = with_variables(requirement, source, *span, scope);
                found.editable = *editable;
                found.hashes =
                    hashes.iter().map(|(hash, span)| Spanned::new(hash.clone(), place(*span))).collect();
                file.requirements.push(found);
            }
            RequirementsItem::Option { name, value, span } => match *name {
                "--requirement" => file.nested.extend(uses.next()),
                "--constraint" => file.constraints.extend(uses.next()),
                "--require-hashes" => file.require_hashes = true,
                "--index-url" | "--extra-index-url" | "--find-links" => {
                    file.index_urls.push(Spanned::new(substituted(value, scope), place(*span)));
                }
                _ => {}
            },
        }
    }
    file.errors = tree.errors.iter().map(|(what, span)| Spanned::new(what.clone(), place(*span))).collect();
    file
}

/// A requirement of a file, with the variables that pip puts in.
fn with_variables(
    requirement: &ParsedRequirement,
    source: &Arc<Source>,
    span: Span,
    scope: Option<&RunScope>,
) -> Requirement {
    let place = Place::new(source, span);
    let text = String::from_utf8_lossy(source.slice(span));
    if !text.contains("${") {
        return fact(requirement.clone(), None, place);
    }
    let value = substituted(&text, scope);
    let parsed = parse_requirement(&value.text).unwrap_or_else(|_| requirement.clone());
    fact(parsed, value.unknown, place)
}

/// pip's own expansion in requirement files: `${NAME}` with capital letters, digits and `_`, from the environment.
fn substituted(text: &str, scope: Option<&RunScope>) -> Value {
    let mut value = Value { text: text.into(), unknown: None };
    if !text.contains("${") {
        return value;
    }
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        joined.push_str(before);
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
        };
        let Some((name, tail)) = behind.split_once('}').filter(|(name, _)| is_name(name)) else {
            joined.push_str("${");
            rest = behind;
            continue;
        };
        match scope.and_then(|scope| scope.variables.value(name)) {
            Some(found) if found.unknown.is_none() && joined.len() + found.text.len() < 1 << 16 => {
                joined.push_str(&found.text);
            }
            _ => {
                value.unknown.get_or_insert_with(|| Unknown::Variable(name.into()));
                joined.push_str("${");
                joined.push_str(name);
                joined.push('}');
            }
        }
        rest = tail;
    }
    joined.push_str(rest);
    value.text = joined.into();
    value
}

/// A requirement as the model has it.
pub(super) fn fact(parsed: ParsedRequirement, unknown: Option<Unknown>, place: Place) -> Requirement {
    Requirement {
        name: parsed.name,
        written: parsed.written,
        specifier: parsed.specifier,
        pinned: if unknown.is_some() { None } else { parsed.pinned },
        url: parsed.url,
        local: parsed.local,
        editable: false,
        marker: parsed.marker,
        hashes: Vec::new(),
        unknown,
        place,
    }
}

/// How many earlier commands are looked at for one that writes a requirement file.
const LOOK_BACK: usize = 256;

/// Why a file that an earlier command of the same text writes cannot be told; `None` when none does.
pub(super) fn rewritten(words: &Words, at: (usize, usize), path: &str) -> Option<Unknown> {
    let name = paths::base_name(path);
    let text = words.text(at.0);
    let is_path = |index: usize, value: Value| words.absolute(at.0, index, &value).text == path;
    for (index, command) in text.script.commands.iter().enumerate().take(at.1).rev().take(LOOK_BACK) {
        for redirection in text.script.redirections(command) {
            let writes = redirection.operator.contains('>') && redirection.target.text.ends_with(name);
            if writes && is_path(index, words.value(at.0, index, &redirection.target)) {
                return Some(Unknown::Dynamic(SmolStr::new(format!("> {name}"))));
            }
        }
        let line = text.command_words(command);
        let writer = line.first().map(|program| program.text.as_str()).unwrap_or_default();
        let mut written = written_words(line).filter(|word| word.text.ends_with(name));
        let named = |word: &Word| word.text.rsplit('=').next().map(Value::known).unwrap_or_default();
        if written.any(|word| is_path(index, named(word))) {
            return Some(Unknown::Dynamic(SmolStr::new(format!("{writer} {name}"))));
        }
    }
    None
}

/// The words of a command that name files it writes.
fn written_words(line: &[Word]) -> impl Iterator<Item = &Word> {
    let program = line.first().map(|word| word.text.as_str()).unwrap_or_default();
    let in_place = |word: &Word| word.text.starts_with("-i") || word.text.starts_with("--in-place");
    let all = match program {
        "sed" | "perl" => line.iter().any(in_place),
        "tee" | "dos2unix" | "patch" => true,
        _ => false,
    };
    let last = matches!(program, "cp" | "mv");
    let output = matches!(program, "curl" | "wget" | "pip-compile" | "poetry" | "uv" | "pipenv");
    line.iter().enumerate().skip(1).take(LOOK_BACK).filter_map(move |(index, word)| {
        let before = line[index - 1].text.as_str();
        let is_output = output
            && (matches!(before, "-o" | "-O" | "--output" | "--output-file" | "--output-document")
                || word.text.starts_with("--output"));
        (all || (last && index + 1 == line.len()) || is_output).then_some(word)
    })
}
