//! Subnets as numbers.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A subnet. Of IPv4 the addresses are mapped into IPv6 (`::ffff:0:0/96`), so that all compare as one kind of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subnet {
    first: u128,
    last: u128,
    prefix: u8,
    is_v4: bool,
}

/// Why a text is no subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is no address with a prefix length.
    Form,
    /// Bits behind the prefix are set; this is the subnet that was meant.
    HostBits(Subnet),
}

const V4: u128 = 0xFFFF_0000_0000;

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => V4 | u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

impl Subnet {
    /// A subnet as Compose files write it: `172.20.0.0/16`.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let (address, prefix) = text.split_once('/').ok_or(Fault::Form)?;
        let address: IpAddr = address.parse().map_err(|_| Fault::Form)?;
        let is_v4 = address.is_ipv4();
        let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix: u8 = prefix.parse().ok().filter(|_| digits).ok_or(Fault::Form)?;
        if prefix > if is_v4 { 32 } else { 128 } {
            return Err(Fault::Form);
        }
        let free = if is_v4 { 32 - prefix } else { 128 - prefix };
        let mask = 1_u128.checked_shl(u32::from(free)).map_or(u128::MAX, |bit| bit - 1);
        let value = number(address);
        let subnet = Self { first: value & !mask, last: value | mask, prefix, is_v4 };
        if subnet.first == value { Ok(subnet) } else { Err(Fault::HostBits(subnet)) }
    }

    pub(super) fn first(&self) -> u128 {
        self.first
    }

    pub(super) fn last(&self) -> u128 {
        self.last
    }

    pub(super) fn is_v4(&self) -> bool {
        self.is_v4
    }

    /// Whether an address lies in it.
    pub(super) fn holds(&self, address: IpAddr) -> bool {
        self.is_v4 == address.is_ipv4() && (self.first..=self.last).contains(&number(address))
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_v4 {
            true => write!(f, "{}/{}", Ipv4Addr::from(self.first as u32), self.prefix),
            false => write!(f, "{}/{}", Ipv6Addr::from(self.first), self.prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets() {
        let net = |text: &str| Subnet::parse(text).unwrap();
        assert_eq!(net("10.0.0.0/8").to_string(), "10.0.0.0/8");
        assert!(net("10.0.0.0/8").holds("10.255.0.1".parse().unwrap()));
        assert!(!net("10.0.0.0/8").holds("11.0.0.1".parse().unwrap()));
        assert!(net("0.0.0.0/0").holds("255.1.1.1".parse().unwrap()));
        assert!(!net("0.0.0.0/0").holds("::1".parse().unwrap()));
        assert!(net("::/0").holds("fd00::1".parse().unwrap()));
        assert_eq!(net("fd00::/64").to_string(), "fd00::/64");
        assert_eq!(net("172.20.0.5/32").first(), net("172.20.0.5/32").last());
        let meant = Subnet::parse("172.20.0.1/16");
        assert_eq!(meant, Err(Fault::HostBits(net("172.20.0.0/16"))));
        for text in ["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/+8", "x/8", "fd00::/129"] {
            assert_eq!(Subnet::parse(text), Err(Fault::Form), "{text}");
        }
    }
}
