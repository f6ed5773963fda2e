//! Servers that are not what they were, or never were: another key, another version, a grant that has ended, lies; and
//! packets that were changed or said again on the way.

use crate::support::desk::{Desk, free_port};
use crate::support::{Home, Outer, wait_for};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use wt::auth::{DeviceKey, Seed};
use wt::net::Link;
use wt::net::quic::{Arrival, Greeted, Listener};
use wt::protocol::hello::{VERSION, Version, Welcome};
use wt::protocol::request::{Reply, Request};
use wt::protocol::{InputLog, Message};
use wt::sync::{Endpoint, Reliability, Time};

fn private(path: &Path, text: impl AsRef<[u8]>) {
    std::fs::write(path, text).expect("a file");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// A client of `desk` that waits for its server, which was killed.
fn left_alone(desk: &Desk) -> Outer {
    let mut outer = desk.client.open(&["attach", "desk/work"], 250, 24);
    outer.wait_prompt();
    desk.server.kill_server();
    outer.send("x");
    outer.wait_text("last heard");
    outer
}

#[test]
fn a_key_that_is_revoked_during_an_outage_ends_the_client_in_one_line() {
    let desk = Desk::open();
    let mut outer = left_alone(&desk);
    private(&desk.server.state().join("authorized"), "");
    desk.server.ok(&["ls"]);
    assert_eq!(outer.wait_end(), 0);
    outer.wait_text("lost the server: ");
    outer.wait_text("does not know the key of your device");
}

#[test]
fn a_grant_that_ends_during_an_outage_ends_the_client_in_one_line() {
    let desk = Desk::open();
    let mut outer = left_alone(&desk);
    let file = desk.server.state().join("authorized");
    let grants = std::fs::read_to_string(&file).expect("the grants");
    let ended: Vec<String> = grants
        .lines()
        .map(|line| match line.starts_with('#') || line.is_empty() {
            true => line.to_owned(),
            false => format!("{line} until=2001-01-01T00:00:00Z"),
        })
        .collect();
    private(&file, ended.join("\n") + "\n");
    desk.server.ok(&["ls"]);
    assert_eq!(outer.wait_end(), 0);
    outer.wait_text("lost the server: ");
    outer.wait_text("has ended");
}

/// In another network somebody else may have the address: that is told, asks for little, and ends with the network.
#[test]
fn another_server_at_the_address_is_told_of_and_ends_nothing() {
    let desk = Desk::open();
    let mut outer = desk.client.open(&["attach", "desk/work"], 120, 24);
    outer.wait_prompt();
    let before = desk.server.servers("run");
    desk.server.kill_server();
    outer.send("echo typed-$((1+1))\r");
    let stranger = Liar::listen(desk.address, 7, |_| Vec::new());
    let told = format!("another server is at {}", desk.address);
    outer.wait_text(&told);
    let asked = stranger.knocks();
    let since = Instant::now();
    wait_for("some seconds", || {
        (since.elapsed() > Duration::from_secs(6)).then_some(())
    });
    let more = stranger.knocks() - asked;
    assert!((1..=3).contains(&more), "asked {more} times in six seconds");
    outer.wait_text(&told);
    drop(stranger);
    desk.server.ok(&["ls"]);
    assert_ne!(desk.server.servers("run"), before);
    outer.wait_text("the server was lost: ");
    outer.send("echo again-$((1+1))\r");
    outer.wait_text("again-2");
}

/// A server that says what it likes.
struct Liar {
    knocks: std::sync::Arc<std::sync::atomic::AtomicUsize>,
    _end: tokio::sync::oneshot::Sender<()>,
    ended: Option<thread::JoinHandle<()>>,
}

impl Liar {
    /// Listens there with the key of that seed; `answer` says what it answers to each message.
    fn listen(
        address: SocketAddr,
        seed: u8,
        answer: impl Fn(&Message) -> Vec<Message> + Send + 'static,
    ) -> Self {
        let (end, ending) = tokio::sync::oneshot::channel();
        let knocks = std::sync::Arc::<std::sync::atomic::AtomicUsize>::default();
        let counted = knocks.clone();
        let (up, is_up) = std::sync::mpsc::channel();
        let ended = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            let answer = Rc::new(answer);
            let serve = async {
                let own = DeviceKey::of(&Seed::new([seed; 32]));
                // Whoever listened there may have ended just now.
                let listener = wait_for("the port", || Listener::bind(address, &own).ok());
                up.send(()).expect("somebody waits");
                while let Some(arrival) = listener.accept().await {
                    counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    tokio::task::spawn_local(meet(arrival, answer.clone()));
                }
            };
            tokio::task::LocalSet::new().block_on(&runtime, async {
                tokio::select! {
                    () = serve => {}
                    _ = ending => {}
                }
            });
        });
        is_up.recv().expect("it listens");
        Self {
            knocks,
            _end: end,
            ended: Some(ended),
        }
    }

    fn knocks(&self) -> usize {
        self.knocks.load(std::sync::atomic::Ordering::SeqCst)
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        let (end, _) = tokio::sync::oneshot::channel();
        drop(std::mem::replace(&mut self._end, end));
        let _ = self.ended.take().map(thread::JoinHandle::join);
    }
}

/// Talks with whoever knocks, over as many links as they open.
async fn meet(arrival: Arrival, answer: Rc<impl Fn(&Message) -> Vec<Message>>) {
    if let Ok(Greeted::Client(connection)) = arrival.greet().await {
        connection.admit();
        while let Some(link) = connection.accept().await {
            converse(link, &*answer).await;
        }
    }
}

async fn converse(mut link: Link, answer: &impl Fn(&Message) -> Vec<Message>) {
    while let Ok(Some(message)) = link.recv().await {
        for said in answer(&message) {
            link.queue(&said);
        }
        if link.flush().await.is_err() {
            return;
        }
    }
}

/// A client that knows a liar as `desk`.
fn lied_to(answer: impl Fn(&Message) -> Vec<Message> + Send + 'static) -> (Home, Liar) {
    let (client, address) = (Home::new(), free_port());
    client.ok(&["key"]);
    let key = DeviceKey::of(&Seed::new([7; 32])).public();
    let text = format!("[desk]\nkey = \"{key}\"\naddresses = [\"{address}\"]\n");
    private(&client.path().join("state/wt/hosts.toml"), text);
    (client, Liar::listen(address, 7, answer))
}

fn welcome(version: Version) -> Message {
    Message::Welcome(Welcome {
        version,
        release: "9.9.9".to_owned(),
        incarnation: 1,
        pid: 1,
    })
}

fn attached() -> Message {
    Message::Reply(Reply::Attached {
        session: "work".to_owned(),
        resumed: Some(0),
    })
}

#[test]
fn a_server_of_another_version_is_told_of_in_one_line() {
    let other = Version {
        major: VERSION.major + 1,
        minor: 0,
    };
    let (client, _liar) = lied_to(move |message| match message {
        Message::Hello(_) => vec![welcome(other)],
        _ => Vec::new(),
    });
    let said = client.fails(&["ls", "desk/"]);
    assert!(said.contains("too old"), "{said}");
    let mut outer = client.open(&["attach", "desk/work"], 200, 24);
    assert_ne!(outer.wait_end(), 0);
    outer.wait_text("too old");
}

/// Attaches to a server that welcomes it and then says `lie`, and waits for the line with which that ends.
fn ends_with(lie: Message) -> Outer {
    let (client, liar) = lied_to(move |message| match message {
        Message::Hello(_) => vec![welcome(VERSION)],
        Message::Request(Request::Attach(_)) => vec![attached(), lie.clone()],
        _ => Vec::new(),
    });
    let mut outer = client.open(&["attach", "desk/work"], 200, 24);
    assert_eq!(outer.wait_end(), 0);
    assert!(liar.knocks() >= 2, "it is come to once more");
    outer
}

/// A mistake of one of us may not happen again over another link, which begins with nothing.
#[test]
fn a_server_that_made_no_sense_once_is_come_to_again() {
    let entered = Arc::<AtomicUsize>::default();
    let heard = Arc::<AtomicUsize>::default();
    let (entering, hearing) = (entered.clone(), heard.clone());
    let (client, _liar) = lied_to(move |message| match message {
        Message::Hello(_) => vec![welcome(VERSION)],
        Message::Request(Request::Attach(_)) => match entering.fetch_add(1, Ordering::SeqCst) {
            0 => vec![attached(), Message::Packet(vec![0xff; 40])],
            _ => vec![attached()],
        },
        Message::Packet(_) => {
            hearing.fetch_add(entering.load(Ordering::SeqCst) - 1, Ordering::SeqCst);
            Vec::new()
        }
        _ => Vec::new(),
    });
    let mut outer = client.open(&["attach", "desk/work"], 200, 24);
    let count = |of: &AtomicUsize| of.load(Ordering::SeqCst);
    wait_for("another link", || (count(&entered) == 2).then_some(()));
    outer.resize(100, 24);
    wait_for("what is said over it", || (count(&heard) > 0).then_some(()));
    outer.send("\x02d");
    assert_eq!(outer.wait_end(), 0);
}

#[test]
fn a_server_that_says_what_makes_no_sense_is_left_in_one_line() {
    for lie in [vec![0xff; 40], vec![0x01, 0x00], Vec::new()] {
        let outer = ends_with(Message::Packet(lie));
        outer.wait_text("does not speak as it should");
        assert!(outer.is_whole().is_ok());
    }
}

/// An acknowledgement of the fortieth frame of a client that has sent one or two.
fn impossible() -> Vec<u8> {
    let (mut one, mut other) = (
        Endpoint::<u64>::new(Reliability::Lossy),
        Endpoint::<u64>::new(Reliability::Lossy),
    );
    let (mut log, mut inputs) = (InputLog::default(), wt::protocol::InputReceiver::default());
    for n in 0..40 {
        log.push(&wt::protocol::Input::Focus(n % 2 == 0));
        one.changed(wt::sync::Urgency::AtOnce, Time(n * 100));
        if let Some(packet) = one.poll(&log, Time(n * 100)) {
            let taken = other.handle(&packet, &mut inputs, Time(n * 100));
            taken.expect("a packet");
        }
    }
    other.acknowledge_by(Time(4_000));
    other
        .poll(&InputLog::default(), Time(4_000))
        .expect("an acknowledgement")
}

#[test]
fn an_acknowledgement_of_what_was_never_sent_drops_no_key() {
    let lie = impossible();
    let typed = std::sync::Arc::<std::sync::Mutex<Vec<u8>>>::default();
    let heard = typed.clone();
    let (client, _liar) = lied_to(move |message| match message {
        Message::Hello(_) => vec![welcome(VERSION)],
        Message::Request(Request::Attach(_)) => vec![attached(), Message::Packet(lie.clone())],
        Message::Packet(packet) => {
            heard.lock().expect("no panic").extend(packet);
            vec![Message::Packet(lie.clone())]
        }
        _ => Vec::new(),
    });
    let mut outer = client.open(&["attach", "desk/work"], 120, 24);
    outer.wait_text("via 127.0.0.1");
    // The client tells its size. Nobody acknowledges that, so it is said again and again.
    outer.resize(100, 24);
    let said = || typed.lock().expect("no panic").len();
    let first = wait_for("the first packets", || Some(said()).filter(|len| *len > 0));
    wait_for("more of them", || (said() > 3 * first).then_some(()));
    outer.send("\x02d");
    assert_eq!(outer.wait_end(), 0);
}

#[test]
fn packets_that_are_changed_and_said_again_on_the_way_do_nothing() {
    let desk = Desk::open();
    let link = "rtt=40,jitter=60,double=40,flip=8,loss=5";
    let mut outer = desk
        .client
        .open(&["attach", "--simulate", link, "desk/work"], 120, 24);
    outer.wait_prompt();
    let words: Vec<String> = (0..40).map(|n| format!("w{n}")).collect();
    outer.send("cat > out\r");
    for word in &words {
        outer.send(format!("{word}\r"));
    }
    outer.wait_text("w39");
    outer.send("\x04echo done-$((1+1))\r");
    outer.wait_text("done-2");
    let out = std::fs::read_to_string(desk.server.path().join("out")).expect("a file");
    assert_eq!(out.lines().collect::<Vec<_>>(), words);
}

/// The attempts to come back are made over the network that is simulated, too: nothing comes before its outage ends.
#[test]
fn a_simulated_outage_and_another_address_are_lived_through() {
    let desk = Desk::open();
    let link = "rtt=20,outage=5+7,move=8,move=14";
    let started = Instant::now();
    let mut outer = desk
        .client
        .open(&["attach", "--simulate", link, "desk/work"], 120, 24);
    outer.wait_prompt();
    outer.send("echo before-$((1+1))\r");
    outer.wait_text("before-2");
    wait_for("the outage", || {
        (started.elapsed() > Duration::from_millis(5_500)).then_some(())
    });
    outer.send("echo during-$((1+1)) | tee -a out\r");
    outer.wait_text("during-2");
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(12), "back after {took:?}");
    wait_for("another address", || {
        (started.elapsed() > Duration::from_millis(14_500)).then_some(())
    });
    outer.send("echo after-$((1+1))\r");
    outer.wait_text("after-2");
    let out = std::fs::read_to_string(desk.server.path().join("out")).expect("a file");
    assert_eq!(out, "during-2\n", "once");
}
