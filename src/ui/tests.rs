//! Keys and mice to effects, views to screens: the user interface as a whole.

use super::*;
use crate::config::{Config, Sources};
use crate::protocol::command::{Asking, PaneCommand};
use crate::protocol::scrolled::Tally;
use crate::protocol::scrolled::{MarkKind, RowMark, Scrolled};
use crate::protocol::surface::Header;
use crate::protocol::view::{Chrome, Marks, PaneBox, TabLabel};
use crate::protocol::{Rect, Spot, Surface, SurfaceId, TabId};
use crate::term::input::TerminalReply;
use crate::term::palette::Palette;
use crate::term::{
    Attrs, Cell, Color, Cursor, Key, Modes, Mods, Mouse, MouseAction, Row, RowId, Style, StyleId,
    Version, Within,
};
use proptest::prelude::*;

fn text_surface(lines: &[&str], area: Rect, base: u64) -> Surface {
    let mut surface = Surface {
        header: Some(Header {
            size: Size::new(area.cols, area.rows),
            modes: Modes::default(),
            title: String::new(),
            palette: Palette::default(),
            scrolled: None,
            fate: String::new(),
            can_rerun: false,
        }),
        cursor: Cursor {
            visible: true,
            ..Cursor::default()
        },
        ..Surface::default()
    };
    for y in 0..u64::from(area.rows) {
        let line = base + y;
        let mut row = Row::new(Spot { line, cell: 0 }.row_id(), Version(1));
        for c in lines.get(y as usize).unwrap_or(&"").chars() {
            let width = crate::term::width::char_width(c);
            row.cells_mut().push(Cell::new(c, width, StyleId::DEFAULT));
            if width == 2 {
                row.cells_mut().push(Cell::continuation(StyleId::DEFAULT));
            }
        }
        surface.order.push(row.id);
        surface.rows.insert(row.id, row);
    }
    surface
}

pub(super) fn rect(x: u16, y: u16, cols: u16, rows: u16) -> Rect {
    Rect { x, y, cols, rows }
}

/// A view of panes `%1`, `%2`, … with their texts; the first has the focus.
pub(super) fn view(area: Size, panes: &[(Rect, &[&str])]) -> View {
    let mut view = View {
        chrome: Chrome {
            session: "work".into(),
            host: "box".into(),
            tabs: ["sh", "vim"]
                .iter()
                .enumerate()
                .map(|(index, name)| TabLabel {
                    id: TabId(index as u64),
                    name: (*name).into(),
                    active: index == 0,
                    marks: Marks::default(),
                })
                .collect(),
            panes: Vec::new(),
            area: Some(area),
            zoomed: false,
            unsaved: false,
            answered: 0,
        },
        ..View::default()
    };
    for (index, (area, lines)) in panes.iter().enumerate() {
        let pane = PaneId(index as u64 + 1);
        let surface = SurfaceId::live(pane);
        view.chrome.panes.push(PaneBox {
            pane,
            surface,
            area: *area,
            focused: index == 0,
            title: String::new(),
        });
        view.surfaces
            .insert(surface, text_surface(lines, *area, pane.0 * 1000));
    }
    view
}

pub(super) fn lone() -> View {
    lone_with(&["$ ls", "Cargo.toml  src/main.rs", "$"])
}

pub(super) fn lone_with(lines: &[&str]) -> View {
    view(Size::new(40, 9), &[(rect(0, 0, 40, 9), lines)])
}

pub(super) fn pair() -> View {
    let panes: [(Rect, &[&str]); 2] = [
        (rect(0, 0, 19, 9), &["left"]),
        (rect(20, 0, 20, 9), &["right 界"]),
    ];
    view(Size::new(40, 9), &panes)
}

pub(super) fn header(view: &mut View, pane: u64) -> &mut Header {
    let surface = view.surfaces.get_mut(&SurfaceId::live(PaneId(pane)));
    surface
        .and_then(|surface| surface.header.as_mut())
        .expect("a surface of the test's view")
}

pub(super) fn mouse(action: MouseAction, (x, y): (u16, u16), mods: Mods) -> Mouse {
    Mouse {
        action,
        x,
        y,
        mods,
        within: Within::default(),
    }
}

/// The user interface before one terminal of 40 × 10.
pub(super) struct User {
    pub(super) ui: Ui,
    pub(super) view: View,
    pub(super) now: Time,
}

impl User {
    pub(super) fn before(view: View) -> Self {
        let mut ui = Ui::new(Options {
            size: Size::new(40, 10),
            settings: Settings::default(),
            colors: ColorDepth::True,
        });
        ui.handle(Event::ViewChanged, &view, Time(0));
        let mut user = Self {
            ui,
            view,
            now: Time(0),
        };
        user.effects();
        user
    }

    /// Types keys by name, `C-b %`; what follows `:` is typed letter by letter.
    pub(super) fn types(&mut self, keys: &str) -> String {
        for name in keys.split(' ').filter(|name| !name.is_empty()) {
            let key: Key = name.parse().unwrap_or_else(|_| panic!("no key {name}"));
            let input = InputEvent::Key(key.into());
            self.ui.handle(Event::Input(input), &self.view, self.now);
        }
        self.effects()
    }

    pub(super) fn mouse(&mut self, action: MouseAction, x: u16, y: u16) -> String {
        self.mouse_with(action, x, y, Mods::NONE)
    }

    pub(super) fn mouse_with(&mut self, action: MouseAction, x: u16, y: u16, mods: Mods) -> String {
        let input = InputEvent::Mouse(mouse(action, (x, y), mods));
        self.ui.handle(Event::Input(input), &self.view, self.now);
        self.effects()
    }

    /// Does what an action of that name does, whatever key it may have.
    pub(super) fn acts(&mut self, name: &str) -> String {
        let action = action::Action::parse(name).expect("an action");
        let key = "Escape".parse().expect("a key");
        self.ui.perform(action, key, &self.view, self.now);
        self.effects()
    }

    pub(super) fn resize(&mut self, cols: u16, rows: u16) {
        let event = Event::Resize(Size::new(cols, rows));
        self.ui.handle(event, &self.view, self.now);
        self.effects();
    }

    pub(super) fn sees(&mut self, view: View) -> String {
        self.view = view;
        self.ui.handle(Event::ViewChanged, &self.view, self.now);
        self.effects()
    }

    /// The server has done all that was asked.
    pub(super) fn answered(&mut self) -> String {
        let mut view = self.view.clone();
        view.chrome.answered = self.ui.waiting.commands;
        self.sees(view)
    }

    /// What came of it, one line each, repaints left out.
    pub(super) fn effects(&mut self) -> String {
        let mut lines = Vec::new();
        while let Some(effect) = self.ui.poll() {
            lines.push(match effect {
                Effect::Repaint => continue,
                Effect::Send(Input::Bytes { pane, bytes }) => {
                    format!("{pane} <- {}", bytes.escape_ascii())
                }
                Effect::Send(Input::Command { command, .. }) => format!("{command:?}"),
                Effect::Clipboard { bytes, .. } => format!("clipboard {}", bytes.escape_ascii()),
                other => format!("{other:?}"),
            });
        }
        lines.join("\n")
    }

    pub(super) fn screen(&mut self) -> String {
        self.ui.paint(&self.view, self.now, &mut Vec::new());
        self.ui.picture().to_text()
    }

    pub(super) fn scroll(&mut self, change: impl FnOnce(&mut Scrolled)) -> String {
        let mut view = self.view.clone();
        let scrolled = header(&mut view, 1).scrolled.get_or_insert_default();
        // More than anything that was asked for, and something new each time.
        scrolled.followed = scrolled.followed.max(1 << 32) + 1;
        change(scrolled);
        self.sees(view)
    }
}

/// The beginning of Unix time.
pub(super) fn epoch() -> Now {
    Now::new(0, jiff::tz::TimeZone::UTC)
}

#[test]
fn keys_go_to_the_focused_pane_in_one_piece() {
    assert_eq!(User::before(lone()).types("l s Enter"), "%1 <- ls\\r");
}

#[test]
fn the_pane_says_how_arrows_are_sent() {
    let mut view = lone();
    header(&mut view, 1).modes = Modes::APP_CURSOR;
    assert_eq!(User::before(view).types("Up"), "%1 <- \\x1bOA");
}

#[test]
fn the_prefix_leads_to_bindings() {
    let mut user = User::before(lone());
    assert!(user.types("C-b %").starts_with("Pane(Split { side: Right"));
    let mut user = User::before(lone());
    assert!(user.types("C-b \"").starts_with("Pane(Split { side: Down"));
    assert_eq!(User::before(lone()).types("C-b 2"), "Tab(Select(2))");
    assert_eq!(User::before(lone()).types("C-b d"), "Detach");
    assert_eq!(User::before(lone()).types("C-b C-b"), "%1 <- \\x02");
    assert_eq!(User::before(lone()).types("C-b Q x"), "%1 <- x");
}

#[test]
fn what_is_typed_after_a_split_goes_to_the_new_pane() {
    let mut user = User::before(lone());
    assert!(!user.types("C-b % l s").contains("<-"));
    let mut split = pair();
    split.chrome.panes[0].focused = false;
    split.chrome.panes[1].focused = true;
    assert_eq!(
        user.sees(split.clone()),
        "",
        "the command is not answered yet"
    );
    split.chrome.answered = 1;
    assert_eq!(user.sees(split), "%2 <- ls");
}

#[test]
fn keys_do_not_wait_for_ever() {
    let mut user = User::before(lone());
    user.types("C-b % l");
    user.now = user.ui.timeout().expect("keys wait");
    user.ui.handle(Event::Tick, &user.view, user.now);
    assert_eq!(user.effects(), "%1 <- l");
    assert_eq!(user.ui.timeout(), None);
}

#[test]
fn too_many_waiting_keys_go_in_order() {
    let mut user = User::before(lone());
    user.types("C-b %");
    let typed: String = (0..waiting::MAX_HELD + 5)
        .map(|n| if n % 2 == 0 { "a " } else { "b " })
        .collect();
    assert_eq!(
        user.types(&typed),
        format!("%1 <- {}", typed.replace(' ', ""))
    );
}

#[test]
fn a_server_that_shows_nothing_can_be_left() {
    let mut user = User::before(View::default());
    let typed = "a ".repeat(2 * waiting::MAX_HELD);
    let dropped = user.types(&typed);
    assert_eq!(dropped.lines().count(), waiting::MAX_HELD);
    assert!(dropped.lines().all(|line| line == "Bell"));
    assert_eq!(user.types("C-b d"), "Bell\nBell");
    user.now = user.ui.timeout().expect("an end of the waiting");
    user.ui.handle(Event::Tick, &user.view, user.now);
    assert_eq!(user.effects(), "Detach");
    assert_eq!(user.ui.timeout(), None);
}

#[test]
fn what_is_typed_before_anything_is_shown_goes_before_leaving() {
    let mut user = User::before(View::default());
    assert_eq!(user.types("l s C-b d"), "");
    assert_eq!(user.sees(lone()), "%1 <- ls\nDetach");
    assert_eq!(user.ui.timeout(), None);
}

#[test]
fn what_waits_is_judged_by_when_it_was_typed() {
    let mut user = User::before(pair());
    user.types("C-b z");
    for (at, keys) in [(100, "C-b C-Left"), (550, "C-Left"), (1500, "C-Left")] {
        user.now = Time(at);
        user.types(keys);
    }
    user.now = Time(1600);
    assert!(user.answered().contains("Resize(By(Left, 1))"));
    assert!(user.answered().contains("Resize(By(Left, 1))"), "in time");
    assert_eq!(user.ui.timeout(), Some(Time(3600)), "for the answer");
    assert_eq!(user.answered(), "%1 <- \\x1b[1;5D", "too late");
}

#[test]
fn closing_asks_first() {
    let mut user = User::before(lone());
    assert_eq!(user.types("C-b x"), "Pane(Close(IfBusy))");
    for (answer, sent) in [("n", ""), ("y", "Pane(Close(Never))")] {
        let ask = protocol::Event::Ask {
            question: "vim runs in pane %1: close it?".into(),
            on: On::Pane(PaneId(1)),
            command: Command::Pane(PaneCommand::Close(Asking::Never)),
        };
        user.ui.handle(Event::Server(ask), &user.view, user.now);
        user.answered();
        assert!(
            user.screen()
                .contains("vim runs in pane %1: close it? (y/n)")
        );
        assert_eq!(user.types(answer), sent);
    }
}

#[test]
fn return_restarts_an_ended_program_once() {
    let mut view = lone();
    header(&mut view, 1).fate = "exited 3 after 2 m 10 s · Enter restarts".into();
    let mut user = User::before(view);
    assert!(user.screen().contains("exited 3 after 2 m 10 s"));
    assert_eq!(user.types("Enter l s Enter"), "Pane(Restart)");
    assert_eq!(user.answered(), "%1 <- ls\\r");
}

#[test]
fn what_ran_in_a_restored_pane_is_run_again_by_r() {
    let mut view = lone();
    let words = "restored, its process is gone · Enter starts the shell, r runs `make` again";
    header(&mut view, 1).fate = words.into();
    let plain = User::before(view.clone()).types("r");
    assert_eq!(plain, "%1 <- r", "nothing ran there");
    header(&mut view, 1).can_rerun = true;
    let mut user = User::before(view.clone());
    assert_eq!(user.types("C-r r"), "%1 <- \\x12\nPane(Rerun)");
    let mut user = User::before(view);
    assert_eq!(user.types("Enter"), "Pane(Restart)");
}

#[test]
fn typing_returns_from_the_wheel() {
    let mut user = User::before(lone());
    assert_eq!(user.mouse(MouseAction::WheelUp, 3, 3), "Scroll(By(-3))");
    user.scroll(|scrolled| (scrolled.above, scrolled.total) = (91, 100));
    assert!(user.screen().contains("[92/100]"));
    assert_eq!(user.types("x"), "Scroll(Live)\n%1 <- x");
}

#[test]
fn the_wheel_leaves_at_the_bottom() {
    let mut user = User::before(lone());
    user.mouse(MouseAction::WheelUp, 3, 3);
    user.scroll(|scrolled| scrolled.above = 3);
    assert_eq!(user.mouse(MouseAction::WheelDown, 3, 3), "Scroll(By(3))");
    assert_eq!(
        user.scroll(|scrolled| scrolled.at_bottom = true),
        "Scroll(Live)"
    );
}

#[test]
fn the_wheel_is_arrows_on_the_alternate_screen() {
    let mut view = lone();
    header(&mut view, 1).modes = Modes::ALTERNATE_SCREEN;
    let mut user = User::before(view);
    assert_eq!(
        user.mouse(MouseAction::WheelUp, 3, 3),
        "%1 <- \\x1b[A\\x1b[A\\x1b[A"
    );
}

#[test]
fn with_shift_the_wheel_scrolls_whatever_the_program_asks_for() {
    for modes in [
        Modes::ALTERNATE_SCREEN,
        Modes(Modes::MOUSE_PRESS.0 | Modes::MOUSE_SGR.0),
    ] {
        let mut view = lone();
        header(&mut view, 1).modes = modes;
        let mut user = User::before(view);
        let sent = user.mouse_with(MouseAction::WheelUp, 3, 3, Mods::SHIFT);
        assert_eq!(sent, "Scroll(By(-3))");
    }
}

#[test]
fn programs_get_the_mouse_where_it_is_in_their_pane() {
    let mut view = pair();
    header(&mut view, 2).modes = Modes(Modes::MOUSE_PRESS.0 | Modes::MOUSE_SGR.0);
    let mut user = User::before(view);
    assert_eq!(
        user.mouse(MouseAction::Press(0), 22, 3),
        "Pane(Focus(Here))\n%2 <- \\x1b[<0;3;4M"
    );
}

#[test]
fn motion_is_told_to_the_program_under_the_mouse_that_asks_for_it() {
    let mut user = User::before(pair());
    assert_eq!(user.ui.mouse_use(&user.view), MouseUse::Buttons);
    header(&mut user.view, 2).modes = Modes(Modes::MOUSE_MOTION.0 | Modes::MOUSE_SGR.0);
    assert_eq!(user.ui.mouse_use(&user.view), MouseUse::Motion);
    assert_eq!(
        user.mouse(MouseAction::Motion, 22, 3),
        "%2 <- \\x1b[<35;3;4M"
    );
    assert_eq!(user.mouse(MouseAction::Motion, 3, 3), "");
    let shifted = user.mouse_with(MouseAction::Motion, 22, 3, Mods::SHIFT);
    assert_eq!(shifted, "");
}

#[test]
fn a_menu_follows_the_mouse() {
    let mut user = User::before(lone());
    user.acts("menu");
    assert_eq!(user.ui.mouse_use(&user.view), MouseUse::Motion);
    let screen = user.screen();
    let row = screen.lines().position(|line| line.contains("Zoom"));
    user.mouse(MouseAction::Motion, 3, row.expect("an entry") as u16);
    assert_eq!(user.types("Enter"), "Pane(Zoom)");
    assert_eq!(user.ui.mouse_use(&user.view), MouseUse::Buttons);
    let left = configured("mouse = false", lone());
    assert_eq!(left.ui.mouse_use(&left.view), MouseUse::Left);
}

#[test]
fn a_click_on_a_tab_goes_there() {
    let mut user = User::before(lone());
    let at = user
        .screen()
        .lines()
        .last()
        .and_then(|line| line.find("2:vim"))
        .expect("a tab");
    assert_eq!(
        user.mouse(MouseAction::Press(0), at as u16, 9),
        "Tab(Select(2))"
    );
}

#[test]
fn motions_at_the_edge_scroll() {
    let mut user = User::before(lone());
    user.types("C-b [");
    user.scroll(|scrolled| scrolled.above = 5);
    assert_eq!(user.types("k"), "Scroll(By(-1))");
    assert_eq!(user.types("g"), "Scroll(Top)");
    assert_eq!(user.types("q"), "Scroll(Live)");
}

#[test]
fn a_search_asks_and_goes_to_the_match() {
    let mut user = User::before(lone());
    user.types("C-b [");
    user.scroll(|scrolled| scrolled.above = 5);
    assert_eq!(user.types("/"), "");
    let asked = |pattern: &str, syntax, stage| {
        format!(
            "Scroll(Search(Search {{ pattern: \"{pattern}\", syntax: {syntax}, backwards: false, row: 0, col: 0, \
             stage: {stage} }}))"
        )
    };
    assert_eq!(user.types("s"), asked("s", "Literal", "Typing"));
    user.types("r q");
    assert!(user.screen().contains("search: srq"));
    assert_eq!(
        user.types("BSpace c Enter"),
        [
            asked("sr", "Literal", "Typing"),
            asked("src", "Literal", "Typing"),
            asked("src", "Literal", "Settled"),
        ]
        .join("\n")
    );
    user.scroll(|scrolled| scrolled.matches = vec![rect(12, 1, 3, 1)]);
    user.screen();
    let cursor = user.ui.picture().cursor;
    assert_eq!((cursor.row, cursor.col), (1, 12));
    assert!(
        user.types("N")
            .contains("pattern: \"\", syntax: Literal, backwards: true, row: 1, col: 12")
    );
    user.scroll(|scrolled| scrolled.note = "no other match".into());
    assert!(user.screen().contains("no other match"));
    assert_eq!(user.types("q"), "Scroll(Live)");
}

#[test]
fn escape_leads_back_to_where_a_search_began() {
    let mut user = User::before(lone());
    user.types("C-b [");
    user.scroll(|scrolled| scrolled.above = 5);
    user.screen();
    let before = user.ui.picture().cursor;
    user.types("/ s r");
    user.scroll(|scrolled| {
        scrolled.matches = vec![rect(12, 1, 3, 1)];
        scrolled.tally = Some(Tally::Counted { at: 17, of: 3204 });
    });
    let screen = user.screen();
    assert!(screen.contains("17 of 3,204"), "{screen}");
    user.scroll(|scrolled| scrolled.tally = Some(Tally::Counting(43)));
    assert!(user.screen().contains("counting 43 %"));
    assert!(user.types("Escape").contains("stage: GivenUp"));
    user.scroll(|scrolled| {
        scrolled.matches = Vec::new();
        scrolled.tally = None;
    });
    user.screen();
    let after = user.ui.picture().cursor;
    assert_eq!((after.row, after.col), (before.row, before.col));
    assert_eq!(user.types("q"), "Scroll(Live)");
}

#[test]
fn a_pattern_becomes_a_regular_expression_and_says_what_is_wrong_with_it() {
    let mut user = User::before(lone());
    user.types("C-b [");
    user.scroll(|scrolled| scrolled.above = 5);
    user.types("? (");
    let asked = user.types("M-r");
    assert_eq!(asked, "", "it is no expression yet");
    let screen = user.screen();
    assert!(screen.contains("search back regex: ("), "{screen}");
    assert!(screen.contains("unclosed group"), "{screen}");
    let asked = user.types("a )");
    assert!(
        asked.contains("pattern: \"(a)\", syntax: Regex, backwards: true"),
        "{asked}"
    );
    assert!(!user.screen().contains("unclosed"));
    user.types("( Enter");
    assert!(user.screen().contains("unclosed group at character 4"));
    assert!(user.types("?").is_empty());
    let screen = user.screen();
    assert!(screen.contains("search back regex:"), "{screen}");
}

#[test]
fn what_is_not_found_is_said_beside_the_pattern() {
    let mut user = User::before(lone());
    user.types("C-b [");
    user.scroll(|scrolled| scrolled.above = 5);
    user.types("/ s");
    user.scroll(|scrolled| {
        scrolled.note = "not found".into();
    });
    let screen = user.screen();
    assert!(
        screen.contains("search: s") && screen.contains("not found"),
        "{screen}"
    );
}

#[test]
fn a_paste_stays_with_the_pane_it_began_in() {
    let mut user = User::before(pair());
    let part = |first, last| {
        Event::Input(InputEvent::Paste {
            bytes: b"x".to_vec(),
            first,
            last,
        })
    };
    user.ui.handle(part(true, false), &user.view, user.now);
    let mut view = pair();
    view.chrome.panes[0].focused = false;
    view.chrome.panes[1].focused = true;
    user.sees(view);
    user.ui.handle(part(false, true), &user.view, user.now);
    assert!(user.effects().contains("pane: PaneId(1)"));
}

#[test]
fn messages_stand_four_seconds_or_until_a_key() {
    let mut user = User::before(lone());
    let message = Event::Server(protocol::Event::Message("hello".into()));
    user.ui.handle(message.clone(), &user.view, user.now);
    assert!(user.screen().contains("hello"));
    assert_eq!(user.ui.timeout(), Some(Time(4000)));
    user.now = Time(4000);
    assert!(!user.screen().contains("hello"));
    user.ui.handle(message, &user.view, user.now);
    user.types("x");
    assert!(!user.screen().contains("hello"));
}

#[test]
fn a_lone_pane_and_the_status_line() {
    insta::assert_snapshot!(User::before(lone()).screen());
}

#[test]
fn panes_side_by_side() {
    insta::assert_snapshot!(User::before(pair()).screen());
}

#[test]
fn lines_between_panes_join() {
    let panes: [(Rect, &[&str]); 4] = [
        (rect(0, 0, 19, 4), &["a"]),
        (rect(20, 0, 20, 4), &["b"]),
        (rect(0, 5, 19, 4), &["c"]),
        (rect(20, 5, 20, 4), &["d"]),
    ];
    insta::assert_snapshot!(User::before(view(Size::new(40, 9), &panes)).screen());
}

#[test]
fn a_smaller_area_has_an_edge() {
    let view = view(Size::new(20, 5), &[(rect(0, 0, 20, 5), &["small"])]);
    insta::assert_snapshot!(User::before(view).screen());
}

#[test]
fn the_help_page_lists_the_keys() {
    let mut user = User::before(lone());
    user.types("C-b ?");
    insta::assert_snapshot!(user.screen());
    assert_eq!(user.types("Escape"), "");
    assert!(user.screen().contains("$ ls"));
}

#[test]
fn no_size_is_too_small() {
    for (cols, rows) in [(1, 1), (1, 2), (2, 1), (3, 3), (7, 2), (2000, 3), (3, 2000)] {
        let mut user = User::before(pair());
        user.ui
            .handle(Event::Resize(Size::new(cols, rows)), &user.view, user.now);
        user.types("C-b [ v j");
        user.screen();
        user.types("q C-b ?");
        user.screen();
        assert_eq!(user.ui.picture().rows.len(), usize::from(rows));
    }
}

#[test]
fn a_larger_area_is_shown_where_the_cursor_is() {
    let mut big = view(Size::new(80, 30), &[(rect(0, 0, 80, 30), &[])]);
    let surface = big
        .surfaces
        .get_mut(&SurfaceId::live(PaneId(1)))
        .expect("the pane's");
    surface.cursor = Cursor {
        row: 25,
        col: 70,
        visible: true,
        shape: 0,
    };
    let mut user = User::before(big);
    user.screen();
    let cursor = user.ui.picture().cursor;
    assert!(cursor.visible && cursor.row < 9 && cursor.col < 40);
}

/// A user whose `config.toml` says that.
fn configured(text: &str, view: View) -> User {
    let (config, wrong) = Config::parse(text, "config.toml");
    assert_eq!(wrong, []);
    let (settings, wrong) = Settings::load(&config, &Sources::default(), None);
    assert_eq!(wrong, []);
    let mut user = User::before(view);
    user.ui.configure(settings);
    user
}

#[test]
fn a_key_that_repeats_may_be_pressed_again_for_a_while() {
    let mut user = User::before(pair());
    assert!(user.types("C-b C-Left").contains("Resize(By(Left, 1))"));
    user.answered();
    user.now = Time(499);
    assert!(
        user.types("C-Left").contains("Resize(By(Left, 1))"),
        "just in time"
    );
    user.answered();
    user.now = Time(998);
    assert!(
        user.types("C-Up").contains("Resize(By(Up, 1))"),
        "each begins the time anew"
    );
    user.answered();
    user.now = Time(1498);
    assert_eq!(
        user.types("C-Left"),
        "%1 <- \\x1b[1;5D",
        "too late: it is the program's"
    );
}

#[test]
fn a_key_that_does_not_repeat_ends_the_time_of_those_that_do() {
    let mut user = User::before(pair());
    user.types("C-b C-Left");
    user.answered();
    assert_eq!(
        user.types("x C-Left"),
        "%1 <- x\\x1b[1;5D",
        "x would close the pane"
    );
}

#[test]
fn the_time_to_repeat_is_configured() {
    let mut user = configured("repeat-time = 50", pair());
    user.types("C-b C-Left");
    user.answered();
    user.now = Time(50);
    assert_eq!(user.types("C-Left"), "%1 <- \\x1b[1;5D");
}

#[test]
fn all_keys_come_from_a_mode_until_one_leads_out() {
    let mut user = configured("keymap = 'zellij'", pair());
    assert_eq!(user.types("C-n"), "");
    assert_eq!(user.ui.mode_name(), Some("resize"));
    assert!(user.screen().contains(" resize "));
    assert!(user.types("h").contains("Resize(By(Left, 1))"));
    user.answered();
    assert!(user.types("l").contains("Resize(By(Right, 1))"));
    user.answered();
    assert_eq!(
        user.types("v C-q Escape"),
        "Detach",
        "other keys are nothing"
    );
    assert_eq!(user.ui.mode_name(), None);
    assert_eq!(user.types("h"), "%1 <- h");
}

#[test]
fn a_mode_says_what_its_keys_do_as_there_is_room() {
    let mut user = configured("keymap = 'zellij'", pair());
    user.resize(80, 10);
    user.types("C-n");
    let screen = user.screen();
    let status = screen.lines().last().expect("a status line");
    assert!(
        status.contains(" resize  C-n back · h left · j down"),
        "{status}"
    );
    assert!(status.ends_with("…  box"), "{status}");
    user.resize(36, 10);
    assert!(user.screen().contains(" resize ") && !user.screen().contains("back"));
    user.types("Escape");
    user.resize(80, 10);
    assert!(!user.screen().contains("back"));
}

#[test]
fn a_locked_mode_passes_all_keys_but_its_own() {
    let mut user = configured("keymap = 'zellij'", lone());
    assert_eq!(user.types("C-g C-p C-q n"), "%1 <- \\x10\\x11n");
    assert_eq!(user.types("C-g C-q"), "Detach");
}

#[test]
fn several_actions_are_done_in_their_order() {
    let mut user = configured(
        "[keys.prefix]\n'x' = ['tab next', 'zoom', 'mode root']\n",
        lone(),
    );
    assert_eq!(user.types("C-b x"), "Tab(Next)\nPane(Zoom)");
}

#[test]
fn a_table_for_one_key_is_one_for_one_key() {
    let mut user = configured("keymap = 'vi'", lone());
    assert_eq!(user.types("C-a g"), "");
    assert_eq!(user.ui.mode_name(), Some("g"));
    assert_eq!(user.types("t"), "Tab(Next)");
    user.answered();
    assert_eq!(user.types("t"), "%1 <- t");
}

#[test]
fn what_belongs_to_copy_mode_is_nothing_outside_of_it() {
    let mut user = configured("[keys.root]\n'F5' = ['yank', 'top']\n", lone());
    assert_eq!(user.types("F5 a"), "%1 <- a");
}

#[test]
fn other_settings_hold_at_once() {
    let mut user = User::before(lone());
    user.screen();
    let other = configured(
        "keymap = 'alt'\ntheme = 'mono'\nmouse = false\nmessage-time = 100",
        lone(),
    );
    user.ui.configure(other.ui.settings.clone());
    assert_eq!(user.types("C-b M-q"), "%1 <- \\x02\nDetach");
    assert_eq!(user.mouse(MouseAction::WheelUp, 3, 3), "");
    let mut painted = Vec::new();
    user.ui.paint(&user.view, user.now, &mut painted);
    assert!(
        !String::from_utf8_lossy(&painted).contains("38;5;"),
        "no colours are left"
    );
    user.ui.say("hello".into(), user.now);
    assert_eq!(user.ui.timeout(), Some(Time(100)));
}

#[test]
fn a_clock_that_is_turned_off_is_gone() {
    let mut user = User::before(lone());
    user.ui
        .handle(Event::Clock(epoch(), "12:34".into()), &user.view, user.now);
    assert!(user.screen().contains("12:34"));
    let off = configured("clock = 'off'", lone());
    user.ui.configure(off.ui.settings.clone());
    assert!(!user.screen().contains("12:34"));
}

#[test]
fn places_in_panes_that_are_gone_are_forgotten() {
    let mut user = User::before(lone());
    for pane in 1..200 {
        let mut view = lone();
        let shown = SurfaceId::live(PaneId(pane));
        let surface = view.surfaces.remove(&SurfaceId::live(PaneId(1)));
        view.surfaces.insert(shown, surface.expect("the pane's"));
        (view.chrome.panes[0].pane, view.chrome.panes[0].surface) = (PaneId(pane), shown);
        user.sees(view);
        user.types("C-b [");
    }
    user.sees(user.view.clone());
    assert_eq!(user.ui.copies.len(), MAX_COPIES);
    assert!(
        user.ui.copies.contains_key(&PaneId(199)),
        "the one in sight"
    );
    assert!(!user.ui.copies.contains_key(&PaneId(1)));
}

#[test]
fn a_bell_rings_if_it_is_to() {
    for (config, effect) in [("", "Bell"), ("bell = 'mark'", ""), ("bell = 'off'", "")] {
        let mut user = configured(config, lone());
        let bell = Event::Server(protocol::Event::Bell);
        user.ui.handle(bell, &user.view, user.now);
        assert_eq!(user.effects(), effect, "{config}");
    }
}

#[test]
fn a_mode_that_the_new_keymap_does_not_have_is_left() {
    let mut user = configured("keymap = 'zellij'", lone());
    user.types("C-n");
    user.ui.configure(Settings::default());
    assert_eq!(user.ui.mode_name(), None);
    assert_eq!(user.types("h"), "%1 <- h");
}

#[test]
fn the_theme_follows_what_the_terminal_says_of_itself() {
    let mut user = User::before(lone());
    let mut colour = |reply: Option<TerminalReply>| {
        let reply = reply.map(|reply| Event::Input(InputEvent::Reply(reply)));
        reply
            .into_iter()
            .for_each(|reply| user.ui.handle(reply, &user.view, user.now));
        user.screen();
        let row = user.ui.picture().rows.last().expect("a status line");
        row.tiles[0].style.bg
    };
    let (dark, light) = (colour(None), Settings::default().light.status.0.bg);
    assert_ne!(dark, light);
    assert_eq!(
        colour(Some(TerminalReply::Background("rgb:ffff/ffff/f0f0".into()))),
        light
    );
    assert_eq!(colour(Some(TerminalReply::DarkScheme)), dark);
    assert_eq!(colour(Some(TerminalReply::LightScheme)), light);
    assert_eq!(
        colour(Some(TerminalReply::Background("what?".into()))),
        light
    );
}

#[test]
fn reading_again_is_asked_for_by_a_key_and_by_the_server() {
    let mut user = User::before(lone());
    assert_eq!(user.types("C-b R"), "Reload");
    user.ui
        .handle(Event::Server(protocol::Event::Reload), &user.view, user.now);
    assert_eq!(user.effects(), "Reload");
}

/// One change of a view, as a server makes them.
#[derive(Debug, Clone)]
enum Change {
    Write(u64, usize, char),
    Scroll(u64),
    Reverse(u64),
    Recolor(u64),
    Fate(u64),
    Focus(usize),
    Found(u16, u16),
    Lone,
    Area(u16, u16),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (1..3u64, 0..9usize, prop::char::range('a', 'e')).prop_map(|(p, y, c)| Change::Write(p, y, c)),
        4 => (1..3u64).prop_map(Change::Scroll),
        1 => (1..3u64).prop_map(Change::Reverse),
        1 => (1..3u64).prop_map(Change::Fate),
        1 => (1..3u64).prop_map(Change::Recolor),
        1 => (0..2usize).prop_map(Change::Focus),
        2 => (0..9u16, 0..15u16).prop_map(|(y, x)| Change::Found(x, y)),
        1 => Just(Change::Lone),
        1 => (5..60u16, 3..20u16).prop_map(|(x, y)| Change::Area(x, y)),
    ]
}

fn apply(view: &mut View, change: Change, turn: u64) {
    let surface = |view: &mut View, pane| {
        view.surfaces
            .remove(&SurfaceId::live(PaneId(pane)))
            .expect("a surface of the test's view")
    };
    match change {
        Change::Write(pane, y, c) => {
            let mut changed = surface(view, pane);
            let row = changed
                .rows
                .get_mut(&changed.order[y])
                .expect("an ordered row");
            row.cells_mut().insert(0, Cell::new(c, 1, StyleId::DEFAULT));
            row.touch(Version(turn), 0, u16::MAX);
            view.surfaces.insert(SurfaceId::live(PaneId(pane)), changed);
        }
        Change::Scroll(pane) => {
            let mut changed = surface(view, pane);
            let gone = changed.order.remove(0);
            changed.rows.remove(&gone);
            let row = Row::new(RowId(100_000 + turn), Version(turn));
            changed.order.push(row.id);
            changed.rows.insert(row.id, row);
            view.surfaces.insert(SurfaceId::live(PaneId(pane)), changed);
        }
        Change::Reverse(pane) => header(view, pane).modes.0 ^= Modes::REVERSE_SCREEN.0,
        Change::Recolor(pane) => {
            let palette = &mut header(view, pane).palette;
            palette.background = Some((turn as u8, 0, 0));
            palette.cursor = Some((0, turn as u8, 0));
        }
        Change::Fate(pane) => header(view, pane).fate = format!("exited {turn}"),
        Change::Focus(index) => {
            for (at, pane) in view.chrome.panes.iter_mut().enumerate() {
                pane.focused = at == index;
            }
        }
        Change::Found(x, y) => {
            let scrolled = header(view, 1).scrolled.get_or_insert_default();
            scrolled.matches.insert(0, rect(x, y, 3, 1));
        }
        Change::Lone => {
            view.chrome.panes.truncate(1);
            view.chrome.panes[0].area = rect(0, 0, 40, 9);
        }
        Change::Area(cols, rows) => view.chrome.area = Some(Size::new(cols, rows)),
    }
}

#[test]
fn a_pane_is_drawn_in_the_colours_that_its_program_has_set() {
    let mut user = User::before(pair());
    let mut view = user.view.clone();
    let palette = &mut header(&mut view, 2).palette;
    palette.background = Some((0, 51, 102));
    palette.cursor = Some((255, 0, 0));
    user.sees(view);
    user.screen();
    let ground = |user: &User, x: usize| user.ui.picture().rows[3].tiles[x].style.bg;
    assert_eq!(ground(&user, 5), Color::Default, "the other pane");
    assert_eq!(ground(&user, 19), Color::Default, "the line between");
    assert_eq!(ground(&user, 25), Color::Rgb(0, 51, 102));
    assert_eq!(user.ui.picture().cursor_color, None, "it has no focus");
    let mut view = user.view.clone();
    apply(&mut view, Change::Focus(1), 0);
    user.sees(view);
    user.screen();
    assert_eq!(user.ui.picture().cursor_color, Some((255, 0, 0)));
    user.types("C-b :");
    user.screen();
    assert_eq!(
        user.ui.picture().cursor_color,
        None,
        "a prompt's cursor is not the pane's"
    );
}

/// xterm exchanges its two colours of text and ground and nothing else.
#[test]
fn a_reversed_screen_keeps_the_colours_that_were_chosen() {
    let mut view = pair();
    header(&mut view, 2).modes.0 ^= Modes::REVERSE_SCREEN.0;
    header(&mut view, 2).palette.background = Some((0, 51, 102));
    let chosen = Style {
        fg: Color::Index(3),
        bg: Color::Index(4),
        ..Style::default()
    };
    let half = Style {
        bg: Color::Default,
        ..chosen
    };
    let styles = [chosen, half].map(|style| view.tables.style_id(style));
    let surface = view.surfaces.get_mut(&SurfaceId::live(PaneId(2)));
    let surface = surface.expect("a surface of the test's view");
    let row = surface.rows.get_mut(&surface.order[0]);
    let cells = row.expect("an ordered row").cells_mut();
    for (cell, style) in cells.iter_mut().zip(styles) {
        *cell = Cell::new('x', 1, style);
    }
    let mut user = User::before(view);
    user.screen();
    let shown = |x: usize| {
        let style = user.ui.picture().rows[0].tiles[x].style;
        match style.attrs.contains(Attrs::INVERSE) {
            true => (style.bg, style.fg),
            false => (style.fg, style.bg),
        }
    };
    let ground = Color::Rgb(0, 51, 102);
    assert_eq!(shown(20), (Color::Index(3), Color::Index(4)));
    assert_eq!(shown(21), (Color::Index(3), Color::Default));
    assert_eq!(shown(22), (ground, Color::Default), "text");
    assert_eq!(shown(39), (ground, Color::Default), "what is blank");
}

#[test]
fn a_notice_is_said_and_handed_on_but_not_without_end() {
    let mut user = User::before(lone());
    let notice = |body: &str| {
        Event::Server(protocol::Event::Notice(Notice {
            title: "build".into(),
            body: body.into(),
            urgency: crate::term::Urgency::Normal,
        }))
    };
    let mut handed_on = 0;
    for n in 0..50 {
        let event = notice(&format!("done {n}"));
        user.ui.handle(event, &user.view, user.now);
        handed_on += user.effects().matches("Notify").count();
    }
    assert!((1..5).contains(&handed_on), "{handed_on}");
    assert!(user.screen().contains("build: done 49"));
    user.now = Time(60_000);
    user.ui.settings.alerts.bell = config::Bell::Mark;
    user.ui.handle(notice("quiet"), &user.view, user.now);
    assert_eq!(user.effects(), "");
}

proptest! {
    /// What is skipped because its key stayed is what would have been composed.
    #[test]
    fn a_picture_does_not_depend_on_what_was_shown_before(
        changes in prop::collection::vec(change(), 1..30),
    ) {
        let mut user = User::before(pair());
        user.screen();
        for (turn, change) in changes.into_iter().enumerate() {
            let mut view = user.view.clone();
            apply(&mut view, change, turn as u64 + 10);
            user.sees(view);
            user.screen();
            let mut fresh = User::before(user.view.clone());
            fresh.screen();
            prop_assert_eq!(&user.ui.picture().rows, &fresh.ui.picture().rows);
            prop_assert_eq!(user.ui.picture().cursor_color, fresh.ui.picture().cursor_color);
        }
    }
}

#[test]
fn a_click_on_a_mark_folds_and_opens() {
    let mut user = User::before(lone());
    user.types("C-b [");
    user.scroll(|scrolled| {
        let mark = |row, kind| RowMark { row, kind };
        scrolled.marks = vec![mark(1, MarkKind::Failed), mark(3, MarkKind::Fold)];
    });
    let fold = |row| format!("Scroll(Output(Fold {{ row: {row} }}))");
    assert_eq!(user.mouse(MouseAction::Press(0), 0, 1), fold(1));
    user.mouse(MouseAction::Release(0), 0, 1);
    assert_eq!(user.mouse(MouseAction::Press(0), 9, 3), fold(3));
    user.mouse(MouseAction::Release(0), 9, 3);
    assert_eq!(
        user.mouse(MouseAction::Press(0), 9, 1),
        "",
        "text is selected"
    );
}

#[test]
fn a_place_to_go_to_is_typed() {
    let mut user = User::before(lone());
    user.types("C-b [");
    user.scroll(|scrolled| scrolled.above = 5);
    let to = |goal| format!("Scroll(To({goal}))");
    assert_eq!(user.types("1 2 0 G"), to("Line(120)"));
    user.scroll(|_| {});
    assert_eq!(user.types("5 0 %"), to("Percent(50)"));
    user.scroll(|_| {});
    assert_eq!(user.types(": 9 9 % Enter"), to("Percent(99)"));
    user.ui.handle(
        Event::Clock(epoch().later(90_000), String::new()),
        &user.view,
        user.now,
    );
    user.types(":");
    assert_eq!(user.types("1 m Enter"), to("Time(30000)"));
    assert_eq!(user.types(": x Enter"), "");
    let screen = user.screen();
    assert!(screen.contains("\"x\" is no"), "{screen}");
}

#[test]
fn the_thumb_covers_no_text() {
    let mut user = User::before(lone());
    user.mouse(MouseAction::WheelUp, 3, 3);
    user.scroll(|scrolled| (scrolled.above, scrolled.total) = (0, 100));
    let screen = user.screen();
    let last = |row: &str| row.chars().last();
    assert_eq!(
        screen.lines().filter(|row| last(row) == Some('▐')).count(),
        1,
        "{screen}"
    );
}
