//! Rectangles: copying, filling, erasing and changing the looks of cells (DECCRA, DECFRA, DECERA, DECSERA, DECCARA,
//! DECRARA; DEC STD 070 §5, VT420 programmer reference).

use super::cell::Cell;
use super::erase::Eraser;
use super::sequence::Params;
use super::style::{Attrs, Style, StyleId};
use super::tables::Tables;
use super::terminal::Terminal;

/// Rows `top..bottom` and columns `left..right` of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub(super) top: u16,
    pub(super) left: u16,
    pub(super) bottom: u16,
    pub(super) right: u16,
}

/// How DECCARA and DECRARA change attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// As SGR would.
    Set,
    /// What is on goes off and the other way round.
    Reverse,
}

impl Terminal {
    /// The rectangle of the four numbers from the `n`th on; 0 stands for the edges. It is cut to the screen, with DECOM
    /// it counts from the margins. `None` if nothing lies in it.
    pub(super) fn rectangle(&self, params: &Params, n: usize) -> Option<Rectangle> {
        let at = |k: usize| params.numbers().get(n + k).copied().unwrap_or(0);
        let (top, left) = self.corner(at(0), at(1));
        let edge = |number: u16| if number == 0 { u16::MAX } else { number };
        let (bottom, right) = self.corner(edge(at(2)), edge(at(3)));
        let rectangle = Rectangle {
            top,
            left,
            bottom: bottom + 1,
            right: right + 1,
        };
        (top <= bottom && left <= right).then_some(rectangle)
    }

    /// A cell that a program counts from 1, kept on the screen.
    fn corner(&self, row: u16, col: u16) -> (u16, u16) {
        let screen = &self.screen;
        let (top, left) = match self.caret.origin {
            true => (screen.top, screen.left),
            false => (0, 0),
        };
        let place = |from: u16, number: u16, count: u16| {
            let place = from.saturating_add(number.max(1) - 1);
            place.min(count - 1)
        };
        (
            place(top, row, screen.size.rows),
            place(left, col, screen.size.cols),
        )
    }

    /// DECCRA: a rectangle, its page, where its corner goes, and that place's page. There is one page.
    pub(super) fn copy_rectangle(&mut self, params: &Params) {
        let Some(from) = self.rectangle(params, 0) else {
            return;
        };
        let at = |k: usize| params.numbers().get(k).copied().unwrap_or(0);
        let (top, left) = self.corner(at(5), at(6));
        let size = self.screen.size;
        let height = (from.bottom - from.top).min(size.rows - top);
        let right = from.right.min(from.left + (size.cols - left));
        let rows: Vec<Vec<Cell>> = (from.top..from.top + height)
            .map(|y| self.screen.row(y).copy(from.left, right))
            .collect();
        let now = self.screen.now;
        for (y, cells) in (top..).zip(rows) {
            self.screen.row(y).paste(now, left, &cells);
            self.screen.end_line(y);
        }
    }

    /// DECFRA: with the pen's looks. The character is printable ASCII or Latin-1.
    pub(super) fn fill_rectangle(&mut self, params: &Params) {
        let code = params.numbers().first().copied().unwrap_or(0);
        let (Some(area), 0x20..=0x7e | 0xa0..=0xff) = (self.rectangle(params, 1), code) else {
            return;
        };
        let c = match u8::try_from(code) {
            Ok(byte @ 0..=0x7e) => self.caret.charsets.shown(byte),
            _ => char::from_u32(code.into()).unwrap_or(' '),
        };
        let cell = Cell::new(c, 1, self.pen());
        let now = self.screen.now;
        let cells = vec![cell; usize::from(area.right - area.left)];
        for y in area.top..area.bottom {
            self.screen.row(y).paste(now, area.left, &cells);
            if area.right == self.screen.size.cols {
                self.screen.end_line(y);
            }
        }
    }

    /// DECERA and DECSERA.
    pub(super) fn erase_rectangle(&mut self, params: &Params, eraser: Eraser) {
        let Some(area) = self.rectangle(params, 0) else {
            return;
        };
        for y in area.top..area.bottom {
            self.erase_part(y, (area.left, area.right), eraser);
        }
    }

    /// DECCARA and DECRARA: the rectangle, or with DECSACE the stream of cells from its first to its last corner.
    pub(super) fn change_rectangle(&mut self, params: &Params, change: Change) {
        let Some(area) = self.rectangle(params, 0) else {
            return;
        };
        let codes = params.numbers().get(4..).unwrap_or_default();
        let codes = if codes.is_empty() { &[0] } else { codes };
        // A stream passes over what was never written.
        let exact = self.settings.extent == 2;
        let mut looks = Looks::new(&self.tables);
        for y in area.top..area.bottom {
            let first = exact || y == area.top;
            let last = exact || y + 1 == area.bottom;
            let left = if first { area.left } else { 0 };
            let right = if last { area.right } else { self.size().cols };
            let written = self.screen.row(y).cells().len() as u16;
            let right = if exact { right } else { right.min(written) };
            let (now, tables) = (self.screen.now, &mut self.tables);
            self.screen.row(y).restyle(now, (left, right), |id| {
                looks.changed(id, tables, |style| {
                    codes
                        .iter()
                        .for_each(|code| change_style(style, *code, change));
                })
            });
        }
    }
}

/// How many different looks DECCARA and DECRARA change at most; other cells keep theirs. Programs change a handful, and a
/// screen on which every cell looks otherwise would cost a millisecond each time.
const MAX_LOOKS: usize = 256;

/// What the styles of a rectangle become, each found once.
struct Looks {
    changed: Vec<Option<StyleId>>,
    count: usize,
}

impl Looks {
    fn new(tables: &Tables) -> Self {
        Self {
            changed: vec![None; tables.style_ids()],
            count: 0,
        }
    }

    fn changed(
        &mut self,
        id: StyleId,
        tables: &mut Tables,
        change: impl Fn(&mut Style),
    ) -> StyleId {
        let Some(known) = self.changed.get_mut(usize::from(id.0)) else {
            return id;
        };
        if known.is_none() && self.count < MAX_LOOKS {
            let mut style = tables.style(id);
            change(&mut style);
            *known = Some(tables.style_id(style));
            self.count += 1;
        }
        known.unwrap_or(id)
    }
}

/// The attributes that rectangles can change, by SGR number.
const CHANGEABLE: [(u16, Attrs); 5] = [
    (1, Attrs::BOLD),
    (4, Attrs(1 << Attrs::UNDERLINE_SHIFT)),
    (5, Attrs::BLINK),
    (7, Attrs::INVERSE),
    (8, Attrs::HIDDEN),
];

fn change_style(style: &mut Style, code: u16, change: Change) {
    let attrs = &mut style.attrs;
    for (number, attr) in CHANGEABLE {
        let is_on = match number {
            4 => attrs.underline() > 0,
            _ => attrs.contains(attr),
        };
        let on = match (change, code) {
            (Change::Reverse, 0) => !is_on,
            (Change::Reverse, code) if code == number => !is_on,
            (Change::Reverse, _) => continue,
            (Change::Set, 0) => false,
            (Change::Set, code) if code == number => true,
            (Change::Set, 22) if number == 1 => false,
            (Change::Set, code) if code == number + 20 => false,
            (Change::Set, _) => continue,
        };
        match number {
            4 => attrs.set_underline(u8::from(on)),
            _ => attrs.set(attr, on),
        }
    }
}
