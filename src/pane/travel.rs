//! Where a viewer's commands lead a window: up and down, to a line, a percentage, a time, and beyond what was cleared.

use super::Pane;
use super::lines::{Place, Reach, Stored};
use super::walk::Walk;
use super::window::Window;
use crate::protocol::Spot;
use crate::protocol::command::{Goal, ScrollCommand};
use crate::protocol::scrolled::Lead;

/// What is said once the lines before a clearing are shown.
const SHOWN_AGAIN: &str = "what was cleared is shown again";

/// The lines that a goal may lie among.
struct Bounds {
    /// The first that is kept.
    oldest: u64,
    /// The first that may be shown.
    first: u64,
    /// One past the last that was written.
    end: u64,
    /// The first that is shown at the bottom.
    last_top: u64,
}

impl Bounds {
    fn of(walk: &Walk) -> Self {
        Self {
            oldest: walk.lines.oldest(),
            first: walk.lines.first(),
            end: walk.lines.written_end(),
            last_top: walk.bottom().line,
        }
    }

    /// The line for a goal, and what is to be said of it; `at` stands for the time of the goal.
    fn find(&self, goal: Goal, at: Option<u64>, present: u64) -> (u64, String) {
        let last = self.end.saturating_sub(1).max(self.oldest);
        match (goal, at) {
            (Goal::Percent(percent), _) => {
                let way = u128::from(self.last_top.saturating_sub(self.first));
                let line = self.first + (way * u128::from(percent.min(100)) / 100) as u64;
                (line, String::new())
            }
            (Goal::Line(number), _) if number > self.end => {
                (last, format!("no line {number}: the last is {}", self.end))
            }
            (Goal::Line(number), _) if number <= self.oldest && self.oldest > 0 => {
                let kept = self.oldest + 1;
                let note = format!("line {number} is gone: the first that is kept is {kept}");
                (self.oldest, note)
            }
            (Goal::Line(number), _) => (number.saturating_sub(1), String::new()),
            (Goal::Time(_), Some(line)) if line < self.end => (line.max(self.first), String::new()),
            (Goal::Time(_), Some(_)) => (last, "nothing was printed after that".to_owned()),
            (Goal::Time(_), None) => {
                let note = "it is not known when these lines were printed";
                (present, note.to_owned())
            }
        }
    }
}

/// Whether a command changes nothing but the place.
fn only_moves(command: &ScrollCommand) -> bool {
    use ScrollCommand::{Bottom, By, Copy, Enter, Live, Top};
    matches!(command, By(_) | Top | Bottom | Enter | Copy(_) | Live)
}

impl Window {
    /// Follows a command of the viewer; a search shows what it finds by [`Window::show`].
    pub fn scroll(&mut self, command: &ScrollCommand, pane: &Pane, stored: &dyn Stored) {
        self.say(String::new());
        if !only_moves(command) {
            self.lay_out_anew();
        }
        match command {
            ScrollCommand::By(rows) => self.by(*rows, pane, stored),
            ScrollCommand::Top => self.go_to_the_top(pane, stored),
            ScrollCommand::Bottom => self.top = self.with_walk(pane, stored, |walk| walk.bottom()),
            ScrollCommand::Show(spot) => {
                self.folds.open(spot.line);
                let before = self.top;
                self.top = self.with_walk(pane, stored, |walk| walk.around(*spot, before));
            }
            ScrollCommand::To(goal) => self.go(*goal, pane, stored),
            ScrollCommand::Output(command) => self.output(*command, pane, stored),
            ScrollCommand::Enter
            | ScrollCommand::Search { .. }
            | ScrollCommand::Copy(_)
            | ScrollCommand::Live => {}
        }
        self.refill(pane, stored);
    }

    /// So many rows up (negative) or down. What the program cleared is hidden, and yet kept: whoever pages up at the top
    /// is shown it again. A wheel that turns on is not, but it is said.
    fn by(&mut self, rows: i32, pane: &Pane, stored: &dyn Stored) {
        let (before, count) = (self.top, rows.unsigned_abs());
        let (to, first, oldest) = self.with_walk(pane, stored, |walk| {
            let to = match rows < 0 {
                true => walk.up(before, count),
                false => walk.down(before, count),
            };
            (to, walk.first(), walk.lines.oldest())
        });
        self.top = to;
        if rows >= 0 || to != first || oldest >= first.line {
            return;
        }
        let page = u32::from(self.size.rows).saturating_sub(1).max(1);
        if before != first {
            self.say("cleared above this: g shows it again".to_owned());
        } else if count >= page {
            self.reach_back();
            self.top = self.with_walk(pane, stored, |walk| walk.up(first, count));
        }
    }

    /// To the first line; whoever is there already is shown what was cleared.
    fn go_to_the_top(&mut self, pane: &Pane, stored: &dyn Stored) {
        let (first, oldest) =
            self.with_walk(pane, stored, |walk| (walk.first(), walk.lines.oldest()));
        if self.top == first && oldest < first.line {
            self.reach_back();
        }
        self.top = Place::default();
    }

    /// Goes where a number, a percentage or a time says.
    fn go(&mut self, goal: Goal, pane: &Pane, stored: &dyn Stored) {
        let (bounds, at) = self.with_walk(pane, stored, |walk| {
            let at = match goal {
                Goal::Time(unix_ms) => walk.lines.line_at(unix_ms),
                Goal::Line(_) | Goal::Percent(_) => None,
            };
            (Bounds::of(walk), at)
        });
        let (line, note) = bounds.find(goal, at, self.top.line);
        if line < bounds.first {
            self.reach_back();
        }
        if !note.is_empty() {
            self.say(note);
        }
        self.folds.open(line);
        self.top = Place { line, row: 0 };
        self.lead(Lead::To(Spot { line, cell: 0 }));
    }

    /// Whether lines that the program cleared are shown, too.
    pub fn reaches_back(&self) -> bool {
        self.reach == Reach::Kept
    }

    /// Shows what was cleared again.
    fn reach_back(&mut self) {
        self.reach = Reach::Kept;
        self.lay_out_anew();
        self.say(SHOWN_AGAIN.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pane::Origin;
    use crate::protocol::PaneId;
    use crate::term::{Cell, Size, StyleId, Tables, codec};

    /// Stored lines of which the program has hidden some; line N was written at N seconds.
    struct Cleared {
        oldest: u64,
        floor: u64,
        end: u64,
    }

    impl Stored for Cleared {
        fn first_line(&self) -> u64 {
            self.floor
        }

        fn end_line(&self) -> u64 {
            self.end
        }

        fn oldest_line(&self) -> u64 {
            self.oldest
        }

        fn time_of(&self, line: u64) -> Option<u64> {
            Some(line * 1000)
        }

        fn line_at(&self, unix_ms: u64) -> Option<u64> {
            Some(unix_ms.div_ceil(1000).clamp(self.oldest, self.end))
        }

        fn read(&self, start: u64, max: usize, each: &mut dyn FnMut(u64, &[u8])) {
            for number in (start.max(self.oldest)..self.end).take(max) {
                let text = number.to_string();
                let cells: Vec<Cell> = text
                    .chars()
                    .map(|c| Cell::new(c, 1, StyleId::DEFAULT))
                    .collect();
                let mut body = Vec::new();
                codec::encode_line(&cells, false, &Tables::default(), &mut body);
                each(number, &body);
            }
        }
    }

    const STORED: Cleared = Cleared {
        oldest: 100,
        floor: 500,
        end: 1000,
    };

    fn pane() -> Pane {
        let mut pane = Pane::new(PaneId(1), Origin::default(), Size::new(20, 5));
        pane.set_now(1_001_000);
        pane.output(b"1000\r\n1001\r\n$ ");
        pane
    }

    /// The top line after each of the commands, and what was said.
    fn tops(commands: &[ScrollCommand]) -> Vec<(u64, String)> {
        let pane = pane();
        let mut window = Window::new(&pane, &STORED);
        let follow = |command: &ScrollCommand| {
            window.scroll(command, &pane, &STORED);
            let scrolled = window.source().header.scrolled.expect("a place");
            (window.top.line, scrolled.note)
        };
        commands.iter().map(follow).collect()
    }

    fn to(goal: Goal) -> (u64, String) {
        tops(&[ScrollCommand::To(goal)]).remove(0)
    }

    #[test]
    fn a_number_a_share_and_a_time_lead_to_a_line() {
        let silent = |line| (line, String::new());
        assert_eq!(to(Goal::Line(700)), silent(699));
        assert_eq!(to(Goal::Line(1003)), silent(1000), "the last screen");
        assert_eq!(to(Goal::Percent(0)), silent(500));
        assert_eq!(to(Goal::Percent(50)), silent(750));
        assert_eq!(to(Goal::Percent(100)), silent(1000));
        assert_eq!(to(Goal::Time(600_500)), silent(601));
        assert_eq!(to(Goal::Time(0)), silent(500));
        assert_eq!(to(Goal::Time(1_000_500)), silent(1000), "on the screen");
    }

    #[test]
    fn where_there_is_nothing_is_said() {
        let (line, note) = to(Goal::Line(5000));
        assert_eq!((line, &*note), (1000, "no line 5000: the last is 1003"));
        let (line, note) = to(Goal::Line(7));
        assert_eq!(
            (line, note.contains("the first that is kept is 101")),
            (100, true)
        );
        let (line, note) = to(Goal::Line(300));
        assert_eq!((line, &*note), (299, SHOWN_AGAIN));
        let (line, note) = to(Goal::Time(5_000_000));
        assert_eq!((line, &*note), (1000, "nothing was printed after that"));
    }

    #[test]
    fn who_goes_on_at_the_top_sees_what_was_cleared() {
        let top = ScrollCommand::Top;
        let up = ScrollCommand::By;
        let said = tops(&[top.clone(), top.clone()]);
        assert_eq!(said, [(500, String::new()), (100, SHOWN_AGAIN.to_owned())]);
        let said = tops(&[up(-9999), up(-3), up(-4)]);
        assert_eq!((said[0].0, said[0].1.contains("g shows it")), (500, true));
        assert_eq!(said[1], (500, String::new()), "a wheel that turns on");
        assert_eq!(said[2], (496, SHOWN_AGAIN.to_owned()));
    }

    #[test]
    fn the_place_says_how_far_and_how_old() {
        let pane = pane();
        let mut window = Window::new(&pane, &STORED);
        window.scroll(&ScrollCommand::To(Goal::Line(700)), &pane, &STORED);
        let place = window.source().header.scrolled.expect("a place");
        assert_eq!((place.first, place.above, place.total), (500, 199, 503));
        assert_eq!(place.written_ms, Some(699_000));
    }

    #[test]
    fn what_is_printed_meanwhile_is_counted_and_moves_nothing() {
        let mut pane = pane();
        let mut window = Window::new(&pane, &STORED);
        let place = |window: &Window| window.source().header.scrolled.expect("a place");
        window.scroll(&ScrollCommand::By(-1), &pane, &STORED);
        pane.output(b"make\r\none\r\ntwo\r\nthree");
        window.keep_up(&pane, &STORED);
        assert_eq!((window.top.line, place(&window).fresh), (999, 3));
        assert!(!place(&window).at_bottom);
        window.scroll(&ScrollCommand::Bottom, &pane, &STORED);
        assert_eq!((place(&window).fresh, place(&window).at_bottom), (0, true));
    }
}
