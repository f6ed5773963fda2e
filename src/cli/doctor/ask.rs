//! Asks the terminal about itself: sends all questions at once, and reads until the last is answered or it is late.
//!
//! The terminal is in raw mode meanwhile, so that no answer is echoed; whatever comes too late is thrown away with it.

use super::answers::Answers;
use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use std::time::{Duration, Instant};

/// How long a terminal may take for its first answer; over ssh it may be far away.
const WAIT: Duration = Duration::from_millis(300);
const WAIT_FAR: Duration = Duration::from_millis(1500);
/// How long one that has begun may take for the rest.
const WAIT_MORE: Duration = Duration::from_millis(1000);
/// Most bytes that answers may have.
const MAX_BYTES: usize = 16 << 10;

/// Two texts of two columns each, in wt's counting, and where the cursor stands behind them (CPR). The line is empty
/// again afterwards.
const WIDTHS: &[u8] = "\x1b7\r界\x1b[6n\r\x1b[K👩‍🚀\x1b[6n\r\x1b[K\x1b8".as_bytes();
/// XTVERSION, the kitty keyboard flags, OSC 11, DECRQM of private modes, a colour and what became of it (DECRQSS, `m`),
/// and XTGETTCAP of `RGB`.
const REST: &[u8] =
    b"\x1b[>q\x1b[?u\x1b]11;?\x1b\\\x1b[?2026$p\x1b[?2027$p\x1b[?2031$p\x1b[?1006$p\x1b[?1016$p\
    \x1b[?2004$p\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m\x1bP+q524742\x1b\\";
/// DA1, which all terminals answer, and in their turn: the fence.
const FENCE: &[u8] = b"\x1b[c";

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Questions {
    /// All.
    All,
    /// What a terminal of the eighties answers, and would not print.
    Old,
}

/// How far the terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// On this machine.
    Near,
    /// At the other end of a network.
    Far,
}

/// Asks the terminal of standard input and output. `None` if this is not in the foreground there.
///
/// # Errors
/// If the user pressed C-c meanwhile, or the terminal has gone.
pub fn ask(questions: Questions, distance: Distance) -> Result<Option<Answers>> {
    let foreground = tcgetpgrp(stdin()).context("looking at the terminal")?;
    if foreground != rustix::process::getpgrp() {
        return Ok(None);
    }
    let _raw = Raw::enter()?;
    let text = match questions {
        Questions::All => [WIDTHS, REST, FENCE].concat(),
        Questions::Old => [WIDTHS, FENCE].concat(),
    };
    write_all(&text).context("asking the terminal")?;
    let bytes = read(match distance {
        Distance::Near => WAIT,
        Distance::Far => WAIT_FAR,
    })?;
    // In raw mode C-c is a byte; answers hold none.
    if bytes.contains(&0x03) {
        bail!("interrupted");
    }
    Ok(Some(Answers::read(&bytes)))
}

/// Reads until the fence, or nothing more comes.
fn read(wait: Duration) -> Result<Vec<u8>> {
    let (mut bytes, mut end) = (Vec::new(), Instant::now() + wait);
    let late = end + WAIT_MORE;
    let mut part = [0; 1024];
    while bytes.len() < MAX_BYTES && is_readable(end)? {
        let length = rustix::io::read(stdin(), &mut part).context("reading from the terminal")?;
        if length == 0 {
            bail!("the terminal has gone");
        }
        bytes.extend_from_slice(&part[..length]);
        if Answers::read(&bytes).is_complete() {
            break;
        }
        // Keys are no answer: somebody who types does not lengthen the wait.
        if bytes.contains(&0x1b) {
            end = late;
        }
    }
    Ok(bytes)
}

/// Waits until there is something to read; false when `end` has come.
fn is_readable(end: Instant) -> Result<bool> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let timeout = Timespec {
            tv_sec: left.as_secs() as i64,
            tv_nsec: left.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::new(&stdin(), PollFlags::IN)], Some(&timeout)) {
            Ok(ready) => return Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error).context("waiting for the terminal"),
        }
    }
}

fn write_all(mut bytes: &[u8]) -> rustix::io::Result<()> {
    while !bytes.is_empty() {
        let length = rustix::io::retry_on_intr(|| rustix::io::write(stdout(), bytes))?;
        bytes = &bytes[length..];
    }
    Ok(())
}

/// The terminal in raw mode; as it was when dropped, without what nobody has read.
struct Raw {
    before: Termios,
}

impl Raw {
    fn enter() -> Result<Self> {
        let before = tcgetattr(stdin()).context("looking at the terminal")?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Now, &raw)
            .context("setting the terminal to raw mode")?;
        Ok(Self { before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nobody to tell, and nothing else to try.
        let _ = tcsetattr(stdin(), OptionalActions::Flush, &self.before);
    }
}
