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
use crate::holder::keepsake;
use crate::net::Peer;
use crate::pane::{Stand, UnderWay, Window};
use crate::protocol::{InputReceiver, PaneId, SurfaceId, Token};
use crate::session::Viewpoint;
use crate::term::Size;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The form that is written.
const VERSION: u32 = 2;

/// Most viewers that are left, and read.
const MAX_VIEWERS: usize = 1024;

/// Most bytes of input that are left: the rest of what the holder keeps is for the viewers.
const MAX_INPUT: usize = keepsake::MAX_BYTES - (8 << 20);

/// How long the holder may take to keep it, or to give it back.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is left: as JSON, and behind that the input as it is. That keeps a byte a byte, of which there may be many.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Handover {
    version: u32,
    #[serde(default)]
    viewers: Vec<Saved>,
    #[serde(default)]
    waiting: Vec<Waiting>,
    #[serde(skip)]
    bytes: Vec<u8>,
}

/// Input that waits for the program in a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    pane: PaneId,
    /// How much of the bytes is for it, behind that of those before.
    len: usize,
    brackets_paste: bool,
}

/// There is no room for more input.
#[derive(Debug, PartialEq, Eq)]
struct Full;

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
    fn written(&self) -> Result<Vec<u8>> {
        let mut written = serde_json::to_vec(self)?;
        written.extend_from_slice(&self.bytes);
        Ok(written)
    }

    fn read(written: &[u8]) -> Result<Self> {
        if written.is_empty() {
            return Ok(Self::default());
        }
        let mut parts = serde_json::Deserializer::from_slice(written).into_iter();
        let mut left: Handover = parts.next().context("it is empty")??;
        ensure!(left.version == VERSION, "it is of version {}", left.version);
        left.viewers.truncate(MAX_VIEWERS);
        left.bytes = written[parts.byte_offset()..].to_vec();
        let announced = left
            .waiting
            .iter()
            .try_fold(0, |sum: usize, waiting| sum.checked_add(waiting.len));
        ensure!(announced == Some(left.bytes.len()), "it is cut short");
        Ok(left)
    }

    /// Adds input that waits.
    fn give(&mut self, pane: PaneId, input: UnderWay) -> Result<(), Full> {
        if self.bytes.len() + input.bytes.len() > MAX_INPUT {
            return Err(Full);
        }
        self.waiting.push(Waiting {
            pane,
            len: input.bytes.len(),
            brackets_paste: input.brackets_paste,
        });
        self.bytes.extend(input.bytes);
        Ok(())
    }

    /// The input that waits.
    fn inputs(&self) -> Vec<(PaneId, UnderWay)> {
        let mut rest = &self.bytes[..];
        let input = |waiting: &Waiting| {
            let bytes = rest.split_off(..waiting.len).unwrap_or_default().to_vec();
            let brackets_paste = waiting.brackets_paste;
            let input = UnderWay {
                bytes,
                brackets_paste,
            };
            (waiting.pane, input)
        };
        self.waiting.iter().map(input).collect()
    }
}

/// Leaves to the next server what it needs to go on as if it were this one.
pub(super) async fn leave(server: &Server, left: Option<Handover>) {
    let Some(left) = left else { return };
    let holder = server.with(|world| world.holder().cloned());
    tracing::info!("what is under way goes to the next server");
    let kept = async {
        let bytes = left.written()?;
        holder.context("there is no holder")?.keep(&bytes).await
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
    /// Lets go of the programs; says what the next server needs to go on as if it were this one, if there is to be one.
    pub fn part(&mut self) -> Option<Handover> {
        let left = self.leaving.restarting.then(|| self.handover());
        for hosted in self.panes.values_mut() {
            hosted.process = None;
        }
        left
    }

    fn handover(&self) -> Handover {
        let staying = self.viewers.values();
        let staying = staying.filter(|viewer| viewer.ended.is_none());
        let mut staying: Vec<_> = staying.collect();
        // Whoever typed last is the likeliest to come back.
        staying.sort_by_key(|viewer| std::cmp::Reverse(viewer.typed));
        let viewers = staying.into_iter().take(MAX_VIEWERS).map(Saved::of);
        let mut left = Handover {
            version: VERSION,
            viewers: viewers.collect(),
            ..Handover::default()
        };
        for hosted in self.panes.values() {
            let Some(input) = hosted.pane.input_under_way() else {
                continue;
            };
            if left.give(hosted.pane.id, input).is_err() {
                let pane = hosted.pane.id.0;
                tracing::warn!(pane, "input that the program has not read is dropped");
            }
        }
        left
    }

    fn take_up(&mut self, mut left: Handover) {
        for saved in std::mem::take(&mut left.viewers) {
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
        for (pane, input) in left.inputs() {
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
    use super::super::hosted::{Hosted, Process};
    use super::*;
    use crate::disk::history::History;
    use crate::disk::places::{Places, Roots};
    use crate::disk::writer::Writer;
    use crate::net::watched::Watched;
    use crate::pane::{Origin, Pane};
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    use std::rc::Rc;

    #[tokio::test]
    async fn what_is_handed_on_is_not_written_by_this_server_too() {
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
        let pane = Pane::new(PaneId(7), Origin::default(), Size::new(80, 24));
        let mut hosted = Hosted::new(pane, history);
        let (master, mut program) = UnixStream::pair().expect("a pair");
        hosted.process = Some(Process {
            pid: std::process::id(),
            start_time: 0,
            master: Rc::new(Watched::new(master).expect("a descriptor")),
            wake: Rc::default(),
        });
        hosted.pane.write(b"typed");
        let under_way = hosted.pane.input_under_way().expect("input");
        world.panes.insert(PaneId(7), hosted);
        world.leaving.restarting = true;
        let left = world.part().expect("a next server");
        assert_eq!(left.inputs(), [(PaneId(7), under_way)]);
        world.panes.get_mut(&PaneId(7)).expect("it").pump();
        drop(world);
        let mut written = Vec::new();
        program.read_to_end(&mut written).expect("its end");
        assert!(written.is_empty(), "{written:?}");
    }

    fn input(bytes: &[u8]) -> UnderWay {
        UnderWay {
            bytes: bytes.to_vec(),
            brackets_paste: true,
        }
    }

    #[test]
    fn what_was_left_is_read_and_nonsense_is_nothing() {
        assert!(Handover::read(b"").expect("nothing").waiting.is_empty());
        let mut left = Handover {
            version: VERSION,
            ..Handover::default()
        };
        let given = [(PaneId(7), b"{}\xff\0".as_slice()), (PaneId(2), b"echo")];
        for (pane, bytes) in given {
            left.give(pane, input(bytes)).expect("room");
        }
        let written = left.written().expect("bytes");
        let read = Handover::read(&written).expect("it");
        assert_eq!(read.inputs(), given.map(|(pane, it)| (pane, input(it))));
        let cut = written.len() - 1;
        for nonsense in [&b"{}"[..], b"garbage", &written[..cut / 2], &written[..cut]] {
            assert!(Handover::read(nonsense).is_err());
        }
    }

    #[test]
    fn input_without_room_costs_no_other_and_what_is_left_can_be_kept() {
        const MIB: usize = 1 << 20;
        let mut left = Handover {
            version: VERSION,
            ..Handover::default()
        };
        let panes = MAX_INPUT / MIB;
        assert!(panes > 50, "of a full buffer each");
        for pane in 0..panes as u64 {
            let full = input(&[0xff; MIB]);
            left.give(PaneId(pane), full).expect("room");
        }
        assert_eq!(left.give(PaneId(99), input(b"too much")), Err(Full));
        let written = left.written().expect("bytes");
        assert!(written.len() <= keepsake::MAX_BYTES);
        assert_eq!(Handover::read(&written).expect("it").inputs().len(), panes);
    }
}
