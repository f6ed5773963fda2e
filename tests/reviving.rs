//! What is left of a session when the machine stops, and how it comes back.

use crate::support::home::{is_alive, kill, processes};
use crate::support::listing::Listing;
use crate::support::{Home, wait_for};
use serde_json::Value;
use std::time::Duration;

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

/// Ends the server, the holder and every program, as a power cut does.
fn cut_the_power(home: &Home) {
    // The server first: it would give the panes to another holder.
    for what in ["run", "hold"] {
        for pid in home.servers(what) {
            kill(pid, 9);
            wait_for("an end", || (!is_alive(pid)).then_some(()));
        }
    }
    for (pid, _) in processes(home.path()) {
        kill(pid, 9);
    }
    wait_for("silence", || {
        processes(home.path()).is_empty().then_some(())
    });
}

/// Waits until a pane's snapshot holds what it shows: its files are younger than now.
fn wait_saved(home: &Home, pane: u64) {
    let file = home.state().join(format!("panes/{pane}/snapshot"));
    let begun = std::time::SystemTime::now();
    wait_for("a snapshot", || {
        let written = file.metadata().ok()?.modified().ok()?;
        // It may have been written just before: two seconds after the last output it is.
        (written >= begun || begun.elapsed().ok()? > Duration::from_secs(2)).then_some(())
    });
}

/// A session `work`: a tab of two panes with 2,000 lines behind the first, in /usr and /usr/bin, and a tab named
/// `build` in which `sleep 1000` runs under a shell.
fn lose_a_session(home: &Home) {
    home.ok(&["new", "-d", "-s", "work", "-c", "/usr"]);
    home.ok(&[
        "split",
        "-t",
        "work",
        "--right",
        "--no-focus",
        "-c",
        "/usr/bin",
    ]);
    home.ok(&["tab", "new", "-t", "work", "--no-focus"]);
    home.ok(&["tab", "rename", "-t", "work:2", "build"]);
    home.ok(&["pane", "rename", "-t", "work:1.2", "editor"]);
    home.ok(&[
        "send",
        "-t",
        "work:1.1",
        "seq 2000; echo end-$((1+1))",
        "Enter",
    ]);
    home.ok(&["send", "-t", "work:2", "sleep 1000", "Enter"]);
    wait_for("its output", || {
        home.ok(&["capture", "-t", "work:1.1"])
            .contains("end-2")
            .then_some(())
    });
    let panes = Listing::of(home).ids(2);
    wait_for("the command's record", || {
        record(home, panes[0]).filter(|told| told["command"] == "sleep 1000")
    });
    wait_saved(home, Listing::of(home).ids(1)[0]);
    wait_saved(home, panes[0]);
    cut_the_power(home);
}

#[test]
fn a_session_comes_back_after_a_reboot_and_nothing_runs_by_itself() {
    let home = Home::new();
    lose_a_session(&home);
    let list = home.ok(&["ls"]);
    assert!(
        list.starts_with("work: dead, last seen") && list.contains("`wt resume work`"),
        "{list}"
    );
    let said = home.list();
    assert!(said[0]["dead_since_ms"].is_number(), "{said:#}");
    assert_eq!(said[0]["tabs"].as_array().map(Vec::len), Some(2));

    let mut outer = home.open(&["resume"], 100, 30);
    outer.wait_text("restored, its process is gone · Enter starts");
    outer.wait_text("end-2");
    let listing = Listing::of(&home);
    assert_eq!(
        (listing.sessions(), listing.panes(1).len()),
        (vec!["work".to_owned()], 2)
    );
    assert_eq!(listing.tabs("work")[1], "build");
    assert_eq!(listing.panes(1)[1]["name"], "editor");
    for pane in listing.panes(1).iter().chain(listing.panes(2)) {
        assert!(pane["pid"].is_null(), "nothing runs by itself: {pane:#}");
    }
    let history = home.ok(&["capture", "-t", "work:1.1", "--history"]);
    let kept: Vec<_> = history
        .lines()
        .filter(|line| line.parse::<u32>().is_ok())
        .collect();
    assert!(
        kept.len() == 2000 && kept[0] == "1" && kept[1999] == "2000",
        "{}",
        kept.len()
    );

    outer.send("\r");
    outer.wait_gone("restored, its process is gone · Enter starts the shell │");
    outer.send("pwd; echo alive-$((1+1))\r");
    outer.wait_text("alive-2");
    let now = home.ok(&["capture", "-t", "work:1.1", "--history"]);
    assert!(
        now.contains("\n/usr\n") && now.contains("\n2000\n"),
        "{now}"
    );
    assert!(
        !now.contains("restored"),
        "the word is no part of the history"
    );

    outer.send("\x022");
    outer.wait_text("r runs `sleep 1000` again");
    outer.send("r");
    wait_for("the command", || {
        (Listing::of(&home).panes(2)[0]["command"] == "sleep").then_some(())
    });
    outer.wait_gone("restored");
    let text = home.ok(&["capture", "-t", "work:2"]);
    assert_eq!(
        text.matches("sleep 1000").count(),
        2,
        "typed once then, once now: {text}"
    );
}
