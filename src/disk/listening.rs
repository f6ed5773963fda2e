//! Where a server listens in the network: kept, so that the next one does too. One address a line; nothing of it is
//! believed beyond that.

use super::atomic::{self, Survives};
use super::places::Places;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{self, Read};
use std::net::SocketAddr;

/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 4 << 10;

/// The addresses at which the server before this one listened.
pub fn read(places: &Places) -> Vec<SocketAddr> {
    let mut text = String::new();
    let read = File::open(places.listening_file())
        .and_then(|file| file.take(MAX_FILE).read_to_string(&mut text));
    match read {
        Ok(_) => text.lines().filter_map(|line| line.parse().ok()).collect(),
        Err(_) => Vec::new(),
    }
}

/// Keeps the addresses.
pub fn write(places: &Places, addresses: &[SocketAddr]) -> Result<()> {
    let text: String = addresses
        .iter()
        .map(|address| format!("{address}\n"))
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
