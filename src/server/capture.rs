//! `wt capture`: a pane's text, in parts, so that ten million lines take no memory and keep nobody waiting.

use super::Server;
use super::request::say;
use super::world::World;
use crate::net::Link;
use crate::protocol::PaneId;
use crate::protocol::request::Reply;
use anyhow::{Context, Result};

/// Lines taken in one turn of the server.
const LINES: usize = 500;

/// Sends the text of `pane`, ending in `Done`.
pub(super) async fn send(
    server: &Server,
    link: &mut Link,
    pane: PaneId,
    ansi: bool,
    history: bool,
) -> Result<()> {
    let mut next = server.with(|world| world.first_line(pane, history))?;
    loop {
        let (text, after) = server.with(|world| world.text_from(pane, next, ansi, history))?;
        if !text.is_empty() {
            say(link, Reply::Text(text)).await?;
        }
        match after {
            Some(line) => next = line,
            None => return say(link, Reply::Done).await,
        }
        tokio::task::yield_now().await;
    }
}

impl World {
    fn first_line(&self, pane: PaneId, history: bool) -> Result<u64> {
        let hosted = self.panes.get(&pane).context("the pane is gone")?;
        Ok(if history {
            crate::pane::Stored::first_line(&hosted.history)
        } else {
            0
        })
    }

    /// Text of up to [`LINES`] lines from line `from` on, and where to go on; without `history` the screen's rows.
    fn text_from(
        &self,
        pane: PaneId,
        from: u64,
        ansi: bool,
        history: bool,
    ) -> Result<(Vec<u8>, Option<u64>)> {
        let hosted = self.panes.get(&pane).context("the pane ended meanwhile")?;
        if history {
            Ok(hosted
                .pane
                .lines_as_text(&hosted.history, from, LINES, ansi))
        } else {
            Ok((hosted.pane.screen_as_text(ansi), None))
        }
    }
}
