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
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    pub since: Option<String>,
    /// Only those of this pane, tab or session: `%3`, `work:2.1`, `work:2` or `work`; `HOST/` before it, or alone, asks there
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
    /// Print what a command printed: `%3/17` as the list names it (`HOST/%3/17`), or `17` in its own pane
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["failed", "since", "pane", "all", "count", "json"])]
    pub output: Option<Ran>,
}

/// A point in time, as it was written: where it is read the clocks may differ.
fn moment(text: &str) -> Result<String, String> {
    let when: Result<When, _> = text.parse();
    when.map(|_| text.to_owned())
        .map_err(|error| error.to_string())
}

/// A command of some pane, as the list names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// On which server: `HOST/`, `wt://ADDR:PORT/`; `None` for the one here.
    pub host: Option<String>,
    /// Which pane; `None` for the one around.
    pub pane: Option<u64>,
    /// Which of its commands.
    pub number: u64,
}

impl std::str::FromStr for Ran {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A pane begins with `%`, and so does no name of a host.
        let (host, text) = match text.rsplit_once("/%") {
            Some((host, pane)) => (
                Some(format!("{host}/")),
                &text[text.len() - pane.len() - 1..],
            ),
            None => (None, text),
        };
        let (pane, number) = match text.split_once('/') {
            Some((pane, number)) => (Some(pane), number),
            None => (None, text),
        };
        let pane = pane.map(|pane| pane.strip_prefix('%').and_then(|pane| pane.parse().ok()));
        match (pane, number.parse()) {
            (None, Ok(number)) => Ok(Ran {
                host,
                pane: None,
                number,
            }),
            (Some(Some(pane)), Ok(number)) => Ok(Ran {
                host,
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
        let ran = |host: Option<&str>, pane, number| {
            Ok(Ran {
                host: host.map(str::to_owned),
                pane,
                number,
            })
        };
        assert_eq!("%3/17".parse::<Ran>(), ran(None, Some(3), 17));
        assert_eq!("17".parse::<Ran>(), ran(None, None, 17));
        assert_eq!("desk/%3/17".parse::<Ran>(), ran(Some("desk/"), Some(3), 17));
        assert_eq!(
            "wt://[::1]:7/%3/17".parse::<Ran>(),
            ran(Some("wt://[::1]:7/"), Some(3), 17)
        );
        for wrong in ["", "%3", "3/17", "%3/", "%/1", "x"] {
            assert!(wrong.parse::<Ran>().is_err(), "{wrong}");
        }
    }
}
