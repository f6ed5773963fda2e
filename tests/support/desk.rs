//! Two machines that know each other: a server that listens, and a client that calls it `desk`. Each is a home of its own,
//! the network is the loopback.

use super::Home;
use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use wt::protocol::hello::VERSION;

/// The machines.
pub struct Desk {
    /// The one with the server.
    pub server: Home,
    /// The other one.
    pub client: Home,
    /// Where the server listens.
    pub address: SocketAddr,
}

impl Desk {
    /// A server with one session, `work`.
    pub fn open() -> Self {
        let (server, client, address) = (Home::new(), Home::new(), free_port());
        std::fs::create_dir_all(server.state()).expect("a directory");
        std::fs::write(server.state().join("listening"), format!("{address}\n")).expect("a file");
        server.ok(&["new", "-d", "-s", "work"]);
        let desk = Self {
            server,
            client,
            address,
        };
        desk.acquaint();
        desk
    }

    /// What `wt ssh` does with the answer that it gets through ssh.
    fn acquaint(&self) {
        let said = self.client.ok(&["key"]);
        let key = said.lines().next().expect("a key");
        let (major, minor) = (VERSION.major, VERSION.minor);
        let asked = format!("wt-bootstrap 1 {major}.{minor} key={key} name=client\n");
        let answer = bootstrap(&self.server, &asked);
        let mut words = answer.split_whitespace();
        let key = words.find_map(|word| word.strip_prefix("key="));
        let key = key.unwrap_or_else(|| panic!("no key in {answer}"));
        let file = self.client.path().join("state/wt/hosts.toml");
        let text = format!(
            "[desk]\nkey = \"{key}\"\naddresses = [\"{}\"]\n",
            self.address
        );
        std::fs::write(&file, text).expect("a file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    }
}

/// A port of the loopback that is free now, and that nobody else is given for a while.
pub fn free_port() -> SocketAddr {
    let free = UdpSocket::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address")
}

fn bootstrap(server: &Home, asked: &str) -> String {
    let mut child = server
        .command(&["server", "bootstrap"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("wt runs");
    let mut to = child.stdin.take().expect("an input");
    to.write_all(asked.as_bytes()).expect("written");
    drop(to);
    let output = child.wait_with_output().expect("an end");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
