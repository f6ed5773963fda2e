//! The hosts that a client knows: the file `hosts.toml`, a table for each, by its name.
//!
//! ```toml
//! [desk]
//! key = "wt1q…"                                      # the server's key: another one is refused
//! addresses = ["192.168.1.7:60001", "[fd00::7]:60001"]
//! last = "192.168.1.7:60001"                         # by which it was reached last
//! used = "2026-11-21T13:04:29Z"                        # when that was
//! ssh = "ann@desk.example"                           # what `wt ssh` was given
//! agent = "always"                                   # whether its programs get the user's ssh agent: or "never"
//! ```
//!
//! What wt does not change keeps its text to the letter: comments, unknown keys and tables of another make too.

use super::address::Address;
use super::identity::PublicKey;
use super::name::{MAX_NAME, is_name};
use crate::when;
use std::fmt;
use thiserror::Error;
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, value};

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 1 << 20;

/// How many addresses a host may have; more are not tried.
pub const MAX_ADDRESSES: usize = 32;

/// The longest destination for ssh, in bytes.
const MAX_SSH: usize = 512;

/// How like an unknown name a known one must be to be proposed.
const LIKENESS: f64 = 0.75;

/// What a new file begins with.
const HEAD: &str = "# The hosts that wt knows, each with the key of its server and where it is reached.\n\
                    # `wt ssh` and `wt pair` add them, `wt hosts forget NAME` takes one out.\n\n";

/// A host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// What it is called here.
    pub name: String,
    /// The key of its server.
    pub key: PublicKey,
    /// Where it may be reached.
    pub addresses: Vec<Address>,
    /// By which of them it was reached last.
    pub last: Option<Address>,
    /// When that was, in Unix seconds, give or take an hour.
    pub used: Option<u64>,
    /// Its name for ssh.
    pub ssh: Option<String>,
    /// Whether its programs get the user's ssh agent; `None` leaves that to the configuration. Its user writes it.
    pub agent: Option<AgentUse>,
}

/// Whether programs of a host get the user's ssh agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentUse {
    /// Whenever the user is attached there.
    Always,
    /// Not unless the user says so for an attachment.
    Never,
}

/// The file is no TOML.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {what}")]
pub struct Damaged {
    line: usize,
    what: String,
}

/// Why a host cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoHost {
    /// None has that name; perhaps one of these is meant.
    #[error("no host {0:?}: {hint}", hint = hint(.0, .1))]
    Unknown(String, Vec<String>),
    /// What stands there of it cannot be used.
    #[error("the host {0:?} cannot be used: {1}")]
    Faulty(String, Fault),
}

fn hint(name: &str, like: &[String]) -> String {
    match like {
        [] => format!("`wt hosts` lists them, `wt ssh {name}` or `wt pair` makes one known"),
        like => format!(
            "perhaps {} is meant; `wt hosts` lists all",
            like.join(" or ")
        ),
    }
}

/// What is wrong with a host's table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Its name holds what no name may hold.
    #[error("its name is one that no host can have")]
    Name,
    /// The value of this key is not what it has to be.
    #[error("its {0} cannot be read: correct it in hosts.toml, or `wt hosts forget` it")]
    Value(&'static str),
    /// Another key is pinned than the one that came.
    #[error(
        "its key has changed from {old} to {new}: if that is right, `wt hosts forget {name}` first",
        old = .0.fingerprint(), new = .1.fingerprint(), name = .2
    )]
    Key(PublicKey, PublicKey, String),
}

/// The file.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    document: DocumentMut,
}

impl Hosts {
    /// Reads the file's text. Law: [`text`](Self::text) gives it back to the letter, but for the break of its last line.
    ///
    /// # Errors
    /// If it is no TOML.
    pub fn parse(text: &str) -> Result<Self, Damaged> {
        let document = text.parse::<DocumentMut>().map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let before = text.as_bytes()[..start].iter();
            Damaged {
                line: before.filter(|&&byte| byte == b'\n').count() + 1,
                what: error
                    .message()
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            }
        })?;
        Ok(Self { document })
    }

    /// The file's text.
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// The hosts in the order of the file, each as it can be used or with what is wrong with it.
    pub fn all(&self) -> impl Iterator<Item = Result<Host, NoHost>> {
        let tables = self.document.iter();
        tables.filter_map(|(name, item)| Some(host(name, item.as_table_like()?)))
    }

    /// The host of that name.
    ///
    /// # Errors
    /// If there is none, or it cannot be used.
    pub fn find(&self, name: &str) -> Result<Host, NoHost> {
        match self.document.get(name).and_then(Item::as_table_like) {
            Some(table) => host(name, table),
            None => Err(NoHost::Unknown(name.to_owned(), self.like(name))),
        }
    }

    /// Names like that one, the likest first.
    fn like(&self, name: &str) -> Vec<String> {
        let tables = self
            .document
            .iter()
            .filter(|(_, item)| item.is_table_like());
        let names = tables
            .map(|(known, _)| known)
            .filter(|known| is_name(known));
        let likeness = |known: &str| match known.starts_with(name) && !name.is_empty() {
            true => 1.0,
            false => strsim::jaro_winkler(known, name),
        };
        let mut like: Vec<_> = names.map(|known| (likeness(known), known)).collect();
        like.retain(|(likeness, _)| *likeness >= LIKENESS);
        like.sort_by(|one, other| other.0.total_cmp(&one.0));
        like.into_iter()
            .take(3)
            .map(|(_, known)| known.to_owned())
            .collect()
    }

    /// Whether a host has that name, of whatever use it is.
    pub fn has(&self, name: &str) -> bool {
        self.document.contains_key(name)
    }

    /// The host whose server has that key.
    pub fn of_key(&self, key: PublicKey) -> Option<Host> {
        self.all().flatten().find(|host| host.key == key)
    }

    /// Makes a host known, or changes what is known of it. Its key never changes: it has to be forgotten first.
    ///
    /// # Errors
    /// If its name cannot be one, or is that of a host with another key.
    pub fn put(&mut self, host: &Host) -> Result<(), NoHost> {
        let refuse = |fault| Err(NoHost::Faulty(host.name.clone(), fault));
        if !is_name(&host.name) {
            return refuse(Fault::Name);
        }
        let head = self.head();
        let new = || {
            let mut table = Table::new();
            head.iter()
                .for_each(|head| table.decor_mut().set_prefix(head));
            Item::Table(table)
        };
        let item = self.document.entry(&host.name).or_insert_with(new);
        let Some(table) = item.as_table_like_mut() else {
            return refuse(Fault::Value("table"));
        };
        match known_key(table) {
            None if table.contains_key("key") => return refuse(Fault::Value("key")),
            Some(known) if known != host.key => {
                return refuse(Fault::Key(known, host.key, host.name.clone()));
            }
            Some(_) => {}
            None => set(table, "key", value(host.key.to_string())),
        }
        let addresses: Array = host.addresses.iter().map(Address::to_string).collect();
        set(table, "addresses", value(addresses));
        for (what, text) in [
            ("last", host.last.as_ref().map(Address::to_string)),
            ("used", host.used.map(when::utc)),
            ("ssh", host.ssh.clone()),
        ] {
            match text {
                Some(text) => set(table, what, value(text)),
                None => drop(table.remove(what)),
            }
        }
        Ok(())
    }

    /// What stands above the first table of a file that has none: what its user wrote, or what a new file begins with.
    fn head(&mut self) -> Option<String> {
        if self.document.iter().next().is_some() {
            return None;
        }
        let written = self
            .document
            .trailing()
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.document.set_trailing("");
        Some(match written {
            written if written.is_empty() => HEAD.to_owned(),
            // The last comment may lack the break of its line.
            written => format!("{}\n", written.strip_suffix('\n').unwrap_or(&written)),
        })
    }

    /// Takes a host out; whether it was there.
    pub fn forget(&mut self, name: &str) -> bool {
        let is_host = self.document.get(name).is_some_and(Item::is_table_like);
        is_host && self.document.remove(name).is_some()
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// Sets a value, and leaves what stands around it: a comment behind it, and all of it where it is the same.
fn set(table: &mut dyn TableLike, key: &str, mut item: Item) {
    let plain = |value: &toml_edit::Value| {
        let mut value = value.clone();
        value.decor_mut().clear();
        if let Some(array) = value.as_array_mut() {
            array.fmt();
        }
        value.to_string()
    };
    if let (Some(old), Some(new)) = (table.get(key).and_then(Item::as_value), item.as_value_mut()) {
        if plain(old) == plain(new) {
            return;
        }
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(key, item);
}

fn known_key(table: &dyn TableLike) -> Option<PublicKey> {
    table.get("key")?.as_str()?.parse().ok()
}

fn host(name: &str, table: &dyn TableLike) -> Result<Host, NoHost> {
    read(name, table).map_err(|fault| NoHost::Faulty(shown(name), fault))
}

fn read(name: &str, table: &dyn TableLike) -> Result<Host, Fault> {
    if !is_name(name) {
        return Err(Fault::Name);
    }
    let key = known_key(table).ok_or(Fault::Value("key"))?;
    let address = |item: &str| item.parse::<Address>().ok();
    let addresses = match table.get("addresses") {
        None => Vec::new(),
        Some(item) => {
            let array = item.as_array().ok_or(Fault::Value("addresses"))?;
            let all = array.iter().map(|item| address(item.as_str()?));
            let all: Option<Vec<Address>> = all.take(MAX_ADDRESSES).collect();
            all.ok_or(Fault::Value("addresses"))?
        }
    };
    let last = match table.get("last") {
        None => None,
        Some(item) => Some(
            item.as_str()
                .and_then(address)
                .ok_or(Fault::Value("last"))?,
        ),
    };
    let ssh = match table.get("ssh") {
        None => None,
        Some(item) => Some(
            item.as_str()
                .filter(|text| is_ssh(text))
                .ok_or(Fault::Value("ssh"))?,
        ),
    };
    Ok(Host {
        name: name.to_owned(),
        key,
        addresses,
        last,
        used: used(table)?,
        ssh: ssh.map(str::to_owned),
        agent: agent(table)?,
    })
}

fn used(table: &dyn TableLike) -> Result<Option<u64>, Fault> {
    let Some(item) = table.get("used") else {
        return Ok(None);
    };
    let secs = item.as_str().and_then(when::from_utc);
    secs.map(Some).ok_or(Fault::Value("used"))
}

fn agent(table: &dyn TableLike) -> Result<Option<AgentUse>, Fault> {
    match table.get("agent").map(Item::as_str) {
        None => Ok(None),
        Some(Some("always")) => Ok(Some(AgentUse::Always)),
        Some(Some("never")) => Ok(Some(AgentUse::Never)),
        Some(_) => Err(Fault::Value("agent")),
    }
}

/// Whether ssh may be given this as its destination: it must not be taken for an option.
pub fn is_ssh(destination: &str) -> bool {
    let is_fit = |c: char| !c.is_control() && !c.is_whitespace();
    let is_there = !destination.is_empty() && destination.len() <= MAX_SSH;
    is_there && !destination.starts_with('-') && destination.chars().all(is_fit)
}

fn shown(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> PublicKey {
        PublicKey::new([byte; 32])
    }

    fn desk() -> Host {
        Host {
            name: "desk".into(),
            key: key(1),
            addresses: vec![
                Address::new("10.0.0.7", 60001),
                Address::new("fd00::7", 60001),
            ],
            last: None,
            used: None,
            ssh: Some("ann@desk.example".into()),
            agent: None,
        }
    }

    #[test]
    fn a_new_file_says_what_it_is() {
        let mut hosts = Hosts::default();
        hosts.put(&desk()).unwrap();
        insta::assert_snapshot!(hosts.text(), @r#"
        # The hosts that wt knows, each with the key of its server and where it is reached.
        # `wt ssh` and `wt pair` add them, `wt hosts forget NAME` takes one out.

        [desk]
        key = "wt1qqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqsekjf6s"
        addresses = ["10.0.0.7:60001", "[fd00::7]:60001"]
        ssh = "ann@desk.example"
        "#);
    }

    #[test]
    fn what_is_not_changed_stays_to_the_letter() {
        let text = format!(
            "# mine\n[ desk ] # the big one\nkey = '{}'  # pinned\naddresses = [\n  \"10.0.0.7:60001\",\n]\ncolor = 'red'\n\n# end\n[other]\nx = 1\n",
            key(1)
        );
        let mut hosts = Hosts::parse(&text).unwrap();
        assert_eq!(hosts.text(), text);
        let mut host = hosts.find("desk").unwrap();
        hosts.put(&host).unwrap();
        assert_eq!(hosts.text(), text);
        host.last = Some(host.addresses[0].clone());
        hosts.put(&host).unwrap();
        let last = "last = \"10.0.0.7:60001\"\n";
        assert_eq!(
            hosts.text(),
            text.replace("\n\n# end", &format!("\n{last}\n# end"))
        );
        host.last = Some(Address::new("10.0.0.8", 1));
        hosts.put(&host).unwrap();
        assert!(hosts.text().contains("last = \"10.0.0.8:1\"\n"));
        assert!(hosts.forget("desk") && !hosts.forget("desk"));
        assert!(hosts.text().ends_with("[other]\nx = 1\n"), "{hosts}");
    }

    #[test]
    fn another_key_for_a_name_is_refused() {
        let mut hosts = Hosts::default();
        hosts.put(&desk()).unwrap();
        let other = Host {
            key: key(2),
            ..desk()
        };
        let refused = hosts.put(&other).unwrap_err().to_string();
        assert!(
            refused.contains("has changed") && refused.contains("wt hosts forget desk"),
            "{refused}"
        );
        assert_eq!(hosts.find("desk"), Ok(desk()));
        assert_eq!(hosts.of_key(key(1)), Some(desk()));
        assert_eq!(hosts.of_key(key(2)), None);
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_like_it() {
        let mut hosts = Hosts::default();
        for name in ["desk", "build-server", "laptop"] {
            hosts
                .put(&Host {
                    name: name.into(),
                    ..desk()
                })
                .unwrap();
        }
        let says = |name: &str| hosts.find(name).unwrap_err().to_string();
        insta::assert_snapshot!(["desc", "build", "x"].map(says).join("\n"), @r#"
        no host "desc": perhaps desk is meant; `wt hosts` lists all
        no host "build": perhaps build-server is meant; `wt hosts` lists all
        no host "x": `wt hosts` lists them, `wt ssh x` or `wt pair` makes one known
        "#);
    }

    #[test]
    fn a_table_that_cannot_be_used_says_why_and_hurts_no_other() {
        let (one, two) = (key(1), key(2));
        let text = format!(
            "top = 1\n[a]\nkey = 'wt1'\n[b]\nkey = '{one}'\naddresses = ['x']\n[c]\nkey = '{one}'\nlast = 7\n\
             [d]\nkey = '{one}'\nssh = '-oProxyCommand=x'\n['e f']\nkey = '{one}'\n[g]\nkey = '{two}'\n"
        );
        let hosts = Hosts::parse(&text).unwrap();
        let says = |host: Result<Host, NoHost>| {
            host.map_or_else(|error| error.to_string(), |host| host.name)
        };
        insta::assert_snapshot!(hosts.all().map(says).collect::<Vec<_>>().join("\n"), @r#"
        the host "a" cannot be used: its key cannot be read: correct it in hosts.toml, or `wt hosts forget` it
        the host "b" cannot be used: its addresses cannot be read: correct it in hosts.toml, or `wt hosts forget` it
        the host "c" cannot be used: its last cannot be read: correct it in hosts.toml, or `wt hosts forget` it
        the host "d" cannot be used: its ssh cannot be read: correct it in hosts.toml, or `wt hosts forget` it
        the host "e f" cannot be used: its name is one that no host can have
        g
        "#);
        let damaged = Hosts::parse("[a]\nkey = 'x\n").unwrap_err().to_string();
        assert!(damaged.starts_with("line 2: "), "{damaged}");
    }

    #[test]
    fn what_is_said_of_the_agent_and_the_last_use_is_read() {
        let key = PublicKey::new([1; 32]);
        let read = |more: &str| {
            let hosts = Hosts::parse(&format!("[desk]\nkey = \"{key}\"\n{more}\n")).unwrap();
            hosts.find("desk").map(|host| (host.agent, host.used))
        };
        assert_eq!(read(""), Ok((None, None)));
        assert_eq!(read("agent = 'never'"), Ok((Some(AgentUse::Never), None)));
        let both = read("agent = 'always'\nused = '1970-01-01T00:01:00Z'");
        assert_eq!(both, Ok((Some(AgentUse::Always), Some(60))));
        for wrong in [
            "agent = true",
            "agent = 'yes'",
            "used = 7",
            "used = 'today'",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn hosts_come_back(
            names in prop::collection::btree_set("[a-z0-9ä][a-z0-9.@+-]{0,20}", 0..5),
            bytes: [u8; 32],
            ports in prop::collection::vec(1u16.., 0..5),
            ssh in proptest::option::of("[a-z]{1,8}@[a-z.]{1,9}"),
        ) {
            let mut hosts = Hosts::default();
            let addresses: Vec<_> = ports.iter().map(|&port| Address::new("fd00::7", port)).collect();
            let known: Vec<Host> = names.iter().map(|name| Host {
                name: name.clone(),
                key: PublicKey::new(bytes),
                last: addresses.first().cloned(),
                addresses: addresses.clone(),
                used: None,
                agent: None,
                ssh: ssh.clone(),
            }).collect();
            for host in &known {
                hosts.put(host).unwrap();
            }
            let read = Hosts::parse(&hosts.text()).unwrap();
            prop_assert_eq!(read.all().collect::<Result<Vec<_>, _>>().unwrap(), known);
        }

        #[test]
        fn any_text_is_read_or_refused_and_comes_back(text in "([\\[\\]a-z='\"#0-9., \n]|key = |\\[a\\]){0,60}") {
            match Hosts::parse(&text) {
                Ok(mut hosts) => {
                    let again = hosts.text();
                    prop_assert_eq!(again.trim_end(), text.trim_end());
                    hosts.all().for_each(drop);
                    let name = Host { name: "zz".into(), ..desk() };
                    if hosts.put(&name).is_ok() {
                        prop_assert_eq!(Hosts::parse(&hosts.text()).unwrap().find("zz"), Ok(name));
                    }
                }
                Err(error) => prop_assert!(!error.to_string().contains('\n')),
            }
        }
    }
}
