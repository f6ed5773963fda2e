//! Moving the borders between panes.
//!
//! Splits along one axis that stand directly within each other are one *run* of parts, however they nest: in `a|b|c|d`
//! each border moves between the two panes beside it. What one of them cannot give, as it has reached its minimum, the
//! one behind it gives. All other panes keep their cells.

use super::share::Share;
use super::{Axis, Layout};
use crate::protocol::command::Resize;
use crate::protocol::{Direction, PaneId, Rect};
use std::cmp::Ordering;
use std::vec::IntoIter;

/// One step on the way from the root to a pane: the split's axis, and which of its parts holds the pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    axis: Axis,
    part: Half,
}

/// One of a split's two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    First,
    Second,
}

/// A line beside a pane.
#[derive(Debug, Clone, Copy)]
struct Border {
    axis: Axis,
    /// How many steps lead from the root to the run that the line belongs to.
    run: usize,
    /// The column or row in which it stands.
    at: u16,
}

/// One part of a run.
#[derive(Debug)]
struct Part {
    start: u16,
    cells: u16,
    least: u16,
    /// How many cells it gets.
    wanted: u16,
    /// At which end the cells come and go.
    end: End,
}

/// An end of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Left or above.
    Front,
    /// Right or below.
    Back,
}

impl Layout {
    /// Changes the size of `pane`, if it is here and there is room for all panes within `area`; says whether anything
    /// has moved. Within the same `area` every pane then has exactly the cells that this gave it.
    pub fn resize(&mut self, pane: PaneId, resize: Resize, area: Rect) -> bool {
        let Some(before) = self.rects(area) else {
            return false;
        };
        match resize {
            Resize::By(direction, cells) => self.push(pane, direction, cells, area),
            Resize::Border(side, at) => {
                if let Some(border) = self.border(pane, side, area) {
                    self.move_border(pane, border, at, area);
                }
            }
            Resize::Cols(cols) => self.set_length(pane, Axis::Columns, cols, area),
            Resize::Rows(rows) => self.set_length(pane, Axis::Rows, rows, area),
        }
        self.rects(area) != Some(before)
    }

    /// Moves the border behind `pane`, or before it if it is the last, that way.
    fn push(&mut self, pane: PaneId, direction: Direction, cells: u16, area: Rect) {
        let (behind, before) = self.own_borders(pane, Axis::of(direction), area);
        let Some(border) = behind.or(before) else {
            return;
        };
        let to = match direction {
            Direction::Left | Direction::Up => border.at.saturating_sub(cells),
            Direction::Right | Direction::Down => border.at.saturating_add(cells),
        };
        self.move_border(pane, border, to, area);
    }

    /// Gives `pane` so many cells, or as near as its run allows: the border behind it moves first, then the one before.
    fn set_length(&mut self, pane: PaneId, axis: Axis, cells: u16, area: Rect) {
        if let (Some(behind), _) = self.own_borders(pane, axis, area)
            && let Some((start, _)) = self.extent(pane, axis, area)
        {
            self.move_border(pane, behind, start.saturating_add(cells), area);
        }
        if let (_, Some(before)) = self.own_borders(pane, axis, area)
            && let Some((start, length)) = self.extent(pane, axis, area)
        {
            let to = (start + length).saturating_sub(cells).saturating_sub(1);
            self.move_border(pane, before, to, area);
        }
    }

    /// The borders behind and before `pane` that belong to the innermost run along `axis`.
    fn own_borders(
        &self,
        pane: PaneId,
        axis: Axis,
        area: Rect,
    ) -> (Option<Border>, Option<Border>) {
        let (before, behind) = match axis {
            Axis::Columns => (Direction::Left, Direction::Right),
            Axis::Rows => (Direction::Up, Direction::Down),
        };
        let borders = [behind, before].map(|side| self.border(pane, side, area));
        let innermost = borders.iter().flatten().map(|border| border.run).max();
        let [behind, before] =
            borders.map(|border| border.filter(|border| Some(border.run) == innermost));
        (behind, before)
    }

    /// The line on that side of `pane`; none at the area's edge.
    fn border(&self, pane: PaneId, side: Direction, area: Rect) -> Option<Border> {
        let axis = Axis::of(side);
        let part = match side {
            Direction::Left | Direction::Up => Half::Second,
            Direction::Right | Direction::Down => Half::First,
        };
        let way = self.way_to(pane)?;
        let depth = way.iter().rposition(|step| *step == Step { axis, part })?;
        let outside = way[..depth].iter().rposition(|step| step.axis != axis);
        let (start, length) = self.extent(pane, axis, area)?;
        Some(Border {
            axis,
            run: outside.map_or(0, |outside| outside + 1),
            at: match part {
                Half::First => start + length,
                Half::Second => start.checked_sub(1)?,
            },
        })
    }

    fn extent(&self, pane: PaneId, axis: Axis, area: Rect) -> Option<(u16, u16)> {
        let rects = self.rects(area)?;
        let (_, rect) = rects.iter().find(|(id, _)| *id == pane)?;
        Some(axis.extent(*rect))
    }

    fn way_to(&self, pane: PaneId) -> Option<Vec<Step>> {
        match self {
            Layout::Pane(id) => (*id == pane).then(Vec::new),
            Layout::Split(split) => {
                let (part, mut way) = match split.first.way_to(pane) {
                    Some(way) => (Half::First, way),
                    None => (Half::Second, split.second.way_to(pane)?),
                };
                let axis = split.axis;
                way.insert(0, Step { axis, part });
                Some(way)
            }
        }
    }

    /// Moves a border of `pane` to column or row `to`, or as near as the minima allow.
    fn move_border(&mut self, pane: PaneId, border: Border, to: u16, area: Rect) {
        let Some(way) = self.way_to(pane) else {
            return;
        };
        let (mut run, mut area) = (self, area);
        for step in &way[..border.run] {
            let Layout::Split(split) = run else { return };
            let Some((first, second)) = split.areas(area) else {
                return;
            };
            (run, area) = match step.part {
                Half::First => (&mut split.first, first),
                Half::Second => (&mut split.second, second),
            };
        }
        let mut parts = run.parts(border.axis, area);
        let behind = parts.partition_point(|part| part.start <= border.at);
        let (before, behind) = parts.split_at_mut(behind);
        for part in behind.iter_mut() {
            part.end = End::Front;
        }
        match to.cmp(&border.at) {
            Ordering::Less => grow(behind, shrink(before, border.at - to)),
            Ordering::Equal => {}
            Ordering::Greater => grow(before, shrink(behind, to - border.at)),
        }
        run.assign(border.axis, &mut parts.into_iter());
    }

    /// The parts of the run whose outermost split this is, as they stand within `area`, which has room for them.
    fn parts(&self, axis: Axis, area: Rect) -> Vec<Part> {
        if let Layout::Split(split) = self
            && split.axis == axis
            && let Some((first, second)) = split.areas(area)
        {
            let mut parts = split.first.parts(axis, first);
            parts.extend(split.second.parts(axis, second));
            return parts;
        }
        let (start, cells) = axis.extent(area);
        vec![Part {
            start,
            cells,
            least: self.least(axis),
            wanted: cells,
            end: End::Back,
        }]
    }

    /// Gives the parts of a run the cells that they want; returns the length of all. A split whose share gives that
    /// already keeps it.
    fn assign(&mut self, axis: Axis, parts: &mut IntoIter<Part>) -> u16 {
        match self {
            Layout::Split(split) if split.axis == axis => {
                let first = split.first.assign(axis, parts);
                let second = split.second.assign(axis, parts);
                let length = first + 1 + second;
                if split.lengths(length) != Some((first, second)) {
                    split.share = Share::exact(first, length);
                }
                length
            }
            part => {
                let Part {
                    start,
                    cells,
                    wanted,
                    end,
                    ..
                } = parts.next().expect("`parts` has walked the same run");
                part.stretch(axis, (start, cells), wanted, end);
                wanted
            }
        }
    }

    /// Brings the length along `axis` from that of `extent` to `wanted`, by the panes at that end.
    fn stretch(&mut self, axis: Axis, extent: (u16, u16), wanted: u16, end: End) {
        let (start, cells) = extent;
        match self {
            Layout::Split(split) if split.axis == axis => {
                let mut parts = self.parts(axis, axis.slice(Rect::default(), start, cells));
                for part in &mut parts {
                    part.end = end;
                }
                match wanted.checked_sub(cells) {
                    Some(more) => grow(&mut parts, more),
                    None => {
                        shrink(&mut parts, cells - wanted);
                    }
                }
                self.assign(axis, &mut parts.into_iter());
            }
            Layout::Split(split) => {
                split.first.stretch(axis, extent, wanted, end);
                split.second.stretch(axis, extent, wanted, end);
            }
            Layout::Pane(_) => {}
        }
    }
}

/// The parts, that on whose end the cells come and go first.
fn nearest_first(parts: &mut [Part]) -> Vec<&mut Part> {
    let at_back = parts.first().is_some_and(|part| part.end == End::Back);
    let mut near: Vec<_> = parts.iter_mut().collect();
    if at_back {
        near.reverse();
    }
    near
}

/// Takes up to so many cells from the parts, the nearest first; returns how many they could give.
fn shrink(parts: &mut [Part], cells: u16) -> u16 {
    let mut left = cells;
    for part in nearest_first(parts) {
        let given = left.min(part.wanted.saturating_sub(part.least));
        part.wanted -= given;
        left -= given;
    }
    cells - left
}

fn grow(parts: &mut [Part], cells: u16) {
    if let Some(part) = nearest_first(parts).into_iter().next() {
        part.wanted += cells;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect {
        x: 0,
        y: 0,
        cols: 83,
        rows: 24,
    };

    /// `0|1|2|3`, nested to the right and of 20 columns each.
    fn four() -> Layout {
        let panes = [0, 1, 2, 3].map(PaneId);
        Layout::preset(
            &panes,
            crate::protocol::command::Preset::EvenHorizontal,
            AREA,
        )
    }

    fn cols(layout: &Layout) -> Vec<u16> {
        let rects = layout.rects(AREA).expect("room for all");
        rects.iter().map(|(_, rect)| rect.cols).collect()
    }

    fn resized(mut layout: Layout, pane: u64, resize: Resize) -> Vec<u16> {
        layout.resize(PaneId(pane), resize, AREA);
        cols(&layout)
    }

    #[test]
    fn only_the_panes_beside_the_border_change() {
        let by = |pane, direction, n| resized(four(), pane, Resize::By(direction, n));
        assert_eq!(by(0, Direction::Right, 5), [25, 15, 20, 20]);
        assert_eq!(by(1, Direction::Left, 5), [20, 15, 25, 20]);
        assert_eq!(by(3, Direction::Left, 5), [20, 20, 15, 25]);
        assert_eq!(by(3, Direction::Right, 5), [20, 20, 25, 15]);
        assert_eq!(by(2, Direction::Up, 5), [20, 20, 20, 20]);
    }

    #[test]
    fn nested_the_other_way_it_is_the_same() {
        let mut layout = Layout::Pane(PaneId(3));
        for pane in [2, 1, 0] {
            layout.split(PaneId(pane + 1), Direction::Left, PaneId(pane));
        }
        layout.resize(PaneId(2), Resize::Border(Direction::Left, 30), AREA);
        let before = cols(&layout);
        let after = resized(layout, 2, Resize::By(Direction::Left, 3));
        assert_eq!(after[..2], before[..2]);
        assert_eq!(after[2..], [before[2] - 3, before[3] + 3]);
    }

    #[test]
    fn what_one_cannot_give_the_next_gives() {
        let by = |pane, direction, n| resized(four(), pane, Resize::By(direction, n));
        assert_eq!(by(0, Direction::Right, 30), [50, 2, 8, 20]);
        assert_eq!(by(2, Direction::Left, 30), [20, 8, 2, 50]);
        assert_eq!(by(0, Direction::Right, 999), [74, 2, 2, 2]);
    }

    #[test]
    fn a_length_is_reached_from_both_sides() {
        assert_eq!(resized(four(), 1, Resize::Cols(50)), [20, 50, 2, 8]);
        assert_eq!(resized(four(), 2, Resize::Cols(50)), [20, 8, 50, 2]);
        assert_eq!(resized(four(), 3, Resize::Cols(10)), [20, 20, 30, 10]);
        assert_eq!(resized(four(), 2, Resize::Cols(0)), [20, 20, 2, 38]);
        assert_eq!(resized(four(), 2, Resize::Cols(9999)), [2, 2, 74, 2]);
        assert_eq!(resized(four(), 2, Resize::Rows(3)), [20, 20, 20, 20]);
    }

    #[test]
    fn a_border_stands_where_it_was_dragged() {
        let drag = |pane, side, at| resized(four(), pane, Resize::Border(side, at));
        assert_eq!(drag(1, Direction::Right, 44), [20, 23, 17, 20]);
        assert_eq!(drag(2, Direction::Left, 44), [20, 23, 17, 20]);
        assert_eq!(drag(0, Direction::Left, 10), [20, 20, 20, 20]);
        assert_eq!(drag(3, Direction::Right, 10), [20, 20, 20, 20]);
    }

    #[test]
    fn within_a_part_the_panes_at_the_border_change() {
        // Above `0|1`, below `2`, and `3` to the right of both.
        let mut layout = Layout::Pane(PaneId(0));
        layout.split(PaneId(0), Direction::Right, PaneId(3));
        layout.split(PaneId(0), Direction::Down, PaneId(2));
        layout.split(PaneId(0), Direction::Right, PaneId(1));
        assert_eq!(cols(&layout), [20, 20, 41, 41]);
        let drag = |pane, side, at| resized(layout.clone(), pane, Resize::Border(side, at));
        assert_eq!(drag(1, Direction::Right, 31), [20, 10, 31, 51]);
        assert_eq!(drag(3, Direction::Left, 10), [7, 2, 10, 72]);
        assert_eq!(drag(0, Direction::Right, 5), [5, 35, 41, 41]);
    }

    #[test]
    fn without_room_nothing_moves() {
        let mut layout = four();
        let small = Rect { cols: 10, ..AREA };
        assert!(!layout.resize(PaneId(0), Resize::Cols(4), small));
        assert_eq!(layout, four());
    }
}
