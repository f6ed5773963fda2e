//! Paces what is sent in the background, piece by piece: what nobody waits for, though somebody soon may.
//!
//! One piece is under way at a time, and it leaves behind whatever else is to be sent. Until it has come or must be taken
//! for lost, the frames after it leave it out where each would carry it again otherwise. Pieces grow while they come in time.

use super::{Queue, Time};

/// Milliseconds after another frame at which a piece may leave.
const BEHIND: u64 = 10;
/// Milliseconds that a link is left alone that has a long queue.
const RESTS: u64 = 500;
/// Milliseconds that an acknowledgement may take beyond the round trip.
const HELD: u64 = 200;
/// How many pieces of the first's size a piece may have, and parts of it.
const GROWS: u32 = 2;
const SHRINKS: u32 = 8;

/// What the link is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The newest version that the peer is known to have.
    pub version: u64,
    /// Milliseconds of a round trip.
    pub round_trip: u64,
    /// Whether what is sent waits.
    pub queue: Queue,
}

/// What is sent in the background, as far as it decides when.
#[derive(Debug, Clone)]
pub struct Background {
    first: u32,
    piece: u32,
    under_way: Option<Piece>,
    /// When the next may leave; `None` while nothing is wanted.
    ready_at: Option<Time>,
}

/// What is under way.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// The version that the peer has once it has come.
    version: u64,
    /// When a frame took it along, and when it counts as lost then.
    left: Option<(Time, Time)>,
}

impl Background {
    /// Begins at once; the first piece has that size, in whatever one counts.
    pub fn new(first: u32, now: Time) -> Self {
        Self {
            first,
            piece: first,
            under_way: None,
            ready_at: Some(now),
        }
    }

    /// Something is wanted.
    pub fn wants(&mut self, now: Time) {
        self.ready_at.get_or_insert(now);
    }

    /// Nothing more is.
    pub fn rests(&mut self) {
        self.ready_at = None;
    }

    /// Something else leaves now, which goes first.
    pub fn gives_way(&mut self, now: Time) {
        self.ready_at = self.ready_at.map(|at| at.max(now.after(BEHIND)));
    }

    /// Takes note of how far the peer has come.
    pub fn see(&mut self, reached: Reached, now: Time) {
        let come = self
            .under_way
            .take_if(|piece| reached.version >= piece.version);
        if let Some((left, _)) = come.and_then(|piece| piece.left) {
            let in_time = now.since(left) <= 2 * reached.round_trip + HELD;
            self.piece = match in_time {
                true => (self.piece * 2).min(self.first * GROWS),
                false => self.smaller(),
            };
        }
        if reached.queue == Queue::Long {
            self.piece = self.smaller();
            let rested = now.after(RESTS);
            self.ready_at = self.ready_at.map(|at| at.max(rested));
        }
    }

    fn smaller(&self) -> u32 {
        (self.piece / 2).max(self.first / SHRINKS).max(1)
    }

    /// How large a piece may be that leaves now, if one may.
    pub fn piece(&self, now: Time) -> Option<u32> {
        let is_ready = self.ready_at.is_some_and(|at| at <= now);
        (is_ready && self.under_way.is_none()).then_some(self.piece)
    }

    /// A piece goes with the next frame, after which the peer has `version`.
    pub fn begins(&mut self, version: u64) {
        self.under_way = Some(Piece {
            version,
            left: None,
        });
    }

    /// The newest frame has taken the peer to `version`.
    pub fn leaves(&mut self, version: u64, round_trip: u64, now: Time) {
        if let Some(piece) = &mut self.under_way
            && piece.left.is_none()
            && version >= piece.version
        {
            let lost_at = now.after(round_trip * 3 / 2 + HELD);
            piece.left = Some((now, lost_at));
        }
    }

    /// Whether what is under way counts as lost: it goes with the next frame once more.
    pub fn takes_for_lost(&mut self, now: Time) -> bool {
        let piece = self.under_way.as_mut();
        let lost = piece.and_then(|piece| piece.left.take_if(|(_, at)| *at <= now));
        lost.is_some()
    }

    /// Whether the next frame leaves out what is under way.
    pub fn is_left_out(&self) -> bool {
        self.under_way.is_some_and(|piece| piece.left.is_some())
    }

    /// When something is to be done.
    pub fn timeout(&self) -> Option<Time> {
        match self.under_way {
            Some(piece) => piece.left.map(|(_, at)| at),
            None => self.ready_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(version: u64, queue: Queue) -> Reached {
        Reached {
            version,
            round_trip: 100,
            queue,
        }
    }

    #[test]
    fn one_piece_is_under_way_at_a_time() {
        let mut background = Background::new(24, Time(0));
        assert_eq!(background.piece(Time(0)), Some(24));
        background.begins(7);
        assert!(!background.is_left_out(), "the next frame has it");
        background.leaves(7, 100, Time(5));
        assert!(background.is_left_out());
        assert_eq!(background.piece(Time(90)), None);
        background.see(reached(6, Queue::Short), Time(100));
        assert_eq!(background.piece(Time(100)), None);
        background.see(reached(7, Queue::Short), Time(120));
        assert_eq!(background.piece(Time(120)), Some(48));
        assert!(!background.is_left_out());
    }

    #[test]
    fn what_is_lost_is_sent_again_and_less_after_it() {
        let mut background = Background::new(24, Time(0));
        background.begins(7);
        background.leaves(6, 100, Time(0));
        assert_eq!(background.timeout(), None, "the frame left without it");
        background.leaves(7, 100, Time(0));
        assert_eq!(background.timeout(), Some(Time(350)));
        assert!(!background.takes_for_lost(Time(349)));
        assert!(background.takes_for_lost(Time(350)) && !background.is_left_out());
        background.leaves(7, 100, Time(360));
        assert!(background.is_left_out());
        background.see(reached(7, Queue::Short), Time(900));
        assert_eq!(background.piece(Time(900)), Some(12));
    }

    #[test]
    fn others_go_first_and_a_long_queue_is_left_alone() {
        let mut background = Background::new(24, Time(0));
        background.gives_way(Time(5));
        let waits = (background.piece(Time(14)), background.timeout());
        assert_eq!(waits, (None, Some(Time(15))));
        for now in 0..9 {
            background.see(reached(0, Queue::Long), Time(now));
        }
        assert_eq!(background.piece(Time(507)), None);
        assert_eq!(background.piece(Time(508)), Some(3));
        background.rests();
        let rests = (background.piece(Time(9999)), background.timeout());
        assert_eq!(rests, (None, None));
        background.wants(Time(10_000));
        assert_eq!(background.piece(Time(10_000)), Some(3));
    }
}
