//! A program in a PTY whose terminal is wt's emulator: what it writes is fed, what it asks for is done, answers go
//! back. There is no server and nothing is drawn.

use anyhow::{Context, Result};
use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::process::ExitCode;
use wt::term::{Effect, Emulator, Grants, Size};

/// Where a suite's program finds itself.
pub const SIZE: Size = Size { cols: 80, rows: 25 };

/// How the output is fed: suites look at the state between two sequences, so that an answer must not wait for what was
/// written after the question.
const PIECE: usize = 1;

/// Runs `command` in `emulator` until its output ends; says how it ended.
pub fn run(command: CommandBuilder, emulator: &mut Emulator) -> Result<ExitStatus> {
    emulator.grant(Grants(Grants::RESIZE.0 | Grants::TITLES.0));
    let pair = native_pty_system()
        .openpty(pty_size(emulator.size()))
        .context("opening a PTY")?;
    let name = command.get_argv().first().cloned().unwrap_or_default();
    let child = pair.slave.spawn_command(command);
    let mut child = child.with_context(|| format!("starting {}", name.display()))?;
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().context("reading the PTY")?;
    let mut writer = pair.master.take_writer().context("writing to the PTY")?;
    let mut buffer = [0; 4096];
    // The end of the last process shows as an error on Linux and as the end of the file elsewhere.
    while let Ok(length @ 1..) = reader.read(&mut buffer) {
        for piece in buffer[..length].chunks(PIECE) {
            emulator.feed(piece);
            obey(emulator, pair.master.as_ref(), &mut writer)?;
        }
    }
    child.wait().context("waiting for the program")
}

/// Does what the program asked of the world.
fn obey(emulator: &mut Emulator, pty: &dyn MasterPty, writer: &mut dyn Write) -> Result<()> {
    while let Some(effect) = emulator.poll() {
        match effect {
            Effect::Reply(bytes) => writer.write_all(&bytes).context("answering the program")?,
            Effect::Resize(size) => {
                emulator.resize(size);
                pty.resize(pty_size(size)).context("resizing the PTY")?;
            }
            _ => {}
        }
    }
    emulator.take_spill();
    Ok(())
}

fn pty_size(size: Size) -> PtySize {
    PtySize {
        rows: size.rows,
        cols: size.cols,
        ..PtySize::default()
    }
}

/// Runs a command and prints what the screen then shows.
pub fn show(command: &str, args: &[&str]) -> Result<ExitCode> {
    let mut builder = CommandBuilder::new(command);
    builder.args(args);
    builder.env("TERM", "xterm-256color");
    let mut emulator = Emulator::new(SIZE);
    run(builder, &mut emulator)?;
    for row in emulator.rows() {
        let mut text = String::new();
        for cell in row.cells() {
            emulator.tables().push_text(cell, &mut text);
        }
        println!("{}", text.trim_end());
    }
    Ok(ExitCode::SUCCESS)
}

/// The text of the screen, row by row.
pub fn text(emulator: &Emulator) -> String {
    let mut text = String::new();
    for row in emulator.rows() {
        for cell in row.cells() {
            emulator.tables().push_text(cell, &mut text);
        }
        text.push('\n');
    }
    text
}
