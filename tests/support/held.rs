//! A link that can be held: a socket that passes everything on to a server's, or for a while nothing.

use super::Home;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

/// Whether bytes pass, and what waits to hear of a change.
type Gate = Arc<(Mutex<bool>, Condvar)>;

/// A way to the server of a home that can be held.
pub struct Held {
    gate: Gate,
    dir: PathBuf,
    /// Bytes that servers have said.
    said: Arc<AtomicU64>,
}

impl Held {
    /// Makes one; the server has to run.
    pub fn before(home: &Home) -> Self {
        let name = format!("wt-{}", rustix::process::getuid().as_raw());
        let dir = home.path().join("held");
        let (theirs, ours) = (home.path().join(&name), dir.join(&name));
        std::fs::create_dir_all(&ours).expect("a directory");
        std::fs::set_permissions(&ours, PermissionsExt::from_mode(0o700)).expect("a directory");
        let gate: Gate = Arc::default();
        let listener = UnixListener::bind(ours.join("default.sock")).expect("a socket");
        let (shared, said) = (gate.clone(), Arc::<AtomicU64>::default());
        let counted = said.clone();
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let far = UnixStream::connect(theirs.join("default.sock")).expect("a server");
                let ends = |stream: &UnixStream| stream.try_clone().expect("a stream");
                pass(ends(&near), ends(&far), shared.clone(), Arc::default());
                pass(far, near, shared.clone(), counted.clone());
            }
        });
        Self { gate, dir, said }
    }

    /// The environment in which clients take this way.
    pub fn env(&self, home: &Home) -> Vec<(String, String)> {
        let mut env = home.env();
        let dir = self.dir.to_string_lossy().into_owned();
        let place = env.iter_mut().find(|(key, _)| key == "WT_TMPDIR");
        place.expect("a place for sockets").1 = dir;
        env
    }

    /// How many bytes the server has said.
    pub fn said(&self) -> u64 {
        self.said.load(Ordering::Relaxed)
    }

    /// Nothing passes from now on; or all that has waited, and what comes.
    pub fn hold(&self, held: bool) {
        *self.gate.0.lock().expect("the gate") = held;
        self.gate.1.notify_all();
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream, gate: Gate, passed: Arc<AtomicU64>) {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            passed.fetch_add(count as u64, Ordering::Relaxed);
            let held = gate.0.lock().expect("the gate");
            drop(gate.1.wait_while(held, |held| *held));
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
}
