//! Encryption at rest: what stands on disk without its key, and with another.

use crate::support::{Home, wait_for};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const PLAIN: &str = "shell = [\"/bin/sh\"]\npredict = \"never\"\n";
const SEALED: &str = "shell = [\"/bin/sh\"]\npredict = \"never\"\n[history]\nencrypt = true\n";

/// All files below a folder, but for sockets and locks.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut folders, mut found) = (vec![dir.to_owned()], BTreeMap::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                found.insert(path, bytes);
            }
        }
    }
    found
}

/// The files of the state directory in which `text` stands.
fn holding(home: &Home, text: &str) -> Vec<PathBuf> {
    let holds = |bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    let found = files(&home.state()).into_iter();
    found
        .filter(|(_, bytes)| holds(bytes))
        .map(|(path, _)| path)
        .collect()
}

/// The files that hold what a pane printed.
fn contents(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = files(&home.state().join("panes"));
    let is_content = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default();
        name.ends_with(".seg") || ["journal", "journal.old", "snapshot", "commands"].contains(&name)
    };
    found.retain(|path, _| is_content(path));
    found
}

/// Prints 20,000 lines that begin with `word` in pane 1, and waits until blocks of them and the last one stand on disk.
fn print_many(home: &Home, word: &str) {
    let line = format!("seq -f '{word}-%05g' 10001 30000; printf '\\033]2;{word} title\\007'");
    home.ok(&["send", "-t", "work", &line, "Enter"]);
    wait_for("the last line", || {
        let shown = home.ok(&["capture", "-t", "work"]);
        shown.contains(&format!("{word}-30000")).then_some(())
    });
    let journal = home.state().join("panes/1/journal");
    let snapshot = home.state().join("panes/1/snapshot");
    let segment = home.state().join("panes/1/scrollback/00000000.seg");
    let now = std::time::SystemTime::now();
    let is_new = |path: &Path| {
        let written = path.metadata().ok()?.modified().ok()?;
        let is_old = now.elapsed().is_ok_and(|since| since.as_secs() > 2);
        (written >= now || is_old).then_some(())
    };
    wait_for("the files", || {
        is_new(&journal)?;
        is_new(&snapshot)?;
        (segment.metadata().ok()?.len() > 10_000).then_some(())
    });
}

fn exported(home: &Home, word: &str) -> usize {
    let text = home.ok(&["history", "export", "%1"]);
    let lines = text.lines();
    lines
        .filter(|line| line.starts_with(&format!("{word}-")))
        .count()
}

#[test]
fn nothing_that_was_printed_can_be_read_without_the_key() {
    let home = Home::new();
    home.configure(SEALED);
    home.ok(&["new", "-d", "-s", "work"]);
    print_many(&home, "quicksilver");
    home.kill_server();
    assert_eq!(holding(&home, "quicksilver"), Vec::<PathBuf>::new());
    let key = home.state().join("history.key");
    let mode = key.metadata().expect("it was made").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // The next server opens all of it.
    assert!(
        home.ok(&["capture", "-t", "work"])
            .contains("quicksilver-30000")
    );
    assert_eq!(exported(&home, "quicksilver"), 20_000);
    let found = home.ok(&["grep", "--all", "quicksilver-10007"]);
    assert_eq!(found.lines().count(), 1, "{found}");
    home.ok(&["server", "stop"]);
    assert_eq!(holding(&home, "quicksilver"), Vec::<PathBuf>::new());
    assert_eq!(exported(&home, "quicksilver"), 20_000);
}

#[test]
fn commands_are_sealed_and_come_back() {
    let home = Home::new();
    home.configure(&SEALED.replace("/bin/sh", "/bin/bash"));
    home.ok(&["new", "-d", "-s", "work"]);
    let argv = ["/bin/sh", "-c", "echo amalgam-$((1+1)); exec sleep 1000"];
    home.ok(&[&["new", "-d", "-s", "argv", "--"][..], &argv].concat());
    let logged = |count: usize| {
        let log = home.ok(&["log", "--json"]);
        (log.matches("quicksilver").count() >= count).then_some(())
    };
    home.ok(&["send", "-t", "work", "true quicksilver one", "Enter"]);
    wait_for("the first command", || logged(1));
    home.ok(&[
        "send",
        "-t",
        "work",
        "sleep 1000 # quicksilver two",
        "Enter",
    ]);
    wait_for("the second command", || logged(2));
    wait_for("the other pane", || {
        let shown = home.ok(&["capture", "-t", "argv"]);
        shown.contains("amalgam-2").then_some(())
    });
    wait_for("both snapshots", || {
        let found = contents(&home);
        let snapshots = found.keys().filter(|path| path.ends_with("snapshot"));
        (snapshots.count() == 2).then_some(())
    });
    home.cut_the_power();
    assert_eq!(holding(&home, "quicksilver"), Vec::<PathBuf>::new());
    assert_eq!(holding(&home, "amalgam"), Vec::<PathBuf>::new());
    assert_eq!(logged(2), Some(()));
    // What ran is offered again.
    let outer = home.open(&["resume", "work"], 100, 30);
    outer.wait_text("sleep 1000 # quicksilver two");
    outer.wait_text("r runs");
    std::fs::remove_file(home.state().join("history.key")).expect("it was made");
    let log = home.wt(&["log"]);
    let said = String::from_utf8_lossy(&log.stderr).into_owned();
    assert!(
        said.contains("nothing is shown") && log.stdout.is_empty(),
        "{said}"
    );
}

#[test]
fn without_encryption_it_stands_there() {
    let home = Home::new();
    home.configure(PLAIN);
    home.ok(&["new", "-d", "-s", "work"]);
    print_many(&home, "quicksilver");
    home.kill_server();
    assert!(!holding(&home, "quicksilver").is_empty());
    assert!(!home.state().join("history.key").exists());
}

#[test]
fn a_lost_key_costs_nothing_once_it_is_back() {
    let home = Home::new();
    home.configure(SEALED);
    home.ok(&["new", "-d", "-s", "work"]);
    print_many(&home, "quicksilver");
    home.cut_the_power();
    let before = contents(&home);
    let (key, away) = (home.state().join("history.key"), home.path().join("away"));
    std::fs::rename(&key, &away).expect("it was made");
    let told = home.fails(&["history", "export", "%1"]);
    assert!(told.contains("sealed"), "{told}");
    assert!(home.ok(&["history", "ls"]).contains("sealed"));
    let grep = home.wt(&["grep", "--all", "quicksilver"]);
    let said = String::from_utf8_lossy(&grep.stderr).into_owned();
    assert!(grep.stdout.is_empty() && said.contains("sealed"), "{said}");
    // A server that comes without the key brings the session back, prints, and is stopped.
    for config in [PLAIN, SEALED] {
        home.configure(config);
        home.ok(&["resume", "-d"]);
        home.ok(&["pane", "restart", "-t", "work"]);
        home.ok(&[
            "send",
            "-t",
            "work",
            "seq 50000; echo over-$((1+1))",
            "Enter",
        ]);
        wait_for("its output", || {
            let shown = home.ok(&["capture", "-t", "work"]);
            shown.contains("over-2").then_some(())
        });
        let status = home.ok(&["server", "status"]);
        assert!(status.contains("sealed with a key"), "{status}");
        home.cut_the_power();
        assert_eq!(contents(&home), before);
    }
    std::fs::rename(&away, &key).expect("it is there");
    assert_eq!(exported(&home, "quicksilver"), 20_000);
}

#[test]
fn another_passphrase_opens_nothing_and_overwrites_nothing() {
    let home = Home::new();
    let file = home.path().join("passphrase");
    let tell = |text: &str| {
        std::fs::write(&file, text).expect("written");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("it is ours");
    };
    tell("correct horse\n");
    home.configure(&format!("{SEALED}passphrase-file = \"~/passphrase\"\n"));
    home.ok(&["new", "-d", "-s", "work"]);
    print_many(&home, "quicksilver");
    home.cut_the_power();
    assert_eq!(holding(&home, "quicksilver"), Vec::<PathBuf>::new());
    assert_eq!(holding(&home, "correct horse"), Vec::<PathBuf>::new());
    let before = contents(&home);
    let salt = std::fs::read(home.state().join("history.salt")).expect("it was made");
    tell("battery staple\n");
    let told = home.fails(&["history", "export", "%1"]);
    assert!(told.contains("passphrase"), "{told}");
    home.ok(&["resume", "-d"]);
    home.ok(&["new", "-d", "-s", "other"]);
    let status = home.ok(&["server", "status"]);
    assert!(status.contains("is not the one"), "{status}");
    home.cut_the_power();
    let mut after = contents(&home);
    after.retain(|path, _| before.contains_key(path));
    assert_eq!(after, before);
    assert_eq!(
        std::fs::read(home.state().join("history.salt")).expect("it stays"),
        salt
    );
    tell("correct horse");
    assert_eq!(exported(&home, "quicksilver"), 20_000);
}

#[test]
fn it_can_be_switched_on_and_off_midway() {
    let home = Home::new();
    home.configure(PLAIN);
    home.ok(&["new", "-d", "-s", "work"]);
    for (config, word) in [(PLAIN, "lead"), (SEALED, "quicksilver"), (PLAIN, "tin")] {
        home.configure(config);
        home.ok(&["server", "status"]);
        print_many(&home, word);
    }
    assert!(!holding(&home, "tin-").is_empty());
    home.kill_server();
    home.ok(&["ls"]);
    home.cut_the_power();
    for word in ["lead", "quicksilver", "tin"] {
        assert_eq!(exported(&home, word), 20_000, "{word}");
    }
}
