//! Pairing on the server's side: codes that are shown, and whoever comes to use one.

use super::request::say;
use super::world::World;
use super::{Server, listening};
use crate::auth::pairing::lan::Found;
use crate::auth::pairing::{Code, LIFE_MS, Message, Offer, Paired, Refusal};
use crate::auth::{Grant, Role};
use crate::disk::random::random;
use crate::disk::{identity, trust};
use crate::net::Link;
use crate::net::lan::Ear;
use crate::net::quic::{Stranger, Talk};
use crate::protocol::request::Reply;
use crate::protocol::trust::{Trusted, Whereabouts};
use anyhow::{Context, Result, bail};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;

/// How many codes are shown at a time.
const MAX_SHOWN: usize = 4;

/// How many strangers are talked to at a time.
const MAX_TALKS: usize = 4;

/// How long a stranger may take for all they have to say.
const PATIENCE: Duration = Duration::from_secs(20);

/// The codes that are shown.
#[derive(Default)]
pub(super) struct Pairings {
    shown: Vec<Shown>,
    talks: usize,
}

struct Shown {
    offer: Offer,
    /// Where it is shown hears what became of it.
    outcome: Option<oneshot::Sender<Outcome>>,
}

/// What became of a code: who is let in now, with the words to show; or why nobody.
type Outcome = Result<(String, String), String>;

/// How often it is looked whether a stranger has heard the last word.
const LAST_WORD: Duration = Duration::from_millis(50);

/// Shows a code to whoever asked for one, until it was used or is over, or they have gone. What listens for that alone
/// goes with it, unless somebody was let in.
pub(super) async fn show(server: &Server, link: &mut Link) -> Result<()> {
    let shown = match listening::for_code(server) {
        Ok(place) => show_at(server, link, place).await,
        Err(error) => Err(error),
    };
    while server.with(|world| world.network.pairings.talks > 0) {
        tokio::time::sleep(LAST_WORD).await;
    }
    listening::close_lent(server).await;
    shown
}

async fn show_at(server: &Server, link: &mut Link, place: Whereabouts) -> Result<()> {
    let listeners = server.with(|world| world.network.listening.addresses());
    let port = listeners
        .first()
        .context("the server does not listen")?
        .port();
    let (offer, outcome) = open(server, &place.name)?;
    let number = offer.number;
    say(link, Reply::Trust(Trusted::Whereabouts(place.clone()))).await?;
    say(link, Reply::Trust(Trusted::Code(offer.code.clone()))).await?;
    let found = Found {
        number,
        port,
        server: server_mark(server)?,
        name: place.name,
    };
    let reply = tokio::select! {
        outcome = outcome => match outcome.unwrap_or_else(|_| Err(Refusal::Late.to_string())) {
            Ok((name, words)) => Reply::Trust(Trusted::Paired { name, words }),
            Err(line) => Reply::Error(line),
        },
        () = tokio::time::sleep(Duration::from_millis(LIFE_MS)) => {
            Reply::Error("nobody used the code within five minutes: `wt pair` shows a new one".into())
        }
        () = answer(&found) => unreachable!("questions do not end"),
        () = gone(link) => return Ok(()),
    };
    say(link, reply).await
}

/// Answers who looks for the code in the local network, if that can be.
async fn answer(found: &Found) {
    match Ear::open() {
        Ok(ear) => {
            let known = |number| (number == found.number).then(|| found.clone());
            ear.answer(known).await;
        }
        Err(error) => tracing::warn!(
            error = format!("{error:#}"),
            "not to be found in the local network"
        ),
    }
    std::future::pending().await
}

async fn gone(link: &mut Link) {
    while let Ok(Some(_)) = link.recv().await {}
}

fn server_mark(server: &Server) -> Result<[u8; 8]> {
    let key = identity::server_key(&server.with(|world| world.places.clone()))?.public();
    Ok(key.bytes()[..8].try_into().expect("a key is longer"))
}

/// A code that is shown for as long as this lives.
struct Opened {
    server: Server,
    number: u16,
    code: String,
}

impl Drop for Opened {
    fn drop(&mut self) {
        let number = self.number;
        self.server.with(|world| {
            let shown = &mut world.network.pairings.shown;
            shown.retain(|shown| shown.offer.code().number() != number);
        });
    }
}

fn open(server: &Server, name: &str) -> Result<(Opened, oneshot::Receiver<Outcome>)> {
    let own = identity::server_key(&server.with(|world| world.places.clone()))?.public();
    let (told, outcome) = oneshot::channel();
    let code = server.with(|world| {
        let now = now_ms(world);
        let shown = &mut world.network.pairings.shown;
        if shown.len() == MAX_SHOWN {
            bail!("{MAX_SHOWN} codes are shown already: use one of them, or end one of those `wt pair`");
        }
        let mut codes = std::iter::repeat_with(|| Code::of(random()));
        let is_free = |code: &Code| shown.iter().all(|shown| shown.offer.code().number() != code.number());
        let code = codes.find(is_free).context("codes do not end")?;
        shown.push(Shown {
            offer: Offer::new(code.clone(), own, name, now),
            outcome: Some(told),
        });
        Ok(code)
    })?;
    let opened = Opened {
        server: server.clone(),
        number: code.number(),
        code: code.to_string(),
    };
    Ok((opened, outcome))
}

/// Talks to a stranger, who may be somebody that was told a code.
pub(super) async fn meet(server: &Server, stranger: Stranger) -> Result<()> {
    if let Err(refusal) = server.with(|world| world.network.pairings.take_seat()) {
        stranger.refuse(&refusal.to_string());
        bail!(refusal);
    }
    let met = tokio::time::timeout(PATIENCE, converse(server, stranger)).await;
    server.with(|world| world.network.pairings.talks -= 1);
    met.context("a pairing took too long")?
}

impl Pairings {
    /// Whether no code is shown, and nobody talked to.
    pub fn is_idle(&self) -> bool {
        self.shown.is_empty() && self.talks == 0
    }

    /// Whether one more may be talked to; who may, is.
    fn take_seat(&mut self) -> Result<(), Refusal> {
        if self.shown.is_empty() {
            return Err(Refusal::Number);
        }
        if self.talks == MAX_TALKS {
            return Err(Refusal::Busy);
        }
        self.talks += 1;
        Ok(())
    }
}

async fn converse(server: &Server, stranger: Stranger) -> Result<()> {
    let mut talk = stranger.listen().await?;
    if let Err(refusal) = exchange(server, &mut talk).await? {
        tracing::info!(%refusal, address = %talk.remote_address(), "nobody was paired");
        talk.say(&Message::Refused(refusal)).await?;
    }
    talk.finish().await;
    Ok(())
}

/// The exchange: an error is the connection's, a refusal the stranger's.
async fn exchange(server: &Server, talk: &mut Talk) -> Result<Result<(), Refusal>> {
    let channel = talk.channel()?;
    let start = talk.hear().await?;
    let number = match &start {
        Message::Start(start) => start.number,
        _ => return Ok(Err(Refusal::Nonsense)),
    };
    let begun = with_offer(server, number, |offer, now| {
        offer.begin(&channel, start, random(), now)
    });
    let (exchange, answer) = match begun {
        Ok(begun) => begun,
        Err(refusal) => return Ok(Err(refusal)),
    };
    talk.say(&answer).await?;
    let proof = talk.hear().await?;
    let finished = with_offer(server, number, |offer, now| {
        offer.finish(exchange, proof, now)
    });
    let (paired, done) = match finished {
        Ok(finished) => finished,
        Err(refusal) => {
            if refusal == Refusal::Code {
                let from = talk.remote_address().ip();
                tell(
                    server,
                    number,
                    Err(format!(
                        "{from} tried a wrong code, so this one is used up: `wt pair` shows a new one"
                    )),
                );
            }
            return Ok(Err(refusal));
        }
    };
    let words = paired.words.clone();
    match grant(server, paired).await {
        Ok(name) => {
            // Whoever is let in is told of here, even if the last word does not arrive there.
            tell(server, number, Ok((name, words)));
            talk.say(&done).await?;
            Ok(Ok(()))
        }
        Err(error) => {
            tell(server, number, Err(format!("{error:#}")));
            Ok(Err(Refusal::Unwritten))
        }
    }
}

/// A clock that nobody sets.
fn now_ms(world: &World) -> u64 {
    u64::try_from(world.started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn with_offer<T>(
    server: &Server,
    number: u16,
    act: impl FnOnce(&mut Offer, u64) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    server.with(|world| {
        let now = now_ms(world);
        let mut shown = world.network.pairings.shown.iter_mut();
        let found = shown.find(|shown| shown.offer.code().number() == number);
        act(&mut found.ok_or(Refusal::Number)?.offer, now)
    })
}

fn tell(server: &Server, number: u16, outcome: Outcome) {
    let to = server.with(|world| {
        let mut shown = world.network.pairings.shown.iter_mut();
        let found = shown.find(|shown| shown.offer.code().number() == number);
        found.and_then(|shown| shown.outcome.take())
    });
    if let Some(to) = to {
        let _ = to.send(outcome);
    }
}

/// Lets the other device in from now on; what it is called here.
async fn grant(server: &Server, paired: Paired) -> Result<String> {
    let places = server.with(|world| world.places.clone());
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let added = since.map_or(0, |since| since.as_secs());
    // It waits for the disk.
    let granted = tokio::task::spawn_blocking(move || {
        trust::change_grants(&places, |grants| {
            let known = grants.all().find(|grant| grant.key == paired.key);
            let name = match (known, paired.name) {
                (Some(known), _) => known.name.clone(),
                (None, name) => {
                    grants.free_name(&name.unwrap_or_else(|| "paired".into()), paired.key)
                }
            };
            grants.put(Grant {
                key: paired.key,
                role: Role::Owner,
                name: name.clone(),
                added: Some(added),
                until: None,
            });
            Ok(name)
        })
    });
    let name = granted.await.context("writing who is let in")??;
    // They come back, also when there is another server.
    listening::stay(server)?;
    tracing::info!(name, "paired");
    Ok(name)
}
