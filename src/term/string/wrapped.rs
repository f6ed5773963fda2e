//! Strings that are wrapped for a multiplexer to hand on to the terminal outside (tmux(1), `allow-passthrough`). Here
//! the emulator is that terminal: what is inside acts as if it had been written plainly, and reaches nothing beyond.
//!
//! GNU screen's way, a plain DCS around the sequence, needs nothing of this: the inner ESC ends the DCS, which is empty
//! then, and the ST that follows the sequence does nothing.

/// What a string begins with, its ESC and introducer included, if it wraps a sequence in which each ESC is doubled.
pub(in crate::term) const TMUX: &[u8] = b"\x1bPtmux;";

/// The sequence inside a string that begins with [`TMUX`], its doubled ESCs made single.
pub(in crate::term) fn unwrapped(string: &[u8]) -> Option<Vec<u8>> {
    let rest = string.strip_prefix(TMUX)?;
    let mut inner = Vec::with_capacity(rest.len());
    let mut bytes = rest.iter();
    while let Some(byte) = bytes.next() {
        inner.push(*byte);
        if *byte == 0x1b {
            bytes.next();
        }
    }
    Some(inner)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{fed, lines, replies};
    use super::super::super::{Emulator, Size};

    #[test]
    fn what_is_wrapped_acts_as_if_it_were_not() {
        for (wrapped, shown, answer) in [
            (
                "\x1bPtmux;\x1b\x1b]4;1;?\x07\x1b\\",
                "",
                "\x1b]4;1;rgb:cdcd/0000/0000\x07",
            ),
            (
                "\x1bPtmux;\x1b\x1b]4;1;?\x1b\x1b\\\x1b\\",
                "",
                "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
            ),
            ("\x1bPtmux;\x1b\x1b[6n\x1b\\x", "x", "\x1b[1;1R"),
            ("\x1bPtmux;a\x1b\x1b[1mb\x1b\\c", "abc", ""),
            // Unfinished inside: nothing of it is left over for what follows.
            ("\x1bPtmux;\x1b\x1b]2;x\x1b\\abc", "abc", ""),
            ("\x1bPtmux;\x1b\x1b[3\x1b\\abc", "abc", ""),
            // Ended by another sequence than ST, or cancelled.
            ("\x1bPtmux;a\x1b[6nb", "ab", "\x1b[1;2R"),
            ("\x1bPtmux;a\x18b", "b", ""),
            // screen's way.
            ("\x1bP\x1b[6n\x1b\\x", "x", "\x1b[1;1R"),
            (
                "\x1bP\x1b]4;1;?\x07\x1b\\x",
                "x",
                "\x1b]4;1;rgb:cdcd/0000/0000\x07",
            ),
        ] {
            let mut emulator = fed(9, 1, wrapped);
            assert_eq!(lines(&emulator)[0], shown, "{wrapped:?}");
            assert_eq!(replies(&mut emulator), answer, "{wrapped:?}");
        }
    }

    fn wrap(inner: &str) -> String {
        format!("\x1bPtmux;{}\x1b\\", inner.replace('\x1b', "\x1b\x1b"))
    }

    #[test]
    fn a_wrapper_in_a_wrapper_is_unwrapped_and_no_more() {
        let plain = "\x1b[6n";
        assert_eq!(replies(&mut fed(9, 1, &wrap(&wrap(plain)))), "\x1b[1;1R");
        assert_eq!(replies(&mut fed(9, 1, &wrap(&wrap(&wrap(plain))))), "");
    }

    #[test]
    fn a_snapshot_in_its_midst_goes_on() {
        let text = wrap("\x1b]2;title\x1b\\\x1b[6nx");
        for cut in 0..text.len() {
            let mut emulator = Emulator::new(Size::new(9, 1));
            emulator.feed(&text.as_bytes()[..cut]);
            let mut snapshot = Vec::new();
            emulator.snapshot(&mut snapshot);
            let mut emulator = Emulator::restore(&snapshot).expect("what was written");
            emulator.feed(&text.as_bytes()[cut..]);
            assert_eq!((emulator.title(), &*lines(&emulator)[0]), ("title", "x"));
            assert_eq!(replies(&mut emulator), "\x1b[1;1R", "{cut}");
        }
    }
}
