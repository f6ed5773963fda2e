//! Where the name of a host, as `wt cp` and `wt forward` take it, becomes a link to its server.

use super::{control, remote};
use crate::disk::places::Places;
use crate::net::Blocking;
use anyhow::Result;

/// Names of this machine's own server.
const OWN: [&str; 2] = ["", "localhost"];

/// A link to a host's server: one that is known by its name, or that is at `wt://ADDR:PORT`.
///
/// # Errors
/// In one line, if nobody is known by that name, or does not answer.
pub(super) fn reach(places: &Places, host: &str) -> Result<Blocking> {
    if OWN.contains(&host) {
        return control::connect_running(places);
    }
    let (elsewhere, _) = remote::split(Some(format!("{}/", host.trim_end_matches('/'))))?;
    match elsewhere {
        Some(elsewhere) => elsewhere.reach(places),
        None => control::connect_running(places),
    }
}
