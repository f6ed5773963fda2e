//! `wt grep`: what panes have printed, live and dead, from outside.

use crate::support::home::{kill, processes};
use crate::support::{Home, wait_for};
use serde_json::Value;

/// A session whose pane runs a shell script, once its screen says `end`.
fn start(home: &Home, session: &str, script: &str, end: &str) {
    let script = format!("{script}; sleep 1000");
    home.ok(&["new", "-d", "-s", session, "--", "/bin/sh", "-c", &script]);
    wait_for(end, || {
        let screen = home.ok(&["capture", "-t", session]);
        screen.contains(end).then_some(())
    });
}

fn code(home: &Home, args: &[&str]) -> Option<i32> {
    home.wt(args).status.code()
}

#[test]
fn case_syntax_and_context_are_as_asked_for() {
    let home = Home::new();
    start(
        &home,
        "work",
        "seq -f 'line %g of many' 30000; echo 'Done (2)'",
        "Done",
    );
    let ok = |args: &[&str]| home.ok(&[&["grep"], args].concat());
    assert_eq!(
        ok(&["e 1?7777 of"]),
        "work:1.1(%1):7777: line 7777 of many\nwork:1.1(%1):17777: line 17777 of many\n"
    );
    assert_eq!(ok(&["-c", "many"]), "work:1.1(%1):30000\n");
    assert_eq!(ok(&["-F", "done (2)"]), "work:1.1(%1):30001: Done (2)\n");
    assert_eq!(code(&home, &["grep", "LINE 3"]), Some(1));
    assert_eq!(
        ok(&["-i", "LINE 30 "]),
        "work:1.1(%1):30: line 30 of many\n"
    );
    assert_eq!(code(&home, &["grep", "-s", "done"]), Some(1));
    assert_eq!(
        ok(&["-C1", "line (1|3|9999) "]),
        "work:1.1(%1):1: line 1 of many\nwork:1.1(%1)-2- line 2 of many\nwork:1.1(%1):3: line 3 of many\n\
         work:1.1(%1)-4- line 4 of many\n--\nwork:1.1(%1)-9998- line 9998 of many\n\
         work:1.1(%1):9999: line 9999 of many\nwork:1.1(%1)-10000- line 10000 of many\n"
    );
    let everything = ok(&["of many$"]);
    assert_eq!(everything.lines().count(), 30000);
    assert!(everything.ends_with(":30000: line 30000 of many\n"));
}

#[test]
fn what_is_wrong_is_told_in_one_line() {
    let home = Home::new();
    let wrong = home.wt(&["grep", "a(b"]);
    assert_eq!(wrong.status.code(), Some(2));
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(
        told,
        "wt: searching for 'a(b': unclosed group at character 2\n"
    );
    assert_eq!(code(&home, &["grep", "--since", "soon", "a"]), Some(2));
    assert_eq!(code(&home, &["grep", "--pane", "%77", "a"]), Some(2));
    assert_eq!(code(&home, &["grep", "-i", "-s", "a"]), Some(2));
    assert_eq!(code(&home, &["grep", "a"]), Some(1), "nothing is there yet");
}

#[test]
fn panes_of_other_sessions_and_of_dead_servers_are_found_too() {
    let home = Home::new();
    start(
        &home,
        "one",
        "seq -f 'first %g' 20000; echo end-$((1+1))",
        "end-2",
    );
    start(
        &home,
        "two",
        "seq -f 'second %g' 20000; echo end-$((1+1))",
        "end-2",
    );
    let json = |args: &[&str]| -> Vec<Value> {
        let told = home.ok(&[&["grep", "--json"], args].concat());
        told.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    };
    let own = json(&["(first|second) 1234$"]);
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["place"], "two:1.1", "the session used last");
    let all = json(&["--all", "(first|second) 1234$"]);
    let texts: Vec<_> = all.iter().map(|line| line["text"].clone()).collect();
    assert_eq!(texts, ["first 1234", "second 1234"]);
    assert_eq!(all[1]["line"], 1234);
    assert_eq!(all[1]["matches"][0], serde_json::json!([0, 11]));
    assert!(all[1]["time-ms"].as_u64().expect("a time") > 1_600_000_000_000);
    assert_eq!(json(&["--pane", "one", "--since", "1h", "1234$"]).len(), 2);
    assert_eq!(all[0]["live"], true);
    let panes: Vec<String> = all
        .iter()
        .map(|line| format!("%{}", line["pane"]))
        .collect();
    for pane in &panes {
        let dir = home.state().join("panes").join(&pane[1..]);
        wait_for("a block on disk", || {
            let mut files = std::fs::read_dir(&dir).ok()?.flatten();
            let is_block =
                |file: std::fs::DirEntry| file.metadata().is_ok_and(|file| file.len() > 8192);
            files.any(is_block).then_some(())
        });
    }
    for (pid, _) in processes(home.path()) {
        kill(pid, 9);
    }
    wait_for("their end", || {
        processes(home.path()).is_empty().then_some(())
    });
    let dead = json(&[
        "--pane",
        &panes[0],
        "--pane",
        &panes[1],
        "(first|second) 1234$",
    ]);
    let lines: Vec<_> = dead
        .iter()
        .map(|line| (line["text"].clone(), line["live"].clone()))
        .collect();
    let is_dead = Value::from(false);
    assert_eq!(
        lines,
        [
            ("first 1234".into(), is_dead.clone()),
            ("second 1234".into(), is_dead)
        ]
    );
}

#[test]
fn only_what_failed_commands_printed_is_found() {
    let home = Home::new();
    // As a shell with integration marks its prompts and commands (OSC 133).
    let run = |name: &str, code: u8| {
        format!(
            "printf '\\033]133;A\\007$ \\033]133;B\\007{name}\\n\\033]133;C\\007'; echo said by {name}; \
             printf '\\033]133;D;{code}\\007'; "
        )
    };
    let script = run("good", 0) + &run("bad", 3) + &run("fine", 0) + "echo end-$((1+1))";
    start(&home, "work", &script, "end-2");
    let records = home.state().join("panes/1/commands");
    wait_for("the records of three commands", || {
        let records = std::fs::read_to_string(&records).ok()?;
        records.contains("\"number\":3").then_some(())
    });
    wait_for("the failure", || {
        let found = home.wt(&["grep", "--failed", "said by"]);
        let found = String::from_utf8_lossy(&found.stdout).into_owned();
        (found == "work:1.1(%1):4: said by bad\n").then_some(())
    });
    assert_eq!(home.ok(&["grep", "-c", "said by"]), "work:1.1(%1):3\n");
}

#[test]
fn what_was_cleared_is_found_and_exported_on_demand() {
    let home = Home::new();
    start(
        &home,
        "clearing",
        "seq 30000; printf '\\033[3J\\033[2J\\033[H'; echo behind",
        "behind",
    );
    let found = home.wt(&["grep", "-c", "^777$"]);
    assert_eq!(
        String::from_utf8_lossy(&found.stdout),
        "clearing:1.1(%1):1\n"
    );
    let left = home.wt(&["history", "export", "%1"]);
    assert!(String::from_utf8_lossy(&left.stderr).contains("--from 1"));
    assert!(!String::from_utf8_lossy(&left.stdout).contains("777\n"));
    let all = home.wt(&["history", "export", "%1", "--from", "1"]);
    let expected: String = (1..=30000).map(|n| format!("{n}\n")).collect();
    assert!(String::from_utf8_lossy(&all.stdout).starts_with(&expected));
    assert_eq!(String::from_utf8_lossy(&all.stderr), "");
}

#[test]
fn panes_of_dead_sessions_are_found_while_a_server_runs() {
    let home = Home::new();
    start(
        &home,
        "lost",
        "seq -f 'kept %g' 3000; echo end-$((1+1))",
        "end-2",
    );
    let snapshot = home.state().join("panes/1/snapshot");
    wait_for("a snapshot of the end", || {
        let bytes = std::fs::read(&snapshot).ok()?;
        bytes.windows(5).any(|part| part == b"end-2").then_some(())
    });
    let sessions = home.state().join("sessions");
    wait_for("the session's file", || {
        std::fs::read_dir(&sessions).ok()?.next().map(|_| ())
    });
    home.cut_the_power();
    let without_server = home.ok(&["grep", "-c", "kept"]);
    assert_eq!(home.servers("run").len(), 0);
    // Another session's server knows of the dead one.
    start(&home, "other", "echo up-$((1+1))", "up-2");
    assert_eq!(
        home.ok(&["grep", "--all", "-c", "kept"]).lines().next(),
        without_server.lines().next()
    );
    assert!(without_server.ends_with("00\n"), "{without_server}");
}

#[test]
fn long_panes_and_short_ones_are_told_in_their_order() {
    let home = Home::new();
    start(
        &home,
        "long",
        "seq -f 'line %g' 70000; echo end-$((1+1))",
        "end-2",
    );
    for name in ["short", "other"] {
        start(
            &home,
            name,
            "seq -f 'line %g' 13; echo end-$((1+1))",
            "end-2",
        );
    }
    let counted = home.ok(&["grep", "--all", "-c", "line \\d*3$"]);
    let counts: Vec<_> = counted
        .lines()
        .filter_map(|line| Some((line.split_once(':')?.0, line.rsplit_once(':')?.1)))
        .collect();
    assert_eq!(counts, [("long", "7000"), ("short", "2"), ("other", "2")]);
    let told = home.ok(&["grep", "--all", "line \\d*3$"]);
    let panes: Vec<_> = told
        .lines()
        .filter_map(|line| line.split(':').next())
        .collect();
    let mut in_order = panes.clone();
    in_order.dedup();
    assert_eq!(
        (panes.len(), in_order),
        (7004, vec!["long", "short", "other"])
    );
}
