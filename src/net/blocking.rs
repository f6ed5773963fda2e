//! A conversation for a program that does one thing at a time: each call waits for what it asks for.

use super::framed::Incoming;
use super::link::{Closed, Link, greeting, welcomed};
use super::unix;
use crate::protocol::Message;
use crate::protocol::request::{Reply, Request};
use anyhow::{Context, Result, bail};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// A conversation for a program that does one thing at a time.
#[derive(Debug)]
pub struct Blocking {
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// Needs no runtime.
    Unix {
        stream: UnixStream,
        incoming: Incoming,
    },
    Remote(Remote),
}

/// A link of its own runtime, which turns whenever something is waited for.
#[derive(Debug)]
struct Remote {
    runtime: Runtime,
    link: Option<Link>,
    timeout: Option<Duration>,
}

impl Blocking {
    /// Connects to the server that listens at `path`.
    pub fn connect(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let stream = UnixStream::connect(path)
            .with_context(|| format!("connecting to {}", path.display()))?;
        Ok(Self::over(stream))
    }

    fn over(stream: UnixStream) -> Self {
        let incoming = Incoming::default();
        Self {
            way: Way::Unix { stream, incoming },
        }
    }

    /// Greets the server behind a connected stream.
    ///
    /// # Errors
    /// If it speaks a version that this build cannot talk to, or refuses.
    pub fn greet(stream: UnixStream) -> Result<Self> {
        Self::over(stream).greeted()
    }

    /// Reaches a server over the network by `dial`, and greets it.
    ///
    /// # Errors
    /// As `dial`'s, and those of [`greet`](Self::greet).
    pub fn dial(dial: impl Future<Output = Result<Link>>) -> Result<Self> {
        let runtime = runtime()?;
        let link = Some(runtime.block_on(dial)?);
        let way = Way::Remote(Remote {
            runtime,
            link,
            timeout: None,
        });
        Self { way }.greeted()
    }

    fn greeted(mut self) -> Result<Self> {
        self.send(&greeting())?;
        welcomed(self.recv()?)?;
        Ok(self)
    }

    /// Where the server answered, over a network.
    pub fn remote_address(&self) -> Option<SocketAddr> {
        match &self.way {
            Way::Unix { .. } => None,
            Way::Remote(remote) => Some(remote.link.as_ref()?.connection()?.remote_address()),
        }
    }

    /// Asks something.
    pub fn request(&mut self, request: Request) -> Result<()> {
        self.send(&Message::Request(request))
    }

    /// Waits for the next reply; other messages are passed over.
    pub fn reply(&mut self) -> Result<Reply> {
        loop {
            match self
                .recv()?
                .context("the server went away in the middle of an answer")?
            {
                Message::Reply(reply) => return Ok(reply),
                _ => continue,
            }
        }
    }

    /// How long one read or write may take; `None` for ever.
    pub fn set_timeout(&mut self, limit: Option<Duration>) -> Result<()> {
        match &mut self.way {
            Way::Unix { stream, .. } => {
                stream.set_read_timeout(limit)?;
                stream.set_write_timeout(limit)?;
            }
            Way::Remote(remote) => remote.timeout = limit,
        }
        Ok(())
    }

    /// Writes a message. If the server is gone, its last words and its end come out of [`recv`](Self::recv).
    pub fn send(&mut self, message: &Message) -> Result<()> {
        match &mut self.way {
            Way::Unix { stream, .. } => {
                let mut bytes = Vec::new();
                message.encode(&mut bytes);
                match stream.write_all(&bytes) {
                    Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                        Err(error).context("writing to the server")
                    }
                    _ => Ok(()),
                }
            }
            Way::Remote(remote) => remote.wait(async |link| {
                link.queue(message);
                link.flush().await
            }),
        }
    }

    /// Waits for the next message; `None` once the server is gone.
    pub fn recv(&mut self) -> Result<Option<Message>> {
        match &mut self.way {
            Way::Unix { stream, incoming } => match incoming.receive(|room| stream.read(room))? {
                Some(ended) => Ok(ended),
                None => bail!("the server does not answer"),
            },
            Way::Remote(remote) => remote.wait(async |link| link.recv().await),
        }
    }

    /// Goes on in a runtime of one thread, with a link that knows what was read already.
    pub fn enter<T>(mut self, run: impl AsyncFnOnce(Link) -> Result<T>) -> Result<T> {
        self.set_timeout(None)?;
        match self.way {
            Way::Unix { stream, incoming } => runtime()?.block_on(async {
                let stream = unix::Stream::resumed(stream, incoming)?;
                run(Link::over(stream)).await
            }),
            Way::Remote(mut remote) => {
                let link = remote.link.take().ok_or(Closed)?;
                remote.runtime.block_on(run(link))
            }
        }
    }
}

impl Remote {
    fn wait<T>(&mut self, act: impl AsyncFnOnce(&mut Link) -> Result<T>) -> Result<T> {
        let link = self.link.as_mut().ok_or(Closed)?;
        self.runtime.block_on(async {
            match self.timeout {
                None => act(link).await,
                Some(limit) => tokio::time::timeout(limit, act(link))
                    .await
                    .context("the server does not answer")?,
            }
        })
    }
}

impl Drop for Remote {
    /// The peer would wait for more.
    fn drop(&mut self) {
        let link = self.link.take();
        self.runtime.block_on(async {
            match link {
                Some(link) => link.close().await,
                None => tokio::task::yield_now().await,
            }
        });
    }
}

fn runtime() -> Result<Runtime> {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().build().context("starting the client")
}

#[cfg(test)]
mod tests {
    use super::super::unix::Listener;
    use super::*;

    #[test]
    fn a_blocking_client_asks_and_goes_on_as_a_link() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("socket");
        let listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
        listener.set_nonblocking(true).expect("a socket");
        let served = std::thread::spawn(move || {
            runtime()?.block_on(async {
                let mut link = Listener::from_std(listener)?.accept().await?;
                let question = link.recv().await?;
                for message in [Message::Reply(Reply::Done), Message::Packet(vec![2])] {
                    link.queue(&message);
                }
                link.flush().await?;
                anyhow::Ok(question)
            })
        });
        let mut client = Blocking::connect(path).expect("a connection");
        client.request(Request::List).expect("asked");
        let answer = client.recv().expect("an answer");
        assert_eq!(answer, Some(Message::Reply(Reply::Done)));
        let rest = client.enter(async |mut link: Link| link.recv().await);
        assert_eq!(rest.expect("a link"), Some(Message::Packet(vec![2])));
        let question = served.join().expect("no panic").expect("a question");
        assert_eq!(question, Some(Message::Request(Request::List)));
    }
}
