//! A copy of a screen that guesses are written into, by the rules of those who echo: the kernel, which only ever adds to
//! the end of a line or takes away from it, and programs that edit lines, as all of them do (mosh's rules, §3.2 of its
//! paper, but for what is said here).

use super::key::Key;
use crate::protocol::{Surface, Tty};
use crate::term::cell::Glyph;
use crate::term::width::{char_width, clusters};
use crate::term::{Attrs, Cell, Color, Row, RowId, Style, StyleId, Tables};
use std::collections::BTreeMap;

/// Columns of the margin that a prompt on the right may leave blank.
const RIGHT_MARGIN: usize = 2;
/// Blanks that part a line from a prompt on the right.
const GAP: usize = 2;

/// Who echoes what is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echoer {
    /// The kernel, which edits the line itself.
    Kernel,
    /// The program.
    Program,
    /// Nobody: what is typed is not to be seen.
    Nobody,
}

impl Echoer {
    pub fn of(tty: Tty) -> Self {
        match (tty.kernel_echoes(), tty.hides()) {
            (true, _) => Echoer::Kernel,
            (_, true) => Echoer::Nobody,
            (false, false) => Echoer::Program,
        }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Text {
    /// A character.
    Char(char),
    /// Several characters.
    Cluster(Box<str>),
    /// The right half of the cell before.
    Half,
}

/// One cell of the copy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slot {
    /// What it shows.
    pub text: Text,
    /// 2 if it is wide, 0 for its right half, else 1.
    pub width: u8,
    /// A style of the view's.
    pub style: StyleId,
    /// Whether a guess has put it there.
    pub(super) is_guess: bool,
}

/// A position on the screen: row and column.
pub(super) type Spot = (u16, u16);

/// A copy of a screen.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    surface: &'a Surface,
    pub(super) tables: &'a Tables,
    pub(super) cols: u16,
    /// The rows that were written to.
    rows: BTreeMap<u16, Vec<Slot>>,
    pub(super) cursor: Spot,
    /// Whether the next character goes to the next row.
    pub(super) pending: bool,
    /// Where the line begins, if that is known.
    pub start: Option<(RowId, u16)>,
    /// Where it ends, if that is known.
    pub(super) end: Option<Spot>,
}

/// What a key does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Outcome {
    /// Where the cursor is then.
    pub cursor: (RowId, u16),
    /// Where it may be as well: at the margin programs differ.
    pub or: Option<(RowId, u16)>,
    /// The cells that it writes; the first is the one that the key is known by.
    pub cells: Vec<Written>,
    /// Whether it went over the margin.
    pub wrapped: bool,
}

/// A cell that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub row: RowId,
    pub col: u16,
    pub text: Text,
    /// Whether the same stood there before, or it is blank: nobody learns from it.
    pub is_mute: bool,
}

impl<'a> Draft<'a> {
    /// A copy of the live screen `surface`; nothing of a place in scrollback.
    pub fn of(surface: &'a Surface, tables: &'a Tables) -> Option<Self> {
        let header = surface.header.as_ref()?;
        if header.scrolled.is_some() || !header.fate.is_empty() || header.size.cols < 2 {
            return None;
        }
        let cursor = (
            surface.cursor.row,
            surface.cursor.col.min(header.size.cols - 1),
        );
        surface.order.get(usize::from(cursor.0))?;
        // Whether the last column was just written to is not told. In lines that are typed it was.
        let last = row_at(surface, cursor.0).map(|row| row.cell(header.size.cols - 1));
        let is_full = last.is_some_and(|cell| cell.glyph() != Glyph::Char(' '));
        let pending = cursor.1 + 1 == header.size.cols && is_full;
        Some(Self {
            surface,
            tables,
            cols: header.size.cols,
            rows: BTreeMap::new(),
            cursor,
            pending,
            start: None,
            end: None,
        })
    }

    /// Where the cursor is.
    pub fn cursor(&self) -> Spot {
        self.cursor
    }

    /// The row and column of the cursor, by the row's name.
    pub fn named_cursor(&self) -> (RowId, u16) {
        (self.id(self.cursor.0).unwrap_or_default(), self.cursor.1)
    }

    /// Whether the next character may go to the next row.
    pub fn is_at_margin(&self) -> bool {
        self.pending || self.cursor.1 + 2 > self.cols
    }

    /// What was written, by row.
    pub fn written(&self) -> impl Iterator<Item = (u16, &[Slot])> {
        self.rows
            .iter()
            .map(|(row, slots)| (*row, slots.as_slice()))
    }

    /// Does what `key` does, as far as that can be foreseen.
    pub fn apply(&mut self, key: Key, echoer: Echoer) -> Option<Outcome> {
        let mut cells = Vec::new();
        let (before, from) = (self.cursor.0, self.cursor);
        match (key, echoer) {
            (_, Echoer::Nobody) => return None,
            (Key::Print(c), _) => self.print(c, echoer, &mut cells)?,
            (Key::Erase, Echoer::Kernel) => self.take_back(1, &mut cells)?,
            (Key::Erase, Echoer::Program) => self.erase(&mut cells)?,
            (Key::KillLine, Echoer::Kernel) => self.take_back(u16::MAX, &mut cells)?,
            (Key::KillWord, Echoer::Kernel) => self.take_back(self.last_word()?, &mut cells)?,
            (key, Echoer::Program) if key.is_edit() => self.edit(key, &mut cells)?,
            (Key::Left, Echoer::Program) => self.left()?,
            (Key::Right, Echoer::Program) => self.right()?,
            _ => return None,
        }
        if matches!(key, Key::Print(_) | Key::Erase) {
            self.shift_end(from);
        }
        let cursor = self.named_cursor();
        let next = match self.pending {
            true => self.id(self.cursor.0 + 1).map(|id| (id, 0)),
            false => None,
        };
        Some(Outcome {
            cursor,
            or: next,
            cells,
            wrapped: self.cursor.0 != before,
        })
    }

    pub(super) fn id(&self, row: u16) -> Option<RowId> {
        self.surface.order.get(usize::from(row)).copied()
    }

    /// The cells of a row, to be written to.
    pub(super) fn slots(&mut self, row: u16) -> &mut Vec<Slot> {
        let (surface, tables, cols) = (self.surface, self.tables, usize::from(self.cols));
        self.rows.entry(row).or_insert_with(|| {
            let cells = row_at(surface, row).map_or(&[][..], Row::cells);
            let mut slots: Vec<Slot> = cells.iter().map(|cell| Slot::of(*cell, tables)).collect();
            slots.resize(cols, Slot::blank(StyleId::DEFAULT));
            slots
        })
    }

    fn print(&mut self, c: char, echoer: Echoer, cells: &mut Vec<Written>) -> Option<()> {
        if !c.is_ascii() && self.join(c, cells) {
            return Some(());
        }
        let width = char_width(c);
        if width == 0 || echoer == Echoer::Kernel && width == 2 && self.cursor.1 + 2 > self.cols {
            return None;
        }
        if self.pending || self.cursor.1 + u16::from(width) > self.cols {
            self.id(self.cursor.0 + 1)?;
            self.cursor = (self.cursor.0 + 1, 0);
            self.pending = false;
        }
        let room = match echoer {
            Echoer::Program => self.run(self.cursor.0, self.cursor.1),
            _ => 0,
        };
        self.put(c, usize::from(width), room, cells);
        self.advance(u16::from(width));
        Some(())
    }

    /// Writes a character at the cursor, before `room` columns that it pushes to the right.
    fn put(&mut self, c: char, width: usize, room: usize, cells: &mut Vec<Written>) {
        let (row, col) = self.cursor;
        let style = self.style_at(row, col);
        let at = usize::from(col);
        let slots = self.slots(row);
        if room > 0 {
            // What is pushed over the margin is lost from sight.
            let run = at..(at + room + width).min(slots.len());
            slots[run].rotate_right(width);
        }
        blank_halves(slots, at..at + width);
        self.write(
            row,
            col,
            Slot::new(Text::Char(c), width as u8, style),
            cells,
        );
        if width == 2 {
            self.slots(row)[at + 1] = Slot::new(Text::Half, 0, style);
        }
        self.note_moved(row, at + width..at + width + room, cells);
    }

    fn advance(&mut self, width: u16) {
        let end = self.cursor.1 + width;
        self.pending = end >= self.cols;
        self.cursor.1 = end.min(self.cols - 1);
    }

    /// Puts a character into the cell before, if the two are one (UAX #29).
    fn join(&mut self, c: char, cells: &mut Vec<Written>) -> bool {
        let (row, col) = self.cursor;
        let Some(at) = self.before(row, col + u16::from(self.pending)) else {
            return false;
        };
        let slot = self.slots(row)[usize::from(at)].clone();
        let mut text = slot.text.to_string();
        if text.trim().is_empty() {
            return false;
        }
        text.push(c);
        let mut parts = clusters(&text).map(|(_, width)| width);
        if (parts.next(), parts.next()) != (Some(slot.width), None) {
            return false;
        }
        drop(parts);
        let text = Text::Cluster(text.into());
        let joined = Slot {
            text,
            is_guess: true,
            ..slot
        };
        self.write(row, at, joined, cells);
        true
    }

    fn write(&mut self, row: u16, col: u16, slot: Slot, cells: &mut Vec<Written>) {
        let id = self.id(row).unwrap_or_default();
        let old = &mut self.slots(row)[usize::from(col)];
        cells.push(Written {
            row: id,
            col,
            text: slot.text.clone(),
            is_mute: old.text == slot.text || slot.text == Text::Char(' '),
        });
        *old = slot;
    }

    /// Notes that guesses now stand in these columns that stood elsewhere.
    fn note_moved(&mut self, row: u16, cols: std::ops::Range<usize>, cells: &mut Vec<Written>) {
        let id = self.id(row).unwrap_or_default();
        let slots = self.slots(row).iter().enumerate();
        let moved = slots
            .take(cols.end)
            .skip(cols.start)
            .filter(|(_, slot)| slot.is_guess);
        cells.extend(moved.map(|(col, slot)| Written {
            row: id,
            col: col as u16,
            text: slot.text.clone(),
            is_mute: true,
        }));
    }

    /// The column of the cell that ends before `col`.
    fn before(&mut self, row: u16, col: u16) -> Option<u16> {
        let slots = self.slots(row);
        let mut at = usize::from(col).checked_sub(1)?;
        while slots.get(at)?.width == 0 {
            at = at.checked_sub(1)?;
        }
        Some(at as u16)
    }

    /// How a character looks that is typed there: as what was typed before it.
    pub(super) fn style_at(&mut self, row: u16, col: u16) -> StyleId {
        let id = self.id(row);
        let is_first = self
            .start
            .is_some_and(|(start, at)| Some(start) == id && col <= at);
        let before = self.before(row, col).filter(|_| !is_first);
        before.map_or(StyleId::DEFAULT, |at| {
            self.slots(row)[usize::from(at)].style
        })
    }

    /// How many columns of text a character at `col` pushes to the right. What a program proposes and what stands at the
    /// right margin stay where they are.
    pub(super) fn run(&mut self, row: u16, col: u16) -> usize {
        let (tables, at) = (self.tables, usize::from(col));
        let typed = self.style_at(row, col);
        let slots = self.slots(row);
        let is_blank = |slot: &Slot| slot.text == Text::Char(' ');
        let Some(last) = slots
            .iter()
            .rposition(|slot| !is_blank(slot))
            .filter(|last| *last >= at)
        else {
            return 0;
        };
        let text = slots[at..].iter().find(|slot| !is_blank(slot));
        if text.is_some_and(|text| text.style != typed && is_faint(tables.style(text.style))) {
            return 0;
        }
        let is_right = last + RIGHT_MARGIN >= slots.len();
        let gap = slots[at..last]
            .windows(GAP)
            .rposition(|two| two.iter().all(is_blank));
        match gap.filter(|_| is_right) {
            Some(gap) => slots[at..at + gap + GAP]
                .iter()
                .rposition(|slot| !is_blank(slot))
                .map_or(0, |last| last + 1),
            None => last + 1 - at,
        }
    }

    /// Takes away the character before the cursor, and draws up what is behind it.
    fn erase(&mut self, cells: &mut Vec<Written>) -> Option<()> {
        let (row, col) = self.cursor;
        let at = self.before_in_line(row, col)?;
        let run = self.run(row, col);
        let width = usize::from(col - at);
        let (from, to) = (usize::from(at), usize::from(col) + run);
        let slots = self.slots(row);
        let style = slots[from].style;
        slots[from..to].rotate_left(width);
        slots[to - width..to].fill(Slot::guessed_blank(style));
        self.note_erased(row, from..to, cells);
        self.cursor = (row, at);
        self.pending = false;
        Some(())
    }

    pub(super) fn note_erased(
        &mut self,
        row: u16,
        cols: std::ops::Range<usize>,
        cells: &mut Vec<Written>,
    ) {
        self.note_moved(row, cols, cells);
    }

    /// The cell before the cursor, unless the line begins there. Where that is not known, blanks are not gone over: they
    /// end prompts.
    fn before_in_line(&mut self, row: u16, col: u16) -> Option<u16> {
        if self.pending {
            return None;
        }
        let at = self.before(row, col)?;
        let id = self.id(row)?;
        match self.start {
            Some((start, first)) if start == id => (at >= first).then_some(at),
            Some(_) => Some(at),
            None => {
                let is_blank = self.slots(row)[usize::from(at)].text == Text::Char(' ');
                (!is_blank).then_some(at)
            }
        }
    }

    /// Takes characters off the end of the line, as the kernel does: never more than were typed, all in this row.
    fn take_back(&mut self, columns: u16, cells: &mut Vec<Written>) -> Option<()> {
        let (row, col) = self.cursor;
        let (start, first) = self.start.filter(|_| !self.pending)?;
        if self.id(row) != Some(start) || col < first {
            return None;
        }
        let to = col.saturating_sub(columns).max(first);
        let range = usize::from(to)..usize::from(col);
        let slots = self.slots(row);
        // The kernel counts a wide character as one column.
        if slots[range.clone()].iter().any(|slot| slot.width != 1) {
            return None;
        }
        slots[range.clone()].fill(Slot::guessed_blank(StyleId::DEFAULT));
        self.note_erased(row, range, cells);
        self.cursor.1 = to;
        Some(())
    }

    /// Columns of the last word before the cursor, and of what is between (n_tty's WERASE).
    fn last_word(&self) -> Option<u16> {
        let (row, col) = self.cursor;
        let (start, first) = self.start?;
        if self.id(row) != Some(start) {
            return None;
        }
        let is_word = |at: u16| match self.rows.get(&row).map(|row| &row[usize::from(at)].text) {
            Some(Text::Char(c)) => c.is_ascii_alphanumeric() || *c == '_',
            Some(_) => false,
            None => row_at(self.surface, row).is_some_and(|row| match row.cell(at).glyph() {
                Glyph::Char(c) => c.is_ascii_alphanumeric() || c == '_',
                _ => false,
            }),
        };
        let mut at = col;
        while at > first && !is_word(at - 1) {
            at -= 1;
        }
        while at > first && is_word(at - 1) {
            at -= 1;
        }
        Some(col - at)
    }

    fn left(&mut self) -> Option<()> {
        let (row, col) = self.cursor;
        self.cursor.1 = self.before_in_line(row, col)?;
        Some(())
    }

    /// Goes right within what was typed; at its end a program may do anything.
    fn right(&mut self) -> Option<()> {
        let (row, col) = self.cursor;
        let tables = self.tables;
        let slot = self.slots(row).get(usize::from(col))?.clone();
        let is_text = slot.text != Text::Char(' ') && !is_faint(tables.style(slot.style));
        let end = col + u16::from(slot.width.max(1));
        if !is_text || end >= self.cols {
            return None;
        }
        self.cursor.1 = end;
        Some(())
    }
}

/// Leaves no half of a wide character where others are cut by what is written into `cols`.
fn blank_halves(slots: &mut [Slot], cols: std::ops::Range<usize>) {
    let edges = [cols.start.checked_sub(1), cols.end.checked_sub(1)];
    for edge in edges.into_iter().flatten() {
        let is_cut = slots.get(edge).is_some_and(|slot| slot.width == 2);
        if !is_cut || edge == cols.start && cols.len() == 2 {
            continue;
        }
        let style = slots[edge].style;
        slots[edge] = Slot::blank(style);
        if let Some(half) = slots.get_mut(edge + 1) {
            *half = Slot::blank(style);
        }
    }
}

/// Whether text looks like a proposal: dim, or grey.
pub(super) fn is_faint(style: Style) -> bool {
    let is_grey = match style.fg {
        Color::Index(index) => index == 8 || (236..=250).contains(&index),
        Color::Rgb(r, g, b) => r == g && g == b && (0x30..0xc0).contains(&r),
        Color::Default => false,
    };
    is_grey || style.attrs.contains(Attrs::DIM)
}

pub(super) fn row_at(surface: &Surface, row: u16) -> Option<&Row> {
    surface.rows.get(surface.order.get(usize::from(row))?)
}

impl Slot {
    fn new(text: Text, width: u8, style: StyleId) -> Self {
        Self {
            text,
            width,
            style,
            is_guess: true,
        }
    }

    fn blank(style: StyleId) -> Self {
        Self {
            is_guess: false,
            ..Self::guessed_blank(style)
        }
    }

    pub(super) fn guessed_blank(style: StyleId) -> Self {
        Self::new(Text::Char(' '), 1, style)
    }

    /// What a cell of a view shows.
    pub(super) fn of(cell: Cell, tables: &Tables) -> Self {
        Self {
            text: Text::of(cell, tables),
            width: cell.width(),
            style: cell.style,
            is_guess: false,
        }
    }
}

impl Text {
    /// What stands in a cell of a view.
    pub(super) fn of(cell: Cell, tables: &Tables) -> Self {
        match cell.glyph() {
            Glyph::Char(c) => Text::Char(c),
            Glyph::Cluster(index) => Text::Cluster(tables.cluster(index).into()),
            Glyph::Continuation => Text::Half,
        }
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Text::Char(c) => write!(f, "{c}"),
            Text::Cluster(text) => write!(f, "{text}"),
            Text::Half => Ok(()),
        }
    }
}
