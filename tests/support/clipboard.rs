//! What arrives in the outer terminal's clipboard (OSC 52).

use super::{Outer, wait_for};
use base64::Engine;

/// All texts that the terminal was given for its clipboard.
pub fn clipboards(outer: &Outer) -> Vec<String> {
    let raw = outer.raw();
    let text = String::from_utf8_lossy(&raw);
    let all = text.split("\x1b]52;c;").skip(1).filter_map(|rest| {
        let encoded = rest.split_once("\x1b\\")?.0;
        let bytes = base64::prelude::BASE64_STANDARD.decode(encoded).ok()?;
        String::from_utf8(bytes).ok()
    });
    all.collect()
}

/// The text that comes into the clipboard after the first `before`.
pub fn copied(outer: &Outer, before: usize) -> String {
    wait_for("text in the clipboard", || {
        clipboards(outer).get(before).cloned()
    })
}
