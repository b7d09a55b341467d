//! Which compose files make one project, as `docker compose` finds them: `compose.yaml` with `compose.override.yaml`
//! beside it. Another file beside them is a project of its own, unless services of it need another file for their
//! image: then it is laid over that one, as `-f compose.yaml -f compose.prod.yaml` puts it. What other files include or
//! extend is judged where they use it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use smol_str::SmolStr;

use crate::path;
use crate::source::Source;
use crate::syntax::yaml::{self, Node};

/// Files that are loaded together, in order of precedence.
pub(in crate::run) struct Group {
    /// The files.
    pub(in crate::run) sources: Vec<Arc<Source>>,
    /// Whether the files never run without others that were not found.
    pub(in crate::run) partial: bool,
    /// Whether the last file is laid over files that are a group of their own.
    pub(in crate::run) variant: bool,
    /// Whether other files include or extend them: what they start is judged there.
    pub(in crate::run) used: bool,
}

impl Group {
    fn whole(sources: Vec<Arc<Source>>) -> Self {
        Self { sources, partial: false, variant: false, used: false }
    }
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

/// Bytes of main files that the other files of a folder are laid over, besides twice what the folder holds: each of them is
/// a whole project again.
const MAX_LAID_UNDER: usize = 192 << 10;

/// Groups the compose files of a call by folder and role.
pub(in crate::run) fn group(sources: Vec<Arc<Source>>) -> Vec<Group> {
    let used = used(&sources);
    let mut folders: BTreeMap<String, Vec<Arc<Source>>> = BTreeMap::new();
    for source in sources {
        let folder = source.path().rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        folders.entry(folder).or_default().push(source);
    }
    folders.into_values().flat_map(|files| of_folder(files, &used)).collect()
}

fn name(source: &Source) -> &str {
    source.path().rsplit('/').next().unwrap_or_default()
}

/// Display paths of the files that others include, or take services from.
fn used(sources: &[Arc<Source>]) -> HashSet<String> {
    let mut used = HashSet::new();
    // Alone, no file uses another one of the call.
    for source in sources.iter().filter(|_| sources.len() > 1) {
        let holds = |text: &[u8]| memchr::memmem::find(source.bytes(), text).is_some();
        if !holds(b"include") && !holds(b"extends") {
            continue;
        }
        let folder = source.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut add = |said: Option<&Node>| {
            let Some(said) = said.and_then(Node::text).filter(|said| !said.contains("://")) else { return };
            let shown =
                if folder.is_empty() { path::clean(said) } else { path::clean(&format!("{folder}/{said}")) };
            if shown != source.path() {
                used.insert(shown);
            }
        };
        for document in yaml::parse(source).documents {
            for item in document.root.get("include").map(Node::items).unwrap_or_default() {
                add(Some(item));
                let path = item.get("path");
                add(path);
                path.map(Node::items).unwrap_or_default().iter().for_each(|path| add(Some(path)));
            }
            for service in document.root.get("services").map(Node::entries).unwrap_or_default() {
                add(service.value.at(&["extends", "file"]));
            }
        }
    }
    used
}

/// What the services of a file are.
#[derive(Default)]
struct Services {
    /// Those that say what they run.
    whole: HashSet<SmolStr>,
    /// Those that do not.
    parts: Vec<SmolStr>,
}

impl Services {
    fn of(source: &Arc<Source>) -> Self {
        let mut found = Self::default();
        let documents = yaml::parse(source).documents;
        let services = documents.iter().filter_map(|document| document.root.get("services"));
        for entry in services.flat_map(Node::entries) {
            let says = |key: &str| entry.value.get(key).is_some_and(|value| !value.is_null());
            let name = SmolStr::new(entry.key.text().unwrap_or_default());
            if ["image", "build", "extends", "provider"].iter().any(|key| says(key)) {
                found.whole.insert(name);
            } else {
                found.parts.push(name);
            }
        }
        found
    }

    /// Whether everything that lacks an image here has one there.
    fn completed_by(&self, other: &Self) -> bool {
        self.parts.iter().all(|name| other.whole.contains(name))
    }
}

fn of_folder(files: Vec<Arc<Source>>, used: &HashSet<String>) -> Vec<Group> {
    let find =
        |names: &[&str]| names.iter().find_map(|wanted| files.iter().position(|file| name(file) == *wanted));
    let main = find(&MAIN);
    let laid_over = main.and_then(|_| find(&OVERRIDE));
    let mut groups = Vec::new();
    if let Some(main) = main {
        let sources = std::iter::once(main).chain(laid_over).map(|at| Arc::clone(&files[at])).collect();
        let used = used.contains(files[main].path());
        groups.push(Group { partial: used, used, ..Group::whole(sources) });
    }
    let is_rest = |at: &usize| Some(*at) != main && Some(*at) != laid_over;
    let rest: Vec<usize> = (0..files.len()).filter(is_rest).collect();
    if rest.is_empty() {
        return groups;
    }
    let services: Vec<Services> = files.iter().map(Services::of).collect();
    let most = MAX_LAID_UNDER + 2 * files.iter().map(|file| file.bytes().len()).sum::<usize>();
    let mut laid_under = 0;
    for at in rest {
        let file = &files[at];
        if used.contains(file.path()) {
            groups.push(Group { partial: true, used: true, ..Group::whole(vec![Arc::clone(file)]) });
            continue;
        }
        let own = &services[at];
        if own.parts.is_empty() {
            groups.push(Group::whole(vec![Arc::clone(file)]));
            continue;
        }
        // The main file first, then those that call themselves a base.
        let mut bases: Vec<usize> = (0..files.len()).filter(|other| *other != at).collect();
        bases.sort_by_key(|other| (Some(*other) != main, !is_base(name(&files[*other])), *other));
        let base = bases.into_iter().find(|other| own.completed_by(&services[*other]));
        let base = base.filter(|base| {
            laid_under += files[*base].bytes().len();
            laid_under <= most
        });
        match base {
            Some(base) => {
                let sources = vec![Arc::clone(&files[base]), Arc::clone(file)];
                groups.push(Group { variant: true, ..Group::whole(sources) });
            }
            None => groups.push(Group { partial: true, ..Group::whole(vec![Arc::clone(file)]) }),
        }
    }
    groups
}

fn is_base(name: &str) -> bool {
    name.contains("base") || name.contains("common")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(files: &[(&str, &str)]) -> Vec<(String, bool)> {
        let sources = files.iter().map(|(path, text)| Source::new(*path, text.as_bytes().to_vec())).collect();
        let shown = |group: Group| {
            let paths: Vec<&str> = group.sources.iter().map(|source| source.path()).collect();
            (paths.join(" + ") + if group.used { " (used)" } else { "" }, group.partial)
        };
        group(sources).into_iter().map(shown).collect()
    }

    /// Paths with texts.
    type Files = &'static [(&'static str, &'static str)];
    /// Paths joined by ` + `, and whether the project is partial.
    type Projects = &'static [(&'static str, bool)];

    const WHOLE: &str = "services: {web: {image: x}}";
    const PART: &str = "services: {web: {init: true}}";

    #[test]
    fn files_of_a_folder_make_projects() {
        let cases: [(Files, Projects); 8] = [
            (
                &[("compose.override.yaml", PART), ("compose.yaml", WHOLE)],
                &[("compose.yaml + compose.override.yaml", false)],
            ),
            (
                &[("docker-compose.yml", WHOLE), ("compose.prod.yaml", PART)],
                &[("docker-compose.yml", false), ("docker-compose.yml + compose.prod.yaml", false)],
            ),
            (
                &[("compose.yaml", WHOLE), ("compose.other.yaml", WHOLE)],
                &[("compose.yaml", false), ("compose.other.yaml", false)],
            ),
            (
                &[("compose.yaml", WHOLE), ("compose.prod.yaml", "services: {else: {init: true}}")],
                &[("compose.yaml", false), ("compose.prod.yaml", true)],
            ),
            (
                &[("a/compose.base.yaml", WHOLE), ("a/compose.dev.yaml", PART)],
                &[("a/compose.base.yaml", false), ("a/compose.base.yaml + a/compose.dev.yaml", false)],
            ),
            (
                &[
                    ("compose.yaml", "include: [sub/compose.yaml]\nservices: {a: {image: x}}"),
                    ("sub/compose.yaml", WHOLE),
                ],
                &[("compose.yaml", false), ("sub/compose.yaml (used)", true)],
            ),
            (
                &[
                    ("compose.yaml", "services: {a: {extends: {file: ./compose.common.yaml, service: web}}}"),
                    ("compose.common.yaml", PART),
                ],
                &[("compose.yaml", false), ("compose.common.yaml (used)", true)],
            ),
            (&[("compose.override.yaml", PART)], &[("compose.override.yaml", true)]),
        ];
        for (files, want) in cases {
            let want: Vec<(String, bool)> =
                want.iter().map(|(paths, partial)| ((*paths).to_owned(), *partial)).collect();
            assert_eq!(grouped(files), want, "{files:?}");
        }
    }
}
