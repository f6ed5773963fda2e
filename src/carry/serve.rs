//! The server's side of copying files.

use super::aside;
use super::incoming::Incoming;
use super::outgoing::Outgoing;
use super::transfer::{self, Refuse};
use super::tree::{self, Base};
use crate::net::Link;
use crate::protocol::Message;
use crate::protocol::files::{
    FilePath, FileReply, FileRequest, Have, Keep, MAX_ENTRIES, Meta, Resume,
};
use crate::protocol::request::Reply;
use anyhow::{Result, bail};

const HOME: Base = Base::Home;

/// Does what was asked of files, and answers; a refusal is an error for the caller to tell.
pub async fn files(link: &mut Link, request: FileRequest) -> Result<()> {
    match request {
        FileRequest::Look(path) => {
            let found = aside(move || tree::look(HOME, &path)).await??;
            say(link, Reply::File(FileReply::Found(found))).await
        }
        FileRequest::List(path) => list(link, path).await,
        FileRequest::Read { path, have } => read(link, path, have).await,
        FileRequest::Write {
            path,
            meta,
            keep,
            resume,
        } => write(link, path, meta, (keep, resume)).await,
        FileRequest::MakeDir { path, mode } => {
            aside(move || tree::make_dir(HOME, &path, mode)).await??;
            say(link, Reply::Done).await
        }
        FileRequest::Finish { path, meta } => {
            aside(move || tree::finish(HOME, &path, &meta)).await??;
            say(link, Reply::Done).await
        }
        FileRequest::From(_) | FileRequest::Sum(_) => bail!("no file is being written"),
    }
}

async fn say(link: &mut Link, reply: Reply) -> Result<()> {
    link.queue(&Message::Reply(reply));
    link.flush().await
}

async fn list(link: &mut Link, path: FilePath) -> Result<()> {
    let entries = aside(move || tree::list(HOME, &path)).await??;
    for part in entries.chunks(MAX_ENTRIES) {
        say(link, Reply::File(FileReply::Entries(part.to_vec()))).await?;
    }
    say(link, Reply::Done).await
}

async fn read(link: &mut Link, path: FilePath, have: Option<Have>) -> Result<()> {
    let file = aside(move || Outgoing::open(HOME, &path)).await??;
    let (file, from) = transfer::compared(file, have).await?;
    let meta = file.meta;
    say(link, Reply::File(FileReply::Reading { from, meta })).await?;
    let sum = transfer::send(link, file, from, &mut |_| {}).await?;
    say(link, Reply::File(FileReply::Sum(sum))).await
}

async fn write(
    link: &mut Link,
    path: FilePath,
    meta: Meta,
    (keep, resume): (Keep, Resume),
) -> Result<()> {
    let opened = aside(move || Incoming::open(HOME, &path, meta, keep, resume)).await?;
    let file = match (opened, resume) {
        // The pieces are on their way already.
        (Err(error), Resume::Never) => {
            pass_over(link).await?;
            return Err(error);
        }
        (opened, Resume::Never) => opened?,
        (opened, Resume::IfEqual) => {
            let (mut file, have) = transfer::known(opened?).await?;
            say(link, Reply::File(FileReply::Have(have))).await?;
            let FileRequest::From(from) = transfer::next_request(link).await? else {
                bail!("it was not said where the file begins");
            };
            file.begin(from)?;
            if from > 0 {
                tracing::info!(from, "a copy goes on where it was cut");
            }
            file
        }
    };
    let received = transfer::receive(link, file, &mut |_| {}, Refuse::AtOnce).await;
    let FileRequest::Sum(sum) = transfer::next_request(link).await? else {
        bail!("the sum of the file did not come");
    };
    // Why it is missing was told when that happened.
    let Ok(file) = received else { return Ok(()) };
    aside(move || file.finish(sum)).await??;
    say(link, Reply::Done).await
}

/// Lets a file pass that has no place.
async fn pass_over(link: &mut Link) -> Result<()> {
    loop {
        match link.recv().await? {
            Some(Message::Piece(_)) => {}
            Some(_) => return Ok(()),
            None => bail!("the other side has gone"),
        }
    }
}
