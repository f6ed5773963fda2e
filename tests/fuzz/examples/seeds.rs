//! Writes what the fuzz targets begin with: `seeds FOLDER`, a folder for each target below it. All of it comes from the
//! recorded sessions, the keymaps and the themes in the tree.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use wt::scrollback::block::Packer;
use wt::scrollback::lines::Lines;
use wt::term::codec::encode_line;
use wt::term::{Emulator, Size};

/// Output is cut into pieces of this length: short trials are quick ones.
const PIECE: usize = 600;

fn main() -> io::Result<()> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "corpus".into()));
    let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for path in files(&tree.join("tests/recordings"), "bytes")? {
        from_recording(&out, &fs::read(path)?)?;
    }
    for folder in ["keymaps", "themes"] {
        for path in files(&tree.join(folder), "toml")? {
            put(&out, "settings", &fs::read(path)?)?;
        }
    }
    for keys in [
        "\x1b[A\x1bOP\x1b[1;5A\x1b[97;5:3u",
        "\x1b[<0;10;20M\x1b[M !!",
        "\x1b[200~x\x1b[201~\x1b]11;rgb:1/2/3\x07",
    ] {
        put(&out, "input", keys.as_bytes())?;
    }
    Ok(())
}

fn from_recording(out: &Path, recording: &[u8]) -> io::Result<()> {
    let mut emulator = Emulator::new(Size::new(16, 6));
    let mut lines = Lines::starting_at(0);
    for piece in recording.chunks(PIECE).take(40) {
        put(
            out,
            "emulator",
            &[
                b"\x0f\x05\x02",
                piece,
                b"\xfe\x01",
                piece,
                b"\xfe\x00\x09\x07",
            ]
            .concat(),
        )?;
        put(
            out,
            "damage",
            &[b"\x0b\x04\x01\x00\x20\x7f", piece].concat(),
        )?;
        emulator.feed(piece);
        let mut snapshot = Vec::new();
        emulator.snapshot(&mut snapshot);
        put(out, "restore", &snapshot)?;
        for row in emulator.rows() {
            let mut line = Vec::new();
            encode_line(row.cells(), row.wrapped, emulator.tables(), &mut line);
            lines.push(&line, 1);
            put(out, "line", &line)?;
        }
    }
    let mut block = Vec::new();
    Packer::new()?.pack(&lines, None, &mut block)?;
    put(out, "blocks", &[b"\xfe", &block[..]].concat())
}

fn files(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Writes a seed, named by what is in it.
fn put(out: &Path, target: &str, bytes: &[u8]) -> io::Result<()> {
    let folder = out.join(target);
    fs::create_dir_all(&folder)?;
    let name = format!("seed-{:08x}", crc32fast::hash(bytes));
    fs::write(folder.join(name), bytes)
}
