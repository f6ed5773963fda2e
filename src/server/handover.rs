//! What a server that makes room for another one leaves to it, beside what it saves anyway: who had attached, where they
//! stood and how far their input had come, and input that programs have not read yet. There are passwords in it, so it
//! stands in no file: the holder of programs keeps it in memory. The next server reads it once: after a crash nobody may
//! take it for what holds.

use super::Server;
use super::echo::Keys;
use super::returning::Tie;
use super::viewer::Viewer;
use super::world::World;
use crate::auth::PublicKey;
use crate::net::Peer;
use crate::pane::{Stand, UnderWay, Window};
use crate::protocol::{InputReceiver, PaneId, SurfaceId, Token};
use crate::session::Viewpoint;
use crate::term::Size;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The form that is written.
const VERSION: u32 = 1;

/// Most viewers that are read.
const MAX_VIEWERS: usize = 1024;

/// How long the holder may take to keep it, or to give it back.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is left.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Handover {
    version: u32,
    #[serde(default)]
    viewers: Vec<Saved>,
    #[serde(default)]
    input: Vec<(PaneId, UnderWay)>,
}

/// A viewer that is to come back.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    token: Token,
    /// The key of its device; `None` for one of this machine.
    key: Option<String>,
    /// As [`InputReceiver::save`] has it.
    inputs: Vec<u8>,
    at: Viewpoint,
    size: Size,
    /// When it was typed into, to be compared with the others'.
    typed: u64,
    /// How many bytes it has typed.
    keys: u64,
    answered: u64,
    /// Its places in scrollback.
    #[serde(default)]
    windows: Vec<(PaneId, SurfaceId, Stand)>,
}

impl Handover {
    fn read(text: &[u8]) -> Result<Self> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let left: Handover = serde_json::from_slice(text)?;
        ensure!(left.version == VERSION, "it is of version {}", left.version);
        ensure!(left.viewers.len() <= MAX_VIEWERS, "too many viewers");
        Ok(left)
    }
}

/// Leaves to the next server what it needs to go on as if it were this one, if there is to be a next one.
pub(super) async fn leave(server: &Server) {
    if !server.with(|world| world.leaving.restarting) {
        return;
    }
    let (left, holder) = server.with(|world| (world.handover(), world.holder().cloned()));
    let kept = async {
        let text = serde_json::to_vec(&left)?;
        holder.context("there is no holder")?.keep(&text).await
    };
    if let Err(error) = in_time(kept).await {
        let error = format!("{error:#}");
        tracing::warn!(error, "clients will have to begin anew");
    }
}

/// Takes up what the server before has left: viewers are awaited, and programs are given what was typed for them.
pub(super) async fn take_up(server: &Server) {
    let Some(holder) = server.with(|world| world.holder().cloned()) else {
        return;
    };
    let taken = async { Handover::read(&holder.take().await?) };
    match in_time(taken).await {
        Ok(left) => server.with(|world| world.take_up(left)),
        Err(error) => {
            let error = format!("{error:#}");
            tracing::warn!(error, "what the server before has left is of no use");
        }
    }
}

async fn in_time<T>(done: impl Future<Output = Result<T>>) -> Result<T> {
    let done = tokio::time::timeout(PATIENCE, done).await;
    done.context("the holder does not answer")?
}

impl Saved {
    fn of(viewer: &Viewer) -> Self {
        let (token, peer) = viewer.tie.identity();
        let mut inputs = Vec::new();
        viewer.tie.inputs.save(&mut inputs);
        Self {
            token,
            key: match peer {
                Peer::Local => None,
                Peer::Key(key) => Some(key.to_string()),
            },
            inputs,
            at: viewer.at.clone(),
            size: viewer.size,
            typed: viewer.typed,
            keys: viewer.keys.typed(),
            answered: viewer.answered,
            windows: windows_of(viewer),
        }
    }

    fn viewer(self, world: &mut World) -> Result<Viewer> {
        let peer = match self.key {
            None => Peer::Local,
            Some(key) => Peer::Key(key.parse::<PublicKey>().context("its key")?),
        };
        let inputs = InputReceiver::restore(&self.inputs)?;
        let tie = Tie::handed_on(self.token, peer, inputs, world.now());
        let mut at = self.at;
        at.mend(&world.sessions);
        let mut viewer = Viewer::new(at, self.size, tie);
        viewer.typed = self.typed;
        viewer.answered = self.answered;
        viewer.keys = Keys::after(self.keys);
        for (pane, surface, stand) in self.windows {
            if let Some(hosted) = world.panes.get(&pane) {
                let window = Window::standing(&stand, &hosted.pane, &hosted.history);
                viewer.windows.insert(pane, (surface, window));
                world.reserve_window(surface);
            }
        }
        if world.sessions.get(viewer.at.session()).is_none() {
            viewer.end("the session has ended");
        }
        Ok(viewer)
    }
}

fn windows_of(viewer: &Viewer) -> Vec<(PaneId, SurfaceId, Stand)> {
    let windows = viewer.windows.iter();
    let saved = windows.map(|(pane, (surface, window))| (*pane, *surface, window.stand()));
    saved.collect()
}

impl World {
    /// What the next server needs to go on as if it were this one.
    /// What is handed on is the next server's to write: while the holder takes it, this one writes no more of it.
    fn handover(&mut self) -> Handover {
        let staying = self.viewers.values();
        let staying = staying.filter(|viewer| viewer.ended.is_none());
        let viewers = staying.map(Saved::of).collect();
        let input = self.panes.values_mut().filter_map(|hosted| {
            let input = hosted.pane.input_under_way()?;
            hosted.pane.wrote(hosted.pane.unwritten().len());
            Some((hosted.pane.id, input))
        });
        Handover {
            version: VERSION,
            input: input.collect(),
            viewers,
        }
    }

    fn take_up(&mut self, left: Handover) {
        for saved in left.viewers {
            match saved.viewer(self) {
                Ok(viewer) => {
                    self.typed = self.typed.max(viewer.typed);
                    self.seat(viewer);
                }
                Err(error) => tracing::warn!(
                    error = format!("{error:#}"),
                    "a viewer of the server before cannot come back"
                ),
            }
        }
        for (pane, input) in left.input {
            if let Some(hosted) = self.panes.get_mut(&pane) {
                hosted.pane.take_up_input(&input);
                hosted.pump();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Start;
    use super::super::hosted::Hosted;
    use super::*;
    use crate::disk::history::History;
    use crate::disk::places::{Places, Roots};
    use crate::disk::writer::Writer;
    use crate::pane::{Origin, Pane};

    #[test]
    fn what_is_handed_on_is_not_written_by_this_server_too() {
        let dir = tempfile::tempdir().expect("a directory");
        let roots = Roots {
            tmp: dir.path().to_owned(),
            config: dir.path().join("config"),
            state: dir.path().join("state"),
        };
        let places = Places::under("default", &roots).expect("places");
        let mut world = World::new(&places, Start::Auto);
        let (history, _) =
            History::open(&dir.path().join("pane"), &Writer::default(), None).expect("a history");
        let mut pane = Pane::new(PaneId(7), Origin::default(), Size::new(80, 24));
        pane.write(b"typed");
        let under_way = pane.input_under_way().expect("input");
        world.panes.insert(PaneId(7), Hosted::new(pane, history));
        assert_eq!(world.handover().input, [(PaneId(7), under_way)]);
        assert!(world.panes[&PaneId(7)].pane.unwritten().is_empty());
    }

    #[test]
    fn what_was_left_is_read_and_nonsense_is_nothing() {
        assert!(Handover::read(b"").expect("nothing").input.is_empty());
        let left = Handover {
            version: VERSION,
            input: vec![(PaneId(7), UnderWay::default())],
            ..Handover::default()
        };
        let text = serde_json::to_vec(&left).expect("text");
        assert_eq!(Handover::read(&text).expect("it").input, left.input);
        for nonsense in [&b"{}"[..], b"garbage", &text[..text.len() / 2]] {
            assert!(Handover::read(nonsense).is_err());
        }
    }
}
