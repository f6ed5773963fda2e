//! Either end of a copy, for the side that does it: files here, or behind a link.

use super::aside;
use super::incoming::Incoming;
use super::outgoing::Outgoing;
use super::transfer::{self, Lost, Refuse, Told, answer, ask, file_answer};
use super::tree::{self, Base, check_name};
use crate::net::Link;
use crate::protocol::files::{
    FileName, FilePath, FileReply, FileRequest, Keep, MAX_ENTRIES, Meta, Resume,
};
use crate::protocol::request::Reply;
use anyhow::{Context, Result, bail, ensure};

const HERE: Base = Base::Current;

/// A file of so many bytes or more is worth asking what is there of it; a shorter one is sent at once.
const WORTH_ASKING: u64 = 256 << 10;

/// Most entries of one directory.
const MAX_LISTED: usize = 1 << 20;

/// One end of a copy.
#[derive(Debug)]
pub enum Place {
    /// This machine, as this process sees it.
    Here,
    /// A server's, over a link of its own.
    There(Link),
}

impl Place {
    /// What is there; `None` if nothing is.
    pub async fn look(&mut self, path: &FilePath) -> Result<Option<Meta>> {
        let path = path.clone();
        let Self::There(link) = self else {
            return aside(move || tree::look(HERE, &path)).await?;
        };
        ask(link, FileRequest::Look(path)).await?;
        match file_answer(link).await? {
            FileReply::Found(found) => Ok(found),
            _ => bail!("the server answered something else"),
        }
    }

    /// The entries of a directory; their names are names and no more.
    pub async fn list(&mut self, path: &FilePath) -> Result<Vec<(FileName, Meta)>> {
        let path = path.clone();
        let Self::There(link) = self else {
            return aside(move || tree::list(HERE, &path)).await?;
        };
        ask(link, FileRequest::List(path)).await?;
        let mut all = Vec::new();
        loop {
            match answer(link).await? {
                Reply::File(FileReply::Entries(part)) if part.len() <= MAX_ENTRIES => {
                    all.extend(part);
                }
                Reply::Done => break,
                _ => bail!("the server answered something else"),
            }
            ensure!(
                all.len() <= MAX_LISTED,
                "the directory has too many entries"
            );
        }
        for (name, _) in &all {
            check_name(name).context("the server lies")?;
        }
        Ok(all)
    }

    /// Makes a directory, unless it is there.
    pub async fn make_dir(&mut self, path: &FilePath, mode: u32) -> Result<()> {
        let path = path.clone();
        let Self::There(link) = self else {
            return aside(move || tree::make_dir(HERE, &path, mode)).await?;
        };
        ask(link, FileRequest::MakeDir { path, mode }).await?;
        answer(link).await.map(|_| ())
    }

    /// Gives a directory that was filled its mode and time.
    pub async fn finish(&mut self, path: &FilePath, meta: Meta) -> Result<()> {
        let path = path.clone();
        let Self::There(link) = self else {
            return aside(move || tree::finish(HERE, &path, &meta)).await?;
        };
        ask(link, FileRequest::Finish { path, meta }).await?;
        answer(link).await.map(|_| ())
    }

    /// A path of it as it is told.
    pub fn shown(&self, path: &FilePath) -> String {
        match self {
            Self::Here => tree::shown(HERE, path),
            Self::There(_) => {
                let names = std::iter::once(&path.root).chain(&path.below);
                let names = names.filter(|name| !name.is_empty());
                let names: Vec<_> = names.map(|name| String::from_utf8_lossy(name)).collect();
                names.join("/")
            }
        }
    }
}

/// Copies a file from here to there.
///
/// # Errors
/// [`Lost`] if no more can be copied over this link.
pub async fn upload(
    link: &mut Link,
    from: &FilePath,
    to: FilePath,
    keep: Keep,
    told: Told<'_>,
) -> Result<()> {
    let from = from.clone();
    let file = aside(move || Outgoing::open(HERE, &from)).await??;
    let meta = file.meta;
    let resume = match meta.size >= WORTH_ASKING {
        true => Resume::IfEqual,
        false => Resume::Never,
    };
    let write = FileRequest::Write {
        path: to,
        meta,
        keep,
        resume,
    };
    ask(link, write).await?;
    let (file, at) = match resume {
        Resume::Never => (file, 0),
        Resume::IfEqual => {
            let FileReply::Have(have) = file_answer(link).await? else {
                bail!("the server answered something else");
            };
            let (file, at) = transfer::compared(file, Some(have)).await.context(Lost)?;
            ask(link, FileRequest::From(at)).await?;
            (file, at)
        }
    };
    let sent = transfer::send(link, file, at, told).await;
    // After a refusal any sum will do.
    let sum = *sent.as_ref().unwrap_or(&[0; 32]);
    ask(link, FileRequest::Sum(sum)).await?;
    sent?;
    answer(link).await.map(|_| ())
}

/// Copies a file from there to here.
///
/// # Errors
/// [`Lost`] if no more can be copied over this link.
pub async fn download(
    link: &mut Link,
    from: FilePath,
    to: &FilePath,
    (like, keep): (Meta, Keep),
    told: Told<'_>,
) -> Result<()> {
    let to = to.clone();
    let file = aside(move || Incoming::open(HERE, &to, like, keep, Resume::IfEqual)).await??;
    let (mut file, have) = transfer::known(file).await?;
    let have = (have.bytes > 0).then_some(have);
    let path = from;
    ask(link, FileRequest::Read { path, have }).await?;
    let FileReply::Reading { from, .. } = file_answer(link).await? else {
        bail!("the server answered something else");
    };
    file.begin(from).context(Lost)?;
    let file = transfer::receive(link, file, told, Refuse::ByLeaving).await;
    let file = file.context(Lost)?;
    let FileReply::Sum(sum) = file_answer(link).await? else {
        bail!("the server answered something else");
    };
    aside(move || file.finish(sum)).await?
}
