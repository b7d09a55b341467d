//! Lists whose items have a key: of two items with one key the later stands in the place of the earlier
//! (compose-go: `override.EnforceUnicity`).

use std::collections::HashMap;

use smol_str::{SmolStr, format_smolstr};

use super::tree::{self, at_mut, get_mut, items_mut, values_mut};
use crate::syntax::yaml::Node;

/// Lists of texts: the key is the text up to its `=`.
const TEXTS: [&[&str]; 11] = [
    &["build", "platforms"],
    &["build", "tags"],
    &["cap_add"],
    &["cap_drop"],
    &["dns"],
    &["dns_opt"],
    &["dns_search"],
    &["expose"],
    &["links"],
    &["profiles"],
    &["tmpfs"],
];

/// The key of an item; `None` for one that stands for itself.
type KeyOf = fn(&Node) -> Option<SmolStr>;

/// Removes what is said again.
pub(super) fn enforce(root: &mut Node) {
    for service in get_mut(root, "services").into_iter().flat_map(values_mut) {
        for path in TEXTS {
            at_mut(service, path).into_iter().for_each(|list| unique(list, text_key));
        }
        for network in get_mut(service, "networks").into_iter().flat_map(values_mut) {
            for key in ["aliases", "link_local_ips"] {
                get_mut(network, key).into_iter().for_each(|list| unique(list, text_key));
            }
        }
        let keyed: [(&str, KeyOf); 6] = [
            ("env_file", |file| member(file, "path")),
            ("volumes", |volume| member(volume, "target")),
            ("devices", |device| member(device, "target")),
            ("secrets", |secret| member(secret, "target")),
            ("configs", config_key),
            ("ports", port_key),
        ];
        for (key, of) in keyed {
            get_mut(service, key).into_iter().for_each(|list| unique(list, of));
        }
    }
}

fn unique(list: &mut Node, key_of: KeyOf) {
    let Some(items) = items_mut(list).filter(|items| items.len() > 1) else { return };
    let mut index: HashMap<SmolStr, usize> = HashMap::with_capacity(items.len());
    let mut kept: Vec<Node> = Vec::with_capacity(items.len());
    for mut item in std::mem::take(items) {
        let Some(key) = key_of(&item) else {
            kept.push(item);
            continue;
        };
        match index.get(&key) {
            Some(at) => {
                tree::replaces(&mut item, &kept[*at]);
                kept[*at] = item;
            }
            None => {
                index.insert(key, kept.len());
                kept.push(item);
            }
        }
    }
    *items = kept;
}

fn text_key(item: &Node) -> Option<SmolStr> {
    let text = item.text()?;
    Some(text.split_once('=').map_or(text, |(key, _)| key).into())
}

fn member(item: &Node, key: &str) -> Option<SmolStr> {
    Some(item.get(key)?.text()?.into())
}

fn config_key(item: &Node) -> Option<SmolStr> {
    member(item, "target").or_else(|| Some(format_smolstr!("/{}", member(item, "source")?)))
}

fn port_key(item: &Node) -> Option<SmolStr> {
    let target = member(item, "target")?;
    let published = member(item, "published").unwrap_or_default();
    let ip = member(item, "host_ip").unwrap_or(SmolStr::new_static("0.0.0.0"));
    let protocol = member(item, "protocol").unwrap_or(SmolStr::new_static("tcp"));
    Some(format_smolstr!("{ip}:{published}:{target}/{protocol}"))
}
