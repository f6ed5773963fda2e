//! A pane: one program on one terminal of its own. Its emulator, what is still to be written to it, how it ended, and
//! what viewers may see of it. The PTY itself and the files of its scrollback are others' business.

mod command;
pub mod commands;
mod decoded;
mod extract;
mod fate;
mod filling;
mod folds;
mod highlight;
mod lines;
mod margin;
mod output;
mod quote;
mod recent;
pub mod settling;
mod sought;
mod stand;
mod text;
mod travel;
mod walk;
mod window;

pub use commands::Commands;
pub use extract::{Extract, Extracted};
use fate::Fate;
pub use fate::{Ending, duration};
pub use lines::{Place, Stored};
pub use margin::Around;
pub use quote::{can_type, quote};
pub use recent::Recent;
pub use stand::Stand;
pub use window::Window;

use crate::protocol::PaneId;
use crate::protocol::surface::{Header, SurfaceSource};
use crate::term::palette::Rgb;
use crate::term::{Effect, Emulator, Modes, Row, Size, Spill, Version};

/// What a pane was started with: enough to start it again, and to name it.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    /// Program and arguments; empty for the shell.
    pub argv: Vec<String>,
    /// Where it started.
    pub cwd: String,
    /// Milliseconds since the Unix epoch when it started.
    pub started_ms: u64,
    /// The session it was made for, for a server that finds the pane but no word of it.
    pub session: String,
    /// Whether it is being closed: a server that takes it up goes on with that.
    #[serde(default)]
    pub closing: bool,
}

/// Input that waits for a program from which on its questions are not answered.
const MAX_REPLIES: usize = 64 * 1024;

/// One program: emulator, unwritten input, fate.
pub struct Pane {
    /// Which pane.
    pub id: PaneId,
    /// What it was started with.
    pub origin: Origin,
    emulator: Emulator,
    unwritten: Vec<u8>,
    /// How much of it is written all the same.
    written: usize,
    /// Whether the paste whose parts are arriving is bracketed.
    brackets_paste: bool,
    fate: Option<Fate>,
    fate_changed_at: Version,
    /// What its shells ran.
    pub commands: Commands,
}

/// Input on its way to a program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnderWay {
    /// What is queued.
    pub bytes: Vec<u8>,
    /// Whether the paste whose parts are arriving is bracketed.
    pub brackets_paste: bool,
}

impl Pane {
    /// A pane whose program has yet to say something.
    pub fn new(id: PaneId, origin: Origin, size: Size) -> Self {
        Self::with_emulator(id, origin, Emulator::new(size))
    }

    /// A pane whose screen comes from a snapshot.
    pub fn with_emulator(id: PaneId, origin: Origin, emulator: Emulator) -> Self {
        Self {
            id,
            origin,
            emulator,
            unwritten: Vec::new(),
            written: 0,
            brackets_paste: false,
            fate: None,
            fate_changed_at: Version(0),
            commands: Commands::default(),
        }
    }

    /// Says what time it is, in milliseconds since the Unix epoch; what is printed from now on is of that time.
    pub fn set_now(&mut self, now_ms: u64) {
        self.emulator.set_now(now_ms);
    }

    /// Takes what the program printed. Drain [`Pane::poll`] and [`Pane::take_spill`] after it.
    pub fn output(&mut self, bytes: &[u8]) {
        self.emulator.feed(bytes);
    }

    /// As [`Pane::output`], as long as `goes_on` says so; returns how many bytes were taken.
    pub fn output_while(&mut self, bytes: &[u8], goes_on: impl FnMut() -> bool) -> usize {
        self.emulator.feed_while(bytes, goes_on)
    }

    /// What the output asks for beside drawing; replies to the program are queued here as its input.
    pub fn poll(&mut self) -> Option<Effect> {
        loop {
            match self.emulator.poll()? {
                // A program that asks and never reads gets no more answers.
                Effect::Reply(bytes) if self.unwritten().len() > MAX_REPLIES => drop(bytes),
                Effect::Reply(bytes) => self.write(&bytes),
                other => return Some(other),
            }
        }
    }

    /// Whether a full-screen program hides the main screen.
    pub fn is_alternate(&self) -> bool {
        self.emulator.modes().contains(Modes::ALTERNATE_SCREEN)
    }

    /// Lines that left memory since the last call, for scrollback.
    pub fn take_spill(&mut self) -> Spill {
        self.emulator.take_spill()
    }

    /// Drops the oldest `count` lines in memory above the screen: a restored pane's that stand on disk already.
    pub fn forget_lines(&mut self, count: u64) {
        let left = count - self.emulator.forget_lines(count);
        if left > 0 && !self.emulator.modes().contains(Modes::ALTERNATE_SCREEN) {
            // The screen's own lines stand on disk as well: it starts anew below them. What is cleared goes above it.
            self.emulator.feed(b"\x1b[H\x1b[2J");
            self.emulator.forget_lines(left);
        }
    }

    /// Queues input for the program.
    pub fn write(&mut self, bytes: &[u8]) {
        if self.fate.is_none() {
            self.unwritten.extend_from_slice(bytes);
        }
    }

    /// Goes on with the input of another server: what it had queued for the program and not written.
    pub fn take_up_input(&mut self, input: &UnderWay) {
        self.write(&input.bytes);
        self.brackets_paste = input.brackets_paste;
    }

    /// The input that is queued and not written, for the next server; `None` if there is none and no paste is under way.
    pub fn input_under_way(&self) -> Option<UnderWay> {
        let input = UnderWay {
            bytes: self.unwritten().to_vec(),
            brackets_paste: self.brackets_paste,
        };
        (input != UnderWay::default()).then_some(input)
    }

    /// Queues a part of pasted text, bracketed if the program asked for that (mode 2004) when the paste began. Escape is
    /// taken out of bracketed text, or a paste could end its own bracket and pretend to be typed.
    pub fn paste(&mut self, bytes: &[u8], first: bool, last: bool) {
        if first {
            self.brackets_paste = self.emulator.modes().contains(Modes::BRACKETED_PASTE);
        }
        if self.brackets_paste {
            if first {
                self.write(b"\x1b[200~");
            }
            let clean: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0x1b).collect();
            self.write(&clean);
            if last {
                self.write(b"\x1b[201~");
            }
        } else {
            self.write(&as_typed(bytes));
        }
    }

    /// Sets the colours that the program is told when it asks for those of its terminal: letters and background.
    pub fn set_colors(&mut self, (foreground, background): (Rgb, Rgb)) {
        self.emulator.set_default_colors(foreground, background);
        self.answer();
    }

    /// Tells the program that its terminal gained or lost the focus, if it asked (mode 1004).
    pub fn focus(&mut self, gained: bool) {
        if self.emulator.modes().contains(Modes::FOCUS_EVENTS) {
            self.write(if gained { b"\x1b[I" } else { b"\x1b[O" });
        }
    }

    /// What is still to be written to the program.
    pub fn unwritten(&self) -> &[u8] {
        &self.unwritten[self.written..]
    }

    /// Takes the first `count` bytes of [`Pane::unwritten`] as written.
    pub fn wrote(&mut self, count: usize) {
        self.written += count;
        if self.written == self.unwritten.len() {
            self.drop_unwritten();
        } else if self.written > self.unwritten.len() / 2 {
            self.unwritten.drain(..self.written);
            self.written = 0;
        }
    }

    fn drop_unwritten(&mut self) {
        self.unwritten.clear();
        self.unwritten.shrink_to(MAX_REPLIES);
        self.written = 0;
    }

    /// Gives the terminal another size; says whether it had a different one.
    pub fn resize(&mut self, size: Size) -> bool {
        let changed = self.emulator.size() != size;
        if changed {
            self.emulator.resize(size);
            self.answer();
        }
        changed
    }

    /// Queues what the program is told without having printed anything: its output's own effects have been taken.
    fn answer(&mut self) {
        while self.poll().is_some() {}
    }

    /// Notes how the program ended, `now_ms` since the Unix epoch.
    pub fn ended(&mut self, ending: Ending, now_ms: u64) {
        let ran = now_ms.saturating_sub(self.origin.started_ms);
        self.fate = Some(Fate::ended(ending, ran));
        self.drop_unwritten();
        self.fate_changed();
    }

    /// Notes that the pane was brought back without its process. `command` is what ran in it as one types it in a shell;
    /// empty if a shell waited for commands. What the program had chosen is dropped: it shows the main screen.
    pub fn restored(&mut self, command: &str) {
        self.emulator.respawn_reset();
        self.fate = Some(Fate::restored(command));
        self.drop_unwritten();
        self.fate_changed();
    }

    /// Makes ready for a new program in the same pane; what the old one printed stays.
    pub fn restarted(&mut self, now_ms: u64) {
        self.origin.started_ms = now_ms;
        self.fate = None;
        self.emulator.respawn_reset();
        self.fate_changed();
    }

    fn fate_changed(&mut self) {
        self.emulator.feed(b"");
        self.fate_changed_at = self.emulator.version();
    }

    /// How the program ended; `None` while it runs.
    pub fn ending(&self) -> Option<Ending> {
        self.fate.as_ref().map(|fate| fate.ending)
    }

    /// How the program ended, in words; empty while it runs.
    pub fn fate(&self) -> &str {
        self.fate.as_ref().map_or("", |fate| &fate.words)
    }

    /// The emulator, to be read.
    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// Ends a synchronized update that the program has left open too long (mode 2026).
    pub fn end_synchronized(&mut self) {
        self.emulator.end_synchronized();
    }

    /// What is said of the pane beside its rows.
    pub fn header(&self) -> Header {
        Header {
            size: self.emulator.size(),
            modes: self.emulator.modes(),
            title: self.emulator.title().to_owned(),
            palette: self.emulator.palette().clone(),
            scrolled: None,
            fate: self
                .fate
                .as_ref()
                .map_or("", |fate| fate.words_for(self.emulator.size().cols))
                .to_owned(),
            can_rerun: self.fate.as_ref().is_some_and(|fate| fate.can_rerun),
        }
    }

    /// The live screen, to be shown to a viewer.
    pub fn source(&self) -> SurfaceSource<'_> {
        let emulator = &self.emulator;
        let mut cursor = emulator.cursor();
        cursor.visible &= self.fate.is_none();
        SurfaceSource {
            version: emulator.version(),
            header: self.header(),
            header_changed_at: emulator.header_changed_at().max(self.fate_changed_at),
            cursor,
            order_changed_at: emulator.order_changed_at(),
            rows: emulator.rows().collect::<Vec<&Row>>(),
            tables: emulator.tables(),
        }
    }
}

/// Line ends as the Return key sends them, whichever way they are written.
fn as_typed(bytes: &[u8]) -> Vec<u8> {
    let mut typed = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' if at > 0 && bytes[at - 1] == b'\r' => {}
            b'\n' => typed.push(b'\r'),
            byte => typed.push(*byte),
        }
    }
    typed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pane(printed: &[u8]) -> Pane {
        let mut pane = Pane::new(PaneId(1), Origin::default(), Size::new(20, 4));
        pane.output(printed);
        pane
    }

    #[test]
    fn a_paste_is_typed_or_bracketed_as_the_program_asked_when_it_began() {
        let mut plain = pane(b"");
        plain.paste(b"a\r\nb\nc", true, true);
        assert_eq!(plain.unwritten(), b"a\rb\rc");
        let mut bracketed = pane(b"\x1b[?2004h");
        bracketed.paste(b"a\x1b[201~", true, false);
        bracketed.output(b"\x1b[?2004l");
        bracketed.paste(b"b", false, true);
        assert_eq!(bracketed.unwritten(), b"\x1b[200~a[201~b\x1b[201~");
    }

    #[test]
    fn a_program_that_asks_and_never_reads_gets_no_more_answers() {
        let mut pane = pane(b"");
        for _ in 0..100_000 {
            pane.output(b"\x1b[c");
            while pane.poll().is_some() {}
        }
        assert!(!pane.unwritten().is_empty() && pane.unwritten().len() < 2 * MAX_REPLIES);
    }

    #[test]
    fn lines_that_stand_on_disk_already_are_not_there_twice() {
        let printed: String = (1..=10).map(|n| format!("{n}\r\n")).collect();
        for (count, left) in [(3, 7), (8, 2), (50, 0)] {
            let mut pane = pane(printed.as_bytes());
            pane.forget_lines(count);
            assert_eq!(Recent::of(pane.emulator()).count(), left, "{count}");
        }
    }

    #[test]
    fn what_is_written_goes_from_the_front() {
        let mut pane = pane(b"");
        pane.write(b"abcdef");
        pane.wrote(2);
        pane.write(b"g");
        assert_eq!(pane.unwritten(), b"cdefg");
        pane.wrote(5);
        assert!(pane.unwritten().is_empty());
    }

    #[test]
    fn an_ended_program_takes_no_more_input_until_it_is_restarted() {
        let mut pane = pane(b"text");
        pane.ended(Ending::Code(3), 2500);
        pane.write(b"x");
        assert!(pane.unwritten().is_empty() && pane.fate().starts_with("exited 3 after 2.5 s"));
        assert!(!pane.source().cursor.visible);
        pane.restarted(3000);
        pane.write(b"x");
        assert_eq!((pane.unwritten(), pane.fate()), (&b"x"[..], ""));
    }
}
