//! Keeps a value equal on two machines over a link that may lose, double and reorder packets: mosh's State
//! Synchronization Protocol (Winstein & Balakrishnan, USENIX ATC 2012), with what a modern link allows.
//!
//! Each side is the source of one value and holds a replica of the other's. A source is asked for the difference
//! between a mark that the peer is known to have reached and where it stands now; a lost frame is never resent, a
//! newer one is. Nothing here knows what the values are.

mod arrivals;
mod background;
mod carrier;
mod copies;
mod datagram;
mod early;
mod endpoint;
mod packet;
mod packing;
mod parts;
mod profile;
mod resend;
mod rtt;
mod sender;
pub mod silence;
pub mod wire;

pub use background::{Background, Reached};
pub use carrier::{Carrier, Earlier, MAX_PACKET, MIN_DATAGRAM, Outgoing, Queue, Streams, Way};
pub use datagram::{MAX_DATAGRAM, MAX_PARTS};
pub use endpoint::{Endpoint, Handled, Reliability, Urgency};
pub use profile::{Profile, Unclear};

use crate::varint::Malformed;

/// Milliseconds between two paced frames.
pub const FRAME_INTERVAL: u64 = 8;

/// Numbers the frames of one direction, from 1; 0 is the empty state that both sides start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FrameNo(pub u64);

/// Milliseconds since an arbitrary start: the only clock that machines know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub u64);

impl Time {
    /// The time `ms` milliseconds later.
    pub fn after(self, ms: u64) -> Time {
        Time(self.0 + ms)
    }

    /// Milliseconds from `earlier` to this; 0 if it lies ahead.
    pub fn since(self, earlier: Time) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Where a value stands.
pub trait Mark: Clone + PartialEq {
    /// Takes over what `other` has beyond this. Parts of a value may be kept back in some frames: whoever has applied one
    /// frame and then another has the newest of every part.
    fn join(&mut self, other: &Self);
}

impl Mark for u64 {
    fn join(&mut self, other: &Self) {
        *self = (*self).max(*other);
    }
}

/// A value that is shown to a peer.
pub trait Source {
    /// Where the value stands; remembered for each frame that is not yet acknowledged, so it should be small.
    type Mark: Mark;

    /// Where the value stands now.
    fn mark(&self) -> Self::Mark;

    /// Appends what changed since `base` (`None`: since the empty state).
    ///
    /// Law: whoever holds `base`, or anything between `base` and now, holds the present value after applying it.
    fn diff(&self, base: Option<&Self::Mark>, out: &mut Vec<u8>);
}

/// The peer's copy of a [`Source`].
pub trait Replica {
    /// Applies the difference that leads to `frame`. The sender will never again build on a frame before `base`:
    /// what was kept for those may go. Called with rising frames only.
    ///
    /// Law: a refused difference changes nothing that is shown.
    fn apply(&mut self, base: FrameNo, frame: FrameNo, diff: &[u8]) -> Result<(), Malformed>;
}
