//! Keeps the history of all panes within what the configuration allows. What stands on disk is measured when the server
//! begins, on another thread, and from then on known by what is written; it is measured again when there may be too much,
//! and each hour while lines grow too old.

use super::Server;
use super::world::World;
use crate::disk::archive::Archive;
use crate::disk::prune::{Mode, Prune, Pruned, Whose};
use crate::disk::writer::Writer;
use crate::protocol::request::PruneHistory;
use anyhow::{Context, Result};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Notify;

/// Once there is too much, so much more goes that it is not too much again at once: this part of the quota.
const SLACK: u64 = 32;

/// How often lines that have grown too old are looked for.
const AGE_CHECK: Duration = Duration::from_secs(3600);

/// How much later than that a timer wakes: what was measured an hour ago is then old enough, however long it took.
const MEASURING: Duration = Duration::from_secs(60);

/// What is known of the bytes on disk.
#[derive(Debug, Default)]
pub(super) struct Quota {
    /// Bytes on disk when they were measured last, when that was, and how many had been written until then.
    measured: Option<(u64, Instant, u64)>,
    is_measuring: bool,
    /// Wakes the task that looks for old lines: the configuration has been read again.
    pub aging_changed: Rc<Notify>,
}

impl Quota {
    fn is_due(&self, writer: &Writer, total_bytes: u64, has_age: Aging) -> bool {
        if self.is_measuring {
            return false;
        }
        let Some((bytes, at, written)) = self.measured else {
            return true;
        };
        let grown = writer.written().saturating_sub(written);
        bytes + grown > total_bytes || has_age == Aging::Dropped && at.elapsed() >= AGE_CHECK
    }
}

/// Whether old lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aging {
    Kept,
    Dropped,
}

/// Measures what earlier servers have left, and looks each hour for what has grown too old. Where nothing ever does, it
/// looks once.
pub(super) async fn keep_age(server: Server) {
    loop {
        keep(&server);
        let changed = server.with(|world| world.quota.aging_changed.clone());
        match server.with(|world| world.aging()) {
            Aging::Kept => changed.notified().await,
            Aging::Dropped => {
                // Should the configuration change meanwhile, an hour later is early enough.
                tokio::time::sleep(AGE_CHECK + MEASURING).await;
            }
        }
    }
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
    fn aging(&self) -> Aging {
        match self.config.history.max_age_secs {
            Some(_) => Aging::Dropped,
            None => Aging::Kept,
        }
    }

    fn due_prune(&mut self) -> Option<(Archive, Writer, Prune)> {
        let limits = self.config.history.clone();
        self.writer.set_quota(limits.pane_bytes);
        if !self
            .quota
            .is_due(&self.writer, limits.total_bytes, self.aging())
        {
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
                if let Some(why) = &pruned.why {
                    tracing::warn!(why, "some history cannot be deleted");
                }
                if pruned.bytes > 0 {
                    tracing::info!(?pruned, "the oldest history went");
                }
                pruned.left
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "history cannot be measured");
                self.quota.measured.map_or(0, |(bytes, ..)| bytes)
            }
        };
        self.quota.measured = Some((left, Instant::now(), written));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_measured_before_anything_is_written_and_each_hour_while_lines_age() {
        let writer = Writer::default();
        let due = |quota: &Quota, aging| quota.is_due(&writer, 100, aging);
        let mut quota = Quota::default();
        assert!(due(&quota, Aging::Kept));
        quota.measured = Some((100, Instant::now(), 0));
        assert!(!due(&quota, Aging::Kept) && !due(&quota, Aging::Dropped));
        quota.measured = Some((101, Instant::now(), 0));
        assert!(due(&quota, Aging::Kept));
        if let Some(long_ago) = Instant::now().checked_sub(AGE_CHECK) {
            quota.measured = Some((100, long_ago, 0));
            assert!(!due(&quota, Aging::Kept) && due(&quota, Aging::Dropped));
        }
    }

    #[test]
    fn all_that_is_written_counts() {
        let dir = tempfile::tempdir().unwrap();
        let writer = Writer::default();
        writer.replace(dir.path().join("snapshot"), vec![0; 101]);
        assert!(writer.flush(Duration::from_secs(60)));
        let measured = Some((0, Instant::now(), 0));
        let quota = Quota {
            measured,
            ..Quota::default()
        };
        assert!(quota.is_due(&writer, 100, Aging::Kept));
    }
}
