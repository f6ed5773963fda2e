//! Work that nobody waits for while the client goes on: saying the last words to servers that were left.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Ends with what the user is to be told of it, if that is anything.
type Work<'a> = Pin<Box<dyn Future<Output = Option<String>> + 'a>>;

/// Several pieces of work at once, done in whatever order they end.
#[derive(Default)]
pub(super) struct Departures<'a>(Vec<Work<'a>>);

impl<'a> Departures<'a> {
    /// Takes on one more, of which the user is told nothing.
    pub(super) fn add(&mut self, work: impl Future<Output = ()> + 'a) {
        self.add_told(async move {
            work.await;
            None
        });
    }

    /// Takes on one more.
    pub(super) fn add_told(&mut self, work: impl Future<Output = Option<String>> + 'a) {
        self.0.push(Box::pin(work));
    }

    /// Works on all of them until the user is to be told something. Dropping the future loses nothing.
    pub(super) async fn work(&mut self) -> String {
        poll_fn(|context| {
            let mut place = 0;
            while let Some(work) = self.0.get_mut(place) {
                let Poll::Ready(told) = work.as_mut().poll(context) else {
                    place += 1;
                    continue;
                };
                drop(self.0.swap_remove(place));
                if let Some(told) = told {
                    return Poll::Ready(told);
                }
            }
            Poll::Pending
        })
        .await
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
