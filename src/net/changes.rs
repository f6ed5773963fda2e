//! Tells at once that the network of this machine has changed: an address, a route or an interface came or went. Linux
//! says so (netlink(7), rtnetlink(7)); elsewhere it is for others to look now and then.

#[cfg(target_os = "linux")]
use super::watched::Watched;
#[cfg(target_os = "linux")]
use std::time::Duration;

/// How long changes of the same moment are waited for: an address comes with its routes.
#[cfg(target_os = "linux")]
const SETTLE: Duration = Duration::from_millis(20);

/// Longest message that is read; of longer ones the end is lost, and none is looked into.
#[cfg(target_os = "linux")]
const MAX_MESSAGE: usize = 4096;

/// What is listened to: interfaces, and addresses and routes of both families (`RTMGRP_LINK` and so on, rtnetlink(7)).
#[cfg(target_os = "linux")]
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

/// Changes of this machine's network.
#[derive(Debug)]
pub struct Changes {
    #[cfg(target_os = "linux")]
    socket: Option<Watched>,
}

impl Changes {
    /// Listens from now on. Call within a runtime.
    pub fn listen() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            socket: listen().ok(),
        }
    }

    /// Ready once something has changed since the last call; never, where nobody tells. Dropping the future loses
    /// nothing.
    #[cfg(target_os = "linux")]
    pub async fn next(&mut self) {
        if let Some(socket) = &self.socket
            && socket.readable().await.is_ok()
        {
            tokio::time::sleep(SETTLE).await;
            if is_drained(socket) {
                return;
            }
        }
        // One that fails would fail again at once.
        self.socket = None;
        std::future::pending().await
    }

    /// Never ready: nobody tells.
    #[cfg(not(target_os = "linux"))]
    pub async fn next(&mut self) {
        std::future::pending().await
    }
}

#[cfg(target_os = "linux")]
fn listen() -> std::io::Result<Watched> {
    use rustix::net::netlink::SocketAddrNetlink;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    // The first of netlink's protocols is that of routes, `NETLINK_ROUTE`.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
    bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
    Watched::new(socket)
}

/// Reads all that was said; whether there may be more one day. That some of it was lost (`ENOBUFS`) says no less.
#[cfg(target_os = "linux")]
fn is_drained(socket: &Watched) -> bool {
    let mut buffer = [0; MAX_MESSAGE];
    loop {
        match socket.try_read(&mut buffer) {
            Ok(1..) => {}
            Ok(0) => return false,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return true,
            Err(error) => {
                if error.raw_os_error() != Some(rustix::io::Errno::NOBUFS.raw_os_error()) {
                    return false;
                }
            }
        }
    }
}
