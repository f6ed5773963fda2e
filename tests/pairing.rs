//! How machines come to know each other, by code, by key and by ssh, and what happens when they do not. Each machine is a
//! home of its own; the network is the loopback.

use crate::support::home::WT;
use crate::support::{Home, Outer, has, skip, wait_for};
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use wt::auth::pairing::{Message, Refusal};
use wt::auth::{DeviceKey, Seed};
use wt::net::quic::{self, Talk};

/// A server that listens at a port of the loopback, with one session, `work`; its address.
fn serve(home: &Home) -> String {
    // The port is free now, and nobody else is given it for a while.
    let free = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    std::fs::create_dir_all(home.state()).expect("a directory");
    std::fs::write(home.state().join("listening"), format!("{address}\n")).expect("a file");
    home.ok(&["new", "-d", "-s", "work"]);
    address
}

/// The key of the device that a home is.
fn key(home: &Home) -> String {
    let said = home.ok(&["key"]);
    let mut lines = said.lines();
    let key = lines.next().expect("a key").to_owned();
    assert_eq!(lines.next().expect("a fingerprint").split('-').count(), 8);
    key
}

/// Writes down at the client what it would have learned of the server.
fn pin(client: &Home, name: &str, key: &str, address: &str) {
    let dir = client.path().join("state/wt");
    std::fs::create_dir_all(&dir).expect("a directory");
    let file = dir.join("hosts.toml");
    let text = format!("[{name}]\nkey = \"{key}\"\naddresses = [\"{address}\"]\n");
    std::fs::write(&file, text).expect("a file");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// The key of a home's server, which has made it.
fn server_key(home: &Home, client: &Home) -> String {
    // A key that the client pins by itself, learned as `wt ssh` learns it.
    let asked = format!(
        "wt-bootstrap 1 {} key={} name=test\n",
        protocol(),
        key(client)
    );
    let answer = bootstrap(home, &asked);
    let word = answer
        .split_whitespace()
        .find_map(|word| word.strip_prefix("key="));
    word.unwrap_or_else(|| panic!("no key in {answer}"))
        .to_owned()
}

fn protocol() -> String {
    let version = wt::protocol::hello::VERSION;
    format!("{}.{}", version.major, version.minor)
}

/// What `wt server bootstrap` answers.
fn bootstrap(home: &Home, asked: &str) -> String {
    use std::io::Write;
    let mut child = run(home, &["server", "bootstrap"]);
    let mut to = child.stdin.take().expect("an input");
    to.write_all(asked.as_bytes()).expect("written");
    drop(to);
    let output = child.wait_with_output().expect("an end");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn run(home: &Home, args: &[&str]) -> Child {
    Command::new(WT)
        .args(args)
        .env_clear()
        .envs(home.env())
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("wt runs")
}

/// Two machines that know each other; the client calls the server `desk`.
pub fn acquainted() -> (Home, Home, String) {
    let (server, client) = (Home::new(), Home::new());
    let address = serve(&server);
    let pinned = server_key(&server, &client);
    pin(&client, "desk", &pinned, &address);
    (server, client, address)
}

/// A `wt pair` that waits, and the code that it shows.
fn show(server: &Home) -> (Child, String) {
    let mut child = run(server, &["pair"]);
    let said = child.stdout.as_mut().expect("an output");
    let mut lines = BufReader::new(said).lines();
    let code = lines.find_map(|line| {
        let line = line.expect("a line");
        line.trim().strip_prefix("wt pair ").map(str::to_owned)
    });
    (child, code.expect("a code"))
}

fn ended(child: Child) -> (String, String) {
    let output = child.wait_with_output().expect("an end");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// The words after the last colon.
fn words(said: &str) -> String {
    let line = said
        .lines()
        .find(|line| line.contains("same words"))
        .expect("words");
    line.rsplit(": ").next().expect("words").trim().to_owned()
}

#[test]
fn a_code_makes_two_machines_known_to_each_other() {
    let (server, client) = (Home::new(), Home::new());
    let address = serve(&server);
    let (shown, code) = show(&server);
    let said = client.ok(&["pair", &code, &address, "--name", "desk"]);
    let (there, _) = ended(shown);
    assert_eq!(words(&said), words(&there));
    assert!(said.contains("wt attach desk/"), "{said}");
    let sessions = client.ok(&["ls", "desk/"]);
    assert!(sessions.starts_with("work: "), "{sessions}");
    let hosts = client.ok(&["hosts"]);
    assert!(hosts.contains(&format!("* {address}")), "{hosts}");
    assert!(server.ok(&["allow"]).contains(&key(&client)));
    for file in [
        server.state().join("authorized"),
        client.path().join("state/wt/hosts.toml"),
    ] {
        let mode = file.metadata().expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    // The code is used up.
    let refused = client.fails(&["pair", &code, &address]);
    assert!(refused.contains("no code with that number"), "{refused}");
}

#[test]
fn a_code_that_nobody_used_leaves_no_listener() {
    let server = Home::new();
    server.ok(&["new", "-d", "-s", "work"]);
    let mut shown = run(&server, &["pair"]);
    let said = shown.stdout.as_mut().expect("an output");
    let mut lines = BufReader::new(said).lines().map_while(Result::ok);
    let place = lines.find_map(|line| {
        let (_, place) = line.split_once("It listens at ")?;
        let first = place.split([',', ' ']).next()?;
        first.rsplit(':').next()?.parse::<u16>().ok()
    });
    let port = place.expect("a port");
    let is_free = || UdpSocket::bind(("0.0.0.0", port)).is_ok();
    assert!(!is_free(), "it listens while the code is shown");
    shown.kill().expect("ended");
    shown.wait().expect("an end");
    wait_for("nobody to listen", || is_free().then_some(()));
    assert!(!server.state().join("listening").exists());
}

#[test]
fn the_server_that_shows_a_code_is_found_in_the_network() {
    let (server, client) = (Home::new(), Home::new());
    serve(&server);
    let (mut shown, code) = show(&server);
    let said = client.wt(&["pair", &code, "--name", "desk"]);
    let told = String::from_utf8_lossy(&said.stderr).into_owned();
    // Another test may show a code with the same number just now.
    if told.contains("several show a code") {
        let _ = shown.kill();
        skip(
            "the_server_that_shows_a_code_is_found_in_the_network",
            &told,
        );
        return;
    }
    assert!(said.status.success(), "{told}");
    let (there, _) = ended(shown);
    assert_eq!(words(&String::from_utf8_lossy(&said.stdout)), words(&there));
}

#[test]
fn a_wrong_code_burns_the_right_one_and_says_so_on_both_sides() {
    let (server, client) = (Home::new(), Home::new());
    let address = serve(&server);
    let (shown, code) = show(&server);
    let number = code.split('-').next().expect("a number").to_owned();
    let mut wrong = format!("{number}-crossbow-lagoon");
    if wrong == code {
        wrong = format!("{number}-lagoon-crossbow");
    }
    // What cannot be a code uses nothing up.
    let refused = client.fails(&["pair", &format!("{number}-crossbow-xylophon"), &address]);
    assert!(refused.contains("not used up"), "{refused}");
    let refused = client.fails(&["pair", &wrong, &address]);
    assert!(refused.contains("the code was wrong"), "{refused}");
    let (_, told) = ended(shown);
    assert!(told.contains("127.0.0.1 tried a wrong code"), "{told}");
    let refused = client.fails(&["pair", &code, &address]);
    assert!(refused.contains("no code"), "{refused}");
    assert!(!client.path().join("state/wt/hosts.toml").exists());
    assert!(server.ok(&["allow"]).is_empty());
}

/// A stranger's talk with the server at `address`, in a runtime of its own.
fn with_strangers<T>(address: &str, count: u8, run: impl AsyncFnOnce(Vec<Talk>) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let address = address.parse().expect("an address");
    runtime.block_on(async {
        let mut talks = Vec::new();
        for byte in 0..count {
            let own = DeviceKey::of(&Seed::new([byte; 32]));
            talks.push(
                quic::dial_stranger(&[address], &own)
                    .await
                    .expect("a connection"),
            );
        }
        run(talks).await
    })
}

#[test]
fn strangers_who_say_something_else_are_refused_and_use_nothing_up() {
    let (server, client) = (Home::new(), Home::new());
    let address = serve(&server);
    let (shown, code) = show(&server);
    for first in [
        Message::Confirm([0; 32]),
        Message::Done([0; 32]),
        Message::Refused(Refusal::Code),
    ] {
        let heard = with_strangers(&address, 1, async |mut talks| {
            let mut talk = talks.remove(0);
            talk.say(&first).await.expect("said");
            let heard = talk.hear().await.expect("an answer");
            talk.finish().await;
            heard
        });
        assert_eq!(heard, Message::Refused(Refusal::Nonsense));
    }
    // Who says nothing takes up a place: there are four.
    let (busy, heard) = with_strangers(&address, 5, async |mut talks| {
        let mut late = talks.pop().expect("the fifth");
        let _ = late.say(&Message::Confirm([0; 32])).await;
        let busy = late.hear().await.expect_err("refused").to_string();
        let mut heard = Vec::new();
        for mut talk in talks {
            talk.say(&Message::Confirm([0; 32])).await.expect("said");
            heard.push(talk.hear().await.expect("an answer"));
            talk.finish().await;
        }
        (busy, heard)
    });
    assert!(busy.contains("too many try to pair"), "{busy}");
    assert_eq!(heard, vec![Message::Refused(Refusal::Nonsense); 4]);
    client.ok(&["pair", &code, &address]);
    ended(shown);
    // Nobody is talked to where no code is shown.
    let heard = with_strangers(&address, 1, async |mut talks| {
        let _ = talks[0].say(&Message::Confirm([0; 32])).await;
        talks[0].hear().await.expect_err("refused").to_string()
    });
    assert!(heard.contains("no code with that number"), "{heard}");
}

#[test]
fn a_key_is_let_in_and_sent_away_within_a_second() {
    let (server, client, _) = acquainted();
    server.ok(&["revoke", &key(&client)]);
    let refused = client.fails(&["ls", "desk/"]);
    assert!(
        refused.contains("does not know the key of your device"),
        "{refused}"
    );
    let said = server.ok(&["allow", &key(&client), "--name", "laptop", "--until", "30d"]);
    assert!(
        said.starts_with("laptop may use this server as its owner, until "),
        "{said}"
    );
    let outer = client.open(&["attach", "desk/work"], 250, 24);
    outer.wait_prompt();
    let asked = std::time::Instant::now();
    let said = server.ok(&["revoke", "laptop"]);
    // Who watches the file may have closed its connection before.
    assert!(
        said.starts_with("laptop may use this server no more"),
        "{said}"
    );
    outer.wait_text("does not know the key of your device");
    assert!(
        asked.elapsed().as_secs() < 5,
        "a second, on a machine with much to do"
    );
    let refused = client.fails(&["ls", "desk/"]);
    assert!(refused.contains("does not know the key"), "{refused}");
}

#[test]
fn a_line_taken_out_by_hand_sends_its_key_away() {
    let (server, client, _) = acquainted();
    let outer = client.open(&["attach", "desk/work"], 250, 24);
    outer.wait_prompt();
    let file = server.state().join("authorized");
    let text = std::fs::read_to_string(&file).expect("the file");
    let role = text.replace(" owner ", " spectator ");
    assert_ne!(role, text);
    // As editors do: nobody reads half of it.
    let new = server.state().join("authorized.new");
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::write(&new, role).expect("written");
    std::fs::set_permissions(&new, mode).expect("a mode");
    std::fs::rename(&new, &file).expect("renamed");
    outer.wait_text("the role \"spectator\" is not known");
    std::fs::write(&file, text).expect("written");
    assert!(client.ok(&["ls", "desk/"]).starts_with("work: "));
}

#[test]
fn a_grant_ends_when_it_said_even_while_it_is_used() {
    let (server, client, _) = acquainted();
    server.ok(&["allow", &key(&client), "--until", "3s"]);
    let outer = client.open(&["attach", "desk/work"], 250, 24);
    outer.wait_text("has ended");
    let refused = client.fails(&["ls", "desk/"]);
    assert!(refused.contains("has ended"), "{refused}");
}

#[test]
fn a_list_that_others_can_write_lets_nobody_in() {
    let (server, client, _) = acquainted();
    let file = server.state().join("authorized");
    let open = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode));
    open(0o666).expect("a mode");
    let refused = client.fails(&["ls", "desk/"]);
    assert!(refused.contains("cannot be trusted"), "{refused}");
    let refused = server.fails(&["allow", &key(&client)]);
    assert!(refused.contains("chmod go-w"), "{refused}");
    open(0o600).expect("a mode");
    assert!(client.ok(&["ls", "desk/"]).starts_with("work: "));
    let hosts = client.path().join("state/wt/hosts.toml");
    std::fs::set_permissions(&hosts, std::fs::Permissions::from_mode(0o622)).expect("a mode");
    let refused = client.fails(&["ls", "desk/"]);
    assert!(refused.contains("others can write"), "{refused}");
}

#[test]
fn a_server_with_another_key_is_not_talked_to() {
    let (server, client, address) = acquainted();
    // The key of a device is as good as any other one.
    pin(&client, "desk", &key(&server), &address);
    let refused = client.fails(&["ls", "desk/"]);
    assert!(refused.contains("has another key"), "{refused}");
    let refused = client.fails(&["ls", &format!("wt://{address}/")]);
    assert!(refused.contains("has another key"), "{refused}");
}

#[test]
fn hosts_that_are_not_known_or_not_there_are_told_of_in_one_line() {
    let (server, client, _) = acquainted();
    let refused = client.fails(&["ls", "desc/"]);
    assert!(refused.contains("perhaps desk is meant"), "{refused}");
    server.ok(&["server", "stop"]);
    let refused = client.fails(&["ls", "desk/"]);
    assert!(
        refused.contains("desk is not reached; `wt pair` finds it again"),
        "{refused}"
    );
    client.ok(&["hosts", "forget", "desk"]);
    let refused = client.fails(&["ls", "desk/"]);
    assert!(refused.contains("no host \"desk\""), "{refused}");
    std::fs::write(client.path().join("state/wt/hosts.toml"), "[desk\n").expect("a file");
    let refused = client.fails(&["hosts"]);
    assert!(refused.contains("hosts.toml: line 1"), "{refused}");
}

#[test]
fn a_damaged_key_is_told_of_and_kept() {
    let home = Home::new();
    key(&home);
    let file = home.path().join("state/wt/device.key");
    let text = std::fs::read_to_string(&file).expect("the key");
    std::fs::write(&file, &text[..30]).expect("written");
    let refused = home.fails(&["key"]);
    assert!(
        refused.contains("device.key is not a secret key"),
        "{refused}"
    );
    assert!(!refused.contains(&text[15..30]), "{refused}");
    std::fs::write(&file, &text).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    assert!(home.fails(&["key"]).contains("chmod 600"));
}

#[test]
fn commands_reach_the_panes_of_another_host() {
    let (_server, client, address) = acquainted();
    client.ok(&["send", "-t", "desk/work", "echo far-$((1+1))", "Enter"]);
    wait_for("the echo", || {
        client
            .ok(&["capture", "-t", "desk/work"])
            .contains("far-2")
            .then_some(())
    });
    client.ok(&["rename", "-t", "desk/work", "labour"]);
    assert!(
        client
            .ok(&["ls", &format!("wt://{address}/")])
            .starts_with("labour: ")
    );
    let mut outer = client.open(&["attach", "--create", "desk/other"], 80, 24);
    outer.wait_prompt();
    outer.send("echo in-$PWD; echo at-$HOME\r");
    // A session that is made from elsewhere is at home where it is.
    let home = _server
        .path()
        .to_string_lossy()
        .trim_end_matches('/')
        .to_owned();
    outer.wait_text(&format!("in-{home}"));
    client.ok(&["kill", "desk/labour"]);
    assert!(client.ok(&["ls", "desk/"]).starts_with("other: "));
    assert!(
        client
            .ok(&["tail", "desk/other"])
            .contains(&format!("in-{home}"))
    );
}

#[test]
fn a_server_listens_again_after_a_restart_and_no_more_after_it_was_stopped() {
    let (server, client, _) = acquainted();
    server.ok(&["server", "restart"]);
    assert!(client.ok(&["ls", "desk/"]).starts_with("work: "));
    server.ok(&["server", "stop"]);
    assert!(!server.state().join("listening").exists());
}

#[test]
fn what_does_not_ask_as_wt_does_is_answered_with_an_error() {
    let home = Home::new();
    let answer = bootstrap(&home, "GET / HTTP/1.1\n");
    assert!(answer.contains(" error=this%20is%20for"), "{answer}");
    let answer = bootstrap(
        &home,
        &format!("wt-bootstrap 1 99.0 key={} name=x\n", key(&home)),
    );
    assert!(
        answer.contains(" error=") && answer.contains("upgrade%20the%20older"),
        "{answer}"
    );
    assert!(
        home.servers("run").is_empty(),
        "no server was started for them"
    );
}

/// An sshd of this user's on the loopback, which runs everything in the home of the server.
struct Sshd {
    child: Child,
    port: u16,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const SSHD: &str = "/usr/sbin/sshd";

fn sshd(test: &str, server: &Home, client: &Home, path: &Path) -> Option<Sshd> {
    if !has(test, "ssh") || !has(test, "ssh-keygen") || !Path::new(SSHD).exists() {
        skip(test, "there is no sshd");
        return None;
    }
    let dir = server.path().join("sshd");
    std::fs::create_dir(&dir).expect("a directory");
    let keygen = |file: &Path| {
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(file)
            .status();
        assert!(made.expect("ssh-keygen").success());
    };
    keygen(&dir.join("host"));
    let own = client.path().join("id");
    keygen(&own);
    std::fs::copy(own.with_extension("pub"), dir.join("authorized_keys")).expect("a key");
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    // What a login there has for an environment: the server's home.
    let env: Vec<String> = server
        .env()
        .into_iter()
        .map(|(name, value)| match name.as_str() {
            "PATH" => format!("PATH={}:{value}", path.display()),
            _ => format!("{name}={value}"),
        })
        .collect();
    let at = |name: &str| dir.join(name).display().to_string();
    let config = format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile {}\nStrictModes no\n\
         UsePAM no\nPasswordAuthentication no\nSetEnv {}\n",
        at("host"),
        at("authorized_keys"),
        at("pid"),
        env.iter()
            .map(|pair| format!("\"{pair}\""))
            .collect::<Vec<_>>()
            .join(" ")
    );
    std::fs::write(dir.join("config"), config).expect("a file");
    let _ = std::fs::create_dir("/run/sshd");
    let log = std::fs::File::create(dir.join("log")).expect("a log");
    let child = Command::new(SSHD)
        .args(["-D", "-e", "-f"])
        .arg(dir.join("config"))
        .stderr(log)
        .spawn()
        .expect("sshd runs");
    let sshd = Sshd { child, port };
    wait_for("sshd", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    });
    Some(sshd)
}

/// The words of `wt ssh` that reach it.
fn ssh_words(sshd: &Sshd, client: &Home) -> Vec<String> {
    let known = client.path().join("known_hosts");
    let id = client.path().join("id");
    [
        "-p",
        &sshd.port.to_string(),
        "-i",
        &id.to_string_lossy(),
        "-o",
        &format!("UserKnownHostsFile={}", known.display()),
        "-o",
        "StrictHostKeyChecking=accept-new",
        "-o",
        "IdentitiesOnly=yes",
        "-F",
        "/dev/null",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn open(client: &Home, sshd: &Sshd, rest: &[&str]) -> Outer {
    let words = ssh_words(sshd, client);
    let mut args = vec!["ssh"];
    args.extend(words.iter().map(String::as_str));
    args.extend(rest);
    client.open(&args, 100, 24)
}

#[test]
fn ssh_is_used_once_and_left() {
    let (server, client) = (Home::new(), Home::new());
    let bin = Path::new(WT).parent().expect("a folder").to_owned();
    let Some(sshd) = sshd("ssh_is_used_once_and_left", &server, &client, &bin) else {
        return;
    };
    let mut outer = open(&client, &sshd, &["--name", "desk", "127.0.0.1", "work"]);
    outer.wait_text("1:sh");
    outer.send("echo over-$((40+2))\r");
    outer.wait_text("over-42");
    let hosts: serde_json::Value =
        serde_json::from_str(&client.ok(&["hosts", "--json"])).expect("JSON");
    assert_eq!(hosts[0]["name"], "desk");
    assert_eq!(hosts[0]["ssh"], "127.0.0.1");
    assert!(hosts[0]["last"].is_string(), "{hosts}");
    // Without ssh from here on.
    drop(sshd);
    assert!(client.ok(&["ls", "desk/"]).starts_with("work: "));
    outer.send("echo still-$((40+2))\r");
    outer.wait_text("still-42");
}

#[test]
fn where_udp_is_barred_it_goes_on_through_ssh() {
    let test = "where_udp_is_barred_it_goes_on_through_ssh";
    let (server, client) = (Home::new(), Home::new());
    let bin = server.path().join("bin");
    std::fs::create_dir(&bin).expect("a directory");
    // Nothing answers there, and nothing says so.
    let hole = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let place = hole.local_addr().expect("an address");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*bootstrap*) {WT} \"$@\" | sed 's/ address=[^ ]*//g; s/$/ address={place}/' ;;\n\
         *) exec {WT} \"$@\" ;;\nesac\n"
    );
    std::fs::write(bin.join("wt"), script).expect("a script");
    std::fs::set_permissions(bin.join("wt"), std::fs::Permissions::from_mode(0o755))
        .expect("a mode");
    let Some(sshd) = sshd(test, &server, &client, &bin) else {
        return;
    };
    let mut outer = open(&client, &sshd, &["--name", "desk", "127.0.0.1", "work"]);
    outer.wait_text("UDP may be barred on the way");
    outer.send("y\r");
    outer.wait_text("1:sh");
    outer.send("echo within-$((40+2))\r");
    outer.wait_text("within-42");
}

#[test]
fn a_missing_wt_is_installed_after_asking() {
    let (server, client) = (Home::new(), Home::new());
    let empty = server.path().join("empty");
    std::fs::create_dir(&empty).expect("a directory");
    let Some(sshd) = sshd(
        "a_missing_wt_is_installed_after_asking",
        &server,
        &client,
        &empty,
    ) else {
        return;
    };
    let mut outer = open(&client, &sshd, &["--name", "desk", "127.0.0.1", "work"]);
    outer.wait_text("Install this wt as ~/.local/bin/wt on 127.0.0.1?");
    assert!(
        !server.path().join(".local").exists(),
        "nothing is done before"
    );
    outer.send("y\r");
    outer.wait_text("1:sh");
    let installed = server.path().join(".local/bin/wt");
    assert!(
        std::fs::metadata(installed)
            .expect("wt")
            .permissions()
            .mode()
            & 0o111
            != 0
    );
    let beside = std::fs::read_dir(server.path().join(".local/bin"))
        .expect("a folder")
        .count();
    assert_eq!(beside, 1);
    assert!(client.ok(&["ls", "desk/"]).starts_with("work: "));
}
