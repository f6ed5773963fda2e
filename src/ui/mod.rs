//! The client's mind: what keys and mice mean, and what the user's terminal shows. A machine; it knows no clock and no
//! terminal.
//!
//! Input events, views and the server's events go in by [`Ui::handle`]; what is to be sent, copied and rung comes out by
//! [`Ui::poll`]; [`Ui::paint`] gives the bytes that lead the terminal from what it shows to the present view.

pub mod action;
mod ahead;
mod allowance;
pub mod beside;
pub mod borders;
pub mod catalog;
mod chord;
pub mod chrome;
pub mod compose;
mod contact;
mod copier;
pub mod copy;
mod gesture;
pub mod goal;
mod keyboard;
pub mod keymap;
mod keys;
pub mod link;
mod margin;
mod menus;
pub mod messages;
pub mod motion;
pub mod offset;
mod outer;
pub mod overlay;
pub mod page;
pub mod paint;
pub mod pen;
mod perform;
pub mod picture;
pub mod place;
mod pointer;
pub mod predict;
pub mod reach;
mod select;
pub mod selection;
mod settings;
pub mod shift;
pub mod theme;
mod waiting;
mod wall;

pub use beside::{Beside, Landing, Visiting};
pub use contact::Contact;
pub use keyboard::{KeyboardUse, KeypadUse};
pub use keymap::Keymap;
pub use pen::ColorDepth;
pub use pointer::{MousePrecision, MouseUse};
pub use reach::Reach;
pub use settings::Settings;
pub use theme::{Scheme, Theme};

use crate::config;
use crate::protocol::command::ScrollCommand;
use crate::protocol::scrolled::Tally;
use crate::protocol::{self, Command, Input, On, PaneId, View};
use crate::sync::Time;
use crate::term::input::InputEvent;
use crate::term::{Notice, Size};
use crate::when::Now;
use allowance::Allowance;
use chord::Chord;
use chrome::status::{Status, StatusLine};
use compose::Scene;
use contact::Absence;
use copy::{Copy, Seen};
use keyboard::Held;
use messages::{Firmness, Messages};
use outer::Outer;
use overlay::{History, Menu, Overlay};
use page::Page;
use place::Place;
use pointer::Pointer;
use predict::Predictor;
use select::Selecting;
use std::collections::{BTreeMap, VecDeque};
use waiting::Waiting;
use wall::WallClock;

/// How long the first message of all stands, in milliseconds: its reader has never seen the place where it stands.
const WELCOME_MS: u64 = 15_000;

/// Places in panes that are kept.
const MAX_COPIES: usize = 64;

/// What the user interface starts with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The user's terminal.
    pub size: Size,
    /// What is configured.
    pub settings: Settings,
    /// What the terminal can show.
    pub colors: ColorDepth,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The user did something.
    Input(InputEvent),
    /// The terminal has this size now.
    Resize(Size),
    /// The view is another than before.
    ViewChanged,
    /// The server says something.
    Server(protocol::Event),
    /// It is this time now, and the status line shows it like this.
    Clock(Now, String),
    /// The server is reached like this now.
    Reach(Reach),
    /// The server went out of reach, or is back.
    Contact(Contact),
    /// The time of [`Ui::timeout`] has come.
    Tick,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send this to the server.
    Send(Input),
    /// Leave; the session goes on.
    Detach,
    /// Set the terminal's clipboard (OSC 52).
    Clipboard {
        /// Which selection, as OSC 52 names it.
        selection: String,
        /// The text.
        bytes: Vec<u8>,
    },
    /// Answer this question of a program's with what is on the clipboard.
    GiveClipboard {
        /// Which question.
        id: u64,
        /// Which selection, as OSC 52 names it.
        selection: String,
    },
    /// Answer it with nothing.
    KeepClipboard(u64),
    /// Show what this address names.
    Open(String),
    /// Ring.
    Bell,
    /// Let the terminal show this its own way, where it can.
    Notify(Notice),
    /// Ask the terminal for its colours.
    AskColors,
    /// Paint when convenient.
    Repaint,
    /// Paint the whole screen afresh.
    RepaintWhole,
    /// Read the configuration again and say how that went.
    Reload,
    /// Go to another of the sessions held side by side, or let one go, or hold one more.
    Visit(Visiting),
}

/// A restart that was asked for: until the pane says something else, further Returns are the program's.
#[derive(Debug, PartialEq, Eq)]
struct Restarted {
    pane: PaneId,
    fate: String,
}

/// The user interface of one attachment.
#[derive(Debug)]
pub struct Ui {
    outer: Outer,
    settings: Settings,
    chord: Chord,
    copies: BTreeMap<PaneId, Copy>,
    overlay: Option<Overlay>,
    /// What was typed into prompts.
    prompts: History,
    messages: Messages,
    wall: WallClock,
    allowance: Allowance,
    pointer: Pointer,
    held: Held,
    selecting: Selecting,
    restarted: Option<Restarted>,
    waiting: Waiting,
    predictor: Predictor,
    absence: Option<Absence>,
    beside: Beside,
    /// Where the paste goes whose parts are arriving.
    paste: Option<PaneId>,
    effects: VecDeque<Effect>,
}

impl Ui {
    /// Makes the user interface of an attachment that nothing is known of yet.
    pub fn new(options: Options) -> Self {
        let mut ui = Self {
            outer: Outer::new(options.size, options.colors, &options.settings),
            settings: options.settings,
            chord: Chord::default(),
            copies: BTreeMap::new(),
            overlay: None,
            prompts: History::default(),
            messages: Messages::default(),
            wall: WallClock::default(),
            allowance: Allowance::default(),
            pointer: Pointer::default(),
            held: Held::default(),
            selecting: Selecting::default(),
            restarted: None,
            waiting: Waiting::default(),
            predictor: Predictor::default(),
            absence: None,
            beside: Beside::default(),
            paste: None,
            effects: VecDeque::new(),
        };
        ui.predictor.configure(ui.settings.predict);
        ui
    }

    /// Takes over other settings, at once.
    pub fn configure(&mut self, settings: Settings) {
        self.chord.move_to(&settings.keymap);
        if settings.look.clock == config::Clock::Off {
            self.messages.clock.clear();
        }
        self.predictor.configure(settings.predict);
        self.settings = settings;
        self.dress();
    }

    /// Takes over the look of a terminal that has light letters on dark, or dark ones on light.
    fn adapt(&mut self, scheme: Scheme) {
        if self.outer.adapt(scheme) {
            self.dress();
        }
    }

    /// Draws everything as the settings have it now.
    fn dress(&mut self) {
        self.outer.dress(&self.settings);
        self.repaint();
    }

    /// The table of keys that waits for one, or that all keys come from, if that is not the usual one.
    pub fn mode_name(&self) -> Option<&str> {
        self.chord.name()
    }

    /// Takes in what happened.
    pub fn handle(&mut self, event: Event, view: &View, now: Time) {
        self.wall.pass(now);
        self.predictor.set_now(now);
        match event {
            Event::Input(input) => self.take(input, view, now),
            Event::Resize(size) => self.resize(size),
            Event::ViewChanged => self.see(view, now),
            Event::Server(event) => self.server(event, view, now),
            Event::Clock(time, text) => {
                self.wall.tell(time, now);
                self.messages.clock = text;
                self.repaint();
            }
            Event::Reach(reach) => {
                let before = self.messages.reach.replace(reach);
                if before.map(|before| before.words()) != Some(reach.words()) {
                    self.repaint();
                }
            }
            Event::Contact(contact) => self.contact(contact, now),
            Event::Tick => {
                self.pull(view, now);
                self.predictor.tick(view);
                self.repaint();
            }
        }
        self.expire(now);
        self.release(view, now);
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Event::Tick`] is due.
    pub fn timeout(&self) -> Option<Time> {
        let overlay = self.overlay.as_ref().and_then(Overlay::until);
        let pull = self.selecting.timeout();
        let guesses = self.predictor.timeout();
        let waiting = match self.absence {
            Some(_) => self.waiting.leaves_at(),
            None => self.waiting.until(),
        };
        let absence = self.absence.map(Absence::due);
        let waits = [self.messages.until(), waiting, absence];
        let all = waits.into_iter().chain([overlay, pull, guesses]);
        all.flatten().min()
    }

    /// Whether something is guessed that is worth painting before the server has answered.
    pub fn is_guessing(&self) -> bool {
        self.predictor.overlay().is_some()
    }

    /// What the server does not know yet of how guesses have turned out.
    pub fn last_report(&mut self) -> Option<Input> {
        self.predictor.last_report().map(Input::Guessed)
    }

    /// Appends the bytes that lead the terminal from what was painted last to the present view.
    pub fn paint(&mut self, view: &View, now: Time, out: &mut Vec<u8>) {
        self.wall.pass(now);
        self.expire(now);
        self.look(view);
        let Outer {
            size,
            offset,
            theme,
            canvas,
            ..
        } = &mut self.outer;
        let over = self.overlay.as_ref();
        let over = over.and_then(|over| over.draw(view, *offset, *size, theme));
        let absence = self.absence.and_then(|absence| absence.words(now));
        let scene = Scene {
            view,
            offset: *offset,
            copies: &self.copies,
            guesses: guesses(&self.predictor, view, &self.copies),
            status: Status {
                reach: self.messages.reach.filter(|_| absence.is_none()),
                absence: absence.as_deref(),
                beside: self.beside.several(),
                ..status(
                    &self.overlay,
                    &self.messages,
                    &self.chord,
                    place(view, &self.copies, &self.wall),
                    view,
                )
            },
            over: over.as_ref(),
            theme,
        };
        canvas.paint(&scene, out);
    }

    /// Looks where the cursor is. Nothing moves under what the mouse holds or points at.
    fn look(&mut self, view: &View) {
        let is_pointing = matches!(self.overlay, Some(Overlay::Menu(_)))
            || self.pointer.grip.is_some()
            || self.selecting.is_held();
        let Outer { offset, size, .. } = &mut self.outer;
        *offset = match is_pointing {
            true => offset.within(view, *size),
            false => offset.following(view, *size, &self.copies),
        };
    }

    /// Forgets what the terminal shows: the next [`Ui::paint`] paints it whole.
    pub fn forget_painted(&mut self) {
        self.outer.canvas.forget();
    }

    /// What the terminal shows after the last [`Ui::paint`].
    pub fn picture(&self) -> &picture::Picture {
        self.outer.canvas.picture()
    }

    /// Says `text` in the status line for a while.
    pub fn say(&mut self, text: String, now: Time) {
        let stands_ms = self.settings.look.message_ms;
        self.say_for(text, Firmness::Loose, stands_ms, now);
    }

    /// Says `text` to somebody who is new here, for a longer while.
    pub fn welcome(&mut self, text: String, now: Time) {
        self.say_for(text, Firmness::Firm, WELCOME_MS, now);
    }

    fn say_for(&mut self, text: String, firmness: Firmness, stands_ms: u64, now: Time) {
        let text = chrome::plain(&text);
        self.messages.say(text, firmness, stands_ms, now);
        self.repaint();
    }

    fn resize(&mut self, size: Size) {
        self.outer.resize(size);
        let is_lost =
            |over: &mut Overlay| matches!(over, Overlay::Menu(_)) && !Menu::has_room(size);
        self.overlay.take_if(is_lost);
        self.send(Input::Resize(size));
        self.repaint();
    }

    fn server(&mut self, event: protocol::Event, view: &View, now: Time) {
        match event {
            protocol::Event::Bell if self.settings.alerts.bell == config::Bell::Ring => {
                self.effects.push_back(Effect::Bell);
            }
            protocol::Event::Bell => {}
            protocol::Event::Notice(notice) => self.notice(notice, now),
            protocol::Event::Clipboard { selection, bytes } => {
                self.effects
                    .push_back(Effect::Clipboard { selection, bytes });
            }
            protocol::Event::Message(text) => {
                // It may say why a program did not start: another Return may try again.
                self.restarted = None;
                self.say(text, now);
            }
            protocol::Event::Ask {
                question,
                on,
                command,
            } => self.ask(question, on, command),
            protocol::Event::Sessions(sessions) => {
                // What was typed meanwhile is for the list.
                self.waiting.arrive();
                let beside = self.beside.several();
                let list = catalog::sessions(&sessions, &view.chrome.session, beside);
                self.open(Overlay::List(list));
            }
            protocol::Event::AskClipboard {
                id,
                selection,
                asker,
            } => self.asked_for_clipboard((id, selection), &asker, now),
            // It is no affair of the user's; whoever has the link sees to another one.
            protocol::Event::Agent { .. } | protocol::Event::Restarting => {}
            protocol::Event::Reload => self.effects.push_back(Effect::Reload),
            protocol::Event::Detached(_) => self.effects.push_back(Effect::Detach),
        }
    }

    /// Says what a program wants known; the terminal says it as well, unless bells are not to be heard or there are too
    /// many.
    fn notice(&mut self, notice: Notice, now: Time) {
        self.say(notice.to_string(), now);
        if self.settings.alerts.bell == config::Bell::Ring && self.allowance.take(now) {
            self.effects.push_back(Effect::Notify(notice));
        }
    }

    fn expire(&mut self, now: Time) {
        if self.messages.until().is_some_and(|until| now >= until) {
            self.messages.clear();
            self.repaint();
        }
        let over = self.overlay.as_ref().and_then(Overlay::until);
        if over.is_some_and(|until| now >= until) {
            self.overlay = None;
            self.repaint();
        }
        if self
            .absence
            .as_mut()
            .is_some_and(|absence| absence.has_changed(now))
        {
            self.repaint();
        }
        self.expire_waiting(now);
    }

    /// Takes note of the new view.
    fn see(&mut self, view: &View, now: Time) {
        self.predictor.see(view);
        self.waiting.see(view.chrome.answered);
        if self.restarted.is_some() && self.restarted != restartable(view) {
            self.restarted = None;
        }
        let panes: Vec<PaneId> = view.chrome.panes.iter().map(|pane| pane.pane).collect();
        for pane in panes {
            self.see_pane(pane, view, now);
        }
        self.forget_copies(view);
        self.repaint();
    }

    /// Forgets the places in panes that are not shown, of the oldest first, beyond those that are worth keeping: nobody
    /// says when a pane of another tab is gone.
    fn forget_copies(&mut self, view: &View) {
        let excess = self.copies.len().saturating_sub(MAX_COPIES);
        let is_shown = |pane: &PaneId| view.chrome.panes.iter().any(|shown| shown.pane == *pane);
        let hidden = self.copies.keys().filter(|pane| !is_shown(pane));
        let forgotten: Vec<PaneId> = hidden.take(excess).copied().collect();
        for pane in forgotten {
            self.copies.remove(&pane);
        }
    }

    fn see_pane(&mut self, pane: PaneId, view: &View, now: Time) {
        let Some(page) = Page::of(view, pane) else {
            return;
        };
        let scrolled = page
            .surface
            .header
            .as_ref()
            .is_some_and(|header| header.scrolled.is_some());
        if scrolled && !self.copies.contains_key(&pane) {
            // Scrolled by a command, or before the viewer looked elsewhere: typing leads back.
            let copy = Copy::enter(copy::Entered::ByWheel, page::Point::default(), None);
            self.copies.insert(pane, copy);
        }
        let Some(copy) = self.copies.get_mut(&pane) else {
            return;
        };
        match copy.see(&page) {
            Seen::Here => {}
            Seen::Note(note) if self.note_search(pane, note.clone()) => {}
            Seen::Note(note) => self.say(note, now),
            Seen::Wants(outcome) => self.follow(outcome, pane, now),
            Seen::Done => self.leave_copy(pane),
            Seen::Gone => {
                self.copies.remove(&pane);
            }
        }
    }

    fn leave_copy(&mut self, pane: PaneId) {
        if self.copies.get_mut(&pane).is_some_and(Copy::leave) {
            self.scroll(pane, ScrollCommand::Live);
        }
        self.repaint();
    }

    /// Sends a command for the place in the scrollback of `pane`; nothing waits for it.
    fn scroll(&mut self, pane: PaneId, command: ScrollCommand) {
        if let Some(copy) = self.copies.get_mut(&pane) {
            copy.sent(&command);
        }
        self.send(Input::Command {
            on: On::Pane(pane),
            command: Command::Scroll(command),
        });
    }

    fn send(&mut self, input: Input) {
        self.effects.push_back(Effect::Send(input));
    }

    /// Sends bytes, joined to those just before them.
    fn send_bytes(&mut self, pane: PaneId, new: &[u8], view: &View) {
        if let Some(counts) = self.predictor.report() {
            self.send(Input::Guessed(counts));
        }
        self.predictor.typed(pane, new, view);
        if self.is_guessing() {
            self.repaint();
        }
        if let Some(Effect::Send(Input::Bytes { pane: last, bytes })) = self.effects.back_mut()
            && *last == pane
            && bytes.len() + new.len() <= Input::MAX_BYTES
        {
            return bytes.extend_from_slice(new);
        }
        for bytes in new.chunks(Input::MAX_BYTES) {
            let bytes = bytes.to_vec();
            self.send(Input::Bytes { pane, bytes });
        }
    }

    fn repaint(&mut self) {
        if !self.effects.contains(&Effect::Repaint) {
            self.effects.push_back(Effect::Repaint);
        }
    }
}

/// Where the focused pane is scrolled to, and how many milliseconds ago what stands there was written.
fn place(
    view: &View,
    copies: &BTreeMap<PaneId, Copy>,
    wall: &WallClock,
) -> Option<(Place, Option<u64>)> {
    let place = compose::place(view, copies, view.focused()?)?;
    let age = place.written_ms.and_then(|written| wall.since(written));
    Some((place, age))
}

/// What is guessed of the pane with the focus, unless the viewer looks at something else in it.
fn guesses<'a>(
    predictor: &'a Predictor,
    view: &View,
    copies: &BTreeMap<PaneId, Copy>,
) -> Option<&'a predict::Overlay> {
    let guesses = predictor.overlay()?;
    let is_elsewhere = copies.get(&guesses.pane).is_some_and(Copy::is_active);
    let is_focused = view.focused().is_some_and(|pane| pane.pane == guesses.pane);
    (is_focused && !is_elsewhere).then_some(guesses)
}

/// What the status line says. It borrows what it needs, as the picture is composed meanwhile.
fn status<'a>(
    overlay: &'a Option<Overlay>,
    messages: &'a Messages,
    chord: &'a Chord,
    scrolled: Option<(Place, Option<u64>)>,
    view: &View,
) -> Status<'a> {
    let asked = overlay.as_ref().and_then(Overlay::status);
    let said = messages.standing().map(StatusLine::Message);
    Status {
        line: asked.or(said).unwrap_or(StatusLine::Tabs),
        mode: chord.name(),
        hint: chord.hint(),
        scrolled,
        tally: tally(view),
        absence: None,
        beside: None,
        clock: &messages.clock,
        reach: messages.reach,
    }
}

/// What is known of the matches of the search in the focused pane.
fn tally(view: &View) -> Option<Tally> {
    let header = view.focused_surface()?.header.as_ref()?;
    header.scrolled.as_ref()?.tally
}

/// The focused pane, if its program has ended, and how.
fn restartable(view: &View) -> Option<Restarted> {
    let pane = view.focused()?.pane;
    let fate = &view.focused_surface()?.header.as_ref()?.fate;
    (!fate.is_empty()).then(|| Restarted {
        pane,
        fate: fate.clone(),
    })
}

#[cfg(test)]
mod select_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vi_tests;
