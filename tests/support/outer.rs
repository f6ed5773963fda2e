//! The user's terminal: a real PTY in which a program runs, drained all the time into a screen model (the vt100
//! crate, which has no code in common with wt's emulator).

use super::wait_for;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A terminal with a program in it.
pub struct Outer {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    model: Arc<Mutex<Model>>,
    /// Ends when no process has the terminal open any more.
    reading: JoinHandle<()>,
}

struct Model {
    parser: vt100::Parser,
    /// Everything that arrived.
    raw: Vec<u8>,
    paused: bool,
}

impl Outer {
    /// Starts `argv` in a new terminal.
    pub fn open(argv: &[&str], env: &[(String, String)], cwd: &Path, cols: u16, rows: u16) -> Self {
        let pair = native_pty_system()
            .openpty(size(cols, rows))
            .expect("a PTY");
        let mut command = CommandBuilder::new(argv[0]);
        command.args(&argv[1..]);
        command.env_clear();
        env.iter().for_each(|(key, value)| command.env(key, value));
        command.cwd(cwd);
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        let parser = vt100::Parser::new(nonzero(rows), nonzero(cols), 0);
        let model = Arc::new(Mutex::new(Model {
            parser,
            raw: Vec::new(),
            paused: false,
        }));
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let shared = model.clone();
        let reading = std::thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                while shared.lock().expect("the model").paused {
                    std::thread::park_timeout(std::time::Duration::from_millis(5));
                }
                let mut model = shared.lock().expect("the model");
                model.parser.process(&buffer[..count]);
                model.raw.extend_from_slice(&buffer[..count]);
            }
        });
        let writer = pair.master.take_writer().expect("a writer");
        Self {
            master: pair.master,
            writer,
            child,
            model,
            reading,
        }
    }

    /// Types.
    pub fn send(&mut self, keys: impl AsRef<[u8]>) {
        self.writer
            .write_all(keys.as_ref())
            .expect("the terminal takes keys");
        self.writer.flush().expect("the terminal takes keys");
    }

    /// Gives the terminal another size.
    pub fn resize(&self, cols: u16, rows: u16) {
        self.model
            .lock()
            .expect("the model")
            .parser
            .set_size(nonzero(rows), nonzero(cols));
        self.master.resize(size(cols, rows)).expect("a size");
    }

    /// Stops or goes on reading what the program prints.
    pub fn pause(&self, paused: bool) {
        self.model.lock().expect("the model").paused = paused;
    }

    /// The screen's rows, without blanks at their ends.
    pub fn rows(&self) -> Vec<String> {
        let model = self.model.lock().expect("the model");
        let screen = model.parser.screen();
        let (_, cols) = screen.size();
        screen
            .rows(0, cols.into())
            .map(|row| row.trim_end().to_owned())
            .collect()
    }

    /// Row and column of the cursor, 0-based.
    pub fn cursor(&self) -> (u16, u16) {
        self.model
            .lock()
            .expect("the model")
            .parser
            .screen()
            .cursor_position()
    }

    /// The screen as it is now, with colours and attributes.
    pub fn screen(&self) -> vt100::Screen {
        let model = self.model.lock().expect("the model");
        model.parser.screen().clone()
    }

    /// All bytes that the program has printed so far.
    pub fn raw(&self) -> Vec<u8> {
        self.model.lock().expect("the model").raw.clone()
    }

    /// Waits until a shell's prompt is on the screen.
    pub fn wait_prompt(&self) {
        self.wait("a prompt", |rows| rows.iter().any(|row| row == "$"));
    }

    /// Waits until the screen shows `text` somewhere.
    pub fn wait_text(&self, text: &str) {
        self.wait(&format!("{text:?} on screen"), |rows| {
            rows.iter().any(|row| row.contains(text))
        });
    }

    /// Waits until no row shows `text`.
    pub fn wait_gone(&self, text: &str) {
        self.wait(&format!("{text:?} to go"), |rows| {
            !rows.iter().any(|row| row.contains(text))
        });
    }

    /// Waits until the screen is as `is_so` says.
    pub fn wait(&self, what: &str, is_so: impl Fn(&[String]) -> bool) {
        let start = std::time::Instant::now();
        loop {
            let rows = self.rows();
            if is_so(&rows) {
                return;
            }
            assert!(
                start.elapsed() < super::DEADLINE,
                "waited in vain for {what}; the screen:\n{}",
                rows.join("\n")
            );
            std::thread::park_timeout(std::time::Duration::from_millis(3));
        }
    }

    /// Waits for the program's end, and until all that it printed is in the model; returns its exit code.
    pub fn wait_end(&mut self) -> u32 {
        let child = &mut self.child;
        let status = wait_for("the program's end", || child.try_wait().expect("a child"));
        wait_for("its last words", || {
            self.reading.is_finished().then_some(())
        });
        status.exit_code()
    }

    /// Process id of the program.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a pid")
    }

    /// Whether the terminal is as a shell wants it: no alternate screen, a cursor, no mouse, no bracketed paste, and
    /// canonical echoing input.
    pub fn is_whole(&self) -> Result<(), String> {
        let model = self.model.lock().expect("the model");
        let screen = model.parser.screen();
        let mut faults = Vec::new();
        if screen.alternate_screen() {
            faults.push("the alternate screen is shown");
        }
        if screen.hide_cursor() {
            faults.push("the cursor is hidden");
        }
        if screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None {
            faults.push("the mouse is reported");
        }
        if screen.bracketed_paste() {
            faults.push("paste is bracketed");
        }
        if screen.application_cursor() || screen.application_keypad() {
            faults.push("keys are in application mode");
        }
        let fd = self.master.as_raw_fd().expect("a PTY");
        // The master's settings are those of the program's side.
        #[allow(
            unsafe_code,
            reason = "portable-pty lends the descriptor as a number only"
        )]
        // SAFETY: the master is open for as long as self is.
        let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) };
        let settings = rustix::termios::tcgetattr(fd).expect("settings");
        if !settings
            .local_modes
            .contains(rustix::termios::LocalModes::ICANON | rustix::termios::LocalModes::ECHO)
        {
            faults.push("input is raw");
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults.join(", "))
        }
    }
}

impl Drop for Outer {
    fn drop(&mut self) {
        self.pause(false);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn nonzero(value: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(value.max(1)).expect("at least 1")
}
