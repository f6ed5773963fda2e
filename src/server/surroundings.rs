//! What the client in use has around it, for programs on the server: the variables of its login, which new panes get.

use super::foreign::Origin;
use super::world::World;
use crate::protocol::side::{MAX_VARIABLE, MAX_VARIABLES, Surroundings};
use crate::protocol::{SessionId, ViewerId};
use anyhow::{Context, Result};

/// Where programs look for an ssh agent.
pub(super) const AGENT: &str = "SSH_AUTH_SOCK";

impl World {
    /// A client that has attached tells what it has around it: its session takes over what the configuration lets it.
    /// A client elsewhere knows nothing of this machine's end of its connection: that is looked up here.
    pub(super) fn here(&mut self, (viewer, from): (ViewerId, Origin), told: Surroundings) {
        let Some(viewer) = self.viewers.get_mut(&viewer) else {
            return;
        };
        viewer.agent = told.agent;
        let session = viewer.at.session();
        let login = &self.config.sharing.login;
        let fits = |(name, value): &(String, Option<String>)| {
            let length = name.len() + value.as_ref().map_or(0, String::len);
            login.contains(name)
                && length <= MAX_VARIABLE
                && !value.as_ref().is_some_and(|value| value.contains('\0'))
        };
        let connection = from.variables().into_iter();
        let connection = connection.map(|(name, value)| (name, Some(value)));
        let told = told.env.into_iter().take(MAX_VARIABLES);
        let told = told.chain(connection).filter(fits);
        let told: Vec<_> = told
            .map(|variable| self.without_own_agent(variable))
            .collect();
        let Some(session) = self.sessions.get_mut(session) else {
            return;
        };
        let before = session.env.clone();
        for (name, value) in told {
            session.env.retain(|(known, _)| *known != name);
            session.env.extend(value.map(|value| (name, value)));
        }
        if session.env != before {
            self.saved.sessions_changed.notify_one();
        }
    }

    /// A client within a pane has the agent's socket of that pane's session: what is meant is the agent behind it.
    fn without_own_agent(&self, variable: (String, Option<String>)) -> (String, Option<String>) {
        match variable {
            (name, Some(value)) if name == AGENT => (name, self.true_agent(&value)),
            variable => variable,
        }
    }

    /// The variables of the login as a new pane of the session would get them.
    pub(super) fn login_env(&mut self, target: &str) -> Result<Vec<(String, Option<String>)>> {
        let session = self.find(target)?.session;
        let agent = self.agent_socket_of(session);
        let found = self
            .sessions
            .get(session)
            .context("the session has ended")?;
        let value = |name: &String| {
            let set = |env: &[(String, String)]| {
                let set = env.iter().rev().find(|(known, _)| known == name);
                set.map(|(_, value)| value.clone())
            };
            let agent = agent.clone().filter(|_| name == AGENT);
            set(&self.config.env).or(agent).or_else(|| set(&found.env))
        };
        let login = self.config.sharing.login.iter();
        Ok(login.map(|name| (name.clone(), value(name))).collect())
    }

    /// The agent's socket, if panes of the session are to use it.
    pub(super) fn agent_socket_of(&self, session: SessionId) -> Option<String> {
        let socket = self.agents.socket(session)?;
        self.has_agent(session).then_some(socket)
    }
}
