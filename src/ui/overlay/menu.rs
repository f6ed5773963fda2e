//! A menu: a few things to do to what was clicked. Keys, letters, click after click, and press-drag-release all choose.

use super::{Answer, Choice};
use crate::protocol::Rect;
use crate::term::{Key, KeyCode, Mods, Mouse, MouseAction, Size};
use crate::ui::chrome::width;
use crate::ui::offset::pane_rows;

/// The narrowest terminal that a menu is opened in.
const MIN_COLS: u16 = 10;

/// A line of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Something to do: its text, and the key that does it.
    Do(String, char, Choice),
    /// A line between groups.
    Rule,
}

/// A menu that is open.
#[derive(Debug)]
pub struct Menu {
    /// What it is about.
    pub title: String,
    /// Its lines.
    pub entries: Vec<Entry>,
    /// Which line a Return would do.
    pub selected: Option<usize>,
    /// Where it was asked for, in columns and rows of the terminal.
    at: (u16, u16),
    /// Whether the button that opened it is still held.
    held: bool,
}

impl Menu {
    /// A menu beside a place of the terminal; none of its lines is selected yet.
    pub fn at(at: (u16, u16), title: String, entries: Vec<Entry>) -> Self {
        Self {
            title,
            entries,
            selected: None,
            at,
            held: true,
        }
    }

    /// The same, with its first line selected: for the keyboard.
    pub fn selecting(mut self) -> Self {
        self.held = false;
        self.step(1);
        self
    }

    /// Whether a terminal of that size shows anything of a menu: a line of it, and a few letters of that.
    pub fn has_room(size: Size) -> bool {
        pane_rows(size) >= 3 && size.cols >= MIN_COLS
    }

    /// Where it stands, its frame included: above the status line, its corner where it was asked for if there is room.
    pub fn place(&self, size: Size) -> Rect {
        let texts = self.entries.iter().map(|entry| match entry {
            Entry::Do(text, ..) => width(text) + 4,
            Entry::Rule => 0,
        });
        let inner = texts.max().unwrap_or(0).max(width(&self.title) + 2) + 2;
        let cols = (inner as u16 + 2).min(size.cols);
        let room = pane_rows(size);
        let rows = (self.entries.len() as u16 + 2).min(room);
        Rect {
            x: self.at.0.min(size.cols - cols),
            y: self.at.1.min(room - rows),
            cols,
            rows,
        }
    }

    /// The first line that is shown, so that the selected one is.
    pub fn top(&self, size: Size) -> usize {
        let shown = usize::from(self.place(size).rows.saturating_sub(2)).max(1);
        self.selected.map_or(0, |at| (at + 1).saturating_sub(shown))
    }

    /// Takes a key in.
    pub fn key(&mut self, key: Key) -> Answer {
        let ctrl = key.mods.contains(Mods::CTRL);
        match key.code {
            KeyCode::Escape => return Answer::Leave,
            KeyCode::Char('c' | 'g') if ctrl => return Answer::Leave,
            KeyCode::Enter => return self.choose(),
            KeyCode::Down | KeyCode::Tab => self.step(1),
            KeyCode::Char('n') if ctrl => self.step(1),
            KeyCode::Up | KeyCode::BackTab => self.step(-1),
            KeyCode::Char('p') if ctrl => self.step(-1),
            KeyCode::Home | KeyCode::PageUp => {
                self.selected = None;
                self.step(1);
            }
            KeyCode::End | KeyCode::PageDown => {
                self.selected = None;
                self.step(-1);
            }
            KeyCode::Char(c) if key.mods == Mods::NONE => {
                let has = |entry: &Entry| matches!(entry, Entry::Do(_, letter, _) if *letter == c);
                let Some(found) = self.entries.iter().position(has) else {
                    return Answer::Stay;
                };
                self.selected = Some(found);
                return self.choose();
            }
            _ => {}
        }
        Answer::Stay
    }

    /// Selects the next line (or the one before) that can be done, round the end.
    fn step(&mut self, by: isize) {
        let count = self.entries.len() as isize;
        let start = self
            .selected
            .map_or(if by > 0 { -1 } else { count }, |at| at as isize);
        let after = (1..=count).map(|n| (start + by * n).rem_euclid(count) as usize);
        let can_be_done = |at: &usize| matches!(self.entries[*at], Entry::Do(..));
        self.selected = { after }.find(can_be_done);
    }

    fn choose(&self) -> Answer {
        match self.selected.and_then(|at| self.entries.get(at)) {
            Some(Entry::Do(.., choice)) => Answer::Choose(choice.clone()),
            _ => Answer::Stay,
        }
    }

    /// Takes in what the mouse did.
    pub fn mouse(&mut self, mouse: Mouse, size: Size) -> Answer {
        let place = self.place(size);
        let is_inside = place.contains(mouse.x, mouse.y);
        match mouse.action {
            MouseAction::WheelUp => self.step(-1),
            MouseAction::WheelDown => self.step(1),
            MouseAction::Press(_) if !is_inside => return Answer::Leave,
            MouseAction::Press(_) | MouseAction::Drag(_) | MouseAction::Motion => {
                self.selected = self.entry_at(mouse, place, size);
            }
            // A hand that trembles while it lets the button go chooses nothing.
            MouseAction::Release(_) if std::mem::take(&mut self.held) && self.is_near(mouse) => {
                self.selected = None;
            }
            MouseAction::Release(_) => {
                self.selected = self.entry_at(mouse, place, size);
                return self.choose();
            }
            _ => {}
        }
        Answer::Stay
    }

    fn is_near(&self, mouse: Mouse) -> bool {
        mouse.x.abs_diff(self.at.0) <= 1 && mouse.y.abs_diff(self.at.1) <= 1
    }

    fn entry_at(&self, mouse: Mouse, place: Rect, size: Size) -> Option<usize> {
        let within = (place.x + 1..(place.x + place.cols).saturating_sub(1)).contains(&mouse.x)
            && (place.y + 1..(place.y + place.rows).saturating_sub(1)).contains(&mouse.y);
        let at = usize::from(mouse.y.checked_sub(place.y + 1)?) + self.top(size);
        let entry = self.entries.get(at).filter(|_| within)?;
        matches!(entry, Entry::Do(..)).then_some(at)
    }
}
