//! A list of many things: found by typing, walked through by arrows, done by Return.

use super::{Answer, Choice, Line};
use crate::protocol::Rect;
use crate::term::{Key, KeyCode, Mods, Mouse, MouseAction, Size};
use crate::ui::chrome::width;
use crate::ui::offset::pane_rows;

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// How far below the line that it belongs to: what is found brings along what it belongs to.
    pub depth: u8,
    /// What stands first, in a column of its own.
    pub name: String,
    /// What stands behind it.
    pub text: String,
    /// What stands at the right edge.
    pub aside: String,
    /// What it does; `None` for a heading.
    pub choice: Option<Choice>,
}

impl Item {
    /// A line that only names those below it.
    pub fn heading(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    fn says(&self, word: &str) -> bool {
        let texts = [&self.name, &self.text, &self.aside];
        texts.iter().any(|text| text.to_lowercase().contains(word))
    }
}

/// Rows that a turn of the wheel moves by.
const WHEEL_ROWS: isize = 3;
/// Widest list, frame included.
const MAX_COLS: u16 = 110;
/// Rows that a list takes however short it is, frame included, if there are so many.
const LEAST_ROWS: usize = 12;
/// Most rows in which the selected line is shown in full.
const MAX_DETAIL: u16 = 4;

/// A list that is open.
#[derive(Debug)]
pub struct List {
    /// What it lists.
    pub title: &'static str,
    /// What Return does.
    pub hint: &'static str,
    /// What is looked for.
    pub filter: Line,
    items: Vec<Item>,
    /// Items that are shown, by their index.
    shown: Vec<usize>,
    /// Which of `shown` is selected.
    selected: usize,
    top: usize,
    pressed: bool,
}

/// Where the parts of a list stand, in columns and rows of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// All of it.
    pub outer: Rect,
    /// Whether there is room for a frame.
    pub framed: bool,
    /// Where it is typed.
    pub filter: Rect,
    /// The lines.
    pub body: Rect,
    /// The selected line in full; of no rows where it fits into its own.
    pub detail: Rect,
}

impl List {
    /// A list with the item at `selected`, or the first one after it that does something, selected.
    pub fn new(title: &'static str, hint: &'static str, items: Vec<Item>, selected: usize) -> Self {
        let mut list = Self {
            title,
            hint,
            filter: Line::default(),
            shown: (0..items.len()).collect(),
            items,
            selected,
            top: 0,
            pressed: false,
        };
        list.settle(1);
        list
    }

    /// The lines that are shown and whether each is selected, from the first in sight on.
    pub fn lines(&self, place: &Place) -> impl Iterator<Item = (&Item, bool)> {
        let top = self.top_within(usize::from(place.body.rows));
        let shown = self.shown.iter().enumerate().skip(top);
        shown.map(|(at, &index)| (&self.items[index], at == self.selected))
    }

    /// The selected line.
    pub fn selection(&self) -> Option<&Item> {
        let item = &self.items[*self.shown.get(self.selected)?];
        item.choice.is_some().then_some(item)
    }

    /// Which line is selected and how many there are, headings left out.
    pub fn count(&self) -> (usize, usize) {
        let counts = |at: &&usize| self.items[**at].choice.is_some();
        let before = self.shown.iter().take(self.selected + 1);
        (
            before.filter(counts).count(),
            self.shown.iter().filter(counts).count(),
        )
    }

    /// Columns from which on there is room for what stands aside.
    pub const WIDE: u16 = 56;

    /// The column that the names share, in a list of so many columns.
    pub fn name_cols(&self, cols: u16) -> usize {
        let names = self.items.iter().map(|item| width(&item.name));
        names.max().unwrap_or(0).min(usize::from(cols) / 3)
    }

    /// Where it stands in a terminal of that size.
    pub fn place(&self, size: Size) -> Place {
        let rows = pane_rows(size);
        let framed = rows >= 8 && size.cols >= 30;
        let (margin_x, margin_y) = match (size.cols >= 60, rows >= 20) {
            (true, true) => (4, 2),
            _ => (0, 0),
        };
        let cols = (size.cols - 2 * margin_x).min(MAX_COLS);
        let outer = Rect {
            x: (size.cols - cols) / 2,
            y: margin_y,
            cols,
            rows: (rows - 2 * margin_y).min((self.items.len() + 3).clamp(LEAST_ROWS, 1000) as u16),
        };
        let edge = u16::from(framed);
        let inner = Rect {
            x: outer.x + 2 * edge,
            y: outer.y + edge,
            cols: outer.cols - 4 * edge,
            rows: outer.rows - 2 * edge,
        };
        let detail = self.detail_rows(inner);
        let body = inner.rows.saturating_sub(1 + detail);
        let part = |y, rows| Rect { y, rows, ..inner };
        Place {
            outer,
            framed,
            filter: part(inner.y, inner.rows.min(1)),
            body: part(inner.y + inner.rows.min(1), body),
            detail: part(inner.y + inner.rows.min(1) + body, detail),
        }
    }

    /// Rows that the selected line takes below the list, if it does not fit into its own.
    fn detail_rows(&self, inner: Rect) -> u16 {
        let Some(item) = self
            .selection()
            .filter(|_| inner.rows > 9 && inner.cols > 0)
        else {
            return 0;
        };
        let name = match self.name_cols(inner.cols) {
            0 => 0,
            cols => cols + 2,
        };
        let aside = match inner.cols >= Self::WIDE && !item.aside.is_empty() {
            true => width(&item.aside) + 2,
            false => 0,
        };
        let beside = 2 * usize::from(item.depth) + name + aside;
        let room = usize::from(inner.cols);
        match width(&item.text) + beside > room {
            true => (width(&item.text).div_ceil(room) as u16).min(MAX_DETAIL) + 1,
            false => 0,
        }
    }

    /// Takes a key in.
    pub fn key(&mut self, key: Key, size: Size) -> Answer {
        let page = isize::from(self.place(size).body.rows.max(2) as i16 - 1);
        let ctrl = key.mods.contains(Mods::CTRL);
        match key.code {
            KeyCode::Escape => return Answer::Leave,
            KeyCode::Char('c' | 'g') if ctrl => return Answer::Leave,
            KeyCode::Enter => return self.choose(),
            KeyCode::Char('m' | 'j') if ctrl => return self.choose(),
            KeyCode::Up | KeyCode::BackTab => self.go(-1),
            KeyCode::Down | KeyCode::Tab => self.go(1),
            KeyCode::Char('p') if ctrl => self.go(-1),
            KeyCode::Char('n') if ctrl => self.go(1),
            KeyCode::PageUp => self.go(-page),
            KeyCode::PageDown => self.go(page),
            KeyCode::Home => self.go(isize::MIN / 2),
            KeyCode::End => self.go(isize::MAX / 2),
            KeyCode::Backspace if self.filter.is_empty() => {}
            _ => {
                if self.filter.key(key) {
                    self.find();
                }
            }
        }
        self.scroll(size);
        Answer::Stay
    }

    /// Takes pasted text in.
    pub fn paste(&mut self, text: &str) {
        self.filter.insert(text);
        self.find();
    }

    fn choose(&self) -> Answer {
        let choice = self.selection().and_then(|item| item.choice.clone());
        choice.map_or(Answer::Stay, Answer::Choose)
    }

    /// Moves the selection by so many lines, as far as there are any.
    fn go(&mut self, by: isize) {
        let last = self.shown.len().saturating_sub(1) as isize;
        let to = (self.selected as isize).saturating_add(by).clamp(0, last);
        self.selected = to as usize;
        self.settle(by);
    }

    /// Moves the selection off a heading: on the way it came from, or back if there is nothing more.
    fn settle(&mut self, by: isize) {
        let items = &self.items;
        let acts = |at: &usize| {
            self.shown
                .get(*at)
                .is_some_and(|&at| items[at].choice.is_some())
        };
        let behind = (self.selected..self.shown.len()).find(acts);
        let before = (0..=self.selected).rev().find(acts);
        let found = match by < 0 {
            true => before.or(behind),
            false => behind.or(before),
        };
        self.selected = found.unwrap_or(0);
    }

    /// Shows what the filter finds: lines with all its words, counting those that they belong to, and the lines that
    /// these belong to.
    fn find(&mut self) {
        let filter = self.filter.text().to_lowercase();
        let words: Vec<&str> = filter.split_whitespace().collect();
        let parents = &parents(&self.items);
        let with_parents = |mut at: usize| {
            std::iter::once(at).chain(std::iter::from_fn(move || {
                at = parents[at]?;
                Some(at)
            }))
        };
        let mut is_shown = vec![false; self.items.len()];
        let mut best = None;
        for at in 0..self.items.len() {
            let says = |word: &&str| with_parents(at).any(|at| self.items[at].says(word));
            if self.items[at].choice.is_some() && words.iter().all(says) {
                with_parents(at).for_each(|at| is_shown[at] = true);
                let itself = words.iter().all(|word| self.items[at].says(word));
                best = best.or(itself.then_some(at));
            }
        }
        self.shown = (0..self.items.len()).filter(|&at| is_shown[at]).collect();
        let best = best.and_then(|best| self.shown.iter().position(|&at| at == best));
        (self.selected, self.top) = (best.unwrap_or(0), 0);
        self.settle(1);
    }

    /// Keeps the selection in sight.
    fn scroll(&mut self, size: Size) {
        self.top = self.top_within(usize::from(self.place(size).body.rows));
    }

    fn top_within(&self, rows: usize) -> usize {
        let rows = rows.max(1);
        // The heading above a first line is worth a row.
        let above = self.selected.saturating_sub(1);
        let is_heading = |at: &usize| self.items[*at].choice.is_none();
        let first = match self.shown.get(above).is_some_and(is_heading) && rows > 1 {
            true => above,
            false => self.selected,
        };
        let least = (self.selected + 1).saturating_sub(rows);
        let most = self.shown.len().saturating_sub(rows).max(least);
        self.top.min(first).clamp(least, most)
    }

    /// Takes in what the mouse did: a click does what the line says, one outside leaves.
    pub fn mouse(&mut self, mouse: Mouse, size: Size) -> Answer {
        let place = self.place(size);
        let at = usize::from(mouse.y.saturating_sub(place.body.y))
            + self.top_within(usize::from(place.body.rows));
        let is_line = place.body.contains(mouse.x, mouse.y) && at < self.shown.len();
        match mouse.action {
            MouseAction::WheelUp => self.go(-WHEEL_ROWS),
            MouseAction::WheelDown => self.go(WHEEL_ROWS),
            MouseAction::Press(_) if !place.outer.contains(mouse.x, mouse.y) => {
                return Answer::Leave;
            }
            MouseAction::Press(0) => {
                self.pressed = is_line && self.items[self.shown[at]].choice.is_some();
                if self.pressed {
                    self.selected = at;
                }
            }
            MouseAction::Release(0) => {
                let chosen = std::mem::take(&mut self.pressed) && is_line && at == self.selected;
                if chosen {
                    return self.choose();
                }
            }
            _ => {}
        }
        self.scroll(size);
        Answer::Stay
    }
}

/// For each item the one that it belongs to: the last before it that is less deep.
fn parents(items: &[Item]) -> Vec<Option<usize>> {
    let mut path: Vec<usize> = Vec::new();
    let parent = |(at, item): (usize, &Item)| {
        while path
            .last()
            .is_some_and(|&last| items[last].depth >= item.depth)
        {
            path.pop();
        }
        let parent = path.last().copied();
        path.push(at);
        parent
    };
    items.iter().enumerate().map(parent).collect()
}
