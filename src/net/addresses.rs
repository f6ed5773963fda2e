//! The addresses of this machine.

use crate::auth::address::rank;
use std::io;
use std::net::{IpAddr, Ipv4Addr};

/// How many addresses are told at most.
const MAX: usize = 16;

/// Under which addresses a socket that is bound to `bound` is reached by others, the likeliest to work first; with a
/// loopback address alone if it is bound to that.
pub fn of_socket(bound: IpAddr) -> io::Result<Vec<IpAddr>> {
    if !bound.is_unspecified() {
        return Ok(vec![bound]);
    }
    let interfaces = if_addrs::get_if_addrs()?;
    let addresses = interfaces
        .iter()
        .filter(|interface| !interface.is_loopback());
    let mut addresses: Vec<IpAddr> = addresses
        .map(|interface| interface.ip())
        // One that is bound to IPv6 hears IPv4 too (RFC 3493 §5.3).
        .filter(|address| bound.is_ipv6() || address.is_ipv4())
        // A link-local address means nothing without the name that the other machine has for the link.
        .filter(|address| !matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local()))
        .collect();
    addresses.sort_by_key(rank);
    addresses.dedup();
    addresses.truncate(MAX);
    Ok(addresses)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

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
    fn the_loopback_is_asked_too() {
        let all = broadcasts().unwrap();
        assert!(all.iter().any(|(own, _)| own.is_loopback()), "{all:?}");
    }
}
