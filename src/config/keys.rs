//! The keys of `config.toml`: one row each, which is how it is read and how it is explained.

use super::sharing::{LOGIN_TOML, MAX_LOGIN};
use super::{Bell, Clipboard, ClipboardRead, Clock, Config, Predict, SshAgent};
use core::net::SocketAddr;
use toml::de::{DeTable, DeValue};

/// One key of `config.toml`.
#[derive(Clone, Copy)]
pub struct KeyDoc {
    /// As it is written in the file.
    pub name: &'static str,
    /// What may follow the `=`.
    pub expects: &'static str,
    /// What holds without it, in TOML; empty if that is nothing.
    pub default: &'static str,
    /// What it does: one sentence, or two.
    pub doc: &'static str,
    /// What a change of it reaches while wt runs.
    pub applies: Applies,
    /// Puts a value into a configuration; `None` if it is not as `expects` says.
    pub(super) set: fn(&DeValue, &mut Config) -> Option<()>,
}

/// What a change of the file reaches while wt runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// Everything, at once.
    AtOnce,
    /// Panes that are made from then on.
    NewPanes,
}

/// A row that holds at once.
const fn key(
    name: &'static str,
    expects: &'static str,
    default: &'static str,
    doc: &'static str,
    set: fn(&DeValue, &mut Config) -> Option<()>,
) -> KeyDoc {
    KeyDoc {
        name,
        expects,
        default,
        doc,
        applies: Applies::AtOnce,
        set,
    }
}

/// The row of a key that only new panes see.
const fn of_panes(key: KeyDoc) -> KeyDoc {
    KeyDoc {
        applies: Applies::NewPanes,
        ..key
    }
}

/// All keys, in the order in which they are explained.
#[rustfmt::skip]
pub const KEYS: &[KeyDoc] = &[
    key("theme", "a theme's name, { dark = NAME, light = NAME }, or \"auto\"", "\"auto\"",
        "How wt looks around the panes. With two names the terminal's background decides; \"auto\" is default and light.",
        theme),
    key("keymap", "a keymap's name: \"tmux\", \"zellij\", \"vi\", \"alt\" or one of yours", "\"tmux\"",
        "Which key does what.",
        |value, config| { config.keys.keymap = filled(value.as_str()?)?; Some(()) }),
    key("prefix", "a key, such as \"C-a\"", "",
        "Replaces the keymap's prefix key; after itself it goes to the program.",
        |value, config| { config.keys.prefix = Some(value.as_str()?.parse().ok()?); Some(()) }),
    // Its tables are read by `parse`, line by line.
    key("keys", "tables of bindings, such as [keys.prefix]", "{}",
        "Bindings laid over the keymap.",
        |value, _| value.as_table().map(|_| ())),
    key("mouse", "true or false", "true",
        "Whether wt uses the mouse: to select panes and text, and to scroll. Without it the terminal keeps the mouse.",
        |value, config| { config.mouse = value.as_bool()?; Some(()) }),
    key("pane-titles", "true or false", "true",
        "Whether panes that stand side by side have titles.",
        |value, config| { config.look.pane_titles = value.as_bool()?; Some(()) }),
    key("clock", "\"24h\", \"12h\" or \"off\"", "\"24h\"",
        "The clock in the status line.",
        |value, config| {
            config.look.clock = one_of(value, [("24h", Clock::Hours24), ("12h", Clock::Hours12), ("off", Clock::Off)])?;
            Some(())
        }),
    key("activity", "true or false", "true",
        "Whether tabs with new output are marked.",
        |value, config| { config.alerts.activity = value.as_bool()?; Some(()) }),
    key("silence", "seconds, 0 for never", "0",
        "Marks a tab whose panes have said nothing for so long.",
        |value, config| { config.alerts.silence_secs = number(value, 86_400)?; Some(()) }),
    key("bell", "\"ring\", \"mark\" or \"off\"", "\"ring\"",
        "What a program's bell does: the terminal rings and the tab is marked, the tab is marked, or nothing.",
        |value, config| {
            config.alerts.bell = one_of(value, [("ring", Bell::Ring), ("mark", Bell::Mark), ("off", Bell::Off)])?;
            Some(())
        }),
    key("notify-after", "seconds, 0 for never", "30",
        "Tells you when a command has ended that took so long, in a pane that nobody looks at.",
        |value, config| { config.alerts.notify_secs = number(value, 86_400)?; Some(()) }),
    key("repeat-time", "milliseconds, up to 10000", "500",
        "How long a key that repeats may be pressed again without the prefix.",
        |value, config| { config.keys.repeat_ms = number(value, 10_000)?; Some(()) }),
    key("message-time", "milliseconds, up to 60000", "4000",
        "How long a message stands in the status line.",
        |value, config| { config.look.message_ms = number(value, 60_000)?; Some(()) }),
    key("clipboard", "\"auto\", \"terminal\", \"off\", or a program with its arguments, [\"wl-copy\"]", "\"auto\"",
        "Where copied text goes: to the terminal (OSC 52) and the platform's own tool, to the terminal alone, nowhere, or to a program.",
        |value, config| {
            let named = one_of(value, [("auto", Clipboard::Auto), ("terminal", Clipboard::Terminal), ("off", Clipboard::Off)]);
            config.clipboard = named.or_else(|| value.as_array().and(command(value)).map(Clipboard::Command))?;
            Some(())
        }),
    key("clipboard-read", "\"ask\", \"always\" or \"never\"", "\"ask\"",
        "Whether programs may read the clipboard (OSC 52): when you say so, always, or never. The client's own file decides.",
        |value, config| {
            let named = [("ask", ClipboardRead::Ask), ("always", ClipboardRead::Always), ("never", ClipboardRead::Never)];
            config.sharing.clipboard_read = one_of(value, named)?;
            Some(())
        }),
    key("ssh-agent", "\"auto\", \"always\" or \"off\"", "\"auto\"",
        "Whose ssh agent programs reach: the one on this machine, and with `wt attach -A` that of a client elsewhere; that of every client; none.",
        |value, config| {
            let named = [("auto", SshAgent::Auto), ("always", SshAgent::Always), ("off", SshAgent::Off)];
            config.sharing.ssh_agent = one_of(value, named)?;
            Some(())
        }),
    of_panes(key("update-environment", "names of variables, such as [\"DISPLAY\"]", LOGIN_TOML,
        "The variables that a session takes from whoever attaches to it; new panes get them, and `wt env` prints them.",
        |value, config| { config.sharing.login = names(value)?; Some(()) })),
    // It is read by `history`, line by line.
    key("history", "a table: [history] with pane-bytes, total-bytes and max-age", "{ pane-bytes = \"1GiB\", total-bytes = \"20GiB\", max-age = \"none\" }",
        "How much of what left the screens is kept on disk, of each pane and of all, and for how long. The oldest goes first.",
        |value, _| value.as_table().map(|_| ())),
    key("listen", "addresses with ports, such as [\"0.0.0.0:60001\"] or [\"[::]:60001\"]", "[]",
        "Where the server hears clients in the network (UDP), those that `wt allow` lists. `wt server run --listen` overrides it.",
        |value, config| { config.listen = addresses(value)?; Some(()) }),
    key("open", "a program, \"firefox\", or one with its arguments, [\"firefox\", \"--new-tab\"]", "",
        "What opens a link. Without it: the platform's own opener.",
        |value, config| { config.open = Some(command(value)?); Some(()) }),
    key("predict", "\"auto\", \"always\" or \"never\"", "\"auto\"",
        "Whether keys are drawn before the server has answered: on slow links, on all, or not at all. A local link is never slow enough.",
        |value, config| {
            config.predict = one_of(value, [("auto", Predict::Auto), ("always", Predict::Always), ("never", Predict::Never)])?;
            Some(())
        }),
    of_panes(key("shell", "a program, \"zsh\", or one with its arguments, [\"zsh\", \"-l\"]", "",
        "What a new pane runs. Without it: $SHELL, as a login shell.",
        |value, config| { config.shell = Some(command(value)?); Some(()) })),
    of_panes(key("shell-integration", "true or false", "true",
        "Whether bash, zsh and fish are made to tell wt of their prompts and commands.",
        |value, config| { config.shell_integration = value.as_bool()?; Some(()) })),
    of_panes(key("term", "a terminal type, such as \"xterm-256color\"", "\"xterm-256color\"",
        "TERM in panes.",
        |value, config| {
            let fits = |c: char| c.is_ascii_graphic() && c != '/';
            config.term = filled(value.as_str()?).filter(|name| name.chars().all(fits))?;
            Some(())
        })),
    of_panes(key("env", "a table of strings, such as { EDITOR = \"vim\" }", "{}",
        "Variables added to the environment of every new pane.",
        |value, config| { config.env = variables(value.as_table()?)?; Some(()) })),
];

fn theme(value: &DeValue, config: &mut Config) -> Option<()> {
    let look = &mut config.look;
    match value {
        DeValue::String(name) if name == "auto" => {}
        DeValue::String(name) => {
            look.dark = filled(name)?;
            look.light.clone_from(&look.dark);
        }
        DeValue::Table(table) if table.len() == 2 => {
            let named = |kind: &str| filled(table.get(kind)?.get_ref().as_str()?);
            (look.dark, look.light) = (named("dark")?, named("light")?);
        }
        _ => return None,
    }
    Some(())
}

fn one_of<T>(value: &DeValue, named: impl IntoIterator<Item = (&'static str, T)>) -> Option<T> {
    let name = value.as_str()?;
    let mut named = named.into_iter();
    named.find(|(known, _)| *known == name).map(|(_, it)| it)
}

fn number(value: &DeValue, max: u64) -> Option<u64> {
    let number = value.as_integer().filter(|number| number.radix() == 10)?;
    number.as_str().parse().ok().filter(|&number| number <= max)
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty() && !text.contains('\0')).then(|| text.to_owned())
}

/// A program, alone or with its arguments.
fn command(value: &DeValue) -> Option<Vec<String>> {
    if let Some(program) = value.as_str() {
        return Some(vec![filled(program)?]);
    }
    let words = value.as_array()?.iter();
    let argv: Vec<String> = words
        .map(|word| word.get_ref().as_str().map(str::to_owned))
        .collect::<Option<_>>()?;
    filled(argv.first()?)?;
    (!argv.iter().any(|word| word.contains('\0'))).then_some(argv)
}

/// Most addresses that a server listens at.
const MAX_LISTEN: usize = 16;

/// Addresses with ports, none of them twice.
fn addresses(value: &DeValue) -> Option<Vec<SocketAddr>> {
    let addresses = value.as_array()?.iter();
    let address = |text: &str| text.parse().ok().filter(|at: &SocketAddr| at.port() != 0);
    let addresses = addresses.map(|one| address(one.get_ref().as_str()?));
    let mut addresses: Vec<SocketAddr> = addresses.collect::<Option<_>>()?;
    addresses.sort();
    addresses.dedup();
    (addresses.len() <= MAX_LISTEN).then_some(addresses)
}

/// Names that variables may have.
fn names(value: &DeValue) -> Option<Vec<String>> {
    let names = value.as_array()?.iter();
    let names = names.map(|name| filled(name.get_ref().as_str()?));
    let names: Vec<String> = names.collect::<Option<_>>()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let are_names = names.iter().all(|name| name.chars().all(fits));
    (are_names && names.len() <= MAX_LOGIN).then_some(names)
}

fn variables(table: &DeTable) -> Option<Vec<(String, String)>> {
    table
        .iter()
        .map(|(name, value)| {
            let name = filled(name.get_ref()).filter(|name| !name.contains('='))?;
            let value = value.get_ref().as_str()?;
            (!value.contains('\0')).then(|| (name, value.to_owned()))
        })
        .collect()
}
