//! Surfaces of one kin: a viewer's place in scrollback, and what lies around it. A row that both show travels once: the
//! other takes it from there.
//!
//! The place is read before what lies around it. So it takes rows that were there before the frame came, and gives rows
//! that the frame has brought it.

use super::patch::{MAX_ROWS, RowPatch, SurfacePatch};
use super::surface::{Surface, SurfaceSource};
use crate::term::{Cell, Row, RowId, Version};
use crate::varint::{self, Malformed, Reader};

/// Most rows that a surface takes from its kin in one frame: a screen's, and those around it.
const MAX_TAKEN: usize = 2 * MAX_ROWS as usize;

/// Where a surface that is read may take rows from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kin<'a> {
    /// It has none.
    None,
    /// From what is held.
    Held(&'a Surface),
    /// From what is held, once this was done to it.
    Coming(Option<&'a SurfacePatch>, Option<&'a Surface>),
}

impl Kin<'_> {
    /// A row as the kin has it, all of it.
    fn row(self, id: RowId) -> Option<RowPatch> {
        let (patch, held) = match self {
            Kin::None => return None,
            Kin::Held(held) => (None, Some(held)),
            Kin::Coming(patch, held) => {
                let is_whole = patch.is_some_and(SurfacePatch::is_whole);
                (patch, held.filter(|_| !is_whole))
            }
        };
        let held = held.and_then(|held| held.rows.get(&id));
        let mut rows = patch.into_iter().flat_map(SurfacePatch::rows);
        let patch = rows.find(|row| row.id == id);
        let wrapped = patch.map(|row| row.wrapped).or(held.map(|row| row.wrapped));
        let mut cells: Vec<Cell> = held.map_or(&[][..], Row::cells).to_vec();
        if let Some(patch) = patch {
            patch.write(&mut cells);
        }
        Some(RowPatch {
            id,
            wrapped: wrapped?,
            start: 0,
            len: cells.len(),
            cells,
        })
    }
}

/// Which rows of a surface somebody is known to have in its kin, as they are: those of `source`, which stood at `since`
/// when it was known last. Rows stand in the order of their ids there.
pub(super) fn shows(source: &SurfaceSource, since: Option<Version>, row: &Row) -> bool {
    let at = source.rows.binary_search_by_key(&row.id, |row| row.id);
    let Some(held) = at.ok().map(|at| source.rows[at]) else {
        return false;
    };
    let is_known = since.is_none_or(|since| held.changed_since(since).is_none());
    is_known && held.wrapped == row.wrapped && held.cells() == row.cells()
}

/// Appends places as runs.
pub(super) fn put_taken(places: impl Iterator<Item = usize>, out: &mut Vec<u8>) {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for place in places {
        match runs.last_mut() {
            Some((start, len)) if *start + *len == place => *len += 1,
            _ => runs.push((place, 1)),
        }
    }
    varint::put(out, runs.len() as u64);
    let mut end = 0;
    for (start, len) in runs {
        varint::put(out, (start - end) as u64);
        varint::put(out, len as u64);
        end = start + len;
    }
}

/// Reads what [`put_taken`] wrote: the rows at those `places`, as the kin has them.
pub(super) fn read_taken(
    reader: &mut Reader,
    places: &[RowId],
    kin: Kin,
) -> Result<Vec<RowPatch>, Malformed> {
    let (mut rows, mut end) = (Vec::new(), 0usize);
    for _ in 0..reader.at_most(places.len() as u64)? {
        let start = end + reader.at_most(MAX_ROWS)? as usize;
        let len = reader.at_most((MAX_TAKEN - rows.len()) as u64)? as usize;
        end = start + len;
        let run = places.get(start..end).ok_or(Malformed("taken rows"))?;
        for id in run {
            rows.push(kin.row(*id).ok_or(Malformed("taken row"))?);
        }
    }
    Ok(rows)
}
