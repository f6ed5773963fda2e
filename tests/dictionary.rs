//! Writes what the dictionary for packets is trained on; see `src/sync/packing.rs`.

use std::path::{Path, PathBuf};
use wt::protocol::{Chrome, Echo, Header, SurfaceId, SurfaceSource, ViewMark, ViewSource};
use wt::sync::wire::Chance;
use wt::sync::{Endpoint, Reliability, Time, Urgency};
use wt::term::{Emulator, Size};

/// Shorter packets are not compressed.
const SHORTEST: usize = 48;
/// Most packets of one recording.
const MOST: usize = 400;

#[test]
#[ignore = "writes files: WT_SAMPLES says where"]
fn dictionary_samples() {
    let into = std::env::var("WT_SAMPLES").expect("WT_SAMPLES names a directory");
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let listed = std::fs::read_dir(recordings).expect("the recordings");
    let mut paths = listed
        .map(|entry| entry.expect("a recording").path())
        .filter(|path| path.extension().is_some_and(|end| end == "bytes"))
        .collect::<Vec<_>>();
    paths.sort();
    for path in paths {
        let name = path.file_stem().expect("a name").to_string_lossy();
        // Not the pages of a test of terminals: nobody looks at those.
        if name.starts_with("vttest") {
            continue;
        }
        for pieces in [40, 400, 4000] {
            for (n, packet) in packets(&path, size(&name), pieces).iter().enumerate() {
                let to = PathBuf::from(&into).join(format!("{name}-{pieces}-{n:04}"));
                std::fs::write(to, packet).expect("a sample");
            }
        }
    }
}

/// The size that stands at the end of a recording's name.
fn size(name: &str) -> Size {
    let (cols, rows) = name
        .rsplit_once('-')
        .and_then(|(_, size)| size.split_once('x'))
        .expect("NAME-COLSxROWS");
    Size::new(cols.parse().expect("columns"), rows.parse().expect("rows"))
}

/// The packets that a viewer gets when the recording comes in pieces of about so many bytes.
fn packets(path: &Path, size: Size, pieces: u64) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(path).expect("a recording");
    let (mut rest, mut packets) = (bytes.as_slice(), Vec::new());
    let mut chance = Chance::new(pieces);
    let mut emulator = Emulator::new(size);
    let mut endpoint = Endpoint::<ViewMark>::new(Reliability::Reliable);
    while !rest.is_empty() && packets.len() < MOST {
        let len = (1 + chance.below(2 * pieces) as usize).min(rest.len());
        let (piece, after) = rest.split_at(len);
        rest = after;
        emulator.feed(piece);
        emulator.take_spill();
        endpoint.changed(Urgency::AtOnce, Time(0));
        let chrome = Chrome::default();
        let source = ViewSource {
            chrome: &chrome,
            chrome_version: 1,
            echo: Echo::default(),
            surfaces: vec![(SurfaceId(12), surface(&emulator))],
        };
        let packet = endpoint.poll(&source, Time(0));
        packets.extend(packet.filter(|packet| packet.len() >= SHORTEST));
    }
    packets
}

fn surface(emulator: &Emulator) -> SurfaceSource<'_> {
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
