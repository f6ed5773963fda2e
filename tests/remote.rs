//! Sessions over the network, on real sockets of this machine: what a user sees of a path that is cut, moves or leads to
//! somebody else.

use crate::support::home::kill;
use crate::support::{Home, Outer, wait_for};
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A server that runs in the foreground and listens; it ends with the test.
pub struct Served {
    pub home: Home,
    server: Child,
    pub address: SocketAddr,
}

impl Served {
    pub fn new() -> Self {
        let home = Home::new();
        let address = free_port();
        let server = run(&home, &["server", "run", "--listen", &address.to_string()]);
        let served = Self {
            home,
            server,
            address,
        };
        let is_up = || served.home.wt(&["server", "status"]).status.success();
        wait_for("the server", || is_up().then_some(()));
        served
    }

    /// A client that comes over the network, to a session that is made if it is missing.
    fn attach(&self, address: SocketAddr, session: &str) -> Outer {
        let target = format!("wt://{address}/{session}");
        self.home.open(&["attach", "--create", &target], 80, 24)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn run(home: &Home, args: &[&str]) -> Child {
    home.command(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("wt runs")
}

/// A port that is free now, and that nobody else is given for a while.
fn free_port() -> SocketAddr {
    let free = UdpSocket::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address")
}

/// Types a command whose output names the place.
fn mark(outer: &mut Outer, name: &str) {
    outer.send(format!("echo {name}-$((1+1))\r"));
    outer.wait_text(&format!("{name}-2"));
}

/// A piece of network between a client and a server: it can be cut, and can make the client appear at another port.
struct Path {
    address: SocketAddr,
    is_cut: Arc<AtomicBool>,
    moves: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
}

impl Path {
    fn to(server: SocketAddr) -> Self {
        let near = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let path = Self {
            address: near.local_addr().expect("an address"),
            is_cut: Arc::default(),
            moves: Arc::default(),
            is_over: Arc::default(),
        };
        let flags = [&path.is_cut, &path.moves, &path.is_over].map(Arc::clone);
        thread::spawn(move || carry(near, server, flags));
        path
    }

    fn cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
    }

    fn move_client(&self) {
        self.moves.store(true, Ordering::SeqCst);
    }
}

impl Drop for Path {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

fn far_socket() -> UdpSocket {
    let far = UdpSocket::bind("127.0.0.1:0").expect("a port");
    far.set_nonblocking(true).expect("a socket");
    far
}

/// Carries packets both ways until the path is over.
fn carry(near: UdpSocket, server: SocketAddr, [is_cut, moves, is_over]: [Arc<AtomicBool>; 3]) {
    near.set_read_timeout(Some(Duration::from_millis(1)))
        .expect("a socket");
    let (mut far, mut client, mut packet) = (far_socket(), None, [0; 2048]);
    while !is_over.load(Ordering::SeqCst) {
        if moves.swap(false, Ordering::SeqCst) {
            far = far_socket();
        }
        let lost = is_cut.load(Ordering::SeqCst);
        if let Ok((len, from)) = near.recv_from(&mut packet) {
            client = Some(from);
            if !lost {
                let _ = far.send_to(&packet[..len], server);
            }
        }
        while let Ok((len, _)) = far.recv_from(&mut packet) {
            if let Some(client) = client.filter(|_| !lost) {
                let _ = near.send_to(&packet[..len], client);
            }
        }
    }
}

#[test]
fn a_session_is_used_over_the_network_and_listed() {
    let served = Served::new();
    let mut outer = served.attach(served.address, "far");
    outer.wait_prompt();
    mark(&mut outer, "typed");
    // More than datagrams carry at once.
    outer.send("seq -w 1 5000 | tr '\\n' ' '; echo all-$((1+1))\r");
    outer.wait_text("all-2");
    let place = format!("wt://{}/", served.address);
    assert!(served.home.ok(&["ls", &place]).starts_with("far: attached"));
    outer.send("\x02d");
    outer.wait_text("[detached (from session far)]");
    let left = || served.home.ok(&["ls", &place]).starts_with("far: detached");
    wait_for("the server to know", || left().then_some(()));
}

#[test]
fn one_session_has_viewers_here_and_elsewhere() {
    let served = Served::new();
    let mut far = served.attach(served.address, "work");
    far.wait_prompt();
    let mut near = served.home.open(&["attach", "work"], 80, 24);
    near.wait_prompt();
    mark(&mut far, "from-far");
    near.wait_text("from-far-2");
    mark(&mut near, "from-near");
    far.wait_text("from-near-2");
}

#[test]
fn a_client_that_dies_leaves_the_session_to_the_next() {
    let served = Served::new();
    let mut first = served.attach(served.address, "work");
    first.wait_prompt();
    mark(&mut first, "first");
    kill(first.pid(), 9);
    let mut second = served.attach(served.address, "work");
    second.wait_text("first-2");
    mark(&mut second, "second");
}

#[test]
fn a_cut_and_another_port_lose_no_key_and_double_none() {
    let served = Served::new();
    let path = Path::to(served.address);
    let mut outer = served.attach(path.address, "work");
    outer.wait_prompt();
    mark(&mut outer, "before");
    path.cut(true);
    outer.send("echo during");
    outer.wait_text("last heard");
    outer.send("-$((1+1))-");
    path.move_client();
    path.cut(false);
    outer.send("$((2+2))\r");
    outer.wait_text("during-2-4");
    outer.wait_gone("last heard");
    path.move_client();
    mark(&mut outer, "after");
    let rows = outer.rows().join("\n");
    assert_eq!(rows.matches("during-2-4").count(), 1, "{rows}");
}

#[test]
fn a_server_with_another_key_is_not_talked_to() {
    let served = Served::new();
    let key = served.home.state().join("server.key");
    let other = Home::new();
    other.ok(&["key"]);
    let stranger = other.path().join("state/wt/device.key");
    std::fs::copy(stranger, &key).expect("a key");
    let place = format!("wt://{}/", served.address);
    let said = served.home.fails(&["ls", &place]);
    assert!(
        said.contains("another key than the one that is known"),
        "{said}"
    );
}

#[test]
fn nobody_there_is_said_in_one_line() {
    let served = Served::new();
    let nobody = free_port();
    let said = served.home.fails(&["ls", &format!("wt://{nobody}/")]);
    assert!(
        said.contains(&format!("{nobody} (UDP) does not answer")),
        "{said}"
    );
    assert_eq!(said.trim().lines().count(), 1);
}

#[test]
fn a_port_in_use_is_said_in_one_line() {
    let home = Home::new();
    let taken = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let taken = taken
        .local_addr()
        .map(|address| (taken, address.to_string()));
    let (_taken, address) = taken.expect("an address");
    let said = home.fails(&["server", "run", "--listen", &address]);
    assert!(
        said.contains(&format!("cannot listen on {address} (UDP)")),
        "{said}"
    );
    assert_eq!(said.trim().lines().count(), 1);
}

#[test]
fn without_being_asked_nobody_listens() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    let server = home.servers("server");
    assert!(!server.is_empty());
    for pid in server {
        let files = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("a process");
        let sockets = files.flatten().filter_map(|file| {
            let place = std::fs::read_link(file.path()).ok()?;
            let place = place.to_string_lossy().into_owned();
            let inode = place
                .strip_prefix("socket:[")?
                .strip_suffix(']')?
                .to_owned();
            Some(inode)
        });
        let sockets: Vec<String> = sockets.collect();
        for table in ["udp", "udp6", "tcp", "tcp6"] {
            let table = std::fs::read_to_string(format!("/proc/{pid}/net/{table}"));
            for line in table.unwrap_or_default().lines().skip(1) {
                let inode = line
                    .split_whitespace()
                    .nth(9)
                    .unwrap_or_default()
                    .to_owned();
                assert!(!sockets.contains(&inode), "{line}");
            }
        }
    }
}
