//! A home of its own for each test: configuration, state, socket directory. Everything that was started in it is
//! ended when it goes.

use super::{Outer, wait_for};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// The program under test.
pub const WT: &str = env!("CARGO_BIN_EXE_wt");

/// A directory that stands for a user's home, with nothing of wt in it.
pub struct Home {
    dir: TempDir,
}

impl Home {
    /// A home whose shell is a bare `sh` with the prompt `$ `.
    pub fn new() -> Self {
        let home = Self {
            dir: tempfile::Builder::new()
                .prefix("wt")
                .tempdir_in("/tmp")
                .expect("a directory"),
        };
        home.configure("shell = [\"/bin/sh\"]\npredict = \"never\"\n");
        // The line for newcomers would stand where tests look for tabs.
        std::fs::create_dir_all(home.state()).expect("a directory");
        std::fs::write(home.state().join("welcomed"), "").expect("a file");
        home
    }

    /// Replaces `config.toml`.
    pub fn configure(&self, text: &str) {
        let dir = self.path().join("config/wt");
        std::fs::create_dir_all(&dir).expect("a directory");
        std::fs::write(dir.join("config.toml"), text).expect("a file");
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The state directory of the default server.
    pub fn state(&self) -> PathBuf {
        self.path().join("state/wt/default")
    }

    /// The environment in which wt runs here.
    pub fn env(&self) -> Vec<(String, String)> {
        let at = |name: &str| self.path().join(name).to_string_lossy().into_owned();
        let mut env = vec![
            ("HOME".to_owned(), at("")),
            ("XDG_CONFIG_HOME".to_owned(), at("config")),
            ("XDG_STATE_HOME".to_owned(), at("state")),
            ("WT_TMPDIR".to_owned(), at("")),
            ("TERM".to_owned(), "xterm-256color".to_owned()),
            ("COLORTERM".to_owned(), "truecolor".to_owned()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            ("SHELL".to_owned(), "/bin/sh".to_owned()),
            ("PS1".to_owned(), "$ ".to_owned()),
            ("WT_LOG".to_owned(), "debug".to_owned()),
        ];
        env.extend(std::env::var("PATH").map(|path| ("PATH".to_owned(), path)));
        env
    }

    /// Runs `wt ARGS` without a terminal and waits for its end.
    pub fn wt(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("wt runs")
    }

    /// `wt` with these arguments, to be started in this home.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(WT);
        command
            .args(args)
            .env_clear()
            .envs(self.env())
            .current_dir(self.path());
        command
    }

    /// Runs `wt ARGS`, which has to go well, and returns what it printed.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.wt(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "wt {args:?} failed: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs `wt ARGS`, which has to fail with exit code 1, and returns the one line that it said.
    pub fn fails(&self, args: &[&str]) -> String {
        let output = self.wt(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "wt {args:?}: {said}");
        assert_eq!(
            said.trim_end().lines().count(),
            1,
            "one line was expected of wt {args:?}: {said}"
        );
        said.trim_end().to_owned()
    }

    /// Opens a terminal of that size in which `wt ARGS` runs.
    pub fn open(&self, args: &[&str], cols: u16, rows: u16) -> Outer {
        let mut argv = vec![WT];
        argv.extend(args);
        Outer::open(&argv, &self.env(), self.path(), cols, rows)
    }

    /// What `wt ls --json` says.
    pub fn list(&self) -> serde_json::Value {
        serde_json::from_str(&self.ok(&["ls", "--json"])).expect("JSON")
    }

    /// Waits until a pane in which a loop prints `line 1`, `line 2` and so on has printed so many more of them.
    pub fn wait_lines(&self, target: &str, more: u64) {
        let last = || {
            let text = self.ok(&["capture", "-t", target]);
            let numbers = text.lines().rev();
            let mut numbers = numbers.filter_map(|line| line.strip_prefix("line "));
            numbers.find_map(|number| number.parse::<u64>().ok())
        };
        let before = wait_for("a line", last);
        wait_for("many lines", || (last()? >= before + more).then_some(()));
    }

    /// Pids of processes that run `wt server WHAT` in this home.
    pub fn servers(&self, what: &str) -> Vec<u32> {
        processes(self.path())
            .into_iter()
            .filter(|(_, argv)| argv.contains(&"server".into()) && argv.contains(&what.into()))
            .map(|(pid, _)| pid)
            .collect()
    }

    /// Ends the server as `kill -9` does and waits until it is gone.
    pub fn kill_server(&self) {
        for pid in self.servers("run") {
            kill(pid, 9);
            wait_for("the server's end", || (!is_alive(pid)).then_some(()));
        }
    }

    /// Ends the server, the holder and every program, as a power cut does.
    pub fn cut_the_power(&self) {
        // The server first: it would give the panes to another holder.
        for what in ["run", "hold"] {
            for pid in self.servers(what) {
                kill(pid, 9);
                wait_for("an end", || (!is_alive(pid)).then_some(()));
            }
        }
        wait_for("silence", || {
            // A client may just be starting another server.
            let left = processes(self.path());
            left.iter().for_each(|(pid, _)| kill(*pid, 9));
            left.is_empty().then_some(())
        });
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for name in ["server.log", "holder.log", "client.log"] {
                if let Ok(log) = std::fs::read_to_string(self.state().join(name)) {
                    eprintln!("--- {name}\n{log}");
                }
            }
        }
        // Everything that was started here carries the home in its environment.
        for (pid, _) in processes(self.path()) {
            kill(pid, 9);
        }
    }
}

/// Sends a signal to a process that a test started.
pub fn kill(pid: u32, signal: i32) {
    let signal = rustix::process::Signal::from_named_raw(signal).expect("a signal");
    let pid = rustix::process::Pid::from_raw(pid as i32).expect("a pid");
    let _ = rustix::process::kill_process(pid, signal);
}

/// Whether a process runs (a zombie does not).
pub fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

/// Every process whose environment names `home`, with its arguments.
pub fn processes(home: &Path) -> Vec<(u32, Vec<String>)> {
    let mark = format!("WT_TMPDIR={}", home.to_string_lossy().trim_end_matches('/'));
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let read = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let environ = read("environ");
        if !environ
            .split(|b| *b == 0)
            .any(|v| String::from_utf8_lossy(v).trim_end_matches('/') == mark)
        {
            continue;
        }
        let argv = read("cmdline")
            .split(|b| *b == 0)
            .map(|a| String::from_utf8_lossy(a).into_owned())
            .collect();
        found.push((pid, argv));
    }
    found
}
