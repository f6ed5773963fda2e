//! OSC 8: hyperlinks ("Hyperlinks in Terminal Emulators", the page that terminals agreed on).

use super::super::limits::{MAX_LINK_ID, MAX_URI};
use super::super::style::Link;
use super::super::terminal::Terminal;
use super::split;

impl Terminal {
    /// `params;uri`; an empty uri ends the link. Too long a link is none: half a link leads astray. The scheme is as the
    /// program has it; what is opened is decided where it is opened.
    pub(super) fn set_link(&mut self, body: &[u8]) {
        let (params, uri) = split(body);
        let id = params
            .split(|byte| *byte == b':')
            .find_map(|param| param.strip_prefix(b"id="))
            .unwrap_or_default();
        let fits = uri.len() <= MAX_URI && id.len() <= MAX_LINK_ID;
        let link = Link {
            id: String::from_utf8_lossy(id).into_owned(),
            uri: String::from_utf8_lossy(uri).into_owned(),
        };
        let bad = !fits || link.uri.contains(char::is_control);
        self.caret.style.link = match link.uri.is_empty() || bad {
            true => 0,
            false => self.tables.link_id(&link),
        };
        self.pen = None;
    }
}
