//! How QUIC is used here: small packets, short queues, no timeout, and limits on what a peer may ask for.

use super::controller::Interactive;
use crate::auth::DeviceKey;
use crate::sync::silence;
use quinn::{AckFrequencyConfig, EndpointConfig, TransportConfig, VarInt};
use quinn_proto::{RandomConnectionIdGenerator, Side};
use ring::hmac::{HMAC_SHA256, Key};
use std::sync::Arc;
use std::time::Duration;

/// Largest packet, in bytes of UDP payload: what every path bears (RFC 9000 §14). Nothing larger is tried, so that no
/// change of path loses packets that were fine before.
pub(super) const MTU: u16 = 1200;

/// Bytes of datagrams that may wait to be sent. What waits is old when it is sent, so that is little.
pub(super) const DATAGRAM_BUFFER: usize = 4 * MTU as usize;

/// Bytes of datagrams that have come and were not yet taken.
const DATAGRAM_ROOM: usize = 64 * MTU as usize;

/// Most conversations of one peer at a time.
const MAX_CONVERSATIONS: u32 = 32;

/// Most large packets of one peer that may be under way.
pub(super) const MAX_LARGE_PACKETS: u32 = 16;

/// Bytes that a peer may send ahead in one stream, and in all of a connection.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;

/// Longest message, and longest large packet, that a server takes of a client: a piece of a paste, or what is on its
/// clipboard. What servers send may be longer.
pub(super) const MAX_OF_CLIENT: usize = (1 << 20) + (64 << 10);

/// What somebody may send who is not known yet: one conversation, and little of it.
const STRANGERS_CONVERSATIONS: u32 = 1;
const STRANGERS_WINDOW: u32 = 16 << 10;

/// Large packets go before all other streams (but after datagrams): what the user looks at is in them.
pub(super) const LARGE_PRIORITY: i32 = 10;

/// Priority of files and forwarded connections: all else goes first.
pub(super) const BULK_PRIORITY: i32 = -20;

/// Bytes of streams that wait here to be sent or confirmed.
const SEND_WINDOW: u64 = 1 << 20;

/// How long an acknowledgement of QUIC's own waits: while somebody types, the next key takes it along, as it does those of
/// the sync endpoints. Alone in its packet it would cost as much as a key. It is a little longer than those wait, so that
/// of the two one packet is enough after the last key.
pub(super) const ACK_DELAY: Duration = Duration::from_millis(170);

/// What the round trip is taken for before one was measured.
pub(super) const INITIAL_RTT: Duration = Duration::from_millis(100);

/// A peer waits no longer once it has so many packets to acknowledge.
const ACK_AFTER: u32 = 4;

/// How often a client shows that it is there.
const KEEP_ALIVE: Duration = Duration::from_millis(silence::KEEP_ALIVE);

/// Length of the identifiers that a server gives its connections: they are looked up, not trusted.
const SERVER_ID: usize = 4;

/// For a client, which knows its one connection by the server's address.
pub(super) fn client_endpoint() -> EndpointConfig {
    let mut config = EndpointConfig::default();
    config.cid_generator(|| Box::new(RandomConnectionIdGenerator::new(0)));
    config.grease_quic_bit(false);
    config
}

/// For the server with that key. What it says to those whose connections it does not know follows from the key: after
/// a restart they learn at once that their connection is gone (RFC 9000 §10.3).
pub(super) fn server_endpoint(own: &DeviceKey) -> EndpointConfig {
    let secret = own.sign(b"wt stateless reset");
    let mut config = EndpointConfig::new(Arc::new(Key::new(HMAC_SHA256, &secret)));
    config.cid_generator(|| Box::new(RandomConnectionIdGenerator::new(SERVER_ID)));
    config.grease_quic_bit(false);
    config
}

/// Lets the client at the other end send as much as those may who are let in.
pub(super) fn admit(connection: &quinn::Connection) {
    connection.set_receive_window(CONNECTION_WINDOW.into());
    connection.set_max_concurrent_bi_streams(MAX_CONVERSATIONS.into());
    connection.set_max_concurrent_uni_streams(MAX_LARGE_PACKETS.into());
}

/// For both ends of a connection; a server's client may send little until it is [let in](admit). It never ends for silence: that is for those to judge who know what was expected, and
/// a machine that slept finds its connection as it was.
pub(super) fn transport(side: Side, controller: Interactive) -> TransportConfig {
    let mut acks = AckFrequencyConfig::default();
    acks.ack_eliciting_threshold(VarInt::from_u32(ACK_AFTER));
    acks.max_ack_delay(Some(ACK_DELAY));
    let (conversations, large, window) = match side {
        Side::Client => (MAX_CONVERSATIONS, MAX_LARGE_PACKETS, CONNECTION_WINDOW),
        Side::Server => (STRANGERS_CONVERSATIONS, 0, STRANGERS_WINDOW),
    };
    let mut config = TransportConfig::default();
    config
        .initial_mtu(MTU)
        .min_mtu(MTU)
        .mtu_discovery_config(None)
        .initial_rtt(INITIAL_RTT)
        .max_idle_timeout(None)
        .keep_alive_interval((side == Side::Client).then_some(KEEP_ALIVE))
        .congestion_controller_factory(Arc::new(controller))
        .datagram_send_buffer_size(DATAGRAM_BUFFER)
        .datagram_receive_buffer_size(Some(DATAGRAM_ROOM))
        .max_concurrent_bidi_streams(conversations.into())
        .max_concurrent_uni_streams(large.into())
        .stream_receive_window(STREAM_WINDOW.into())
        .receive_window(window.into())
        .send_window(SEND_WINDOW)
        .ack_frequency_config(Some(acks))
        .allow_spin(false);
    config
}
