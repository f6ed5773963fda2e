//! Finds where control sequences begin and end when they arrive in pieces, and strings always: a sequence is acted on
//! whole, and no string grows without bound.

use super::limits::{MAX_CLIPBOARD_STRING, MAX_SEQUENCE, MAX_STRING, MAX_WRAPPED};
use super::string::{Terminator, wrapped};

/// What kind of sequence is under way (after Paul Williams' state machine, vt100.net/emu/dec_ansi_parser).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    /// None.
    #[default]
    Ground,
    /// ESC was read.
    Escape,
    /// ESC and an intermediate byte.
    Intermediate,
    /// CSI.
    Csi,
    /// OSC, DCS, APC, PM, SOS, and screen's `ESC k`: a string up to ST.
    String(u8),
    /// A string in which each ESC is doubled, and an ESC that may be the first of two.
    Doubling(u8),
}

/// A sequence that has just ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was cancelled or too long: it does nothing.
    Nothing,
    /// ESC or CSI: [`Scanner::pending`] holds all its bytes.
    Sequence,
    /// A string: [`Scanner::pending`] holds it from its ESC on.
    String {
        /// The byte after ESC.
        kind: u8,
        /// What ended it.
        end: Terminator,
    },
}

/// The bytes of the sequence under way, or of an unfinished UTF-8 character.
#[derive(Debug, Clone, Default)]
pub(super) struct Scanner {
    pub(super) state: State,
    pub(super) pending: Vec<u8>,
    /// The sequence passed its bound: its end is awaited and it does nothing.
    pub(super) overflown: bool,
    /// How many wrappers the bytes were unwrapped from.
    wrapped: u8,
}

const ESC: u8 = 0x1b;
/// ST as one control: in UTF-8 two bytes.
const ST: u8 = 0x9c;
const ST_LEAD: u8 = 0xc2;
/// How much of a string has to be seen to know how long it may be.
const MAX_PREFIX: usize = 16;

impl Scanner {
    pub(super) fn is_ground(&self) -> bool {
        self.state == State::Ground
    }

    /// An ESC was read.
    pub(super) fn begin(&mut self) {
        self.state = State::Escape;
        self.overflown = false;
        self.pending.clear();
        self.pending.push(ESC);
    }

    /// Reads on until the sequence ends; says how many bytes it took. Not to be called in the ground state.
    pub(super) fn scan(&mut self, bytes: &[u8]) -> (usize, Option<Ended>) {
        match self.state {
            State::String(kind) => return self.scan_string(kind, bytes),
            State::Doubling(kind) => return self.scan_doubling(kind, bytes),
            _ => {}
        }
        for (n, &byte) in bytes.iter().enumerate() {
            self.keep(&[byte], MAX_SEQUENCE);
            match self.step(byte) {
                State::Ground => {
                    self.state = State::Ground;
                    let ended = match self.overflown {
                        true => Ended::Nothing,
                        false => Ended::Sequence,
                    };
                    return (n + 1, Some(ended));
                }
                State::String(kind) => {
                    self.state = State::String(kind);
                    self.pending.clear();
                    self.pending.extend([ESC, kind]);
                    self.overflown = false;
                    return (n + 1, None);
                }
                state => self.state = state,
            }
        }
        (bytes.len(), None)
    }

    fn step(&self, byte: u8) -> State {
        match (self.state, byte) {
            (_, 0x18 | 0x1a) => State::Ground,
            (_, ESC) => State::Escape,
            (State::Escape, b'[') => State::Csi,
            (State::Escape, b'P' | b']' | b'X' | b'^' | b'_' | b'k') => State::String(byte),
            (State::Escape | State::Intermediate, 0x20..=0x2f) => State::Intermediate,
            (State::Escape | State::Intermediate, 0x30..=0x7e) => State::Ground,
            (State::Csi, 0x40..=0x7e) => State::Ground,
            (state, _) => state,
        }
    }

    fn scan_string(&mut self, kind: u8, bytes: &[u8]) -> (usize, Option<Ended>) {
        // Only OSC, and what screen has beside it, end with BEL; to others it belongs.
        let has_bell = kind == b']' || kind == b'k';
        let ends = |byte: &u8| matches!(*byte, ESC | 0x18 | 0x1a | ST) || *byte == 0x07 && has_bell;
        let mut taken = 0;
        while let Some(length) = bytes[taken..].iter().position(ends) {
            let end = taken + length;
            self.keep(&bytes[taken..end], self.max_string());
            taken = end + 1;
            if bytes[end] == ST && !self.pops_st_lead() {
                self.keep(&[ST], self.max_string());
                continue;
            }
            if bytes[end] == ESC && self.pending.starts_with(wrapped::TMUX) {
                self.state = State::Doubling(kind);
                return (taken, None);
            }
            let whole = !self.overflown && matches!(bytes[end], ESC | 0x07 | ST);
            self.state = match bytes[end] {
                ESC => State::Escape,
                _ => State::Ground,
            };
            let ended = match whole {
                true => Ended::String {
                    kind,
                    end: match bytes[end] {
                        0x07 => Terminator::Bell,
                        _ => Terminator::St,
                    },
                },
                false => Ended::Nothing,
            };
            return (taken, Some(ended));
        }
        self.keep(&bytes[taken..], self.max_string());
        (bytes.len(), None)
    }

    /// Whether the string so far ends with the first byte of an ST in UTF-8; if so it is taken off.
    fn pops_st_lead(&mut self) -> bool {
        let found = self.pending.len() > 2 && self.pending.last() == Some(&ST_LEAD);
        if found {
            self.pending.pop();
        }
        found
    }

    /// Looks at what follows an ESC in a string that doubles them: another one belongs to it, anything else has ended it.
    fn scan_doubling(&mut self, kind: u8, bytes: &[u8]) -> (usize, Option<Ended>) {
        if bytes[0] == ESC {
            self.keep(&[ESC, ESC], MAX_STRING);
            self.state = State::String(kind);
            return (1, None);
        }
        self.state = State::Escape;
        let end = Terminator::St;
        let ended = match self.overflown {
            true => Ended::Nothing,
            false => Ended::String { kind, end },
        };
        (0, Some(ended))
    }

    /// Another scanner for what is wrapped in the string that has just ended, unless that was wrapped often enough
    /// itself.
    pub(super) fn within(&self) -> Option<Self> {
        let wrapped = self.wrapped + 1;
        (wrapped <= MAX_WRAPPED).then(|| Self {
            wrapped,
            ..Self::default()
        })
    }

    /// How much of a string is kept that is too long: what it begins with.
    fn head(&self) -> usize {
        match self.pending.starts_with(wrapped::TMUX) {
            true => wrapped::TMUX.len(),
            false => 2,
        }
    }

    fn max_string(&self) -> usize {
        let clipboard = [&b"\x1b]52;"[..], b"\x1bPtmux;\x1b\x1b]52;"];
        match clipboard
            .iter()
            .any(|start| self.pending.starts_with(start))
        {
            true => MAX_CLIPBOARD_STRING,
            false => MAX_STRING,
        }
    }

    fn keep(&mut self, mut bytes: &[u8], max: usize) {
        if self.overflown {
            // The last byte may yet be the first half of an ST.
            if let Some(&last) = bytes.last() {
                self.pending.truncate(self.head());
                self.pending.push(last);
            }
            return;
        }
        if self.pending.len() < MAX_PREFIX && bytes.len() > MAX_PREFIX {
            // The prefix decides the bound.
            let (head, rest) = bytes.split_at(MAX_PREFIX);
            self.pending.extend_from_slice(head);
            bytes = rest;
            return self.keep(bytes, self.max_string());
        }
        if self.pending.len() + bytes.len() > max {
            self.overflown = true;
            self.pending.truncate(self.head());
            self.pending.extend(bytes.last());
            self.pending.shrink_to_fit();
        } else {
            self.pending.extend_from_slice(bytes);
        }
    }

    /// The bytes read so far of what has not ended; reading them again leads here.
    pub(super) fn unfinished(&self) -> Vec<u8> {
        let mut bytes = self.pending.clone();
        if let State::Doubling(_) = self.state {
            bytes.push(ESC);
        }
        bytes
    }

    /// The string or sequence was acted on; after a string's ESC the next sequence has begun.
    pub(super) fn done(&mut self) {
        self.pending.clear();
        if self.pending.capacity() > MAX_STRING {
            self.pending = Vec::new();
        }
        self.overflown = false;
        if self.state == State::Escape {
            self.pending.push(ESC);
        }
    }
}
