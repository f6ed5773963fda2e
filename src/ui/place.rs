//! Where a viewer is in a pane's scrollback, as it is said around the pane: in words, and by a thumb beside it.

use crate::protocol::surface::Scrolled;
use std::ops::Range;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A place among all lines of a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The number of the first shown line, or of the cursor's, from 1.
    pub line: u64,
    /// The number of the last line that there is.
    pub last: u64,
    /// How far down it is.
    pub percent: u8,
    /// How many lines are new below.
    pub fresh: u64,
    /// When the first shown line was written, in milliseconds since the Unix epoch.
    pub written_ms: Option<u64>,
    above: u64,
    total: u64,
    is_all_shown: bool,
}

impl Place {
    /// The place that a view says.
    pub fn of(scrolled: &Scrolled) -> Self {
        let (above, total) = (scrolled.above, scrolled.total.max(1));
        let percent = match scrolled.at_bottom {
            true => 100,
            false => (u128::from(above.min(total)) * 100 / u128::from(total)) as u8,
        };
        Self {
            line: scrolled.first + above + 1,
            last: scrolled.first + scrolled.total,
            percent,
            fresh: scrolled.fresh,
            written_ms: scrolled.written_ms,
            above: if scrolled.at_bottom { total } else { above },
            total,
            is_all_shown: scrolled.at_bottom && scrolled.above == 0,
        }
    }

    /// As short as it can be said.
    pub fn brief(&self) -> String {
        format!("[{}/{}]", self.line, self.last)
    }

    /// The rows of the thumb beside a pane of `rows` rows: as much of them as the pane shows of all lines, as far down.
    /// There is none if all lines are shown.
    pub fn thumb(&self, rows: u16) -> Range<u16> {
        if self.is_all_shown {
            return 0..0;
        }
        let all = u128::from(self.total.max(1));
        let height = u128::from(rows);
        let len = (height * height / all).clamp(1, height.max(1));
        let (way, range) = (u128::from(self.above), all.saturating_sub(height).max(1));
        let start = ((height - len.min(height)) * way / range).min(height - len.min(height));
        start as u16..(start + len) as u16
    }
}

/// How long ago something was that is so many milliseconds old, in a few words.
pub fn ago(ms: u64) -> String {
    match ms {
        0..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => format!("{} min ago", ms / MINUTE),
        HOUR..DAY => format!("{} h ago", ms / HOUR),
        DAY.. => format!("{} d ago", ms / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(above: u64, total: u64, at_bottom: bool) -> Place {
        Place::of(&Scrolled {
            above,
            total,
            at_bottom,
            ..Scrolled::default()
        })
    }

    #[test]
    fn a_place_is_told_by_numbers_that_count_from_one() {
        let mut scrolled = Scrolled {
            first: 500,
            above: 250,
            total: 1000,
            ..Scrolled::default()
        };
        let there = Place::of(&scrolled);
        assert_eq!((there.line, there.last, there.percent), (751, 1500, 25));
        assert_eq!(there.brief(), "[751/1500]");
        scrolled.at_bottom = true;
        assert_eq!(Place::of(&scrolled).percent, 100);
    }

    #[test]
    fn the_thumb_stands_at_the_ends_at_the_ends() {
        assert_eq!(place(0, 1000, false).thumb(20), 0..1);
        assert_eq!(place(980, 1000, true).thumb(20), 19..20);
        assert_eq!(place(0, 40, false).thumb(20), 0..10);
        assert_eq!(place(20, 40, true).thumb(20), 10..20);
        assert!(place(0, 5, true).thumb(20).is_empty(), "all is shown");
    }

    #[test]
    fn ages_are_told_shortly() {
        let told = [5000, 12 * MINUTE, 4 * HOUR - 1, 40 * DAY].map(ago);
        assert_eq!(told, ["just now", "12 min ago", "3 h ago", "40 d ago"]);
    }

    proptest! {
        #[test]
        fn the_thumb_is_beside_the_pane(above: u64, total: u64, at_bottom: bool, rows in 1..300u16) {
            // No pane has printed so much.
            let thumb = place(above >> 1, total >> 1, at_bottom).thumb(rows);
            let is_all_shown = at_bottom && above >> 1 == 0;
            prop_assert!(thumb.is_empty() == is_all_shown && thumb.end <= rows, "{thumb:?}");
        }
    }
}
