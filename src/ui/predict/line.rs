//! The line that is being typed: where it begins, what the screen shows of it, and whether it stands at a prompt at
//! which keys were echoed before.

use super::draft::Echoer;
use super::guess::{Guess, Seen};
use super::key::{Edit, Key};
use super::trust::Trust;
use crate::protocol::Ground;
use crate::term::RowId;
use crate::term::width::text_width;

/// The longest line that is compared with what stands behind a prompt, in bytes.
const MAX_LINE: usize = 4096;

/// What a screen shows around its cursor, in the same row, once it reflects some keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// Text behind it.
    Text,
    /// Nothing but blanks behind it, and none before it.
    Nothing,
    /// Blanks behind it and before it.
    Blanks,
    /// It cannot be told of these keys: one of them has moved the cursor elsewhere.
    Unclear,
}

/// Where a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum End {
    /// At the cursor.
    #[default]
    Cursor,
    /// Where its text does that can be seen.
    Text,
    /// Nobody knows.
    Unknown,
}

/// The line that is being typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// What was typed since the last Return, as far as it is reflected.
    text: String,
    /// Whether more was done to it than to add to its end and to take away from there.
    is_edited: bool,
    /// Where it begins.
    pub start: Option<(RowId, u16)>,
    /// What stood before it when nothing was typed yet.
    before: String,
    /// Right guesses since then.
    pub proofs: u32,
    /// Whether it stands at a prompt that is known.
    pub is_known: bool,
    /// Whether it was typed ahead of the prompt and the program has yet to draw it there.
    pub is_awaited: bool,
    /// Where it ends.
    end: End,
    /// Whether another line may have taken its place, behind the same prompt.
    is_recalled: bool,
    /// Whether letters may be commands: nothing is known until the next Return.
    is_modal: bool,
}

impl Line {
    /// Another program has the terminal, or the same treats it otherwise.
    pub fn moved(&mut self) {
        self.refuted();
        self.start = None;
    }

    /// The screen reflects `key`, and shows that around the cursor.
    pub fn reflects(&mut self, key: Key, behind: Behind) {
        match key {
            Key::Return => *self = Self::default(),
            Key::Print(c) => {
                self.text.push(c);
                if c == ' ' && behind != Behind::Text {
                    self.may_end_in_blanks();
                }
            }
            Key::Erase => {
                self.text.pop();
                self.takes_away(behind);
            }
            Key::KillLine if matches!(behind, Behind::Nothing | Behind::Blanks) => {
                // Nothing is left of it.
                self.text.clear();
                (self.is_edited, self.end) = (false, End::Cursor);
            }
            Key::Edit(Edit::KillRest) => {
                self.goes_within();
                self.end = match behind {
                    Behind::Unclear => End::Unknown,
                    _ => End::Cursor,
                };
            }
            Key::KillWord => {
                (self.is_edited, self.text) = (true, String::new());
                self.takes_away(behind);
            }
            Key::Edit(Edit::Delete) => {
                self.goes_within();
                self.takes_away(behind);
            }
            Key::KillLine | Key::Left | Key::Right | Key::Edit(_) => self.goes_within(),
            Key::Recall | Key::Escape | Key::Other => {
                self.moved();
                (self.is_edited, self.end) = (true, End::Unknown);
                self.is_recalled = key == Key::Recall;
                self.is_modal |= key == Key::Escape;
            }
        }
        self.is_edited |= self.text.len() > MAX_LINE;
        if self.is_edited {
            self.text.clear();
        }
    }

    /// The cursor goes within it. Its end can be seen then, unless blanks are there.
    fn goes_within(&mut self) {
        if self.end == End::Cursor {
            self.end = match self.is_edited || self.text.ends_with(' ') {
                true => End::Unknown,
                false => End::Text,
            };
        }
        self.is_edited = true;
    }

    /// Something was taken away that may have stood before blanks at its end.
    fn takes_away(&mut self, behind: Behind) {
        if matches!(behind, Behind::Blanks | Behind::Unclear) {
            self.may_end_in_blanks();
        }
    }

    fn may_end_in_blanks(&mut self) {
        if self.end == End::Text {
            self.end = End::Unknown;
        }
    }

    /// Where it ends.
    pub fn end(&self) -> End {
        self.end
    }

    /// A guess was right: what stands before this line is a prompt.
    pub fn confirmed(&mut self, trust: &mut Trust) {
        self.proofs = self.proofs.saturating_add(1);
        if !self.before.is_empty() {
            trust.learn_prompt(&std::mem::take(&mut self.before));
        }
    }

    /// A guess was wrong.
    pub fn refuted(&mut self) {
        self.proofs = 0;
        self.is_known = false;
    }

    /// The program has printed something by itself. Where the kernel echoes that may be a question, and the kernel may
    /// echo no more.
    pub fn interrupted(&mut self, ground: &Ground) {
        if Echoer::of(ground.tty) == Echoer::Kernel {
            self.refuted();
        }
    }

    /// Looks at a new screen.
    pub fn see(&mut self, seen: &Seen, ground: &Ground, trust: &Trust) {
        self.is_awaited = false;
        let is_new = self.text.is_empty() && !self.is_edited;
        match Echoer::of(ground.tty) {
            Echoer::Program if !self.is_known => self.look_for_prompt(seen, ground, trust),
            Echoer::Kernel if !self.is_known && is_new => {
                self.is_known = prompt_before("", seen, ground, trust).is_some();
            }
            _ => {}
        }
        self.begin(seen);
    }

    fn look_for_prompt(&mut self, seen: &Seen, ground: &Ground, trust: &Trust) {
        if self.is_modal {
            return;
        }
        // Another line stands behind the prompt that the shell has marked, and it is the shell's to edit.
        let is_behind = |&(row, col): &(RowId, u16)| {
            let cursor = seen.cursor();
            cursor.is_some_and(|(at, cursor)| at == row && cursor >= col)
        };
        if let Some(start) = ground.prompt.filter(is_behind).filter(|_| self.is_recalled) {
            self.is_known = true;
            self.start = Some(start);
            return;
        }
        if let Some(start) = prompt_before(&self.text, seen, ground, trust) {
            self.is_known = true;
            self.is_edited = false;
            self.start = Some(start);
        } else if !self.text.is_empty() && !self.is_edited {
            let before = seen.before_cursor();
            let drawn = |prompt: &str| {
                let parts = self.text.char_indices().map(|(at, _)| &self.text[..at]);
                let mut parts = parts.filter_map(|part| before.strip_suffix(part));
                parts.any(|before| is_alone(prompt, before, &self.text))
            };
            self.is_awaited = self.proofs == 0 && trust.prompts().any(drawn);
        }
    }

    /// A line that nothing was typed into begins at the cursor, another where its text does.
    fn begin(&mut self, seen: &Seen) {
        if self.is_edited {
            return;
        }
        if self.text.is_empty() {
            self.start = seen.cursor();
            self.before = seen.before_cursor();
        } else if self.start.is_none() && seen.before_cursor().ends_with(&self.text) {
            let width = u16::try_from(text_width(&self.text)).unwrap_or(u16::MAX);
            let start = seen
                .cursor()
                .map(|(row, col)| Some((row, col.checked_sub(width)?)));
            self.start = start.flatten();
        }
    }

    /// Whether the screen shows a known prompt and behind it what `keys` lead to: a Return that it reflects, or that went
    /// before them, and what was typed after it. `was_at` is the row of the cursor before.
    pub fn is_after_return(
        &self,
        (keys, settled): (&[Guess], usize),
        seen: &Seen,
        was_at: Option<RowId>,
        (ground, trust): (&Ground, &Trust),
    ) -> bool {
        let found = keys.iter().rposition(|guess| guess.key == Key::Return);
        let is_elsewhere = seen.cursor().map(|(row, _)| row) != was_at;
        let mut text = match found {
            Some(at) if at >= settled && !is_elsewhere => return false,
            Some(_) => String::new(),
            None if self.is_known || self.is_edited || self.proofs > 0 => return false,
            None => self.text.clone(),
        };
        for guess in &keys[found.map_or(0, |at| at + 1)..] {
            match guess.key {
                Key::Print(c) => text.push(c),
                Key::Erase => drop(text.pop()),
                _ => return false,
            }
        }
        Echoer::of(ground.tty) == Echoer::Program
            && prompt_before(&text, seen, ground, trust).is_some()
    }
}

/// Whether `before` is `prompt` and nothing else, but for what the kernel has echoed of `text`, which was typed ahead. A
/// row that only ends like a known prompt may be one that asks for a password.
fn is_alone(prompt: &str, before: &str, text: &str) -> bool {
    let ahead = before.strip_suffix(prompt);
    ahead.is_some_and(|ahead| text.starts_with(ahead))
}

/// Where `text` begins, if it stands before the cursor and a prompt before it: one that the shell has marked, or one at
/// which keys were echoed before.
fn prompt_before(text: &str, seen: &Seen, ground: &Ground, trust: &Trust) -> Option<(RowId, u16)> {
    let (row, col) = seen.cursor()?;
    let width = u16::try_from(text_width(text)).ok()?;
    let start = (row, col.checked_sub(width)?);
    let before = seen.before_cursor();
    let before = before.strip_suffix(text)?;
    let is_marked = ground.prompt == Some(start);
    let is_known = |prompt: &str| is_alone(prompt, before, text);
    (is_marked || trust.prompts().any(is_known)).then_some(start)
}
