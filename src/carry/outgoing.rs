//! A file on its way out: read in order, summed as it is read.

use super::tree::{Base, meta, shown, spot};
use crate::protocol::files::{FileKind, FilePath, Have, Meta, Sum};
use anyhow::{Context as _, Result, ensure};
use ring::digest::{Context, SHA256};
use rustix::fs::{Mode, OFlags};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::ffi::OsStrExt;

/// Bytes that are read at once.
pub const CHUNK: usize = 256 << 10;

/// The sum of what is only summed: in steps of so many bytes, between which it can be given up.
pub const STEP: usize = 4 << 20;

/// A file that is read.
pub struct Outgoing {
    file: File,
    sum: Context,
    /// What it was like when it was opened.
    pub meta: Meta,
    shown: String,
}

/// A sum that is being made of a beginning; how many bytes of it are left.
pub struct Check {
    sum: Context,
    left: u64,
    wanted: Have,
}

impl Outgoing {
    /// Opens a file; anything else is refused. A link as the last name is followed.
    pub fn open(base: Base, path: &FilePath) -> Result<Self> {
        let spot = spot(base, path)?;
        let shown = shown(base, path);
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let name = OsStr::from_bytes(&spot.name);
        let fd = rustix::fs::openat(&spot.dir, name, flags, Mode::empty());
        let fd = fd.with_context(|| shown.clone())?;
        let meta = meta(&rustix::fs::fstat(&fd).with_context(|| shown.clone())?);
        ensure!(
            meta.kind == FileKind::File,
            "{shown}: it is no regular file"
        );
        Ok(Self {
            file: File::from(fd),
            sum: Context::new(&SHA256),
            meta,
            shown,
        })
    }

    /// Begins to look whether its beginning is what the other side has.
    pub fn check(&self, wanted: Have) -> Check {
        Check {
            sum: Context::new(&SHA256),
            left: wanted.bytes,
            wanted,
        }
    }

    /// Sums another step of the beginning; `Some` once it is known where sending begins.
    pub fn compare(&mut self, check: &mut Check) -> Result<Option<u64>> {
        let step = check.left.min(STEP as u64);
        let read = add(&mut self.file, step, &mut check.sum).with_context(|| self.shown.clone())?;
        check.left -= read;
        if read == step && check.left > 0 {
            return Ok(None);
        }
        let is_equal = check.left == 0 && finished(&check.sum) == check.wanted.sum;
        if is_equal {
            self.sum = check.sum.clone();
            return Ok(Some(check.wanted.bytes));
        }
        self.file.rewind().with_context(|| self.shown.clone())?;
        Ok(Some(0))
    }

    /// The next bytes; none at the end.
    pub fn read(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(CHUNK);
        let file = self.file.by_ref().take(CHUNK as u64);
        let read = { file }.read_to_end(&mut bytes);
        read.with_context(|| format!("reading {}", self.shown))?;
        self.sum.update(&bytes);
        Ok(bytes)
    }

    /// The sum of all that was read, and of the beginning that was not sent.
    pub fn sum(&self) -> Sum {
        finished(&self.sum)
    }
}

/// Adds up to so many bytes of a file to a sum; says how many there were.
pub(super) fn add(file: &mut File, bytes: u64, sum: &mut Context) -> std::io::Result<u64> {
    let mut room = vec![0; CHUNK];
    let mut left = bytes;
    while left > 0 {
        let most = left.min(CHUNK as u64) as usize;
        match file.read(&mut room[..most])? {
            0 => break,
            read => {
                sum.update(&room[..read]);
                left -= read as u64;
            }
        }
    }
    Ok(bytes - left)
}

/// The sum so far.
pub(super) fn finished(sum: &Context) -> Sum {
    let mut out = [0; 32];
    out.copy_from_slice(sum.clone().finish().as_ref());
    out
}
