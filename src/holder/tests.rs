//! A whole holder, on a thread, and the server's end of its connection.

use super::protocol::{Reply, Request, VERSION};
use super::run::Holder;
use super::wire::{Wire, WireError};
use super::{Exit, HolderEvent, HolderLink, KillSignal, Spawn, Spawned, Status};
use crate::disk::Places;
use crate::disk::places::Roots;
use crate::disk::process::Identity;
use crate::term::Size;
use anyhow::Result;
use std::fs::File;
use std::future::Future;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc;

/// A holder on a thread of this process.
struct Fixture {
    places: Places,
    thread: JoinHandle<Result<()>>,
    _dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let roots = Roots {
            tmp: dir.path().to_owned(),
            config: dir.path().to_owned(),
            state: dir.path().to_owned(),
        };
        let places = Places::under("test", &roots).unwrap();
        let holder = Holder::listen(&places).unwrap();
        Self {
            places,
            thread: std::thread::spawn(|| holder.serve()),
            _dir: dir,
        }
    }

    async fn link(&self) -> (HolderLink, mpsc::Receiver<HolderEvent>) {
        HolderLink::connect(&self.places.holder_socket())
            .await
            .unwrap()
    }

    async fn stop(self) {
        self.link().await.0.stop().await.unwrap();
        self.thread.join().unwrap().unwrap();
    }
}

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let patient = tokio::time::timeout(Duration::from_secs(30), test);
        patient.await.expect("the holder answers in time")
    })
}

fn program(pane: u64, argv: &[&str]) -> Spawn {
    Spawn {
        pane,
        argv: argv.iter().map(|word| word.to_string()).collect(),
        env: vec![
            ("PATH".into(), "/usr/bin:/bin".into()),
            ("HOME".into(), "/".into()),
        ],
        cwd: "/".into(),
        size: Size::new(91, 17),
        meta: vec![1, 2, 3],
    }
}

fn sh(pane: u64, script: &str) -> Spawn {
    program(pane, &["sh", "-c", script])
}

async fn exit_of(events: &mut mpsc::Receiver<HolderEvent>, wanted: u64) -> Exit {
    loop {
        match events.recv().await.unwrap() {
            HolderEvent::Exited { pane, exit } if pane == wanted => return exit,
            HolderEvent::Exited { .. } => {}
            HolderEvent::Gone => panic!("the holder is gone"),
        }
    }
}

/// All that was written to the terminal until everybody had closed it.
fn output(master: OwnedFd) -> String {
    let mut text = Vec::new();
    // The end of a PTY is an error (EIO), after all that was written has been read.
    let _ = File::from(master).read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

fn lines(master: &OwnedFd) -> impl Iterator<Item = String> {
    let file = File::from(master.try_clone().unwrap());
    BufReader::new(file)
        .lines()
        .map(|line| line.unwrap().trim_end().to_owned())
}

#[test]
fn an_exit_code_and_the_last_output_outlive_the_server() {
    run(async {
        let holder = Fixture::new();
        let (link, mut events) = holder.link().await;
        let spawned = link.spawn(sh(7, "stty size; exit 3")).await.unwrap();
        let exit = exit_of(&mut events, 7).await;
        assert_eq!(exit.status, Status::Code(3));
        drop((link, spawned.master));

        let (link, _events) = holder.link().await;
        let mut panes = link.panes().await.unwrap();
        let pane = panes.pop().unwrap();
        assert!(panes.is_empty());
        assert_eq!((pane.pane, pane.pid), (7, spawned.pid));
        assert_eq!(pane.exit, Some(exit));
        assert_eq!((pane.size, pane.meta), (Size::new(91, 17), vec![1, 2, 3]));
        assert_eq!(output(pane.master), "17 91\r\n");
        link.forget(7).await.unwrap();
        assert!(link.panes().await.unwrap().is_empty());
        holder.stop().await;
    });
}

#[test]
fn a_program_has_a_terminal_of_its_own_and_nothing_else() {
    run(async {
        let holder = Fixture::new();
        let (link, _events) = holder.link().await;
        let _other = link.spawn(sh(1, "read x")).await.unwrap();
        let script = "ls /proc/$$/fd; stty -a | grep -o '[-]*iutf8'; \
            ps -o pid=,pgid=,sid=,tpgid= $$; exec grep -E 'Sig(Blk|Ign)' /proc/self/status";
        let spawned = link.spawn(sh(2, script)).await.unwrap();
        let text = output(spawned.master);
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let ignored = u64::from_str_radix(words.pop().unwrap(), 16).unwrap();
        // The C library's own signals, above 31, cannot be reset.
        assert_eq!(ignored & 0x7fff_ffff, 0);
        let pid = spawned.pid.to_string();
        let mut expected = vec!["0", "1", "2", "iutf8", &pid, &pid, &pid, &pid];
        expected.extend(["SigBlk:", "0000000000000000", "SigIgn:"]);
        assert_eq!(words, expected);
        holder.stop().await;
    });
}

#[test]
fn what_cannot_be_started_is_an_error_in_one_line_and_no_pane() {
    run(async {
        let holder = Fixture::new();
        let (link, _events) = holder.link().await;
        let script = holder.places.holder_socket().with_extension("script");
        std::fs::write(&script, "#!/no/interpreter\n").unwrap();
        let plain = script.to_str().unwrap().to_owned();
        let refusal = |words: &[&str]| {
            let (link, spawn) = (link.clone(), program(1, words));
            async move { link.spawn(spawn).await.unwrap_err().to_string() }
        };
        assert_eq!(refusal(&["no-such"]).await, "command not found: no-such");
        assert_eq!(refusal(&["./no"]).await, "command not found: ./no");
        assert_eq!(
            refusal(&["/tmp"]).await,
            "cannot run /tmp: it is a directory"
        );
        assert!(refusal(&[&plain]).await.ends_with("permission denied"));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&script, mode).unwrap();
        assert!(
            refusal(&[&plain])
                .await
                .ends_with("/no/interpreter is missing")
        );
        assert!(refusal(&["sh", "a\0b"]).await.contains("NUL"));
        assert!(link.panes().await.unwrap().is_empty());
        holder.stop().await;
    });
}

#[test]
fn a_missing_directory_is_replaced_and_said() {
    run(async {
        let holder = Fixture::new();
        let (link, _events) = holder.link().await;
        let mut spawn = sh(1, "pwd; echo $PWD");
        spawn.cwd = "/no/such".into();
        let spawned = link.spawn(spawn).await.unwrap();
        assert_eq!(spawned.cwd, "/");
        assert!(spawned.note.unwrap().contains("/no/such"));
        assert_eq!(output(spawned.master), "/\r\n/\r\n");
        holder.stop().await;
    });
}

#[test]
fn no_command_is_the_login_shell() {
    run(async {
        let holder = Fixture::new();
        let (link, _events) = holder.link().await;
        let mut spawn = program(1, &[]);
        spawn.env.push(("SHELL".into(), "/bin/sh".into()));
        spawn.env.push(("PS1".into(), "".into()));
        let spawned = link.spawn(spawn).await.unwrap();
        let mut master = File::from(spawned.master.try_clone().unwrap());
        master.write_all(b"echo I am $0\nexit\n").unwrap();
        let said = lines(&spawned.master).find(|line| line.contains("I am -"));
        assert!(said.unwrap().ends_with("I am -sh"));
        holder.stop().await;
    });
}

#[test]
fn the_whole_session_is_killed_and_its_end_is_known() {
    run(async {
        let holder = Fixture::new();
        let (link, mut events) = holder.link().await;
        let script = "trap '' HUP TERM; (sleep 1000 & echo $!); echo $$; while :; do sleep 1; done";
        let spawned = link.spawn(sh(4, script)).await.unwrap();
        let pids: Vec<u32> = lines(&spawned.master)
            .take(2)
            .map(|line| line.parse().unwrap())
            .collect();
        assert_eq!(pids[1], spawned.pid);
        let orphan = Identity::of(pids[0]).unwrap();
        for signal in [KillSignal::Hup, KillSignal::Term] {
            assert!(link.signal(4, signal).await.unwrap() >= 2);
            assert!(orphan.is_alive(), "{signal:?} is ignored");
        }
        while link.signal(4, KillSignal::Kill).await.unwrap() > 0 {}
        assert!(!orphan.is_alive());
        let exit = exit_of(&mut events, 4).await;
        assert_eq!(exit.status, Status::Signal(9));
        assert!(link.signal(5, KillSignal::Hup).await.is_err());
        holder.stop().await;
    });
}

#[test]
fn the_newest_server_is_the_one_that_counts() {
    run(async {
        let holder = Fixture::new();
        let (_old, mut old_events) = holder.link().await;
        let (new, mut new_events) = holder.link().await;
        assert_eq!(old_events.recv().await, Some(HolderEvent::Gone));
        let _spawned = new.spawn(sh(1, "exit 0")).await.unwrap();
        assert_eq!(exit_of(&mut new_events, 1).await.status, Status::Code(0));
        holder.stop().await;
    });
}

#[test]
fn another_holder_takes_over_from_one_that_died() {
    run(async {
        let first = Fixture::new();
        let (link, _events) = first.link().await;
        let spawned = link.spawn(sh(9, "read x; exit 5")).await.unwrap();
        first.stop().await;

        let second = Fixture::new();
        let (link, mut events) = second.link().await;
        let Spawned {
            pid,
            start_time,
            master,
            ..
        } = spawned;
        let own = master.try_clone().unwrap();
        link.adopt(9, pid, start_time, vec![], own).await.unwrap();
        let (null, _) = std::io::pipe().unwrap();
        assert!(link.adopt(8, pid, 0, vec![], null.into()).await.is_err());
        File::from(master).write_all(b"\n").unwrap();
        // Nobody but this process, which is still its parent here, can reap it.
        let _ = rustix::process::waitpid(
            rustix::process::Pid::from_raw(pid as i32),
            rustix::process::WaitOptions::empty(),
        );
        assert_eq!(exit_of(&mut events, 9).await.status, Status::Unknown);
        second.stop().await;
    });
}

#[test]
fn two_hundred_panes_are_held_at_once() {
    run(async {
        let holder = Fixture::new();
        let (link, _events) = holder.link().await;
        for pane in 0..200 {
            link.spawn(sh(pane, "read x")).await.unwrap();
        }
        let panes = link.panes().await.unwrap();
        assert_eq!(panes.len(), 200);
        assert!(
            panes
                .iter()
                .all(|pane| rustix::termios::isatty(&pane.master))
        );
        assert!(
            link.spawn(sh(3, "true")).await.is_err(),
            "the number is taken"
        );
        holder.stop().await;
    });
}

#[test]
fn a_peer_that_speaks_nonsense_is_dropped_and_nothing_else_happens() {
    run(async {
        let holder = Fixture::new();
        let (link, _events) = holder.link().await;
        let noise: [&[u8]; 4] = [
            &[0xff; 64],
            &[3, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9],
            &[0; 64],
            &[1, 0, 0, 0, 0, 0, 0, 0, 1, 2],
        ];
        for bytes in noise {
            let mut peer = UnixStream::connect(holder.places.holder_socket()).unwrap();
            peer.set_read_timeout(Some(Duration::from_secs(10)))
                .unwrap();
            peer.write_all(bytes).unwrap();
            let closed = match peer.read(&mut [0; 64]) {
                Ok(read) => read == 0,
                Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
            };
            assert!(closed, "{bytes:?}");
        }
        let mut crowd = Vec::new();
        for _ in 0..50 {
            crowd.push(UnixStream::connect(holder.places.holder_socket()).unwrap());
        }
        link.spawn(sh(1, "true")).await.unwrap();
        drop(crowd);
        holder.stop().await;
    });
}

#[test]
fn a_server_too_new_is_told_why() {
    run(async {
        let holder = Fixture::new();
        let mut wire =
            Wire::new(UnixStream::connect(holder.places.holder_socket()).unwrap()).unwrap();
        let mut version = VERSION;
        version.major += 1;
        let hello = Request::Hello {
            version,
            release: "9".into(),
        };
        wire.push(1, &hello, None).unwrap();
        wire.flush().unwrap();
        let reply = loop {
            rustix::event::poll(
                &mut [rustix::event::PollFd::from_borrowed_fd(
                    wire.as_fd(),
                    rustix::event::PollFlags::IN,
                )],
                None,
            )
            .unwrap();
            match wire.receive() {
                Ok(_) | Err(WireError::Closed) => {}
                Err(error) => panic!("{error}"),
            }
            if let Some(frame) = wire.take_frame::<Reply>().unwrap() {
                break frame.body;
            }
        };
        assert!(matches!(reply, Reply::Failed(why) if why.contains("wt 9")));
        holder.stop().await;
    });
}
