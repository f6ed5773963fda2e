//! Commands for targets on another machine: they say what they would say there, and what they start there ends with
//! them.

use crate::support::desk::{Desk, free_port};
use crate::support::home::{is_alive, kill};
use crate::support::{Home, wait_for};
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Types a command into a session, and waits until its last line is shown.
fn run_in(home: &Home, session: &str, command: &str, last: &str) {
    home.ok(&["send", "-t", session, command, "Enter"]);
    wait_for(last, || {
        let shown = home.ok(&["capture", "-t", session]);
        shown.lines().any(|line| line == last).then_some(())
    });
}

fn start(home: &Home, args: &[&str]) -> Child {
    home.command(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("wt runs")
}

#[test]
fn commands_that_read_say_what_they_say_there() {
    let desk = Desk::open();
    let (there, here) = (&desk.server, &desk.client);
    run_in(there, "work", "seq 40", "40");
    let network = format!("wt://{}/work", desk.address);
    for target in ["desk/work", "desk/%1", "desk/", &network] {
        let rest = target.rsplit('/').next().expect("a target");
        let mut wanted = vec!["tail", "-n", "7"];
        wanted.extend((!rest.is_empty()).then_some(rest));
        assert_eq!(here.ok(&["tail", "-n", "7", target]), there.ok(&wanted));
    }
    assert_eq!(
        here.ok(&["capture", "-t", "desk/work", "--history"]),
        there.ok(&["capture", "-t", "work", "--history"])
    );
    assert_eq!(
        here.ok(&["capture", "-t", "desk/work", "--ansi"]),
        there.ok(&["capture", "-t", "work", "--ansi"])
    );
    let found = here.ok(&["grep", "-C", "1", "^3[12]$", "-p", "desk/work"]);
    assert_eq!(
        found,
        there.ok(&["grep", "-C", "1", "^3[12]$", "-p", "work"])
    );
    assert!(found.contains("32"), "{found}");
    let all = here.ok(&["grep", "--all", "--json", "-p", "desk/", "^7$"]);
    assert_eq!(all, there.ok(&["grep", "--all", "--json", "^7$"]));
    let nothing = here.wt(&["grep", "-p", "desk/", "nothing like it"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert_eq!(here.ok(&["log", "-t", "desk/"]), there.ok(&["log"]));
    // What is on disk grows by a snapshot now and then.
    wait_for("the same list", || {
        let list = here.ok(&["history", "ls", "desk/", "--json"]);
        (list == there.ok(&["history", "ls", "--json"])).then_some(())
    });
    here.ok(&["history", "export", "desk/work", "-o", "page.html"]);
    let page = std::fs::read_to_string(here.path().join("page.html")).expect("a page");
    assert_eq!(
        page,
        there.ok(&["history", "export", "work", "--format", "html"])
    );
    let prune = ["--older-than", "1d", "--dry-run"];
    wait_for("the same answer", || {
        let said = here.ok(&[&["history", "prune", "desk/"][..], &prune].concat());
        (said == there.ok(&[&["history", "prune"][..], &prune].concat())).then_some(())
    });
}

#[test]
fn what_is_wrong_there_is_said_here_in_one_line() {
    let desk = Desk::open();
    let here = &desk.client;
    let said = here.fails(&["tail", "desk/nowhere"]);
    assert_eq!(said, desk.server.fails(&["tail", "nowhere"]));
    let said = here.fails(&["history", "export", "desk/%77", "-o", "x.txt"]);
    assert!(said.contains("%77"), "{said}");
    assert!(!here.path().join("x.txt").exists());
    let said = here.fails(&["tail", "desk/lap/work"]);
    assert!(said.contains("no server goes on to another"), "{said}");
    let said = here.fails(&["history", "rm", "desk/%1", "--yes"]);
    assert!(said.contains("lives"), "{said}");
    let said = here.fails(&["tail", "unknown/work"]);
    assert!(said.contains("no host \"unknown\""), "{said}");
}

/// Pids of what the server runs for clients elsewhere.
fn errands(home: &Home) -> Vec<u32> {
    home.servers("errand")
}

#[test]
fn following_goes_on_until_it_is_interrupted_and_ends_there_too() {
    let desk = Desk::open();
    let mut tail = start(&desk.client, &["tail", "-f", "desk/work"]);
    let mut lines = BufReader::new(tail.stdout.take().expect("an output")).lines();
    wait_for("the errand", || {
        (errands(&desk.server).len() == 1).then_some(())
    });
    desk.server
        .ok(&["send", "-t", "work", "echo new-$((1+1))", "Enter"]);
    let new = lines.find(|line| line.as_deref().is_ok_and(|line| line == "new-2"));
    assert!(new.is_some(), "it ended");
    let worker = errands(&desk.server)[0];
    kill(tail.id(), 2);
    let status = tail.wait().expect("an end");
    assert_eq!(status.code(), Some(130));
    wait_for("its end there", || (!is_alive(worker)).then_some(()));
}

#[test]
fn what_runs_for_others_ends_with_a_killed_server() {
    let desk = Desk::open();
    let mut tail = start(&desk.client, &["tail", "-f", "desk/work"]);
    let worker = wait_for("the errand", || errands(&desk.server).first().copied());
    // Nothing is printed that it could fail to pass on.
    desk.server.kill_server();
    wait_for("its end there", || (!is_alive(worker)).then_some(()));
    kill(tail.id(), 2);
    tail.wait().expect("an end");
}

#[test]
fn what_is_searched_for_is_seen_by_no_other_user_there() {
    let desk = Desk::open();
    let mut tail = start(&desk.client, &["tail", "-f", "desk/work"]);
    let worker = wait_for("the errand", || errands(&desk.server).first().copied());
    let arguments = std::fs::read_to_string(format!("/proc/{worker}/cmdline"));
    let arguments = arguments.expect("its arguments");
    assert!(arguments.ends_with("\0server\0errand\0"), "{arguments:?}");
    kill(tail.id(), 2);
    tail.wait().expect("an end");
}

/// How many bytes a process has written.
fn written_by(pid: u32) -> u64 {
    let io = std::fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
    let written = io.lines().find_map(|line| line.strip_prefix("wchar: "));
    written.map_or(0, |bytes| bytes.parse().expect("a number"))
}

#[test]
fn who_reads_no_more_is_written_to_no_more() {
    let desk = Desk::open();
    let rows = "seq -f '%060.0f' 50000; echo all-$((1+1))";
    run_in(&desk.server, "work", rows, "all-2");
    let mut export = start(&desk.client, &["history", "export", "desk/work"]);
    let mut out = BufReader::new(export.stdout.take().expect("an output"));
    let mut first = String::new();
    out.read_line(&mut first).expect("a line");
    assert!(!first.is_empty(), "{:?}", export.wait_with_output());
    // Nobody reads on: what is on the way fills up, and the worker there waits.
    let worker = wait_for("the errand", || errands(&desk.server).first().copied());
    let mut last = (0, Instant::now());
    let written = wait_for("a standstill", || {
        let written = written_by(worker);
        if !is_alive(worker) {
            let _ = export.kill();
            let mut said = String::new();
            let errors = export.stderr.as_mut().expect("its errors");
            let _ = std::io::Read::read_to_string(errors, &mut said);
            panic!(
                "the errand ended by itself; the client: {said:?}, {:?}",
                export.try_wait()
            );
        }
        if written != last.0 {
            last = (written, Instant::now());
        }
        // One write that waits is counted once it is over; a line of it has come, though.
        (last.1.elapsed() > Duration::from_secs(2)).then_some(written)
    });
    assert!(written < 2 << 20, "{written} of 3 MB");
    drop(out);
    let _ = export.wait();
    wait_for("its end there", || (!is_alive(worker)).then_some(()));
}

#[test]
fn sessions_are_made_and_brought_back_there() {
    let desk = Desk::open();
    let (there, here) = (&desk.server, &desk.client);
    let dir = there.path().join("src");
    std::fs::create_dir(&dir).expect("a directory");
    let made = here.ok(&[
        "new",
        "-d",
        "-P",
        "-s",
        "desk/build",
        "-c",
        "src",
        "-e",
        "MINE=1",
        "--",
        "/bin/sh",
        "-c",
        "pwd; echo mine=$MINE ssh=${SSH_CONNECTION%% *}; echo over; exec cat",
    ]);
    assert!(made.starts_with("build %"), "{made}");
    let shown = wait_for("its output", || {
        let shown = there.ok(&["capture", "-t", "build"]);
        shown.lines().any(|line| line == "over").then_some(shown)
    });
    assert!(shown.contains(&*dir.to_string_lossy()), "{shown}");
    assert!(shown.contains("mine=1 ssh=127.0.0.1"), "{shown}");
    there.cut_the_power();
    there.ok(&["ls"]);
    assert_eq!(here.ok(&["resume", "-d", "desk/build"]), "build\n");
}

#[test]
fn programs_of_a_viewer_elsewhere_know_where_that_is() {
    let desk = Desk::open();
    let mut outer = desk.client.open(&["attach", "desk/work"], 80, 24);
    outer.wait_prompt();
    // What ran before asks; what starts now has it.
    wait_for("the variables", || {
        let env = desk.server.ok(&["env", "-t", "work"]);
        env.contains("export SSH_CLIENT='127.0.0.1 ").then_some(())
    });
    outer.send("\x02c");
    outer.wait("another tab", |rows| {
        rows.iter().any(|row| row.contains("2:sh"))
    });
    outer.wait_prompt();
    outer.send("echo \"from ${SSH_CONNECTION%% *} to ${SSH_CONNECTION##* }\"\r");
    outer.wait_text(&format!("from 127.0.0.1 to {}", desk.address.port()));
}

#[test]
fn the_configuration_says_where_the_server_listens() {
    let home = Home::new();
    let (one, other) = (free_port(), UdpSocket::bind("127.0.0.1:0").expect("a port"));
    let taken = other.local_addr().expect("an address");
    let listen = |addresses: &[String]| {
        let quoted: Vec<_> = addresses.iter().map(|one| format!("{one:?}")).collect();
        let shell = "shell = [\"/bin/sh\"]\n";
        home.configure(&format!("{shell}listen = [{}]\n", quoted.join(", ")));
    };
    listen(&[one.to_string(), taken.to_string()]);
    home.ok(&["new", "-d", "-s", "work"]);
    let status = home.ok(&["server", "status"]);
    assert!(status.contains(&format!("{one} (config.toml)")), "{status}");
    let warning = status.lines().find(|line| line.starts_with("warning"));
    let warning = warning.unwrap_or_else(|| panic!("{status}"));
    assert!(warning.contains(&taken.to_string()), "{warning}");
    let doctor = home.wt(&["doctor"]);
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(
        said.contains(&format!("listens UDP {one} (config.toml)")),
        "{said}"
    );
    // It goes on where the port is free again, and stops where it is not asked for any more.
    drop(other);
    listen(&[taken.to_string()]);
    home.ok(&["reload"]);
    let status = home.ok(&["status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    let listening = &status["server"]["listening"];
    assert_eq!(listening[0]["address"], taken.to_string());
    assert_eq!(listening[0]["asked_by"], "config.toml");
    assert_eq!(listening.as_array().map(Vec::len), Some(1));
    assert_eq!(status["server"]["warnings"], serde_json::json!([]));
    UdpSocket::bind(one).expect("it is free again");
    home.ok(&["server", "restart"]);
    let status = home.ok(&["server", "status"]);
    assert!(
        status.contains(&format!("{taken} (config.toml)")),
        "{status}"
    );
}

#[test]
fn what_is_heard_already_is_no_fault_of_the_configuration() {
    let desk = Desk::open();
    let address = desk.address;
    desk.server.configure(&format!(
        "shell = [\"/bin/sh\"]\nlisten = [\"{address}\"]\n"
    ));
    for _ in 0..2 {
        desk.server.ok(&["reload"]);
        let status = desk.server.ok(&["server", "status"]);
        assert!(status.contains(&address.to_string()), "{status}");
        assert!(!status.contains("not heard"), "{status}");
        desk.server.ok(&["server", "restart"]);
    }
    assert_eq!(desk.client.ok(&["tail", "-n", "0", "desk/work"]), "");
}

/// An address of the configuration does not stand for all that others have asked for at its port.
#[test]
fn hosts_that_are_locked_out_are_told_of() {
    let desk = Desk::open();
    let port = desk.address.port();
    desk.server.cut_the_power();
    let kept = desk.server.state().join("listening");
    std::fs::write(kept, format!("0.0.0.0:{port}\n")).expect("a file");
    desk.server.configure(&format!(
        "shell = [\"/bin/sh\"]\nlisten = [\"127.0.0.1:{port}\"]\n"
    ));
    let status = || {
        desk.server.ok(&["new", "-d", "-s", "other"]);
        desk.server.ok(&["server", "status"])
    };
    let wanted = format!("not heard at 0.0.0.0:{port}");
    let status = status();
    assert!(status.contains(&wanted), "{status}");
}
