//! When the echo of a viewer's keys has settled: how much of what was typed is part of the screen, as far as that can be
//! known from outside. mosh counts 50 ms for every key; here a program that has answered and paused is taken at its word.

use std::collections::VecDeque;

/// Milliseconds of silence after an answer that make it a whole one.
const QUIET_MS: u64 = 3;
/// Milliseconds after which a key counts as answered, whatever was printed (mosh's choice), and what that becomes at most
/// where the program or the machine has lately been slower.
const BOUND_MS: std::ops::RangeInclusive<u64> = 50..=300;
/// What takes longer than so many milliseconds was no answer to a key.
const NO_ANSWER_MS: u64 = 500;
/// Keys told apart while they wait; further ones wait together with the last.
const MAX_STEPS: usize = 64;

/// What typed bytes ask of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A character more or less in a line: whoever sees the screen sees whether it was taken.
    Editing,
    /// Anything else: a Return, a command of an editor, a paste. What comes of it cannot be told in advance.
    Turning,
}

impl Kind {
    /// What kind of input `bytes` are. Cursor keys to the sides only edit (CSI or SS3, `C` and `D`).
    pub fn of(bytes: &[u8]) -> Self {
        let is_side = |bytes: &[u8]| matches!(bytes, [0x1b, b'[' | b'O', b'C' | b'D']);
        let edits = |byte: &u8| *byte >= 0x20 || *byte == 0x08;
        match is_side(bytes) || bytes.iter().all(edits) {
            true => Kind::Editing,
            false => Kind::Turning,
        }
    }
}

/// Whether a viewer has to be told what has settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Telling {
    /// Nothing has.
    Nothing,
    /// With the next frame: the viewer can see it by itself.
    Whenever,
    /// In a frame of its own.
    AtOnce,
}

/// The keys of one viewer in one pane. Offsets are the viewer's, see [`Echo`](crate::protocol::Echo).
///
/// Law: `settled ≤ written`, and neither ever falls.
#[derive(Debug, Clone, Default)]
pub struct Settling {
    written: u64,
    settled: u64,
    steps: VecDeque<Step>,
    printed_ms: u64,
    /// When something was written first that nothing was printed after.
    awaited_ms: Option<u64>,
    /// How long the slowest of the last answers took; it fades.
    slowest_ms: u64,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    end: u64,
    kind: Kind,
    /// When the terminal took it.
    written_ms: Option<u64>,
    /// Whether the program has printed since.
    answered: bool,
}

impl Settling {
    /// Begins at an offset up to which nothing is awaited.
    pub fn from(offset: u64) -> Self {
        Self {
            written: offset,
            settled: offset,
            ..Self::default()
        }
    }

    /// Input up to the offset `end` waits for the terminal to take it.
    pub fn typed(&mut self, end: u64, kind: Kind) {
        let step = Step {
            end,
            kind,
            written_ms: None,
            answered: false,
        };
        match self
            .steps
            .back_mut()
            .filter(|last| last.written_ms.is_none())
        {
            Some(last) => {
                last.end = end;
                last.kind = last.kind.max(kind);
            }
            None => self.steps.push_back(step),
        }
    }

    /// The terminal has taken all that was typed.
    pub fn wrote(&mut self, now_ms: u64) {
        let Some(last) = self
            .steps
            .back_mut()
            .filter(|last| last.written_ms.is_none())
        else {
            return;
        };
        self.written = last.end;
        last.written_ms = Some(now_ms);
        self.awaited_ms.get_or_insert(now_ms);
        if self.steps.len() > MAX_STEPS {
            // Two become one that waits as long as the later of them.
            let first = self.steps.pop_front();
            if let (Some(first), Some(next)) = (first, self.steps.front_mut()) {
                next.kind = next.kind.max(first.kind);
            }
        }
    }

    /// The program has printed something.
    pub fn printed(&mut self, now_ms: u64) {
        self.printed_ms = now_ms;
        if let Some(awaited) = self.awaited_ms.take() {
            let took = now_ms.saturating_sub(awaited);
            if took <= NO_ANSWER_MS {
                self.slowest_ms = took.max(self.slowest_ms * 7 / 8);
            }
        }
        let written = self
            .steps
            .iter_mut()
            .filter(|step| step.written_ms.is_some());
        written.for_each(|step| step.answered = true);
    }

    /// Settles what is due at `now_ms`. While the kernel itself echoes, what a Return leads to shows only after the
    /// longer time: a program may be about to ask for a password.
    pub fn settle(&mut self, now_ms: u64, kernel_echoes: bool) -> Telling {
        let mut telling = Telling::Nothing;
        while let Some((step, due)) = self.next(kernel_echoes)
            && due <= now_ms
        {
            self.steps.pop_front();
            self.settled = step.end;
            telling = telling.max(match (step.kind, step.answered) {
                (Kind::Editing, true) => Telling::Whenever,
                _ => Telling::AtOnce,
            });
        }
        telling
    }

    /// When [`Settling::settle`] has something to do.
    pub fn due_ms(&self, kernel_echoes: bool) -> Option<u64> {
        self.next(kernel_echoes).map(|(_, due)| due)
    }

    fn next(&self, kernel_echoes: bool) -> Option<(Step, u64)> {
        let step = *self.steps.front()?;
        let bound = (self.slowest_ms * 3).clamp(*BOUND_MS.start(), *BOUND_MS.end());
        let bound = step.written_ms? + bound;
        let is_sure = step.answered && !(kernel_echoes && step.kind == Kind::Turning);
        match is_sure {
            true => Some((step, bound.min(self.printed_ms + QUIET_MS))),
            false => Some((step, bound)),
        }
    }

    /// The offset up to which the terminal has taken the input.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// The offset up to which the echo has settled.
    pub fn settled(&self) -> u64 {
        self.settled
    }

    /// Whether something is on its way.
    pub fn is_under_way(&self) -> bool {
        !self.steps.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(end: u64, kind: Kind, now_ms: u64) -> Settling {
        let mut settling = Settling::default();
        settling.typed(end, kind);
        settling.wrote(now_ms);
        settling
    }

    #[test]
    fn an_answer_and_a_pause_settle_a_key() {
        let mut keys = typed(1, Kind::Editing, 100);
        assert_eq!((keys.written(), keys.settled()), (1, 0));
        assert_eq!(keys.due_ms(false), Some(150));
        keys.printed(101);
        keys.printed(103);
        assert_eq!(keys.due_ms(false), Some(106));
        assert_eq!(keys.settle(105, false), Telling::Nothing);
        assert_eq!(keys.settle(106, false), Telling::Whenever);
        assert_eq!((keys.settled(), keys.due_ms(false)), (1, None));
    }

    #[test]
    fn a_key_without_an_answer_settles_in_time_and_is_told() {
        let mut keys = typed(1, Kind::Editing, 100);
        assert_eq!(keys.settle(149, false), Telling::Nothing);
        assert_eq!(keys.settle(150, false), Telling::AtOnce);
        let mut flood = typed(1, Kind::Editing, 100);
        for now in 100..150 {
            flood.printed(now);
            assert_eq!(flood.settle(now, false), Telling::Nothing);
        }
        assert_eq!(flood.settle(150, false), Telling::Whenever);
    }

    #[test]
    fn a_slow_program_is_given_time() {
        let mut keys = Settling::default();
        for (end, now) in (1..20).zip((0..).step_by(1000)) {
            keys.typed(end, Kind::Editing);
            keys.wrote(now);
            keys.printed(now + 60);
            keys.settle(now + 900, false);
        }
        keys.typed(20, Kind::Editing);
        keys.wrote(50_000);
        assert_eq!(keys.due_ms(false), Some(50_180));
        keys.printed(60_000);
        assert_eq!(keys.slowest_ms, 60, "that was no answer");
    }

    #[test]
    fn a_return_is_told_and_takes_longer_while_the_kernel_echoes() {
        let mut keys = typed(1, Kind::Turning, 100);
        keys.printed(101);
        assert_eq!(keys.due_ms(true), Some(150));
        assert_eq!(keys.settle(104, false), Telling::AtOnce);
    }

    #[test]
    fn what_the_terminal_has_not_taken_is_not_written() {
        let mut keys = Settling::from(10);
        keys.typed(11, Kind::Editing);
        keys.typed(12, Kind::Turning);
        keys.printed(5);
        assert_eq!((keys.written(), keys.due_ms(false)), (10, None));
        keys.wrote(200);
        assert_eq!((keys.written(), keys.due_ms(false)), (12, Some(250)));
    }

    #[test]
    fn whoever_never_pauses_costs_little() {
        let mut keys = Settling::default();
        for end in 1..10_000 {
            keys.typed(end, Kind::Editing);
            keys.wrote(0);
        }
        assert!(keys.steps.len() <= MAX_STEPS + 1);
        keys.settle(50, false);
        assert_eq!(keys.settled(), 9_999);
    }

    #[test]
    fn side_keys_and_letters_edit() {
        for bytes in [
            &b"a"[..],
            b"\x7f",
            b"\x08",
            b"\x1b[C",
            b"\x1bOD",
            "é界".as_bytes(),
        ] {
            assert_eq!(Kind::of(bytes), Kind::Editing);
        }
        for bytes in [&b"\r"[..], b"\x1b", b"\x1b[A", b"a\r", b"\x15"] {
            assert_eq!(Kind::of(bytes), Kind::Turning);
        }
    }
}
