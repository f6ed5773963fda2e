//! What each end says of itself in the handshake that quinn has no word for: that it takes its time to acknowledge.
//!
//! Somebody who types sends a key every tenth of a second, and each is answered by a frame. An acknowledgement that may
//! wait until the next key or frame takes it along costs a few bytes; alone in its packet it costs as much as a key. quinn
//! asks its peer for no later acknowledgement than after a round trip, which is just too soon, unless the peer says that it
//! cannot do with less (`min_ack_delay` of draft-ietf-quic-ack-frequency §3). So each end says that.

use super::settings::ACK_DELAY;
use quinn_proto::crypto::{ClientConfig, Keys, ServerConfig, Session, UnsupportedVersion};
use quinn_proto::transport_parameters::TransportParameters;
use quinn_proto::{ConnectError, ConnectionId, Side};
use std::sync::Arc;

/// The transport parameters that say it (RFC 9000 §18.2, in milliseconds, and the draft's, in microseconds).
const MAX_ACK_DELAY: u64 = 0x0b;
const MIN_ACK_DELAY: u64 = 0xff04_de1b;

/// The cryptography of one end, with a word more in its handshake.
pub(super) struct Unhurried<C>(pub Arc<C>);

impl<C: ClientConfig> ClientConfig for Unhurried<C> {
    fn start_session(
        self: Arc<Self>,
        version: u32,
        server_name: &str,
        parameters: &TransportParameters,
    ) -> Result<Box<dyn Session>, ConnectError> {
        let parameters = unhurried(parameters, Side::Client);
        self.0
            .clone()
            .start_session(version, server_name, &parameters)
    }
}

impl<C: ServerConfig> ServerConfig for Unhurried<C> {
    fn initial_keys(
        &self,
        version: u32,
        destination: &ConnectionId,
    ) -> Result<Keys, UnsupportedVersion> {
        self.0.initial_keys(version, destination)
    }

    fn retry_tag(&self, version: u32, destination: &ConnectionId, packet: &[u8]) -> [u8; 16] {
        self.0.retry_tag(version, destination, packet)
    }

    fn start_session(
        self: Arc<Self>,
        version: u32,
        parameters: &TransportParameters,
    ) -> Box<dyn Session> {
        let parameters = unhurried(parameters, Side::Server);
        self.0.clone().start_session(version, &parameters)
    }
}

/// The parameters of the end that is `side`, as the other is to read them. What cannot be read is left as it is.
fn unhurried(parameters: &TransportParameters, side: Side) -> TransportParameters {
    let mut said = Vec::new();
    parameters.write(&mut said);
    let mut changed = without(&said, &[MAX_ACK_DELAY, MIN_ACK_DELAY]).unwrap_or_default();
    put_parameter(MAX_ACK_DELAY, ACK_DELAY.as_millis() as u64, &mut changed);
    put_parameter(MIN_ACK_DELAY, ACK_DELAY.as_micros() as u64, &mut changed);
    TransportParameters::read(!side, &mut changed.as_slice()).unwrap_or(*parameters)
}

/// The parameters but for those; `None` if these are none.
fn without(mut said: &[u8], unwanted: &[u64]) -> Option<Vec<u8>> {
    let mut kept = Vec::new();
    while !said.is_empty() {
        let mut rest = said;
        let id = take(&mut rest)?;
        let len = take(&mut rest)?;
        rest = rest.get(usize::try_from(len).ok()?..)?;
        if !unwanted.contains(&id) {
            kept.extend_from_slice(&said[..said.len() - rest.len()]);
        }
        said = rest;
    }
    Some(kept)
}

fn put_parameter(id: u64, value: u64, out: &mut Vec<u8>) {
    put(id, out);
    let mut bytes = Vec::new();
    put(value, &mut bytes);
    put(bytes.len() as u64, out);
    out.extend(bytes);
}

/// Takes a number as QUIC writes them: the two highest bits say of how many bytes it is (RFC 9000 §16).
fn take(bytes: &mut &[u8]) -> Option<u64> {
    let len = 1 << (bytes.first()? >> 6);
    let (number, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    let first = u64::from(number[0] & 0x3f);
    let add = |all: u64, byte: &u8| all << 8 | u64::from(*byte);
    Some(number[1..].iter().fold(first, add))
}

fn put(number: u64, out: &mut Vec<u8>) {
    let bytes = number.to_be_bytes();
    let (len, bits) = match number {
        0..0x40 => (1, 0),
        0x40..0x4000 => (2, 0x40),
        0x4000..0x4000_0000 => (4, 0x80),
        _ => (8, 0xc0),
    };
    let at = out.len();
    out.extend_from_slice(&bytes[bytes.len() - len..]);
    out[at] |= bits;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for number in [0, 63, 64, 16_383, 16_384, 170_000, 1 << 30, MIN_ACK_DELAY] {
            let mut bytes = Vec::new();
            put(number, &mut bytes);
            let mut rest = bytes.as_slice();
            assert_eq!((take(&mut rest), rest), (Some(number), &[][..]));
            assert_eq!(take(&mut &bytes[..bytes.len() - 1]), None);
        }
    }

    #[test]
    fn an_end_says_when_it_acknowledges_and_all_else_as_before() {
        let mut said = Vec::new();
        for (id, value) in [(4, 77), (MIN_ACK_DELAY, 1000), (8, 3)] {
            put_parameter(id, value, &mut said);
        }
        let before = TransportParameters::read(Side::Server, &mut said.as_slice()).unwrap();
        let mut bytes = Vec::new();
        unhurried(&before, Side::Client).write(&mut bytes);
        let mut others = Vec::new();
        put_parameter(4, 77, &mut others);
        put_parameter(8, 3, &mut others);
        let mut expected = without(&bytes, &[MAX_ACK_DELAY, MIN_ACK_DELAY]).unwrap();
        expected.sort_unstable();
        others.sort_unstable();
        assert_eq!(expected, others);
        for (id, value) in [
            (MAX_ACK_DELAY, ACK_DELAY.as_millis()),
            (MIN_ACK_DELAY, ACK_DELAY.as_micros()),
        ] {
            let mut one = Vec::new();
            put_parameter(id, value as u64, &mut one);
            assert!(bytes.windows(one.len()).any(|at| at == one));
        }
        assert_eq!(without(&[4, 9, 1], &[]), None);
    }
}
