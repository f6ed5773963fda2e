//! Sessions that a client on another machine asks for: its directories and most of its environment mean nothing here.

use super::Server;
use crate::disk::identity;
use crate::net::Peer;
use crate::protocol::request::NewSession;

/// What a client's terminal and language are told by: taken over from another machine, as ssh does.
const TAKEN: [&str; 3] = ["LANG", "LANGUAGE", "COLORTERM"];

/// What tells of the connection by which the server itself was started.
const DROPPED: [&str; 4] = ["SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "WT_PANE"];

/// The session as it is made here.
pub(super) fn settled(server: &Server, peer: Peer, new: NewSession) -> NewSession {
    let places = server.with(|world| world.places.clone());
    let is_here = match peer {
        Peer::Local => true,
        // Whoever shares the state directory is on this machine.
        Peer::Key(key) => identity::own_device(&places).is_ok_and(|own| own == Some(key)),
    };
    if is_here {
        return new;
    }
    let env = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let home = std::env::home_dir().unwrap_or_else(|| "/".into());
    NewSession {
        cwd: home.to_string_lossy().into_owned(),
        env: merged(env.collect(), new.env),
        ..new
    }
}

fn merged(here: Vec<(String, String)>, there: Vec<(String, String)>) -> Vec<(String, String)> {
    let is_taken = |name: &str| TAKEN.contains(&name) || name.starts_with("LC_");
    let mut env = here;
    env.retain(|(name, _)| !DROPPED.contains(&name.as_str()) && !is_taken(name));
    env.extend(there.into_iter().filter(|(name, _)| is_taken(name)));
    env
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_this_machines_with_the_language_of_the_client() {
        let pairs = |text: &str| -> Vec<(String, String)> {
            let words = text.split(' ').map(|word| word.split_once('=').unwrap());
            words
                .map(|(name, value)| (name.into(), value.into()))
                .collect()
        };
        let here = pairs("HOME=/home/ann PATH=/bin LANG=C SSH_CLIENT=x LC_TIME=C");
        let there = pairs("HOME=/Users/ann PATH=/opt LANG=fi_FI.UTF-8 LC_ALL=C.UTF-8 LD_PRELOAD=x");
        let merged = merged(here, there);
        assert_eq!(
            merged,
            pairs("HOME=/home/ann PATH=/bin LANG=fi_FI.UTF-8 LC_ALL=C.UTF-8")
        );
    }
}
