//! What is told of a pane beside its lines: `panes/ID/meta.json`, for whoever meets the pane's files without a server.
//!
//! The file describes itself: an object with a version, whose unknown members are passed over and whose missing ones
//! are empty. It is replaced as a whole whenever something in it changes, a second later at the latest.

use super::plain;
use super::process::Identity;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The version of the form that is written.
const VERSION: u32 = 1;

/// The longest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What is told of a pane.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Meta {
    /// The version of the form.
    version: u32,
    /// What it was started with.
    pub origin: Origin,
    /// Where it is, or was last.
    pub place: Place,
    /// The name that the user gave it; empty if none.
    pub name: String,
    /// The title that its program gave itself; empty if none.
    pub title: String,
    /// The directory that its program is in, or was last.
    pub cwd: String,
    /// The command in its foreground, as one types it in a shell; empty while a shell waits for commands.
    pub command: String,
    /// Its first process; `None` once that has ended.
    pub process: Option<Process>,
    /// How it ended; `None` while it runs, or if nobody was there to see.
    pub ended: Option<Ended>,
}

/// What a pane was started with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Origin {
    /// Program and arguments; empty for the shell.
    pub argv: Vec<String>,
    /// The directory in which it started.
    pub cwd: String,
    /// When it started, in milliseconds since the Unix epoch.
    pub started_ms: u64,
}

/// Where a pane stands, in words and numbers of a target: `SESSION:TAB.PANE`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Place {
    /// The session's name.
    pub session: String,
    /// The tab's number, from 1.
    pub tab: u16,
    /// The tab's name as it is shown.
    pub tab_name: String,
    /// The pane's number in its tab, from 1.
    pub pane: u16,
}

/// As a target, `SESSION:TAB.PANE`; nothing where no place is known.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.session.is_empty() {
            true => Ok(()),
            false => write!(f, "{}:{}.{}", self.session, self.tab, self.pane),
        }
    }
}

/// A process, told apart from a later one with the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Process {
    /// Its process id.
    pub pid: u32,
    /// When it started, in clock ticks since boot.
    pub start_time: u64,
}

/// How and when a pane's program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ended {
    /// How.
    pub how: How,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
}

/// How a pane's program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It exited.
    Closed {
        /// With this code.
        code: i32,
    },
    /// A signal ended it.
    Killed {
        /// This one.
        signal: i32,
    },
    /// The machine stopped, or whoever held it was killed.
    Lost,
}

impl Meta {
    /// Where it stands in a pane's directory.
    pub fn file(pane_dir: &Path) -> PathBuf {
        pane_dir.join("meta.json")
    }

    /// Reads what stands in a pane's directory; `None` if nothing does.
    pub fn read(pane_dir: &Path) -> Result<Option<Self>> {
        let path = Self::file(pane_dir);
        let reading = || format!("reading {}", path.display());
        let text = match plain::read_up_to(MAX_BYTES + 1, &path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.with_context(reading)?,
        };
        ensure!(
            text.len() as u64 <= MAX_BYTES,
            "{} is longer than 1 MiB",
            path.display()
        );
        Self::parse(&text).map(Some).with_context(reading)
    }

    fn parse(text: &[u8]) -> Result<Self> {
        let meta: Self = serde_json::from_slice(text)?;
        ensure!(
            meta.version == VERSION,
            "version {} is not known",
            meta.version
        );
        Ok(meta)
    }

    /// The text of the file.
    pub fn text(&self) -> Vec<u8> {
        let current = Self {
            version: VERSION,
            ..self.clone()
        };
        serde_json::to_vec_pretty(&current).expect("plain values become JSON")
    }

    /// The same without what was typed, or may repeat it.
    pub fn without_commands(&self) -> Self {
        let mut quiet = self.clone();
        quiet.origin.argv.truncate(1);
        quiet.title.clear();
        quiet.command.clear();
        quiet
    }

    /// What it is called: its name, its title, or what runs in it; empty if nothing is known.
    pub fn title(&self) -> String {
        let argv = self.origin.argv.join(" ");
        let names = [&self.name, &self.title, &self.command, &argv];
        let named = names.into_iter().find(|name| !name.is_empty());
        named.cloned().unwrap_or_default()
    }

    /// Whether its program runs: that very process, not a later one with its number.
    pub fn is_alive(&self) -> bool {
        self.process.is_some_and(|process| {
            let Process { pid, start_time } = process;
            Identity { pid, start_time }.is_alive()
        })
    }

    /// Notes that the program has ended.
    pub fn end(&mut self, how: How, at_ms: u64) {
        self.process = None;
        self.ended = Some(Ended { how, at_ms });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some() -> Meta {
        Meta {
            origin: Origin {
                argv: vec!["make".into(), "-j8".into()],
                cwd: "/src".into(),
                started_ms: 7,
            },
            place: Place {
                session: "work".into(),
                tab: 2,
                tab_name: "build".into(),
                pane: 1,
            },
            cwd: "/src".into(),
            command: "make -j8".into(),
            process: Some(Process {
                pid: 4711,
                start_time: 99,
            }),
            ..Meta::default()
        }
    }

    #[test]
    fn the_file_says_what_it_is() {
        let mut meta = some();
        meta.end(How::Closed { code: 2 }, 1000);
        insta::assert_snapshot!(String::from_utf8_lossy(&meta.text()), @r#"
        {
          "version": 1,
          "origin": {
            "argv": [
              "make",
              "-j8"
            ],
            "cwd": "/src",
            "started-ms": 7
          },
          "place": {
            "session": "work",
            "tab": 2,
            "tab-name": "build",
            "pane": 1
          },
          "name": "",
          "title": "",
          "cwd": "/src",
          "command": "make -j8",
          "process": null,
          "ended": {
            "how": {
              "closed": {
                "code": 2
              }
            },
            "at-ms": 1000
          }
        }
        "#);
    }

    #[test]
    fn a_pane_is_called_by_the_first_name_that_it_has() {
        let mut meta = some();
        assert_eq!(meta.title(), "make -j8");
        meta.title = "vim".into();
        assert_eq!(meta.title(), "vim");
        meta.name = "mine".into();
        assert_eq!(meta.title(), "mine");
        assert_eq!(meta.place.to_string(), "work:2.1");
        assert_eq!(
            (Meta::default().title(), Place::default().to_string()),
            Default::default()
        );
    }

    #[test]
    fn what_is_not_known_is_passed_over_and_what_is_missing_is_empty() {
        let meta = Meta::parse(br#"{"version": 1, "cwd": "/x", "mood": "good"}"#).unwrap();
        assert_eq!((&*meta.cwd, &*meta.name, meta.ended), ("/x", "", None));
        assert!(Meta::parse(br#"{"version": 2}"#).is_err());
    }

    #[test]
    fn a_missing_file_is_nothing_and_a_damaged_one_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Meta::read(dir.path()).unwrap(), None);
        for damaged in [&b""[..], b"{\"version\": 1, \"cw", b"\xff\xfe", b"[]"] {
            std::fs::write(Meta::file(dir.path()), damaged).unwrap();
            let error = format!("{:#}", Meta::read(dir.path()).unwrap_err());
            assert!(error.contains("meta.json"), "{error}");
        }
    }

    #[test]
    fn a_number_that_was_given_again_is_not_the_program() {
        let own = Identity::own();
        let alive = |start_time| {
            let pid = own.pid;
            let process = Some(Process { pid, start_time });
            let meta = Meta { process, ..some() };
            meta.is_alive()
        };
        assert!(alive(own.start_time));
        assert!(!crate::disk::process::has_proc() || !alive(own.start_time + 1));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(
            (name, title, command) in (any::<String>(), any::<String>(), any::<String>())
        ) {
            let mut meta = Meta { name, title, command, ..some() };
            meta.end(How::Lost, 3);
            let read = Meta::parse(&meta.text()).unwrap();
            prop_assert_eq!(read.text(), meta.text());
        }
    }
}
