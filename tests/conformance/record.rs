//! Records what a program writes: a script says which program, at which sizes, and what is typed.
//!
//! ```text
//! size 80x24 40x12     each is a recording of its own: NAME-80x24.bytes
//! setup COMMAND        run by a shell first, in the directory that the program will find itself in, an empty one
//! run COMMAND          the program, started by a shell
//! wait TEXT            go on when the screen shows it
//! type TEXT            with \r \t \e \\ and \xNN
//! rest                 go on when nothing came for a while; the recording ends with a rest
//! ```

use super::{host, look, recording};
use anyhow::{Context, Result, bail, ensure};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use wt::term::{Effect, Emulator, Size};

/// Nothing for so long is a rest.
const REST: Duration = Duration::from_millis(700);
/// A text has to show within this time.
const DEADLINE: Duration = Duration::from_secs(20);
/// Longest recording: it is kept in the tree.
const MAX_BYTES: usize = 100_000;

/// What a script asks for, in its order.
#[derive(Debug, Default)]
struct Script {
    sizes: Vec<Size>,
    setup: Vec<String>,
    run: String,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Wait(String),
    Type(Vec<u8>),
    Rest,
}

/// A program that is being recorded.
struct Session {
    emulator: Emulator,
    bytes: Vec<u8>,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
}

/// Records by the script `path`, at each of its sizes, beside it.
pub fn run(path: &Path) -> Result<ExitCode> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let script = parse(&text)?;
    for size in &script.sizes {
        let bytes = record(&script, *size)?;
        ensure!(
            bytes.len() <= MAX_BYTES,
            "{} bytes were written, {MAX_BYTES} may be kept: let the script do less",
            bytes.len()
        );
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{name}-{}x{}.bytes", size.cols, size.rows);
        let path = path.with_file_name(name);
        fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))?;
        look::recording(&path)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn parse(text: &str) -> Result<Script> {
    let mut script = Script::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "#" => {}
            "size" => {
                let sizes = rest.split_whitespace().map(recording::size);
                script.sizes = sizes.collect::<Result<_>>()?;
            }
            "setup" => script.setup.push(rest.to_owned()),
            "run" => script.run = rest.to_owned(),
            "wait" => script.steps.push(Step::Wait(rest.to_owned())),
            "type" => script.steps.push(Step::Type(unescape(rest)?)),
            "rest" => script.steps.push(Step::Rest),
            _ => bail!("{word:?} is no step: size, setup, run, wait, type or rest"),
        }
    }
    script.steps.push(Step::Rest);
    ensure!(!script.run.is_empty(), "the script runs nothing");
    Ok(script)
}

fn unescape(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (byte, length) = match rest {
            [b'r', ..] => (b'\r', 1),
            [b't', ..] => (b'\t', 1),
            [b'e', ..] => (0x1b, 1),
            [b'\\', ..] => (b'\\', 1),
            [b'x', a, b, ..] => {
                let digits = [*a, *b];
                let digits = std::str::from_utf8(&digits).unwrap_or_default();
                (u8::from_str_radix(digits, 16).context("after \\x")?, 3)
            }
            _ => bail!("{text:?} holds a \\ before something that it does not stand before"),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    Ok(bytes)
}

fn record(script: &Script, size: Size) -> Result<Vec<u8>> {
    let home = tempfile::tempdir().context("making a directory for the program")?;
    for setup in &script.setup {
        let mut shell = Command::new("sh");
        let status = shell.args(["-c", setup]).current_dir(&home).status();
        ensure!(status.context("sh")?.success(), "{setup} failed");
    }
    let pty = native_pty_system().openpty(PtySize {
        rows: size.rows,
        cols: size.cols,
        ..PtySize::default()
    })?;
    let mut child = pty.slave.spawn_command(command(&script.run, home.path()))?;
    drop(pty.slave);
    let mut reader = pty.master.try_clone_reader()?;
    let (sender, output) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut session = Session {
        emulator: Emulator::new(size),
        bytes: Vec::new(),
        output,
        input: pty.master.take_writer()?,
    };
    let done = script.steps.iter().try_for_each(|step| session.step(step));
    let _ = child.kill();
    let _ = child.wait();
    done.map(|()| session.bytes)
}

fn command(run: &str, home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", run]);
    command.cwd(home);
    command.env_clear();
    for name in ["PATH", "USER", "LOGNAME"] {
        if let Ok(value) = std::env::var(name) {
            command.env(name, value);
        }
    }
    command.env("HOME", home);
    command.env("LANG", "C.UTF-8");
    command.env("TERM", "xterm-256color");
    command.env("COLORTERM", "truecolor");
    command
}

impl Session {
    fn step(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Rest => while self.take(REST)? {},
            Step::Type(bytes) => self.input.write_all(bytes).context("typing")?,
            Step::Wait(wanted) => {
                let since = Instant::now();
                while !host::text(&self.emulator).contains(wanted) {
                    let shown = host::text(&self.emulator);
                    ensure!(
                        since.elapsed() < DEADLINE,
                        "{wanted:?} does not show:\n{shown}"
                    );
                    self.take(REST)?;
                }
            }
        }
        Ok(())
    }

    /// Takes what the program writes next, and answers what it asks; false if nothing came within `time`.
    fn take(&mut self, time: Duration) -> Result<bool> {
        let bytes = match self.output.recv_timeout(time) {
            Ok(bytes) => bytes,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(false),
        };
        self.emulator.feed(&bytes);
        self.bytes.extend(bytes);
        while let Some(effect) = self.emulator.poll() {
            if let Effect::Reply(answer) = effect {
                self.input.write_all(&answer).context("answering")?;
            }
        }
        self.emulator.take_spill();
        Ok(true)
    }
}
