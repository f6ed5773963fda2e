//! The lines between panes, joined where they meet, and the titles that stand in them.

use super::chrome::{fit, plain, width};
use super::place::Place;
use crate::protocol::view::PaneBox;
use crate::protocol::{PaneId, Rect, View};
use crate::term::Size;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// One cell of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Segment {
    /// The column, within the area.
    pub x: u16,
    /// The box drawing character.
    pub c: char,
    /// Whether it borders the pane that has the focus.
    pub focused: bool,
}

/// What the line above a pane says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label {
    /// The columns that it fills, within the area.
    pub cols: Range<u16>,
    /// The text, as wide as that.
    pub text: String,
    /// Whether it is the title of the pane that has the focus.
    pub focused: bool,
}

/// The lines of one layout and what they say, row by row; kept until the layout or a title changes.
#[derive(Debug, Default)]
pub struct Borders {
    panes: Vec<(PaneId, Rect, bool)>,
    area: Option<Size>,
    rows: Vec<(u64, Vec<Segment>)>,
    titles: Vec<(String, Option<Place>)>,
    labels: BTreeMap<u16, Vec<Label>>,
}

/// By neighbours: 1 up, 2 right, 4 down, 8 left.
const JOINTS: [char; 16] = [
    '─', '│', '─', '└', '│', '│', '┌', '├', '─', '┘', '─', '┴', '┐', '┤', '┬', '┼',
];

/// A piece of line at least this long is good for a title, though a longer one may follow.
const GOOD_LENGTH: usize = 16;

impl Borders {
    /// Brings the lines up to date with the view; `place` says where a pane is scrolled to.
    pub fn update(&mut self, view: &View, place: impl Fn(&PaneBox) -> Option<Place>) {
        let panes = &view.chrome.panes;
        let now = panes
            .iter()
            .map(|pane| (pane.pane, pane.area, pane.focused));
        let moved = self.area != view.chrome.area || !now.clone().eq(self.panes.iter().copied());
        if moved {
            self.panes = now.collect();
            self.area = view.chrome.area;
            self.rows = match self.area.filter(|_| self.has_lines()) {
                Some(area) => rows(area, &self.panes),
                None => Vec::new(),
            };
        }
        let known = self.titles.iter().map(|(title, place)| (&**title, *place));
        let said = panes.iter().map(|pane| (&*pane.title, place(pane)));
        if moved || !said.clone().eq(known) {
            self.titles = said
                .map(|(title, place)| (title.to_owned(), place))
                .collect();
            self.labels.clear();
            for index in 0..self.panes.len() {
                self.add_labels(index);
            }
        }
    }

    /// A lone pane has no lines around it, unless it leaves a row for its title.
    fn has_lines(&self) -> bool {
        self.panes.len() > 1 || self.panes.iter().any(|(_, rect, _)| rect.y > 0)
    }

    /// What stands for the row's lines and labels, and the lines.
    pub fn row(&self, y: u16) -> (u64, &[Segment]) {
        let row = self.rows.get(usize::from(y));
        row.map_or((0, &[]), |(key, segments)| (*key, segments))
    }

    /// What the row's lines say.
    pub fn labels(&self, y: u16) -> &[Label] {
        self.labels.get(&y).map_or(&[], Vec::as_slice)
    }

    /// The pane whose title stands at that position of the area.
    pub fn titled(view: &View, x: u16, y: u16) -> Option<&PaneBox> {
        let below = |pane: &&PaneBox| {
            let area = pane.area;
            area.y == y + 1 && (area.x..area.x.saturating_add(area.cols)).contains(&x)
        };
        view.chrome.panes.iter().find(below)
    }

    /// Puts the pane's number and title into the line above it, and its place to the right of them.
    fn add_labels(&mut self, index: usize) {
        let (_, rect, focused) = self.panes[index];
        let Some(y) = rect.y.checked_sub(1) else {
            return;
        };
        let line = self.line_above(y, rect);
        // A cell of line stays at either end.
        let (from, to) = (line.start + 1, line.end.saturating_sub(1));
        let (title, place) = &self.titles[index];
        let mut found = Vec::new();
        let mut room = usize::from(to.saturating_sub(from));
        let place = place.map(|place| place.brief());
        if let Some(text) = place.filter(|text| text.len() + 6 <= room) {
            let start = to - text.len() as u16;
            room -= text.len() + 1;
            found.push(Label {
                cols: start..to,
                text,
                focused,
            });
        }
        if room >= 3 && !title.is_empty() {
            let title = format!("{} {}", index + 1, plain(title).trim());
            let text = format!(" {} ", fit(&title, room - 2));
            let cols = from..from + width(&text) as u16;
            found.insert(
                0,
                Label {
                    cols,
                    text,
                    focused,
                },
            );
        }
        self.labels.entry(y).or_default().extend(found);
    }

    /// The columns of the line above a pane that no joint interrupts: the first good piece of it, or the longest.
    fn line_above(&self, y: u16, rect: Rect) -> Range<u16> {
        let within = |segment: &&Segment| rect.x <= segment.x && segment.x - rect.x < rect.cols;
        let segments = self.row(y).1.iter().filter(within);
        let cells: Vec<&Segment> = segments.collect();
        let pieces = cells.chunk_by(|a, b| a.c == '─' && b.c == '─' && a.x + 1 == b.x);
        let pieces: Vec<Range<u16>> = pieces
            .filter(|piece| piece[0].c == '─')
            .map(|piece| piece[0].x..piece[0].x + piece.len() as u16)
            .collect();
        let good = pieces.iter().find(|piece| piece.len() >= GOOD_LENGTH);
        let longest = || pieces.iter().rev().max_by_key(|piece| piece.len());
        good.or_else(longest).cloned().unwrap_or_default()
    }
}

fn rows(area: Size, panes: &[(PaneId, Rect, bool)]) -> Vec<(u64, Vec<Segment>)> {
    let (cols, rows) = (usize::from(area.cols), usize::from(area.rows));
    let mut free = vec![true; cols * rows];
    for (_, rect, _) in panes {
        for y in rect.y..rect.y.saturating_add(rect.rows).min(area.rows) {
            let start = usize::from(y) * cols;
            let from = usize::from(rect.x).min(cols);
            let to = usize::from(rect.x.saturating_add(rect.cols)).min(cols);
            free[start + from..start + to].fill(false);
        }
    }
    let is_free = |x: usize, y: usize| x < cols && y < rows && free[y * cols + x];
    let segment = |x: usize, y: usize| {
        let joint = usize::from(is_free(x, y.wrapping_sub(1)))
            | usize::from(is_free(x + 1, y)) << 1
            | usize::from(is_free(x, y + 1)) << 2
            | usize::from(is_free(x.wrapping_sub(1), y)) << 3;
        Segment {
            x: x as u16,
            c: JOINTS[joint],
            focused: is_focused(x as u16, y as u16, panes),
        }
    };
    (0..rows)
        .map(|y| {
            let segments: Vec<_> = (0..cols)
                .filter(|&x| is_free(x, y))
                .map(|x| segment(x, y))
                .collect();
            let mut hasher = DefaultHasher::new();
            segments.hash(&mut hasher);
            (hasher.finish(), segments)
        })
        .collect()
}

/// Whether a line's cell counts as the focused pane's. Two panes have equal halves of the line that they share.
fn is_focused(x: u16, y: u16, panes: &[(PaneId, Rect, bool)]) -> bool {
    let Some(index) = panes.iter().position(|(.., focused)| *focused) else {
        return false;
    };
    match panes {
        [(_, first, _), (_, second, _)] if is_near(x, y, *first) && is_near(x, y, *second) => {
            let begins = match first.y == second.y {
                true => y - first.y.min(y) < first.rows / 2,
                false => x - first.x.min(x) < first.cols / 2,
            };
            begins == (index == 0)
        }
        _ => is_near(x, y, panes[index].1),
    }
}

/// Whether a cell touches the rectangle, at a corner at least.
fn is_near(x: u16, y: u16, rect: Rect) -> bool {
    let near = |at: u16, start: u16, len: u16| {
        at.saturating_add(1) >= start && at <= start.saturating_add(len)
    };
    near(x, rect.x, rect.cols) && near(y, rect.y, rect.rows)
}
