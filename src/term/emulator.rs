//! One program's terminal: its output goes in, a screen, history and effects come out.

use super::caret::Switches;
use super::effect::Effect;
use super::history::Spill;
use super::palette::{Palette, Rgb};
use super::scan::Scanner;
use super::sequence::Sequence;
use super::string::Defaults;
use super::terminal::Terminal;
use super::{Cursor, Modes, Row, Size, Tables, Version};
use std::collections::VecDeque;

/// How many bytes are taken in before [`Emulator::feed_while`] asks whether to go on. The worst sequences are a few bytes
/// long and cost microseconds each; this many of them are what others may have to wait for.
pub const PORTION: usize = 256;

/// The emulator of one program's terminal: an xterm as far as programs ask for one (xterm ctlseqs).
///
/// Laws: how the bytes are cut into calls of [`Emulator::feed`] changes nothing; no bytes make it panic or grow without
/// bound, as long as effects and spill are taken.
pub struct Emulator {
    pub(super) scanner: Scanner,
    /// Workspaces: the sequence that is acted on, and the bytes of one that arrived in pieces.
    pub(super) sequence: Sequence,
    pub(super) body: Vec<u8>,
    pub(super) terminal: Terminal,
}

impl std::fmt::Debug for Emulator {
    /// Size and version only: what a screen shows may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator")
            .field("size", &self.size())
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}

impl Emulator {
    /// An empty terminal of `size`.
    pub fn new(size: Size) -> Self {
        Self::of(Terminal::new(size), Scanner::default())
    }

    pub(super) fn of(terminal: Terminal, scanner: Scanner) -> Self {
        Self {
            scanner,
            sequence: Sequence::default(),
            body: Vec::new(),
            terminal,
        }
    }

    /// Says what time it is, in milliseconds since the Unix epoch: what is written from now on was written then.
    pub fn set_now(&mut self, now_ms: u64) {
        self.terminal.screen.now_ms = now_ms;
    }

    /// Takes in what the program wrote. The version rises by one, and all that changes carries it.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.terminal.screen.now.0 += 1;
        // The tables are swept in between, or what has long left the screen would crowd out what is on it.
        for portion in bytes.chunks(16 * PORTION) {
            self.take_in(portion);
            self.terminal.compact();
        }
    }

    /// As [`Emulator::feed`], as long as `goes_on` says so, which is asked after each [`PORTION`] bytes; returns how many
    /// bytes were taken in.
    pub fn feed_while(&mut self, bytes: &[u8], mut goes_on: impl FnMut() -> bool) -> usize {
        self.terminal.screen.now.0 += 1;
        let mut taken = 0;
        for portion in bytes.chunks(PORTION) {
            self.take_in(portion);
            taken += portion.len();
            if !goes_on() {
                break;
            }
        }
        self.terminal.compact();
        taken
    }

    /// Changes the size: the main screen is wrapped anew and takes from the history what it has room for, the alternate
    /// screen is cut or padded. All rows are news. The cursor stays on its character.
    pub fn resize(&mut self, size: Size) {
        if size != self.size() {
            self.terminal.screen.now.0 += 1;
            self.terminal.resize(size);
            self.terminal.size_report();
        }
    }

    /// The next thing to do because of what was fed.
    pub fn poll(&mut self) -> Option<Effect> {
        self.terminal.effects.pop()
    }

    /// The visible rows, top to bottom: exactly `size().rows`.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.terminal.screen.rows.iter()
    }

    /// The rows of the main screen, whether it is shown or not.
    pub fn main_rows(&self) -> impl Iterator<Item = &Row> {
        self.terminal.screen.main_rows().iter()
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        self.terminal.screen.size
    }

    /// The cursor; its column is the last one while a wrap is pending.
    pub fn cursor(&self) -> Cursor {
        let caret = self.terminal.caret;
        Cursor {
            row: caret.row,
            col: caret.col,
            visible: self.terminal.switches.has(Switches::CURSOR),
            shape: self.terminal.shape,
        }
    }

    /// The cursor's line on the main screen, and the columns of the line before it, counted as a mark's
    /// ([`Effect::Mark`]).
    pub fn cursor_in_lines(&self) -> (u64, u64) {
        self.terminal.line_and_col()
    }

    /// What keys and mice send.
    pub fn modes(&self) -> Modes {
        self.terminal.modes
    }

    /// The title, without control characters, at most 4 KiB.
    pub fn title(&self) -> &str {
        &self.terminal.labels.title
    }

    /// The icon's title (OSC 1), like [`Emulator::title`].
    pub fn icon_title(&self) -> &str {
        &self.terminal.labels.icon
    }

    /// The directory that the program says it is in (OSC 7), percent-decoded.
    pub fn cwd(&self) -> Option<&str> {
        self.terminal.labels.cwd.as_deref()
    }

    /// Where the screen stands: every change up to now carries this version or an earlier one.
    pub fn version(&self) -> Version {
        self.terminal.screen.now
    }

    /// When size, modes, title or palette last changed.
    pub fn header_changed_at(&self) -> Version {
        self.terminal.header_changed_at
    }

    /// When the order of row ids last changed.
    pub fn order_changed_at(&self) -> Version {
        self.terminal.screen.order_changed_at
    }

    /// What the cells of all rows index.
    pub fn tables(&self) -> &Tables {
        &self.terminal.tables
    }

    /// Whether the program asked to hold frames back (mode 2026).
    pub fn is_synchronized(&self) -> bool {
        self.terminal.switches.has(Switches::SYNCHRONIZED)
    }

    /// Ends mode 2026 for a program that did not.
    pub fn end_synchronized(&mut self) {
        self.terminal.switches.set(Switches::SYNCHRONIZED, false);
    }

    /// The rows above the main screen that are in memory, oldest first; at most
    /// [`HISTORY_ROWS`](super::HISTORY_ROWS), each as wide as the screen was when it left, or wider.
    pub fn history(&self) -> &VecDeque<Row> {
        &self.terminal.screen.history.rows
    }

    /// Takes the lines that have left memory since the last call.
    pub fn take_spill(&mut self) -> Spill {
        std::mem::take(&mut self.terminal.screen.history.spill)
    }

    /// Drops the oldest lines above the screen, at most `count`, without spilling them; says how many it dropped.
    pub fn forget_lines(&mut self, count: u64) -> u64 {
        self.terminal.screen.history.forget(count)
    }

    /// Sets the colours of the terminal outside, which queries are answered with as long as the program has set no others
    /// (OSC 10, 11 and 12); a program that wants to know (mode 2031) is told when they turn dark or light.
    pub fn set_default_colors(&mut self, foreground: Rgb, background: Rgb) {
        self.terminal.set_default_colors(Defaults {
            foreground,
            background,
        });
    }

    /// The colours that the program has changed.
    pub fn palette(&self) -> &Palette {
        &self.terminal.colors.palette
    }

    /// Makes ready for another program in the same terminal: it finds nothing of what the last one chose or put aside,
    /// and the main screen with its contents.
    pub fn respawn_reset(&mut self) {
        self.terminal.screen.now.0 += 1;
        self.scanner = Scanner::default();
        self.terminal.show(super::screen::Which::Main);
        self.terminal.drop_choices();
        if self.terminal.caret.col > 0 {
            self.terminal.caret.col = 0;
            self.terminal.index();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::replica::Replica;
    use super::super::testing::{dump, fed, line, lines, state, stream};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_wraps_and_scrolls_into_history() {
        let emulator = fed(5, 2, "abcdefgh\r\nx\r\ny");
        assert_eq!(lines(&emulator), ["x", "y"]);
        let above: Vec<_> = emulator
            .history()
            .iter()
            .map(|r| (line(r), r.wrapped))
            .collect();
        assert_eq!(above, [("abcde".into(), true), ("fgh".into(), false)]);
    }

    #[test]
    fn a_byte_that_cannot_follow_is_shown_however_it_comes() {
        let mut whole = Emulator::new(Size::new(20, 1));
        whole.feed(b"\xf0\x85");
        let mut cut = Emulator::new(Size::new(20, 1));
        cut.feed(b"\xf0");
        cut.feed(b"\x85");
        assert_eq!(lines(&whole), ["\u{fffd}\u{fffd}"]);
        assert_eq!(lines(&whole), lines(&cut));
    }

    #[test]
    fn broken_utf8_is_shown() {
        let mut emulator = Emulator::new(Size::new(20, 1));
        emulator.feed(b"a\xffb\xe3\x81c\xe3");
        emulator.feed(b"\x81\x82\xf0\x9f");
        emulator.feed(b"d\x80\x1b[mz\xe0\x80");
        let mut single = Emulator::new(Size::new(20, 1));
        single.feed(b"\xe0");
        single.feed(b"\x80");
        assert_eq!(lines(&single), ["\u{fffd}\u{fffd}"]);
        assert_eq!(
            lines(&emulator),
            ["a\u{fffd}b\u{fffd}cあ\u{fffd}d\u{fffd}z\u{fffd}\u{fffd}"]
        );
    }

    proptest! {
        #[test]
        fn how_input_is_cut_changes_nothing(bytes in stream(), cuts in prop::collection::vec(1..9usize, 1..8)) {
            let mut whole = Emulator::new(Size::new(11, 5));
            whole.feed(&bytes);
            let whole = state(&mut whole);
            let mut portions = Emulator::new(Size::new(11, 5));
            let mut taken = 0;
            while taken < bytes.len() {
                taken += portions.feed_while(&bytes[taken..], || false);
            }
            prop_assert_eq!(&whole, &state(&mut portions));
            let mut cut = Emulator::new(Size::new(11, 5));
            let mut rest = &bytes[..];
            for size in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, after) = rest.split_at(rest.len().min(*size));
                cut.feed(now);
                rest = after;
            }
            prop_assert_eq!(&whole, &state(&mut cut));
        }

        #[test]
        fn a_replica_of_differences_is_the_screen(
            parts in prop::collection::vec((stream(), any::<bool>(), 1..14u16, 1..7u16, 0..8u8), 1..12),
        ) {
            let mut emulator = Emulator::new(Size::new(11, 5));
            let mut replica = Replica::default();
            for (bytes, look, cols, rows, resize) in parts {
                emulator.feed(&bytes);
                if resize == 0 {
                    emulator.resize(Size::new(cols, rows));
                }
                if look {
                    replica.take(&emulator);
                    replica.is_like(&emulator);
                }
            }
        }

        #[test]
        fn a_snapshot_goes_on_as_the_original(
            before in stream(), after in stream(), cols in 1..14u16, rows in 1..7u16,
        ) {
            let mut original = Emulator::new(Size::new(cols, rows));
            original.feed(&before);
            let mut bytes = Vec::new();
            original.snapshot(&mut bytes);
            let mut copy = Emulator::restore(&bytes).expect("what was written");
            while original.poll().is_some() {}
            original.take_spill();
            prop_assert_eq!(dump(&original), dump(&copy));
            original.feed(&after);
            copy.feed(&after);
            prop_assert_eq!(state(&mut original), state(&mut copy));
        }

        #[test]
        fn nothing_panics(bytes: Vec<u8>, tail in stream(), cols in 1..9u16, rows in 1..5u16) {
            let mut emulator = Emulator::new(Size::new(cols, rows));
            emulator.feed(&bytes);
            emulator.resize(Size::new(rows, cols));
            emulator.feed(&tail);
            emulator.resize(Size::new(cols, rows));
            emulator.feed(&bytes);
            prop_assert_eq!(emulator.rows().count(), usize::from(rows));
            for row in emulator.rows() {
                prop_assert!(row.cells().len() <= usize::from(cols));
            }
            let _ = Emulator::restore(&bytes);
        }

        #[test]
        fn a_damaged_snapshot_is_refused_or_read(bytes in stream(), at: prop::sample::Index, byte: u8) {
            let mut emulator = Emulator::new(Size::new(9, 3));
            emulator.feed(&bytes);
            let mut snapshot = Vec::new();
            emulator.snapshot(&mut snapshot);
            let at = at.index(snapshot.len());
            snapshot[at] = byte;
            if let Ok(mut emulator) = Emulator::restore(&snapshot) {
                emulator.feed(&bytes);
                emulator.resize(Size::new(4, 4));
            }
        }

        #[test]
        fn narrow_and_wide_again_is_identity(
            texts in prop::collection::vec("[a-z界é ]{0,30}", 1..9), cols in 2..40u16, rows in 1..9u16,
        ) {
            let mut emulator = Emulator::new(Size::new(20, 6));
            emulator.feed(texts.join("\r\n").as_bytes());
            let logical = |emulator: &Emulator| {
                let rows = emulator.history().iter().chain(emulator.rows());
                let mut lines = super::super::rows_to_lines(rows);
                while lines.last().is_some_and(Vec::is_empty) {
                    lines.pop();
                }
                lines
            };
            let before = logical(&emulator);
            emulator.resize(Size::new(cols, rows));
            prop_assert_eq!(&before, &logical(&emulator));
            emulator.resize(Size::new(20, 6));
            prop_assert_eq!(&before, &logical(&emulator));
        }
    }
}
