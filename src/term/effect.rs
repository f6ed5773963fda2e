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
}

/// A program that asks more than this before it is answered goes unanswered.
const MAX_REPLY: usize = 64 << 10;
const MAX_EFFECTS: usize = 1024;

impl Effects {
    /// Queues `bytes` for the program; replies in a row become one.
    pub(super) fn reply(&mut self, bytes: &[u8]) {
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
