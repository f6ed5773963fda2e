//! How a pane is brought to its end: hang up, ask, force. A machine; the signals are sent by the holder.

use super::protocol::KillSignal;
use crate::sync::Time;

/// Each signal, and how many milliseconds after the first it is due.
const STEPS: [(KillSignal, u64); 3] = [
    (KillSignal::Hup, 0),
    (KillSignal::Term, 1_000),
    (KillSignal::Kill, 5_000),
];

/// The way of one pane to its end: HUP at once, TERM after a second, KILL after five.
///
/// It goes on when the program itself has ended, for what that left running in its session: the pane is to be
/// forgotten only when the ladder is done.
#[derive(Debug, Clone)]
pub struct Ladder {
    began: Time,
    next: usize,
}

impl Ladder {
    /// Begins now.
    pub fn new(now: Time) -> Self {
        Self {
            began: now,
            next: 0,
        }
    }

    /// Takes note of how many processes the last signal was sent to: with none left there is nothing more to do.
    pub fn handle(&mut self, processes: u32) {
        if processes == 0 {
            self.next = STEPS.len();
        }
    }

    /// The signal that is due, once.
    pub fn poll(&mut self, now: Time) -> Option<KillSignal> {
        if self.timeout()? > now {
            return None;
        }
        let (signal, _) = STEPS[self.next];
        self.next += 1;
        Some(signal)
    }

    /// When the next signal is due; `None` when there is none.
    pub fn timeout(&self) -> Option<Time> {
        let &(_, after) = STEPS.get(self.next)?;
        Some(self.began.after(after))
    }

    /// Whether there is nothing more to do.
    pub fn is_done(&self) -> bool {
        self.next == STEPS.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ignores_everything_is_killed_after_five_seconds() {
        let mut ladder = Ladder::new(Time(100));
        let mut sent = Vec::new();
        for ms in (100..10_000).step_by(50) {
            while let Some(signal) = ladder.poll(Time(ms)) {
                ladder.handle(1);
                sent.push((signal, ms - 100));
            }
        }
        assert_eq!(sent, STEPS);
        assert!(ladder.is_done());
        assert_eq!(ladder.timeout(), None);
    }

    #[test]
    fn with_nobody_left_it_ends() {
        let mut ladder = Ladder::new(Time(0));
        assert_eq!(ladder.poll(Time(0)), Some(KillSignal::Hup));
        ladder.handle(2);
        assert_eq!(ladder.poll(Time(999)), None);
        assert_eq!(ladder.poll(Time(1_000)), Some(KillSignal::Term));
        ladder.handle(0);
        assert!(ladder.is_done());
        assert_eq!(ladder.poll(Time(9_000)), None);
    }
}
