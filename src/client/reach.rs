//! What a client reaches beside its attachment: the server by more links, and for the server what the client has around
//! it: the variables of its login, and its ssh agent, where that was offered.

use crate::carry::dial::Distance;
use crate::carry::pipe::splice;
use crate::carry::{Dialer, transfer};
use crate::config::{Sharing, SshAgent};
use crate::net::Link;
use crate::protocol::Message;
use crate::protocol::request::{Reply, Request};
use crate::protocol::side::{Agent, Side, Surroundings};
use anyhow::{Context, Result, bail};
use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use tokio::net::UnixStream;
use tokio::task::LocalSet;

/// Most connections to the agent that are carried at once.
const MAX_CONNECTIONS: usize = 64;

/// Most bytes that one of them carries each way.
const MAX_BYTES: u64 = 64 << 20;

/// Variables that name something of the client's machine; elsewhere there is no such thing.
const OF_THE_SCREEN: [&str; 5] = [
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "SSH_ASKPASS",
    "SSH_TTY",
];

/// Variables that name something of the machine they are read on: elsewhere what is there stays.
const OF_THE_MACHINE: [&str; 8] = [
    "SSH_AUTH_SOCK",
    "SSH_AGENT_PID",
    "SSH_CONNECTION",
    "SSH_CLIENT",
    "KRB5CCNAME",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_ID",
];

/// The server beyond the attachment, and what it may reach of the client.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    dialer: Dialer,
    distance: Distance,
    agent: Agent,
}

/// What the user says of the ssh agent for one attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentWish {
    /// Nothing: the configuration decides.
    AsConfigured,
    /// It is offered to the server.
    Offered,
    /// It is not, whatever the configuration says.
    Withheld,
}

impl AgentWish {
    /// Whether the client carries connections to its agent. A server of its own machine reaches that by itself.
    fn agent(self, setting: SshAgent, distance: Distance) -> Agent {
        match (self, setting, distance) {
            (Self::Withheld, ..) => Agent::None,
            (Self::Offered, ..) | (_, SshAgent::Always, Distance::Far) => Agent::Carried,
            _ => Agent::None,
        }
    }
}

impl Reach {
    /// Of a client that is attached over `link`; a server of this machine listens at `socket`.
    pub(super) fn new(
        link: &Link,
        socket: PathBuf,
        (wish, setting): (AgentWish, SshAgent),
    ) -> Self {
        let distance = Distance::of(link);
        Self {
            dialer: Dialer::beside(link, socket),
            distance,
            agent: wish.agent(setting, distance),
        }
    }

    /// What the client tells of itself once it is attached.
    pub(super) fn surroundings(&self, sharing: &Sharing) -> Surroundings {
        let value = |name: &str| std::env::var(name).ok();
        Surroundings {
            env: variables(self.distance, &sharing.login, value),
            agent: self.agent,
        }
    }
}

fn variables(
    distance: Distance,
    login: &[String],
    value: impl Fn(&str) -> Option<String>,
) -> Vec<(String, Option<String>)> {
    let told = login.iter().filter_map(|name| match distance {
        Distance::Near => Some((name.clone(), value(name))),
        Distance::Far if OF_THE_SCREEN.contains(&name.as_str()) => Some((name.clone(), None)),
        Distance::Far if OF_THE_MACHINE.contains(&name.as_str()) => None,
        Distance::Far => Some((name.clone(), value(name))),
    });
    told.collect()
}

/// Carries connections of programs on the server to the ssh agent.
#[derive(Debug)]
pub(super) struct Carrier {
    reach: Reach,
    tasks: LocalSet,
    open: Rc<Cell<usize>>,
}

impl Carrier {
    pub(super) fn new(reach: Reach) -> Self {
        Self {
            reach,
            tasks: LocalSet::new(),
            open: Rc::default(),
        }
    }

    /// Reaches the server beside another link from now on.
    pub(super) fn follow(&mut self, link: &Link, socket: PathBuf) {
        self.reach.dialer = Dialer::beside(link, socket);
    }

    /// What the client tells of itself once it is attached.
    pub(super) fn surroundings(&self, sharing: &Sharing) -> Surroundings {
        self.reach.surroundings(sharing)
    }

    /// Carries a connection, if the agent was offered.
    pub(super) fn carry(&mut self, id: u64) {
        if self.reach.agent == Agent::None || self.open.get() >= MAX_CONNECTIONS {
            return;
        }
        let (dialer, open) = (self.reach.dialer.clone(), self.open.clone());
        open.set(open.get() + 1);
        self.tasks.spawn_local(async move {
            // The program is told by the end of its connection.
            let _ = carry(&dialer, id).await;
            open.set(open.get() - 1);
        });
    }

    /// Works on what is carried, for as long as there is anything.
    pub(super) async fn work(&mut self) {
        if self.open.get() == 0 {
            return std::future::pending().await;
        }
        (&mut self.tasks).await;
    }
}

async fn carry(dialer: &Dialer, id: u64) -> Result<()> {
    let mut link = dialer.open().await?;
    link.queue(&Message::Request(Request::Side(Side::Agent { id })));
    link.flush().await?;
    let Reply::Done = transfer::answer(&mut link).await? else {
        bail!("the server answered something else");
    };
    // If there is no agent the link is dropped, which the program sees at once.
    let path = std::env::var_os("SSH_AUTH_SOCK").context("there is no agent")?;
    let agent = UnixStream::connect(path).await?;
    splice(link, agent.into_std()?, MAX_BYTES).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_goes_elsewhere_only_if_its_user_says_so() {
        let (usual, offered) = (AgentWish::AsConfigured, AgentWish::Offered);
        let (near, far) = (Distance::Near, Distance::Far);
        assert_eq!(usual.agent(SshAgent::Auto, far), Agent::None);
        assert_eq!(usual.agent(SshAgent::Auto, near), Agent::None);
        assert_eq!(usual.agent(SshAgent::Always, near), Agent::None);
        assert_eq!(usual.agent(SshAgent::Always, far), Agent::Carried);
        assert_eq!(offered.agent(SshAgent::Auto, far), Agent::Carried);
        let withheld = AgentWish::Withheld;
        assert_eq!(withheld.agent(SshAgent::Always, far), Agent::None);
    }

    #[test]
    fn elsewhere_a_screen_is_none_and_a_machine_keeps_its_own() {
        let login = ["DISPLAY", "SSH_AUTH_SOCK", "LC_MINE"].map(str::to_owned);
        let value = |name: &str| Some(format!("my {name}"));
        let told = |distance| {
            let told = variables(distance, &login, value);
            told.iter()
                .map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("-")))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(Distance::Far), ["DISPLAY=-", "LC_MINE=my LC_MINE"]);
        assert_eq!(told(Distance::Near).len(), 3);
        assert_eq!(told(Distance::Near)[0], "DISPLAY=my DISPLAY");
    }
}
