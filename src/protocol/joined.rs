//! The emulator's screen carried by views: whatever a program writes, and whichever frames are lost, the viewer's
//! copy is the screen.

use super::scripted::named;
use super::view::{Chrome, View, ViewMark, ViewSource};
use super::{Echo, Header, PaneId, SurfaceId, SurfaceSource};
use crate::sync::wire::Chance;
use crate::sync::{FrameNo, Replica, Source};
use crate::term::{Emulator, Row, Size, Style, Tables};

const PIECES: &[&str] = &[
    "some words ",
    "界ひらがな",
    "e\u{301}",
    "👩\u{200d}👩",
    "\r\n",
    "\n",
    "\r",
    "\t",
    "\x08",
    "\x1bM",
    "\x1b[2J",
    "\x1b[K",
    "\x1b[1K",
    "\x1b[J",
    "\x1b[H",
    "\x1b[3;4H",
    "\x1b[2L",
    "\x1b[M",
    "\x1b[3@",
    "\x1b[2P",
    "\x1b[4X",
    "\x1b[31m",
    "\x1b[48;2;1;2;3m",
    "\x1b[m",
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b[2;4r",
    "\x1b[r",
    "\x1b[2S",
    "\x1b[T",
    "\x1b]0;title\x07",
    "\x1b]4;1;#102030\x07",
    "\x1b]11;#003366\x07",
    "\x1b]104\x07",
    "\x1b]111\x07",
    "\x1b[?25l",
    "\x1b[?2004h",
    "\x1b[4h",
    "\x1b[4l",
    "\x1b[?7l",
    "\x1b[?7h",
    "\x1b#8",
    "\x1bc",
    "\x1b]8;;http://a/\x1b\\",
    "\x1b]8;;\x1b\\",
    "a long line that goes on into the next row and one more",
];

fn source(emulator: &Emulator) -> SurfaceSource<'_> {
    SurfaceSource {
        version: emulator.version(),
        header: Header {
            size: emulator.size(),
            modes: emulator.modes(),
            title: emulator.title().to_owned(),
            palette: emulator.palette().clone(),
            scrolled: None,
            fate: String::new(),
            can_rerun: false,
        },
        header_changed_at: emulator.header_changed_at(),
        cursor: emulator.cursor(),
        order_changed_at: emulator.order_changed_at(),
        rows: emulator.rows().collect(),
        tables: emulator.tables(),
    }
}

fn text(row: &Row, tables: &Tables) -> Vec<(String, u8, Style, String)> {
    row.cells()
        .iter()
        .map(|cell| named(*cell, tables))
        .collect()
}

fn run(seed: u64) {
    let mut chance = Chance::new(seed);
    let mut emulator = Emulator::new(Size::new(20, 6));
    let mut view = View::default();
    let chrome = Chrome::default();
    let id = SurfaceId::live(PaneId(3));
    // The frames that arrived; the next builds on any that is not before the last base.
    let mut arrived: Vec<(u64, Option<ViewMark>)> = vec![(0, None)];
    for frame in 1..60 {
        for _ in 0..chance.below(4) {
            let piece = PIECES[chance.below(PIECES.len() as u64) as usize];
            emulator.feed(piece.as_bytes());
        }
        if chance.permille(30) {
            let size = Size::new(5 + chance.below(30) as u16, 2 + chance.below(9) as u16);
            emulator.resize(size);
        }
        emulator.take_spill();
        let source = ViewSource {
            chrome: &chrome,
            chrome_version: 1,
            echo: Echo::default(),
            surfaces: vec![(id, source(&emulator))],
        };
        let at = chance.below(arrived.len() as u64) as usize;
        arrived.drain(..at);
        let (base, mark) = arrived[0].clone();
        let mut diff = Vec::new();
        source.diff(mark.as_ref(), &mut diff);
        if chance.permille(300) {
            continue;
        }
        view.apply(FrameNo(base), FrameNo(frame), &diff)
            .expect("what was encoded");
        arrived.push((frame, Some(source.mark())));
        let shown = &view.surfaces[&id];
        assert_eq!(shown.cursor, emulator.cursor());
        assert_eq!(
            shown.header.as_ref().map(|h| (h.size, h.modes, &h.palette)),
            Some((emulator.size(), emulator.modes(), emulator.palette()))
        );
        assert_eq!(shown.rows.len(), emulator.rows().count());
        for (row, id) in emulator.rows().zip(&shown.order) {
            let copy = &shown.rows[id];
            assert_eq!(row.id, *id);
            assert_eq!(copy.wrapped, row.wrapped, "frame {frame}");
            assert_eq!(
                text(copy, &view.tables),
                text(row, emulator.tables()),
                "frame {frame}"
            );
        }
    }
}

#[test]
fn a_viewer_sees_what_a_program_wrote() {
    super::simulation::each_seed(300, run);
}
