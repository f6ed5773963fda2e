//! What programs say to the terminal beside their text, over a link that loses every fifth packet: each comes once, in
//! its order, to a real client from a real server.

use crate::support::clipboard::clipboards;
use crate::support::desk::free_port;
use crate::support::home::WT;
use crate::support::{Home, Outer, wait_for};
use std::process::{Child, Stdio};

/// Rounds of what is said.
const ROUNDS: usize = 8;

/// Those with a notice: no more are let through in a row.
const NOTICES: usize = 3;

/// For each line that is typed: a bell, a title, a copy, a notice, and last a link with the line's number.
const SCRIPT: &str = r#"stty -echo
echo ready
while read -r n; do
    copy=$(printf 'copy-%s' "$n" | base64)
    printf '\007\033]2;title-%s\007' "$n"
    printf '\033]52;c;%s\007' "$copy"
    [ "$n" -gt 3 ] || printf '\033]777;notify;notice-%s;body\033\\' "$n"
    printf '\033]8;;https://example.org/%s\033\\link-%s\033]8;;\033\\\n' "$n" "$n"
done
stty echo
"#;

/// A server that ends with the test.
struct Server(Child);

impl Server {
    fn run(home: &Home, address: &str) -> Self {
        let child = home
            .command(&["server", "run", "--listen", address])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("wt runs");
        let is_up = || home.wt(&["server", "status"]).status.success();
        wait_for("the server", || is_up().then_some(()));
        Self(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What stands between `begin` and the next ST, each time.
fn said(outer: &Outer, begin: &str) -> Vec<String> {
    let raw = outer.raw();
    let text = String::from_utf8_lossy(&raw);
    let all = text.split(begin).skip(1);
    let all = all.filter_map(|rest| rest.split_once("\x1b\\"));
    all.map(|(said, _)| said.to_owned()).collect()
}

fn numbered(name: &str) -> Vec<String> {
    (1..=ROUNDS).map(|n| format!("{name}-{n}")).collect()
}

#[test]
fn bells_titles_copies_notices_and_links_come_once_over_a_lossy_link() {
    let home = Home::new();
    let address = free_port().to_string();
    let _server = Server::run(&home, &address);
    let script = home.path().join("says.sh");
    std::fs::write(&script, SCRIPT).expect("a file");
    let mut env = home.env();
    // A terminal that takes notices by OSC 777.
    env.push(("TERM_PROGRAM".to_owned(), "WezTerm".to_owned()));
    let target = format!("wt://{address}/far");
    let link = "rtt=80,jitter=20,loss=20,double=5";
    let argv = [WT, "attach", "--simulate", link, "--create", &target];
    let mut outer = Outer::open(&argv, &env, home.path(), 80, 24);
    outer.wait_prompt();
    outer.send("sh says.sh\r");
    outer.wait("the script", |rows| rows.iter().any(|row| row == "ready"));
    for n in 1..=ROUNDS {
        outer.send(format!("{n}\r"));
        outer.wait_text(&format!("link-{n}"));
        wait_for("what was said beside", || {
            let titles = said(&outer, "\x1b]2;");
            let is_last = titles
                .last()
                .is_some_and(|title| title.ends_with(&format!("title-{n}")));
            let copies = clipboards(&outer).len() >= n;
            let notices = said(&outer, "\x1b]777;notify;").len() >= n.min(NOTICES);
            (is_last && copies && notices).then_some(())
        });
    }
    outer.send("\x04");
    outer.send("echo the-$((1+1))nd\r");
    // Whatever would come twice has come by now: events travel in order.
    outer.wait_text("the-2nd");
    assert_eq!(clipboards(&outer), numbered("copy"));
    let notices: Vec<_> = said(&outer, "\x1b]777;notify;");
    let wanted = numbered("notice").into_iter().take(NOTICES);
    let wanted = wanted.map(|name| name + ";body");
    assert_eq!(notices, wanted.collect::<Vec<_>>());
    let raw = outer.raw();
    let bells = raw.iter().filter(|byte| **byte == 7).count();
    assert_eq!(bells, ROUNDS);
    let titles = said(&outer, "\x1b]2;");
    let titles = titles
        .iter()
        .filter_map(|title| title.strip_prefix("far: title-"));
    let numbers: Vec<String> = (1..=ROUNDS).map(|n| n.to_string()).collect();
    assert_eq!(titles.collect::<Vec<_>>(), numbers);
    let mut links = said(&outer, "\x1b]8;");
    links.retain(|link| link.contains("example.org"));
    links.dedup();
    for n in 1..=ROUNDS {
        let address = format!(";https://example.org/{n}");
        assert!(
            links.iter().any(|link| link.ends_with(&address)),
            "{links:?}"
        );
    }
}
