//! Clients outlive their links: whatever becomes of the server or of the way to it, they go on by themselves, and no key is
//! lost, doubled or given to somebody else.

use crate::support::home::{is_alive, kill};
use crate::support::{Home, Outer, wait_for};
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const STOP: i32 = 19;
const GO_ON: i32 = 18;

/// Waits until another server than `before` runs, and the shell there says `word` and 2 when `typed` is.
fn wait_back(home: &Home, outer: &mut Outer, before: &[u32], (typed, word): (&str, &str)) {
    wait_for("another server", || {
        let now = home.servers("run");
        (!now.is_empty() && now != before).then_some(())
    });
    outer.wait_gone("reconnecting");
    outer.send(format!("echo {typed}-$((1+1))\r"));
    outer.wait_text(&format!("{word}-2"));
}

#[test]
fn a_killed_server_is_followed_by_another_and_panes_live_on() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    outer.send("x=kept; echo before-$((1+1))\r");
    outer.wait_text("before-2");
    let before = home.servers("run");
    home.kill_server();
    outer.wait_text("the server was lost");
    wait_back(&home, &mut outer, &before, ("$x", "kept"));
    assert_eq!(home.list()[0]["clients"], 1);
}

#[test]
fn what_a_killed_server_was_not_given_is_dropped_and_counted() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    let before = home.servers("run");
    // The server is stopped, so that what is typed is under way when it dies.
    kill(before[0], STOP);
    // The client has read those keys once it shows that it has read the next one, which is its own.
    outer.send("rm\t\x02");
    outer.wait_text("prefix");
    kill(before[0], 9);
    wait_for("the server's end", || (!is_alive(before[0])).then_some(()));
    outer.wait_text("the server was lost: 3 keys were not delivered");
    // That key after the prefix is the client's own, too.
    outer.send("r");
    wait_back(&home, &mut outer, &before, ("clean", "clean"));
    assert!(!outer.rows().iter().any(|row| row.contains("rm")));
}

#[test]
fn a_restart_is_hardly_seen() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    outer.send("x=kept; echo before-$((1+1))\r");
    outer.wait_text("before-2");
    let before = home.servers("run");
    home.ok(&["server", "restart"]);
    wait_back(&home, &mut outer, &before, ("$x", "kept"));
    let raw = String::from_utf8_lossy(&outer.raw()).into_owned();
    assert!(!raw.contains("the server was lost"), "nothing was");
}

/// A paste that the program reads slowly is in the client, in the server and in the kernel when the server restarts.
#[test]
fn a_paste_through_restarts_loses_and_doubles_no_line() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    let lines: String = (0..60_000).map(|n| format!("line {n}\r")).collect();
    // Read in pieces, so that the paste lasts.
    outer.send("stty -echo; dd bs=512 of=got 2>/dev/null; echo rea''d\r");
    let got = home.path().join("got");
    wait_for("the reader", || got.exists().then_some(()));
    std::thread::scope(|scope| {
        let typing = scope.spawn(|| {
            for part in lines.as_bytes().chunks(4096) {
                outer.send(part);
            }
            outer.send(b"\r\x04");
        });
        for share in 1..4 {
            wait_for("a part of the paste", || {
                let len = std::fs::metadata(&got).map_or(0, |file| file.len());
                (len > share * 60_000 || typing.is_finished()).then_some(())
            });
            home.ok(&["server", "restart"]);
        }
        typing.join().expect("typed");
    });
    outer.wait_text("read");
    let got = std::fs::read_to_string(got).expect("what was read");
    let expected: String = (0..60_000).map(|n| format!("line {n}\n")).collect();
    assert!(
        got.trim_end() == expected.trim_end(),
        "{} lines came, the first wrong one: {:?}",
        got.lines().count(),
        got.lines()
            .zip(expected.lines())
            .find(|(got, wanted)| got != wanted)
    );
}

#[test]
fn a_server_that_was_stopped_ends_its_clients_with_words() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    home.ok(&["server", "stop"]);
    assert_eq!(outer.wait_end(), 0);
    outer.wait_text("[the server was stopped]");
    assert!(home.servers("run").is_empty());
}

#[test]
fn a_client_leaves_while_there_is_no_server() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    // Nobody can start another server.
    let away = home.path().join("away");
    let dir = socket_dir(&home);
    std::fs::rename(&dir, &away).expect("renamed");
    std::fs::write(&dir, "in the way").expect("a file");
    home.kill_server();
    outer.wait_text("reconnecting");
    outer.send("ab\x02d");
    assert_eq!(outer.wait_end(), 0);
    outer.wait_text("2 keys were not delivered");
    assert!(outer.is_whole().is_ok());
}

fn socket_dir(home: &Home) -> std::path::PathBuf {
    let uid = rustix::process::getuid().as_raw();
    home.path().join(format!("wt-{uid}"))
}

#[test]
fn a_client_that_was_stopped_goes_on() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    kill(outer.pid(), STOP);
    home.ok(&["server", "restart"]);
    home.ok(&["send", "-t", "work", "echo meanwhile-$((1+1))", "Enter"]);
    kill(outer.pid(), GO_ON);
    outer.wait_text("meanwhile-2");
    outer.send("echo again-$((1+1))\r");
    outer.wait_text("again-2");
}

/// Carries datagrams between a client and a server, as long as it is not told to lose them all.
struct Proxy {
    address: SocketAddr,
    loses: Arc<AtomicBool>,
    ends: Arc<AtomicBool>,
}

impl Proxy {
    fn to(server: SocketAddr) -> Self {
        let front = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let address = front.local_addr().expect("its address");
        let (loses, ends) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let (lost, ended) = (loses.clone(), ends.clone());
        let wait = Some(Duration::from_millis(2));
        std::thread::spawn(move || {
            let mut backs: Vec<(SocketAddr, UdpSocket)> = Vec::new();
            front.set_read_timeout(wait).expect("a socket");
            let mut buffer = [0; 2048];
            while !ended.load(Ordering::Relaxed) {
                if let Ok((len, from)) = front.recv_from(&mut buffer) {
                    if !backs.iter().any(|(client, _)| *client == from) {
                        let back = UdpSocket::bind("127.0.0.1:0").expect("a socket");
                        back.connect(server).expect("a socket");
                        back.set_nonblocking(true).expect("a socket");
                        backs.push((from, back));
                    }
                    let back = backs.iter().find(|(client, _)| *client == from);
                    if !lost.load(Ordering::Relaxed) {
                        let _ = back.map(|(_, back)| back.send(&buffer[..len]));
                    }
                }
                for (client, back) in &backs {
                    loop {
                        match back.recv(&mut buffer) {
                            Ok(_) if lost.load(Ordering::Relaxed) => {}
                            Ok(len) => drop(front.send_to(&buffer[..len], client)),
                            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                            Err(_) => break,
                        }
                    }
                }
            }
        });
        Self {
            address,
            loses,
            ends,
        }
    }

    fn lose(&self, all: bool) {
        self.loses.store(all, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
    }
}

/// A home whose server listens on a port of its own, and a proxy before it.
fn remote() -> (Home, Proxy, Server) {
    let home = Home::new();
    // The number is free again by the time that the server takes it.
    let free = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let address = free.local_addr().expect("its address");
    drop(free);
    let server = Server::listening(&home, address);
    wait_for("the server", || {
        home.wt(&["ls"]).status.success().then_some(())
    });
    home.ok(&["new", "-d", "-s", "work"]);
    let proxy = Proxy::to(address);
    (home, proxy, server)
}

/// A server in the foreground.
struct Server(std::process::Child, SocketAddr);

impl Server {
    fn listening(home: &Home, address: SocketAddr) -> Self {
        let child = home
            .command(&["server", "run", "--listen", &address.to_string()])
            .spawn()
            .expect("a server");
        Self(child, address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn attach(home: &Home, proxy: &Proxy) -> Outer {
    let url = format!("wt://{}/work", proxy.address);
    let outer = home.open(&["attach", &url], 90, 20);
    outer.wait_prompt();
    outer
}

#[test]
fn keys_outlive_an_outage_of_the_path() {
    let (home, proxy, _server) = remote();
    let mut outer = attach(&home, &proxy);
    proxy.lose(true);
    outer.send("echo typed-$((1+1)) >> out; cat out\r");
    let lost = Instant::now();
    wait_for("a few seconds", || {
        (lost.elapsed() > Duration::from_secs(6)).then_some(())
    });
    proxy.lose(false);
    let back = Instant::now();
    outer.wait_text("typed-2");
    assert!(
        back.elapsed() < Duration::from_secs(3),
        "{:?}",
        back.elapsed()
    );
    let out = std::fs::read_to_string(home.path().join("out")).expect("a file");
    assert_eq!(out, "typed-2\n", "once");
}

#[test]
fn a_client_in_the_network_follows_a_restart() {
    let (home, proxy, _server) = remote();
    let mut outer = attach(&home, &proxy);
    outer.send("x=kept\r");
    let before = home.servers("run");
    home.ok(&["server", "restart"]);
    wait_back(&home, &mut outer, &before, ("$x", "kept"));
    let raw = String::from_utf8_lossy(&outer.raw()).into_owned();
    assert!(!raw.contains("the server was lost"), "nothing was");
}

#[test]
fn a_client_in_the_network_finds_the_server_that_comes_after_a_killed_one() {
    let (home, proxy, server) = remote();
    let mut outer = attach(&home, &proxy);
    outer.send("x=kept; echo there-$((1+1))\r");
    outer.wait_text("there-2");
    let before = home.servers("run");
    let address = server.1;
    drop(server);
    outer.send("lost");
    let _server = Server::listening(&home, address);
    outer.wait_text("the server was lost: 4 keys were not delivered");
    wait_back(&home, &mut outer, &before, ("$x", "kept"));
}

#[test]
fn a_server_in_the_network_that_was_stopped_ends_its_clients_with_words() {
    let (home, proxy, _server) = remote();
    let mut outer = attach(&home, &proxy);
    home.ok(&["server", "stop"]);
    assert_eq!(outer.wait_end(), 0);
    outer.wait_text("[the server was stopped]");
}

#[test]
fn a_place_in_scrollback_outlives_a_restart() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    outer.send("seq -f 'row %g' 2000; echo all-$((1+1))\r");
    outer.wait_text("all-2");
    outer.send("\x02[g");
    outer.wait("the first lines", |rows| rows[1] == "row 1");
    outer.send("\x1b[6~\x1b[6~");
    outer.wait("two pages down", |rows| rows[0].starts_with("row 3"));
    // The bar beside the rows says how many there are below.
    let shown = |outer: &Outer| -> Vec<String> {
        let rows = outer.rows().into_iter().take(19);
        rows.map(|row| {
            row.trim_end_matches(|c| c != ' ' && !char::is_ascii_digit(&c))
                .trim_end()
                .to_owned()
        })
        .collect()
    };
    let before = shown(&outer);
    let servers = home.servers("run");
    home.ok(&["server", "restart"]);
    wait_for("another server", || {
        let now = home.servers("run");
        (!now.is_empty() && now != servers).then_some(())
    });
    wait_for("the client", || {
        (home.list()[0]["clients"] == 1).then_some(())
    });
    home.ok(&["send", "-t", "work", "echo meanwhile-$((1+1))", "Enter"]);
    // What is new below is counted once that is shown by the new server.
    outer.wait_text("new line");
    assert_eq!(shown(&outer), before);
    // Keys are still those of the place, and lead on from there.
    outer.send("\x1b[6~");
    outer.wait("a page down", |rows| rows[0].starts_with("row 5"));
    outer.send("q");
    outer.wait_text("meanwhile-2");
    outer.send("echo after-$((1+1))\r");
    outer.wait_text("after-2");
}

/// All files in `dir`, and what is in them.
fn all_files(dir: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry
            .file_type()
            .map(|kind| (kind.is_dir(), kind.is_file()))
        {
            Ok((true, _)) => all_files(&path, found),
            Ok((_, true)) => found.extend(std::fs::read(&path).ok().map(|bytes| (path, bytes))),
            _ => {}
        }
    }
}

#[test]
fn what_programs_have_not_read_stands_in_no_file_and_reaches_them_after_a_restart() {
    const LEN: usize = 300_000;
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    // Nobody reads at first: what the kernel has no room for waits in the server.
    outer.send("stty -echo raw; echo reading; while [ ! -e go ]; do sleep 0.1; done; ");
    outer.send(format!("head -c {LEN} | tail -c 29 > got; stty sane\r"));
    outer.wait("the reader", |rows| {
        rows.iter().any(|row| row.starts_with("reading"))
    });
    let secret = "correct-horse-battery-staple ";
    let typed: String = secret.chars().cycle().take(LEN).collect();
    outer.send(&typed);
    // The client has read all of that once it shows that it has read the next key, which is its own.
    outer.send("\x02");
    outer.wait_text("prefix");
    outer.send("\x1b");
    let servers = home.servers("run");
    // A directory cannot be locked: the next server does not start.
    let (lock, away) = (home.state().join("lock"), home.state().join("lock-away"));
    std::fs::rename(&lock, &away).expect("the server's lock");
    std::fs::create_dir(&lock).expect("a directory");
    let restarted = home.wt(&["server", "restart"]);
    assert!(!restarted.status.success(), "another server has started");
    let mut files = Vec::new();
    all_files(home.path(), &mut files);
    assert!(files.len() > 5, "{files:?}");
    // As it is, and as numbers, as bytes are written in JSON.
    let numbers: Vec<String> = secret
        .bytes()
        .take(9)
        .map(|byte| byte.to_string())
        .collect();
    for wanted in [secret.trim().to_owned(), numbers.join(",")] {
        for (path, bytes) in &files {
            let mut parts = bytes.windows(wanted.len());
            let is_there = parts.any(|part| part == wanted.as_bytes());
            assert!(!is_there, "{} has what was typed", path.display());
        }
    }
    std::fs::remove_dir(&lock).expect("the directory");
    std::fs::rename(&away, &lock).expect("the server's lock");
    home.ok(&["server", "start"]);
    wait_for("another server", || {
        let now = home.servers("run");
        (!now.is_empty() && now != servers).then_some(())
    });
    std::fs::write(home.path().join("go"), "").expect("a file");
    let got = home.path().join("got");
    let end = &typed[LEN - 29..];
    wait_for("what was typed", || {
        (std::fs::read_to_string(&got).unwrap_or_default() == end).then_some(())
    });
}

/// A program that floods its terminal is read by one server and then by another, and each line by one of them.
#[test]
fn a_flood_through_restarts_loses_no_line() {
    const LAST: usize = 120_000;
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    outer.send(format!("seq -f 'row %.0f' {LAST}; echo all-$((1+1))\r"));
    outer.wait_text("row ");
    for _ in 0..4 {
        let before = home.servers("run");
        home.ok(&["server", "restart"]);
        wait_for("another server", || {
            let now = home.servers("run");
            (!now.is_empty() && now != before).then_some(())
        });
        wait_for("the session", || {
            let listed = home.wt(&["ls"]);
            listed.status.success().then_some(())
        });
    }
    outer.wait_text("all-2");
    let text = home.ok(&["history", "export", "work"]);
    let rows = text.lines().filter_map(|row| row.strip_prefix("row "));
    let mut awaited = 1;
    for row in rows {
        assert_eq!(row, awaited.to_string(), "the row after {}", awaited - 1);
        awaited += 1;
    }
    assert_eq!(awaited, LAST + 1, "the last row is missing");
}

/// The server has said what is unread and waits for the holder to keep that, when a program begins to read.
#[test]
fn what_is_read_while_a_server_hands_on_is_read_once() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 90, 20);
    outer.wait_prompt();
    let typed: String = (10_000..50_000).map(|n| format!("{n}\n")).collect();
    outer.send("stty -echo raw; echo reading; while [ ! -e go ]; do sleep 0.1; done; ");
    let len = typed.len();
    outer.send(format!(
        "head -c {len} > got; stty sane; echo over-$((1+1))\r"
    ));
    outer.wait("the reader", |rows| {
        rows.iter().any(|row| row.starts_with("reading"))
    });
    outer.send(&typed);
    // The client has read all of that once it shows that it has read the next key, which is its own.
    outer.send("\x02");
    outer.wait_text("prefix");
    outer.send("\x1b");
    outer.wait_gone("prefix");
    let holder = home.servers("hold")[0];
    kill(holder, STOP);
    let got = home.path().join("got");
    std::thread::scope(|scope| {
        let restarting = scope.spawn(|| home.wt(&["server", "restart"]));
        wait_for("the end of the server", || {
            let log = std::fs::read_to_string(home.state().join("server.log")).ok()?;
            log.contains("goes to the next server").then_some(())
        });
        std::fs::write(home.path().join("go"), "").expect("a file");
        // What the kernel had for it.
        wait_for("the reader", || {
            std::fs::metadata(&got)
                .is_ok_and(|got| got.len() > 0)
                .then_some(())
        });
        kill(holder, GO_ON);
        let restarted = restarting.join().expect("no panic");
        assert!(restarted.status.success(), "{restarted:?}");
    });
    outer.wait_text("over-2");
    let got = std::fs::read_to_string(got).expect("what was read");
    let wrong = got.lines().zip(typed.lines()).find(|(got, it)| got != it);
    assert!(got == typed, "{} bytes, wrong at {wrong:?}", got.len());
}
