//! What the repository holds of what a compose project names: mounts, files of configs and secrets, build contexts,
//! Dockerfiles, their stages and arguments.
//!
//! A resolved project comes in with a view of the files, [`Lookups`] come out. No plan and no rule is known here.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use smol_str::SmolStr;

use super::context::path;
use super::scope::{FileKind, Files};
use crate::model::{
    BuildLookup, Lookups, MountKind, NamedPath, PathPurpose, Presence, Project, Workload, WorkloadBuild,
};
use crate::source::{Place, Source, Span};
use crate::syntax::dockerfile::{Arguments, Keyword, parse};
use crate::syntax::yaml::Node;

/// Paths that are looked up of one project; more say nothing new.
const MAX_PATHS: usize = 4096;

/// What the names of files say that others are copied from.
const SAMPLES: [&str; 5] = ["example", "sample", "dist", "template", "default"];

/// Looks up what a project names.
#[must_use]
pub fn look_up(project: &Project, files: &dyn Files) -> Lookups {
    let first = project.files.first().map(|file| file.source.path());
    let folder = first.and_then(path::parent).unwrap_or(".");
    let mut look = Look { files, folder, ignored: HashMap::new(), dockerfiles: HashMap::new() };
    let mut paths = Vec::new();
    for (at, service) in project.services.iter().enumerate() {
        for (mount, place) in binds(service).take(MAX_PATHS.saturating_sub(paths.len())) {
            let presence = look.presence(&mount.0);
            paths.push(NamedPath { service: Some(at), purpose: mount.1, path: mount.0, place, presence });
        }
    }
    for (at, service) in project.services.iter().enumerate() {
        for (path, place) in env_files(service, &look) {
            let presence = look.presence(&path);
            paths.push(NamedPath { service: Some(at), purpose: PathPurpose::EnvFile, path, place, presence });
        }
    }
    paths.truncate(MAX_PATHS);
    let elements = elements(project, &look);
    for (name, path, place) in elements.into_iter().take(MAX_PATHS) {
        let presence = look.presence(&path);
        paths.push(NamedPath { service: None, purpose: PathPurpose::Element(name), path, place, presence });
    }
    let builds = project.services.iter().enumerate().filter_map(|(at, service)| {
        let build = service.build.as_ref()?;
        Some(look.build(at, build))
    });
    let builds = builds.collect();
    Lookups { paths, builds }
}

type Bind = (SmolStr, PathPurpose);

/// Paths of the host that a service mounts, when they are relative to the project.
fn binds(service: &Workload) -> impl Iterator<Item = (Bind, Place)> {
    let bound = service.mounts.iter().filter(|mount| mount.value.kind == MountKind::Bind);
    let items = match bound.clone().next() {
        Some(_) => service.tree.get("volumes").map(Node::items).unwrap_or_default(),
        None => &[],
    };
    let key = |place: &Place| (Arc::as_ptr(&place.source), place.span);
    let by_place: HashMap<(*const Source, Span), &Node> =
        items.iter().map(|item| (key(&item.place), item)).collect();
    bound.filter_map(move |mount| {
        let source = mount.value.source.as_ref()?.certain()?;
        let target = mount.value.target.text.clone();
        let item = by_place.get(&key(&mount.place)).copied();
        let said = item.and_then(|item| item.get("source")).or(item);
        if [item, said].into_iter().flatten().any(|node| !node.variables().is_empty()) {
            return None;
        }
        let created = item.and_then(|item| item.at(&["bind", "create_host_path"])).and_then(Node::text);
        let (is_created, is_asked) = (created != Some("false"), created == Some("true"));
        let read_only = mount.value.read_only;
        let place = said.map_or(&mount.place, |node| &node.place).clone();
        Some(((source.into(), PathPurpose::Bind { target, is_created, is_asked, read_only }), place))
    })
}

/// Env files of a service: display path and place.
fn env_files(service: &Workload, look: &Look<'_>) -> Vec<(SmolStr, Place)> {
    let items = service.tree.get("env_file").map(Node::items).unwrap_or_default();
    let paths = items.iter().map(|item| item.get("path").unwrap_or(item)).filter(|node| is_certain(node));
    paths.filter_map(|node| Some((look.relative(node.text()?)?, node.place.clone()))).collect()
}

/// `file` of configs and secrets: name, display path, place.
fn elements(project: &Project, look: &Look<'_>) -> Vec<(SmolStr, SmolStr, Place)> {
    let Some(resolved) = &project.resolved else { return Vec::new() };
    let mut found = Vec::new();
    for section in ["configs", "secrets"] {
        let Some(node) = resolved.get(section) else { continue };
        for entry in node.entries() {
            let Some(file) = entry.value.get("file") else { continue };
            let (Some(name), Some(text)) = (entry.key.text(), file.text()) else { continue };
            if is_certain(file)
                && let Some(path) = look.relative(text)
            {
                found.push((name.into(), path, file.place.clone()));
            }
        }
    }
    found
}

/// Whether no variable without a value is in a text.
fn is_certain(node: &Node) -> bool {
    node.variables().iter().all(|variable| variable.is_set || !variable.operator.is_empty())
}

/// A view of the files with the ignore files of git met so far.
struct Look<'a> {
    files: &'a dyn Files,
    /// The project's folder.
    folder: &'a str,
    /// Folder → its `.gitignore`.
    ignored: HashMap<String, Option<Gitignore>>,
    /// What each Dockerfile says; `None`: that cannot be told.
    dockerfiles: HashMap<SmolStr, Option<Dockerfile>>,
}

/// What a Dockerfile declares.
struct Dockerfile {
    /// The name of each stage.
    stages: Vec<Option<SmolStr>>,
    arguments: HashSet<SmolStr>,
    /// Whether triggers of an image that was made for it declare what is not seen here.
    has_triggers: bool,
}

impl Look<'_> {
    /// The display path of a path as a file of the project writes it.
    fn relative(&self, text: &str) -> Option<SmolStr> {
        if text.starts_with(['/', '~']) || text.contains('\\') || text.is_empty() {
            return None;
        }
        Some(path::clean(&format!("{}/{text}", self.folder)).into())
    }

    fn presence(&mut self, path: &str) -> Presence {
        match self.files.kind(path) {
            Some(FileKind::File) => Presence::File,
            Some(FileKind::Folder) => Presence::Folder,
            Some(FileKind::Other) => Presence::Other,
            None if self.is_outside(path) => Presence::Unseen,
            None if self.is_ignored(path) || self.has_sample(path) => Presence::Ignored,
            None => Presence::Missing,
        }
    }

    /// Whether a path is none of the project's host, or lies outside of what the call shows.
    fn is_outside(&self, path: &str) -> bool {
        let foreign =
            path.starts_with(['~', '$']) || path.contains('\\') || path.as_bytes().get(1) == Some(&b':');
        let above = path == ".." || path.starts_with("../");
        foreign || above || (path.starts_with('/') && path::below(path, self.folder).is_none())
    }

    /// Whether a file lies beside a path that it is copied from where the project runs: `.env.example`,
    /// `config.example.yml`.
    fn has_sample(&self, path: &str) -> bool {
        // One look at the folder answers for all spellings; its names are sorted.
        let beside = self.files.list(path::parent(path).unwrap_or("."));
        let is_file = |name: &str| {
            let at = beside.binary_search_by(|(other, _)| other.as_str().cmp(name));
            at.is_ok_and(|at| beside[at].1 == FileKind::File)
        };
        let name = path::base_name(path);
        !beside.is_empty()
            && SAMPLES.iter().any(|sample| {
                let inside = name.rsplit_once('.').filter(|(first, _)| !first.is_empty());
                let inside = inside.map(|(first, end)| format!("{first}.{sample}.{end}"));
                let bare = name.trim_start_matches('.');
                let others =
                    [format!("{name}.{sample}"), format!("{bare}.{sample}"), format!("{sample}.{bare}")];
                inside.iter().chain(&others).any(|name| is_file(name))
            })
    }

    /// Whether a `.gitignore` from the path's folder upwards names it.
    fn is_ignored(&mut self, path: &str) -> bool {
        let mut folder = path::parent(path);
        while let Some(now) = folder {
            let files = self.files;
            let rules = self.ignored.entry(now.to_owned()).or_insert_with(|| gitignore(now, files));
            if let (Some(rules), Some(inside)) = (rules, path::below(path, now)) {
                let says = |is_folder| rules.matched_path_or_any_parents(inside, is_folder);
                if says(false).is_ignore() || says(true).is_ignore() {
                    return true;
                }
                if says(false).is_whitelist() || says(true).is_whitelist() {
                    return false;
                }
            }
            folder = path::parent(now);
        }
        false
    }

    fn build(&mut self, service: usize, build: &WorkloadBuild) -> BuildLookup {
        let context = build.context.certain();
        let mut found = BuildLookup {
            service,
            context: Presence::Unseen,
            dockerfile: Presence::Unseen,
            without_target: None,
            undeclared: Vec::new(),
        };
        let Some(context) = context else { return found };
        found.context = self.presence(context);
        let Some(dockerfile) = &build.dockerfile else { return found };
        found.dockerfile = self.presence(&dockerfile.value);
        if found.context != Presence::Folder || found.dockerfile != Presence::File {
            return found;
        }
        self.in_dockerfile(&dockerfile.value, build, &mut found);
        found
    }

    /// What the Dockerfile lacks of the stage and the arguments that the build names.
    fn in_dockerfile(&mut self, path: &SmolStr, build: &WorkloadBuild, found: &mut BuildLookup) {
        if build.target.is_none() && build.args.is_empty() {
            return;
        }
        let files = self.files;
        let dockerfile = self.dockerfiles.entry(path.clone()).or_insert_with(|| dockerfile(path, files));
        let Some(Dockerfile { stages, arguments, has_triggers }) = dockerfile else { return };
        if let Some(target) = build.target.as_ref().map(|target| target.value.as_str()) {
            let is_number = target.parse::<usize>().is_ok_and(|number| number < stages.len());
            let named = || stages.iter().flatten();
            if !is_number && !target.contains('$') && !named().any(|name| name.eq_ignore_ascii_case(target)) {
                found.without_target = Some(named().cloned().collect());
            }
        }
        if *has_triggers {
            return;
        }
        let undeclared = build.args.iter().enumerate().filter(|(_, arg)| !arguments.contains(&arg.value.0));
        found.undeclared = undeclared.map(|(at, _)| at).collect();
    }
}

fn dockerfile(path: &str, files: &dyn Files) -> Option<Dockerfile> {
    let source = files.read(path)?;
    let tree = parse(source.bytes());
    // Leftovers of a template stand for anything; another frontend has its own language.
    let frontend = tree.directives.iter().find(|directive| directive.name == "syntax");
    let is_dockerfile = frontend.is_none_or(|frontend| frontend.value.contains("docker/dockerfile"));
    if !tree.templates.is_empty() || !is_dockerfile {
        return None;
    }
    let mut said = Dockerfile { stages: Vec::new(), arguments: HashSet::new(), has_triggers: false };
    for instruction in &tree.instructions {
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::From, Arguments::Words(words)) => {
                said.has_triggers |= words.first().is_some_and(|image| image.text.contains("onbuild"));
                said.stages.push(words.get(2).map(|name| SmolStr::new(&name.text)));
            }
            (Keyword::Arg, Arguments::Pairs(pairs)) => {
                said.arguments.extend(pairs.iter().map(|pair| SmolStr::new(&pair.key.text)));
            }
            _ => {}
        }
    }
    Some(said)
}

fn gitignore(folder: &str, files: &dyn Files) -> Option<Gitignore> {
    let source = files.read(&path::join(folder, ".gitignore"))?;
    let mut builder = GitignoreBuilder::new("");
    for line in String::from_utf8_lossy(source.bytes()).lines() {
        // A pattern that git does not understand matches nothing.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}
