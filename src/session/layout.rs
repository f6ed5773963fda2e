//! How a tab's panes divide its rectangle: a binary tree of splits with ratios, so that splitting a pane and closing
//! the new one is the identity, and a resize there and back restores every size.

use crate::protocol::{Direction, PaneId, Rect};
use serde::{Deserialize, Serialize};

/// A tree of splits whose leaves are panes; never empty.
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
    /// The first part's share of the cells, in ten-thousandths.
    share: u16,
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

const WHOLE: u32 = 10_000;

impl Layout {
    /// Puts `new` beside `pane`, on that side; each gets half of the cells. Changes nothing if `pane` is not here.
    pub fn split(&mut self, pane: PaneId, side: Direction, new: PaneId) {
        let Some(leaf) = self.leaf_mut(pane) else {
            return;
        };
        let (axis, new_first) = match side {
            Direction::Left => (Axis::Columns, true),
            Direction::Right => (Axis::Columns, false),
            Direction::Up => (Axis::Rows, true),
            Direction::Down => (Axis::Rows, false),
        };
        let (first, second) = if new_first { (new, pane) } else { (pane, new) };
        let share = (WHOLE / 2) as u16;
        *leaf = Layout::Split(Box::new(Split {
            axis,
            share,
            first: Layout::Pane(first),
            second: Layout::Pane(second),
        }));
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
                    (Some(first), Some(second)) => Some(Layout::Split(Box::new(Split {
                        axis,
                        share,
                        first,
                        second,
                    }))),
                    (Some(one), None) | (None, Some(one)) => Some(one),
                    (None, None) => None,
                }
            }
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

    /// Where each pane stands within `area`, in the order of [`Layout::panes`]; they and the lines between them tile it.
    /// `None` if the area is too small to give every pane a cell.
    pub fn rects(&self, area: Rect) -> Option<Vec<(PaneId, Rect)>> {
        let mut rects = Vec::new();
        self.place(area, &mut rects).then_some(rects)
    }

    fn place(&self, area: Rect, rects: &mut Vec<(PaneId, Rect)>) -> bool {
        match self {
            Layout::Pane(id) => {
                rects.push((*id, area));
                area.cols > 0 && area.rows > 0
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

    /// Fewest cells along `axis` that give every pane one.
    fn least(&self, axis: Axis) -> u16 {
        match self {
            Layout::Pane(_) => 1,
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
    /// The parts' rectangles, with the line between them left out. The ratio gives way where a part would be too
    /// small for its panes.
    fn areas(&self, area: Rect) -> Option<(Rect, Rect)> {
        let length = match self.axis {
            Axis::Columns => area.cols,
            Axis::Rows => area.rows,
        };
        let (least_first, least_second) =
            (self.first.least(self.axis), self.second.least(self.axis));
        let cells = length.checked_sub(1)?;
        let most_first = cells
            .checked_sub(least_second)
            .filter(|most| *most >= least_first)?;
        let wanted = (u32::from(cells) * u32::from(self.share)).div_ceil(WHOLE) as u16;
        let first = wanted.clamp(least_first, most_first);
        let (rest, start) = (cells - first, first + 1);
        Some(match self.axis {
            Axis::Columns => (
                Rect {
                    cols: first,
                    ..area
                },
                Rect {
                    x: area.x + start,
                    cols: rest,
                    ..area
                },
            ),
            Axis::Rows => (
                Rect {
                    rows: first,
                    ..area
                },
                Rect {
                    y: area.y + start,
                    rows: rest,
                    ..area
                },
            ),
        })
    }
}

/// The pane on that `side` of `from` that shares the longest border with it; round the edge if there is none.
pub fn neighbour(rects: &[(PaneId, Rect)], from: PaneId, side: Direction) -> Option<PaneId> {
    let (_, here) = rects.iter().find(|(id, _)| *id == from)?;
    let right_edge = rects.iter().map(|(_, r)| r.x + r.cols).max()?;
    let bottom_edge = rects.iter().map(|(_, r)| r.y + r.rows).max()?;
    let touches = |other: &Rect, wrapped: bool| match (side, wrapped) {
        (Direction::Left, false) => other.x + other.cols + 1 == here.x,
        (Direction::Right, false) => here.x + here.cols + 1 == other.x,
        (Direction::Up, false) => other.y + other.rows + 1 == here.y,
        (Direction::Down, false) => here.y + here.rows + 1 == other.y,
        (Direction::Left, true) => other.x + other.cols == right_edge,
        (Direction::Right, true) => other.x == 0,
        (Direction::Up, true) => other.y + other.rows == bottom_edge,
        (Direction::Down, true) => other.y == 0,
    };
    let shared = |other: &Rect| match side {
        Direction::Left | Direction::Right => overlap(here.y, here.rows, other.y, other.rows),
        Direction::Up | Direction::Down => overlap(here.x, here.cols, other.x, other.cols),
    };
    [false, true].into_iter().find_map(|wrapped| {
        rects
            .iter()
            .filter(|(id, rect)| *id != from && touches(rect, wrapped) && shared(rect) > 0)
            .max_by_key(|(id, rect)| (shared(rect), std::cmp::Reverse(*id)))
            .map(|(id, _)| *id)
    })
}

fn overlap(a: u16, a_len: u16, b: u16, b_len: u16) -> u16 {
    (a + a_len).min(b + b_len).saturating_sub(a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIDES: [Direction; 4] = [
        Direction::Left,
        Direction::Right,
        Direction::Up,
        Direction::Down,
    ];

    fn built(steps: &[(u64, usize)]) -> Layout {
        let mut layout = Layout::Pane(PaneId(0));
        for (new, (at, side)) in steps.iter().enumerate() {
            layout.split(
                PaneId(at % (new as u64 + 1)),
                SIDES[side % 4],
                PaneId(new as u64 + 1),
            );
        }
        layout
    }

    proptest! {
        #[test]
        fn panes_and_lines_tile_the_area(steps in prop::collection::vec((0u64..20, 0usize..4), 0..12),
                                         cols in 1u16..250, rows in 1u16..80) {
            let layout = built(&steps);
            let area = Rect { x: 0, y: 0, cols, rows };
            if let Some(rects) = layout.rects(area) {
                prop_assert_eq!(rects.iter().map(|(id, _)| *id).collect::<Vec<_>>(), layout.panes());
                for x in 0..cols {
                    for y in 0..rows {
                        let owners = rects.iter().filter(|(_, rect)| rect.contains(x, y)).count();
                        prop_assert!(owners <= 1, "two panes at {x},{y}");
                        let beside_line = rects.iter().any(|(_, rect)| {
                            let wide = Rect { x: rect.x.saturating_sub(1), y: rect.y.saturating_sub(1),
                                              cols: rect.cols + 2, rows: rect.rows + 2 };
                            wide.contains(x, y)
                        });
                        prop_assert!(owners == 1 || beside_line, "nothing at {x},{y}");
                    }
                }
                prop_assert!(rects.iter().all(|(_, rect)| rect.cols > 0 && rect.rows > 0));
            } else {
                prop_assert!(cols < 2 * steps.len() as u16 + 1 || rows < 2 * steps.len() as u16 + 1);
            }
        }

        #[test]
        fn splitting_and_closing_is_the_identity(steps in prop::collection::vec((0u64..20, 0usize..4), 0..12),
                                                 at in 0u64..20, side in 0usize..4) {
            let before = built(&steps);
            let mut after = before.clone();
            after.split(PaneId(at % (steps.len() as u64 + 1)), SIDES[side], PaneId(99));
            prop_assert_eq!(after.panes().len(), before.panes().len() + 1);
            prop_assert_eq!(after.without(PaneId(99)), Some(before));
        }
    }

    #[test]
    fn neighbours_are_found_round_the_edge() {
        let mut layout = Layout::Pane(PaneId(0));
        layout.split(PaneId(0), Direction::Right, PaneId(1));
        layout.split(PaneId(1), Direction::Down, PaneId(2));
        let rects = layout
            .rects(Rect {
                x: 0,
                y: 0,
                cols: 80,
                rows: 24,
            })
            .expect("room enough");
        assert_eq!(
            neighbour(&rects, PaneId(2), Direction::Left),
            Some(PaneId(0))
        );
        assert_eq!(neighbour(&rects, PaneId(2), Direction::Up), Some(PaneId(1)));
        assert_eq!(
            neighbour(&rects, PaneId(2), Direction::Right),
            Some(PaneId(0))
        );
        assert_eq!(neighbour(&rects, PaneId(1), Direction::Up), Some(PaneId(2)));
        assert_eq!(neighbour(&rects, PaneId(0), Direction::Up), None);
    }

    #[test]
    fn the_last_pane_leaves_nothing() {
        assert_eq!(Layout::Pane(PaneId(3)).without(PaneId(3)), None);
    }
}
