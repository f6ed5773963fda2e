//! What programs get of the client in use: its clipboard, its ssh agent, the variables of its login.

/// What programs get of the client in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharing {
    /// Whether they may read the clipboard.
    pub clipboard_read: ClipboardRead,
    /// Whether they reach the ssh agent.
    pub ssh_agent: SshAgent,
    /// The variables that a session takes from whoever attaches to it.
    pub login: Vec<String>,
}

/// Whether programs may read the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClipboardRead {
    /// Never.
    Never,
    /// When the user says so, each time.
    #[default]
    Ask,
    /// Always.
    Always,
}

/// Whether programs reach the ssh agent of the client in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SshAgent {
    /// That of a client on the server's machine; of one elsewhere if it was attached with `-A`.
    #[default]
    Auto,
    /// That of every client.
    Always,
    /// None: `SSH_AUTH_SOCK` is what it was where the session was made or attached to.
    Off,
}

/// The variables that name something of a login.
pub const LOGIN: [&str; 13] = [
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "SSH_AUTH_SOCK",
    "SSH_AGENT_PID",
    "SSH_ASKPASS",
    "SSH_CONNECTION",
    "SSH_CLIENT",
    "SSH_TTY",
    "KRB5CCNAME",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_ID",
];

/// The same as it would be written in the file.
pub(super) const LOGIN_TOML: &str = "[\"DISPLAY\", \"WAYLAND_DISPLAY\", \"XAUTHORITY\", \"SSH_AUTH_SOCK\", \"SSH_AGENT_PID\", \"SSH_ASKPASS\", \
    \"SSH_CONNECTION\", \"SSH_CLIENT\", \"SSH_TTY\", \"KRB5CCNAME\", \"DBUS_SESSION_BUS_ADDRESS\", \"XDG_RUNTIME_DIR\", \"XDG_SESSION_ID\"]";

/// Most names that the file may give: as many as a client tells of.
pub(super) const MAX_LOGIN: usize = 64;

impl Default for Sharing {
    fn default() -> Self {
        Self {
            clipboard_read: ClipboardRead::default(),
            ssh_agent: SshAgent::default(),
            login: LOGIN.map(str::to_owned).to_vec(),
        }
    }
}
