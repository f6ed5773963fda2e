//! The signals that the client minds. SIGTSTP is not one of them: C-z is the pane's, and who stops the client means it.

use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The terminal's size changed.
    Resize,
    /// The client was stopped and goes on; the terminal may have been used by others.
    Resume,
    /// The terminal is gone.
    HangUp,
    /// Somebody wants the client gone.
    End,
}

/// Listens to the signals.
#[derive(Debug)]
pub struct Signals {
    resize: Signal,
    resume: Signal,
    hang_up: Signal,
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
}

impl Signals {
    /// Starts to listen: from here on none of them ends the process.
    pub fn listen() -> Result<Self> {
        let on = |kind| signal(kind).context("listening to signals");
        Ok(Self {
            resize: on(SignalKind::window_change())?,
            resume: on(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            hang_up: on(SignalKind::hangup())?,
            terminate: on(SignalKind::terminate())?,
            interrupt: on(SignalKind::interrupt())?,
            quit: on(SignalKind::quit())?,
        })
    }

    /// The next one; several of a kind may be told as one.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.hang_up.recv() => Asked::HangUp,
            _ = self.terminate.recv() => Asked::End,
            _ = self.interrupt.recv() => Asked::End,
            _ = self.quit.recv() => Asked::End,
            _ = self.resume.recv() => Asked::Resume,
            _ = self.resize.recv() => Asked::Resize,
        }
    }
}
