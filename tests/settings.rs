//! Themes and keymaps as files: taken up while a client runs, refused with a line that says why.

use crate::support::{Home, wait_for};

/// Replaces a file of the configuration as editors do: by another file of its name.
fn put(home: &Home, name: &str, text: &str) {
    let path = home.path().join("config/wt").join(name);
    let dir = path.parent().expect("a directory");
    std::fs::create_dir_all(dir).expect("a directory");
    let new = dir.join(".new");
    std::fs::write(&new, text).expect("a file");
    std::fs::rename(new, path).expect("a file");
}

const CONFIG: &str = "shell = [\"/bin/sh\"]\npredict = \"never\"\n";

fn configure(home: &Home, text: &str) {
    put(home, "config.toml", &format!("{CONFIG}{text}"));
}

/// The background at the left of the status line.
fn status_ground(outer: &crate::support::Outer) -> vt100::Color {
    let screen = outer.screen();
    screen.cell(23, 1).expect("a cell").bgcolor()
}

#[test]
fn an_edited_theme_is_seen_at_once_and_a_bad_one_is_said() {
    let home = Home::new();
    configure(&home, "theme = \"mine\"\n");
    put(
        &home,
        "themes/mine.toml",
        "[status]\nfg = \"#ffffff\"\nbg = \"#102030\"\n",
    );
    let outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    let becomes = |color| {
        wait_for("the status line's colour", || {
            (status_ground(&outer) == color).then_some(())
        });
    };
    becomes(vt100::Color::Rgb(0x10, 0x20, 0x30));
    put(
        &home,
        "themes/mine.toml",
        "[status]\nfg = \"#ffffff\"\nbg = \"#302010\"\n",
    );
    becomes(vt100::Color::Rgb(0x30, 0x20, 0x10));
    put(&home, "themes/mine.toml", "\n[statsu]\nfg = \"#ffffff\"\n");
    outer.wait_text("themes/mine.toml:2: there is no face `statsu`; is `status` meant?");
    outer.wait_gone("statsu");
    becomes(vt100::Color::Rgb(0x30, 0x20, 0x10));
}

#[test]
fn an_edited_keymap_holds_at_once_and_a_bad_one_leaves_the_old() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 160, 24);
    outer.wait_prompt();
    configure(
        &home,
        "message-time = 300\n[keys.root]\n\"F5\" = \"tab new\"\n",
    );
    // Nothing on the screen tells that a key is bound: it is pressed until it does what it should.
    wait_for("another tab", || {
        outer.send("\x1b[15~");
        outer.rows()[23].contains("2:sh").then_some(())
    });
    put(
        &home,
        "keymaps/mine.toml",
        "[prefix]\n'%' = 'splt --right'\n'x' = 'zom'\n",
    );
    configure(&home, "keymap = \"mine\"\nmessage-time = 60000\n");
    outer.wait_text(
        "there is no action `splt --right`; is `split --right` meant? (+1 more: wt config check)",
    );
    outer.send("\x02%");
    outer.wait("the old keymap splits", |rows| rows[5].contains('│'));
    put(
        &home,
        "keymaps/mine.toml",
        "[root]\n'F6' = 'detach'\n'F7' = 'help'\n",
    );
    wait_for("the new keymap detaches", || {
        outer.send("\x1b[17~");
        outer
            .rows()
            .iter()
            .any(|row| row.contains("[detached"))
            .then_some(())
    });
}

#[test]
fn the_mouse_is_given_back_and_taken_while_a_client_runs() {
    let home = Home::new();
    let outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    let becomes = |mode| {
        wait_for("the mouse's mode", || {
            (outer.screen().mouse_protocol_mode() == mode).then_some(())
        });
    };
    becomes(vt100::MouseProtocolMode::ButtonMotion);
    configure(&home, "mouse = false\n");
    becomes(vt100::MouseProtocolMode::None);
    configure(&home, "mouse = true\n");
    becomes(vt100::MouseProtocolMode::ButtonMotion);
}

#[test]
fn the_theme_follows_the_terminals_background() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    let dark = status_ground(&outer);
    outer.send("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    wait_for("the light theme", || {
        (status_ground(&outer) != dark).then_some(())
    });
    outer.send("\x1b[?997;1n");
    wait_for("the dark theme", || {
        (status_ground(&outer) == dark).then_some(())
    });
    assert!(
        outer.rows()[0] == "$",
        "no reply is taken for keys: {:?}",
        outer.rows()[0]
    );
}

#[test]
fn every_problem_is_listed_with_its_line() {
    let home = Home::new();
    let good = home.ok(&["config", "check"]);
    assert!(good.starts_with("ok: "), "{good}");
    configure(&home, "themes = \"mine\"\ntheme = \"pale\"\n");
    put(
        &home,
        "themes/pale.toml",
        "[status]\nfg = \"#202020\"\nbg = \"#303030\"\n",
    );
    put(
        &home,
        "keymaps/unused.toml",
        "include = 'tmux'\n[prefix]\n'd' = 'detatch'\n",
    );
    let output = home.wt(&["config", "check"]);
    assert_eq!(output.status.code(), Some(1));
    let dir = format!("{}/config/wt/", home.path().display());
    let said = String::from_utf8_lossy(&output.stdout).replace(&dir, "");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "config.toml:3: there is no key `themes`; is `theme` meant?",
            "keymaps/unused.toml:3: [prefix] `d`: there is no action `detatch`; is `detach` meant?",
            "themes/pale.toml:1: theme pale: `status`: text cannot be read (contrast 1.2, at least 3 is needed)",
        ]
    );
}

#[test]
fn keys_are_listed_without_a_server() {
    let home = Home::new();
    let all = home.ok(&["keys"]);
    assert!(all.starts_with("The prefix is C-b."), "{all}");
    let detach = all
        .lines()
        .find(|line| line.trim_start().starts_with("detach "));
    assert!(detach.expect("detach").ends_with("prefix d"), "{all}");
    let json = home.ok(&["keys", "--keymap", "alt", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let entries = json.as_array().expect("a list");
    let detach = entries.iter().find(|entry| entry["action"] == "detach");
    assert_eq!(detach.expect("detach")["keys"][0], "M-q");
    assert!(
        home.fails(&["keys", "--keymap", "tmx"])
            .contains("is `tmux` meant?")
    );
    assert!(home.servers("run").is_empty());
}

#[test]
fn the_server_follows_its_part_of_the_configuration() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 81, 24);
    outer.wait_prompt();
    outer.send("\x02%");
    outer.wait("titles", |rows| rows[0].starts_with("─ 1 sh ─"));
    outer.send("stty size\r");
    outer.wait_text("22 40");
    configure(&home, "pane-titles = false\n");
    outer.wait("no titles", |rows| !rows[0].contains('─'));
    outer.send("stty size\r");
    outer.wait_text("23 40");
    configure(&home, "pane-titles = 3\n");
    outer.wait_text("pane-titles");
    configure(&home, "pane-titles = true\n");
    outer.wait("titles", |rows| rows[0].starts_with("─ 1 sh ─"));
}

#[test]
fn programs_that_ask_are_told_the_terminals_background() {
    let home = Home::new();
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    outer.wait_prompt();
    let dark = status_ground(&outer);
    // As a terminal answers what the client has asked on entry.
    outer.send("\x1b]10;rgb:1111/2222/3333\x1b\\\x1b]11;rgb:fafa/fbfb/fcfc\x1b\\");
    wait_for("the light theme", || {
        (status_ground(&outer) != dark).then_some(())
    });
    outer.send("stty raw -echo min 0 time 10; printf '\\033]10;?\\007\\033]11;?\\007'; cat -v; stty sane\r");
    outer.wait_text("]10;rgb:1111/2222/3333");
    outer.wait_text("]11;rgb:fafa/fbfb/fcfc");
}
