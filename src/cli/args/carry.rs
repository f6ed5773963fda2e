//! The words of `wt cp`, `wt forward` and `wt env`.

use crate::disk::shells::Shell;
use clap::Args;
use std::ffi::OsString;

// What is copied where.
#[derive(Debug, Args)]
#[command(
    after_help = "A path on a host begins in its home directory; an empty HOST is this machine's server. A host's paths may be\npatterns (quote them): wt matches them itself, over the names that the host lists. Links are followed, but none\nto a directory within a tree. What a cut copy has left (.NAME.wt-part) is taken up by the same command; a file\ntakes its place once it is whole and its SHA-256 is right.\n\nExamples:\n  wt cp notes.txt desk:                  into the home directory there\n  wt cp -rp desk:project .               a tree, with modes and times\n  wt cp 'desk:logs/*.gz' /tmp/logs"
)]
pub struct Cp {
    /// Copy directories with all that is in them
    #[arg(short, long)]
    pub recursive: bool,
    /// Keep modes and times
    #[arg(short, long)]
    pub preserve: bool,
    /// Show no progress
    #[arg(short, long)]
    pub quiet: bool,
    /// What to copy, and last where to: `HOST:PATH`, or a path here
    #[arg(required = true, num_args = 2.., value_name = "PATH")]
    pub paths: Vec<OsString>,
}

// What is forwarded where.
#[derive(Debug, Args)]
#[command(
    after_help = "As with ssh -L: what connects here is connected from the host on. Without BIND only this machine can connect.\nPort 0 is any free one. C-c ends it.\n\nExamples:\n  wt forward 8080:localhost:80 desk         http://localhost:8080 is port 80 there\n  wt forward 5432:/run/postgresql/.s.PGSQL.5432 desk\n  wt forward /tmp/docker.sock:/var/run/docker.sock desk"
)]
pub struct Forward {
    /// `[BIND:]PORT:HOST:PORT`; either end may be the path of a unix socket instead
    #[arg(required = true, value_name = "FORWARD")]
    pub forward: crate::carry::forward::Rule,
    /// The host from which it goes on; an empty one is this machine's server
    pub host: String,
}

// How the environment is printed.
#[derive(Debug, Args)]
#[command(
    after_help = "Attaching gives a session the variables of update-environment as the client has them. New panes get them; a\nshell that runs takes them by:\n  bash, zsh  eval \"$(wt env)\"\n  fish       wt env --shell fish | source"
)]
pub struct Env {
    /// Which session.
    #[command(flatten)]
    pub at: super::At,
    /// For which shell
    #[arg(long, value_name = "SHELL", default_value = "bash")]
    pub shell: Shell,
}
