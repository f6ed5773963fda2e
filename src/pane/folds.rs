//! Lines that a window does not show: each range of them stands as one row that says what is not shown.

use super::lines::PaneLines;
use crate::protocol::count::grouped;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// Lines that are folded into one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fold {
    /// Which; at least one.
    pub lines: Range<u64>,
    /// What the row says.
    pub label: String,
}

impl Fold {
    /// Lines of which nothing is left to be shown.
    fn of_gap(lines: Range<u64>) -> Fold {
        let label = match lines.end - lines.start {
            1 => "⋯ 1 line is damaged or gone".to_owned(),
            count => format!("⋯ {} lines are damaged or gone", grouped(count)),
        };
        Fold { lines, label }
    }
}

/// The folds of a window.
///
/// Law: no two have a line in common.
#[derive(Debug, Default)]
pub(super) struct Folds(BTreeMap<u64, Fold>);

impl Folds {
    /// All of them, the first line first.
    pub fn all(&self) -> impl Iterator<Item = &Fold> {
        self.0.values()
    }

    /// The fold that `line` is part of.
    pub fn at(&self, line: u64) -> Option<&Fold> {
        let (_, fold) = self.0.range(..=line).next_back()?;
        fold.lines.contains(&line).then_some(fold)
    }

    /// What stands as one row for `line` and others: a fold, or lines that cannot be read.
    pub fn row_at(&self, line: u64, lines: &PaneLines) -> Option<Cow<'_, Fold>> {
        match self.at(line) {
            Some(fold) => Some(Cow::Borrowed(fold)),
            None => {
                let gap = lines.gap_at(line)?;
                Some(Cow::Owned(Fold::of_gap(self.apart(line, gap))))
            }
        }
    }

    /// As much of `lines` around `line`, which is not folded, as has no part in a fold.
    fn apart(&self, line: u64, lines: Range<u64>) -> Range<u64> {
        let before = self.0.range(..=line).next_back();
        let before = before.map_or(0, |(_, fold)| fold.lines.end);
        let behind = self.0.range(line..).next();
        let behind = behind.map_or(u64::MAX, |(start, _)| *start);
        lines.start.max(before)..lines.end.min(behind)
    }

    /// Folds some lines; what was folded of them before becomes part of it.
    pub fn add(&mut self, fold: Fold) {
        if fold.lines.is_empty() {
            return;
        }
        let before = self.at(fold.lines.start).map(|other| other.lines.start);
        let from = before.unwrap_or(fold.lines.start);
        let touched = self.0.range(from..fold.lines.end).map(|(start, _)| *start);
        for start in touched.collect::<Vec<u64>>() {
            self.0.remove(&start);
        }
        self.0.insert(fold.lines.start, fold);
    }

    /// Shows the lines again with which `line` is folded; whether it was.
    pub fn open(&mut self, line: u64) -> bool {
        let start = self.at(line).map(|fold| fold.lines.start);
        start.is_some_and(|start| self.0.remove(&start).is_some())
    }

    /// Shows all lines again.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(lines: Range<u64>) -> Fold {
        let label = format!("{} lines", lines.end - lines.start);
        Fold { lines, label }
    }

    #[test]
    fn a_gap_ends_where_a_fold_begins() {
        let mut folds = Folds::default();
        folds.add(fold(3..6));
        folds.add(fold(9..12));
        assert_eq!(folds.apart(7, 0..20), 6..9);
        assert_eq!(folds.apart(1, 0..20), 0..3);
        assert_eq!(folds.apart(15, 0..20), 12..20);
    }

    #[test]
    fn a_fold_ends_before_its_end() {
        let mut folds = Folds::default();
        folds.add(fold(3..6));
        assert_eq!(folds.at(2), None);
        assert_eq!(folds.at(3), folds.at(5));
        assert_eq!(folds.at(6), None);
        assert!(folds.open(4) && !folds.open(4) && folds.0.is_empty());
        folds.add(fold(3..3));
        assert!(folds.0.is_empty(), "nothing is no fold");
        folds.add(fold(1..4));
        folds.clear();
        assert_eq!(folds.at(1), None);
    }

    proptest! {
        #[test]
        fn no_two_folds_have_a_line_in_common(added in prop::collection::vec((0..40u64, 1..9u64), 1..12)) {
            let mut folds = Folds::default();
            for (start, len) in added {
                folds.add(fold(start..start + len));
                prop_assert!((start..start + len).all(|line| folds.at(line) == folds.at(start)));
            }
            let ranges: Vec<_> = folds.0.values().map(|fold| fold.lines.clone()).collect();
            prop_assert!(ranges.windows(2).all(|two| two[0].end <= two[1].start));
        }
    }
}
