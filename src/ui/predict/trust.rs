//! How far guesses are trusted, by where one types: the pane, the program in its foreground, and whether that has taken
//! the whole screen.

use super::key::Key;
use super::tally::Verdict;
use crate::protocol::{Ground, PaneId};
use std::collections::VecDeque;

/// Programs that are remembered.
const MAX_PROGRAMS: usize = 64;
/// Prompts that are remembered of each.
const MAX_PROMPTS: usize = 4;
/// Right guesses after which a program is known.
const KNOWN_AFTER: u32 = 32;
/// Guesses shown at a time while a program is not known: what it would do to the first of them is not yet seen.
const UNKNOWN_AHEAD: usize = 2;
/// Right guesses in a row that a program has to show for itself which has taken the whole screen and is not known.
const FULL_SCREEN_PROOFS: u32 = 3;
/// What every new guess counts for, in shares of one.
const WEIGHT: f32 = 0.125;
/// The share of right guesses below which none are shown.
const LEAST: f32 = 0.6;

/// How words begin that ask for what nobody is to see: no line behind one is ever shown without a proof.
const SECRETS: [&str; 3] = ["passw", "passphrase", "passcode"];

/// Programs that edit lines as everybody knows it.
const LINE_EDITORS: [&str; 12] = [
    "bash", "zsh", "fish", "sh", "dash", "ksh", "mksh", "ash", "nu", "python3", "psql", "sqlite3",
];

/// Where one types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    pane: PaneId,
    program: u32,
    /// Whether it has the alternate screen.
    is_full_screen: bool,
}

/// What is known of guesses in one place.
#[derive(Debug, Clone)]
pub(super) struct Trust {
    place: Place,
    right: u32,
    share: f32,
    /// Whether it has gone on in the next row at the margin.
    pub wraps: bool,
    /// What stood before a line when it was typed.
    prompts: VecDeque<String>,
    /// Keys that edit, and whether they did what was expected when they were seen last.
    edits: Vec<(Key, bool)>,
}

/// What is known of all places.
#[derive(Debug, Clone, Default)]
pub(super) struct Trusts(VecDeque<Trust>);

impl Place {
    pub fn of(ground: Ground, is_full_screen: bool) -> Self {
        Self {
            pane: ground.pane,
            program: ground.program,
            is_full_screen,
        }
    }
}

impl Trusts {
    /// What is known of `place`.
    pub fn of(&mut self, place: Place) -> &mut Trust {
        let known = self.0.iter().position(|trust| trust.place == place);
        let trust = known.and_then(|at| self.0.remove(at));
        self.0
            .push_front(trust.unwrap_or_else(|| Trust::new(place)));
        self.0.truncate(MAX_PROGRAMS);
        &mut self.0[0]
    }
}

impl Trusts {
    /// What is known of `place`, if anything is.
    pub fn peek(&self, place: Place) -> Option<&Trust> {
        self.0.iter().find(|trust| trust.place == place)
    }
}

impl Trust {
    fn new(place: Place) -> Self {
        let is_known = |name: &&str| {
            [true, false]
                .iter()
                .any(|first| Ground::program(name, *first) == place.program)
        };
        let is_editor = !place.is_full_screen && LINE_EDITORS.iter().any(is_known);
        Self {
            place,
            right: if is_editor { KNOWN_AFTER } else { 0 },
            share: 1.0,
            wraps: false,
            prompts: VecDeque::new(),
            edits: Vec::new(),
        }
    }

    pub fn was_right(&mut self) {
        self.right = self.right.saturating_add(1);
        self.share += (1.0 - self.share) * WEIGHT;
    }

    /// A guess was wrong that was to be relied on.
    pub fn was_wrong(&mut self) {
        self.share -= self.share * WEIGHT;
        self.right = self.right.saturating_sub(KNOWN_AFTER / 4);
    }

    fn is_known(&self) -> bool {
        self.right >= KNOWN_AFTER
    }

    /// Right guesses in a row that it takes until guesses are shown.
    pub fn proofs(&self) -> u32 {
        match self.place.is_full_screen && !self.is_known() {
            true => FULL_SCREEN_PROOFS,
            false => 1,
        }
    }

    /// How many unconfirmed guesses may be shown.
    pub fn ahead(&self) -> usize {
        match (self.share >= LEAST, self.is_known()) {
            (false, _) => 0,
            (true, false) => UNKNOWN_AHEAD,
            (true, true) => usize::MAX,
        }
    }

    /// The keys that are known to do here what line editors do. Each has to be seen once; one that did something else is
    /// never known.
    pub fn edits(&self) -> Vec<Key> {
        let known = self.edits.iter().filter(|(_, is_right)| *is_right);
        known.map(|(key, _)| *key).collect()
    }

    /// Learns how `key` turned out.
    pub fn learn_edit(&mut self, key: Key, verdict: Verdict) {
        let was_right = verdict == Verdict::Right;
        match self.edits.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known &= was_right,
            None => self.edits.push((key, was_right)),
        }
    }

    /// Whether it has the whole screen.
    pub fn is_full_screen(&self) -> bool {
        self.place.is_full_screen
    }

    /// Remembers what stood before a line.
    pub fn learn_prompt(&mut self, prompt: &str) {
        if prompt.trim().is_empty() || self.place.is_full_screen || asks_for_secret(prompt) {
            return;
        }
        self.prompts.retain(|known| known != prompt);
        self.prompts.push_front(prompt.to_owned());
        self.prompts.truncate(MAX_PROMPTS);
    }

    /// What has stood before lines, the newest first.
    pub fn prompts(&self) -> impl Iterator<Item = &str> {
        self.prompts.iter().map(String::as_str)
    }
}

fn asks_for_secret(prompt: &str) -> bool {
    let prompt = prompt.to_lowercase();
    let mut words = prompt.split(|c: char| !c.is_alphanumeric());
    words.any(|word| word == "pin" || SECRETS.iter().any(|secret| word.starts_with(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(program: &str, is_full_screen: bool) -> Trust {
        let ground = Ground {
            program: Ground::program(program, false),
            ..Ground::default()
        };
        Trusts::default()
            .of(Place::of(ground, is_full_screen))
            .clone()
    }

    #[test]
    fn an_unknown_program_earns_its_trust() {
        let mut trust = trust("something", false);
        assert_eq!((trust.ahead(), trust.proofs()), (2, 1));
        (0..KNOWN_AFTER).for_each(|_| trust.was_right());
        assert_eq!(trust.ahead(), usize::MAX);
        (0..6).for_each(|_| trust.was_wrong());
        assert_eq!(trust.ahead(), 0);
        (0..16).for_each(|_| trust.was_right());
        assert!(trust.ahead() > 0);
    }

    #[test]
    fn shells_are_known_and_full_screens_are_not() {
        assert_eq!(trust("bash", false).ahead(), usize::MAX);
        assert_eq!(
            (trust("vim", true).ahead(), trust("vim", true).proofs()),
            (2, 3)
        );
    }

    #[test]
    fn no_question_for_a_secret_is_remembered() {
        let mut trust = trust("ssh", false);
        for prompt in ["Password: ", "[sudo] password for ann: ", "Enter PIN: "] {
            trust.learn_prompt(prompt);
        }
        assert_eq!(trust.prompts().count(), 0);
        trust.learn_prompt("ann@spinner:~$ ");
        assert_eq!(trust.prompts().count(), 1);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut trusts = Trusts::default();
        for program in 0..1000 {
            let ground = Ground {
                program,
                ..Ground::default()
            };
            trusts.of(Place::of(ground, false)).learn_prompt("> ");
        }
        assert_eq!(trusts.0.len(), MAX_PROGRAMS);
        let ground = Ground {
            program: 999,
            ..Ground::default()
        };
        assert_eq!(trusts.of(Place::of(ground, false)).prompts().count(), 1);
    }
}
