//! What a terminal with kitty's keyboard protocol is asked for, and what the programs in it get.

use crate::support::{Home, Outer, wait_for};

/// A program that asks for `flags`, shows all that it is sent as text, and ends at a `q`, leaving its flags as they are.
fn listener(home: &Home, ask: &str) -> String {
    let script = home.path().join("listen.sh");
    let text = format!(
        "stty raw -echo; printf '{ask}READY\\r\\n'\n\
         while :; do\n\
           byte=$(dd bs=1 count=1 2>/dev/null | od -An -tx1 | tr -d ' \\n')\n\
           [ \"$byte\" = 71 ] && break\n\
           case $byte in 1b) printf '\\r\\n^' ;; 0d) printf '\\r\\nCR ' ;; 09) printf '\\r\\nHT ' ;;\n\
             0[0-9a-f]|1[0-9a-f]|7f) printf \"\\r\\nx$byte \" ;; *) printf \"\\\\x$byte\" ;; esac\n\
         done; stty sane; printf 'OVER\\r\\n'\n"
    );
    // dash knows octal escapes alone.
    let text = text.replace(
        "printf \"\\\\x$byte\"",
        "printf \"\\\\$(printf %03o 0x$byte)\"",
    );
    std::fs::write(&script, text).expect("a file");
    format!("sh {}\r", script.display())
}

/// How often the terminal was sent `bytes`.
fn sent(outer: &Outer, bytes: &str) -> usize {
    let raw = outer.raw();
    let wanted = bytes.as_bytes();
    raw.windows(wanted.len())
        .filter(|part| *part == wanted)
        .count()
}

fn wait_sent(outer: &Outer, bytes: &str) {
    wait_for(&format!("{bytes:?} to be sent"), || {
        (sent(outer, bytes) > 0).then_some(())
    });
}

/// A client in a terminal that answers what it is asked about its keyboard.
fn open(home: &Home, answers: &str) -> Outer {
    let mut outer = home.open(&["new", "-s", "work"], 80, 24);
    wait_sent(&outer, ASKED);
    outer.send(answers);
    outer.wait_prompt();
    outer
}

/// What the client asks about the keyboard.
const ASKED: &str = "\x1b[?u\x1b[>q\x1b[c";
/// What kitty answers.
const KITTY: &str = "\x1b[?0u\x1bP>|kitty(0.40.0)\x1b\\\x1b[?62;c";

#[test]
fn a_program_gets_what_it_asks_for_and_its_end_takes_that_back() {
    let home = Home::new();
    let mut outer = open(&home, KITTY);
    wait_sent(&outer, "\x1b[>5u");
    outer.send(listener(&home, "\\033[?1049h\\033[>31u"));
    outer.wait_text("READY");
    wait_sent(&outer, "\x1b[=31;1u");
    for (typed, shown) in [
        ("\x1b[97;;97u", "^[97;;97u"),
        ("\x1b[97;1:3u", "^[97;1:3u"),
        ("\x1b[105;5u", "^[105;5u"),
        ("\x1b[13;2u", "^[13;2u"),
        ("\x1b[27u", "^[27u"),
        ("\x1b[57441;2u", "^[57441;2u"),
        ("\x1b[1089::99;5u", "^[1089::99;5u"),
        ("\x1b[1;1:2A", "^[1;1:2A"),
    ] {
        outer.send(typed);
        outer.wait(shown, |rows| rows.iter().any(|row| row == shown));
    }
    // Text alone reaches the script's end: another client's terminal may send no more than that.
    home.ok(&["send", "-t", "work", "-l", "q"]);
    outer.wait_text("OVER");
}

#[test]
fn other_programs_get_what_they_know() {
    let home = Home::new();
    let mut outer = open(&home, KITTY);
    wait_sent(&outer, "\x1b[>5u");
    outer.send(listener(&home, ""));
    outer.wait_text("READY");
    for (typed, shown) in [
        ("\x1b[105;5u", "HT"),
        ("\x1b[13;2u", "CR"),
        ("\x1b[97;5u", "x01"),
        ("\x1b[98;3u", "^b"),
        ("\x1b[1089::99;5u", "x03"),
        ("\x1b[97;1:3u\x1b[57441;2u\x1b[100:68;4u", "^D"),
        ("\x1b[27u\x1b[57404u", "^5"),
    ] {
        outer.send(typed);
        outer.wait(shown, |rows| rows.iter().any(|row| row == shown));
    }
}

#[test]
fn bindings_are_found_however_the_terminal_tells_of_keys() {
    let home = Home::new();
    home.configure(
        "shell = [\"/bin/sh\"]\n[keys.root]\n'C-i' = 'split --right'\n'C-S-t' = 'tab new'\n",
    );
    let mut outer = open(&home, KITTY);
    wait_sent(&outer, "\x1b[>5u");
    outer.send("echo\tno-split\r");
    outer.wait_text("no-split");
    outer.send("\x1b[105;5u\x1b[105;5:3u");
    outer.wait("a second pane", |rows| {
        rows.iter().any(|row| row.contains('│'))
    });
    outer.send("\x1b[116:84;6u");
    outer.wait_text("2:sh");
    // The prefix as the protocol has it, Shift itself, and a question mark with all that it can be told with.
    outer.send("\x1b[98;5u\x1b[57441;2u\x1b[98;5:3u\x1b[47:63;2;63u");
    outer.wait_text("Keys");
}

#[test]
fn what_was_asked_of_the_keyboard_is_taken_back() {
    let home = Home::new();
    let mut outer = open(&home, KITTY);
    wait_sent(&outer, "\x1b[>5u");
    outer.send("\x1b[98;5ud");
    assert_eq!(outer.wait_end(), 0);
    let raw = String::from_utf8_lossy(&outer.raw()).into_owned();
    let popped = raw.rfind("\x1b[<u").expect("a pop");
    assert!(popped < raw.rfind("\x1b[?1049l").expect("the main screen"));
    assert_eq!(sent(&outer, "\x1b[<u"), 1);
    assert_eq!(outer.is_whole(), Ok(()));
}

#[test]
fn xterm_is_asked_for_other_keys_and_a_plain_terminal_for_nothing() {
    let home = Home::new();
    let mut outer = open(&home, "\x1bP>|XTerm(390)\x1b\\\x1b[?64;1;2c");
    wait_sent(&outer, "\x1b[>4;2m");
    outer.send("\x1b[27;5;98~d");
    assert_eq!(outer.wait_end(), 0);
    assert_eq!(sent(&outer, "\x1b[>4;0m"), 1);
    let mut plain = home.open(&["attach", "work"], 80, 24);
    wait_sent(&plain, ASKED);
    plain.send("\x1b[?1;2c");
    plain.wait_prompt();
    plain.send("\x02d");
    assert_eq!(plain.wait_end(), 0);
    for bytes in ["\x1b[>4", "\x1b[>5u", "\x1b[<u"] {
        assert_eq!(sent(&plain, bytes), 0, "{bytes:?}");
    }
}

#[test]
fn a_restarted_pane_has_forgotten_what_its_program_asked_for() {
    let home = Home::new();
    let script = "[ -e ran ] && exec cat; touch ran; printf '\\033[>31u'; exit 3";
    let mut outer = home.open(&["new", "-s", "work", "--", "sh", "-c", script], 80, 24);
    outer.wait_text("Enter restarts");
    wait_sent(&outer, ASKED);
    outer.send(KITTY);
    wait_sent(&outer, "\x1b[>31u");
    outer.send("\x1b[13;;13u\x1b[13;1:3u");
    wait_sent(&outer, "\x1b[=5;1u");
    outer.wait_gone("Enter restarts");
    outer.send("still\r");
    outer.wait_text("still");
}
