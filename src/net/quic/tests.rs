//! Links over QUIC on real sockets of this machine.

mod typing;

use super::*;
use crate::auth::{DeviceKey, Seed};
use crate::net::link::{Link, Peer, Ready};
use crate::protocol::{Event, Message};
use crate::sync::{Reliability, Way};
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::time::Duration;

const CLIENT: u8 = 1;
const SERVER: u8 = 2;

fn key(n: u8) -> DeviceKey {
    DeviceKey::of(&Seed::new([n; 32]))
}

fn run(test: impl Future<Output = Result<()>>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let limit = Duration::from_secs(20);
    runtime
        .block_on(async { tokio::time::timeout(limit, test).await })
        .expect("done in time")
        .expect("no error");
}

fn listener() -> Result<(Listener, SocketAddr)> {
    let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), &key(SERVER))?;
    let address = listener.address()?;
    Ok((listener, address))
}

/// The next client of the listener's, let in.
async fn accept(listener: &Listener) -> Result<Connection> {
    let connection = meet(listener).await?;
    connection.admit();
    Ok(connection)
}

/// The next client of the listener's.
async fn meet(listener: &Listener) -> Result<Connection> {
    match listener
        .accept()
        .await
        .context("an arrival")?
        .greet()
        .await?
    {
        Greeted::Client(connection) => Ok(connection),
        Greeted::Stranger(_) => bail!("a stranger"),
    }
}

/// A connection, at the client and at the server.
async fn connected() -> Result<(Connection, Connection)> {
    let (listener, address) = listener()?;
    let (own, addresses) = (key(CLIENT), [address]);
    let expected = vec![key(SERVER).public()];
    let (client, server) = tokio::join!(dial(&addresses, &own, expected), accept(&listener));
    Ok((client?, server?))
}

/// A conversation, at the client and at the server.
async fn linked() -> Result<(Link, Link)> {
    let (client, server) = connected().await?;
    // Whoever holds a link holds its connection.
    conversation(&client, &server).await
}

async fn conversation(client: &Connection, server: &Connection) -> Result<(Link, Link)> {
    let mut one = client.open().await?;
    // A stream is known to the other end once something was said in it.
    one.queue(&Message::Event(Event::Bell));
    one.flush().await?;
    let mut other = server.accept().await.context("a conversation")?;
    assert_eq!(other.recv().await?, Some(Message::Event(Event::Bell)));
    Ok((one, other))
}

fn packet(len: usize) -> Vec<u8> {
    (0..len).map(|n| n as u8).collect()
}

#[test]
fn both_ends_know_each_other() {
    run(async {
        let (client, server) = connected().await?;
        assert_eq!(client.peer(), key(SERVER).public());
        assert_eq!(server.peer(), key(CLIENT).public());
        let (one, other) = linked().await?;
        assert_eq!(one.peer(), Peer::Key(key(SERVER).public()));
        assert_eq!(other.peer(), Peer::Key(key(CLIENT).public()));
        assert_eq!(one.reliability(), Reliability::Lossy);
        Ok(())
    });
}

#[test]
fn messages_arrive_in_order_and_packets_of_any_size_beside_them() {
    run(async {
        let (mut one, mut other) = linked().await?;
        for n in 0..100 {
            let text = format!("{n}");
            one.queue(&Message::Event(Event::Message(text)));
        }
        one.flush().await?;
        for n in 0..100 {
            let text = format!("{n}");
            let expected = Message::Event(Event::Message(text));
            assert_eq!(other.recv().await?, Some(expected));
        }
        for (len, way) in [
            (0, Way::Datagrams),
            (900, Way::Datagrams),
            (8_000, Way::Datagrams),
            (500_000, Way::Stream),
        ] {
            let sent = packet(len);
            assert_eq!(one.queue_packet(sent.clone()), way);
            let (_, got) = tokio::join!(one.flush(), other.recv());
            assert!(got? == Some(Message::Packet(sent)), "{len}");
        }
        Ok(())
    });
}

/// Has a large packet for the conversation with that index arrive at the other machine.
async fn send_large(client: &Connection, index: u64, len: usize) -> Result<()> {
    let mut stream = client.inner().open_uni().await?;
    stream.write_all(&connection::name(index)).await?;
    // Written as it is.
    stream.write_all(&[0]).await?;
    stream.write_all(&packet(len)).await?;
    stream.finish()?;
    stream.stopped().await?;
    Ok(())
}

#[test]
fn a_large_packet_that_has_arrived_is_read_whatever_waits_before_it() {
    run(async {
        let (client, server) = connected().await?;
        let (mut one, mut other) = conversation(&client, &server).await?;
        for n in 0..400 {
            let _ = one.queue_packet(packet(n % 10));
            one.flush().await?;
        }
        send_large(&client, 0, 300_000).await?;
        while other.recv().await? != Some(Message::Packet(packet(300_000))) {}
        Ok(())
    });
}

#[test]
fn large_packets_that_nobody_reads_hold_their_sender_back() {
    run(async {
        const LEN: usize = 1 << 20;
        const COUNT: usize = 4;
        let (client, server) = connected().await?;
        let (_one, mut other) = conversation(&client, &server).await?;
        let mut sending = tokio::spawn(async move {
            for _ in 0..COUNT {
                send_large(&client, 0, LEN).await?;
            }
            anyhow::Ok(())
        });
        let sent = tokio::time::timeout(Duration::from_secs(1), &mut sending).await;
        assert!(sent.is_err(), "all of it was taken into memory");
        for _ in 0..COUNT {
            assert!(other.recv().await? == Some(Message::Packet(packet(LEN))));
        }
        sending.await?
    });
}

#[test]
fn a_file_on_a_slow_path_leaves_room_for_others() {
    run(async {
        let (listener, address) = listener()?;
        let slow = simulate::Network::new("rtt=40,rate=800,queue=64".parse()?);
        let (own, addresses) = (key(CLIENT), [slow.before(address)?]);
        let expected = vec![key(SERVER).public()];
        let (client, server) = tokio::join!(dial(&addresses, &own, expected), accept(&listener));
        let (client, server) = (client?, server?);
        let (mut file, _taken) = conversation(&client, &server).await?;
        file.give_way();
        for _ in 0..64 {
            file.queue(&Message::Piece(vec![7; 64 << 10]));
        }
        let some_time = Duration::from_millis(300);
        let sent = tokio::time::timeout(some_time, file.flush()).await;
        assert!(sent.is_err(), "all of it was sent");
        let mut other = client.inner().open_uni().await?;
        let room = other.write(&vec![0; 256 << 10]).await?;
        assert!(room >= 200 << 10, "there is room for {room} bytes");
        Ok(())
    });
}

/// A link that gives way, has more to say, and no allowance for a while: the path takes longer than a test to carry what
/// QUIC was given already. Beside it its connection, and the other end of both.
async fn held_back() -> Result<((Link, Connection), (Link, Connection))> {
    let (listener, address) = listener()?;
    let slow = simulate::Network::new("up.rate=24".parse()?);
    let (own, addresses) = (key(CLIENT), [slow.before(address)?]);
    let expected = vec![key(SERVER).public()];
    let (client, server) = tokio::join!(dial(&addresses, &own, expected), accept(&listener));
    let (client, server) = (client?, server?);
    let (mut file, taken) = conversation(&client, &server).await?;
    file.give_way();
    for _ in 0..4 {
        file.queue(&Message::Piece(vec![7; 64 << 10]));
    }
    file.try_flush()?;
    assert_eq!(client.bulk().take(1), 0, "it may say more");
    Ok(((file, client), (taken, server)))
}

#[test]
fn a_file_ends_with_its_connection_also_while_it_gives_way() {
    run(async {
        let ((mut file, _client), (_taken, server)) = held_back().await?;
        server.refuse("your grant has ended");
        file.flush().await?;
        assert!(file.ready().await.is_err(), "it was told why");
        let ((mut file, _client), (_taken, server)) = held_back().await?;
        server.refuse("your grant has ended");
        while file.ready().await.is_ok() {}
        Ok(())
    });
}

#[test]
fn a_file_that_nobody_takes_any_more_waits_for_no_allowance() {
    run(async {
        let ((mut file, _client), (taken, _server)) = held_back().await?;
        drop(taken);
        file.flush().await
    });
}

#[test]
fn a_client_says_nothing_that_is_very_long() {
    run(async {
        let (client, server) = connected().await?;
        let (mut one, mut other) = conversation(&client, &server).await?;
        let _ = send_large(&client, 0, 2 << 20).await;
        let _ = one.queue_packet(packet(9));
        one.flush().await?;
        assert_eq!(other.recv().await?, Some(Message::Packet(packet(9))));
        let (mut raw, _) = client.inner().open_bi().await?;
        // The head of a frame that says how long it is, and no more.
        raw.write_all(&[6, 1, 0, 0, 32, 0]).await?;
        let mut asked = server.accept().await.context("a conversation")?;
        assert!(asked.recv().await.is_err());
        Ok(())
    });
}

#[test]
fn who_is_not_let_in_yet_can_send_little() {
    run(async {
        let (listener, address) = listener()?;
        let (own, addresses) = (key(CLIENT), [address]);
        let expected = vec![key(SERVER).public()];
        let (client, server) = tokio::join!(dial(&addresses, &own, expected), meet(&listener));
        let (client, server) = (client?, server?);
        let (mut one, _) = client.inner().open_bi().await?;
        let mut sent = 0;
        let most = async {
            loop {
                sent += one.write(&[0; 1024]).await?;
            }
        };
        let soon = Duration::from_millis(300);
        let written: Result<Result<()>, _> = tokio::time::timeout(soon, most).await;
        assert!(
            written.is_err() && sent == 16 << 10,
            "{sent} bytes were taken"
        );
        let second = tokio::time::timeout(soon, client.inner().open_bi()).await;
        assert!(second.is_err(), "a second conversation");
        server.admit();
        let (mut second, _) = client.inner().open_bi().await?;
        second.write_all(&packet(100_000)).await?;
        client.inner().open_uni().await?;
        Ok(())
    });
}

#[test]
fn a_client_that_is_asked_where_it_is_shows_it_and_comes_in() {
    run(async {
        let (listener, address) = listener()?;
        let (own, addresses) = (key(CLIENT), [address]);
        let expected = vec![key(SERVER).public()];
        let twice = async {
            let first = listener.accept().await.context("an arrival")?;
            assert!(!first.is_proven());
            first.ask_for_proof();
            let second = listener.accept().await.context("an arrival")?;
            assert!(second.is_proven());
            second.greet().await
        };
        let (client, server) = tokio::join!(dial(&addresses, &own, expected), twice);
        client?;
        assert!(matches!(server?, Greeted::Client(_)));
        Ok(())
    });
}

#[test]
fn what_has_left_is_told_of() {
    run(async {
        let (mut one, mut other) = linked().await?;
        let _ = one.queue_packet(packet(100));
        one.try_flush()?;
        assert!(!one.is_clear(), "QUIC had no turn yet");
        assert_eq!(one.ready().await?, Ready::Clear);
        assert_eq!(other.recv().await?, Some(Message::Packet(packet(100))));
        Ok(())
    });
}

#[test]
fn a_closed_link_is_closed_at_the_other_end_and_its_words_arrive() {
    run(async {
        let (mut one, mut other) = linked().await?;
        one.queue(&Message::Event(Event::Detached("bye".into())));
        let last = async {
            let bye = other.recv().await?;
            let end = other.recv().await?;
            anyhow::Ok((bye, end))
        };
        let (_, last) = tokio::join!(one.close(), last);
        let (bye, end) = last?;
        assert_eq!(bye, Some(Message::Event(Event::Detached("bye".into()))));
        assert_eq!(end, None);
        Ok(())
    });
}

#[test]
fn a_refusal_is_told_in_one_line() {
    run(async {
        let (client, server) = connected().await?;
        let mut link = client.open().await?;
        server.refuse("go \x1b[2J away");
        let refused = link.recv().await.expect_err("refused");
        let line = format!("{refused:#}");
        assert!(line.contains("go \u{fffd}[2J away"), "{line:?}");
        Ok(())
    });
}

#[test]
fn a_client_that_is_turned_away_at_the_door_is_told_to_come_again() {
    run(async {
        let (listener, address) = listener()?;
        let (own, addresses) = (key(CLIENT), [address]);
        let expected = vec![key(SERVER).public()];
        let turned_away = async {
            listener.accept().await.context("an arrival")?.refuse();
            anyhow::Ok(())
        };
        let (client, server) = tokio::join!(dial(&addresses, &own, expected), turned_away);
        server?;
        let error = client.expect_err("turned away");
        let line = format!("{error:#}");
        assert!(line.contains("takes no more clients now"), "{line}");
        assert_eq!(crate::net::refusal(&error), None, "it is tried again");
        Ok(())
    });
}

#[test]
fn a_server_with_another_key_is_told_nothing() {
    run(async {
        let (listener, address) = listener()?;
        let (own, addresses) = (key(CLIENT), [address]);
        let expected = vec![key(3).public()];
        let (client, server) = tokio::join!(dial(&addresses, &own, expected), accept(&listener));
        let refused = client.expect_err("another key").to_string();
        assert!(
            refused.contains("another key than the one that is known"),
            "{refused}"
        );
        assert!(server.is_err());
        Ok(())
    });
}

#[test]
fn the_address_that_answers_wins() {
    run(async {
        let (listener, address) = listener()?;
        let silent = std::net::UdpSocket::bind("127.0.0.1:0")?;
        let addresses = [silent.local_addr()?, address];
        let own = key(CLIENT);
        let expected = vec![key(SERVER).public()];
        let (client, server) = tokio::join!(dial(&addresses, &own, expected), accept(&listener));
        assert_eq!(client?.remote_address(), address);
        server?;
        Ok(())
    });
}

#[test]
fn a_port_in_use_is_said_in_one_line() {
    run(async {
        let (_listener, address) = listener()?;
        let refused = Listener::bind(address, &key(SERVER)).expect_err("in use");
        let line = format!("{refused:#}");
        assert!(
            line.starts_with(&format!("cannot listen on {address} (UDP)")),
            "{line}"
        );
        assert!(!line.contains('\n'));
        Ok(())
    });
}

#[test]
fn a_client_that_takes_another_port_goes_on_without_a_handshake() {
    run(async {
        let (client, server) = connected().await?;
        let mut one = client.open().await?;
        one.queue(&Message::Event(Event::Bell));
        one.flush().await?;
        let mut other = server.accept().await.context("a conversation")?;
        other.recv().await?;
        let before = server.remote_address();
        for n in 1..=3 {
            client.rebind();
            let _ = one.queue_packet(packet(n));
            let (_, got) = tokio::join!(one.flush(), other.recv());
            assert_eq!(got?, Some(Message::Packet(packet(n))));
            let _ = other.queue_packet(packet(n));
            let (_, got) = tokio::join!(other.flush(), one.recv());
            assert_eq!(got?, Some(Message::Packet(packet(n))));
        }
        assert_ne!(server.remote_address(), before);
        Ok(())
    });
}

#[test]
fn what_names_no_conversation_or_makes_no_sense_hurts_no_other() {
    run(async {
        let (client, server) = connected().await?;
        let mut one = client.open().await?;
        one.queue(&Message::Event(Event::Bell));
        one.flush().await?;
        let mut other = server.accept().await.context("a conversation")?;
        other.recv().await?;
        let mut bad = client.open().await?;
        bad.queue(&Message::Event(Event::Bell));
        bad.flush().await?;
        let mut victim = server.accept().await.context("a conversation")?;
        victim.recv().await?;
        for bytes in [
            &b""[..],
            &[0xff; 20],
            &[99, 1, 2, 3],
            &[1],
            &[1, 0xff, 0xff, 0xff],
        ] {
            client.inner().send_datagram(bytes.to_vec().into())?;
        }
        assert!(
            victim.recv().await.is_err(),
            "it does not speak the language"
        );
        let _ = one.queue_packet(packet(7));
        let (_, got) = tokio::join!(one.flush(), other.recv());
        assert_eq!(got?, Some(Message::Packet(packet(7))));
        Ok(())
    });
}

/// The first packet of a server (RFC 9000 §17.2.2) that says no more than that the connection is over, protected as
/// anybody can who saw the client's first one (RFC 9001 §5.2).
fn forged(hello: &[u8], line: &[u8]) -> Vec<u8> {
    use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256 as SUITE;
    let tls13 = SUITE.tls13().expect("a suite");
    let quic = tls13.quic.expect("it is for QUIC");
    let id = |at: usize| &hello[at + 1..][..usize::from(hello[at])];
    let to_server = id(5);
    let to_client = id(6 + to_server.len());
    let keys = rustls::quic::Keys::initial(
        rustls::quic::Version::V1,
        tls13,
        quic,
        to_server,
        rustls::Side::Server,
    );
    let mut payload = vec![0x1d, 0x01, line.len() as u8];
    payload.extend_from_slice(line);
    payload.resize(60, 0);
    let mut packet = vec![0xc0, 0, 0, 0, 1, to_client.len() as u8];
    packet.extend_from_slice(to_client);
    packet.extend_from_slice(&[4, 1, 2, 3, 4, 0]);
    let tag = keys.local.packet.tag_len();
    let length = 1 + payload.len() + tag;
    packet.extend_from_slice(&[0x40 | (length >> 8) as u8, length as u8]);
    let number = packet.len();
    packet.push(0);
    let sealed = keys.local.packet.encrypt_in_place(0, &packet, &mut payload);
    let tag = sealed.expect("room");
    packet.extend_from_slice(&payload);
    packet.extend_from_slice(tag.as_ref());
    let sample = packet[number + 4..][..keys.local.header.sample_len()].to_vec();
    let (first, rest) = packet.split_at_mut(1);
    let number = &mut rest[number - 1..number];
    let hidden = keys
        .local
        .header
        .encrypt_in_place(&sample, &mut first[0], number);
    hidden.expect("a sample");
    packet.resize(1200, 0);
    packet
}

#[test]
fn what_anybody_on_the_way_may_have_said_is_final_for_nobody() {
    run(async {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await?;
        let address = socket.local_addr()?;
        let answers = async {
            let mut hello = [0; 2048];
            loop {
                let (len, from) = socket.recv_from(&mut hello).await?;
                socket.send_to(b"welcome, please pay", from).await?;
                let end = forged(&hello[..len], b"your grant has ended");
                socket.send_to(&end, from).await?;
            }
        };
        let (own, addresses) = (key(CLIENT), [address]);
        let expected = vec![key(SERVER).public()];
        let dialled = tokio::select! {
            dialled = dial(&addresses, &own, expected) => dialled,
            ended = answers => return ended,
        };
        let error = dialled.expect_err("nobody is there");
        assert!(error.downcast_ref::<Denied>().is_none(), "{error:#}");
        assert_eq!(crate::net::refusal(&error), None);
        let line = format!("{error:#}");
        // Else the packet was not even read, and the test shows nothing.
        assert!(
            line.contains("does not answer as a wt server does"),
            "{line}"
        );
        Ok(())
    });
}
