//! What a pane's lines on disk lack: the newest ones, given to commands that read the rest themselves; and the stream
//! of lines to those that follow a pane.

use super::Server;
use super::hosted::Hosted;
use super::request::say;
use super::world::World;
use crate::net::Link;
use crate::pane::Recent;
use crate::protocol::PaneId;
use crate::protocol::recent::RecentLines;
use crate::protocol::request::Reply;
use crate::varint;
use anyhow::{Context, Result};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;

/// Bytes of lines that are enough for one part.
const PART_BYTES: usize = 256 << 10;

/// How long lines gather before they go to a follower: nobody sees it, and a flood comes in fewer, larger parts.
const GATHER: Duration = Duration::from_millis(8);

/// What followers of a pane wait for.
#[derive(Debug)]
pub(super) struct News(watch::Sender<Option<Rc<Last>>>);

/// What a pane had to say when it went.
#[derive(Debug)]
struct Last {
    parts: Vec<RecentLines>,
    fate: String,
}

impl Default for News {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl News {
    /// Wakes those who follow the pane.
    pub fn stir(&self) {
        if self.0.receiver_count() > 0 {
            self.0.send_modify(|_| {});
        }
    }
}

impl Hosted {
    /// Leaves the last lines to those who follow the pane, which is about to go.
    pub fn take_leave(&self) {
        if self.news.0.receiver_count() > 0 {
            let last = Last {
                parts: self.recent(0, Upto::End),
                fate: self.pane.fate().to_owned(),
            };
            self.news.0.send_replace(Some(Rc::new(last)));
        }
    }

    /// The lines in memory from number `from` on, in parts; at least one part, be it empty.
    fn recent(&self, from: u64, upto: Upto) -> Vec<RecentLines> {
        let emulator = self.pane.emulator();
        let screen = Recent::of(emulator);
        let border = self.history.end_line();
        let template = RecentLines {
            pane: self.pane.id,
            floor: self.history.floor(),
            open_line: border + screen.passed(),
            size: Some(emulator.size()),
            is_hidden: self.pane.is_alternate(),
            ..RecentLines::default()
        };
        let mut parts = Parts::starting_at(from.max(self.history.memory_line()), template);
        let start = parts.next();
        let stored = self
            .history
            .read_timed(start..u64::MAX, &mut |number, at_ms, body| {
                parts.push(number, at_ms, |out| varint::put_bytes(out, body));
                ControlFlow::Continue(())
            });
        if let Err(error) = stored {
            tracing::warn!(%error, "scrollback cannot be read");
        }
        let end = match upto {
            Upto::End => screen.count(),
            Upto::Cursor => screen.passed(),
        };
        for line in from.saturating_sub(border)..end {
            let (mut bytes, mut times) = (Vec::new(), Vec::new());
            screen.encode(line..line + 1, &mut bytes, &mut times);
            let written = times.first().map_or(0, |(_, ms)| *ms);
            parts.push(border + line, written, |out| out.extend_from_slice(&bytes));
        }
        parts.done
    }
}

/// Where what is asked for ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upto {
    /// With the last line of the screen.
    End,
    /// Before the line that the cursor is in.
    Cursor,
}

/// Lines being cut into parts, the last of which is open.
struct Parts {
    done: Vec<RecentLines>,
    template: RecentLines,
}

impl Parts {
    fn starting_at(first: u64, template: RecentLines) -> Self {
        let open = RecentLines {
            first,
            ..template.clone()
        };
        Self {
            done: vec![open],
            template,
        }
    }

    /// The number that the next line has if none is missing.
    fn next(&self) -> u64 {
        self.done.last().map_or(0, RecentLines::end)
    }

    fn push(&mut self, number: u64, written_ms: u64, put: impl FnOnce(&mut Vec<u8>)) {
        let is_full = |open: &RecentLines| open.lines.len() >= PART_BYTES;
        if number != self.next() || self.done.last().is_some_and(is_full) {
            self.done.push(RecentLines {
                first: number,
                ..self.template.clone()
            });
        }
        let Some(open) = self.done.last_mut() else {
            return;
        };
        put(&mut open.lines);
        open.count += 1;
        match open.times.last_mut() {
            Some((count, ms)) if *ms == written_ms => *count += 1,
            _ => open.times.push((1, written_ms)),
        }
    }
}

/// Sends the lines of a pane that are in memory, from number `from` on, ending in `Done`.
pub(super) async fn send(server: &Server, link: &mut Link, target: &str, from: u64) -> Result<()> {
    let parts = server.with(|world| {
        let (_, hosted) = world.hosted(target)?;
        anyhow::Ok(hosted.recent(from, Upto::End))
    })?;
    send_parts(link, parts).await?;
    say(link, Reply::Done).await
}

async fn send_parts(link: &mut Link, parts: Vec<RecentLines>) -> Result<()> {
    for part in parts {
        say(link, Reply::Recent(part)).await?;
    }
    Ok(())
}

/// Sends each line of a pane from number `from` on once the cursor has left it, until its program ends, and then how it
/// did; or until the other side hangs up. One that reads slowly finds, by the numbers, that it has to take lines from
/// disk in between.
pub(super) async fn follow(
    server: &Server,
    link: &mut Link,
    target: &str,
    from: u64,
) -> Result<()> {
    let (pane, mut news) = server.with(|world| {
        let (pane, hosted) = world.hosted(target)?;
        anyhow::Ok((pane, hosted.news.0.subscribe()))
    })?;
    let mut next = from;
    loop {
        news.mark_unchanged();
        let (parts, fate) = match server.with(|world| world.since(pane, next)) {
            Some(found) => found,
            None => last_words(&news, next),
        };
        let has_news = parts
            .iter()
            .any(|part| part.count > 0 || part.first != next);
        if has_news {
            next = parts.last().map_or(next, RecentLines::end);
            send_parts(link, parts).await?;
        }
        if let Some(fate) = fate {
            return say(link, Reply::Over(fate)).await;
        }
        tokio::select! {
            // The pane has gone: its last words stand in `news`.
            _ = news.changed() => {}
            message = link.recv() => match message? {
                Some(_) => {}
                None => return Ok(()),
            },
        }
        tokio::time::sleep(GATHER).await;
    }
}

/// What a pane that has gone left for those who have all lines before `next`.
fn last_words(
    news: &watch::Receiver<Option<Rc<Last>>>,
    next: u64,
) -> (Vec<RecentLines>, Option<String>) {
    match news.borrow().as_deref() {
        None => (Vec::new(), Some(String::new())),
        Some(last) => {
            let end = last.parts.last().map_or(next, RecentLines::end);
            let new = last.parts.iter().map(|part| part.since(next.min(end)));
            let new = new.filter(|part| part.count > 0);
            (new.collect(), Some(last.fate.clone()))
        }
    }
}

impl World {
    fn hosted(&mut self, target: &str) -> Result<(PaneId, &Hosted)> {
        let pane = self.find(target)?.pane;
        let hosted = self.panes.get(&pane).context("the pane is gone")?;
        Ok((pane, hosted))
    }

    /// The lines from number `next` on that are complete, and how the pane's program has ended if it has: then all of
    /// them are. `None` if the pane is gone.
    fn since(&self, pane: PaneId, next: u64) -> Option<(Vec<RecentLines>, Option<String>)> {
        let hosted = self.panes.get(&pane)?;
        // What was erased below the cursor, and is written anew, is new.
        let end = hosted.history.end_line() + Recent::of(hosted.pane.emulator()).count();
        let next = next.min(end);
        let fate = hosted.pane.ending().map(|_| hosted.pane.fate().to_owned());
        let upto = match fate {
            Some(_) => Upto::End,
            None => Upto::Cursor,
        };
        Some((hosted.recent(next, upto), fate))
    }
}
