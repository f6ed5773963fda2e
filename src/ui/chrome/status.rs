//! The status line: the session, its tabs and what happened in them, and on the right what is so now; or a message, a
//! question, a line that is typed into.

use super::bar::Bar;
use super::{fit, matches, plain, put_cells, style, width, write};
use crate::protocol::Chrome;
use crate::protocol::count::grouped;
use crate::protocol::scrolled::Tally;
use crate::term::Tables;
use crate::ui::beside::Beside;
use crate::ui::keymap;
use crate::ui::overlay::Line;
use crate::ui::picture::Tile;
use crate::ui::place::{self, Place};
use crate::ui::reach::Reach;
use crate::ui::theme::{Face, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

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
    /// The sessions that the client holds side by side; `None` if there is only this one.
    pub beside: Option<&'a Beside>,
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

/// Widest name of a mode or a machine, in columns.
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
            Bar::of(chrome, status, cols).put((chrome, status.beside), theme, put);
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

/// Something on the right.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) face: fn(&Theme) -> Face,
    /// What counts least is left out first.
    weight: u8,
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
pub(super) fn pieces(chrome: &Chrome, status: &Status, room: usize) -> Vec<Piece> {
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
