//! How a tab's panes divide its rectangle: a binary tree of splits with shares, so that splitting a pane and closing
//! the new one is the identity, and a terminal resized there and back restores every size.

#[cfg(test)]
mod laws;
mod neighbour;
mod preset;
mod resize;
mod share;

pub use neighbour::neighbour;

use crate::protocol::{Direction, PaneId, Rect};
use serde::{Deserialize, Serialize};
use share::Share;

/// Fewest columns of a pane: a wide character needs two.
pub const MIN_COLS: u16 = 2;

/// Fewest rows of a pane.
pub const MIN_ROWS: u16 = 1;

/// A tree of splits whose leaves are panes; never empty, and no pane is in it twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// One pane fills the area.
    Pane(PaneId),
    /// Two parts with a one-cell line between them.
    Split(Box<Split>),
}

/// Two parts side by side or one above the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    axis: Axis,
    share: Share,
    first: Layout,
    second: Layout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Axis {
    /// Left and right.
    Columns,
    /// Above and below.
    Rows,
}

impl Axis {
    fn of(direction: Direction) -> Self {
        match direction {
            Direction::Left | Direction::Right => Axis::Columns,
            Direction::Up | Direction::Down => Axis::Rows,
        }
    }

    fn other(self) -> Self {
        match self {
            Axis::Columns => Axis::Rows,
            Axis::Rows => Axis::Columns,
        }
    }

    /// Fewest cells of a pane along it.
    fn least(self) -> u16 {
        match self {
            Axis::Columns => MIN_COLS,
            Axis::Rows => MIN_ROWS,
        }
    }

    /// Where `rect` begins along it, and how many cells it has.
    fn extent(self, rect: Rect) -> (u16, u16) {
        match self {
            Axis::Columns => (rect.x, rect.cols),
            Axis::Rows => (rect.y, rect.rows),
        }
    }

    /// The slice of `rect` that begins at `start` and has `length` cells along it.
    fn slice(self, rect: Rect, start: u16, length: u16) -> Rect {
        let (x, y) = (start, start);
        match self {
            Axis::Columns => Rect {
                x,
                cols: length,
                ..rect
            },
            Axis::Rows => Rect {
                y,
                rows: length,
                ..rect
            },
        }
    }
}

impl Layout {
    fn split_of(axis: Axis, share: Share, first: Layout, second: Layout) -> Self {
        Layout::Split(Box::new(Split {
            axis,
            share,
            first,
            second,
        }))
    }

    /// Puts `new` beside `pane`, on that side; each gets half of the cells. Changes nothing if `pane` is not here.
    pub fn split(&mut self, pane: PaneId, side: Direction, new: PaneId) {
        let Some(leaf) = self.leaf_mut(pane) else {
            return;
        };
        let (first, second) = match side {
            Direction::Left | Direction::Up => (new, pane),
            Direction::Right | Direction::Down => (pane, new),
        };
        let (first, second) = (Layout::Pane(first), Layout::Pane(second));
        *leaf = Layout::split_of(Axis::of(side), Share::HALF, first, second);
    }

    /// Takes `pane` out; its sibling takes its place. `None` if it was the only one.
    #[must_use]
    pub fn without(self, pane: PaneId) -> Option<Layout> {
        match self {
            Layout::Pane(id) if id == pane => None,
            Layout::Pane(_) => Some(self),
            Layout::Split(split) => {
                let Split {
                    axis,
                    share,
                    first,
                    second,
                } = *split;
                match (first.without(pane), second.without(pane)) {
                    (Some(first), Some(second)) => {
                        Some(Layout::split_of(axis, share, first, second))
                    }
                    (Some(one), None) | (None, Some(one)) => Some(one),
                    (None, None) => None,
                }
            }
        }
    }

    /// Lets two panes change places. Changes nothing unless both are here.
    pub fn swap(&mut self, a: PaneId, b: PaneId) {
        let mut panes = self.panes_mut();
        let place = |pane: PaneId| panes.iter().position(|here| **here == pane);
        if let (Some(a_place), Some(b_place)) = (place(a), place(b)) {
            *panes[a_place] = b;
            *panes[b_place] = a;
        }
    }

    /// Puts `new` in the place of `old`, if that is here.
    pub fn replace(&mut self, old: PaneId, new: PaneId) {
        if let Some(leaf) = self.leaf_mut(old) {
            *leaf = Layout::Pane(new);
        }
    }

    /// Moves every pane `steps` places on, round the end; negative steps go back. The places stay as they are.
    pub fn rotate(&mut self, steps: isize) {
        let mut moved = self.panes();
        let steps = steps.rem_euclid(moved.len() as isize);
        moved.rotate_right(steps as usize);
        for (place, pane) in self.panes_mut().into_iter().zip(moved) {
            *place = pane;
        }
    }

    /// The panes in order: left before right, above before below.
    pub fn panes(&self) -> Vec<PaneId> {
        match self {
            Layout::Pane(id) => vec![*id],
            Layout::Split(split) => {
                let mut panes = split.first.panes();
                panes.extend(split.second.panes());
                panes
            }
        }
    }

    fn panes_mut(&mut self) -> Vec<&mut PaneId> {
        match self {
            Layout::Pane(id) => vec![id],
            Layout::Split(split) => {
                let mut panes = split.first.panes_mut();
                panes.extend(split.second.panes_mut());
                panes
            }
        }
    }

    /// Whether `pane` is here.
    pub fn contains(&self, pane: PaneId) -> bool {
        match self {
            Layout::Pane(id) => *id == pane,
            Layout::Split(split) => split.first.contains(pane) || split.second.contains(pane),
        }
    }

    /// Where each pane stands within `area`, in the order of [`Layout::panes`]; they and the lines between them tile it.
    /// `None` if the area is too small to give every pane [`MIN_COLS`] and [`MIN_ROWS`].
    pub fn rects(&self, area: Rect) -> Option<Vec<(PaneId, Rect)>> {
        let mut rects = Vec::new();
        self.place(area, &mut rects).then_some(rects)
    }

    /// The smallest area within which [`Layout::rects`] finds room: columns and rows.
    pub fn least_area(&self) -> (u16, u16) {
        (self.least(Axis::Columns), self.least(Axis::Rows))
    }

    fn place(&self, area: Rect, rects: &mut Vec<(PaneId, Rect)>) -> bool {
        match self {
            Layout::Pane(id) => {
                rects.push((*id, area));
                area.cols >= MIN_COLS && area.rows >= MIN_ROWS
            }
            Layout::Split(split) => match split.areas(area) {
                Some((first, second)) => {
                    split.first.place(first, rects) && split.second.place(second, rects)
                }
                None => false,
            },
        }
    }

    fn leaf_mut(&mut self, pane: PaneId) -> Option<&mut Layout> {
        if *self == Layout::Pane(pane) {
            return Some(self);
        }
        let Layout::Split(split) = self else {
            return None;
        };
        split
            .first
            .leaf_mut(pane)
            .or_else(|| split.second.leaf_mut(pane))
    }

    /// Fewest cells along `axis` that give every pane its minimum.
    fn least(&self, axis: Axis) -> u16 {
        match self {
            Layout::Pane(_) => axis.least(),
            Layout::Split(split) => {
                let (first, second) = (split.first.least(axis), split.second.least(axis));
                if split.axis == axis {
                    first.saturating_add(second).saturating_add(1)
                } else {
                    first.max(second)
                }
            }
        }
    }
}

impl Split {
    /// The parts' rectangles, with the line between them left out.
    fn areas(&self, area: Rect) -> Option<(Rect, Rect)> {
        let (start, length) = self.axis.extent(area);
        let (first, second) = self.lengths(length)?;
        Some((
            self.axis.slice(area, start, first),
            self.axis.slice(area, start + first + 1, second),
        ))
    }

    /// How many of `length` cells each part gets; one is the line's. The share gives way where a part would be too
    /// small for its panes.
    fn lengths(&self, length: u16) -> Option<(u16, u16)> {
        let (least_first, least_second) =
            (self.first.least(self.axis), self.second.least(self.axis));
        let cells = length.checked_sub(1)?;
        let most_first = cells
            .checked_sub(least_second)
            .filter(|most| *most >= least_first)?;
        let first = self.share.of(length).clamp(least_first, most_first);
        Some((first, cells - first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pane_leaves_nothing() {
        assert_eq!(Layout::Pane(PaneId(3)).without(PaneId(3)), None);
    }

    #[test]
    fn a_swap_with_a_pane_that_is_not_here_changes_nothing() {
        let mut layout = Layout::Pane(PaneId(1));
        layout.split(PaneId(1), Direction::Right, PaneId(2));
        let before = layout.clone();
        layout.swap(PaneId(1), PaneId(9));
        assert_eq!(layout, before);
    }

    #[test]
    fn rotating_moves_each_pane_to_the_next_place() {
        let mut layout = Layout::Pane(PaneId(1));
        layout.split(PaneId(1), Direction::Right, PaneId(2));
        layout.split(PaneId(2), Direction::Down, PaneId(3));
        layout.rotate(1);
        assert_eq!(layout.panes(), [3, 1, 2].map(PaneId));
        layout.rotate(-2);
        assert_eq!(layout.panes(), [2, 3, 1].map(PaneId));
    }
}
