//! Sessions that a client on another machine asks for: its directories and most of its environment mean nothing here.

use crate::net::Link;
use crate::protocol::request::{NewSession, goes_along};
use std::net::SocketAddr;

/// What tells of the connection by which the server itself was started.
const DROPPED: [&str; 4] = ["SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "WT_PANE"];

/// The session as it is made here.
pub(super) fn settled(from: &Origin, new: NewSession) -> NewSession {
    let home = std::env::home_dir().unwrap_or_else(|| "/".into());
    // A whole path stands for itself.
    let cwd = home.join(new.cwd.strip_prefix("~/").unwrap_or(&new.cwd));
    let mut env = from.environment(new.env);
    for (name, value) in &new.added {
        env.retain(|(known, _)| known != name);
        env.push((name.clone(), value.clone()));
    }
    NewSession {
        cwd: cwd.to_string_lossy().into_owned(),
        env,
        ..new
    }
}

/// Where a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// On this machine.
    Here,
    /// Behind a connection between these addresses: its own, and ours.
    Elsewhere(SocketAddr, SocketAddr),
}

impl Origin {
    /// Where the client at the other end is.
    pub fn of(link: &Link) -> Self {
        match link.connection() {
            None => Self::Here,
            Some(connection) => {
                let (there, here) = connection.ends();
                Self::Elsewhere(there, here)
            }
        }
    }

    /// What tells programs that their user is elsewhere, as ssh(1) has it.
    pub fn variables(&self) -> Vec<(String, String)> {
        let Self::Elsewhere(there, here) = self else {
            return Vec::new();
        };
        let (ip, port) = (there.ip(), there.port());
        let connection = format!("{ip} {port} {} {}", here.ip(), here.port());
        let client = format!("{ip} {port} {}", here.port());
        let named = [("SSH_CONNECTION", connection), ("SSH_CLIENT", client)];
        named.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// The environment of what starts here for a client, which has `theirs`.
    pub fn environment(&self, theirs: Vec<(String, String)>) -> Vec<(String, String)> {
        if *self == Self::Here {
            return theirs;
        }
        let here = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let mut env = merged(here.collect(), theirs);
        env.extend(self.variables());
        env
    }
}

fn merged(here: Vec<(String, String)>, there: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut env = here;
    env.retain(|(name, _)| !DROPPED.contains(&name.as_str()) && !goes_along(name));
    env.extend(there.into_iter().filter(|(name, _)| goes_along(name)));
    env
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let words = text.split(' ').map(|word| word.split_once('=').unwrap());
        words
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    #[test]
    fn the_environment_is_this_machines_with_the_language_of_the_client() {
        let here = pairs("HOME=/home/ann PATH=/bin LANG=C SSH_CLIENT=x LC_TIME=C");
        let there = pairs("HOME=/Users/ann PATH=/opt LANG=fi_FI.UTF-8 LC_ALL=C.UTF-8 LD_PRELOAD=x");
        let merged = merged(here, there);
        assert_eq!(
            merged,
            pairs("HOME=/home/ann PATH=/bin LANG=fi_FI.UTF-8 LC_ALL=C.UTF-8")
        );
    }

    fn elsewhere() -> Origin {
        let at = |text: &str| text.parse().unwrap();
        Origin::Elsewhere(at("[fd00::7]:4711"), at("10.0.0.1:60001"))
    }

    #[test]
    fn programs_see_where_their_user_is() {
        let told = elsewhere().variables();
        let told: Vec<_> = told
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            told,
            [
                "SSH_CONNECTION=fd00::7 4711 10.0.0.1 60001",
                "SSH_CLIENT=fd00::7 4711 60001"
            ]
        );
        assert_eq!(Origin::Here.variables(), []);
        let env = Origin::Here.environment(pairs("SSH_CLIENT=x"));
        assert_eq!(env, pairs("SSH_CLIENT=x"));
    }

    #[test]
    fn a_directory_is_one_below_the_home_here_and_what_was_added_is_set() {
        let elsewhere = elsewhere();
        let home = std::env::home_dir().unwrap();
        let settled = |cwd: &str| {
            let new = NewSession {
                cwd: cwd.into(),
                added: pairs("HOME=/other NEW=1"),
                ..NewSession::default()
            };
            settled(&elsewhere, new)
        };
        for (cwd, dir) in [
            ("", home.clone()),
            ("src", home.join("src")),
            ("/srv", "/srv".into()),
        ] {
            assert_eq!(
                settled(cwd).cwd.trim_end_matches('/'),
                dir.to_string_lossy()
            );
        }
        assert_eq!(settled("~/src").cwd, home.join("src").to_string_lossy());
        let env = settled("").env;
        let set = |name: &str| env.iter().filter(|(known, _)| known == name).count();
        assert_eq!((set("HOME"), set("NEW")), (1, 1));
        assert!(env.contains(&("HOME".into(), "/other".into())));
    }
}
