//! Where things are: sockets in a private folder under `/tmp` (not the runtime directory, which logind removes at the
//! last logout), configuration and state where the XDG Base Directory Specification puts them.

use super::key::Keys;
use crate::config::{Config, ConfigError, Source, Sources};
use anyhow::{Context, Result, bail, ensure};
use rustix::fs::OFlags;
use std::env;
use std::fs::{self, DirBuilder};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Longest path of a unix socket, in bytes: `sun_path` less its closing NUL (unix(7)).
const SOCKET_PATH_MAX: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Longest theme or keymap that is read, in bytes, and how many of either.
const MAX_SOURCE: u64 = 1 << 20;
const MAX_SOURCES: usize = 256;

/// Longest name of a server, in bytes.
const NAME_MAX: usize = 32;

/// The folders that everything of wt's lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    /// Holds the folder of sockets.
    pub tmp: PathBuf,
    /// Holds `wt/config.toml`.
    pub config: PathBuf,
    /// Holds `wt/NAME/`.
    pub state: PathBuf,
}

impl Roots {
    /// Reads `WT_TMPDIR`, `XDG_CONFIG_HOME`, `XDG_STATE_HOME`, and the home directory where they are not set.
    pub fn from_env() -> Result<Self> {
        let tmp = match env::var_os("WT_TMPDIR").filter(|value| !value.is_empty()) {
            Some(tmp) => PathBuf::from(tmp),
            None => PathBuf::from("/tmp"),
        };
        ensure!(
            tmp.is_absolute(),
            "WT_TMPDIR is {}: give it a path that starts with /",
            tmp.display()
        );
        Ok(Self {
            tmp,
            config: xdg("XDG_CONFIG_HOME", ".config")?,
            state: xdg("XDG_STATE_HOME", ".local/state")?,
        })
    }
}

/// The directory that `variable` names, or its default under the home directory. The specification has relative
/// paths ignored.
fn xdg(variable: &str, default: &str) -> Result<PathBuf> {
    if let Some(path) = env::var_os(variable).map(PathBuf::from)
        && path.is_absolute()
    {
        return Ok(path);
    }
    let home = env::home_dir()
        .filter(|home| home.is_absolute())
        .with_context(|| format!("no home directory: set HOME or {variable}"))?;
    Ok(home.join(default))
}

/// Where the files of one server, and of the clients that talk to it, are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    name: String,
    sockets: PathBuf,
    config: PathBuf,
    state: PathBuf,
}

impl Places {
    /// The name of the server that is meant when none is given.
    pub const DEFAULT_NAME: &str = "default";

    /// The places of the server called `name` (`-L NAME`), as the environment has them.
    ///
    /// Makes the folder of sockets, and refuses one that others could have made or could reach into.
    pub fn new(name: &str) -> Result<Self> {
        Self::under(name, &Roots::from_env()?)
    }

    /// The places of the server called `name` under `roots`.
    pub fn under(name: &str, roots: &Roots) -> Result<Self> {
        check_name(name)?;
        let uid = rustix::process::geteuid().as_raw();
        let places = Self {
            name: name.to_owned(),
            sockets: roots.tmp.join(format!("wt-{uid}")),
            config: roots.config.join("wt"),
            state: roots.state.join("wt").join(name),
        };
        let longest = places.holder_socket();
        let length = longest.as_os_str().len();
        ensure!(
            length <= SOCKET_PATH_MAX,
            "the socket path {} has {length} bytes, more than the {SOCKET_PATH_MAX} that the system allows: \
             set WT_TMPDIR to a shorter one",
            longest.display()
        );
        make_private(&places.sockets)?;
        Ok(places)
    }

    /// The server's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the server listens.
    pub fn socket(&self) -> PathBuf {
        self.sockets.join(format!("{}.sock", self.name))
    }

    /// Where the holder listens.
    pub fn holder_socket(&self) -> PathBuf {
        self.sockets.join(format!("{}.hold", self.name))
    }

    /// Where programs of the session with this number find an ssh agent.
    ///
    /// # Errors
    /// If the path is longer than the system allows.
    pub fn agent_socket(&self, session: u64) -> Result<PathBuf> {
        let path = self.sockets.join(format!("{}.agent-{session}", self.name));
        ensure!(
            path.as_os_str().len() <= SOCKET_PATH_MAX,
            "the socket path {} is longer than the system allows",
            path.display()
        );
        Ok(path)
    }

    /// Held by the running server.
    pub fn lock(&self) -> PathBuf {
        self.sockets.join(format!("{}.lock", self.name))
    }

    /// Held by the running holder.
    pub fn holder_lock(&self) -> PathBuf {
        self.sockets.join(format!("{}.hold.lock", self.name))
    }

    /// Where `config.toml`, `themes/` and `keymaps/` are; it need not exist.
    pub fn config_dir(&self) -> &Path {
        &self.config
    }

    /// The configuration file; it need not exist.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Reads the configuration file; none is the same as an empty one.
    pub fn read_config(&self) -> (Config, Vec<ConfigError>) {
        let path = self.config_file();
        match read_source(&path) {
            Ok(text) => Config::parse(&text, &path.to_string_lossy()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Config::parse("", &path.to_string_lossy())
            }
            Err(error) => {
                let error = ConfigError::unreadable(&path.to_string_lossy(), &error);
                (Config::default(), vec![error])
            }
        }
    }

    /// Reads `themes/*.toml` and `keymaps/*.toml`, in the order of their names.
    pub fn read_sources(&self) -> Sources {
        Sources {
            themes: read_folder(&self.config.join("themes")),
            keymaps: read_folder(&self.config.join("keymaps")),
        }
    }

    /// The folder of this server's state, made if it is missing.
    pub fn state_dir(&self) -> Result<&Path> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.state)
            .with_context(|| format!("cannot make {}", self.state.display()))?;
        Ok(&self.state)
    }

    /// Held by the server that writes here: another one with sockets elsewhere may mean the same state.
    pub fn state_lock(&self) -> PathBuf {
        self.state.join("lock")
    }

    /// What the server logs.
    pub fn log_file(&self) -> PathBuf {
        self.state.join("server.log")
    }

    /// What the holder logs.
    pub fn holder_log_file(&self) -> PathBuf {
        self.state.join("holder.log")
    }

    /// What clients log.
    pub fn client_log_file(&self) -> PathBuf {
        self.state.join("client.log")
    }

    /// Where the sessions are, as they were last.
    pub fn sessions_dir(&self) -> PathBuf {
        self.state.join("sessions")
    }

    /// Where a process may keep files for as long as it runs; it need not exist.
    pub fn scratch_dir(&self, pid: u32) -> PathBuf {
        self.sockets.join(format!("scratch-{pid}"))
    }

    /// The directories that processes have made for that, each with its process's id.
    pub fn scratch_dirs(&self) -> Vec<(u32, PathBuf)> {
        let entries = fs::read_dir(&self.sockets).into_iter().flatten().flatten();
        let scratch = |entry: fs::DirEntry| {
            let name = entry.file_name();
            let pid = name.to_str()?.strip_prefix("scratch-")?.parse().ok()?;
            Some((pid, entry.path()))
        };
        entries.filter_map(scratch).collect()
    }

    /// What opens the histories that are sealed.
    pub fn keys(&self) -> Keys {
        Keys::of(&self.state)
    }

    /// The folder of what clients of all servers share. The names of servers hold no dot: no file in it is in the way
    /// of a server's folder.
    fn client_dir(&self) -> &Path {
        self.state.parent().unwrap_or(&self.state)
    }

    /// The secret key of this user's clients.
    pub fn device_key_file(&self) -> PathBuf {
        self.client_dir().join("device.key")
    }

    /// The hosts that this user's clients know.
    pub fn hosts_file(&self) -> PathBuf {
        self.client_dir().join("hosts.toml")
    }

    /// Whom the server lets in.
    pub fn authorized_file(&self) -> PathBuf {
        self.state.join("authorized")
    }

    /// Where the server listens in the network.
    pub fn listening_file(&self) -> PathBuf {
        self.state.join("listening")
    }

    /// The secret key of the server.
    pub fn server_key_file(&self) -> PathBuf {
        self.state.join("server.key")
    }

    /// Where the directories of all panes are.
    pub fn panes_dir(&self) -> PathBuf {
        self.state.join("panes")
    }

    /// Where the scrollback of the pane with this number is.
    pub fn pane_dir(&self, pane: u64) -> PathBuf {
        self.panes_dir().join(pane.to_string())
    }
}

/// Every `*.toml` in a folder; none if there is no folder.
fn read_folder(dir: &Path) -> Vec<Source> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    paths.sort();
    paths.truncate(MAX_SOURCES);
    let source = |path: &PathBuf| Source {
        name: path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        file: path.to_string_lossy().into_owned(),
        text: read_source(path).map_err(|error| error.to_string()),
    };
    paths.iter().map(source).collect()
}

/// Reads a file of configuration; what is no file, or has no end, is refused without waiting for it.
fn read_source(path: &Path) -> io::Result<String> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags as i32)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut text = String::new();
    file.take(MAX_SOURCE + 1).read_to_string(&mut text)?;
    match text.len() as u64 > MAX_SOURCE {
        true => Err(io::Error::other("it is larger than 1 MiB")),
        false => Ok(text),
    }
}

/// Refuses a name that could lead out of a folder, be taken for a target, or draw on a terminal.
fn check_name(name: &str) -> Result<()> {
    ensure!(!name.is_empty(), "a server's name cannot be empty");
    ensure!(
        name.len() <= NAME_MAX,
        "the server name {name:?} has {} bytes, more than {NAME_MAX}",
        name.len()
    );
    if let Some(bad) = name
        .chars()
        .find(|c| c.is_control() || matches!(c, '/' | ':' | '.'))
    {
        bail!("the server name {name:?} holds {bad:?}: leave out / : . and control characters");
    }
    ensure!(
        !name.starts_with('-'),
        "the server name {name:?} starts with -"
    );
    Ok(())
}

/// Makes the folder at `path`, or makes sure that the one there is ours and nobody else's.
fn make_private(path: &Path) -> Result<()> {
    let shown = path.display();
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| {
                format!("cannot make {shown} (WT_TMPDIR may name another place)")
            });
        }
        _ => {}
    }
    let found = fs::symlink_metadata(path).with_context(|| format!("cannot look at {shown}"))?;
    ensure!(
        found.is_dir(),
        "{shown} is in the way: it is no folder; remove it or set WT_TMPDIR"
    );
    let uid = rustix::process::geteuid().as_raw();
    ensure!(
        found.uid() == uid,
        "{shown} belongs to user {}, not to you (user {uid}): set WT_TMPDIR to a folder of yours",
        found.uid()
    );
    let mode = found.permissions().mode() & 0o777;
    ensure!(
        mode & 0o077 == 0,
        "{shown} is open to other users (mode {mode:o}): run `chmod 700 {shown}`"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn roots(dir: &Path) -> Roots {
        Roots {
            tmp: dir.to_owned(),
            config: dir.join("config"),
            state: dir.join("state"),
        }
    }

    fn sockets(dir: &Path) -> PathBuf {
        dir.join(format!("wt-{}", rustix::process::geteuid().as_raw()))
    }

    #[test]
    fn the_folder_of_sockets_is_made_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let places = Places::under("default", &roots(dir.path())).unwrap();
        let mode = fs::metadata(sockets(dir.path())).unwrap().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(places.socket(), sockets(dir.path()).join("default.sock"));
        assert!(
            !dir.path().join("state").exists(),
            "state is made on demand"
        );
        assert!(places.state_dir().unwrap().is_dir());
        Places::under("default", &roots(dir.path())).unwrap();
    }

    #[test]
    fn a_folder_that_others_could_reach_into_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(sockets(dir.path())).unwrap();
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(sockets(dir.path()), open).unwrap();
        let error = Places::under("default", &roots(dir.path())).unwrap_err();
        assert!(error.to_string().contains("mode 755"), "{error}");
    }

    #[test]
    fn a_link_in_the_place_of_the_folder_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = dir.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        symlink(&elsewhere, sockets(dir.path())).unwrap();
        let error = Places::under("default", &roots(dir.path())).unwrap_err();
        assert!(error.to_string().contains("no folder"), "{error}");
    }

    #[test]
    fn a_path_too_long_for_a_socket_is_an_error_that_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let long = roots(&dir.path().join("d".repeat(100)));
        let error = Places::under("default", &long).unwrap_err();
        assert!(error.to_string().contains("WT_TMPDIR"), "{error}");
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let long = "n".repeat(NAME_MAX + 1);
        for bad in ["", "a/b", "..", "a:b", "a.b", "a\nb", "-L", long.as_str()] {
            assert!(Places::under(bad, &roots(dir.path())).is_err(), "{bad:?}");
        }
        for good in ["default", "työ", "a b", "x1"] {
            assert!(Places::under(good, &roots(dir.path())).is_ok(), "{good:?}");
        }
    }
}
