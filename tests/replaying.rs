//! Recordings end in the screens that they have to: those of alacritty's tests, and those of real programs that
//! `conformance record` made.

#[path = "conformance/alacritty.rs"]
mod alacritty;
#[path = "conformance/golden.rs"]
mod golden;
#[path = "conformance/recording.rs"]
mod recording;
#[path = "conformance/shown.rs"]
mod shown;

use std::fs;

/// As many as alacritty_terminal 0.26 brings along.
const RECORDINGS: usize = 45;

#[test]
fn alacrittys_recordings_end_in_its_grids() {
    let replayed = alacritty::replay_all();
    assert_eq!(replayed.len(), RECORDINGS);
    let failed = replayed.iter().filter(|one| !one.differences.is_empty());
    let told: Vec<String> = failed
        .map(|one| format!("{}:\n{}", one.name, one.differences.join("\n")))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn recordings_of_real_programs_end_in_their_screens() {
    let mut apart = Vec::new();
    for path in recording::all() {
        let bytes = fs::read(&path).expect("a recording");
        let size = recording::size_of(&path).expect("its size");
        let kept = fs::read_to_string(path.with_extension("txt")).unwrap_or_default();
        let kept: Vec<&str> = kept.lines().filter(|line| !line.starts_with('#')).collect();
        for length in [bytes.len(), 4096, 1] {
            let emulator = recording::replayed(size, bytes.chunks(length));
            if recording::golden(&emulator)
                .lines()
                .ne(kept.iter().copied())
            {
                apart.push(format!("{} in pieces of {length}", path.display()));
            }
        }
    }
    assert!(
        apart.is_empty(),
        "not the screens that are kept; if these are better, `conformance look FILE` writes them:\n{}",
        apart.join("\n")
    );
}
