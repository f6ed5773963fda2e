//! Mouse reports, in the forms of X10, rxvt and xterm (ctlseqs, "Mouse Tracking").

use super::csi::Csi;
use super::{Dialect, InputEvent, Parsed, SEQUENCE_WAIT};
use crate::term::{Mods, Mouse, MouseAction, Within};

/// Mode 1000's report after `CSI M`: button, column and row, each a byte that starts from 32.
pub(super) fn parse_old(report: &[u8], dialect: &mut Dialect) -> Parsed {
    let [button, x, y] = match report {
        [button, x, y, ..] => [*button, *x, *y].map(|byte| u16::from(byte).saturating_sub(32)),
        _ => return Parsed::Incomplete(SEQUENCE_WAIT),
    };
    let mouse = mouse(button, (x, y), End::Unsaid, &mut dialect.held);
    Parsed::Event(InputEvent::Mouse(mouse), 6)
}

/// Mode 1015's report: the numbers of the old one in decimal.
pub(super) fn urxvt(csi: &Csi, dialect: &mut Dialect) -> Mouse {
    let button = csi.number(0).saturating_sub(32);
    let at = (csi.number(1), csi.number(2));
    mouse(button, at, End::Unsaid, &mut dialect.held)
}

/// Mode 1006's report; under 1016 it is in pixels.
pub(super) fn sgr(csi: &Csi, dialect: &mut Dialect) -> Mouse {
    let end = match csi.last {
        b'm' => End::Up,
        _ => End::Down,
    };
    let at = (csi.number(1), csi.number(2));
    match dialect.cell.filter(|_| dialect.in_pixels) {
        None => mouse(csi.number(0), at, end, &mut dialect.held),
        Some((width, height)) => {
            let ((x, within_x), (y, within_y)) = (cell(at.0, width), cell(at.1, height));
            Mouse {
                within: Within {
                    x: within_x,
                    y: within_y,
                },
                ..mouse(csi.number(0), (x, y), end, &mut dialect.held)
            }
        }
    }
}

/// The cell of a pixel, from 1, and where in it that is.
fn cell(pixel: u16, size: u16) -> (u16, u8) {
    let pixel = pixel.saturating_sub(1);
    let within = u32::from(pixel % size) * 256 / u32::from(size);
    (pixel / size + 1, within as u8)
}

/// What a report says of the button: it went down, or up, or the number has to say it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Down,
    Up,
    Unsaid,
}

fn mouse(code: u16, (x, y): (u16, u16), end: End, held: &mut u8) -> Mouse {
    let button = (code & 3) as u8;
    let action = match (code & 0xc0, code & 32 != 0) {
        (0x40, _) => [
            MouseAction::WheelUp,
            MouseAction::WheelDown,
            MouseAction::WheelLeft,
            MouseAction::WheelRight,
        ][usize::from(button)],
        (0, true) if button == 3 => MouseAction::Motion,
        (0, false) if button == 3 && end != End::Down => MouseAction::Release(*held),
        (high, is_motion) => {
            let button = if high == 0 { button } else { button + 8 };
            match (is_motion, end) {
                (true, _) => MouseAction::Drag(button),
                (false, End::Up) => MouseAction::Release(button),
                (false, _) => {
                    *held = button;
                    MouseAction::Press(button)
                }
            }
        }
    };
    let bits = [(4, Mods::SHIFT), (8, Mods::ALT), (16, Mods::CTRL)];
    let held_keys = bits.iter().filter(|(bit, _)| code & bit != 0);
    Mouse {
        action,
        x: x.saturating_sub(1),
        y: y.saturating_sub(1),
        mods: held_keys.fold(Mods::NONE, |mods, (_, more)| mods.with(*more)),
        within: Within::default(),
    }
}
