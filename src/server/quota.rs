//! Keeps the history of all panes within what the configuration allows. What stands on disk is measured once, when the
//! first block is written, and from then on known by what is written; it is measured again, on another thread, only when
//! there may be too much.

use super::Server;
use super::world::World;
use crate::disk::archive::Archive;
use crate::disk::prune::{Mode, Prune, Pruned, Whose};
use crate::disk::writer::Writer;
use crate::protocol::request::PruneHistory;
use anyhow::{Context, Result};
use std::time::{Duration, Instant, SystemTime};

/// Once there is too much, so much more goes that it is not too much again at once: this part of the quota.
const SLACK: u64 = 32;

/// How often lines that have grown too old are looked for, while there is output.
const AGE_CHECK: Duration = Duration::from_secs(3600);

/// What is known of the bytes on disk.
#[derive(Debug, Default)]
pub(super) struct Quota {
    /// Bytes on disk when they were measured last, when that was, and how many had been written until then.
    measured: Option<(u64, Instant, u64)>,
    is_measuring: bool,
}

impl Quota {
    fn is_due(&self, writer: &Writer, total_bytes: u64, has_age: Aging) -> bool {
        if self.is_measuring || writer.written() == 0 {
            return false;
        }
        let Some((bytes, at, written)) = self.measured else {
            return true;
        };
        let grown = writer.written().saturating_sub(written);
        bytes + grown > total_bytes || has_age == Aging::Dropped && at.elapsed() > AGE_CHECK
    }
}

/// Whether old lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aging {
    Kept,
    Dropped,
}

/// Drops the oldest history if there may be too much. Returns at once.
pub(super) fn keep(server: &Server) {
    let Some((archive, writer, limits)) = server.with(World::due_prune) else {
        return;
    };
    let server = server.clone();
    tokio::task::spawn_local(async move {
        let written = writer.written();
        let pruned = spawn_prune(archive, writer, limits).await;
        server.with(|world| world.note_measured(pruned, written));
    });
}

/// Deletes what a user wants deleted; says what went.
pub(super) async fn prune(server: &Server, wanted: &PruneHistory) -> Result<String> {
    let (archive, writer) =
        server.with(|world| (Archive::open(&world.places), world.writer.clone()));
    let prune = plan(wanted);
    let pruned = spawn_prune(archive, writer, prune.clone()).await?;
    Ok(prune.sentence(&pruned))
}

/// What a request comes to.
pub fn plan(wanted: &PruneHistory) -> Prune {
    Prune {
        older_than: wanted.older_than_secs.map(Duration::from_secs),
        to_bytes: wanted.to_bytes,
        of: match wanted.pane {
            Some(pane) => Whose::One(pane),
            None if wanted.dead => Whose::Dead,
            None => Whose::All,
        },
        mode: match wanted.dry_run {
            true => Mode::Count,
            false => Mode::Delete,
        },
    }
}

/// Prunes on another thread.
pub(super) async fn spawn_prune(archive: Archive, writer: Writer, prune: Prune) -> Result<Pruned> {
    let run = move || prune.run(&archive, &writer, SystemTime::now());
    tokio::task::spawn_blocking(run).await.context("pruning")?
}

impl World {
    fn due_prune(&mut self) -> Option<(Archive, Writer, Prune)> {
        let limits = self.config.history.clone();
        self.writer.set_quota(limits.pane_bytes);
        let aging = match limits.max_age_secs {
            Some(_) => Aging::Dropped,
            None => Aging::Kept,
        };
        if !self.quota.is_due(&self.writer, limits.total_bytes, aging) {
            return None;
        }
        self.quota.is_measuring = true;
        let is_over = self.quota.measured.is_some_and(|(bytes, _, written)| {
            bytes + self.writer.written().saturating_sub(written) > limits.total_bytes
        });
        let slack = if is_over {
            limits.total_bytes / SLACK
        } else {
            0
        };
        let prune = Prune {
            older_than: limits.max_age_secs.map(Duration::from_secs),
            to_bytes: Some(limits.total_bytes - slack),
            ..Prune::default()
        };
        Some((Archive::open(&self.places), self.writer.clone(), prune))
    }

    fn note_measured(&mut self, pruned: Result<Pruned>, written: u64) {
        self.quota.is_measuring = false;
        let left = match pruned {
            Ok(pruned) => {
                if pruned.bytes > 0 {
                    tracing::info!(?pruned, "the oldest history went");
                }
                pruned.left
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "history cannot be measured");
                0
            }
        };
        self.quota.measured = Some((left, Instant::now(), written));
    }
}
