//! The state that control sequences act on, and the movements that many of them share.

use super::caret::{Caret, Switches};
use super::cell::Cell;
use super::effect::Effects;
use super::keyboard::Keyboard;
use super::modes::Modes;
use super::screen::{Screen, Which};
use super::settings::Settings;
use super::string::{Colors, Labels, Notices};
use super::style::{Color, Style, StyleId};
use super::tables::Tables;
use super::tabs::Tabs;
use super::text::Last;
use super::window::Grants;
use super::{Size, Version};

/// Everything but the parser.
#[derive(Debug, Clone)]
pub(super) struct Terminal {
    pub(super) screen: Screen,
    pub(super) caret: Caret,
    /// What DECSC saved, for the main and the alternate screen.
    pub(super) saved: [Caret; 2],
    /// The caret's style in the tables, once it is needed.
    pub(super) pen: Option<StyleId>,
    pub(super) last: Last,
    pub(super) modes: Modes,
    pub(super) keyboard: Keyboard,
    pub(super) switches: Switches,
    pub(super) shape: u8,
    pub(super) tabs: Tabs,
    pub(super) tables: Tables,
    pub(super) labels: Labels,
    pub(super) colors: Colors,
    pub(super) notices: Notices,
    pub(super) settings: Settings,
    pub(super) grants: Grants,
    pub(super) effects: Effects,
    pub(super) header_changed_at: Version,
}

impl Terminal {
    pub(super) fn new(size: Size) -> Self {
        Self {
            screen: Screen::new(size),
            caret: Caret::default(),
            saved: [Caret::default(); 2],
            pen: None,
            last: Last::default(),
            modes: Modes::ALTERNATE_SCROLL,
            keyboard: Keyboard::default(),
            switches: Switches::default(),
            shape: 0,
            tabs: Tabs::new(),
            tables: Tables::default(),
            labels: Labels::default(),
            colors: Colors::default(),
            notices: Notices::default(),
            settings: Settings::default(),
            grants: Grants::default(),
            effects: Effects::default(),
            header_changed_at: Version(1),
        }
    }

    pub(super) fn size(&self) -> Size {
        self.screen.size
    }

    /// Notes that modes, title or size changed.
    pub(super) fn header_changed(&mut self) {
        self.header_changed_at = self.screen.now;
    }

    pub(super) fn set_mode(&mut self, mode: Modes, on: bool) {
        let before = self.modes;
        self.modes.set(mode, on);
        if self.modes != before {
            self.header_changed();
        }
    }

    /// The pen's style in the tables.
    #[inline]
    pub(super) fn pen(&mut self) -> StyleId {
        match self.pen {
            Some(id) => id,
            None => {
                let id = self.tables.style_id(self.caret.style);
                self.pen = Some(id);
                id
            }
        }
    }

    /// What erasing leaves behind: the pen's background alone (xterm's bce).
    pub(super) fn blank(&mut self) -> Cell {
        match self.caret.style.bg {
            Color::Default => Cell::BLANK,
            bg => Cell::blank(self.tables.style_id(Style {
                bg,
                ..Style::default()
            })),
        }
    }

    /// Moves to a row and column, clamped to the screen.
    pub(super) fn go(&mut self, row: u16, col: u16) {
        self.caret.row = row.min(self.screen.size.rows - 1);
        self.caret.col = col.min(self.screen.size.cols - 1);
        self.caret.pending = false;
    }

    /// Moves to a row and column as programs count them: with DECOM from the margins, and kept within.
    pub(super) fn address(&mut self, row: u16, col: u16) {
        if self.caret.origin {
            let screen = &self.screen;
            let row = screen.top.saturating_add(row).min(screen.bottom - 1);
            let col = screen.left.saturating_add(col).min(screen.right - 1);
            self.go(row, col);
        } else {
            self.go(row, col);
        }
    }

    /// Where the caret is as programs count it: with DECOM from the margins.
    pub(super) fn position(&self) -> (u16, u16) {
        let (row, col) = (self.caret.row, self.caret.col);
        match self.caret.origin {
            true => (
                row.saturating_sub(self.screen.top),
                col.saturating_sub(self.screen.left),
            ),
            false => (row, col),
        }
    }

    /// Moves up, not past the top margin if the caret is below it.
    pub(super) fn up(&mut self, count: u16) {
        let top = match self.caret.row >= self.screen.top {
            true => self.screen.top,
            false => 0,
        };
        let row = self.caret.row.saturating_sub(count).max(top);
        self.go(row, self.caret.col);
    }

    /// Moves down, not past the bottom margin if the caret is above it.
    pub(super) fn down(&mut self, count: u16) {
        let last = match self.caret.row < self.screen.bottom {
            true => self.screen.bottom - 1,
            false => self.screen.size.rows - 1,
        };
        let row = self.caret.row.saturating_add(count).min(last);
        self.go(row, self.caret.col);
    }

    /// The scrolling margins as `(top, bottom)`.
    pub(super) fn margins(&self) -> (u16, u16) {
        (self.screen.top, self.screen.bottom)
    }

    /// Moves right, not past the right margin if the caret is left of it.
    pub(super) fn forward(&mut self, count: u16) {
        let col = self.caret.col.saturating_add(count);
        self.go(self.caret.row, col.min(self.line_end() - 1));
    }

    /// IND: one row down, scrolling at the bottom margin.
    pub(super) fn index(&mut self) {
        self.caret.pending = false;
        // An empty line is written when it is left.
        self.screen.row(self.caret.row);
        if self.caret.row + 1 == self.screen.bottom {
            if self.is_in_columns() {
                self.scroll_up(1);
            }
        } else if self.caret.row + 1 < self.screen.size.rows {
            self.caret.row += 1;
        }
    }

    /// RI: one row up, scrolling at the top margin.
    pub(super) fn reverse_index(&mut self) {
        self.caret.pending = false;
        if self.caret.row == self.screen.top {
            if self.is_in_columns() {
                self.scroll_down(1);
            }
        } else {
            self.caret.row = self.caret.row.saturating_sub(1);
        }
    }

    /// HT and CHT: not past the right margin.
    pub(super) fn tab(&mut self, count: u16) {
        let end = self.line_end();
        for _ in 0..count.min(end) {
            self.caret.col = self.tabs.after(self.caret.col, end);
        }
    }

    /// CBT: only DECOM keeps it within the left margin.
    pub(super) fn back_tab(&mut self, count: u16) {
        self.caret.pending = false;
        let start = match self.caret.origin {
            true => self.line_start(),
            false => 0,
        };
        for _ in 0..count.min(self.screen.size.cols) {
            self.caret.col = self.tabs.before(self.caret.col).max(start);
        }
    }

    pub(super) fn slot(&self) -> usize {
        match self.screen.shown {
            Which::Main => 0,
            Which::Alternate => 1,
        }
    }

    /// DECSC.
    pub(super) fn save_caret(&mut self) {
        let slot = self.slot();
        self.saved[slot] = self.caret;
    }

    /// DECRC.
    pub(super) fn restore_caret(&mut self) {
        let saved = self.saved[self.slot()];
        self.caret = saved;
        self.pen = None;
        self.go(saved.row, saved.col);
        self.caret.pending = saved.pending && saved.col == self.caret.col;
    }

    /// Shows the main or the alternate screen.
    pub(super) fn show(&mut self, which: Which) {
        self.screen.show(which);
        self.set_mode(Modes::ALTERNATE_SCREEN, which == Which::Alternate);
        self.keyboard_changed();
    }

    /// A C0 control.
    pub(super) fn control(&mut self, byte: u8) {
        self.last.interrupt();
        match byte {
            0x07 => self.effects.push(super::Effect::Bell),
            0x08 => self.back(1),
            0x09 => {
                if self.caret.pending && self.switches.has(Switches::MORE_FIX) {
                    self.wrap();
                }
                self.tab(1);
            }
            0x0a..=0x0c => {
                self.index();
                if self.modes.contains(Modes::NEWLINE) {
                    self.carriage_return();
                }
            }
            0x0d => self.carriage_return(),
            0x0e => self.caret.charsets.active = 1,
            0x0f => self.caret.charsets.active = 0,
            _ => {}
        }
    }

    /// DECSTR: modes, margins, pen and charsets as at the start; the screen stays.
    pub(super) fn soft_reset(&mut self) {
        self.switches = Switches::default();
        self.keyboard = Keyboard::default();
        let keep = self.modes.0 & Modes::ALTERNATE_SCREEN.0;
        if self.modes != Modes(keep | Modes::ALTERNATE_SCROLL.0) {
            self.modes = Modes(keep | Modes::ALTERNATE_SCROLL.0);
            self.header_changed();
        }
        self.screen.open_margins();
        self.settings.soften();
        self.shape = 0;
        self.caret = Caret {
            row: self.caret.row,
            col: self.caret.col,
            ..Caret::default()
        };
        self.pen = None;
        self.saved[self.slot()] = Caret::default();
    }

    /// RIS: everything as at the start; what was on the main screen goes into scrollback.
    pub(super) fn reset(&mut self) {
        if self.switches.has(Switches::COLUMNS_132) {
            self.wish_cols(80);
        }
        self.show(Which::Main);
        self.drop_choices();
        self.screen.keep_rows(&self.tables);
        self.screen.history.clear(&self.tables);
        self.caret = Caret::default();
        let hidden = self.screen.blank_rows();
        self.screen.hidden = hidden;
    }

    /// Forgets all that a program has chosen or put aside and the next one should not find; what is shown stays.
    pub(super) fn drop_choices(&mut self) {
        self.soft_reset();
        self.saved = [Caret::default(); 2];
        self.tabs = Tabs::new();
        self.settings.reset();
        self.effects.answer_in_8_bits(false);
        self.reset_all_colors();
        self.notices = Notices::default();
        self.labels.stack.clear();
        self.last = Last::default();
    }

    /// Drops styles, clusters and links that no cell uses any more, if there are too many.
    pub(super) fn compact(&mut self) {
        if !self.tables.are_crowded() {
            return;
        }
        let mut marks = self.tables.marks();
        let screen = &self.screen;
        let rows = screen.rows.iter().chain(&screen.hidden);
        for row in rows.chain(&screen.history.rows).chain(&screen.below.rows) {
            row.cells().iter().for_each(|cell| marks.cell(*cell));
        }
        for caret in self.saved.iter().chain([&self.caret]) {
            marks.link(caret.style.link);
        }
        self.tables.sweep(marks);
        self.pen = None;
    }
}
