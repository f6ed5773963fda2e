//! Copy mode and the mouse before a server that scrolls, wraps and copies as the real one does.

use super::page::{Page, Point};
use super::selection::{Selection, Unit};
use super::tests::{User, header, lone, mouse, pair, rect, view};
use super::*;
use crate::config::{ConfigError, Keys, Source};
use crate::pane::Extract;
use crate::protocol::surface::Scrolled;
use crate::protocol::{Extent, Shape, Spot, SurfaceId};
use crate::term::{
    Cell, Key, Modes, Mods, MouseAction, Row, StyleId, Tables, Version, codec, width, wrap_line,
};
use proptest::prelude::*;

const ROWS: u16 = 9;

/// Copy mode with a key for everything.
const KEYS: &str = r#"
[root]
"C-b" = "prefix"
[prefix]
"[" = "copy-mode"
[copy]
h = "left"
j = "down"
k = "up"
l = "right"
w = "word-next"
b = "word-back"
e = "word-end"
W = "wide-word-next"
B = "wide-word-back"
E = "wide-word-end"
"}" = "paragraph-next"
"{" = "paragraph-back"
"%" = "bracket"
g = "top"
G = "bottom"
v = "select"
V = "select-line"
C-v = "select-block"
S = "select-word"
o = "other-end"
c = "clear-selection"
y = "yank"
Y = "yank --stay"
q = "leave"
"#;

/// A user and a server with these lines.
pub(super) struct Desk {
    user: User,
    lines: Vec<String>,
    cols: u16,
    /// The first shown row among all; `None` while the screen is live.
    pub(super) top: Option<usize>,
    /// Commands that this place has followed.
    followed: u64,
    copied: Vec<String>,
    /// What else was sent, and what was searched for.
    pub(super) sent: Vec<String>,
}

fn cells_of(text: &str) -> Vec<Cell> {
    let mut cells = Vec::new();
    for c in text.chars() {
        let width = width::char_width(c);
        cells.push(Cell::new(c, width, StyleId::DEFAULT));
        if width == 2 {
            cells.push(Cell::continuation(StyleId::DEFAULT));
        }
    }
    cells
}

/// All rows of the lines.
fn rows_of(lines: &[String], cols: u16) -> Vec<Row> {
    let mut rows = Vec::new();
    for (line, text) in (0..).zip(lines) {
        let cells = cells_of(text);
        let ranges = wrap_line(&cells, cols);
        for (at, range) in ranges.iter().enumerate() {
            let cell = range.start as u32;
            let mut row = Row::new(Spot { line, cell }.row_id(), Version(1));
            row.cells_mut().extend_from_slice(&cells[range.clone()]);
            row.wrapped = at + 1 < ranges.len();
            rows.push(row);
        }
    }
    rows
}

fn text_of(lines: &[String], extent: Extent) -> String {
    let mut extract = Extract::new(extent);
    for (number, line) in (0..).zip(lines) {
        let mut body = Vec::new();
        codec::encode_line(&cells_of(line), false, &Tables::default(), &mut body);
        let _ = extract.line(number, &body);
    }
    extract.finish().text
}

fn page_of(lines: &[String], cols: u16, top: Option<usize>) -> View {
    let area = rect(0, 0, cols, ROWS);
    let mut shown = view(Size::new(cols, ROWS), &[(area, &[])]);
    let rows = rows_of(lines, cols);
    let last = rows.len().saturating_sub(usize::from(ROWS));
    let first = top.unwrap_or(last);
    let id = match top {
        Some(_) => SurfaceId::scrolled(1),
        None => SurfaceId::live(PaneId(1)),
    };
    shown.chrome.panes[0].surface = id;
    let mut surface = shown
        .surfaces
        .remove(&SurfaceId::live(PaneId(1)))
        .expect("a surface");
    surface.order.clear();
    surface.rows.clear();
    for mut row in rows.into_iter().skip(first).take(ROWS.into()) {
        if top.is_none() {
            row.id.0 += 7 << 50;
        }
        surface.order.push(row.id);
        surface.rows.insert(row.id, row);
    }
    if let Some(header) = &mut surface.header {
        header.scrolled = top.map(|_| Scrolled {
            above: Spot::of_row(surface.order[0]).line,
            total: lines.len() as u64,
            at_bottom: first == last,
            ..Scrolled::default()
        });
    }
    shown.surfaces.insert(id, surface);
    shown
}

/// The keymap that [`KEYS`] is.
fn keymap() -> Keymap {
    let keys = Keys {
        keymap: "own".to_owned(),
        ..Keys::default()
    };
    let own = Source {
        name: "own".to_owned(),
        file: "own.toml".to_owned(),
        text: Ok(KEYS.to_owned()),
    };
    let asked = |_: &'static str, message| ConfigError {
        file: String::new(),
        line: 0,
        message,
    };
    Keymap::load(&keys, &[own], asked).0.expect("a keymap")
}

impl Desk {
    pub(super) fn with(lines: &[&str], cols: u16) -> Self {
        let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        let mut user = User::before(page_of(&lines, cols, None));
        user.ui.settings.keymap = keymap();
        Self {
            user,
            lines,
            cols,
            top: None,
            followed: 0,
            copied: Vec::new(),
            sent: Vec::new(),
        }
    }

    /// Numbered lines: `line 0`, `line 1`, …
    pub(super) fn numbered(count: usize) -> Self {
        let lines: Vec<String> = (0..count).map(|n| format!("line {n}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        Self::with(&lines, 20)
    }

    pub(super) fn types(&mut self, keys: &str) {
        for name in keys.split(' ') {
            let key: Key = name.parse().unwrap_or_else(|_| panic!("no key {name}"));
            self.handle(Event::Input(InputEvent::Key(key.into())));
        }
    }

    /// Types faster than the server answers.
    pub(super) fn types_ahead(&mut self, keys: &str) {
        let (view, now) = (self.user.view.clone(), self.user.now);
        for name in keys.split(' ') {
            let key: Key = name.parse().expect("a key");
            let input = Event::Input(InputEvent::Key(key.into()));
            self.user.ui.handle(input, &view, now);
        }
        self.serve();
    }

    fn mouse(&mut self, action: MouseAction, x: u16, y: u16, mods: Mods) {
        let mouse = mouse(action, (x, y), mods);
        self.handle(Event::Input(InputEvent::Mouse(mouse)));
    }

    fn press(&mut self, x: u16, y: u16) {
        self.mouse(MouseAction::Press(0), x, y, Mods::NONE);
    }

    fn drag(&mut self, x: u16, y: u16) {
        self.mouse(MouseAction::Drag(0), x, y, Mods::NONE);
    }

    fn release(&mut self, x: u16, y: u16) {
        self.mouse(MouseAction::Release(0), x, y, Mods::NONE);
    }

    fn click(&mut self, x: u16, y: u16) {
        self.press(x, y);
        self.release(x, y);
    }

    fn handle(&mut self, event: Event) {
        let (view, now) = (self.user.view.clone(), self.user.now);
        self.user.ui.handle(event, &view, now);
        self.serve();
    }

    /// Does what is asked until nothing more is.
    fn serve(&mut self) {
        while let Some(effect) = self.user.ui.poll() {
            let Effect::Send(Input::Command {
                command: Command::Scroll(command),
                ..
            }) = effect
            else {
                if !matches!(effect, Effect::Repaint) {
                    self.sent.push(format!("{effect:?}"));
                }
                continue;
            };
            let (last, is_copy) = (self.last_top(), matches!(command, ScrollCommand::Copy(_)));
            self.followed += u64::from(!is_copy);
            let top = self.top.unwrap_or(last);
            self.top = match command {
                ScrollCommand::Live => {
                    self.followed = 0;
                    None
                }
                ScrollCommand::By(by) => Some(top.saturating_add_signed(by as isize).min(last)),
                ScrollCommand::Top => Some(0),
                ScrollCommand::Bottom => Some(last),
                ScrollCommand::Show(spot) => Some((spot.line as usize).min(last)),
                ScrollCommand::Copy(extent) => {
                    self.copied.push(text_of(&self.lines, extent));
                    self.top
                }
                ScrollCommand::Enter => Some(top),
                other @ (ScrollCommand::To(_) | ScrollCommand::Output(_)) => {
                    self.sent.push(format!("{other:?}"));
                    Some(top)
                }
                search @ ScrollCommand::Search(_) => {
                    self.sent.push(format!("{search:?}"));
                    Some(top)
                }
            };
            self.show();
        }
    }

    fn last_top(&self) -> usize {
        rows_of(&self.lines, self.cols)
            .len()
            .saturating_sub(usize::from(ROWS))
    }

    fn show(&mut self) {
        self.user.view = page_of(&self.lines, self.cols, self.top);
        for surface in self.user.view.surfaces.values_mut() {
            let header = surface.header.as_mut();
            if let Some(scrolled) = header.and_then(|header| header.scrolled.as_mut()) {
                scrolled.followed = self.followed;
            }
        }
        let (view, now) = (self.user.view.clone(), self.user.now);
        self.user.ui.handle(Event::ViewChanged, &view, now);
    }

    fn ticks(&mut self, times: usize) {
        for _ in 0..times {
            self.user.now = self.user.ui.timeout().expect("a tick is due");
            self.handle(Event::Tick);
        }
    }

    pub(super) fn last_copied(&self) -> &str {
        self.copied.last().map_or("(nothing)", |text| text)
    }

    pub(super) fn is_copying(&self) -> bool {
        self.user
            .ui
            .copies
            .get(&PaneId(1))
            .is_some_and(Copy::is_active)
    }
}

#[test]
fn keys_select_what_the_cursor_passes_over() {
    let mut desk = Desk::with(&["$ ls", "Cargo.toml  src/main.rs", "$"], 40);
    desk.types("C-b [ j v e y");
    assert_eq!(desk.last_copied(), "Cargo");
    assert!(!desk.is_copying());
    desk.types("C-b [ j V Y");
    assert_eq!(desk.last_copied(), "Cargo.toml  src/main.rs\n");
    assert!(desk.is_copying(), "it stays");
    desk.types("c y");
    assert_eq!(desk.copied.len(), 2, "nothing is selected any more");
}

#[test]
fn a_selection_reaches_over_what_is_not_shown() {
    let mut desk = Desk::numbered(500);
    desk.types("C-b [ G v g y");
    let lines: Vec<String> = (0..499).map(|n| format!("line {n}")).collect();
    assert_eq!(desk.last_copied(), lines.join("\n") + "\nl");
    desk.types("C-b [ g V G y");
    assert_eq!(desk.last_copied().lines().count(), 500);
    assert!(desk.last_copied().ends_with("line 499\n"));
}

#[test]
fn keys_typed_ahead_mean_the_rows_that_they_lead_to() {
    let mut desk = Desk::numbered(500);
    desk.types_ahead("C-b [ g j V G k y");
    assert!(
        desk.last_copied().starts_with("line 1\n"),
        "{}",
        desk.last_copied()
    );
    assert!(desk.last_copied().ends_with("line 498\n"));
    assert!(!desk.is_copying());
    desk.types_ahead("C-b [ g w v y");
    assert_eq!(desk.last_copied(), "0");
    desk.types_ahead("C-b [ b b b v e y q");
    assert_eq!(desk.last_copied(), "489");
    let last = desk.sent.last().expect("the key behind is the program's");
    assert!(last.contains("Bytes"), "{last}");
}

#[test]
fn keys_do_not_wait_for_rows_for_ever() {
    let mut desk = Desk::with(&["one two"], 20);
    let (view, now) = (desk.user.view.clone(), desk.user.now);
    for name in ["C-b", "[", "v", "q", "x"] {
        let key: Key = name.parse().expect("a key");
        let input = Event::Input(InputEvent::Key(key.into()));
        desk.user.ui.handle(input, &view, now);
    }
    assert!(!desk.user.effects().contains("<- x"));
    let due = desk.user.ui.timeout().expect("keys wait");
    desk.user.ui.handle(Event::Tick, &view, due);
    assert!(desk.user.effects().contains("<- x"));
}

#[test]
fn whole_lines_have_all_their_rows() {
    let long = "0123456789".repeat(4) + "end";
    let mut desk = Desk::with(&["short", &long, "after"], 20);
    desk.types("C-b [ j j V y");
    assert_eq!(desk.last_copied(), long.clone() + "\n");
    desk.types("C-b [ j v j l l y");
    assert_eq!(desk.last_copied(), &long[..23], "wrapped rows are joined");
}

#[test]
fn a_rectangle() {
    let mut desk = Desk::with(&["abcdef", "x", "ab世界f", "end"], 20);
    desk.types("C-b [ l l C-v j j l y");
    assert_eq!(desk.last_copied(), "cde\n\n世界");
    desk.types("C-b [ l l v j j C-v y");
    assert_eq!(desk.last_copied(), "c\n\n世", "cells become a rectangle");
}

#[test]
fn the_other_end_is_shown_and_moves() {
    let mut desk = Desk::numbered(100);
    desk.types("C-b [ g v G o k y");
    assert!(
        desk.last_copied().starts_with("line 0"),
        "no row is above the first"
    );
    desk.types("C-b [ g j v G o k y");
    assert!(
        desk.last_copied().starts_with("line 0\nline 1"),
        "{}",
        desk.last_copied()
    );
    assert!(desk.last_copied().ends_with("line 98\nl"));
}

#[test]
fn words_are_found_across_rows_and_beyond_the_edge() {
    let mut desk = Desk::with(&["aaaa bbbbbbbb-cc", "d", "", "x (y [z] u) v"], 8);
    let word = |desk: &mut Desk, keys: &str| {
        desk.types(&format!("C-b [ {keys} y"));
        desk.last_copied().to_owned()
    };
    assert_eq!(word(&mut desk, "w v e"), "bbbbbbbb", "it wraps");
    assert_eq!(word(&mut desk, "w w w v"), "c");
    assert_eq!(word(&mut desk, "w v E"), "bbbbbbbb-cc");
    assert_eq!(word(&mut desk, "w S"), "bbbbbbbb-cc");
    assert_eq!(word(&mut desk, "} v"), "");
    assert_eq!(word(&mut desk, "} j v % h"), "x (y [z] u");
    let mut desk = Desk::numbered(30);
    desk.types("C-b [ b b b v w w w w y");
    assert_eq!(desk.last_copied(), "19\nline 20\nline 2");
}

#[test]
fn paragraphs_are_found_however_far() {
    let mut lines = vec!["text"; 60];
    lines[20] = "";
    let mut desk = Desk::with(&lines, 20);
    desk.types("C-b [ v { y");
    assert_eq!(desk.last_copied().lines().count(), 32, "{:?}", desk.top);
    desk.types("C-b [ g v } y");
    assert_eq!(desk.last_copied().lines().count(), 20);
}

#[test]
fn new_rows_and_other_sizes_leave_the_selection_on_its_text() {
    let long = "0123456789".repeat(4);
    let mut desk = Desk::with(&["first", &long, "last word"], 20);
    desk.types("C-b [ j j l l l v j");
    desk.lines.push("more".into());
    desk.show();
    desk.cols = 13;
    desk.show();
    desk.types("Y");
    assert_eq!(desk.last_copied(), long[23..].to_owned() + "\nlast");
    desk.types("c C-v k Y");
    assert_eq!(desk.copied.len(), 2);
    desk.cols = 30;
    desk.show();
    desk.types("Y");
    assert_eq!(desk.copied.len(), 2, "a rectangle is given up");
}

#[test]
fn a_drag_copies_what_it_passed_over_and_stays_until_a_key() {
    let mut desk = Desk::with(&["$ ls", "Cargo.toml  src/main.rs", "$"], 40);
    desk.press(2, 0);
    assert!(!desk.is_copying());
    desk.drag(4, 1);
    assert_eq!(desk.copied.len(), 0);
    desk.release(4, 1);
    assert_eq!(desk.copied, ["ls\nCargo"]);
    assert!(desk.is_copying());
    desk.types("x");
    assert!(!desk.is_copying());
    assert!(
        desk.sent.last().is_some_and(|sent| sent.contains("Bytes")),
        "{:?}",
        desk.sent
    );
}

#[test]
fn a_click_alone_copies_nothing_and_ends_a_selection() {
    let mut desk = Desk::with(&["one two"], 20);
    desk.click(2, 0);
    assert!(!desk.is_copying());
    desk.user.now = desk.user.now.after(1000);
    desk.press(0, 0);
    desk.drag(2, 0);
    desk.release(2, 0);
    assert!(desk.is_copying());
    desk.click(6, 0);
    assert!(!desk.is_copying());
    assert_eq!(desk.copied, ["one"]);
}

#[test]
fn clicks_select_words_then_lines_then_nothing() {
    let mut desk = Desk::with(&["see src/main.rs: ok", "two 世界 x"], 20);
    desk.click(6, 0);
    desk.click(6, 0);
    assert_eq!(desk.copied, ["src/main.rs"]);
    desk.click(6, 0);
    assert_eq!(desk.last_copied(), "see src/main.rs: ok\n");
    desk.click(6, 0);
    assert_eq!(desk.copied.len(), 2);
    assert!(!desk.is_copying());
    desk.user.now = desk.user.now.after(CLICKS_APART);
    desk.click(5, 1);
    desk.press(5, 1);
    desk.drag(9, 1);
    desk.release(9, 1);
    assert_eq!(desk.last_copied(), "世界 x", "by whole words");
}

const CLICKS_APART: u64 = 401;

#[test]
fn slow_clicks_are_clicks() {
    let mut desk = Desk::with(&["one two"], 20);
    for _ in 0..4 {
        desk.click(1, 0);
        desk.user.now = desk.user.now.after(CLICKS_APART);
    }
    assert_eq!(desk.copied.len(), 0);
}

#[test]
fn modifiers_make_rectangles_and_extend() {
    let mut desk = Desk::with(&["abcd", "efgh", "ijkl"], 20);
    desk.mouse(MouseAction::Press(0), 1, 0, Mods::ALT);
    desk.drag(2, 2);
    desk.release(2, 2);
    assert_eq!(desk.copied, ["bc\nfg\njk"]);
    desk.types("x");
    desk.press(0, 0);
    desk.drag(1, 0);
    desk.release(1, 0);
    desk.mouse(MouseAction::Press(0), 1, 2, Mods::SHIFT);
    desk.release(1, 2);
    assert_eq!(desk.last_copied(), "abcd\nefgh\nij");
}

#[test]
fn beyond_the_edge_it_scrolls_while_the_button_is_held() {
    let mut desk = Desk::numbered(200);
    desk.press(3, 5);
    desk.drag(3, 0);
    let before = desk.top;
    desk.ticks(20);
    assert_eq!(desk.top, before.map(|top| top - 20));
    desk.release(0, 0);
    let copied = desk.last_copied().to_owned();
    assert!(
        copied.starts_with("e 170\n") && copied.ends_with("line 195\nline"),
        "{copied}"
    );
    desk.press(0, 8);
    desk.drag(0, 9);
    let before = desk.top;
    desk.ticks(3);
    assert_eq!(desk.top, before.map(|top| top + 3), "with every tick");
    desk.drag(0, 5);
    assert_eq!(
        desk.user.ui.selecting.timeout(),
        None,
        "it rests within the pane"
    );
}

#[test]
fn a_button_released_during_a_prompt_is_released() {
    let mut desk = Desk::numbered(200);
    desk.press(3, 5);
    desk.drag(3, 0);
    desk.types("C-b");
    desk.release(3, 0);
    assert_eq!(desk.user.ui.selecting.timeout(), None);
    assert_eq!(desk.copied.len(), 1);
}

#[test]
fn a_selection_stays_in_its_pane() {
    let mut user = User::before(pair());
    user.mouse(MouseAction::Press(0), 2, 0);
    user.mouse(MouseAction::Drag(0), 30, 0);
    let copy = &user.ui.copies[&PaneId(1)];
    let page = Page::of(&user.view, PaneId(1)).expect("a page");
    let columns = copy
        .selection()
        .and_then(|selection| selection.columns(&page, 0));
    assert_eq!(columns, Some((2, 19)));
    assert!(!user.ui.copies.contains_key(&PaneId(2)));
}

#[test]
fn the_middle_button_pastes_unless_the_program_takes_it() {
    let mut user = User::before(lone());
    assert_eq!(user.mouse(MouseAction::Press(1), 2, 0), "Pane(Paste)");
    let mut taken = lone();
    header(&mut taken, 1).modes = Modes(Modes::MOUSE_PRESS.0 | Modes::MOUSE_SGR.0);
    let mut user = User::before(taken);
    assert!(user.mouse(MouseAction::Press(1), 2, 0).contains("%1 <- "));
}

#[test]
fn with_shift_a_gesture_is_ours_though_the_program_takes_the_mouse() {
    let mut desk = Desk::with(&["one two"], 20);
    for surface in desk.user.view.surfaces.values_mut() {
        let header = surface.header.as_mut().expect("a header");
        header.modes = Modes(Modes::MOUSE_DRAG.0 | Modes::MOUSE_SGR.0);
    }
    desk.mouse(MouseAction::Press(0), 4, 0, Mods::SHIFT);
    desk.mouse(MouseAction::Drag(0), 6, 0, Mods::SHIFT);
    desk.mouse(MouseAction::Release(0), 6, 0, Mods::SHIFT);
    assert_eq!(desk.copied, ["two"]);
}

#[test]
fn a_copy_waits_for_the_place_in_scrollback() {
    let mut user = User::before(lone());
    user.mouse(MouseAction::Press(0), 2, 0);
    assert_eq!(user.mouse(MouseAction::Drag(0), 4, 1), "Scroll(Enter)");
    assert_eq!(
        user.mouse(MouseAction::Release(0), 4, 1),
        "",
        "nobody knows yet which lines these are"
    );
    let mut scrolled = user.view.clone();
    header(&mut scrolled, 1).scrolled = Some(Scrolled::default());
    assert!(user.sees(scrolled).starts_with("Scroll(Copy("));
}

#[test]
fn coming_back_at_once_does_not_take_the_old_place_for_the_new() {
    let mut desk = Desk::numbered(50);
    desk.types("C-b [ k");
    let old = desk.user.view.clone();
    let (view, now) = (desk.user.view.clone(), desk.user.now);
    for name in ["q", "C-b", "["] {
        let key: Key = name.parse().expect("a key");
        let input = Event::Input(InputEvent::Key(key.into()));
        desk.user.ui.handle(input, &view, now);
    }
    desk.user.sees(old);
    desk.user.sees(page_of(&desk.lines, 20, None));
    desk.user.sees(another_place(&desk.lines, 20));
    assert!(desk.user.ui.copies[&PaneId(1)].cursor().is_some());
}

/// The end of the lines, as another place in scrollback than the one before.
fn another_place(lines: &[String], cols: u16) -> View {
    let mut new = page_of(lines, cols, Some(lines.len() - usize::from(ROWS)));
    let surface = new.surfaces.remove(&SurfaceId::scrolled(1));
    new.chrome.panes[0].surface = SurfaceId::scrolled(2);
    let surface = surface.expect("a surface");
    new.surfaces.insert(SurfaceId::scrolled(2), surface);
    new
}

#[test]
fn a_word_selected_on_a_place_that_is_being_left_is_that_word() {
    let mut desk = Desk::numbered(50);
    desk.press(0, 1);
    desk.drag(3, 2);
    desk.release(3, 2);
    // The first click gives the selection up, which nothing shows yet when the second one comes.
    let (view, now) = (desk.user.view.clone(), desk.user.now);
    let (press, release) = (MouseAction::Press(0), MouseAction::Release(0));
    for action in [press, release, press, release] {
        let mouse = mouse(action, (1, 4), Mods::NONE);
        let input = Event::Input(InputEvent::Mouse(mouse));
        desk.user.ui.handle(input, &view, now);
    }
    desk.user.sees(page_of(&desk.lines, 20, None));
    let wanted = Extent {
        from: Spot { line: 45, cell: 0 },
        to: Spot { line: 45, cell: 3 },
        shape: Shape::Cells,
    };
    let then = desk.user.sees(another_place(&desk.lines, 20));
    assert_eq!(then, format!("Scroll(Copy({wanted:?}))"));
}

fn unit() -> impl Strategy<Value = Unit> {
    prop::sample::select(vec![Unit::Cell, Unit::Word, Unit::Line, Unit::Block])
}

proptest! {
    /// The law of [`Selection`]: on every page, the highlighted cells are those that are copied.
    #[test]
    fn what_is_highlighted_is_what_is_copied(
        lines in prop::collection::vec("[ab. 世]{0,30}", 1..30),
        cols in 5..12u16,
        unit in unit(),
        tops in (0..60usize, 0..60usize),
        points in ((0..ROWS, 0..12u16), (0..ROWS, 0..12u16)),
    ) {
        let rows = rows_of(&lines, cols);
        let last = rows.len().saturating_sub(usize::from(ROWS));
        let view_at = |top: usize| page_of(&lines, cols, Some(top.min(last)));
        let point = |(row, col): (u16, u16)| Point { row: row.min(rows.len().min(9) as u16 - 1), col };
        let views = (view_at(tops.0), view_at(tops.1));
        let pane = PaneId(1);
        let page = Page::of(&views.0, pane).expect("a page");
        let mut selection = Selection::begin(&page, page.clamp(point(points.0)), unit);
        let page = Page::of(&views.1, pane).expect("a page");
        selection.extend(&page, page.clamp(point(points.1)));
        let mut shown = String::new();
        for (top, row) in rows.iter().enumerate() {
            let view = view_at(top);
            let page = Page::of(&view, pane).expect("a page");
            let y = (top - top.min(last)) as u16;
            let Some((from, to)) = selection.columns(&page, y) else { continue };
            for (col, cell) in (0..).zip(row.cells()).filter(|(col, _)| (from..to).contains(col)) {
                prop_assert!(col > from || !cell.is_continuation(), "half a character");
                if let crate::term::cell::Glyph::Char(c) = cell.glyph() {
                    shown.push(c);
                }
            }
            let is_block = matches!(selection.extent().shape, Shape::Block { .. });
            if !row.wrapped || is_block {
                shown.truncate(shown.trim_end_matches(' ').len());
                shown.push('\n');
            }
        }
        let copied = text_of(&lines, selection.extent());
        prop_assert_eq!(shown.trim_end_matches(['\n', ' ']), copied.trim_end_matches(['\n', ' ']));
        let mut turned = selection;
        turned.turn();
        prop_assert_eq!(turned.extent(), selection.extent());
        turned.turn();
        prop_assert_eq!(turned, selection);
    }
}

#[test]
fn typing_elsewhere_ends_what_the_mouse_has_selected() {
    let mut user = User::before(pair());
    let selected = Copy::enter(copy::Entered::ByDrag, Point::default(), None);
    user.ui.copies.insert(PaneId(2), selected);
    assert_eq!(user.types("x"), "Scroll(Live)\n%1 <- x");
    let by_key = Copy::enter(copy::Entered::ByKey, Point::default(), None);
    user.ui.copies.insert(PaneId(2), by_key);
    assert_eq!(user.types("x"), "%1 <- x", "copy mode stays");
}
