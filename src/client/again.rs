//! How a client comes to its session again over another link.

use super::outage::Try;
use crate::net::{Link, Ready, Refused, Senseless, welcomed};
use crate::protocol::Message;
use crate::protocol::request::{Attach, Reply, Request};
use anyhow::{Context as _, Result, bail};
use std::cell::Cell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Most packets that are kept which come before the word that the session is entered.
const MAX_EARLY: usize = 64;

/// How long a server that was reached may take to let its viewer in.
const ENTRY_WAIT: Duration = Duration::from_secs(5);

/// A link to come. Nothing was said over it yet.
pub type Reaching = Pin<Box<dyn Future<Output = Result<Link>>>>;

/// Makes links to the server that was attached to first.
pub struct Again(Box<dyn Fn(Try) -> Reaching>);

impl Again {
    /// Makes them by `again`; each attempt has to end by itself.
    pub fn by(again: impl Fn(Try) -> Reaching + 'static) -> Self {
        Self(Box::new(again))
    }

    /// An attempt to make one and to attach over it.
    pub(super) fn attempt(&self, nth: Try, attach: Attach) -> Attempt {
        let reaching = (self.0)(nth);
        let asked = Rc::new(Cell::new(false));
        let has_asked = asked.clone();
        let coming = Box::pin(async move {
            let mut link = reaching.await?;
            asked.set(true);
            link.hail();
            let entering = enter(&mut link, attach, Greeting::Awaited);
            let entered = tokio::time::timeout(ENTRY_WAIT, entering).await;
            let entered = entered.context("the server does not answer")??;
            Ok((link, entered))
        });
        Attempt { coming, has_asked }
    }
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Again(..)")
    }
}

type Coming = Pin<Box<dyn Future<Output = Result<(Link, Entered)>>>>;

/// An attempt to come to the session again.
pub(super) struct Attempt {
    coming: Coming,
    has_asked: Rc<Cell<bool>>,
}

impl Attempt {
    /// Whether the server may have been asked to let the viewer in: then it ends the viewer's other link, and whoever gave
    /// the attempt up would have none.
    pub(super) fn has_asked(&self) -> bool {
        self.has_asked.get()
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Attempt({})", self.has_asked())
    }
}

impl Future for Attempt {
    type Output = Result<(Link, Entered)>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.coming.as_mut().poll(context)
    }
}

/// What the server said to a viewer that it let in.
#[derive(Debug)]
pub(super) struct Entered {
    /// The session's name.
    pub(super) session: String,
    /// Where the viewer's input goes on; `None` if the server does not know it.
    pub(super) resumed: Option<u64>,
    /// What came before that word.
    pub(super) early: Vec<Message>,
}

/// Whether the server has answered the greeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greeting {
    /// It has.
    Answered,
    /// It was greeted, and asked in the same breath: over a long way that saves a round trip.
    Awaited,
}

/// Turns the link into an attachment.
///
/// # Errors
/// [`Refused`] if the server does not want that, or is one that this build cannot talk to; [`Senseless`] if it says
/// something else.
pub(super) async fn enter(
    link: &mut Link,
    attach: Attach,
    mut greeting: Greeting,
) -> Result<Entered> {
    link.queue(&Message::Request(Request::Attach(attach)));
    link.flush().await?;
    let mut early = Vec::new();
    loop {
        let message = match link.ready().await? {
            Ready::Message(message) => message,
            Ready::Clear => continue,
            Ready::Closed => bail!("the server went away before it answered"),
        };
        match message {
            welcome @ Message::Welcome(_) if greeting == Greeting::Awaited => {
                welcomed(Some(welcome))?;
                greeting = Greeting::Answered;
            }
            Message::Reply(Reply::Attached { session, resumed })
                if greeting == Greeting::Answered =>
            {
                return Ok(Entered {
                    session,
                    resumed,
                    early,
                });
            }
            Message::Reply(Reply::Error(line)) => return Err(Refused(line).into()),
            // Over a network packets may overtake the stream; those that are too many will be sent again.
            packet @ Message::Packet(_) => {
                if early.len() < MAX_EARLY {
                    early.push(packet);
                }
            }
            _ => {
                let line = "the server did not answer the request to attach";
                return Err(Senseless(line).into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::outage::{Loss, Outage};
    use super::*;
    use crate::protocol::Token;
    use crate::protocol::hello::{VERSION, Version, Welcome};
    use crate::sync::Time;
    use crate::term::Size;
    use std::cell::RefCell;
    use std::os::unix::net::UnixStream;

    fn attach() -> Attach {
        Attach {
            session: None,
            create: None,
            size: Size::new(80, 24),
            viewer: Token([1; 16]),
            confirmed: None,
            looking: true,
        }
    }

    fn welcome(version: Version) -> Message {
        Message::Welcome(Welcome {
            version,
            release: env!("CARGO_PKG_VERSION").to_owned(),
            incarnation: 1,
            pid: 1,
        })
    }

    /// What becomes of an attempt at a server that says this.
    fn answered_by(said: &[Message]) -> Result<Entered> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let (near, far) = UnixStream::pair().expect("sockets");
            let mut near = Link::unix(near).expect("a link");
            let mut server = Link::unix(far).expect("a link");
            said.iter().for_each(|message| server.queue(message));
            server.flush().await.expect("room");
            near.hail();
            enter(&mut near, attach(), Greeting::Awaited).await
        })
    }

    #[test]
    fn a_server_of_another_kind_is_refused_in_one_line() {
        let attached = || {
            Message::Reply(Reply::Attached {
                session: "work".to_owned(),
                resumed: None,
            })
        };
        assert!(answered_by(&[welcome(VERSION), attached()]).is_ok());
        let other = Version {
            major: VERSION.major + 1,
            ..VERSION
        };
        for said in [
            vec![welcome(other), attached()],
            vec![Message::Reply(Reply::Error("it is too old".to_owned()))],
        ] {
            let refused = answered_by(&said).expect_err("it is refused");
            let line = crate::net::refusal(&refused).expect("a refusal");
            assert_eq!(line.lines().count(), 1, "{line}");
        }
        let unasked = answered_by(&[attached()]).expect_err("nobody has welcomed us");
        assert!(unasked.to_string().contains("did not answer"), "{unasked}");
    }

    #[test]
    fn an_attempt_is_kept_once_the_server_was_asked() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let (near, far) = UnixStream::pair().expect("sockets");
            let near = RefCell::new(Some(near));
            let again = Again::by(move |_| {
                let near = near.take();
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    Link::unix(near.context("one attempt")?)
                })
            });
            let nth = Outage::new(Loss::Silent, Time(0))
                .poll(Time(0))
                .expect("it is due");
            let mut attempt = again.attempt(nth, attach());
            assert!(!attempt.has_asked());
            let mut server = Link::unix(far).expect("a link");
            let asked = tokio::select! {
                biased;
                _ = &mut attempt => panic!("nobody has answered"),
                asked = server.recv() => asked.expect("a message"),
            };
            assert!(matches!(asked, Some(Message::Hello(_))));
            let asked = server.recv().await.expect("a message");
            assert!(matches!(asked, Some(Message::Request(Request::Attach(_)))));
            assert!(attempt.has_asked());
            for n in 0..2 * MAX_EARLY {
                server.queue(&Message::Packet(vec![n as u8]));
                if n == 0 {
                    server.queue(&welcome(VERSION));
                }
            }
            server.queue(&Message::Reply(Reply::Attached {
                session: "work".to_owned(),
                resumed: None,
            }));
            server.flush().await.expect("room");
            let (_, entered) = attempt.await.expect("it is let in");
            assert_eq!(
                (entered.session.as_str(), entered.early.len()),
                ("work", MAX_EARLY)
            );
        });
    }
}
