//! Opens addresses with the platform's opener: no shell is asked, and only what is safe to follow is handed on.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Kinds of addresses that are handed on. Others may run programs.
const SCHEMES: [&str; 5] = ["http://", "https://", "ftp://", "file://", "mailto:"];
/// Longest address, in bytes.
const MAX_BYTES: usize = 8 * 1024;

/// An address that was not opened, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) url: String,
    pub(super) why: String,
}

/// Starts openers and waits for their ends.
#[derive(Debug)]
pub(super) struct Opener {
    /// The program that opens an address, with its arguments, or why there is none.
    program: Result<Vec<String>, &'static str>,
    failed: UnboundedSender<Failure>,
    failures: UnboundedReceiver<Failure>,
}

impl Opener {
    /// With that program, or else the opener of this platform.
    pub(super) fn new(program: Option<Vec<String>>) -> Self {
        Self::with(chosen(program))
    }

    /// Goes by another choice from now on.
    pub(super) fn follow(&mut self, program: Option<Vec<String>>) {
        self.program = chosen(program);
    }

    fn with(program: Result<Vec<String>, &'static str>) -> Self {
        let (failed, failures) = unbounded_channel();
        Self {
            program,
            failed,
            failures,
        }
    }

    /// Opens `url`; whether that failed is told by [`Opener::failure`].
    pub(super) fn open(&self, url: String) {
        if let Err(why) = self.start(&url) {
            self.fail(url, why);
        }
    }

    fn start(&self, url: &str) -> Result<(), String> {
        if !may_be_opened(url) {
            return Err("wt opens http, https, ftp, file and mailto alone".to_owned());
        }
        let argv = self.program.as_ref().map_err(|why| (*why).to_owned())?;
        let (program, arguments) = argv.split_first().ok_or("no program is named")?;
        let program = program.clone();
        let mut child = Command::new(&program)
            .args(arguments)
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let (failed, url) = (self.failed.clone(), url.to_owned());
        // Some openers stay as long as what they opened.
        std::thread::spawn(move || {
            if let Ok(status) = child.wait()
                && !status.success()
            {
                let why = format!("{program}: {status}");
                // Nobody is left to be told once the client has ended.
                let _ = failed.send(Failure { url, why });
            }
        });
        Ok(())
    }

    fn fail(&self, url: String, why: String) {
        // The receiver lives as long as the sender.
        let _ = self.failed.send(Failure { url, why });
    }

    /// The next address that could not be opened.
    pub(super) async fn failure(&mut self) -> Failure {
        match self.failures.recv().await {
            Some(failure) => failure,
            None => std::future::pending().await,
        }
    }
}

fn may_be_opened(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let is_known = SCHEMES.iter().any(|scheme| lower.starts_with(scheme));
    is_known && url.len() <= MAX_BYTES && !url.contains(|c: char| c.is_control() || c == ' ')
}

/// The program that the user has chosen, or this platform's.
fn chosen(program: Option<Vec<String>>) -> Result<Vec<String>, &'static str> {
    let has = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    match program {
        Some(argv) => Ok(argv),
        None => opener(env::consts::OS, has).map(|program| vec![program.to_owned()]),
    }
}

/// Which program opens addresses on that system.
fn opener(os: &str, has: impl Fn(&str) -> bool) -> Result<&'static str, &'static str> {
    match os {
        "macos" => Ok("open"),
        _ if has("WSL_DISTRO_NAME") => Ok("wslview"),
        // Without a display the opener would look for a browser in the terminal.
        _ if has("DISPLAY") || has("WAYLAND_DISPLAY") => Ok("xdg-open"),
        _ => Err("there is no display here"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_safe_to_follow_is_opened() {
        for url in [
            "https://x.org/?a=b&c",
            "HTTP://x",
            "mailto:a@b.c",
            "file:///tmp",
        ] {
            assert!(may_be_opened(url), "{url}");
        }
        for url in [
            "javascript:1",
            "-v",
            "ssh://x",
            "https://a b",
            "http://a\x07",
            "",
        ] {
            assert!(!may_be_opened(url), "{url}");
        }
    }

    #[test]
    fn each_platform_has_its_opener() {
        assert_eq!(opener("macos", |_| false), Ok("open"));
        assert_eq!(opener("linux", |name| name == "DISPLAY"), Ok("xdg-open"));
        assert_eq!(
            opener("linux", |name| name == "WSL_DISTRO_NAME"),
            Ok("wslview")
        );
        assert!(opener("linux", |_| false).is_err());
    }

    #[test]
    fn a_failure_is_told_with_the_address() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        for (program, why) in [
            (Ok("false"), "false: exit status: 1"),
            (
                Ok("/nonexistent/opener"),
                "/nonexistent/opener: No such file",
            ),
            (Err("there is no display here"), "no display"),
        ] {
            let mut opener = Opener::with(program.map(|name: &str| vec![name.to_owned()]));
            opener.open("https://x.org".to_owned());
            let failure = runtime.block_on(opener.failure());
            assert_eq!(failure.url, "https://x.org");
            assert!(failure.why.contains(why), "{}", failure.why);
        }
    }
}
