//! The command line, without a terminal.

use crate::support::{Home, wait_for};

#[test]
fn sessions_are_made_listed_and_killed() {
    let home = Home::new();
    assert!(String::from_utf8_lossy(&home.wt(&["ls"]).stderr).contains("no sessions"));
    home.ok(&[
        "new",
        "-d",
        "-s",
        "build",
        "-c",
        "/",
        "-e",
        "COLOUR=blue",
        "--",
        "/bin/sh",
        "-c",
        "echo $COLOUR; sleep 1000",
    ]);
    wait_for("its output", || {
        home.ok(&["capture", "-t", "build"])
            .contains("blue")
            .then_some(())
    });
    let list = home.list();
    assert_eq!(list[0]["name"], "build");
    assert_eq!(list[0]["tabs"][0]["panes"][0]["cwd"], "/");
    assert!(home.ok(&["ls"]).contains("build: detached"));
    assert!(
        home.fails(&["new", "-d", "-s", "build"])
            .contains("is there already")
    );
    home.ok(&["new", "-d", "-A", "-s", "build"]);
    assert_eq!(home.wt(&["kill"]).status.code(), Some(2));
    home.ok(&["kill", "-t", "build"]);
    wait_for("the session's end", || {
        home.list()
            .as_array()
            .is_some_and(Vec::is_empty)
            .then_some(())
    });
}

#[test]
fn an_argv_meets_no_shell() {
    let home = Home::new();
    home.ok(&[
        "new",
        "-d",
        "-s",
        "argv",
        "--",
        "/bin/echo",
        "a  b",
        "$HOME",
        "*",
    ]);
    // A command that goes well closes its pane; look at one that stays.
    home.ok(&[
        "new",
        "-d",
        "-s",
        "stay",
        "--",
        "/bin/sh",
        "-c",
        "printf '<%s>' \"$@\"; sleep 1000",
        "sh",
        "a  b",
        "$HOME",
        "*",
    ]);
    wait_for("its output", || {
        home.ok(&["capture", "-t", "stay"])
            .contains("<a  b><$HOME><*>")
            .then_some(())
    });
}

#[test]
fn panes_and_tabs_are_added_from_outside() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&[
        "split",
        "-t",
        "work",
        "--down",
        "--no-focus",
        "--",
        "/bin/sh",
        "-c",
        "echo below; sleep 1000",
    ]);
    home.ok(&[
        "tab",
        "new",
        "-t",
        "work",
        "--no-focus",
        "--",
        "/bin/sh",
        "-c",
        "echo second; sleep 1000",
    ]);
    let list = home.list();
    assert_eq!(list[0]["tabs"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        list[0]["tabs"][0]["panes"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(list[0]["tabs"][0]["panes"][0]["focused"], true);
    assert_eq!(list[0]["tabs"][0]["active"], true);
    wait_for("the second pane's output", || {
        home.ok(&["capture", "-t", "work:1.2"])
            .contains("below")
            .then_some(())
    });
    wait_for("the second tab's output", || {
        home.ok(&["capture", "-t", "work:2"])
            .contains("second")
            .then_some(())
    });
    let id = format!("%{}", list[0]["tabs"][1]["panes"][0]["id"]);
    assert!(home.ok(&["capture", "-t", &id]).contains("second"));
}

#[test]
fn capture_keeps_colours_if_asked() {
    let home = Home::new();
    home.ok(&[
        "new",
        "-d",
        "-s",
        "work",
        "--",
        "/bin/sh",
        "-c",
        "printf '\\033[1;31mred\\033[m plain\\n'; sleep 1000",
    ]);
    wait_for("its output", || {
        home.ok(&["capture", "-t", "work"])
            .contains("red plain")
            .then_some(())
    });
    assert!(
        home.ok(&["capture", "-t", "work", "--ansi"])
            .contains("\x1b[0;1;31mred")
    );
}

#[test]
fn capture_with_history_begins_at_the_first_line() {
    let home = Home::new();
    home.ok(&[
        "new",
        "-d",
        "-s",
        "work",
        "--",
        "/bin/sh",
        "-c",
        "seq 20000; echo end; sleep 1000",
    ]);
    wait_for("its output", || {
        home.ok(&["capture", "-t", "work"])
            .contains("end")
            .then_some(())
    });
    let text = home.ok(&["capture", "-t", "work", "--history"]);
    let expected: String = (1..=20000)
        .map(|n| format!("{n}\n"))
        .chain(["end\n".to_owned()])
        .collect();
    assert_eq!(text, expected);
}

#[test]
fn errors_are_one_line_that_says_what_to_do() {
    let home = Home::new();
    assert!(home.fails(&["kill", "nothing"]).contains("no server runs"));
    home.ok(&["new", "-d", "-s", "work"]);
    assert!(home.fails(&["kill", "nothing"]).contains("wt ls"));
    assert!(home.fails(&["split", "-t", "work:7"]).contains("no tab"));
    assert!(
        home.fails(&["new", "-d", "-s", "a:b"])
            .contains("cannot hold")
    );
    assert!(
        home.fails(&["new", "-d", "-s", "x", "--", "no-such-program"])
            .contains("no-such-program")
    );
    assert!(
        home.fails(&["new", "-d", "-c", "/no/such/dir"])
            .contains("/no/such/dir")
    );
    assert!(home.fails(&["attach", "work"]).contains("terminal"));
    assert_eq!(
        home.wt(&["frobnicate"]).status.code(),
        Some(2),
        "wrong usage is exit code 2"
    );
    assert!(
        home.list().as_array().is_some_and(|list| list.len() == 1),
        "nothing is left of what failed"
    );
}

#[test]
fn wt_inside_wt_is_refused_in_one_line() {
    let home = Home::new();
    let mut outer = home.open(&["new"], 100, 24);
    outer.wait_prompt();
    outer.send(format!("{} new\r", crate::support::home::WT));
    outer.wait_text("a pane of wt already");
}

#[test]
fn the_very_first_start_says_how_to_go_on() {
    let home = Home::new();
    std::fs::remove_file(home.state().join("welcomed")).expect("the marker");
    let mut outer = home.open(&["new"], 110, 24);
    outer.wait_text("C-b % splits");
    outer.wait_prompt();
    outer.send("\u{2}d");
    outer.wait_end();
    let again = home.open(&["attach"], 110, 24);
    again.wait_prompt();
    assert!(!again.rows().iter().any(|row| row.contains("Welcome")));
}

#[test]
fn the_server_is_one_and_can_be_stopped() {
    let home = Home::new();
    home.ok(&["server", "start"]);
    assert!(home.ok(&["server", "status"]).contains("0 sessions"));
    let pid = home.servers("run")[0];
    assert!(
        home.fails(&["server", "run"]).contains(&pid.to_string()),
        "the second says who holds the place"
    );
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&["server", "stop"]);
    wait_for("the end of server and holder", || {
        (home.servers("run").is_empty() && home.servers("hold").is_empty()).then_some(())
    });
}

#[test]
fn servers_of_other_names_are_apart() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "one"]);
    home.ok(&["-L", "other", "new", "-d", "-s", "two"]);
    assert!(!home.ok(&["ls"]).contains("two"));
    assert!(home.ok(&["-L", "other", "ls"]).contains("two"));
}

#[test]
fn the_server_goes_with_its_last_session() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work", "--", "/bin/true"]);
    wait_for("the server's end", || {
        home.servers("run").is_empty().then_some(())
    });
    wait_for("the holder's end", || {
        home.servers("hold").is_empty().then_some(())
    });
}

#[test]
fn a_failed_command_stays_and_is_restarted_by_enter() {
    let home = Home::new();
    let mut outer = home.open(
        &[
            "new",
            "-s",
            "work",
            "--",
            "/bin/sh",
            "-c",
            "echo run >> runs; wc -l < runs; exit 3",
        ],
        80,
        24,
    );
    outer.wait_text("exited 3 after");
    outer.wait_text("Enter restarts");
    outer.send("\r");
    wait_for("a second run", || {
        let runs = std::fs::read_to_string(home.path().join("runs")).unwrap_or_default();
        (runs.lines().count() == 2).then_some(())
    });
    outer.wait_text("exited 3 after");
}

#[test]
fn killing_reaches_the_whole_process_group() {
    let home = Home::new();
    let script = "trap '' HUP TERM; (trap '' HUP TERM; while :; do sleep 1; done) & while :; do sleep 1; done";
    home.ok(&["new", "-d", "-s", "stubborn", "--", "/bin/sh", "-c", script]);
    wait_for("both processes", || {
        let all = crate::support::home::processes(home.path());
        (all.iter()
            .filter(|(_, argv)| argv.iter().any(|arg| arg.contains("trap")))
            .count()
            >= 2)
            .then_some(())
    });
    home.ok(&["kill", "stubborn"]);
    wait_for("the end of all its processes", || {
        let left = crate::support::home::processes(home.path());
        (!left
            .iter()
            .any(|(_, argv)| argv.iter().any(|arg| arg.contains("trap"))))
        .then_some(())
    });
}

#[test]
fn a_wrong_key_in_the_configuration_is_named() {
    let home = Home::new();
    home.configure("shel = [\"/bin/sh\"]\n");
    let said = home.wt(&["doctor"]);
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(
        text.contains("config.toml") && text.contains("shel") && text.contains("shell"),
        "{text}"
    );
}

#[test]
fn a_pane_is_split_on_any_side_and_starts_where_it_is_told() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work", "-c", "/"]);
    for side in ["--right", "--left", "--down", "--up"] {
        let before = home.list()[0]["tabs"][0]["panes"].clone();
        home.ok(&["split", "-t", "work:1.1", side, "-c", "/usr/bin/.."]);
        let panes = home.list()[0]["tabs"][0]["panes"].clone();
        let count = panes.as_array().map_or(0, Vec::len);
        assert_eq!(count, before.as_array().map_or(0, Vec::len) + 1);
        let split = &panes[usize::from(matches!(side, "--right" | "--down"))];
        assert_eq!(split["cwd"], "/usr", "{side}");
        assert_eq!(split["focused"], true, "{side}");
    }
    assert!(
        home.fails(&["split", "-c", "/no/such/dir"])
            .contains("/no/such/dir")
    );
    assert_eq!(home.wt(&["split", "--up", "--down"]).status.code(), Some(2));
}

#[test]
fn tabs_are_walked_and_closed_from_outside() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&["tab", "new"]);
    home.ok(&["tab", "new"]);
    let active = || {
        let list = home.list();
        let tabs = list[0]["tabs"].as_array().cloned().unwrap_or_default();
        tabs.iter().position(|tab| tab["active"] == true)
    };
    assert_eq!(active(), Some(2));
    for (args, then) in [
        (&["next"][..], 0),
        (&["previous"], 2),
        (&["select", "2"], 1),
        (&["next", "-t", "work:3"], 0),
    ] {
        home.ok(&[&["tab"], args].concat());
        assert_eq!(active(), Some(then), "{args:?}");
    }
    assert!(home.fails(&["tab", "select", "9"]).contains("no tab 9"));
    home.ok(&["tab", "close", "-t", "work:2"]);
    wait_for("the tab's end", || {
        let list = home.list();
        (list[0]["tabs"].as_array().map(Vec::len) == Some(2)).then_some(())
    });
}

#[test]
fn a_command_in_a_pane_is_done_to_that_pane() {
    let home = Home::new();
    let wt = crate::support::home::WT;
    home.ok(&["new", "-d", "-s", "one"]);
    let script = format!("{wt} split --no-focus -- sleep 1000; {wt} pane zoom; sleep 1000");
    home.ok(&["new", "-d", "-s", "two", "--", "/bin/sh", "-c", &script]);
    home.ok(&["new", "-d", "-s", "three"]);
    let named = |name: &str| {
        let list = home.list();
        let all = list.as_array().cloned().unwrap_or_default();
        all.into_iter()
            .find(|session| session["name"] == name)
            .expect(name)
    };
    wait_for("the split and zoomed pane", || {
        (named("two")["tabs"][0]["zoomed"] == true).then_some(())
    });
    for (name, panes) in [("one", 1), ("two", 2), ("three", 1)] {
        assert_eq!(
            named(name)["tabs"][0]["panes"].as_array().map(Vec::len),
            Some(panes)
        );
    }
    // Another server knows nothing of this pane.
    home.ok(&["-L", "other", "new", "-d", "-s", "there"]);
    let socket = std::fs::read_dir(home.path())
        .expect("the home")
        .flatten()
        .map(|entry| entry.path().join("default.sock"))
        .find(|path| path.exists())
        .expect("a socket");
    let elsewhere = std::process::Command::new(wt)
        .args(["-L", "other", "capture"])
        .env_clear()
        .envs(home.env())
        .env("WT", socket)
        .env("WT_PANE", "%999")
        .output()
        .expect("wt runs");
    assert!(elsewhere.status.success(), "{elsewhere:?}");
}

#[test]
fn status_says_what_the_server_holds() {
    let home = Home::new();
    let none = home.wt(&["status", "--json"]);
    assert_eq!(none.status.code(), Some(1));
    let none: serde_json::Value = serde_json::from_slice(&none.stdout).expect("JSON");
    assert!(none["server"].is_null());
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&["split"]);
    let status: serde_json::Value =
        serde_json::from_str(&home.ok(&["status", "--json"])).expect("JSON");
    assert_eq!(status["server"]["pid"], home.servers("run")[0]);
    assert_eq!(status["server"]["panes"], 2);
    assert_eq!(status["sessions"], home.list());
    let page = home.ok(&["status"]);
    assert!(page.contains("1 session, 2 panes, 0 clients"), "{page}");
    assert!(page.contains("work: detached"), "{page}");
}

#[test]
fn reload_says_what_is_wrong_with_the_files() {
    let home = Home::new();
    home.ok(&["reload"]);
    home.configure("shel = [\"/bin/sh\"]\n");
    assert!(home.fails(&["reload"]).contains("shel"));
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.ok(&["completions", shell]);
        for word in ["capture", "resize", "no-focus"] {
            assert!(script.contains(word), "{shell} {word}");
        }
    }
    assert!(home.ok(&["man"]).contains(".TH wt 1"));
    home.ok(&["man", "pages"]);
    let page = std::fs::read_to_string(home.path().join("pages/wt-pane-swap.1"));
    assert!(page.is_ok_and(|page| page.contains("tmux: swap\\-pane")));
}
