//! Work that nobody waits for while the client goes on: saying the last words to servers that were left.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

type Work<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Several pieces of work at once, done in whatever order they end.
#[derive(Default)]
pub(super) struct Departures<'a>(Vec<Work<'a>>);

impl<'a> Departures<'a> {
    /// Takes on one more.
    pub(super) fn add(&mut self, work: impl Future<Output = ()> + 'a) {
        self.0.push(Box::pin(work));
    }

    /// Works on all of them, for as long as there is any. Dropping the future loses nothing.
    pub(super) async fn work(&mut self) {
        match self.0.is_empty() {
            true => std::future::pending().await,
            false => self.finish().await,
        }
    }

    /// Works on all of them until the last one is done.
    pub(super) async fn finish(&mut self) {
        poll_fn(|context| {
            self.0
                .retain_mut(|work| work.as_mut().poll(context).is_pending());
            match self.0.is_empty() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}

impl fmt::Debug for Departures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Departures({})", self.0.len())
    }
}
