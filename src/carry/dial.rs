//! How one more link to a server is made, for whoever has one already.

use crate::net::unix::{Blocking, Link};
use anyhow::{Context, Result};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// Makes links to one server.
#[derive(Debug, Clone)]
pub struct Dialer {
    socket: PathBuf,
}

impl Dialer {
    /// To the server of this machine that listens there.
    pub fn local(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// A link that was greeted. Call within a runtime.
    ///
    /// # Errors
    /// In one line: nobody listens, or the server refuses.
    pub async fn open(&self) -> Result<Link> {
        let stream = UnixStream::connect(&self.socket)
            .with_context(|| format!("connecting to {}", self.socket.display()))?;
        Blocking::greet(stream)?.into_link()
    }
}
