//! The way up: what the user did, and the packets that carry it to the server.

use crate::net::Link;
use crate::protocol::{Input, InputLog, PaneId, Undelivered, View};
use crate::sync::{Endpoint, FrameNo, Handled, Reliability, Source, Time, Urgency, Way};
use crate::varint::Malformed;
use std::collections::VecDeque;

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
    reliability: Reliability,
    /// Frames of a reliable link that the server has not confirmed, and where the log stood in each.
    unconfirmed: VecDeque<(FrameNo, u64)>,
    /// Since when the server owes an answer, over a link that may lose it.
    asked: Option<Time>,
}

impl Uplink {
    pub(super) fn new(reliability: Reliability) -> Self {
        Self {
            log: InputLog::default(),
            endpoint: Endpoint::new(reliability),
            typed: None,
            has_more: false,
            reliability,
            unconfirmed: VecDeque::new(),
            asked: None,
        }
    }

    /// Goes on over another link with a server that has taken all up to `resumed`; `None` if it knows nothing of this
    /// viewer: then what it was not given is dropped, and counted.
    pub(super) fn go_on(
        &mut self,
        reliability: Reliability,
        resumed: Option<u64>,
    ) -> Option<Undelivered> {
        self.log_typed();
        let is_resumed = resumed.is_some_and(|taken| self.log.resume(taken).is_ok());
        let undelivered = (!is_resumed).then(|| self.log.undelivered());
        if !is_resumed {
            self.log.abandon();
        }
        *self = Self {
            log: std::mem::take(&mut self.log),
            has_more: is_resumed,
            ..Self::new(reliability)
        };
        undelivered
    }

    /// The offset up to which the server is known to have all.
    pub(super) fn confirmed(&self) -> u64 {
        self.log.start()
    }

    /// What the server is not known to have.
    pub(super) fn undelivered(&self) -> Undelivered {
        let mut undelivered = self.log.undelivered();
        if let Some((pane, bytes)) = self.typed.clone() {
            undelivered.count(&Input::Bytes { pane, bytes });
        }
        undelivered
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
        link.adapt(&mut self.endpoint, now);
        let Some(packet) = self.endpoint.poll(&self.log, now) else {
            return Sent::Nothing;
        };
        if link.queue_packet(packet) == Way::Stream {
            self.endpoint.went_by_stream(now);
        }
        // A failure is told by the next read, after whatever the server said before it went.
        let _ = link.try_flush();
        match (self.reliability, self.endpoint.sent_mark()) {
            (Reliability::Reliable, Some(mark)) => {
                let sent = (self.endpoint.acked(), *mark);
                if self.unconfirmed.back() != Some(&sent) {
                    self.unconfirmed.push_back(sent);
                }
            }
            (Reliability::Lossy, Some(mark)) if *mark > self.log.start() => {
                self.asked.get_or_insert(now);
            }
            _ => {}
        }
        Sent::Input
    }

    /// Takes in a packet of the server's.
    pub(super) fn hear(
        &mut self,
        packet: &[u8],
        view: &mut View,
        now: Time,
    ) -> Result<Handled, Malformed> {
        let handled = self.endpoint.handle(packet, view, now)?;
        self.asked = None;
        let mut upto = match self.reliability {
            Reliability::Reliable => None,
            Reliability::Lossy => self.endpoint.acked_mark().copied(),
        };
        let confirmed = self.endpoint.confirmed();
        while let Some((_, mark)) = self.unconfirmed.front().filter(|(no, _)| *no <= confirmed) {
            upto = Some(*mark);
            self.unconfirmed.pop_front();
        }
        if let Some(upto) = upto {
            let before = self.log.mark();
            self.log.forget(upto);
            // Of a long log more may go out now.
            self.has_more |= self.log.mark() != before;
        }
        Ok(handled)
    }

    /// Since when the server owes an answer.
    pub(super) fn asked(&self) -> Option<Time> {
        self.asked
    }

    /// When [`Uplink::send`] has something to do, once the link is clear.
    pub(super) fn timeout(&self) -> Option<Time> {
        self.endpoint.timeout()
    }

    /// Bytes that the server may lack.
    pub(super) fn kept_bytes(&self) -> usize {
        let typed = self.typed.as_ref().map_or(0, |(_, bytes)| bytes.len());
        typed + self.log.unacknowledged_bytes()
    }

    /// Whether all is with the link that is sure to arrive there, or with the server.
    pub(super) fn is_delivered(&self) -> bool {
        let sent = match self.reliability {
            Reliability::Reliable => self.endpoint.sent_mark().copied().unwrap_or(0),
            Reliability::Lossy => 0,
        };
        self.typed.is_none() && sent.max(self.log.start()) == self.log.end()
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
                assert!(!uplink.is_delivered());
                uplink.send(&mut near, Time(0));
                near.flush().await.expect("room");
                assert!(uplink.is_delivered());
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

    /// What the server says to what it has heard.
    fn confirmation(server: &mut Endpoint<u64>) -> Vec<u8> {
        server.acknowledge_by(Time(0));
        server
            .poll(&InputLog::default(), Time(0))
            .expect("a packet")
    }

    #[test]
    fn what_is_sent_is_kept_until_the_server_has_it() {
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
            let mut uplink = Uplink::new(Reliability::Reliable);
            let (mut server, mut inputs, mut view) = (
                Endpoint::<u64>::new(Reliability::Reliable),
                InputReceiver::default(),
                View::default(),
            );
            uplink.push(typed(1, "ab"));
            uplink.send(&mut near, Time(0));
            assert!(uplink.is_delivered() && uplink.kept_bytes() > 0);
            let Some(Message::Packet(packet)) = far.recv().await.expect("a packet") else {
                panic!("no packet")
            };
            server
                .handle(&packet, &mut inputs, Time(0))
                .expect("a packet");
            let packet = confirmation(&mut server);
            uplink.hear(&packet, &mut view, Time(0)).expect("a packet");
            assert_eq!(
                (uplink.kept_bytes(), uplink.confirmed()),
                (0, inputs.received())
            );
        });
    }

    #[test]
    fn input_goes_on_over_another_link_or_is_dropped_and_counted() {
        let mut uplink = Uplink::new(Reliability::Reliable);
        uplink.push(typed(1, "abc"));
        assert_eq!(uplink.go_on(Reliability::Reliable, Some(0)), None);
        assert!(uplink.kept_bytes() > 0 && !uplink.is_delivered());
        uplink.push(typed(2, "d"));
        let dropped = Undelivered { keys: 4, pasted: 0 };
        assert_eq!(uplink.undelivered(), dropped);
        assert_eq!(uplink.go_on(Reliability::Reliable, None), Some(dropped));
        assert_eq!((uplink.kept_bytes(), uplink.confirmed()), (0, 0));
        uplink.push(typed(2, "e"));
        let unheard_of = uplink.go_on(Reliability::Lossy, Some(1 << 40));
        assert_eq!(unheard_of, Some(Undelivered { keys: 1, pasted: 0 }));
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
