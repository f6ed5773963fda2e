//! What a server that makes room for the next one leaves to it: input among it, and so passwords. It is kept in memory
//! alone, for a while, and given away once.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Most bytes that are kept.
pub const MAX_BYTES: usize = 64 << 20;

/// Most bytes that are given at once.
pub const MAX_PART: usize = 1 << 20;

/// How long the next server is waited for: a restart takes seconds.
const LASTS: Duration = Duration::from_secs(300);

/// What is kept, if anything is.
#[derive(Default)]
pub struct Keepsake {
    parts: VecDeque<Vec<u8>>,
    bytes: usize,
    since: Option<Instant>,
    heir: Heir,
}

/// Whether the server has come that all of it is for.
#[derive(Default, PartialEq, Eq)]
enum Heir {
    #[default]
    Awaited,
    Here,
}

impl Keepsake {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// A server has come: of what was left before, it may take what is for it, and nobody may after it.
    pub fn greet(&mut self) {
        match self.heir {
            Heir::Awaited => self.heir = Heir::Here,
            Heir::Here => self.forget(),
        }
    }

    /// Keeps more for the server that comes after the present one. The error is one line.
    pub fn keep(&mut self, part: Vec<u8>, now: Instant) -> Result<(), String> {
        if self.heir == Heir::Here {
            self.forget();
            self.heir = Heir::Awaited;
        }
        if part.len() > MAX_PART || self.bytes + part.len() > MAX_BYTES {
            self.forget();
            return Err(format!("more than {MAX_BYTES} bytes cannot be kept"));
        }
        self.bytes += part.len();
        self.since.get_or_insert(now);
        self.parts.push_back(part);
        Ok(())
    }

    /// The next part; none once all is given.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        let part = self.parts.pop_front();
        if self.parts.is_empty() {
            self.forget();
        }
        part
    }

    /// Forgets what nobody has come for.
    pub fn expire(&mut self, now: Instant) {
        if self.since.is_some_and(|since| now - since >= LASTS) {
            self.forget();
        }
    }

    fn forget(&mut self) {
        for part in &mut self.parts {
            part.fill(0);
        }
        self.parts = VecDeque::new();
        self.bytes = 0;
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left() -> (Keepsake, Instant) {
        let (mut kept, now) = (Keepsake::default(), Instant::now());
        kept.greet();
        for part in [b"one", b"two"] {
            kept.keep(part.to_vec(), now).expect("room");
        }
        (kept, now)
    }

    #[test]
    fn it_is_given_once_and_to_the_next_alone() {
        let (mut kept, _) = left();
        kept.greet();
        assert_eq!(kept.take(), Some(b"one".to_vec()));
        assert_eq!(kept.take(), Some(b"two".to_vec()));
        assert_eq!(kept.take(), None);
        let (mut kept, _) = left();
        kept.greet();
        kept.greet();
        assert_eq!(kept.take(), None, "the one that it was for took nothing");
    }

    #[test]
    fn each_server_leaves_its_own() {
        let (mut kept, now) = left();
        kept.greet();
        assert_eq!(kept.take(), Some(b"one".to_vec()));
        kept.keep(b"mine".to_vec(), now).expect("room");
        kept.greet();
        assert_eq!(kept.take(), Some(b"mine".to_vec()));
        assert!(kept.is_empty());
    }

    #[test]
    fn nobody_is_waited_for_for_ever_and_too_much_is_not_kept() {
        let (mut kept, now) = left();
        kept.expire(now + LASTS / 2);
        assert!(!kept.is_empty());
        kept.expire(now + LASTS);
        assert!(kept.is_empty());
        let mut kept = Keepsake::default();
        let parts = MAX_BYTES / MAX_PART;
        for _ in 0..parts {
            kept.keep(vec![1; MAX_PART], now).expect("room");
        }
        assert!(kept.keep(vec![1], now).is_err() && kept.is_empty());
    }
}
