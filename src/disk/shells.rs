//! The shell integration: scripts that make shells tell of their prompts and commands, and the files of them that
//! shells read which wt starts. They stand with the server's state, where nobody else can put anything.

use super::Places;
use super::atomic::{self, Survives};
use super::blocks::make_dir;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// A shell for which there is a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// GNU bash, 4.4 or later.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

impl Shell {
    /// All of them.
    pub const ALL: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

    /// As its program is called.
    pub fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
        }
    }

    /// The shell that the program at that path is, by its name.
    pub fn of_program(path: &str) -> Option<Shell> {
        let name = path.rsplit('/').next()?;
        Shell::ALL.into_iter().find(|shell| shell.name() == name)
    }

    /// The script, to be read by the shell.
    pub fn script(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("../../shell/wt.bash"),
            Shell::Zsh => include_str!("../../shell/wt.zsh"),
            Shell::Fish => include_str!("../../shell/wt.fish"),
        }
    }

    /// Where a shell finds its script below the folder of all.
    fn file(self) -> &'static str {
        match self {
            Shell::Bash => "wt.bash",
            Shell::Zsh => "wt.zsh",
            // fish reads `fish/vendor_conf.d` in every folder of XDG_DATA_DIRS.
            Shell::Fish => "data/fish/vendor_conf.d/wt.fish",
        }
    }
}

/// What zsh reads first, from [`Installed::zsh_dir`].
const ZSHENV: &str = include_str!("../../shell/zsh/.zshenv");

/// The folder of the scripts, which stand there as this build has them.
#[derive(Debug, Clone)]
pub struct Installed {
    dir: PathBuf,
}

impl Installed {
    /// Sees to it that the scripts stand with the server's state.
    pub fn ensure(places: &Places) -> Result<Installed> {
        let dir = places.state_dir()?.join("shell");
        for shell in Shell::ALL {
            ensure(&dir.join(shell.file()), shell.script())?;
        }
        let installed = Installed { dir };
        ensure(&installed.zsh_dir().join(".zshenv"), ZSHENV)?;
        Ok(installed)
    }

    /// The script of a shell.
    pub fn script(&self, shell: Shell) -> PathBuf {
        self.dir.join(shell.file())
    }

    /// What ZDOTDIR leads zsh to.
    pub fn zsh_dir(&self) -> PathBuf {
        self.dir.join("zsh")
    }

    /// What stands first in XDG_DATA_DIRS for fish.
    pub fn data_dir(&self) -> PathBuf {
        self.dir.join("data")
    }
}

fn ensure(path: &Path, text: &str) -> Result<()> {
    if std::fs::read(path).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    let made = path.parent().map_or(Ok(()), make_dir);
    let written = made.and_then(|()| atomic::write(path, text.as_bytes(), Survives::Kill));
    written.with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::super::places::Roots;
    use super::*;

    #[test]
    fn the_scripts_stand_as_this_build_has_them() {
        let root = tempfile::tempdir().expect("a directory");
        let roots = Roots {
            tmp: root.path().to_owned(),
            config: root.path().join("config"),
            state: root.path().join("state"),
        };
        let places = Places::under("default", &roots).expect("a private place");
        let installed = Installed::ensure(&places).expect("written");
        let zsh = installed.script(Shell::Zsh);
        std::fs::write(&zsh, "another build's").expect("it is there");
        let again = Installed::ensure(&places).expect("written");
        let text = std::fs::read_to_string(again.script(Shell::Zsh));
        assert_eq!(text.expect("it is there"), Shell::Zsh.script());
        assert!(again.zsh_dir().join(".zshenv").is_file());
        assert!(again.script(Shell::Fish).starts_with(again.data_dir()));
    }

    #[test]
    fn shells_are_known_by_their_names() {
        assert_eq!(Shell::of_program("/usr/bin/zsh"), Some(Shell::Zsh));
        assert_eq!(Shell::of_program("fish"), Some(Shell::Fish));
        assert_eq!(Shell::of_program("/bin/sh"), None);
    }
}
