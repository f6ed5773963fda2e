//! The thumb beside a pane that is scrolled: how much of all lines is shown, and how far down. It stands in the line on
//! the pane's right; where there is none, in its last column, wherever that is blank.

use super::compose::place;
use super::copy::Copy;
use super::picture::Tile;
use super::theme::Theme;
use crate::protocol::view::PaneBox;
use crate::protocol::{PaneId, View};
use crate::term::cell::Glyph;
use std::collections::BTreeMap;

/// The thumb in a line between panes, which is thinner.
const IN_LINE: char = '┃';

/// The thumb in a pane's last column.
const IN_PANE: char = '▐';

/// A part of a thumb in one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Thumb {
    /// The column, within the area.
    x: u16,
    in_line: bool,
}

impl Thumb {
    /// That of `pane` in the row at `y` of the area, if it reaches there.
    pub fn at(
        view: &View,
        copies: &BTreeMap<PaneId, Copy>,
        pane: &PaneBox,
        y: u16,
    ) -> Option<Self> {
        let rows = place(view, copies, pane)?.thumb(pane.area.rows);
        let right = pane.area.x.saturating_add(pane.area.cols);
        let in_line = view.chrome.area.is_some_and(|area| right < area.cols);
        let is_there = rows.contains(&y.checked_sub(pane.area.y)?);
        is_there.then_some(Self {
            x: if in_line {
                right
            } else {
                right.saturating_sub(1)
            },
            in_line,
        })
    }

    /// Draws it into a row of which the first column of the area that is shown is `from`. It covers no text.
    pub fn put(self, from: u16, theme: &Theme, tiles: &mut [Tile]) {
        let shown = self.x.checked_sub(from).map(usize::from);
        let Some(tile) = shown.and_then(|x| tiles.get_mut(x)) else {
            return;
        };
        let (over, thumb) = match self.in_line {
            true => ('│', IN_LINE),
            false => (' ', IN_PANE),
        };
        if tile.glyph == Glyph::Char(over) {
            tile.glyph = Glyph::Char(thumb);
            tile.style.fg = theme.scroll.0.fg;
            tile.style.attrs = theme.scroll.0.attrs;
        }
    }
}
