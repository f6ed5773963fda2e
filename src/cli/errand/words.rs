//! Commands that were typed here, as they are written on the command line of the machine that is meant: without its
//! host.

use super::super::args::{Capture, Export, Grep, Kind, Listed, Log, Prune, Ran, Removed, Tail};
use crate::client::Patience;
use clap::ValueEnum;
use std::fmt::Display;

/// A command and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Words(Vec<String>);

impl From<Words> for Vec<String> {
    fn from(words: Words) -> Self {
        words.0
    }
}

impl Words {
    fn new(command: &[&str]) -> Self {
        Self(command.iter().map(|word| (*word).to_owned()).collect())
    }

    /// How long a silent server is waited for.
    pub fn patience(&self) -> Patience {
        let options = self.0.split(|word| word == "--").next().unwrap_or_default();
        match options.iter().any(|word| word == "--follow") {
            true => Patience::Endless,
            false => Patience::Bounded,
        }
    }

    /// Those flags that are set.
    fn flags<const N: usize>(mut self, flags: [(&str, bool); N]) -> Self {
        let set = flags.into_iter().filter(|(_, is_set)| *is_set);
        self.0.extend(set.map(|(flag, _)| flag.to_owned()));
        self
    }

    /// An option with its value, in one word: that may begin with a dash.
    fn option(mut self, name: &str, value: Option<impl Display>) -> Self {
        self.0.extend(value.map(|value| format!("{name}={value}")));
        self
    }

    /// What is no option, whatever it begins with.
    fn rest(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.0.push("--".to_owned());
        self.0.extend(words);
        self
    }

    /// `wt tail`.
    pub fn tail(tail: &Tail, pane: Option<String>) -> Self {
        Self::new(&["tail"])
            .flags([("--follow", tail.follow), ("--ansi", tail.ansi)])
            .option("--lines", Some(tail.lines))
            .rest(pane)
    }

    /// `wt grep`; coloured if what is printed here would be.
    pub fn grep(grep: &Grep, panes: Vec<String>) -> Self {
        let mut words = Self::new(&["grep"])
            .flags([
                ("--fixed-strings", grep.fixed_strings),
                ("--ignore-case", grep.ignore_case),
                ("--case-sensitive", grep.case_sensitive),
                ("--all", grep.all),
                ("--failed", grep.failed),
                ("--time", grep.time),
                ("--json", grep.json),
                ("--count", grep.count),
            ])
            .option("--since", grep.since.as_ref())
            .option("--context", Some(grep.context))
            .option("--color", Some(grep.color.settled()));
        for pane in panes {
            words = words.option("--pane", Some(pane));
        }
        words.rest([grep.pattern.clone()])
    }

    /// `wt log`.
    pub fn log(log: &Log, target: Option<String>) -> Self {
        Self::new(&["log"])
            .flags([("--failed", log.failed), ("--json", log.json)])
            .option("--since", log.since.as_ref())
            .option("--pane", target)
            .option("--count", log.count)
    }

    /// `wt log --output`.
    pub fn output(ran: &Ran) -> Self {
        let name = match ran.pane {
            Some(pane) => format!("%{pane}/{}", ran.number),
            None => ran.number.to_string(),
        };
        Self::new(&["log"]).option("--output", Some(name))
    }

    /// `wt capture`.
    pub fn capture(capture: &Capture, target: Option<String>) -> Self {
        Self::new(&["capture"])
            .flags([("--ansi", capture.ansi), ("--history", capture.history)])
            .option("--target", target)
    }

    /// `wt history ls`.
    pub fn listed(listed: &Listed) -> Self {
        Self::new(&["history", "ls"]).flags([("--json", listed.json), ("--dead", listed.dead)])
    }

    /// `wt history export`, in the format that the file here is to have.
    pub fn export(export: &Export, kind: Kind, pane: Option<String>) -> Self {
        let kind = kind.to_possible_value();
        Self::new(&["history", "export"])
            .flags([("--no-wrap", export.no_wrap)])
            .option("--format", kind.map(|kind| kind.get_name().to_owned()))
            .option("--from", export.from.as_ref())
            .option("--to", export.to.as_ref())
            .rest(pane)
    }

    /// `wt history prune`.
    pub fn prune(prune: &Prune, pane: Option<String>) -> Self {
        Self::new(&["history", "prune"])
            .flags([("--dead", prune.dead), ("--dry-run", prune.dry_run)])
            .option(
                "--older-than",
                prune.older_than.map(|secs| format!("{secs}s")),
            )
            .option("--to", prune.to.map(|bytes| format!("{bytes}B")))
            .option("--pane", pane)
    }

    /// `wt history rm`, after it was asked here.
    pub fn removed(panes: Vec<String>) -> Self {
        Self::new(&["history", "rm", "--yes"]).rest(panes)
    }
}

impl Removed {
    /// What is to be deleted, as a question names it.
    pub fn named(&self) -> String {
        self.panes.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::args::{Cli, Command, HistoryCommand};
    use super::*;
    use clap::Parser;

    fn typed(words: &[&str]) -> Command {
        let typed = std::iter::once("wt").chain(words.iter().copied());
        Cli::try_parse_from(typed).unwrap().command.unwrap()
    }

    /// What is said there for what was typed here.
    fn there(words: &[&str]) -> String {
        let pane = || Some("%3".to_owned());
        let said = match typed(words) {
            Command::Tail(tail) => Words::tail(&tail, pane()),
            Command::Capture(capture) => Words::capture(&capture, pane()),
            Command::Grep(grep) => Words::grep(&grep, pane().into_iter().collect()),
            Command::Log(log) => match &log.output {
                Some(ran) => Words::output(ran),
                None => Words::log(&log, pane()),
            },
            Command::History(HistoryCommand::Ls(listed)) => Words::listed(&listed),
            Command::History(HistoryCommand::Export(export)) => {
                Words::export(&export, Kind::Html, pane())
            }
            Command::History(HistoryCommand::Prune(prune)) => Words::prune(&prune, pane()),
            other => panic!("{other:?}"),
        };
        let again = Cli::try_parse_from(std::iter::once("wt".to_owned()).chain(said.0.clone()));
        assert!(again.is_ok(), "{:?}: {again:?}", said.0);
        said.0.join(" ")
    }

    #[test]
    fn a_command_means_the_same_there() {
        assert_eq!(
            there(&["tail", "desk/%3", "-f", "-n", "7", "--ansi"]),
            "tail --follow --ansi --lines=7 -- %3"
        );
        assert_eq!(
            there(&[
                "grep", "-F", "-C", "2", "--since", "2h", "--color", "never", "-p", "desk/%3",
                "--", "-x"
            ]),
            "grep --fixed-strings --since=2h --context=2 --color=never --pane=%3 -- -x"
        );
        assert_eq!(
            there(&[
                "log",
                "--failed",
                "--since",
                "yesterday 9:05",
                "-n",
                "5",
                "-t",
                "desk/%3"
            ]),
            "log --failed --since=yesterday 9:05 --pane=%3 --count=5"
        );
        assert_eq!(
            there(&["log", "--output", "desk/%3/17"]),
            "log --output=%3/17"
        );
        assert_eq!(
            there(&["capture", "-t", "desk/%3", "--history"]),
            "capture --history --target=%3"
        );
        assert_eq!(
            there(&["history", "ls", "desk/", "--dead", "--json"]),
            "history ls --json --dead"
        );
        assert_eq!(
            there(&[
                "history", "export", "desk/%3", "--from", "12", "-o", "x.html"
            ]),
            "history export --format=html --from=12 -- %3"
        );
        assert_eq!(
            there(&[
                "history",
                "prune",
                "--older-than",
                "2d",
                "--to",
                "2GiB",
                "--dry-run",
                "--pane",
                "desk/%3"
            ]),
            "history prune --dry-run --older-than=172800s --to=2147483648B --pane=%3"
        );
    }

    #[test]
    fn only_what_has_no_end_waits_for_ever() {
        let patience = |words: &[&str]| match typed(words) {
            Command::Tail(tail) => Words::tail(&tail, Some("--follow".to_owned())).patience(),
            Command::Grep(grep) => Words::grep(&grep, vec!["--follow".to_owned()]).patience(),
            _ => panic!("{words:?}"),
        };
        assert_eq!(patience(&["tail", "-f"]), Patience::Endless);
        assert_eq!(patience(&["tail"]), Patience::Bounded);
        assert_eq!(patience(&["grep", "--", "--follow"]), Patience::Bounded);
    }
}
