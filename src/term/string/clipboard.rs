//! OSC 52: the clipboard (xterm ctlseqs, "Manipulate Selection Data").

use super::super::effect::Effect;
use super::super::limits::MAX_CLIPBOARD;
use super::super::terminal::Terminal;
use super::{Terminator, split};
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

impl Terminal {
    /// Whether a question is answered is not for the emulator to say: what is on the clipboard is its user's.
    pub(super) fn clipboard(&mut self, body: &[u8], end: Terminator) {
        let (selection, contents) = split(body);
        let known = selection.iter().all(|byte| b"cpqs01234567".contains(byte));
        if !known || selection.len() > 12 {
            return;
        }
        if contents == b"?" {
            return self.effects.push(Effect::AskClipboard {
                selection: String::from_utf8_lossy(selection).into_owned(),
                end: end.text(),
            });
        }
        if let Some(bytes) = base64_decoded(contents)
            && bytes.len() <= MAX_CLIPBOARD
        {
            self.effects.push(Effect::Clipboard {
                selection: String::from_utf8_lossy(selection).into_owned(),
                bytes,
            });
        }
    }
}

/// Base64, padded or not (RFC 4648 §4).
pub(in crate::term) fn base64_decoded(text: &[u8]) -> Option<Vec<u8>> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, config);
    engine.decode(text).ok()
}

/// The answer to a program that asked for a selection: what is in it, and nothing where the program may not know it.
pub fn clipboard_answer(selection: &str, contents: &[u8], end: &str) -> Vec<u8> {
    let encoded = base64::prelude::BASE64_STANDARD.encode(contents);
    format!("\x1b]52;{selection};{encoded}{end}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::fed;
    use super::*;

    #[test]
    fn a_question_is_handed_on_with_the_form_of_its_answer() {
        for (text, selection, answer) in [
            ("\x1b]52;c;?\x07", "c", "\x1b]52;c;aGk=\x07"),
            ("\x1b]52;;?\x1b\\", "", "\x1b]52;;aGk=\x1b\\"),
            ("\x1b]52;pc;?\x1b\\", "pc", "\x1b]52;pc;aGk=\x1b\\"),
        ] {
            let mut emulator = fed(20, 1, text);
            let Some(Effect::AskClipboard {
                selection: asked,
                end,
            }) = emulator.poll()
            else {
                panic!("{text:?}")
            };
            assert_eq!(asked, selection);
            assert_eq!(clipboard_answer(&asked, b"hi", end), answer.as_bytes());
        }
        assert_eq!(fed(20, 1, "\x1b]52;x;?\x07").poll(), None);
        assert_eq!(clipboard_answer("c", b"", "\x07"), b"\x1b]52;c;\x07");
    }
}
