//! The `wt` program.

fn main() {}
