//! What other people recorded: the emulator ends in the screen that they say.

#[path = "conformance/alacritty.rs"]
mod alacritty;
#[path = "conformance/shown.rs"]
mod shown;

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
