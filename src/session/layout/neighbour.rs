//! Which pane stands beside another.

use crate::protocol::{Direction, PaneId, Rect};
use std::cmp::Reverse;

/// The pane on that `side` of `from` that shares the longest border with it; round the edge if there is none.
pub fn neighbour(rects: &[(PaneId, Rect)], from: PaneId, side: Direction) -> Option<PaneId> {
    let (_, here) = rects.iter().find(|(id, _)| *id == from)?;
    let left_edge = rects.iter().map(|(_, r)| r.x).min()?;
    let right_edge = rects.iter().map(|(_, r)| r.x + r.cols).max()?;
    let top_edge = rects.iter().map(|(_, r)| r.y).min()?;
    let bottom_edge = rects.iter().map(|(_, r)| r.y + r.rows).max()?;
    let touches = |other: &Rect| match side {
        Direction::Left => other.x + other.cols + 1 == here.x,
        Direction::Right => here.x + here.cols + 1 == other.x,
        Direction::Up => other.y + other.rows + 1 == here.y,
        Direction::Down => here.y + here.rows + 1 == other.y,
    };
    let stands_opposite = |other: &Rect| match side {
        Direction::Left => other.x + other.cols == right_edge,
        Direction::Right => other.x == left_edge,
        Direction::Up => other.y + other.rows == bottom_edge,
        Direction::Down => other.y == top_edge,
    };
    let shared = |other: &Rect| match side {
        Direction::Left | Direction::Right => overlap(here.y, here.rows, other.y, other.rows),
        Direction::Up | Direction::Down => overlap(here.x, here.cols, other.x, other.cols),
    };
    let longest = |is_there: &dyn Fn(&Rect) -> bool| {
        rects
            .iter()
            .filter(|(id, rect)| *id != from && is_there(rect) && shared(rect) > 0)
            .max_by_key(|(id, rect)| (shared(rect), Reverse(*id)))
            .map(|(id, _)| *id)
    };
    longest(&touches).or_else(|| longest(&stands_opposite))
}

fn overlap(a: u16, a_len: u16, b: u16, b_len: u16) -> u16 {
    (a + a_len).min(b + b_len).saturating_sub(a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Layout;

    #[test]
    fn neighbours_are_found_round_the_edge() {
        let mut layout = Layout::Pane(PaneId(0));
        layout.split(PaneId(0), Direction::Right, PaneId(1));
        layout.split(PaneId(1), Direction::Down, PaneId(2));
        for y in [0, 1] {
            let area = Rect {
                x: 0,
                y,
                cols: 80,
                rows: 24,
            };
            let rects = layout.rects(area).expect("room enough");
            let beside = |pane, side| neighbour(&rects, PaneId(pane), side).map(|pane| pane.0);
            assert_eq!(beside(2, Direction::Left), Some(0));
            assert_eq!(beside(2, Direction::Up), Some(1));
            assert_eq!(beside(2, Direction::Right), Some(0));
            assert_eq!(beside(2, Direction::Down), Some(1));
            assert_eq!(beside(1, Direction::Up), Some(2));
            assert_eq!(beside(0, Direction::Up), None);
        }
    }
}
