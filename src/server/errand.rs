//! Errands of clients elsewhere: wt itself is run here with their words, beside the server, so that nobody else waits for
//! it and its memory is its own; what it prints goes to the client. It ends at once when nobody wants it any more.

use super::Server;
use super::request::say;
use super::start::own_program;
use crate::disk::places::Places;
use crate::net::Link;
use crate::protocol::errand::{Errand, ErrandReply};
use crate::protocol::request::Reply;
use crate::protocol::side::MAX_PIECE;
use anyhow::{Context, Result, bail};
use std::cell::Cell;
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

/// Most errands at a time: each is a process.
const MAX_ERRANDS: usize = 16;

/// How many are under way.
#[derive(Default)]
pub(super) struct Errands(Rc<Cell<usize>>);

impl Errands {
    fn begin(&self) -> Option<UnderWay> {
        let count = &self.0;
        (count.get() < MAX_ERRANDS).then(|| {
            count.set(count.get() + 1);
            UnderWay(count.clone())
        })
    }
}

/// One errand.
struct UnderWay(Rc<Cell<usize>>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Does what is wanted, and passes on what it says; ends early if the client goes.
pub(super) async fn run(server: &Server, link: &mut Link, wanted: &Errand) -> Result<()> {
    let Some(_under_way) = server.with(|world| world.network.errands.begin()) else {
        bail!("the server is busy with {MAX_ERRANDS} commands like this one: try again later");
    };
    let places = server.with(|world| world.places.clone());
    let mut worker = Worker::start(&places, wanted)?;
    while worker.speaks() {
        let said = tokio::select! {
            said = worker.hear() => said?,
            message = link.recv() => match message? {
                Some(_) => continue,
                None => return Ok(()),
            },
        };
        // No more is read before this is on its way: the worker waits for whoever reads slowly.
        if let Some(said) = said {
            say(link, Reply::Errand(said)).await?;
        }
    }
    let code = worker.end().await?;
    say(link, Reply::Errand(ErrandReply::Over(code))).await
}

/// The process that runs an errand, killed if it is dropped.
struct Worker {
    child: Option<Child>,
    out: Option<Receiver>,
    err: Option<Receiver>,
}

impl Worker {
    fn start(places: &Places, wanted: &Errand) -> Result<Self> {
        let (out, to_out) = io::pipe().context("making a pipe")?;
        let (err, to_err) = io::pipe().context("making a pipe")?;
        let program = own_program()?;
        let mut command = Command::new(&program);
        command
            .args(["-L", places.name(), "server", "errand", "--"])
            .args(wanted.argv()?)
            .current_dir("/")
            .stdin(Stdio::null())
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
        Ok(Self {
            child: Some(child),
            out: Some(Receiver::from_owned_fd(OwnedFd::from(out))?),
            err: Some(Receiver::from_owned_fd(OwnedFd::from(err))?),
        })
    }

    /// Whether it may still say something.
    fn speaks(&self) -> bool {
        self.out.is_some() || self.err.is_some()
    }

    /// What it says next; `None` if one of its ways to say something has ended. Dropping the future loses nothing.
    async fn hear(&mut self) -> Result<Option<ErrandReply>> {
        let said = tokio::select! {
            said = part(&mut self.out) => said?.map(ErrandReply::Out),
            said = part(&mut self.err) => said?.map(ErrandReply::Err),
        };
        Ok(said)
    }

    /// Waits until it has ended; the code that it exited with.
    async fn end(mut self) -> Result<u8> {
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
            tokio::task::spawn_blocking(move || child.wait());
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
