//! What is left of a session when the machine stops, and how it comes back.

use crate::support::{Home, wait_for};
use serde_json::Value;

/// What is told on disk of the pane with that number.
fn record(home: &Home, pane: u64) -> Option<Value> {
    let file = home.state().join(format!("panes/{pane}/meta.json"));
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

#[test]
fn a_pane_is_told_of_on_disk() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&[
        "send",
        "-t",
        "work",
        "cd /usr && sleep '10 0' 2>/dev/null || sleep 1000",
        "Enter",
    ]);
    let told = wait_for("the record", || {
        record(&home, 1).filter(|told| told["command"] == "sleep 1000")
    });
    assert_eq!(told["cwd"], "/usr");
    assert_eq!(
        (&told["place"]["session"], &told["place"]["tab"]),
        (&"work".into(), &1.into())
    );
    assert!(
        told["process"]["pid"].is_number() && told["ended"].is_null(),
        "{told:#}"
    );
    home.ok(&["send", "-t", "work", "C-c"]);
    wait_for("the end of the command", || {
        record(&home, 1).filter(|told| told["command"] == "")
    });
}
