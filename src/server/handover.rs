//! What a server that makes room for another one leaves to it, beside what it saves anyway: who had attached and how far
//! their input had come, and input that programs have not read yet. The next server reads it
//! once: after a crash nobody may take it for what holds.

use super::echo::Keys;
use super::returning::Tie;
use super::viewer::Viewer;
use super::world::World;
use crate::auth::PublicKey;
use crate::disk::atomic::{self, Survives};
use crate::net::Peer;
use crate::pane::UnderWay;
use crate::protocol::{InputReceiver, PaneId, Token};
use crate::session::Viewpoint;
use crate::term::Size;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The form that is written.
const VERSION: u32 = 1;

/// The longest file that is read, in bytes. Input that waits is written as numbers, and takes four times its length.
const MAX_BYTES: u64 = 256 << 20;

/// Most viewers that are read.
const MAX_VIEWERS: usize = 1024;

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
}

impl Handover {
    /// Reads what the server before has left, and takes it away.
    pub fn take(path: &Path) -> Self {
        let read = read(path);
        let _ = fs::remove_file(path);
        read.unwrap_or_else(|error| {
            tracing::warn!(
                error = format!("{error:#}"),
                "what the server before has left is of no use"
            );
            Self::default()
        })
    }
}

fn read(path: &Path) -> Result<Handover> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Handover::default()),
        file => file?,
    };
    let mut text = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut text)?;
    let left: Handover = serde_json::from_slice(&text)?;
    ensure!(left.version == VERSION, "it is of version {}", left.version);
    ensure!(left.viewers.len() <= MAX_VIEWERS, "too many viewers");
    Ok(left)
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
        }
    }

    fn viewer(self, world: &World) -> Result<Viewer> {
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
        if world.sessions.get(viewer.at.session()).is_none() {
            viewer.end("the session has ended");
        }
        Ok(viewer)
    }
}

impl World {
    /// Leaves to the next server what it needs to go on as if it were this one.
    pub fn leave_to_next(&self) {
        let staying = self.viewers.values();
        let staying = staying.filter(|viewer| viewer.ended.is_none());
        let input = self.panes.values();
        let input =
            input.filter_map(|hosted| Some((hosted.pane.id, hosted.pane.input_under_way()?)));
        let left = Handover {
            version: VERSION,
            viewers: staying.map(Saved::of).collect(),
            input: input.collect(),
        };
        let path = self.places.handover_file();
        let written = serde_json::to_vec(&left).map_err(io::Error::from);
        let written = written.and_then(|text| atomic::write(&path, &text, Survives::Kill));
        if let Err(error) = written {
            tracing::warn!(%error, "clients will have to begin anew");
        }
    }

    /// Takes up what the server before has left: viewers are awaited, and programs are given what was typed for them.
    pub fn take_up(&mut self, left: Handover) {
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
    use super::*;

    #[test]
    fn what_was_left_is_read_once_and_nonsense_is_nothing() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("handover");
        assert!(Handover::take(&path).input.is_empty());
        let left = Handover {
            version: VERSION,
            input: vec![(PaneId(7), UnderWay::default())],
            ..Handover::default()
        };
        let text = serde_json::to_vec(&left).expect("text");
        fs::write(&path, &text).expect("a file");
        assert_eq!(Handover::take(&path).input, left.input);
        assert_eq!(Handover::take(&path).input, []);
        for nonsense in [&b"{}"[..], b"garbage", &text[..text.len() / 2]] {
            fs::write(&path, nonsense).expect("a file");
            assert_eq!(Handover::take(&path).input, []);
            assert!(!path.exists());
        }
    }
}
