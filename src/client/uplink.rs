//! The way up: what the user did, and the packets that carry it to the server.

use crate::net::Link;
use crate::protocol::{Input, InputLog, PaneId, View};
use crate::sync::{Endpoint, Reliability, Time, Urgency, Way};
use crate::varint::Malformed;

/// Whether something went to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// Nothing was to be said, or the link is busy.
    Nothing,
    /// What the user did.
    Input,
}

/// The way up: what the user did, and the packets that carry it.
#[derive(Debug)]
pub(super) struct Uplink {
    log: InputLog,
    endpoint: Endpoint<u64>,
    /// Bytes for one pane, put together until they are sent.
    typed: Option<(PaneId, Vec<u8>)>,
    has_more: bool,
}

impl Uplink {
    pub(super) fn new(reliability: Reliability) -> Self {
        Self {
            log: InputLog::default(),
            endpoint: Endpoint::new(reliability),
            typed: None,
            has_more: false,
        }
    }

    /// Takes what the user did. What is typed into one pane is put together.
    pub(super) fn push(&mut self, input: Input) {
        self.has_more = true;
        match (&mut self.typed, input) {
            (Some((to, typed)), Input::Bytes { pane, bytes })
                if *to == pane && typed.len() + bytes.len() <= Input::MAX_BYTES =>
            {
                typed.extend_from_slice(&bytes);
            }
            (_, Input::Bytes { pane, bytes }) => {
                self.log_typed();
                self.typed = Some((pane, bytes));
            }
            (_, input) => {
                self.log_typed();
                self.log.push(&input);
            }
        }
    }

    fn log_typed(&mut self) {
        if let Some((pane, bytes)) = self.typed.take() {
            self.log.push(&Input::Bytes { pane, bytes });
        }
    }

    /// Hands the link a packet if there is something to say and nothing is in its way.
    pub(super) fn send(&mut self, link: &mut Link, now: Time) -> Sent {
        self.log_typed();
        if std::mem::take(&mut self.has_more) {
            self.endpoint.changed(Urgency::AtOnce, now);
        }
        if !link.is_clear() {
            return Sent::Nothing;
        }
        link.adapt(&mut self.endpoint);
        let Some(packet) = self.endpoint.poll(&self.log, now) else {
            return Sent::Nothing;
        };
        if link.queue_packet(packet) == Way::Stream {
            self.endpoint.went_by_stream(now);
        }
        // A failure is told by the next read, after whatever the server said before it went.
        let _ = link.try_flush();
        if let Some(upto) = self.endpoint.acked_mark() {
            self.log.forget(*upto);
        }
        Sent::Input
    }

    /// Takes in a packet of the server's.
    pub(super) fn hear(
        &mut self,
        packet: &[u8],
        view: &mut View,
        now: Time,
    ) -> Result<(), Malformed> {
        self.endpoint.handle(packet, view, now).map(|_| ())
    }

    /// When [`Uplink::send`] has something to do, once the link is clear.
    pub(super) fn timeout(&self) -> Option<Time> {
        self.endpoint.timeout()
    }

    /// Bytes that the link has not taken.
    pub(super) fn unsent_bytes(&self) -> usize {
        let typed = self.typed.as_ref().map_or(0, |(_, bytes)| bytes.len());
        typed + self.log.unacknowledged_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{InputReceiver, Message};
    use crate::term::Size;
    use std::os::unix::net::UnixStream;

    /// What a server makes of the inputs, sent in groups.
    fn received(groups: &[Vec<Input>]) -> Vec<Input> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let (near, far) = UnixStream::pair().expect("a pair of sockets");
            let (mut near, mut far) = (
                Link::unix(near).expect("a link"),
                Link::unix(far).expect("a link"),
            );
            let (mut uplink, mut inputs) =
                (Uplink::new(Reliability::Reliable), InputReceiver::default());
            let mut server = Endpoint::<u64>::new(Reliability::Reliable);
            let mut all = Vec::new();
            for group in groups {
                group.iter().cloned().for_each(|input| uplink.push(input));
                assert!(uplink.unsent_bytes() > 0);
                uplink.send(&mut near, Time(0));
                near.flush().await.expect("room");
                assert_eq!(uplink.unsent_bytes(), 0);
                match far.recv().await.expect("a packet") {
                    Some(Message::Packet(packet)) => server
                        .handle(&packet, &mut inputs, Time(0))
                        .expect("a packet"),
                    other => panic!("{other:?}"),
                };
                all.extend(std::iter::from_fn(|| inputs.next()));
            }
            all
        })
    }

    fn typed(pane: u64, text: &str) -> Input {
        let bytes = text.as_bytes().to_vec();
        Input::Bytes {
            pane: PaneId(pane),
            bytes,
        }
    }

    #[test]
    fn keys_for_one_pane_travel_together_and_nothing_overtakes() {
        let size = Input::Resize(Size::new(80, 24));
        let first = vec![
            typed(1, "a"),
            typed(1, "b"),
            typed(2, "c"),
            size.clone(),
            typed(2, "d"),
        ];
        let all = received(&[first, vec![typed(2, "e")]]);
        assert_eq!(
            all,
            [
                typed(1, "ab"),
                typed(2, "c"),
                size,
                typed(2, "d"),
                typed(2, "e")
            ]
        );
    }

    #[test]
    fn no_item_is_longer_than_the_protocol_allows() {
        let keys = vec![typed(1, "x"); Input::MAX_BYTES + 1];
        let lengths = received(&[keys]).into_iter().map(|input| match input {
            Input::Bytes { bytes, .. } => bytes.len(),
            other => panic!("{other:?}"),
        });
        assert_eq!(lengths.collect::<Vec<_>>(), [Input::MAX_BYTES, 1]);
    }
}
