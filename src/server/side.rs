//! What clients ask for beside the views: files, forwarded connections, errands, their agent, their clipboard, what they
//! have around them.

use super::foreign::Origin;
use super::{Server, agent, errand};
use crate::carry::pipe::splice;
use crate::carry::{forward, serve};
use crate::net::Link;
use crate::protocol::request::Reply;
use crate::protocol::side::{Address, Side};
use crate::protocol::{Message, ViewerId};
use anyhow::{Result, bail};

/// Does what was asked on a link of its own and leaves that for the next request.
pub(super) async fn answer(server: &Server, link: &mut Link, side: Side) -> Result<()> {
    match side {
        Side::Files(request) => {
            link.give_way();
            serve::files(link, request).await
        }
        Side::Errand(wanted) => {
            link.give_way();
            errand::run(server, link, &wanted).await
        }
        Side::Env { target } => {
            let env = server.with(|world| world.login_env(&target))?;
            link.queue(&Message::Reply(Reply::Env(env)));
            link.flush().await
        }
        Side::Here(_) | Side::Clipboard { .. } => bail!("this belongs to an attachment"),
        Side::Agent { .. } | Side::Forward(_) => bail!("this takes a link of its own"),
    }
}

/// Whether a link becomes something else for it.
pub(super) fn takes_link(side: &Side) -> bool {
    matches!(side, Side::Agent { .. } | Side::Forward(_))
}

/// Turns a link into what was asked for.
pub(super) async fn become_that(server: &Server, link: Link, side: Side) -> Result<()> {
    match side {
        Side::Agent { id } => agent::join(server, link, id).await,
        Side::Forward(to) => carry(link, &to).await,
        _ => bail!("this takes no link of its own"),
    }
}

async fn carry(mut link: Link, to: &Address) -> Result<()> {
    match forward::connect(to).await {
        Ok(stream) => {
            link.give_way();
            link.queue(&Message::Reply(Reply::Done));
            splice(link, stream, u64::MAX).await
        }
        Err(error) => {
            link.queue(&Message::Reply(Reply::Error(format!("{error:#}"))));
            link.flush().await
        }
    }
}

/// Takes what an attached client says beside its packets.
pub(super) fn told(server: &Server, (viewer, from): (ViewerId, Origin), side: Side) {
    match side {
        Side::Here(surroundings) => {
            server.with(|world| world.here((viewer, from), surroundings));
        }
        Side::Clipboard { id, bytes } => {
            server.with(|world| world.clipboard_said(viewer, id, bytes));
        }
        // What needs an answer needs a link of its own.
        _ => {}
    }
}
