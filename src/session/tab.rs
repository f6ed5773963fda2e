//! A tab: a layout, and which of its panes has the focus.

use super::layout::{Layout, neighbour};
use crate::protocol::{Direction, PaneId, Rect, TabId};
use crate::term::Size;
use serde::{Deserialize, Serialize};

/// A layout and a focus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tab {
    /// Which tab.
    pub id: TabId,
    /// How its panes divide its area.
    pub layout: Layout,
    /// The pane that keys go to; always one of the layout's.
    pub focus: PaneId,
    /// Whether the focused pane is shown alone.
    pub zoomed: bool,
    /// Whether a pane rang since somebody last looked.
    #[serde(default)]
    pub bell: bool,
}

impl Tab {
    /// A tab of one pane.
    pub fn new(id: TabId, pane: PaneId) -> Self {
        Self {
            id,
            layout: Layout::Pane(pane),
            focus: pane,
            zoomed: false,
            bell: false,
        }
    }

    /// Where its panes stand within `size`. One pane alone has no line around it. A zoomed pane, and the focused one
    /// where there is no room for all, fills the area by itself.
    pub fn places(&self, size: Size) -> Vec<(PaneId, Rect)> {
        let area = Rect {
            x: 0,
            y: 0,
            cols: size.cols,
            rows: size.rows,
        };
        let alone = || vec![(self.focus, area)];
        if self.zoomed {
            alone()
        } else {
            self.layout.rects(area).unwrap_or_else(alone)
        }
    }

    /// Puts `new` beside `pane`.
    pub fn split(&mut self, pane: PaneId, side: Direction, new: PaneId, keep_focus: bool) {
        self.layout.split(pane, side, new);
        self.zoomed = false;
        if !keep_focus {
            self.focus = new;
        }
    }

    /// Gives the focus to `pane` if it is here; a zoom ends when it moves.
    pub fn select(&mut self, pane: PaneId) {
        if pane != self.focus && self.layout.panes().contains(&pane) {
            self.focus = pane;
            self.zoomed = false;
        }
    }

    /// Moves the focus to the pane on that side, if there is one.
    pub fn select_towards(&mut self, side: Direction, size: Size) {
        let area = Rect {
            x: 0,
            y: 0,
            cols: size.cols,
            rows: size.rows,
        };
        let rects = self.layout.rects(area).unwrap_or_default();
        if let Some(pane) = neighbour(&rects, self.focus, side) {
            self.select(pane);
        }
    }

    /// Moves the focus to the next pane in order.
    pub fn select_next(&mut self) {
        let panes = self.layout.panes();
        let here = panes
            .iter()
            .position(|pane| *pane == self.focus)
            .unwrap_or(0);
        self.select(panes[(here + 1) % panes.len()]);
    }

    /// Takes `pane` out; the focus goes to the pane before it. `None` if that leaves the tab empty.
    #[must_use]
    pub fn without(mut self, pane: PaneId) -> Option<Tab> {
        let panes = self.layout.panes();
        let gone = panes.iter().position(|id| *id == pane);
        self.layout = self.layout.without(pane)?;
        if self.focus == pane {
            let before = gone.unwrap_or(0).saturating_sub(1);
            let left: Vec<_> = panes.into_iter().filter(|id| *id != pane).collect();
            self.focus = left[before.min(left.len() - 1)];
            self.zoomed = false;
        }
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Tab {
        let mut tab = Tab::new(TabId(1), PaneId(1));
        tab.split(PaneId(1), Direction::Right, PaneId(2), false);
        tab.split(PaneId(2), Direction::Down, PaneId(3), true);
        tab
    }

    #[test]
    fn closing_the_focused_pane_focuses_the_one_before() {
        let tab = three();
        assert_eq!(tab.focus, PaneId(2));
        let tab = tab.without(PaneId(2)).expect("two are left");
        assert_eq!(tab.focus, PaneId(1));
        assert_eq!(tab.layout.panes(), [PaneId(1), PaneId(3)]);
    }

    #[test]
    fn zoom_shows_one_and_ends_when_the_focus_moves() {
        let mut tab = three();
        tab.zoomed = true;
        let size = Size::new(80, 24);
        assert_eq!(
            tab.places(size),
            [(
                PaneId(2),
                Rect {
                    x: 0,
                    y: 0,
                    cols: 80,
                    rows: 24
                }
            )]
        );
        tab.select_towards(Direction::Left, size);
        assert_eq!((tab.focus, tab.zoomed), (PaneId(1), false));
    }

    #[test]
    fn without_room_the_focused_pane_is_shown_alone() {
        assert_eq!(
            three().places(Size::new(2, 1)),
            [(
                PaneId(2),
                Rect {
                    x: 0,
                    y: 0,
                    cols: 2,
                    rows: 1
                }
            )]
        );
    }
}
