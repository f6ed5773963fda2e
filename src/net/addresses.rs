//! The addresses of this machine.

use crate::auth::address::rank;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// How many addresses are told at most.
const MAX: usize = 16;

/// Under which addresses a socket that is bound to `bound` is reached by others, the likeliest to work first; with a
/// loopback address alone if it is bound to that.
pub fn of_socket(bound: IpAddr) -> io::Result<Vec<IpAddr>> {
    if !bound.is_unspecified() {
        return Ok(vec![bound]);
    }
    let interfaces = if_addrs::get_if_addrs()?;
    let mut addresses: Vec<IpAddr> = interfaces
        .iter()
        .map(|interface| interface.ip())
        .filter(|address| is_told(*address, bound))
        .collect();
    addresses.sort_by_key(rank);
    addresses.dedup();
    addresses.truncate(MAX);
    Ok(addresses)
}

/// Whether `address` of this machine is of use to others, of a socket that is bound to `bound`.
fn is_told(address: IpAddr, bound: IpAddr) -> bool {
    match address {
        // One that is bound to IPv6 hears IPv4 too (RFC 3493 §5.3). Where nobody gives addresses out machines take one that
        // holds on their link alone (RFC 3927).
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_link_local(),
        // A link-local address means nothing without the name that the other machine has for the link.
        IpAddr::V6(v6) => bound.is_ipv6() && !v6.is_loopback() && !v6.is_unicast_link_local(),
    }
}

/// Each address of IPv4 with that to which all machines beside it listen, also the loopback's.
pub fn broadcasts() -> io::Result<Vec<(Ipv4Addr, Ipv4Addr)>> {
    let interfaces = if_addrs::get_if_addrs()?.into_iter();
    let both = |interface: if_addrs::Interface| match interface.addr {
        if_addrs::IfAddr::V4(v4) => {
            let all = u32::from(v4.ip) | !u32::from(v4.netmask);
            Some((v4.ip, v4.broadcast.unwrap_or(all.into())))
        }
        if_addrs::IfAddr::V6(_) => None,
    };
    Ok(interfaces.filter_map(both).take(MAX).collect())
}

/// Each link of this machine with IPv6: its address there (RFC 4291 §2.5.6), and the number that tells it from others.
pub fn links() -> io::Result<Vec<(Ipv6Addr, u32)>> {
    let interfaces = if_addrs::get_if_addrs()?.into_iter();
    let mut links: Vec<(Ipv6Addr, u32)> = interfaces
        .filter_map(|interface| match interface.ip() {
            IpAddr::V6(own) if own.is_unicast_link_local() => Some((own, interface.index?)),
            _ => None,
        })
        .collect();
    links.dedup_by_key(|(_, link)| *link);
    links.truncate(MAX);
    Ok(links)
}

/// An address as it is: a socket for both families sees IPv4 within IPv6.
pub fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        ip if ip == address.ip() => address,
        ip => SocketAddr::new(ip, address.port()),
    }
}

/// The machine of an address as it is written: one that means something on one link alone names that (RFC 4007 §11).
pub fn machine(address: SocketAddr) -> String {
    let ip = address.ip().to_string();
    let SocketAddr::V6(v6) = address else {
        return ip;
    };
    let interfaces = match v6.scope_id() {
        0 => Vec::new(),
        _ => if_addrs::get_if_addrs().unwrap_or_default(),
    };
    let mut links = interfaces.into_iter();
    match links.find(|link| link.index == Some(v6.scope_id())) {
        Some(link) => format!("{ip}%{}", link.name),
        None => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_reached_where_it_is_bound_and_never_by_loopback_else() {
        let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
        assert_eq!(of_socket(loopback).unwrap(), [loopback]);
        for any in [
            IpAddr::from(Ipv4Addr::UNSPECIFIED),
            Ipv6Addr::UNSPECIFIED.into(),
        ] {
            let found = of_socket(any).unwrap();
            assert!(
                found.iter().all(|address| !address.is_loopback()),
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_holds_on_one_link_alone_is_not_told() {
        let told =
            |address: &str, bound: &str| is_told(address.parse().unwrap(), bound.parse().unwrap());
        for (address, by_both, by_ipv4) in [
            ("10.0.0.1", true, true),
            ("169.254.7.7", false, false),
            ("fd00::1", true, false),
            ("fe80::1", false, false),
            ("127.0.0.1", false, false),
            ("::1", false, false),
        ] {
            assert_eq!(told(address, "::"), by_both, "{address}");
            assert_eq!(told(address, "0.0.0.0"), by_ipv4, "{address}");
        }
    }

    #[test]
    fn a_link_is_named_where_an_address_needs_it() {
        let canonical = |text: &str| canonical(text.parse().unwrap()).to_string();
        assert_eq!(canonical("[::ffff:10.0.0.1]:7"), "10.0.0.1:7");
        assert_eq!(canonical("[fe80::1%3]:7"), "[fe80::1%3]:7");
        assert_eq!(machine("[fd00::1]:7".parse().unwrap()), "fd00::1");
        let known = if_addrs::get_if_addrs().unwrap();
        if let Some((name, index)) = known.iter().find_map(|one| Some((&one.name, one.index?))) {
            let address = format!("[fe80::1%{index}]:7").parse().unwrap();
            assert_eq!(machine(address), format!("fe80::1%{name}"));
        }
    }

    #[test]
    fn the_loopback_is_asked_too() {
        let all = broadcasts().unwrap();
        assert!(all.iter().any(|(own, _)| own.is_loopback()), "{all:?}");
    }
}
