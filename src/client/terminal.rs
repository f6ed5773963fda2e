//! The user's terminal: taken over on entry, given back whole whatever ends the client.
//!
//! The terminal is opened anew by its path, so that `O_NONBLOCK` is ours alone: on the descriptors that the shell gave
//! us it would outlive us. crossterm sets raw mode; its event reader is not used, as it drops what it does not know,
//! hides the bytes, and reads on its own terms.

use super::keyboard::{self, Keyboard};
use crate::net::watched::Watched;
use crate::term::Size;
use crate::term::input::TerminalReply;
use crate::ui::{KeyboardUse, MousePrecision, MouseUse};
use anyhow::{Context, Result, bail};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::io;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

/// Keeps the title for [`LEAVE`].
const KEEP_TITLE: &[u8] = b"\x1b[22;0;0t";
/// Alternate screen, keys in their normal form, pastes bracketed, focus told, a clean page.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?1l\x1b>\x1b[?2004h\x1b[?1004h\x1b[m\x1b[H\x1b[2J";
/// Asks whether it is dark or light, and to be told when that changes (mode 2031 of contour and others). A terminal that knows neither says nothing, and nothing waits for it.
const ASK_SCHEME: &[u8] = b"\x1b[?2031h\x1b[?996n";
/// Asks for letters and background (OSC 10 and 11).
const ASK_COLORS: &[u8] = b"\x1b]10;?\x1b\\\x1b]11;?\x1b\\";
/// Ends whatever a cut frame left open, then undoes all of the above and all that frames set.
const LEAVE: &[u8] = b"\x1b\\\x1b[?2026l\x1b]8;;\x1b\\\x1b(B\x0f\x1b[m\x1b[r\x1b[?1016l\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\
    \x1b[?1004l\x1b[?2031l\x1b[?2004l\x1b[?1l\x1b>\x1b[0 q\x1b[?1049l\x1b[23;0;0t\x1b[?25h\x1b[m";

/// Gives the cursor its own colour back (OSC 112): only where it was taken, as the user may have set one.
const RESET_CURSOR_COLOR: &[u8] = b"\x1b]112\x1b\\";

/// What is taken for the size of a terminal that does not know its own.
const UNKNOWN_SIZE: Size = Size { cols: 80, rows: 24 };

/// How long a terminal that takes nothing is waited for when it is left.
const LEAVE_WAIT: Duration = Duration::from_millis(500);

/// Room that the buffer keeps while nothing is written.
const IDLE_ROOM: usize = 256 * 1024;

/// The terminal that is entered, for whoever has to leave it: a drop, or a panic on its way.
static ENTERED: Mutex<Option<Entered>> = Mutex::new(None);

/// A terminal to be left.
#[derive(Debug)]
struct Entered {
    tty: OwnedFd,
    /// What goes before [`LEAVE`]: the alternate screen has keyboard flags of its own.
    keyboard: &'static [u8],
}

/// Whether the cursor was given a colour, for whoever leaves the terminal.
static CURSOR_COLORED: AtomicBool = AtomicBool::new(false);

/// Asks for what is to be told of the mouse, as SGR reports. To xterm the modes are one setting with several values:
/// the last one set holds, and each that is reset ends them all.
fn mouse_modes(mouse: MouseUse) -> &'static [u8] {
    match mouse {
        MouseUse::Left => b"\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l",
        MouseUse::Buttons => b"\x1b[?1003l\x1b[?1000h\x1b[?1002h\x1b[?1006h",
        MouseUse::Motion => b"\x1b[?1000h\x1b[?1002h\x1b[?1003h\x1b[?1006h",
    }
}

/// Asks for reports by cell or by pixel (1016). They look alike: the terminal is asked how that stands then, and answers
/// in its turn among them.
fn precision_modes(precision: MousePrecision) -> &'static [u8] {
    match precision {
        MousePrecision::Cells => b"\x1b[?1016l\x1b[?1006h\x1b[?1016$p",
        MousePrecision::Pixels => b"\x1b[?1016h\x1b[?1016$p",
    }
}

/// The user's terminal. Given back when dropped.
#[derive(Debug)]
pub struct Terminal {
    tty: Watched,
    /// The size it had when it was last asked.
    size: Size,
    mouse: MouseUse,
    precision: MousePrecision,
    keyboard: Keyboard,
    out: Vec<u8>,
    written: usize,
}

impl Terminal {
    /// Opens the terminal that the client was started in; changes nothing there. Needs a tokio runtime.
    ///
    /// # Errors
    /// If standard input or output is no terminal.
    pub fn open() -> Result<Self> {
        require_terminal()?;
        let tty = open_again().context("opening the terminal")?;
        Self::over(tty)
    }

    fn over(tty: OwnedFd) -> Result<Self> {
        Ok(Self {
            size: size_of(&tty).unwrap_or(UNKNOWN_SIZE),
            tty: Watched::new(tty).context("watching the terminal")?,
            mouse: MouseUse::Left,
            precision: MousePrecision::Cells,
            keyboard: Keyboard::new(),
            out: Vec::new(),
            written: 0,
        })
    }

    /// The terminal's size; 80 × 24 if it does not know, and what it was once the terminal is gone: a window that is
    /// closed resizes no pane.
    pub fn size(&mut self) -> Size {
        if let Ok(size) = size_of(&self.tty) {
            self.size = size;
        }
        self.size
    }

    /// Takes the terminal over. It is asked what colours it has; nothing waits for what it says. Again after a stop
    /// (SIGCONT), when the shell has had it in between.
    pub fn enter(&mut self) -> Result<()> {
        restore_on_panic();
        let kept = self
            .tty
            .as_fd()
            .try_clone_to_owned()
            .context("keeping the terminal at hand")?;
        let kept = Entered {
            tty: kept,
            keyboard: self.keyboard.undo(),
        };
        if entered().replace(kept).is_none() {
            self.out.extend_from_slice(KEEP_TITLE);
        }
        // What crossterm believes may be out of date after a stop: it sets nothing that it has set.
        let _ = crossterm::terminal::disable_raw_mode();
        crossterm::terminal::enable_raw_mode().context("setting the terminal to raw mode")?;
        self.out.extend_from_slice(ENTER);
        if self.mouse != MouseUse::Left {
            self.out.extend_from_slice(mouse_modes(self.mouse));
        }
        if self.precision == MousePrecision::Pixels {
            self.out.extend_from_slice(precision_modes(self.precision));
        }
        self.out.extend_from_slice(ASK_SCHEME);
        self.out.extend_from_slice(keyboard::ASK);
        self.keyboard.ask_again(&mut self.out);
        self.ask_colors();
        Ok(())
    }

    /// Asks for letters and background; nothing waits for the answer.
    pub fn ask_colors(&mut self) {
        self.out.extend_from_slice(ASK_COLORS);
    }

    /// Takes note of what the terminal says of its keyboard.
    pub fn hear(&mut self, reply: &TerminalReply) {
        self.keyboard.hear(reply);
    }

    /// Asks for what is to be told of keys, if that is something else now and the terminal can tell it.
    pub fn use_keyboard(&mut self, wanted: KeyboardUse) {
        self.keyboard.ask_for(wanted, &mut self.out);
        if let Some(entered) = entered().as_mut() {
            entered.keyboard = self.keyboard.undo();
        }
    }

    /// The size of a cell in pixels, if the terminal tells it.
    pub fn cell(&self) -> Option<(u16, u16)> {
        let size = rustix::termios::tcgetwinsize(&self.tty).ok()?;
        let width = size.ws_xpixel.checked_div(size.ws_col)?;
        let height = size.ws_ypixel.checked_div(size.ws_row)?;
        (width > 0 && height > 0).then_some((width, height))
    }

    /// Asks for what is to be told of the mouse, if that is something else now.
    pub fn use_mouse(&mut self, mouse: MouseUse) {
        if std::mem::replace(&mut self.mouse, mouse) != mouse {
            self.out.extend_from_slice(mouse_modes(mouse));
            if self.precision == MousePrecision::Pixels {
                self.out.extend_from_slice(precision_modes(self.precision));
            }
        }
    }

    /// Asks where in a cell the mouse is, or no longer, if that is something else now.
    pub fn use_precision(&mut self, precision: MousePrecision) {
        if std::mem::replace(&mut self.precision, precision) != precision {
            self.out.extend_from_slice(precision_modes(precision));
        }
    }

    /// Notes that a frame gives the cursor a colour, which is taken back when the terminal is left.
    pub fn cursor_is_colored(&self) {
        CURSOR_COLORED.store(true, Ordering::Relaxed);
    }

    /// Waits until there may be something to read.
    pub async fn readable(&self) -> io::Result<()> {
        self.tty.readable().await
    }

    /// Reads what is there; 0 once the terminal is gone.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if nothing is there.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.tty.try_read(buffer) {
            Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => Ok(0),
            result => result,
        }
    }

    /// Where bytes for the terminal go. A frame belongs here only while [`Terminal::is_clear`].
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Whether the terminal has taken all that it was sent.
    pub fn is_clear(&self) -> bool {
        self.out.is_empty()
    }

    /// Waits until more may be written.
    pub async fn writable(&self) -> io::Result<()> {
        self.tty.writable().await
    }

    /// Writes as much as the terminal takes.
    pub fn try_flush(&mut self) -> io::Result<()> {
        while self.written < self.out.len() {
            match self.tty.try_write(&self.out[self.written..]) {
                Ok(length) => self.written += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.out.clear();
        self.out.shrink_to(IDLE_ROOM);
        self.written = 0;
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        leave();
    }
}

/// Fails, with a line for the user, if standard input or output is no terminal.
pub fn require_terminal() -> Result<()> {
    if !rustix::termios::isatty(rustix::stdio::stdin())
        || !rustix::termios::isatty(rustix::stdio::stdout())
    {
        bail!("standard input and output must be a terminal; run wt from one, without pipes");
    }
    Ok(())
}

/// The size of the terminal on standard output; 80 × 24 if it does not know.
pub fn terminal_size() -> Result<Size> {
    require_terminal()?;
    Ok(size_of(rustix::stdio::stdout()).unwrap_or(UNKNOWN_SIZE))
}

fn size_of(tty: impl AsFd) -> rustix::io::Result<Size> {
    let size = rustix::termios::tcgetwinsize(tty)?;
    let known = size.ws_col > 0 && size.ws_row > 0;
    Ok(if known {
        Size::new(size.ws_col, size.ws_row)
    } else {
        UNKNOWN_SIZE
    })
}

/// The terminal of standard input, under a file description of its own.
fn open_again() -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let by_name = rustix::termios::ttyname(rustix::stdio::stdin(), Vec::new())
        .and_then(|path| rustix::fs::open(path, flags, Mode::empty()));
    Ok(by_name.or_else(|_| rustix::fs::open(c"/dev/tty", flags, Mode::empty()))?)
}

fn entered() -> std::sync::MutexGuard<'static, Option<Entered>> {
    ENTERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the terminal back, if it is entered.
pub fn leave() {
    let Some(Entered { tty, keyboard }) = entered().take() else {
        return;
    };
    write_all(&tty, &[keyboard, LEAVE].concat());
    if CURSOR_COLORED.swap(false, Ordering::Relaxed) {
        write_all(&tty, RESET_CURSOR_COLOR);
    }
    // There is nobody to tell, and nothing else to try.
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Says a last line on a terminal that was left. One that takes nothing is not waited for.
pub fn say_last(line: &str) {
    let stdout = rustix::stdio::stdout().try_clone_to_owned();
    if let Ok(stdout) = stdout {
        write_all(&stdout, format!("{line}\n").as_bytes());
    }
}

/// Writes to a terminal that may be slow, but not for ever: it may be stopped (C-s) or gone.
fn write_all(tty: &OwnedFd, mut bytes: &[u8]) {
    let end = Instant::now() + LEAVE_WAIT;
    while !bytes.is_empty() {
        if !takes_more(tty, end) {
            return;
        }
        match rustix::io::write(tty, bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {}
            Err(_) => return,
        }
    }
}

/// Waits until the terminal takes more; no if it does not until `end`.
fn takes_more(tty: &OwnedFd, end: Instant) -> bool {
    let left = end.saturating_duration_since(Instant::now());
    let timeout = rustix::event::Timespec {
        tv_sec: 0,
        tv_nsec: left.subsec_nanos().into(),
    };
    let mut wait = [rustix::event::PollFd::new(
        tty,
        rustix::event::PollFlags::OUT,
    )];
    !left.is_zero() && rustix::event::poll(&mut wait, Some(&timeout)) != Ok(0)
}

/// Makes a panic's message appear on a terminal that is the user's again.
fn restore_on_panic() {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let next = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave();
            next(panic);
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

    /// The far side of a terminal, and the terminal, in raw mode.
    fn terminal() -> (OwnedFd, Terminal) {
        let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
        grantpt(&far).and_then(|()| unlockpt(&far)).expect("a pty");
        let path = ptsname(&far, Vec::new()).expect("a name");
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let near = rustix::fs::open(path, flags, Mode::empty()).expect("a terminal");
        let mut modes = tcgetattr(&near).expect("a terminal");
        modes.make_raw();
        tcsetattr(&near, OptionalActions::Now, &modes).expect("a terminal");
        (far, Terminal::over(near).expect("a terminal"))
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(future)
    }

    #[test]
    fn what_does_not_fit_is_written_later_and_in_order() {
        block_on(async {
            let (far, mut terminal) = terminal();
            let sent: Vec<u8> = (0..300_000u32).map(|n| n as u8).collect();
            terminal.buffer().extend_from_slice(&sent);
            terminal.writable().await.expect("a terminal");
            terminal.try_flush().expect("a terminal");
            assert!(!terminal.is_clear(), "nothing takes so much at once");
            let length = sent.len();
            let reader = std::thread::spawn(move || {
                let (mut got, mut part) = (Vec::new(), [0; 4096]);
                while got.len() < length {
                    let length = rustix::io::read(&far, &mut part).expect("what was written");
                    got.extend_from_slice(&part[..length]);
                }
                got
            });
            while !terminal.is_clear() {
                terminal.writable().await.expect("a terminal");
                terminal.try_flush().expect("a terminal");
            }
            let got = reader.join().expect("a reader");
            assert!(got == sent, "the bytes came in another order");
        });
    }

    #[test]
    fn what_is_typed_is_read_and_a_hang_up_is_the_end() {
        block_on(async {
            let (far, terminal) = terminal();
            let mut buffer = [0; 16];
            rustix::io::write(&far, b"\x1b[A").expect("room");
            terminal.readable().await.expect("a terminal");
            assert_eq!(terminal.try_read(&mut buffer).expect("a key"), 3);
            let again = terminal.try_read(&mut buffer).map_err(|error| error.kind());
            assert_eq!(again, Err(io::ErrorKind::WouldBlock));
            drop(far);
            terminal.readable().await.expect("a terminal");
            assert_eq!(terminal.try_read(&mut buffer).expect("an end"), 0);
        });
    }

    #[test]
    fn a_terminal_that_is_gone_keeps_its_size() {
        block_on(async {
            let (far, mut terminal) = terminal();
            assert_eq!(terminal.size(), UNKNOWN_SIZE);
            let wide = rustix::termios::Winsize {
                ws_col: 120,
                ws_row: 40,
                ws_xpixel: 0,
                ws_ypixel: 0,
            };
            rustix::termios::tcsetwinsize(&far, wide).expect("a terminal");
            assert_eq!(terminal.size(), Size::new(120, 40));
            drop(far);
            assert_eq!(terminal.size(), Size::new(120, 40));
        });
    }

    #[test]
    fn motion_is_asked_for_and_no_longer() {
        block_on(async {
            let (_far, mut terminal) = terminal();
            terminal.use_mouse(MouseUse::Motion);
            terminal.use_mouse(MouseUse::Motion);
            let asked = mouse_modes(MouseUse::Motion);
            assert_eq!(terminal.buffer(), asked, "once");
            terminal.use_mouse(MouseUse::Buttons);
            let rest = terminal.buffer().split_off(asked.len());
            let rest = String::from_utf8(rest).expect("text");
            let (ended, asked) = rest.split_once("\x1b[?1003l").expect("an end of it");
            assert!(
                ended.is_empty() && asked.contains("\x1b[?1002h"),
                "{rest:?}"
            );
        });
    }

    #[test]
    fn every_mode_that_is_set_is_taken_back() {
        let entered = [ENTER, mouse_modes(MouseUse::Motion), ASK_SCHEME].concat();
        let entered = String::from_utf8(entered).expect("text");
        let left = String::from_utf8(LEAVE.to_vec()).expect("text");
        let set: Vec<_> = entered
            .split("\x1b[?")
            .filter_map(|rest| rest.split_once('h'))
            .collect();
        let numbers: Vec<_> = set
            .iter()
            .filter(|(number, _)| number.parse::<u16>().is_ok())
            .collect();
        assert_eq!(numbers.len(), 8);
        for (number, _) in numbers {
            assert!(
                left.contains(&format!("\x1b[?{number}l")),
                "{number} stays set"
            );
        }
    }
}
