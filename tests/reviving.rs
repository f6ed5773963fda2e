//! What is left of a session when the machine stops, and how it comes back.

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

#[test]
fn a_pane_that_ended_is_told_of_once_and_its_lines_stay() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "keeper"]);
    let argv = ["/bin/sh", "-c", "seq 30; echo done-$((1+1)); exit 0"];
    let made = home.ok(&[&["new", "-d", "-P", "-s", "short", "--"][..], &argv].concat());
    let pane: u64 = made
        .trim_end()
        .split_once('%')
        .expect("an id")
        .1
        .parse()
        .expect("a number");
    let told = wait_for("the record's end", || {
        record(&home, pane).filter(|told| !told["ended"].is_null())
    });
    assert_eq!(told["ended"]["how"]["closed"]["code"], 0);
    assert!(
        told["process"].is_null() && told["place"]["session"] == "short",
        "{told:#}"
    );
    assert_eq!(Listing::of(&home).sessions(), ["keeper"]);
    let listed = home.ok(&["history", "ls", "--dead"]);
    assert!(listed.contains("(exited 0) "), "{listed}");
    let kept = home.ok(&["history", "export", &format!("%{pane}")]);
    let expected: String = (1..=30)
        .map(|n| format!("{n}\n"))
        .chain(["done-2\n".into()])
        .collect();
    assert_eq!(kept, expected);
    // What has printed nothing leaves nothing.
    let silent = home.ok(&["new", "-d", "-P", "-s", "silent", "--", "/bin/true"]);
    let silent: u64 = silent
        .trim_end()
        .split_once('%')
        .expect("an id")
        .1
        .parse()
        .expect("a number");
    wait_for("its end", || {
        (!home.state().join(format!("panes/{silent}")).exists()).then_some(())
    });
    wait_for("its session's end", || {
        (Listing::of(&home).sessions() == ["keeper"]).then_some(())
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
    home.cut_the_power();
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
    let sizes = |pane: &Value| pane["size"].clone();
    let panes = said[0]["tabs"][0]["panes"].as_array().expect("panes");
    assert_ne!(sizes(&panes[0]), sizes(&panes[1]), "each has its own place");
    assert_eq!(said[0]["tabs"].as_array().map(Vec::len), Some(2));

    let mut outer = home.open(&["resume"], 100, 30);
    outer.wait_text("restored · Enter starts the shell");
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
    wait_for("the shell", || {
        Listing::of(&home).panes(1)[0]["pid"]
            .is_number()
            .then_some(())
    });
    outer.send("pwd; echo alive-$((1+1))\r");
    outer.wait_text("alive-2");
    let now = home.ok(&["capture", "-t", "work:1.1", "--history"]);
    assert!(now.contains("/usr\n") && now.contains("\n2000\n"), "{now}");
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

#[test]
fn resuming_in_a_pane_leads_its_viewer_there() {
    let home = Home::new();
    lose_a_session(&home);
    let mut outer = home.open(&["new", "-s", "here"], 100, 30);
    outer.wait_prompt();
    let wt = env!("CARGO_BIN_EXE_wt");
    outer.send(format!("{wt} resume\r"));
    outer.wait_text("restored · Enter starts the shell");
    outer.wait("the other session", |rows| {
        rows.iter().any(|row| row.starts_with(" work "))
    });
    assert_eq!(Listing::of(&home).sessions().len(), 2);
}

#[test]
fn dead_sessions_are_told_of_named_apart_and_forgotten() {
    let home = Home::new();
    for name in ["work", "web"] {
        home.ok(&["new", "-d", "-s", name]);
    }
    wait_for("the records", || {
        record(&home, 1).filter(|told| told["place"]["session"] == "work")
    });
    let panes: Vec<_> = std::fs::read_dir(home.state().join("panes"))
        .expect("panes")
        .flatten()
        .collect();
    wait_for("both snapshots", || {
        panes
            .iter()
            .all(|pane| pane.path().join("snapshot").exists())
            .then_some(())
    });
    home.cut_the_power();
    let said = home.fails(&["send", "-t", "work", "x"]);
    assert!(
        said.contains("work\" is dead") && said.contains("`wt resume work`"),
        "{said}"
    );
    let said = home.fails(&["send", "x"]);
    assert!(said.contains("2 dead ones can be brought back"), "{said}");

    // A new session may have the name; its first client is told of the old ones.
    let mut outer = home.open(&["new", "-s", "work"], 100, 24);
    outer.wait_text("2 sessions have lost their programs: `wt resume` brings them back");
    assert_eq!(home.ok(&["resume", "-d", "work"]), "work-2\n");
    outer.send("\x02s");
    outer.wait_text("web (dead)");
    outer.send("\x1b");
    let said = home.ok(&["kill", "web"]);
    assert!(
        said.contains("web is forgotten") && said.lines().count() == 1,
        "{said}"
    );
    assert!(
        panes.iter().all(|pane| pane.path().exists()),
        "the files stay"
    );
    assert!(
        home.fails(&["resume", "-d", "web"])
            .contains("no dead session \"web\"")
    );
    assert!(
        home.fails(&["resume", "-d"])
            .contains("nothing to bring back")
    );
    assert_eq!(Listing::of(&home).sessions(), ["work-2", "work"]);
    outer.send("exit\r");
}

#[test]
fn a_pane_that_died_alone_keeps_its_place() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&[
        "split",
        "-t",
        "work",
        "--right",
        "--no-focus",
        "--",
        "/bin/sh",
        "-c",
        "echo here; exec sleep 1000",
    ]);
    wait_for("its output", || {
        home.ok(&["capture", "-t", "work:1.2"])
            .contains("here")
            .then_some(())
    });
    let ids = Listing::of(&home).ids(1);
    wait_saved(&home, ids[1]);
    // As if its holder had never had it: the next one is another process.
    home.kill_server();
    let file = home.state().join("sessions");
    let saved = std::fs::read_dir(&file).expect("sessions").flatten();
    let saved = saved
        .map(|file| file.path())
        .find(|path| !path.ends_with("index.json"))
        .expect("one");
    let text = std::fs::read_to_string(&saved).expect("a file");
    let lost = ids[1] + 1000;
    std::fs::write(&saved, text.replace(&ids[1].to_string(), &lost.to_string())).expect("a file");
    std::fs::rename(
        home.state().join(format!("panes/{}", ids[1])),
        home.state().join(format!("panes/{lost}")),
    )
    .expect("moved");
    home.ok(&["server", "start"]);
    let listing = Listing::of(&home);
    let pane = listing
        .panes(1)
        .iter()
        .find(|pane| pane["id"] == lost)
        .expect("it kept its place");
    let fate = pane["fate"].as_str().expect("a fate");
    assert!(
        fate.starts_with("restored, its process is gone") && fate.contains("sleep 1000"),
        "{fate}"
    );
    assert!(
        listing.panes(1)[0]["pid"].is_number(),
        "the other one lives on"
    );
    home.ok(&["pane", "rerun", "-t", &format!("%{lost}")]);
    wait_for("what was given is run as it was", || {
        let text = home.ok(&["capture", "-t", &format!("%{lost}")]);
        (text.matches("here").count() == 2).then_some(())
    });
}

#[test]
fn what_a_power_cut_left_half_written_costs_itself_alone() {
    for damage in [&b""[..], b"wt pa", b"{\"version\": 1, \"or", b"\0\0\0\0"] {
        let home = Home::new();
        home.ok(&["new", "-d", "-s", "work"]);
        home.ok(&["new", "-d", "-s", "web"]);
        let ids: Vec<_> = home
            .list()
            .as_array()
            .expect("sessions")
            .iter()
            .map(|session| {
                session["tabs"][0]["panes"][0]["id"]
                    .as_u64()
                    .expect("an id")
            })
            .collect();
        wait_saved(&home, ids[0]);
        wait_saved(&home, ids[1]);
        home.cut_the_power();
        for name in ["snapshot", "meta.json", "commands", "scrollback"] {
            let file = home.state().join(format!("panes/{}", ids[0])).join(name);
            if file.is_file() {
                std::fs::write(file, damage).expect("a file");
            }
        }
        assert_eq!(home.ok(&["resume"]).lines().count(), 2);
        home.ok(&["pane", "restart", "-t", "work"]);
        wait_for("both shells", || {
            home.ok(&["pane", "restart", "-t", "web"]);
            let text = home.ok(&["capture", "-t", "web"]) + &home.ok(&["capture", "-t", "work"]);
            (text.matches('$').count() >= 2).then_some(())
        });
        let list = home.list();
        for session in list.as_array().expect("sessions") {
            assert!(
                session["tabs"][0]["panes"][0]["pid"].is_number(),
                "{list:#}"
            );
        }
    }
}

#[test]
fn a_session_file_that_is_damaged_hides_no_other() {
    let home = Home::new();
    for name in ["one", "two"] {
        home.ok(&["new", "-d", "-s", name]);
    }
    let sessions = home.state().join("sessions");
    let file = |name: &str| {
        let files = std::fs::read_dir(&sessions).ok()?.flatten();
        files.map(|file| file.path()).find(|path| {
            std::fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("\"{name}\"")))
        })
    };
    let bad = wait_for("the files", || file("two").and(file("one")));
    home.cut_the_power();
    std::fs::write(&bad, "{").expect("a file");
    assert_eq!(Listing::of(&home).sessions(), ["two"]);
    // Whoever asked first may have heard nothing of it: it is told for as long as the file lies there.
    home.ok(&["server", "start"]);
    let said = home.ok(&["server", "status"]);
    assert!(
        said.contains("a session may be missing") && bad.with_extension("damaged").exists(),
        "{said}"
    );
}
