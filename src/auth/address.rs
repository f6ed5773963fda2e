//! Where servers are: addresses in a network, the names of hosts, and what stands before the session in a target.

use super::name::is_name;
use core::net::{IpAddr, Ipv6Addr};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The ports that a server takes by itself, the first that is free: those that mosh uses too, so that a firewall which
/// lets that through lets wt through.
pub const PORTS: core::ops::RangeInclusive<u16> = 60001..=60999;

/// The longest name of a machine (RFC 1035 §2.3.4).
const MAX_MACHINE: usize = 253;

/// What a target in the network begins with.
const SCHEME: &str = "wt://";

/// An address in a network: a machine and a UDP port. Written `desk.example:60001`, `10.0.0.7:60001`, `[fd00::7]:60001`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The machine: a name or a number, without brackets.
    pub machine: String,
    /// The port.
    pub port: u16,
}

/// A text that is no address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no address: write 10.0.0.7:60001, [fd00::7]:60001 or desk.example:60001")]
pub struct NoAddress(pub String);

impl Address {
    /// The address of this machine and port; the machine's name may be a bare IPv6 address.
    pub fn new(machine: &str, port: u16) -> Self {
        let machine = machine.to_owned();
        Self { machine, port }
    }

    /// Reads an address that may lack its port: the first of [`PORTS`] is meant then.
    ///
    /// # Errors
    /// If it is none.
    pub fn with_port(text: &str) -> Result<Self, NoAddress> {
        if text.parse::<Ipv6Addr>().is_ok() {
            return Ok(Self::new(text, *PORTS.start()));
        }
        let has_port = match text.rsplit_once(':') {
            Some((machine, _)) => !machine.starts_with('[') || machine.ends_with(']'),
            None => false,
        };
        match has_port {
            true => text.parse(),
            false => format!("{text}:{}", PORTS.start()).parse(),
        }
        .map_err(|_| NoAddress(shown(text)))
    }

    /// The machine's number, if it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.machine.parse().ok()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.machine.contains(':') {
            true => write!(f, "[{}]:{}", self.machine, self.port),
            false => write!(f, "{}:{}", self.machine, self.port),
        }
    }
}

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let none = || NoAddress(shown(text));
        let (machine, port) = text.rsplit_once(':').ok_or_else(none)?;
        let port: u16 = port.parse().map_err(|_| none())?;
        let machine = match machine.strip_prefix('[') {
            Some(rest) => {
                let inner = rest.strip_suffix(']').ok_or_else(none)?;
                // A link-local address says on which interface: `fe80::1%eth0` (RFC 4007 §11).
                let (number, zone) = inner.split_once('%').unwrap_or((inner, ""));
                let is_zone = zone.len() <= 32 && zone.chars().all(is_of_name);
                let is_number = number.parse::<Ipv6Addr>().is_ok();
                (is_number && is_zone).then_some(inner)
            }
            None => is_machine(machine).then_some(machine),
        };
        let machine = machine.filter(|_| port != 0).ok_or_else(none)?;
        Ok(Self::new(machine, port))
    }
}

/// In what order addresses are tried: those of the local network, those of an overlay (tailnets), those of the internet;
/// IPv6 before IPv4 among each (RFC 8305 §4).
pub fn rank(address: &IpAddr) -> u8 {
    let near = match address {
        IpAddr::V4(v4) if v4.is_loopback() => 0,
        IpAddr::V4(v4) if v4.is_private() || v4.is_link_local() => 1,
        // Shared address space (RFC 6598), where tailnets live.
        IpAddr::V4(v4) if v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64 => 2,
        IpAddr::V4(_) => 3,
        IpAddr::V6(v6) if v6.is_loopback() => 0,
        // The prefix of tailnets among the unique local addresses.
        IpAddr::V6(v6) if v6.segments()[..3] == [0xfd7a, 0x115c, 0xa1e0] => 2,
        IpAddr::V6(v6) if v6.is_unique_local() || v6.is_unicast_link_local() => 1,
        IpAddr::V6(_) => 3,
    };
    near * 2 + u8::from(address.is_ipv4())
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

fn is_machine(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    starts && name.len() <= MAX_MACHINE && name.chars().all(is_of_name)
}

fn shown(text: &str) -> String {
    text.chars().take(MAX_MACHINE).collect()
}

/// On which server a target lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The one of this user on this machine.
    Here,
    /// The host of that name.
    Host(String),
    /// The server at that address.
    Network(Address),
}

/// A target that lies nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoPlace {
    /// What follows `wt://` is no address.
    #[error("{0}")]
    Address(#[from] NoAddress),
    /// What stands before `/` names no host.
    #[error("{0:?} cannot be the name of a host: write HOST/SESSION")]
    Name(String),
}

impl Place {
    /// Takes `[HOST/]TARGET` or `wt://ADDR[:PORT][/TARGET]` apart: where it lies, and the target there.
    ///
    /// A host ends at the first `/`, and before the first `:` or `%`, which begin what a tab or pane is called.
    ///
    /// # Errors
    /// If what stands before the target names no place.
    pub fn split(text: &str) -> Result<(Place, &str), NoPlace> {
        if let Some(rest) = text.strip_prefix(SCHEME) {
            let (address, target) = rest.split_once('/').unwrap_or((rest, ""));
            return Ok((Place::Network(Address::with_port(address)?), target));
        }
        let end = text.find(['/', ':', '%']);
        match end.filter(|&at| text[at..].starts_with('/')) {
            None => Ok((Place::Here, text)),
            Some(at) => {
                let name = &text[..at];
                match is_name(name) {
                    true => Ok((Place::Host(name.to_owned()), &text[at + 1..])),
                    false => Err(NoPlace::Name(shown(name))),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for text in [
            "10.0.0.7:60001",
            "desk.example:1",
            "[fd00::7]:60001",
            "[fe80::1%eth0]:7",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
        for bad in [
            "",
            "desk",
            "desk:0",
            "desk:99999",
            "fd00::7:60001",
            "[desk]:1",
            "-x:1",
            "a b:1",
            "[::1:1",
        ] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_port_may_be_left_out() {
        let read = |text: &str| Address::with_port(text).map(|address| address.to_string());
        assert_eq!(read("desk").as_deref(), Ok("desk:60001"));
        assert_eq!(read("desk:7").as_deref(), Ok("desk:7"));
        assert_eq!(read("::1").as_deref(), Ok("[::1]:60001"));
        assert_eq!(read("[::1]").as_deref(), Ok("[::1]:60001"));
        assert_eq!(read("[::1]:7").as_deref(), Ok("[::1]:7"));
        assert_eq!(read("a/b"), Err(NoAddress("a/b".into())));
        assert!(read("desk:x").is_err());
    }

    #[test]
    fn a_target_says_where_it_lies() {
        let split = |text| Place::split(text);
        let host = |name: &str| Place::Host(name.into());
        let network = |text: &str| Place::Network(text.parse().unwrap());
        assert_eq!(split("work"), Ok((Place::Here, "work")));
        assert_eq!(split("work:a/b"), Ok((Place::Here, "work:a/b")));
        assert_eq!(split("%3"), Ok((Place::Here, "%3")));
        assert_eq!(split("desk/"), Ok((host("desk"), "")));
        assert_eq!(
            split("ann@desk.example/work:2.1"),
            Ok((host("ann@desk.example"), "work:2.1"))
        );
        assert_eq!(split("desk/%3"), Ok((host("desk"), "%3")));
        assert_eq!(
            split("wt://10.0.0.7:7/work"),
            Ok((network("10.0.0.7:7"), "work"))
        );
        assert_eq!(split("wt://[::1]:7"), Ok((network("[::1]:7"), "")));
        assert_eq!(
            split("wt://desk/work:1"),
            Ok((network("desk:60001"), "work:1"))
        );
        assert!(split("wt:///work").is_err());
        assert!(split("/tmp").is_err());
        assert!(split("a b/work").is_err());
    }

    #[test]
    fn near_addresses_are_tried_first() {
        let mut all = [
            "93.184.216.34",
            "100.100.1.2",
            "192.168.1.7",
            "2001:db8::7",
            "fd7a:115c:a1e0::7",
            "fd00::7",
            "127.0.0.1",
        ]
        .map(|text| text.parse::<IpAddr>().unwrap());
        all.sort_by_key(rank);
        assert_eq!(
            all.map(|address| address.to_string()).join(" "),
            "127.0.0.1 fd00::7 192.168.1.7 fd7a:115c:a1e0::7 100.100.1.2 2001:db8::7 93.184.216.34"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_in_one_line(text in ".{0,60}") {
            let read: Result<Address, _> = text.parse();
            if let Ok(address) = read {
                prop_assert_eq!(address.to_string(), text.as_str());
            }
            if let Err(error) = Place::split(&text) {
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }
}
