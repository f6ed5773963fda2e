//! `kill -9` of anything, at any moment: nothing else is lost.

use crate::support::home::{is_alive, kill};
use crate::support::listing::Listing;
use crate::support::{Home, has, wait_for};

#[test]
fn panes_outlive_the_server() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 100, 30);
    outer.wait_prompt();
    outer.send("x=kept; echo before-$((1+1))\r");
    outer.wait_text("before-2");
    home.ok(&[
        "split",
        "-t",
        "work",
        "--right",
        "--no-focus",
        "--",
        "/bin/sh",
        "-c",
        "i=0; while :; do i=$((i+1)); echo count $i; sleep 0.05; done",
    ]);
    outer.wait_text("count 3");
    let full_screen = has("panes_outlive_the_server", "vim");
    if full_screen {
        std::fs::write(home.path().join("file.txt"), "the text in vim\n").expect("a file");
        home.ok(&[
            "tab",
            "new",
            "-t",
            "work",
            "--no-focus",
            "--",
            "vim",
            "-u",
            "NONE",
            "file.txt",
        ]);
        wait_for("vim", || {
            home.ok(&["capture", "-t", "work:2"])
                .contains("the text in vim")
                .then_some(())
        });
    }
    // Give the snapshot of the last second its time: what stands before it has to come back.
    wait_for("a snapshot", || {
        let panes = std::fs::read_dir(home.state().join("panes")).ok()?;
        let written = panes
            .flatten()
            .filter(|pane| pane.path().join("snapshot").exists())
            .count();
        (written >= if full_screen { 3 } else { 2 }).then_some(())
    });
    home.kill_server();
    outer.wait_text("the server was lost");
    let mut again = outer;
    again.wait_text("before-2");
    again.send("echo $x-$((2+2))\r");
    again.wait_text("kept-4");
    let counted = |rows: &[String]| -> u32 {
        let last = rows
            .iter()
            .filter_map(|row| {
                row.split("count ")
                    .nth(1)?
                    .split_whitespace()
                    .next()?
                    .parse()
                    .ok()
            })
            .max();
        last.unwrap_or(0)
    };
    let now = counted(&again.rows());
    again.wait("the count to go on", |rows| counted(rows) > now + 5);
    if full_screen {
        again.send("\x022");
        again.wait_text("the text in vim");
        again.send(":q!\r");
        again.wait_gone("the text in vim");
    }
}

#[test]
fn exit_codes_outlive_the_server() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home.ok(&[
        "tab",
        "new",
        "-t",
        "work",
        "--",
        "/bin/sh",
        "-c",
        "while [ ! -e go ]; do sleep 0.05; done; exit 7",
    ]);
    wait_for("two tabs", || {
        (home.list()[0]["tabs"].as_array()?.len() == 2).then_some(())
    });
    home.kill_server();
    std::fs::write(home.path().join("go"), "").expect("a file");
    // Nobody serves now; the holder sees the program end.
    wait_for("the program's end", || {
        let left = crate::support::home::processes(home.path());
        (!left
            .iter()
            .any(|(_, argv)| argv.iter().any(|arg| arg.contains("exit 7"))))
        .then_some(())
    });
    home.ok(&["new", "-d", "-s", "other"]);
    wait_for("the exit code", || {
        let fate = home.list()[0]["tabs"][1]["panes"][0]["fate"]
            .as_str()?
            .to_owned();
        fate.contains("exited 7").then_some(())
    });
}

#[test]
fn a_killed_holder_costs_no_pane() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 100, 30);
    outer.wait_prompt();
    let holder = home.servers("hold")[0];
    kill(holder, 9);
    wait_for("the holder's end", || (!is_alive(holder)).then_some(()));
    outer.send("echo alive-$((1+1))\r");
    outer.wait_text("alive-2");
    wait_for("another holder", || {
        home.servers("hold")
            .iter()
            .any(|pid| *pid != holder && is_alive(*pid))
            .then_some(())
    });
    outer.send("\x02c");
    outer.wait("another tab", |rows| rows[0] == "$");
    outer.send("exit\r");
    outer.wait_text("alive-2");
    // What was changed in the server's last moment may be lost with it.
    wait_for("the tab's end on disk", || {
        let files = std::fs::read_dir(home.state().join("sessions")).ok()?;
        let texts = files.map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
        let tabs = |text: &str| text.matches("\"layout\"").count();
        texts
            .map(|text| Some(tabs(&text?)))
            .sum::<Option<usize>>()
            .filter(|tabs| *tabs == 1)
    });
    // The pane went to the new holder: it outlives the server too.
    home.kill_server();
    outer.wait_text("the server was lost");
    let mut again = outer;
    again.send("echo still-$((2+2))\r");
    again.wait_text("still-4");
}

#[test]
fn a_killed_client_costs_nothing() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send("echo typed-$((1+1))\r");
    outer.wait_text("typed-2");
    kill(outer.pid(), 9);
    outer.wait_end();
    wait_for("the client to be missed", || {
        (home.list()[0]["clients"] == 0).then_some(())
    });
    let again = home.open(&["attach", "work"], 80, 24);
    again.wait_text("typed-2");
}

#[test]
fn scrollback_outlives_the_server() {
    let home = Home::new();
    home.ok(&[
        "new",
        "-d",
        "-s",
        "work",
        "--",
        "/bin/sh",
        "-c",
        "seq 50000; echo end; exec sleep 1000",
    ]);
    wait_for("its output", || {
        home.ok(&["capture", "-t", "work"])
            .contains("end")
            .then_some(())
    });
    let snapshot = || {
        let pane = std::fs::read_dir(home.state().join("panes"))
            .ok()?
            .flatten()
            .next()?;
        pane.path()
            .join("snapshot")
            .metadata()
            .ok()?
            .modified()
            .ok()
    };
    let begun = std::time::SystemTime::now();
    wait_for("a snapshot of the end", || {
        snapshot().filter(|at| *at >= begun).or_else(|| {
            // It may have been written just before: two seconds after the last output it is.
            (begun.elapsed().ok()? > std::time::Duration::from_secs(2))
                .then(snapshot)
                .flatten()
        })
    });
    home.kill_server();
    home.ok(&["server", "start"]);
    let text = home.ok(&["capture", "-t", "work", "--history"]);
    let expected: String = (1..=50000)
        .map(|n| format!("{n}\n"))
        .chain(["end\n".to_owned()])
        .collect();
    assert!(
        text == expected,
        "{} lines came back, the last: {:?}",
        text.lines().count(),
        text.lines().last()
    );
}

#[test]
fn a_planned_restart_keeps_everything() {
    let home = Home::new();
    home.ok(&[
        "new",
        "-d",
        "-s",
        "work",
        "--",
        "/bin/sh",
        "-c",
        "echo up; exec sleep 1000",
    ]);
    wait_for("its output", || {
        home.ok(&["capture", "-t", "work"])
            .contains("up")
            .then_some(())
    });
    let before = home.servers("run");
    home.ok(&["server", "restart"]);
    assert_ne!(home.servers("run"), before);
    assert!(home.ok(&["capture", "-t", "work"]).contains("up"));
    assert!(home.list()[0]["tabs"][0]["panes"][0]["pid"].is_number());
}

#[test]
fn a_pane_that_was_closed_stays_closed() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    // It takes its time to end, so that the server is killed meanwhile.
    let stubborn = "trap '' HUP TERM; echo up; while :; do sleep 1; done";
    home.ok(&["split", "-t", "work", "--", "/bin/sh", "-c", stubborn]);
    wait_for("the stubborn one", || {
        home.ok(&["capture", "-t", "work:1.2"])
            .contains("up")
            .then_some(())
    });
    home.ok(&["pane", "close", "-t", "work:1.2"]);
    // The list is on disk a moment after the command is answered.
    wait_for("the list without it", || {
        let files = std::fs::read_dir(home.state().join("sessions"))
            .ok()?
            .flatten();
        let texts = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        let saved: String = texts.collect();
        (saved.contains("work") && !saved.contains("Split")).then_some(())
    });
    home.kill_server();
    let list = home.list();
    let panes = list[0]["tabs"][0]["panes"].as_array().map(Vec::len);
    assert_eq!(
        (list[0]["tabs"].as_array().map(Vec::len), panes),
        (Some(1), Some(1)),
        "{list:#}"
    );
    wait_for("the end of its program", || {
        let left = crate::support::home::processes(home.path());
        (!left
            .iter()
            .any(|(_, argv)| argv.iter().any(|arg| arg.contains("trap"))))
        .then_some(())
    });
}

/// Everything is killed in the middle of a flood. `wt resume` brings back the tree, the directory, and all that was
/// printed up to a second before, above the new prompt.
#[test]
fn a_flood_cut_off_by_the_end_of_everything_comes_back() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work", "-c", "/usr"]);
    home.ok(&["split", "-t", "work", "--right", "--no-focus"]);
    let flood = "i=0; while :; do i=$((i+1)); echo line $i; [ $i = 20000 ] && echo > ../tmp/flood$PPID; done";
    let flood = flood.replace(
        "../tmp/flood$PPID",
        &home.path().join("mark").to_string_lossy(),
    );
    home.ok(&["send", "-t", "work:1.1", "-l", &flood]);
    home.ok(&["send", "-t", "work:1.1", "Enter"]);
    let marked = wait_for("20,000 lines", || {
        home.path().join("mark").metadata().ok()?.modified().ok()
    });
    wait_for("a second after them", || {
        (marked.elapsed().ok()? > std::time::Duration::from_millis(1500)).then_some(())
    });
    for what in ["run", "hold"] {
        for pid in home.servers(what) {
            kill(pid, 9);
            wait_for("an end", || (!is_alive(pid)).then_some(()));
        }
    }
    for (pid, _) in crate::support::home::processes(home.path()) {
        kill(pid, 9);
    }
    let mut outer = home.open(&["resume", "work"], 120, 30);
    outer.wait_text("Enter starts the shell");
    let sizes = Listing::of(&home).sizes(1);
    assert_eq!(sizes.len(), 2);
    outer.send("\r");
    wait_for("the shell", || {
        Listing::of(&home).panes(1)[0]["pid"]
            .is_number()
            .then_some(())
    });
    outer.send("pwd; echo new-$((1+1))\r");
    outer.wait_text("new-2");
    let text = home.ok(&["capture", "-t", "work:1.1", "--history"]);
    let numbers: Vec<u64> = text
        .lines()
        .filter_map(|line| line.strip_prefix("line ")?.parse().ok())
        .collect();
    let last = *numbers.last().expect("lines");
    assert!(last >= 20_000, "{last}");
    let gap = numbers.iter().zip(1..).find(|(found, line)| *found != line);
    assert_eq!(gap, None, "{} lines up to {last}", numbers.len());
    let (old, new) = text
        .split_once(&format!("line {last}\n"))
        .expect("the last line");
    assert!(
        !old.contains("new-2") && new.contains("/usr\n") && new.contains("new-2"),
        "{new}"
    );
}
