//! A client whose machine gets another address, in a network namespace of its own.

use crate::support::{has, skip};
use std::net::{IpAddr, SocketAddr};
use std::process::Command;
use std::time::{Duration, Instant};
use wt::auth::{DeviceKey, Seed};
use wt::net::quic::{Connection, Greeted, Listener, dial};
use wt::protocol::Message;

/// Says that the process runs in a namespace of its own.
const INSIDE: &str = "WT_TEST_NAMESPACE";

const SERVER: &str = "10.9.1.1";

/// More than what is found out by looking once a second takes, and a part of it.
const MOVES: u8 = 6;

fn ip(args: &str) {
    let status = Command::new("ip").args(args.split(' ')).status();
    assert!(status.expect("ip runs").success(), "ip {args}");
}

/// Lets packets to the server leave from that address.
fn leave_from(host: u8) {
    ip(&format!(
        "route replace local {SERVER} dev lo table local src 10.9.0.{host}"
    ));
}

#[test]
fn a_client_at_another_address_is_followed_at_once() {
    let test = "a_client_at_another_address_is_followed_at_once";
    if std::env::var_os(INSIDE).is_some() {
        return moved();
    }
    if !has(test, "unshare") || !has(test, "ip") {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        return skip(test, "only root can make a network namespace");
    }
    let made = Command::new("unshare").args(["-n", "true"]).status();
    if !made.is_ok_and(|made| made.success()) {
        return skip(test, "no network namespace can be made");
    }
    let own = std::env::current_exe().expect("this program");
    let inside = Command::new("unshare")
        .arg("-n")
        .arg(own)
        .args([&format!("roaming::{test}"), "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("a namespace");
    let said = String::from_utf8_lossy(&inside.stdout).into_owned();
    let faults = String::from_utf8_lossy(&inside.stderr).into_owned();
    assert!(inside.status.success(), "{said}\n{faults}");
    assert!(said.contains("1 passed"), "{said}");
}

fn moved() {
    ip("link set lo up");
    ip(&format!("address add {SERVER}/32 dev lo"));
    for host in 1..=MOVES + 1 {
        ip(&format!("address add 10.9.0.{host}/32 dev lo"));
    }
    leave_from(1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let patient = tokio::time::timeout(Duration::from_secs(60), roam());
        patient.await.expect("it is followed");
    });
}

async fn roam() {
    let key = |n| DeviceKey::of(&Seed::new([n; 32]));
    let bound = SocketAddr::new(SERVER.parse().expect("an address"), 0);
    let listener = Listener::bind(bound, &key(2)).expect("a listener");
    let addresses = [listener.address().expect("an address")];
    let greeted = async { listener.accept().await.expect("a client").greet().await };
    let own = key(1);
    let dialled = dial(&addresses, &own, vec![key(2).public()]);
    let (client, greeted) = tokio::join!(dialled, greeted);
    let (client, server) = (client.expect("a connection"), greeted.expect("a client"));
    let Greeted::Client(server) = server else {
        panic!("a stranger")
    };
    server.admit();
    assert_eq!(seen(&server), IpAddr::from([10, 9, 0, 1]));
    // The first look at the route is over.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let started = Instant::now();
    // Never back to where it was: what answers the server's own packets tells of a move before the client knows of it,
    // and two moves in one moment that lead back are none.
    for host in 2..=MOVES + 1 {
        leave_from(host);
        // Nobody types.
        while seen(&server) != IpAddr::from([10, 9, 0, host]) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    let took = started.elapsed();
    assert!(took < Duration::from_millis(500) * MOVES.into(), "{took:?}");
    talk(&client, &server).await;
}

fn seen(server: &Connection) -> IpAddr {
    server.remote_address().ip().to_canonical()
}

/// Over the path that it has come to there is room at once: nothing waits for the path to be known.
async fn talk(client: &Connection, server: &Connection) {
    let mut near = client.open().await.expect("a conversation");
    near.hail();
    near.flush().await.expect("room");
    let mut far = server.accept().await.expect("a conversation");
    let hello = far.recv().await.expect("a message");
    assert!(matches!(hello, Some(Message::Hello(_))), "{hello:?}");
    for n in 0..3 {
        let packet = vec![n; 900];
        let (from, to) = match n % 2 {
            0 => (&mut near, &mut far),
            _ => (&mut far, &mut near),
        };
        let _ = from.queue_packet(packet.clone());
        let (_, got) = tokio::join!(from.flush(), to.recv());
        assert_eq!(got.expect("a packet"), Some(Message::Packet(packet)));
    }
}
