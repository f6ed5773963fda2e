//! What a view remembers for itself: which surfaces a frame to come may still build on, and how full its tables are.

use super::SurfaceId;
use super::surface::Surface;
use crate::sync::FrameNo;
use crate::term::cell::Glyph;
use crate::term::{Cell, Tables};
use std::collections::BTreeMap;

/// What a [`View`](super::View) remembers for itself.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// The newest frame that each surface was part of.
    seen: BTreeMap<SurfaceId, FrameNo>,
    generation: u64,
    /// Table entries that the cells were found to need when the tables were last renewed.
    needed: usize,
}

/// Table entries that are never worth a renewal.
const FEW: usize = 4096;
/// Style and link numbers have 16 bits: a renewal is due while one frame more still fits.
const MANY: usize = 48 << 10;

impl Held {
    /// Most rows that a view holds, over all its surfaces.
    pub(super) const MAX_ROWS: usize = 1 << 15;

    /// What an empty view remembers that takes the place of one of that generation.
    pub(super) fn after(generation: u64) -> Self {
        Self {
            generation: generation + 1,
            ..Self::default()
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Notes that `surface` is part of `frame`.
    pub(super) fn saw(&mut self, surface: SurfaceId, frame: FrameNo) {
        self.seen.insert(surface, frame);
    }

    /// Forgets the surfaces that were last seen before `base`.
    pub(super) fn forget(&mut self, base: FrameNo) {
        self.seen.retain(|_, frame| *frame >= base);
    }

    pub(super) fn is_seen(&self, surface: SurfaceId) -> bool {
        self.seen.contains_key(&surface)
    }

    /// Renews the tables once most of them is no longer used, so that a view may live for weeks.
    pub(super) fn compact(
        &mut self,
        surfaces: &mut BTreeMap<SurfaceId, Surface>,
        tables: &mut Tables,
    ) {
        let (styles, clusters, links) = tables.counts();
        let limit = (2 * self.needed).max(FEW);
        let numbered = styles.max(links);
        if clusters < limit && numbered < limit.min(MANY) && !tables.are_crowded() {
            return;
        }
        let old = std::mem::take(tables);
        let rows = surfaces.values_mut().flat_map(|one| one.rows.values_mut());
        for cell in rows.flat_map(|row| row.cells_mut()) {
            *cell = renumbered(*cell, &old, tables);
        }
        let (styles, clusters, links) = tables.counts();
        self.needed = styles.max(clusters).max(links);
        self.generation += 1;
    }
}

/// The same cell by the numbers of `new`.
fn renumbered(mut cell: Cell, old: &Tables, new: &mut Tables) -> Cell {
    let mut style = old.style(cell.style);
    style.link = new.link_id(old.link(style.link));
    cell.style = new.style_id(style);
    match cell.glyph() {
        Glyph::Cluster(index) => new.cell(old.cluster(index), cell.width(), cell.style),
        _ => cell,
    }
}
