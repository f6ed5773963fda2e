//! Where a server listens in the network: kept, so that the next one does too. An address a line, with who asked for it;
//! nothing of it is believed beyond that.

use super::atomic::{self, Survives};
use super::places::Places;
use crate::auth::Asker;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{self, Read};
use std::net::SocketAddr;

/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 4 << 10;

/// The addresses at which the server before this one listened.
pub fn read(places: &Places) -> Vec<(SocketAddr, Asker)> {
    let mut text = String::new();
    let read = File::open(places.listening_file())
        .and_then(|file| file.take(MAX_FILE).read_to_string(&mut text));
    match read {
        Ok(_) => text.lines().filter_map(line).collect(),
        Err(_) => Vec::new(),
    }
}

fn line(text: &str) -> Option<(SocketAddr, Asker)> {
    let (address, asker) = text.split_once(' ').unwrap_or((text, ""));
    let asker = asker.parse().unwrap_or(Asker::Ssh);
    Some((address.parse().ok()?, asker))
}

/// Keeps the addresses.
pub fn write(places: &Places, addresses: &[(SocketAddr, Asker)]) -> Result<()> {
    let text: String = addresses
        .iter()
        .map(|(address, asker)| format!("{address} {asker}\n"))
        .collect();
    let path = places.listening_file();
    atomic::write(&path, text.as_bytes(), Survives::PowerCut)
        .with_context(|| format!("writing {}", path.display()))
}

/// Forgets them: the next server listens nowhere unless it is asked to.
pub fn forget(places: &Places) -> io::Result<()> {
    match fs::remove_file(places.listening_file()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_address_and_who_asked() {
        let address = "[::]:60001".parse().unwrap();
        assert_eq!(line("[::]:60001 wt-pair"), Some((address, Asker::Pairing)));
        assert_eq!(line("[::]:60001"), Some((address, Asker::Ssh)));
        assert_eq!(line("somewhere --listen"), None);
    }
}
