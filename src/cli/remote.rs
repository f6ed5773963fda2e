//! Servers that are named by where they are: `wt://ADDR:PORT/SESSION`.

use crate::disk::identity;
use crate::disk::places::Places;
use crate::net::Blocking;
use crate::net::quic::{self, Expected};
use anyhow::{Context, Result, bail, ensure};
use std::net::ToSocketAddrs;

/// What such a name begins with.
const SCHEME: &str = "wt://";

/// The port that is meant where none is given.
const PORT: u16 = 4433;

/// Most addresses of a name that are tried.
const MAX_ADDRESSES: usize = 8;

/// A server, and what is meant on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    host: String,
    port: u16,
    /// `SESSION[:TAB[.PANE]]`; `None` for the session used last, or all.
    pub(super) target: Option<String>,
}

impl Address {
    /// Reads `wt://ADDR[:PORT][/TARGET]`, with an IPv6 address in brackets; `None` if it is no such name.
    pub(super) fn parse(text: &str) -> Option<Result<Self>> {
        Some(
            Self::parse_rest(text.strip_prefix(SCHEME)?)
                .with_context(|| format!("{text} is no server: write {SCHEME}ADDR:PORT/SESSION")),
        )
    }

    /// Reads the name of a server.
    pub(super) fn named(text: &str) -> Result<Self> {
        let parsed = Self::parse(text);
        parsed.with_context(|| format!("{text} is no server: write {SCHEME}ADDR:PORT/"))?
    }

    fn parse_rest(rest: &str) -> Result<Self> {
        let (place, target) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match place.strip_prefix('[') {
            Some(place) => {
                let (host, port) = place.split_once(']').context("the ] is missing")?;
                (host, port.strip_prefix(':'))
            }
            None => match place.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        ensure!(!host.is_empty(), "the address is missing");
        let port = port
            .map(str::parse)
            .transpose()
            .context("the port is wrong")?;
        Ok(Self {
            host: host.to_owned(),
            port: port.unwrap_or(PORT),
            target: (!target.is_empty()).then(|| target.to_owned()),
        })
    }

    /// Connects to the server there, and greets it.
    pub(super) fn reach(&self, places: &Places) -> Result<Blocking> {
        let found = (&*self.host, self.port).to_socket_addrs();
        let found = found.with_context(|| format!("nobody knows where {} is", self.host))?;
        let addresses: Vec<_> = found.take(MAX_ADDRESSES).collect();
        let own = identity::device_key(places)?;
        let known: Vec<_> = identity::own_server(places)?.into_iter().collect();
        if known.is_empty() {
            bail!("no key of the server at {} is known here", self.host);
        }
        Blocking::dial(async {
            let connection = quic::dial(&addresses, &own, Expected::OneOf(known)).await?;
            connection.open().await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, u16, Option<String>) {
        let address = Address::parse(text)
            .expect("a server")
            .expect("well written");
        (address.host, address.port, address.target)
    }

    #[test]
    fn servers_are_named_by_address_port_and_target() {
        let work = || Some("work:2".to_owned());
        assert_eq!(
            read("wt://10.0.0.1:99/work:2"),
            ("10.0.0.1".into(), 99, work())
        );
        assert_eq!(read("wt://host/work:2"), ("host".into(), PORT, work()));
        assert_eq!(read("wt://[::1]:99/"), ("::1".into(), 99, None));
        assert_eq!(read("wt://[::1]"), ("::1".into(), PORT, None));
        assert_eq!(Address::parse("work").map(|_| ()), None);
        for wrong in [
            "wt://",
            "wt:///x",
            "wt://a:b/c",
            "wt://a:99999/",
            "wt://[::1/x",
        ] {
            let error = Address::parse(wrong).expect("a server").expect_err(wrong);
            assert!(format!("{error:#}").contains("write wt://ADDR:PORT/SESSION"));
        }
    }
}
