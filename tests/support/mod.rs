//! The outside of wt, as its tests see it: a terminal ([`Outer`]) in which the real program runs, a home of its own
//! ([`Home`]), and waiting for an event instead of sleeping.

pub mod clipboard;
pub mod desk;
pub mod held;
pub mod home;
pub mod listing;
pub mod outer;
pub mod pager;
pub mod pair;
pub mod trial;
pub mod twins;

pub use held::Held;
pub use home::Home;
pub use outer::Outer;
pub use pair::Pair;
pub use twins::Twins;

use std::time::{Duration, Instant};

/// The longest that any test waits for anything: long, because the machine may have other work.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Asks `probe` again and again until it gives something; panics with `what` when the deadline has passed.
pub fn wait_for<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(start.elapsed() < DEADLINE, "waited in vain for {what}");
        // A poll of the system: nothing tells a test when another process has come so far.
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Says that a test, or a part of it, does not run here, and why: on the terminal and for the list at the end of a
/// run of all checks.
pub fn skip(test: &str, why: &str) {
    eprintln!("skipped {test}: {why}");
    if let Some(path) = std::env::var_os("WT_TEST_SKIPPED") {
        use std::io::Write;
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path);
        let _ = file.and_then(|mut file| writeln!(file, "{test}: {why}"));
    }
}

/// Whether `program` is on the PATH; if not, says that `test` skips it.
pub fn has(test: &str, program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|dir| dir.join(program).is_file());
    if !found {
        skip(test, &format!("{program} is not installed"));
    }
    found
}

/// Bytes that repeat nowhere.
pub fn noise(bytes: usize, mut seed: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes + 8);
    while out.len() < bytes {
        // Xorshift (Marsaglia 2003).
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        out.extend_from_slice(&seed.to_le_bytes());
    }
    out.truncate(bytes);
    out
}
