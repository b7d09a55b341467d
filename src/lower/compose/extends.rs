//! `extends`: services that start from another service of the same file or of another one
//! (compose-go: `loader/extends.go`).
//!
//! The chain of bases is followed to its end and laid together from there. A service that is done loses its `extends`, so
//! that no chain is followed twice.

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;

use super::loader::{Loader, Unit, display, folder_of};
use super::merge::{merge, merge_below};
use super::reset::Resets;
use super::schema::{Refusal, Role};
use super::{include, relative, tree};
use crate::model::ProjectProblemKind;
use crate::syntax::yaml::{Node, Value};

/// A file that bases are taken from; the first one is the document itself.
struct Origin {
    path: String,
    /// The folder that its own paths are said from.
    folder: String,
    /// `services`.
    services: Node,
    index: HashMap<SmolStr, usize>,
    resets: Resets,
    /// What the schema refuses of services that nobody has used yet.
    refusals: Vec<Refusal>,
}

/// One service of a chain.
struct Link {
    origin: usize,
    name: SmolStr,
    /// The folder of the next one's file, as this one says it; `None` in the same file.
    next_folder: Option<String>,
}

impl Loader<'_> {
    /// Puts the bases of all services of a document in.
    pub(super) fn extend(&mut self, root: &mut Node, resets: &Resets, unit: &Unit, path: &str) {
        let Some(services) = tree::get_mut(root, "services").filter(|services| services.is_mapping()) else {
            return;
        };
        let waiting: Vec<SmolStr> = services
            .entries()
            .iter()
            .filter(|entry| entry.value.get("extends").is_some())
            .filter_map(|entry| entry.key.text().map(SmolStr::new))
            .collect();
        if waiting.is_empty() {
            return;
        }
        let own = Origin {
            path: path.to_owned(),
            folder: unit.folder.clone(),
            index: names(services),
            services: tree::take(services),
            resets: resets.clone(),
            refusals: Vec::new(),
        };
        let mut origins = vec![own];
        for name in waiting {
            let chain = self.chain(&mut origins, name, unit);
            self.lay_chain(&mut origins, &chain);
        }
        let done = origins.swap_remove(0).services;
        tree::set(root, "services", done);
    }

    /// The services from one to the end of its bases.
    fn chain(&mut self, origins: &mut Vec<Origin>, name: SmolStr, unit: &Unit) -> Vec<Link> {
        let mut seen: HashSet<(usize, SmolStr)> = HashSet::new();
        let mut chain = vec![Link { origin: 0, name: name.clone(), next_folder: None }];
        seen.insert((0, name));
        loop {
            let last = chain.len() - 1;
            let origin = chain[last].origin;
            let Some(service) = origins[origin].service(&chain[last].name) else { break };
            let Some(extends) = service.get("extends").cloned() else { break };
            let Some(wanted) = extends.get("service").filter(|wanted| tree::as_text(wanted).is_some()) else {
                break;
            };
            let base = SmolStr::new(wanted.text().unwrap_or_default());
            let mut next = origin;
            if let Some(file) = extends.get("file").filter(|file| tree::as_text(file).is_some()) {
                let Some((found, said_folder)) = self.origin(origins, origin, file, unit) else { break };
                next = found;
                chain[last].next_folder = Some(said_folder);
            }
            if origins[next].service(&base).is_none() {
                let message = match next == origin {
                    true => format!("no service `{base}` is there to be extended"),
                    false => format!("`{}` has no service `{base}` to be extended", origins[next].path),
                };
                // A base that a later document brings is not there yet for Compose either.
                self.problems.add(ProjectProblemKind::Reference, &wanted.place, message, None);
                break;
            }
            if !seen.insert((next, base.clone())) {
                let message = format!("`{base}` extends itself in the end");
                self.problems.add(ProjectProblemKind::Reference, &wanted.place, message, None);
                break;
            }
            self.told(&mut origins[next], &base);
            chain.push(Link { origin: next, name: base, next_folder: None });
        }
        chain
    }

    /// Tells what the schema refuses of a service that another one starts from.
    fn told(&mut self, origin: &mut Origin, service: &str) {
        let is_of = |refusal: &Refusal| matches!(refusal.path.as_slice(), [_, name, ..] if name == service);
        let (of, rest) = std::mem::take(&mut origin.refusals).into_iter().partition(is_of);
        origin.refusals = rest;
        let of: Vec<Refusal> = of;
        of.into_iter().for_each(|refusal| self.problems.push(refusal.problem));
    }

    /// The file that a service names, read once; `None` when it is not there.
    fn origin(
        &mut self,
        origins: &mut Vec<Origin>,
        from: usize,
        file: &Node,
        unit: &Unit,
    ) -> Option<(usize, String)> {
        let said = file.text()?;
        if include::is_remote(said) {
            return None;
        }
        let path = display(&origins[from].folder, said);
        let said_folder = folder_of(&crate::path::clean(said)).to_owned();
        if let Some(known) = origins.iter().skip(1).position(|origin| origin.path == path) {
            return Some((known + 1, said_folder));
        }
        let Some(documents) = self.documents(&path) else {
            if file.variables().iter().all(|variable| variable.is_set) {
                let message = format!("`{said}` is not there, and a service of it is extended");
                self.problems.add(ProjectProblemKind::MissingFile, &file.place, message, None);
            }
            return None;
        };
        let mut model: Option<Node> = None;
        let mut resets = Resets::default();
        let mut refusals = Vec::new();
        for document in documents.iter() {
            let Some(prepared) = self.document(document, &unit.environment, Role::Bases) else { continue };
            let root = prepared.root;
            resets = prepared.resets;
            // An empty value may be filled by the service that starts from it.
            let of_services = |refusal: &Refusal| {
                !refusal.is_doubtful && refusal.path.first().is_some_and(|first| first == "services")
            };
            refusals.extend(prepared.refusals.into_iter().filter(of_services));
            match &mut model {
                Some(model) => {
                    resets.apply(model);
                    merge(model, root, &mut self.problems);
                }
                None => model = Some(root),
            }
        }
        let services = tree::remove(&mut model?, "services").filter(Node::is_mapping)?;
        let folder = folder_of(&path).to_owned();
        origins.push(Origin { path, folder, index: names(&services), services, resets, refusals });
        Some((origins.len() - 1, said_folder))
    }

    /// Lays each service of a chain over the next, from the end.
    fn lay_chain(&mut self, origins: &mut [Origin], chain: &[Link]) {
        for pair in chain.windows(2).rev() {
            let [link, next] = pair else { continue };
            let base = origins[next.origin].service(&next.name).and_then(|base| self.copy(base));
            let Some(service) = origins[link.origin].service_mut(&link.name) else { continue };
            let mut service = tree::take(service);
            let extends = tree::remove(&mut service, "extends");
            let Some(mut base) = base.filter(|base| base.is_mapping()) else {
                if let Some(extends) = extends.filter(|_| self.copies == 0) {
                    let message = "what services extend grows beyond the tool's limit";
                    self.problems.add(ProjectProblemKind::Reference, &extends.place, message, None);
                }
                origins[link.origin].put(&link.name, service);
                continue;
            };
            tree::remove(&mut base, "extends");
            if let Some(folder) = &link.next_folder {
                relative::rebase_service(&mut base, folder);
            }
            origins[link.origin].resets.apply_to_service(&link.name, &mut base);
            merge_below(&mut base, service, &["services", "x"], &mut self.problems);
            origins[link.origin].put(&link.name, base);
        }
    }
}

impl Origin {
    fn service(&self, name: &str) -> Option<&Node> {
        let at = *self.index.get(name)?;
        self.services.entries().get(at).map(|entry| &entry.value)
    }

    fn service_mut(&mut self, name: &str) -> Option<&mut Node> {
        let at = *self.index.get(name)?;
        let Value::Mapping(entries) = &mut self.services.value else { return None };
        entries.get_mut(at).map(|entry| &mut entry.value)
    }

    fn put(&mut self, name: &str, service: Node) {
        if let Some(there) = self.service_mut(name) {
            *there = service;
        }
    }
}

fn names(services: &Node) -> HashMap<SmolStr, usize> {
    let entries = services.entries().iter().enumerate();
    entries.filter_map(|(at, entry)| Some((entry.key.text()?.into(), at))).collect()
}
