//! What is seen, as settings: clear ones in force, doubtful ones behind `#`, each with its counts. Nothing is invented: a
//! setting that no image gives a value for is shown once, as an example without a value of its own.

use smol_str::SmolStr;

use super::count::{Count, is_most, plural};
use super::draft::{Section, list, quoted};
use super::look::Seen;
use super::service::{Check, Runs, Service};

/// Other answers that a note lists.
const MAX_OTHERS: usize = 3;
/// The packages whose versions belong together.
const TORCH: [&str; 3] = ["torch", "torchvision", "torchaudio"];

/// The sections about how images are made and run.
pub(super) fn sections(seen: &Seen) -> Vec<Section> {
    let all = [
        user(seen),
        init(seen),
        build(seen),
        python(seen),
        pins(seen),
        cuda(seen),
        health(seen),
        labels(seen),
    ];
    all.into_iter().filter(|section| !section.settings.is_empty()).collect()
}

/// The answers of all services to a question; `Err`: it cannot be told.
fn ask<T: Ord>(seen: &Seen, question: impl Fn(&Service) -> Result<Option<T>, ()>) -> Count<T> {
    let mut count = Count::default();
    for service in seen.services.iter().filter(|service| service.starts) {
        match question(service) {
            Ok(said) => count.add(said),
            Err(()) => count.add_untold(),
        }
    }
    count
}

/// `41 of 44 images; 2 run as root, 1 cannot be told`
fn note<T: Ord>(count: &Count<T>, lead: usize, silent: &str, shown: impl Fn(&T) -> String) -> String {
    note_of("image", count, lead, silent, shown)
}

/// The same about something else than images.
fn note_of<T: Ord>(
    what: &str,
    count: &Count<T>,
    lead: usize,
    silent: &str,
    shown: impl Fn(&T) -> String,
) -> String {
    let mut others: Vec<String> = Vec::new();
    let rest = count.ranked();
    let rest: Vec<_> = rest.iter().skip(usize::from(lead > 0)).collect();
    others.extend(rest.iter().take(MAX_OTHERS).map(|(said, count)| format!("{count} {}", shown(said))));
    let more: usize = rest.iter().skip(MAX_OTHERS).map(|(_, count)| count).sum();
    if more > 0 {
        others.push(format!("{more} others"));
    }
    if count.silent() > 0 {
        others.push(format!("{} {silent}", count.silent()));
    }
    if count.untold > 0 {
        others.push(format!("{} cannot be told", count.untold));
    }
    let all = count.told + count.untold;
    let head = match lead == all && all > 1 {
        true => format!("all {}", plural(all, what)),
        false => format!("{lead} of {}", plural(all, what)),
    };
    if others.is_empty() { head } else { format!("{head}; {}", others.join(", ")) }
}

fn user(seen: &Seen) -> Section {
    let mut section = Section::new("user");
    let users = ask(seen, |service| match &service.user {
        Some(Runs::As(uid, _)) => Ok(Some(Ok(*uid))),
        Some(Runs::Named(name)) => Ok(Some(Err(name.clone()))),
        None => Err(()),
    });
    let shown = |user: &Result<u32, SmolStr>| match user {
        Ok(0) => "as root".to_owned(),
        Ok(uid) => format!("as {uid}"),
        Err(name) => format!("as `{name}`, whose number nobody writes"),
    };
    let numbered = users.ranked().into_iter().find_map(|(user, count)| match user {
        Ok(uid) if *uid != 0 => Some((*uid, count)),
        _ => None,
    });
    let Some((uid, count)) = numbered else {
        if users.leader().is_some() {
            let why = format!("nobody runs as a numbered user: {}", note(&users, 0, "", shown));
            section.set(false, "uid = 10001".to_owned(), why);
        }
        return section;
    };
    let leads = users.leader().is_some_and(|(user, _)| *user == Ok(uid));
    let on = leads && users.is_clear(count);
    let reason = match leads {
        true => note(&users, count, "", shown),
        false => format!("{count} of {}; more run otherwise", plural(users.told + users.untold, "image")),
    };
    section.set(on, format!("uid = {uid}"), reason);
    let groups = ask(seen, |service| match &service.user {
        Some(Runs::As(own, gid)) if *own == uid => gid.map(Some).ok_or(()),
        _ => Ok(None),
    });
    if let Some((gid, lead)) = groups.leader().filter(|(gid, _)| **gid != 0) {
        section.set(on && is_most(lead, count), format!("gid = {gid}"), format!("{lead} of these {count}"));
    }
    section
}

fn init(seen: &Seen) -> Section {
    let mut section = Section::new("init");
    let inits = ask(seen, |service| service.init.clone().ok_or(()));
    match inits.leader() {
        Some((init, lead)) => {
            let reason = note(&inits, lead, "start without one", |init| format!("with `{init}`"));
            section.set(inits.is_clear(lead), format!("process = {}", quoted(init)), reason);
        }
        None if inits.told + inits.untold > 0 => {
            section.set(
                false,
                "process = \"tini\"".to_owned(),
                note(&inits, 0, "start without an init", |_| String::new()),
            );
        }
        None => {}
    }
    section
}

fn build(seen: &Seen) -> Section {
    let mut section = Section::new("build");
    let mut flag = |name: &str, count: &Count<bool>, otherwise: &str, ask_for_none: bool| {
        let lead = count.leader().map_or(0, |(_, lead)| lead);
        if count.told > 0 && (lead > 0 || ask_for_none) {
            section.set(
                count.is_clear(lead),
                format!("{name} = true"),
                note(count, lead, otherwise, |_| String::new()),
            );
        }
    };
    let stages = ask(seen, |service| Ok(service.two_stages.then_some(true)));
    flag("multi-stage", &stages, "take nothing out of a builder stage", true);
    // Only images that install Python packages can answer.
    let of_pip = |of: fn((bool, bool)) -> bool| {
        let mut count = Count::default();
        let services = seen.services.iter().filter(|service| service.starts);
        services.filter_map(|service| service.pip).for_each(|pip| count.add(of(pip).then_some(true)));
        count
    };
    flag("pip-hashes", &of_pip(|(hashes, _)| hashes), "install without", true);
    flag("pip-cache-mount", &of_pip(|(_, cache)| cache), "without", true);
    section
}

/// A version that the public images below say.
fn version(seen: &Seen, of: fn(&Service) -> Option<&String>) -> Count<String> {
    let mut count = Count::default();
    let said = seen.services.iter().filter_map(of);
    said.for_each(|version| count.add(Some(version.clone())));
    count
}

fn versions(table: &str, count: &Count<String>) -> Section {
    let mut section = Section::new(table);
    if let Some((version, lead)) = count.leader() {
        let shown = |version: &String| format!("on {version}");
        let reason = format!("by the public image below: {}", note(count, lead, "", shown));
        section.set(count.is_clear(lead), format!("version = {}", quoted(version)), reason);
    }
    section
}

fn python(seen: &Seen) -> Section {
    let count = version(seen, |service| service.python.as_ref());
    let mut section = versions("python", &count);
    let on = section.settings.first().is_some_and(|setting| setting.on);
    // One older version on one base of its own is a legacy; anything else is a mixture.
    if let [_, (legacy, lead)] = count.ranked().as_slice() {
        let is_legacy = |service: &&Service| service.python.as_ref() == Some(*legacy);
        let mut bases = seen.services.iter().filter(is_legacy).map(|service| service.base.as_ref());
        let first = bases.next().flatten();
        let base = first.filter(|_| bases.all(|base| base == first));
        let base = base.and_then(|path| seen.bases.iter().find(|base| base.path == path.as_str()));
        if let Some(base) = base {
            let code = format!("legacy = {{ version = {}, base = {} }}", quoted(legacy), quoted(&base.name));
            section.set(on, code, format!("{}, all on this base", plural(*lead, "image")));
        }
    }
    section
}

fn cuda(seen: &Seen) -> Section {
    versions("cuda", &version(seen, |service| service.cuda.as_ref()))
}

fn pins(seen: &Seen) -> Section {
    let mut section = Section::new("pins");
    for package in TORCH {
        let mut count: Count<SmolStr> = Count::default();
        for service in &seen.services {
            let pinned = service.pins.iter().find(|(name, _)| name == package);
            pinned.into_iter().for_each(|(_, version)| count.add(Some(version.clone())));
        }
        if let Some((version, lead)) = count.leader() {
            let reason = note(&count, lead, "", |version| format!("with {version}"));
            section.set(lead == count.told, format!("{package} = {}", quoted(version)), reason);
        }
    }
    section
}

fn health(seen: &Seen) -> Section {
    let mut section = Section::new("health");
    let checks: Vec<&Check> =
        seen.services.iter().filter_map(|service| service.check.as_ref()?.as_ref()).collect();
    let has = ask(seen, |service| service.check.as_ref().map(|check| check.as_ref().map(|_| true)).ok_or(()));
    let lead = has.leader().map_or(0, |(_, lead)| lead);
    let images = note(&has, lead, "have none", |_| String::new());
    let mut paths: Count<SmolStr> = Count::default();
    checks.iter().filter_map(|check| check.path.clone()).for_each(|path| paths.add(Some(path)));
    let of_pods = paths.leader().is_none();
    let paths = if of_pods { &seen.probes } else { &paths };
    let Some((path, count)) = paths.leader() else {
        if has.told > 0 {
            let required = lead > 0 && has.is_clear(lead);
            section.set(required, "required = true".to_owned(), format!("a HEALTHCHECK: {images}"));
        }
        return section;
    };
    let shown = |path: &SmolStr| format!("ask {path}");
    let who = match of_pods {
        true => format!("{count} of {}", plural(paths.told, "container of a pod|containers of pods")),
        false => note_of("health check", paths, count, "", shown),
    };
    let on = paths.is_clear(count);
    section.set(on, format!("path = {}", quoted(path)), format!("asked by {who}"));
    let required = has.is_clear(lead) && !of_pods;
    section.set(on, format!("required = {required}"), format!("a HEALTHCHECK: {images}"));
    timing(&checks, on && required, &mut section);
    section
}

/// How often and how long health checks ask, where they agree.
fn timing(checks: &[&Check], on: bool, section: &mut Section) {
    for (at, name) in ["interval", "timeout", "start-period"].into_iter().enumerate() {
        let mut count: Count<SmolStr> = Count::default();
        checks.iter().for_each(|check| count.add(check.timing[at].clone()));
        if let Some((value, lead)) = count.leader().filter(|(_, lead)| count.is_clear(*lead)) {
            section.set(
                on,
                format!("{name} = {}", quoted(value)),
                format!("{lead} of {}", plural(checks.len(), "health check")),
            );
        }
    }
    let mut count: Count<u32> = Count::default();
    checks.iter().for_each(|check| count.add(check.retries));
    if let Some((value, lead)) = count.leader().filter(|(_, lead)| count.is_clear(*lead)) {
        section.set(
            on,
            format!("retries = {value}"),
            format!("{lead} of {}", plural(checks.len(), "health check")),
        );
    }
}

fn labels(seen: &Seen) -> Section {
    let mut section = Section::new("labels");
    let services = || seen.services.iter().filter(|service| service.starts);
    let all = services().count();
    let mut count: Count<SmolStr> = Count::default();
    services().flat_map(|service| &service.labels).for_each(|label| count.add(Some(label.clone())));
    let most: Vec<(&SmolStr, usize)> =
        count.ranked().into_iter().filter(|(_, count)| is_most(*count, all)).collect();
    let least = most.iter().map(|(_, count)| *count).min().unwrap_or(0);
    if least > 0 {
        let reason = match least == all {
            true if all == 1 => "on the one image".to_owned(),
            true => format!("each on all {all} images"),
            false => format!("each on at least {least} of {}", plural(all, "image")),
        };
        section.set(true, format!("required = {}", list(most.iter().map(|(label, _)| label))), reason);
    }
    section
}
