//! One Dockerfile from bytes to a [`Build`]: the driver that walks its stages.

use std::sync::Arc;

use smol_str::SmolStr;

use super::bases::Bases;
use super::image_layers::Context;
use super::problems;
use super::recover;
use super::requirements::RequirementsCache;
use super::scope::Files;
use super::stage::StageBuilder;
use super::triggers;
use super::variables::{ArgList, Budget, declare, global_lookup};
use crate::model::{Arg, Build, Comment, Problem, ProblemKind, Role, Spanned, Stage, TakeSource};
use crate::nearest::nearest;
use crate::source::{Place, Source, Span};
use crate::syntax::dockerfile::{Arguments, Dockerfile, Instruction, Keyword, Text, parse};

/// Names of programs that all copies between the stages of one file take over at most.
const MAX_INHERITED: usize = 20_000;

/// What lowering needs to know beside the file.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The file.
    pub source: &'a Arc<Source>,
    /// Files of the call.
    pub files: &'a dyn Files,
    /// Images that other files of the fleet build.
    pub bases: &'a dyn Bases,
    /// Requirement files read so far, shared by all files of the call.
    pub requirements: &'a RequirementsCache,
    /// `--build-arg` values.
    pub build_args: &'a [(SmolStr, SmolStr)],
    /// `--context`, as a display path.
    pub context: Option<&'a str>,
    /// The topmost folder in which a build context is looked for.
    pub root: &'a str,
}

/// What the plan knows of the file.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What it is for.
    pub role: Role,
    /// Names of the image that it builds, best first.
    pub image_names: Vec<SmolStr>,
    /// The planned service, as an index into the plan's rows.
    pub service: Option<usize>,
}

/// What all stages of a file share while they are built.
pub(crate) struct FileScope<'a> {
    pub(crate) request: Request<'a>,
    pub(crate) escape: u8,
    pub(crate) context: Context<'a>,
    pub(crate) global: ArgList,
    pub(crate) budget: Budget,
    /// Names of programs that copies between stages may still take over.
    pub(crate) inheritable: std::cell::Cell<usize>,
    pub(crate) problems: std::cell::RefCell<Vec<Problem>>,
    /// The last stage of each name read so far, by the name in lower case.
    pub(crate) stage_names: std::cell::RefCell<std::collections::HashMap<SmolStr, usize>>,
    /// The file whose ONBUILD trigger runs, while one does.
    pub(crate) trigger: std::cell::RefCell<Option<Arc<Source>>>,
    /// Triggers that the stages of the file may still run.
    pub(crate) triggers_left: std::cell::Cell<usize>,
}

impl FileScope<'_> {
    pub(crate) fn place(&self, span: Span) -> Place {
        Place::new(&self.source(), span)
    }

    /// The text that is being read: the file's own, or that of a base whose ONBUILD trigger runs.
    pub(crate) fn source(&self) -> Arc<Source> {
        self.trigger.borrow().as_ref().map_or_else(|| Arc::clone(self.request.source), Arc::clone)
    }

    /// Records that BuildKit refuses the text of a word.
    pub(crate) fn fault(&self, text: &Text<'_>, message: impl Into<String>) {
        // What is wrong with a trigger is the base's affair.
        if self.trigger.borrow().is_some() {
            return;
        }
        self.problems.borrow_mut().push(Problem {
            kind: ProblemKind::Syntax,
            message: message.into(),
            place: self.place(text.span),
            related: Vec::new(),
            insert: None,
        });
    }
}

/// Understands one Dockerfile. Never fails: what cannot be read is a problem of the result.
#[must_use]
pub fn lower(request: Request<'_>, identity: Identity) -> Build {
    let tree = parse(request.source.bytes());
    let problems = problems::of_tree(&tree, request.source);
    match recover::joined(request.source, &problems) {
        None => lower_tree(request, identity, &tree, problems),
        Some(joined) => {
            let mut tree = parse(joined.bytes());
            recover::renumber(&mut tree, &joined, request.source);
            lower_tree(request, identity, &tree, problems)
        }
    }
}

/// `problems` are those that the text alone shows.
fn lower_tree(
    request: Request<'_>,
    identity: Identity,
    tree: &Dockerfile<'_>,
    problems: Vec<Problem>,
) -> Build {
    let context = Context::choose(request.source.path(), tree, request.context, request.root, request.files);
    let mut file = FileScope {
        request,
        escape: tree.escape,
        context,
        global: ArgList::default(),
        budget: Budget::new(),
        inheritable: std::cell::Cell::new(MAX_INHERITED),
        problems: std::cell::RefCell::default(),
        stage_names: std::cell::RefCell::default(),
        trigger: std::cell::RefCell::default(),
        triggers_left: std::cell::Cell::new(triggers::MAX_TRIGGERS),
    };
    let global_args = global_args(&mut file, tree);
    let stages = stages(&file, tree);
    let mut faults = file.problems.into_inner();
    let doubtful = recover::doubtful_lines(&problems);
    faults.retain(|fault| doubtful.is_empty() || !doubtful.contains(&fault.place.start().line));
    let mut problems = problems;
    problems.append(&mut faults);
    problems.sort_by_key(|problem| problem.place.span);
    Build {
        source: Arc::clone(request.source),
        role: identity.role,
        image_names: identity.image_names,
        service: identity.service,
        context: file.context.into_model(),
        problems,
        global_args,
        stages,
        comments: comments(tree, request.source),
        instruction_lines: tree.instructions.iter().map(|instruction| instruction.lines).collect(),
        directives: directives(tree, request.source),
    }
}

/// The references that the FROM lines of a file name, build arguments and defaults put in, stages of the file left out.
#[must_use]
pub fn references(source: &Arc<Source>, build_args: &[(SmolStr, SmolStr)]) -> Vec<SmolStr> {
    let tree = parse(source.bytes());
    let mut global = ArgList::default();
    let budget = Budget::new();
    let mut seen_from = false;
    let mut names: Vec<SmolStr> = Vec::new();
    let mut found = Vec::new();
    for instruction in &tree.instructions {
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::Arg, Arguments::Pairs(pairs)) if !seen_from => {
                for pair in pairs {
                    let default = pair.value.as_ref().map(|value| {
                        budget.expand(&value.text, tree.escape, &|name| global_lookup(&global, name)).value
                    });
                    declare(&pair.key.text, default, &mut global, None, build_args);
                }
            }
            (Keyword::From, Arguments::Words(words)) => {
                seen_from = true;
                let Some(image) = words.first() else { continue };
                let value =
                    budget.expand(&image.text, tree.escape, &|name| global_lookup(&global, name)).value;
                if let Some(text) = value.certain()
                    && !names.iter().any(|name| name.eq_ignore_ascii_case(text))
                {
                    found.push(text.into());
                }
                if let Some(name) = words.get(2) {
                    names.push(SmolStr::new(name.text.to_ascii_lowercase()));
                }
            }
            _ => {}
        }
    }
    found
}

fn global_args(file: &mut FileScope<'_>, tree: &Dockerfile<'_>) -> Vec<Spanned<Arg>> {
    let mut list = Vec::new();
    for instruction in &tree.instructions {
        if instruction.keyword == Keyword::From {
            break;
        }
        let (Keyword::Arg, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments) else {
            continue;
        };
        for pair in pairs {
            let default = pair.value.as_ref().map(|value| {
                let expansion =
                    file.budget.expand(&value.text, file.escape, &|name| global_lookup(&file.global, name));
                if let Some(error) = expansion.error {
                    file.fault(value, error);
                }
                expansion.value
            });
            let arg = declare(&pair.key.text, default, &mut file.global, None, file.request.build_args);
            list.push(Spanned::new(arg, file.place(pair.key.span)));
        }
    }
    list
}

fn stages<'t>(file: &FileScope<'_>, tree: &'t Dockerfile<'t>) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut current: Option<StageBuilder<'_>> = None;
    for (order, instruction) in tree.instructions.iter().enumerate() {
        if instruction.keyword == Keyword::From {
            if let Some(builder) = current.take() {
                let stage = builder.finish();
                if let Some(name) = &stage.name {
                    file.stage_names.borrow_mut().insert(name.value.clone(), stage.index);
                }
                stages.push(stage);
            }
            current = Some(StageBuilder::start(file, instruction, order, &stages));
        } else if let Some(builder) = current.as_mut() {
            builder.instruction(instruction, order, &stages);
        }
    }
    if let Some(builder) = current.take() {
        stages.push(builder.finish());
    }
    mark_needed(&mut stages);
    stages
}

/// Marks what the last stage is made of, without recursion: an explicit list of stages still to look at.
fn mark_needed(stages: &mut [Stage]) {
    let mut open: Vec<usize> = stages.len().checked_sub(1).into_iter().collect();
    while let Some(index) = open.pop() {
        if std::mem::replace(&mut stages[index].needed, true) {
            continue;
        }
        if let crate::model::Base::Stage(base) = stages[index].from.base {
            open.push(base);
        }
        for take in &stages[index].takes {
            match take.source {
                TakeSource::Stage(stage) => open.push(stage),
                // No build gets past this line; once it is mended, any earlier stage may be the one that is meant.
                TakeSource::NotYet(_) | TakeSource::Missing => open.extend(0..index),
                TakeSource::Image => open.extend(misspelt(&take.name, stages)),
            }
        }
    }
}

/// The stage that a `--from` means when it names no stage, but a name of the kind and nearly that of one.
fn misspelt(name: &str, stages: &[Stage]) -> Option<usize> {
    // Short names of images are near to everything.
    if name.len() < 5 || name.contains(['/', ':', '.', '@', '$']) {
        return None;
    }
    let names = || stages.iter().filter_map(|stage| stage.name.as_ref()).map(|name| name.value.as_str());
    let meant = nearest(name, names())?;
    stages.iter().position(|stage| stage.name.as_ref().is_some_and(|name| name.value == meant))
}

/// What every comment that suppresses holds, in lower case, beside a `=` or `:`.
const MARKS: [&[u8]; 4] = [b"ignore", b"skip", b"disable", b"plimsoll"];

/// The comments that may be suppressions; the lines of the others need not be known.
fn comments(tree: &Dockerfile<'_>, source: &Arc<Source>) -> Vec<Comment> {
    let may_suppress = |span: &&Span| {
        let text = source.slice(**span);
        if memchr::memchr2(b'=', b':', text).is_none() {
            return false;
        }
        text.iter().enumerate().any(|(at, byte)| {
            let is_mark =
                |mark: &&[u8]| text.get(at..at + mark.len()).is_some_and(|it| it.eq_ignore_ascii_case(mark));
            matches!(byte | 0x20, b'i' | b's' | b'd' | b'p') && MARKS.iter().any(is_mark)
        })
    };
    tree.comments
        .iter()
        .filter(may_suppress)
        .map(|span| Comment { span: *span, line: source.lines().line_of(span.start) })
        .collect()
}

fn directives(tree: &Dockerfile<'_>, source: &Arc<Source>) -> Vec<Spanned<(SmolStr, SmolStr)>> {
    let spanned = |directive: &crate::syntax::dockerfile::Directive<'_>| {
        let value = (SmolStr::new(&directive.name), SmolStr::new(&directive.value));
        Spanned::new(value, Place::new(source, directive.span))
    };
    tree.directives.iter().map(spanned).collect()
}

/// The words of COPY and ADD, sources and destination; JSON and plain form alike.
pub(crate) fn copy_words<'t, 'a>(instruction: &'t Instruction<'a>) -> &'t [Text<'a>] {
    match &instruction.arguments {
        Arguments::Json(words) | Arguments::Words(words) => words,
        _ => &[],
    }
}
