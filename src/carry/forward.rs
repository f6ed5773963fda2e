//! Forwarding: what connects to a port or a socket on one side is connected to an address on the other.

use super::dial::Dialer;
use super::pipe::splice;
use super::transfer::answer;
use super::tree::{self, Base};
use crate::net::Link;
use crate::protocol::Message;
use crate::protocol::request::{Reply, Request};
use crate::protocol::side::{Address, Side};
use anyhow::{Context, Result, anyhow, bail};
use rustix::net::sockopt;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinSet, LocalSet};

/// How long an address may take to answer.
const CONNECT_WAIT: Duration = Duration::from_secs(15);

/// Most connections that one command forwards at once: each is two descriptors. More wait.
const MAX_AT_ONCE: usize = 256;

/// What is forwarded where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Where connections are taken.
    pub listen: Listen,
    /// Where they lead.
    pub to: Address,
}

/// Where connections are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// At a TCP port of these addresses; the first has to be had.
    Port(Vec<String>, u16),
    /// At a unix socket.
    Socket(PathBuf),
}

impl FromStr for Rule {
    type Err = String;

    /// Reads what ssh's `-L` takes: `[BIND:]PORT:HOST:PORT`, with a path instead of either end.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = parts(text);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let rule = match parts.as_slice() {
            [local, to @ ..] if is_path(local) => {
                address(to).map(|to| (Listen::Socket(local.into()), to))
            }
            [own, to] if is_path(to) => listen("", own).zip(address(&[to])),
            [bind, own, to] if is_path(to) => listen(bind, own).zip(address(&[to])),
            [own, host, port] => listen("", own).zip(address(&[host, port])),
            [bind, own, host, port] => {
                let bind = if bind.is_empty() { "*" } else { bind };
                listen(bind, own).zip(address(&[host, port]))
            }
            _ => None,
        };
        let (listen, to) = rule.ok_or(
            "write PORT:HOST:PORT, with an address to listen on before it if that is not this machine alone; \
             a path may stand for PORT, or for HOST:PORT",
        )?;
        Ok(Self { listen, to })
    }
}

/// What stands between colons; those within brackets separate nothing.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut is_inside) = (vec![String::new()], false);
    for c in text.chars() {
        match c {
            '[' => is_inside = true,
            ']' => is_inside = false,
            ':' if !is_inside => parts.push(String::new()),
            c => parts.last_mut().expect("there is always one").push(c),
        }
    }
    parts
}

fn is_path(text: &str) -> bool {
    text.contains('/')
}

fn address(parts: &[&str]) -> Option<Address> {
    match parts {
        [path] if is_path(path) => Some(Address::Socket((*path).to_owned())),
        [host, port] if !host.is_empty() => {
            let port = port.parse().ok().filter(|port| *port > 0)?;
            Some(Address::Port((*host).to_owned(), port))
        }
        _ => None,
    }
}

fn listen(bind: &str, port: &str) -> Option<Listen> {
    let addresses: &[&str] = match bind {
        "" | "localhost" => &["127.0.0.1", "::1"],
        "*" => &["0.0.0.0", "::"],
        one => &[one],
    };
    let addresses = addresses.iter().map(|one| (*one).to_owned()).collect();
    Some(Listen::Port(addresses, port.parse().ok()?))
}

/// Takes connections; the socket's file goes with it.
pub struct Listening {
    ports: Vec<TcpListener>,
    socket: Option<(UnixListener, PathBuf)>,
}

impl Listening {
    /// Listens. Call within a runtime.
    ///
    /// # Errors
    /// In one line, if the port or path is taken.
    pub async fn begin(listen: &Listen) -> Result<Self> {
        match listen {
            Listen::Socket(path) => Ok(Self {
                ports: Vec::new(),
                socket: Some((bind_socket(path)?, path.clone())),
            }),
            Listen::Port(addresses, port) => {
                let mut ports: Vec<TcpListener> = Vec::new();
                for address in addresses {
                    let port = match ports.first() {
                        Some(first) => first.local_addr()?.port(),
                        None => *port,
                    };
                    match TcpListener::bind((address.as_str(), port)).await {
                        Ok(listener) => ports.push(listener),
                        Err(error) if ports.is_empty() => {
                            let at = Address::Port(address.clone(), port);
                            return Err(error).with_context(|| format!("listening on {at}"));
                        }
                        // A machine may have no IPv6.
                        Err(_) => {}
                    }
                }
                Ok(Self {
                    ports,
                    socket: None,
                })
            }
        }
    }

    /// Where, in words.
    pub fn shown(&self) -> String {
        match &self.socket {
            Some((_, path)) => path.display().to_string(),
            None => {
                let first = self.ports.first().and_then(|port| port.local_addr().ok());
                first.map(|first| first.to_string()).unwrap_or_default()
            }
        }
    }

    /// The next connection. Dropping the future loses none.
    async fn accept(&self) -> std::io::Result<OwnedFd> {
        if let Some((listener, _)) = &self.socket {
            let (stream, _) = listener.accept().await?;
            return Ok(stream.into_std()?.into());
        }
        let second = self.ports.get(1);
        let (stream, _) = tokio::select! {
            accepted = self.ports[0].accept() => accepted?,
            accepted = async { second.expect("it is there").accept().await }, if second.is_some() => accepted?,
        };
        owned(stream)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some((_, path)) = &self.socket {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Listens at a path, for this user alone. A socket that nobody listens at any more is replaced; nothing else is.
fn bind_socket(path: &PathBuf) -> Result<UnixListener> {
    let shown = path.display();
    if let Ok(found) = std::fs::symlink_metadata(path) {
        let is_stale =
            found.file_type().is_socket() && std::os::unix::net::UnixStream::connect(path).is_err();
        if !is_stale {
            bail!("{shown} is in the way: choose another path, or remove it");
        }
        std::fs::remove_file(path).with_context(|| format!("replacing {shown}"))?;
    }
    let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let bound = UnixListener::bind(path);
    rustix::process::umask(before);
    bound.with_context(|| format!("listening on {shown}"))
}

fn owned(stream: TcpStream) -> std::io::Result<OwnedFd> {
    stream.set_nodelay(true)?;
    Ok(stream.into_std()?.into())
}

/// Forwards until the user wants an end, or the server is gone, which `first`, a link that says nothing, tells. What could not be
/// connected is told to `refused`, in one line.
pub async fn run(
    first: &mut Link,
    listening: Listening,
    dialer: &Dialer,
    to: &Address,
    refused: impl Fn(String),
) -> Result<()> {
    let (told, mut lines) = mpsc::channel(MAX_AT_ONCE);
    let work = async {
        let room = Arc::new(Semaphore::new(MAX_AT_ONCE));
        let mut carried = JoinSet::new();
        loop {
            let permit = room.clone().acquire_owned().await;
            let stream = match listening.accept().await {
                Ok(stream) => stream,
                Err(_) => {
                    // Out of descriptors, most likely: let others end first.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            while carried.try_join_next().is_some() {}
            let (dialer, to, told) = (dialer.clone(), to.clone(), told.clone());
            carried.spawn_local(async move {
                let _permit = permit;
                if let Err(error) = carry(&dialer, to, stream).await {
                    // Whoever reads the lines is slower than the refusals come: one says what all say.
                    let _ = told.try_send(format!("{error:#}"));
                }
            });
        }
    };
    let local = LocalSet::new();
    tokio::select! {
        () = local.run_until(work) => Ok(()),
        told = told_to_end() => told,
        // It says nothing more; its end is the server's.
        _ = first.recv() => Err(anyhow!("the server has gone")),
        () = async { while let Some(line) = lines.recv().await { refused(line) } } => Ok(()),
    }
}

/// Carries one connection to its end. Only what kept it from being made is an error.
async fn carry(dialer: &Dialer, to: Address, stream: OwnedFd) -> Result<()> {
    match opened(dialer, to).await {
        Ok(link) => {
            // Either program may go at any time.
            let _ = splice(link, stream, u64::MAX).await;
            Ok(())
        }
        Err(error) => {
            let _ = sockopt::set_socket_linger(&stream, Some(Duration::ZERO));
            Err(error)
        }
    }
}

async fn opened(dialer: &Dialer, to: Address) -> Result<Link> {
    let mut link = dialer.open().await?;
    link.give_way();
    link.queue(&Message::Request(Request::Side(Side::Forward(to))));
    link.flush().await?;
    match answer(&mut link).await? {
        Reply::Done => Ok(link),
        _ => bail!("the server answered something else"),
    }
}

/// Connects to an address from this machine on.
///
/// # Errors
/// In one line: where to, and why not.
pub async fn connect(to: &Address) -> Result<OwnedFd> {
    let connecting = async {
        match to {
            Address::Port(host, port) => owned(TcpStream::connect((host.as_str(), *port)).await?),
            Address::Socket(path) => {
                let path = tree::shown(Base::Home, &tree::path_of(path));
                Ok(UnixStream::connect(path).await?.into_std()?.into())
            }
        }
    };
    match tokio::time::timeout(CONNECT_WAIT, connecting).await {
        Ok(connected) => connected.with_context(|| format!("connecting to {to}")),
        Err(_) => bail!("connecting to {to}: it does not answer"),
    }
}

/// Waits until the user wants an end: by C-c, or by a signal that says so.
async fn told_to_end() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let watch = |kind| signal(kind).context("watching for signals");
    let mut interrupt = watch(SignalKind::interrupt())?;
    let mut terminate = watch(SignalKind::terminate())?;
    let mut hang_up = watch(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Option<(Listen, String)> {
        let rule = text.parse::<Rule>().ok()?;
        Some((rule.listen, rule.to.to_string()))
    }

    #[test]
    fn a_rule_is_read_as_ssh_reads_it() {
        let port = |binds: &[&str], port| {
            let binds = binds.iter().map(|bind| (*bind).to_owned()).collect();
            Listen::Port(binds, port)
        };
        let here = port(&["127.0.0.1", "::1"], 8080);
        let some = |listen: &Listen, to: &str| Some((listen.clone(), to.to_owned()));
        assert_eq!(rule("8080:db:5432"), some(&here, "db:5432"));
        assert_eq!(rule("localhost:8080:db:5432"), some(&here, "db:5432"));
        let all = port(&["0.0.0.0", "::"], 8080);
        assert_eq!(rule("*:8080:[::1]:5432"), some(&all, "[::1]:5432"));
        assert_eq!(rule(":8080:db:5432"), some(&all, "db:5432"));
        let one = port(&["fe80::1"], 0);
        assert_eq!(rule("[fe80::1]:0:db:5432"), some(&one, "db:5432"));
        assert_eq!(rule("8080:/run/x.sock"), some(&here, "/run/x.sock"));
        let socket = Listen::Socket("/tmp/x".into());
        assert_eq!(rule("/tmp/x:~/y"), some(&socket, "~/y"));
        assert_eq!(rule("/tmp/x:db:80"), some(&socket, "db:80"));
        for wrong in [
            "",
            "80",
            "80:db",
            "80:db:0",
            "x:db:80",
            "80::80",
            "1:2:3:4:5",
            "70000:db:1",
        ] {
            assert_eq!(rule(wrong), None, "{wrong}");
        }
    }
}
