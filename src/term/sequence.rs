//! Control sequences (CSI) and escapes taken apart (ECMA-48 §5.4; colons after ITU-T T.416): from bytes to numbers,
//! marks and the final byte, without a state machine where the bytes are all there.

/// The most numbers of one sequence; what follows is not read.
pub(super) const MAX_NUMBERS: usize = 32;
/// The most marks (a private prefix and intermediates) of one sequence; with more it does nothing.
pub(super) const MAX_MARKS: usize = 4;

const ESC: u8 = 0x1b;

/// A control sequence: `CSI prefix? numbers intermediates final`. One is read into again and again.
#[derive(Debug, Clone, Default)]
pub(super) struct Sequence {
    pub(super) params: Params,
    marks: [u8; MAX_MARKS],
    marked: u8,
    /// The last byte, 0x40 to 0x7e.
    pub(super) action: u8,
}

/// The parameters: numbers parted by `;`, each with what follows it after `:`. A missing number is 0; there is always
/// one parameter.
#[derive(Debug, Clone, Default)]
pub(super) struct Params {
    numbers: [u16; MAX_NUMBERS],
    len: u8,
    /// Bit `n`: number `n` follows a colon.
    after_colon: u32,
    /// There were more numbers than fit.
    pub(super) overflown: bool,
}

impl Params {
    fn clear(&mut self) {
        (self.len, self.after_colon, self.overflown) = (0, 0, false);
    }

    /// Ends the number that was read.
    #[inline]
    fn end(&mut self, number: u32) {
        match self.numbers.get_mut(usize::from(self.len)) {
            Some(slot) => {
                *slot = number.min(u32::from(u16::MAX)) as u16;
                self.len += 1;
            }
            None => self.overflown = true,
        }
    }

    #[inline]
    fn colon(&mut self) {
        if usize::from(self.len) < MAX_NUMBERS {
            self.after_colon |= 1 << self.len;
        }
    }

    /// How many numbers there are, those after colons among them.
    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// Whether no number follows a colon.
    #[inline]
    pub(super) fn is_flat(&self) -> bool {
        self.after_colon == 0
    }

    /// All numbers in order.
    pub(super) fn numbers(&self) -> &[u16] {
        &self.numbers[..self.len()]
    }

    /// Each parameter: its number and those after its colons.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u16]> {
        let mut rest = self.numbers();
        let mut marks = self.after_colon >> 1;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (param, after) = rest.split_at(1 + marks.trailing_ones() as usize);
            rest = after;
            marks = marks.checked_shr(param.len() as u32).unwrap_or(0);
            Some(param)
        })
    }
}

impl Sequence {
    /// The private prefix and the intermediates, in order.
    #[inline]
    pub(super) fn marks(&self) -> &[u8] {
        &self.marks[..usize::from(self.marked)]
    }

    /// Reads the sequence whose bytes after `ESC [` are at the start of `body`; says how many bytes it took. `None` if
    /// its end is not there, or if it holds what it should not: then nothing of it may be used.
    #[inline]
    pub(super) fn read(&mut self, body: &[u8]) -> Option<usize> {
        self.params.clear();
        self.marked = 0;
        let mut number = 0u32;
        let mut at = 0;
        if let Some(&prefix @ 0x3c..=0x3f) = body.first() {
            self.mark(prefix)?;
            at = 1;
        }
        loop {
            let byte = *body.get(at)?;
            at += 1;
            match byte {
                b'0'..=b'9' => number = (number * 10 + u32::from(byte - b'0')).min(0xffff),
                b';' => {
                    self.params.end(number);
                    number = 0;
                }
                0x40..=0x7e => {
                    self.params.end(number);
                    self.action = byte;
                    return Some(at);
                }
                b':' => {
                    self.params.end(number);
                    self.params.colon();
                    number = 0;
                }
                0x20..=0x2f => {
                    self.params.end(number);
                    return self.read_marks(body, at - 1);
                }
                _ => return None,
            }
        }
    }

    /// Reads the intermediates from `at` on, and the final byte.
    fn read_marks(&mut self, body: &[u8], at: usize) -> Option<usize> {
        let marks = body[at..]
            .iter()
            .take_while(|byte| (0x20..=0x2f).contains(*byte));
        let last = at + marks.count();
        for &mark in &body[at..last] {
            self.mark(mark)?;
        }
        self.action = *body.get(last)?;
        (0x40..=0x7e).contains(&self.action).then_some(last + 1)
    }

    fn mark(&mut self, mark: u8) -> Option<()> {
        *self.marks.get_mut(usize::from(self.marked))? = mark;
        self.marked += 1;
        Some(())
    }
}

/// What the bytes of a whole sequence come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Cancelled, or not well formed.
    Nothing,
    /// `ESC [ …`; it stands in the [`Sequence`].
    Control,
    /// `ESC intermediates final`: the final byte.
    Escape(u8),
}

impl Sequence {
    /// Reads `bytes`, which begin with ESC and end with the byte that ended the sequence. `body` is a workspace and holds
    /// the intermediates of an escape afterwards; `control` is called for each C0 control within, which acts at once
    /// (ECMA-48 leaves this open; every DEC terminal does it).
    pub(super) fn read_whole(
        &mut self,
        bytes: &[u8],
        body: &mut Vec<u8>,
        mut control: impl FnMut(u8),
    ) -> Kind {
        body.clear();
        for &byte in bytes {
            match byte {
                // A new sequence began in the middle of one; CAN and SUB end it.
                ESC => body.clear(),
                0x18 | 0x1a => return Kind::Nothing,
                0..=0x1f => control(byte),
                0x7f.. => {}
                _ => body.push(byte),
            }
        }
        if let Some(rest) = body.strip_prefix(b"[") {
            return match self.read(rest) {
                Some(taken) if taken == rest.len() => Kind::Control,
                _ => Kind::Nothing,
            };
        }
        match body.pop() {
            Some(last @ 0x30..=0x7e) => Kind::Escape(last),
            _ => Kind::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(body: &str) -> Option<(String, Vec<Vec<u16>>, char)> {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.read(body.as_bytes())?, body.len());
        let params = sequence.params.iter().map(<[u16]>::to_vec).collect();
        let marks = String::from_utf8_lossy(sequence.marks()).into_owned();
        Some((marks, params, char::from(sequence.action)))
    }

    #[test]
    fn numbers_stand_alone_or_after_colons() {
        assert_eq!(read("m"), Some((String::new(), vec![vec![0]], 'm')));
        assert_eq!(
            read(";5H"),
            Some((String::new(), vec![vec![0], vec![5]], 'H'))
        );
        assert_eq!(
            read("1;38:2::1:2:3;4:3m"),
            Some((
                String::new(),
                vec![vec![1], vec![38, 2, 0, 1, 2, 3], vec![4, 3]],
                'm'
            ))
        );
        assert_eq!(read("?25$p"), Some(("?$".into(), vec![vec![25]], 'p')));
        assert_eq!(
            read("99999999A"),
            Some((String::new(), vec![vec![65535]], 'A'))
        );
    }

    #[test]
    fn what_is_out_of_order_is_no_sequence() {
        for body in ["1?h", "1 2q", "1", "", "\x07m", "     q"] {
            assert_eq!(read(body), None, "{body:?}");
        }
    }

    #[test]
    fn more_numbers_than_fit_are_dropped() {
        let params = |body: String| {
            let mut sequence = Sequence::default();
            sequence.read(body.as_bytes()).expect("a sequence");
            (sequence.params.iter().count(), sequence.params.overflown)
        };
        assert_eq!(params("1:".repeat(40) + "m"), (1, true));
        assert_eq!(params("1;".repeat(31) + "1m"), (32, false));
    }

    #[test]
    fn controls_within_act_and_an_escape_begins_anew() {
        let (mut sequence, mut body, mut controls) = (Sequence::default(), Vec::new(), Vec::new());
        let kind = sequence.read_whole(b"\x1b[1\x08;2\x7fH", &mut body, |byte| controls.push(byte));
        assert_eq!(
            (kind, sequence.params.numbers()),
            (Kind::Control, &[1, 2][..])
        );
        assert_eq!(controls, [8]);
        let kind = sequence.read_whole(b"\x1b[1\x1b#8", &mut body, |_| ());
        assert_eq!((kind, &body[..]), (Kind::Escape(b'8'), &b"#"[..]));
        let kind = sequence.read_whole(b"\x1b[1\x18", &mut body, |_| ());
        assert_eq!(kind, Kind::Nothing);
    }

    proptest! {
        /// The vt100 crate's parser, read byte by byte, says the same of every sequence in good order.
        #[test]
        fn sequences_are_read_as_vte_reads_them(
            prefix in "[<=>?]?", numbers in "([0-9]{0,6}[;:]){0,20}[0-9]{0,6}", marks in "[ -/]{0,2}", last in "[@-~]",
        ) {
            let body = format!("{prefix}{numbers}{marks}{last}");
            let mut seen = Seen::default();
            vte::Parser::new().advance(&mut seen, format!("\x1b[{body}").as_bytes());
            let whole = prefix.len() + marks.len() <= 2;
            prop_assert_eq!(read(&body).filter(|_| whole), seen.0.filter(|_| whole));
        }
    }

    #[derive(Default)]
    struct Seen(Option<(String, Vec<Vec<u16>>, char)>);

    impl vte::Perform for Seen {
        fn csi_dispatch(&mut self, params: &vte::Params, marks: &[u8], _: bool, action: char) {
            let params = params.iter().map(<[u16]>::to_vec).collect();
            let marks = String::from_utf8_lossy(marks).into_owned();
            self.0 = Some((marks, params, action));
        }
    }
}
