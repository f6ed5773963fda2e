//! What is asked about whom the server trusts and where it is reached.

use super::request::say;
use super::{Server, guests, listening, pairing};
use crate::net::Link;
use crate::protocol::request::Reply;
use crate::protocol::trust::{Trust, Trusted};
use anyhow::Result;

/// Does what was asked.
pub(super) async fn answer(server: &Server, link: &mut Link, trust: Trust) -> Result<()> {
    let reply = match trust {
        Trust::Recheck => Reply::Said(match guests::recheck(server) {
            0 => String::new(),
            1 => "; its connection was closed".to_owned(),
            count => format!("; {count} connections were closed"),
        }),
        Trust::Listen { port } => {
            Reply::Trust(Trusted::Whereabouts(listening::somewhere(server, port)?))
        }
        Trust::Whereabouts => Reply::Trust(Trusted::Whereabouts(listening::whereabouts(server)?)),
        Trust::Pair => return pairing::show(server, link).await,
    };
    say(link, reply).await
}
