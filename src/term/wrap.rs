//! Rows ↔ logical lines. Reflow and the scrollback's view cut lines by the same rule, so a line looks the same
//! wherever it is shown.

use super::cell::Cell;
use super::edit::used;
use super::row::Row;
use std::ops::Range;

/// Cuts the cells of one line into rows of at most `cols` columns. A wide character is never split: if only one column
/// is left, the row ends one short. There is always one row, be it empty.
pub fn wrap_line(cells: &[Cell], cols: u16) -> Vec<Range<usize>> {
    let cols = usize::from(cols.max(1));
    let mut rows = Vec::with_capacity(cells.len() / cols + 1);
    let mut start = 0;
    while cells.len() - start > cols {
        let mut end = start + cols;
        // A row of one column has no place for a wide character; it is split there, and only there.
        if cells[end].is_continuation() && cols > 1 {
            end -= 1;
        }
        rows.push(start..end);
        start = end;
    }
    rows.push(start..cells.len());
    rows
}

/// Joins rows, top to bottom, where they wrapped. Plain blanks at the end of a line are left out; blanks with a style
/// are kept. A last row that wraps ends the last line all the same.
pub fn rows_to_lines<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Vec<Vec<Cell>> {
    let mut lines = Vec::new();
    let mut line = Vec::new();
    let mut open = false;
    for row in rows {
        line.extend_from_slice(row.cells());
        open = row.wrapped;
        if !open {
            line.truncate(used(&line));
            lines.push(std::mem::take(&mut line));
        }
    }
    if open {
        line.truncate(used(&line));
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::style::StyleId;
    use crate::term::{RowId, Version};
    use proptest::prelude::*;

    #[test]
    fn wide_characters_stay_whole() {
        let mut cells = vec![Cell::new('a', 1, StyleId::DEFAULT)];
        for _ in 0..2 {
            cells.push(Cell::new('界', 2, StyleId::DEFAULT));
            cells.push(Cell::continuation(StyleId::DEFAULT));
        }
        assert_eq!(wrap_line(&cells, 4), [0..3, 3..5]);
        assert_eq!(wrap_line(&cells, 5), vec![Range { start: 0, end: 5 }]);
        assert_eq!(wrap_line(&[], 5).len(), 1);
    }

    proptest! {
        #[test]
        fn rows_join_to_the_line_they_were(
            wides in prop::collection::vec(any::<bool>(), 0..60),
            cols in 2..20u16,
        ) {
            let mut cells = Vec::new();
            for wide in wides {
                cells.push(Cell::new(if wide { '界' } else { 'x' }, 1 + u8::from(wide), StyleId(1)));
                if wide {
                    cells.push(Cell::continuation(StyleId(1)));
                }
            }
            let ranges = wrap_line(&cells, cols);
            let last = ranges.len() - 1;
            let rows: Vec<Row> = ranges
                .into_iter()
                .enumerate()
                .map(|(n, range)| {
                    let mut row = Row::new(RowId(0), Version(0));
                    row.cells_mut().extend_from_slice(&cells[range]);
                    row.wrapped = n != last;
                    row
                })
                .collect();
            prop_assert!(rows.iter().all(|row| row.cells().len() <= usize::from(cols)));
            prop_assert_eq!(rows_to_lines(&rows), vec![cells]);
        }
    }
}
