//! The two files of trust: `STATE/wt/NAME/authorized`, whom a server lets in, and `STATE/wt/hosts.toml`, whom a client
//! takes for whom.

use super::guarded;
use super::places::Places;
use crate::auth::{Grants, Hosts, grants, hosts};
use anyhow::{Context, Result};

/// Whom the server lets in.
///
/// # Errors
/// If others could have written the file; then nobody is let in by it.
pub fn grants(places: &Places) -> Result<Grants> {
    let text = guarded::read(&places.authorized_file(), grants::MAX_FILE)?;
    Ok(Grants::parse(&text))
}

/// Changes whom the server lets in. One that runs sees it at once.
///
/// # Errors
/// As [`grants()`], those of `change`, and if the file cannot be written.
pub fn change_grants<T>(
    places: &Places,
    change: impl FnOnce(&mut Grants) -> Result<T>,
) -> Result<T> {
    guarded::change(&places.authorized_file(), grants::MAX_FILE, |text| {
        let mut grants = Grants::parse(text);
        let told = change(&mut grants)?;
        Ok((grants.text(), told))
    })
}

/// The hosts that clients know.
///
/// # Errors
/// If others could have written the file, or it is no TOML.
pub fn hosts(places: &Places) -> Result<Hosts> {
    let path = places.hosts_file();
    let text = guarded::read(&path, hosts::MAX_FILE)?;
    Hosts::parse(&text).with_context(|| path.display().to_string())
}

/// Changes what hosts clients know.
///
/// # Errors
/// As [`hosts()`], those of `change`, and if the file cannot be written.
pub fn change_hosts<T>(places: &Places, change: impl FnOnce(&mut Hosts) -> Result<T>) -> Result<T> {
    let path = places.hosts_file();
    guarded::change(&path, hosts::MAX_FILE, |text| {
        let mut hosts = Hosts::parse(text).with_context(|| path.display().to_string())?;
        let told = change(&mut hosts)?;
        Ok((hosts.text(), told))
    })
}
