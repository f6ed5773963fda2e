//! All that a client asks for once it is attached, in order.

use super::command::On;
use super::returning::Undelivered;
use super::{Command, Guesses, PaneId, postcard};
use crate::sync::{FrameNo, Replica, Source};
use crate::term::Size;
use crate::term::palette::Rgb;
use crate::varint::{self, Malformed, Reader};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// One thing that the user did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// Keys or mouse reports, already in the bytes that the pane's modes ask for.
    Bytes {
        /// Where they go.
        pane: PaneId,
        /// At most [`Input::MAX_BYTES`].
        bytes: Vec<u8>,
    },
    /// Part of a paste; the server brackets it if the program asked for that.
    Paste {
        /// Where it goes.
        pane: PaneId,
        /// At most [`Input::MAX_BYTES`].
        bytes: Vec<u8>,
        /// Whether this is the first part.
        first: bool,
        /// Whether this is the last part.
        last: bool,
    },
    /// The client's terminal has this size now.
    Resize(Size),
    /// The client's terminal gained or lost the focus.
    Focus(bool),
    /// The client's terminal has these colours where none is set: what programs that ask are told (OSC 10 and 11).
    Colors {
        /// Of letters: red, green, blue.
        foreground: Rgb,
        /// Of what is behind them.
        background: Rgb,
    },
    /// A bound key, a click or a menu.
    Command {
        /// What it is done to.
        on: On,
        /// What.
        command: Command,
    },
    /// How the client's guesses of the echo have turned out so far.
    Guessed(Guesses),
    /// Whether the user looks at the session: the client may hold several, of which it shows one.
    Looking(bool),
}

impl Input {
    /// Longest run of bytes in one item.
    pub const MAX_BYTES: usize = 16 * 1024;
}

/// Longest item in bytes as it is sent.
const MAX_ITEM: u64 = 64 << 10;

/// Bytes that one frame carries at most, and that may be under way: what was typed through a long outage goes in several.
const MAX_AHEAD: usize = 1 << 20;

/// All that the user did, as a log that grows: items by offset, of which only what the server may still lack is kept.
#[derive(Debug, Clone, Default)]
pub struct InputLog {
    /// Items, each behind its length, from offset `start` on.
    bytes: Vec<u8>,
    start: u64,
}

impl InputLog {
    /// Appends an item.
    pub fn push(&mut self, input: &Input) {
        let item = postcard::encode(input);
        debug_assert!(item.len() as u64 <= MAX_ITEM);
        varint::put_bytes(&mut self.bytes, &item);
    }

    /// Drops what lies before the offset `upto`: everything that is known to be delivered.
    pub fn forget(&mut self, upto: u64) {
        let known = upto.saturating_sub(self.start).min(self.bytes.len() as u64);
        self.bytes.drain(..known as usize);
        self.start += known;
        if self.bytes.is_empty() {
            self.bytes.shrink_to(Input::MAX_BYTES);
        }
    }

    /// Goes on with a server that has taken all before the offset `taken`, over a new link. An offset that this log cannot
    /// have come to is another log's.
    pub fn resume(&mut self, taken: u64) -> Result<(), Malformed> {
        if !(self.start..=self.end()).contains(&taken) {
            return Err(Malformed("input offset"));
        }
        self.forget(taken);
        Ok(())
    }

    /// Starts anew for a server that knows nothing of this log: what it kept is dropped, as it was meant for programs
    /// that may be gone, and some of it may have come to them. Says how many items that were.
    pub fn abandon(&mut self) -> u64 {
        let mut reader = Reader::new(&self.bytes);
        let items = std::iter::from_fn(|| reader.bytes().ok()).count();
        *self = Self::default();
        items as u64
    }

    /// The offset up to which the server is known to have all.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The offset behind the last item.
    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// What of it the server is not known to have, as the user would count it.
    pub fn undelivered(&self) -> Undelivered {
        let mut undelivered = Undelivered::default();
        let mut reader = Reader::new(&self.bytes);
        while let Ok(item) = reader.bytes() {
            if let Ok(input) = postcard::decode(item, "input") {
                undelivered.count(&input);
            }
        }
        undelivered
    }

    /// Bytes that are still kept. Whoever reads a paste should stop while this is large.
    pub fn unacknowledged_bytes(&self) -> usize {
        self.bytes.len()
    }
}

impl Source for InputLog {
    type Mark = u64;

    fn mark(&self) -> u64 {
        if self.bytes.len() <= MAX_AHEAD {
            return self.end();
        }
        let mut reader = Reader::new(&self.bytes);
        let mut ahead = 0;
        while reader.bytes().is_ok() {
            let read = self.bytes.len() - reader.rest().len();
            if read > MAX_AHEAD {
                break;
            }
            ahead = read;
        }
        self.start + ahead as u64
    }

    fn diff(&self, base: Option<&u64>, out: &mut Vec<u8>) {
        let from = base.copied().unwrap_or(0).max(self.start);
        let ahead = self.mark() - self.start;
        let known = (from - self.start).min(ahead);
        varint::put(out, self.start + known);
        out.extend_from_slice(&self.bytes[known as usize..ahead as usize]);
    }
}

/// The server's end of an [`InputLog`]: each item comes out once, in order.
#[derive(Debug, Clone, Default)]
pub struct InputReceiver {
    /// Items that were not taken out yet; known to be well formed.
    bytes: VecDeque<u8>,
    /// The offset up to which all has come.
    received: u64,
}

/// Most bytes of a receiver that was saved.
const MAX_SAVED: usize = 16 << 20;

impl InputReceiver {
    /// The offset up to which all has come: what a client that resumes goes on from.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Appends all that the next server has to know to go on: what has come, and what was not taken out yet. Nothing may
    /// be taken in after that.
    pub fn save(&self, out: &mut Vec<u8>) {
        varint::put(out, self.received);
        let (front, back) = self.bytes.as_slices();
        out.extend_from_slice(front);
        out.extend_from_slice(back);
    }

    /// Reads what [`InputReceiver::save`] wrote.
    pub fn restore(saved: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(saved);
        let received = reader.u64()?;
        let items = reader.rest();
        if items.len() > MAX_SAVED || items.len() as u64 > received {
            return Err(Malformed("input length"));
        }
        check(items)?;
        Ok(Self {
            bytes: items.iter().copied().collect(),
            received,
        })
    }

    /// Takes out the next item.
    #[allow(
        clippy::should_implement_trait,
        reason = "more may come after `None`, and it is a replica first"
    )]
    pub fn next(&mut self) -> Option<Input> {
        let mut reader = Reader::new(self.bytes.make_contiguous());
        let item = reader.bytes().ok()?;
        let input = postcard::decode(item, "input").ok();
        let left = reader.rest().len();
        self.bytes.drain(..self.bytes.len() - left);
        if self.bytes.is_empty() {
            self.bytes.shrink_to(Input::MAX_BYTES);
        }
        input
    }
}

impl Replica for InputReceiver {
    fn apply(&mut self, _: FrameNo, _: FrameNo, diff: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(diff);
        let start = reader.u64()?;
        let known = self
            .received
            .checked_sub(start)
            .ok_or(Malformed("input offset"))?;
        reader.take(usize::try_from(known).map_err(|_| Malformed("input offset"))?)?;
        // Marks lie between items, so what is new is whole items.
        let new = reader.rest();
        check(new)?;
        self.bytes.extend(new);
        self.received += new.len() as u64;
        Ok(())
    }
}

/// Whether these are whole items, none too long.
fn check(items: &[u8]) -> Result<(), Malformed> {
    let mut reader = Reader::new(items);
    while !reader.is_empty() {
        let len = reader.at_most(MAX_ITEM)?;
        let item = reader.take(len as usize)?;
        match postcard::decode::<Input>(item, "input")? {
            Input::Bytes { bytes, .. } | Input::Paste { bytes, .. }
                if bytes.len() > Input::MAX_BYTES =>
            {
                return Err(Malformed("input length"));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(n: u64) -> Input {
        Input::Bytes {
            pane: PaneId(n),
            bytes: vec![n as u8],
        }
    }

    fn diff(log: &InputLog, base: Option<u64>) -> Vec<u8> {
        let mut out = Vec::new();
        log.diff(base.as_ref(), &mut out);
        out
    }

    fn apply(receiver: &mut InputReceiver, diff: &[u8]) -> Result<(), Malformed> {
        receiver.apply(FrameNo(0), FrameNo(1), diff)
    }

    #[test]
    fn items_come_out_once_and_in_order() {
        let (mut log, mut receiver) = (InputLog::default(), InputReceiver::default());
        log.push(&key(1));
        let first = log.mark();
        apply(&mut receiver, &diff(&log, None)).expect("the first item");
        assert_eq!(receiver.next(), Some(key(1)));
        log.push(&key(2));
        apply(&mut receiver, &diff(&log, None)).expect("both items");
        log.forget(first);
        log.push(&key(3));
        apply(&mut receiver, &diff(&log, Some(first))).expect("the last two");
        assert_eq!(receiver.next(), Some(key(2)));
        assert_eq!(receiver.next(), Some(key(3)));
        assert_eq!(receiver.next(), None);
        log.forget(log.mark());
        assert_eq!(log.unacknowledged_bytes(), 0);
    }

    #[test]
    fn a_gap_or_a_torn_item_is_refused_and_changes_nothing() {
        let mut log = InputLog::default();
        log.push(&key(1));
        let first = log.mark();
        log.push(&key(2));
        let mut receiver = InputReceiver::default();
        assert!(apply(&mut receiver, &diff(&log, Some(first))).is_err());
        let whole = diff(&log, None);
        for len in 0..whole.len() {
            let mut torn = receiver.clone();
            if apply(&mut torn, &whole[..len]).is_err() {
                assert_eq!(torn.next(), None);
            }
        }
        apply(&mut receiver, &whole).expect("the whole");
        assert_eq!(receiver.next(), Some(key(1)));
    }

    #[test]
    fn a_server_that_was_restarted_goes_on_where_the_last_one_stopped() {
        let (mut log, mut before) = (InputLog::default(), InputReceiver::default());
        for n in 0..5 {
            log.push(&key(n));
        }
        apply(&mut before, &diff(&log, None)).expect("five items");
        assert_eq!(before.next(), Some(key(0)));
        for n in 5..8 {
            log.push(&key(n));
        }
        let mut saved = Vec::new();
        before.save(&mut saved);
        let mut after = InputReceiver::restore(&saved).expect("what was saved");
        log.resume(after.received()).expect("its own offset");
        apply(&mut after, &diff(&log, None)).expect("the rest");
        let got = std::iter::from_fn(|| after.next()).collect::<Vec<_>>();
        assert_eq!(got, (1..8).map(key).collect::<Vec<_>>());
        for len in 0..saved.len() {
            if let Ok(mut torn) = InputReceiver::restore(&saved[..len]) {
                while torn.next().is_some() {}
            }
        }
    }

    #[test]
    fn input_for_a_server_that_is_gone_is_dropped_and_counted() {
        let (mut log, mut before) = (InputLog::default(), InputReceiver::default());
        log.push(&key(1));
        apply(&mut before, &diff(&log, None)).expect("an item");
        log.resume(before.received()).expect("its own offset");
        log.push(&key(2));
        log.push(&key(3));
        assert!(log.resume(0).is_err(), "another's: less than was known");
        assert!(log.resume(1000).is_err(), "another's: more than was sent");
        assert_eq!(log.abandon(), 2);
        log.push(&key(4));
        let mut new = InputReceiver::default();
        apply(&mut new, &diff(&log, None)).expect("an item");
        assert_eq!((new.next(), new.next()), (Some(key(4)), None));
    }

    #[test]
    fn an_overlong_item_is_refused() {
        let mut log = InputLog::default();
        log.push(&Input::Paste {
            pane: PaneId(1),
            bytes: vec![0; Input::MAX_BYTES + 1],
            first: true,
            last: true,
        });
        let refused = apply(&mut InputReceiver::default(), &diff(&log, None));
        assert_eq!(refused, Err(Malformed("input length")));
    }

    #[test]
    fn a_long_log_goes_in_parts_of_whole_items() {
        let mut log = InputLog::default();
        let part = |n: u64| Input::Bytes {
            pane: PaneId(n),
            bytes: vec![n as u8; Input::MAX_BYTES],
        };
        (0..200).for_each(|n| log.push(&part(n)));
        let (mut receiver, mut got) = (InputReceiver::default(), Vec::new());
        while log.unacknowledged_bytes() > 0 {
            let mark = log.mark();
            let frame = diff(&log, Some(log.start()));
            assert!(frame.len() <= MAX_AHEAD + 16);
            apply(&mut receiver, &frame).expect("whole items");
            assert_eq!(receiver.received(), mark);
            got.extend(std::iter::from_fn(|| receiver.next()));
            log.forget(mark);
        }
        assert_eq!(got, (0..200).map(part).collect::<Vec<_>>());
    }

    #[test]
    fn what_the_server_may_lack_is_counted_as_its_user_would() {
        let mut log = InputLog::default();
        log.push(&key(b'a'.into()));
        log.forget(log.mark());
        log.push(&Input::Bytes {
            pane: PaneId(1),
            bytes: b"ls\x1b[A".to_vec(),
        });
        log.push(&Input::Focus(true));
        assert_eq!(log.undelivered(), Undelivered { keys: 3, pasted: 0 });
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_or_read(bytes: Vec<u8>) {
            let mut receiver = InputReceiver::default();
            if apply(&mut receiver, &bytes).is_ok() {
                while receiver.next().is_some() {}
                prop_assert!(receiver.bytes.is_empty());
            }
        }
    }
}
