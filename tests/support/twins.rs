//! The same program twice: once directly in a terminal, once in wt. Both get the same keys and have to draw the same.

use super::home::WT;
use super::{DEADLINE, Home, Outer, wait_for};
use std::time::{Duration, Instant};

/// A program in a terminal, and its twin in wt in a terminal with one row more, for the status line.
pub struct Twins {
    /// Without wt.
    pub direct: Outer,
    /// Within wt.
    pub inside: Outer,
    rows: u16,
    /// The direct one's screen before the last keys.
    before: String,
}

/// What a terminal shows in one cell.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    text: String,
    is_wide: bool,
    is_continuation: bool,
    fg: vt100::Color,
    bg: vt100::Color,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    inverse: bool,
}

impl Twins {
    /// Starts both in the directory and the environment of `home`, with `env` added.
    pub fn open(home: &Home, argv: &[&str], env: &[(&str, &str)], cols: u16, rows: u16) -> Self {
        let mut all = home.env();
        for (key, value) in env {
            all.retain(|(known, _)| known != key);
            all.push(((*key).to_owned(), (*value).to_owned()));
        }
        let name = format!("s{cols}x{rows}");
        let mut wrapped = vec![WT, "new", "-s", &name, "--"];
        wrapped.extend(argv);
        Self {
            direct: Outer::open(argv, &all, home.path(), cols, rows),
            inside: Outer::open(&wrapped, &all, home.path(), cols, rows + 1),
            rows,
            before: String::new(),
        }
    }

    /// Types the same in both.
    pub fn send(&mut self, keys: impl AsRef<[u8]>) {
        self.before = self.direct.screen().contents_formatted();
        self.direct.send(keys.as_ref());
        self.inside.send(keys.as_ref());
    }

    /// Gives both another size.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.rows = rows;
        self.direct.resize(cols, rows);
        self.inside.resize(cols, rows + 1);
    }

    /// Waits until the last keys made a change, both show `text`, and all of both screens is equal, the cursor too.
    pub fn agree(&self, text: &str) {
        wait_for("what the keys change", || {
            (self.direct.screen().contents_formatted() != self.before).then_some(())
        });
        self.direct.wait_text(text);
        self.inside.wait_text(text);
        let start = Instant::now();
        loop {
            let faults = self.differences();
            if faults.is_empty() {
                return;
            }
            assert!(
                start.elapsed() < DEADLINE,
                "the screens differ:\n{}\n--- direct\n{}\n--- in wt\n{}",
                faults.join("\n"),
                self.direct.rows().join("\n"),
                self.inside.rows().join("\n"),
            );
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// How many foregrounds are to be seen: a program that draws without colours compares too well.
    pub fn foregrounds(&self) -> usize {
        let screen = self.direct.screen();
        let (rows, cols) = screen.size();
        let mut found = Vec::new();
        for row in 0..rows.get() {
            for cell in (0..cols.get()).filter_map(|col| seen(&screen, row, col)) {
                if !found.contains(&cell.fg) {
                    found.push(cell.fg);
                }
            }
        }
        found.len()
    }

    /// The first few differences, in words.
    fn differences(&self) -> Vec<String> {
        let (direct, inside) = (self.direct.screen(), self.inside.screen());
        let mut faults = Vec::new();
        if direct.hide_cursor() != inside.hide_cursor() {
            faults.push(format!("cursor hidden: {}", direct.hide_cursor()));
        }
        let (a, b) = (direct.cursor_position(), inside.cursor_position());
        if a != b && !direct.hide_cursor() {
            faults.push(format!("cursor: {a:?} and {b:?}"));
        }
        let cols = direct.size().1.get();
        for row in 0..self.rows {
            for col in 0..cols {
                let (a, b) = (seen(&direct, row, col), seen(&inside, row, col));
                if a != b && faults.len() < 8 {
                    faults.push(format!("row {row}, column {col}:\n  {a:?}\n  {b:?}"));
                }
            }
        }
        faults
    }
}

/// What is to be seen at a place, which is less than what the model holds: a blank has no weight, slant or foreground.
/// The model also gives the whole pen to what is erased, where xterm gives it the background alone (bce).
fn seen(screen: &vt100::Screen, row: u16, col: u16) -> Option<Seen> {
    let cell = screen.cell(row, col)?;
    let is_erased = !cell.has_contents() && !cell.is_wide_continuation();
    let is_blank = is_erased || cell.contents() == " ";
    let underline = cell.underline() && !is_erased;
    let inverse = cell.inverse() && !is_erased;
    let has_ink = !is_blank || underline || inverse;
    Some(Seen {
        text: if is_blank { " " } else { cell.contents() }.to_owned(),
        is_wide: cell.is_wide(),
        is_continuation: cell.is_wide_continuation(),
        fg: if has_ink {
            cell.fgcolor()
        } else {
            vt100::Color::Default
        },
        bg: cell.bgcolor(),
        bold: cell.bold() && has_ink,
        dim: cell.dim() && has_ink,
        italic: cell.italic() && !is_blank,
        underline,
        inverse,
    })
}
