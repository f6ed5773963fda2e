//! What a key sends to a program, as its modes ask: kitty's keyboard protocol, xterm's modifyOtherKeys, or the bytes
//! that both keep for older programs.

mod kitty;
mod legacy;
mod other;
#[cfg(test)]
mod tests;

use super::keyboard::{KeyboardFlags, OtherKeys};
use super::{Key, Modes, Phase, Stroke};

/// Appends what `key`, pressed once, sends under `modes`; nothing if it has no bytes.
pub fn encode_key(key: Key, modes: Modes, out: &mut Vec<u8>) {
    encode_stroke(&Stroke::from(key), modes, out);
}

/// Appends what the key sends under `modes`; nothing if it has no bytes, or the program asked for none.
pub fn encode_stroke(stroke: &Stroke, modes: Modes, out: &mut Vec<u8>) {
    if modes.keyboard() != KeyboardFlags::NONE {
        kitty::encode(stroke, modes, out);
    } else if stroke.phase == Phase::Release || stroke.is_modifier() {
        // Only kitty's protocol tells of these.
    } else if modes.other_keys() == OtherKeys::Off || !other::encode(stroke, modes, out) {
        legacy::encode(stroke, modes, out);
    }
}
