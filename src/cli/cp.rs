//! `wt cp`: files from here to a host, or from a host to here.

use super::args::Cp;
use super::progress::{Progress, Shown};
use super::{host, listing};
use crate::carry::Place;
use crate::carry::copy::{self, Copy, Depth, Target};
use crate::carry::tree::path_of;
use crate::disk::places::Places;
use crate::net::Link;
use crate::protocol::files::{FileKind, Keep};
use anyhow::{Context, Result, bail, ensure};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::ExitCode;

/// A path as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    /// The host; `None` for here.
    host: Option<String>,
    path: OsString,
}

impl Named {
    /// As scp reads it: a colon before any slash ends the name of a host. An address with colons stands in brackets.
    fn parse(text: &OsStr) -> Self {
        let here = || Self {
            host: None,
            path: text.to_owned(),
        };
        let bytes = text.as_bytes();
        if let Some(rest) = bytes.strip_prefix(SCHEME) {
            return Self::addressed(rest);
        }
        let (host, rest) = match bytes.strip_prefix(b"[") {
            Some(rest) => match rest.iter().position(|byte| *byte == b']') {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None => return here(),
            },
            None => {
                let end = bytes.iter().position(|byte| matches!(byte, b':' | b'/'));
                bytes.split_at(end.unwrap_or(bytes.len()))
            }
        };
        match (std::str::from_utf8(host), rest.strip_prefix(b":")) {
            (Ok(host), Some(path)) => Self {
                host: Some(host.to_owned()),
                path: OsString::from_vec(path.to_vec()),
            },
            _ => here(),
        }
    }
}

/// What stands before the address of a server.
const SCHEME: &[u8] = b"wt://";

impl Named {
    /// `wt://ADDR:PORT/PATH`: the path begins in the home directory, and a second slash at the root.
    fn addressed(rest: &[u8]) -> Self {
        let end = rest.iter().position(|byte| *byte == b'/');
        let (place, path) = rest.split_at(end.unwrap_or(rest.len()));
        Self {
            host: Some(format!("wt://{}/", String::from_utf8_lossy(place))),
            path: OsString::from_vec(path.strip_prefix(b"/").unwrap_or(path).to_vec()),
        }
    }
}

/// Copies; what could not be copied is told, and the rest goes on.
pub(super) fn run(places: &Places, cp: Cp) -> Result<ExitCode> {
    let mut named: Vec<Named> = cp.paths.iter().map(|path| Named::parse(path)).collect();
    let to = named.pop().context("say where to copy to")?;
    let host = host_of(&named, &to)?;
    let mut progress = Progress::new(match cp.quiet {
        true => Shown::Never,
        false => Shown::OnTerminals,
    });
    host::reach(places, host)?.enter(async |mut link: Link| {
        link.give_way();
        let (mut here, mut there) = (Place::Here, Place::There(link));
        let (from, end) = match to.host {
            Some(_) => (&mut here, &mut there),
            None => (&mut there, &mut here),
        };
        let copied = copy(&cp, (from, &named), (end, &to), &mut progress).await;
        if let Place::There(link) = there {
            link.close().await;
        }
        copied
    })?;
    Ok(match progress.failures {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// The host that one end is on: all sources or the target, and the same for all.
fn host_of<'a>(from: &'a [Named], to: &'a Named) -> Result<&'a str> {
    let hosts = || from.iter().filter_map(|source| source.host.as_deref());
    match (&to.host, hosts().next()) {
        (None, None) => bail!("nothing here is on a host: write HOST:PATH, or use cp"),
        (Some(_), Some(_)) => bail!("both ends are on hosts: copy to here first"),
        (Some(host), None) => Ok(host),
        (None, Some(host)) => {
            let is_one = hosts().count() == from.len() && hosts().all(|other| other == host);
            ensure!(is_one, "not all sources are on one host: copy them apart");
            Ok(host)
        }
    }
}

async fn copy(
    cp: &Cp,
    (from, sources): (&mut Place, &[Named]),
    (end, to): (&mut Place, &Named),
    progress: &mut Progress,
) -> Result<()> {
    let target = copy::target(end, path_of(&to.path)).await?;
    if sources.len() > 1 {
        check_target(&target, to)?;
    }
    let mut copy = Copy {
        from,
        to: end,
        keep: match cp.preserve {
            true => Keep::ModeAndTime,
            false => Keep::Nothing,
        },
        depth: match cp.recursive {
            true => Depth::Trees,
            false => Depth::Files,
        },
        watcher: progress,
    };
    for source in sources {
        let copied = one(&mut copy, source, &target, to).await;
        copied.or_else(|error| copy.bear(error))?;
    }
    Ok(())
}

/// Copies what one source means.
async fn one(copy: &mut Copy<'_>, source: &Named, target: &Target, to: &Named) -> Result<()> {
    let meant = copy::meant(copy.from, source.path.as_bytes()).await?;
    if meant.len() > 1 {
        check_target(target, to)?;
    }
    for (path, meta) in meant {
        let copied = copy.source(&path, meta, target).await;
        copied.or_else(|error| copy.bear(error))?;
    }
    Ok(())
}

/// Several files need a directory.
fn check_target(target: &Target, to: &Named) -> Result<()> {
    let shown = to.path.to_string_lossy();
    let is_file = target
        .found
        .is_some_and(|meta| meta.kind != FileKind::Directory);
    ensure!(
        !is_file,
        "{shown} is no directory, and several files are to go there"
    );
    ensure!(
        target.is_dir(),
        "{shown}: there is no such directory, and several files are to go there"
    );
    Ok(())
}

/// What a hostile name would do to a terminal is taken out of it.
pub(super) fn told(line: &str) {
    eprintln!("wt: {}", listing::plain(line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_before_any_slash_ends_a_host() {
        let named = |text: &str| {
            let named = Named::parse(OsStr::new(text));
            (named.host, named.path.into_string().unwrap())
        };
        let on = |host: &str, path: &str| (Some(host.to_owned()), path.to_owned());
        let here = |path: &str| (None, path.to_owned());
        assert_eq!(named("desk:a/b"), on("desk", "a/b"));
        assert_eq!(named("desk:"), on("desk", ""));
        assert_eq!(named(":a"), on("", "a"));
        assert_eq!(named("[::1]:a:b"), on("::1", "a:b"));
        assert_eq!(named("wt://[::1]:9/a:b"), on("wt://[::1]:9/", "a:b"));
        assert_eq!(named("wt://h//etc"), on("wt://h/", "/etc"));
        assert_eq!(named("wt://h"), on("wt://h/", ""));
        for path in ["a/b:c", "./a:b", "/a", "a", "[x]", "[x", ""] {
            assert_eq!(named(path), here(path));
        }
    }

    #[test]
    fn one_end_is_on_a_host() {
        let host = |paths: &[&str]| {
            let named = paths.iter().map(|path| Named::parse(OsStr::new(path)));
            let mut named: Vec<_> = named.collect();
            let to = named.pop().unwrap();
            host_of(&named, &to).ok().map(str::to_owned)
        };
        assert_eq!(host(&["a", "b", "h:c"]).as_deref(), Some("h"));
        assert_eq!(host(&["h:a", "h:b", "c"]).as_deref(), Some("h"));
        assert_eq!(host(&[":a", "c"]).as_deref(), Some(""));
        for wrong in [
            &["a", "b"][..],
            &["h:a", "h:b"],
            &["a", "h:b", "c"],
            &["g:a", "h:b", "c"],
        ] {
            assert_eq!(host(wrong), None, "{wrong:?}");
        }
    }
}
