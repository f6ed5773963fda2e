//! The cells of a window in which a pattern stands.

use super::decoded::Line;
use super::lines::LineText;
use crate::protocol::Rect;
use crate::protocol::surface::Scrolled;
use crate::scrollback::search::{Glance, Match, Pattern};
use crate::term::Tables;
use std::ops::Range;

/// Gathers rectangles of one row each, line by line from the top.
///
/// Laws: no two overlap, and none touches another in its row but where the match in use ends or begins. There are at
/// most [`Scrolled::MAX_MATCHES`], those of the match in use first.
pub(super) struct Highlight<'a> {
    pattern: Option<&'a Pattern>,
    glance: Option<Glance<'a>>,
    found: Option<Match>,
    in_use: Vec<Rect>,
    others: Vec<Rect>,
}

impl<'a> Highlight<'a> {
    /// For the places of `pattern`, `found` being the one in use.
    pub fn new(pattern: Option<&'a Pattern>, found: Option<Match>) -> Self {
        let (in_use, others) = (Vec::new(), Vec::new());
        Self {
            pattern,
            glance: pattern.map(Glance::new),
            found,
            in_use,
            others,
        }
    }

    /// Adds what stands in `line`, of whose cells the ranges `rows` are shown, the first of them in row `y`. Only the text
    /// around them is looked at, as a line may have a million characters, and as many matches.
    pub fn mark(
        &mut self,
        number: u64,
        line: &Line,
        tables: &Tables,
        rows: &[Range<usize>],
        y: usize,
    ) {
        let (Some(glance), Some(shown)) = (&mut self.glance, span(rows)) else {
            return;
        };
        let line = line.text(tables);
        let found = self.found.filter(|found| found.line == number);
        let found = found.and_then(|found| {
            // The program may have written over it.
            let end = found.end_byte;
            let is_there = found.start_byte < end && line.text.is_char_boundary(end);
            let within = is_there.then_some(found.start_byte..end)?;
            let hit = glance.find(&line.text, within)?;
            (hit.start == found.start_byte).then(|| line.cells_of(&hit))
        });
        let found = found.unwrap_or(0..0);
        for (y, row) in (y as u16..).zip(rows) {
            self.in_use.extend(rect(found.clone(), row, y));
        }
        for run in self.runs(line, &shown) {
            for (y, row) in (y as u16..).zip(rows) {
                self.add(run.clone(), &found, row, y);
            }
        }
    }

    /// The cells of `line` in which the pattern stands, as far as they may be among those `shown`; those of matches that
    /// touch are one run.
    fn runs(&mut self, line: &LineText, shown: &Range<usize>) -> Vec<Range<usize>> {
        let (Some(pattern), Some(glance)) = (self.pattern, &mut self.glance) else {
            return Vec::new();
        };
        let (start, end) = (line.byte_of(shown.start), line.byte_of(shown.end));
        let reach = pattern.max_bytes();
        let around = line.cells_of(&(start.saturating_sub(reach)..end.saturating_add(reach)));
        let (mut from, end) = (line.byte_of(around.start), line.byte_of(around.end));
        let mut runs: Vec<Range<usize>> = Vec::new();
        let room = Scrolled::MAX_MATCHES.saturating_sub(self.others.len());
        while let Some(hit) = glance.find(&line.text, from..end) {
            from = pattern.behind(&hit);
            let hit = line.cells_of(&hit);
            if hit.end <= shown.start {
                continue;
            }
            let is_full = runs.len() > room;
            match runs.last_mut() {
                Some(run) if hit.start <= run.end => run.end = run.end.max(hit.end),
                _ if hit.start >= shown.end || is_full => break,
                _ => runs.push(hit),
            }
        }
        runs
    }

    fn add(&mut self, run: Range<usize>, found: &Range<usize>, row: &Range<usize>, y: u16) {
        let parts = match found.is_empty() {
            true => [run, 0..0],
            false => [
                run.start..run.end.min(found.start),
                run.start.max(found.end)..run.end,
            ],
        };
        self.others
            .extend(parts.into_iter().filter_map(|part| rect(part, row, y)));
    }

    /// The rectangles.
    pub fn finish(mut self) -> Vec<Rect> {
        self.in_use.append(&mut self.others);
        self.in_use.truncate(Scrolled::MAX_MATCHES);
        self.in_use
    }
}

/// From the first cell of the first of these rows to the last of the last.
fn span(rows: &[Range<usize>]) -> Option<Range<usize>> {
    Some(rows.first()?.start..rows.last()?.end)
}

/// The part of `cells` that `row` shows, `y` rows below the top.
fn rect(cells: Range<usize>, row: &Range<usize>, y: u16) -> Option<Rect> {
    let (start, end) = (cells.start.max(row.start), cells.end.min(row.end));
    (start < end).then(|| Rect {
        x: (start - row.start) as u16,
        y,
        cols: (end - start) as u16,
        rows: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrollback::search::{Case, Syntax};
    use crate::term::width::char_width;
    use crate::term::{Cell, StyleId, wrap_line};
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn cells(text: &str) -> Vec<Cell> {
        let cells = text.chars().flat_map(|c| {
            let width = char_width(c);
            let half = (width == 2).then(|| Cell::continuation(StyleId::DEFAULT));
            [Some(Cell::new(c, width, StyleId::DEFAULT)), half]
        });
        cells.flatten().collect()
    }

    /// What is highlighted of a line of which the rows from `skip` on are shown at the top, at most `height`.
    fn marked(text: &str, wanted: &str, in_use: usize, skip: usize, height: usize) -> Vec<Rect> {
        let pattern = Pattern::new(wanted).expect("a pattern");
        let found = Match {
            line: 7,
            start_byte: in_use,
            end_byte: in_use + wanted.len(),
        };
        let cells = cells(text);
        let rows = wrap_line(&cells, 5);
        let shown = skip.min(rows.len())..rows.len().min(skip + height);
        let mut highlight = Highlight::new(Some(&pattern), Some(found));
        highlight.mark(7, &Line::of(cells), &Tables::default(), &rows[shown], 0);
        highlight.finish()
    }

    fn at(x: u16, y: u16, cols: u16) -> Rect {
        Rect {
            x,
            y,
            cols,
            rows: 1,
        }
    }

    #[test]
    fn matches_in_a_row_are_one_but_for_the_one_in_use() {
        assert_eq!(
            marked("aaaaaaa", "a", 2, 0, 9),
            [at(2, 0, 1), at(0, 0, 2), at(3, 0, 2), at(0, 1, 2)]
        );
    }

    #[test]
    fn a_match_beside_a_wide_character_has_none_of_its_cells() {
        assert_eq!(marked("界a", "a", 0, 0, 9), [at(2, 0, 1)]);
        assert_eq!(marked("界a", "界", 9, 0, 9), [at(0, 0, 2)]);
    }

    #[test]
    fn there_are_never_more_than_may_be_shown_and_the_one_in_use_is_first() {
        let text = "a ".repeat(2 * Scrolled::MAX_MATCHES);
        let found = marked(&text, "a", text.len() - 2, 0, text.len());
        assert_eq!(found.len(), Scrolled::MAX_MATCHES);
        assert_eq!(usize::from(found[0].y), (text.len() - 2) / 5);
        assert_eq!(found[1..3], [at(0, 0, 1), at(2, 0, 1)]);
    }

    #[test]
    fn a_costly_expression_holds_nobody_up() {
        let costly = "(?:[a-z].{0,300}Q.{0,300}){3}##";
        let pattern = Pattern::parse(costly, Syntax::Regex, Case::Smart).expect("a pattern");
        let cells = cells(&"abcdefg Q hijk ".repeat(4_000));
        let rows = wrap_line(&cells, 200);
        let begun = Instant::now();
        let mut highlight = Highlight::new(Some(&pattern), None);
        highlight.mark(7, &Line::of(cells), &Tables::default(), &rows, 0);
        assert!(highlight.finish().is_empty());
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(2), "{took:?}");
    }

    proptest! {
        #[test]
        fn all_cells_of_matches_that_are_shown_are_highlighted_once(
            text in "[ab界]{0,40}", wanted in "[ab界]{1,7}", in_use in 0..40usize, skip in 0..4usize, height in 1..4usize,
        ) {
            let mut expected = Vec::new();
            for (start, _) in text.match_indices(|_: char| true) {
                if text[start..].starts_with(&wanted) {
                    let before = cells(&text[..start]).len();
                    expected.extend(before..before + cells(&wanted).len());
                }
            }
            expected.sort_unstable();
            expected.dedup();
            let rows = wrap_line(&cells(&text), 5);
            let shown = rows.iter().skip(skip).take(height);
            let shown: Vec<usize> = shown.flat_map(Range::clone).collect();
            expected.retain(|cell| shown.contains(cell));
            let cell = |rect: Rect| {
                let row = &rows[skip + usize::from(rect.y)];
                let first = row.start + usize::from(rect.x);
                first..first + usize::from(rect.cols)
            };
            let mut found: Vec<usize> = marked(&text, &wanted, in_use, skip, height).into_iter().flat_map(cell).collect();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
