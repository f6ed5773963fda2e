//! Notices for the user: OSC 9 (iTerm2), OSC 777 (urxvt) and OSC 99 (kitty's desktop notifications).

use super::super::effect::{Effect, Notice, Urgency};
use super::super::limits::{MAX_LABEL, MAX_NOTICE_ID, MAX_OPEN_NOTICES};
use super::super::terminal::Terminal;
use super::clipboard::base64_decoded;
use super::{Terminator, clean, cut, number, split};

/// A notice of which parts have arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::term) struct Part {
    /// What its parts are known by; never longer than [`MAX_NOTICE_ID`].
    pub(in crate::term) id: String,
    /// At most [`MAX_LABEL`] bytes, as they came: a character may be cut by the end of a part.
    pub(in crate::term) title: Vec<u8>,
    /// The same of the body.
    pub(in crate::term) body: Vec<u8>,
    /// How urgent it is.
    pub(in crate::term) urgency: Urgency,
}

/// Notices of which parts have arrived, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::term) struct Notices {
    pub(in crate::term) open: Vec<Part>,
}

impl Notices {
    /// Takes out what has arrived of the notice `id`, or begins it.
    fn take(&mut self, id: &str) -> Part {
        match self.open.iter().position(|part| part.id == id) {
            Some(at) => self.open.remove(at),
            None => Part {
                id: id.to_owned(),
                ..Part::default()
            },
        }
    }

    /// Keeps `part` until more of it arrives.
    fn keep(&mut self, part: Part) {
        if self.open.len() == MAX_OPEN_NOTICES {
            self.open.remove(0);
        }
        self.open.push(part);
    }
}

/// What stands before the text of an OSC 99: `key=value` pairs between colons.
struct Metadata<'a>(&'a [u8]);

impl<'a> Metadata<'a> {
    fn get(&self, key: &[u8]) -> Option<&'a [u8]> {
        let pairs = self.0.split(|byte| *byte == b':');
        let mut pairs = pairs.map(|pair| cut(pair, b'='));
        pairs.find_map(|(name, value)| (name == key).then_some(value))
    }

    /// The id, in the characters that ids may have.
    fn id(&self) -> String {
        let id = self.get(b"i").unwrap_or_default();
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_+.".contains(byte);
        let id = id.iter().copied().filter(allowed).take(MAX_NOTICE_ID);
        id.map(char::from).collect()
    }
}

impl Terminal {
    /// OSC 9: a notice, unless it is one of ConEmu's commands, which begin with a number: the directory is taken, and
    /// progress and the rest have no place here.
    pub(super) fn notice_or_conemu(&mut self, body: &[u8]) {
        let (first, rest) = split(body);
        match number(first) {
            Some(9) => self.work_in(unquoted(rest).to_vec()),
            Some(1..=12) => {}
            _ => self.notify(&[], body, Urgency::Normal),
        }
    }

    /// OSC 777: `notify;title;body`.
    pub(super) fn urxvt_notice(&mut self, body: &[u8]) {
        if let Some(text) = body.strip_prefix(b"notify;") {
            let (title, text) = split(text);
            self.notify(title, text, Urgency::Normal);
        }
    }

    /// OSC 99: `metadata;text`. Buttons, icons, sounds and reports of what became of a notice are passed over; a program
    /// that asks is told so.
    pub(super) fn kitty_notice(&mut self, body: &[u8], end: Terminator) {
        let (metadata, text) = split(body);
        let metadata = Metadata(metadata);
        let id = metadata.id();
        let kind = metadata.get(b"p").unwrap_or(b"title");
        if kind == b"?" {
            let id = if id.is_empty() { "0" } else { &id };
            let end = end.text();
            let answer = format!("\x1b]99;i={id}:p=?;p=title,body,?:u=0,1,2{end}");
            return self.effects.reply(answer.as_bytes());
        }
        let mut part = self.notices.take(&id);
        let decoded = match metadata.get(b"e") {
            Some(b"1") => base64_decoded(text).unwrap_or_default(),
            _ => text.to_vec(),
        };
        match kind {
            b"title" => extend(&mut part.title, &decoded),
            b"body" => extend(&mut part.body, &decoded),
            _ => {}
        }
        match metadata.get(b"u") {
            Some(b"0") => part.urgency = Urgency::Low,
            Some(b"2") => part.urgency = Urgency::Critical,
            Some(_) => part.urgency = Urgency::Normal,
            None => {}
        }
        match metadata.get(b"d") {
            Some(b"0") => self.notices.keep(part),
            _ => self.notify(&part.title, &part.body, part.urgency),
        }
    }

    /// Asks for a notice; one without text is none, and one without a body is its title.
    fn notify(&mut self, title: &[u8], body: &[u8], urgency: Urgency) {
        let (title, body) = (line(title), line(body));
        let (title, body) = match body.is_empty() {
            true => (String::new(), title),
            false => (title, body),
        };
        if !body.is_empty() {
            self.effects.push(Effect::Notice(Notice {
                title,
                body,
                urgency,
            }));
        }
    }
}

/// The text as one line.
fn line(text: &[u8]) -> String {
    let blank = |byte: &u8| if byte.is_ascii_control() { b' ' } else { *byte };
    let text: Vec<u8> = text.iter().map(blank).collect();
    clean(&text, MAX_LABEL).trim().to_owned()
}

fn extend(text: &mut Vec<u8>, more: &[u8]) {
    let room = MAX_LABEL.saturating_sub(text.len());
    text.extend_from_slice(&more[..more.len().min(room)]);
}

/// What stands between quotation marks, if there are any.
fn unquoted(text: &[u8]) -> &[u8] {
    let inner = text
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""));
    inner.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{fed, replies};
    use super::*;

    fn notices(text: &str) -> Vec<(String, String, Urgency)> {
        let mut emulator = fed(9, 1, text);
        let effects = std::iter::from_fn(|| emulator.poll());
        let notices = effects.filter_map(|effect| match effect {
            Effect::Notice(notice) => Some((notice.title, notice.body, notice.urgency)),
            _ => None,
        });
        notices.collect()
    }

    fn notice(title: &str, body: &str, urgency: Urgency) -> (String, String, Urgency) {
        (title.into(), body.into(), urgency)
    }

    #[test]
    fn each_way_to_say_it_is_heard() {
        let normal = Urgency::Normal;
        for (said, heard) in [
            ("9;done", notice("", "done", normal)),
            ("9;a\nb\u{202e}c", notice("", "a bc", normal)),
            ("777;notify;t;b", notice("t", "b", normal)),
            ("777;notify;t;", notice("", "t", normal)),
            ("99;;hello", notice("", "hello", normal)),
            ("99;u=2:e=1;aGk=", notice("", "hi", Urgency::Critical)),
            ("99;p=body:u=0;text", notice("", "text", Urgency::Low)),
        ] {
            assert_eq!(notices(&format!("\x1b]{said}\x07")), [heard], "{said}");
        }
        for nothing in [
            "9;4;1;50",
            "9;4",
            "9;",
            "777;other;x",
            "99;p=close:i=1;",
            "99;p=icon;x",
        ] {
            assert_eq!(notices(&format!("\x1b]{nothing}\x07")), [], "{nothing}");
        }
    }

    #[test]
    fn parts_of_a_notice_are_put_together() {
        let parts = [
            "i=1:d=0;Hel",
            "i=2:d=0:e=1;ww",
            "i=1:d=0;lo",
            "i=1:d=0:p=body:u=2;wor",
            "i=2:e=1;qQ==",
            "i=1:p=body;ld",
        ];
        let text = parts.map(|part| format!("\x1b]99;{part}\x1b\\")).concat();
        let heard = notices(&text);
        assert_eq!(heard[0], notice("", "é", Urgency::Normal));
        assert_eq!(heard[1], notice("Hello", "world", Urgency::Critical));
    }

    #[test]
    fn notices_in_parts_are_bounded() {
        let mut text = String::new();
        for n in 0..100 {
            text += &format!("\x1b]99;i={n}:d=0;{}\x07", "x".repeat(9000));
        }
        let emulator = fed(9, 1, &text);
        let open = &emulator.terminal.notices.open;
        assert_eq!(open.len(), MAX_OPEN_NOTICES);
        assert!(open.iter().all(|part| part.title.len() <= MAX_LABEL));
    }

    #[test]
    fn a_program_that_asks_is_told_what_it_can_say() {
        let mut emulator = fed(9, 1, "\x1b]99;i=a;b:p=?;\x07\x1b]99;i=q1:p=?;\x1b\\");
        let answers = replies(&mut emulator);
        assert_eq!(answers, "\x1b]99;i=q1:p=?;p=title,body,?:u=0,1,2\x1b\\");
    }
}
