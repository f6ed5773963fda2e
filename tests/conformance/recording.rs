//! Recordings: what a program wrote (`NAME-COLSxROWS.bytes`) and the screen that it ends in (`.txt`).

use super::golden;
use super::shown::{self, ShownRow};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use wt::term::{Emulator, Size};

/// Where they are.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

/// All of them, by name.
pub fn all() -> Vec<PathBuf> {
    let entries = fs::read_dir(directory()).expect("tests/recordings");
    let paths = entries.map(|entry| entry.expect("an entry of a directory").path());
    let is_bytes = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "bytes");
    let mut found: Vec<PathBuf> = paths.filter(is_bytes).collect();
    found.sort();
    found
}

/// `COLSxROWS`.
pub fn size(text: &str) -> Result<Size> {
    let sides = text.split_once('x');
    let sides = sides.and_then(|(cols, rows)| Some((cols.parse().ok()?, rows.parse().ok()?)));
    let (cols, rows) = sides.with_context(|| format!("{text:?} is no size: COLSxROWS"))?;
    Ok(Size::new(cols, rows))
}

/// The size that a recording's name ends with.
pub fn size_of(path: &Path) -> Result<Size> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    size(name.rsplit('-').next().unwrap_or_default())
}

/// The emulator after `pieces`.
pub fn replayed<'a>(size: Size, pieces: impl Iterator<Item = &'a [u8]>) -> Emulator {
    let mut emulator = Emulator::new(size);
    for piece in pieces {
        emulator.feed(piece);
        emulator.take_spill();
    }
    emulator
}

/// The rows of the screen.
pub fn screen(emulator: &Emulator) -> Vec<ShownRow> {
    let rows = shown::of_wt(emulator);
    let above = rows.len() - usize::from(emulator.size().rows);
    rows[above..].to_vec()
}

/// The screen as it is kept beside the recording, without comments.
pub fn golden(emulator: &Emulator) -> String {
    golden::screen(emulator, &screen(emulator))
}
