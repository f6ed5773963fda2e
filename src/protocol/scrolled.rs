//! A viewer's place in scrollback, as it is said beside the rows.
//!
//! ```text
//! scrolled = flags first above total fresh followed layout [written_ms] [lead] [tally] [below] note matches marks
//! flags    = 1 at the bottom | 2 written_ms | 4 the cursor is led | 8 lines are selected | 16 tally | 32 below
//! lead     = line cell [line cell]
//! tally    = match matches percent
//! below    = line cell
//! matches  = count { x y cols rows }*
//! marks    = count { row kind }*
//! ```

use super::extent::Spot;
use super::geometry::Rect;
use crate::term::Size;
use crate::varint::{self, Malformed, Reader};

/// A viewer's place in scrollback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scrolled {
    /// The number of the first line that may be shown.
    pub first: u64,
    /// Lines above the first shown row, from that line on.
    pub above: u64,
    /// All lines from that line on, screen included.
    pub total: u64,
    /// Lines that were printed since the viewer saw the last of them.
    pub fresh: u64,
    /// When the line of the first row was written, in milliseconds since the Unix epoch, if that is known.
    pub written_ms: Option<u64>,
    /// How many commands the place has followed: what is shown is their outcome.
    pub followed: u64,
    /// Counts what else than the place has changed of what is shown where: folds, the width, the pattern, what was cleared.
    /// Rows of two surfaces stand in one order only if they agree on it.
    pub layout: u64,
    /// Whether the last row of the screen is shown.
    pub at_bottom: bool,
    /// Of what lies around a place: where the row begins that stands below the last of these.
    pub below: Option<Spot>,
    /// Cells where the last search matched, one rectangle a row; the first begins the match in use.
    pub matches: Vec<Rect>,
    /// What is said of some of the rows.
    pub marks: Vec<RowMark>,
    /// Where the last command leads the viewer's cursor.
    pub lead: Option<Lead>,
    /// How many matches the last search has, and which of them is in use.
    pub tally: Option<Tally>,
    /// What is to be said of the last command: why it led nowhere, perhaps.
    pub note: String,
}

/// Where a command leads the viewer's cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    /// To that cell.
    To(Spot),
    /// To the first of these cells; the lines up to that of the second are selected.
    Lines(Spot, Spot),
}

/// What is known of the matches of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tally {
    /// They are being counted: so many hundredths of the lines are done.
    Counting(u8),
    /// They are counted.
    Counted {
        /// The number of the one in use, from 1.
        at: u64,
        /// How many there are.
        of: u64,
    },
}

/// What is said of one shown row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowMark {
    /// The row, 0-based.
    pub row: u16,
    /// What it is.
    pub kind: MarkKind,
}

/// What a marked row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MarkKind {
    /// The prompt of a command that succeeded, or has yet to end.
    Prompt,
    /// The prompt of a command that failed.
    Failed,
    /// It stands for lines that are folded.
    Fold,
}

const AT_BOTTOM: u64 = 1;
const WRITTEN: u64 = 2;
const LED: u64 = 4;
const SELECTED: u64 = 8;
const TALLY: u64 = 16;
const BELOW: u64 = 32;

const KINDS: [MarkKind; 3] = [MarkKind::Prompt, MarkKind::Failed, MarkKind::Fold];

impl Scrolled {
    /// Most matches that are shown at once; of more, the first are.
    pub const MAX_MATCHES: usize = 4 * Size::MAX as usize;

    /// Most marked rows: all that there can be.
    pub const MAX_MARKS: usize = Size::MAX as usize;

    /// What is said of the row at `y`.
    pub fn mark_at(&self, y: u16) -> Option<MarkKind> {
        let mark = self.marks.iter().find(|mark| mark.row == y);
        mark.map(|mark| mark.kind)
    }

    /// Appends it as bytes.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        let flag = |set: bool, flag| if set { flag } else { 0 };
        let flags = flag(self.at_bottom, AT_BOTTOM)
            | flag(self.written_ms.is_some(), WRITTEN)
            | flag(self.lead.is_some(), LED)
            | flag(matches!(self.lead, Some(Lead::Lines(..))), SELECTED)
            | flag(self.tally.is_some(), TALLY)
            | flag(self.below.is_some(), BELOW);
        let places = [self.first, self.above, self.total];
        let counts = [self.fresh, self.followed, self.layout];
        for number in [flags].into_iter().chain(places).chain(counts) {
            varint::put(out, number);
        }
        if let Some(written_ms) = self.written_ms {
            varint::put(out, written_ms);
        }
        match self.lead {
            None => {}
            Some(Lead::To(spot)) => put_spot(spot, out),
            Some(Lead::Lines(from, to)) => {
                put_spot(from, out);
                put_spot(to, out);
            }
        }
        if let Some(tally) = self.tally {
            let (at, of, percent) = match tally {
                Tally::Counting(percent) => (0, 0, percent),
                Tally::Counted { at, of } => (at, of, 100),
            };
            varint::put(out, at);
            varint::put(out, of);
            out.push(percent);
        }
        if let Some(below) = self.below {
            put_spot(below, out);
        }
        varint::put_bytes(out, self.note.as_bytes());
        self.put_rows(out);
    }

    fn put_rows(&self, out: &mut Vec<u8>) {
        varint::put(out, self.matches.len() as u64);
        for found in &self.matches {
            for side in [found.x, found.y, found.cols, found.rows] {
                varint::put(out, u64::from(side));
            }
        }
        varint::put(out, self.marks.len() as u64);
        for mark in &self.marks {
            varint::put(out, u64::from(mark.row));
            let kind = KINDS.iter().position(|kind| *kind == mark.kind);
            varint::put(out, kind.unwrap_or(0) as u64);
        }
    }

    /// Reads what [`Scrolled::put`] wrote.
    pub(super) fn read(reader: &mut Reader) -> Result<Self, Malformed> {
        let flags = reader.at_most(AT_BOTTOM | WRITTEN | LED | SELECTED | TALLY | BELOW)?;
        Ok(Self {
            at_bottom: flags & AT_BOTTOM != 0,
            first: reader.u64()?,
            above: reader.u64()?,
            total: reader.u64()?,
            fresh: reader.u64()?,
            followed: reader.u64()?,
            layout: reader.u64()?,
            written_ms: match flags & WRITTEN {
                0 => None,
                _ => Some(reader.u64()?),
            },
            lead: match flags & (LED | SELECTED) {
                0 => None,
                LED => Some(Lead::To(read_spot(reader)?)),
                SELECTED => return Err(Malformed("lead")),
                _ => Some(Lead::Lines(read_spot(reader)?, read_spot(reader)?)),
            },
            tally: match flags & TALLY {
                0 => None,
                _ => Some(read_tally(reader)?),
            },
            below: match flags & BELOW {
                0 => None,
                _ => Some(read_spot(reader)?),
            },
            note: reader.str()?.to_owned(),
            matches: read_matches(reader)?,
            marks: read_marks(reader)?,
        })
    }
}

fn read_tally(reader: &mut Reader) -> Result<Tally, Malformed> {
    let (at, of) = (reader.u64()?, reader.u64()?);
    Ok(match reader.u8()? {
        percent @ 0..100 => Tally::Counting(percent),
        _ => Tally::Counted { at, of },
    })
}

fn read_matches(reader: &mut Reader) -> Result<Vec<Rect>, Malformed> {
    let count = reader.at_most(Scrolled::MAX_MATCHES as u64)?;
    let matches = (0..count).map(|_| {
        Ok(Rect {
            x: reader.u16()?,
            y: reader.u16()?,
            cols: reader.u16()?,
            rows: reader.u16()?,
        })
    });
    matches.collect()
}

fn read_marks(reader: &mut Reader) -> Result<Vec<RowMark>, Malformed> {
    let count = reader.at_most(Scrolled::MAX_MARKS as u64)?;
    let marks = (0..count).map(|_| {
        Ok(RowMark {
            row: reader.u16()?,
            kind: KINDS[reader.at_most(KINDS.len() as u64 - 1)? as usize],
        })
    });
    marks.collect()
}

fn put_spot(spot: Spot, out: &mut Vec<u8>) {
    varint::put(out, spot.line);
    varint::put(out, u64::from(spot.cell));
}

fn read_spot(reader: &mut Reader) -> Result<Spot, Malformed> {
    Ok(Spot {
        line: reader.u64()?,
        cell: reader.at_most(u64::from(u32::MAX))? as u32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_read_as_it_was_put() {
        let spot = |line, cell| Spot { line, cell };
        let leads = [
            None,
            Some(Lead::To(spot(7, 3))),
            Some(Lead::Lines(spot(1 << 40, 0), spot(1 << 41, u32::MAX))),
        ];
        let tallies = [
            None,
            Some(Tally::Counting(99)),
            Some(Tally::Counted { at: 3, of: 1 << 40 }),
        ];
        let parts = leads.into_iter().zip(KINDS).zip(tallies);
        for ((lead, kind), tally) in parts {
            let scrolled = Scrolled {
                first: 10,
                above: 20,
                total: 1 << 33,
                fresh: 4,
                written_ms: lead.map(|_| 1_700_000_000_000),
                followed: 5,
                layout: 300,
                below: lead.map(|_| spot(9, 80)),
                at_bottom: lead.is_none(),
                matches: vec![Rect::default(); 2],
                marks: vec![RowMark { row: 3, kind }],
                lead,
                tally,
                note: "a word".into(),
            };
            let mut bytes = Vec::new();
            scrolled.put(&mut bytes);
            let mut reader = Reader::new(&bytes);
            assert_eq!(Scrolled::read(&mut reader), Ok(scrolled));
            assert!(reader.is_empty());
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_or_read(bytes: Vec<u8>) {
            let _ = Scrolled::read(&mut Reader::new(&bytes));
        }
    }
}
