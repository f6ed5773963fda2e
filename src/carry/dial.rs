//! How one more link to a server is made, for whoever has one already.

use crate::net::quic::Connection;
use crate::net::{Link, Peer};
use anyhow::{Context, Result};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// Makes links to one server.
#[derive(Debug, Clone)]
pub struct Dialer {
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Socket(PathBuf),
    Connection(Connection),
}

/// Whether a server runs on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// It does.
    Near,
    /// It is reached over a network.
    Far,
}

impl Distance {
    /// Of whoever is at the other end of a link.
    pub fn of(link: &Link) -> Self {
        match link.peer() {
            Peer::Local => Self::Near,
            Peer::Key(_) => Self::Far,
        }
    }
}

impl Dialer {
    /// To the server that `link` leads to; one of this machine listens at `socket`.
    pub fn beside(link: &Link, socket: PathBuf) -> Self {
        let way = match link.connection() {
            Some(connection) => Way::Connection(connection.clone()),
            None => Way::Socket(socket),
        };
        Self { way }
    }

    /// A link that was greeted. Call within a runtime.
    ///
    /// # Errors
    /// In one line: nobody listens, or the server refuses.
    pub async fn open(&self) -> Result<Link> {
        let mut link = match &self.way {
            Way::Socket(path) => {
                let stream = UnixStream::connect(path);
                let shown = || format!("connecting to {}", path.display());
                Link::unix(stream.with_context(shown)?)?
            }
            Way::Connection(connection) => connection.open().await?,
        };
        link.greet().await?;
        Ok(link)
    }
}
