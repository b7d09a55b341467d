//! Which addresses may be connected to, after DNS and before the connection.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How far a request may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Addresses of the public internet.
    Public,
    /// Those, and private ones: the user said `--allow-private`.
    Private,
    /// Those, and loopback: the user named the host as an insecure registry.
    Named,
    /// Loopback only: the host is a loopback address or `localhost`.
    Loopback,
}

impl Reach {
    /// Every reach, in the order of [`Reach::index`].
    pub(super) const ALL: [Self; 4] = [Self::Public, Self::Private, Self::Named, Self::Loopback];

    /// Its place in a table.
    pub(super) fn index(self) -> usize {
        match self {
            Self::Public => 0,
            Self::Private => 1,
            Self::Named => 2,
            Self::Loopback => 3,
        }
    }

    /// Whether an address lies within.
    pub(super) fn allows(self, address: IpAddr) -> bool {
        match (self, kind(address)) {
            (_, AddressKind::Never) => false,
            (Self::Loopback, kind) => kind == AddressKind::Loopback,
            (_, AddressKind::Public) => true,
            (_, AddressKind::Private) => self != Self::Public,
            (_, AddressKind::Loopback) => self == Self::Named,
        }
    }
}

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AddressKind {
    Public,
    Private,
    Loopback,
    /// Nobody's registry: link-local (and with it the metadata services of clouds), unspecified, multicast, reserved, and
    /// addresses that hold another one.
    Never,
}

fn kind(address: IpAddr) -> AddressKind {
    match address {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

/// IANA's registry of special-purpose IPv4 addresses (RFC 6890).
fn kind_v4(address: Ipv4Addr) -> AddressKind {
    match address.octets() {
        [127, ..] => AddressKind::Loopback,
        [10, ..] | [192, 168, ..] => AddressKind::Private,
        [172, second, ..] if second & 0xf0 == 16 => AddressKind::Private,
        // Shared between carriers and customers (RFC 6598). Alibaba Cloud has its metadata service there.
        [100, 100, 100, 200] => AddressKind::Never,
        [100, second, ..] if second & 0xc0 == 64 => AddressKind::Private,
        // Benchmarks (RFC 2544) are of private networks.
        [198, 18 | 19, ..] => AddressKind::Private,
        // Azure's host, metadata included.
        [168, 63, 129, 16] => AddressKind::Never,
        [0, ..] | [169, 254, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [224..=255, ..] => AddressKind::Never,
        _ => AddressKind::Public,
    }
}

/// The same for IPv6.
fn kind_v6(address: Ipv6Addr) -> AddressKind {
    let [first, second, ..] = address.segments();
    match first {
        _ if address.is_loopback() => AddressKind::Loopback,
        // The metadata service of AWS.
        _ if address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) => AddressKind::Never,
        // NAT64 (RFC 6052), how networks without IPv4 reach it: as public as the address inside.
        0x64 if second == 0xff9b && address.segments()[2..6] == [0; 4] => match embedded(address) {
            AddressKind::Public => AddressKind::Public,
            _ => AddressKind::Never,
        },
        0xfc00..=0xfdff => AddressKind::Private,
        // Global unicast is 2000::/3, but for Teredo and 6to4, which hold other addresses, and documentation.
        0x2001 if second < 0x200 || second == 0xdb8 => AddressKind::Never,
        0x2002 => AddressKind::Never,
        0x2000..=0x3fff => AddressKind::Public,
        // Unspecified, IPv4-mapped and -compatible, local NAT64, link-local, site-local, multicast.
        _ => AddressKind::Never,
    }
}

/// The kind of the IPv4 address in the last 32 bits.
fn embedded(address: Ipv6Addr) -> AddressKind {
    let [.., a, b, c, d] = address.octets();
    kind_v4(Ipv4Addr::new(a, b, c, d))
}

/// Looks names up as the system does, and keeps the addresses within reach.
#[derive(Debug)]
pub(crate) struct FilteredResolver {
    reach: Reach,
    system: DefaultResolver,
}

impl FilteredResolver {
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach, system: DefaultResolver::default() }
    }
}

impl Resolver for FilteredResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = match literal(uri) {
            Some(address) => {
                let mut one = self.empty();
                one.push(address);
                one
            }
            None => self.system.resolve(uri, config, timeout)?,
        };
        let mut kept = self.empty();
        for address in found.iter().filter(|address| self.reach.allows(address.ip())) {
            kept.push(*address);
        }
        match kept.is_empty() {
            true => Err(ureq::Error::Other(Box::new(OutOfReach::of(&found)))),
            false => Ok(kept),
        }
    }
}

/// The address of a host that is no name: nobody has to be asked, on a thread of its own, what it stands for.
fn literal(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().or_else(|| match uri.scheme_str()? {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    })?;
    Some(SocketAddr::new(host.parse().ok()?, port))
}

/// Every address of a host is out of reach.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutOfReach {
    /// The first of them.
    pub(crate) address: IpAddr,
    /// Whether `--allow-private` would help.
    pub(super) is_private: bool,
}

impl OutOfReach {
    fn of(found: &[SocketAddr]) -> Self {
        let address = found.first().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), SocketAddr::ip);
        Self { address, is_private: kind(address) == AddressKind::Private }
    }
}

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is out of reach", self.address)
    }
}

impl std::error::Error for OutOfReach {}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{Reach, literal};

    #[test]
    fn a_literal_address_needs_no_resolver() {
        for (uri, address) in [
            ("http://127.0.0.1:8212/health", Some("127.0.0.1:8212")),
            ("http://10.0.0.1/", Some("10.0.0.1:80")),
            ("https://[::1]/", Some("[::1]:443")),
            ("http://[fe80::1]:5000/", Some("[fe80::1]:5000")),
            ("http://localhost:5000/", None),
            ("http://127.0.0.1.example/", None),
        ] {
            let expected = address.map(|address| address.parse().unwrap());
            assert_eq!(literal(&uri.parse().unwrap()), expected, "{uri}");
        }
    }

    fn reaches(address: &str) -> Vec<Reach> {
        let address: IpAddr = address.parse().unwrap();
        Reach::ALL.into_iter().filter(|reach| reach.allows(address)).collect()
    }

    #[test]
    fn public_addresses_are_for_all_but_loopback_registries() {
        for address in [
            "140.82.121.33",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "2606:4700::1111",
            "64:ff9b::8c52:7921",
        ] {
            assert_eq!(reaches(address), [Reach::Public, Reach::Private, Reach::Named], "{address}");
        }
    }

    #[test]
    fn private_addresses_need_leave() {
        for address in
            ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fc00::1", "fd12::1"]
        {
            assert_eq!(reaches(address), [Reach::Private, Reach::Named], "{address}");
        }
    }

    #[test]
    fn loopback_is_for_those_who_name_it() {
        for address in ["127.0.0.1", "127.8.8.8", "::1"] {
            assert_eq!(reaches(address), [Reach::Named, Reach::Loopback], "{address}");
        }
    }

    #[test]
    fn metadata_and_disguises_are_for_nobody() {
        for address in [
            "169.254.169.254",
            "169.254.0.1",
            "fd00:ec2::254",
            "100.100.100.200",
            "168.63.129.16",
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
            "fe80::1",
            "fec0::1",
            "::ffff:127.0.0.1",
            "::ffff:140.82.121.33",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b::a00:1",
            "64:ff9b:1::7f00:1",
            "2002:7f00:1::1",
            "2001::1",
            "2001:db8::1",
        ] {
            assert_eq!(reaches(address), [], "{address}");
        }
    }
}
