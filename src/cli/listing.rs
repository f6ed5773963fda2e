//! `wt ls` and `wt status`: what the server holds, for a person or as JSON.

use super::args::Printed;
use super::{control, remote};
use crate::disk::places::Places;
use crate::pane::duration;
use crate::protocol::Guesses;
use crate::protocol::request::{
    Listening, PaneSummary, Reply, Request, SessionSummary, Status, TabSummary,
};
use crate::term::hidden::is_steering;
use anyhow::{Result, bail};
use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;

/// `wt ls`.
pub(super) fn list(places: &Places, host: Option<String>, printed: Printed) -> Result<ExitCode> {
    let link = match host {
        Some(host) => Some(remote::named(&host)?.reach(places)?),
        None => control::connect(places)?,
    };
    let sessions = match link {
        None => Vec::new(),
        Some(mut link) => control::sessions(&mut link)?,
    };
    let mut out = std::io::stdout().lock();
    if printed.json {
        writeln!(out, "{}", json(&sessions)?)?;
    } else if sessions.is_empty() {
        eprintln!("no sessions: `wt` starts one");
    } else {
        out.write_all(page(&sessions, now_secs()).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `wt status`; fails if no server runs.
pub(super) fn status(places: &Places, printed: Printed) -> Result<ExitCode> {
    let (server, sessions) = match control::connect(places)? {
        None => (None, Vec::new()),
        Some(mut link) => (Some(ask_status(&mut link)?), control::sessions(&mut link)?),
    };
    let mut out = std::io::stdout().lock();
    if printed.json {
        let all = serde_json::json!({ "server": server, "sessions": sessions });
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
    } else if let Some(status) = &server {
        out.write_all(status_page(places, status).as_bytes())?;
        if !sessions.is_empty() {
            write!(out, "\n{}", page(&sessions, now_secs()))?;
        }
    } else {
        writeln!(out, "no server runs: the first `wt` starts it")?;
    }
    Ok(match server {
        Some(_) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

/// How the server is.
pub(super) fn ask_status(link: &mut crate::net::Blocking) -> Result<Status> {
    match control::ask(link, Request::Status)? {
        Reply::Status(status) => Ok(status),
        _ => bail!("the server answered something else: `wt server restart` replaces it"),
    }
}

/// The server in a few lines.
pub(super) fn status_page(places: &Places, status: &Status) -> String {
    let holder = match status.holder_pid {
        Some(pid) => format!("pid {pid}"),
        None => "not needed yet".to_owned(),
    };
    let up = duration(status.uptime_secs * 1000);
    let (socket, log) = (places.socket(), places.log_file());
    let holds = [
        count(status.sessions, "session"),
        count(status.panes, "pane"),
        count(status.clients, "client"),
    ];
    let mut page = format!(
        "server   pid {}, wt {}, up {up}\nholder   {holder}\nsocket   {}\nlog      {}\nholds    {}\n",
        status.pid,
        status.release,
        socket.display(),
        log.display(),
        holds.join(", ")
    );
    let _ = writeln!(page, "listens  {}", listens(status));
    let guesses = status.guesses;
    if guesses != Guesses::default() {
        let _ = writeln!(
            page,
            "guesses  {} keys shown ahead of their echo, {} rightly, {} wrongly; {} more were right",
            guesses.shown, guesses.right, guesses.wrong, guesses.hidden_right
        );
    }
    for warning in &status.warnings {
        let _ = writeln!(page, "warning  {}", plain(warning));
    }
    page
}

/// Where the server hears clients in the network, and who asked for that.
pub(super) fn listens(status: &Status) -> String {
    let at = |heard: &Listening| format!("{} ({})", heard.address, heard.asked_by);
    let all: Vec<String> = status.listening.iter().map(at).collect();
    match all.is_empty() {
        true => "nowhere: clients come by ssh, or on this machine".to_owned(),
        false => format!("UDP {}", all.join(", ")),
    }
}

fn count(n: u32, what: &str) -> String {
    if n == 1 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}

/// The sessions, each with its tabs and panes below it.
fn page(sessions: &[SessionSummary], now_secs: u64) -> String {
    let mut page = String::new();
    for session in sessions {
        let up = duration(now_secs.saturating_sub(session.created) * 1000);
        let clients = match session.clients {
            0 => "detached".to_owned(),
            1 => "attached".to_owned(),
            n => format!("{n} clients"),
        };
        let (name, size) = (plain(&session.name), session.size);
        let _ = match session.dead_since_ms {
            None => writeln!(
                page,
                "{name}: {clients}, {}×{}, up {up}",
                size.cols, size.rows
            ),
            Some(since) => {
                let ago = duration((now_secs * 1000).saturating_sub(since));
                writeln!(
                    page,
                    "{name}: dead, last seen {ago} ago: `wt resume {name}`"
                )
            }
        };
        for tab in &session.tabs {
            page.push_str(&tab_line(tab));
            tab.panes
                .iter()
                .for_each(|pane| page.push_str(&pane_line(pane)));
        }
    }
    page
}

fn tab_line(tab: &TabSummary) -> String {
    let active = if tab.active { "*" } else { " " };
    let zoomed = if tab.zoomed { " (zoomed)" } else { "" };
    format!("  {}{active} {}{zoomed}\n", tab.number, plain(&tab.name))
}

fn pane_line(pane: &PaneSummary) -> String {
    let focused = if pane.focused { "*" } else { " " };
    let title = [&pane.name, &pane.title]
        .into_iter()
        .find(|title| !title.is_empty());
    let title = title.map(|title| format!("  {:?}", plain(title)));
    let state = match (pane.fate.as_str(), pane.busy) {
        ("", true) => " (busy)".to_owned(),
        ("", false) => String::new(),
        (fate, _) => format!(" ({})", plain(fate)),
    };
    format!(
        "      {}{focused} {}  {}×{}  {}{}{state}\n",
        pane.id,
        plain(&pane.command),
        pane.size.cols,
        pane.size.rows,
        plain(&pane.cwd),
        title.unwrap_or_default(),
    )
}

/// As JSON, in which what a terminal would obey is written by its number; text is the only place for that.
pub(super) fn json(value: &impl serde::Serialize) -> Result<String> {
    let mut json = String::new();
    for c in serde_json::to_string_pretty(value)?.chars() {
        match c != '\n' && is_steering(c) {
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(json, "\\u{unit:04x}");
            }),
            false => json.push(c),
        }
    }
    Ok(json)
}

/// Text that programs chose, without what a terminal would obey, or what turns the order of reading.
pub(super) fn plain(text: &str) -> String {
    text.replace(is_steering, "\u{fffd}")
}

/// Seconds since the Unix epoch.
fn now_secs() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::super::target::tests::session;
    use super::*;

    #[test]
    fn nothing_in_json_steers_a_terminal() {
        let said = json(&["a\u{1b}[31m\u{9b}2J\u{202e}b\n"]).unwrap();
        assert_eq!(said, "[\n  \"a\\u001b[31m\\u009b2J\\u202eb\\n\"\n]");
        let read: Vec<String> = serde_json::from_str(&said).unwrap();
        assert_eq!(read, ["a\u{1b}[31m\u{9b}2J\u{202e}b\n"]);
    }

    #[test]
    fn a_listing_says_what_is_focused_busy_named_and_gone() {
        let mut work = session("work", 1);
        work.tabs[0].zoomed = true;
        let panes = &mut work.tabs[1].panes;
        panes[0].busy = true;
        panes[0].name = "editor".into();
        panes[1].fate = "exited 3 after 2 s".into();
        panes[1].title = "a\u{1b}[31m\u{202e}title".into();
        insta::assert_snapshot!(page(&[work], 61), @r#"
        work: attached, 80×23, up 1 m 1 s
          1  vim (zoomed)
              %3  vim  40×23  /srv
              %4* vim  40×23  /srv
          2* vim
              %5  vim  40×23  /srv  "editor" (busy)
              %6* vim  40×23  /srv  "a�[31m�title" (exited 3 after 2 s)
        "#);
    }
}
