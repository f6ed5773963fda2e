//! Files as one side asks the other for them. The one that asks says where everything goes: no name that the other
//! gives leads anywhere else.

use serde::{Deserialize, Serialize};

/// A file's or directory's name: bytes, as the file system has them.
pub type FileName = Vec<u8>;

/// SHA-256 (FIPS 180-4) of a file, or of its beginning.
pub type Sum = [u8; 32];

/// Most entries of a directory in one answer.
pub const MAX_ENTRIES: usize = 256;

/// A place on the other side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilePath {
    /// As the user wrote it: from the home directory on unless it begins with `/`; `~/` is that directory, too. Links
    /// are followed.
    pub root: Vec<u8>,
    /// What follows, name by name. No link among these is followed.
    pub below: Vec<FileName>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileRequest {
    /// Says what is there: [`FileReply::Found`].
    Look(FilePath),
    /// Lists a directory: any number of [`FileReply::Entries`], then `Done`.
    List(FilePath),
    /// Sends a file: [`FileReply::Reading`], pieces, an empty piece, [`FileReply::Sum`].
    Read {
        /// Which.
        path: FilePath,
        /// What the asker has of it already.
        have: Option<Have>,
    },
    /// Takes a file. If `resume` says so the answer is [`FileReply::Have`], and [`FileRequest::From`] follows. Then come
    /// pieces, an empty piece, and [`FileRequest::Sum`]; the last answer is `Done`.
    Write {
        /// Where to.
        path: FilePath,
        /// What it is like.
        meta: Meta,
        /// Whether mode and time are kept.
        keep: Keep,
        /// Whether what an earlier attempt has left is of use.
        resume: Resume,
    },
    /// Within a [`FileRequest::Write`]: the pieces that follow begin there.
    From(u64),
    /// Within a [`FileRequest::Write`]: the whole file has this sum.
    Sum(Sum),
    /// Makes a directory, unless it is there: `Done`.
    MakeDir {
        /// Which.
        path: FilePath,
        /// Its mode.
        mode: u32,
    },
    /// Gives a directory the mode and time that it is to keep, once it is filled: `Done`.
    Finish {
        /// Which.
        path: FilePath,
        /// What it is like.
        meta: Meta,
    },
}

/// The answers beyond [`Reply`](super::request::Reply)'s own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileReply {
    /// What is there; `None` if nothing is.
    Found(Option<Meta>),
    /// Part of a directory, [`MAX_ENTRIES`] at most.
    Entries(Vec<(FileName, Meta)>),
    /// The pieces that follow begin there.
    Reading {
        /// At which byte.
        from: u64,
        /// What the file is like.
        meta: Meta,
    },
    /// What an earlier attempt has left.
    Have(Have),
    /// The sum of the whole file.
    Sum(Sum),
}

/// The beginning of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Have {
    /// How many bytes.
    pub bytes: u64,
    /// Their sum.
    pub sum: Sum,
}

/// What something in a file system is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// What it is; links are followed.
    pub kind: FileKind,
    /// Bytes of a file.
    pub size: u64,
    /// Permissions: the lowest nine bits.
    pub mode: u32,
    /// When it was changed: seconds and nanoseconds since the Unix epoch.
    pub modified: (i64, u32),
}

/// What something in a file system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A device, a socket, a link that leads nowhere.
    Other,
}

/// Whether a copy keeps mode and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keep {
    /// It gets the mode that a new file gets.
    Nothing,
    /// Both.
    ModeAndTime,
}

/// Whether what an earlier attempt has left is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resume {
    /// It begins anew: the file is short.
    Never,
    /// Where the beginnings are equal.
    IfEqual,
}
