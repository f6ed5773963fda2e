//! The mouse, and what it sends to a program as its modes ask (xterm ctlseqs, "Mouse Tracking").

use super::{Key, KeyCode, Modes, Mods, encode};

/// The size of a cell in pixels, as programs are told it: nobody here knows the font, and viewers have several.
pub const CELL_PIXELS: (u16, u16) = (8, 16);

/// A mouse action at a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mouse {
    /// What happened.
    pub action: MouseAction,
    /// 0-based column.
    pub x: u16,
    /// 0-based row.
    pub y: u16,
    /// What was held.
    pub mods: Mods,
    /// Where in the cell.
    pub within: Within,
}

/// A place in a cell, from its left and its top, in 256ths; the middle where the terminal does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Within {
    pub x: u8,
    pub y: u8,
}

impl Default for Within {
    fn default() -> Self {
        Self { x: 128, y: 128 }
    }
}

/// What a mouse did. Buttons: 0 left, 1 middle, 2 right, 8–11 the extra ones as xterm numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum MouseAction {
    Press(u8),
    Release(u8),
    Drag(u8),
    Motion,
    WheelUp,
    WheelDown,
    WheelLeft,
    WheelRight,
}

/// Any mode in which a program is told of the mouse.
pub const ANY_MOUSE: Modes =
    Modes(Modes::MOUSE_X10.0 | Modes::MOUSE_PRESS.0 | Modes::MOUSE_DRAG.0 | Modes::MOUSE_MOTION.0);

/// Lines that one step of the wheel is worth as arrow keys.
const WHEEL_LINES: usize = 3;

/// Appends what `mouse` sends under `modes`; whether it sends anything.
///
/// A program that asks for no mouse gets arrow keys for the wheel on the alternate screen (1007).
pub fn encode_mouse(mouse: Mouse, modes: Modes, out: &mut Vec<u8>) -> bool {
    if !modes.intersects(ANY_MOUSE) {
        return alternate_scroll(mouse, modes, out);
    }
    if !is_reported(mouse.action, modes) {
        return false;
    }
    let Some(button) = button_code(mouse.action) else {
        return false;
    };
    let code = match has_modifiers(modes) {
        true => button | modifier_bits(mouse.mods),
        false => button,
    };
    let (x, y) = position(mouse, modes);
    if modes.intersects(Modes(Modes::MOUSE_SGR.0 | Modes::MOUSE_PIXELS.0)) {
        let last = match mouse.action {
            MouseAction::Release(_) => 'm',
            _ => 'M',
        };
        out.extend_from_slice(format!("\x1b[<{code};{x};{y}{last}").as_bytes());
        return true;
    }
    let code = match mouse.action {
        MouseAction::Release(_) => code | 3,
        _ => code,
    };
    if modes.contains(Modes::MOUSE_URXVT) {
        out.extend_from_slice(format!("\x1b[{};{x};{y}M", code + 32).as_bytes());
        return true;
    }
    encode_bytes([code, x, y], modes, out)
}

/// Column and row, or with 1016 pixels of cells of [`CELL_PIXELS`], from 1.
fn position(mouse: Mouse, modes: Modes) -> (u32, u32) {
    let (x, y) = (u32::from(mouse.x), u32::from(mouse.y));
    if !modes.contains(Modes::MOUSE_PIXELS) {
        return (x + 1, y + 1);
    }
    let pixel = |cell: u32, within: u8, size: u16| {
        let size = u32::from(size);
        cell * size + u32::from(within) * size / 256 + 1
    };
    (
        pixel(x, mouse.within.x, CELL_PIXELS.0),
        pixel(y, mouse.within.y, CELL_PIXELS.1),
    )
}

/// Whether the program asked for actions like this one.
fn is_reported(action: MouseAction, modes: Modes) -> bool {
    let beyond_presses = Modes(Modes::MOUSE_PRESS.0 | Modes::MOUSE_DRAG.0 | Modes::MOUSE_MOTION.0);
    match action {
        MouseAction::Press(_) | MouseAction::WheelUp | MouseAction::WheelDown => true,
        MouseAction::Release(_) | MouseAction::WheelLeft | MouseAction::WheelRight => {
            modes.intersects(beyond_presses)
        }
        MouseAction::Drag(_) => {
            modes.intersects(Modes(Modes::MOUSE_DRAG.0 | Modes::MOUSE_MOTION.0))
        }
        MouseAction::Motion => modes.contains(Modes::MOUSE_MOTION),
    }
}

/// Mode 9 alone says nothing of modifiers.
fn has_modifiers(modes: Modes) -> bool {
    modes.intersects(Modes(ANY_MOUSE.0 & !Modes::MOUSE_X10.0))
}

fn button_code(action: MouseAction) -> Option<u32> {
    let number = |button: u8| match button {
        0..=2 => Some(u32::from(button)),
        8..=11 => Some(u32::from(button) - 8 + 128),
        _ => None,
    };
    match action {
        MouseAction::Press(button) | MouseAction::Release(button) => number(button),
        MouseAction::Drag(button) => number(button).map(|code| code + 32),
        MouseAction::Motion => Some(3 + 32),
        MouseAction::WheelUp => Some(64),
        MouseAction::WheelDown => Some(65),
        MouseAction::WheelLeft => Some(66),
        MouseAction::WheelRight => Some(67),
    }
}

fn modifier_bits(mods: Mods) -> u32 {
    let bits = [(4, Mods::SHIFT), (8, Mods::ALT), (16, Mods::CTRL)];
    let held = bits.iter().filter(|(_, bit)| mods.contains(*bit));
    held.map(|(bit, _)| bit).sum()
}

/// The older form: each number a byte, or with 1005 a character, that starts from 32. A cell too far out has none.
fn encode_bytes(numbers: [u32; 3], modes: Modes, out: &mut Vec<u8>) -> bool {
    let utf8 = modes.contains(Modes::MOUSE_UTF8);
    let most = if utf8 { 2047 } else { 255 };
    if numbers.iter().any(|number| number + 32 > most) {
        return false;
    }
    out.extend_from_slice(b"\x1b[M");
    for number in numbers {
        match char::from_u32(number + 32) {
            Some(c) if utf8 => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            _ => out.push((number + 32) as u8),
        }
    }
    true
}

fn alternate_scroll(mouse: Mouse, modes: Modes, out: &mut Vec<u8>) -> bool {
    let code = match mouse.action {
        MouseAction::WheelUp => KeyCode::Up,
        MouseAction::WheelDown => KeyCode::Down,
        _ => return false,
    };
    if !modes.contains(Modes(Modes::ALTERNATE_SCROLL.0 | Modes::ALTERNATE_SCREEN.0)) {
        return false;
    }
    for _ in 0..WHEEL_LINES {
        encode::encode_key(Key::new(code, Mods::NONE), modes, out);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::input::{Decoder, InputEvent};
    use proptest::prelude::*;

    fn at(action: MouseAction) -> Mouse {
        Mouse {
            action,
            x: 2,
            y: 3,
            mods: Mods::NONE,
            within: Within::default(),
        }
    }

    fn sent(mouse: Mouse, modes: &[Modes]) -> Option<Vec<u8>> {
        let modes = Modes(modes.iter().fold(0, |bits, mode| bits | mode.0));
        let mut out = Vec::new();
        let said = encode_mouse(mouse, modes, &mut out);
        assert_eq!(said, !out.is_empty());
        said.then_some(out)
    }

    fn bytes(text: &str) -> Option<Vec<u8>> {
        Some(text.as_bytes().to_vec())
    }

    #[test]
    fn only_what_was_asked_for_is_sent() {
        use MouseAction::{Drag, Motion, Press, Release};
        let sends = |action, mode| sent(at(action), &[mode, Modes::MOUSE_SGR]).is_some();
        for (mode, expected) in [
            (Modes(0), [false, false, false, false]),
            (Modes::MOUSE_X10, [true, false, false, false]),
            (Modes::MOUSE_PRESS, [true, true, false, false]),
            (Modes::MOUSE_DRAG, [true, true, true, false]),
            (Modes::MOUSE_MOTION, [true, true, true, true]),
        ] {
            let actions = [Press(0), Release(0), Drag(0), Motion];
            assert_eq!(
                actions.map(|action| sends(action, mode)),
                expected,
                "{mode:?}"
            );
        }
    }

    #[test]
    fn each_encoding_has_its_form() {
        let press = at(MouseAction::Press(2));
        let release = at(MouseAction::Release(2));
        assert_eq!(sent(press, &[Modes::MOUSE_PRESS]), bytes("\x1b[M\"#$"));
        assert_eq!(sent(release, &[Modes::MOUSE_PRESS]), bytes("\x1b[M##$"));
        let sgr = [Modes::MOUSE_DRAG, Modes::MOUSE_SGR];
        assert_eq!(sent(press, &sgr), bytes("\x1b[<2;3;4M"));
        assert_eq!(sent(release, &sgr), bytes("\x1b[<2;3;4m"));
        let urxvt = [Modes::MOUSE_DRAG, Modes::MOUSE_URXVT];
        assert_eq!(sent(press, &urxvt), bytes("\x1b[34;3;4M"));
        assert_eq!(sent(release, &urxvt), bytes("\x1b[35;3;4M"));
        let pixels = [Modes::MOUSE_DRAG, Modes::MOUSE_PIXELS];
        assert_eq!(sent(press, &pixels), bytes("\x1b[<2;21;57M"));
        let corner = Mouse {
            within: Within { x: 0, y: 255 },
            ..release
        };
        assert_eq!(sent(corner, &pixels), bytes("\x1b[<2;17;64m"));
        let far = Mouse { x: 300, ..press };
        assert_eq!(sent(far, &[Modes::MOUSE_PRESS]), None);
        assert_eq!(
            sent(far, &[Modes::MOUSE_PRESS, Modes::MOUSE_UTF8]),
            bytes("\x1b[M\"\u{14d}$")
        );
        assert_eq!(
            sent(
                Mouse { x: 2100, ..far },
                &[Modes::MOUSE_PRESS, Modes::MOUSE_UTF8]
            ),
            None
        );
    }

    #[test]
    fn mode_9_says_nothing_of_modifiers() {
        let press = Mouse {
            mods: Mods::CTRL,
            ..at(MouseAction::Press(0))
        };
        assert_eq!(sent(press, &[Modes::MOUSE_X10]), bytes("\x1b[M #$"));
        assert_eq!(sent(press, &[Modes::MOUSE_PRESS]), bytes("\x1b[M0#$"));
    }

    #[test]
    fn the_wheel_sends_arrows_on_the_alternate_screen_alone() {
        let wheel = at(MouseAction::WheelUp);
        let both = [Modes::ALTERNATE_SCROLL, Modes::ALTERNATE_SCREEN];
        assert_eq!(sent(wheel, &both), bytes("\x1b[A\x1b[A\x1b[A"));
        assert_eq!(
            sent(wheel, &[both[0], both[1], Modes::APP_CURSOR]),
            bytes("\x1bOA\x1bOA\x1bOA")
        );
        assert_eq!(sent(wheel, &both[..1]), None);
        assert_eq!(sent(at(MouseAction::Press(0)), &both), None);
        assert_eq!(
            sent(wheel, &[both[0], both[1], Modes::MOUSE_PRESS]),
            bytes("\x1b[M`#$")
        );
    }

    proptest! {
        #[test]
        fn what_is_sent_as_sgr_is_decoded_as_that(code in 0..7usize, button in 0..3u8, x in 0..2000u16, y in 0..2000u16, mods in 0..8u8) {
            use MouseAction::*;
            let action = [Press(button), Release(button), Drag(button), Motion, WheelUp, WheelDown, Press(button + 8)][code];
            let mouse = Mouse { action, x, y, mods: Mods(mods), within: Within::default() };
            let mut decoder = Decoder::new();
            let sgr = sent(mouse, &[Modes::MOUSE_MOTION, Modes::MOUSE_SGR]).expect("everything is reported");
            decoder.feed(&sgr, 0);
            prop_assert_eq!(decoder.poll(), Some(InputEvent::Mouse(mouse)));
        }
    }
}
