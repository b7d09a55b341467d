//! Relative paths of a document, said from another folder (compose-go: `paths`).
//!
//! In a project every relative path is said from the project folder and starts with `.`; absolute paths, home folders,
//! Windows paths and URLs stay as they are.

use super::tree::{self, at_mut, get_mut, items_mut, values_mut};
use crate::path;
use crate::syntax::yaml::{Node, Scalar, Style, Value};

/// Says every relative path of a document from the folder that `folder` is relative to.
pub(super) fn rebase(root: &mut Node, folder: &str) {
    for service in get_mut(root, "services").into_iter().flat_map(values_mut) {
        rebase_service(service, folder);
    }
    for kind in ["configs", "secrets"] {
        for resource in get_mut(root, kind).into_iter().flat_map(values_mut) {
            get_mut(resource, "file").into_iter().for_each(|file| rebase_source(file, folder));
        }
    }
    for volume in get_mut(root, "volumes").into_iter().flat_map(values_mut) {
        let is = |path: &[&str], wanted: &str| volume.at(path).and_then(Node::text) == Some(wanted);
        if is(&["driver"], "local") && is(&["driver_opts", "o"], "bind") {
            at_mut(volume, &["driver_opts", "device"])
                .into_iter()
                .for_each(|path| rebase_source(path, folder));
        }
    }
}

/// Says every relative path of one service from the folder that `folder` is relative to.
pub(super) fn rebase_service(service: &mut Node, folder: &str) {
    if let Some(build) = get_mut(service, "build") {
        get_mut(build, "context").into_iter().for_each(|context| rebase_context(context, folder));
        let contexts = get_mut(build, "additional_contexts").into_iter().flat_map(values_mut);
        contexts.for_each(|context| rebase_context(context, folder));
        let keys = get_mut(build, "ssh").into_iter().flat_map(values_mut);
        keys.for_each(|path| rebase_path(path, folder));
    }
    for file in get_mut(service, "env_file").and_then(items_mut).into_iter().flatten() {
        get_mut(file, "path").into_iter().for_each(|path| rebase_path(path, folder));
    }
    for file in get_mut(service, "label_file").and_then(items_mut).into_iter().flatten() {
        rebase_path(file, folder);
    }
    if let Some(file) = at_mut(service, &["extends", "file"]) {
        rebase_path(file, folder);
    }
    for watch in at_mut(service, &["develop", "watch"]).and_then(items_mut).into_iter().flatten() {
        get_mut(watch, "path").into_iter().for_each(|path| rebase_path(path, folder));
    }
    for volume in get_mut(service, "volumes").and_then(items_mut).into_iter().flatten() {
        if volume.get("type").and_then(Node::text) == Some("bind") {
            get_mut(volume, "source").into_iter().for_each(|path| rebase_source(path, folder));
        }
    }
}

fn rebase_context(context: &mut Node, folder: &str) {
    if !tree::as_text(context).is_some_and(is_remote) {
        rebase_path(context, folder);
    }
}

/// Whether a build context is no folder.
pub(crate) fn is_remote(context: &str) -> bool {
    context.contains("://")
        || ["service:", "docker-image:", "github.com/", "git@"].iter().any(|start| context.starts_with(start))
}

/// A path of which an empty one is the folder itself.
fn rebase_source(node: &mut Node, folder: &str) {
    if tree::as_text(node) == Some("") {
        let folder = rebased(".", folder).unwrap_or_else(|| ".".to_owned());
        node.value = Value::Scalar(Scalar { text: folder.into(), style: Style::DoubleQuoted });
    } else {
        rebase_path(node, folder);
    }
}

fn rebase_path(node: &mut Node, folder: &str) {
    let Some(text) = tree::as_text(node) else { return };
    if let Some(rebased) = rebased(text, folder) {
        node.value = Value::Scalar(Scalar { text: rebased.into(), style: Style::DoubleQuoted });
    }
}

/// A path said from another folder; `None` when it stays as it is.
pub(super) fn rebased(path: &str, folder: &str) -> Option<String> {
    let mut characters = path.chars();
    let is_drive =
        characters.next().is_some_and(|first| first.is_ascii_alphabetic()) && characters.next() == Some(':');
    if path.is_empty() || path.starts_with(['/', '~']) || path.starts_with("\\\\") || is_drive {
        return None;
    }
    let joined = match folder {
        "" | "." => path::clean(path),
        folder => path::clean(&format!("{folder}/{path}")),
    };
    let rebased = match joined.as_str() {
        "." | ".." => joined,
        joined if joined.starts_with("../") || joined.starts_with('/') => joined.to_owned(),
        joined => format!("./{joined}"),
    };
    (rebased != path).then_some(rebased)
}

#[cfg(test)]
mod tests {
    use super::rebased;

    #[test]
    fn paths_are_said_from_the_project_folder() {
        for (path, folder, want) in [
            ("x", "", Some("./x")),
            ("./x/", "", Some("./x")),
            (".", "", None),
            ("..", ".", None),
            ("../x", "a/b", Some("./a/x")),
            ("../../x", "./a", Some("../x")),
            (".", "./a", Some("./a")),
            ("x", "/abs", Some("/abs/x")),
            ("/x", "a", None),
            ("~/x", "a", None),
            ("C:\\x", "a", None),
        ] {
            assert_eq!(rebased(path, folder).as_deref(), want, "{path} {folder}");
        }
    }
}
