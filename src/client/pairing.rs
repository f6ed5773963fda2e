//! The client's side of a pairing: it was told a code.

use crate::auth::pairing::{Code, Joining, Message, Paired, Refusal};
use crate::auth::{DeviceKey, PublicKey};
use crate::disk::random::random;
use crate::net::addresses;
use crate::net::quic::{self, Talk};
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::time::Duration;

/// How long the other side may take for all it has to say.
const PATIENCE: Duration = Duration::from_secs(20);

/// Uses the code with whoever answers first at these addresses. What this device calls itself is `name`; who the other
/// is, and where it answered.
///
/// # Errors
/// In one line: nobody answers, or they refuse, or do not know the code.
pub fn pair(
    own: &DeviceKey,
    name: &str,
    code: &Code,
    addresses: &[SocketAddr],
) -> Result<(Paired, SocketAddr)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the client")?;
    runtime.block_on(async {
        let mut talk = quic::dial_stranger(addresses, own).await?;
        let talked = converse(&mut talk, code, own.public(), name);
        let talked = tokio::time::timeout(PATIENCE, talked).await;
        let at = talk.remote_address();
        let paired = talked.context("the other machine does not answer: try again")??;
        talk.finish().await;
        Ok((paired, addresses::canonical(at)))
    })
}

async fn converse(talk: &mut Talk, code: &Code, own: PublicKey, name: &str) -> Result<Paired> {
    let channel = talk.channel()?;
    let (joining, start) = Joining::start(code, own, name, channel, random());
    talk.say(&start).await?;
    let (confirming, confirm) = joining.answered(talk.hear().await?)?;
    talk.say(&confirm).await?;
    match talk.hear().await? {
        // The code was withdrawn meanwhile.
        Message::Refused(Refusal::Number) => bail!(Refusal::Used),
        last => Ok(confirming.done(last)?),
    }
}
