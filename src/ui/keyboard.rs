//! What the user's keyboard has to tell, and which keys are down that a program was told of.

use super::Ui;
use super::keys::modes;
use crate::protocol::{PaneId, View};
use crate::term::{KeyCode, KeyboardFlags, Modes, Phase, Stroke};

/// Most keys that are held down at once, as far as programs are told when they go up.
const MAX_HELD: usize = 32;

/// What the user's terminal has to tell of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyboardUse {
    /// If it speaks the kitty keyboard protocol.
    pub flags: KeyboardFlags,
    /// If it does not.
    pub keypad: KeypadUse,
}

/// How the keys of the keypad are told apart from their like (DECKPAM and DECKPNM).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeypadUse {
    /// They are not.
    Numeric,
    /// They have sequences of their own.
    Application,
}

impl Default for KeyboardUse {
    fn default() -> Self {
        Self::of(Modes::default())
    }
}

impl KeyboardUse {
    /// What a program in these modes needs. C-i and Tab are always told apart, and letters of other alphabets from
    /// those in their places: bindings want to know. A program that is told of all keys is asked for their text as well,
    /// as what wt itself asks for is typed with the same keys.
    fn of(modes: Modes) -> Self {
        let asked = modes.keyboard();
        let text = match asked.contains(KeyboardFlags::ALL_KEYS) {
            true => KeyboardFlags::TEXT,
            false => KeyboardFlags::NONE,
        };
        let always = KeyboardFlags::DISAMBIGUATE.with(KeyboardFlags::ALTERNATES);
        Self {
            flags: always.with(asked).with(text),
            keypad: match modes.contains(Modes::APP_KEYPAD) {
                true => KeypadUse::Application,
                false => KeypadUse::Numeric,
            },
        }
    }
}

/// Keys that programs know to be down.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<(KeyCode, PaneId)>);

impl Held {
    /// The program of that pane was told that the key went down.
    pub(super) fn down(&mut self, code: KeyCode, pane: PaneId) {
        self.0.retain(|(held, _)| *held != code);
        if self.0.len() == MAX_HELD {
            self.0.remove(0);
        }
        self.0.push((code, pane));
    }

    /// The key goes up: the pane whose program was told that it went down.
    pub(super) fn up(&mut self, code: KeyCode) -> Option<PaneId> {
        let at = self.0.iter().position(|(held, _)| *held == code)?;
        Some(self.0.swap_remove(at).1)
    }
}

impl Ui {
    /// What is to be told of keys now: what the program with the focus asks for.
    pub fn keyboard_use(&self, view: &View) -> KeyboardUse {
        let pane = view.focused();
        pane.map_or_else(KeyboardUse::default, |pane| {
            KeyboardUse::of(modes(view, pane.pane))
        })
    }

    /// A key that nothing is bound to, or that goes up: only programs may want to know. True if `stroke` is one.
    pub(super) fn aside_key(&mut self, stroke: &Stroke, view: &View) -> bool {
        if stroke.phase == Phase::Release {
            if let Some(pane) = self.held.up(stroke.code) {
                self.tell_key(pane, stroke, view);
            }
            return true;
        }
        if !stroke.is_modifier() {
            return false;
        }
        if self.overlay.is_none()
            && let Some(pane) = view.focused()
        {
            self.tell_key(pane.pane, stroke, view);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::Time;
    use crate::term::input::InputEvent;
    use crate::term::{Key, Mods};
    use crate::ui::Event;
    use crate::ui::tests::{User, header, lone, pair};

    const ALL: KeyboardFlags = KeyboardFlags::ALL;

    fn user(flags: KeyboardFlags) -> User {
        let mut view = pair();
        let modes = Modes::default().with_keyboard(flags);
        header(&mut view, 1).modes = modes;
        User::before(view)
    }

    fn does(user: &mut User, name: &str, phase: Phase) -> String {
        let stroke = Stroke {
            phase,
            ..Stroke::from(name.parse::<Key>().expect(name))
        };
        tells(user, stroke)
    }

    fn tells(user: &mut User, stroke: Stroke) -> String {
        let input = Event::Input(InputEvent::Key(stroke));
        user.ui.handle(input, &user.view, Time(0));
        user.effects()
    }

    #[test]
    fn what_a_program_asks_for_is_asked_of_the_terminal() {
        let asked = |flags: u16| {
            let user = user(KeyboardFlags::new(flags));
            user.ui.keyboard_use(&user.view).flags.bits()
        };
        assert_eq!([0, 1, 2, 4, 8, 16, 31].map(asked), [5, 5, 7, 5, 29, 21, 31]);
        let mut view = lone();
        assert_eq!(
            User::before(lone()).ui.keyboard_use(&view).keypad,
            KeypadUse::Numeric
        );
        header(&mut view, 1).modes = Modes::APP_KEYPAD;
        assert_eq!(
            User::before(lone()).ui.keyboard_use(&view).keypad,
            KeypadUse::Application
        );
    }

    #[test]
    fn a_release_goes_where_the_press_went_or_nowhere() {
        let mut user = user(ALL);
        assert!(does(&mut user, "a", Phase::Press).contains("[97;;97u"));
        assert!(does(&mut user, "a", Phase::Release).contains("%1 <- \\x1b[97;1:3u"));
        assert_eq!(
            does(&mut user, "a", Phase::Release),
            "",
            "it was not pressed"
        );
        does(&mut user, "b", Phase::Press);
        let panes = &mut user.view.chrome.panes;
        (panes[0].focused, panes[1].focused) = (false, true);
        assert!(does(&mut user, "b", Phase::Release).contains("%1 <- \\x1b[98;1:3u"));
    }

    #[test]
    fn releases_and_modifiers_are_no_keys_to_others() {
        let mut user = user(KeyboardFlags::NONE);
        assert!(does(&mut user, "a", Phase::Press).contains("<- a"));
        assert_eq!(does(&mut user, "a", Phase::Release), "");
        does(&mut user, "C-b", Phase::Press);
        for (name, phase) in [
            ("C-b", Phase::Release),
            ("LeftShift", Phase::Press),
            ("%", Phase::Release),
        ] {
            assert_eq!(does(&mut user, name, phase), "");
        }
        assert!(does(&mut user, "%", Phase::Press).contains("Split"));
        user.answered();
        assert!(
            does(&mut user, "a", Phase::Repeat).contains("<- a"),
            "a repeat is a press"
        );
    }

    #[test]
    fn prompts_take_text_however_it_is_told() {
        let mut user = user(ALL);
        user.acts("tab rename");
        let told = |code, mods, text: &str| Stroke {
            mods,
            text: text.to_owned(),
            ..Stroke::from(Key::new(code, Mods::NONE))
        };
        tells(&mut user, told(KeyCode::Char('1'), Mods::SHIFT, "!"));
        tells(&mut user, told(KeyCode::Char('\0'), Mods::NONE, "世界"));
        tells(
            &mut user,
            told(KeyCode::Char('a'), Mods::SHIFT.with(Mods::NUM_LOCK), "A"),
        );
        does(&mut user, "KP5", Phase::Press);
        does(&mut user, "KP5", Phase::Release);
        does(&mut user, "LeftShift", Phase::Press);
        assert!(user.screen().contains("!世界A5"), "{}", user.screen());
        let done = tells(&mut user, told(KeyCode::Char('m'), Mods::CTRL, ""));
        assert!(done.contains("!世界A5"), "{done}");
    }
}
