//! Files of the image found back in the build context, through COPY, ADD and the mounts of a RUN.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::path;
use super::placed::absolute;
use crate::lower::{FileKind, Files, ImageFiles};
use crate::model::{Mount, PlacedFile, Unknown};
use crate::source::Source;
use crate::syntax::ignore_file::IgnoreFile;

/// What is remembered of one path of the image: the last ones that were put there.
const MAX_PER_PATH: usize = 16;
/// Longer paths exist in no image.
const MAX_PATH: usize = 4096;

/// The files of a stage as they grow, lowest layer first. Push what each COPY places, then ask for each RUN.
pub struct StageFiles<'a> {
    files: &'a dyn Files,
    contexts: Vec<Context<'a>>,
    placed: HashMap<SmolStr, Vec<Entry>>,
    count: usize,
}

struct Context<'a> {
    folder: String,
    ignore: Option<&'a IgnoreFile>,
}

struct Entry {
    /// Position in the order of pushing: the last one hides the others.
    order: usize,
    context: usize,
    source: Option<SmolStr>,
    is_folder: bool,
}

/// Where a path comes from.
enum Trail {
    Read(Arc<Source>),
    Hidden,
    Nowhere,
}

impl<'a> StageFiles<'a> {
    /// No files yet.
    #[must_use]
    pub fn new(files: &'a dyn Files) -> Self {
        Self { files, contexts: Vec::new(), placed: HashMap::new(), count: 0 }
    }

    /// What is pushed from here on comes from this build context. A base image of the fleet has its own.
    pub fn enter_context(&mut self, folder: &str, ignore: Option<&'a IgnoreFile>) {
        self.contexts.push(Context { folder: path::clean(folder), ignore });
    }

    /// Adds a path that COPY or ADD puts in, over what is there.
    pub fn push(&mut self, file: &PlacedFile) {
        self.count += 1;
        let entry = Entry {
            order: self.count,
            context: self.contexts.len().saturating_sub(1),
            source: file.context_path.clone().filter(|_| !self.contexts.is_empty()),
            is_folder: file.is_folder,
        };
        let entries = self.placed.entry(absolute(&file.path).into()).or_default();
        entries.retain(|old| {
            (old.context, &old.source, old.is_folder) != (entry.context, &entry.source, entry.is_folder)
        });
        if entries.len() >= MAX_PER_PATH {
            entries.remove(0);
        }
        entries.push(entry);
    }

    /// The files as one RUN sees them: its mounts hide what is below their targets.
    #[must_use]
    pub fn for_run<'s>(&'s self, mounts: &'s [Mount]) -> RunFiles<'s> {
        RunFiles { stage: self, mounts }
    }

    fn find(&self, wanted: &str) -> Trail {
        let mut hits: Vec<(&Entry, &str)> = Vec::new();
        let mut folder = Some(wanted);
        while let Some(at) = folder {
            if let (Some(entries), Some(rest)) = (self.placed.get(at), path::below(wanted, at)) {
                hits.extend(entries.iter().filter(|it| it.is_folder || rest == ".").map(|it| (it, rest)));
            }
            folder = path::parent(at);
        }
        hits.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.order));
        for (entry, rest) in hits {
            let Some(source) = &entry.source else { return Trail::Hidden };
            let Some(context) = self.contexts.get(entry.context) else { return Trail::Hidden };
            match self.read(&context.folder, context.ignore, &path::join(source, rest)) {
                Trail::Nowhere => {}
                trail => return trail,
            }
        }
        Trail::Nowhere
    }

    fn holds_folder(&self, wanted: &str) -> bool {
        std::iter::successors(Some(wanted), |at| path::parent(at)).any(|at| {
            let (Some(entries), Some(rest)) = (self.placed.get(at), path::below(wanted, at)) else {
                return false;
            };
            entries.iter().filter(|entry| entry.is_folder).any(|entry| {
                let context = self.contexts.get(entry.context);
                let (Some(source), Some(context)) = (&entry.source, context) else { return false };
                let inside = path::join(source, rest);
                let out = context.ignore.is_some_and(|ignore| ignore.ignored(&inside).is_some());
                !out && self.files.kind(&path::join(&context.folder, &inside)) == Some(FileKind::Folder)
            })
        })
    }

    fn read(&self, folder: &str, ignore: Option<&IgnoreFile>, inside: &str) -> Trail {
        let path = path::join(folder, inside);
        if ignore.is_some_and(|ignore| ignore.ignored(inside).is_some()) {
            return Trail::Nowhere;
        }
        match self.files.kind(&path) {
            Some(FileKind::File) => self.files.read(&path).map_or(Trail::Hidden, Trail::Read),
            Some(FileKind::Other) => Trail::Hidden,
            Some(FileKind::Folder) | None => Trail::Nowhere,
        }
    }
}

/// The files of a stage behind the mounts of one RUN.
#[derive(Clone, Copy)]
pub struct RunFiles<'s> {
    stage: &'s StageFiles<'s>,
    mounts: &'s [Mount],
}

impl RunFiles<'_> {
    fn mounted(&self, wanted: &str) -> Option<Trail> {
        let hits = self.mounts.iter().filter_map(|mount| {
            let target = absolute(mount.target.certain()?);
            let rest = path::below(wanted, &target)?.to_owned();
            Some((target.len(), mount, rest))
        });
        let (_, mount, rest) = hits.max_by_key(|(length, ..)| *length)?;
        let context = self.stage.contexts.last();
        let (Some(context), None, "bind" | "") = (context, &mount.from, mount.kind.as_str()) else {
            return Some(Trail::Hidden);
        };
        let source = match &mount.source {
            None => ".".to_owned(),
            Some(source) => match source.certain() {
                Some(text) => path::rooted(text),
                None => return Some(Trail::Hidden),
            },
        };
        Some(self.stage.read(&context.folder, context.ignore, &path::join(&source, &rest)))
    }
}

impl RunFiles<'_> {
    /// Whether surely nothing that was pushed makes this path a file. A path that an image, a stage or a URL may bring is
    /// not lacking.
    #[must_use]
    pub fn lacks(&self, path: &str) -> bool {
        path.len() <= MAX_PATH
            && self.mounts.is_empty()
            && matches!(self.stage.find(&absolute(path)), Trail::Nowhere)
    }

    /// Whether a folder of the build context is copied to this path, itself or as part of one above.
    #[must_use]
    pub fn holds_folder(&self, path: &str) -> bool {
        path.len() <= MAX_PATH && self.stage.holds_folder(&absolute(path))
    }
}

impl ImageFiles for RunFiles<'_> {
    fn open(&self, path: &str) -> Result<Arc<Source>, Unknown> {
        if path.len() > MAX_PATH {
            return Err(Unknown::TooLarge);
        }
        let wanted = absolute(path);
        match self.mounted(&wanted).unwrap_or_else(|| self.stage.find(&wanted)) {
            Trail::Read(source) => Ok(source),
            Trail::Hidden | Trail::Nowhere => Err(Unknown::File(path.into())),
        }
    }
}
