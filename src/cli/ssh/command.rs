//! The user's own ssh, with their agents, jump hosts, host keys and configuration.

use super::super::args::Ssh;
use super::super::quoting::quoted;
use crate::client::AgentWish;
use anyhow::{Context, Result};
use std::process::{Command, ExitCode, Stdio};

/// How a program is found where a login's own files are not read: `~/.local/bin` is where wt is put.
const PATH: &str = r#"PATH="$HOME/.local/bin:$HOME/.cargo/bin:$PATH""#;

/// A machine behind ssh.
pub(super) struct Remote {
    options: Vec<String>,
    host: String,
}

impl Remote {
    pub fn of(ssh: &Ssh) -> Self {
        let mut options = Vec::new();
        let mut option = |letter: &str, value: Option<String>| {
            options.extend(
                value
                    .into_iter()
                    .flat_map(|value| [letter.to_owned(), value]),
            );
        };
        option("-p", ssh.ssh_port.map(|port| port.to_string()));
        option("-J", ssh.jump.clone());
        option("-i", ssh.identity.clone());
        option("-F", ssh.config.clone());
        ssh.options
            .iter()
            .for_each(|set| option("-o", Some(set.clone())));
        options.extend(ssh.more.iter().cloned());
        Self {
            options,
            host: ssh.host.clone(),
        }
    }

    /// As ssh was told.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The name or number by which ssh itself goes there, as its configuration has it.
    pub fn machine(&self) -> Option<String> {
        let output = Command::new("ssh")
            .args(&self.options)
            .args(["-G", "--", &self.host])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let said = String::from_utf8_lossy(&output.ok()?.stdout).into_owned();
        let mut lines = said.lines();
        lines.find_map(|line| line.strip_prefix("hostname ").map(str::to_owned))
    }

    fn ssh(&self, terminal: &str, script: &str) -> Command {
        let mut command = Command::new("ssh");
        command
            .args(&self.options)
            .arg(terminal)
            .arg("--")
            .arg(&self.host);
        // Whatever the login's shell is, this is one of POSIX.
        command.arg(format!(
            "exec sh -c {}",
            quoted(&format!("{PATH}; {script}"))
        ));
        command
    }

    /// A script that talks to us by its standard input and output; questions of ssh's go to the terminal.
    pub fn run(&self, script: &str) -> Command {
        let mut command = self.ssh("-T", script);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        command
    }

    /// Attaches there, within ssh, until that is over.
    pub fn attach(&self, session: Option<&str>, agent: AgentWish) -> Result<ExitCode> {
        let session = session
            .map(|session| format!(" -- {}", quoted(session)))
            .unwrap_or_default();
        let script = format!("exec wt attach --create{session}");
        let terminal = match agent {
            AgentWish::Offered => "-At",
            _ => "-t",
        };
        let status = self
            .ssh(terminal, &script)
            .status()
            .context("running ssh")?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::args::{Cli, Command as Words};
    use super::*;
    use clap::Parser;

    fn remote(args: &[&str]) -> Remote {
        let words = ["wt", "ssh"].iter().chain(args);
        match Cli::parse_from(words).command {
            Some(Words::Ssh(ssh)) => Remote::of(&ssh),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn options_are_handed_to_ssh_as_they_are() {
        let remote = remote(&[
            "-p", "2222", "-J", "gate", "-o", "User=ann", "desk", "work", "--", "-4", "-v",
        ]);
        let command = remote.run("wt server bootstrap");
        let args: Vec<_> = command
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned())
            .collect();
        assert_eq!(
            args[..12].join(" "),
            "-p 2222 -J gate -o User=ann -4 -v -T -- desk exec sh -c 'PATH=\"$HOME/.local/bin:$HOME/.cargo/bin:$PATH\"; wt server bootstrap'"
        );
    }
}
