//! What an emulator asks of the world: answers to the program, the bell, the clipboard, notices, marks.

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
    /// OSC 9 or OSC 777: a notice for the user.
    Notify(String),
    /// The program wishes for another size, and may (see [`Grants`](super::Grants)).
    Resize(super::Size),
    /// OSC 133: the shell says what comes next.
    Mark(Mark),
}

/// OSC 133 (FinalTerm's semantic prompts).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A: the prompt begins.
    Prompt,
    /// B: the prompt ends, the command line begins.
    Command,
    /// C: the command runs, its output begins.
    Output,
    /// D: the command ended, with its exit code if the shell told.
    End(Option<i32>),
}

/// Effects not yet taken.
#[derive(Debug, Clone, Default)]
pub(super) struct Effects {
    queue: VecDeque<Effect>,
    /// S8C1T.
    in_8_bits: bool,
}

/// A program that asks more than this before it is answered goes unanswered.
const MAX_REPLY: usize = 64 << 10;
const MAX_EFFECTS: usize = 1024;

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
        if let Some(Effect::Reply(last)) = self.queue.back_mut() {
            if last.len() + bytes.len() <= MAX_REPLY {
                last.extend_from_slice(bytes);
            }
        } else {
            self.push(Effect::Reply(bytes.to_vec()));
        }
    }

    /// Queues `effect`. Two bells in a row are one; beyond the bound the newest is dropped.
    pub(super) fn push(&mut self, effect: Effect) {
        let repeated = effect == Effect::Bell && self.queue.back() == Some(&Effect::Bell);
        if !repeated && self.queue.len() < MAX_EFFECTS {
            self.queue.push_back(effect);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Effect> {
        self.queue.pop_front()
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
