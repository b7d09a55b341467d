//! TCP sockets that listen, out of the text of `/proc/PID/net/tcp` and `tcp6` (proc(5)).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::Listener;

/// The state of a socket that listens (`TCP_LISTEN` of the kernel).
const LISTEN: &str = "0A";
/// Where Docker's own name server listens inside of containers in networks of a user.
const NAME_SERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);

/// One socket that listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Socket {
    pub(super) listener: Listener,
    /// What the links in `/proc/PID/fd` name.
    pub(super) inode: u64,
}

/// Every socket that listens, in the order of the text; lines that are none are left out.
pub(super) fn listening(text: &str) -> impl Iterator<Item = Socket> {
    text.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (local, state) = (fields.nth(1)?, fields.nth(1)?);
        if state != LISTEN {
            return None;
        }
        let (address, port) = local.split_once(':')?;
        let listener =
            Listener { address: self::address(address)?, port: u16::from_str_radix(port, 16).ok()? };
        Some(Socket { listener, inode: fields.nth(5)?.parse().ok()? })
    })
}

/// The sockets of a container in a network of its own, each once, in order; not those that Docker put there.
pub(super) fn of_container(text: &str) -> Vec<Listener> {
    let all = listening(text).map(|socket| socket.listener);
    let mut own: Vec<Listener> = all.filter(|listener| listener.address != IpAddr::V4(NAME_SERVER)).collect();
    own.sort_unstable();
    own.dedup();
    own
}

/// An address: words of 32 bits, each printed as a number in the order of the machine's bytes.
fn address(text: &str) -> Option<IpAddr> {
    let word = |text: &str| Some(u32::from_str_radix(text, 16).ok()?.to_ne_bytes());
    match text.len() {
        8 => Some(Ipv4Addr::from(word(text)?).into()),
        32 if text.is_ascii() => {
            let mut bytes = [0; 16];
            for (at, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(&text[at * 8..at * 8 + 8])?);
            }
            Some(Ipv6Addr::from(bytes).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a kernel on a machine with small bytes first prints them.
    const TEXT: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:2014 00000000:0000 0A 00000000:00000000 00:00000000 00000000 10001        0 1459872 1 000000009b1037ab 100 0 0 10 0
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 10001        0 1459873 1 000000009b1037ab 100 0 0 10 0
   2: 0B00007F:88CB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1460510 1 000000007d0c8c89 100 0 0 10 0
   3: 0200D50A:2014 0100D50A:D431 06 00000000:00000000 03:00000000 00000000     0        0 0 3 000000007d0c8c89
";
    const TEXT_6: &str = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:2014 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100 0 0 10 0
   1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 78 1 0 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 79 1 0 100 0 0 10 0
";

    fn shown(list: &[Listener]) -> Vec<String> {
        list.iter().map(|listener| format!("{}|{}", listener.address, listener.port)).collect()
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn addresses_are_read_as_the_kernel_prints_them() {
        let both = format!("{TEXT}{TEXT_6}");
        assert_eq!(
            shown(&of_container(&both)),
            ["0.0.0.0|8212", "127.0.0.1|8080", "::|8212", "::1|80", "::ffff:127.0.0.1|81"]
        );
        let sockets: Vec<Socket> = listening(&both).collect();
        assert_eq!((sockets.len(), sockets[0].inode, sockets[3].inode), (6, 1_459_872, 77));
        let is_loopback: Vec<bool> = of_container(&both).iter().map(Listener::is_loopback).collect();
        assert_eq!(is_loopback, [false, true, false, true, true]);
    }

    #[test]
    fn odd_lines_are_left_out() {
        for text in [
            "",
            "\n\n",
            "a b c",
            "0: X:Y Z 0A",
            "0: 0:0 0:0 0A 0 0 0 0 0 7",
            "0: 00000000:FFFFF 0 0A 0 0 0 0 0 7",
        ] {
            assert_eq!(listening(text).count(), 0, "{text}");
        }
        let wide = format!("0: {}:0050 x 0A 0 0 0 0 0 7", "\u{e9}".repeat(16));
        assert_eq!(listening(&wide).count(), 0);
    }
}
