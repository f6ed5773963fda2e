//! Scrolling before the server has followed: what it was asked for is shown from the rows that lie around the viewer's
//! place, and that came before they were wanted.
//!
//! ```text
//! shown = the newest place, moved by what the server has yet to follow
//! ```
//!
//! Law: it is what the server shows of that place, but for the age of what stands there, and for what the program writes
//! over on its screen meanwhile. Where that cannot be known, at the first line or beyond the rows that are held, nothing
//! moves until the server has spoken.

use super::Ui;
use super::copy::Copy;
use crate::protocol::scrolled::{RowMark, Scrolled};
use crate::protocol::surface::Header;
use crate::protocol::view::PaneBox;
use crate::protocol::{Rect, Spot, Surface, View};
use crate::term::{Row, RowId, Version};
use std::collections::BTreeMap;
use std::ops::Range;

/// Tells a row that was taken from around a place from one of the place itself that has the same number and version.
const FROM_AROUND: u64 = 1 << 63;

impl Ui {
    /// Shows what is known of where the viewer is going, in the view's own words. Says whether it is more than before:
    /// then it is to be looked at as any other change of the view.
    pub fn look_ahead(&mut self, view: &mut View) -> bool {
        let mut ahead = BTreeMap::new();
        for shown in &view.chrome.panes {
            if let Some(copy) = self.copies.get_mut(&shown.pane)
                && let Some(surface) = show_ahead(view, shown, copy)
            {
                ahead.insert(shown.surface, surface);
            }
        }
        let steps = |ahead: &BTreeMap<_, Surface>| {
            let scrolled = ahead.values().filter_map(scrolled);
            scrolled.map(|at| at.followed).sum::<u64>()
        };
        let is_further = steps(&ahead) > steps(&view.ahead);
        view.ahead = ahead;
        is_further
    }
}

fn scrolled(surface: &Surface) -> Option<&Scrolled> {
    surface.header.as_ref()?.scrolled.as_ref()
}

/// The viewer's place in a pane, moved as far as is known.
fn show_ahead(view: &View, shown: &PaneBox, copy: &mut Copy) -> Option<Surface> {
    let place = view.surfaces.get(&shown.surface)?;
    let followed = scrolled(place)?.followed;
    let steps = copy.steps_after(shown.surface, followed)?;
    let run = Run::of(place, view.surfaces.get(&shown.surface.margin())?)?;
    let (mut top, mut count) = (run.own.start, 0);
    for step in steps {
        let Some(next) = run.step(top, step) else {
            break;
        };
        (top, count) = (next, count + 1);
    }
    match count {
        0 => None,
        count => run.surface(top, count),
    }
}

/// The rows around a place, in one run.
struct Run<'a> {
    place: &'a Surface,
    header: &'a Header,
    scrolled: &'a Scrolled,
    around: &'a Surface,
    /// What is said of the rows around it.
    said: &'a Scrolled,
    order: Vec<RowId>,
    /// Which of them the place shows itself.
    own: Range<usize>,
    /// How many of those around it stand above.
    above: usize,
    /// The first of those around it that stands below.
    below: usize,
}

impl<'a> Run<'a> {
    /// Those of `place` and `around`, if both show lines alike.
    fn of(place: &'a Surface, around: &'a Surface) -> Option<Self> {
        let (header, said) = (place.header.as_ref()?, scrolled(around)?);
        let (scrolled, size) = (scrolled(place)?, around.header.as_ref()?.size);
        if said.layout != scrolled.layout || size != header.size {
            return None;
        }
        let (first, last) = (*place.order.first()?, *place.order.last()?);
        let at = |id| around.order.iter().position(|other| *other == id);
        let above = match at(first) {
            Some(at) => at,
            None if said.below == Some(Spot::of_row(first)) => around.order.len(),
            None => 0,
        };
        let below = at(last).map_or(around.order.len(), |at| at + 1);
        let order = [&around.order[..above], &place.order, &around.order[below..]].concat();
        Some(Self {
            place,
            header,
            scrolled,
            around,
            said,
            order,
            own: above..above + place.order.len(),
            above,
            below,
        })
    }

    /// The top after so many rows down or (negative) up, if that is known. What the server says of the first line is its
    /// own affair.
    fn step(&self, top: usize, rows: i32) -> Option<usize> {
        let to = top.checked_add_signed(rows as isize)?;
        let first = Spot {
            line: self.scrolled.first,
            cell: 0,
        };
        let is_later = *self.order.get(to)? > first.row_id();
        let is_known = to + self.own.len() <= self.order.len() && is_later;
        is_known.then_some(to)
    }

    /// Whether all that the place shows is among what lies around it.
    fn is_within(&self) -> bool {
        self.around.order.get(self.above..self.below) == Some(&self.place.order[..])
    }

    /// Where in the run a row stands that is the `y`-th of those around the place, unless the place says more of it.
    fn place_of(&self, y: usize) -> Option<usize> {
        match y {
            _ if y < self.above || self.is_within() => Some(y),
            _ if y >= self.below => Some(y - self.below + self.own.end),
            _ => None,
        }
    }

    /// What the server will show with that top, once it has followed so many commands more; if that is known.
    fn surface(&self, top: usize, count: u64) -> Option<Surface> {
        let shown = top..top + self.own.len();
        let order = self.order[shown.clone()].to_vec();
        let rows = order.iter().filter_map(|id| Some((*id, self.row(*id)?)));
        let start = order.first().map(|id| Spot::of_row(*id).line);
        let scrolled = Scrolled {
            above: start.map_or(0, |line| line.saturating_sub(self.scrolled.first)),
            followed: self.scrolled.followed + count,
            at_bottom: self.scrolled.at_bottom && top == self.own.start,
            matches: self.matches(&shown)?,
            marks: self.marks(&shown),
            lead: None,
            note: String::new(),
            ..self.scrolled.clone()
        };
        Some(Surface {
            header: Some(Header {
                scrolled: Some(scrolled),
                ..self.header.clone()
            }),
            cursor: self.place.cursor,
            rows: rows.collect(),
            order,
            version: self.place.version,
        })
    }

    fn row(&self, id: RowId) -> Option<Row> {
        if let Some(row) = self.place.rows.get(&id) {
            return Some(row.clone());
        }
        let mut row = self.around.rows.get(&id)?.clone();
        row.touch_all(Version(row.changed_at().0 | FROM_AROUND));
        Some(row)
    }

    /// Where a pattern stands in the rows `shown`. The match in use comes first; which one that is cannot be told where the
    /// place and what lies around it both have some.
    fn matches(&self, shown: &Range<usize>) -> Option<Vec<Rect>> {
        let moved = |found: &Rect, at: usize| {
            let y = shown.contains(&at).then(|| (at - shown.start) as u16)?;
            Some(Rect { y, ..*found })
        };
        let around = self.said.matches.iter();
        let around = around.filter_map(|found| moved(found, self.place_of(found.y.into())?));
        let own = self.scrolled.matches.iter().filter(|_| !self.is_within());
        let own = own.filter_map(|found| moved(found, self.own.start + usize::from(found.y)));
        let (around, own): (Vec<Rect>, Vec<Rect>) = (around.collect(), own.collect());
        let is_known = around.is_empty() || own.is_empty();
        is_known.then(|| [around, own].concat())
    }

    fn marks(&self, shown: &Range<usize>) -> Vec<RowMark> {
        let around = self.said.marks.iter();
        let around = around.filter_map(|mark| Some((self.place_of(mark.row.into())?, mark)));
        let own = self.scrolled.marks.iter().filter(|_| !self.is_within());
        let own = own.map(|mark| (self.own.start + usize::from(mark.row), mark));
        let all = around.chain(own).filter(|(at, _)| shown.contains(at));
        let mut marks: Vec<RowMark> = all
            .map(|(at, mark)| RowMark {
                row: (at - shown.start) as u16,
                ..*mark
            })
            .collect();
        marks.sort_by_key(|mark| mark.row);
        marks
    }
}
