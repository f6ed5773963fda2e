//! What goes over links beside the views: files, forwarded ports, the ssh agent, the clipboard, the environment.

use crate::support::home::{WT, kill};
use crate::support::{Home, Outer, has, noise, wait_for};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use wt::protocol::files::{FileKind, FileReply, FileRequest, Meta};
use wt::protocol::hello::{VERSION, Welcome};
use wt::protocol::request::{Reply, Request};
use wt::protocol::{FrameReader, Message, Side};

/// A home with a server.
fn served() -> Home {
    let home = Home::new();
    home.ok(&["new", "-d", "-s", "work"]);
    home
}

/// A child that ends with the test.
struct Running(Child);

impl Running {
    fn wt(home: &Home, args: &[&str]) -> Self {
        let mut command = Command::new(WT);
        command.args(args).env_clear().envs(home.env());
        command.current_dir(home.path());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().expect("wt runs"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_large_file_goes_there_and_back() {
    let home = served();
    let whole = noise(50_000_000, 1);
    let at = |name: &str| home.path().join(name);
    fs::write(at("here"), &whole).expect("a file");
    fs::create_dir(at("there")).expect("a directory");
    home.ok(&["cp", "here", ":there"]);
    assert!(fs::read(at("there/here")).expect("a copy") == whole);
    home.ok(&["cp", ":~/there/here", "back"]);
    assert!(fs::read(at("back")).expect("a copy") == whole);
    for dir in ["", "there"] {
        let left = fs::read_dir(at(dir)).expect("a directory").flatten();
        let left = left.filter(|it| it.file_name().to_string_lossy().contains("wt-part"));
        assert_eq!(left.count(), 0);
    }
}

#[test]
fn a_copy_that_was_cut_goes_on_where_it_was() {
    let home = served();
    let at = |name: &str| home.path().join(name);
    // Most of it is a hole, which is read quickly but sent like all else.
    let source = fs::File::create(at("here")).expect("a file");
    source.set_len(400_000_000).expect("a hole");
    (&source).write_all(&noise(1000, 2)).expect("a beginning");
    let cut = |args: &[&str], part: PathBuf| {
        let copying = Running::wt(&home, args);
        wait_for("a part", || {
            fs::metadata(&part)
                .is_ok_and(|it| it.len() > 2_000_000)
                .then_some(())
        });
        kill(copying.0.id(), 9);
        drop(copying);
        assert!(part.exists(), "it was quicker than the test");
    };
    cut(&["cp", "here", ":up"], at(".up.wt-part"));
    wait_for("the server to let go of it", || {
        home.wt(&["cp", "here", ":up"])
            .status
            .success()
            .then_some(())
    });
    cut(&["cp", ":here", "down"], at(".down.wt-part"));
    let before = fs::metadata(at(".down.wt-part")).expect("a part").ino();
    home.ok(&["cp", ":here", "down"]);
    assert_eq!(fs::metadata(at("down")).expect("a copy").ino(), before);
    for copy in ["up", "down"] {
        let same = Command::new("cmp").arg(at("here")).arg(at(copy)).status();
        assert!(same.expect("cmp").success());
    }
    let log = fs::read_to_string(home.state().join("server.log")).expect("a log");
    assert!(log.contains("a copy goes on where it was cut"));
}

/// What is in a directory and all below it: names, permissions, seconds and contents.
fn tree(dir: &Path) -> Vec<(String, u32, i64, Vec<u8>)> {
    let (mut dirs, mut found) = (vec![dir.to_owned()], Vec::new());
    while let Some(next) = dirs.pop() {
        for entry in fs::read_dir(next).expect("a directory").flatten() {
            let meta = fs::metadata(entry.path()).expect("an entry");
            let name = entry.path().strip_prefix(dir).expect("below").to_owned();
            let mut contents = Vec::new();
            if meta.is_dir() {
                dirs.push(entry.path());
            } else if meta.is_file() {
                contents = fs::read(entry.path()).expect("a file");
            }
            let name = name.to_string_lossy().into_owned();
            found.push((name, meta.mode() & 0o777, meta.mtime(), contents));
        }
    }
    found.sort();
    found
}

#[test]
fn trees_are_copied_with_modes_and_times() {
    let home = served();
    let at = |name: &str| home.path().join(name);
    for dir in ["src/a/b", "src/empty", "src/世界 dir"] {
        fs::create_dir_all(at(dir)).expect("a directory");
    }
    for (name, mode) in [
        ("one", 0o640),
        ("a/b/two", 0o755),
        ("世界 dir/- three", 0o400),
    ] {
        let path = at("src").join(name);
        fs::write(&path, name.repeat(1000)).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_234_567_890);
        let file = fs::File::open(&path).expect("a file");
        file.set_modified(old).expect("a time");
    }
    fs::set_permissions(at("src/a"), fs::Permissions::from_mode(0o750)).expect("a mode");
    home.ok(&["cp", "-rp", "src", ":dst"]);
    assert_eq!(tree(&at("dst")), tree(&at("src")));
    fs::create_dir(at("into")).expect("a directory");
    home.ok(&["cp", "-rp", ":src", "into"]);
    assert_eq!(tree(&at("into/src")), tree(&at("src")));
    // What is there already is no hindrance.
    home.ok(&["cp", "-rp", ":src", "into"]);
    assert_eq!(tree(&at("into/src")), tree(&at("src")));
}

#[test]
fn sources_may_be_several_and_patterns() {
    let home = served();
    let at = |name: &str| home.path().join(name);
    for dir in ["logs", "out", "up"] {
        fs::create_dir(at(dir)).expect("a directory");
    }
    for name in ["logs/a.log", "logs/b.log", "logs/c.txt", "x", "y"] {
        fs::write(at(name), name).expect("a file");
    }
    home.ok(&["cp", ":logs/*.log", ":x", "out"]);
    let names = tree(&at("out")).into_iter().map(|it| it.0);
    assert_eq!(names.collect::<Vec<_>>(), ["a.log", "b.log", "x"]);
    home.ok(&["cp", "x", "y", ":up/"]);
    assert_eq!(tree(&at("up")).len(), 2);
    let said = home.fails(&["cp", ":logs/*.log", ":x", "y"]);
    assert!(said.contains("y is no directory"), "{said}");
    let said = home.fails(&["cp", "x", ":nowhere/"]);
    assert!(said.contains("there is no such directory"), "{said}");
    let said = home.fails(&["cp", ":logs", "out"]);
    assert!(said.contains("is a directory: -r copies it"), "{said}");
    let said = home.fails(&["cp", ":*.none", "out"]);
    assert!(said.contains("there is no such file"), "{said}");
    // What fails keeps nothing else back.
    let said = home.fails(&["cp", ":gone", ":y", "out"]);
    assert!(said.contains("gone: there is no such file"), "{said}");
    assert!(at("out/y").exists());
    let said = home.fails(&["cp", "x", "nobody:"]);
    assert!(said.contains("no host"), "{said}");
}

#[test]
fn no_link_leads_a_copy_elsewhere() {
    let home = served();
    let at = |name: &str| home.path().join(name);
    fs::create_dir_all(at("src/sub")).expect("a directory");
    fs::write(at("src/sub/file"), "new").expect("a file");
    fs::write(at("mine"), "mine").expect("a file");
    symlink("sub", at("src/loop")).expect("a link");
    fs::create_dir_all(at("dst/src")).expect("a directory");
    fs::create_dir(at("outside")).expect("a directory");
    symlink(at("outside"), at("dst/src/sub")).expect("a link");
    let said = home.wt(&["cp", "-r", ":src", "dst"]);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("src/loop is left out"), "{said}");
    assert!(said.contains("is in the way"), "{said}");
    assert_eq!(fs::read_dir(at("outside")).expect("a directory").count(), 0);
}

/// A server that answers requests about files as it likes, one conversation.
fn liar(home: &Home, answer: impl Fn(FileRequest) -> Vec<Message> + Send + 'static) {
    let uid = rustix::process::geteuid().as_raw();
    let dir = home.path().join(format!("wt-{uid}"));
    fs::create_dir(&dir).expect("a directory");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).expect("a mode");
    let listener = UnixListener::bind(dir.join("default.sock")).expect("a socket");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let (mut frames, mut room) = (FrameReader::default(), vec![0; 65536]);
        loop {
            while let Some(message) = frames.next_message().expect("a message") {
                let answers = match message {
                    Message::Hello(_) => vec![Message::Welcome(Welcome {
                        version: VERSION,
                        release: "9".into(),
                        incarnation: 1,
                        pid: 1,
                    })],
                    Message::Request(Request::Side(Side::Files(request))) => answer(request),
                    _ => Vec::new(),
                };
                let mut bytes = Vec::new();
                answers.iter().for_each(|answer| answer.encode(&mut bytes));
                if stream.write_all(&bytes).is_err() {
                    return;
                }
            }
            match stream.read(&mut room) {
                Ok(length @ 1..) => frames.push(&room[..length]),
                _ => return,
            }
        }
    });
}

fn like(kind: FileKind) -> Meta {
    Meta {
        kind,
        size: 4,
        mode: 0o4777,
        modified: (0, 0),
    }
}

fn file(reply: FileReply) -> Message {
    Message::Reply(Reply::File(reply))
}

#[test]
fn a_server_that_lies_writes_nowhere_else() {
    for name in ["../evil", "/tmp/wt-evil", "..", "a/../../evil", ""] {
        let home = Home::new();
        liar(&home, move |request| match request {
            FileRequest::Look(_) => vec![file(FileReply::Found(Some(like(FileKind::Directory))))],
            FileRequest::List(_) => vec![
                file(FileReply::Entries(vec![(
                    name.as_bytes().to_vec(),
                    like(FileKind::File),
                )])),
                Message::Reply(Reply::Done),
            ],
            _ => vec![
                file(FileReply::Reading {
                    from: 0,
                    meta: like(FileKind::File),
                }),
                Message::Piece(b"evil".to_vec()),
                Message::Piece(Vec::new()),
                file(FileReply::Sum([0; 32])),
            ],
        });
        let said = home.fails(&["cp", "-r", ":tree", "out"]);
        assert!(said.contains("the server lies"), "{name:?}: {said}");
        let names: Vec<_> = tree(home.path()).into_iter().map(|it| it.0).collect();
        assert!(names.iter().all(|name| !name.contains("evil")), "{names:?}");
    }
}

#[test]
fn a_server_that_sends_something_else_leaves_nothing() {
    let home = Home::new();
    liar(&home, |request| match request {
        FileRequest::Look(_) => vec![file(FileReply::Found(Some(like(FileKind::File))))],
        _ => vec![
            file(FileReply::Reading {
                from: 0,
                meta: like(FileKind::File),
            }),
            Message::Piece(b"what".to_vec()),
            Message::Piece(Vec::new()),
            file(FileReply::Sum([0; 32])),
        ],
    });
    let said = home.fails(&["cp", ":a", "b"]);
    assert!(said.contains("has not arrived as it was sent"), "{said}");
    let names: Vec<_> = tree(home.path()).into_iter().map(|it| it.0).collect();
    assert!(
        names.iter().all(|name| !name.contains("b.") && name != "b"),
        "{names:?}"
    );
}

/// A server that says back what it hears, until its client ends.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut reader = stream.try_clone().expect("a socket");
                let _ = std::io::copy(&mut reader, &mut &stream);
                let _ = stream.shutdown(Shutdown::Write);
            });
        }
    });
    port
}

#[test]
fn many_connections_are_forwarded_at_once() {
    let home = served();
    let rule = format!("0:127.0.0.1:{}", echo());
    let mut forward = Running::wt(&home, &["forward", &rule, ""]);
    let mut said = BufReader::new(forward.0.stdout.take().expect("its output"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    let port = line.split_once(" leads to").expect("a place").0.to_owned();
    let talks: Vec<_> = (0..20)
        .map(|n| {
            let port = port.clone();
            thread::spawn(move || {
                let sent = noise(1_000_000, n + 1);
                let stream = TcpStream::connect(port).expect("a connection");
                let mut writer = stream.try_clone().expect("a socket");
                let expected = sent.clone();
                let writing = thread::spawn(move || {
                    writer.write_all(&sent).expect("room");
                    writer.shutdown(Shutdown::Write).expect("an end");
                });
                let mut heard = Vec::new();
                (&stream).read_to_end(&mut heard).expect("an echo");
                writing.join().expect("no panic");
                assert!(heard == expected);
            })
        })
        .collect();
    talks
        .into_iter()
        .for_each(|talk| talk.join().expect("no panic"));
    kill(forward.0.id(), 2);
    let ended = wait_for("its end", || forward.0.try_wait().expect("a child"));
    assert_eq!(ended.code(), Some(0));
}

#[test]
fn what_cannot_be_connected_is_said_and_closed() {
    let home = served();
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let socket = home.path().join("here.sock");
    let rule = format!("{}:127.0.0.1:{port}", socket.display());
    let mut forward = Running::wt(&home, &["forward", &rule, "localhost"]);
    let mut stream = wait_for("the socket", || UnixStream::connect(&socket).ok());
    assert_eq!(
        fs::metadata(&socket).expect("a socket").mode() & 0o777,
        0o600
    );
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    assert!(heard.is_empty());
    let mut said = BufReader::new(forward.0.stderr.take().expect("its errors"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    let expected = format!("connecting to 127.0.0.1:{port}: Connection refused");
    assert!(line.contains(&expected), "{line}");
    let second = home.fails(&["forward", &rule, ""]);
    assert!(second.contains("is in the way"), "{second}");
    kill(forward.0.id(), 15);
    wait_for("its end", || forward.0.try_wait().expect("a child"));
    assert!(!socket.exists());
    let wrong = home.wt(&["forward", "80", ""]);
    assert_eq!(wrong.status.code(), Some(2));
}

/// A terminal in which `wt ARGS` runs with more in its environment.
fn open_with(home: &Home, env: &[(&str, &str)], args: &[&str]) -> Outer {
    let mut all = home.env();
    all.extend(
        env.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let mut argv = vec![WT];
    argv.extend(args);
    Outer::open(&argv, &all, home.path(), 100, 24)
}

/// A real agent with one key, whose comment is `name`.
fn agent(home: &Home, name: &str) -> (Running, String) {
    let socket = home.path().join(format!("{name}.agent"));
    let mut command = Command::new("ssh-agent");
    command
        .arg("-D")
        .arg("-a")
        .arg(&socket)
        .stdout(Stdio::null());
    let running = Running(command.spawn().expect("ssh-agent runs"));
    wait_for("the agent", || socket.exists().then_some(()));
    let key = home.path().join(format!("{name}.key"));
    let quiet = |command: &mut Command| {
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
    };
    quiet(
        Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
            .arg(&key),
    );
    quiet(
        Command::new("ssh-add")
            .arg(&key)
            .env("SSH_AUTH_SOCK", &socket),
    );
    (running, socket.to_string_lossy().into_owned())
}

#[test]
fn programs_find_the_agent_of_whoever_attached_last() {
    if !has("agents", "ssh-agent") || !has("agents", "ssh-add") || !has("agents", "ssh-keygen") {
        return;
    }
    let home = Home::new();
    let (first, first_socket) = agent(&home, "first");
    let mut outer = open_with(
        &home,
        &[("SSH_AUTH_SOCK", &first_socket)],
        &["new", "-s", "work"],
    );
    outer.wait_prompt();
    outer.send("clear; ssh-add -l\r");
    outer.wait_text("first (ED25519)");
    outer.send("clear; echo $SSH_AUTH_SOCK\r");
    outer.wait_text("default.agent-");
    outer.send("\x02d");
    outer.wait_end();
    drop(first);

    // The shell is the same; the agent is another one.
    let (_second, second_socket) = agent(&home, "second");
    let mut outer = open_with(
        &home,
        &[("SSH_AUTH_SOCK", &second_socket)],
        &["attach", "work"],
    );
    outer.wait_text("default.agent-");
    outer.send("clear; ssh-add -l\r");
    outer.wait_text("second (ED25519)");

    // One that carries it is asked while it is in use, and no longer.
    let (third, third_socket) = agent(&home, "third");
    let env = [("SSH_AUTH_SOCK", third_socket.as_str())];
    let mut carrying = open_with(&home, &env, &["attach", "-A", "work"]);
    carrying.wait_text("second (ED25519)");
    carrying.send("clear; ssh-add -l\r");
    carrying.wait_text("third (ED25519)");
    drop(third);
    carrying.send("clear; ssh-add -l || echo none-$((1+1))\r");
    carrying.wait_text("none-2");
    assert!(!carrying.rows().iter().any(|row| row.contains("ED25519")));
}

#[test]
fn without_an_agent_programs_hear_so_at_once() {
    if !has("agents", "ssh-add") {
        return;
    }
    let home = Home::new();
    let gone = home.path().join("gone").to_string_lossy().into_owned();
    let mut outer = open_with(&home, &[("SSH_AUTH_SOCK", &gone)], &["new", "-s", "work"]);
    outer.wait_prompt();
    outer.send("clear; ssh-add -l || echo none-$((1+1))\r");
    outer.wait_text("none-2");
    outer.send("\x02d");
    outer.wait_end();
    home.configure("shell = [\"/bin/sh\"]\nssh-agent = \"off\"\n");
    home.ok(&["reload"]);
    let mut outer = open_with(&home, &[("SSH_AUTH_SOCK", &gone)], &["new", "-s", "other"]);
    outer.wait_prompt();
    outer.send("clear; echo at-$SSH_AUTH_SOCK\r");
    outer.wait_text(&format!("at-{gone}"));
}

#[test]
fn attaching_renews_the_environment() {
    let home = Home::new();
    let mut outer = open_with(
        &home,
        &[("DISPLAY", ":1"), ("KRB5CCNAME", "x")],
        &["new", "-s", "work"],
    );
    outer.wait_prompt();
    outer.send("clear; echo screen-$DISPLAY-$KRB5CCNAME\r");
    outer.wait_text("screen-:1-x");
    outer.send("\x02d");
    outer.wait_end();
    let mut outer = open_with(&home, &[("DISPLAY", ":2 it's")], &["attach", "work"]);
    outer.wait_text("screen-:1-x");
    wait_for("the new variables", || {
        let printed = home.ok(&["env", "-t", "work"]);
        let is_new = printed.contains("export DISPLAY=':2 it'\\''s'");
        (is_new && printed.contains("unset KRB5CCNAME")).then_some(())
    });
    let fish = home.ok(&["env", "-t", "work", "--shell", "fish"]);
    assert!(fish.contains("set -gx DISPLAY ':2 it\\'s'"), "{fish}");
    outer.send(format!(
        "clear; eval \"$({WT} env)\"; echo screen-$DISPLAY-$KRB5CCNAME\r"
    ));
    outer.wait_text("screen-:2 it's-");
    home.ok(&["tab", "new", "-t", "work"]);
    outer.wait_gone("screen-");
    outer.wait_prompt();
    outer.send("clear; echo fresh-$DISPLAY\r");
    outer.wait_text("fresh-:2 it's");
}

/// Asks for the clipboard in the pane and shows the answer, which is so many bytes long, as `od` does.
fn ask(outer: &mut Outer, bytes: usize) {
    outer.send(format!(
        "clear; stty raw -echo; printf 'asked\\033]52;c;?\\033\\\\'; \
         dd bs=1 count={bytes} 2>/dev/null | od -An -c; stty sane; echo done-$((1+1))\r"
    ));
}

const QUESTION: &str = "\x1b]52;c;?\x1b\\";

fn is_asked(outer: &Outer) -> bool {
    let raw = outer.raw();
    raw.windows(QUESTION.len())
        .any(|part| part == QUESTION.as_bytes())
}

fn reading(policy: &str) -> (Home, Outer) {
    let home = Home::new();
    let config = "shell = [\"/bin/sh\"]\npredict = \"never\"\nclipboard = \"terminal\"\n";
    home.configure(&format!("{config}clipboard-read = \"{policy}\"\n"));
    let outer = home.open(&["new", "-s", "work"], 90, 24);
    outer.wait_prompt();
    (home, outer)
}

#[test]
fn a_program_reads_the_clipboard_where_it_always_may() {
    let (_home, mut outer) = reading("always");
    ask(&mut outer, 17);
    wait_for("the question", || is_asked(&outer).then_some(()));
    outer.send("\x1b]52;c;aGVsbG8=\x1b\\");
    outer.wait_text("done-2");
    outer.wait_text("c   ;   a   G   V   s   b   G   8   =");
    // What comes unasked goes nowhere.
    outer.send("\x1b]52;c;aGVsbG8=\x1b\\");
    outer.send("echo after\r");
    outer.wait_text("after");
    assert!(!outer.rows().iter().any(|row| row.contains("52;c")));
}

#[test]
fn a_program_hears_at_once_that_it_may_not_read_the_clipboard() {
    let (_home, mut outer) = reading("never");
    ask(&mut outer, 9);
    outer.wait_text("done-2");
    outer.wait_text("]   5   2   ;   c   ; 033   \\");
    assert!(!is_asked(&outer));
}

#[test]
fn the_user_says_whether_a_program_may_read_the_clipboard() {
    let (home, mut outer) = reading("ask");
    ask(&mut outer, 10);
    outer.wait_text("wants to read your clipboard: C-y lets it");
    // Any other key is a no, and is typed.
    outer.send("y");
    outer.wait_text("done-2");
    outer.wait_text("y 033   ]   5   2   ;   c   ; 033   \\");
    assert!(!is_asked(&outer));
    ask(&mut outer, 17);
    outer.wait_text("wants to read your clipboard: C-y lets it");
    // A key is a yes once the question could be read.
    let shown = Instant::now();
    wait_for("a second to pass", || {
        (shown.elapsed() > Duration::from_secs(1)).then_some(())
    });
    outer.send("\x19");
    wait_for("the question", || is_asked(&outer).then_some(()));
    outer.send("\x1b]52;c;aGVsbG8=\x07");
    outer.wait_text("a   G   V   s   b   G   8   =");
    // The terminal takes a line as one again.
    outer.wait_text("done-2");

    // With nobody there, there is nothing to be read.
    outer.send("clear; sleep 1; stty raw -echo; printf '\\033]52;c;?\\007'; dd bs=1 count=8 2>/dev/null | od -An -c; stty sane\r");
    outer.send("\x02d");
    outer.wait_end();
    wait_for("an answer", || {
        let shown = home.ok(&["capture", "-t", "work"]);
        shown.contains("5   2   ;   c   ;  \\a").then_some(())
    });
}

/// A home whose server listens in the network, and how it is named there.
fn listening() -> (Home, Running, String) {
    let home = Home::new();
    let free = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    let server = Running::wt(&home, &["server", "run", "--listen", &address]);
    wait_for("the server", || {
        home.wt(&["status"]).status.success().then_some(())
    });
    home.ok(&["new", "-d", "-s", "work"]);
    (home, server, format!("wt://{address}"))
}

#[test]
fn files_and_ports_go_over_the_network_as_over_the_socket() {
    let (home, _server, host) = listening();
    let at = |name: &str| home.path().join(name);
    let whole = noise(5_000_000, 3);
    fs::write(at("here"), &whole).expect("a file");
    home.ok(&["cp", "here", &format!("{host}/there")]);
    assert!(fs::read(at("there")).expect("a copy") == whole);
    fs::create_dir(at("tree")).expect("a directory");
    for n in 0..50 {
        fs::write(at("tree").join(n.to_string()), n.to_string()).expect("a file");
    }
    home.ok(&["cp", "-rp", &format!("{host}/tree"), "back"]);
    assert_eq!(tree(&at("back")), tree(&at("tree")));

    let rule = format!("0:127.0.0.1:{}", echo());
    let mut forward = Running::wt(&home, &["forward", &rule, &host]);
    let mut said = BufReader::new(forward.0.stdout.take().expect("its output"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    let port = line.split_once(" leads to").expect("a place").0;
    let stream = TcpStream::connect(port).expect("a connection");
    (&stream).write_all(b"over the network").expect("room");
    stream.shutdown(Shutdown::Write).expect("an end");
    let mut heard = String::new();
    (&stream).read_to_string(&mut heard).expect("an echo");
    assert_eq!(heard, "over the network");
    kill(forward.0.id(), 2);
    wait_for("its end", || forward.0.try_wait().expect("a child"));
}

#[test]
fn an_agent_goes_over_the_network_only_if_it_is_offered() {
    if !has("agents", "ssh-agent") || !has("agents", "ssh-add") || !has("agents", "ssh-keygen") {
        return;
    }
    let (home, _server, host) = listening();
    let (_agent, socket) = agent(&home, "mine");
    let env = [("SSH_AUTH_SOCK", socket.as_str()), ("DISPLAY", ":5")];
    let work = format!("{host}/work");
    let mut outer = open_with(&home, &env, &["attach", &work]);
    outer.wait_prompt();
    outer.send("clear; ssh-add -l || echo none-$((1+1))\r");
    outer.wait_text("none-2");
    outer.send("\x02d");
    outer.wait_end();
    let mut outer = open_with(&home, &env, &["attach", "-A", &work]);
    outer.wait_text("none-2");
    wait_for("the offer", || {
        let printed = home.ok(&["env", "-t", "work"]);
        printed.contains("export SSH_AUTH_SOCK=").then_some(())
    });
    home.ok(&["tab", "new", "-t", "work"]);
    outer.wait_gone("none-2");
    outer.wait_prompt();
    outer.send("clear; ssh-add -l; echo screen-$DISPLAY-\r");
    outer.wait_text("mine (ED25519)");
    outer.wait_text("screen--");
}

#[test]
fn the_clipboard_is_read_over_the_network() {
    let (home, _server, host) = listening();
    home.configure(
        "shell = [\"/bin/sh\"]\nclipboard = \"terminal\"\nclipboard-read = \"always\"\n",
    );
    let mut outer = home.open(&["attach", &format!("{host}/work")], 90, 24);
    outer.wait_prompt();
    ask(&mut outer, 17);
    wait_for("the question", || is_asked(&outer).then_some(()));
    outer.send("\x1b]52;c;aGVsbG8=\x1b\\");
    outer.wait_text("c   ;   a   G   V   s   b   G   8   =");
}
