//! What shells tell of their prompts and commands, and that they are otherwise as their users made them.

use crate::support::{Home, has, wait_for};
use serde_json::Value;
use std::fs;

/// A home whose panes run that shell as a login shell.
fn home(shell: &str) -> Home {
    let home = Home::new();
    home.configure(&format!("shell = [\"{shell}\", \"-l\"]\n"));
    home
}

/// The commands that have ended, as `wt log` tells of them, once there are `count`.
fn ended(home: &Home, count: usize) -> Vec<Value> {
    wait_for(&format!("{count} commands"), || {
        let log: Vec<Value> = serde_json::from_str(&home.ok(&["log", "--json"])).expect("JSON");
        let ended: Vec<Value> = log
            .into_iter()
            .filter(|command| command["running"] == false)
            .collect();
        (ended.len() >= count).then_some(ended)
    })
}

/// Waits until the shell of the session `work` shows a line that ends so.
fn shows(home: &Home, what: &str) -> String {
    wait_for(what, || {
        let text = home.ok(&["capture", "-t", "work"]);
        let is_shown = text.lines().any(|line| line.contains(what));
        is_shown.then_some(text)
    })
}

/// Waits until that program has the terminal: what is typed sooner goes to the shell, which may pass an interrupt over.
fn wait_runs(home: &Home, program: &str) {
    wait_for("the program to run", || {
        let pane = &home.list()[0]["tabs"][0]["panes"][0];
        (pane["command"] == program).then_some(())
    });
    assert!(home.ok(&["log"]).contains("runs"), "it is told of");
}

fn types(home: &Home, keys: &[&str]) {
    home.ok(&[&["send", "-t", "work"], keys].concat());
}

/// What is recorded of those, in every shell: command, exit code, directory, output.
const RECORDED: &str = r#""cd /usr" 0 "HOME" ""
"sh -c 'exit 3'" 3 "/usr" ""
"echo 'one; 100%\ntwo'" 0 "/usr" "one; 100%\ntwo\n"
"sleep 100" 130 "/usr" "^C\n"
"#;

/// Runs what all three shells understand, and says what was recorded of it.
fn recorded(home: &Home) -> String {
    home.ok(&["new", "-d", "-s", "work"]);
    types(home, &["cd /usr", "Enter"]);
    ended(home, 1);
    types(home, &["sh -c 'exit 3'", "Enter"]);
    ended(home, 2);
    types(home, &["Enter", "Enter", "never ran"]);
    shows(home, "never ran");
    types(home, &["C-c"]);
    // What is typed before the shell has seen the interrupt is lost, as in any terminal.
    wait_for("the next prompt", || {
        let text = home.ok(&["capture", "-t", "work"]);
        let last = text.lines().last()?;
        (text.contains("never ran") && !last.contains("never ran")).then_some(())
    });
    types(home, &["echo 'one; 100%", "Enter", "two'", "Enter"]);
    ended(home, 3);
    types(home, &["sleep 100", "Enter"]);
    wait_runs(home, "sleep");
    types(home, &["C-c"]);
    let commands = ended(home, 4);
    let mut told = String::new();
    for command in &commands {
        let id = command["id"].as_str().expect("an id");
        let output = home.ok(&["log", "--output", id]);
        told += &format!(
            "{} {} {} {:?}\n",
            command["command"], command["exit"], command["directory"], output
        );
    }
    told.replace(&home.path().to_string_lossy().into_owned(), "HOME")
}

#[test]
fn bash_tells_of_its_commands() {
    let home = home("bash");
    assert_eq!(recorded(&home), RECORDED);
}

#[test]
fn zsh_tells_of_its_commands() {
    if !has("zsh_tells_of_its_commands", "zsh") {
        return;
    }
    let home = home("zsh");
    fs::write(home.path().join(".zshrc"), "PS1='%# '\n").expect("written");
    assert_eq!(recorded(&home), RECORDED);
}

#[test]
fn fish_tells_of_its_commands() {
    if !has("fish_tells_of_its_commands", "fish") {
        return;
    }
    let home = home("fish");
    assert_eq!(recorded(&home), RECORDED);
}

#[test]
fn bash_is_as_its_user_made_it() {
    let home = home("bash");
    let write = |name: &str, text: &str| {
        fs::write(home.path().join(name), text).expect("written");
    };
    write(".bash_profile", "order=profile\n. ~/.bashrc\n");
    write(
        ".bashrc",
        r#"order="$order rc"
set -u
PROMPT_COMMAND='PS1="last-$? \$ "'
trap 'seen=${seen-}x' DEBUG
PS0='zero
'
"#,
    );
    home.ok(&["new", "-d", "-s", "work"]);
    types(&home, &["sh -c 'exit 7'", "Enter"]);
    shows(&home, "last-7 $");
    types(
        &home,
        &[
            "trap -p DEBUG; echo \"$order.\" ${ENV-no-env} ${POSIXLY_CORRECT-plain} $-",
            "Enter",
        ],
    );
    let screen = shows(&home, "profile rc. no-env plain");
    assert!(
        screen.contains("trap -- 'seen=${seen-}x' DEBUG"),
        "{screen}"
    );
    assert!(screen.lines().any(|line| line == "zero"), "{screen}");
    types(&home, &["shopt login_shell; echo ${HISTFILE##*/}", "Enter"]);
    let screen = shows(&home, ".bash_history");
    assert!(
        screen.contains("login_shell    \ton") || screen.contains("login_shell     on"),
        "{screen}"
    );
    let commands = ended(&home, 3);
    assert_eq!(commands[0]["exit"], 7);
    // A shell in the shell is one command, and one in its place too.
    types(
        &home,
        &["bash --norc", "Enter", "echo in-$((1+1))", "Enter"],
    );
    shows(&home, "in-2");
    types(&home, &["exit 4", "Enter"]);
    let commands = ended(&home, 4);
    assert_eq!(
        (&commands[3]["command"], &commands[3]["exit"]),
        (&"bash --norc".into(), &4.into())
    );
    types(
        &home,
        &["exec bash --norc", "Enter", "echo in-$((2+2))", "Enter"],
    );
    shows(&home, "in-4");
    assert!(home.ok(&["log"]).contains("exec bash"));
}

#[test]
fn what_bash_keeps_out_of_its_history_is_kept_out_of_the_log() {
    let home = home("bash");
    fs::write(
        home.path().join(".bash_profile"),
        "PS1='in \\W\n$ '\nHISTCONTROL=ignoreboth\nHISTIGNORE='*password*'\n",
    )
    .expect("written");
    home.ok(&["new", "-d", "-s", "work"]);
    let typed = [
        " echo secret",
        "echo 1",
        "echo 1",
        " echo 2",
        "echo password",
    ];
    for (count, line) in (1..).zip(typed) {
        types(&home, &[line, "Enter"]);
        ended(&home, count);
    }
    let commands = ended(&home, typed.len());
    let texts: Vec<_> = commands.iter().map(|found| &found["command"]).collect();
    assert_eq!(texts, ["", "echo 1", "echo 1", "", ""]);
    let record = fs::read_to_string(home.state().join("panes/1/commands"));
    let record = record.expect("it is there");
    assert!(!record.contains("secret") && !record.contains("password"));
    let lines = &commands[0]["lines"];
    assert_eq!(
        lines["output"].as_u64(),
        lines["prompt"].as_u64().map(|line| line + 2),
        "{lines}"
    );
}

#[test]
fn zsh_reads_its_users_files_in_their_order() {
    if !has("zsh_reads_its_users_files_in_their_order", "zsh") {
        return;
    }
    let home = home("zsh");
    let write = |name: &str, text: &str| {
        fs::write(home.path().join(name), text).expect("written");
    };
    write(".zshenv", "order=env\n");
    write(".zprofile", "order+=,profile\n");
    write(
        ".zshrc",
        "order+=,rc\nsetopt nounset\nprecmd() { PS1=\"last-$? %# \" }\n",
    );
    write(".zlogin", "order+=,login\n");
    home.ok(&["new", "-d", "-s", "work"]);
    types(&home, &["sh -c 'exit 7'", "Enter"]);
    shows(&home, "last-7");
    types(
        &home,
        &[
            "echo $order. ${ZDOTDIR-home} ${WT_ZSH_INTEGRATION-none}",
            "Enter",
        ],
    );
    shows(&home, "env,profile,rc,login. home none");
    let commands = ended(&home, 2);
    assert_eq!(
        (&commands[0]["exit"], &commands[1]["exit"]),
        (&7.into(), &0.into())
    );
}

#[test]
fn a_shell_is_left_alone_when_it_is_to_be() {
    let home = Home::new();
    home.configure("shell = [\"bash\"]\nshell-integration = false\n");
    home.ok(&["new", "-d", "-s", "work"]);
    types(&home, &["echo ${PS0-no}-marks", "Enter"]);
    shows(&home, "no-marks");
    assert_eq!(home.ok(&["log", "--json"]).trim(), "[]");
}

#[test]
fn what_zsh_and_fish_keep_out_of_their_histories_is_kept_out_of_the_log() {
    let named = "what_zsh_and_fish_keep_out_of_their_histories_is_kept_out_of_the_log";
    for shell in ["zsh", "fish"]
        .into_iter()
        .filter(|shell| has(named, shell))
    {
        let home = home(shell);
        let rc = "PS1='%# '\nsetopt hist_ignore_space\n";
        fs::write(home.path().join(".zshrc"), rc).expect("written");
        home.ok(&["new", "-d", "-s", "work"]);
        types(&home, &[" echo secret", "Enter"]);
        ended(&home, 1);
        types(&home, &["echo 1", "Enter"]);
        let commands = ended(&home, 2);
        let texts: Vec<_> = commands.iter().map(|found| &found["command"]).collect();
        assert_eq!(texts, ["", "echo 1"], "{shell}");
    }
}

#[test]
fn a_bash_in_a_bash_knows_what_is_exported_to_it() {
    let home = home("bash");
    let profile = "export PS0 PROMPT_COMMAND=: PS1='outer $ '\n";
    fs::write(home.path().join(".bash_profile"), profile).expect("written");
    home.ok(&["new", "-d", "-s", "work"]);
    types(
        &home,
        &["bash --norc", "Enter", "echo in-$((1+1))", "Enter"],
    );
    shows(&home, "in-2");
    types(&home, &["exit 3", "Enter"]);
    assert_eq!(ended(&home, 1)[0]["exit"], 3);
    let screen = home.ok(&["capture", "-t", "work"]);
    assert!(!screen.contains("__wt"), "{screen}");
}

#[test]
fn lines_that_a_later_command_erased_are_not_told_of_again() {
    let home = home("bash");
    home.ok(&["new", "-d", "-s", "work"]);
    types(&home, &["seq 5; false", "Enter"]);
    ended(&home, 1);
    types(&home, &["printf '\\e[6A\\e[J'", "Enter"]);
    ended(&home, 2);
    types(&home, &["echo other", "Enter"]);
    let failed = &ended(&home, 3)[0];
    let id = failed["id"].as_str().expect("an id");
    let printed = home.wt(&["log", "--output", id]);
    let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
    assert!(!printed.contains("other"), "{failed}: {printed}");
}

#[test]
fn commands_older_than_those_in_memory_are_gone_to() {
    let home = home("bash");
    fs::write(home.path().join(".bash_profile"), "PS1='% '\n").expect("written");
    home.ok(&["new", "-d", "-s", "work"]);
    types(&home, &["echo first; false", "Enter"]);
    ended(&home, 1);
    // More than 1 MiB of command lines.
    let (count, text) = (300, "x".repeat(4000));
    let one = format!("\x1b]133;A\x07%\n\x1b]133;C;cmdline_url={text}\x07\x1b]133;D;0\x07");
    fs::write(home.path().join("marks"), one.repeat(count)).expect("written");
    types(&home, &["cat marks", "Enter"]);
    ended(&home, count + 2);
    let mut outer = home.open(&["attach", "work"], 80, 24);
    outer.wait_text("%");
    outer.send("\x02[");
    outer.send("!");
    outer.wait_text("% echo first; false");
    outer.wait_text("1 command has failed");
}

#[test]
fn a_pane_is_told_of_before_its_commands() {
    let home = home("bash");
    home.ok(&["new", "-d", "-s", "work"]);
    types(&home, &["sleep 1000", "Enter"]);
    let pane = home.state().join("panes/1");
    wait_for("a command on disk", || {
        pane.join("commands").exists().then_some(())
    });
    assert!(
        pane.join("meta.json").exists(),
        "who reads of a command can tell whether its pane lives"
    );
}

#[test]
fn the_end_of_a_long_command_out_of_sight_is_told() {
    let home = home("bash");
    home.configure("shell = [\"bash\"]\nnotify-after = 1\nactivity = false\n");
    let mut outer = home.open(&["new", "-s", "work"], 140, 24);
    // One that is looked at is not told of, nor is a short one.
    outer.send("sleep 1.1; false\r");
    ended(&home, 1);
    outer.send("\x02c");
    wait_for("the second tab", || {
        let tabs = home.list()[0]["tabs"].as_array().map(Vec::len);
        (tabs == Some(2)).then_some(())
    });
    home.ok(&["send", "-t", "work:1", "false", "Enter"]);
    ended(&home, 2);
    let rows = outer.rows().join("\n");
    assert!(!rows.contains("failed (1)"), "{rows}");
    home.ok(&["send", "-t", "work:1", "sleep 1.1; sh -c 'exit 5'", "Enter"]);
    outer.wait_text("sleep 1.1; sh -c 'exit 5' failed (5) after 1.");
    outer.wait_text("in work:1");
}

#[test]
fn commands_outlive_the_server_and_are_found_by_what_came_of_them() {
    let home = home("bash");
    home.ok(&["new", "-d", "-s", "work"]);
    types(&home, &["false", "Enter"]);
    ended(&home, 1);
    types(&home, &["sleep 1000", "Enter"]);
    wait_runs(&home, "sleep");
    home.kill_server();
    home.ok(&["ls"]);
    types(&home, &["C-c"]);
    let commands = ended(&home, 2);
    assert_eq!(
        (&commands[1]["command"], &commands[1]["exit"]),
        (&"sleep 1000".into(), &130.into())
    );
    types(&home, &["true", "Enter"]);
    ended(&home, 3);
    let failed = home.ok(&["log", "--failed", "--since", "1h", "--pane", "work:1.1"]);
    assert_eq!(failed.lines().count(), 2, "{failed}");
    assert!(home.ok(&["log", "-n", "1"]).contains("true"));
    // They outlive their pane too.
    types(&home, &["exit", "Enter"]);
    wait_for("the pane's end", || {
        home.ok(&["ls"]).is_empty().then_some(())
    });
    let last = ended(&home, 4).pop().expect("four");
    assert_eq!(
        (&last["command"], &last["exit"]),
        (&"exit".into(), &Value::Null)
    );
    assert!(last["duration-ms"].is_number(), "{last}");
    assert!(
        home.fails(&["log", "--output", "%1/99"])
            .contains("no command %1/99")
    );
}
