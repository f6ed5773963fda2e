//! Reads the user's clipboard for a program that may know it: by the platform's tool where there is one, or else from the
//! terminal (OSC 52 with a `?`), which answers in its own time, or never.

use super::clipboard::is_installed;
use super::outer::MAX_CLIPBOARD;
use super::visit::VisitId;
use crate::config::Clipboard;
use crate::sync::Time;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long a tool may take.
const TOOL_WAIT: Duration = Duration::from_secs(5);

/// How long the terminal may take, in milliseconds: it may ask its user.
const TERMINAL_WAIT: u64 = 10_000;

/// A way to read both selections: the variable that says that it is of use here, the program with its arguments for
/// the clipboard, and for what is selected.
type Tool = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const TOOLS: [Tool; 4] = [
    (
        "WAYLAND_DISPLAY",
        &["wl-paste", "--no-newline"],
        &["wl-paste", "--no-newline", "--primary"],
    ),
    (
        "DISPLAY",
        &["xclip", "-out", "-selection", "clipboard"],
        &["xclip", "-out", "-selection", "primary"],
    ),
    (
        "DISPLAY",
        &["xsel", "--output", "--clipboard"],
        &["xsel", "--output", "--primary"],
    ),
    ("TERMUX_VERSION", &["termux-clipboard-get"], &[]),
];

/// Present only where it works.
const MAC_TOOL: Tool = ("", &["pbpaste"], &[]);

/// Which of the two is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selection {
    /// What was copied.
    Clipboard,
    /// What is selected.
    Primary,
}

impl Selection {
    /// As OSC 52 names it; the first letter that means one decides.
    fn of(names: &str) -> Option<Self> {
        let mut known = names.bytes().filter_map(|name| match name {
            b'c' | b's' => Some(Self::Clipboard),
            b'p' => Some(Self::Primary),
            _ => None,
        });
        match names {
            "" => Some(Self::Clipboard),
            _ => known.next(),
        }
    }
}

/// A question: of which session's server, and which of its questions.
pub(super) type Question = (VisitId, u64);

/// An answer: to which question, and what it is.
pub(super) type Answer = (Question, Option<Vec<u8>>);

/// Reads the clipboard without keeping anybody waiting.
#[derive(Debug)]
pub(super) struct Paster {
    choice: Clipboard,
    /// The question that the terminal was asked, and until when.
    asked: Option<(Question, Time)>,
    answers: UnboundedReceiver<Answer>,
    answer: UnboundedSender<Answer>,
}

impl Paster {
    pub(super) fn new(choice: Clipboard) -> Self {
        let (answer, answers) = unbounded_channel();
        Self {
            choice,
            asked: None,
            answers,
            answer,
        }
    }

    /// Goes by another choice from now on.
    pub(super) fn follow(&mut self, choice: &Clipboard) {
        self.choice = choice.clone();
    }

    /// Reads a selection; what the terminal is to be asked is appended to `out`.
    pub(super) fn read(&mut self, id: Question, selection: &str, now: Time, out: &mut Vec<u8>) {
        let Some(selection) = Selection::of(selection).filter(|_| self.choice != Clipboard::Off)
        else {
            return self.say(id, None);
        };
        let tool = match self.choice {
            Clipboard::Auto => {
                let var = |name: &str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
                tool_for(selection, var, is_installed)
            }
            _ => None,
        };
        match tool {
            Some(tool) => {
                let answer = self.answer.clone();
                // Nobody is left to be told once the client has ended.
                std::thread::spawn(move || answer.send((id, output(tool))));
            }
            None if self.asked.is_some() => self.say(id, None),
            None => {
                self.asked = Some((id, now.after(TERMINAL_WAIT)));
                out.extend_from_slice(match selection {
                    Selection::Clipboard => b"\x1b]52;c;?\x1b\\",
                    Selection::Primary => b"\x1b]52;p;?\x1b\\",
                });
            }
        }
    }

    /// The program may not know.
    pub(super) fn refuse(&mut self, id: Question) {
        self.say(id, None);
    }

    /// The terminal tells what is on its clipboard; what it was not asked for is nobody's.
    pub(super) fn hear(&mut self, contents: &[u8]) {
        if let Some((id, _)) = self.asked.take() {
            self.say(id, Some(contents.to_vec()));
        }
    }

    /// When the terminal has not answered.
    pub(super) fn due(&self) -> Option<Time> {
        self.asked.map(|(_, due)| due)
    }

    /// Gives up on a terminal that has not answered.
    pub(super) fn tick(&mut self, now: Time) {
        if let Some((id, _)) = self.asked.take_if(|(_, due)| *due <= now) {
            self.say(id, None);
        }
    }

    fn say(&self, id: Question, contents: Option<Vec<u8>>) {
        let contents = contents.filter(|bytes| bytes.len() <= MAX_CLIPBOARD);
        // The receiver lives as long as the sender.
        let _ = self.answer.send((id, contents));
    }

    /// The next answer that is known.
    pub(super) async fn answer(&mut self) -> Answer {
        match self.answers.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

/// The platform's tool. In an ssh session there is none: it would read the clipboard of the wrong machine.
fn tool_for(
    selection: Selection,
    var: impl Fn(&str) -> bool,
    has: impl Fn(&str) -> bool,
) -> Option<&'static [&'static str]> {
    if var("SSH_CONNECTION") || var("SSH_TTY") {
        return None;
    }
    let known = TOOLS.into_iter().filter(|(name, ..)| var(name));
    let tools = known
        .chain([MAC_TOOL])
        .map(|(_, clipboard, primary)| match selection {
            Selection::Clipboard => clipboard,
            Selection::Primary => primary,
        });
    { tools }.find(|tool| tool.first().is_some_and(|program| has(program)))
}

/// What a tool prints, if it ends well and in time. One that finds nothing on the clipboard fails.
fn output(tool: &[&str]) -> Option<Vec<u8>> {
    let (program, arguments) = tool.split_first()?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let said = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = said.take(MAX_CLIPBOARD as u64 + 1).read_to_end(&mut bytes);
        // Too late, nobody waits any more.
        let _ = sender.send(read.ok().map(|_| bytes));
    });
    let bytes = receiver.recv_timeout(TOOL_WAIT).ok().flatten();
    let is_whole = bytes
        .as_ref()
        .is_some_and(|bytes| bytes.len() <= MAX_CLIPBOARD);
    if !is_whole {
        let _ = child.kill();
    }
    let ended = child.wait().ok()?;
    bytes.filter(|_| is_whole && ended.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: u64) -> Question {
        (VisitId(7), id)
    }

    fn answers(paster: &mut Paster) -> Vec<Answer> {
        std::iter::from_fn(|| paster.answers.try_recv().ok()).collect()
    }

    #[test]
    fn the_terminal_is_asked_once_at_a_time_and_not_for_ever() {
        let mut paster = Paster::new(Clipboard::Terminal);
        let mut out = Vec::new();
        paster.hear(b"unasked");
        paster.read(of(1), "c", Time(0), &mut out);
        paster.read(of(2), "c", Time(5), &mut out);
        assert_eq!(out, b"\x1b]52;c;?\x1b\\");
        assert_eq!(answers(&mut paster), [(of(2), None)]);
        paster.hear(b"text");
        paster.hear(b"again");
        assert_eq!(answers(&mut paster), [(of(1), Some(b"text".to_vec()))]);
        out.clear();
        paster.read(of(3), "p", Time(10), &mut out);
        assert_eq!(out, b"\x1b]52;p;?\x1b\\");
        paster.tick(Time(9 + TERMINAL_WAIT));
        assert_eq!(answers(&mut paster), []);
        assert_eq!(paster.due(), Some(Time(10 + TERMINAL_WAIT)));
        paster.tick(Time(10 + TERMINAL_WAIT));
        assert_eq!(answers(&mut paster), [(of(3), None)]);
        assert_eq!(paster.due(), None);
    }

    #[test]
    fn what_is_off_too_long_or_no_selection_is_nothing() {
        let mut out = Vec::new();
        let mut off = Paster::new(Clipboard::Off);
        off.read(of(1), "c", Time(0), &mut out);
        off.refuse(of(2));
        assert_eq!(answers(&mut off), [(of(1), None), (of(2), None)]);
        let mut paster = Paster::new(Clipboard::Terminal);
        paster.read(of(3), "7", Time(0), &mut out);
        assert_eq!(answers(&mut paster), [(of(3), None)]);
        assert!(out.is_empty());
        paster.read(of(4), "", Time(0), &mut out);
        paster.hear(&vec![0; MAX_CLIPBOARD + 1]);
        assert_eq!(answers(&mut paster), [(of(4), None)]);
    }

    #[test]
    fn the_platform_says_which_tool() {
        let tool = |selection, set: &[&str]| {
            let tool = tool_for(selection, |name| set.contains(&name), |_| true);
            tool.map(|tool| tool.join(" "))
        };
        let (clipboard, primary) = (Selection::Clipboard, Selection::Primary);
        let wayland = tool(clipboard, &["WAYLAND_DISPLAY", "DISPLAY"]);
        assert_eq!(wayland.as_deref(), Some("wl-paste --no-newline"));
        let x = tool(primary, &["DISPLAY"]);
        assert_eq!(x.as_deref(), Some("xclip -out -selection primary"));
        assert_eq!(tool(clipboard, &[]).as_deref(), Some("pbpaste"));
        assert_eq!(tool(primary, &[]), None);
        assert_eq!(tool(clipboard, &["DISPLAY", "SSH_TTY"]), None);
    }

    #[test]
    fn a_tool_that_fails_or_says_too_much_gives_nothing() {
        assert_eq!(output(&["printf", "a\\n"]), Some(b"a\n".to_vec()));
        assert_eq!(output(&["false"]), None);
        assert_eq!(output(&["/nowhere/tool"]), None);
        assert_eq!(output(&["cat", "/dev/zero"]), None);
    }
}
