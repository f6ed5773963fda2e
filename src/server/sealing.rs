//! Whether history is sealed, and with which key: as the configuration says.

use super::world::World;
use crate::disk::key::Sealing;
use std::env;
use std::path::PathBuf;

impl World {
    /// Lets histories be written from now on as the configuration says. Where there is no key for that, nothing is
    /// written, and the warnings say why.
    pub(super) fn seal_history(&mut self) {
        let wanted = &self.config.history;
        let sealing = match wanted.encrypt {
            false => Sealing::Plain,
            true => {
                let file = wanted.passphrase_file.as_deref().map(at_home);
                let made = self.places.state_dir();
                let key = made.and_then(|_| self.writer.keys().to_write(file.as_deref()));
                match key {
                    Ok(key) => Sealing::With(key),
                    Err(error) => Sealing::Impossible(format!("{error:#}")),
                }
            }
        };
        self.writer.set_sealing(sealing);
    }

    /// Tries again where there was no key; says why there is still none.
    pub(super) fn mend_sealing(&mut self) -> Option<String> {
        if let Sealing::Impossible(_) = self.writer.sealing() {
            self.seal_history();
        }
        match self.writer.sealing() {
            Sealing::Impossible(why) => Some(format!("history is not saved: {why}")),
            _ => None,
        }
    }
}

/// The path that `path` means: `~/` is the home directory.
fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}
