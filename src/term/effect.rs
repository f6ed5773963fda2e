//! What an emulator asks of the world: answers to the program, the bell, the clipboard, notices, marks.

use super::limits::{MAX_EFFECTS, MAX_NOTICES, MAX_REPLY};
use std::collections::VecDeque;

/// What has to be done because of what a program wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Bytes for the program's input.
    Reply(Vec<u8>),
    /// BEL.
    Bell,
    /// OSC 52: put `bytes` on the clipboard.
    Clipboard {
        /// Which clipboards: letters of `cpqs01234567`, or empty.
        selection: String,
        /// The decoded contents.
        bytes: Vec<u8>,
    },
    /// OSC 52 with a `?`: the program wants to know what is on the clipboard.
    AskClipboard {
        /// Which, as above; an answer names it alike.
        selection: String,
        /// How the answer ends: as the question did.
        end: &'static str,
    },
    /// OSC 9, 99 or 777: a notice for the user.
    Notice(Notice),
    /// The program wishes for another size, and may (see [`Grants`](super::Grants)).
    Resize(super::Size),
    /// OSC 133: the shell says what comes next, and the cursor stands where that begins.
    Mark {
        /// What comes next.
        mark: Mark,
        /// The shell that says so, by the name that it gives itself (`aid=`), at most 64
        /// bytes; empty if it gives none. A shell in a shell has another.
        shell: String,
        /// The cursor's line, counted from the first that the next [`Emulator::take_spill`](super::Emulator::take_spill)
        /// gives or, if that is empty, from the oldest in memory.
        line: u64,
        /// Columns of that line before the cursor, those of rows above it that wrapped included.
        col: u64,
    },
}

/// Something that a program wants the user to know. Its texts are one line each, and nothing in them steers a terminal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// What it is about; may be empty.
    pub title: String,
    /// What there is to know; never empty.
    pub body: String,
    /// How urgent the program finds it.
    pub urgency: Urgency,
}

/// How urgent a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Urgency {
    /// It can wait.
    Low,
    /// As usual.
    #[default]
    Normal,
    /// It cannot wait.
    Critical,
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.title.is_empty() {
            true => f.write_str(&self.body),
            false => write!(f, "{}: {}", self.title, self.body),
        }
    }
}

/// OSC 133 (FinalTerm's semantic prompts).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// A: the prompt begins.
    Prompt,
    /// B: the prompt ends, the command line begins.
    Command,
    /// C: the command runs, its output begins.
    Output {
        /// What the shell tells of the command line.
        text: CommandLine,
        /// The directory that the shell has said it is in (OSC 7).
        dir: Option<String>,
    },
    /// D: the command ended, with its exit code if the shell told.
    End(Option<i32>),
}

/// What a shell tells of a command line: of bounded length, and no character of it steers a terminal but line feeds and
/// tabs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CommandLine {
    /// Nothing.
    #[default]
    Unsaid,
    /// It is this (`cmdline_url=`, as in kitty's shell integration).
    Said(String),
    /// The shell's history has got no line by it, and this is its last: either it is that line once more, or it was kept
    /// out (`repeated_url=`, wt's own).
    Repeated(String),
}

/// Effects not yet taken.
#[derive(Debug, Clone, Default)]
pub(super) struct Effects {
    queue: VecDeque<Effect>,
    /// S8C1T.
    in_8_bits: bool,
    /// How many of them are notices.
    notices: usize,
    /// Bytes of the answers among them.
    answered: usize,
}

impl Effects {
    /// S7C1T and S8C1T: whether the controls of replies are one byte each (ECMA-35 §6.4.3).
    pub(super) fn answer_in_8_bits(&mut self, on: bool) {
        self.in_8_bits = on;
    }

    pub(super) fn are_in_8_bits(&self) -> bool {
        self.in_8_bits
    }

    /// Queues `bytes` for the program; replies in a row become one.
    pub(super) fn reply(&mut self, bytes: &[u8]) {
        if self.in_8_bits {
            return self.queue_reply(&in_8_bits(bytes));
        }
        self.queue_reply(bytes);
    }

    fn queue_reply(&mut self, bytes: &[u8]) {
        if self.answered + bytes.len() > MAX_REPLY {
            return;
        }
        if let Some(Effect::Reply(last)) = self.queue.back_mut() {
            self.answered += bytes.len();
            last.extend_from_slice(bytes);
        } else {
            self.push(Effect::Reply(bytes.to_vec()));
        }
    }

    /// Queues `effect`. Two bells in a row are one; beyond the bounds the newest is dropped.
    pub(super) fn push(&mut self, effect: Effect) {
        let repeated = effect == Effect::Bell && self.queue.back() == Some(&Effect::Bell);
        let is_notice = matches!(effect, Effect::Notice(_));
        let crowded = is_notice && self.notices == MAX_NOTICES;
        if !repeated && !crowded && self.queue.len() < MAX_EFFECTS {
            self.notices += usize::from(is_notice);
            self.answered += answer_bytes(&effect);
            self.queue.push_back(effect);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Effect> {
        let effect = self.queue.pop_front()?;
        self.notices -= usize::from(matches!(effect, Effect::Notice(_)));
        self.answered -= answer_bytes(&effect);
        Some(effect)
    }
}

fn answer_bytes(effect: &Effect) -> usize {
    match effect {
        Effect::Reply(bytes) => bytes.len(),
        _ => 0,
    }
}

/// Writes `ESC @` to `ESC _` as the one byte that each stands for.
fn in_8_bits(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        match (first, after) {
            (0x1b, [second @ 0x40..=0x5f, after @ ..]) => {
                out.push(second + 0x40);
                rest = after;
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}
