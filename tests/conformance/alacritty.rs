//! The recordings that alacritty's own tests replay. They come with its crate, which is among the dev-dependencies:
//! `tests/ref/NAME/` holds what a program wrote, the size, and the grid that it has to end in.

use super::shown::{self, ShownRow};
use alacritty_terminal::term::cell::Cell;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wt::term::{Attrs, Emulator, Size};

/// Where alacritty does otherwise than xterm, and wt as xterm: what the recording says, and what it is replayed as, so
/// that a terminal after xterm ends in alacritty's grid.
const DEVIATIONS: &[(&str, &[u8], &[u8])] = &[
    // DECALN moves the cursor home (DEC STD 070; so do esctest's tests of it, which xterm passes).
    ("decaln_reset", b"\x1b#8", b"\x1b7\x1b#8\x1b8"),
    // DECCOLM clears the screen only where mode 40 allows it (xterm ctlseqs).
    ("deccolm_reset", b"\x1b[?3h", b"\x1b[r\x1b[2J"),
    // EL ends a wrap that is pending (DEC STD 070; ClearRight and ClearInLine2 in xterm's util.c). Alacritty keeps it,
    // and the last column from EL 0, as grep writes EL where it does not mean to erase.
    ("erase_in_line", b"+\x1b[0Kb", b"+b"),
    ("erase_in_line", b"+\x1b[1Kb", b"+\x1b7\x1b[1K\x1b8b"),
    ("erase_in_line", b"+\x1b[2Kb", b"+\x1b7\x1b[2K\x1b8b"),
    // DECSED and DECSEL erase what is not protected (DEC STD 070); alacritty knows neither.
    ("selective_erasure", b"\x1b[?2J", b""),
    ("selective_erasure", b"\x1b[?2K", b""),
    // SGR 21 is a double underline (ECMA-48 §8.3.117); to alacritty it ends bold.
    ("underline", b"\x1b[4:3;21m", b"\x1b[4:3m"),
];

/// How many differences of one recording are told.
const TOLD: usize = 10;

/// What one recording came to: the differences, none if it ended in the grid that it had to.
pub struct Replayed {
    /// Its name.
    pub name: String,
    /// What differs, in words.
    pub differences: Vec<String>,
}

/// Replays all recordings.
pub fn replay_all() -> Vec<Replayed> {
    let mut found: Vec<PathBuf> = fs::read_dir(directory().join("tests/ref"))
        .expect("the crate's recordings")
        .map(|entry| entry.expect("an entry of a directory").path())
        .collect();
    found.sort();
    found.iter().map(|path| replay(path)).collect()
}

/// Where cargo keeps the sources of the crate.
fn directory() -> PathBuf {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        manifest_path: PathBuf,
    }
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo metadata");
    let metadata: Metadata = serde_json::from_slice(&output.stdout).expect("cargo's metadata");
    let mut packages = metadata.packages.into_iter();
    let package = packages.find(|package| package.name == "alacritty_terminal");
    let manifest = package.expect("a dev-dependency").manifest_path;
    manifest.parent().expect("a directory").to_owned()
}

/// A grid as it is stored. Its own type cannot be asked: some files, of older versions, count the rows otherwise.
#[derive(Deserialize)]
struct StoredGrid {
    raw: StoredRows,
}

/// The rows, the lowest first.
#[derive(Deserialize)]
struct StoredRows {
    inner: Vec<StoredRow>,
}

#[derive(Deserialize)]
struct StoredRow {
    inner: Vec<Cell>,
}

#[derive(Deserialize)]
struct Dimensions {
    columns: u16,
    screen_lines: u16,
}

fn replay(path: &Path) -> Replayed {
    let size: Dimensions = json(&path.join("size.json"));
    let grid: StoredGrid = json(&path.join("grid.json"));
    let wanted = grid.raw.inner.iter().rev();
    let wanted: Vec<ShownRow> = wanted
        .map(|row| shown::alacritty_row(row.inner.iter()))
        .collect();
    let mut emulator = Emulator::new(Size::new(size.columns, size.screen_lines));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let recording = fs::read(path.join("alacritty.recording")).expect("a recording");
    emulator.feed(&adapted(&name, recording));
    Replayed {
        differences: differences(&shown::of_wt(&emulator), &wanted),
        name: name.into_owned(),
    }
}

/// The recording of this name with its deviations undone.
fn adapted(name: &str, mut recording: Vec<u8>) -> Vec<u8> {
    for (_, from, to) in DEVIATIONS.iter().filter(|deviation| deviation.0 == name) {
        let found = recording.windows(from.len()).position(|part| part == *from);
        let at = found.unwrap_or_else(|| panic!("{name} holds {from:?} no more"));
        recording.splice(at..at + from.len(), to.iter().copied());
    }
    recording
}

fn json<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Compares from the bottom, as alacritty keeps as many rows above the screen as each recording asks for.
fn differences(ours: &[ShownRow], theirs: &[ShownRow]) -> Vec<String> {
    let mut found = Vec::new();
    let rows = theirs.iter().rev().zip(ours.iter().rev());
    for (n, (theirs, ours)) in rows.enumerate() {
        let at = format!("row {} from the bottom", n + 1);
        if ours.wrapped != theirs.wrapped {
            found.push(format!("{at}: wrapped {}", ours.wrapped));
        }
        for (col, (a, b)) in ours.cells.iter().zip(&theirs.cells).enumerate() {
            let mut a = a.clone();
            for unknown in [Attrs::BLINK, Attrs::OVERLINE, Attrs::PROTECTED] {
                a.style.attrs.set(unknown, false);
            }
            if a != *b {
                found.push(format!("{at}, column {}: {a:?} instead of {b:?}", col + 1));
            }
        }
    }
    let more = found.len().saturating_sub(TOLD);
    found.truncate(TOLD);
    if more > 0 {
        found.push(format!("and {more} more"));
    }
    found
}
