//! OSC 52: the clipboard (xterm ctlseqs, "Manipulate Selection Data").

use super::super::effect::Effect;
use super::super::limits::MAX_CLIPBOARD;
use super::super::terminal::Terminal;
use super::split;
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

impl Terminal {
    /// A query for the clipboard goes unanswered: what is on it is not the program's to know.
    pub(super) fn clipboard(&mut self, body: &[u8]) {
        let (selection, contents) = split(body);
        let known = selection.iter().all(|byte| b"cpqs01234567".contains(byte));
        if !known || selection.len() > 12 || contents == b"?" {
            return;
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
pub(super) fn base64_decoded(text: &[u8]) -> Option<Vec<u8>> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, config);
    engine.decode(text).ok()
}
