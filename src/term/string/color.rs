//! Colours that a program changes and asks for: OSC 4, 5, 10 to 19, and the resets 104, 105, 110 to 119 (xterm ctlseqs,
//! "Operating System Commands"); reports of whether they are dark or light (mode 2031, contour's page on it).

use super::super::limits::MAX_COLOR;
use super::super::palette::{self, Palette, Rgb};
use super::super::terminal::Terminal;
use super::{Terminator, number};

/// Special colours: bold, underlined, blinking, reverse, italic.
const SPECIAL: usize = 5;
/// Dynamic colours, from OSC 10 on.
const DYNAMIC: usize = 10;
/// Where OSC 4 counts special colours from.
const INDEXED: u16 = 256;
/// Colours set or asked for in one command: each once.
const MAX_PAIRS: usize = INDEXED as usize + SPECIAL;

/// Whether the program is told when its terminal turns dark or light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::term) enum Told {
    /// When it asks.
    #[default]
    OnDemand,
    /// Whenever that changes (mode 2031).
    Always,
}

/// All colours that a program may set or ask for. What it has not set is the viewer's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::term) struct Colors {
    /// Those that are drawn with.
    pub(in crate::term) palette: Palette,
    /// Those of OSC 5, which are only remembered.
    pub(in crate::term) special: [Option<Rgb>; SPECIAL],
    /// Those of OSC 13 to 19, which are only remembered; the first three slots belong to `palette`.
    pub(in crate::term) dynamic: [Option<Rgb>; DYNAMIC],
    /// Letters and background of the terminal outside.
    pub(in crate::term) defaults: Defaults,
    pub(in crate::term) told: Told,
}

/// Letters and background of the terminal outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::term) struct Defaults {
    pub(in crate::term) foreground: Rgb,
    pub(in crate::term) background: Rgb,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            foreground: (0xd8, 0xd8, 0xd8),
            background: (0, 0, 0),
        }
    }
}

impl Colors {
    /// As at the start, in the same terminal.
    pub(in crate::term) fn reset(&mut self) {
        *self = Self {
            defaults: self.defaults,
            ..Self::default()
        };
    }

    /// OSC 4 and 5's colour `index`: special ones follow the 256.
    fn at(&self, index: u16) -> Option<Rgb> {
        match u8::try_from(index) {
            Ok(index) => Some(self.palette.index(index).unwrap_or(palette::xterm(index))),
            Err(_) => {
                let special = self.special.get(usize::from(index - INDEXED))?;
                Some(special.unwrap_or(self.dynamic(0)))
            }
        }
    }

    fn set(&mut self, index: u16, color: Option<Rgb>) {
        if let Ok(index) = u8::try_from(index) {
            self.palette.set_index(index, color);
        } else if let Some(special) = self.special.get_mut(usize::from(index - INDEXED)) {
            *special = color;
        }
    }

    /// The dynamic colour `which`, counted from OSC 10.
    fn dynamic(&self, which: usize) -> Rgb {
        let Defaults {
            foreground,
            background,
        } = self.defaults;
        let letters = self.palette.foreground.unwrap_or(foreground);
        let behind = self.palette.background.unwrap_or(background);
        let set = match which {
            0 => self.palette.foreground,
            1 => self.palette.background,
            2 => self.palette.cursor,
            which => self.dynamic[which],
        };
        // Behind the pointer, Tektronix' letters and what is selected stands the background.
        let usual = match which {
            1 | 4 | 6 | 9 => behind,
            _ => letters,
        };
        set.unwrap_or(usual)
    }

    fn set_dynamic(&mut self, which: usize, color: Option<Rgb>) {
        match which {
            0 => self.palette.foreground = color,
            1 => self.palette.background = color,
            2 => self.palette.cursor = color,
            which => self.dynamic[which] = color,
        }
    }

    /// What a report of the colour scheme says.
    fn scheme(&self) -> &'static [u8] {
        match palette::is_dark(self.dynamic(1)) {
            true => b"\x1b[?997;1n",
            false => b"\x1b[?997;2n",
        }
    }
}

impl Terminal {
    /// Follows the OSC `command`, one of those that set, reset or ask for colours.
    pub(super) fn color_command(&mut self, command: u16, body: &[u8], end: Terminator) {
        let before = self.colors.clone();
        match command {
            4 => self.color_pairs(command, 0, body, end),
            5 => self.color_pairs(command, INDEXED, body, end),
            104 => self.reset_colors(0..INDEXED, body),
            105 => self.reset_colors(INDEXED..INDEXED + SPECIAL as u16, body),
            10..=19 => self.dynamic_colors(usize::from(command - 10), body, end),
            110..=119 => self.colors.set_dynamic(usize::from(command - 110), None),
            _ => {}
        }
        self.colors_changed(&before);
    }

    /// Lets viewers and the program know what is another colour than it was.
    fn colors_changed(&mut self, before: &Colors) {
        if self.colors.palette != before.palette {
            self.header_changed();
        }
        if self.colors.told == Told::Always && self.colors.scheme() != before.scheme() {
            self.scheme_report();
        }
    }

    /// All colours as at the start.
    pub(in crate::term) fn reset_all_colors(&mut self) {
        if self.colors.palette != Palette::default() {
            self.header_changed();
        }
        self.colors.reset();
    }

    /// The terminal outside has these letters and this background.
    pub(in crate::term) fn set_default_colors(&mut self, defaults: Defaults) {
        let before = self.colors.clone();
        self.colors.defaults = defaults;
        self.colors_changed(&before);
    }

    /// DSR 996: dark or light.
    pub(in crate::term) fn scheme_report(&mut self) {
        self.effects.reply(self.colors.scheme());
    }

    /// OSC 4 and 5: pairs of number and colour, or `?`. Numbers are counted from `first`.
    fn color_pairs(&mut self, command: u16, first: u16, body: &[u8], end: Terminator) {
        let mut parts = body.split(|byte| *byte == b';');
        for _ in 0..MAX_PAIRS {
            let (Some(index), Some(value)) = (parts.next(), parts.next()) else {
                return;
            };
            let Some(index) = number(index).filter(|index| *index < MAX_PAIRS as u16) else {
                continue;
            };
            if value == b"?" {
                if let Some(color) = self.colors.at(first + index) {
                    let (color, end) = (written(color), end.text());
                    let answer = format!("\x1b]{command};{index};{color}{end}");
                    self.effects.reply(answer.as_bytes());
                }
            } else if let Some(color) = parsed(value) {
                self.colors.set(first + index, Some(color));
            }
        }
    }

    /// OSC 104 and 105: the numbers named, counted from the range's start, or all of the range.
    fn reset_colors(&mut self, range: std::ops::Range<u16>, body: &[u8]) {
        if body.is_empty() {
            range.for_each(|index| self.colors.set(index, None));
            return;
        }
        let named = body.split(|byte| *byte == b';').filter_map(number);
        for index in named.filter(|index| *index < MAX_PAIRS as u16) {
            self.colors.set(range.start + index, None);
        }
    }

    /// OSC 10 to 19; further colours in one command belong to the next numbers.
    fn dynamic_colors(&mut self, first: usize, body: &[u8], end: Terminator) {
        for (which, value) in (first..DYNAMIC).zip(body.split(|byte| *byte == b';')) {
            if value == b"?" {
                let (color, end) = (written(self.colors.dynamic(which)), end.text());
                let answer = format!("\x1b]{};{color}{end}", which + 10);
                self.effects.reply(answer.as_bytes());
            } else if let Some(color) = parsed(value) {
                self.colors.set_dynamic(which, Some(color));
            }
        }
    }
}

fn parsed(text: &[u8]) -> Option<Rgb> {
    let text = text.get(..text.len().min(MAX_COLOR + 1))?;
    let text = std::str::from_utf8(text).ok();
    palette::parse(text.filter(|text| text.len() <= MAX_COLOR)?)
}

fn written((r, g, b): Rgb) -> String {
    format!("rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{fed, replies};
    use super::*;

    fn asked(text: &str) -> String {
        replies(&mut fed(9, 1, text))
    }

    #[test]
    fn special_colours_follow_the_256_and_have_a_command_of_their_own() {
        assert_eq!(
            asked("\x1b]4;256;#aaaabbbbcccc;257;?;256;?\x07\x1b]5;0;?\x07"),
            "\x1b]4;257;rgb:d8d8/d8d8/d8d8\x07\x1b]4;256;rgb:aaaa/bbbb/cccc\x07\x1b]5;0;rgb:aaaa/bbbb/cccc\x07"
        );
        assert_eq!(
            asked("\x1b]5;1;red\x07\x1b]105;1\x07\x1b]5;1;?\x07"),
            "\x1b]5;1;rgb:d8d8/d8d8/d8d8\x07"
        );
        assert_eq!(asked("\x1b]5;5;?\x07\x1b]4;261;?\x07\x1b]4;-1;?\x07"), "");
    }

    #[test]
    fn one_command_sets_the_next_colours_as_well() {
        assert_eq!(
            asked("\x1b]17;red;gray;lime\x07\x1b]17;?;?;?;?\x07"),
            "\x1b]17;rgb:ffff/0000/0000\x07\x1b]18;rgb:bebe/bebe/bebe\x07\x1b]19;rgb:0000/ffff/0000\x07"
        );
        assert_eq!(
            asked("\x1b]13;#010203\x07\x1b]113\x07\x1b]13;?;?\x07"),
            "\x1b]13;rgb:d8d8/d8d8/d8d8\x07\x1b]14;rgb:0000/0000/0000\x07"
        );
    }

    #[test]
    fn what_is_drawn_with_is_news_for_viewers_and_undone_by_resets() {
        let mut emulator = fed(9, 1, "");
        for (change, undo) in [
            ("\x1b]4;1;#00ff00\x07", "\x1b]104;1\x07"),
            ("\x1b]4;1;#00ff00;2;blue\x07", "\x1b]104\x07"),
            ("\x1b]10;#00ff00\x07", "\x1b]110\x07"),
            ("\x1b]11;#00ff00\x07", "\x1b]111;\x1b\\"),
            ("\x1b]12;#00ff00\x07", "\x1b]112\x07"),
            ("\x1b]12;#00ff00\x07\x1b]4;9;red\x07", "\x1bc"),
        ] {
            emulator.feed(change.as_bytes());
            assert_eq!(
                emulator.header_changed_at(),
                emulator.version(),
                "{change:?}"
            );
            assert_ne!(emulator.palette(), &Palette::default(), "{change:?}");
            emulator.feed(change.as_bytes());
            assert!(emulator.header_changed_at() < emulator.version());
            emulator.feed(undo.as_bytes());
            assert_eq!(emulator.header_changed_at(), emulator.version(), "{undo:?}");
            assert_eq!(emulator.palette(), &Palette::default(), "{undo:?}");
        }
        emulator.feed(b"\x1b]17;red\x07\x1b]5;0;red\x07");
        assert!(emulator.header_changed_at() < emulator.version());
    }

    #[test]
    fn a_program_is_told_when_its_terminal_turns_light() {
        let (dark, light) = ((0, 0, 0), (255, 255, 255));
        let mut emulator = fed(9, 1, "\x1b[?996n");
        assert_eq!(replies(&mut emulator), "\x1b[?997;1n");
        emulator.set_default_colors(dark, light);
        assert_eq!(replies(&mut emulator), "");
        emulator.feed(b"\x1b[?996n\x1b[?2031h\x1b[?2031$p");
        assert_eq!(replies(&mut emulator), "\x1b[?997;2n\x1b[?2031;1$y");
        emulator.set_default_colors(light, dark);
        emulator.set_default_colors(light, (9, 9, 9));
        assert_eq!(replies(&mut emulator), "\x1b[?997;1n");
        emulator.feed(b"\x1b[?2031l");
        emulator.set_default_colors(dark, light);
        assert_eq!(replies(&mut emulator), "");
    }
}
