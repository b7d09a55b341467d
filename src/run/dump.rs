//! `plimsoll dump`: what a Dockerfile builds, or its parse tree, what a compose project starts, and the record of an image, as
//! JSON.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::deployments::projects;
use super::{CheckRequest, DumpRequest, RunError, inputs, judge, plan};
use crate::collect::Input;
use crate::fleet::FleetBases;
use crate::image::{ImageError, ImageName, LayerChoice, PlatformChoice, ReadOptions, read};
use crate::lower::compose::{ComposeRequest, load, to_json};
use crate::plan::PlanIndex;
use crate::report::effective;
use crate::syntax::dockerfile;

/// Writes effective configs or parse trees, one JSON value a file. `false`: Compose refuses one of the compose files, whose
/// `problems` say why.
///
/// # Errors
/// When a file cannot be read, and those of the writer.
pub fn dump(request: &DumpRequest, out: &mut dyn Write) -> Result<bool, RunError> {
    let (images, files): (Vec<PathBuf>, Vec<PathBuf>) =
        request.files.iter().cloned().partition(|file| image_name(file).is_some());
    images.iter().filter_map(|file| image_name(file)).try_for_each(|name| dump_images(name, out))?;
    match files.is_empty() {
        true => Ok(true),
        false => dump_files(&DumpRequest { files, ..request.clone() }, out),
    }
}

/// What names of images begin with; registries and engines are not asked here.
const IMAGES: [&str; 4] = ["oci:", "oci-archive:", "docker-archive:", "dir:"];

/// The argument as the name of an image, when it is one.
fn image_name(file: &Path) -> Option<&str> {
    file.to_str().filter(|text| IMAGES.iter().any(|start| text.starts_with(start)))
}

/// Writes the records of the images of a name, which the places of findings lie in.
fn dump_images(name: &str, out: &mut dyn Write) -> Result<(), RunError> {
    let explain = |error: ImageError| RunError {
        help: error.help,
        ..RunError::new(format!("{name}: {}", error.message))
    };
    let options =
        ReadOptions { platform: PlatformChoice::All, layers: LayerChoice::Never, ..ReadOptions::default() };
    let images = ImageName::parse(name).and_then(|name| read(&name, &options)).map_err(explain)?;
    for image in images {
        crate::rules::hide_in_record(&image.tree);
        crate::rules::hide_in_tree(&image.tree);
        out.write_all(image.source.shown())?;
    }
    Ok(())
}

fn dump_files(request: &DumpRequest, out: &mut dyn Write) -> Result<bool, RunError> {
    let plan = match request.syntax {
        // A tree needs no plan, and a broken one must not stand in its way.
        true => crate::plan::Plan { folder: ".".to_owned(), ..crate::plan::Plan::default() },
        false => plan::load_for(&request.plan, &request.files)?,
    };
    let call = CheckRequest { paths: request.files.clone(), ..CheckRequest::default() };
    let inputs = inputs::gather(&call, &plan)?;
    let index = PlanIndex::new(&plan);
    let build_args = inputs::build_args(&request.build_args);
    let neighbours = inputs::neighbours(&request.files, &plan.folder, &inputs.base);
    let context = inputs::context(request.context.as_deref());
    let bases = FleetBases::new(
        &neighbours,
        &plan,
        &index,
        &inputs.files,
        &build_args,
        context.as_deref(),
        &inputs.root,
    );
    let scope = judge::Scope {
        plan: &plan,
        rules: &[],
        bases: &bases,
        files: &inputs.files,
        build_args: &build_args,
        context: context.as_deref(),
        root: &inputs.root,
    };
    for file in &inputs.dockerfiles {
        let source = file.source().map_err(|(path, why)| RunError::new(format!("{path} {why}")))?;
        if request.syntax {
            let tree = dockerfile::parse(source.bytes());
            writeln!(out, "{}", dockerfile::dump(source.path(), &tree))?;
        } else {
            let build = judge::understand(&scope, &source, bases.identity(source.path()));
            crate::rules::hide_secrets(&build);
            effective::write(&build, &plan, out)?;
        }
    }
    let mut accepted = true;
    if !request.syntax {
        accepted = dump_projects(&scope, &inputs.deployments.compose, out)?;
    }
    match inputs.unread.into_iter().next() {
        Some((path, why)) => Err(RunError::new(format!("{path} {why}"))),
        None => Ok(accepted),
    }
}

/// Writes what compose files come to, one JSON value a project. Says whether Compose accepts them all.
fn dump_projects(scope: &judge::Scope<'_>, compose: &[Input], out: &mut dyn Write) -> Result<bool, RunError> {
    let mut accepted = true;
    let mut sources = Vec::with_capacity(compose.len());
    for input in compose {
        let read = input.read();
        sources.push(read.map_err(|problem| RunError::new(format!("{} {}", problem.path, problem.message)))?);
    }
    for group in projects::group(sources) {
        let request = ComposeRequest {
            sources: &group.sources,
            files: scope.files,
            images: scope.bases,
            environment: &[],
        };
        let project = load(request);
        let documents = project.files.iter().flat_map(|file| &file.documents).map(|document| &document.root);
        documents.chain(&project.resolved).for_each(crate::rules::hide_in_tree);
        let resolved = project.resolved.as_ref().map(to_json).unwrap_or_default();
        effective::write_project(&project, resolved, out)?;
        accepted &= !project.is_refused();
    }
    Ok(accepted)
}
