//! Writes the screens of recordings, and says how other emulators see them otherwise.

use super::{opinions, recording};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Looks at the recordings in `paths`, or at all.
pub fn run(paths: &[&str]) -> Result<ExitCode> {
    let named: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let chosen = if named.is_empty() {
        recording::all()
    } else {
        named
    };
    chosen.iter().try_for_each(|path| recording(path))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the screen of the recording `path` beside it, and prints how others see it otherwise.
pub fn recording(path: &Path) -> Result<()> {
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let emulator = recording::replayed(recording::size_of(path)?, std::iter::once(&*bytes));
    let rows = recording::screen(&emulator);
    println!("{}: {} bytes", path.display(), bytes.len());
    let mut out = String::new();
    for opinion in opinions::of(path, &bytes, recording::size_of(path)?) {
        let differences = opinion.differences(&rows);
        out += &format!("# {}\n", opinion.summary(&differences));
        println!("  {}", opinion.summary(&differences));
        differences
            .iter()
            .take(8)
            .for_each(|line| println!("    {line}"));
    }
    let path = path.with_extension("txt");
    // What the author found about a difference stays.
    let old = fs::read_to_string(&path).unwrap_or_default();
    for line in old.lines().filter(|line| line.starts_with("# why")) {
        out += &format!("{line}\n");
    }
    out += &recording::golden(&emulator);
    fs::write(&path, out).with_context(|| format!("writing {}", path.display()))
}
