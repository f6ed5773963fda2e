//! What lies around a viewer's place in scrollback: when how much of it is sent ahead over a link that takes its time, so
//! that the viewer's client has it when the wheel turns. A machine.

use crate::pane::{Around, Pane, Place, Stored, Window};
use crate::protocol::SurfaceId;
use crate::protocol::surface::SurfaceSource;
use crate::protocol::view::ViewMark;
use crate::sync::{Background, Endpoint, Reached, Reliability, Time, Urgency};
use crate::term::Version;

/// Milliseconds of a round trip for which a page more is held in the direction that the viewer goes, and the most pages.
const MS_A_PAGE: u64 = 50;
const MAX_PAGES: u64 = 8;
/// Milliseconds of a round trip from which on two pages are held behind it, and not one.
const SLOW: u64 = 100;
/// Pages in the first piece.
const FIRST_PAGES: u32 = 2;

/// Which way a viewer goes through scrollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Travel {
    /// To what is older.
    Up,
    /// To what is newer.
    Down,
}

/// Whether the next frame is wanted for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leisure {
    /// It is.
    Busy,
    /// It is not.
    Free,
}

/// What is sent of the surroundings of one place.
///
/// Law: over a reliable link nothing is sent: there a round trip takes no time.
#[derive(Debug)]
pub struct Margin {
    travel: Travel,
    background: Background,
}

impl Margin {
    /// Around a place that shows so many rows, and that is the last of all lines.
    pub fn new(page: u16, now: Time) -> Self {
        Self {
            travel: Travel::Up,
            background: Background::new(FIRST_PAGES * u32::from(page), now),
        }
    }

    /// The place has moved, or shows something else.
    pub fn travelled(&mut self, before: Place, after: Place, now: Time) {
        if after != before {
            self.travel = if after < before {
                Travel::Up
            } else {
                Travel::Down
            };
        }
        self.background.wants(now);
    }

    /// How much is worth holding around a place that shows so many rows, behind such a round trip.
    fn wanted(&self, page: u32, round_trip: u64) -> Around {
        let ahead = (1 + round_trip / MS_A_PAGE).min(MAX_PAGES) as u32 * page;
        let behind = if round_trip < SLOW { page } else { 2 * page };
        match self.travel {
            Travel::Up => Around {
                above: ahead,
                below: behind,
            },
            Travel::Down => Around {
                above: behind,
                below: ahead,
            },
        }
    }

    /// Takes more of what lies around `window`, whose surface is `id`, if the link bears it now.
    pub fn widen(
        &mut self,
        (id, window): (SurfaceId, &mut Window),
        (pane, stored): (&Pane, &dyn Stored),
        (endpoint, leisure): (&mut Endpoint<ViewMark>, Leisure),
        now: Time,
    ) {
        if endpoint.reliability() == Reliability::Reliable {
            return self.background.rests();
        }
        if version_in(endpoint.sent_mark(), id.margin()).is_none() {
            // Over another link nothing of it is there.
            window.drop_margin();
        }
        let reached = version_in(endpoint.acked_mark(), id.margin());
        let round_trip = endpoint.round_trip();
        let reached = Reached {
            version: reached.map_or(0, |version| version.0),
            round_trip,
            queue: endpoint.queue(),
        };
        self.background.see(reached, now);
        if self.background.takes_for_lost(now) {
            endpoint.changed(Urgency::Paced, now);
        }
        let Some(step) = self.background.piece(now) else {
            return;
        };
        let sent = version_in(endpoint.sent_mark(), id);
        let is_news = sent.is_none_or(|sent| sent < window.version());
        let is_awaited = is_news && !window.is_within_margin(Version(reached.version));
        if leisure == Leisure::Busy || is_awaited {
            return self.background.gives_way(now);
        }
        let wanted = self.wanted(window.size().rows.into(), round_trip);
        match window.widen(wanted, step, pane, stored) {
            true => {
                self.background.begins(window.margin_version().0);
                endpoint.changed(Urgency::Paced, now);
            }
            false => self.background.rests(),
        }
    }

    /// What is sent of it beside `place`, which is what is sent of `window`: nothing new while a piece is under way, or
    /// while the place itself is kept back.
    pub fn source<'a>(
        &self,
        id: SurfaceId,
        window: &'a Window,
        place: &SurfaceSource,
        endpoint: &Endpoint<ViewMark>,
    ) -> Option<(SurfaceId, SurfaceSource<'a>)> {
        if endpoint.reliability() == Reliability::Reliable {
            return None;
        }
        let is_kept_back = place.version < window.version();
        let mut source = window.margin_source();
        match version_in(endpoint.acked_mark(), id.margin()) {
            None if is_kept_back => return None,
            Some(at) if is_kept_back || endpoint.repeats() && self.background.is_left_out() => {
                source.version = source.version.min(at);
            }
            _ => {}
        }
        Some((id.margin(), source))
    }

    /// Takes note that a frame has left.
    pub fn left(&mut self, id: SurfaceId, endpoint: &Endpoint<ViewMark>, now: Time) {
        if let Some(version) = version_in(endpoint.sent_mark(), id.margin()) {
            self.background
                .leaves(version.0, endpoint.round_trip(), now);
        }
        self.background.gives_way(now);
    }

    /// Something else goes first.
    pub fn gives_way(&mut self, now: Time) {
        self.background.gives_way(now);
    }

    /// When [`Margin::widen`] has something to do.
    pub fn timeout(&self) -> Option<Time> {
        self.background.timeout()
    }
}

fn version_in(mark: Option<&ViewMark>, surface: SurfaceId) -> Option<Version> {
    let mut surfaces = mark?.surfaces.iter();
    let found = surfaces.find(|(id, _)| *id == surface);
    found.map(|(_, version)| *version)
}
