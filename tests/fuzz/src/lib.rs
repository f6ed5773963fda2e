//! Proof and bounds of what reads bytes from outside: the laws that fuzz targets hold, and the grammar from which the
//! search for the worst input breeds. `README.md` says how each is run.

pub mod grammar;
pub mod laws;
