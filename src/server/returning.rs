//! Viewers that have lost their links: they are kept with their places and with how far their input had come, so that
//! they go on where they were when they come back over another link.

use super::viewer::Viewer;
use super::world::World;
use crate::net::Peer;
use crate::protocol::request::Attach;
use crate::protocol::{InputReceiver, Token, ViewerId};
use crate::sync::Time;
use crate::sync::silence::{FORGOTTEN, UNSEEN};

/// Most viewers without a link that are kept.
const MAX_LOST: usize = 32;

/// What ties a viewer to its client, over whatever link.
#[derive(Debug)]
pub(super) struct Tie {
    token: Token,
    peer: Peer,
    /// Its input. It outlives links: what comes twice over two of them is taken once.
    pub inputs: InputReceiver,
    /// Counts its links: only the last one speaks for it.
    link: u64,
    /// Since when it has none.
    lost: Option<Time>,
    /// Whether nothing is heard over it although something should be.
    silent: bool,
}

/// A viewer as one link serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seat {
    /// Which viewer.
    pub viewer: ViewerId,
    /// Which of its links.
    link: u64,
}

/// When a client was heard last that has yet to say something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hearing {
    heard: Time,
    /// Since when an answer is awaited.
    asked: Option<Time>,
}

impl Hearing {
    /// It was heard at `now`.
    pub fn at(now: Time) -> Self {
        Self {
            heard: now,
            asked: None,
        }
    }

    /// Takes note at `now` whether it owes an answer.
    pub fn ask(&mut self, owes: Owes, now: Time) {
        self.asked = match owes {
            Owes::Nothing => None,
            Owes::Answer => Some(self.asked.unwrap_or(now)),
        };
    }

    /// Whether it has been silent for too long.
    fn is_over(self, now: Time) -> bool {
        let asked = self.asked.map(|asked| asked.max(self.heard));
        asked.is_some_and(|asked| now.since(asked) >= UNSEEN)
    }
}

/// Whether a client has to say that it was shown something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owes {
    Nothing,
    Answer,
}

impl Tie {
    /// Ties a viewer to whom it says it is.
    pub fn new(token: Token, peer: Peer) -> Self {
        Self {
            token,
            peer,
            inputs: InputReceiver::default(),
            link: 0,
            lost: None,
            silent: false,
        }
    }

    /// The tie of a viewer of another server, which has yet to come to this one.
    pub fn handed_on(token: Token, peer: Peer, inputs: InputReceiver, now: Time) -> Self {
        Self {
            inputs,
            lost: Some(now),
            ..Self::new(token, peer)
        }
    }

    /// Who it is, and where it may come from.
    pub fn identity(&self) -> (Token, Peer) {
        (self.token, self.peer)
    }

    /// Whether its user is there for all that is known.
    pub fn is_heard(&self) -> bool {
        !self.is_lost() && !self.silent
    }

    /// Whether it has no link.
    pub fn is_lost(&self) -> bool {
        self.lost.is_some()
    }
}

impl World {
    /// Takes a viewer in, for its first link.
    pub fn seat(&mut self, viewer: Viewer) -> Seat {
        let (id, link) = (self.next_viewer(), viewer.tie.link);
        self.viewers.insert(id, viewer);
        self.forget_the_lost();
        Seat { viewer: id, link }
    }

    /// Takes a viewer back over another link, if it has lost one and is known here. Its older links are over.
    pub fn seat_again(&mut self, attach: &Attach, peer: Peer) -> Option<Seat> {
        let confirmed = attach.confirmed?;
        let known = |viewer: &Viewer| {
            let is_it = viewer.tie.identity() == (attach.viewer, peer);
            is_it && confirmed <= viewer.tie.inputs.received()
        };
        let found = self.viewers.iter_mut().find(|(_, viewer)| known(viewer));
        let (id, viewer) = found.map(|(id, viewer)| (*id, viewer))?;
        viewer.tie.link += 1;
        viewer.tie.lost = None;
        viewer.tie.silent = false;
        viewer.size = attach.size;
        viewer.looking = attach.looking;
        viewer.renew();
        let seat = Seat {
            viewer: id,
            link: viewer.tie.link,
        };
        let session = viewer.at.session();
        let focused = viewer.focused().filter(|_| viewer.has_focus());
        if let Some(pane) = focused {
            self.tell_focus(id, pane, true);
        }
        self.fit_all(session);
        self.arrange(session);
        self.touch_session(session);
        Some(seat)
    }

    /// The viewer, as long as that link speaks for it.
    pub fn seated(&mut self, seat: Seat) -> Option<&mut Viewer> {
        let viewer = self.viewers.get_mut(&seat.viewer)?;
        (viewer.tie.link == seat.link).then_some(viewer)
    }

    /// The link is gone without a word: its viewer may come back. Meanwhile it has no say in the size of anything.
    pub fn lose(&mut self, seat: Seat) {
        let now = self.now();
        let Some(viewer) = self.seated(seat) else {
            return;
        };
        let focused = viewer.focused().filter(|_| viewer.has_focus());
        viewer.tie.lost = Some(now);
        viewer.events.clear();
        viewer.search.begin();
        let session = viewer.at.session();
        if let Some(pane) = focused {
            self.tell_focus(seat.viewer, pane, false);
        }
        self.drop_keys(seat.viewer);
        self.clipboard_of(seat.viewer);
        self.fit_all(session);
        self.leaving.emptied.notify_waiters();
        tracing::info!(viewer = seat.viewer.0, "lost its link");
        self.forget_the_lost();
    }

    /// Takes note whether the viewer is heard. One that is not has no say in the size of anything.
    pub fn hear(&mut self, seat: Seat, hearing: Hearing) {
        let is_silent = hearing.is_over(self.now());
        let Some(viewer) = self.seated(seat) else {
            return;
        };
        if std::mem::replace(&mut viewer.tie.silent, is_silent) != is_silent {
            let session = viewer.at.session();
            self.fit_all(session);
        }
    }

    /// The viewer leaves for good, if that link speaks for it.
    pub fn leave_seat(&mut self, seat: Seat) {
        if self.seated(seat).is_some() {
            self.leave(seat.viewer);
        }
    }

    /// Whether any viewer has a link.
    pub fn is_watched(&self) -> bool {
        self.viewers.values().any(|viewer| !viewer.tie.is_lost())
    }

    /// Forgets viewers that have been away for too long, and the oldest of too many.
    fn forget_the_lost(&mut self) {
        let now = self.now();
        let lost = |(id, viewer): (&ViewerId, &Viewer)| viewer.tie.lost.map(|since| (since, *id));
        let mut lost: Vec<_> = self.viewers.iter().filter_map(lost).collect();
        lost.sort();
        let excess = lost.len().saturating_sub(MAX_LOST);
        for (nth, (since, id)) in lost.into_iter().enumerate() {
            if nth < excess || now.since(since) > FORGOTTEN {
                self.leave(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_owes_no_answer_may_be_silent() {
        let mut hearing = Hearing::at(Time(0));
        hearing.ask(Owes::Nothing, Time(100_000));
        assert!(!hearing.is_over(Time(100_000)));
        hearing.ask(Owes::Answer, Time(100_000));
        hearing.ask(Owes::Answer, Time(105_000));
        assert!(!hearing.is_over(Time(105_999)));
        assert!(hearing.is_over(Time(106_000)));
        hearing.ask(Owes::Nothing, Time(107_000));
        assert!(!hearing.is_over(Time(200_000)));
    }
}
