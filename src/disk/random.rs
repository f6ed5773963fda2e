//! Random bytes of the system's.

/// As many random bytes as are asked for, fit for secrets.
///
/// # Panics
/// If the system has none, which no program can go on without.
pub fn random<const LEN: usize>() -> [u8; LEN] {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes
}
