//! Keys, grants and hosts.

use clap::{Args, Subcommand};

// A key that is let in.
#[derive(Debug, Args)]
pub struct Allow {
    /// The device's key, as `wt key` prints it there; none lists who is let in
    pub key: Option<String>,
    /// What to call it here
    #[arg(long, value_name = "NAME", requires = "key")]
    pub name: Option<String>,
    /// For how long: `30d`, `8h`, or until when: `2027-01-31`
    #[arg(long, value_name = "TIME", requires = "key")]
    pub until: Option<String>,
}

// The two sides of a pairing.
#[derive(Debug, Args)]
pub struct Pair {
    /// The code that `wt pair` shows on the other machine; none shows one here
    pub code: Option<String>,
    /// Where that machine is; else it is looked for in the local network
    #[arg(value_name = "ADDR[:PORT]", requires = "code")]
    pub address: Option<String>,
    /// What to call that machine here
    #[arg(long, value_name = "NAME", requires = "code")]
    pub name: Option<String>,
}

// A machine that is reached by ssh first.
#[derive(Debug, Args)]
pub struct Ssh {
    /// As ssh takes it: a name, perhaps of `~/.ssh/config`
    #[arg(value_name = "[USER@]HOST")]
    pub host: String,
    /// Which session there; it is made if it is missing
    pub session: Option<String>,
    /// Let programs there use your ssh agent, and whoever runs that machine, while you are attached (ssh -A)
    #[arg(short = 'A', long = "agent")]
    pub agent: bool,
    /// What to call that machine here; else as ssh does
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The UDP port there; else the first of 60001 to 60999 that is free
    #[arg(long, value_name = "PORT")]
    pub udp_port: Option<u16>,
    /// The port of ssh
    #[arg(short = 'p', value_name = "PORT")]
    pub ssh_port: Option<u16>,
    /// A machine that ssh jumps over
    #[arg(short = 'J', value_name = "HOST")]
    pub jump: Option<String>,
    /// A key for ssh
    #[arg(short = 'i', value_name = "FILE")]
    pub identity: Option<String>,
    /// A configuration for ssh
    #[arg(short = 'F', value_name = "FILE")]
    pub config: Option<String>,
    /// An option for ssh; may be given several times
    #[arg(short = 'o', value_name = "OPTION")]
    pub options: Vec<String>,
    /// More words for ssh, before the host's name
    #[arg(last = true, value_name = "ARGS")]
    pub more: Vec<String>,
}

/// The hosts that are known here.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum HostsCommand {
    /// Forget a host: its key, its addresses
    Forget {
        /// Which
        name: String,
    },
}

// The hosts that are known here.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HostsArgs {
    /// What to do with them; nothing lists them
    #[command(subcommand)]
    pub command: Option<HostsCommand>,
    /// Ask each of them, and say how soon it answers
    #[arg(long)]
    pub check: bool,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}
