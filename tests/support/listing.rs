//! What `wt ls --json` says, as tests ask for it. Sessions go by their name, tabs by their number, from 1.

use super::Home;
use serde_json::Value;

/// One answer.
pub struct Listing(Value);

impl Listing {
    /// Asks now.
    pub fn of(home: &Home) -> Self {
        Self(home.list())
    }

    /// The sessions' names, in order.
    pub fn sessions(&self) -> Vec<String> {
        let sessions = self.0.as_array().expect("sessions");
        sessions.iter().map(|it| text(&it["name"])).collect()
    }

    fn all_tabs(&self, session: &str) -> &[Value] {
        let sessions = self.0.as_array().expect("sessions");
        let found = sessions.iter().find(|it| it["name"] == session);
        let tabs = found.and_then(|session| session["tabs"].as_array());
        tabs.map_or(&[], |tabs| tabs)
    }

    /// The names of a session's tabs, in order.
    pub fn tabs(&self, session: &str) -> Vec<String> {
        let tabs = self.all_tabs(session).iter();
        tabs.map(|tab| text(&tab["name"])).collect()
    }

    /// A tab of the session `work`.
    pub fn tab(&self, number: usize) -> &Value {
        self.all_tabs("work")
            .get(number - 1)
            .unwrap_or(&Value::Null)
    }

    /// The panes of a tab of `work`, in the order of its layout.
    pub fn panes(&self, tab: usize) -> &[Value] {
        self.tab(tab)["panes"].as_array().map_or(&[], |panes| panes)
    }

    /// Their ids.
    pub fn ids(&self, tab: usize) -> Vec<u64> {
        let panes = self.panes(tab).iter();
        panes.map(|pane| number(&pane["id"])).collect()
    }

    /// Their columns and rows.
    pub fn sizes(&self, tab: usize) -> Vec<(u64, u64)> {
        let size = |pane: &Value| {
            let size = &pane["size"];
            (number(&size["cols"]), number(&size["rows"]))
        };
        self.panes(tab).iter().map(size).collect()
    }

    /// The number, from 1, of the pane of that tab that had the focus last; 0 if there is no such tab.
    pub fn focus(&self, tab: usize) -> usize {
        let mut panes = self.panes(tab).iter();
        panes
            .position(|pane| pane["focused"] == true)
            .map_or(0, |at| at + 1)
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}
