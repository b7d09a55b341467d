//! Names of hosts, as plans and command lines write them, for URLs.

use std::net::{IpAddr, Ipv6Addr};

use crate::plan::Machine;
use crate::run::RunError;

/// Where services without a machine are asked.
pub(super) const LOCAL: &str = "127.0.0.1";

/// A host as it stands in a URL: a name, an IPv4 address, an IPv6 address in brackets. `Err`: what is wrong with it.
pub(super) fn host(text: &str) -> Result<String, &'static str> {
    if text.contains("://") {
        return Err("has a scheme; write the host alone, for example `10.0.0.5` or `gpu.example`");
    }
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Ok(address) = bare.unwrap_or(text).parse::<Ipv6Addr>() {
        return Ok(format!("[{address}]"));
    }
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    match text {
        "" => Err("is empty"),
        _ if text.rsplit_once(':').is_some_and(|(host, port)| {
            !host.contains(':') && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
        }) =>
        {
            Err("has a port; write the host alone: ports come from the rows of the plan")
        }
        _ if text.chars().all(usual) && !text.starts_with(['-', '.']) => Ok(text.to_ascii_lowercase()),
        _ => Err("is neither the name of a host nor an address"),
    }
}

/// An address as it stands in a URL.
pub(super) fn of_address(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or(format!("[{address}]"), |v4| v4.to_string()),
    }
}

/// Where a published port is reached: on the address that it is bound to, or, when that is every address, on `else_at`.
pub(super) fn of_published(host_ip: &str, else_at: &str) -> String {
    match host_ip.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) if !address.is_unspecified() => of_address(address),
        _ => else_at.to_owned(),
    }
}

/// Whether a host is this machine.
pub(super) fn is_local(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// `--host`, ready for URLs.
pub(super) fn of_call(text: Option<&str>) -> Result<Option<String>, RunError> {
    let Some(text) = text else { return Ok(None) };
    host(text).map(Some).map_err(|why| RunError {
        help: Some("Write a name or an address, for example `--host 10.0.0.5`.".to_owned()),
        ..RunError::new(format!("`--host {text}` {why}"))
    })
}

/// The hosts of machines, in their order; `None`: the plan does not say one. Machines that `is_meant` leaves out are not
/// looked at.
pub(super) fn of_machines(
    machines: &[Machine],
    is_meant: impl Fn(usize) -> bool,
) -> Result<Vec<Option<String>>, RunError> {
    let mut faults = Vec::new();
    let mut hosts = Vec::with_capacity(machines.len());
    for (at, machine) in machines.iter().enumerate() {
        let said = machine.host.as_ref().filter(|_| is_meant(at));
        hosts.push(said.and_then(|said| match host(&said.value) {
            Ok(host) => Some(host),
            Err(why) => {
                faults.push((Some(said.place.clone()), format!("the host `{}` {why}", said.value)));
                None
            }
        }));
    }
    match faults.is_empty() {
        true => Ok(hosts),
        false => Err(RunError {
            faults,
            help: Some("`--host` overrides the hosts of the plan.".to_owned()),
            ..RunError::new("machines of the plan have hosts that cannot be asked")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_stand_in_urls() {
        for (text, expected) in [
            ("127.0.0.1", Some("127.0.0.1")),
            ("GPU-1.Example", Some("gpu-1.example")),
            ("::1", Some("[::1]")),
            ("[2001:db8::0:1]", Some("[2001:db8::1]")),
            ("my_host", Some("my_host")),
            ("", None),
            ("http://x", None),
            ("x:80", None),
            ("[::1]:80", None),
            ("x/y", None),
            ("user@x", None),
            ("a b", None),
            ("-x", None),
            ("fe80::1%eth0", None),
            ("\u{1b}[31m", None),
        ] {
            assert_eq!(host(text).ok().as_deref(), expected, "{text}");
        }
        assert!(host("x:80").is_err_and(|why| why.contains("has a port")));
        assert!(host("https://x:80/").is_err_and(|why| why.contains("has a scheme")));
    }

    #[test]
    fn published_ports_are_asked_where_they_are_bound() {
        for (bound, expected) in [
            ("0.0.0.0", "there"),
            ("::", "there"),
            ("", "there"),
            ("10.1.2.3", "10.1.2.3"),
            ("::1", "[::1]"),
            ("[::1]", "[::1]"),
            ("not an address", "there"),
        ] {
            assert_eq!(of_published(bound, "there"), expected, "{bound}");
        }
        assert_eq!(of_address("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1");
        assert!(is_local("127.0.0.2") && is_local("[::1]") && is_local("localhost") && !is_local("10.0.0.1"));
    }
}
