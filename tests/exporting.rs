//! What has left the screens, for use outside: exported, listed, followed, opened; also of panes that are gone.

use crate::support::home::{kill, processes};
use crate::support::{Home, wait_for};
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Stdio};

/// More lines than memory keeps, several blocks of them, and a last one to wait for.
const FLOOD: &str = "seq 60000; printf '\\033[31mred & <%s>\\033[0m\\n' done; sleep 1000";

/// What that prints.
fn flood() -> String {
    let lines = (1..=60000).map(|n| format!("{n}\n"));
    lines.chain(["red & <done>\n".to_owned()]).collect()
}

/// Whether `text` is the flood, told without printing all of it.
#[track_caller]
fn assert_whole(text: &str) {
    let whole = flood();
    let differs = text
        .lines()
        .zip(whole.lines())
        .find(|(one, other)| one != other);
    assert_eq!(differs, None);
    assert_eq!(text.len(), whole.len());
}

/// Starts a command in a session named work, and waits until its screen says `end`.
fn start(home: &Home, script: &str, end: &str) {
    home.ok(&["new", "-d", "-s", "work", "--", "/bin/sh", "-c", script]);
    wait_for(end, || {
        let screen = home.ok(&["capture", "-t", "work"]);
        screen.contains(end).then_some(())
    });
}

/// The directory of the first pane.
fn pane_dir(home: &Home) -> PathBuf {
    home.state().join("panes/1")
}

/// Waits for a snapshot that holds the end of the flood, and ends everything at once, as a reboot does.
fn end_everything(home: &Home) {
    let snapshot = pane_dir(home).join("snapshot");
    wait_for("a snapshot", || {
        let bytes = std::fs::read(&snapshot).ok()?;
        let end = b"red & <done>";
        bytes
            .windows(end.len())
            .any(|part| part == end)
            .then_some(())
    });
    for (pid, _) in processes(home.path()) {
        kill(pid, 9);
    }
    wait_for("their end", || {
        processes(home.path()).is_empty().then_some(())
    });
}

#[test]
fn a_history_is_exported_in_every_format() {
    let home = Home::new();
    start(&home, FLOOD, "done");
    assert_whole(&home.ok(&["history", "export", "work"]));
    let ansi = home.ok(&["history", "export", "%1", "--format", "ansi"]);
    assert!(ansi.ends_with("60000\n\u{1b}[0;31mred & <done>\u{1b}[0m\n"));
    let page = home.ok(&["history", "export", "%1", "--format", "html"]);
    assert!(page.contains(">red &amp; &lt;done&gt;</span>\n</pre>"));
    let cast = home.ok(&["history", "export", "%1", "--format", "asciicast"]);
    let mut lines = cast.lines();
    let header: serde_json::Value =
        serde_json::from_str(lines.next().expect("a header")).expect("JSON");
    assert_eq!(header["version"], 2);
    let (mut told, mut before) = (String::new(), 0.0);
    for line in lines {
        let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let at = event[0].as_f64().expect("a time");
        assert!(at >= before && event[1] == "o", "{line}");
        before = at;
        told += event[2].as_str().expect("text");
    }
    assert!(told.starts_with("1\r\n2\r\n") && told.ends_with("<done>\u{1b}[0m\r\n"));
}

#[test]
fn a_part_of_a_history_goes_to_a_file_that_is_not_written_over() {
    let home = Home::new();
    start(&home, FLOOD, "done");
    let args = [
        "history", "export", "work", "--from", "40001", "--to", "40003", "-o", "part.txt",
    ];
    home.ok(&args);
    let file = home.path().join("part.txt");
    let read = || std::fs::read_to_string(&file).expect("it is there");
    assert_eq!(read(), "40001\n40002\n40003\n");
    assert!(home.fails(&args).contains("--force"));
    home.ok(&[
        "history", "export", "work", "--from", "60001", "-o", "part.txt", "--force",
    ]);
    assert_eq!(read(), "red & <done>\n");
    assert_eq!(home.ok(&["history", "export", "work", "--to", "1h"]), "");
    assert_whole(&home.ok(&["history", "export", "work", "--from", "1h"]));
    assert!(
        home.fails(&["history", "export", "work", "--from", "soon"])
            .contains("2h")
    );
    assert!(home.fails(&["history", "export", "%77"]).contains("%77"));
}

#[test]
fn the_history_of_a_pane_that_is_gone_is_listed_exported_and_deleted() {
    let home = Home::new();
    start(&home, FLOOD, "done");
    end_everything(&home);
    assert_whole(&home.ok(&["history", "export", "%1"]));
    assert_eq!(
        home.ok(&["tail", "-f", "-n", "2", "%1"]),
        "60000\nred & <done>\n"
    );
    let listed: serde_json::Value =
        serde_json::from_str(&home.ok(&["history", "ls", "--json", "--dead"])).expect("JSON");
    assert_eq!(listed[0]["pane"], 1);
    assert_eq!(listed[0]["lines"], 60001);
    assert_eq!(listed[0]["place"], "work:1.1");
    assert_eq!(listed[0]["live"], false);
    let time = |which: &str| listed[0][which].as_u64().expect("a time");
    assert!(time("first-ms") <= time("last-ms"));
    assert!(home.ok(&["history", "ls"]).contains("60001 lines"));
    assert!(home.fails(&["history", "rm", "%1"]).contains("--yes"));
    home.ok(&["history", "rm", "%1", "--yes"]);
    assert!(!pane_dir(&home).exists());
    assert!(home.servers("run").is_empty(), "nothing was started for it");
}

#[test]
fn lines_that_only_the_server_has_are_told_with_their_times() {
    let home = Home::new();
    let before = std::time::SystemTime::now();
    // More than the emulator keeps, less than a block.
    start(&home, "seq 3000; echo up; sleep 1000", "up");
    let listed = home.ok(&["history", "ls", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let before = before
        .duration_since(std::time::UNIX_EPOCH)
        .expect("it is later");
    for which in ["first-ms", "last-ms"] {
        let time = listed[0][which].as_u64().expect(which);
        assert!(time >= before.as_millis() as u64, "{which}");
    }
}

#[test]
fn a_pane_that_lives_is_not_deleted() {
    let home = Home::new();
    start(&home, "echo up; sleep 1000", "up");
    wait_for("its directory", || pane_dir(&home).exists().then_some(()));
    assert!(
        home.fails(&["history", "rm", "%1", "--yes"])
            .contains("lives")
    );
}

#[test]
fn damage_costs_what_it_hit_and_is_told() {
    let home = Home::new();
    start(&home, FLOOD, "done");
    end_everything(&home);
    // Where most of it stands: in the journal, or in blocks by now. The old journal is of no more use then.
    let journal = pane_dir(&home).join("journal");
    let len = |path: &PathBuf| path.metadata().map_or(0, |file| file.len());
    let files = std::fs::read_dir(pane_dir(&home).join("scrollback")).expect("a directory");
    let longest = files.flatten().map(|file| file.path()).max_by_key(len);
    let path = match len(&journal) {
        100_000.. => journal,
        _ => longest.expect("a file of blocks"),
    };
    let len = len(&path);
    let mut bytes = std::fs::read(&path).expect("it can be read");
    bytes[len as usize / 2] ^= 0xff;
    std::fs::write(&path, bytes).expect("it can be written");
    let output = home.wt(&["history", "export", "%1"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success()
            && said.starts_with("wt: lines ")
            && said.ends_with(" of %1 are damaged or gone\n"),
        "{said}"
    );
    let grep = home.wt(&["grep", "^[0-9]*$"]);
    let told = String::from_utf8_lossy(&grep.stderr).into_owned();
    assert_eq!((told, grep.status.code()), (said, Some(2)));
    let (text, whole) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        flood(),
    );
    assert!(text.len() < whole.len() && text.starts_with("1\n2\n") && text.ends_with("<done>\n"));
    let known: std::collections::HashSet<_> = whole.lines().collect();
    assert!(text.lines().all(|line| known.contains(line)));
}

/// A `wt tail -f` that is read line by line.
struct Tail {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Tail {
    fn start(home: &Home, args: &[&str]) -> Tail {
        let mut child = home
            .command(&["tail", "-f"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("wt runs");
        let lines = BufReader::new(child.stdout.take().expect("its output"));
        Tail { child, lines }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("text");
        line.trim_end().to_owned()
    }

    /// The rest until its end, which is a success.
    fn rest(mut self) -> String {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).expect("text");
        assert!(self.child.wait().expect("it ends").success());
        rest
    }
}

#[test]
fn a_pane_is_followed_until_its_end() {
    let home = Home::new();
    start(
        &home,
        "echo one; printf half; read x; echo; seq 30000; read x; clear; echo last",
        "half",
    );
    let mut tail = Tail::start(&home, &["-n", "5", "work"]);
    assert_eq!(
        tail.line(),
        "one",
        "what the cursor has not left is not told"
    );
    home.ok(&["send", "-t", "work", "Enter"]);
    assert_eq!(tail.line(), "half");
    let mut line = tail.line();
    while line.is_empty() {
        line = tail.line();
    }
    for n in 1..=30000 {
        assert_eq!(line, n.to_string());
        if n < 30000 {
            line = tail.line();
        }
    }
    home.ok(&[
        "split",
        "-t",
        "work",
        "--right",
        "--",
        "/bin/sh",
        "-c",
        "sleep 1000",
    ]);
    home.ok(&["send", "-t", "%1", "Enter"]);
    let rest = tail.rest();
    assert_eq!(rest.trim(), "last", "{rest:?}");
}

#[test]
fn a_history_opens_in_the_editor_and_leaves_no_file() {
    let home = Home::new();
    start(&home, FLOOD, "done");
    let editor = home.path().join("editor");
    let script =
        "#!/bin/sh\nls -l \"$2\" > seen; echo \"$1\" >> seen; wc -l < \"$2\" >> seen; exit 3\n";
    std::fs::write(&editor, script).expect("a file");
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .expect("its mode");
    let output = home
        .command(&["history", "open", "work", "--line", "100"])
        .env("EDITOR", "./editor")
        .output()
        .expect("wt runs");
    assert_eq!(output.status.code(), Some(3), "the editor's own");
    let seen = std::fs::read_to_string(home.path().join("seen")).expect("it ran");
    let mut seen = seen.lines();
    assert!(
        seen.next()
            .is_some_and(|listed| listed.starts_with("-rw-------"))
    );
    assert_eq!((seen.next(), seen.next()), (Some("+100"), Some("60001")));
    let left = std::fs::read_dir(home.path())
        .expect("a directory")
        .flatten();
    let sockets = left.filter(|entry| entry.file_name().to_string_lossy().starts_with("wt-"));
    for folder in sockets {
        let files = std::fs::read_dir(folder.path())
            .expect("a directory")
            .flatten();
        let names: Vec<_> = files.map(|file| file.file_name()).collect();
        let is_scratch = |name: &std::ffi::OsString| name.to_string_lossy().contains("scratch");
        assert!(!names.iter().any(is_scratch), "{names:?}");
    }
}

#[test]
fn commands_are_listed_beside_panes_that_cannot_be_read() {
    let home = Home::new();
    let panes = home.state().join("panes");
    let records = |pane: u64| panes.join(pane.to_string()).join("commands");
    std::fs::create_dir_all(records(1)).expect("a directory where a file is expected");
    std::fs::create_dir_all(panes.join("2")).expect("a directory");
    let record = |number: u64| {
        serde_json::json!({
            "number": number, "text": format!("make {number}"), "dir": "/", "exit": 0,
            "started_ms": 1000 * number, "ended_ms": 1000 * number + 1,
            "lines": {"prompt": 10, "output": 11, "end": 14},
        })
    };
    let lines: Vec<String> = (1..=5)
        .map(|number| record(number).to_string() + "\n")
        .collect();
    std::fs::write(records(2), lines.concat()).expect("a file");
    let log = home.wt(&["log", "-n", "2", "--json"]);
    let told = String::from_utf8_lossy(&log.stderr).into_owned();
    assert!(
        told.starts_with("wt: %1: reading ") && log.status.code() == Some(1),
        "{told}"
    );
    let listed: serde_json::Value = serde_json::from_slice(&log.stdout).expect("JSON");
    let ids: Vec<_> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(ids, ["%2/4", "%2/5"]);
    let wanted = serde_json::json!({"prompt": 11, "output": 12, "last": 14});
    assert_eq!(listed[0]["lines"], wanted, "lines are counted from 1");
    assert!(
        home.fails(&["log", "--since", "1960-01-01"])
            .contains("no such day")
    );
}
