//! Lines that a window does not show: each range of them stands as one row that says what is not shown.

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

/// The folds of a window.
///
/// Law: no two have a line in common.
#[derive(Debug, Default)]
pub(super) struct Folds(BTreeMap<u64, Fold>);

impl Folds {
    /// Whether all lines are shown.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fold that `line` is part of.
    pub fn at(&self, line: u64) -> Option<&Fold> {
        let (_, fold) = self.0.range(..=line).next_back()?;
        fold.lines.contains(&line).then_some(fold)
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
    fn a_fold_ends_before_its_end() {
        let mut folds = Folds::default();
        folds.add(fold(3..6));
        assert_eq!(folds.at(2), None);
        assert_eq!(folds.at(3), folds.at(5));
        assert_eq!(folds.at(6), None);
        assert!(folds.open(4) && !folds.open(4) && folds.is_empty());
        folds.add(fold(3..3));
        assert!(folds.is_empty(), "nothing is no fold");
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
