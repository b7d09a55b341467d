//! What Compose refuses in a project beyond its schema: values that exclude one another, names of nothing
//! (compose-go: `validation`, `loader/validate.go`).

use std::collections::HashMap;
use std::net::IpAddr;

use smol_str::SmolStr;

use super::problems::Problems;
use super::tree;
use crate::model::ProjectProblemKind::{Reference, Value};
use crate::syntax::yaml::Node;

/// Checks what one resource says by itself.
pub(super) fn values(root: &Node, problems: &mut Problems) {
    for entry in root.get("volumes").map(Node::entries).unwrap_or_default() {
        external(&entry.value, problems);
    }
    for (kind, keys) in
        [("configs", &["file", "environment", "content"][..]), ("secrets", &["file", "environment"])]
    {
        for entry in root.get(kind).map(Node::entries).unwrap_or_default() {
            sources(entry.key.text().unwrap_or_default(), &entry.key, &entry.value, keys, problems);
        }
    }
    for (node, wanted) in super::json::unreadable(root) {
        let said = node.text().unwrap_or_default();
        // The schema has spoken of what has the wrong type.
        if node.scalar().is_some_and(|scalar| !scalar.is_plain()) || tree::as_text(node).is_some() {
            problems.unreadable(node, format!("{wanted} must stand here, not `{said}`"));
        }
    }
    for entry in root.get("services").map(Node::entries).unwrap_or_default() {
        let service = &entry.value;
        for port in service.get("ports").map(Node::items).unwrap_or_default() {
            if let Some(ip) = port.get("host_ip")
                && ip.text().is_some_and(|text| text.parse::<IpAddr>().is_err())
            {
                let message = format!("`{}` is no address of a host", ip.text().unwrap_or_default());
                problems.add(Value, &ip.place, message, None);
            }
            if port.is_mapping() && port.get("target").is_none() {
                problems.add(Value, &port.place, "a port needs a `target`", None);
            }
        }
        for (key, needed) in [("volumes", "target"), ("env_file", "path")] {
            for item in service.get(key).map(Node::items).unwrap_or_default() {
                if item.is_mapping() && item.get(needed).is_none() {
                    problems.add(Value, &item.place, format!("an item of `{key}` needs a `{needed}`"), None);
                }
            }
        }
        for volume in service.get("volumes").map(Node::items).unwrap_or_default() {
            if volume.get("type").and_then(Node::text) == Some("bind") && volume.get("source").is_none() {
                problems.add(Value, &volume.place, "a bind mount needs a `source`", None);
            }
        }
        let reserved = service.at(&["deploy", "resources", "reservations", "devices"]);
        for devices in [reserved, service.get("gpus")].into_iter().flatten() {
            for device in devices.items() {
                if let (Some(count), Some(_)) = (device.get("count"), device.get("device_ids")) {
                    problems.add(Value, &count.place, "`count` and `device_ids` exclude each other", None);
                }
            }
        }
        for watch in service.at(&["develop", "watch"]).map(Node::items).unwrap_or_default() {
            if let Some(path) = watch.get("path").filter(|path| tree::as_text(path) == Some("")) {
                problems.add(Value, &path.place, "`path` is empty", None);
            }
        }
    }
}

fn external(volume: &Node, problems: &mut Problems) {
    if !volume.get("external").is_some_and(tree::is_true) {
        return;
    }
    for entry in volume.entries() {
        let key = entry.key.text().unwrap_or_default();
        if !matches!(key, "name" | "external") && !key.starts_with("x-") {
            let message = format!("an external volume has no `{key}`");
            problems.add(Value, &entry.key.place, message, None);
        }
    }
}

fn sources(name: &str, key: &Node, resource: &Node, keys: &[&str], problems: &mut Problems) {
    let said: Vec<&Node> = keys.iter().filter_map(|key| resource.get(key)).collect();
    let list = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    match said.as_slice() {
        [] if resource.is_mapping() => {
            let elsewhere = ["driver", "external"].iter().any(|key| resource.get(key).is_some());
            if !elsewhere {
                problems.add(Value, &key.place, format!("`{name}` needs one of {list}"), None);
            }
        }
        [_, second, ..] => {
            problems.add(Value, &second.place, format!("{list} exclude one another"), None);
        }
        _ => {}
    }
}

/// Checks what services name of the rest of the project.
pub(super) fn references(root: &Node, problems: &mut Problems) {
    let names = |kind: &str| -> HashMap<&str, ()> {
        let entries = root.get(kind).map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(|entry| Some((entry.key.text()?, ()))).collect()
    };
    let known = Known {
        services: names("services"),
        networks: names("networks"),
        volumes: names("volumes"),
        secrets: names("secrets"),
        configs: names("configs"),
        models: names("models"),
    };
    let mut containers: HashMap<SmolStr, &Node> = HashMap::new();
    for entry in root.get("services").map(Node::entries).unwrap_or_default() {
        let service = &entry.value;
        let name = entry.key.text().unwrap_or_default();
        if !service.is_mapping() {
            continue;
        }
        // What an `extends` that leads nowhere would have brought is not known.
        if ["image", "build", "provider", "extends"].iter().all(|key| service.get(key).is_none()) {
            let message = format!("the service `{name}` has neither `image` nor `build`");
            problems.add(Reference, &entry.key.place, message, None);
        }
        known.service(name, service, problems);
        if let Some(container) = service.get("container_name")
            && let Some(text) = container.text().filter(|text| !text.is_empty())
            && let Some(other) = containers.insert(text.into(), container)
        {
            let message = format!("two services have the container name `{text}`");
            problems.relate(Reference, &container.place, message, (other.place.clone(), "named here first"));
        }
    }
    super::cycles::check(root, problems);
}

struct Known<'r> {
    services: HashMap<&'r str, ()>,
    networks: HashMap<&'r str, ()>,
    volumes: HashMap<&'r str, ()>,
    secrets: HashMap<&'r str, ()>,
    configs: HashMap<&'r str, ()>,
    models: HashMap<&'r str, ()>,
}

impl Known<'_> {
    fn service(&self, name: &str, service: &Node, problems: &mut Problems) {
        if let (Some(mode), Some(networks)) = (service.get("network_mode"), service.get("networks"))
            && !networks.entries().is_empty()
        {
            let message = "`network_mode` and `networks` exclude each other";
            problems.relate(Reference, &mode.place, message, (networks.place.clone(), "said here too"));
        }
        if let (Some(inline), Some(file)) =
            (service.at(&["build", "dockerfile_inline"]), service.at(&["build", "dockerfile"]))
        {
            let message = "`dockerfile` and `dockerfile_inline` exclude each other";
            problems.relate(Reference, &inline.place, message, (file.place.clone(), "said here too"));
        }
        self.health(service, problems);
        let mut named = |kind: &str, node: &Node, wanted: &str, known: &HashMap<&str, ()>| {
            if !known.contains_key(wanted) && node.variables().iter().all(|variable| variable.is_set) {
                let message = format!("`{name}` names the {kind} `{wanted}`, which nobody defines");
                problems.add(Reference, &node.place, message, None);
            }
        };
        for entry in service.get("networks").map(Node::entries).unwrap_or_default() {
            if let Some(network) = entry.key.text().filter(|network| *network != "default") {
                named("network", &entry.key, network, &self.networks);
            }
        }
        for entry in service.get("models").map(Node::entries).unwrap_or_default() {
            named("model", &entry.key, entry.key.text().unwrap_or_default(), &self.models);
        }
        for entry in service.get("depends_on").map(Node::entries).unwrap_or_default() {
            let required = entry.value.get("required").is_none_or(tree::is_true);
            if required {
                named("service", &entry.key, entry.key.text().unwrap_or_default(), &self.services);
            }
        }
        for volume in service.get("volumes").map(Node::items).unwrap_or_default() {
            // The parts of a short form whose variables have no value are not known.
            if volume.get("type").and_then(Node::text) == Some("volume")
                && volume.variables().iter().all(|variable| variable.is_set)
                && let Some(source) = volume.get("source")
                && let Some(text) = source.text().filter(|text| !text.is_empty())
            {
                named("volume", source, text, &self.volumes);
            }
        }
        for (path, kind, known) in [
            (&["secrets"][..], "secret", &self.secrets),
            (&["build", "secrets"], "secret", &self.secrets),
            (&["configs"], "config", &self.configs),
        ] {
            for item in service.at(path).map(Node::items).unwrap_or_default() {
                if let Some(source) = item.get("source") {
                    named(kind, source, source.text().unwrap_or_default(), known);
                }
            }
        }
        for key in ["network_mode", "ipc", "pid"] {
            if let Some(mode) = service.get(key)
                && let Some(other) = mode.text().and_then(|mode| mode.strip_prefix("service:"))
            {
                named("service", mode, other, &self.services);
            }
        }
    }

    fn health(&self, service: &Node, problems: &mut Problems) {
        let Some(first) = service.at(&["healthcheck", "test"]).and_then(|test| test.items().first()) else {
            return;
        };
        let disabled = service.at(&["healthcheck", "disable"]).is_some_and(tree::is_true);
        if !disabled && !matches!(first.text(), Some("NONE" | "CMD" | "CMD-SHELL")) {
            problems.add(
                Value,
                &first.place,
                "a `test` that is a list starts with `CMD`, `CMD-SHELL` or `NONE`",
                Some("put `CMD` in front, or write the command as one text".to_owned()),
            );
        }
    }
}
