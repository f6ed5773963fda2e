//! DECRQPSR: the cursor and the tab stops as a program may put them back (DECCIR, DECTABSR; DEC STD 070 §5).

use super::caret::Switches;
use super::charset::Charset;
use super::style::Attrs;
use super::terminal::Terminal;

impl Terminal {
    /// Answers with the cursor (1) or the tab stops (2).
    pub(super) fn presentation_report(&mut self, what: u16) {
        let answer = match what {
            1 => self.cursor_information(),
            2 => self.tab_information(),
            _ => return,
        };
        self.effects
            .reply(format!("\x1bP{what}$u{answer}\x1b\\").as_bytes());
    }

    /// DECCIR: row; column; page; attributes; protection; flags; GL; GR; sizes of the sets; sets. The middle ones are
    /// bits in characters from `@` on.
    fn cursor_information(&self) -> String {
        let (row, col) = self.position();
        let attrs = self.caret.style.attrs;
        let bits = |flags: &[bool]| {
            let on = flags.iter().enumerate().filter(|(_, on)| **on);
            char::from(b'@' + on.map(|(n, _)| 1 << n).sum::<u8>())
        };
        let looks = bits(&[
            attrs.contains(Attrs::BOLD),
            attrs.underline() > 0,
            attrs.contains(Attrs::BLINK),
            attrs.contains(Attrs::INVERSE),
        ]);
        let charsets = &self.caret.charsets;
        let flags = bits(&[
            self.caret.origin,
            charsets.once == Some(2),
            charsets.once == Some(3),
            self.caret.pending && self.switches.has(Switches::AUTOWRAP),
        ]);
        let protected = bits(&[attrs.contains(Attrs::PROTECTED)]);
        let active = charsets.active;
        let sets: String = charsets.slots.map(Charset::name).iter().collect();
        format!(
            "{};{};1;{looks};{protected};{flags};{active};2;@;{sets}",
            row + 1,
            col + 1
        )
    }

    /// DECTABSR: the columns of the stops on the screen.
    fn tab_information(&self) -> String {
        let cols = self.size().cols;
        let stops = self.tabs.columns().take_while(|col| *col < cols);
        let stops: Vec<String> = stops.map(|col| (col + 1).to_string()).collect();
        stops.join("/")
    }
}
