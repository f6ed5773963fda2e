//! Which part of the panes a terminal shows that is too small for all of them.

use super::copy::Copy;
use crate::protocol::{PaneId, Rect, View};
use crate::term::{Cursor, Size};
use std::collections::BTreeMap;

/// The part of the area that the terminal shows, if it is too small for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offset {
    /// Columns left out on the left.
    pub x: u16,
    /// Rows left out at the top.
    pub y: u16,
}

impl Offset {
    /// The offset that shows what has to be seen: the cursor, or where there is none, the pane that has the focus. What
    /// is in sight leads nowhere else, so that nothing moves that need not.
    pub fn following(self, view: &View, size: Size, copies: &BTreeMap<PaneId, Copy>) -> Self {
        let kept = self.within(view, size);
        let cursor = cursor_in_area(view, copies).map(|(cursor, x, y)| Rect {
            x: x.saturating_add(cursor.col),
            y: y.saturating_add(cursor.row),
            cols: 1,
            rows: 1,
        });
        let Some(seen) = cursor.or(view.focused().map(|pane| pane.area)) else {
            return kept;
        };
        let start = Self {
            x: start(kept.x, (seen.x, seen.cols), size.cols),
            y: start(kept.y, (seen.y, seen.rows), pane_rows(size)),
        };
        start.within(view, size)
    }

    /// The same, as far as there is something to be shown there.
    pub fn within(self, view: &View, size: Size) -> Self {
        let Some(area) = view.chrome.area else {
            return Self::default();
        };
        Self {
            x: self.x.min(area.cols.saturating_sub(size.cols)),
            y: self.y.min(area.rows.saturating_sub(pane_rows(size))),
        }
    }
}

/// Where to begin so that something of that start and length is seen in that much room; `kept`, if any of it is seen
/// from there.
fn start(kept: u16, (at, len): (u16, u16), room: u16) -> u16 {
    let is_seen = at < kept.saturating_add(room) && kept < at.saturating_add(len.max(1));
    match is_seen {
        true => kept,
        false if at < room => 0,
        false => at - room / 2,
    }
}

/// Rows for panes in a terminal of that size: all but the status line, which a single row has no room for.
pub fn pane_rows(size: Size) -> u16 {
    if size.rows > 1 { size.rows - 1 } else { 1 }
}

/// The cursor within the focused pane, and where that pane begins. A place in scrollback that the mouse led to has none.
pub(super) fn cursor_in_area(
    view: &View,
    copies: &BTreeMap<PaneId, Copy>,
) -> Option<(Cursor, u16, u16)> {
    let pane = view.focused()?;
    let surface = view.surface(pane.surface)?;
    let mut cursor = surface.cursor;
    let header = surface.header.as_ref();
    if header.is_some_and(|header| !header.fate.is_empty()) {
        cursor.visible = false;
    }
    if let Some(copy) = copies.get(&pane.pane).filter(|copy| copy.is_active()) {
        let point = copy.cursor()?;
        cursor = Cursor {
            visible: true,
            row: point.row,
            col: point.col,
            shape: 0,
        };
    }
    cursor.row = cursor.row.min(pane.area.rows.saturating_sub(1));
    cursor.col = cursor.col.min(pane.area.cols.saturating_sub(1));
    Some((cursor, pane.area.x, pane.area.y))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{User, header, rect, view};
    use super::*;
    use crate::protocol::SurfaceId;
    use crate::term::MouseAction;

    /// A pane larger than the terminal, its cursor in the last corner.
    fn large() -> User {
        let mut big = view(Size::new(80, 30), &[(rect(0, 0, 80, 30), &[])]);
        let live = SurfaceId::live(PaneId(1));
        let surface = big.surfaces.get_mut(&live).expect("the pane's");
        surface.cursor = Cursor {
            row: 25,
            col: 70,
            visible: true,
            shape: 0,
        };
        let mut user = User::before(big);
        user.screen();
        user
    }

    fn move_cursor(user: &mut User, row: u16, col: u16) {
        let mut view = user.view.clone();
        let live = SurfaceId::live(PaneId(1));
        let surface = view.surfaces.get_mut(&live).expect("the pane's");
        (surface.cursor.row, surface.cursor.col) = (row, col);
        user.sees(view);
        user.screen();
    }

    #[test]
    fn a_place_in_scrollback_stays_where_it_is_shown() {
        let mut user = large();
        let shown = user.ui.outer.offset;
        assert_eq!(shown, Offset { x: 40, y: 21 });
        user.mouse(MouseAction::WheelUp, 3, 3);
        user.scroll(|scrolled| scrolled.above = 3);
        user.screen();
        assert_eq!(user.ui.outer.offset, shown);
    }

    #[test]
    fn a_cursor_in_sight_moves_nothing() {
        let mut user = large();
        let shown = user.ui.outer.offset;
        move_cursor(&mut user, 22, 41);
        assert_eq!(user.ui.outer.offset, shown);
        move_cursor(&mut user, 2, 3);
        assert_eq!(user.ui.outer.offset, Offset::default());
    }

    #[test]
    fn nothing_moves_under_a_held_button_or_a_menu() {
        let mut user = large();
        let shown = user.ui.outer.offset;
        user.mouse(MouseAction::Press(0), 3, 3);
        move_cursor(&mut user, 0, 0);
        assert_eq!(user.ui.outer.offset, shown, "while text is selected");
        user.mouse(MouseAction::Release(0), 3, 3);
        user.screen();
        assert_eq!(user.ui.outer.offset, Offset::default());

        let mut user = large();
        user.mouse(MouseAction::Press(2), 3, 3);
        move_cursor(&mut user, 0, 0);
        assert_eq!(user.ui.outer.offset, shown, "under a menu");

        let mut user = large();
        header(&mut user.view, 1).modes = crate::term::Modes::MOUSE_DRAG;
        user.mouse(MouseAction::Press(0), 3, 3);
        move_cursor(&mut user, 0, 0);
        assert_eq!(user.ui.outer.offset, shown, "while the program is told");
    }
}
