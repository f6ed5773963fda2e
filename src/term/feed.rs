//! Bytes → text, controls and sequences: what an emulator does with the bytes that it is fed. Text goes through in runs;
//! a sequence is acted on whole, at once if all of it is there.

use super::emulator::Emulator;
use super::scan::Ended;
use super::sequence::Kind;
use super::string::wrapped;
use std::str::Utf8Error;

impl Emulator {
    /// Takes in `bytes`; what they leave unfinished goes on with the next.
    pub(super) fn take_in(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.scanner.is_ground() {
                rest = self.ground(rest);
            } else {
                let (taken, ended) = self.scanner.scan(rest);
                rest = &rest[taken..];
                if let Some(ended) = ended {
                    self.end(ended);
                }
            }
        }
    }

    /// Acts on a sequence that has ended.
    fn end(&mut self, ended: Ended) {
        let pending = &self.scanner.pending;
        match ended {
            Ended::Nothing => {}
            Ended::Sequence => {
                self.terminal.last.interrupt();
                let (terminal, sequence) = (&mut self.terminal, &mut self.sequence);
                match sequence.read_whole(pending, &mut self.body, |byte| terminal.control(byte)) {
                    Kind::Nothing => {}
                    Kind::Control => terminal.csi(sequence),
                    Kind::Escape(last) => terminal.escape(&self.body, last),
                }
            }
            Ended::String { kind, end } => match wrapped::unwrapped(pending) {
                Some(inner) => self.unwrap(&inner),
                None => {
                    let body = pending.get(2..).unwrap_or_default();
                    self.terminal.string(kind, body, end);
                }
            },
        }
        self.scanner.done();
    }

    /// Takes in what was wrapped for a multiplexer. What it leaves unfinished does nothing.
    fn unwrap(&mut self, inner: &[u8]) {
        if let Some(within) = self.scanner.within() {
            let outer = std::mem::replace(&mut self.scanner, within);
            self.take_in(inner);
            self.scanner = outer;
        }
    }

    /// Takes in text and controls up to the next sequence; returns what follows its beginning.
    fn ground<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if !self.scanner.is_ground() {
                break;
            }
            if !self.scanner.pending.is_empty() {
                rest = self.character(rest);
                continue;
            }
            match first {
                0x20..=0x7e => {
                    let (run, after) = rest.split_at(printable(rest));
                    self.terminal.print_ascii(run);
                    rest = after;
                }
                0x1b => match self.whole(rest) {
                    Some(length) => rest = &rest[length..],
                    None => {
                        self.scanner.begin();
                        return &rest[1..];
                    }
                },
                0x80.. => rest = self.unicode(rest),
                _ => {
                    self.terminal.control(first);
                    rest = &rest[1..];
                }
            }
        }
        rest
    }

    /// Acts on the sequence that `bytes` begins with, if all of it is there and it holds nothing unusual: the short way
    /// past the scanner. Returns its length.
    #[inline]
    fn whole(&mut self, bytes: &[u8]) -> Option<usize> {
        let taken = match *bytes.get(1)? {
            b'[' => {
                let taken = self.sequence.read(&bytes[2..])?;
                self.terminal.last.interrupt();
                self.terminal.csi(&self.sequence);
                taken + 2
            }
            b'(' => {
                let last = *bytes.get(2).filter(|byte| (0x30..=0x7e).contains(*byte))?;
                self.terminal.last.interrupt();
                self.terminal.escape(b"(", last);
                3
            }
            last @ (b'7' | b'8' | b'=' | b'>' | b'D' | b'E' | b'M') => {
                self.terminal.last.interrupt();
                self.terminal.escape(b"", last);
                2
            }
            _ => return None,
        };
        Some(taken)
    }

    /// Prints a run of bytes above ASCII, up to a C1 control; an unfinished character at the end of all input is kept for
    /// the next call.
    fn unicode<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let length = bytes.iter().position(|byte| *byte < 0x80);
        let length = length.unwrap_or(bytes.len());
        let control = c1_control(&bytes[..length]);
        let (run, after) = bytes.split_at(control.unwrap_or(length));
        let unfinished = self.print_lossy(run);
        if unfinished > 0 && after.is_empty() {
            // The rest of the last character may come with the next bytes.
            let start = run.len() - unfinished;
            self.scanner.pending.extend_from_slice(&run[start..]);
        } else if unfinished > 0 {
            self.terminal.print(char::REPLACEMENT_CHARACTER);
        }
        match (control, after) {
            (Some(_), [_, byte, after @ ..]) => {
                self.c1(*byte);
                after
            }
            _ => after,
        }
    }

    /// Prints `bytes`, what is no UTF-8 as U+FFFD for each part that cannot go on; returns the length of the character at
    /// the end that can.
    fn print_lossy(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while let Err(error) = self.print_utf8(rest) {
            rest = &rest[error.valid_up_to()..];
            let Some(length) = error.error_len() else {
                return rest.len();
            };
            self.terminal.print(char::REPLACEMENT_CHARACTER);
            rest = &rest[length..];
        }
        0
    }

    /// Prints `bytes` as far as they are UTF-8.
    fn print_utf8(&mut self, bytes: &[u8]) -> Result<(), Utf8Error> {
        let (valid, result) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, Ok(())),
            Err(error) => {
                let valid = &bytes[..error.valid_up_to()];
                (std::str::from_utf8(valid).unwrap_or_default(), Err(error))
            }
        };
        let mut rest = valid;
        loop {
            rest = &rest[self.terminal.print_run(rest)..];
            let Some(c) = rest.chars().next() else { break };
            self.terminal.print(c);
            rest = &rest[c.len_utf8()..];
        }
        result
    }

    /// Continues an unfinished UTF-8 character by one byte, or gives it up.
    fn character<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let mut tail = std::mem::take(&mut self.scanner.pending);
        if let ([C1_LEAD], byte @ 0x80..=0x9f) = (&tail[..], bytes[0]) {
            self.c1(byte);
            return &bytes[1..];
        }
        let continues = bytes[0] & 0xc0 == 0x80;
        if continues {
            tail.push(bytes[0]);
        }
        let unfinished = self.print_lossy(&tail);
        if continues {
            tail.drain(..tail.len() - unfinished);
            self.scanner.pending = tail;
        } else if unfinished > 0 {
            self.terminal.print(char::REPLACEMENT_CHARACTER);
        }
        &bytes[usize::from(continues)..]
    }

    /// Acts on a C1 control as on the escape that it stands for (ECMA-48 §5.3). In UTF-8 such a control is a character of
    /// two bytes, which xterm obeys; a lone byte of its value is no character, and shown as that.
    fn c1(&mut self, byte: u8) {
        self.scanner.begin();
        if let (_, Some(ended)) = self.scanner.scan(&[byte - 0x40]) {
            self.end(ended);
        }
    }
}

/// The first of the two bytes of every C1 control in UTF-8; it is never any other byte of a character.
const C1_LEAD: u8 = 0xc2;

/// Where the first C1 control in `bytes` is.
fn c1_control(bytes: &[u8]) -> Option<usize> {
    let is_control = |at: &usize| matches!(bytes.get(at + 1), Some(0x80..=0x9f));
    memchr::memchr_iter(C1_LEAD, bytes).find(is_control)
}

/// How many of `bytes`, from the first, are printable ASCII. Eight are looked at a time: the highest bit of each byte
/// says that it is not one, and is right at least for the first that is not.
#[inline]
fn printable(bytes: &[u8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut taken = 0;
    while let Some(chunk) = bytes[taken..].first_chunk() {
        let word = u64::from_le_bytes(*chunk);
        let below = word.wrapping_sub(0x20 * EACH);
        let others = (word | below | word.wrapping_add(EACH)) & (0x80 * EACH);
        if others != 0 {
            return taken + others.trailing_zeros() as usize / 8;
        }
        taken += 8;
    }
    let plain = |byte: &&u8| (0x20..=0x7e).contains(*byte);
    taken + bytes[taken..].iter().take_while(plain).count()
}
