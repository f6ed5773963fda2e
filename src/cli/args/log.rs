//! The words of `wt log` and `wt shell-integration`.

use crate::disk::shells::Shell;
use crate::when::When;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

// The arguments of `wt log`.
#[derive(Debug, Args)]
pub struct Log {
    /// Only those that failed
    #[arg(long)]
    pub failed: bool,
    /// Only those that began since then: 2h, 14:30, "yesterday 9:05"
    #[arg(long, value_name = "WHEN")]
    pub since: Option<When>,
    /// Only those of this pane, tab or session: `%3`, `work:2.1`, `work:2` or `work`
    #[arg(short = 't', long, value_name = "TARGET", visible_alias = "target")]
    pub pane: Option<String>,
    /// Those of all panes, as without --pane
    #[arg(long, conflicts_with = "pane")]
    pub all: bool,
    /// Only the last COUNT
    #[arg(short = 'n', long, value_name = "COUNT")]
    pub count: Option<usize>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print what a command printed: `%3/17` as the list names it, or `17` in its own pane
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["failed", "since", "pane", "all", "count", "json"])]
    pub output: Option<Ran>,
}

/// A command of some pane, as the list names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// Which pane; `None` for the one around.
    pub pane: Option<u64>,
    /// Which of its commands.
    pub number: u64,
}

impl std::str::FromStr for Ran {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (pane, number) = match text.split_once('/') {
            Some((pane, number)) => (Some(pane), number),
            None => (None, text),
        };
        let pane = pane.map(|pane| pane.strip_prefix('%').and_then(|pane| pane.parse().ok()));
        match (pane, number.parse()) {
            (None, Ok(number)) => Ok(Ran { pane: None, number }),
            (Some(Some(pane)), Ok(number)) => Ok(Ran {
                pane: Some(pane),
                number,
            }),
            _ => Err("write %3/17, as `wt log` names commands".to_owned()),
        }
    }
}

impl ValueEnum for Shell {
    fn value_variants<'a>() -> &'a [Self] {
        &Shell::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_named_with_its_pane_or_without() {
        let ran = |pane, number| Ok(Ran { pane, number });
        assert_eq!("%3/17".parse::<Ran>(), ran(Some(3), 17));
        assert_eq!("17".parse::<Ran>(), ran(None, 17));
        for wrong in ["", "%3", "3/17", "%3/", "%/1", "x"] {
            assert!(wrong.parse::<Ran>().is_err(), "{wrong}");
        }
    }
}
