//! Where names are. The system may take long to say so, above all while there is no network: each name is asked for in a
//! thread of its own, which nobody has to wait for, and none is asked for again before its thread has ended.

use crate::auth::Address;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// Most addresses of one name that are tried.
const MAX_OF_NAME: usize = 8;

/// What names were found to be. Clones share it.
#[derive(Clone)]
pub(super) struct Names(Arc<Shared>);

type Resolve = dyn Fn(&Address) -> io::Result<Vec<SocketAddr>> + Send + Sync;

struct Shared {
    resolve: Box<Resolve>,
    known: Mutex<Known>,
    /// Somebody has answered, for those who wait with their threads and for those who do not.
    answered: Condvar,
    told: Notify,
}

#[derive(Debug, Default)]
struct Known {
    /// Where each was when it was asked for last with success.
    found: BTreeMap<Address, Vec<SocketAddr>>,
    /// Those that are being asked for.
    asking: BTreeSet<Address>,
}

impl Default for Names {
    /// As the system knows them.
    fn default() -> Self {
        Self::by(resolve)
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_tuple("Names").field(&*self.known()).finish()
    }
}

impl Names {
    fn by(
        resolve: impl Fn(&Address) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            resolve: Box::new(resolve),
            known: Mutex::default(),
            answered: Condvar::new(),
            told: Notify::new(),
        }))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for each of them that is not being asked for.
    pub(super) fn ask(&self, names: impl IntoIterator<Item = Address>) {
        for name in names {
            if self.known().asking.insert(name.clone()) {
                let names = self.clone();
                std::thread::spawn(move || {
                    let places = (names.0.resolve)(&name);
                    names.answer(name, places);
                });
            }
        }
    }

    fn answer(&self, name: Address, places: io::Result<Vec<SocketAddr>>) {
        let mut known = self.known();
        known.asking.remove(&name);
        // Where it was before is better than nothing.
        if let Ok(mut places) = places {
            places.truncate(MAX_OF_NAME);
            known.found.insert(name, places);
        }
        drop(known);
        self.0.answered.notify_all();
        self.0.told.notify_waiters();
    }

    /// Waits until all that was asked for is answered, at most until `until`.
    pub(super) fn wait(&self, until: Instant) {
        let mut known = self.known();
        while !known.asking.is_empty() {
            let rest = until.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return;
            }
            let waited = self.0.answered.wait_timeout(known, rest);
            known = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ready at the first answer after this call.
    pub(super) fn answered(&self) -> impl Future<Output = ()> {
        self.0.told.notified()
    }

    /// Where `name` is, as far as that is known.
    pub(super) fn places_of(&self, name: &Address) -> Vec<SocketAddr> {
        self.known().found.get(name).cloned().unwrap_or_default()
    }
}

/// Where an address is; waits until the system knows.
pub(super) fn resolve(address: &Address) -> io::Result<Vec<SocketAddr>> {
    let found = (&*address.machine, address.port).to_socket_addrs()?;
    Ok(found.take(MAX_OF_NAME).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    const SOON: Duration = Duration::from_secs(20);

    fn desk() -> Address {
        Address::new("desk", 7)
    }

    #[test]
    fn a_name_that_is_being_asked_for_is_not_asked_for_again() {
        let asked = Arc::new(AtomicUsize::new(0));
        let (answer, answers) = mpsc::channel::<io::Result<Vec<SocketAddr>>>();
        let (count, answers) = (asked.clone(), Mutex::new(answers));
        let names = Names::by(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            let answers = answers.lock().expect("no panic");
            answers.recv_timeout(SOON).expect("an answer")
        });
        (0..50).for_each(|_| names.ask([desk()]));
        names.wait(Instant::now() + Duration::from_millis(20));
        assert_eq!(names.places_of(&desk()), []);
        let place = SocketAddr::from(([10, 0, 0, 7], 7));
        answer.send(Ok(vec![place])).expect("somebody waits");
        names.wait(Instant::now() + SOON);
        assert_eq!(names.places_of(&desk()), [place]);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        // Nobody knows it any more: it may still be there.
        names.ask([desk()]);
        let nobody = io::Error::other("no network");
        answer.send(Err(nobody)).expect("somebody waits");
        names.wait(Instant::now() + SOON);
        assert_eq!(names.places_of(&desk()), [place]);
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }
}
