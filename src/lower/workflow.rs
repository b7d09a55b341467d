//! Workflow files of GitHub Actions: which images they build, from what, and under which tags they push them.
//!
//! The tree of one file comes in, a [`Workflow`] comes out. Expressions are worked out as far as the file itself tells:
//! the matrix, `env`, literals; what only a run knows stays unknown. No plan is known here.

mod action;
mod expression;
mod matrix;
mod script;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

use smol_str::SmolStr;

use self::expression::{Expanded, Scope, expand};
use self::matrix::Matrix;

use crate::model::{Spanned, Unknown, Value, Workflow, WorkflowBuild, WorkflowImage};
use crate::path::clean;
use crate::source::{Place, Source, Span};
use crate::syntax::yaml::{Node, Stream};

/// Images of one file: builds by combinations by tags.
const MAX_IMAGES: usize = 4096;
/// Builds and pushes of one job.
const MAX_BUILDS: usize = 256;
/// Look-ups of variables that one file may cost.
const MAX_LOOKUPS: usize = 1 << 20;

/// Reads one workflow. Never fails: what is wrong is a problem of the result.
#[must_use]
pub fn workflow(source: &Arc<Source>, stream: Stream) -> Workflow {
    let tree = stream.documents.into_iter().next().map(|document| document.root);
    let mut workflow = Workflow {
        source: Arc::clone(source),
        tree: None,
        problems: super::kubernetes::told(stream.problems),
        builds: Vec::new(),
    };
    if let Some(tree) = &tree {
        let root = workflow.root().to_owned();
        let budget = Budget { lookups: Cell::new(MAX_LOOKUPS), images: Cell::new(MAX_IMAGES) };
        let jobs = tree.get("jobs").map(Node::entries).unwrap_or_default();
        for job in jobs {
            let Some(name) = job.key.text() else { continue };
            let name = Spanned::new(SmolStr::new(name), job.key.place.clone());
            if budget.images.get() > 0 {
                workflow.builds.extend(of_job(&name, &job.value, tree, &root, &budget));
            }
        }
    }
    workflow.tree = tree;
    workflow
}

/// One step of a job, with the environments that it sees.
struct Step<'a> {
    node: &'a Node,
    environments: Vec<&'a Node>,
}

/// A build as it is written, before expressions are worked out. Texts have their places; what a shell would put into them
/// is an expression.
struct Stated {
    place: Place,
    tags: Vec<(String, Place)>,
    context: Option<(String, Place)>,
    dockerfile: Option<(String, Place)>,
    /// The folder that paths are relative to, from the repository's root; `None`: a command changes it.
    folder: Option<String>,
    platforms: Vec<(String, Place)>,
    caches: Vec<(String, Place)>,
    pushes: bool,
}

impl Stated {
    fn at(place: Place) -> Self {
        Self {
            place,
            tags: Vec::new(),
            context: None,
            dockerfile: None,
            folder: Some(".".to_owned()),
            platforms: Vec::new(),
            caches: Vec::new(),
            pushes: false,
        }
    }
}

/// The builds of one job.
fn of_job(
    name: &Spanned<SmolStr>,
    job: &Node,
    workflow: &Node,
    root: &str,
    budget: &Budget,
) -> Vec<WorkflowBuild> {
    let steps = job.get("steps").map(Node::items).unwrap_or_default();
    let scripts = steps.iter().filter_map(|step| step.get("run")?.text());
    let writers = scripts.filter(|script| script.contains("GITHUB_ENV"));
    let written: HashSet<&str> = writers.flat_map(expression::written_in).collect();
    let matrix = matrix::read(job);
    let mut stated: Vec<(Stated, Vec<&Node>)> = Vec::new();
    let mut pushed: Vec<(String, Place)> = Vec::new();
    for node in steps {
        if stated.len() + pushed.len() > MAX_BUILDS {
            break;
        }
        let environments = [node, job, workflow].into_iter().filter_map(|holder| holder.get("env")).collect();
        let step = Step { node, environments };
        let found = match node.get("run") {
            Some(run) => script::read(&step, job, run, &mut pushed),
            None => action::read(&step, steps).into_iter().collect(),
        };
        stated.extend(found.into_iter().map(|one| (one, step.environments.clone())));
    }
    for (tag, place) in pushed {
        let same = stated.iter_mut().find(|(one, _)| one.tags.iter().any(|(own, _)| *own == tag));
        match same {
            Some((one, _)) => one.pushes = true,
            // Tagged somewhere else: what it was built from is not known.
            None => {
                let mut one = Stated::at(place.clone());
                one.tags.push((tag, place));
                one.pushes = true;
                let environments = [job, workflow].into_iter().filter_map(|holder| holder.get("env"));
                stated.push((one, environments.collect()));
            }
        }
    }
    let context = JobScope { matrix: &matrix, written: &written, root, budget };
    stated.into_iter().map(|(one, environments)| context.build(name, one, &environments)).collect()
}

/// What the builds of one job share.
struct JobScope<'a> {
    matrix: &'a Matrix<'a>,
    written: &'a HashSet<&'a str>,
    root: &'a str,
    budget: &'a Budget,
}

/// What one file may still cost.
struct Budget {
    lookups: Cell<usize>,
    images: Cell<usize>,
}

impl JobScope<'_> {
    /// A build with its images.
    fn build(&self, job: &Spanned<SmolStr>, stated: Stated, environments: &[&Node]) -> WorkflowBuild {
        let mut images = Vec::new();
        for combination in &self.matrix.combinations {
            let budget = &self.budget.lookups;
            let scope = Scope { matrix: &combination.values, environments, written: self.written, budget };
            let items = self.matrix.items_of(combination);
            let (context, dockerfile) = sources(&stated, scope, self.root);
            let image = |place: &Place, expanded: Option<Expanded>| WorkflowImage {
                place: place.clone(),
                reference: expanded.as_ref().map(|expanded| SmolStr::new(&expanded.text)),
                sample: expanded.and_then(|expanded| expanded.sample).map(SmolStr::new),
                context: context.clone(),
                dockerfile: dockerfile.clone(),
                items: items.clone(),
            };
            let left = self.budget.images.get();
            let before = images.len();
            if stated.tags.is_empty() && left > 0 {
                images.push(image(&stated.place, None));
            }
            for (tag, place) in stated.tags.iter().take(left) {
                images.push(image(place, Some(expand(tag, scope))));
            }
            self.budget.images.set(left - (images.len() - before));
        }
        let spanned = |(text, place): (String, Place)| Spanned::new(SmolStr::new(text), place);
        let value = |(text, place): (String, Place)| {
            let dynamic =
                expression::find(&text).first().map(|(_, inside)| Unknown::Dynamic(SmolStr::new(inside)));
            Spanned::new(Value { text: SmolStr::new(text), unknown: dynamic }, place)
        };
        WorkflowBuild {
            job: job.clone(),
            place: stated.place,
            matrix: self.matrix.lists.clone(),
            is_matrix_computed: self.matrix.is_computed,
            tags: stated.tags.into_iter().map(value).collect(),
            context: stated.context.map(spanned),
            dockerfile: stated.dockerfile.map(spanned),
            platforms: stated.platforms.into_iter().map(spanned).collect(),
            caches: stated.caches.into_iter().map(spanned).collect(),
            pushes: stated.pushes,
            images,
        }
    }
}

/// Display paths of the context and the Dockerfile, where they are certain.
fn sources(stated: &Stated, scope: Scope<'_>, root: &str) -> (Option<SmolStr>, Option<SmolStr>) {
    let Some(folder) = &stated.folder else { return (None, None) };
    let value = |said: &Option<(String, Place)>, otherwise: &str| {
        let text = said.as_ref().map_or(otherwise, |(text, _)| text.as_str());
        expand(text, scope).certain().map(str::to_owned)
    };
    let below = |path: &str| clean(&format!("{root}/{folder}/{path}"));
    // Another repository's files are not here.
    let is_here = |path: &str| !path.contains("://") && !path.starts_with("git@") && path != "-";
    let Some(context) = value(&stated.context, ".").filter(|context| is_here(context)) else {
        return (None, None);
    };
    let context = context
        .strip_prefix("{{defaultContext}}")
        .map_or(context.as_str(), |rest| rest.trim_start_matches(':'));
    let dockerfile = match &stated.dockerfile {
        Some(_) => value(&stated.dockerfile, "").map(|file| below(&file)),
        None => Some(below(&format!("{context}/Dockerfile"))),
    };
    (Some(SmolStr::new(below(context))), dockerfile.map(SmolStr::new))
}

/// The first occurrence of a text inside a place; the place itself when the text is written otherwise there.
fn narrow(place: &Place, text: &str) -> Place {
    let bytes = place.source.slice(place.span);
    match memchr::memmem::find(bytes, text.as_bytes()) {
        Some(at) if !text.is_empty() => {
            let start = place.span.start + at as u32;
            Place::new(&place.source, Span::new(start, start + text.len() as u32))
        }
        _ => place.clone(),
    }
}
