//! Where COPY and ADD put their sources in the image.

use smol_str::{SmolStr, format_smolstr};

use super::source::ContextView;
use super::{is_url, path};
use crate::lower::FileKind;
use crate::model::{Copy, Found, PlacedFile};

/// The paths that one COPY or ADD creates; empty when its destination is not certain.
///
/// A destination is a folder when it ends in `/`, is `.`, or takes several sources; the content of a source folder goes
/// into the destination itself (Dockerfile reference, COPY). What comes from a stage, an image or a URL, or cannot be
/// told, has no context path, and may hide what lies below its path.
#[must_use]
pub fn placed(copy: &Copy, view: &ContextView<'_>) -> Vec<PlacedFile> {
    let Some(target) = copy.target.certain() else { return Vec::new() };
    let target = absolute(target);
    let mut out = Vec::new();
    let many = copy.sources.len() > 1;
    let into_folder = many || names_folder(&copy.destination.value.text);
    for source in &copy.sources {
        match &source.found {
            Found::Files(paths) => {
                let into_folder = into_folder || paths.len() > 1;
                out.extend(
                    paths.iter().map(|path| from_context(path, &target, into_folder, copy.is_add, view)),
                );
            }
            _ => {
                let base = source_name(&source.path.text);
                if into_folder && !base.is_empty() {
                    out.push(opaque(&below(&target, base), false));
                }
                // Its content is not known, so it may be a folder.
                if copy.from.is_some() || matches!(source.found, Found::Unknown(_)) {
                    out.push(opaque(&target, true));
                } else if !into_folder {
                    out.push(opaque(&target, false));
                }
            }
        }
    }
    out
}

fn from_context(
    inside: &SmolStr,
    target: &str,
    into_folder: bool,
    is_add: bool,
    view: &ContextView<'_>,
) -> PlacedFile {
    if view.kind(inside) == Some(FileKind::Folder) {
        return PlacedFile { path: target.into(), context_path: Some(inside.clone()), is_folder: true };
    }
    if is_add && is_archive(inside) {
        return opaque(target, true);
    }
    let path = if into_folder { below(target, path::base_name(inside)) } else { target.into() };
    PlacedFile { path, context_path: Some(inside.clone()), is_folder: false }
}

fn opaque(path: &str, is_folder: bool) -> PlacedFile {
    PlacedFile { path: path.into(), context_path: None, is_folder }
}

/// Whether the destination as written is certainly a folder.
fn names_folder(destination: &str) -> bool {
    destination.is_empty() || destination.ends_with('/') || matches!(path::base_name(destination), "." | "..")
}

/// ADD unpacks local tar archives, whatever compression they have.
fn is_archive(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"]
        .iter()
        .any(|it| name.ends_with(it))
}

/// The name that a source gets in a folder: of a URL without query and fragment.
fn source_name(source: &str) -> &str {
    let path = if is_url(source) { source.split(['?', '#']).next().unwrap_or_default() } else { source };
    let name = path::base_name(path.trim_end_matches('/'));
    if matches!(name, "." | "..") || name.contains(['*', '?', '[', '$']) { "" } else { name }
}

fn below(folder: &str, name: &str) -> SmolStr {
    if folder == "/" { format_smolstr!("/{name}") } else { format_smolstr!("{folder}/{name}") }
}

/// The path as an absolute one of the image, without `.`, `..` and a trailing `/`.
pub(super) fn absolute(path: &str) -> String {
    if path.starts_with('/') && path::is_plain(path) {
        return path.to_owned();
    }
    match path::rooted(path) {
        path if path == "." => "/".to_owned(),
        path => format!("/{path}"),
    }
}
