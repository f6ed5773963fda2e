//! The process that runs an errand, beside the server.

use super::start::own_program;
use crate::disk::places::Places;
use crate::protocol::errand::{Errand, ErrandReply};
use crate::protocol::side::MAX_PIECE;
use anyhow::{Context, Result, bail};
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::runtime::Handle;

/// The process that runs an errand, killed if it is dropped.
pub(super) struct Worker {
    child: Option<Child>,
    /// Takes its words, which others on this machine could read in its arguments. It ends when this is closed, too: this
    /// server is gone then.
    words: Sender,
    out: Option<Receiver>,
    err: Option<Receiver>,
}

impl Worker {
    pub async fn start(places: &Places, wanted: &Errand) -> Result<Self> {
        let written = wanted.written()?;
        let (words, to_words) = io::pipe().context("making a pipe")?;
        let (out, to_out) = io::pipe().context("making a pipe")?;
        let (err, to_err) = io::pipe().context("making a pipe")?;
        let program = own_program()?;
        let mut command = Command::new(&program);
        command
            .args(["-L", places.name(), "server", "errand"])
            .current_dir("/")
            .stdin(words)
            .stdout(to_out)
            .stderr(to_err)
            // The pane that the server was started in is not the client's.
            .env_remove("WT")
            .env_remove("WT_PANE");
        if let Some(zone) = wanted.zone() {
            command.env("TZ", zone);
        }
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut worker = Self {
            child: Some(child),
            words: Sender::from_owned_fd(OwnedFd::from(to_words))?,
            out: Some(Receiver::from_owned_fd(OwnedFd::from(out))?),
            err: Some(Receiver::from_owned_fd(OwnedFd::from(err))?),
        };
        let handed = worker.words.write_all(&written).await;
        handed.context("the command did not take its words")?;
        Ok(worker)
    }

    /// Whether it may still say something.
    pub fn speaks(&self) -> bool {
        self.out.is_some() || self.err.is_some()
    }

    /// What it says next; `None` if one of its ways to say something has ended. Dropping the future loses nothing.
    pub async fn hear(&mut self) -> Result<Option<ErrandReply>> {
        let said = tokio::select! {
            said = part(&mut self.out) => said?.map(ErrandReply::Out),
            said = part(&mut self.err) => said?.map(ErrandReply::Err),
        };
        Ok(said)
    }

    /// Waits until it has ended; the code that it exited with.
    pub async fn end(mut self) -> Result<u8> {
        let mut child = self.child.take().context("it was waited for already")?;
        // It has closed all that it said anything by: what is left of it takes no time.
        let status = tokio::task::spawn_blocking(move || child.wait()).await??;
        match status.code() {
            Some(code) => Ok(u8::try_from(code).unwrap_or(1)),
            None => bail!("the command was killed on the server's machine"),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            match Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn_blocking(move || child.wait())),
                // The server ends: what it leaves behind is waited for by the system's first process.
                Err(_) => drop(child.try_wait()),
            }
        }
    }
}

/// The next part of what comes out of a pipe; `None`, once, at its end.
async fn part(pipe: &mut Option<Receiver>) -> Result<Option<Vec<u8>>> {
    let Some(open) = pipe else {
        return std::future::pending().await;
    };
    let mut bytes = vec![0; MAX_PIECE];
    let count = open.read(&mut bytes).await.context("reading from a pipe")?;
    bytes.truncate(count);
    if count == 0 {
        *pipe = None;
        return Ok(None);
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_outlives_the_runtime_is_ended_without_a_panic() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let mut sleeping = Command::new("sleep");
        let child = sleeping.arg("1000").spawn().expect("a process");
        let (_, words) = io::pipe().expect("a pipe");
        let words = runtime.block_on(async { Sender::from_owned_fd(OwnedFd::from(words)) });
        let worker = Worker {
            child: Some(child),
            words: words.expect("a pipe"),
            out: None,
            err: None,
        };
        drop(worker);
    }
}
