//! What stands around the panes: titles, tabs, gestures on them, and that no row is ever broken.

use crate::protocol::view::{Marks, TabLabel};
use crate::protocol::{Direction, PaneId, TabId, View};
use crate::term::{Mods, MouseAction, Size};
use crate::ui::tests::{User, epoch, header, lone, pair, rect, view};
use crate::ui::{ColorDepth, Event, Reach, Theme};
use proptest::prelude::*;

/// Three panes with titles: one on the left, two on the right; the first row is a line.
fn titled() -> View {
    let panes: [(_, &[&str]); 3] = [
        (rect(0, 1, 19, 8), &["left"]),
        (rect(20, 1, 20, 3), &["above"]),
        (rect(20, 5, 20, 4), &["below"]),
    ];
    let mut view = view(Size::new(40, 9), &panes);
    for (pane, title) in
        view.chrome
            .panes
            .iter_mut()
            .zip(["vim src/main.rs", "世界 tail of a long log", "sh"])
    {
        pane.title = title.to_owned();
    }
    view
}

fn tabs(names: &[&str], active: usize) -> View {
    let mut view = lone();
    let label = |(index, name): (usize, &&str)| TabLabel {
        id: TabId(index as u64),
        name: (*name).to_owned(),
        active: index == active,
        marks: Marks::default(),
    };
    view.chrome.tabs = names.iter().enumerate().map(label).collect();
    view
}

fn status(user: &mut User) -> String {
    user.screen().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn titles_stand_in_the_lines_above_their_panes() {
    insta::assert_snapshot!(User::before(titled()).screen());
}

#[test]
fn a_scrolled_pane_says_where_it_is() {
    let mut user = User::before(titled());
    user.mouse(MouseAction::WheelUp, 3, 3);
    user.scroll(|scrolled| (scrolled.above, scrolled.total) = (91, 100));
    let screen = user.screen();
    let first = screen.lines().next().unwrap_or_default();
    assert!(first.starts_with("─ 1 vim… ─[92/100]─┬"), "{first}");
    assert!(status(&mut user).contains("[92/100]"));
}

#[test]
fn a_place_with_a_cursor_is_told_by_the_line_of_the_cursor() {
    let mut user = User::before(lone());
    user.types("C-b [");
    user.scroll(|scrolled| (scrolled.above, scrolled.total) = (91, 100));
    let line = |user: &mut User| {
        let status = status(user);
        let (_, rest) = status.split_once('[').expect("a place");
        rest.split('/')
            .next()
            .unwrap_or_default()
            .parse::<u64>()
            .expect("a number")
    };
    let before = line(&mut user);
    user.types("j");
    assert_eq!(line(&mut user), before + 1);
}

#[test]
fn what_no_disk_takes_is_marked_for_as_long_as_it_lasts() {
    let mut view = titled();
    view.chrome.unsaved = true;
    let mut user = User::before(view);
    assert!(status(&mut user).contains(" not saved "));
    let mut saved = user.view.clone();
    saved.chrome.unsaved = false;
    user.sees(saved);
    assert!(!status(&mut user).contains("not saved"));
}

#[test]
fn titles_keep_clear_of_joints() {
    let panes: [(_, &[&str]); 3] = [
        (rect(0, 0, 9, 4), &["a"]),
        (rect(10, 0, 30, 4), &["b"]),
        (rect(0, 5, 40, 4), &["c"]),
    ];
    let mut view = view(Size::new(40, 9), &panes);
    view.chrome.panes[2].title = "a title of some length".into();
    let screen = User::before(view).screen();
    let line = screen.lines().nth(4).unwrap_or_default();
    assert_eq!(line, "─────────┴─ 3 a title of some length ───");
}

#[test]
fn tabs_say_what_happened_in_them() {
    let mut view = tabs(&["a", "b", "c", "d", "e"], 0);
    view.chrome.zoomed = true;
    let set: [fn(&mut Marks); 4] = [
        |marks| marks.bell = true,
        |marks| marks.activity = true,
        |marks| marks.silence = true,
        |marks| marks.failed = true,
    ];
    for (tab, set) in view.chrome.tabs.iter_mut().skip(1).zip(set) {
        set(&mut tab.marks);
    }
    let mut user = User::before(view);
    user.resize(60, 10);
    user.ui
        .handle(Event::Clock(epoch(), "21:05".into()), &user.view, user.now);
    insta::assert_snapshot!(status(&mut user));
}

#[test]
fn the_path_to_a_server_elsewhere_stands_in_the_status_line() {
    let mut user = User::before(lone());
    user.resize(60, 10);
    let mut reached = |silent_ms| {
        let reach = Reach {
            by: [10, 0, 0, 7].into(),
            round_trip_ms: 102,
            loss: 0,
            silent_ms,
            awaited_ms: 0,
        };
        user.ui.handle(Event::Reach(reach), &user.view, user.now);
        status(&mut user)
    };
    assert!(reached(900).contains(" box  via 10.0.0.7  102 ms"));
    assert!(reached(10_000).contains(" last heard 10 s ago"));
    assert!(!reached(100).contains("last heard"));
}

#[test]
fn the_title_of_a_pane_alone_stands_in_the_status_line() {
    let mut view = lone();
    view.chrome.panes[0].title = "~/src/wt".into();
    let mut user = User::before(view.clone());
    assert!(status(&mut user).ends_with(" ~/src/wt  box"));
    user.resize(28, 10);
    assert!(status(&mut user).ends_with(" box"), "first to go");
    assert!(!status(&mut user).contains("~/src"));
    user.resize(40, 10);
    view.chrome.panes[0].title = "sh".into();
    user.sees(view.clone());
    assert_eq!(status(&mut user).matches("sh").count(), 1, "the tab's name");
    view.chrome.panes[0].title = "above".into();
    view.chrome.panes[0].area.y = 1;
    user.sees(view);
    assert!(!status(&mut user).contains("above"));
}

#[test]
fn the_tab_in_use_is_always_shown() {
    let names: Vec<String> = (0..100).map(|n| format!("tab{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for active in [0, 1, 50, 98, 99] {
        for cols in [20, 40, 80, 200] {
            let mut user = User::before(tabs(&names, active));
            user.resize(cols, 5);
            let line = status(&mut user);
            assert!(
                line.contains(&format!("{}:tab{active}*", active + 1)),
                "{cols}: {line}"
            );
            assert_eq!(
                line.contains('<'),
                active > 0 && !line.contains(" 1:tab0"),
                "{line}"
            );
        }
    }
    let mut user = User::before(tabs(&names, 50));
    let line = status(&mut user);
    let before = line.find('<').expect("tabs further left") as u16;
    assert_eq!(
        user.mouse(MouseAction::Press(0), before, 9),
        "Tab(Previous)"
    );
}

#[test]
fn the_wheel_over_the_tabs_goes_through_them() {
    let mut user = User::before(lone());
    assert_eq!(user.mouse(MouseAction::WheelDown, 3, 9), "Tab(Next)");
    user.answered();
    assert_eq!(user.mouse(MouseAction::WheelUp, 3, 9), "Tab(Previous)");
}

#[test]
fn what_stands_instead_of_the_tabs_is_taken_away_by_a_click() {
    let mut user = User::before(lone());
    let at = status(&mut user).find("2:vim").expect("a tab") as u16;
    user.ui.welcome("hello".into(), user.now);
    assert_eq!(user.mouse(MouseAction::WheelDown, at, 9), "");
    assert!(status(&mut user).starts_with("hello"));
    assert_eq!(user.mouse(MouseAction::Press(2), at, 9), "");
    assert_eq!(user.mouse(MouseAction::Release(2), at, 9), "");
    assert!(status(&mut user).contains("2:vim"));
    assert_eq!(user.mouse(MouseAction::Press(0), at, 9), "Tab(Select(2))");
}

#[test]
fn a_tab_is_dragged_to_another_place() {
    let mut user = User::before(tabs(&["one", "two", "three"], 0));
    let line = status(&mut user);
    let at = |name: &str| line.find(name).expect("a tab") as u16;
    assert_eq!(user.mouse(MouseAction::Press(0), at("one"), 9), "");
    assert_eq!(
        user.mouse(MouseAction::Drag(0), at("three"), 9),
        "Tab(Move(2))"
    );
    assert_eq!(
        user.mouse(MouseAction::Drag(0), at("three") + 1, 9),
        "",
        "once is enough"
    );
    assert_eq!(user.mouse(MouseAction::Release(0), at("three"), 9), "");
}

#[test]
fn a_tab_that_is_dragged_on_before_the_answer_does_not_overshoot() {
    let mut user = User::before(tabs(&["one", "two", "three"], 0));
    let line = status(&mut user);
    let at = |name: &str| line.find(name).expect("a tab") as u16;
    user.mouse(MouseAction::Press(0), at("one"), 9);
    let sent = user.mouse(MouseAction::Drag(0), at("two"), 9);
    assert_eq!(sent, "Tab(Move(1))");
    let sent = user.mouse(MouseAction::Drag(0), at("three"), 9);
    assert_eq!(sent, "Tab(Move(1))", "from where the first leads");
    let sent = user.mouse(MouseAction::Drag(0), at("one"), 9);
    assert_eq!(sent, "Tab(Move(-2))", "and back");
}

#[test]
fn a_second_click_on_a_name_renames() {
    let mut user = User::before(lone());
    let at = status(&mut user).find("1:sh").expect("a tab") as u16;
    for action in [
        MouseAction::Press(0),
        MouseAction::Release(0),
        MouseAction::Press(0),
    ] {
        assert_eq!(user.mouse(action, at, 9), "");
    }
    assert!(status(&mut user).contains("name of the tab: sh"));
    let mut user = User::before(titled());
    for action in [
        MouseAction::Press(0),
        MouseAction::Release(0),
        MouseAction::Press(0),
    ] {
        user.mouse(action, 25, 4);
        user.answered();
    }
    assert!(status(&mut user).contains("title of the pane: sh"));
}

#[test]
fn a_line_between_panes_is_dragged() {
    let mut user = User::before(titled());
    assert_eq!(user.mouse(MouseAction::Press(0), 19, 3), "");
    let resize = |side: Direction, at: u16| format!("Pane(Resize(Border({side:?}, {at})))");
    assert_eq!(
        user.mouse(MouseAction::Drag(0), 22, 3),
        resize(Direction::Right, 22)
    );
    assert_eq!(
        user.mouse(MouseAction::Drag(0), 22, 4),
        "",
        "it moves to the sides alone"
    );
    assert_eq!(user.types("x"), "%1 <- x", "nothing waits for it");
    assert_eq!(user.mouse(MouseAction::Release(0), 22, 4), "");
}

#[test]
fn a_joint_is_dragged_both_ways() {
    let mut user = User::before(titled());
    user.mouse(MouseAction::Press(0), 19, 4);
    assert_eq!(
        user.mouse(MouseAction::Drag(0), 17, 6),
        "Pane(Resize(Border(Right, 17)))\nPane(Resize(Border(Down, 6)))"
    );
}

#[test]
fn a_click_on_a_title_gives_its_pane_the_focus() {
    let mut user = User::before(titled());
    assert_eq!(user.mouse(MouseAction::Press(0), 25, 4), "");
    assert_eq!(
        user.mouse(MouseAction::Release(0), 25, 4),
        "Pane(Focus(Here))"
    );
}

#[test]
fn menus_belong_to_what_was_clicked() {
    let mut user = User::before(titled());
    user.mouse(MouseAction::Press(2), 19, 6);
    assert!(user.screen().contains("Side by side"));
    assert_eq!(user.types("t"), "Layout(Preset(Tiled))");
    let mut user = User::before(lone());
    let line = status(&mut user);
    user.mouse(
        MouseAction::Press(2),
        line.find("2:vim").expect("a tab") as u16,
        9,
    );
    assert!(user.screen().contains("Go there"));
    assert_eq!(user.types(">"), "Tab(Move(1))");
    let mut user = User::before(lone());
    user.mouse(MouseAction::Press(2), 30, 9);
    assert!(user.screen().contains("Choose session…"));
    assert_eq!(user.types("d"), "Detach");
}

#[test]
fn a_program_that_takes_the_mouse_keeps_it() {
    use crate::term::Modes;
    let mut view = pair();
    header(&mut view, 1).modes = Modes(Modes::MOUSE_PRESS.0 | Modes::MOUSE_SGR.0);
    let mut user = User::before(view);
    assert_eq!(
        user.mouse(MouseAction::Press(2), 3, 3),
        "%1 <- \\x1b[<2;4;4M"
    );
    assert_eq!(
        user.mouse(MouseAction::Release(2), 3, 3),
        "%1 <- \\x1b[<2;4;4m"
    );
    assert_eq!(
        user.mouse_with(MouseAction::Press(2), 3, 3, Mods::SHIFT),
        ""
    );
    assert!(user.screen().contains("Split right"));
}

#[test]
fn a_terminal_of_one_row_shows_what_is_asked() {
    let mut user = User::before(lone());
    user.resize(30, 1);
    user.acts("session rename");
    assert_eq!(user.screen(), "name of the session: work\n");
    user.types("Escape");
    assert_eq!(user.screen(), "$ ls\n");
}

#[test]
fn without_colours_the_line_in_use_is_still_seen() {
    let theme = Theme::default().for_depth(ColorDepth::Mono);
    for ground in [theme.dialog, theme.menu] {
        assert_ne!(super::selected(&theme, ground), ground);
    }
}

/// Texts that a hostile program may have chosen.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,30}",
        "(界|👨‍👩‍👧|e\u{301}|\u{202e}|\u{200b}|\u{7}|\u{1b}\\[2J|🇩🇪|\u{fe0f}|❤\u{fe0f}|﷽){0,12}",
        any::<String>(),
    ]
}

/// A grid of panes, with or without titles, whose lines are one cell wide.
fn grid(cols: u16, rows: u16, across: u16, down: u16, top: u16) -> Vec<crate::protocol::Rect> {
    let part = |all: u16, parts: u16, n: u16| {
        (
            all / parts * n,
            if n + 1 == parts {
                all - all / parts * n
            } else {
                all / parts - 1
            },
        )
    };
    (0..across * down)
        .map(|n| {
            let (x, width) = part(cols, across, n % across);
            let (y, height) = part(rows - top, down, n / across);
            rect(x, y + top, width, height)
        })
        .filter(|rect| rect.cols > 0 && rect.rows > 0)
        .collect()
}

proptest! {
    #[test]
    fn no_row_is_ever_broken(
        (cols, rows) in (1..90u16, 1..30u16),
        (across, down, top) in (1..15u16, 1..14u16, 0..2u16),
        (area_cols, area_rows) in (15..100u16, 15..40u16),
        names in prop::collection::vec(hostile(), 4),
        action in prop::sample::select(vec![
            "redraw", "help", "commands", "messages", "menu", "focus pick", "rename", "tab rename", "copy-mode",
        ]),
        (x, y) in (0..90u16, 0..30u16),
    ) {
        let panes = grid(area_cols, area_rows, across, down, top);
        let panes: Vec<_> = panes.into_iter().map(|area| (area, &["text 界界"][..])).collect();
        let mut view = view(Size::new(area_cols, area_rows), &panes);
        for (pane, name) in view.chrome.panes.iter_mut().zip(names.iter().cycle()) {
            pane.title = name.clone();
        }
        for (tab, name) in view.chrome.tabs.iter_mut().zip(&names) {
            tab.name = name.clone();
        }
        view.chrome.session = names[2].clone();
        header(&mut view, 1).fate = names[3].clone();
        let mut user = User::before(view);
        user.resize(cols, rows);
        user.ui.say(names[3].clone(), user.now);
        user.screen();
        whole(&user, cols, rows)?;
        user.types("x");
        user.answered();
        user.acts(action);
        user.mouse(MouseAction::Press(2), x.min(cols - 1), y.min(rows - 1));
        user.types("Down Down End x");
        user.screen();
        whole(&user, cols, rows)?;
    }
}

/// Every row is as wide as the terminal, with no half of a wide character and nothing that controls it.
fn whole(user: &User, cols: u16, rows: u16) -> Result<(), TestCaseError> {
    let picture = user.ui.picture();
    prop_assert_eq!(picture.rows.len(), usize::from(rows));
    for row in &picture.rows {
        prop_assert_eq!(row.tiles.len(), usize::from(cols));
        for (x, tile) in row.tiles.iter().enumerate() {
            let text = picture.text(tile, &mut [0; 4]).to_owned();
            let controls = text.contains(|c: char| c.is_control() || c == '\u{202e}');
            prop_assert!(!controls, "{}", text.escape_debug());
            let next = row.tiles.get(x + 1).map(|next| next.width);
            prop_assert_eq!(tile.width == 2, next == Some(0));
        }
    }
    let cursor = picture.cursor;
    prop_assert!(cursor.row < rows && cursor.col < cols);
    Ok(())
}

#[test]
fn two_hundred_panes_are_drawn() {
    let areas = grid(200, 60, 20, 10, 1);
    let panes: Vec<_> = areas.into_iter().map(|area| (area, &["x"][..])).collect();
    assert_eq!(panes.len(), 200);
    let mut view = view(Size::new(200, 60), &panes);
    for pane in &mut view.chrome.panes {
        pane.title = "a program".into();
    }
    let mut user = User::before(view);
    user.resize(200, 61);
    user.acts("focus pick");
    assert!(user.screen().contains("─ 200 a… "));
    assert_eq!(user.types("b"), "Pane(Focus(Here))");
    assert_eq!(user.view.chrome.panes[11].pane, PaneId(12));
}

#[test]
fn clusters_that_ratatui_counts_otherwise_swallow_nothing() {
    use crate::term::{Tables, cell::Glyph};
    use crate::ui::picture::Tile;
    for text in ["🇩abc", "क्षिabc", "a\u{93f}bc"] {
        let mut tables = Tables::default();
        let mut tiles = vec![Tile::BLANK; 12];
        super::put_text(text, Theme::default().status, &mut tables, &mut tiles);
        let mut shown = String::new();
        for tile in &tiles {
            match tile.glyph {
                Glyph::Char(c) => shown.push(c),
                Glyph::Cluster(index) => shown.push_str(tables.cluster(index)),
                Glyph::Continuation => {}
            }
        }
        assert_eq!(shown.trim_end(), text);
    }
}
