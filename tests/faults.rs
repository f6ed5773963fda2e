//! Bad input and a bad world: a clear word or a bounded effect, and nothing else lost.

use crate::support::{Home, noise, wait_for};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

#[test]
fn hostile_output_is_drawn_or_ignored() {
    let home = Home::new();
    std::fs::write(home.path().join("noise"), noise(1_000_000, 1)).expect("a file");
    let mut outer = home.open(&["new"], 80, 24);
    outer.wait_prompt();
    outer.send("cat noise; printf '\\033c\\033[m'; echo sane-$((1+1))\r");
    outer.wait_text("sane-2");
    // Random queries were answered, and the answers wait in the shell's line: drop it. The model of the terminal
    // disagrees with wt about the widths of some characters, so that cells may stay filled behind the text.
    outer.send("\x03");
    outer.wait("the line to be dropped", |rows| {
        let dropped = rows.iter().position(|row| row.contains("^C"));
        dropped.is_some_and(|at| rows[at + 1..].iter().any(|row| row.starts_with('$')))
    });
    outer.send("echo typed-$((2+2))\r");
    outer.wait_text("typed-4");
}

#[test]
fn what_arrives_raw_at_the_terminal_is_ours() {
    let home = Home::new();
    let mut outer = home.open(&["new"], 80, 24);
    outer.wait_prompt();
    outer.send("printf '\\033]0;evil\\007title\\033Pq#0\\033\\\\\\033_Ga=T\\033\\\\\\033[21t\\033[?1049h\\033[>c'; echo sane-$((1+1))\r");
    outer.wait_text("sane-2");
    let raw = String::from_utf8_lossy(&outer.raw()).into_owned();
    for strange in ["\x1bPq", "\x1b_G", "\x1b[21t", "\x1b[>c"] {
        assert!(!raw.contains(strange), "{strange:?} reached the terminal");
    }
}

#[test]
fn strangers_at_the_socket_are_turned_away() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    let socket = wait_for("the socket", || find_socket(&home));
    for noise in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0xff; 4096],
        &[0, 1, 0xff, 0xff, 0xff, 0xff],
        &[],
    ] {
        let mut stream = UnixStream::connect(&socket).expect("the server listens");
        let _ = stream.write_all(noise);
    }
    assert!(home.ok(&["ls"]).contains("work"));
    assert_eq!(
        std::fs::metadata(&socket)
            .expect("the socket")
            .permissions()
            .mode()
            & 0o077,
        0
    );
    let dir = socket.parent().expect("its directory").to_owned();
    assert_eq!(
        std::fs::metadata(dir)
            .expect("its directory")
            .permissions()
            .mode()
            & 0o077,
        0
    );
}

fn find_socket(home: &Home) -> Option<std::path::PathBuf> {
    let text = home.ok(&["server", "status"]);
    let line = text.lines().find(|line| line.starts_with("socket"))?;
    Some(line.split_whitespace().nth(1)?.into())
}

#[test]
fn a_stale_socket_is_no_obstacle() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "one"]);
    home.kill_server();
    // Any command takes up what the holder still has.
    assert!(home.ok(&["ls"]).contains("one"));
    assert_eq!(
        home.list()[0]["tabs"][0]["name"],
        "sh",
        "what runs is known"
    );
    home.kill_server();
    home.ok(&["new", "-d", "-s", "two"]);
    let names: Vec<_> = home
        .list()
        .as_array()
        .expect("a list")
        .iter()
        .map(|s| s["name"].clone())
        .collect();
    assert_eq!(
        names,
        ["one", "two"],
        "the first session's shell was taken up"
    );
}

#[test]
fn two_firsts_at_once_meet_one_server() {
    let home = Home::new();
    std::thread::scope(|scope| {
        for n in 0..6 {
            let home = &home;
            scope.spawn(move || home.ok(&["new", "-d", "-s", &format!("s{n}")]));
        }
    });
    assert_eq!(home.list().as_array().map(Vec::len), Some(6));
    assert_eq!(home.servers("run").len(), 1);
}

#[test]
fn an_unwritable_state_directory_is_said() {
    let home = Home::new();
    let state = home.path().join("state");
    std::fs::remove_dir_all(&state).expect("the state of a new home");
    if rustix::process::geteuid().is_root() {
        // Root writes everywhere: a file in the way has the same effect.
        std::fs::write(&state, "in the way").expect("a file");
        assert!(home.fails(&["new", "-d"]).contains("state"));
        return;
    }
    std::fs::create_dir(&state).expect("a directory");
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o500)).expect("permissions");
    assert!(home.fails(&["new", "-d"]).contains("state"));
}

#[test]
fn a_socket_directory_open_to_others_is_refused() {
    let home = Home::new();
    let dir = home
        .path()
        .join(format!("wt-{}", rustix::process::getuid().as_raw()));
    std::fs::create_dir(&dir).expect("a directory");
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o777)).expect("permissions");
    assert!(home.fails(&["new", "-d"]).contains("wt-"));
}

#[test]
fn the_smallest_terminal_works() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 1, 1);
    outer.send("\x02%\x02\"\x02c\x02z\x02[gq");
    outer.resize(80, 24);
    outer.send("clear; echo grown-$((1+1))\r");
    outer.wait_text("grown-2");
}

#[test]
fn a_large_paste_arrives_whole() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    outer.send(
        "stty raw -echo; echo re''ady; head -c 8000000 | md5sum; stty sane; echo over-$((1+1))\r",
    );
    outer.wait_text("ready");
    let line: Vec<u8> = (0..8_000_000u32).map(|n| b'a' + (n % 23) as u8).collect();
    outer.send(b"\x1b[200~");
    outer.send(&line);
    outer.send(b"\x1b[201~");
    outer.wait_text("over-2");
    let sum = std::process::Command::new("md5sum")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn();
    let mut sum = sum.expect("md5sum");
    sum.stdin
        .take()
        .expect("a pipe")
        .write_all(&line)
        .expect("md5sum reads");
    let expected =
        String::from_utf8_lossy(&sum.wait_with_output().expect("md5sum").stdout)[..32].to_owned();
    outer.wait_text(&expected);
}

#[test]
fn a_damaged_state_does_not_stop_the_server() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    wait_for("the sessions on disk", || {
        std::fs::read_dir(home.state())
            .ok()?
            .flatten()
            .any(|e| e.file_name().to_string_lossy().contains("sessions"))
            .then_some(())
    });
    home.kill_server();
    for entry in walk(&home.state()) {
        if entry.extension().is_none_or(|e| e != "log" && e != "lock") {
            std::fs::write(&entry, "garbage\0\u{1}\u{2}").expect("a file");
        }
    }
    home.ok(&["new", "-d", "-s", "other"]);
    let names: Vec<_> = home
        .list()
        .as_array()
        .expect("a list")
        .iter()
        .map(|s| s["name"].clone())
        .collect();
    assert!(
        names.contains(&"work".into()) && names.contains(&"other".into()),
        "{names:?}: the pane's session is known to the holder"
    );
}

#[test]
fn two_servers_do_not_share_one_state() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    let elsewhere = home.path().join("other");
    std::fs::create_dir(&elsewhere).expect("a directory");
    let other = |args: &[&str]| {
        std::process::Command::new(crate::support::home::WT)
            .args(args)
            .env_clear()
            .envs(home.env())
            .env("WT_TMPDIR", &elsewhere)
            .output()
            .expect("wt runs")
    };
    let refused = other(&["new", "-d", "-s", "mine"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(
        (refused.status.code(), said.lines().count()),
        (Some(1), 1),
        "{said}"
    );
    assert!(
        said.contains("socket elsewhere") && said.contains("XDG_STATE_HOME"),
        "{said}"
    );
    let pid = home.servers("run")[0].to_string();
    assert!(said.contains(&pid), "{said}");
    assert!(home.ok(&["ls"]).contains("work"));
    // It holds for as long as that server runs.
    home.ok(&["server", "stop"]);
    let taken = other(&["new", "-d", "-s", "mine"]);
    assert!(
        taken.status.success(),
        "{}",
        String::from_utf8_lossy(&taken.stderr)
    );
    other(&["server", "stop"]);
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(walk(&path))
        } else {
            files.push(path)
        }
    }
    files
}

#[test]
fn a_configuration_without_an_end_hangs_nobody() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 120, 24);
    outer.wait_prompt();
    let file = home.path().join("config/wt/config.toml");
    let replace = |with: &dyn Fn(&std::path::Path)| {
        let new = file.with_extension("new");
        with(&new);
        std::fs::rename(&new, &file).expect("a file in the place of another");
    };
    replace(&|new| {
        let made = std::process::Command::new("mkfifo").arg(new).status();
        assert!(made.is_ok_and(|status| status.success()), "a pipe");
    });
    outer.wait_text("it is no file");
    replace(&|new| std::os::unix::fs::symlink("/dev/zero", new).expect("a link"));
    outer.send("echo alive-$((1+1))\r");
    outer.wait_text("alive-2");
    home.ok(&["split", "-t", "work"]);
    outer.wait_text("│");
    let long = format!("# {}\n", "x".repeat(2 << 20));
    replace(&|new| std::fs::write(new, &long).expect("a file"));
    outer.wait_text("larger than 1 MiB");
}

/// A program that is always in the middle of a synchronized update (mode 2026) is drawn late. Keys for another pane are
/// not: if each of these waited for it, as frames do, all together would take two seconds.
#[test]
fn an_update_held_open_delays_no_key_of_another_pane() {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work", "--", "cat"]);
    let holds = r"while :; do printf '\033[?2026l\033[?2026hx\r'; sleep 0.01; done";
    let split = ["split", "-t", "work", "--no-focus", "--down", "--"];
    home.ok(&[&split[..], &["sh", "-c", holds]].concat());
    let mut outer = home.open(&["attach", "work"], 60, 10);
    let mut typed = String::from("typed:");
    outer.send(&typed);
    outer.wait_text(&typed);
    let start = Instant::now();
    for letter in ('a'..='z').chain('a'..='k') {
        typed.push(letter);
        outer.send(letter.to_string());
        outer.wait_text(&typed);
    }
    let taken = start.elapsed();
    assert!(taken < Duration::from_millis(1500), "{taken:?}");
}
