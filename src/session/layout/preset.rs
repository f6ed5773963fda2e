//! Layouts made anew: the arrangements that tmux knows by name.

use super::share::Share;
use super::{Axis, Layout};
use crate::protocol::command::Preset;
use crate::protocol::{PaneId, Rect};

impl Layout {
    /// Arranges `panes`, of which there is at least one, in their order. `area` decides nothing but how many columns a
    /// tiling needs so that there is room for every pane: the shares are the same everywhere.
    ///
    /// The main pane, which is the first, gets half. tmux gives it 80 columns or 24 rows, which is nearly all of a
    /// small terminal and little of a large one, so that most who use it ask for half.
    pub fn preset(panes: &[PaneId], preset: Preset, area: Rect) -> Layout {
        match preset {
            Preset::EvenHorizontal => row(Axis::Columns, panes),
            Preset::EvenVertical => row(Axis::Rows, panes),
            Preset::MainHorizontal => main(Axis::Rows, panes),
            Preset::MainVertical => main(Axis::Columns, panes),
            Preset::Tiled => tiled(panes, area),
        }
    }
}

/// A run of parts that all get the same.
fn even(axis: Axis, parts: impl DoubleEndedIterator<Item = Layout>) -> Layout {
    let mut from_the_end = parts.rev();
    let last = from_the_end.next().expect("a layout has a pane");
    from_the_end.zip(2..).fold(last, |rest, (part, count)| {
        Layout::split_of(axis, Share::one_of(count), part, rest)
    })
}

fn row(axis: Axis, panes: &[PaneId]) -> Layout {
    even(axis, panes.iter().copied().map(Layout::Pane))
}

fn main(axis: Axis, panes: &[PaneId]) -> Layout {
    match panes {
        [main, others @ ..] if !others.is_empty() => Layout::split_of(
            axis,
            Share::HALF,
            Layout::Pane(*main),
            row(axis.other(), others),
        ),
        _ => row(axis, panes),
    }
}

/// Rows of as many panes as tmux puts there; of more, or else fewer, if there is room for all panes only so.
fn tiled(panes: &[PaneId], area: Rect) -> Layout {
    let usual = columns_of(panes.len());
    let others = (usual + 1..=panes.len()).chain((1..usual).rev());
    let has_room = |grid: &Layout| {
        let (cols, rows) = grid.least_area();
        cols <= area.cols && rows <= area.rows
    };
    std::iter::once(usual)
        .chain(others)
        .map(|columns| grid(panes, columns))
        .find(has_room)
        .unwrap_or_else(|| grid(panes, usual))
}

/// Rows of `columns` panes each; what is left for the last row fills it.
fn grid(panes: &[PaneId], columns: usize) -> Layout {
    let rows = panes.chunks(columns.max(1));
    even(Axis::Rows, rows.map(|panes| row(Axis::Columns, panes)))
}

/// The fewest columns that hold `count` panes in at most one row more than there are columns.
fn columns_of(count: usize) -> usize {
    (1..=count.max(1))
        .find(|columns| columns * (columns + 1) >= count)
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(count: u64, preset: Preset, (cols, rows): (u16, u16)) -> Vec<(u16, u16)> {
        let panes: Vec<_> = (0..count).map(PaneId).collect();
        let area = Rect {
            x: 0,
            y: 0,
            cols,
            rows,
        };
        let rects = Layout::preset(&panes, preset, area)
            .rects(area)
            .expect("room for all");
        rects.iter().map(|(_, r)| (r.cols, r.rows)).collect()
    }

    #[test]
    fn a_main_pane_gets_half() {
        assert_eq!(
            sizes(3, Preset::MainVertical, (81, 24)),
            [(40, 24), (40, 12), (40, 11)]
        );
        assert_eq!(
            sizes(3, Preset::MainHorizontal, (81, 25)),
            [(81, 12), (40, 12), (40, 12)]
        );
        assert_eq!(sizes(1, Preset::MainVertical, (80, 24)), [(80, 24)]);
    }

    #[test]
    fn tiles_stand_as_in_tmux_and_fill_the_last_row() {
        assert_eq!(sizes(2, Preset::Tiled, (80, 25)), [(80, 12), (80, 12)]);
        assert_eq!(
            sizes(5, Preset::Tiled, (81, 26)),
            [(40, 8), (40, 8), (40, 8), (40, 8), (81, 8)]
        );
        assert_eq!(
            [1, 2, 3, 4, 5, 6, 7, 9, 10].map(columns_of),
            [1, 1, 2, 2, 2, 2, 3, 3, 3]
        );
    }

    #[test]
    fn many_tiles_take_more_columns_where_rows_are_few() {
        assert_eq!(sizes(60, Preset::Tiled, (80, 9)).len(), 60);
    }
}
