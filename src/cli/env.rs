//! `wt env`: the variables of the login of the client in use, for a shell to take over.

use super::args::Env;
use super::control;
use super::quoting::quoted;
use crate::disk::places::Places;
use crate::disk::shells::Shell;
use crate::protocol::request::{Reply, Request};
use crate::protocol::side::Side;
use anyhow::{Result, bail};
use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;

/// Prints them as the shell reads them.
pub(super) fn run(places: &Places, env: Env) -> Result<ExitCode> {
    let aim = env.at.aim(places)?;
    let mut link = aim.connect(places)?;
    let target = aim.target;
    let request = Request::Side(Side::Env { target });
    let Reply::Env(variables) = control::ask(&mut link, request)? else {
        bail!("the server answered something else: `wt server restart` replaces it");
    };
    let mut out = std::io::stdout().lock();
    out.write_all(script(&variables, env.shell).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// What sets them, and unsets those that are not set. A name that is none is left out: the text is run.
fn script(variables: &[(String, Option<String>)], shell: Shell) -> String {
    let is_name = |name: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(fits)
    };
    let mut script = String::new();
    for (name, value) in variables.iter().filter(|(name, _)| is_name(name)) {
        let _ = match (value, shell) {
            (Some(value), Shell::Fish) => writeln!(script, "set -gx {name} {}", fish_quoted(value)),
            (Some(value), _) => writeln!(script, "export {name}={}", quoted(value)),
            (None, Shell::Fish) => writeln!(script, "set -e {name}"),
            (None, _) => writeln!(script, "unset {name}"),
        };
    }
    script
}

/// In fish a backslash means something there, too.
fn fish_quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_what_is_printed() {
        let set = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let unset = ("B".to_owned(), None);
        let variables = [set("A", "it's $x \\"), unset, set("C;D", "x"), set("", "x")];
        let posix = "export A='it'\\''s $x \\'\nunset B\n";
        assert_eq!(script(&variables, Shell::Bash), posix);
        assert_eq!(script(&variables, Shell::Zsh), posix);
        let fish = "set -gx A 'it\\'s $x \\\\'\nset -e B\n";
        assert_eq!(script(&variables, Shell::Fish), fish);
    }
}
