//! Short forms to long ones: one document of a project becomes what Compose works on.
//!
//! A document after interpolation goes in and is changed in place; what has the wrong shape stays as it is, for the
//! schema to speak about (compose-go: `transform`, and the decoders of `types`).

use std::collections::HashMap;

use smol_str::SmolStr;

use super::merge::POSITIONS;
use super::problems::Problems;
use super::short::{self, Alone};
use super::tree::{self, at_mut, entries_mut, get_mut, items_mut, values_mut};
use super::{mounts, ports, settings, words};
use crate::syntax::yaml::{Entry, Node, Resolved, Value};

/// Lists of a service that may be written as one text.
const LISTS: [&str; 5] = ["dns", "dns_search", "dns_opt", "tmpfs", "label_file"];
/// Lists of a service whose items are texts, though numbers may stand there.
const TEXT_ITEMS: [&str; 2] = ["expose", "group_add"];

/// Writes out the short forms of a document. `ports` is how many ports there may still be.
pub(super) fn canonical(root: &mut Node, problems: &mut Problems, ports: &mut usize) {
    if let Some(services) = get_mut(root, "services") {
        for service in values_mut(services).filter(|service| service.is_mapping()) {
            self::service(service, problems, ports);
        }
    }
    for kind in ["volumes", "networks", "secrets", "configs"] {
        for resource in get_mut(root, kind).into_iter().flat_map(values_mut) {
            self::resource(resource);
        }
    }
    if let Some(include) = get_mut(root, "include").and_then(items_mut) {
        for item in include {
            if tree::as_text(item).is_some() {
                short::wrap(item, "path");
            }
            for key in ["path", "env_file"] {
                get_mut(item, key).into_iter().for_each(short::list);
            }
        }
    }
}

/// Writes out the short forms of one service.
fn service(service: &mut Node, problems: &mut Problems, ports: &mut usize) {
    if let Some(build) = get_mut(service, "build") {
        self::build(build, problems);
    }
    for key in ["command", "entrypoint"] {
        get_mut(service, key).into_iter().for_each(|command| self::command(command, problems));
    }
    for hook in ["post_start", "pre_stop", "pre_start"] {
        for item in get_mut(service, hook).and_then(items_mut).into_iter().flatten() {
            get_mut(item, "command").into_iter().for_each(|command| self::command(command, problems));
            get_mut(item, "environment").into_iter().for_each(|node| short::pairs(node, Alone::Null));
        }
    }
    for (key, alone) in [
        ("environment", Alone::Null),
        ("labels", Alone::Empty),
        ("annotations", Alone::Empty),
        ("sysctls", Alone::Empty),
    ] {
        get_mut(service, key).into_iter().for_each(|node| short::pairs(node, alone));
    }
    get_mut(service, "depends_on").into_iter().for_each(short::depends_on);
    for key in ["networks", "models"] {
        get_mut(service, key).into_iter().for_each(short::keys);
    }
    for key in LISTS {
        get_mut(service, key).into_iter().for_each(short::list);
    }
    for key in TEXT_ITEMS {
        get_mut(service, key).into_iter().for_each(short::texts);
    }
    get_mut(service, "env_file").into_iter().for_each(env_files);
    if let Some(extends) = get_mut(service, "extends").filter(|extends| tree::as_text(extends).is_some()) {
        short::wrap(extends, "service");
    }
    if let Some(test) = at_mut(service, &["healthcheck", "test"]) {
        health_test(test);
    }
    if let Some(hosts) = get_mut(service, "extra_hosts") {
        extra_hosts(hosts, problems);
    }
    port_list(service, problems, ports);
    mount_lists(service, problems);
    amounts(service);
}

fn port_list(service: &mut Node, problems: &mut Problems, left: &mut usize) {
    let ports = get_mut(service, "ports").filter(|ports| ports.tag() != Some(POSITIONS));
    let Some(list) = ports.and_then(items_mut) else { return };
    match ports::canonical(std::mem::take(list), left) {
        Ok(ports) => *list = ports,
        Err((item, why)) => {
            problems.unreadable(&item, format!("this is no port: {why}"));
        }
    }
}

fn mount_lists(service: &mut Node, problems: &mut Problems) {
    let mut each = |key: &str, write_out: &dyn Fn(&mut Node) -> Result<(), String>| {
        let list = get_mut(service, key).filter(|list| list.tag() != Some(POSITIONS));
        let Some(items) = list.and_then(items_mut) else { return };
        items.retain_mut(|item| match write_out(item) {
            Ok(()) => true,
            Err(why) => {
                problems.unreadable(item, why);
                false
            }
        });
    };
    each("volumes", &|item| {
        let found = mounts::volume(item);
        // Without the value of a variable the text has no parts, but as it is written it may.
        if let Some(labels) = at_mut(item, &["volume", "labels"]) {
            short::pairs(labels, Alone::Empty);
        }
        match found.is_err() && settings::unknown(item).is_some() {
            true => {
                let mut written = tree::text(settings::written(item), &item.place);
                tree::keep_variables(item, &mut written);
                *item = written;
                mounts::volume(item)
            }
            false => found,
        }
    });
    each("devices", &mounts::device);
    each("secrets", &|item| {
        mounts::file(item, true);
        Ok(())
    });
    each("configs", &|item| {
        mounts::file(item, false);
        Ok(())
    });
}

/// What counts devices and limits.
fn amounts(service: &mut Node) {
    if let Some(gpus) = get_mut(service, "gpus") {
        if tree::as_text(gpus) == Some("all") {
            let count = tree::plain("-1", &gpus.place);
            let item = tree::mapping_of([("count", count)], &gpus.place);
            *gpus = tree::sequence(vec![item], &gpus.place);
        }
        gpu_counts(gpus);
    }
    let deploy = get_mut(service, "deploy");
    if let Some(deploy) = deploy {
        get_mut(deploy, "labels").into_iter().for_each(|labels| short::pairs(labels, Alone::Empty));
        if let Some(devices) = at_mut(deploy, &["resources", "reservations", "devices"]) {
            gpu_counts(devices);
        }
    }
    get_mut(service, "ulimits").into_iter().for_each(ulimits);
    for (section, key) in [("logging", "options"), ("provider", "options")] {
        if let Some(options) = at_mut(service, &[section, key]) {
            values_mut(options).for_each(|value| match section {
                "provider" => {
                    short::list(value);
                    short::texts(value);
                }
                _ => short::printed(value),
            });
        }
    }
    get_mut(service, "storage_opt").into_iter().flat_map(values_mut).for_each(short::printed);
    for network in get_mut(service, "networks").into_iter().flat_map(values_mut) {
        get_mut(network, "driver_opts").into_iter().flat_map(values_mut).for_each(short::printed);
    }
}

fn gpu_counts(devices: &mut Node) {
    for device in items_mut(devices).into_iter().flatten().filter(|device| device.is_mapping()) {
        let all = match device.get("count") {
            Some(count) => tree::as_text(count) == Some("all"),
            None => device.get("device_ids").is_none(),
        };
        get_mut(device, "options").into_iter().flat_map(values_mut).for_each(short::printed);
        if all {
            let place = device.get("count").map_or(&device.place, |count| &count.place);
            let count = tree::plain("-1", place);
            tree::set(device, "count", count);
        }
    }
}

fn build(build: &mut Node, problems: &mut Problems) {
    if tree::as_text(build).is_some() {
        short::wrap(build, "context");
    }
    if !build.is_mapping() {
        return;
    }
    for (key, alone) in [
        ("args", Alone::Null),
        ("labels", Alone::Empty),
        ("additional_contexts", Alone::Empty),
        ("ssh", Alone::Null),
    ] {
        get_mut(build, key).into_iter().for_each(|node| short::pairs(node, alone));
    }
    if let Some(hosts) = get_mut(build, "extra_hosts") {
        extra_hosts(hosts, problems);
    }
    for item in get_mut(build, "secrets").and_then(items_mut).into_iter().flatten() {
        mounts::file(item, true);
    }
    get_mut(build, "ulimits").into_iter().for_each(ulimits);
    for key in ["provenance", "sbom"] {
        get_mut(build, key).into_iter().for_each(short::printed);
    }
}

/// Says what nobody said: only when all documents are merged, so that no default replaces what an earlier one says.
pub(super) fn defaults(root: &mut Node) {
    for service in get_mut(root, "services").into_iter().flat_map(values_mut) {
        if let Some(build) = get_mut(service, "build").filter(|build| build.is_mapping())
            && build.get("context").is_none()
        {
            let context = tree::text(".", &build.place);
            tree::set(build, "context", context);
        }
        for other in get_mut(service, "depends_on").into_iter().flat_map(values_mut) {
            let place = other.place.clone();
            for (key, value) in [
                ("condition", tree::text("service_started", &place)),
                ("required", tree::plain("true", &place)),
            ] {
                if other.is_mapping() && other.get(key).is_none() {
                    tree::set(other, key, value);
                }
            }
        }
    }
}

/// A command as its words; a null stays, because it says nothing.
fn command(command: &mut Node, problems: &mut Problems) {
    if command.is_sequence() {
        short::texts(command);
        return;
    }
    let Some(Resolved::Text(text)) = tree::resolved(command) else { return };
    match words::split(&text) {
        Some(words) => {
            let items = words.into_iter().map(|word| tree::text(word, &command.place)).collect();
            let mut split = tree::sequence(items, &command.place);
            tree::keep_variables(command, &mut split);
            split.properties_mut().tag = Some(COMMAND_TEXT);
            *command = split;
        }
        None => problems.unreadable(
            command,
            "Compose cannot split this command into words: a quote, a backslash or a parenthesis is left open",
        ),
    }
}

/// The tag of a command that was written as one text.
pub(super) const COMMAND_TEXT: SmolStr = SmolStr::new_static("!text");

fn health_test(test: &mut Node) {
    if let Some(Resolved::Text(_)) = tree::resolved(test) {
        let place = test.place.clone();
        let mut text = tree::take(test);
        text.place = place.clone();
        let variables = text.variables().to_vec();
        *test = tree::sequence(vec![tree::text("CMD-SHELL", &place), text], &place);
        if !variables.is_empty() {
            test.properties_mut().variables = variables;
        }
    } else if test.is_sequence() {
        short::texts(test);
    }
}

fn env_files(files: &mut Node) {
    short::list(files);
    for file in items_mut(files).into_iter().flatten() {
        if tree::as_text(file).is_some() {
            short::wrap(file, "path");
        }
        if file.is_mapping() && file.get("required").is_none() {
            let required = tree::plain("true", &file.place);
            tree::set(file, "required", required);
        }
    }
}

/// Hosts to lists of addresses.
fn extra_hosts(hosts: &mut Node, problems: &mut Problems) {
    let place = hosts.place.clone();
    let mut found: Vec<Entry> = Vec::new();
    let mut index: HashMap<SmolStr, usize> = HashMap::new();
    let mut add = |host: &str, address: Node| {
        let address = match address.scalar() {
            Some(scalar) => {
                let text = scalar.text.as_str();
                let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
                tree::text(bare, &address.place)
            }
            None => address,
        };
        let at = *index.entry(host.into()).or_insert_with(|| {
            let value = tree::sequence(Vec::new(), &place);
            found.push(Entry { key: tree::text(host, &place), value });
            found.len() - 1
        });
        if let Some(addresses) = items_mut(&mut found[at].value) {
            addresses.push(address);
        }
    };
    match &mut hosts.value {
        Value::Sequence(items) => {
            for item in items {
                let Some(text) = tree::as_text(item) else { return };
                match text.split_once('=').or_else(|| text.split_once(':')) {
                    Some((host, addresses)) => {
                        for address in addresses.split(',') {
                            add(host, tree::text(address, &item.place));
                        }
                    }
                    None => problems
                        .unreadable(item, format!("`{text}` names no address; `host=address` is wanted")),
                }
            }
        }
        Value::Mapping(entries) => {
            for entry in std::mem::take(entries) {
                let host = entry.key.text().unwrap_or_default().to_owned();
                match entry.value.value {
                    Value::Sequence(addresses) => {
                        addresses.into_iter().for_each(|address| add(&host, address));
                    }
                    _ => add(&host, entry.value),
                }
            }
        }
        Value::Scalar(_) => return,
    }
    *hosts = Node::new(Value::Mapping(found), place);
}

/// A single number is both limits.
fn ulimits(ulimits: &mut Node) {
    for limit in values_mut(ulimits) {
        if let Some(Resolved::Int(_)) = tree::resolved(limit) {
            short::wrap(limit, "single");
        }
    }
}

/// A volume, network, secret or config of the project.
fn resource(resource: &mut Node) {
    if resource.is_null() {
        *resource = tree::mapping(&resource.place);
    }
    if let Some(external) = get_mut(resource, "external").filter(|external| external.is_mapping()) {
        let mut external = tree::take(external);
        let name = tree::remove(&mut external, "name");
        let truth = tree::plain("true", &external.place);
        tree::set(resource, "external", truth);
        if let Some(name) = name {
            tree::set(resource, "name", name);
        }
    }
    get_mut(resource, "labels").into_iter().for_each(|labels| short::pairs(labels, Alone::Empty));
    get_mut(resource, "driver_opts").into_iter().flat_map(values_mut).for_each(short::printed);
    if let Some(options) = at_mut(resource, &["ipam", "options"]) {
        values_mut(options).for_each(short::printed);
    }
    if let Some(entries) = entries_mut(resource) {
        entries
            .retain(|entry| !entry.key.text().is_some_and(|key| key == "external" && entry.value.is_null()));
    }
}
