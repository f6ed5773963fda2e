//! The test that kills: a process floods a history and is killed at a random point, again and again, in the same
//! directory. `WT_KILLS=1000 cargo test --lib kills` is the whole campaign; `SEED=` repeats one.

use super::history::History;
use super::writer::Writer;
use crate::varint;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Set in the process that is killed: the directory that it floods.
const FLOODED: &str = "WT_TEST_FLOODED";

/// What may be lost: in a campaign, which has the machine to itself, and beside all other tests, where the writer may
/// wait for its turn.
const LOSS: Duration = Duration::from_secs(1);
const LOSS_IN_A_CROWD: Duration = Duration::from_secs(4);

/// How often the server saves while output comes, and a little more.
const SAVED_EVERY: Duration = Duration::from_millis(650);

/// So that old segments are dropped as well.
const QUOTA: u64 = 2 << 20;

fn line(n: u64) -> Vec<u8> {
    let noise = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let text = format!("[{n}] request {noise:016x} took {} us", noise % 9973);
    let mut body = vec![2];
    varint::put_bytes(&mut body, text.as_bytes());
    body.extend([1, text.len() as u8, 0, 0]);
    body
}

/// What is killed. It says on its output how many lines it has taken in.
#[test]
#[ignore = "it runs until it is killed, in a process of its own"]
fn flood() {
    let Ok(dir) = std::env::var(FLOODED) else {
        return;
    };
    let writer = Writer::default();
    writer.set_quota(QUOTA);
    let (mut history, _) = History::open(Path::new(&dir), &writer, None).unwrap();
    let (mut saved, mut bytes) = (Instant::now(), Vec::new());
    let mut save = |history: &mut History| {
        if saved.elapsed() >= SAVED_EVERY {
            history.save();
            saved = Instant::now();
        }
    };
    loop {
        bytes.clear();
        let first = history.end_line();
        (first..first + 200).for_each(|n| varint::put_bytes(&mut bytes, &line(n)));
        history.append(200, &bytes, 1_000_000 + first);
        // As the server does, which saves on while a program waits for room.
        while history.is_crowded() {
            std::thread::sleep(Duration::from_millis(2));
            save(&mut history);
        }
        save(&mut history);
        println!("\n@{}", history.end_line());
        std::io::stdout().flush().unwrap();
    }
}

struct Flood {
    process: Child,
    /// The lines that it had taken in, and when that was heard of.
    heard: Receiver<(Instant, u64)>,
}

impl Flood {
    fn start(dir: &Path) -> Flood {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["disk::kills::flood", "--exact", "--ignored", "--nocapture"])
            .env(FLOODED, dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = process.stdout.take().unwrap();
        let (tell, heard) = channel();
        std::thread::spawn(move || {
            listen(said, &mut |lines| {
                tell.send((Instant::now(), lines)).is_ok()
            })
        });
        Flood { process, heard }
    }

    /// Kills it `after` its first word; returns the lines that were taken in as long before as `loss`, or longer.
    fn kill(mut self, after: Duration, loss: Duration) -> u64 {
        let patience = Duration::from_secs(60);
        let first = self.heard.recv_timeout(patience).expect("it starts");
        let mut heard = vec![first];
        let end = Instant::now() + after;
        while let Some(left) = end.checked_duration_since(Instant::now())
            && let Ok(next) = self.heard.recv_timeout(left)
        {
            heard.push(next);
        }
        let killed = Instant::now();
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let old = heard.iter().filter(|(at, _)| killed - *at >= loss);
        old.map(|(_, lines)| *lines).max().unwrap_or(0)
    }
}

fn listen(said: ChildStdout, tell: &mut dyn FnMut(u64) -> bool) {
    for said in BufReader::new(said).lines().map_while(Result::ok) {
        let lines = said.strip_prefix('@').and_then(|lines| lines.parse().ok());
        if lines.is_some_and(|lines| !tell(lines)) {
            return;
        }
    }
}

/// Every line from the oldest on, and at least `promised` of them, is there and is what was written.
fn check(dir: &Path, promised: u64) {
    let (history, recovery) = History::open(dir, &Writer::default(), None).unwrap();
    assert!(
        recovery.end_line >= promised,
        "{recovery:?}, not {promised}"
    );
    assert_eq!((recovery.missing_lines, recovery.damaged_bytes), (0, 0));
    let mut next = history.first_line();
    let mut each = |n, body: &[u8]| {
        assert_eq!((n, body), (next, &line(n)[..]));
        next = n + 1;
    };
    history.read(0, usize::MAX, &mut each).unwrap();
    assert_eq!(next, recovery.end_line);
}

#[test]
fn a_kill_at_any_moment_costs_less_than_a_second() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut seed: u64 = number("SEED").unwrap_or(now.as_nanos() as u64);
    println!("SEED={seed}");
    let dir = tempfile::tempdir().unwrap();
    let mut promised = 0;
    let kills = number("WT_KILLS");
    let loss = kills.map_or(LOSS_IN_A_CROWD, |_| LOSS);
    for round in 0..kills.unwrap_or(8) {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        // Every second one comes late enough that something is promised.
        let late = if round % 2 == 0 { Duration::ZERO } else { loss };
        let after = late + Duration::from_millis((seed >> 33) % 400);
        promised = promised.max(Flood::start(dir.path()).kill(after, loss));
        check(dir.path(), promised);
    }
    assert!(promised > 0, "no kill came late enough to tell");
}
