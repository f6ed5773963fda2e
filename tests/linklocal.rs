//! Two machines that share a link with IPv6 alone find each other by a code. The link is made in a network namespace of
//! its own, where that may be.

use crate::support::home::WT;
use crate::support::{Home, skip};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const NAME: &str = "a_code_is_found_where_there_is_no_ipv4";

/// What makes the link: its addresses stand at once, as nobody else has them. The machine talks to itself by the
/// loopback, which has no IPv4.
const LINK: &str = "set -e
ip link add near type veth peer name far
ip link set near addrgenmode none
ip link set far addrgenmode none
ip -6 addr add fe80::1/64 dev near nodad
ip -6 addr add fe80::2/64 dev far nodad
ip link set lo up
ip -4 addr flush dev lo
ip link set near up
ip link set far up
echo made
exec cat";

/// A network namespace, for as long as this lives.
struct Network {
    holder: Child,
}

impl Network {
    fn make() -> Result<Self, String> {
        let mut holder = Command::new("unshare")
            .args(["--user", "--map-root-user", "--net", "sh", "-c", LINK])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("unshare cannot be run: {error}"))?;
        let mut said = String::new();
        let mut out = BufReader::new(holder.stdout.take().expect("an output"));
        out.read_line(&mut said).expect("a line");
        match said.trim() {
            "made" => Ok(Self { holder }),
            _ => {
                let output = holder.wait_with_output().expect("an end");
                let why = String::from_utf8_lossy(&output.stderr).into_owned();
                Err(format!("no network namespace: {}", why.trim()))
            }
        }
    }

    /// Runs wt within it.
    fn wt(&self, home: &Home, args: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        let target = self.holder.id().to_string();
        command
            .args([
                "--target",
                &target,
                "--user",
                "--net",
                "--preserve-credentials",
            ])
            .args(["--", WT])
            .args(args)
            .env_clear()
            .envs(home.env())
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[test]
fn a_code_is_found_where_there_is_no_ipv4() {
    let network = match Network::make() {
        Ok(network) => network,
        Err(why) => return skip(NAME, &why),
    };
    let (server, client) = (Home::new(), Home::new());
    let mut shown = network.wt(&server, &["pair"]).spawn().expect("wt runs");
    let lines = BufReader::new(shown.stdout.as_mut().expect("an output")).lines();
    let code = lines.map_while(Result::ok).find_map(|line| {
        let code = line.trim().strip_prefix("wt pair ");
        code.map(str::to_owned)
    });
    let code = code.unwrap_or_else(|| panic!("{shown:?} shows no code"));
    let run = |args: &[&str]| {
        let output = network.wt(&client, args).output().expect("wt runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    let (said, wrong) = run(&["pair", &code, "--name", "desk"]);
    assert!(said.contains("desk is known from now on"), "{said}{wrong}");
    assert!(
        said.contains("`wt attach desk/` goes there"),
        "{said}{wrong}"
    );
    let (hosts, _) = run(&["hosts"]);
    assert!(hosts.contains("* [fe80::"), "{hosts}");
    // The link goes along with the address, which means nothing without it.
    assert!(
        hosts.contains("%near]:") || hosts.contains("%far]:"),
        "{hosts}"
    );
    let (_, wrong) = run(&["ls", "desk/"]);
    assert!(wrong.contains("no sessions"), "{wrong}");
    shown.wait().expect("an end");
}
