//! What a viewer looks for in a pane's lines: the pattern, the match in use, and the way back while it still types.

use super::Pane;
use super::lines::{LineText, PaneLines, Place, Stored, rows_in_memory};
use super::window::Window;
use crate::protocol::Spot;
use crate::scrollback::lines::Lines;
use crate::scrollback::search::{Direction, Match, Pattern, Position};
use crate::term::Tables;

/// What a window highlights.
#[derive(Debug, Default)]
pub(super) struct Sought {
    pub pattern: Option<Pattern>,
    /// The match in use.
    pub found: Option<Match>,
    trial: Option<Trial>,
}

/// How things were when the viewer began to type.
#[derive(Debug)]
struct Trial {
    top: Place,
    from: Position,
    pattern: Option<Pattern>,
    found: Option<Match>,
}

impl Window {
    /// The pattern that was searched for last.
    pub fn pattern(&self) -> Option<&Pattern> {
        self.sought.pattern.as_ref()
    }

    /// Searches for `pattern` from now on, and highlights it.
    pub fn set_pattern(&mut self, pattern: Pattern) {
        self.lay_out_anew();
        self.sought.pattern = Some(pattern);
        self.sought.found = None;
        self.set_tally(None);
    }

    /// The place in the lines that the cell at `row`, `col` of the window shows.
    fn position_at(&self, row: u16, col: u16, pane: &Pane, stored: &dyn Stored) -> Position {
        let Some(shown) = self.rows.get(usize::from(row)) else {
            return Position {
                line: self.top.line,
                byte: 0,
            };
        };
        let start = Spot::of_row(shown.id);
        let rows = rows_in_memory(pane);
        let mut tables = Tables::default();
        let cells = PaneLines::new(pane, stored, &rows).line(start.line, &mut tables);
        let cell = start.cell as usize + usize::from(col);
        Position {
            line: start.line,
            byte: LineText::new(&cells, &tables).byte_of(cell),
        }
    }

    /// Where a search begins: where the cursor was when its viewer began to type, or is now. A repeated search goes on
    /// behind the match that the cursor stands on.
    pub fn origin(
        &self,
        cell: (u16, u16),
        direction: Direction,
        pane: &Pane,
        stored: &dyn Stored,
    ) -> Position {
        let at = match &self.sought.trial {
            Some(trial) => trial.from,
            None => self.position_at(cell.0, cell.1, pane, stored),
        };
        let byte = match (direction, &self.sought.pattern, self.sought.found) {
            (Direction::Backward, ..) => at.byte,
            (_, Some(pattern), Some(found)) if found.start() == at => {
                pattern.behind(&(found.start_byte..found.end_byte))
            }
            _ => at.byte + 1,
        };
        Position { byte, ..at }
    }

    /// Remembers where the viewer is when it begins to type what it looks for.
    pub fn begin_trial(&mut self, cell: (u16, u16), pane: &Pane, stored: &dyn Stored) {
        if self.sought.trial.is_some() {
            return;
        }
        self.sought.trial = Some(Trial {
            top: self.top,
            from: self.position_at(cell.0, cell.1, pane, stored),
            pattern: self.sought.pattern.clone(),
            found: self.sought.found,
        });
    }

    /// Shows what was shown when the viewer began to type, without any matches.
    pub fn forget_matches(&mut self, pane: &Pane, stored: &dyn Stored) {
        self.lay_out_anew();
        if let Some(trial) = &self.sought.trial {
            self.top = trial.top;
        }
        self.sought.pattern = None;
        self.sought.found = None;
        self.set_tally(None);
        self.say(String::new());
        self.refill(pane, stored);
    }

    /// Shows what was shown when the viewer began to type, and highlights what it had looked for before that.
    pub fn give_up_trial(&mut self, pane: &Pane, stored: &dyn Stored) {
        let Some(trial) = self.sought.trial.take() else {
            return;
        };
        self.lay_out_anew();
        self.top = trial.top;
        self.sought.pattern = trial.pattern;
        self.sought.found = trial.found;
        self.set_tally(None);
        self.say(String::new());
        self.refill(pane, stored);
    }

    /// The viewer stays where its search has led.
    pub fn end_trial(&mut self) {
        self.sought.trial = None;
    }

    /// The match in use.
    pub fn found(&self) -> Option<Match> {
        self.sought.found
    }

    /// The lines that scrollback has not got, encoded as it stores them, to be searched apart.
    pub fn lines_in_memory(&self, pane: &Pane, stored: &dyn Stored) -> Lines {
        let rows = rows_in_memory(pane);
        let lines = PaneLines::new(pane, stored, &rows);
        let mut found = Lines::starting_at(lines.first_in_memory());
        lines.each_in_memory(&mut |body| found.push(body, 0));
        found
    }

    /// Shows what a search found, in the middle unless it is in sight already; or says that there is nothing.
    pub fn show(&mut self, found: Option<Match>, note: &str, pane: &Pane, stored: &dyn Stored) {
        self.lay_out_anew();
        self.sought.found = found.or(self.sought.found);
        self.say(note.to_owned());
        if let (None, Some(trial)) = (found, &self.sought.trial) {
            self.top = trial.top;
        }
        if let Some(found) = found {
            self.folds.open(found.line);
            let before = self.top;
            self.top = self.with_walk(pane, stored, |walk| {
                let mut tables = Tables::default();
                let cells = walk.lines.line(found.line, &mut tables);
                let cell = LineText::new(&cells, &tables).cell_at(found.start_byte) as u32;
                let line = found.line;
                walk.around(Spot { line, cell }, before)
            });
        }
        self.refill(pane, stored);
    }
}
