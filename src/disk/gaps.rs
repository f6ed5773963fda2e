//! Lines that were looked for and could not be read, gathered by all threads that look through one pane.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Gaps in a pane's lines; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Gaps(Arc<Mutex<Vec<Range<u64>>>>);

impl Gaps {
    /// Notes that none of these lines can be read.
    pub fn note(&self, lines: Range<u64>) {
        if lines.is_empty() {
            return;
        }
        let mut gaps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match gaps.last_mut() {
            // Whoever reads on notes the next, or the same again.
            Some(last) if last.start <= lines.start && lines.start <= last.end => {
                last.end = last.end.max(lines.end);
            }
            _ => gaps.push(lines),
        }
    }

    /// The gaps by their numbers; none touches the next.
    pub fn ranges(&self) -> Vec<Range<u64>> {
        let gaps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted = gaps.clone();
        sorted.sort_by_key(|gap| gap.start);
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for gap in sorted {
            match ranges.last_mut() {
                Some(last) if gap.start <= last.end => last.end = last.end.max(gap.end),
                _ => ranges.push(gap),
            }
        }
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_that_touch_are_one() {
        let gaps = Gaps::default();
        for lines in [50..60, 60..65, 10..20, 15..30, 5..5, 62..64, 40..41] {
            gaps.clone().note(lines);
        }
        assert_eq!(gaps.ranges(), [10..30, 40..41, 50..65]);
    }
}
