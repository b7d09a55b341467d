//! COPY and ADD: where their sources are in the build context, and which paths of the image they make.

use smol_str::SmolStr;

use super::context::is_url;
use super::dockerfile::copy_words;
use super::image_layers::LayerFiles;
use super::stage::{StageBuilder, absolute};
use crate::model::{Copy, CopySource, Found, Layer, PlacedFile, Run, Spanned, Stage, Take, TakeSource};
use crate::source::Place;
use crate::syntax::dockerfile::{Flag, Instruction, Keyword, Text};

/// Folders of which a copy from elsewhere may bring any program.
const PROGRAM_FOLDERS: &[&str] = &[
    "/",
    "/usr",
    "/usr/bin",
    "/usr/sbin",
    "/bin",
    "/sbin",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/opt",
];

/// Takes in a COPY or ADD.
pub(crate) fn copy(
    stage: &mut StageBuilder<'_>,
    instruction: &Instruction<'_>,
    order: usize,
    earlier: &[Stage],
) {
    let words = copy_words(instruction);
    let Some((destination, sources)) = words.split_last() else { return };
    let place = stage.place_of(instruction);
    let from = flag(instruction, "from")
        .map(|text| Spanned::new(SmolStr::new(&text.text), stage.file.place(text.span)));
    let take = from.as_ref().map(|from| take(stage, from, order, earlier, true));
    let heredocs: Vec<crate::source::Span> =
        instruction.heredocs.iter().map(|heredoc| heredoc.span).collect();
    let sources = sources
        .iter()
        .map(|word| {
            let path = stage.expand(word);
            let outside = from.is_some() || heredocs.contains(&word.span) || is_url(&path.text);
            let found = if outside { Found::Outside } else { stage.file.context.resolve(&path) };
            CopySource { place: stage.file.place(word.span), path, found }
        })
        .collect();
    let value = stage.expand(destination);
    let target = absolute(&value, &stage.current_workdir());
    let spanned = |name: &str| {
        let text = flag(instruction, name)?;
        Some(Spanned::new(stage.expand(text), stage.file.place(text.span)))
    };
    let copy = Copy {
        order,
        is_add: instruction.keyword == Keyword::Add,
        sources,
        destination: Spanned::new(value, stage.file.place(destination.span)),
        target,
        chown: spanned("chown"),
        chmod: spanned("chmod"),
        from,
        place,
    };
    let placed = stage.file.context.placed(&copy);
    let anything = take.is_none() && brings_anything(&copy, &placed);
    note_opaque(stage, anything, &copy.place);
    stage.layer.files.extend(placed.into_iter().map(|file| Spanned::new(file, copy.place.clone())));
    if let Some(take) = take {
        inherit(stage, &copy, &take, earlier);
        stage.takes.push(take);
    }
    stage.copies.push(copy);
}

fn flag<'t, 'a>(instruction: &'t Instruction<'a>, name: &str) -> Option<&'t Text<'a>> {
    instruction.flags.iter().find(|flag| flag.name == name)?.value.as_ref()
}

/// What a copy from a stage brings along: the Python packages of a site-packages folder, or anything at all.
fn inherit(stage: &mut StageBuilder<'_>, copy: &Copy, take: &Take, earlier: &[Stage]) {
    let brings_python = copy.sources.iter().any(|source| {
        let path = source.path.text.as_str();
        ["site-packages", "dist-packages", "venv", "/install", "/wheels", "/root/.local", "/usr/local"]
            .iter()
            .any(|part| path.contains(part))
    });
    let whole = copy.target.certain().is_some_and(|target| PROGRAM_FOLDERS.contains(&target));
    match take.source {
        TakeSource::Stage(index) => {
            if stage.inherited.contains(&(index, whole)) {
                return;
            }
            stage.inherited.push((index, whole));
            let layers = &earlier[index].container.layers;
            let provided = layers.iter().flat_map(|layer: &std::sync::Arc<Layer>| &layer.provides);
            let wanted = provided.filter(|said| whole || (brings_python && said.value.starts_with("pip:")));
            let room = stage.file.inheritable.get();
            let found: Vec<SmolStr> = wanted.take(room).map(|said| said.value.clone()).collect();
            stage.file.inheritable.set(room - found.len());
            let said = found.into_iter().map(|name| Spanned::new(name, copy.place.clone()));
            stage.layer.provides.extend(said);
            let anything = takes_system(copy) || layers.iter().any(|layer| layer.opaque.is_some());
            let opaque = room == 0 || whole && anything;
            note_opaque(stage, opaque, &copy.place);
        }
        _ => note_opaque(stage, whole, &copy.place),
    }
}

/// Whether a copy takes the folders that a stage's base filled, and not only what the stage put aside.
fn takes_system(copy: &Copy) -> bool {
    const SYSTEM: &[&str] = &["", "/usr", "/usr/bin", "/usr/sbin", "/bin", "/sbin"];
    copy.sources.iter().any(|source| SYSTEM.contains(&source.path.text.trim_end_matches(['/', '*', '.'])))
}

/// Whether a copy of the build context may put programs in place that cannot be named: a folder of them, or a pattern
/// that matches nothing here.
fn brings_anything(copy: &Copy, placed: &[PlacedFile]) -> bool {
    let into_programs = |path: &str| PROGRAM_FOLDERS.contains(&path);
    let unseen = |source: &CopySource| match &source.found {
        Found::Files(paths) => paths.is_empty(),
        found => source.path.text.contains(['*', '?', '[']) && !matches!(found, Found::Ignored(_)),
    };
    placed.iter().any(|file| file.is_folder && into_programs(&file.path))
        || copy.target.certain().is_some_and(into_programs) && copy.sources.iter().any(unseen)
}

fn note_opaque(stage: &mut StageBuilder<'_>, opaque: bool, place: &Place) {
    if opaque && stage.layer.opaque.is_none() {
        stage.layer.opaque = Some(place.clone());
    }
}

/// What a `--from` names: an earlier stage by name or number, else an image.
fn take(
    stage: &StageBuilder<'_>,
    from: &Spanned<SmolStr>,
    order: usize,
    earlier: &[Stage],
    copies: bool,
) -> Take {
    let name = from.value.to_ascii_lowercase();
    let by_name = stage.file.stage_names.borrow().get(name.as_str()).copied();
    let source = match (by_name, name.parse::<usize>()) {
        (Some(index), _) => TakeSource::Stage(index),
        (None, Ok(number)) if number < earlier.len() => TakeSource::Stage(number),
        (None, Ok(number)) if number == stage.index() => TakeSource::NotYet(number),
        (None, Ok(_)) => TakeSource::Missing,
        (None, Err(_)) if stage.own_name() == Some(&name) => TakeSource::NotYet(stage.index()),
        (None, Err(_)) => TakeSource::Image,
    };
    Take { place: from.place.clone(), name: from.value.clone(), source, copies, order }
}

/// Stages and images that the mounts of a RUN lend.
pub(crate) fn mount_takes(stage: &mut StageBuilder<'_>, flags: &[Flag<'_>], order: usize, earlier: &[Stage]) {
    for flag in flags.iter().filter(|flag| flag.name == "mount") {
        let Some(value) = &flag.value else { continue };
        let Some(from) = value.text.split(',').find_map(|field| field.strip_prefix("from=")) else {
            continue;
        };
        let said = Spanned::new(SmolStr::new(from), stage.file.place(flag.raw.span));
        let take = take(stage, &said, order, earlier, false);
        stage.takes.push(take);
    }
}

impl StageBuilder<'_> {
    /// Files of the image as a RUN sees them.
    pub(crate) fn image_files<'s>(&'s self, run: &'s Run) -> LayerFiles<'s> {
        LayerFiles::new(&self.layer.files, &self.below, &self.file.context, &run.mounts)
    }

    /// Whether ENV, here or below, sets a name.
    pub(crate) fn is_env(&self, name: &str) -> bool {
        self.env.contains_key(name) || self.below.layers.iter().any(|layer| layer.env_pair(name).is_some())
    }
}
