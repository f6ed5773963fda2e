//! `wt forward`: a port here that leads to an address behind a host.

use super::args::Forward;
use super::{host, listing};
use crate::carry::Dialer;
use crate::carry::forward::{Listening, run as carry};
use crate::disk::places::Places;
use crate::net::Link;
use anyhow::{Context, Result};
use std::process::ExitCode;

/// Forwards until C-c.
pub(super) fn run(places: &Places, forward: Forward) -> Result<ExitCode> {
    let to = forward.forward.to;
    let on = match forward.host.as_str() {
        "" => String::new(),
        host => format!(" from {host}"),
    };
    host::reach(places, &forward.host)?.enter(async |mut link: Link| {
        let dialer = Dialer::beside(&link, places.socket());
        let listening = Listening::begin(&forward.forward.listen).await?;
        let line = format!("{} leads to {to}{on}; C-c ends it", listening.shown());
        println!("{}", listing::plain(&line));
        let refused = |line: String| eprintln!("wt: {}", listing::plain(&line));
        let ended = carry(&mut link, listening, &dialer, &to, refused).await;
        link.close().await;
        ended.context("forwarding has ended")
    })?;
    Ok(ExitCode::SUCCESS)
}
