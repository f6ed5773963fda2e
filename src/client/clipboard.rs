//! The user's clipboard: set by the terminal (OSC 52) and, as many a terminal refuses, by the platform's own tool.

use super::outer;
use crate::config::Clipboard;
use crate::sync::Time;
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The tools that set a clipboard, each with the variable that says that it is of use here; the first one that is
/// installed is taken.
const TOOLS: [(&str, &[&str]); 5] = [
    ("WAYLAND_DISPLAY", &["wl-copy"]),
    ("DISPLAY", &["xclip", "-selection", "clipboard"]),
    ("DISPLAY", &["xsel", "--input", "--clipboard"]),
    ("WSL_DISTRO_NAME", &["clip.exe"]),
    ("TERMUX_VERSION", &["termux-clipboard-set"]),
];

/// How long the terminal is left alone after a selection was set: a program that sets one after the other would keep it
/// from showing anything else.
const REST: u64 = 100;

/// Present only where it works.
const MAC_TOOL: &[&str] = &["pbcopy"];

/// The platform's tool, in an environment where `var` says which variables are set and `has` which programs are
/// installed. In an ssh session there is none: it would set the clipboard of the wrong machine.
pub fn tool_for(
    var: impl Fn(&str) -> bool,
    has: impl Fn(&str) -> bool,
) -> Option<&'static [&'static str]> {
    if var("SSH_CONNECTION") || var("SSH_TTY") {
        return None;
    }
    let known = TOOLS.iter().filter(|(name, _)| var(name));
    let mut tools = known.map(|&(_, tool)| tool).chain([MAC_TOOL]);
    tools.find(|tool| has(tool[0]))
}

/// Sets the clipboard without keeping anybody waiting.
#[derive(Debug)]
pub(super) struct Copier {
    choice: Clipboard,
    /// Program and arguments; empty if there is none.
    tool: Vec<String>,
    /// The newest selection that the terminal has not been told of.
    waiting: Option<(String, Vec<u8>)>,
    /// When it may be told again.
    next: Time,
    /// The thread that runs the tool, once there was something to copy.
    worker: Option<mpsc::Sender<Vec<u8>>>,
    faults: UnboundedReceiver<String>,
    fault: UnboundedSender<String>,
}

impl Copier {
    /// Looks for the tool that `choice` needs.
    pub(super) fn new(choice: Clipboard) -> Self {
        let tool = match &choice {
            Clipboard::Auto => {
                let var =
                    |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
                let tool = tool_for(var, is_installed).unwrap_or_default();
                tool.iter().map(|word| (*word).to_owned()).collect()
            }
            Clipboard::Command(argv) => argv.clone(),
            Clipboard::Terminal | Clipboard::Off => Vec::new(),
        };
        let (fault, faults) = unbounded_channel();
        Self {
            choice,
            tool,
            waiting: None,
            next: Time(0),
            worker: None,
            faults,
            fault,
        }
    }

    /// Goes by another choice from now on.
    pub(super) fn follow(&mut self, choice: &Clipboard) {
        if *choice != self.choice {
            *self = Self::new(choice.clone());
        }
    }

    /// Sets a selection; the terminal's part waits for [`Copier::tell`].
    ///
    /// # Errors
    /// In one line, if nobody takes a text of that length.
    pub(super) fn set(&mut self, selection: String, bytes: Vec<u8>) -> Result<()> {
        let by_terminal = matches!(self.choice, Clipboard::Auto | Clipboard::Terminal);
        let by_tool = !self.tool.is_empty() && (selection.is_empty() || selection.contains('c'));
        let is_too_long = bytes.len() > outer::MAX_CLIPBOARD;
        if by_terminal && !is_too_long {
            self.waiting = Some((selection, bytes.clone()));
        }
        if by_tool {
            self.hand_to_tool(bytes);
        } else if by_terminal && is_too_long {
            bail!(
                "too long for the terminal's clipboard, which takes 1 MiB: it can be pasted within wt"
            );
        }
        Ok(())
    }

    /// When [`Copier::tell`] has something to say.
    pub(super) fn due(&self) -> Option<Time> {
        self.waiting.as_ref().map(|_| self.next)
    }

    /// Appends the selection that waits, if it is time. Only for a terminal that has taken all else.
    pub(super) fn tell(&mut self, now: Time, out: &mut Vec<u8>) {
        if now < self.next {
            return;
        }
        if let Some((selection, bytes)) = self.waiting.take() {
            outer::clipboard(&selection, &bytes, out);
            self.next = now.after(REST);
        }
    }

    fn hand_to_tool(&mut self, bytes: Vec<u8>) {
        let (tool, fault) = (&self.tool, &self.fault);
        let worker = self.worker.get_or_insert_with(|| {
            let (sender, texts) = mpsc::channel();
            let (tool, fault) = (tool.clone(), fault.clone());
            std::thread::spawn(move || work(&tool, &texts, &fault));
            sender
        });
        // It ends only with the client.
        let _ = worker.send(bytes);
    }

    /// Waits for word that the tool failed; it comes once.
    pub(super) async fn fault(&mut self) -> String {
        match self.faults.recv().await {
            Some(fault) => fault,
            None => std::future::pending().await,
        }
    }
}

/// Runs the tool for the newest text, again and again.
fn work(tool: &[String], texts: &mpsc::Receiver<Vec<u8>>, fault: &UnboundedSender<String>) {
    let mut has_failed = false;
    while let Ok(first) = texts.recv() {
        let newest = texts.try_iter().last().unwrap_or(first);
        if let Err(error) = feed(tool, &newest)
            && !std::mem::replace(&mut has_failed, true)
        {
            let _ = fault.send(format!("the clipboard was not set: {error:#}"));
        }
    }
}

fn feed(tool: &[String], text: &[u8]) -> Result<()> {
    let (program, arguments) = tool.split_first().context("no program is named")?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {program}"))?;
    // A tool that does not read says why by how it ends.
    let _ = child.stdin.take().map(|mut input| input.write_all(text));
    let status = child.wait().with_context(|| format!("running {program}"))?;
    if !status.success() {
        bail!("{program} failed ({status})");
    }
    Ok(())
}

/// Whether `program` is on the PATH.
pub(super) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(set: &[&str], installed: &[&str]) -> Option<&'static str> {
        let tool = tool_for(|name| set.contains(&name), |name| installed.contains(&name));
        tool.map(|tool| tool[0])
    }

    #[test]
    fn the_platform_says_which_tool() {
        let all = ["wl-copy", "xclip", "xsel", "clip.exe"];
        assert_eq!(tool(&["WAYLAND_DISPLAY", "DISPLAY"], &all), Some("wl-copy"));
        assert_eq!(
            tool(&["WAYLAND_DISPLAY", "DISPLAY"], &["xsel"]),
            Some("xsel")
        );
        assert_eq!(tool(&["DISPLAY"], &all), Some("xclip"));
        assert_eq!(tool(&["WSL_DISTRO_NAME"], &all), Some("clip.exe"));
        assert_eq!(tool(&[], &["pbcopy"]), Some("pbcopy"));
        assert_eq!(tool(&[], &all), None);
        assert_eq!(tool(&["DISPLAY", "SSH_TTY"], &all), None);
        assert_eq!(tool(&["DISPLAY", "SSH_CONNECTION"], &all), None);
    }

    fn copier(argv: &[&str]) -> Copier {
        Copier::new(Clipboard::Command(
            argv.iter().map(|&word| word.to_owned()).collect(),
        ))
    }

    #[test]
    fn a_tool_gets_the_text_and_the_terminal_does_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("text");
        let script = format!("cat > {0}.new && mv {0}.new {0}", file.display());
        let mut copier = copier(&["sh", "-c", &script]);
        let text = "世界\n".repeat(300_000).into_bytes();
        copier
            .set("c".to_owned(), text.clone())
            .expect("it is taken");
        let start = std::time::Instant::now();
        while !file.exists() && start.elapsed().as_secs() < 20 {
            std::thread::yield_now();
        }
        assert!(std::fs::read(&file).expect("the text") == text);
        assert_eq!(copier.due(), None);
    }

    #[test]
    fn a_failure_is_told_once() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let mut copier = copier(&["/nowhere/tool"]);
        copier
            .set("c".to_owned(), b"x".to_vec())
            .expect("it is taken");
        let fault = runtime.block_on(copier.fault());
        assert!(fault.contains("starting /nowhere/tool"), "{fault}");
        assert!(copier.faults.try_recv().is_err());
    }

    #[test]
    fn what_nobody_takes_is_said() {
        let long = vec![b'x'; outer::MAX_CLIPBOARD + 1];
        let mut out = Vec::new();
        let mut terminal = Copier::new(Clipboard::Terminal);
        assert!(terminal.set("c".to_owned(), long.clone()).is_err());
        let mut off = Copier::new(Clipboard::Off);
        assert!(off.set("c".to_owned(), long).is_ok());
        assert_eq!((terminal.due(), off.due()), (None, None));
        assert!(terminal.set("c".to_owned(), b"hi".to_vec()).is_ok());
        terminal.tell(Time(0), &mut out);
        assert_eq!(out, b"\x1b]52;c;aGk=\x1b\\");
    }

    #[test]
    fn of_many_selections_the_terminal_is_told_the_newest_after_a_rest() {
        let mut copier = Copier::new(Clipboard::Terminal);
        let told = |copier: &mut Copier, now| {
            let mut out = Vec::new();
            copier.tell(Time(now), &mut out);
            String::from_utf8(out).expect("ASCII").replace('\x1b', "␛")
        };
        for text in ["a", "b", "hi"] {
            copier
                .set("c".to_owned(), text.into())
                .expect("it is taken");
        }
        assert_eq!(told(&mut copier, 9), "␛]52;c;aGk=␛\\");
        copier
            .set("p".to_owned(), b"hi".to_vec())
            .expect("it is taken");
        assert_eq!(copier.due(), Some(Time(9 + REST)));
        assert_eq!(told(&mut copier, 8 + REST), "");
        assert_eq!(told(&mut copier, 9 + REST), "␛]52;p;aGk=␛\\");
        assert_eq!(
            (told(&mut copier, 9999), copier.due()),
            (String::new(), None)
        );
    }
}
