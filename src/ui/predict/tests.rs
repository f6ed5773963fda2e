//! Guesses in virtual time: a program on an emulated terminal, its server, and a viewer behind a link that takes its
//! time.

use super::*;
use crate::protocol::echo::Echo;
use crate::protocol::surface::{Header, SurfaceSource};
use crate::protocol::view::{Chrome, PaneBox, ViewSource};
use crate::protocol::{Rect, SurfaceId, Tty};
use crate::sync::wire::Chance;
use crate::sync::{FrameNo, Replica, Source};
use crate::term::{Emulator, Row, Size};
use proptest::prelude::*;

const PANE: PaneId = PaneId(1);
const RAW: Tty = Tty(Tty::SIGNALS.0);
const COOKED: Tty = Tty(Tty::ECHO.0
    | Tty::CANONICAL.0
    | Tty::SIGNALS.0
    | Tty::RETURN_IS_NEWLINE.0
    | Tty::USUAL_KEYS.0
    | Tty::UTF8.0);
const SECRET: Tty = Tty(COOKED.0 & !Tty::ECHO.0);

/// A program: what it prints for what was typed.
type Program = fn(&mut Desk, u8);

/// A program on a terminal, a viewer with a link of `delay` milliseconds each way, and the server between.
pub(super) struct Desk {
    pub emulator: Emulator,
    pub view: View,
    pub guesses: Predictor,
    pub now: u64,
    delay: u64,
    program: Program,
    pub ground: Ground,
    changes: u64,
    /// What is typed, on its way: when it arrives, and how far it leads.
    up: VecDeque<(u64, Vec<u8>, u64)>,
    /// Differences on their way: when they arrive.
    down: VecDeque<(u64, Vec<u8>)>,
    written: u64,
    /// When each offset settles.
    settles: VecDeque<(u64, u64)>,
    settled: u64,
    frame: u64,
    sent: u64,
    /// What a shell has of its line.
    line: String,
    /// Where in that its cursor is, in characters, and the key that it has begun to read.
    at: usize,
    key: Vec<u8>,
    pub others: bool,
}

impl Desk {
    pub fn new(delay: u64, program: Program) -> Self {
        let mut desk = Self {
            emulator: Emulator::new(Size::new(20, 6)),
            view: View::default(),
            guesses: Predictor::default(),
            now: 1000,
            delay,
            program,
            ground: Ground {
                pane: PANE,
                tty: RAW,
                program: Ground::program("something", false),
                prompt: None,
            },
            changes: 1,
            up: VecDeque::new(),
            down: VecDeque::new(),
            written: 0,
            settles: VecDeque::new(),
            settled: 0,
            frame: 0,
            sent: 0,
            line: String::new(),
            at: 0,
            key: Vec::new(),
            others: false,
        };
        desk.guesses.configure(Predict::Always);
        desk
    }

    /// A shell at its prompt.
    pub fn shell(delay: u64) -> Self {
        let mut desk = Self::new(delay, shell);
        desk.ground.program = Ground::program("bash", true);
        desk.print("$ ");
        desk.rest();
        desk
    }

    /// As [`Desk::shell`], after a line was typed there: the prompt is known.
    pub fn known_shell(delay: u64) -> Self {
        let mut desk = Self::shell(delay);
        desk.types("ls");
        desk.rest();
        desk.types("\r");
        desk.rest();
        desk
    }

    pub fn print(&mut self, text: &str) {
        self.emulator.feed(text.as_bytes());
        self.send();
    }

    /// Another program has the terminal, or it treats it otherwise.
    pub fn turn(&mut self, tty: Tty, program: &str) {
        self.ground.tty = tty;
        self.ground.program = Ground::program(program, program == "bash");
        self.changes += 1;
        self.send();
    }

    /// Sends the whole view as it is now.
    fn send(&mut self) {
        let area = Rect {
            x: 0,
            y: 0,
            cols: 20,
            rows: 6,
        };
        let surface = SurfaceId::live(PANE);
        let chrome = Chrome {
            panes: vec![PaneBox {
                pane: PANE,
                surface,
                area,
                focused: true,
                title: String::new(),
            }],
            area: Some(self.emulator.size()),
            ..Chrome::default()
        };
        let emulator = &self.emulator;
        let source = SurfaceSource {
            version: emulator.version(),
            header: Header {
                size: emulator.size(),
                modes: emulator.modes(),
                title: String::new(),
                palette: emulator.palette().clone(),
                scrolled: None,
                fate: String::new(),
                can_rerun: false,
            },
            header_changed_at: emulator.header_changed_at(),
            cursor: emulator.cursor(),
            order_changed_at: emulator.order_changed_at(),
            rows: emulator.rows().collect::<Vec<&Row>>(),
            tables: emulator.tables(),
        };
        let source = ViewSource {
            chrome: &chrome,
            chrome_version: 1,
            echo: Echo {
                written: self.written,
                settled: self.settled,
                others: self.others,
                ground: self.ground,
                changes: self.changes,
            },
            surfaces: vec![(surface, source)],
        };
        let mut diff = Vec::new();
        source.diff(None, &mut diff);
        self.down.push_back((self.now + self.delay, diff));
    }

    /// The user types; each call is one key.
    pub fn key(&mut self, bytes: &[u8]) {
        self.guesses.set_now(Time(self.now));
        self.guesses.typed(PANE, bytes, &self.view);
        self.sent += bytes.len() as u64;
        self.up
            .push_back((self.now + self.delay, bytes.to_vec(), self.sent));
    }

    /// The user types letters, all at once.
    pub fn types(&mut self, text: &str) {
        text.chars()
            .for_each(|c| self.key(c.encode_utf8(&mut [0; 4]).as_bytes()));
    }

    /// A millisecond passes.
    fn step(&mut self) {
        self.now += 1;
        while self.up.front().is_some_and(|(at, ..)| *at <= self.now) {
            let (_, bytes, end) = self.up.pop_front().expect("a key");
            self.written = end;
            let (before, program) = (self.emulator.version(), self.program);
            bytes.into_iter().for_each(|byte| program(self, byte));
            let is_answered = self.emulator.version() != before;
            let wait = if is_answered { 3 } else { 50 };
            self.settles.push_back((self.now + wait, end));
            if is_answered {
                self.send();
            }
        }
        let mut is_news = false;
        while self.settles.front().is_some_and(|(at, _)| *at <= self.now) {
            self.settled = self.settles.pop_front().expect("a key").1;
            is_news = true;
        }
        if is_news {
            self.send();
        }
        while self.down.front().is_some_and(|(at, _)| *at <= self.now) {
            let (_, diff) = self.down.pop_front().expect("a frame");
            self.frame += 1;
            let (base, frame) = (FrameNo(self.frame - 1), FrameNo(self.frame));
            self.view.apply(base, frame, &diff).expect("a frame");
            self.guesses.set_now(Time(self.now));
            self.guesses.see(&self.view);
        }
        self.guesses.set_now(Time(self.now));
        if self
            .guesses
            .timeout()
            .is_some_and(|due| due <= Time(self.now))
        {
            self.guesses.tick(&self.view);
        }
    }

    pub fn wait(&mut self, ms: u64) {
        (0..ms).for_each(|_| self.step());
    }

    /// Until all has come to rest.
    pub fn rest(&mut self) {
        self.wait(2 * self.delay + 400);
    }

    /// What the viewer sees: rows, trailing blanks cut, `|` where the cursor is.
    pub fn shown(&self) -> Vec<String> {
        let surface = &self.view.surfaces[&SurfaceId::live(PANE)];
        let overlay = self.guesses.overlay();
        let cursor = overlay.map_or((surface.cursor.row, surface.cursor.col), |over| over.cursor);
        let mut rows = Vec::new();
        for y in 0..6u16 {
            let row = draft::row_at(surface, y).expect("a row");
            let mut text = String::new();
            let over = overlay.and_then(|over| over.rows.get(&y));
            for x in 0..20u16 {
                if cursor == (y, x) {
                    text.push('|');
                }
                let guess = over.and_then(|cells| cells.iter().find(|(col, _)| *col == x));
                match guess {
                    Some((_, slot)) => text.push_str(&slot.text.to_string()),
                    None => self.view.tables.push_text(&row.cell(x), &mut text),
                }
            }
            text.truncate(text.trim_end().len());
            rows.push(text);
        }
        rows
    }

    /// The row of the cursor as the viewer sees it.
    pub fn row(&self) -> String {
        let rows = self.shown().into_iter();
        rows.filter(|row| row.contains('|')).collect()
    }

    /// The same as the server has it.
    pub fn truth(&self) -> Vec<String> {
        let cursor = self.emulator.cursor();
        let mut rows = Vec::new();
        for (y, row) in (0..).zip(self.emulator.rows()) {
            let mut text = String::new();
            for x in 0..20 {
                if (cursor.row, cursor.col) == (y, x) {
                    text.push('|');
                }
                self.emulator.tables().push_text(&row.cell(x), &mut text);
            }
            text.truncate(text.trim_end().len());
            rows.push(text);
        }
        rows
    }
}

/// A shell that edits its line, as readline does at the end of one.
fn shell(desk: &mut Desk, byte: u8) {
    let out = match byte {
        b'\r' => {
            desk.line.clear();
            "\r\n$ ".to_owned()
        }
        0x7f if desk.line.pop().is_some() => "\x08 \x08".to_owned(),
        0x7f => "\x07".to_owned(),
        byte => {
            desk.line.push(char::from(byte));
            char::from(byte).to_string()
        }
    };
    desk.emulator.feed(out.as_bytes());
}

/// A shell that edits its line as readline does, with the keys of emacs.
fn readline(desk: &mut Desk, byte: u8) {
    edits(desk, byte, Dialect::Readline);
}

/// The same, but Ctrl-U takes the whole line, and Alt-F goes to where the next word begins.
fn zle(desk: &mut Desk, byte: u8) {
    edits(desk, byte, Dialect::Zle);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Readline,
    Zle,
}

fn edits(desk: &mut Desk, byte: u8, dialect: Dialect) {
    desk.key.push(byte);
    let is_open = |key: &[u8]| {
        let ends = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'~';
        match key {
            [0x1b] => true,
            [0x1b, b'[' | b'O', rest @ ..] => !rest.last().is_some_and(ends),
            _ => std::str::from_utf8(key).is_err(),
        }
    };
    if is_open(&desk.key) {
        return;
    }
    let key = std::mem::take(&mut desk.key);
    let mut line: Vec<char> = desk.line.chars().collect();
    let (mut at, len) = (desk.at, line.len());
    let is_word = |c: &char| c.is_alphanumeric();
    let back = |mut at: usize, line: &[char], is_word: &dyn Fn(&char) -> bool| {
        while at > 0 && !is_word(&line[at - 1]) {
            at -= 1;
        }
        while at > 0 && is_word(&line[at - 1]) {
            at -= 1;
        }
        at
    };
    match key.as_slice() {
        b"\r" => {
            (desk.line, desk.at) = (String::new(), 0);
            return desk.emulator.feed(b"\r\n$ ");
        }
        b"\x01" | b"\x1b[H" => at = 0,
        b"\x05" | b"\x1b[F" => at = len,
        b"\x1b[D" => at = at.saturating_sub(1),
        b"\x1b[C" => at = (at + 1).min(len),
        b"\x0b" => line.truncate(at),
        b"\x15" if dialect == Dialect::Zle => (line, at) = (Vec::new(), 0),
        b"\x15" => drop(line.drain(..std::mem::take(&mut at))),
        b"\x17" => {
            let to = back(at, &line, &|c| *c != ' ');
            line.drain(to..at);
            at = to;
        }
        b"\x1bb" => at = back(at, &line, &is_word),
        b"\x1bf" => {
            let word = |at: usize, line: &[char]| line.get(at).is_some_and(is_word);
            let behind = dialect == Dialect::Zle;
            while at < len && word(at, &line) == behind {
                at += 1;
            }
            while at < len && word(at, &line) != behind {
                at += 1;
            }
        }
        b"\x1b[3~" if at < len => drop(line.remove(at)),
        b"\x7f" if at > 0 => {
            at -= 1;
            line.remove(at);
        }
        [0..0x20 | 0x7f, ..] => return desk.emulator.feed(b"\x07"),
        text => {
            for c in String::from_utf8_lossy(text).chars() {
                line.insert(at, c);
                at += 1;
            }
        }
    }
    (desk.line, desk.at) = (line.iter().collect(), at);
    let before: String = line[..at].iter().collect();
    let drawn = format!("\r$ {}\x1b[K\r$ {before}", desk.line);
    desk.emulator.feed(drawn.as_bytes());
}

/// A shell at its prompt that edits lines like that, in which a line was typed before.
fn editor(delay: u64, program: Program) -> Desk {
    let mut desk = Desk::known_shell(delay);
    desk.program = program;
    desk
}

/// Shells echo what is typed at the end of a line as it is, and take a character back by its columns.
fn multilingual(desk: &mut Desk, byte: u8) {
    if byte == 0x7f {
        let last = crate::term::width::clusters(&desk.line).last();
        let last = last.map(|(text, width)| (text.len(), width));
        let Some((len, width)) = last else { return };
        desk.line.truncate(desk.line.len() - len);
        let (left, blank) = ("\x08".repeat(width.into()), " ".repeat(width.into()));
        return desk
            .emulator
            .feed(format!("{left}{blank}{left}").as_bytes());
    }
    desk.key.push(byte);
    if let Ok(text) = std::str::from_utf8(&desk.key) {
        desk.line.push_str(text);
        desk.key.clear();
    }
    desk.emulator.feed(&[byte]);
}

/// The kernel's line discipline, as far as these tests type.
fn kernel(desk: &mut Desk, byte: u8) {
    let erase = "\x08 \x08";
    let out = match byte {
        b'\r' => {
            desk.line.clear();
            "\r\n".to_owned()
        }
        0x7f if desk.line.pop().is_some() => erase.to_owned(),
        0x15 => erase.repeat(std::mem::take(&mut desk.line).len()),
        0x17 => {
            let trimmed = desk.line.trim_end_matches(|c: char| !c.is_alphanumeric());
            let kept = trimmed.trim_end_matches(char::is_alphanumeric).len();
            erase.repeat(desk.line.split_off(kept).len())
        }
        byte if byte >= 0x20 => {
            desk.line.push(char::from(byte));
            char::from(byte).to_string()
        }
        _ => String::new(),
    };
    desk.emulator.feed(out.as_bytes());
}

fn silent(_: &mut Desk, _: u8) {}

fn capitals(desk: &mut Desk, byte: u8) {
    desk.emulator.feed(&[byte.to_ascii_uppercase()]);
}

/// Echoes as it is told by the bytes themselves.
fn plain(desk: &mut Desk, byte: u8) {
    desk.emulator.feed(&[byte]);
}

/// Types `count` letters in a program that edits lines until it is trusted.
fn trusted(delay: u64, program: Program) -> Desk {
    let mut desk = Desk::new(delay, plain);
    desk.print("> ");
    desk.rest();
    for at in 0..60u8 {
        desk.key(&[b'a' + at % 26]);
        desk.rest();
        if at % 10 == 9 {
            desk.print("\r\x1b[K> ");
            desk.rest();
        }
    }
    desk.program = program;
    desk
}

#[test]
fn the_first_key_at_a_prompt_proves_the_others() {
    let mut desk = Desk::shell(50);
    desk.key(b"a");
    desk.wait(60);
    desk.key(b"b");
    assert_eq!(desk.row(), "$ |", "nothing was confirmed");
    desk.wait(50);
    assert_eq!(
        desk.row(),
        "$ ab|",
        "the first key was, and the second follows"
    );
    desk.key(b"c");
    assert_eq!(desk.row(), "$ abc|", "at once");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
    let counts = Guesses {
        shown: 2,
        right: 2,
        wrong: 0,
        hidden_right: 1,
    };
    assert_eq!(desk.guesses.counts(), counts);
}

#[test]
fn a_known_prompt_needs_no_proof() {
    let mut desk = Desk::known_shell(250);
    desk.types("make");
    assert_eq!(desk.row(), "$ make|");
    desk.key(b"\r");
    desk.types("cat");
    assert_eq!(
        desk.row(),
        "$ make|",
        "where the next prompt will be is not known"
    );
    desk.wait(501);
    assert_eq!(desk.row(), "$ cat|");
    desk.types(" x");
    assert_eq!(desk.row(), "$ cat x|");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
}

#[test]
fn lines_typed_ahead_stand_where_they_come_to_stand() {
    let mut desk = Desk::known_shell(250);
    for line in ["one\r", "two\r", "three"] {
        desk.types(line);
        desk.wait(40);
    }
    let mut seen = Vec::new();
    for _ in 0..700 {
        desk.step();
        let row = desk.row();
        if seen.last() != Some(&row) {
            seen.push(row);
        }
    }
    assert_eq!(seen, ["$ one|", "$ two|", "$ three|"]);
    assert_eq!(desk.shown(), desk.truth());
}

#[test]
fn a_prompt_that_the_shell_marks_needs_none_either() {
    let mut desk = Desk::shell(100);
    let mark = |desk: &mut Desk| {
        let row = desk
            .emulator
            .rows()
            .nth(usize::from(desk.emulator.cursor().row));
        desk.ground.prompt = row.map(|row| (row.id, 2));
        desk.changes += 1;
        desk.send();
        desk.rest();
    };
    mark(&mut desk);
    desk.types("a");
    assert_eq!(desk.row(), "$ a|");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
}

#[test]
fn backspace_takes_back_and_stops_at_the_prompt() {
    let mut desk = Desk::known_shell(100);
    desk.types("ab");
    desk.key(b"\x7f");
    assert_eq!(desk.row(), "$ a|");
    desk.key(b"\x7f");
    desk.key(b"\x7f");
    assert_eq!(desk.row(), "$ |");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
    assert_eq!(desk.guesses.counts().wrong, 0);
}

#[test]
fn cursor_keys_and_letters_within_a_line() {
    let mut desk = Desk::known_shell(100);
    desk.types("abd");
    desk.key(b"\x1b[D");
    assert_eq!(desk.row(), "$ ab|d");
    desk.key(b"c");
    assert_eq!(desk.row(), "$ abc|d", "what follows makes room");
    desk.key(b"\x1b[C");
    assert_eq!(desk.row(), "$ abcd|");
    desk.key(b"\x1b[D");
    desk.key(b"\x7f");
    assert_eq!(desk.row(), "$ ab|d");
}

#[test]
fn what_a_shell_proposes_is_not_pushed() {
    let mut desk = Desk::known_shell(100);
    desk.print("\x1b7\x1b[2mmake test\x1b8");
    desk.rest();
    desk.types("ma");
    assert_eq!(desk.row(), "$ ma|ke test");
    desk.print("\x1b[K\x1b7\x1b[16G14:05\x1b8");
    let mut desk = Desk::known_shell(100);
    desk.print("\x1b7\x1b[16G14:05\x1b8");
    desk.rest();
    desk.types("ls");
    assert_eq!(desk.row(), "$ ls|           14:05");
}

#[test]
fn wide_and_combining_characters() {
    let mut desk = Desk::known_shell(100);
    desk.types("界e\u{301}x");
    assert_eq!(desk.row(), "$ 界e\u{301}x|");
    desk.key(b"\x7f");
    desk.key(b"\x7f");
    assert_eq!(desk.row(), "$ 界|");
    desk.key(b"\x7f");
    assert_eq!(desk.row(), "$ |");
}

#[test]
fn the_margin_is_gone_over_once_that_was_seen() {
    let mut desk = Desk::known_shell(100);
    desk.types("0123456789abcdefgh");
    assert_eq!(desk.row(), "$ 0123456789abcdefg|h");
    desk.types("ij");
    assert_eq!(desk.row(), "$ 0123456789abcdefg|h", "not yet");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
    desk.types("k");
    assert_eq!(desk.row(), "ijk|");
    desk.types("\r0123456789abcdefgh");
    desk.rest();
    desk.types("xy");
    assert_eq!(desk.row(), "xy|", "now it is known");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
}

#[test]
fn the_kernels_echo_is_sure_once_it_was_seen() {
    let mut desk = Desk::new(100, kernel);
    desk.turn(COOKED, "cat");
    desk.rest();
    desk.types("two");
    assert_eq!(desk.row(), "|", "nothing was confirmed");
    desk.wait(201);
    desk.types(" words");
    assert_eq!(desk.row(), "two words|");
    desk.key(b"\x17");
    assert_eq!(desk.row(), "two |");
    desk.key(b"\x7f");
    assert_eq!(desk.row(), "two|");
    desk.rest();
    desk.types(" x");
    desk.key(b"\x15");
    assert_eq!(desk.row(), "|");
    desk.key(b"\r");
    desk.types("y");
    assert_eq!(desk.row(), "|", "what a Return leads to is not known");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
    desk.types("z");
    assert_eq!(desk.row(), "yz|");
    assert_eq!(desk.guesses.counts().wrong, 0);
}

#[test]
fn no_password_is_shown() {
    let mut desk = Desk::known_shell(200);
    desk.types("login\r");
    desk.program = |desk, byte| {
        // What is typed ahead of the prompt is taken in silence too.
        desk.ground.tty = SECRET;
        desk.ground.program = Ground::program("login", false);
        desk.changes += 1;
        if byte == b'\r' {
            desk.emulator.feed(b"\r\nPassword: ");
        }
    };
    for c in "xyzzy".chars() {
        desk.types(&c.to_string());
        for _ in 0..90 {
            desk.step();
            let shown = desk.shown();
            assert!(!shown.concat().contains(['x', 'y', 'z']), "{shown:?}");
        }
    }
    desk.rest();
    desk.types("secret");
    assert_eq!(desk.guesses.overlay(), None);
}

#[test]
fn no_password_is_shown_where_the_kernel_stopped_to_echo_in_silence() {
    for lines in ["", "line\r"] {
        // Trusted by its name, or by what it has done so far.
        let mut desk = Desk::new(100, kernel);
        desk.turn(COOKED, "sh");
        desk.rest();
        desk.types(lines);
        desk.rest();
        desk.program = |desk, _| {
            desk.changes += u64::from(desk.ground.tty != SECRET);
            desk.ground.tty = SECRET;
        };
        for c in "hunter2".chars() {
            desk.types(&c.to_string());
            for _ in 0..90 {
                desk.step();
                assert_eq!(desk.guesses.overlay(), None, "{lines:?}");
            }
        }
    }
}

#[test]
fn no_password_is_shown_behind_a_question_that_came_in_mid_line() {
    let mut desk = Desk::new(100, kernel);
    desk.turn(COOKED, "sh");
    desk.rest();
    desk.types("ls");
    desk.rest();
    desk.print("\r\nsecret: ");
    desk.rest();
    desk.program = silent;
    desk.ground.tty = SECRET;
    desk.changes += 1;
    for c in "hunter2".chars() {
        desk.types(&c.to_string());
        for _ in 0..90 {
            desk.step();
            assert_eq!(desk.guesses.overlay(), None);
        }
    }
}

#[test]
fn the_kernels_echo_is_sure_at_a_known_prompt() {
    let mut desk = Desk::new(100, kernel);
    desk.turn(COOKED, "ask");
    for answer in ["one", "two"] {
        desk.print("\r\nname: ");
        desk.rest();
        desk.types(answer);
        let row = if answer == "two" {
            "name: two|"
        } else {
            "name: |"
        };
        assert_eq!(desk.row(), row);
        desk.types("\r");
        desk.rest();
    }
    assert_eq!(desk.shown(), desk.truth());
}

#[test]
fn no_password_is_shown_that_is_asked_for_with_the_end_of_a_prompt() {
    let mut desk = Desk::new(100, plain);
    desk.turn(RAW, "ssh");
    desk.print(": ");
    desk.rest();
    desk.types("a");
    desk.rest();
    desk.types("\r");
    desk.rest();
    desk.print("\x1b[K: ");
    desk.rest();
    desk.types("b");
    assert_eq!(desk.row(), ": b|", "the prompt is known");
    desk.types("\r");
    desk.rest();
    desk.print("\x1b[Ksecret for ann: ");
    desk.program = silent;
    desk.rest();
    for _ in 0..9 {
        desk.types("x");
        desk.wait(70);
        assert_eq!(desk.guesses.overlay(), None);
    }
}

#[test]
fn a_prompt_behind_what_was_typed_ahead_is_known() {
    let mut desk = Desk::known_shell(100);
    desk.program = kernel;
    desk.turn(COOKED, "bash");
    desk.print("\r\x1b[K");
    desk.rest();
    desk.types("ec");
    desk.rest();
    desk.program = shell;
    desk.emulator.feed(b"$ ec");
    desk.turn(RAW, "bash");
    desk.rest();
    desk.types("ho");
    assert_eq!(desk.row(), "ec$ echo|");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
}

#[test]
fn where_nothing_or_something_else_is_echoed_nothing_is_shown() {
    for program in [silent as Program, capitals] {
        let mut desk = Desk::new(100, program);
        desk.print("> ");
        desk.rest();
        for _ in 0..30 {
            desk.key(b"z");
            desk.wait(70);
            assert_eq!(desk.guesses.overlay(), None);
        }
        assert_eq!(desk.guesses.counts(), Guesses::default());
    }
}

#[test]
fn a_program_that_turns_is_found_out_within_a_round_trip() {
    let mut desk = trusted(100, capitals);
    desk.types("zz");
    assert_eq!(desk.row(), "> zz|");
    desk.wait(201);
    assert_eq!(desk.row(), "> ZZ|");
    desk.key(b"z");
    assert_eq!(desk.row(), "> ZZ|");
    desk.rest();
    assert_eq!(
        (desk.shown(), desk.guesses.counts().wrong),
        (desk.truth(), 2)
    );
}

#[test]
fn an_unknown_program_is_not_followed_far() {
    let mut desk = Desk::new(250, plain);
    desk.print("> ");
    desk.rest();
    desk.types("a");
    desk.rest();
    desk.types("bcde");
    assert_eq!(desk.row(), "> abc|");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
}

#[test]
fn a_miss_is_mended_while_one_types_on() {
    // A program that wraps where nobody would.
    let mut desk = trusted(140, |desk, byte| {
        desk.emulator.feed(&[byte]);
        if desk.emulator.cursor().col >= 15 {
            desk.emulator.feed(b"\r\n> ");
        }
    });
    let mut late = 0;
    for at in 0..60u8 {
        desk.key(&[b'a' + at % 26]);
        let letter = format!("{}|", char::from(b'a' + at % 26));
        late += usize::from(!desk.row().contains(&letter));
        desk.wait(100);
    }
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
    assert!(late <= 5 * 4, "{late} of 60 keys waited");
}

#[test]
fn a_key_that_only_commands_puts_nothing_out_of_step() {
    // An editor: `i` begins to insert, what follows is inserted.
    let mut desk = Desk::new(100, |desk, byte| {
        if desk.line.is_empty() {
            desk.line.push('i');
            return desk.emulator.feed(b"\x1b7\x1b[6;1HINSERT\x1b8");
        }
        desk.emulator.feed(&[byte]);
    });
    desk.print("\x1b[?1049h");
    desk.turn(RAW, "vim");
    desk.rest();
    desk.types("i");
    for at in 0..12u8 {
        desk.wait(130);
        desk.key(&[b'a' + at]);
    }
    assert_eq!(desk.row(), "abcdefghijkl|");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
}

#[test]
fn others_keys_come_first() {
    let mut desk = Desk::known_shell(100);
    desk.others = true;
    desk.send();
    desk.rest();
    desk.types("a");
    assert_eq!(desk.guesses.overlay(), None);
    desk.others = false;
    desk.rest();
    desk.types("b");
    assert_eq!(desk.row(), "$ ab|");
}

#[test]
fn pastes_and_reports_are_not_guessed() {
    let mut desk = Desk::known_shell(100);
    desk.key(&[b'x'; 150]);
    assert_eq!(desk.guesses.overlay(), None);
    let mut desk = Desk::known_shell(100);
    desk.guesses.pasted(PANE, 3, &desk.view.clone());
    desk.sent += 3;
    desk.types("a");
    assert_eq!(desk.guesses.overlay(), None);
    let mut desk = Desk::known_shell(100);
    desk.key(b"\x1b[<35;3;4M");
    desk.types("a");
    assert_eq!(desk.guesses.overlay(), None);
}

#[test]
fn a_quick_link_is_left_alone_and_a_slow_one_is_marked() {
    for (delay, shows, underline) in [
        (5, false, Underline::No),
        (50, true, Underline::No),
        (200, true, Underline::Yes),
    ] {
        let mut desk = Desk::known_shell(delay);
        desk.guesses.configure(Predict::Auto);
        for _ in 0..9 {
            desk.types("x");
            desk.rest();
        }
        desk.types("y");
        let overlay = desk.guesses.overlay();
        assert_eq!(overlay.is_some(), shows, "{delay}");
        assert!(
            overlay.is_none_or(|overlay| overlay.underline == underline),
            "{delay}"
        );
    }
    let mut desk = Desk::known_shell(100);
    desk.guesses.configure(Predict::Never);
    desk.types("xyz");
    assert_eq!(desk.guesses.overlay(), None);
}

#[test]
fn a_key_that_waits_is_shown_in_the_end() {
    let mut desk = Desk::known_shell(5);
    desk.guesses.configure(Predict::Auto);
    for _ in 0..15 {
        desk.types("x");
        desk.rest();
        desk.types("\x7f");
        desk.rest();
    }
    desk.delay = 5000;
    desk.types("y");
    desk.wait(29);
    assert_eq!(desk.row(), "$ |");
    desk.wait(1);
    assert_eq!(desk.row(), "$ y|");
}

#[test]
fn a_full_screen_proves_itself_thrice() {
    let mut desk = Desk::new(100, plain);
    desk.print("\x1b[?1049h\x1b[2;3H");
    desk.turn(RAW, "vim");
    desk.rest();
    for _ in 0..3 {
        desk.types("x");
        assert_eq!(desk.guesses.overlay(), None);
        desk.rest();
    }
    desk.types("y");
    assert_eq!(desk.row(), "  xxxy|");
    desk.rest();
    desk.key(b"\x1b");
    desk.types("z");
    assert_eq!(
        desk.guesses.overlay(),
        None,
        "another mode, for all one knows"
    );
}

#[test]
fn keys_that_edit_are_shown_once_each_was_seen() {
    let mut desk = editor(100, readline);
    desk.types("one two");
    desk.key(b"\x01");
    assert_eq!(desk.row(), "$ one two|", "not yet");
    desk.rest();
    assert_eq!(desk.row(), "$ |one two");
    desk.key(b"\x05");
    desk.rest();
    desk.key(b"\x1b[H");
    assert_eq!(desk.row(), "$ |one two", "Home is Ctrl-A");
    desk.types("x ");
    assert_eq!(desk.row(), "$ x |one two");
    desk.key(b"\x05");
    assert_eq!(desk.row(), "$ x one two|");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
    desk.types("\r");
    desk.rest();
    desk.types("x one two");
    for (key, wanted) in [
        (&b"\x1bb"[..], "$ x one |two"),
        (b"\x1b[3~", "$ x one |wo"),
        (b"\x0b", "$ x one |"),
        (b"\x17", "$ x |"),
        (b"\x15", "$ |"),
    ] {
        // Once to be seen, and once in another line.
        desk.key(key);
        assert_ne!(desk.row(), wanted);
        desk.rest();
        assert_eq!(desk.row(), wanted);
    }
    desk.types("a bc de");
    for (key, wanted) in [
        (&b"\x1bb"[..], "$ a bc |de"),
        (b"\x1b[3~", "$ a bc |e"),
        (b"\x0b", "$ a bc |"),
        (b"\x17", "$ a |"),
        (b"\x15", "$ |"),
    ] {
        desk.key(key);
        assert_eq!(desk.row(), wanted);
    }
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
    assert_eq!(desk.guesses.counts().wrong, 0);
}

#[test]
fn a_key_that_edits_otherwise_is_not_guessed_again() {
    let mut desk = editor(100, zle);
    desk.types("one two");
    desk.key(b"\x01");
    desk.rest();
    for _ in 0..3 {
        desk.key(b"\x1bf");
        assert_eq!(desk.row(), "$ |one two");
        desk.rest();
        assert_eq!(desk.row(), "$ one |two");
        desk.key(b"\x01");
        desk.rest();
    }
}

#[test]
fn letters_behind_an_escape_may_be_commands() {
    let mut desk = Desk::known_shell(100);
    desk.types("ab");
    desk.rest();
    desk.program = |desk, _| desk.emulator.feed(b"\r$ |\x08");
    desk.key(b"\x1b");
    desk.rest();
    desk.ground.prompt = None;
    for _ in 0..3 {
        desk.types("x");
        assert_eq!(desk.guesses.overlay(), None);
        desk.rest();
    }
}

#[test]
fn a_line_that_is_recalled_behind_a_marked_prompt_is_known() {
    let mut desk = Desk::known_shell(100);
    let row = usize::from(desk.emulator.cursor().row);
    desk.ground.prompt = desk.emulator.rows().nth(row).map(|row| (row.id, 2));
    desk.changes += 1;
    desk.send();
    desk.rest();
    desk.program = |desk, byte| match byte {
        b'A' => desk.emulator.feed(b"make"),
        0x1b | b'[' => {}
        byte => desk.emulator.feed(&[byte]),
    };
    desk.key(b"\x1b[A");
    desk.rest();
    desk.types(" x");
    assert_eq!(desk.row(), "$ make x|");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
}

#[test]
fn what_is_wide_joined_or_gone_over_the_margin_is_as_the_server_shows_it() {
    let family = "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    for (typed, erased) in [
        ("界x界", 2),
        ("e\u{301}\u{323}o", 1),
        (family, 0),
        ("\u{1f1e9}\u{1f1ea}!", 1),
        ("\u{1f44d}\u{1f3fd}", 0),
        ("0123456789abcdefg界x", 0),
        ("0123456789abcdef界x", 0),
        ("0123456789abcdefghij", 2),
    ] {
        let mut desk = Desk::known_shell(100);
        // It goes on in the next row, as was seen before.
        desk.types("0123456789abcdefghi");
        desk.rest();
        desk.types("\r");
        desk.rest();
        (desk.line, desk.program) = (String::new(), multilingual);
        desk.types(typed);
        for _ in 0..erased {
            desk.key(b"\x7f");
        }
        let guessed = desk.shown();
        desk.rest();
        assert_eq!(desk.shown(), desk.truth(), "{typed}");
        assert_eq!(guessed, desk.truth(), "{typed}");
        assert_eq!(desk.guesses.counts().wrong, 0, "{typed}");
    }
}

#[test]
fn a_wide_character_before_the_margin_is_taken_back_by_the_program_alone() {
    let mut desk = Desk::known_shell(100);
    (desk.line, desk.program) = (String::new(), multilingual);
    desk.types("0123456789abcdefg界");
    desk.rest();
    // What a shell does to the two rows is its own affair: nothing is guessed, and what comes is right.
    desk.program = |desk, _| desk.emulator.feed(b"\x1b[K\x1b[A\x1b[20G");
    desk.key(b"\x7f");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
    assert_eq!(desk.guesses.counts().wrong, 0);
}

#[test]
fn a_tab_is_not_guessed() {
    for tty in [RAW, COOKED] {
        let mut desk = Desk::known_shell(100);
        desk.program = plain;
        desk.turn(tty, "bash");
        desk.rest();
        desk.types("a");
        desk.rest();
        let before = desk.row();
        desk.types("\tb");
        assert_eq!(desk.row(), before);
        desk.rest();
        assert_eq!(desk.shown(), desk.truth());
    }
}

/// A program may show a line as it likes: here its end is within a wide character.
#[test]
fn a_line_that_ends_within_a_character_is_not_edited() {
    let mut desk = editor(100, readline);
    desk.types("ab");
    desk.rest();
    desk.print("\r$ 界\x1b[4G");
    desk.rest();
    desk.key(b"\x01");
    desk.key(b"\x1b[3~");
    desk.key(b"\x0b");
    desk.rest();
    assert_eq!(desk.shown(), desk.truth());
}

/// What a program may show of a line, and where it may put the cursor then.
fn drawn() -> impl Strategy<Value = String> {
    let chars = prop::sample::select(vec!['a', ' ', '界', '界', 'é', '-']);
    let text = prop::collection::vec(chars, 0..10);
    (text, 1..21u16).prop_map(|(text, col)| {
        let text: String = text.into_iter().collect();
        format!("\r$ {text}\x1b[K\x1b[{col}G")
    })
}

/// What a user may do to a shell that edits lines.
fn editing() -> impl Strategy<Value = Vec<(&'static [u8], u64)>> {
    let key = prop_oneof![
        8 => prop::sample::select(vec![&b"a"[..], b"b", b"c", b"d"]),
        2 => Just(&b" "[..]),
        1 => Just(&b"-"[..]),
        2 => Just(&b"\x7f"[..]),
        1 => Just(&b"\r"[..]),
        6 => prop::sample::select(vec![
            &b"\x01"[..], b"\x05", b"\x0b", b"\x15", b"\x17", b"\x1bb", b"\x1bf", b"\x1b[3~",
            b"\x1b[D", b"\x1b[C", b"\x1b[H", b"\x1b[F",
        ]),
    ];
    prop::collection::vec((key, 0..300u64), 1..80)
}

/// A key of somebody who edits a line.
fn edit_key() -> impl Strategy<Value = Key> {
    use key::Edit;
    prop::sample::select(vec![
        Key::Print('a'),
        Key::Print('界'),
        Key::Print('\u{301}'),
        Key::Erase,
        Key::Left,
        Key::Right,
        Key::KillLine,
        Key::KillWord,
        Key::Edit(Edit::Home),
        Key::Edit(Edit::End),
        Key::Edit(Edit::WordBack),
        Key::Edit(Edit::WordForward),
        Key::Edit(Edit::KillRest),
        Key::Edit(Edit::Delete),
        Key::Edit(Edit::Delete),
    ])
}

/// What a user may do to a shell.
fn acts() -> impl Strategy<Value = Vec<(u8, u64)>> {
    let key = prop_oneof![
        8 => b'a'..=b'f',
        2 => Just(0x7f),
        2 => Just(b'\r'),
        1 => Just(b' '),
        1 => Just(0x15),
        1 => Just(0x01),
    ];
    prop::collection::vec((key, 0..300u64), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn once_all_has_come_the_screen_is_the_servers(acts in acts(), delay in 1..300u64, cooked: bool) {
        let mut desk = Desk::known_shell(delay);
        if cooked {
            desk.program = kernel;
            desk.turn(COOKED, "cat");
        }
        for (key, wait) in acts {
            desk.key(&[key]);
            desk.wait(wait);
        }
        desk.rest();
        prop_assert_eq!(desk.guesses.overlay(), None);
        prop_assert_eq!(desk.shown(), desk.truth());
    }

    #[test]
    fn edited_lines_are_the_servers(acts in editing(), delay in 1..300u64, is_zle: bool) {
        let mut desk = editor(delay, if is_zle { zle } else { readline });
        for (key, wait) in acts {
            // What goes over the margin is another matter.
            if desk.line.chars().count() + desk.up.len() < 12 || !key[0].is_ascii_graphic() {
                desk.key(key);
            }
            desk.wait(wait);
        }
        desk.rest();
        prop_assert_eq!(desk.guesses.overlay(), None);
        prop_assert_eq!(desk.shown(), desk.truth());
        prop_assert!(is_zle || desk.guesses.counts().wrong == 0);
    }

    #[test]
    fn no_line_is_drawn_so_that_a_key_is_too_much(
        acts in editing(),
        drawn in prop::collection::vec(drawn(), 1..20),
        delay in 1..300u64,
    ) {
        let mut desk = editor(delay, readline);
        for (at, (key, wait)) in acts.into_iter().enumerate() {
            desk.key(key);
            if at % 4 == 3 {
                desk.print(&drawn[at / 4 % drawn.len()]);
            }
            desk.wait(wait);
        }
        desk.rest();
        prop_assert_eq!(desk.guesses.overlay(), None);
        prop_assert_eq!(desk.shown(), desk.truth());
    }

    #[test]
    fn nothing_is_shown_while_nothing_is_echoed(acts in acts(), delay in 1..300u64) {
        let mut desk = Desk::known_shell(delay);
        desk.program = silent;
        desk.turn(SECRET, "login");
        desk.rest();
        for (key, wait) in acts {
            desk.key(&[key]);
            prop_assert_eq!(desk.guesses.overlay(), None);
            for _ in 0..wait {
                desk.step();
                prop_assert_eq!(desk.guesses.overlay(), None);
            }
        }
    }

    #[test]
    fn no_screen_and_no_claim_is_too_much(
        keys in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..12), 1..40),
        prints in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..40),
        claims in prop::collection::vec((0..400u64, 0..400u64, any::<u8>()), 1..40),
        size in (1..30u16, 1..8u16),
    ) {
        let mut desk = Desk::new(1, plain);
        desk.emulator = Emulator::new(Size::new(size.0, size.1));
        for (at, keys) in keys.iter().enumerate() {
            desk.guesses.typed(PANE, keys, &desk.view.clone());
            desk.emulator.feed(&prints[at % prints.len()]);
            let (written, settled, tty) = claims[at % claims.len()];
            (desk.written, desk.settled, desk.ground.tty) = (written, settled.min(written), Tty(tty));
            desk.changes += 1;
            desk.send();
            desk.wait(2);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_cursor_and_no_line_is_too_much_for_a_key(
        text in prop::collection::vec(prop::sample::select(vec!['a', '界', '界']), 2..10),
        (cursor, before, behind) in (0..12u16, 0..5u16, 0..4u16),
        keys in prop::collection::vec(edit_key(), 1..20),
    ) {
        let mut desk = Desk::new(1, plain);
        desk.print(&text.into_iter().collect::<String>());
        desk.rest();
        let mut view = desk.view.clone();
        let row = view.focused_surface().expect("a surface").cursor.row;
        let surface = view.surfaces.get_mut(&SurfaceId::live(PANE)).expect("a surface");
        surface.cursor.col = cursor;
        let seen = seen(&view, PANE).expect("a screen");
        let id = seen.surface.order[usize::from(row)];
        let mut draft = draft::Draft::of(seen.surface, seen.tables).expect("a screen");
        draft.start = Some((id, cursor.saturating_sub(before)));
        draft.end = Some((row, cursor + behind));
        for key in keys {
            let _ = draft.apply(key, draft::Echoer::Program);
            let (at, col) = draft.cursor();
            prop_assert!(col < 20 && at < 6, "{key:?}");
            prop_assert!(draft.end.is_none_or(|(_, end)| end <= 20), "{key:?}");
            prop_assert!(draft.written().all(|(_, slots)| slots.len() == 20), "{key:?}");
        }
    }
}

/// A long session by chance: how many keys are shown at once, and that none is wrong.
#[test]
fn most_keys_are_shown_at_once() {
    for (delay, least) in [(25, 97), (50, 95), (125, 90), (250, 85)] {
        let mut desk = Desk::known_shell(delay);
        desk.guesses.configure(Predict::Auto);
        let mut chance = Chance::new(7);
        let (mut keys, mut at_once) = (0, 0);
        for _ in 0..20 {
            for at in 0..16u8 {
                let letter = b'a' + at;
                desk.key(&[letter]);
                keys += 1;
                let expected = format!("{}|", char::from(letter));
                at_once += u64::from(desk.row().ends_with(&expected));
                desk.wait(60 + chance.below(120));
            }
            desk.key(b"\r");
            desk.wait(1500);
        }
        assert!(
            at_once * 100 >= keys * least,
            "{delay}: {at_once} of {keys}"
        );
        assert_eq!(desk.guesses.counts().wrong, 0, "{delay}");
    }
}
