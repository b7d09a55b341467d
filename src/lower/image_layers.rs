//! The build context of one file, and the files of its image as RUNs see them.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::context::{
    ContextView, RunFiles, SourcePath, StageFiles, choose, ignore_of, placed, resolve_source,
};
use super::scope::{Files, ImageFiles};
use crate::model::{BuildContext, Container, Copy, Found, Mount, PlacedFile, Spanned, Unknown, Value};
use crate::source::Source;
use crate::syntax::dockerfile::{Arguments, Dockerfile, Keyword};
use crate::syntax::ignore_file::IgnoreFile;

/// Paths that are indexed for look-ups in one file at most; a chain of stages could ask for the same ones again and again.
const MAX_INDEXED: usize = 200_000;

/// The build context, with what is needed to look into it.
pub(crate) struct Context<'a> {
    model: BuildContext,
    ignore: Option<IgnoreFile>,
    dockerfile: &'a str,
    root: &'a str,
    pub(crate) files: &'a dyn Files,
    indexed: Cell<usize>,
}

impl<'a> Context<'a> {
    /// Chooses the context for a tree.
    pub(crate) fn choose(
        dockerfile: &'a str,
        tree: &Dockerfile<'_>,
        given: Option<&str>,
        root: &'a str,
        files: &'a dyn Files,
    ) -> Self {
        let model = choose(dockerfile, &literal_sources(tree), given, root, files);
        let ignore = ignore_of(&model);
        Self { model, ignore, dockerfile, root, files, indexed: Cell::new(0) }
    }

    fn view(&self) -> ContextView<'_> {
        ContextView {
            context: &self.model,
            ignore: self.ignore.as_ref(),
            dockerfile: self.dockerfile,
            root_limit: self.root,
            files: self.files,
        }
    }

    /// What a COPY source is.
    pub(crate) fn resolve(&self, path: &Value) -> Found {
        resolve_source(path, &self.view())
    }

    /// The paths that a COPY makes.
    pub(crate) fn placed(&self, copy: &Copy) -> Vec<PlacedFile> {
        placed(copy, &self.view())
    }

    /// The context's folder.
    pub(crate) fn folder(&self) -> &str {
        &self.model.folder
    }

    /// The context as the model keeps it.
    pub(crate) fn into_model(self) -> BuildContext {
        BuildContext { ignore: self.ignore.map(Arc::new), ..self.model }
    }
}

/// COPY and ADD sources that need no variable, of copies from the context.
fn literal_sources(tree: &Dockerfile<'_>) -> Vec<SourcePath> {
    let mut sources = Vec::new();
    for instruction in &tree.instructions {
        if !matches!(instruction.keyword, Keyword::Copy | Keyword::Add)
            || instruction.flags.iter().any(|flag| flag.name == "from")
            || !instruction.heredocs.is_empty()
        {
            continue;
        }
        let (Arguments::Json(words) | Arguments::Words(words)) = &instruction.arguments else { continue };
        let Some((_, words)) = words.split_last() else { continue };
        let literal = words.iter().filter(|word| !word.text.contains(['$', '{', '\\', '"', '\'']));
        sources.extend(literal.filter_map(|word| SourcePath::new(&Value::known(&*word.text))));
    }
    sources
}

/// The files of a stage, indexed when the first RUN asks.
pub(crate) struct LayerFiles<'s> {
    pub(crate) own: &'s [Spanned<PlacedFile>],
    pub(crate) below: &'s Container,
    pub(crate) context: &'s Context<'s>,
    pub(crate) mounts: &'s [Mount],
    index: RefCell<Option<StageFiles<'s>>>,
}

impl<'s> LayerFiles<'s> {
    pub(crate) fn new(
        own: &'s [Spanned<PlacedFile>],
        below: &'s Container,
        context: &'s Context<'s>,
        mounts: &'s [Mount],
    ) -> Self {
        Self { own, below, context, mounts, index: RefCell::new(None) }
    }

    /// Lowest layer first; each layer in the context of the file that it comes from.
    fn index(&self) -> Option<StageFiles<'s>> {
        let count = self.own.len() + self.below.layers.iter().map(|layer| layer.files.len()).sum::<usize>();
        let indexed = self.context.indexed.get() + count;
        self.context.indexed.set(indexed);
        if indexed > MAX_INDEXED {
            return None;
        }
        let mut files = StageFiles::new(self.context.files);
        for layer in self.below.layers.iter().rev() {
            let own = layer.context == self.context.model.folder;
            files.enter_context(&layer.context, self.context.ignore.as_ref().filter(|_| own));
            layer.files.iter().for_each(|file| files.push(&file.value));
        }
        files.enter_context(&self.context.model.folder, self.context.ignore.as_ref());
        self.own.iter().for_each(|file| files.push(&file.value));
        Some(files)
    }
}

impl LayerFiles<'_> {
    /// What `with` says of the files; `None` when there are too many to look through.
    pub(crate) fn ask<T>(&self, with: impl FnOnce(&RunFiles<'_>) -> T) -> Option<T> {
        if self.index.borrow().is_none() {
            *self.index.borrow_mut() = self.index();
        }
        self.index.borrow().as_ref().map(|files| with(&files.for_run(self.mounts)))
    }
}

impl ImageFiles for LayerFiles<'_> {
    fn open(&self, path: &str) -> Result<Arc<Source>, Unknown> {
        self.ask(|files| files.open(path)).unwrap_or(Err(Unknown::TooLarge))
    }
}
