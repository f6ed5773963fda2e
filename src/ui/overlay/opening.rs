//! Opens overlays for the user interface, hands them what the user does, and does what they answer.

use super::{Answer, Choice, Consent, Menu, Overlay, Pick, Prompt, Purpose, Question};
use crate::config::ClipboardRead;
use crate::protocol::command::{PaneCommand, SessionCommand, TabCommand};
use crate::protocol::view::PaneBox;
use crate::protocol::{Command, Direction, On, PaneId, View};
use crate::sync::Time;
use crate::term::{Mouse, MouseAction, Stroke};
use crate::ui::action::{Action, ClientAction, VisitAction};
use crate::ui::pointer::Grip;
use crate::ui::{Effect, Ui, chrome, goal, menus};

/// How long the panes' signs stand, in milliseconds.
const PICK_MS: u64 = 1500;

impl Ui {
    /// Shows an overlay instead of the one that was there.
    pub(in crate::ui) fn open(&mut self, overlay: Overlay) {
        self.refuse_consent();
        self.overlay = Some(overlay);
        self.repaint();
    }

    /// A program asks what is on the clipboard. While the user answers something else it gets nothing.
    pub(in crate::ui) fn asked_for_clipboard(
        &mut self,
        (id, selection): (u64, String),
        asker: &str,
        now: Time,
    ) {
        match self.settings.sharing.clipboard_read {
            ClipboardRead::Always => self
                .effects
                .push_back(Effect::GiveClipboard { id, selection }),
            ClipboardRead::Ask if self.overlay.is_none() => {
                let consent = Consent::new((id, selection), &chrome::plain(asker), now);
                self.open(Overlay::Consent(consent));
            }
            ClipboardRead::Ask | ClipboardRead::Never => {
                self.effects.push_back(Effect::KeepClipboard(id));
            }
        }
    }

    /// Whether it is the user who says, each time, if a program may read the clipboard.
    pub fn asks_for_clipboard(&self) -> bool {
        self.settings.sharing.clipboard_read == ClipboardRead::Ask
    }

    /// Answers a question that stood there and was not answered with a yes.
    fn refuse_consent(&mut self) {
        if let Some(Overlay::Consent(consent)) = &self.overlay {
            self.effects.push_back(Effect::KeepClipboard(consent.id));
        }
    }

    /// Asks a question; a yes sends the command.
    pub(in crate::ui) fn ask(&mut self, text: String, on: On, command: Command) {
        self.open(Overlay::Question(Question { text, on, command }));
    }

    /// Asks for a text; the present name of what is named stands there already.
    pub(in crate::ui) fn prompt(&mut self, purpose: Purpose, view: &View) {
        let chrome = &view.chrome;
        let present = match &purpose {
            Purpose::RenamePane(id) => {
                let pane = chrome.panes.iter().find(|pane| pane.pane == *id);
                pane.map(|pane| pane.title.clone())
            }
            Purpose::RenameTab(id) => {
                let tab = chrome.tabs.iter().find(|tab| tab.id == *id);
                tab.map(|tab| tab.name.clone())
            }
            Purpose::RenameSession => Some(chrome.session.clone()),
            Purpose::Search(..)
            | Purpose::Go(_)
            | Purpose::Move(_)
            | Purpose::SelectTab
            | Purpose::Visit
            | Purpose::NewSession => None,
        };
        let prompt = Prompt::new(purpose, &present.unwrap_or_default(), &self.prompts);
        self.open(Overlay::Prompt(prompt));
    }

    /// Asks for a text that has to do with the focused pane.
    pub(in crate::ui) fn prompt_for_pane(&mut self, purpose: fn(PaneId) -> Purpose, view: &View) {
        if let Some(pane) = view.focused() {
            self.prompt(purpose(pane.pane), view);
        }
    }

    /// Shows the panes' signs for a while.
    pub(in crate::ui) fn pick(&mut self, view: &View, now: Time) {
        let panes = view.chrome.panes.iter().map(|pane| pane.pane).collect();
        self.open(Overlay::Pick(Pick::new(panes, now.after(PICK_MS))));
    }

    /// Opens the menu of the focused pane in its corner, for the keyboard.
    pub(in crate::ui) fn pane_menu(&mut self, view: &View, now: Time) {
        let Some(pane) = view.focused() else {
            return;
        };
        let offset = self.outer.offset;
        let at = (
            pane.area.x.saturating_sub(offset.x),
            pane.area.y.saturating_sub(offset.y),
        );
        let menu = Menu::at(at, pane_title(view, pane), menus::of_pane(pane, None));
        self.open_menu(menu.selecting(), now);
    }

    /// Opens a menu, or says why not: what cannot be seen may take no keys. Whether it is open.
    pub(in crate::ui) fn open_menu(&mut self, menu: Menu, now: Time) -> bool {
        let has_room = Menu::has_room(self.outer.size);
        match has_room {
            true => self.open(Overlay::Menu(menu)),
            false => self.say("no room for a menu: make the terminal larger".into(), now),
        }
        has_room
    }

    /// Hands a key to the overlay; true if that took it.
    pub(in crate::ui) fn overlay_key(&mut self, stroke: &Stroke, view: &View, now: Time) -> bool {
        let size = self.outer.size;
        let overlay = self.overlay.as_mut();
        let answer = overlay.map(|overlay| overlay.stroke(stroke, size, now));
        let is_taken = self.follow_answer(answer, view, now);
        self.seek(view, now);
        is_taken
    }

    /// Hands what the mouse did to the overlay; true if that took it.
    pub(in crate::ui) fn overlay_mouse(&mut self, mouse: Mouse, view: &View, now: Time) -> bool {
        let size = self.outer.size;
        let answer = self.overlay.as_mut();
        let answer = answer.map(|overlay| overlay.mouse(mouse, size));
        let is_taken = self.follow_answer(answer, view, now);
        let pressed = matches!(mouse.action, MouseAction::Press(_));
        if is_taken && pressed && self.overlay.is_none() {
            self.pointer.grip = Some(Grip::Spent);
        }
        is_taken
    }

    fn follow_answer(&mut self, answer: Option<Answer>, view: &View, now: Time) -> bool {
        let Some(answer) = answer else {
            return false;
        };
        self.repaint();
        if matches!(answer, Answer::Leave | Answer::Pass) {
            self.refuse_consent();
        }
        if answer != Answer::Stay {
            self.overlay = None;
        }
        match answer {
            Answer::Stay | Answer::Leave => {}
            Answer::Pass => return false,
            Answer::Choose(choice) => self.choose(choice, view, now),
            Answer::Typed(purpose, text) => self.typed(purpose, text, view, now),
        }
        true
    }

    fn choose(&mut self, choice: Choice, view: &View, now: Time) {
        match choice {
            Choice::Perform(actions, key) => {
                for action in actions {
                    if let Action::Copy(_) = action {
                        self.perform(Action::Client(ClientAction::CopyMode), key, view, now);
                    }
                    self.perform(action, key, view, now);
                }
            }
            Choice::Send(on, command) => self.command_on(on, command, now),
            Choice::Ask(purpose) => self.prompt(purpose, view),
            Choice::Open(url) => self.effects.push_back(Effect::Open(url)),
            Choice::Give(id, selection) => {
                self.effects
                    .push_back(Effect::GiveClipboard { id, selection });
            }
            Choice::Visit(place, landing) => self.go_beside(place, landing),
            Choice::Copy(text) => {
                let count = text.chars().count();
                self.effects.push_back(Effect::Clipboard {
                    selection: "c".into(),
                    bytes: text.into_bytes(),
                });
                self.say(format!("copied {count} characters"), now);
            }
        }
    }

    /// Goes where `text` says, or tells why not.
    fn go(&mut self, pane: PaneId, text: &str, now: Time) {
        if text.trim().is_empty() {
            return;
        }
        let copy = self.copies.get_mut(&pane);
        match (goal::parse(text, self.wall.now(now).as_ref()), copy) {
            (Ok(goal), Some(copy)) => {
                let outcome = copy.go_to(goal);
                self.follow(outcome, pane, now);
            }
            (Ok(_), None) => {}
            (Err(note), _) => {
                // What was typed stays to be mended.
                let mut prompt = Prompt::new(Purpose::Go(pane), text, &self.prompts);
                prompt.note = note;
                self.open(Overlay::Prompt(prompt));
            }
        }
    }

    fn typed(&mut self, purpose: Purpose, text: String, view: &View, now: Time) {
        self.prompts.push(&purpose, &text);
        let (on, command) = match purpose {
            Purpose::Search(pane, direction, syntax) => {
                return self.search(pane, direction, (text, syntax), view, now);
            }
            Purpose::Go(pane) => return self.go(pane, &text, now),
            Purpose::RenamePane(pane) => (On::Pane(pane), Command::Pane(PaneCommand::Rename(text))),
            Purpose::RenameTab(tab) => (On::Tab(tab), Command::Tab(TabCommand::Rename(text))),
            Purpose::Visit => return self.visit(VisitAction::Open(text), view, now),
            Purpose::Move(_) | Purpose::RenameSession | Purpose::SelectTab
                if text.trim().is_empty() =>
            {
                return;
            }
            Purpose::RenameSession => (On::Focus, Command::Session(SessionCommand::Rename(text))),
            Purpose::NewSession => {
                let name = text.trim().to_owned();
                (On::Focus, Command::Session(SessionCommand::New(name)))
            }
            Purpose::Move(pane) => {
                let to = target(text.trim());
                let side = Direction::Right;
                (
                    On::Pane(pane),
                    Command::Pane(PaneCommand::Move { to, side }),
                )
            }
            Purpose::SelectTab => match text.trim().parse() {
                Ok(number) if (1..=view.chrome.tabs.len()).contains(&usize::from(number)) => {
                    (On::Focus, Command::Tab(TabCommand::Select(number)))
                }
                _ => return self.say(format!("no tab {}", text.trim()), now),
            },
        };
        self.command_on(on, command, now);
    }
}

/// A tab's number stands for that tab of this session; anything else is a target as it is.
fn target(text: &str) -> String {
    match text.parse::<u16>() {
        Ok(number) => format!(":{number}"),
        Err(_) => text.to_owned(),
    }
}

/// What a menu of that pane is headed by: its number and title.
pub(in crate::ui) fn pane_title(view: &View, pane: &PaneBox) -> String {
    let number = view
        .chrome
        .panes
        .iter()
        .position(|known| known.pane == pane.pane);
    let number = number.map_or(0, |index| index + 1);
    let title: String = pane.title.chars().take(24).collect();
    format!("{number} {title}").trim_end().to_owned()
}
