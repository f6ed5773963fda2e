//! Finds the one block of rows that moved up or down between two pictures, from the rows' keys alone.

use std::collections::HashMap;

/// Rows `top..bottom` moved: by `by` rows up if positive, down if negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    /// First row of the region.
    pub top: usize,
    /// One past the last.
    pub bottom: usize,
    /// Never 0, and less than the region's height.
    pub by: isize,
}

impl Shift {
    /// Moves the rows as a terminal does; those that came in are left at the end or the beginning of the region.
    pub fn rotate<T>(&self, rows: &mut [T]) {
        let region = &mut rows[self.top..self.bottom];
        if self.by > 0 {
            region.rotate_left(self.by as usize);
        } else {
            region.rotate_right(self.by.unsigned_abs());
        }
    }

    /// The rows that scrolling leaves blank.
    pub fn exposed(&self) -> std::ops::Range<usize> {
        if self.by > 0 {
            self.bottom - self.by as usize..self.bottom
        } else {
            self.top..self.top + self.by.unsigned_abs()
        }
    }
}

/// The shift that brings the most rows of `old` to where `new` has them; `None` if fewer than two would come right.
pub fn find(old: impl Fn(usize) -> u64, new: impl Fn(usize) -> u64, rows: usize) -> Option<Shift> {
    let first = (0..rows).find(|&y| old(y) != new(y))?;
    let last = (0..rows).rfind(|&y| old(y) != new(y))?;
    if last - first < 2 {
        return None;
    }
    let at: HashMap<u64, usize> = (first..=last).map(|y| (old(y), y)).collect();
    let mut votes: HashMap<isize, usize> = HashMap::new();
    for y in first..=last {
        if let Some(&from) = at.get(&new(y)).filter(|&&from| from != y) {
            *votes.entry(from as isize - y as isize).or_default() += 1;
        }
    }
    let (by, count) = votes
        .into_iter()
        .max_by_key(|&(by, count)| (count, -by.abs(), by))?;
    if count < 2 {
        return None;
    }
    let moved = |y: &usize| {
        y.checked_add_signed(by)
            .is_some_and(|from| (first..=last).contains(&from) && old(from) == new(*y))
    };
    let top = (first..=last).find(moved)?;
    let bottom = (first..=last).rfind(moved)? + 1;
    Some(Shift {
        top: top.min(top.saturating_add_signed(by)),
        bottom: bottom.max(bottom.saturating_add_signed(by)),
        by,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(old: &[u64], new: &[u64]) -> Option<Shift> {
        find(|y| old[y], |y| new[y], old.len())
    }

    #[test]
    fn output_at_the_bottom_moves_rows_up() {
        assert_eq!(
            shift(&[1, 2, 3, 4, 99], &[2, 3, 4, 5, 99]),
            Some(Shift {
                top: 0,
                bottom: 4,
                by: 1
            })
        );
    }

    #[test]
    fn scrolling_back_moves_rows_down() {
        assert_eq!(
            shift(&[1, 2, 3, 4, 99], &[8, 9, 1, 2, 99]),
            Some(Shift {
                top: 0,
                bottom: 4,
                by: -2
            })
        );
    }

    #[test]
    fn unrelated_rows_do_not_move() {
        assert_eq!(shift(&[1, 2, 3, 4], &[5, 6, 7, 8]), None);
        assert_eq!(shift(&[1, 2, 3, 4], &[1, 2, 3, 4]), None);
    }

    #[test]
    fn what_is_exposed_lies_where_rows_came_in() {
        let up = Shift {
            top: 1,
            bottom: 5,
            by: 2,
        };
        let mut rows = [0, 1, 2, 3, 4, 5];
        up.rotate(&mut rows);
        assert_eq!(rows, [0, 3, 4, 1, 2, 5]);
        assert_eq!(up.exposed(), 3..5);
    }
}
