//! Where a viewer stands in scrollback, as it outlives the server. Lines keep their numbers, so the next server finds the
//! same rows; what was searched for is looked for anew by whoever repeats the search.

use super::Pane;
use super::folds::{Fold, Folds};
use super::lines::{Reach, Stored};
use super::window::Window;
use crate::protocol::Spot;
use serde::{Deserialize, Serialize};

/// Where a viewer stands in scrollback.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Stand {
    /// The line of the top row, and the cell with which that row begins.
    line: u64,
    cell: u32,
    /// Up to where the viewer has seen what was printed.
    seen: u64,
    /// How many commands the place has followed: its client counts them too.
    followed: u64,
    /// Whether what was cleared is shown.
    has_reached_back: bool,
    /// Whether commands that failed are shown alone.
    is_filtered: bool,
    /// The lines that are folded, and what stands for them.
    folds: Vec<(u64, u64, String)>,
}

impl Window {
    /// Where its viewer stands.
    pub fn stand(&self) -> Stand {
        let top = self.rows.first().map(|row| Spot::of_row(row.id));
        let top = top.unwrap_or(Spot {
            line: self.top.line,
            cell: 0,
        });
        let folds = self.folds.all();
        let followed = self.header.scrolled.as_ref();
        Stand {
            line: top.line,
            cell: top.cell,
            seen: self.seen,
            followed: followed.map_or(0, |scrolled| scrolled.followed),
            has_reached_back: self.reach == Reach::Kept,
            is_filtered: self.is_filtered,
            folds: folds
                .map(|fold| (fold.lines.start, fold.lines.end, fold.label.clone()))
                .collect(),
        }
    }

    /// A window onto `pane` whose viewer has stood there before.
    pub fn standing(stand: &Stand, pane: &Pane, stored: &dyn Stored) -> Self {
        let mut window = Self::new(pane, stored);
        window.seen = stand.seen;
        window.is_filtered = stand.is_filtered;
        window.folds = Folds::default();
        for (start, end, label) in &stand.folds {
            window.folds.add(Fold {
                lines: *start..*end,
                label: label.clone(),
            });
        }
        if stand.has_reached_back {
            window.reach = Reach::Kept;
        }
        if let Some(scrolled) = &mut window.header.scrolled {
            scrolled.followed = stand.followed;
        }
        let Stand { line, cell, .. } = *stand;
        window.top = window.with_walk(pane, stored, |walk| {
            // Of the lines that were in memory some may be lost.
            let line = line.min(walk.lines.end());
            walk.place_of(Spot { line, cell })
        });
        window.refill(pane, stored);
        window
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pane::Origin;
    use crate::pane::lines::Nothing;
    use crate::protocol::PaneId;
    use crate::protocol::command::ScrollCommand;
    use crate::term::Size;

    fn pane() -> Pane {
        let mut pane = Pane::new(PaneId(1), Origin::default(), Size::new(10, 4));
        let lines: Vec<String> = (0..50).map(|n| format!("{n} {}", "x".repeat(25))).collect();
        pane.output(lines.join("\r\n").as_bytes());
        pane
    }

    fn shown(window: &Window) -> Vec<Spot> {
        let rows = window.rows.iter();
        rows.map(|row| Spot::of_row(row.id)).collect()
    }

    #[test]
    fn a_viewer_stands_where_it_stood() {
        let mut pane = pane();
        let mut window = Window::new(&pane, &Nothing);
        for command in [ScrollCommand::By(-61), ScrollCommand::By(3)] {
            window.scroll(&command, &pane, &Nothing);
            window.followed();
        }
        window.folds.add(Fold {
            lines: 30..40,
            label: "ten lines".to_owned(),
        });
        window.refill(&pane, &Nothing);
        let stand = window.stand();
        let text = serde_json::to_string(&stand).expect("text");
        let read: Stand = serde_json::from_str(&text).expect("what was written");
        assert_eq!(read, stand);
        pane.output(b"\r\nmore");
        let again = Window::standing(&read, &pane, &Nothing);
        assert_ne!(shown(&window)[0].cell, 0, "in the middle of a line");
        assert_eq!(shown(&again), shown(&window));
        assert_eq!(again.stand(), stand);
        let scrolled = again.header.scrolled.expect("it is a place in scrollback");
        assert_eq!((scrolled.followed, scrolled.fresh), (2, 1));
    }

    #[test]
    fn a_stand_beyond_all_lines_is_at_the_bottom() {
        let pane = pane();
        let stand = Stand {
            line: u64::MAX,
            cell: 7,
            seen: u64::MAX,
            ..Stand::default()
        };
        let window = Window::standing(&stand, &pane, &Nothing);
        assert_eq!(shown(&window), shown(&Window::new(&pane, &Nothing)));
    }
}
