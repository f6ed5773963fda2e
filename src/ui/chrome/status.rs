//! The status line: the session, its tabs and what happened in them, and on the right what is so now; or a message, a
//! question, a line that is typed into.

use super::{fit, matches, plain, put_cells, style, width, write};
use crate::protocol::Chrome;
use crate::protocol::count::grouped;
use crate::protocol::scrolled::Tally;
use crate::protocol::view::TabLabel;
use crate::term::Tables;
use crate::ui::keymap;
use crate::ui::overlay::Line;
use crate::ui::picture::Tile;
use crate::ui::place::{self, Place};
use crate::ui::reach::Reach;
use crate::ui::theme::{Face, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::ops::Range;

/// What the status line says.
#[derive(Debug, Clone, Copy, Hash)]
pub struct Status<'a> {
    /// A message, question or prompt; it takes the place of the tabs.
    pub line: StatusLine<'a>,
    /// Where the next key is looked up, if not where keys usually are.
    pub mode: Option<&'a str>,
    /// What the keys do there, in short, if they stay there.
    pub hint: &'a str,
    /// Where the focused pane is scrolled to, and how many milliseconds ago what stands there was written.
    pub scrolled: Option<(Place, Option<u64>)>,
    /// What is known of the matches of the last search in the focused pane.
    pub tally: Option<Tally>,
    /// What is said while the server is out of reach.
    pub absence: Option<&'a str>,
    /// The time of day; empty while it is not known or not wanted.
    pub clock: &'a str,
    /// How the server is reached; `None` on its own machine.
    pub reach: Option<Reach>,
}

/// What stands in the status line.
#[derive(Debug, Clone, Copy, Hash)]
pub enum StatusLine<'a> {
    /// The tabs.
    Tabs,
    /// Something to be read.
    Message(&'a str),
    /// Something to be answered by a key.
    Question(&'a str),
    /// Something to be typed: what for, what so far, and what is said of it.
    Prompt(&'a str, &'a Line, &'a str),
}

/// Widest name of a tab, in columns.
const MAX_NAME: usize = 24;
/// Widest title of a pane that is shown alone, in columns.
const MAX_TITLE: usize = 32;
/// Columns from which on it is worth saying what keys do.
const MIN_HINT: usize = 12;
/// Columns that a prompt's label has to leave.
const LEAST_TYPED: usize = 5;
/// What stands behind a question.
const ANSWERS: &str = " (y/n) ";

/// Draws the status line into `tiles`; returns the cursor's column if the line waits for keys.
pub fn draw(
    chrome: &Chrome,
    status: &Status,
    theme: &Theme,
    tables: &mut Tables,
    tiles: &mut [Tile],
) -> Option<u16> {
    let cols = tiles.len() as u16;
    let mut buffer = Buffer::empty(Rect::new(0, 0, cols, 1));
    let face = match status.line {
        StatusLine::Tabs => theme.status,
        _ => theme.message,
    };
    buffer.set_style(buffer.area, style(face));
    let put = |x: u16, text: &str, face: Face| {
        let room = usize::from(cols.saturating_sub(x));
        let shown = fit(text, room);
        write((x, 0), &shown, style(face), &mut buffer);
        x.saturating_add(width(&shown) as u16)
    };
    let cursor = match status.line {
        StatusLine::Tabs => {
            Bar::of(chrome, status, cols).put(chrome, theme, put);
            None
        }
        line => put_line(line, status.tally, cols, face, put),
    };
    put_cells(&buffer.content, tables, tiles);
    cursor.map(|col| col.min(cols.saturating_sub(1)))
}

/// Puts what takes the place of the tabs; returns where the cursor goes.
fn put_line(
    line: StatusLine,
    tally: Option<Tally>,
    cols: u16,
    face: Face,
    mut put: impl FnMut(u16, &str, Face) -> u16,
) -> Option<u16> {
    match line {
        StatusLine::Tabs => None,
        StatusLine::Message(text) => {
            put(0, text, face);
            None
        }
        StatusLine::Question(text) => {
            let room = usize::from(cols).saturating_sub(ANSWERS.len());
            let end = put(0, &fit(text, room), face);
            Some(put(end, ANSWERS, face))
        }
        StatusLine::Prompt(label, line, note) => {
            // A label that leaves no room to type in is left out; a note has half of it, or all that is not needed.
            let fits = width(label) + LEAST_TYPED <= usize::from(cols);
            let start = put(0, if fits { label } else { "" }, face);
            let note = match (note, tally) {
                ("", Some(tally)) => matches::words(tally),
                _ => plain(note),
            };
            let room = usize::from(cols.saturating_sub(start));
            let free = room.saturating_sub(width(line.text()) + 2);
            let most = room.saturating_sub(LEAST_TYPED + 1);
            let note = fit(&note, free.max(room / 2).min(most));
            let typed = usize::from(cols - start).saturating_sub(width(&note) + 1);
            let (shown, cursor) = line.window(typed as u16);
            put(start, &shown, face);
            put(cols - width(&note) as u16, &note, face);
            Some(start + cursor)
        }
    }
}

/// Where everything stands while the status line shows the tabs.
#[derive(Debug, Default)]
pub struct Bar {
    session: String,
    /// The columns of each tab that is shown, and its index; the one in use is always among them.
    pub tabs: Vec<(Range<u16>, usize)>,
    /// The column that stands for tabs further left.
    pub before: Option<u16>,
    /// The column that stands for tabs further right.
    pub after: Option<u16>,
    right: Vec<Piece>,
    cols: u16,
}

/// Something on the right.
#[derive(Debug)]
struct Piece {
    text: String,
    face: fn(&Theme) -> Face,
    /// What counts least is left out first.
    weight: u8,
}

impl Bar {
    /// Where everything stands in a line of `cols` columns.
    pub fn of(chrome: &Chrome, status: &Status, cols: u16) -> Self {
        let widths: Vec<usize> = (0..chrome.tabs.len())
            .map(|index| width(&label(chrome, index)))
            .collect();
        let active = chrome.tabs.iter().position(|tab| tab.active).unwrap_or(0);
        let all = usize::from(cols);
        let wanted: usize = widths.iter().sum();
        let least = widths
            .get(active)
            .map_or(0, |&least| least.min(all / 2) + 2);
        let mut bar = Self {
            session: session(chrome, all),
            cols,
            ..Self::default()
        };
        if width(&bar.session) + least > all {
            bar.session.clear();
        }
        let taken = width(&bar.session) + wanted.min((all / 2).max(least));
        bar.right = pieces(chrome, status, all.saturating_sub(taken));
        bar.place_tabs(&widths, active);
        bar
    }

    fn place_tabs(&mut self, widths: &[usize], active: usize) {
        let start = width(&self.session);
        let room = (usize::from(self.cols) - start).saturating_sub(self.right_cols());
        let shown = around(widths, active, room);
        let mut x = start as u16;
        if shown.start > 0 {
            self.before = Some(x);
            x += 1;
        }
        let behind = u16::from(shown.end < widths.len());
        let limit = (start + room) as u16;
        for index in shown {
            let end =
                (usize::from(x) + widths[index]).min(usize::from(limit.saturating_sub(behind)));
            self.tabs.push((x..(end as u16).max(x), index));
            x = (end as u16).max(x);
        }
        self.after = (behind > 0 && x < limit).then_some(x);
    }

    fn right_cols(&self) -> usize {
        self.right.iter().map(|piece| width(&piece.text)).sum()
    }

    fn put(&self, chrome: &Chrome, theme: &Theme, mut put: impl FnMut(u16, &str, Face) -> u16) {
        put(0, &self.session, theme.status);
        for (range, index) in &self.tabs {
            let shown = fit(&label(chrome, *index), range.len());
            put(range.start, &shown, tab_face(&chrome.tabs[*index], theme));
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

/// The tabs around the one in use that fit into `room`, as many as can be; an arrow takes a column.
fn around(widths: &[usize], active: usize, room: usize) -> Range<usize> {
    let mut shown = active..(active + 1).min(widths.len());
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

fn session(chrome: &Chrome, cols: usize) -> String {
    match chrome.session.is_empty() {
        true => String::new(),
        false => format!(" {} ", fit(&chrome.session, (cols / 4).max(1))),
    }
}

fn label(chrome: &Chrome, index: usize) -> String {
    let tab = &chrome.tabs[index];
    let number = index + 1;
    let marks = [
        (tab.active, '*'),
        (tab.active && chrome.zoomed, 'Z'),
        (tab.marks.bell, '!'),
        (tab.marks.activity && !tab.active, '#'),
        (tab.marks.silence && !tab.active, '~'),
        (tab.marks.failed, '✗'),
    ];
    let marks: String = marks
        .iter()
        .filter(|(is_set, _)| *is_set)
        .map(|(_, mark)| mark)
        .collect();
    format!(" {number}:{}{marks} ", fit(&tab.name, MAX_NAME))
}

fn tab_face(tab: &TabLabel, theme: &Theme) -> Face {
    let marks = tab.marks;
    let faces = [
        (tab.active, theme.tab),
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

/// The title of a pane that is shown alone, if no line above it says that, and if it says more than the tab's name.
pub fn lone_title(chrome: &Chrome) -> Option<&str> {
    let [pane] = &chrome.panes[..] else {
        return None;
    };
    let tab = chrome.tabs.iter().find(|tab| tab.active)?;
    let says_more = pane.area.y == 0 && !tab.name.contains(&pane.title);
    says_more.then_some(&*pane.title)
}

/// What is said of a place in scrollback: what is new below it, how old it is, and where.
fn said_of(
    place: Place,
    age: Option<u64>,
    room: usize,
) -> impl Iterator<Item = (String, fn(&Theme) -> Face, u8)> {
    let plural = if place.fresh == 1 { "" } else { "s" };
    let news = (place.fresh > 0)
        .then(|| format!(" ↓ {} new line{plural} ", grouped(place.fresh)))
        .map(|text| (text, (|theme| theme.mode) as fn(&Theme) -> Face, 4));
    let age = age
        .map(|age| format!(" {} ", place::ago(age)))
        .map(|text| (text, (|theme| theme.status) as fn(&Theme) -> Face, 3));
    let (line, last) = (grouped(place.line), grouped(place.last));
    let long = format!(" line {line} of {last} · {}% ", place.percent);
    let text = match width(&long) <= room {
        true => long,
        false => format!(" {} ", place.brief()),
    };
    let face: fn(&Theme) -> Face = |theme| theme.indicator;
    [news, age, Some((text, face, 5))].into_iter().flatten()
}

/// What stands on the right, in `room` columns.
fn pieces(chrome: &Chrome, status: &Status, room: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut add = |text: String, face: fn(&Theme) -> Face, weight| {
        pieces.push(Piece { text, face, weight });
    };
    if let Some(mode) = status.mode {
        let face: fn(&Theme) -> Face = match mode {
            keymap::PREFIX => |theme| theme.indicator,
            _ => |theme| theme.mode,
        };
        add(format!(" {} ", fit(mode, MAX_NAME)), face, 7);
    }
    if let Some(absence) = status.absence {
        add(format!(" {absence} "), |theme| theme.tab_failed, 9);
    }
    if chrome.unsaved {
        add(" not saved ".to_owned(), |theme| theme.tab_failed, 8);
    }
    if let Some(tally) = status.tally {
        let text = format!(" {} ", matches::words(tally));
        add(text, |theme| theme.mode, 6);
    }
    if let Some((place, age)) = status.scrolled {
        for (text, face, weight) in said_of(place, age, room) {
            add(text, face, weight);
        }
    }
    if let Some(title) = lone_title(chrome).filter(|_| status.hint.is_empty()) {
        let text = format!(" {} ", fit(title, MAX_TITLE));
        add(text, |theme| theme.status, 0);
    }
    if !chrome.host.is_empty() {
        add(
            format!(" {} ", fit(&chrome.host, MAX_NAME)),
            |theme| theme.status,
            1,
        );
    }
    if let Some(reach) = status.reach {
        add(format!(" via {} ", reach.by), |theme| theme.status, 0);
        let text = format!(" {} ", reach.words());
        match reach.is_late() {
            true => add(text, |theme| theme.tab_failed, 9),
            false => add(text, |theme| theme.status, 1),
        }
    }
    if !status.clock.is_empty() {
        add(format!(" {} ", plain(status.clock)), |theme| theme.clock, 2);
    }
    while pieces.iter().map(|piece| width(&piece.text)).sum::<usize>() > room {
        let least = pieces.iter().map(|piece| piece.weight).min();
        pieces.retain(|piece| Some(piece.weight) != least);
    }
    let taken: usize = pieces.iter().map(|piece| width(&piece.text)).sum();
    let left = (room - taken).saturating_sub(2);
    if !status.hint.is_empty() && !pieces.is_empty() && left >= MIN_HINT {
        let hint = Piece {
            text: format!(" {} ", fit(status.hint, left)),
            face: |theme| theme.status,
            weight: 0,
        };
        // Behind the mode's name, which comes first.
        pieces.insert(1, hint);
    }
    pieces
}
