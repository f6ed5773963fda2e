//! Rows of text whose cells stand below each other, by the columns that they take on a terminal.

use crate::term::width::text_width;

/// On which side the cells of a column begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    /// Numbers end where others do.
    Right,
}

/// One line for each row.
pub(super) fn page<const N: usize>(rows: &[[String; N]], sides: [Side; N]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = text_width(cell).max(*width);
        }
    }
    let mut page = String::new();
    for row in rows {
        let mut line = String::new();
        for ((cell, width), side) in row.iter().zip(widths).zip(sides) {
            let gap = " ".repeat(width - text_width(cell));
            match side {
                Side::Left => line += &format!("{cell}{gap}  "),
                Side::Right => line += &format!("{gap}{cell}  "),
            }
        }
        page += line.trim_end();
        page.push('\n');
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_take_two_columns() {
        let rows = [["世界", "1", "a"], ["ab", "100", "b"]].map(|row| row.map(String::from));
        let page = page(&rows, [Side::Left, Side::Right, Side::Left]);
        assert_eq!(page, "世界    1  a\nab    100  b\n");
    }
}
