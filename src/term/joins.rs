//! Which cluster a glyph and a character become: text has few clusters, and each is met character by character.

use super::cell::Glyph;

/// The most bytes that one cell's text may have.
pub(super) const MAX_CLUSTER: usize = 64;

/// How many joins are remembered.
const RECENT: usize = 64;

/// The joins last looked up, so that they are found without spelling the cluster.
#[derive(Debug, Clone)]
pub(super) struct Joins {
    recent: Box<[(Glyph, char, u32); RECENT]>,
}

impl Default for Joins {
    fn default() -> Self {
        // A continuation is never joined, so these are never found.
        let none = (Glyph::Continuation, char::MAX, 0);
        Self {
            recent: Box::new([none; RECENT]),
        }
    }
}

impl Joins {
    /// The cluster of `glyph` and `c`, if it is remembered.
    #[inline]
    pub(super) fn find(&self, glyph: Glyph, c: char) -> Option<u32> {
        let (before, joined, cluster) = self.recent[slot(glyph, c)];
        ((before, joined) == (glyph, c)).then_some(cluster)
    }

    /// Remembers it.
    pub(super) fn remember(&mut self, glyph: Glyph, c: char, cluster: u32) {
        self.recent[slot(glyph, c)] = (glyph, c, cluster);
    }
}

fn slot(glyph: Glyph, c: char) -> usize {
    let before = match glyph {
        Glyph::Char(base) => u32::from(base),
        Glyph::Cluster(index) => !index,
        Glyph::Continuation => 0,
    };
    let mixed = (before ^ u32::from(c).rotate_left(16)).wrapping_mul(0x9e37_79b9);
    (mixed >> 26) as usize
}

/// Writes `text` and `c` into `space`; nothing if they do not fit.
pub(super) fn spell<'a>(text: &str, c: char, space: &'a mut [u8; MAX_CLUSTER]) -> Option<&'a str> {
    let end = text.len() + c.len_utf8();
    let (head, tail) = space.get_mut(..end)?.split_at_mut(text.len());
    head.copy_from_slice(text.as_bytes());
    c.encode_utf8(tail);
    std::str::from_utf8(&space[..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_not_spelled() {
        let mut space = [0; MAX_CLUSTER];
        assert_eq!(spell("e", '\u{301}', &mut space), Some("e\u{301}"));
        assert!(spell(&"x".repeat(62), '\u{301}', &mut space).is_some());
        assert!(spell(&"x".repeat(63), '\u{301}', &mut space).is_none());
        assert!(spell(&"x".repeat(99), 'y', &mut space).is_none());
    }

    #[test]
    fn only_what_was_remembered_is_found() {
        let mut joins = Joins::default();
        assert_eq!(joins.find(Glyph::Char('e'), '\u{301}'), None);
        joins.remember(Glyph::Char('e'), '\u{301}', 7);
        assert_eq!(joins.find(Glyph::Char('e'), '\u{301}'), Some(7));
        assert_eq!(joins.find(Glyph::Cluster(7), '\u{301}'), None);
    }
}
