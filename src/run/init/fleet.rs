//! What is seen of the fleet as a whole: packs, registry, hierarchy, machines and rows of services.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use smol_str::SmolStr;

use super::count::{is_most, plural};
use super::draft::{Section, key, list, quoted};
use super::look::{BaseImage, Seen};
use super::service::{Runs, Service};
use super::table::Table;
use crate::plan::{Plan, normalise};

/// Rows and images of the hierarchy that are written at most.
const MAX_ROWS: usize = 500;

/// What a first reading of the draft showed: names that do not lead to their Dockerfiles.
#[derive(Debug, Default)]
pub(super) struct Unfound(pub(super) BTreeSet<String>);

/// `extends`, with the packs whose facts are the repository's own.
pub(super) fn packs(seen: &Seen, packs: &[(&str, Plan)]) -> Section {
    let mut section = Section::default();
    let fitting: Vec<(&str, String)> =
        packs.iter().filter_map(|(name, plan)| Some((*name, fits(seen, name, plan)?))).collect();
    match fitting.first() {
        Some((name, why)) => section.set(true, format!("extends = {}", list([name])), why.clone()),
        None => section.set(
            true,
            "extends = [\"recommended\"]".to_owned(),
            "good practice, no fact about any fleet",
        ),
    }
    if seen.knative > 0 {
        section.about.push(format!(
            "The pack `knative-services` may fit {}: `plimsoll plan show --pack knative-services` prints what it says.",
            plural(seen.knative, "Knative container")
        ));
    }
    section
}

/// Why a pack fits: everything it says that files can tell is true here.
fn fits(seen: &Seen, name: &str, plan: &Plan) -> Option<String> {
    let services: Vec<&Service> = seen.services.iter().filter(|service| service.starts).collect();
    match name {
        "gpu-fleet" => {
            let parents: HashMap<String, String> =
                seen.bases.iter().map(|base| of_base(seen, base)).collect();
            let planned = &plan.images.hierarchy;
            let is_built = planned.iter().all(|image| {
                let parent = parents.get(&normalise(&image.name.value));
                parent.is_some_and(|parent| *parent == image.from.value)
            });
            let user = plan.user.uid.as_ref()?.value;
            let same = services
                .iter()
                .filter(|service| matches!(service.user, Some(Runs::As(uid, _)) if uid == user));
            (is_built && !planned.is_empty() && is_most(same.count(), services.len())).then(|| {
                format!(
                    "all {} images of the pack's hierarchy are built here, from the same parents",
                    planned.len()
                )
            })
        }
        "aim" => {
            let (_, gpus) = plan.labels.values.iter().find(|(label, _)| label == "GPUS")?;
            let is_aim = |service: &&Service| {
                service.gpus.as_ref() == Some(&gpus.value)
                    && service.check.as_ref().is_some_and(Option::is_none)
            };
            (!services.is_empty() && services.iter().all(is_aim)).then(|| {
                format!(
                    "label GPUS = {} and no HEALTHCHECK, on {}",
                    gpus.value,
                    plural(services.len(), "image")
                )
            })
        }
        _ => None,
    }
}

/// Normalised name and parent as text.
fn of_base(seen: &Seen, base: &BaseImage) -> (String, String) {
    let parent = match &base.from {
        Some(Ok(path)) => {
            seen.bases.iter().find(|other| other.path == path.as_str()).map(|other| other.name.to_string())
        }
        Some(Err(reference)) => Some(reference.to_string()),
        None => None,
    };
    (normalise(&base.name), parent.unwrap_or_default())
}

/// `[images]`
pub(super) fn images(seen: &Seen) -> Section {
    let mut section = Section::new("images");
    if let Some((prefix, lead)) = seen.registries.leader() {
        let all = seen.registries.told;
        let reason = format!("{lead} of {} to the repository's own images", plural(all, "reference"));
        section.set(seen.registries.is_clear(lead), format!("registry = {}", quoted(prefix)), reason);
    }
    section
}

/// `[images.hierarchy]`
pub(super) fn hierarchy(seen: &Seen, unfound: &Unfound) -> Section {
    let mut section = Section::new("images.hierarchy");
    let standing = seen.services.iter().filter(|service| service.base.is_some()).count();
    // With one Dockerfile of a fleet that stands by itself the tree may still be an accident.
    let on = is_most(standing, seen.services.len());
    if !seen.bases.is_empty() {
        section.about.push(format!(
            "{} that others build on; on one of them {} {standing} of {}.",
            plural(seen.bases.len(), "Dockerfile"),
            if standing == 1 { "stands" } else { "stand" },
            plural(seen.services.len(), "other Dockerfile")
        ));
    }
    let mut names = BTreeSet::new();
    for base in seen.bases.iter().take(MAX_ROWS) {
        let (_, parent) = of_base(seen, base);
        let unique = names.insert(normalise(&base.name));
        let mut entry = format!("from = {}", quoted(&parent));
        if unfound.0.contains(&base.path) {
            entry += &format!(", path = {}", quoted(&base.path));
        }
        let reason = match (parent.is_empty(), unique) {
            (true, _) => "what it is built on cannot be told".to_owned(),
            (_, false) => format!("{} has this name as well", base.path),
            _ => format!("below {}", plural(base.children, "Dockerfile")),
        };
        let on = on && unique && !parent.is_empty();
        section.set(on, format!("{} = {{ {entry} }}", key(&base.name)), reason);
    }
    section
}

/// `[machines.NAME]` for each machine that the table names, with the compose files that lie in a folder of that name.
pub(super) fn machines(seen: &Seen, table: Option<&Table>) -> Vec<Section> {
    let mut sections = Vec::new();
    let files = |name: &str| -> Vec<&String> {
        let wanted = normalise(name);
        let lies_in =
            |path: &&String| path.split('/').rev().skip(1).any(|folder| normalise(folder) == wanted);
        seen.projects.iter().filter_map(|project| project.first()).filter(lies_in).collect()
    };
    let Some(table) = table else {
        let mut folders: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
        for file in seen.projects.iter().filter_map(|project| project.first()) {
            let folder = file.rsplit('/').nth(1);
            folder.into_iter().for_each(|folder| folders.entry(folder).or_default().push(file));
        }
        for (folder, files) in folders.into_iter().take(MAX_ROWS).filter(|_| seen.projects.len() > 1) {
            let mut section = Section::new(&format!("machines.{}", key(folder)));
            section.set(false, format!("compose = {}", list(files)), "if this folder is a machine");
            sections.push(section);
        }
        return sections;
    };
    // All of them or none: a row on a machine that the plan does not name is a contradiction. A name that no file uses may
    // be an alias of one that files do use, and then everything about that machine would be a finding.
    let on = table.machines.len() <= MAX_ROWS && table.machines.keys().all(|name| !files(name).is_empty());
    for (name, rows) in table.machines.iter().take(MAX_ROWS) {
        let mut section = Section::new(&format!("machines.{}", key(name)));
        let files = files(name);
        section.counts = on;
        section.about.push(format!("Named by {} of {}.", plural(*rows, "row"), table.file));
        match files.is_empty() {
            true => {
                section.set(
                    false,
                    "alias = []".to_owned(),
                    "what files call it: none lies in a folder of its name",
                );
                section.set(false, "compose = []".to_owned(), "the compose files that run on it");
            }
            false => section.set(on, format!("compose = {}", list(files)), "in a folder of its name"),
        }
        sections.push(section);
    }
    sections
}

/// `[services.rows]`
pub(super) fn rows(seen: &Seen, folder: &str, unfound: &Unfound) -> Section {
    let mut section = Section::new("services.rows");
    let users = port_users(seen);
    let mut names = BTreeSet::new();
    let started = || seen.services.iter().filter(|service| service.starts);
    let more = started().count().saturating_sub(MAX_ROWS);
    if more > 0 {
        section.about.push(format!("{} more that start something have no row here.", plural(more, "image")));
    }
    for service in started().take(MAX_ROWS) {
        let own = service.name.as_ref().or(service.deployed_as.as_ref());
        let name = own.map_or(folder, SmolStr::as_str);
        if normalise(name).is_empty() || !names.insert(normalise(name)) {
            continue;
        }
        let (ports, mut on, reason) = ports(service, &users);
        let mut entry: Vec<String> =
            ports.map(|ports| format!("ports = {}", quoted(&ports))).into_iter().collect();
        let base =
            service.base.as_ref().and_then(|path| seen.bases.iter().find(|base| base.path == path.as_str()));
        entry.extend(base.map(|base| format!("base = {}", quoted(&base.name))));
        if own.is_none() || unfound.0.contains(&service.path) {
            entry.push(format!("paths = {}", list([&service.path])));
        }
        if entry.is_empty() {
            on = false;
            entry.push(format!("paths = {}", list([&service.path])));
        }
        section.set(
            on,
            format!("{} = {{ {} }}", key(name), entry.join(", ")),
            format!("{}: {reason}", service.path),
        );
    }
    section
}

/// Who exposes each port: the first two, so that everybody finds another one, however many there are.
fn port_users(seen: &Seen) -> HashMap<u16, Vec<&str>> {
    let mut users: HashMap<u16, Vec<&str>> = HashMap::new();
    for service in seen.services.iter().filter(|service| service.starts) {
        for port in service.ports.iter().flatten() {
            let held = users.entry(*port).or_default();
            if held.len() < 2 && !held.contains(&service.path.as_str()) {
                held.push(&service.path);
            }
        }
    }
    users
}

/// The ports of a row, whether the row can be in force, and why.
fn ports(service: &Service, users: &HashMap<u16, Vec<&str>>) -> (Option<String>, bool, String) {
    let Some(ports) = &service.ports else {
        return (None, true, "which ports it exposes cannot be told".to_owned());
    };
    let shared = ports.iter().find_map(|port| {
        let other = users.get(port)?.iter().find(|path| **path != service.path)?;
        Some((port, *other))
    });
    let asked = service.check.as_ref().and_then(|check| check.as_ref()?.port);
    let rest: Vec<&u16> = ports.iter().filter(|port| Some(**port) != asked).collect();
    let (written, said) = match (ports.as_slice(), rest.as_slice(), asked) {
        ([], ..) => (None, "exposes no port".to_owned()),
        ([port], ..) => (Some(port.to_string()), "EXPOSE".to_owned()),
        (_, [port], Some(health)) => {
            (Some(format!("{port}/{health}")), "EXPOSE, and what the health check asks".to_owned())
        }
        _ => (None, format!("exposes {} ports: which one serves?", ports.len())),
    };
    match shared {
        Some((port, other)) => {
            let why =
                format!("{other} exposes {port} as well; say `on` which machine each runs, or leave it");
            (written, false, why)
        }
        None => (written, true, said),
    }
}
