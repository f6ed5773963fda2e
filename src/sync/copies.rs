//! How often a packet is sent at once over a link that loses some, and what that may cost.

use super::Time;
use super::carrier::Queue;
use super::datagram::{Datagram, Packing};

/// Longest packet that is sent more than once.
const LONGEST: usize = 600;
/// Milliseconds between two copies: losses come in bursts.
const SPACING: u64 = 12;
/// Bytes a second that copies may cost, and as many at once.
const BUDGET: u64 = 24_000;
/// Lost datagrams of a thousand, and how many copies are sent from there on. Measured at 100 ms and 29 % loss each way:
/// one of each shows half of the keys after a round trip and one in twenty after three and more; three of each
/// show 19 of 20 after little more than one.
const COPIES: [(u32, u64); 2] = [(150, 2), (20, 1)];

/// Copies that wait for their time.
#[derive(Debug, Clone)]
pub(super) struct Copies {
    /// The bytes, the number of their first sending, and when the copies are due, the next one last.
    waiting: Option<(Vec<u8>, u64, Vec<Time>)>,
    packing: Packing,
    tokens: u64,
    counted: Time,
}

impl Copies {
    pub fn new() -> Self {
        Self {
            waiting: None,
            packing: Packing::Plain,
            tokens: BUDGET,
            counted: Time(0),
        }
    }

    /// Notes that a packet was sent. A newer packet says what the older one did, so its copies are not sent any more.
    pub fn sent(
        &mut self,
        datagram: &Datagram,
        number: u64,
        certain_loss: u32,
        queue: Queue,
        now: Time,
    ) {
        self.waiting = None;
        let earned = now.since(self.counted).min(1000) * BUDGET / 1000;
        self.tokens = (self.tokens + earned).min(BUDGET);
        self.counted = now;
        let count = COPIES.iter().find(|(loss, _)| certain_loss >= *loss);
        let count = count.map_or(0, |(_, copies)| *copies);
        let bytes = datagram.bytes.len() as u64;
        if queue == Queue::Long || datagram.bytes.len() > LONGEST || count * bytes > self.tokens {
            return;
        }
        if count > 0 {
            let due = (1..=count).rev().map(|n| now.after(n * SPACING));
            self.waiting = Some((datagram.bytes.to_vec(), number, due.collect()));
            self.packing = datagram.packing;
        }
    }

    /// A copy that is due: its bytes, and the number of the first sending.
    pub fn poll(&mut self, now: Time) -> Option<(Packing, Vec<u8>, u64)> {
        if self.timeout()? > now {
            return None;
        }
        let (bytes, number, due) = self.waiting.as_mut()?;
        due.pop();
        self.tokens = self.tokens.saturating_sub(bytes.len() as u64);
        let copy = (self.packing, bytes.clone(), *number);
        if due.is_empty() {
            self.waiting = None;
        }
        Some(copy)
    }

    pub fn timeout(&self) -> Option<Time> {
        self.waiting.as_ref()?.2.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::datagram::Part;
    use super::*;

    fn datagram(bytes: &[u8]) -> Datagram<'_> {
        Datagram {
            number: 0,
            back: 0,
            part: Part::WHOLE,
            report: None,
            packing: Packing::Plain,
            bytes,
        }
    }

    fn due(copies: &mut Copies) -> Vec<u64> {
        let mut due = Vec::new();
        while let Some(at) = copies.timeout() {
            copies.poll(at).expect("a copy");
            due.push(at.0);
        }
        due
    }

    #[test]
    fn the_more_is_lost_the_more_copies() {
        let mut copies = Copies::new();
        for (loss, expected) in [(19, vec![]), (20, vec![112]), (290, vec![112, 124])] {
            copies.sent(&datagram(&[1; 50]), 7, loss, Queue::Short, Time(100));
            assert_eq!(copies.poll(Time(111)), None);
            assert_eq!(due(&mut copies), expected);
        }
    }

    #[test]
    fn no_copies_of_long_packets_nor_into_a_queue_nor_of_what_is_outdated() {
        let mut copies = Copies::new();
        copies.sent(&datagram(&[1; 601]), 7, 290, Queue::Short, Time(100));
        assert_eq!(copies.timeout(), None);
        copies.sent(&datagram(&[1; 60]), 8, 290, Queue::Short, Time(100));
        copies.sent(&datagram(&[1; 60]), 9, 290, Queue::Long, Time(100));
        assert_eq!(copies.timeout(), None);
    }

    #[test]
    fn copies_cost_no_more_than_their_budget() {
        let mut copies = Copies::new();
        let mut sent = 0;
        for now in (0..10_000).map(Time) {
            if now.0 % 30 == 0 {
                copies.sent(&datagram(&[1; 600]), now.0, 290, Queue::Short, now);
            }
            sent += std::iter::from_fn(|| copies.poll(now)).count() * 600;
        }
        assert!((200_000..=11 * 24_000).contains(&sent), "{sent}");
    }
}
