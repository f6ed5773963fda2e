//! How one more link to a server is made, for whoever has one already.

use crate::net::Link;
use crate::net::quic::Connection;
use anyhow::{Context, Result};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// Makes links to one server.
#[derive(Debug, Clone)]
pub struct Dialer {
    to: To,
}

#[derive(Debug, Clone)]
enum To {
    Socket(PathBuf),
    Remote(Connection),
}

impl Dialer {
    /// To the server of this machine that listens there.
    pub fn local(socket: PathBuf) -> Self {
        let to = To::Socket(socket);
        Self { to }
    }

    /// To the server at the other end of a connection.
    pub fn remote(connection: Connection) -> Self {
        let to = To::Remote(connection);
        Self { to }
    }

    /// A link that was greeted. Call within a runtime.
    ///
    /// # Errors
    /// In one line: nobody listens, or the server refuses.
    pub async fn open(&self) -> Result<Link> {
        let mut link = match &self.to {
            To::Socket(socket) => {
                let stream = UnixStream::connect(socket)
                    .with_context(|| format!("connecting to {}", socket.display()))?;
                Link::unix(stream)?
            }
            To::Remote(connection) => connection.open().await?,
        };
        link.greet().await?;
        Ok(link)
    }
}
