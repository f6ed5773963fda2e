//! The lines between panes, joined where they meet.

use crate::protocol::{PaneId, Rect, View};
use crate::term::Size;
use std::hash::{DefaultHasher, Hash, Hasher};

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

/// The lines of one layout, row by row; kept until the layout changes.
#[derive(Debug, Default)]
pub struct Borders {
    panes: Vec<(PaneId, Rect, bool)>,
    area: Option<Size>,
    rows: Vec<(u64, Vec<Segment>)>,
}

/// By neighbours: 1 up, 2 right, 4 down, 8 left.
const JOINTS: [char; 16] = [
    '─', '│', '─', '└', '│', '│', '┌', '├', '─', '┘', '─', '┴', '┐', '┤', '┬', '┼',
];

impl Borders {
    /// Brings the lines up to date with the view.
    pub fn update(&mut self, view: &View) {
        let now = view
            .chrome
            .panes
            .iter()
            .map(|pane| (pane.pane, pane.area, pane.focused));
        if self.area == view.chrome.area && now.clone().eq(self.panes.iter().copied()) {
            return;
        }
        self.panes = now.collect();
        self.area = view.chrome.area;
        self.rows.clear();
        if let Some(area) = self.area.filter(|_| self.panes.len() > 1) {
            self.rows = rows(Size::new(area.cols, area.rows), &self.panes);
        }
    }

    /// What stands for the row's lines, and the lines.
    pub fn row(&self, y: u16) -> (u64, &[Segment]) {
        let row = self.rows.get(usize::from(y));
        row.map_or((0, &[]), |(key, segments)| (*key, segments))
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

/// Whether a line's cell counts as the focused pane's. Two panes share their whole line, so each has half of it.
fn is_focused(x: u16, y: u16, panes: &[(PaneId, Rect, bool)]) -> bool {
    let Some(index) = panes.iter().position(|(.., focused)| *focused) else {
        return false;
    };
    let rect = panes[index].1;
    let near = |at: u16, start: u16, len: u16| {
        at.saturating_add(1) >= start && at <= start.saturating_add(len)
    };
    if !near(x, rect.x, rect.cols) || !near(y, rect.y, rect.rows) {
        return false;
    }
    if let [(_, first, _), (_, second, _)] = panes {
        let begins = match first.y == second.y {
            true => y - first.y.min(y) < first.rows / 2,
            false => x - first.x.min(x) < first.cols / 2,
        };
        return begins == (index == 0);
    }
    true
}
