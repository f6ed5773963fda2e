//! What a viewer has to know to guess the echo of its keys: how far they have come, and who would echo them.
//!
//! ```text
//! echo   = flags written unsettled [ground]      flag 1: ground, 2: it has a prompt, 4: others type there
//! ground = pane changes tty program [row col]    program: 4 bytes, low first
//! ```

use super::PaneId;
use crate::term::RowId;
use crate::varint::{self, Malformed, Reader};
use serde::{Deserialize, Serialize};

/// How far a viewer's keys have come, and what they come to.
///
/// Offsets count the bytes of all [`Input::Bytes`](super::Input::Bytes) and [`Input::Paste`](super::Input::Paste) that
/// the viewer sent, whatever pane they were for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Echo {
    /// The bytes that the program's terminal has taken.
    pub written: u64,
    /// The bytes whose echo is part of this view, as far as one can know: the program has printed since they were
    /// written and then paused, or has had the time for it. Never above `written`.
    pub settled: u64,
    /// Whether another viewer's keys are on their way through the same pane.
    pub others: bool,
    /// What the keys come to.
    pub ground: Ground,
    /// How often `ground` has changed.
    pub changes: u64,
}

/// What keys come to: the pane with the focus, its terminal and the program in its foreground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ground {
    /// The pane.
    pub pane: PaneId,
    /// How its terminal treats what is typed.
    pub tty: Tty,
    /// Stands for the program in the foreground, see [`Ground::program`].
    pub program: u32,
    /// Where the command line begins that the shell has said it waits for (OSC 133;B): a row, and a column of it.
    pub prompt: Option<(RowId, u16)>,
}

/// How a terminal treats what is typed (termios(3)), as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tty(pub u8);

impl Tty {
    /// The kernel prints what is typed (`ECHO`).
    pub const ECHO: Tty = Tty(1);
    /// The kernel hands out whole lines, and edits them until then (`ICANON`).
    pub const CANONICAL: Tty = Tty(2);
    /// Some keys are signals (`ISIG`).
    pub const SIGNALS: Tty = Tty(4);
    /// Return is read as the end of a line (`ICRNL`).
    pub const RETURN_IS_NEWLINE: Tty = Tty(8);
    /// The line is edited by the usual keys: DEL erases, Ctrl-U kills it, Ctrl-W a word of it.
    pub const USUAL_KEYS: Tty = Tty(16);
    /// What a program prints is changed (`OPOST`).
    pub const POSTPROCESSED: Tty = Tty(32);
    /// What is erased is one character, however many bytes it has (`IUTF8`).
    pub const UTF8: Tty = Tty(64);

    /// Whether all bits of `other` are set.
    pub fn contains(self, other: Tty) -> bool {
        self.0 & other.0 == other.0
    }

    /// Sets or clears the bits of `other`.
    pub fn set(&mut self, other: Tty, on: bool) {
        match on {
            true => self.0 |= other.0,
            false => self.0 &= !other.0,
        }
    }

    /// Whether the kernel itself prints what is typed.
    pub fn kernel_echoes(self) -> bool {
        self.contains(Tty(Self::ECHO.0 | Self::CANONICAL.0))
    }

    /// Whether what is typed is meant to be seen by nobody: lines are read, and not echoed.
    pub fn hides(self) -> bool {
        self.contains(Self::CANONICAL) && !self.contains(Self::ECHO)
    }
}

impl Ground {
    /// The number that stands for a program by its name. One that `is_first` is the pane's own: a shell is told from its
    /// children, which bear its name until they have become what they are to be (FNV-1a).
    pub fn program(name: &str, is_first: bool) -> u32 {
        let hash = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        let named = name.bytes().fold(0x811c_9dc5, hash);
        hash(named, u8::from(is_first))
    }
}

/// How a viewer's guesses have turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Guesses {
    /// Shown to the user before the program had answered.
    pub shown: u64,
    /// Shown, and right.
    pub right: u64,
    /// Shown, and not what came.
    pub wrong: u64,
    /// Right, but not shown.
    pub hidden_right: u64,
}

impl std::ops::AddAssign for Guesses {
    fn add_assign(&mut self, other: Self) {
        self.shown = self.shown.saturating_add(other.shown);
        self.right = self.right.saturating_add(other.right);
        self.wrong = self.wrong.saturating_add(other.wrong);
        self.hidden_right = self.hidden_right.saturating_add(other.hidden_right);
    }
}

const GROUND: u8 = 1;
const PROMPT: u8 = 2;
const OTHERS: u8 = 4;

/// Where an [`Echo`] stands: what a frame under way remembers of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EchoMark {
    written: u64,
    settled: u64,
    others: bool,
    changes: u64,
}

impl Echo {
    /// Where it stands.
    pub fn mark(&self) -> EchoMark {
        EchoMark {
            written: self.written,
            settled: self.settled,
            others: self.others,
            changes: self.changes,
        }
    }

    /// Appends it for whoever stands at `base` or between that and now.
    pub(super) fn put(&self, base: Option<EchoMark>, out: &mut Vec<u8>) {
        let is_new = base.is_none_or(|base| base.changes != self.changes);
        let flag = |set: bool, flag| if set { flag } else { 0 };
        let Ground {
            pane,
            tty,
            program,
            prompt,
        } = self.ground;
        out.push(
            flag(is_new, GROUND)
                | flag(is_new && prompt.is_some(), PROMPT)
                | flag(self.others, OTHERS),
        );
        varint::put(out, self.written);
        varint::put(out, self.written.saturating_sub(self.settled));
        if !is_new {
            return;
        }
        varint::put(out, pane.0);
        varint::put(out, self.changes);
        out.push(tty.0);
        out.extend_from_slice(&program.to_le_bytes());
        if let Some((row, col)) = prompt {
            varint::put(out, row.0);
            varint::put(out, u64::from(col));
        }
    }

    /// Reads what [`Echo::put`] wrote for whoever holds `old`.
    pub(super) fn read(reader: &mut Reader, old: &Echo) -> Result<Echo, Malformed> {
        let flags = reader.u8()?;
        if flags & !(GROUND | PROMPT | OTHERS) != 0 {
            return Err(Malformed("echo flags"));
        }
        let written = reader.u64()?;
        let mut echo = Echo {
            written,
            settled: written - reader.at_most(written)?,
            others: flags & OTHERS != 0,
            ..*old
        };
        if flags & GROUND == 0 {
            return Ok(echo);
        }
        echo.ground.pane = PaneId(reader.u64()?);
        echo.changes = reader.u64()?;
        echo.ground.tty = Tty(reader.u8()?);
        let program = reader.take(4)?.try_into();
        echo.ground.program = u32::from_le_bytes(program.map_err(|_| Malformed("program"))?);
        echo.ground.prompt = match flags & PROMPT {
            0 => None,
            _ => Some((RowId(reader.u64()?), reader.u16()?)),
        };
        Ok(echo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn echo(written: u64, changes: u64) -> Echo {
        Echo {
            written,
            settled: written / 2,
            others: written.is_multiple_of(3),
            ground: Ground {
                pane: PaneId(3),
                tty: Tty(changes as u8 & 63),
                program: Ground::program("bash", changes.is_multiple_of(2)),
                prompt: (!changes.is_multiple_of(2)).then_some((RowId(changes), 7)),
            },
            changes,
        }
    }

    #[test]
    fn whoever_stands_between_comes_to_hold_it() {
        let states = [
            echo(1, 1),
            echo(3, 1),
            echo(9, 2),
            echo(700, 3),
            echo(701, 3),
        ];
        for (base, held) in [(0, 0), (0, 1), (0, 2), (1, 2), (2, 3), (3, 3), (0, 4)] {
            let mut out = Vec::new();
            states[4].put(Some(states[base].mark()), &mut out);
            let read = Echo::read(&mut Reader::new(&out), &states[held]);
            assert_eq!(read, Ok(states[4]), "{base} {held}");
        }
        let mut out = Vec::new();
        states[4].put(None, &mut out);
        let read = Echo::read(&mut Reader::new(&out), &Echo::default());
        assert_eq!(read, Ok(states[4]));
    }

    #[test]
    fn a_key_costs_four_bytes() {
        let mut out = Vec::new();
        echo(2001, 1).put(Some(echo(2000, 1).mark()), &mut out);
        assert!(out.len() <= 5, "{out:?}");
    }

    #[test]
    fn a_shell_is_not_its_child() {
        assert_ne!(
            Ground::program("bash", true),
            Ground::program("bash", false)
        );
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_or_read(bytes: Vec<u8>) {
            if let Ok(echo) = Echo::read(&mut Reader::new(&bytes), &Echo::default()) {
                prop_assert!(echo.settled <= echo.written);
            }
        }
    }
}
