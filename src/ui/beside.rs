//! The sessions that the client holds side by side, of one server or of several: where the one that is shown stands
//! among them, and how the user goes from one to another.

use super::action::{Action, TabAction, VisitAction};
use super::keymap::{self, Binding};
use super::overlay::{Overlay, Purpose};
use super::pointer::Grip;
use super::{Effect, Ui};
use crate::protocol::command::TabCommand;
use crate::protocol::view::TabLabel;
use crate::protocol::{Command, View};
use crate::sync::Time;
use crate::term::input::InputEvent;

/// The sessions that the client holds, in the order in which they were opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Beside {
    /// All of them.
    pub sessions: Vec<Held>,
    /// Which of them is shown.
    pub shown: usize,
}

/// One of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Held {
    /// `HOST/SESSION`, or `SESSION` of this machine.
    pub name: String,
    /// Its tabs; none of the one that is shown, whose view has them.
    pub tabs: Vec<TabLabel>,
    /// Whether its server is out of reach.
    pub is_lost: bool,
}

/// What the user wants of the sessions held side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visiting {
    /// To see the one at that place, from 0, and there that tab.
    Show(usize, Landing),
    /// To hold that target too, and see it.
    Open(String),
    /// To let go of the one that is shown.
    Leave,
}

/// Which tab of a session is wanted by somebody who comes there from another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing {
    /// The one that was looked at last.
    AsItWas,
    /// The first.
    First,
    /// The last.
    Last,
    /// That number, from 1.
    Tab(u16),
}

/// A step along the row of tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// To the right.
    On,
    /// To the left.
    Back,
}

impl Beside {
    /// Itself, if there is more than one session.
    pub(super) fn several(&self) -> Option<&Self> {
        (self.sessions.len() > 1).then_some(self)
    }

    /// The place beside the one that is shown; behind the last comes the first.
    fn neighbour(&self, step: Step) -> Option<usize> {
        let count = self.several()?.sessions.len();
        Some(match step {
            Step::On => (self.shown + 1) % count,
            Step::Back => (self.shown + count - 1) % count,
        })
    }
}

impl Ui {
    /// Takes note of the sessions that are held side by side.
    pub fn set_beside(&mut self, beside: Beside) {
        if self.beside != beside {
            self.beside = beside;
            self.repaint();
        }
    }

    /// Does what `action` says about the sessions held side by side.
    pub(super) fn visit(&mut self, action: VisitAction, view: &View, now: Time) {
        let goes_to = |ui: &mut Self, step| match ui.beside.neighbour(step) {
            Some(place) => ui.go_beside(place, Landing::AsItWas),
            None => ui.say("no other session is held beside this one".to_owned(), now),
        };
        match action {
            VisitAction::Ask => self.prompt(Purpose::Visit, view),
            VisitAction::Open(target) if target.trim().is_empty() => {}
            VisitAction::Open(target) => {
                let target = target.trim().to_owned();
                self.effects
                    .push_back(Effect::Visit(Visiting::Open(target)));
            }
            VisitAction::Next => goes_to(self, Step::On),
            VisitAction::Previous => goes_to(self, Step::Back),
            VisitAction::Leave => self.lead_away(Visiting::Leave),
        }
    }

    /// Goes to the tab beside the one that is shown: behind the last of a session comes the first of the next.
    pub(super) fn step(&mut self, step: Step, view: &View, now: Time) {
        let tabs = &view.chrome.tabs;
        let active = tabs.iter().position(|tab| tab.active);
        let (is_at_end, landing, command) = match step {
            Step::On => {
                let is_last = active.is_none_or(|at| at + 1 == tabs.len());
                (is_last, Landing::First, TabCommand::Next)
            }
            Step::Back => {
                let is_first = active.is_none_or(|at| at == 0);
                (is_first, Landing::Last, TabCommand::Previous)
            }
        };
        // A server out of reach leads to none of its tabs.
        match self.beside.neighbour(step) {
            Some(place) if is_at_end || self.absence.is_some() => self.go_beside(place, landing),
            _ => self.command(Command::Tab(command), now),
        }
    }

    /// Goes to the session at that place.
    pub(super) fn go_beside(&mut self, place: usize, landing: Landing) {
        if place != self.beside.shown {
            self.lead_away(Visiting::Show(place, landing));
        }
    }

    fn lead_away(&mut self, visiting: Visiting) {
        if self.waiting.is_left() {
            // It waited for the server until the user had gone some other way. Where the keys behind it were to go
            // nobody can say any more.
            self.waiting.lead_away();
            self.waiting.take_rest();
            return self.effects.push_back(Effect::Bell);
        }
        self.waiting.lead_away();
        self.effects.push_back(Effect::Visit(visiting));
    }

    /// The user has gone to another session: gives out what was typed for that one, and gives up what cannot wait.
    pub fn leave(&mut self) -> Vec<InputEvent> {
        if let Some(Overlay::Consent(consent)) = self
            .overlay
            .take_if(|over| matches!(over, Overlay::Consent(_)))
        {
            self.effects.push_back(Effect::KeepClipboard(consent.id));
        }
        self.pointer.grip = None;
        self.waiting.be_left();
        self.waiting.take_rest()
    }

    /// The user stays, as there is no other session to go to: gives out what was typed for that one.
    pub fn stay(&mut self) -> Vec<InputEvent> {
        self.waiting.take_rest()
    }

    /// Says that a session is held now which was asked for, and how to go there.
    pub fn announce(&mut self, name: &str, now: Time) {
        let keys = self.keys_on().map(|keys| format!("{keys} or "));
        let keys = keys.unwrap_or_default();
        self.say(
            format!("{name} is here: {keys}a click on its name leads there"),
            now,
        );
    }

    /// The keys that lead along the row.
    fn keys_on(&self) -> Option<String> {
        let keymap = &self.settings.keymap;
        let leads_on = |binding: &&Binding| {
            let mut actions = binding.actions.iter();
            actions.any(|action| {
                matches!(
                    action,
                    Action::Visit(VisitAction::Next) | Action::Tab(TabAction::Next)
                )
            })
        };
        let key_of = |table| {
            let mut bindings = keymap.bindings(table);
            bindings.find_map(|(key, binding)| leads_on(&binding).then_some(key))
        };
        match (
            key_of(keymap::ROOT),
            key_of(keymap::PREFIX),
            keymap.prefix(),
        ) {
            (Some(key), ..) => Some(key.to_string()),
            (None, Some(key), Some(prefix)) => Some(format!("{prefix} {key}")),
            _ => None,
        }
    }

    /// The user has come from another session. A button that is still held went down there.
    pub fn land(&mut self, landing: Landing, view: &View, now: Time) {
        self.pointer.grip = Some(Grip::Spent);
        self.waiting.be_found();
        let number = match landing {
            Landing::AsItWas => None,
            Landing::First => Some(1),
            Landing::Last => Some(view.chrome.tabs.len()),
            Landing::Tab(number) => Some(usize::from(number)),
        };
        let is_active = |at: usize| view.chrome.tabs.get(at).is_some_and(|tab| tab.active);
        let wanted = number.filter(|number| *number > 0 && !is_active(number - 1));
        if let Some(number) = wanted.and_then(|number| u16::try_from(number).ok()) {
            self.command(Command::Tab(TabCommand::Select(number)), now);
        }
        self.repaint();
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{User, lone};
    use super::super::{Contact, Event};
    use super::*;
    use crate::protocol::TabId;
    use crate::protocol::view::Marks;
    use crate::sync::Time;
    use crate::term::MouseAction;

    fn held(name: &str, tabs: &[&str]) -> Held {
        let tabs = tabs.iter().zip(100..).map(|(name, id)| TabLabel {
            id: TabId(id),
            name: (*name).to_owned(),
            active: id == 100,
            marks: Marks::default(),
        });
        Held {
            name: name.to_owned(),
            tabs: tabs.collect(),
            is_lost: false,
        }
    }

    /// Before `work`, which has the tabs `sh` and `vim` and is shown at that place, with two others beside it.
    fn between(shown: usize) -> User {
        let mut user = User::before(lone());
        let mut sessions = vec![
            held("desk/build", &["make", "log"]),
            held("mail", &["mutt"]),
        ];
        sessions.insert(shown, held("work", &[]));
        user.ui.set_beside(Beside { sessions, shown });
        user.resize(80, 10);
        user.effects();
        user
    }

    fn looks_at(user: &mut User, tab: usize) {
        let mut view = user.view.clone();
        for (index, label) in view.chrome.tabs.iter_mut().enumerate() {
            label.active = index == tab;
        }
        view.chrome.answered = user.ui.waiting.commands;
        user.sees(view);
    }

    fn status(user: &mut User) -> String {
        user.screen().lines().last().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_row_has_one_order_whichever_session_is_shown() {
        let rows: Vec<String> = (0..3).map(|shown| status(&mut between(shown))).collect();
        insta::assert_snapshot!(rows.join("\n"));
    }

    #[test]
    fn of_a_narrow_row_the_session_in_use_stays_and_the_rest_is_behind_arrows() {
        let row = |cols, shown, tab| {
            let mut user = between(shown);
            looks_at(&mut user, tab);
            user.resize(cols, 10);
            status(&mut user)
        };
        let rows = [
            row(40, 0, 0),
            row(40, 1, 1),
            row(40, 2, 0),
            row(20, 1, 0),
            row(12, 1, 0),
        ];
        insta::assert_snapshot!(rows.join("\n"));
    }

    #[test]
    fn what_happens_in_other_sessions_is_marked_in_the_row() {
        let mut user = between(1);
        let mut beside = user.ui.beside.clone();
        beside.sessions[0].is_lost = true;
        beside.sessions[0].tabs[0].marks.bell = true;
        beside.sessions[2].tabs[0].marks.activity = true;
        user.ui.set_beside(beside);
        insta::assert_snapshot!(status(&mut user));
    }

    #[test]
    fn tabs_are_walked_on_into_the_next_session_and_back_into_the_one_before() {
        let mut user = between(1);
        assert_eq!(user.types("C-b n"), "Tab(Next)");
        looks_at(&mut user, 1);
        assert_eq!(user.types("C-b n"), "Visit(Show(2, First))");
        assert_eq!(user.ui.stay(), []);
        looks_at(&mut user, 0);
        assert_eq!(user.types("C-b p"), "Visit(Show(0, Last))");
        let mut last = between(2);
        looks_at(&mut last, 1);
        assert_eq!(last.types("C-b n"), "Visit(Show(0, First))", "all round");
    }

    #[test]
    fn alone_a_session_is_walked_round_as_ever() {
        let mut user = User::before(lone());
        looks_at(&mut user, 1);
        assert_eq!(user.types("C-b n"), "Tab(Next)");
        assert_eq!(user.acts("visit next"), "");
        assert!(status(&mut user).starts_with("no other session"));
    }

    #[test]
    fn what_is_typed_behind_the_step_is_for_where_it_leads() {
        let mut user = between(1);
        // The first step stays in the session; all behind it waits for the server's answer.
        assert_eq!(user.types("C-b n C-b n l s"), "Tab(Next)");
        looks_at(&mut user, 1);
        let rest = user.ui.leave();
        assert_eq!(rest.len(), 2, "{rest:?}");
        let mut other = between(2);
        other.ui.land(Landing::First, &other.view, Time(0));
        for input in rest {
            other.ui.handle(Event::Input(input), &other.view, Time(0));
        }
        assert_eq!(
            other.effects(),
            "%1 <- ls",
            "its first tab is shown already"
        );
    }

    #[test]
    fn who_comes_asks_for_the_tab_that_is_not_shown_yet() {
        let mut user = between(0);
        user.ui.land(Landing::Last, &user.view, Time(0));
        assert_eq!(user.effects(), "Tab(Select(2))");
        assert_eq!(user.types("x"), "", "it waits until that is shown");
        looks_at(&mut user, 1);
        assert_eq!(user.effects(), "");
    }

    #[test]
    fn a_click_goes_to_a_tab_or_a_session() {
        let mut user = between(1);
        let row = status(&mut user);
        let at = |text: &str| row.find(text).expect("it stands there") as u16;
        let (log, mail) = (at("2:log"), at("mail"));
        assert_eq!(
            user.mouse(MouseAction::Press(0), log, 9),
            "Visit(Show(0, Tab(2)))"
        );
        user.ui.stay();
        assert_eq!(
            user.mouse(MouseAction::Press(0), mail, 9),
            "Visit(Show(2, AsItWas))"
        );
        user.ui.stay();
        let own = row.find(" work ").expect("it stands there") as u16;
        assert_eq!(user.mouse(MouseAction::Press(0), own + 1, 9), "");
    }

    #[test]
    fn a_server_out_of_reach_is_left_by_the_keys_that_lead_on() {
        let mut user = between(1);
        user.ui
            .handle(Event::Contact(Contact::Lost), &user.view, Time(0));
        assert_eq!(user.types("C-b n"), "Visit(Show(2, First))");
        user.ui.stay();
        // Keys that wait for it go on waiting.
        assert!(user.types("C-b % a b").starts_with("Pane(Split"));
        assert_eq!(user.types("C-b p"), "Visit(Show(0, Last))");
        assert_eq!(user.ui.leave(), []);
        user.ui
            .handle(Event::Contact(Contact::Back), &user.view, Time(0));
        user.effects();
        assert_eq!(user.answered(), "%1 <- ab");
    }

    #[test]
    fn a_way_that_waited_until_another_was_taken_leads_nowhere() {
        for waiting in ["C-b n", "C-b p", "C-b V"] {
            let mut user = between(2);
            looks_at(&mut user, 1);
            user.types("C-b %");
            assert_eq!(user.types(&format!("{waiting} l s")), "", "it waits");
            user.ui
                .handle(Event::Contact(Contact::Lost), &user.view, Time(0));
            assert_eq!(user.types("C-b n"), "Visit(Show(0, First))");
            assert_eq!(user.ui.leave(), []);
            user.ui
                .handle(Event::Contact(Contact::Back), &user.view, Time(0));
            user.effects();
            let tab = if waiting == "C-b p" { 0 } else { 1 };
            looks_at(&mut user, tab);
            user.ui.land(Landing::AsItWas, &user.view, Time(0));
            user.effects();
            assert_eq!(user.types("x"), "%1 <- x", "{waiting}");
        }
    }

    #[test]
    fn who_waits_in_vain_is_counted_without_the_keys_that_lead_away() {
        let mut user = between(1);
        user.types("C-b %");
        user.ui
            .handle(Event::Contact(Contact::Lost), &user.view, Time(0));
        user.types("a b C-b V");
        assert_eq!((user.ui.leave(), user.ui.kept_keys()), (Vec::new(), 2));
        let mut user = User::before(lone());
        user.types("C-b %");
        user.ui
            .handle(Event::Contact(Contact::Lost), &user.view, Time(0));
        user.types("a b c C-b d e");
        assert_eq!(user.ui.kept_keys(), 3);
    }

    #[test]
    fn a_session_that_comes_late_is_announced() {
        let mut user = between(1);
        user.ui.announce("desk/work", Time(0));
        let row = status(&mut user);
        assert!(row.starts_with("desk/work is here: C-b n or a click on its name leads there"));
    }

    #[test]
    fn a_target_is_asked_for_and_visited() {
        let mut user = User::before(lone());
        assert_eq!(user.types("C-b v"), "");
        assert!(status(&mut user).starts_with("visit [HOST/]SESSION:"));
        assert_eq!(
            user.types("d e s k / w o r k Enter"),
            "Visit(Open(\"desk/work\"))"
        );
        assert_eq!(user.acts("visit mail"), "Visit(Open(\"mail\"))");
        assert_eq!(user.acts("visit leave"), "Visit(Leave)");
    }
}
