//! Where everything stands while the status line shows the tabs: the session and its tabs, other sessions held beside it
//! with theirs, and on the right what is so now.

use super::status::{Piece, Status, pieces};
use super::{fit, plain, width};
use crate::protocol::Chrome;
use crate::protocol::view::TabLabel;
use crate::ui::beside::Beside;
use crate::ui::theme::{Face, Theme};
use std::ops::Range;

/// Widest name of a tab, in columns.
const MAX_NAME: usize = 24;

/// What stands somewhere in the row of tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// A tab of the session that is shown, by its index.
    Tab(usize),
    /// The name of a session, by its place among those held side by side.
    Session(usize),
    /// A tab of another session: that one's place, and the tab's index there.
    TabOf(usize, usize),
}

/// Where everything stands while the status line shows the tabs.
#[derive(Debug, Default)]
pub struct Bar {
    /// The name of the session where it is the only one.
    session: String,
    /// The columns of what is shown of the row, and its text; the tab in use is always among it.
    row: Vec<(Range<u16>, Spot, String)>,
    /// The column that stands for tabs further left.
    pub before: Option<u16>,
    /// The column that stands for tabs further right.
    pub after: Option<u16>,
    right: Vec<Piece>,
    cols: u16,
}

impl Bar {
    /// Where everything stands in a line of `cols` columns.
    pub fn of(chrome: &Chrome, status: &Status, cols: u16) -> Self {
        let all = usize::from(cols);
        let row = row(chrome, status.beside, all);
        let core = core(chrome, &row);
        let widths: Vec<usize> = row.iter().map(|(_, text)| width(text)).collect();
        let wanted: usize = widths.iter().sum();
        let least = widths[core.clone()].iter().sum::<usize>().min(all / 2);
        let least = if core.is_empty() { 0 } else { least + 2 };
        let mut bar = Self {
            session: match status.beside {
                None => session(&chrome.session, all),
                Some(_) => String::new(),
            },
            cols,
            ..Self::default()
        };
        if width(&bar.session) + least > all {
            bar.session.clear();
        }
        let taken = width(&bar.session) + wanted.min((all / 2).max(least));
        bar.right = pieces(chrome, status, all.saturating_sub(taken));
        bar.place(row, &widths, core);
        bar
    }

    fn place(&mut self, row: Vec<(Spot, String)>, widths: &[usize], core: Range<usize>) {
        let start = width(&self.session);
        let room = (usize::from(self.cols) - start).saturating_sub(self.right_cols());
        let shown = around(widths, named(&row, widths, core, room), room);
        let mut x = start as u16;
        if shown.start > 0 {
            self.before = Some(x);
            x += 1;
        }
        let behind = u16::from(shown.end < widths.len());
        let limit = (start + room) as u16;
        let count = shown.len();
        for (index, (spot, text)) in row.into_iter().enumerate().skip(shown.start).take(count) {
            let end =
                (usize::from(x) + widths[index]).min(usize::from(limit.saturating_sub(behind)));
            self.row.push((x..(end as u16).max(x), spot, text));
            x = (end as u16).max(x);
        }
        self.after = (behind > 0 && x < limit).then_some(x);
    }

    /// What stands at that column.
    pub fn at(&self, x: u16) -> Option<Spot> {
        let mut row = self.row.iter();
        row.find(|(cols, ..)| cols.contains(&x))
            .map(|(_, spot, _)| *spot)
    }

    fn right_cols(&self) -> usize {
        self.right.iter().map(|piece| width(&piece.text)).sum()
    }

    /// Puts all of it into the status line.
    pub(super) fn put(
        &self,
        (chrome, beside): (&Chrome, Option<&Beside>),
        theme: &Theme,
        mut put: impl FnMut(u16, &str, Face) -> u16,
    ) {
        put(0, &self.session, theme.status);
        for (range, spot, text) in &self.row {
            let face = face(*spot, (chrome, beside), theme);
            put(range.start, &fit(text, range.len()), face);
        }
        for (at, arrow) in [(self.before, "<"), (self.after, ">")] {
            if let Some(x) = at {
                put(x, arrow, theme.status);
            }
        }
        let mut x = self.cols - self.right_cols() as u16;
        for piece in &self.right {
            x = put(x, &piece.text, (piece.face)(theme));
        }
    }
}

/// All that the row may show, in order, and what it says.
fn row(chrome: &Chrome, beside: Option<&Beside>, cols: usize) -> Vec<(Spot, String)> {
    let own = || {
        let tabs = chrome.tabs.iter().enumerate();
        tabs.map(|(index, tab)| (Spot::Tab(index), label(index, tab, own_marks(chrome, tab))))
    };
    let Some(beside) = beside else {
        return own().collect();
    };
    let mut row = Vec::new();
    for (place, held) in beside.sessions.iter().enumerate() {
        let lost = if held.is_lost { "✗" } else { "" };
        let name = short(&held.name, (cols / 4).max(1));
        row.push((Spot::Session(place), format!(" {name}{lost} ")));
        if place == beside.shown {
            row.extend(own());
            continue;
        }
        let tabs = held.tabs.iter().enumerate();
        row.extend(tabs.map(|(index, tab)| {
            let spot = Spot::TabOf(place, index);
            (spot, label(index, tab, marks(tab, Seen::No)))
        }));
    }
    row
}

/// The part of the row that is shown before all else: the tab in use.
fn core(chrome: &Chrome, row: &[(Spot, String)]) -> Range<usize> {
    let active = chrome.tabs.iter().position(|tab| tab.active).unwrap_or(0);
    let tab = row.iter().position(|(spot, _)| *spot == Spot::Tab(active));
    tab.map_or(0..0, |tab| tab..tab + 1)
}

/// The same with the name of its session, if that stands in the row and both fit into `room`.
fn named(
    row: &[(Spot, String)],
    widths: &[usize],
    core: Range<usize>,
    room: usize,
) -> Range<usize> {
    let is_name = |(spot, _): &(Spot, String)| matches!(spot, Spot::Session(_));
    let name = row[..core.start].iter().rposition(is_name);
    let named = name.map(|name| name..core.end);
    let fits = |part: &Range<usize>| widths[part.clone()].iter().sum::<usize>() + 2 <= room;
    named.filter(fits).unwrap_or(core)
}

/// The part of the row around `core` that fits into `room`, as much as can be; an arrow takes a column.
fn around(widths: &[usize], core: Range<usize>, room: usize) -> Range<usize> {
    let mut shown = core;
    let fits = |shown: &Range<usize>| {
        let arrows = usize::from(shown.start > 0) + usize::from(shown.end < widths.len());
        widths[shown.clone()].iter().sum::<usize>() + arrows <= room
    };
    loop {
        let right = shown.start..(shown.end + 1).min(widths.len());
        let left = shown.start.saturating_sub(1)..shown.end;
        // A step to one side may become possible only together with one to the other, where an arrow goes.
        let both = left.start..right.end;
        let wider = [right, left, both]
            .into_iter()
            .find(|wider| *wider != shown && fits(wider));
        match wider {
            Some(wider) => shown = wider,
            None => return shown,
        }
    }
}

fn session(name: &str, cols: usize) -> String {
    match name.is_empty() {
        true => String::new(),
        false => format!(" {} ", fit(name, (cols / 4).max(1))),
    }
}

/// The name of a session in so many columns; of one elsewhere the host is cut first.
fn short(name: &str, cols: usize) -> String {
    let session = name
        .rsplit_once('/')
        .map(|(host, rest)| (host, plain(rest)));
    match session {
        Some((host, session)) if width(name) > cols && width(&session) + 2 < cols => {
            format!("{}/{session}", fit(host, cols - width(&session) - 1))
        }
        _ => fit(name, cols),
    }
}

fn label(index: usize, tab: &TabLabel, marks: String) -> String {
    format!(" {}:{}{marks} ", index + 1, fit(&tab.name, MAX_NAME))
}

/// What is marked on a tab of the session that is shown.
fn own_marks(chrome: &Chrome, tab: &TabLabel) -> String {
    let active = if tab.active { "*" } else { "" };
    let zoomed = if tab.active && chrome.zoomed { "Z" } else { "" };
    let seen = if tab.active { Seen::Yes } else { Seen::No };
    format!("{active}{zoomed}{}", marks(tab, seen))
}

/// Whether a tab is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Yes,
    No,
}

/// What happened in a tab; not all of it is worth saying of one that is looked at.
fn marks(tab: &TabLabel, seen: Seen) -> String {
    let is_hidden = seen == Seen::No;
    let marks = [
        (tab.marks.bell, '!'),
        (tab.marks.activity && is_hidden, '#'),
        (tab.marks.silence && is_hidden, '~'),
        (tab.marks.failed, '✗'),
    ];
    let set = marks.iter().filter(|(is_set, _)| *is_set);
    set.map(|(_, mark)| mark).collect()
}

fn face(spot: Spot, (chrome, beside): (&Chrome, Option<&Beside>), theme: &Theme) -> Face {
    let held = |place: usize| beside.and_then(|beside| beside.sessions.get(place));
    match spot {
        Spot::Tab(index) if chrome.tabs[index].active => theme.tab,
        Spot::Tab(index) => tab_face(&chrome.tabs[index], theme),
        Spot::Session(place) => match held(place).is_some_and(|held| held.is_lost) {
            true => theme.tab_failed,
            false => theme.status,
        },
        Spot::TabOf(place, index) => {
            let tab = held(place).and_then(|held| held.tabs.get(index));
            tab.map_or(theme.status, |tab| tab_face(tab, theme))
        }
    }
}

/// How a tab looks that is not looked at.
fn tab_face(tab: &TabLabel, theme: &Theme) -> Face {
    let marks = tab.marks;
    let faces = [
        (marks.bell, theme.tab_bell),
        (marks.failed, theme.tab_failed),
        (marks.activity, theme.tab_activity),
        (marks.silence, theme.tab_silence),
    ];
    faces
        .into_iter()
        .find(|(is_set, _)| *is_set)
        .map_or(theme.status, |(_, face)| face)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_name_the_host_is_cut_first() {
        assert_eq!(short("desk/work", 10), "desk/work");
        assert_eq!(short("127.0.0.1:60001/work", 12), "127.0.…/work");
        assert_eq!(short("desk/a-long-session", 10), "desk/a-lo…");
        assert_eq!(short("a-long-session", 10), "a-long-se…");
    }
}
