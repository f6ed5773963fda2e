//! One line of the report.

use crate::cli::listing::plain;
use serde::Serialize;
use std::fmt::{self, Display};

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Worth knowing; nothing is lost.
    Note,
    /// Wrong, and the line says what to do.
    Mend,
}

/// What was found out about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How it is.
    pub verdict: Verdict,
    /// The thing, in a word.
    pub what: &'static str,
    /// In one line, with what to do.
    pub says: String,
}

/// A thing that is as it should be.
pub fn good(what: &'static str, says: impl Into<String>) -> Finding {
    finding(Verdict::Ok, what, says.into())
}

/// A thing worth knowing.
pub fn note(what: &'static str, says: impl Into<String>) -> Finding {
    finding(Verdict::Note, what, says.into())
}

/// A thing to mend.
pub fn mend(what: &'static str, says: impl Into<String>) -> Finding {
    finding(Verdict::Mend, what, says.into())
}

fn finding(verdict: Verdict, what: &'static str, says: String) -> Finding {
    let says = plain(&says);
    Finding {
        verdict,
        what,
        says,
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Note => "note",
            Verdict::Mend => "MEND",
        };
        write!(f, "{verdict:<4} {:<10} {}", self.what, self.says)
    }
}
