//! What holds for every layout.

use super::*;
use crate::protocol::command::{Preset, Resize};
use proptest::prelude::*;

const SIDES: [Direction; 4] = [
    Direction::Left,
    Direction::Right,
    Direction::Up,
    Direction::Down,
];

/// Which pane is split, and on which side.
type Splits = Vec<(u64, usize)>;

fn built(splits: &[(u64, usize)]) -> Layout {
    let mut layout = Layout::Pane(PaneId(0));
    for (new, (at, side)) in (1..).zip(splits) {
        layout.split(PaneId(at % new), SIDES[side % 4], PaneId(new));
    }
    layout
}

fn splits(most: usize) -> impl Strategy<Value = Splits> {
    prop::collection::vec((0u64..200, 0usize..4), 0..most)
}

fn area(cols: u16, rows: u16) -> Rect {
    Rect {
        x: 0,
        y: 0,
        cols,
        rows,
    }
}

/// An area that may have a row for titles above it.
fn areas(cols: u16, rows: u16) -> impl Strategy<Value = Rect> {
    (1..=cols, 1..=rows, 0u16..2).prop_map(|(cols, rows, y)| Rect {
        y,
        ..area(cols, rows)
    })
}

fn resizes() -> impl Strategy<Value = Resize> {
    let side = || prop::sample::select(&SIDES[..]);
    prop_oneof![
        (side(), 0u16..100).prop_map(|(side, n)| Resize::By(side, n)),
        (side(), 0u16..250).prop_map(|(side, at)| Resize::Border(side, at)),
        (0u16..250).prop_map(Resize::Cols),
        (0u16..80).prop_map(Resize::Rows),
    ]
}

/// A layout that somebody has worked on: split, then resized, within some area.
fn used() -> impl Strategy<Value = (Layout, Rect)> {
    let steps = prop::collection::vec((0u64..20, resizes()), 0..6);
    (splits(12), areas(250, 80), steps).prop_map(|(splits, area, steps)| {
        let mut layout = built(&splits);
        for (pane, resize) in steps {
            layout.resize(PaneId(pane % (splits.len() as u64 + 1)), resize, area);
        }
        (layout, area)
    })
}

/// Each pane with the line to its right and the line below covers what no other covers; all together cover an area
/// that is one column and one row larger.
fn assert_tiles(layout: &Layout, area: Rect) -> Result<(), TestCaseError> {
    let rects = layout.rects(area).expect("room was found before");
    let width = usize::from(area.cols) + 1;
    let mut owners = vec![0u8; width * (usize::from(area.rows) + 1)];
    for (pane, rect) in &rects {
        prop_assert!(
            rect.cols >= MIN_COLS && rect.rows >= MIN_ROWS,
            "{pane} is {rect:?}"
        );
        for y in rect.y..=rect.y + rect.rows {
            for x in rect.x..=rect.x + rect.cols {
                owners[usize::from(y - area.y) * width + usize::from(x - area.x)] += 1;
            }
        }
    }
    prop_assert!(owners.iter().all(|owners| *owners == 1), "{rects:?}");
    let order: Vec<_> = rects.iter().map(|(pane, _)| *pane).collect();
    prop_assert_eq!(order, layout.panes());
    Ok(())
}

fn rect_of(layout: &Layout, pane: PaneId, area: Rect) -> Option<Rect> {
    let rects = layout.rects(area)?;
    rects
        .iter()
        .find(|(id, _)| *id == pane)
        .map(|(_, rect)| *rect)
}

proptest! {
    #[test]
    fn panes_and_lines_tile_the_area((layout, at) in used()) {
        if layout.rects(at).is_some() {
            assert_tiles(&layout, at)?;
        } else {
            let (cols, rows) = layout.least_area();
            prop_assert!(cols > at.cols || rows > at.rows, "{cols}×{rows} is the least");
        }
    }

    #[test]
    fn room_for_the_least_is_room_enough(splits in splits(30)) {
        let layout = built(&splits);
        let (cols, rows) = layout.least_area();
        assert_tiles(&layout, area(cols, rows))?;
        prop_assert_eq!(layout.rects(area(cols - 1, rows)), None);
        prop_assert_eq!(layout.rects(area(cols, rows - 1)), None);
    }

    #[test]
    fn splitting_and_closing_is_the_identity((before, _) in used(), at in 0u64..20, side in 0usize..4) {
        let panes = before.panes();
        let pane = panes[at as usize % panes.len()];
        let mut after = before.clone();
        after.split(pane, SIDES[side], PaneId(99));
        prop_assert_eq!(after.panes().len(), panes.len() + 1);
        prop_assert_eq!(after.without(PaneId(99)), Some(before));
    }

    #[test]
    fn a_border_dragged_there_stands_there((layout, at) in used(), pane in 0u64..20, side in 0usize..4, to in 0u16..250) {
        let (pane, resize) = (PaneId(pane), Resize::Border(SIDES[side], to));
        let mut once = layout.clone();
        if once.resize(pane, resize, at) {
            let mut twice = once.clone();
            prop_assert!(!twice.resize(pane, resize, at));
            prop_assert_eq!(twice.rects(at), once.rects(at));
        } else {
            prop_assert_eq!(once.rects(at), layout.rects(at));
        }
    }

    #[test]
    fn pushed_there_and_back_every_size_returns((layout, at) in used(), pane in 0u64..20, side in 0usize..2, rows in any::<bool>(), n in 1u16..12) {
        let pane = PaneId(pane);
        let (there, back) = (SIDES[side + 2 * usize::from(rows)], SIDES[1 - side + 2 * usize::from(rows)]);
        let axis = Axis::of(there);
        let mut moved = layout.clone();
        if moved.resize(pane, Resize::By(there, n), at) {
            assert_tiles(&moved, at)?;
            let length = |layout: &Layout| axis.extent(rect_of(layout, pane, at).expect("room")).1;
            let reached_a_minimum = moved.rects(at).expect("room").iter()
                .any(|(_, rect)| axis.extent(*rect).1 == axis.least());
            if !reached_a_minimum && length(&moved).abs_diff(length(&layout)) == n {
                moved.resize(pane, Resize::By(back, n), at);
                prop_assert_eq!(moved.rects(at), layout.rects(at));
            }
        }
    }

    #[test]
    fn one_border_moves_and_nothing_else((layout, at) in used(), pane in 0u64..20, side in 0usize..4, n in 1u16..12) {
        let (side, mut moved) = (SIDES[side], layout.clone());
        let axis = Axis::of(side);
        if moved.resize(PaneId(pane), Resize::By(side, n), at) {
            let (old, new) = (layout.rects(at).expect("room"), moved.rects(at).expect("room"));
            let reached_a_minimum = new.iter().any(|(_, rect)| axis.extent(*rect).1 == axis.least());
            let edges = |rect: Rect| {
                let (start, length) = axis.extent(rect);
                (i32::from(start) - 1, i32::from(start + length))
            };
            let borders: std::collections::BTreeSet<_> = old.iter().zip(&new)
                .map(|((_, old), (_, new))| (edges(*old), edges(*new)))
                .flat_map(|(old, new)| [(old.0, new.0), (old.1, new.1)])
                .filter(|(old, new)| old != new)
                .collect();
            prop_assert!(reached_a_minimum || borders.len() == 1, "{borders:?}");
        }
    }

    #[test]
    fn a_length_is_reached_or_nobody_beside_can_give((layout, at) in used(), pane in 0u64..20, cols in MIN_COLS..250) {
        let mut after = layout.clone();
        after.resize(PaneId(pane), Resize::Cols(cols), at);
        if let (Some(before), Some(after)) = (rect_of(&layout, PaneId(pane), at), rect_of(&after, PaneId(pane), at)) {
            prop_assert!(after.cols.abs_diff(cols) <= before.cols.abs_diff(cols));
        }
    }

    #[test]
    fn swapping_twice_is_the_identity((before, _) in used(), a in 0u64..20, b in 0u64..20) {
        let mut after = before.clone();
        after.swap(PaneId(a), PaneId(b));
        let (mut old, mut new) = (before.panes(), after.panes());
        old.sort();
        new.sort();
        prop_assert_eq!(old, new);
        after.swap(PaneId(a), PaneId(b));
        prop_assert_eq!(after, before);
    }

    #[test]
    fn rotating_all_the_way_is_the_identity((before, _) in used(), there in -30isize..30) {
        let mut after = before.clone();
        after.rotate(before.panes().len() as isize);
        prop_assert_eq!(&after, &before);
        after.rotate(there);
        after.rotate(-there);
        prop_assert_eq!(after, before);
    }

    #[test]
    fn presets_hold_every_pane_once(count in 1u64..200, preset in 0usize..5, at in areas(250, 80)) {
        let panes: Vec<_> = (0..count).map(PaneId).collect();
        let layout = Layout::preset(&panes, Preset::ALL[preset].0, at);
        prop_assert_eq!(layout.panes(), panes);
        if layout.rects(at).is_some() {
            assert_tiles(&layout, at)?;
        }
    }

    #[test]
    fn even_panes_are_even_in_every_area(count in 1u64..60, rows in any::<bool>(), length in 1u16..2000) {
        let panes: Vec<_> = (0..count).map(PaneId).collect();
        let (axis, preset) = match rows {
            true => (Axis::Rows, Preset::EvenVertical),
            false => (Axis::Columns, Preset::EvenHorizontal),
        };
        let layout = Layout::preset(&panes, preset, area(80, 24));
        let at = axis.slice(area(80, 24), 0, length);
        if let Some(rects) = layout.rects(at) {
            let lengths: Vec<_> = rects.iter().map(|(_, rect)| axis.extent(*rect).1).collect();
            let (least, most) = (lengths.iter().min(), lengths.iter().max());
            prop_assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{lengths:?}");
        }
    }

    #[test]
    fn a_layout_that_was_written_comes_back((layout, _) in used()) {
        let text = serde_json::to_string(&layout).expect("plain values");
        prop_assert_eq!(serde_json::from_str::<Layout>(&text).expect("what was written"), layout);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn many_panes_in_little_room_do_no_harm(splits in splits(200), at in areas(250, 80), preset in 0usize..5,
                                            pane in 0u64..200, resize in resizes(), side in 0usize..4) {
        let mut layout = built(&splits);
        for at in [area(1, 1), at, area(2000, 2000)] {
            layout.resize(PaneId(pane), resize, at);
            if let Some(rects) = layout.rects(at) {
                neighbour(&rects, PaneId(pane), SIDES[side]);
            }
            layout.rotate(-3);
            layout = Layout::preset(&layout.panes(), Preset::ALL[preset].0, at);
        }
        prop_assert_eq!(layout.panes().len(), splits.len() + 1);
    }
}
