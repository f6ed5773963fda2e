//! One file over a link, in the order of [`FileRequest`]: both ways, for both sides.

use super::aside;
use super::incoming::Incoming;
use super::outgoing::Outgoing;
use crate::net::{Link, Ready};
use crate::protocol::Message;
use crate::protocol::files::{FileReply, FileRequest, Have, Sum};
use crate::protocol::request::{Reply, Request};
use crate::protocol::side::{MAX_PIECE, Side};
use anyhow::{Context, Result, anyhow, bail};

/// What is told of a file on its way: bytes that are there.
pub type Told<'a> = &'a mut dyn FnMut(u64);

/// Where the sending of a file begins, by what the other side has of it.
pub async fn compared(mut file: Outgoing, have: Option<Have>) -> Result<(Outgoing, u64)> {
    let Some(have) = have.filter(|have| have.bytes > 0) else {
        return Ok((file, 0));
    };
    let mut check = file.check(have);
    loop {
        let found;
        (file, check, found) = aside(move || {
            let found = file.compare(&mut check);
            (file, check, found)
        })
        .await?;
        if let Some(from) = found? {
            return Ok((file, from));
        }
    }
}

/// What is there of a file already.
pub async fn known(mut file: Incoming) -> Result<(Incoming, Have)> {
    loop {
        let found;
        (file, found) = aside(move || {
            let found = file.known();
            (file, found)
        })
        .await?;
        if let Some(have) = found? {
            return Ok((file, have));
        }
    }
}

/// Sends the rest of a file and its end; the sum of the whole.
///
/// # Errors
/// If it cannot be read, or the other side has said why it does not want it. It is in order then to go on with another
/// request: the end has been sent.
pub async fn send(link: &mut Link, mut file: Outgoing, mut at: u64, told: Told<'_>) -> Result<Sum> {
    loop {
        let read;
        (file, read) = aside(move || {
            let read = file.read();
            (file, read)
        })
        .await?;
        let bytes = match read {
            Ok(bytes) if !bytes.is_empty() => bytes,
            over => {
                return match put(link, Vec::new()).await? {
                    Some(line) => Err(anyhow!(line)),
                    None => over.map(|_| file.sum()),
                };
            }
        };
        for piece in bytes.chunks(MAX_PIECE) {
            if let Some(line) = put(link, piece.to_vec()).await? {
                put(link, Vec::new()).await?;
                bail!(line);
            }
            at += piece.len() as u64;
            told(at);
        }
    }
}

/// Sends a piece once there is room for it; what the other side has against that, if it said so.
async fn put(link: &mut Link, piece: Vec<u8>) -> Result<Option<String>> {
    link.queue(&Message::Piece(piece));
    let mut refusal = None;
    while !link.is_clear() {
        match link.ready().await.context(Lost)? {
            Ready::Clear => {}
            Ready::Message(Message::Reply(Reply::Error(line))) => refusal = Some(line),
            Ready::Message(_) => bail!("something else came than an answer"),
            Ready::Closed => bail!(Lost),
        }
    }
    Ok(refusal)
}

/// Takes pieces until the file's end. After an error of the file itself the rest of them is passed over, so that it is in
/// order to go on with another request; it is told at once by `refuse`.
pub async fn receive(
    link: &mut Link,
    file: Incoming,
    told: Told<'_>,
    refuse: Refuse,
) -> Result<Incoming> {
    let mut kept = Ok(file);
    loop {
        let piece = next_piece(link).await?;
        if piece.is_empty() {
            return kept;
        }
        let Ok(mut file) = kept else { continue };
        let written;
        (file, written) = aside(move || {
            let written = file.write(&piece);
            (file, written)
        })
        .await?;
        told(file.bytes());
        kept = match (written, refuse) {
            (Ok(()), _) => Ok(file),
            (Err(error), Refuse::AtOnce) => {
                link.queue(&Message::Reply(Reply::Error(format!("{error:#}"))));
                link.flush().await?;
                Err(error)
            }
            (Err(error), Refuse::ByLeaving) => return Err(error),
        };
    }
}

/// What is done once a file cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refuse {
    /// The other side is told, and the link stays.
    AtOnce,
    /// The link is of no more use.
    ByLeaving,
}

async fn next_piece(link: &mut Link) -> Result<Vec<u8>> {
    match heard(link).await? {
        Message::Piece(piece) => Ok(piece),
        _ => bail!("something else came than a piece of the file"),
    }
}

async fn heard(link: &mut Link) -> Result<Message> {
    link.recv().await.context(Lost)?.context(Lost)
}

/// The link is of no more use.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the copy was cut; the same command goes on where it was")]
pub struct Lost;

/// The next request about files.
pub async fn next_request(link: &mut Link) -> Result<FileRequest> {
    match heard(link).await? {
        Message::Request(Request::Side(Side::Files(request))) => Ok(request),
        _ => bail!("something else came than was agreed"),
    }
}

/// Sends a request about files.
pub async fn ask(link: &mut Link, request: FileRequest) -> Result<()> {
    link.queue(&Message::Request(Request::Side(Side::Files(request))));
    link.flush().await.context(Lost)
}

/// The next reply; a refusal is an error.
pub async fn answer(link: &mut Link) -> Result<Reply> {
    loop {
        match heard(link).await? {
            Message::Reply(Reply::Error(line)) => bail!(line),
            Message::Reply(reply) => return Ok(reply),
            Message::Event(_) => {}
            _ => bail!("something else came than an answer"),
        }
    }
}

/// The next reply, which has to be about files.
pub async fn file_answer(link: &mut Link) -> Result<FileReply> {
    match answer(link).await? {
        Reply::File(reply) => Ok(reply),
        _ => bail!("something else came than an answer about files"),
    }
}
