//! The per-user server: the sole authority over sessions and panes.
//!
//! It is one thread. Every machine (sessions, panes, viewers) lives in one `World`; each source of events (a PTY, a
//! client's link, the holder, a timer) has a task that borrows the world for the length of one event and never
//! across an await. So machines need no locks, and an event is handled from key to PTY and from PTY to frame without
//! waking another thread.

mod absence;
mod adopt;
mod agent;
mod attend;
mod capture;
mod clipboard;
mod command;
mod commands;
mod copy;
mod dead;
mod echo;
mod ending;
mod errand;
mod faults;
mod foreground;
mod foreign;
mod guests;
mod handover;
mod handshakes;
mod hosted;
mod hush;
mod integration;
mod listening;
mod looking;
pub mod margin;
mod marks;
mod pairing;
mod persist;
mod pty;
pub mod quota;
mod recent;
mod record;
mod remote;
mod request;
mod returning;
mod revive;
mod scroll;
mod sealing;
mod search;
mod show;
mod side;
mod size;
mod spawn;
pub mod start;
mod surroundings;
mod trust;
mod viewer;
mod widen;
mod worker;
mod world;

use crate::disk::Lock;
use crate::disk::lock::LockError;
use crate::disk::places::Places;
use crate::disk::watch::Watch;
use crate::holder::daemon;
use crate::net::unix::Listener;
use anyhow::{Context, Result, anyhow};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::os::unix::net::UnixListener;
use std::rc::Rc;
use tokio::task::LocalSet;
use world::World;

/// How the server was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// By a client that needs one: it ends with its last session.
    Auto,
    /// By `wt server start`: in the background, until it is stopped.
    Staying,
    /// By `wt server run`: it keeps its terminal, until it is stopped.
    Foreground,
}

/// The server as its tasks share it.
#[derive(Clone)]
struct Server(Rc<RefCell<World>>);

impl Server {
    /// Borrows the world for one event.
    fn with<T>(&self, event: impl FnOnce(&mut World) -> T) -> T {
        event(&mut self.0.borrow_mut())
    }
}

/// Runs the server until it is stopped, or (`Start::Auto`) until its last session has ended; with a network listener on
/// each of the addresses.
pub fn run(places: &Places, start: Start, listen: &[SocketAddr]) -> Result<()> {
    let open = || {
        places.state_dir()?;
        let (lock, listener) = daemon::listen(&places.lock(), &places.socket())?;
        Ok((own_state(places)?, lock, listener))
    };
    let (state, lock, listener) = match start {
        Start::Foreground => {
            places.state_dir()?;
            crate::disk::log::start(&places.log_file())?;
            open()?
        }
        Start::Auto | Start::Staying => daemon::begin(&places.log_file(), open)?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        // A busy pane must not keep the loop from seeing a key: look for events after every task.
        .event_interval(1)
        .enable_all()
        .thread_keep_alive(std::time::Duration::from_secs(1))
        .build()
        .context("starting the server's runtime")?;
    let result = LocalSet::new().block_on(&runtime, serve(places, start, (listener, listen)));
    runtime.shutdown_background();
    let _ = std::fs::remove_file(places.socket());
    // Whoever gets the second lock finds the first one free.
    drop(state);
    drop(lock);
    result
}

/// Makes sure that no other server writes to the same state: one whose sockets are in another place.
fn own_state(places: &Places) -> Result<Lock> {
    let locked = Lock::take(&places.state_lock());
    locked.map_err(|error| {
        let _ = std::fs::remove_file(places.socket());
        match error {
            LockError::Held { path, owner } => {
                let state = path.with_file_name("");
                let pid = owner.map_or("?".to_owned(), |owner| owner.pid.to_string());
                anyhow!(
                    "process {pid}, a server with its socket elsewhere, has the sessions in {}: \
                     set WT_TMPDIR as it was then, or XDG_STATE_HOME to another place",
                    state.display()
                )
            }
            error => error.into(),
        }
    })
}

/// Lets what is saved in the configuration hold at once.
async fn watch_configuration(server: Server) {
    let dir = server.with(|world| world.places.config_dir().to_owned());
    let mut watch = Watch::over(&dir);
    loop {
        watch.changed().await;
        server.with(World::read_config);
        listening::follow_config(&server).await;
    }
}

async fn serve(
    places: &Places,
    start: Start,
    (listener, listen): (UnixListener, &[SocketAddr]),
) -> Result<()> {
    let listener = Listener::from_std(listener)?;
    let server = Server(Rc::new(RefCell::new(World::new(places, start))));
    tracing::info!(pid = std::process::id(), "the server is up");
    adopt::begin(&server).await;
    handover::take_up(&server).await;
    agent::ensure_all(&server);
    // From here on viewers may come back.
    listening::begin(&server, listen)?;
    tokio::task::spawn_local(persist::keep_sessions(server.clone()));
    tokio::task::spawn_local(persist::keep_panes(server.clone()));
    tokio::task::spawn_local(quota::keep_age(server.clone()));
    tokio::task::spawn_local(ending::see_out(server.clone()));
    tokio::task::spawn_local(marks::watch_silence(server.clone()));
    tokio::task::spawn_local(clipboard::give_up(server.clone()));
    tokio::task::spawn_local(watch_configuration(server.clone()));
    tokio::task::spawn_local(listening::keep(server.clone()));
    tokio::task::spawn_local(request::accept(server.clone(), listener));
    ending::until_stopped(&server).await;
    listening::close(&server).await;
    pty::stop_all(&server).await;
    // One event: nothing is written to a program or read from it after its screen and its input were saved.
    persist::save_all(&server);
    let left = server.with(World::part);
    handover::leave(&server, left).await;
    server.with(World::forget_agents);
    tracing::info!("the server ends");
    Ok(())
}
