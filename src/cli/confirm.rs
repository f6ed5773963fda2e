//! Asking whoever sits at the terminal.

use anyhow::{Result, bail};
use std::io::{self, IsTerminal, Write};

/// Whether the answer is yes, as it is without a word.
///
/// # Errors
/// If nobody sits there.
pub(super) fn confirmed(question: &str) -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nobody can be asked here: run it in a terminal");
    }
    eprint!("{question} [Y/n] ");
    io::stderr().flush()?;
    let mut answer = String::new();
    if io::stdin().read_line(&mut answer)? == 0 {
        return Ok(false);
    }
    Ok(matches!(answer.trim(), "" | "y" | "Y" | "yes"))
}
