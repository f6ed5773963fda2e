//! The view: one value holding all that a viewer may see.

use super::echo::{Echo, EchoMark};
use super::geometry::Rect;
use super::held::Held;
use super::kin::{self, Kin};
use super::patch::SurfacePatch;
use super::surface::{Surface, SurfaceSource};
use super::{PaneId, SurfaceId, TabId, postcard};
use crate::sync::{FrameNo, Mark, Replica, Source};
use crate::term::{Row, Size, Tables, Version};
use crate::varint::{self, Malformed, Reader};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything around the panes' contents. Small, and sent whole when it changes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Chrome {
    /// The session's name.
    pub session: String,
    /// The server's machine.
    pub host: String,
    /// The session's tabs in order.
    pub tabs: Vec<TabLabel>,
    /// The panes that are shown, in order.
    pub panes: Vec<PaneBox>,
    /// The area that the panes and the lines between them fill (the viewer's terminal less the status line, or less
    /// where another viewer's size decides); `None` before anything is shown. Where panes have titles, its first row is
    /// a line too.
    pub area: Option<Size>,
    /// Whether one pane is shown alone though the tab has more.
    pub zoomed: bool,
    /// Whether the disk refuses what a pane of the session prints: it is in memory alone.
    pub unsaved: bool,
    /// How many commands of this viewer (all but those to its place in scrollback) the server has done or refused.
    pub answered: u64,
}

/// A tab as the status line names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TabLabel {
    /// Which.
    pub id: TabId,
    /// Its name.
    pub name: String,
    /// Whether the viewer looks at it.
    pub active: bool,
    /// What happened in it since it was looked at.
    pub marks: Marks,
}

/// What happened in a tab since it was last looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Marks {
    /// A pane rang.
    pub bell: bool,
    /// Something was printed.
    pub activity: bool,
    /// Nothing was printed for as long as the configuration says.
    pub silence: bool,
    /// A program ended with a failure; its pane still stands.
    pub failed: bool,
}

/// Where a pane is shown, and which surface shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaneBox {
    /// Which pane.
    pub pane: PaneId,
    /// Its screen, or the viewer's place in its scrollback.
    pub surface: SurfaceId,
    /// Where, within the area; the lines between panes belong to none.
    pub area: Rect,
    /// Whether keys go there.
    pub focused: bool,
    /// What its border says: the user's name for it, the program's title, or the command that runs. At most
    /// [`PaneBox::MAX_TITLE`] characters, none of which controls anything.
    pub title: String,
}

impl PaneBox {
    /// Longest title, in characters.
    pub const MAX_TITLE: usize = 200;
}

/// What a viewer sees: the client's replica.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// What stands around the panes.
    pub chrome: Chrome,
    /// How far the viewer's keys have come.
    pub echo: Echo,
    /// The surfaces that `chrome` names, what lies around them, and some that it named shortly before.
    pub surfaces: BTreeMap<SurfaceId, Surface>,
    /// What is shown in place of some of them, until the server has followed what it was asked for.
    pub ahead: BTreeMap<SurfaceId, Surface>,
    /// What the surfaces' cells index.
    pub tables: Tables,
    /// What the replica remembers for itself.
    pub held: Held,
}

impl View {
    /// An empty view, to take the place of this one: what is kept of this one's cells is not taken for its own.
    pub fn anew(&self) -> Self {
        Self {
            held: Held::after(self.generation()),
            ..Self::default()
        }
    }

    /// The box that has the focus.
    pub fn focused(&self) -> Option<&PaneBox> {
        self.chrome.panes.iter().find(|pane| pane.focused)
    }

    /// Counts how often the tables were renewed. Whoever keeps cells of this view beside it has to drop them when
    /// this changes: their styles and clusters have other numbers then.
    pub fn generation(&self) -> u64 {
        self.held.generation()
    }

    /// What is shown as that surface.
    pub fn surface(&self, id: SurfaceId) -> Option<&Surface> {
        self.ahead.get(&id).or(self.surfaces.get(&id))
    }

    /// The surface of the pane that has the focus.
    pub fn focused_surface(&self) -> Option<&Surface> {
        self.surface(self.focused()?.surface)
    }
}

/// Where a view stands: small, as one is remembered for every frame under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewMark {
    /// Version of the chrome.
    pub chrome: u64,
    /// How far the viewer's keys had come.
    pub echo: EchoMark,
    /// The surfaces that are part of the view, and their versions.
    pub surfaces: Vec<(SurfaceId, Version)>,
}

impl Mark for ViewMark {
    /// Surfaces alone are kept back.
    fn join(&mut self, other: &Self) {
        for (id, version) in &mut self.surfaces {
            let mut others = other.surfaces.iter();
            if let Some((_, further)) = others.find(|(other, _)| other == id) {
                *version = (*version).max(*further);
            }
        }
    }
}

/// A view as its owner shows it: borrowed for the length of one poll.
///
/// ```text
/// view = flags [length chrome] [echo] count { id surface }*      flag 1: chrome, which is postcard; 2: echo
/// ```
#[derive(Debug, Clone)]
pub struct ViewSource<'a> {
    /// What stands around the panes.
    pub chrome: &'a Chrome,
    /// Raised whenever `chrome` changes.
    pub chrome_version: u64,
    /// How far the viewer's keys have come.
    pub echo: Echo,
    /// What the panes show; each once. What lies around a place in scrollback stands behind that, and is kept back whenever
    /// that is.
    pub surfaces: Vec<(SurfaceId, SurfaceSource<'a>)>,
}

const CHROME: u8 = 1;
const ECHO: u8 = 2;

/// Most surfaces of one view.
const MAX_SURFACES: u64 = 1024;

impl Source for ViewSource<'_> {
    type Mark = ViewMark;

    fn mark(&self) -> ViewMark {
        let surfaces = self.surfaces.iter();
        ViewMark {
            chrome: self.chrome_version,
            echo: self.echo.mark(),
            surfaces: surfaces.map(|(id, one)| (*id, one.version)).collect(),
        }
    }

    fn diff(&self, base: Option<&ViewMark>, out: &mut Vec<u8>) {
        let chrome = base.is_none_or(|base| base.chrome != self.chrome_version);
        let echo = base.is_none_or(|base| base.echo != self.echo.mark());
        let flag = |set: bool, flag| if set { flag } else { 0 };
        out.push(flag(chrome, CHROME) | flag(echo, ECHO));
        if chrome {
            varint::put_bytes(out, &postcard::encode(self.chrome));
        }
        if echo {
            self.echo.put(base.map(|base| base.echo), out);
        }
        varint::put(out, self.surfaces.len() as u64);
        let since = |id: SurfaceId| {
            let mut known = base.into_iter().flat_map(|base| &base.surfaces);
            let known = known.find(|(known, _)| *known == id);
            known.map(|(_, version)| *version)
        };
        for (id, surface) in &self.surfaces {
            varint::put(out, id.packed());
            surface.encode_beside(since(*id), |row| self.shows(*id, row, since), out);
        }
    }
}

impl ViewSource<'_> {
    /// Whether somebody who stood at `since` has this row of the surface `id`, as it is now, in the kin of that.
    fn shows(
        &self,
        id: SurfaceId,
        row: &Row,
        since: impl Fn(SurfaceId) -> Option<Version>,
    ) -> bool {
        let kin = |id: SurfaceId| {
            let mut surfaces = self.surfaces.iter();
            surfaces
                .find(|(other, _)| *other == id)
                .map(|(_, source)| source)
        };
        match id.within() {
            Some(place) => kin(place).is_some_and(|place| kin::shows(place, None, row)),
            None if id.is_scrolled() => {
                let known = since(id.margin());
                known.is_some() && kin(id.margin()).is_some_and(|kin| kin::shows(kin, known, row))
            }
            None => false,
        }
    }
}

impl Replica for View {
    fn apply(&mut self, base: FrameNo, frame: FrameNo, diff: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(diff);
        let flags = reader.u8()?;
        if flags & !(CHROME | ECHO) != 0 {
            return Err(Malformed("view flags"));
        }
        let chrome = match flags & CHROME {
            0 => None,
            _ => Some(postcard::decode::<Chrome>(reader.bytes()?, "chrome")?),
        };
        let echo = match flags & ECHO {
            0 => self.echo,
            _ => Echo::read(&mut reader, &self.echo)?,
        };
        let patches = self.read_surfaces(&mut reader)?;
        self.ahead.clear();
        if let Some(chrome) = chrome {
            self.chrome = chrome;
        }
        self.echo = echo;
        for (id, patch) in patches {
            self.held.saw(id, frame);
            if let Some(patch) = patch {
                self.surfaces.entry(id).or_default().apply(patch);
            }
        }
        // No frame to come builds on one before `base`, so none can say what changed since a surface seen before it.
        self.held.forget(base);
        self.surfaces.retain(|id, _| self.held.is_seen(*id));
        self.held.compact(&mut self.surfaces, &mut self.tables);
        Ok(())
    }
}

impl View {
    fn read_surfaces(
        &mut self,
        reader: &mut Reader,
    ) -> Result<BTreeMap<SurfaceId, Option<SurfacePatch>>, Malformed> {
        let mut patches = BTreeMap::new();
        let held = self.surfaces.values().map(|one| one.order.len());
        let mut rows: usize = held.sum();
        for _ in 0..reader.at_most(MAX_SURFACES)? {
            let id = SurfaceId::unpacked(reader.u64()?);
            let old = self.surfaces.get(&id);
            let kin = match id.within() {
                Some(place) => Kin::Coming(
                    patches.get(&place).and_then(Option::as_ref),
                    self.surfaces.get(&place),
                ),
                None => self.surfaces.get(&id.margin()).map_or(Kin::None, Kin::Held),
            };
            let patch = SurfacePatch::decode(reader, old, kin, &mut self.tables)?;
            rows += patch
                .as_ref()
                .and_then(|one| one.reordered_rows())
                .unwrap_or(0);
            if rows > Held::MAX_ROWS {
                return Err(Malformed("view size"));
            }
            if patches.insert(id, patch).is_some() {
                return Err(Malformed("surface twice"));
            }
        }
        match reader.is_empty() {
            true => Ok(patches),
            false => Err(Malformed("view length")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scripted::Scripted;
    use super::super::{InputLog, InputReceiver};
    use super::*;
    use crate::sync::{Endpoint, Handled, Reliability, Time, Urgency};
    use crate::term::{Color, Style, StyleId};
    use proptest::prelude::*;

    /// A server that shows one screen of 200 x 50, and its client, over a reliable link.
    struct Pair {
        screen: Scripted,
        chrome: Chrome,
        server: Endpoint<ViewMark>,
        client: Endpoint<u64>,
        view: View,
    }

    const SHOWN: SurfaceId = SurfaceId(12);

    impl Pair {
        fn new() -> Self {
            let mut screen = Scripted::new(200, 50);
            screen.version = Version(1_000_000);
            for row in 0..50 {
                screen.write(row, 0, &"some text ".repeat(8), StyleId::DEFAULT);
            }
            Self {
                screen,
                chrome: Chrome::default(),
                server: Endpoint::new(Reliability::Reliable),
                client: Endpoint::new(Reliability::Reliable),
                view: View::default(),
            }
        }

        /// Sends what changed; the length of the packet, 0 if there was none.
        fn frame(&mut self) -> usize {
            let source = ViewSource {
                chrome: &self.chrome,
                chrome_version: 7,
                echo: Echo::default(),
                surfaces: vec![(SHOWN, self.screen.source())],
            };
            self.server.changed(Urgency::AtOnce, Time(0));
            let Some(packet) = self.server.poll(&source, Time(0)) else {
                return 0;
            };
            let handled = self.client.handle(&packet, &mut self.view, Time(0));
            assert_eq!(handled, Ok(Handled::Moved));
            let shown = &self.view.surfaces[&SHOWN];
            self.screen.assert_shown(shown, &self.view.tables);
            packet.len()
        }
    }

    #[test]
    fn a_redraw_costs_its_text_and_nothing_new_costs_nothing() {
        let mut pair = Pair::new();
        let redraw = pair.frame();
        assert!((4000..4000 + 50 * 10 + 60).contains(&redraw), "{redraw}");
        assert_eq!(pair.frame(), 0);
    }

    #[test]
    fn a_typed_key_costs_forty_bytes() {
        let mut pair = Pair::new();
        pair.frame();
        for col in 80..199 {
            pair.screen.next();
            pair.screen.write(40, col, "x", StyleId::DEFAULT);
            let key = pair.frame();
            assert!((1..=40).contains(&key), "{key}");
        }
    }

    #[test]
    fn a_scrolled_and_an_inserted_line_cost_the_new_line() {
        let mut pair = Pair::new();
        pair.frame();
        let line = "a new line of forty characters, no more.";
        pair.screen.next();
        pair.screen.shift(0, 49);
        pair.screen.write(49, 0, line, StyleId::DEFAULT);
        let scrolled = pair.frame();
        assert!((40..=70).contains(&scrolled), "{scrolled}");
        pair.screen.next();
        pair.screen.shift(40, 20);
        pair.screen.write(20, 0, line, StyleId::DEFAULT);
        let inserted = pair.frame();
        assert!((40..=75).contains(&inserted), "{inserted}");
        pair.screen.next();
        pair.screen.erase_from(30, 2);
        assert!(pair.frame() < 25);
    }

    #[test]
    fn a_refused_difference_changes_nothing_shown() {
        let mut pair = Pair::new();
        pair.frame();
        let since = ViewMark {
            chrome: 0,
            echo: EchoMark::default(),
            surfaces: vec![(SHOWN, pair.screen.version)],
        };
        pair.screen.next();
        pair.screen.shift(0, 49);
        pair.screen.write(49, 0, "界 the end", StyleId::DEFAULT);
        let source = ViewSource {
            chrome: &pair.chrome,
            chrome_version: 8,
            echo: Echo::default(),
            surfaces: vec![(SHOWN, pair.screen.source())],
        };
        let mut diff = Vec::new();
        source.diff(Some(&since), &mut diff);
        let before = format!("{:?}", pair.view.surfaces);
        for len in 0..diff.len() {
            let refused = pair.view.apply(FrameNo(1), FrameNo(2), &diff[..len]);
            assert!(refused.is_err(), "cut at {len}");
            assert_eq!(format!("{:?}", pair.view.surfaces), before);
        }
        let unknown = View::default().apply(FrameNo(1), FrameNo(2), &diff);
        assert_eq!(unknown, Err(Malformed("surface version")));
        assert_eq!(pair.view.apply(FrameNo(1), FrameNo(2), &diff), Ok(()));
    }

    #[test]
    fn a_surface_stays_while_a_frame_may_build_on_it() {
        let mut pair = Pair::new();
        pair.frame();
        let gone = [0, 0];
        assert_eq!(pair.view.apply(FrameNo(1), FrameNo(5), &gone), Ok(()));
        assert!(pair.view.surfaces.contains_key(&SHOWN));
        assert_eq!(pair.view.apply(FrameNo(5), FrameNo(6), &gone), Ok(()));
        assert!(pair.view.surfaces.is_empty());
    }

    #[test]
    fn what_is_kept_back_is_not_taken_for_what_the_peer_lacks() {
        let id = |pane| SurfaceId::live(PaneId(pane));
        let mut screens = [Scripted::new(20, 5), Scripted::new(20, 5)];
        let chrome = Chrome::default();
        let mut server = Endpoint::<ViewMark>::new(Reliability::Lossy);
        let (mut client, mut view) = (Endpoint::<u64>::new(Reliability::Lossy), View::default());
        // A frame in which the first screen stands at a version, and the answer to it.
        let mut show = |server: &mut Endpoint<ViewMark>, screens: &[Scripted; 2], at, now| {
            let mut first = screens[0].source();
            first.version = at;
            let source = ViewSource {
                chrome: &chrome,
                chrome_version: 1,
                echo: Echo::default(),
                surfaces: vec![(id(1), first), (id(2), screens[1].source())],
            };
            server.changed(Urgency::AtOnce, now);
            let packet = server.poll(&source, now).expect("a frame");
            let handled = client.handle(&packet, &mut view, now);
            assert_eq!(handled, Ok(Handled::Moved));
            let answer = client.poll(&InputLog::default(), now.after(150));
            answer.expect("an acknowledgement")
        };
        let hear = |server: &mut Endpoint<ViewMark>, answer: &[u8], now| {
            let heard = server.handle(answer, &mut InputReceiver::default(), now);
            heard.expect("an acknowledgement");
        };
        let before = screens[0].version;
        let answer = show(&mut server, &screens, before, Time(0));
        hear(&mut server, &answer, Time(200));
        screens[0].next();
        screens[0].write(1, 0, "a flood", StyleId::DEFAULT);
        let flood = show(&mut server, &screens, screens[0].version, Time(300));
        screens[1].next();
        screens[1].write(1, 0, "k", StyleId::DEFAULT);
        let key = show(&mut server, &screens, before, Time(310));
        hear(&mut server, &flood, Time(600));
        hear(&mut server, &key, Time(610));
        let acked = server.acked_mark().map(|mark| mark.surfaces.clone());
        let [flood, key] = screens.map(|screen| screen.version);
        assert_eq!(acked, Some(vec![(id(1), flood), (id(2), key)]));
    }

    #[test]
    fn tables_stay_small_for_weeks() {
        let mut pair = Pair::new();
        for n in 0..20_000u32 {
            pair.screen.next();
            if n % 4000 == 0 {
                // The emulator's own tables are renewed by the emulator.
                pair.screen.tables = Tables::default();
                for row in 0..50 {
                    pair.screen.erase_from(row, 0);
                }
            }
            let [_, r, g, b] = n.to_be_bytes();
            let style = pair.screen.tables.style_id(Style {
                fg: Color::Rgb(r, g, b),
                ..Style::default()
            });
            pair.screen
                .write((n % 50) as u16, (n % 190) as u16, "界x", style);
            if n % 50 == 0 {
                pair.frame();
            }
        }
        assert!(pair.view.generation() > 0);
        assert!(pair.view.tables.counts().0 < 10_000);
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_or_read(bytes: Vec<u8>) {
            let mut view = View::default();
            let _ = view.apply(FrameNo(0), FrameNo(1), &bytes);
        }

        #[test]
        fn a_flipped_byte_is_refused_or_read(at: prop::sample::Index, to: u8, again: prop::sample::Index) {
            let mut screen = Scripted::new(20, 5);
            screen.write(1, 3, "界 the end", StyleId::DEFAULT);
            screen.write_cluster(3, 3, "e\u{301}");
            let mut diff = vec![0, 1, 24];
            screen.source().encode(None, &mut diff);
            *at.get_mut(&mut diff) = to;
            *again.get_mut(&mut diff) ^= 1;
            let mut view = View::default();
            let _ = view.apply(FrameNo(0), FrameNo(1), &diff);
        }
    }
}
