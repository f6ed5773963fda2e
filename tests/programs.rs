//! Real programs draw in wt what they draw without it, cell by cell.

use crate::support::{Home, Outer, Twins, has, wait_for};
use std::fmt::Write;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 15)];

/// ncurses draws lines in Unicode instead of DEC's character set, which the vt100 crate does not know.
const UNICODE_LINES: (&str, &str) = ("NCURSES_NO_UTF8_ACS", "1");

/// vim without anyone's settings. `background` is given because a terminal that answers would decide it.
fn vim(settings: &str, file: &str) -> Vec<String> {
    let set = format!(
        "set nocompatible background=dark laststatus=2 statusline=%f\\ %l,%v\\ %{{&columns}}x%{{&lines}} {settings}"
    );
    [
        "vim",
        "-u",
        "NONE",
        "-i",
        "NONE",
        "-n",
        "--cmd",
        &set,
        "-c",
        "syntax on",
        file,
    ]
    .map(str::to_owned)
    .into()
}

fn open(home: &Home, argv: &[String], size: (u16, u16)) -> Twins {
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    let env = [UNICODE_LINES, ("LESSHISTFILE", "-"), ("LESS", "")];
    Twins::open(home, &argv, &env, size.0, size.1)
}

/// Puts a file with that many lines of C into the home.
fn write_code(home: &Home) {
    let mut code = String::from("#include <stdio.h>\n/* TODO: 世界 and é */\n");
    for n in 0..120 {
        let _ = writeln!(
            code,
            "static int f{n}(const char *s) {{ return printf(\"%s\\n\", s) + 0x{n:x}; }}"
        );
    }
    std::fs::write(home.path().join("demo.c"), code).expect("a file");
}

/// Puts a long file with colours, wide characters and long lines into the home.
fn write_text(home: &Home) {
    let mut text = String::new();
    for n in 1..500 {
        let _ = writeln!(
            text,
            "line {n} \x1b[3{}mcoloured\x1b[m \x1b[1;4mbold\x1b[m 世界 é",
            n % 8
        );
    }
    let _ = writeln!(text, "needle {}", "long ".repeat(60));
    text.push_str("the last line\n");
    std::fs::write(home.path().join("long.txt"), text).expect("a file");
}

#[test]
fn vim_edits_code_with_colours() {
    if !has("vim_edits_code_with_colours", "vim") {
        return;
    }
    for (settings, size) in [
        "number cursorline",
        "termguicolors hlsearch",
        "list hlsearch",
    ]
    .into_iter()
    .zip(SIZES)
    {
        let home = Home::new();
        write_code(&home);
        let mut vim = open(&home, &vim(settings, "demo.c"), size);
        vim.agree("demo.c 1,1 ");
        assert!(vim.foregrounds() > 3, "the code has colours");
        vim.send("50G");
        vim.agree("demo.c 50,1 ");
        vim.send("\x05\x05\x0550Gddp");
        vim.agree("demo.c 51,1 ");
        vim.send("/f60\r");
        vim.agree("demo.c 63,12 ");
        vim.send("ohello 世界 é\x1b");
        vim.agree("demo.c 64,12 ");
        vim.send(":split\r");
        vim.agree("demo.c 64,12 ");
        vim.send("ggVjj");
        vim.agree("demo.c 3,1 ");
    }
}

#[test]
fn a_resized_vim_is_drawn_anew() {
    if !has("a_resized_vim_is_drawn_anew", "vim") {
        return;
    }
    let home = Home::new();
    write_code(&home);
    let mut vim = open(&home, &vim("number", "demo.c"), SIZES[0]);
    vim.agree("demo.c 1,1 80x24");
    for (cols, rows) in [(100, 30), (40, 10), (80, 24), (20, 40), (120, 12)] {
        vim.resize(cols, rows);
        vim.agree(&format!("demo.c 1,1 {cols}x{rows}"));
    }
    vim.send("Gihello\x1b");
    vim.agree("demo.c 122,5 120x12");
}

#[test]
fn a_paste_reaches_vim_as_it_is() {
    if !has("a_paste_reaches_vim_as_it_is", "vim") {
        return;
    }
    let home = Home::new();
    let mut vim = open(&home, &vim("autoindent", "new.c"), SIZES[0]);
    vim.agree("new.c 0,1 ");
    vim.send("i");
    vim.agree("-- INSERT --");
    vim.send("\x1b[200~if (a) {\r    b; // 世界\r    c;\r}\x1b[201~");
    vim.agree("new.c 4,2 ");
    assert_eq!(
        vim.inside.rows()[..4],
        ["if (a) {", "    b; // 世界", "    c;", "}"],
        "the paste was taken for typing"
    );
}

#[test]
fn less_pages_and_searches() {
    if !has("less_pages_and_searches", "less") {
        return;
    }
    for size in SIZES {
        let home = Home::new();
        write_text(&home);
        let argv = ["less", "-R", "long.txt"].map(str::to_owned);
        let mut less = open(&home, &argv, size);
        less.agree("long.txt");
        assert!(less.foregrounds() > 7, "the text has colours");
        less.send(" ");
        less.agree(&format!("line {} ", size.1));
        less.send("kkk");
        less.agree(&format!("line {} ", size.1 - 3));
        less.send("/line 30[0-9]\r");
        less.agree("line 309 ");
        less.send("?line 7\r");
        less.agree("line 79 ");
        less.send("G");
        less.agree("(END)");
        less.send("g");
        less.agree("line 1 ");
    }
}

/// A wheel in wt is arrow keys for a program on the alternate screen that does not ask for the mouse.
#[test]
fn the_wheel_moves_less_and_vim() {
    let wheel = ["\x1b[<65;5;5M", "\x1b[<65;5;5M", "\x1b[<64;5;5M"];
    if has("the_wheel_moves_less_and_vim", "less") {
        let home = Home::new();
        write_text(&home);
        let argv = ["less", "-R", "long.txt"].map(str::to_owned);
        let mut less = open(&home, &argv, SIZES[0]);
        less.agree("long.txt");
        less.inside.send(wheel[0]);
        less.direct.send("\x1bOB".repeat(3));
        less.agree("line 26 ");
        less.inside.send(wheel.concat());
        less.direct.send("\x1bOB".repeat(3));
        less.agree("line 29 ");
    }
    if has("the_wheel_moves_less_and_vim", "vim") {
        let home = Home::new();
        write_code(&home);
        let mut plain = open(&home, &vim("mouse=", "demo.c"), SIZES[0]);
        plain.agree("demo.c 1,1 ");
        plain.inside.send(wheel.concat());
        plain.direct.send("\x1bOB".repeat(3));
        plain.agree("demo.c 4,1 ");

        let home = Home::new();
        write_code(&home);
        let mut with_mouse = open(&home, &vim("mouse=a ttymouse=sgr", "demo.c"), SIZES[0]);
        with_mouse.agree("demo.c 1,1 ");
        with_mouse.send("\x1b[<0;9;7M\x1b[<0;9;7m");
        with_mouse.agree("demo.c 7,9 ");
        with_mouse.send(wheel.concat());
        with_mouse.agree("f22(");
    }
}

#[test]
fn a_dialog_has_its_lines_and_shadow() {
    if !has("a_dialog_has_its_lines_and_shadow", "dialog") {
        return;
    }
    for size in SIZES {
        let home = Home::new();
        let argv = [
            "dialog",
            "--title",
            "Titel",
            "--yesno",
            "A question 世界?",
            "8",
            "40",
        ]
        .map(str::to_owned);
        let mut dialog = open(&home, &argv, size);
        dialog.agree("A question");
        assert!(dialog.inside.rows().concat().contains('┌'));
        dialog.send("\t");
        dialog.agree("A question");
    }
}

/// A process to look at, ended with the test.
struct Sleeper(std::process::Child);

impl Sleeper {
    fn new() -> Self {
        let child = std::process::Command::new("sleep").arg("600").spawn();
        Self(child.expect("sleep starts"))
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Its meters move, so that it gets some that do not, and one process to list.
#[test]
fn htop_draws_its_frame() {
    if !has("htop_draws_its_frame", "htop") {
        return;
    }
    for size in SIZES {
        let home = Home::new();
        let sleeper = Sleeper::new();
        let dir = home.path().join("config/htop");
        std::fs::create_dir_all(&dir).expect("a directory");
        let settings = "htop_version=3.2.2\nconfig_reader_min_version=3\nfields=0 48 18 1\nheader_layout=two_50_50\n\
            column_meters_0=Hostname Blank\ncolumn_meter_modes_0=2 2\ncolumn_meters_1=Hostname Blank\n\
            column_meter_modes_1=2 2\nscreen:Main=PID USER STATE Command\n.sort_key=PID\n";
        std::fs::write(dir.join("htoprc"), settings).expect("a file");
        let argv = ["htop", "-p", &sleeper.0.id().to_string()].map(str::to_owned);
        let mut htop = open(&home, &argv, size);
        htop.agree("sleep 600");
        assert!(htop.foregrounds() > 2, "the frame has colours");
        htop.send("\x1bOP");
        htop.agree("(C) 2004");
        htop.send("q");
        htop.agree("sleep 600");
        htop.send("\x1bOR");
        htop.agree("Search:");
        htop.send("sle");
        htop.agree("Search: sle");
    }
}

#[test]
fn mc_draws_its_panels() {
    if !has("mc_draws_its_panels", "mc") {
        return;
    }
    for size in SIZES {
        let home = Home::new();
        let dir = home.path().join("config/mc");
        std::fs::create_dir_all(&dir).expect("a directory");
        // The hints are chosen at random, and the disk's free space changes.
        let settings = "[Midnight-Commander]\nverbose=true\n[Layout]\nmessage_visible=false\nfree_space=false\n";
        std::fs::write(dir.join("ini"), settings).expect("a file");
        let files = home.path().join("files");
        std::fs::create_dir_all(files.join("a directory")).expect("a directory");
        for name in ["one.c", "two.txt", "世界.md", "é.tar.gz"] {
            std::fs::write(files.join(name), name).expect("a file");
        }
        let at = files.to_string_lossy().into_owned();
        let argv = ["mc", "-u", &at, &at].map(str::to_owned);
        let mut mc = open(&home, &argv, size);
        mc.agree("two.txt");
        // mc has set DECCKM: a terminal sends SS3, and wt makes it of what comes from outside.
        mc.inside.send("\x1b[B\x1b[B");
        mc.direct.send("\x1bOB\x1bOB");
        for outer in [&mc.direct, &mc.inside] {
            outer.wait("the chosen file below the list", |rows| {
                let named = rows.iter().filter(|row| row.starts_with("│ é.tar.gz "));
                named.count() == 2
            });
        }
        mc.agree("two.txt");
        mc.send("\x1b[20~");
        mc.inside.send("\x1b[B");
        mc.direct.send("\x1bOB");
        mc.agree("Quick view");
    }
}

/// A shell script on the alternate screen of a pane.
fn script(home: &Home, text: &str) -> Outer {
    let outer = home.open(&["new", "-s", "work", "--", "sh", "-c", text], 80, 24);
    outer.wait_text("ready");
    outer
}

fn wait_raw(outer: &Outer, bytes: &str) {
    wait_for(&format!("{bytes:?} in what the terminal got"), || {
        let raw = outer.raw();
        String::from_utf8_lossy(&raw).contains(bytes).then_some(())
    });
}

#[test]
fn a_hidden_cursor_and_its_shape_come_through() {
    let home = Home::new();
    let mut outer = script(
        &home,
        "printf '\\033[?1049h\\033[2J\\033[H\\033[?25l\\033[4 qready'; read x; \
         printf '\\033[?25h\\033[6 q'; read x; printf '\\033[?1049l'",
    );
    wait_for("a hidden cursor", || {
        outer.screen().hide_cursor().then_some(())
    });
    outer.send("\r");
    wait_for("a cursor", || (!outer.screen().hide_cursor()).then_some(()));
    wait_raw(&outer, "\x1b[6 q");
    outer.send("\r");
    assert_eq!(outer.wait_end(), 0);
    wait_raw(&outer, "\x1b[0 q");
    wait_for("the terminal is whole", || outer.is_whole().ok());
}

#[test]
fn what_a_program_copies_reaches_the_terminal() {
    let home = Home::new();
    let mut outer = script(
        &home,
        "printf ready; read x; printf '\\033]52;c;aGVsbG8=\\007'; read x",
    );
    outer.send("\r");
    wait_raw(&outer, "\x1b]52;c;aGVsbG8=");
}

#[test]
fn a_title_reaches_the_terminal_without_controls() {
    let home = Home::new();
    let outer = script(
        &home,
        "printf '\\033]2;one\\001\\302\\233two 世界\\007'; printf ready; read x",
    );
    wait_raw(&outer, "two 世界\x1b\\");
    let raw = String::from_utf8_lossy(&outer.raw()).into_owned();
    for title in raw.split("\x1b]2;").skip(1) {
        let (title, _) = title.split_once("\x1b\\").expect("the title has an end");
        assert!(!title.contains(char::is_control), "{title:?}");
    }
}

#[test]
fn colours_and_underlines_are_drawn_with_the_same_sgr() {
    let home = Home::new();
    let outer = script(
        &home,
        "printf '\\033[38;2;1;2;3mA\\033[m\\033[48;5;200mB\\033[m\\033[4:3;58:2::9:8:7mC\\033[m\\033[4:2mD\\033[m\\n'; \
         printf '\\033[38:5:99mE\\033[m\\033[9mF\\033[m\\033[53mG\\033[m\\033[93mH\\033[m\\n'; printf ready; read x",
    );
    outer.wait_text("ABCD");
    outer.wait_text("EFGH");
    for sgr in [
        "38;2;1;2;3mA",
        "48;5;200mB",
        "4:3;58:2::9:8:7mC",
        "4:2mD",
        "38;5;99mE",
        "9mF",
        "53mG",
        "93mH",
    ] {
        wait_raw(&outer, sgr);
    }
}
