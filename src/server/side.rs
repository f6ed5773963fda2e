//! What clients ask for beside the views: files, forwarded connections, the environment of the client in use.

use super::Server;
use crate::carry::serve;
use crate::net::Link;
use crate::protocol::side::Side;
use anyhow::{Result, bail};

/// Does what was asked on a link of its own.
pub(super) async fn answer(server: &Server, link: &mut Link, side: Side) -> Result<()> {
    let _ = server;
    match side {
        Side::Files(request) => serve::files(link, request).await,
        _ => bail!("this belongs to an attachment"),
    }
}
