//! What the user typed and that has to wait: the server answers a command first, and then it is clear where keys go; or
//! copy mode is to show rows that it has asked for.

use super::action::{Action, ClientAction, KeysAction, TabAction, VisitAction};
use super::chord::Chord;
use super::{Effect, Ui, keymap};
use crate::protocol::{Command, Input, On, View};
use crate::sync::Time;
use crate::term::input::InputEvent;
use crate::term::{Key, KeyCode, Mods};
use std::collections::VecDeque;

/// How long keys wait for the server's answer, in milliseconds.
const ANSWER_MS: u64 = 2000;
/// Events kept meanwhile; beyond that they go where it was, or if nothing is there, nowhere.
pub(super) const MAX_HELD: usize = 1024;

/// What waits, and what for.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Commands sent that the server answers.
    pub(super) commands: u64,
    /// Some are under way that may move the focus.
    moving: Option<Moving>,
    /// Each with the time when it was done, by which repeats and double clicks are judged.
    held: VecDeque<(Time, InputEvent)>,
    /// Where the keymap stands behind them.
    ahead: Option<Chord>,
    /// They ask to leave a server that shows nothing: when that is done without it.
    leaving: Option<Time>,
    /// How many of the held come before the keys that ask for that.
    before_leaving: Option<usize>,
    /// How long the first of them waits for rows that the keys before it have asked for.
    behind: Option<Time>,
    /// How many of the last held keys are the beginning of what the one that is typed belongs to.
    chord: usize,
    /// The user goes to another session: which of the held are for that one.
    away: Option<usize>,
    /// The user has gone to another session, and has not come back.
    is_left: bool,
}

#[derive(Debug)]
struct Moving {
    /// How many commands the server will have answered then.
    answers: u64,
    /// When the server is waited for no longer.
    until: Time,
}

impl Waiting {
    /// When it is given up.
    pub(super) fn until(&self) -> Option<Time> {
        let moving = self.moving.as_ref().map(|moving| moving.until);
        let all = [moving, self.behind, self.leaving];
        all.into_iter().flatten().min()
    }

    /// When a wish to leave is done without the server.
    pub(super) fn leaves_at(&self) -> Option<Time> {
        self.leaving
    }

    /// The server is there again: from now on it has time to answer.
    pub(super) fn take_heart(&mut self, now: Time) {
        let due = now.after(ANSWER_MS);
        if let Some(moving) = &mut self.moving {
            moving.until = due;
        }
        self.behind = self.behind.map(|_| due);
    }

    /// Forgets all: another server answers, and counts anew. Says how many keys waited.
    pub(super) fn forget(&mut self) -> u64 {
        let keys = keys(self.held.iter());
        *self = Self {
            is_left: self.is_left,
            ..Self::default()
        };
        keys
    }

    /// How many keys wait, but for those that ask to leave.
    pub(super) fn kept_keys(&self) -> u64 {
        let before = self.before_leaving.unwrap_or(self.held.len());
        keys(self.held.iter().take(before))
    }

    /// Takes note of how many commands the server has answered.
    pub(super) fn see(&mut self, answered: u64) {
        self.moving.take_if(|moving| moving.answers <= answered);
    }

    /// What is typed now is for what the server will send, not for what it answers.
    pub(super) fn await_all(&mut self) {
        if let Some(moving) = &mut self.moving {
            moving.answers = u64::MAX;
        }
    }

    /// What is still held is for another session, and so is what is typed from now on.
    pub(super) fn lead_away(&mut self) {
        self.away = Some(0);
    }

    /// The user has gone to another session.
    pub(super) fn be_left(&mut self) {
        self.is_left = true;
    }

    /// The user has come from another session.
    pub(super) fn be_found(&mut self) {
        self.is_left = false;
    }

    /// Whether the user is in another session.
    pub(super) fn is_left(&self) -> bool {
        self.is_left
    }

    /// Gives out what was typed for the session that the user has gone to.
    pub(super) fn take_rest(&mut self) -> Vec<InputEvent> {
        let from = self.away.take().unwrap_or(self.held.len());
        let rest = self.held.split_off(from.min(self.held.len()));
        rest.into_iter().map(|(_, input)| input).collect()
    }

    /// Lets go what waits for an answer.
    pub(super) fn arrive(&mut self) {
        self.moving = None;
    }
}

fn keys<'a>(held: impl Iterator<Item = &'a (Time, InputEvent)>) -> u64 {
    let is_key = |(_, input): &&(Time, InputEvent)| matches!(input, InputEvent::Key(stroke) if stroke.is_typed());
    held.filter(is_key).count() as u64
}

impl Ui {
    /// How many keys wait that were typed for this session.
    pub fn kept_keys(&self) -> u64 {
        self.waiting.kept_keys()
    }

    /// Takes in what the user did, now or once it is clear what it is for.
    pub(super) fn take(&mut self, input: InputEvent, view: &View, now: Time) {
        if !self.must_hold(&input, view, now) {
            return self.input(input, view, now);
        }
        let is_alone = view.focused().is_none() || self.absence.is_some();
        match self.leads_out(&input, now).filter(|_| is_alone) {
            Some(Action::Client(_)) => {
                let since = self.waiting.held.front().map_or(now, |(typed, _)| *typed);
                self.waiting.leaving = Some(since.after(ANSWER_MS));
                let chord = self.waiting.chord;
                let before = self.waiting.held.len().saturating_sub(chord);
                self.waiting.before_leaving.get_or_insert(before);
            }
            Some(away) => return self.lead_past(away, view, now),
            None => {}
        }
        if self.waiting.held.len() >= MAX_HELD {
            return self.effects.push_back(Effect::Bell);
        }
        self.waiting.held.push_back((now, input));
        if self.waiting.held.len() >= MAX_HELD && self.absence.is_none() {
            self.stop_waiting();
        }
    }

    /// Goes to another session although this one's server is out of reach: what waits for it goes on waiting.
    fn lead_past(&mut self, action: Action, view: &View, now: Time) {
        let before = self.waiting.held.len() - self.waiting.chord.min(self.waiting.held.len());
        self.waiting.held.truncate(before);
        self.waiting.ahead = None;
        if before == 0 {
            self.chord.drop_next();
        }
        self.perform(action, Key::new(KeyCode::Escape, Mods::NONE), view, now);
        self.waiting.away = self.waiting.away.map(|_| before);
    }

    /// What `input` does if it is a key that, after those that wait, leads to `detach` or to another session.
    fn leads_out(&mut self, input: &InputEvent, now: Time) -> Option<Action> {
        let InputEvent::Key(stroke) = input else {
            return None;
        };
        if !stroke.is_typed() {
            return None;
        }
        let (is_first, start) = (self.waiting.ahead.is_none(), || self.chord.clone());
        let is_held_beside = self.beside.several().is_some();
        let ahead = self.waiting.ahead.get_or_insert_with(start);
        let next = ahead.take_next(now).map(|next| next.table);
        self.waiting.chord = match next.is_some() && !is_first {
            true => self.waiting.chord + 1,
            false => 0,
        };
        let table = next.unwrap_or_else(|| ahead.base().to_owned());
        let binding = self.settings.keymap.binding_of(&table, stroke);
        for action in binding.iter().flat_map(|binding| &binding.actions) {
            match action {
                Action::Client(ClientAction::Detach) => return Some(action.clone()),
                Action::Visit(VisitAction::Next | VisitAction::Previous | VisitAction::Leave)
                | Action::Tab(TabAction::Next | TabAction::Previous)
                    if is_held_beside =>
                {
                    return Some(action.clone());
                }
                Action::Keys(KeysAction::Prefix) => ahead.expect(keymap::PREFIX),
                Action::Keys(KeysAction::Table(table)) => ahead.expect(table),
                Action::Keys(KeysAction::Mode(mode)) => {
                    ahead.enter(mode, &self.settings.keymap);
                }
                _ => {}
            }
        }
        None
    }

    /// Whether `input` is to wait: the focus moves, rows of copy mode are on their way, or others wait already.
    fn must_hold(&mut self, input: &InputEvent, view: &View, now: Time) -> bool {
        let is_behind = self.is_behind(input, view);
        if is_behind {
            self.waiting.behind.get_or_insert(now.after(ANSWER_MS));
        }
        let waits = self.waiting.moving.is_some()
            || self.waiting.away.is_some()
            || view.focused().is_none()
            || !self.waiting.held.is_empty();
        waits || is_behind
    }

    fn stop_waiting(&mut self) {
        self.waiting.moving = None;
        self.waiting.behind = None;
        for copy in self.copies.values_mut() {
            copy.give_up_waiting();
        }
    }

    /// Lets go what waited, once the focus stands still and copy mode shows what it is meant for.
    pub(super) fn release(&mut self, view: &View, now: Time) {
        self.leave_unseen(view, now);
        let goes_on = |ui: &Self| ui.waiting.moving.is_none() && ui.waiting.away.is_none();
        while goes_on(self) && view.focused().is_some() {
            let first = self.waiting.held.front();
            let is_behind = first.is_some_and(|(_, input)| self.is_behind(input, view));
            self.waiting.behind = match is_behind {
                true => Some(self.waiting.behind.unwrap_or(now.after(ANSWER_MS))),
                false => None,
            };
            if is_behind {
                return;
            }
            let Some((typed, input)) = self.waiting.held.pop_front() else {
                self.waiting.ahead = None;
                return;
            };
            self.input(input, view, typed);
            if let Some(moving) = &mut self.waiting.moving {
                moving.until = now.after(ANSWER_MS);
            }
        }
    }

    /// Leaves a server that shows nothing, if that was asked for long enough ago.
    fn leave_unseen(&mut self, view: &View, now: Time) {
        let is_absent = self.absence.is_some();
        if view.focused().is_some() && !is_absent {
            self.waiting.leaving = None;
            self.waiting.before_leaving = None;
        }
        if self.waiting.leaving.take_if(|due| now >= *due).is_some() {
            self.effects.push_back(Effect::Detach);
        }
    }

    /// Gives up what has been waited for long enough.
    pub(super) fn expire_waiting(&mut self, now: Time) {
        if self.absence.is_some() {
            // Nobody could have answered.
            return;
        }
        self.waiting.moving.take_if(|moving| now >= moving.until);
        if self.waiting.behind.is_some_and(|until| now >= until) {
            self.stop_waiting();
        }
    }

    /// Sends a command for what has the focus; what is typed from here on belongs to where that leads.
    pub(super) fn command(&mut self, command: Command, now: Time) {
        self.command_on(On::Focus, command, now);
    }

    pub(super) fn command_on(&mut self, on: On, command: Command, now: Time) {
        self.command_aside(on, command);
        self.waiting.moving = Some(Moving {
            answers: self.waiting.commands,
            until: now.after(ANSWER_MS),
        });
    }

    /// Sends a command that moves no focus: what is typed does not wait for it.
    pub(super) fn command_aside(&mut self, on: On, command: Command) {
        self.waiting.commands += 1;
        self.send(Input::Command { on, command });
    }
}
