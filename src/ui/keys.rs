//! What the user's input means: something for what lies over the panes, a binding, or something for the program.

use super::action::{Action, CopyAction};
use super::copy::{Copy, Entered};
use super::keymap::{self, Binding};
use super::page::Page;
use super::{Restarted, Scheme, Ui, restartable};
use crate::config::Unbound;
use crate::protocol::command::PaneCommand;
use crate::protocol::{Command, Input, PaneId, View};
use crate::sync::Time;
use crate::term::encode::encode_stroke;
use crate::term::input::{InputEvent, TerminalReply};
use crate::term::palette::{self, Rgb};
use crate::term::{Key, KeyCode, Modes, Mods, Stroke};

impl Ui {
    pub(super) fn input(&mut self, input: InputEvent, view: &View, now: Time) {
        match input {
            InputEvent::Key(stroke) => self.key(&stroke, view, now),
            InputEvent::Mouse(mouse) => self.mouse(mouse, view, now),
            InputEvent::Paste { bytes, first, last } => {
                self.paste(bytes, (first, last), view, now);
            }
            InputEvent::FocusGained => self.send(Input::Focus(true)),
            InputEvent::FocusLost => self.send(Input::Focus(false)),
            InputEvent::Reply(reply) => self.reply(&reply),
            InputEvent::Unknown(bytes) => self.unknown(&bytes, view),
        }
    }

    fn key(&mut self, stroke: &Stroke, view: &View, now: Time) {
        if self.aside_key(stroke, view) {
            return;
        }
        if self.messages.dismiss() {
            self.repaint();
        }
        if !self.overlay_key(stroke, view, now) {
            self.chord_key(stroke, view, now);
        }
    }

    /// A key by the table that waits for one, or by the one for all keys. A key that does not repeat ends the time in
    /// which others would have, as in tmux.
    fn chord_key(&mut self, stroke: &Stroke, view: &View, now: Time) {
        let Some(next) = self.chord.take_next(now) else {
            return self.pane_key(stroke, view, now);
        };
        self.repaint();
        let is_repeat = next.until.is_some();
        match self.binding(&next.table, stroke) {
            Some(binding) if !is_repeat || binding.repeat => {
                self.perform_all(binding, &next.table, stroke.key(), view, now);
            }
            _ if is_repeat => self.pane_key(stroke, view, now),
            _ if self.settings.keymap.unbound(&next.table) == Unbound::Pass => {
                if let Some(pane) = view.focused() {
                    self.program_key(pane.pane, stroke, view, now);
                }
            }
            _ => {}
        }
    }

    fn pane_key(&mut self, stroke: &Stroke, view: &View, now: Time) {
        let base = self.chord.base().to_owned();
        if let Some(binding) = self.binding(&base, stroke) {
            return self.perform_all(binding, &base, stroke.key(), view, now);
        }
        let Some(pane) = view.focused().map(|pane| pane.pane) else {
            return;
        };
        self.leave_selections(pane);
        let passes = self.settings.keymap.unbound(&base) == Unbound::Pass;
        match self
            .copies
            .get(&pane)
            .filter(|copy| copy.is_active())
            .map(|copy| copy.entered)
        {
            Some(Entered::ByKey) => return self.copy_key(stroke, view, now),
            Some(Entered::ByWheel | Entered::ByDrag) if passes => self.leave_copy(pane),
            _ => {}
        }
        if passes {
            self.program_key(pane, stroke, view, now);
        }
    }

    /// Ends what the mouse has selected in panes other than `but`: whoever types elsewhere wants to see them go on.
    fn leave_selections(&mut self, but: PaneId) {
        let selected = |(pane, copy): (&PaneId, &Copy)| {
            let is_selected = copy.is_active() && copy.entered == Entered::ByDrag;
            (is_selected && *pane != but).then_some(*pane)
        };
        let others: Vec<PaneId> = self.copies.iter().filter_map(selected).collect();
        for pane in others {
            self.leave_copy(pane);
        }
    }

    /// A key for the program, or for its restart once it has ended.
    fn program_key(&mut self, pane: PaneId, stroke: &Stroke, view: &View, now: Time) {
        let again = start_again(stroke, view);
        let is_new = |ended: &Restarted| self.restarted.as_ref() != Some(ended);
        if let Some((ended, command)) = again.filter(|(ended, _)| is_new(ended)) {
            self.restarted = Some(ended);
            return self.command(Command::Pane(command), now);
        }
        if stroke.legacy().code == KeyCode::Char('r')
            && restartable(view).is_some_and(|ended| is_new(&ended))
        {
            self.say(
                "nothing is known that could run again here: Enter starts it".to_owned(),
                now,
            );
        }
        self.held.down(stroke.code, pane);
        self.tell_key(pane, stroke, view);
    }

    /// Tells the pane's program of a key, as it asks.
    pub(super) fn tell_key(&mut self, pane: PaneId, stroke: &Stroke, view: &View) {
        let mut bytes = Vec::with_capacity(8);
        encode_stroke(stroke, modes(view, pane), &mut bytes);
        self.send_bytes(pane, &bytes, view);
    }

    /// Sends a key by its own name, whatever it is bound to; in copy mode it means what that makes of it.
    pub(super) fn send_key(&mut self, key: Key, view: &View, now: Time) {
        let stroke = Stroke::from(key);
        let Some(pane) = view.focused().map(|pane| pane.pane) else {
            return;
        };
        match self.copies.get(&pane).is_some_and(Copy::is_active) {
            true => self.copy_key(&stroke, view, now),
            false => self.program_key(pane, &stroke, view, now),
        }
    }

    /// Whether `input` is a key of copy mode for rows that are not shown yet.
    pub(super) fn is_behind(&self, input: &InputEvent, view: &View) -> bool {
        let InputEvent::Key(stroke) = input else {
            return false;
        };
        let Some(pane) = view.focused().filter(|_| stroke.is_typed()) else {
            return false;
        };
        let copy = self.copies.get(&pane.pane);
        let copy = copy.filter(|copy| copy.entered == Entered::ByKey);
        let (Some(copy), Some(page)) = (copy, Page::of(view, pane.pane)) else {
            return false;
        };
        let is_other = self.overlay.is_some()
            || self.chord.is_under_way()
            || self.binding(self.chord.base(), stroke).is_some();
        let binding = self.binding(keymap::COPY, stroke).filter(|_| !is_other);
        binding.is_some_and(|binding| {
            let waits = |action: &Action| matches!(action, Action::Copy(action) if copy.must_wait(*action, &page));
            binding.actions.iter().any(waits)
        })
    }

    fn copy_key(&mut self, stroke: &Stroke, view: &View, now: Time) {
        let binding = self.binding(keymap::COPY, stroke);
        if self.leading_key(stroke.legacy(), binding.as_ref(), view, now) {
            return;
        }
        if let Some(binding) = binding {
            return self.perform_all(binding, keymap::COPY, stroke.key(), view, now);
        }
        let passes = self.settings.keymap.unbound(keymap::COPY) == Unbound::Pass;
        if let Some(pane) = view.focused().filter(|_| passes) {
            self.program_key(pane.pane, stroke, view, now);
        }
    }

    /// Whether a key of copy mode only says how often the next one is done, or is the character that one waited for.
    fn leading_key(&mut self, key: Key, binding: Option<&Binding>, view: &View, now: Time) -> bool {
        let Some(pane) = view.focused().map(|pane| pane.pane) else {
            return false;
        };
        let page = Page::of(view, pane);
        let (Some(copy), Some(page)) = (self.copies.get_mut(&pane), page) else {
            return false;
        };
        if let Some(outcome) = copy.take_character(key, &page) {
            self.follow(outcome, pane, now);
            return true;
        }
        (binding.is_none() || copy.is_counting()) && copy.take_digit(key)
    }

    fn binding(&self, table: &str, stroke: &Stroke) -> Option<Binding> {
        self.settings.keymap.binding_of(table, stroke).cloned()
    }

    /// What the terminal says of itself: whether it is dark or light.
    fn reply(&mut self, reply: &TerminalReply) {
        match reply {
            TerminalReply::Foreground(color) => self.outer.foreground = palette::parse(color),
            TerminalReply::Background(color) => {
                if let Some(background) = palette::parse(color) {
                    self.see_background(background);
                }
            }
            TerminalReply::DarkScheme => self.turn(Scheme::Dark),
            TerminalReply::LightScheme => self.turn(Scheme::Light),
            _ => {}
        }
    }

    /// The terminal says that it is dark or light now: what it has for colours is to be asked.
    fn turn(&mut self, scheme: Scheme) {
        self.adapt(scheme);
        self.effects.push_back(super::Effect::AskColors);
    }

    /// The terminal has this background: the theme follows it, and programs that ask are told.
    fn see_background(&mut self, background: Rgb) {
        let scheme = Scheme::of_background(background);
        self.adapt(scheme);
        self.send(Input::Colors {
            foreground: self.outer.foreground.unwrap_or(scheme.defaults().0),
            background,
        });
    }

    fn unknown(&mut self, bytes: &[u8], view: &View) {
        let Some(pane) = view.focused().map(|pane| pane.pane) else {
            return;
        };
        let copying = self.copies.get(&pane).is_some_and(Copy::is_active);
        if self.overlay.is_none() && !self.chord.is_under_way() && !copying {
            self.send_bytes(pane, bytes, view);
        }
    }

    fn paste(&mut self, bytes: Vec<u8>, (first, last): (bool, bool), view: &View, now: Time) {
        let text = || String::from_utf8_lossy(&bytes);
        if self
            .overlay
            .as_mut()
            .is_some_and(|overlay| overlay.paste(&text()))
        {
            self.seek(view, now);
            return self.repaint();
        }
        if first {
            self.overlay = None;
            self.chord.drop_next();
            self.paste = view.focused().map(|pane| pane.pane);
            if let Some(pane) = self.paste {
                self.leave_copy(pane);
            }
        }
        let Some(pane) = self.paste else { return };
        self.predictor.pasted(pane, bytes.len(), view);
        self.send_paste(pane, bytes, (first, last));
        if last {
            self.paste = None;
        }
    }

    fn send_paste(&mut self, pane: PaneId, bytes: Vec<u8>, (first, last): (bool, bool)) {
        let parts = bytes.len().div_ceil(Input::MAX_BYTES).max(1);
        for part in 0..parts {
            let start = part * Input::MAX_BYTES;
            let end = bytes.len().min(start + Input::MAX_BYTES);
            self.send(Input::Paste {
                pane,
                bytes: bytes[start..end].to_vec(),
                first: first && part == 0,
                last: last && part + 1 == parts,
            });
        }
    }

    /// Does to the focused pane's copy mode what `action` says.
    pub(super) fn copy_action(&mut self, action: CopyAction, view: &View, now: Time) {
        let Some(pane) = view.focused().map(|pane| pane.pane) else {
            return;
        };
        let page = Page::of(view, pane);
        let copy = self.copies.get_mut(&pane).filter(|copy| copy.is_active());
        if let (Some(copy), Some(page)) = (copy, page) {
            let outcome = copy.act(action, &page);
            self.follow(outcome, pane, now);
        }
    }
}

/// What a key does where a program has ended: Return starts it again (in a restored pane its shell), and `r` what ran
/// in a restored pane.
fn start_again(stroke: &Stroke, view: &View) -> Option<(Restarted, PaneCommand)> {
    let ended = restartable(view)?;
    let key = stroke.legacy();
    match key.code {
        KeyCode::Enter => Some((ended, PaneCommand::Restart)),
        KeyCode::Char('r') if key.mods == Mods::default() => {
            let header = view.focused_surface()?.header.as_ref()?;
            header.can_rerun.then_some((ended, PaneCommand::Rerun))
        }
        _ => None,
    }
}

/// What keys and mice send to `pane`.
pub(super) fn modes(view: &View, pane: PaneId) -> Modes {
    let shown = view.chrome.panes.iter().find(|shown| shown.pane == pane);
    shown
        .and_then(|shown| view.surface(shown.surface)?.header.as_ref())
        .map_or_else(Modes::default, |header| header.modes)
}
