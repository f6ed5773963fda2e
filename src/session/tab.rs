//! A tab: a layout, and which of its panes has the focus.

use super::check_tab_name;
use super::layout::{Layout, neighbour};
use crate::protocol::command::{Preset, Resize, Which};
use crate::protocol::view::Marks;
use crate::protocol::{Direction, PaneId, Rect, TabId};
use crate::term::Size;
use serde::{Deserialize, Deserializer, Serialize};

/// A layout and a focus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tab {
    /// Which tab.
    pub id: TabId,
    /// The user's name for it; empty if it is named by its command.
    #[serde(default)]
    pub name: String,
    /// How its panes divide its area.
    pub layout: Layout,
    /// The pane that keys go to; always one of the layout's.
    pub focus: PaneId,
    /// The pane that had the focus before, if it is still here.
    #[serde(default)]
    pub previous: Option<PaneId>,
    /// The pane that is shown alone; it has the focus then.
    #[serde(default, deserialize_with = "read_zoomed")]
    pub zoomed: Option<PaneId>,
    /// The size that its panes were arranged for last.
    #[serde(default = "usual_area")]
    pub area: Size,
    /// The preset that was used last.
    #[serde(default)]
    pub preset: Option<Preset>,
    /// What happened in it since somebody last looked. Not worth a write to disk.
    #[serde(skip)]
    pub marks: Marks,
}

/// Whether panes have titles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Titles {
    /// Each pane's title stands in the line above it; in a tab of several panes, the first row is such a line.
    Shown,
    /// Lines stand only between panes.
    #[default]
    Hidden,
}

impl Tab {
    /// A tab of one pane.
    pub fn new(id: TabId, pane: PaneId, area: Size) -> Self {
        Self {
            id,
            name: String::new(),
            layout: Layout::Pane(pane),
            focus: pane,
            previous: None,
            zoomed: None,
            area,
            preset: None,
            marks: Marks::default(),
        }
    }

    /// Whether what it names is there: what comes from a file may be anything.
    pub(super) fn is_sound(&self) -> bool {
        let is_here = |pane: Option<PaneId>| pane.is_none_or(|pane| self.layout.contains(pane));
        check_tab_name(&self.name).is_none()
            && is_here(Some(self.focus))
            && is_here(self.previous)
            && is_here(self.zoomed)
    }

    /// Whether it has no other pane than one.
    pub fn is_single(&self) -> bool {
        matches!(self.layout, Layout::Pane(_))
    }

    /// Where its panes stand within its area. One pane alone has no line around it. A zoomed pane, and `focus` where
    /// there is no room for all, fills the area by itself.
    pub fn places(&self, titles: Titles, focus: PaneId) -> Vec<(PaneId, Rect)> {
        let arranged = match self.zoomed {
            Some(_) => None,
            None => self.layout.rects(self.room(titles)),
        };
        arranged.unwrap_or_else(|| {
            let is_here = self.layout.contains(focus);
            let shown = self
                .zoomed
                .unwrap_or(if is_here { focus } else { self.focus });
            vec![(shown, whole(self.area))]
        })
    }

    /// What its panes and the lines between them divide: its area, less the row that titles need.
    fn room(&self, titles: Titles) -> Rect {
        let area = whole(self.area);
        match titles {
            Titles::Shown if !self.is_single() => Rect {
                y: 1,
                rows: area.rows.saturating_sub(1),
                ..area
            },
            _ => area,
        }
    }

    /// Whether all panes can be shown at once. It counts the row of the titles, so that they may be turned on at any
    /// time.
    pub fn has_room(&self) -> bool {
        self.layout.rects(self.room(Titles::Shown)).is_some()
    }

    /// Puts `new` beside `pane`; a zoom ends. The focus stays where it is.
    pub fn split(&mut self, pane: PaneId, side: Direction, new: PaneId) {
        self.layout.split(pane, side, new);
        self.zoomed = None;
    }

    /// Gives the focus to `pane`, if it is here; says whether the focus moved. A zoom ends then.
    pub fn select(&mut self, pane: PaneId) -> bool {
        if pane == self.focus || !self.layout.contains(pane) {
            return false;
        }
        self.previous = Some(self.focus);
        self.focus = pane;
        self.zoomed = None;
        true
    }

    /// Shows `pane` alone and gives it the focus, or shows all again. Does nothing where it is alone anyway.
    pub fn zoom(&mut self, pane: PaneId) {
        if self.zoomed == Some(pane) {
            self.zoomed = None;
        } else if !self.is_single() && self.layout.contains(pane) {
            self.select(pane);
            self.zoomed = Some(pane);
        }
    }

    /// The pane of this tab that `which` means, seen from `from`. Neighbours are found in a zoomed tab too, and where
    /// there is no room to show them.
    pub fn resolve(&self, from: PaneId, which: Which, titles: Titles) -> Option<PaneId> {
        let panes = self.layout.panes();
        let here = panes.iter().position(|pane| *pane == from)?;
        match which {
            Which::Here => Some(from),
            Which::Towards(side) => {
                let (cols, rows) = self.layout.least_area();
                let room = self.room(titles);
                let room = Rect {
                    cols: room.cols.max(cols),
                    rows: room.rows.max(rows),
                    ..room
                };
                neighbour(&self.layout.rects(room)?, from, side)
            }
            Which::Next => Some(panes[(here + 1) % panes.len()]),
            Which::Previous => Some(panes[(here + panes.len() - 1) % panes.len()]),
            Which::Last => self.previous.filter(|pane| panes.contains(pane)),
            Which::Number(number) => panes.get(usize::from(number).checked_sub(1)?).copied(),
        }
    }

    /// Changes the size of `pane`; says whether anything has moved. A zoom ends then.
    pub fn resize(&mut self, pane: PaneId, resize: Resize, titles: Titles) -> bool {
        let room = self.room(titles);
        let moved = self.layout.resize(pane, resize, room);
        if moved {
            self.zoomed = None;
        }
        moved
    }

    /// Arranges all panes anew; a zoom ends.
    pub fn arrange(&mut self, preset: Preset) {
        let room = self.room(Titles::Shown);
        self.layout = Layout::preset(&self.layout.panes(), preset, room);
        self.preset = Some(preset);
        self.zoomed = None;
    }

    /// Arranges all panes by the preset after the one used last, round the end.
    pub fn next_preset(&mut self) {
        let presets = Preset::ALL.map(|(preset, _)| preset);
        let used = presets.iter().position(|used| Some(*used) == self.preset);
        let next = used.map_or(0, |used| (used + 1) % presets.len());
        self.arrange(presets[next]);
    }

    /// Moves every pane `steps` places on; the focus stays with its pane, a zoom ends.
    pub fn rotate(&mut self, steps: isize) {
        self.layout.rotate(steps);
        self.zoomed = None;
    }

    /// Takes `pane` out; its focus goes to the pane that had it before, or else to the one before it in order. `None`
    /// if that leaves the tab empty.
    #[must_use]
    pub fn without(mut self, pane: PaneId) -> Option<Tab> {
        let panes = self.layout.panes();
        let gone = panes.iter().position(|id| *id == pane).unwrap_or(0);
        self.layout = self.layout.without(pane)?;
        if self.focus == pane {
            let left = self.layout.panes();
            let before = left[gone.saturating_sub(1).min(left.len() - 1)];
            let previous = self.previous.filter(|id| left.contains(id));
            self.focus = previous.unwrap_or(before);
        }
        self.forget_gone();
        Some(self)
    }

    /// Puts `new` in the place of `old`, with all that `old` had.
    pub(super) fn replace(&mut self, old: PaneId, new: PaneId) {
        self.layout.replace(old, new);
        if self.focus == old {
            self.focus = new;
        }
        self.zoomed = None;
        self.forget_gone();
    }

    /// Drops what is said of panes that are not here any more, or means nothing with those that are left.
    fn forget_gone(&mut self) {
        let (layout, focus) = (&self.layout, self.focus);
        self.previous = self
            .previous
            .filter(|pane| *pane != focus && layout.contains(*pane));
        self.zoomed = self
            .zoomed
            .filter(|pane| *pane == focus && *layout != Layout::Pane(*pane));
    }
}

fn whole(area: Size) -> Rect {
    Rect {
        x: 0,
        y: 0,
        cols: area.cols,
        rows: area.rows,
    }
}

/// The area of a tab that was saved without one, until somebody looks at it.
fn usual_area() -> Size {
    Size::new(80, 24)
}

/// Snapshots used to say only whether a pane was zoomed; then all are shown again.
fn read_zoomed<'de, D: Deserializer<'de>>(saved: D) -> Result<Option<PaneId>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Saved {
        Whether(bool),
        Which(Option<PaneId>),
    }
    Ok(match Saved::deserialize(saved)? {
        Saved::Whether(true | false) => None,
        Saved::Which(pane) => pane,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `1|2` with 3 below 2, which has the focus.
    fn three() -> Tab {
        let mut tab = Tab::new(TabId(1), PaneId(1), Size::new(81, 25));
        tab.split(PaneId(1), Direction::Right, PaneId(2));
        tab.split(PaneId(2), Direction::Down, PaneId(3));
        assert!(tab.select(PaneId(2)));
        tab
    }

    fn rect(x: u16, y: u16, cols: u16, rows: u16) -> Rect {
        Rect { x, y, cols, rows }
    }

    #[test]
    fn titles_take_the_first_row_where_there_are_several_panes() {
        let mut tab = three();
        assert_eq!(
            tab.places(Titles::Hidden, PaneId(2)),
            [
                (PaneId(1), rect(0, 0, 40, 25)),
                (PaneId(2), rect(41, 0, 40, 12)),
                (PaneId(3), rect(41, 13, 40, 12))
            ]
        );
        assert_eq!(
            tab.places(Titles::Shown, PaneId(2)),
            [
                (PaneId(1), rect(0, 1, 40, 24)),
                (PaneId(2), rect(41, 1, 40, 12)),
                (PaneId(3), rect(41, 14, 40, 11))
            ]
        );
        tab.zoom(PaneId(3));
        assert_eq!(
            tab.places(Titles::Shown, PaneId(2)),
            [(PaneId(3), rect(0, 0, 81, 25))]
        );
        let single = Tab::new(TabId(1), PaneId(1), Size::new(1, 1));
        assert_eq!(
            single.places(Titles::Shown, PaneId(1)),
            [(PaneId(1), rect(0, 0, 1, 1))]
        );
    }

    #[test]
    fn closing_the_focused_pane_focuses_the_one_focused_before() {
        let tab = three().without(PaneId(2)).expect("two are left");
        assert_eq!((tab.focus, tab.previous), (PaneId(1), None));
        let mut tab = three();
        tab.select(PaneId(3));
        let tab = tab.without(PaneId(2)).expect("two are left");
        assert_eq!((tab.focus, tab.previous), (PaneId(3), None));
        let tab = tab.without(PaneId(3)).expect("one is left");
        assert_eq!(tab.focus, PaneId(1));
        assert_eq!(tab.without(PaneId(1)), None);
    }

    #[test]
    fn a_zoom_ends_when_the_focus_moves_or_nothing_is_hidden() {
        let mut tab = three();
        tab.zoom(PaneId(3));
        assert_eq!((tab.focus, tab.zoomed), (PaneId(3), Some(PaneId(3))));
        assert!(!tab.select(PaneId(3)) && tab.zoomed.is_some());
        assert!(tab.select(PaneId(1)) && tab.zoomed.is_none());
        tab.zoom(PaneId(1));
        let tab = tab.without(PaneId(2)).expect("two are left");
        assert_eq!(tab.zoomed, Some(PaneId(1)));
        let mut tab = tab.without(PaneId(3)).expect("one is left");
        assert_eq!(tab.zoomed, None);
        tab.zoom(PaneId(1));
        assert_eq!(tab.zoomed, None);
    }

    #[test]
    fn every_way_to_name_a_pane_is_understood() {
        let mut tab = three();
        tab.zoom(PaneId(2));
        let seen = |from, which| {
            tab.resolve(PaneId(from), which, Titles::Shown)
                .map(|pane| pane.0)
        };
        assert_eq!(seen(3, Which::Here), Some(3));
        assert_eq!(seen(3, Which::Towards(Direction::Up)), Some(2));
        assert_eq!(seen(1, Which::Towards(Direction::Up)), None);
        assert_eq!(seen(3, Which::Next), Some(1));
        assert_eq!(seen(1, Which::Previous), Some(3));
        assert_eq!(seen(3, Which::Last), Some(1));
        assert_eq!(seen(3, Which::Number(2)), Some(2));
        assert_eq!(seen(3, Which::Number(0)), None);
        assert_eq!(seen(3, Which::Number(4)), None);
        assert_eq!(seen(9, Which::Here), None);
    }

    #[test]
    fn neighbours_are_found_without_room_to_show_them() {
        let mut tab = three();
        tab.area = Size::new(2, 1);
        let below = tab.resolve(PaneId(2), Which::Towards(Direction::Down), Titles::Shown);
        assert_eq!(below, Some(PaneId(3)));
        assert_eq!(
            tab.places(Titles::Shown, PaneId(3)),
            [(PaneId(3), rect(0, 0, 2, 1))]
        );
        assert_eq!(
            tab.places(Titles::Shown, PaneId(9)),
            [(PaneId(2), rect(0, 0, 2, 1))]
        );
    }

    #[test]
    fn presets_go_round() {
        let mut tab = three();
        for (preset, _) in Preset::ALL.iter().chain(&Preset::ALL[..1]) {
            tab.next_preset();
            assert_eq!(tab.preset, Some(*preset));
        }
        tab.arrange(Preset::Tiled);
        tab.next_preset();
        assert_eq!(tab.preset, Some(Preset::EvenHorizontal));
    }

    #[test]
    fn a_dragged_border_stands_in_the_row_of_the_area() {
        let mut tab = three();
        tab.resize(PaneId(2), Resize::Border(Direction::Down, 9), Titles::Shown);
        let below = tab.places(Titles::Shown, PaneId(2))[2].1;
        assert_eq!(below, rect(41, 10, 40, 15));
    }

    #[test]
    fn what_was_saved_before_is_read() {
        let text = r#"{"id":4,"layout":{"Split":{"axis":"Rows","share":5000,"first":{"Pane":5},"second":{"Pane":6}}},
            "focus":6,"zoomed":true,"bell":true}"#;
        let tab: Tab = serde_json::from_str(text).expect("an old tab");
        assert_eq!((tab.focus, tab.zoomed), (PaneId(6), None));
        assert_eq!(tab.layout.panes(), [PaneId(5), PaneId(6)]);
        let mut tab = three();
        tab.zoom(PaneId(3));
        let text = serde_json::to_string(&tab).expect("plain values");
        assert_eq!(
            serde_json::from_str::<Tab>(&text).expect("what was written"),
            tab
        );
    }

    #[derive(Debug, Clone)]
    enum Step {
        Split(usize, Direction),
        Select(usize),
        Zoom(usize),
        Close(usize),
        Rotate(isize),
        NextPreset,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let side = prop::sample::select(vec![Direction::Left, Direction::Down]);
        let step = prop_oneof![
            (any::<usize>(), side).prop_map(|(at, side)| Step::Split(at, side)),
            any::<usize>().prop_map(Step::Select),
            any::<usize>().prop_map(Step::Zoom),
            any::<usize>().prop_map(Step::Close),
            (-3isize..3).prop_map(Step::Rotate),
            Just(Step::NextPreset),
        ];
        prop::collection::vec(step, 0..30)
    }

    proptest! {
        #[test]
        fn focus_and_zoom_are_always_of_panes_that_are_here(steps in steps()) {
            let mut tab = Tab::new(TabId(1), PaneId(0), Size::new(80, 24));
            for (new, step) in (1..).zip(steps) {
                let panes = tab.layout.panes();
                let pane = |at: usize| panes[at % panes.len()];
                match step {
                    Step::Split(at, side) => tab.split(pane(at), side, PaneId(new)),
                    Step::Select(at) => { tab.select(pane(at)); }
                    Step::Zoom(at) => tab.zoom(pane(at)),
                    Step::Close(at) => tab = tab.clone().without(pane(at)).unwrap_or(tab),
                    Step::Rotate(steps) => tab.rotate(steps),
                    Step::NextPreset => tab.next_preset(),
                }
                prop_assert!(tab.layout.contains(tab.focus));
                prop_assert!(tab.previous.is_none_or(|pane| pane != tab.focus && tab.layout.contains(pane)));
                prop_assert!(tab.zoomed.is_none_or(|pane| pane == tab.focus && !tab.is_single()));
                let places = tab.places(Titles::Shown, tab.focus);
                prop_assert!(places.iter().any(|(pane, _)| *pane == tab.focus));
            }
        }
    }
}
