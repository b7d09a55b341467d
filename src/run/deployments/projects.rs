//! Which compose files make one project, as `docker compose` finds them: `compose.yaml` with `compose.override.yaml`
//! beside it. Another file beside them is a project of its own, unless each service it names needs the main file for its
//! image: then it is one more override of it, as `-f compose.yaml -f compose.prod.yaml` puts it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::model::{Project, Workload};
use crate::source::Source;
use crate::syntax::yaml::Node;

/// Files that are loaded together, in order of precedence.
pub(super) struct Group {
    pub(super) sources: Vec<Arc<Source>>,
    /// Whether the file may be one that is only laid over others by hand: it has no name that Compose looks for.
    pub(super) may_be_part: bool,
}

/// Names of a main file, the best first (Compose takes the first that is there).
const MAIN: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Names of the file that Compose lays over it by itself.
const OVERRIDE: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Groups the compose files of a call by folder and role.
pub(super) fn group(sources: Vec<Arc<Source>>) -> Vec<Group> {
    let mut folders: BTreeMap<String, Vec<Arc<Source>>> = BTreeMap::new();
    for source in sources {
        let folder = source.path().rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        folders.entry(folder).or_default().push(source);
    }
    folders.into_values().flat_map(of_folder).collect()
}

fn name(source: &Source) -> &str {
    source.path().rsplit('/').next().unwrap_or_default()
}

fn of_folder(files: Vec<Arc<Source>>) -> Vec<Group> {
    let find =
        |names: &[&str]| names.iter().find_map(|wanted| files.iter().position(|file| name(file) == *wanted));
    let main = find(&MAIN);
    let laid_over = main.and_then(|_| find(&OVERRIDE));
    let mut groups = Vec::new();
    if let Some(main) = main {
        let sources = std::iter::once(main).chain(laid_over).map(|at| Arc::clone(&files[at])).collect();
        groups.push(Group { sources, may_be_part: false });
    }
    for (at, file) in files.iter().enumerate() {
        if Some(at) == main || Some(at) == laid_over {
            continue;
        }
        groups.push(Group { sources: vec![Arc::clone(file)], may_be_part: true });
    }
    groups
}

/// Whether none of a project's services has an image, so that it never runs alone.
pub(super) fn has_no_image(project: &Project) -> bool {
    let has_image = |workload: &Workload| {
        ["image", "build", "provider"].iter().any(|key| workload.tree.get(key).is_some())
    };
    !project.services.is_empty() && !project.services.iter().any(has_image)
}

/// Display paths of the files that `extends` or `include` of a project name.
pub(super) fn named_by_others<'p>(projects: impl Iterator<Item = &'p Project>) -> HashSet<String> {
    let mut named = HashSet::new();
    for file in projects.flat_map(|project| &project.files) {
        let path = file.source.path();
        let folder = crate::path::parent(path).unwrap_or(".");
        let own = file.documents.iter().flat_map(|document| of_document(&document.root));
        let shown = own.map(|said| crate::path::clean(&format!("{folder}/{said}")));
        named.extend(shown.filter(|other| other != path));
    }
    named
}

fn of_document(root: &Node) -> Vec<&str> {
    let services = root.get("services").map(Node::entries).unwrap_or_default();
    let extended = services.iter().filter_map(|entry| entry.value.at(&["extends", "file"]));
    let included = root.get("include").map(Node::items).unwrap_or_default().iter();
    let included = included.flat_map(|item| {
        let path = item.get("path").unwrap_or(item);
        std::iter::once(path).chain(path.items())
    });
    extended.chain(included).filter_map(Node::text).collect()
}
