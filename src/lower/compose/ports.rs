//! Ports of services: the short form to entries (`docker/go-connections` `nat.ParsePortSpec`).

use std::net::IpAddr;

use smol_str::{SmolStr, format_smolstr};

use super::tree;
use crate::syntax::yaml::{Node, Resolved};

/// Ports of one project. An entry takes 2.5 kB until all is done with its service; a range that is longer than what is
/// left stays one entry.
pub(super) const MAX_PORTS: usize = 4_096;

/// What a short form says.
#[derive(Debug, PartialEq, Eq)]
struct Spec<'s> {
    ip: &'s str,
    host: Option<(u16, u16)>,
    container: (u16, u16),
    protocol: String,
}

/// Writes out every item of a list of ports. `left` is how many there may still be.
///
/// # Errors
/// The item that is no port, and why.
pub(super) fn canonical(items: Vec<Node>, left: &mut usize) -> Result<Vec<Node>, (Node, String)> {
    let mut ports = Vec::with_capacity(items.len());
    for item in items {
        if ports.len() >= *left {
            return Err((item, format!("a project has more than {MAX_PORTS} ports")));
        }
        match tree::resolved(&item) {
            Some(Resolved::Int(port)) => {
                let target = tree::plain(format_smolstr!("{port}"), &item.place);
                ports.push(tree::mapping_of([("target", target)], &item.place));
            }
            Some(Resolved::Text(text)) => match spec(&text) {
                Ok(spec) => expand(&spec, &item, &mut ports, *left),
                Err(why) => return Err((item, why)),
            },
            None if item.is_mapping() => {
                let mut item = item;
                if let Some(published) = tree::get_mut(&mut item, "published")
                    && !matches!(tree::resolved(published), Some(Resolved::Text(_) | Resolved::Null) | None)
                {
                    *published = tree::text(tree::printed(published), &published.place);
                }
                ports.push(item);
            }
            _ => return Err((item, "a port is a number, a text or a mapping".to_owned())),
        }
    }
    *left -= ports.len();
    for port in &mut ports {
        default(port, "protocol", "tcp");
        default(port, "mode", "ingress");
    }
    Ok(ports)
}

fn default(port: &mut Node, key: &'static str, value: &'static str) {
    if port.get(key).is_none() {
        let value = tree::text(value, &port.place);
        tree::set(port, key, value);
    }
}

fn spec(text: &str) -> Result<Spec<'_>, String> {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let mut parts = ports.rsplitn(3, ':');
    let container = parts.next().unwrap_or_default();
    let host = parts.next().unwrap_or_default();
    let ip = parts.next().unwrap_or_default();
    let ip = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(ip);
    if !ip.is_empty() && ip.parse::<IpAddr>().is_err() {
        return Err(format!("`{ip}` is no address of a host"));
    }
    if container.is_empty() {
        return Err("no port of the container is named".to_owned());
    }
    let container = range(container).ok_or_else(|| format!("`{container}` is no port"))?;
    let host = match host {
        "" => None,
        host => Some(range(host).ok_or_else(|| format!("`{host}` is no port"))?),
    };
    let length = |(first, last): (u16, u16)| last - first;
    if let Some(host) = host
        && length(host) != length(container)
        && length(container) != 0
    {
        return Err("the ranges of the host and of the container differ in length".to_owned());
    }
    let protocol = if protocol.is_empty() { "tcp" } else { protocol }.to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("`{protocol}` is no protocol of ports"));
    }
    Ok(Spec { ip, host, container, protocol })
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last))
}

/// The entries of one item, in the order of the ports' texts, as Compose lists them.
fn expand(spec: &Spec<'_>, item: &Node, ports: &mut Vec<Node>, limit: usize) {
    let (first, last) = spec.container;
    let count = usize::from(last - first) + 1;
    if ports.len() + count > limit {
        let target = tree::text(format_smolstr!("{first}-{last}"), &item.place);
        let published = spec.host.map(|(first, last)| format_smolstr!("{first}-{last}"));
        ports.push(entry(spec, target, published, item));
        return;
    }
    let start = ports.len();
    let mut numbers: Vec<(SmolStr, u16)> = (first..=last).map(|at| (format_smolstr!("{at}"), at)).collect();
    numbers.sort_unstable();
    for (text, number) in numbers {
        let published = spec.host.map(|(host, host_last)| match first == last && host != host_last {
            true => format_smolstr!("{host}-{host_last}"),
            false => format_smolstr!("{}", host + (number - first)),
        });
        ports.push(entry(spec, tree::plain(text, &item.place), published, item));
    }
    if let Some(first) = ports.get_mut(start) {
        tree::keep_variables(item, first);
    }
}

fn entry(spec: &Spec<'_>, target: Node, published: Option<SmolStr>, item: &Node) -> Node {
    let place = &item.place;
    let text = |text: &str| tree::text(text, place);
    let mut port = tree::mapping_of(
        [("mode", text("ingress")), ("target", target), ("protocol", text(&spec.protocol))],
        place,
    );
    if let Some(published) = published {
        tree::set(&mut port, "published", text(&published));
    }
    if !spec.ip.is_empty() {
        tree::set(&mut port, "host_ip", text(spec.ip));
    }
    if let Some(alias) = item.properties.as_ref().and_then(|properties| properties.alias.clone()) {
        port.properties_mut().alias = Some(alias);
    }
    port
}

#[cfg(test)]
mod tests {
    use super::{Spec, spec};

    #[test]
    fn short_forms() {
        let found = |ip, host, container, protocol: &str| {
            Ok(Spec { ip, host, container, protocol: protocol.to_owned() })
        };
        for (text, want) in [
            ("80", found("", None, (80, 80), "tcp")),
            ("8080:80", found("", Some((8080, 8080)), (80, 80), "tcp")),
            ("127.0.0.1:80-81:90-91/udp", found("127.0.0.1", Some((80, 81)), (90, 91), "udp")),
            ("[::1]:80:90/SCTP", found("::1", Some((80, 80)), (90, 90), "sctp")),
            ("::1:80:90", found("::1", Some((80, 80)), (90, 90), "tcp")),
            ("127.0.0.1::80", found("127.0.0.1", None, (80, 80), "tcp")),
            ("8000-9000:80", found("", Some((8000, 9000)), (80, 80), "tcp")),
        ] {
            assert_eq!(spec(text), want, "{text}");
        }
        for text in ["", "a:80", "80:", "80-79", "1-2:3-5", "70000", "80/icmp", "x.y:1:2", "+80"] {
            assert!(spec(text).is_err(), "{text}");
        }
    }
}
