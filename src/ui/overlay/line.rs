//! A line that is typed into, with the keys that readline users expect.

use crate::term::{Key, KeyCode, Mods};
use crate::ui::chrome::{clusters, plain};

/// Longest text, in bytes.
const MAX_BYTES: usize = 1024;

/// A text and a cursor in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Line {
    text: String,
    /// In bytes, between two clusters.
    at: usize,
    /// What was cut last, for C-y.
    cut: String,
}

impl Line {
    /// A line that holds `text`, the cursor behind it.
    pub fn new(text: &str) -> Self {
        let mut line = Self::default();
        line.insert(text);
        line
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Puts `text` before the cursor, as much of it as there is room for.
    pub fn insert(&mut self, text: &str) {
        let text = plain(text);
        let room = MAX_BYTES.saturating_sub(self.text.len());
        let mut end = text.len().min(room);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.insert_str(self.at, &text[..end]);
        self.at += end;
    }

    /// Does what `key` says; false if it says nothing to a line.
    pub fn key(&mut self, key: Key) -> bool {
        if key.mods.contains(Mods::CTRL) {
            return self.control_key(key);
        }
        if key.mods.contains(Mods::ALT) {
            return self.alt_key(key);
        }
        match key.code {
            KeyCode::Char(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => self.erase(self.before()),
            KeyCode::Delete => self.erase(self.behind()),
            KeyCode::Left => self.at = self.before(),
            KeyCode::Right => self.at = self.behind(),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.text.len(),
            _ => return false,
        }
        true
    }

    fn control_key(&mut self, key: Key) -> bool {
        match key.code {
            KeyCode::Char('a') => self.at = 0,
            KeyCode::Char('e') => self.at = self.text.len(),
            KeyCode::Char('b') => self.at = self.before(),
            KeyCode::Char('f') => self.at = self.behind(),
            KeyCode::Char('h') => self.erase(self.before()),
            KeyCode::Char('d') => self.erase(self.behind()),
            KeyCode::Char('u') => self.cut(0),
            KeyCode::Char('k') => self.cut(self.text.len()),
            KeyCode::Char('w') => self.cut(self.space_before()),
            KeyCode::Char('y') => self.insert(&self.cut.clone()),
            KeyCode::Left => self.at = self.word_before(),
            KeyCode::Right => self.at = self.word_behind(),
            _ => return false,
        }
        true
    }

    fn alt_key(&mut self, key: Key) -> bool {
        match key.code {
            KeyCode::Char('b') | KeyCode::Left => self.at = self.word_before(),
            KeyCode::Char('f') | KeyCode::Right => self.at = self.word_behind(),
            KeyCode::Char('d') => self.cut(self.word_behind()),
            KeyCode::Backspace => self.cut(self.word_before()),
            _ => return false,
        }
        true
    }

    /// The beginning of the cluster before the cursor.
    fn before(&self) -> usize {
        let last = clusters(&self.text[..self.at]).next_back();
        self.at - last.map_or(0, |(cluster, _)| cluster.len())
    }

    /// The end of the cluster behind the cursor.
    fn behind(&self) -> usize {
        let next = clusters(&self.text[self.at..]).next();
        self.at + next.map_or(0, |(cluster, _)| cluster.len())
    }

    fn word_before(&self) -> usize {
        let before = self.text[..self.at].trim_end_matches(|c: char| !c.is_alphanumeric());
        before.trim_end_matches(char::is_alphanumeric).len()
    }

    fn word_behind(&self) -> usize {
        let behind = self.text[self.at..].trim_start_matches(|c: char| !c.is_alphanumeric());
        self.text.len() - behind.trim_start_matches(char::is_alphanumeric).len()
    }

    /// As `C-w` goes: words end at blanks alone.
    fn space_before(&self) -> usize {
        let before = self.text[..self.at].trim_end_matches(' ');
        before.trim_end_matches(|c| c != ' ').len()
    }

    /// Takes out what lies between the cursor and `to`.
    fn erase(&mut self, to: usize) {
        let (from, to) = (self.at.min(to), self.at.max(to));
        self.text.drain(from..to);
        // What stood apart may be one cluster now, or a cluster may have lost its end.
        self.at = from;
    }

    fn cut(&mut self, to: usize) {
        let (from, end) = (self.at.min(to), self.at.max(to));
        if from < end {
            self.cut = self.text[from..end].to_owned();
            self.erase(to);
        }
    }

    /// The part of the text around the cursor that fits into `cols` columns, and the cursor's column in it.
    pub fn window(&self, cols: u16) -> (String, u16) {
        let cols = usize::from(cols);
        let (mut start, mut cursor) = (self.at, 0);
        for (cluster, width) in clusters(&self.text[..self.at]).rev() {
            if cursor + width >= cols {
                break;
            }
            (start, cursor) = (start - cluster.len(), cursor + width);
        }
        let (mut end, mut used) = (self.at, cursor);
        for (cluster, width) in clusters(&self.text[self.at..]) {
            if used + width > cols {
                break;
            }
            (end, used) = (end + cluster.len(), used + width);
        }
        (self.text[start..end].to_owned(), cursor as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::chrome::width;
    use proptest::prelude::*;

    fn typed(start: &str, keys: &str) -> String {
        let mut line = Line::new(start);
        for name in keys.split_whitespace() {
            assert!(line.key(name.parse().expect("a key")), "{name}");
        }
        format!("{}|{}", &line.text[..line.at], &line.text[line.at..])
    }

    #[test]
    fn keys_move_and_erase() {
        for (keys, after) in [
            ("Left Left x", "one tx|wo"),
            ("C-a C-f Delete", "o|e two"),
            ("C-w", "one |"),
            ("C-w C-w C-y", "one |"),
            ("M-b C-k C-a C-y", "two|one "),
            ("M-b C-u", "|two"),
            ("C-a M-f M-f M-Left", "one |two"),
            ("Home M-d C-e C-h", " tw|"),
        ] {
            assert_eq!(typed("one two", keys), after, "{keys}");
        }
    }

    #[test]
    fn a_cluster_goes_as_one() {
        assert_eq!(typed("a\u{301}界", "Left BSpace"), "|界");
        assert_eq!(typed("👨‍👩‍👧x", "Left Left Delete"), "|x");
    }

    #[test]
    fn the_cursor_stays_in_sight() {
        let mut line = Line::new("0123456789");
        assert_eq!(line.window(5), ("6789".into(), 4));
        line.at = 0;
        assert_eq!(line.window(5), ("01234".into(), 0));
        assert_eq!(line.window(0), (String::new(), 0));
    }

    proptest! {
        #[test]
        fn no_key_breaks_a_line(
            text: String,
            keys in prop::collection::vec(prop::sample::select(vec![
                "Left", "Right", "C-a", "C-e", "C-w", "C-u", "C-k", "C-y", "M-b", "M-f", "M-d", "BSpace", "Delete",
                "界", "x",
            ]), 0..30),
            cols in 0..20u16,
        ) {
            let mut line = Line::new(&text);
            for name in keys {
                line.key(name.parse().expect("a key"));
                let (shown, cursor) = line.window(cols);
                prop_assert!(width(&shown) <= usize::from(cols));
                prop_assert!(cursor < cols.max(1));
            }
        }
    }
}
