//! Puts this very program onto a machine behind ssh, where that is asked for and can run it.

use super::super::confirm;
use super::command::Remote;
use anyhow::{Context, Result, bail, ensure};
use std::fs::File;
use std::io::{self, Write};
use std::process::Stdio;

/// What takes the program from standard input: it stands in its place only once it is whole and runs.
const INSTALL: &str = r#"set -e
dir="$HOME/.local/bin"
mkdir -p "$dir"
new="$dir/.wt.new.$$"
trap 'rm -f "$new"' EXIT
cat > "$new"
chmod 755 "$new"
"$new" --version
mv -f "$new" "$dir/wt"
trap - EXIT"#;

/// Says why wt is wanted there, asks, and installs it.
pub(super) fn offer(remote: &Remote, why: &str) -> Result<()> {
    let host = remote.host();
    let (here, there) = (kind_here(), kind_there(remote)?);
    ensure!(
        here == there,
        "{why}, and that machine ({there}) cannot run the wt of this one ({here}): install it there"
    );
    eprintln!("wt: {why}");
    if !confirm::confirmed(&format!("Install this wt as ~/.local/bin/wt on {host}?"))? {
        bail!("{host} stays as it was");
    }
    install(remote)
}

/// System and machine, as `uname -sm` has them.
fn kind_here() -> String {
    let uname = rustix::system::uname();
    format!(
        "{} {}",
        uname.sysname().to_string_lossy(),
        uname.machine().to_string_lossy()
    )
}

fn kind_there(remote: &Remote) -> Result<String> {
    let output = remote
        .run("uname -sm")
        .stdin(Stdio::null())
        .output()
        .context("running ssh")?;
    ensure!(
        output.status.success(),
        "ssh has not reached {}: see what it says above",
        remote.host()
    );
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    // The last line: login messages stand before.
    Ok(said
        .lines()
        .last()
        .unwrap_or_default()
        .trim()
        .chars()
        .take(80)
        .collect())
}

fn install(remote: &Remote) -> Result<()> {
    let host = remote.host();
    let own = std::env::current_exe().context("cannot find the program wt itself")?;
    let mut program = File::open(&own).with_context(|| format!("reading {}", own.display()))?;
    let mut child = remote
        .run(INSTALL)
        .stdout(Stdio::null())
        .spawn()
        .context("running ssh")?;
    let mut to = child.stdin.take().context("ssh has no input")?;
    let copied = io::copy(&mut program, &mut to).and_then(|_| to.flush());
    drop(to);
    let status = child.wait().context("waiting for ssh")?;
    copied.with_context(|| format!("copying wt to {host}"))?;
    ensure!(
        status.success(),
        "wt could not be installed on {host}: see what it says above"
    );
    Ok(())
}
