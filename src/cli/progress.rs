//! How far a copy has come: one line on a terminal, drawn over itself.

use super::cp::told;
use crate::carry::copy::Watcher;
use crate::term::hidden::is_steering;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often the line is drawn.
const INTERVAL: Duration = Duration::from_millis(100);

/// A file that is there sooner is not told of while it is on its way.
const QUICK: Duration = Duration::from_millis(300);

/// Longest name in the line, in characters.
const MAX_NAME: usize = 40;

/// When the line is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Never,
    OnTerminals,
}

/// What is told of a copy.
#[derive(Debug)]
pub(super) struct Progress {
    is_shown: bool,
    /// How much was left out.
    pub(super) failures: usize,
    name: String,
    bytes: u64,
    at: u64,
    /// Where this attempt began, once anything was told.
    from: Option<u64>,
    begun: Instant,
    drawn: Instant,
    is_drawn: bool,
}

impl Progress {
    pub(super) fn new(shown: Shown) -> Self {
        let now = Instant::now();
        Self {
            is_shown: shown == Shown::OnTerminals && std::io::stderr().is_terminal(),
            failures: 0,
            name: String::new(),
            bytes: 0,
            at: 0,
            from: None,
            begun: now,
            drawn: now,
            is_drawn: false,
        }
    }

    /// Tells what could not be copied.
    pub(super) fn fail(&mut self, line: &str) {
        self.clear();
        self.failures += 1;
        told(line);
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.is_drawn) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    fn draw(&mut self, elapsed: Duration) {
        let fresh = self.at - self.from.unwrap_or(self.at).min(self.at);
        let line = line(&self.name, (self.at, self.bytes), fresh, elapsed);
        // A terminal that is gone ends the program by itself.
        let _ = write!(std::io::stderr(), "\r{line}\x1b[K");
        self.is_drawn = true;
        self.drawn = Instant::now();
    }
}

impl Watcher for Progress {
    fn begin(&mut self, name: &str, bytes: u64) {
        self.name = name.to_owned();
        (self.bytes, self.at, self.from) = (bytes, 0, None);
        self.begun = Instant::now();
    }

    fn advance(&mut self, bytes: u64) {
        self.at = bytes;
        self.from.get_or_insert(bytes);
        let elapsed = self.begun.elapsed();
        if self.is_shown && elapsed > QUICK && self.drawn.elapsed() > INTERVAL {
            self.draw(elapsed);
        }
    }

    fn end(&mut self) {
        if self.is_drawn {
            self.draw(self.begun.elapsed());
            let _ = writeln!(std::io::stderr());
            self.is_drawn = false;
        }
    }

    fn left_out(&mut self, line: &str) {
        self.fail(line);
    }
}

/// The name, how much of it is there, how fast that goes, and how long the rest will take.
fn line(name: &str, (at, bytes): (u64, u64), fresh: u64, elapsed: Duration) -> String {
    let name: String = name.chars().filter(|c| !is_steering(*c)).collect();
    let length = name.chars().count();
    let name = match length > MAX_NAME {
        true => format!(
            "…{}",
            name.chars().skip(length - MAX_NAME + 1).collect::<String>()
        ),
        false => name,
    };
    let percent = (at.min(bytes) * 100).checked_div(bytes).unwrap_or(100);
    let rate = (fresh as f64 / elapsed.as_secs_f64().max(0.001)) as u64;
    let left = bytes.saturating_sub(at).checked_div(rate);
    let left = match left.filter(|left| *left > 0) {
        Some(left) => format!("  {}:{:02} left", left / 60, left % 60),
        None => String::new(),
    };
    format!("{name}  {percent} %  {}  {}/s{left}", size(at), size(rate))
}

/// A number of bytes in few digits.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut amount = bytes as f64;
    let mut unit = 0;
    while amount >= 999.5 && unit + 1 < UNITS.len() {
        amount /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ if amount < 9.95 => format!("{amount:.1} {}", UNITS[unit]),
        _ => format!("{amount:.0} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_how_fast_and_how_long() {
        let second = Duration::from_secs(1);
        assert_eq!(
            line("a", (50_000_000, 200_000_000), 10_000_000, second),
            "a  25 %  50 MB  10 MB/s  0:15 left"
        );
        assert_eq!(
            line("a\x1b[31m", (0, 0), 0, second),
            "a[31m  100 %  0 B  0 B/s"
        );
        let long = line(&"x".repeat(99), (1, 2), 0, second);
        assert_eq!(
            long.split("  ").next().map(|name| name.chars().count()),
            Some(MAX_NAME)
        );
    }

    #[test]
    fn sizes_have_few_digits() {
        let sizes = [0, 999, 1000, 9_940, 99_960, 999_999, 123_456_789_012].map(size);
        assert_eq!(
            sizes,
            [
                "0 B", "999 B", "1.0 kB", "9.9 kB", "100 kB", "1.0 MB", "123 GB"
            ]
        );
    }
}
