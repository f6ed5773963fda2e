//! What lies over the panes, from keys and the mouse to what is sent and shown.

use crate::protocol::request::{PaneSummary, SessionSummary, TabSummary};
use crate::protocol::{self, PaneId};
use crate::term::{Modes, Mods, MouseAction, Size};
use crate::ui::picture::Tile;
use crate::ui::tests::{User, epoch, lone, pair};
use crate::ui::{Effect, Event, Theme};

fn types_text(user: &mut User, text: &str) -> String {
    let keys: Vec<String> = text
        .chars()
        .map(|c| {
            if c == ' ' {
                "Space".into()
            } else {
                c.to_string()
            }
        })
        .collect();
    user.types(&keys.join(" "))
}

fn sessions() -> Vec<SessionSummary> {
    let pane = |id, command: &str| PaneSummary {
        id: PaneId(id),
        size: Size::new(80, 24),
        pid: Some(1),
        command: command.into(),
        title: String::new(),
        cwd: "/home/me".into(),
        name: String::new(),
        focused: true,
        busy: false,
        fate: String::new(),
        history_lines: 0,
    };
    let tab = |number, name: &str, panes| TabSummary {
        number,
        name: name.into(),
        active: number == 1,
        zoomed: false,
        panes,
    };
    let session = |name: &str, tabs| SessionSummary {
        name: name.into(),
        created: 0,
        clients: 1,
        size: Size::new(80, 24),
        tabs,
        dead_since_ms: None,
    };
    vec![
        session("home", vec![tab(1, "sh", vec![pane(3, "sh")])]),
        session(
            "work",
            vec![
                tab(1, "sh", vec![pane(1, "sh")]),
                tab(2, "vim", vec![pane(2, "vim"), pane(4, "make")]),
            ],
        ),
    ]
}

#[test]
fn a_dead_session_in_the_list_is_brought_back() {
    let mut user = User::before(lone());
    user.acts("choose");
    user.answered();
    let mut sessions = sessions();
    sessions[1].dead_since_ms = Some(7);
    let event = Event::Server(protocol::Event::Sessions(sessions));
    user.ui.handle(event, &user.view, user.now);
    assert!(user.screen().contains("work (dead)"));
    assert!(
        !user.screen().contains("make"),
        "its panes are not to be gone to"
    );
    assert_eq!(
        user.types("Down Down Down Enter"),
        "Session(Resume(\"%1\"))"
    );
}

#[test]
fn a_name_is_typed_over_the_present_one() {
    let mut user = User::before(lone());
    assert_eq!(user.acts("tab rename"), "");
    assert!(user.screen().contains("name of the tab: sh"));
    assert_eq!(user.types("C-u l o g Enter"), "Tab(Rename(\"log\"))");
    user.answered();
    user.acts("tab rename");
    user.types("C-u Up");
    assert!(
        user.screen().contains("name of the tab: log"),
        "what was typed before comes back"
    );
    assert_eq!(user.types("Escape"), "");
    user.acts("session rename");
    assert_eq!(user.types("2 Enter"), "Session(Rename(\"work2\"))");
}

#[test]
fn a_pane_moves_to_a_tab_by_its_number() {
    let mut user = User::before(lone());
    user.acts("move");
    assert_eq!(
        user.types("2 Enter"),
        "Pane(Move { to: \":2\", side: Right })"
    );
    user.answered();
    user.acts("tab ask");
    assert_eq!(user.types("2 Enter"), "Tab(Select(2))");
    user.answered();
    user.acts("tab ask");
    assert_eq!(user.types("9 Enter"), "");
    assert!(user.screen().contains("no tab 9"));
}

#[test]
fn a_list_is_found_in_and_acted_upon() {
    let mut user = User::before(lone());
    user.types("C-b ?");
    types_text(&mut user, "new tab");
    assert!(user.screen().contains("> new tab"));
    assert!(user.types("Enter").starts_with("Tab(New("));
    user.answered();
    user.acts("commands");
    types_text(&mut user, "even-vert");
    assert_eq!(user.types("Enter"), "Layout(Preset(EvenVertical))");
    user.answered();
    user.acts("commands");
    types_text(&mut user, "no such thing");
    assert!(user.screen().contains("nothing found"));
    assert_eq!(user.types("Enter Escape x"), "%1 <- x");
}

#[test]
fn the_palette_resizes() {
    let mut user = User::before(lone());
    user.acts("commands");
    types_text(&mut user, "resize left");
    assert!(user.screen().contains("resize left"));
    assert!(user.types("Enter").contains("Resize(By(Left, 1))"));
}

#[test]
fn what_is_typed_while_sessions_are_asked_for_is_for_the_list() {
    let mut user = User::before(lone());
    assert_eq!(user.acts("choose"), "Session(List)");
    assert_eq!(user.answered(), "");
    assert_eq!(user.types("m a k e Enter"), "");
    let event = Event::Server(protocol::Event::Sessions(sessions()));
    user.ui.handle(event, &user.view, user.now);
    assert_eq!(user.effects(), "Session(Switch(\"%4\"))");
}

#[test]
fn the_sessions_are_a_tree() {
    let mut user = User::before(lone());
    user.resize(80, 24);
    let event = Event::Server(protocol::Event::Sessions(sessions()));
    user.ui.handle(event, &user.view, user.now);
    insta::assert_snapshot!(user.screen());
    assert_eq!(user.types("Enter"), "Session(Switch(\"work:1\"))");
}

#[test]
fn a_list_of_all_keys() {
    let mut user = User::before(lone());
    user.resize(100, 30);
    user.types("C-b ? Down");
    insta::assert_snapshot!(user.screen());
}

#[test]
fn a_click_does_what_the_line_says() {
    let mut user = User::before(lone());
    user.acts("commands");
    let screen = user.screen();
    let row = screen
        .lines()
        .position(|line| line.contains("split --down"))
        .expect("a line");
    user.mouse(MouseAction::Press(0), 8, row as u16);
    assert!(
        user.mouse(MouseAction::Release(0), 8, row as u16)
            .starts_with("Pane(Split { side: Down")
    );
    user.answered();
    user.acts("commands");
    user.mouse(MouseAction::WheelDown, 8, 5);
    assert!(user.screen().contains(" 4/"), "three further");
    assert_eq!(
        user.mouse(MouseAction::Press(0), 8, 9),
        "",
        "the status line is outside"
    );
    assert!(user.screen().contains("$ ls"));
}

#[test]
fn messages_can_be_read_later() {
    let mut user = User::before(lone());
    user.ui
        .handle(Event::Clock(epoch(), "09:41".into()), &user.view, user.now);
    let long = "a message that is far too long for the narrow line that it is said in".to_owned();
    user.ui.say(long, user.now);
    assert!(user.screen().contains('…'));
    user.types("x");
    user.resize(40, 20);
    user.acts("messages");
    let screen = user.screen();
    assert!(screen.contains("09:41  a message"), "{screen}");
    assert!(
        screen.contains("row line that it is said in"),
        "the selected one in full: {screen}"
    );
    assert!(user.types("Enter").starts_with("clipboard a message"));
}

#[test]
fn a_right_click_opens_a_menu_and_a_click_does_it() {
    let mut user = User::before(pair());
    assert_eq!(
        user.mouse(MouseAction::Press(2), 25, 2),
        "Pane(Focus(Here))"
    );
    user.answered();
    assert_eq!(user.mouse(MouseAction::Release(2), 25, 2), "");
    insta::assert_snapshot!(user.screen());
    user.mouse(MouseAction::Press(0), 22, 2);
    let row = user
        .screen()
        .lines()
        .position(|line| line.contains("Zoom"))
        .expect("an entry") as u16;
    user.mouse(MouseAction::Press(0), 22, row);
    assert_eq!(user.mouse(MouseAction::Release(0), 22, row), "Pane(Zoom)");
}

#[test]
fn a_menu_is_dragged_through_and_left_by_a_click_outside() {
    let mut user = User::before(lone());
    user.resize(60, 24);
    user.mouse(MouseAction::Press(2), 5, 3);
    let screen = user.screen();
    let row = screen
        .lines()
        .position(|line| line.contains("Split below"))
        .expect("an entry") as u16;
    user.mouse(MouseAction::Drag(2), 8, row);
    assert!(
        user.mouse(MouseAction::Release(2), 8, row)
            .starts_with("Pane(Split { side: Down")
    );
    user.answered();
    user.mouse(MouseAction::Press(2), 5, 3);
    user.mouse(MouseAction::Drag(2), 6, 4);
    assert_eq!(user.mouse(MouseAction::Release(2), 6, 4), "");
    assert!(user.screen().contains("Zoom"), "a hand may tremble");
    assert_eq!(user.mouse(MouseAction::Press(0), 50, 20), "");
    assert!(!user.screen().contains("Zoom"));
}

#[test]
fn a_menu_opens_from_the_keyboard() {
    let mut user = User::before(lone());
    user.acts("menu");
    assert!(user.screen().contains("Split right"));
    assert!(
        user.types("Down Enter")
            .starts_with("Pane(Split { side: Down")
    );
    user.answered();
    user.acts("menu");
    assert_eq!(user.types("r"), "");
    assert!(user.screen().contains("title of the pane:"));
}

#[test]
fn a_menu_that_cannot_be_seen_takes_no_keys() {
    for (cols, rows) in [(40, 3), (6, 9)] {
        let mut user = User::before(lone());
        user.resize(cols, rows);
        user.acts("menu");
        assert_eq!(user.types("x"), "%1 <- x", "{cols} × {rows}");
        user.mouse(MouseAction::Press(2), 2, 1);
        assert!(user.screen().contains("no r"), "{cols} × {rows}");
        assert_eq!(user.mouse(MouseAction::Release(2), 2, 1), "");
    }
    let mut user = User::before(lone());
    user.acts("menu");
    user.resize(40, 3);
    assert_eq!(user.types("x"), "%1 <- x");
}

#[test]
fn a_pane_is_picked_by_its_number() {
    let mut user = User::before(pair());
    user.acts("focus pick");
    user.screen();
    let picked = Theme::default().pick.0.bg;
    let row = |tiles: &[Tile]| -> String {
        let signs = tiles
            .iter()
            .map(|tile| if tile.style.bg == picked { '#' } else { ' ' });
        signs.collect::<String>().trim_end().to_owned()
    };
    let rows = user.ui.picture().rows.iter();
    let rows: Vec<String> = rows.map(|line| row(&line.tiles)).collect();
    insta::assert_snapshot!(rows.join("\n"));
    assert_eq!(user.types("2"), "Pane(Focus(Here))");
    user.answered();
    user.acts("focus pick");
    assert_eq!(
        user.types("Enter"),
        "%1 <- \\r",
        "another key is the pane's"
    );
    user.acts("focus pick");
    user.now = user.ui.timeout().expect("the signs go by themselves");
    user.ui.handle(Event::Tick, &user.view, user.now);
    assert_eq!(user.types("2"), "%1 <- 2");
}

#[test]
fn only_a_yes_is_a_yes() {
    for (key, wanted) in [
        ("y", true),
        ("Y", true),
        ("Enter", false),
        ("C-y", false),
        ("Escape", false),
    ] {
        let mut user = User::before(lone());
        let ask = protocol::Event::Ask {
            question: "vim runs in pane %1, which has a name that is long: close it?".into(),
            on: protocol::On::Pane(PaneId(1)),
            command: protocol::Command::Pane(protocol::command::PaneCommand::Zoom),
        };
        user.ui.handle(Event::Server(ask), &user.view, user.now);
        assert!(user.screen().contains("… (y/n)"));
        assert_eq!(user.types(key) == "Pane(Zoom)", wanted, "{key}");
    }
}

#[test]
fn an_address_is_opened() {
    let mut user = User::before(crate::ui::tests::lone_with(&[
        "see https://example.org/",
        "now",
    ]));
    user.acts("redraw");
    let opened = user.mouse_with(MouseAction::Press(0), 8, 0, Mods::CTRL);
    assert_eq!(
        opened,
        format!("{:?}", Effect::Open("https://example.org/".into()))
    );
    assert_eq!(user.mouse(MouseAction::Press(2), 8, 0), "");
    assert!(user.screen().contains("Open link"));
    assert_eq!(user.types("y"), "clipboard https://example.org/");
}

#[test]
fn what_a_press_opened_or_closed_is_not_released_in_a_program() {
    let mut view = crate::ui::tests::lone_with(&["https://example.org/"]);
    crate::ui::tests::header(&mut view, 1).modes = Modes(Modes::MOUSE_PRESS.0 | Modes::MOUSE_SGR.0);
    let mut user = User::before(view);
    // The program takes the mouse, but for what Shift is held with.
    let told = user.mouse_with(MouseAction::Press(0), 8, 0, Mods::CTRL);
    assert_eq!(told, "%1 <- \\x1b[<16;9;1M");
    user.mouse_with(MouseAction::Release(0), 8, 0, Mods::CTRL);
    let ours = Mods(Mods::CTRL.0 | Mods::SHIFT.0);
    let opened = user.mouse_with(MouseAction::Press(0), 8, 0, ours);
    assert!(opened.starts_with("Open("), "{opened}");
    assert_eq!(user.mouse_with(MouseAction::Release(0), 8, 0, ours), "");
    user.acts("menu");
    assert_eq!(user.mouse(MouseAction::Press(0), 39, 8), "");
    assert_eq!(user.mouse(MouseAction::Release(0), 39, 8), "");
    assert_eq!(
        user.mouse(MouseAction::Press(0), 0, 0),
        "%1 <- \\x1b[<0;1;1M"
    );
}

#[test]
fn copy_modes_actions_enter_it() {
    let mut user = User::before(lone());
    user.acts("commands");
    types_text(&mut user, "half-page-up");
    assert_eq!(user.types("Enter"), "Scroll(Enter)\nScroll(By(-4))");
}

#[test]
fn a_program_reads_the_clipboard_if_its_user_lets_it() {
    use crate::config::ClipboardRead;
    let ask = |user: &mut User, id| {
        let event = protocol::Event::AskClipboard {
            id,
            selection: "c".into(),
            asker: "vim\u{1b} in %1".into(),
        };
        user.ui.handle(Event::Server(event), &user.view, user.now);
    };
    let mut user = User::before(lone());
    ask(&mut user, 1);
    assert!(user.screen().contains("in %1 wants to read your clipboard"));
    // Of two questions at once the second is not asked.
    ask(&mut user, 2);
    assert_eq!(user.effects(), "KeepClipboard(2)");
    assert_eq!(user.types("y"), "KeepClipboard(1)\n%1 <- y");
    // A key that was on its way to the program is no yes.
    ask(&mut user, 5);
    user.now = user.now.after(900);
    assert_eq!(user.types("C-y"), "KeepClipboard(5)\n%1 <- \\x19");
    ask(&mut user, 3);
    user.now = user.now.after(1000);
    let given = "GiveClipboard { id: 3, selection: \"c\" }";
    assert_eq!(user.types("C-y"), given);
    assert!(!user.screen().contains("clipboard"));
    user.ui.settings.sharing.clipboard_read = ClipboardRead::Never;
    ask(&mut user, 4);
    assert_eq!(user.effects(), "KeepClipboard(4)");
    user.ui.settings.sharing.clipboard_read = ClipboardRead::Always;
    ask(&mut user, 3);
    assert_eq!(user.effects(), given);
}
