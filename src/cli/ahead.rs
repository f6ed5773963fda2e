//! Work on several threads, ahead of whoever takes what comes of it.

use anyhow::Result;
use std::sync::mpsc::sync_channel;
use std::thread;

/// The most threads.
const MAX_THREADS: usize = 4;

/// How many outcomes of each thread may wait to be taken.
const MAX_AHEAD: usize = 4;

/// Does `work` for each job and gives `take` what comes of them, in the order of the jobs, until it fails.
pub(super) fn in_order<J: Sync, T: Send>(
    jobs: &[J],
    work: &(dyn Fn(&J) -> T + Sync),
    take: &mut dyn FnMut(T) -> Result<()>,
) -> Result<()> {
    let threads = thread::available_parallelism().map_or(1, |count| count.get());
    let threads = threads.min(MAX_THREADS).min(jobs.len());
    thread::scope(|scope| {
        let start = |first: usize| {
            let (sender, outcomes) = sync_channel(MAX_AHEAD);
            scope.spawn(move || {
                let own = jobs.iter().skip(first).step_by(threads);
                // Once nobody takes more, nothing more is done.
                own.map(work)
                    .try_for_each(|outcome| sender.send(outcome).ok())
            });
            outcomes
        };
        let outcomes: Vec<_> = (0..threads).map(start).collect();
        for job in 0..jobs.len() {
            // A thread that panics makes the scope panic.
            let Ok(outcome) = outcomes[job % threads].recv() else {
                break;
            };
            take(outcome)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;
    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn outcomes_come_in_the_order_of_the_jobs() {
        let jobs: Vec<u32> = (0..100).collect();
        let mut taken = Vec::new();
        let take = &mut |outcome| {
            taken.push(outcome);
            Ok(())
        };
        in_order(&jobs, &|job| job * 2, take).expect("nothing fails");
        assert_eq!(taken, jobs.iter().map(|job| job * 2).collect::<Vec<_>>());
        in_order(&[], &|_: &u32| 0, &mut |_| bail!("nothing comes")).expect("nothing to do");
    }

    #[test]
    fn jobs_are_shared_out_over_threads() {
        if thread::available_parallelism().map_or(1, |count| count.get()) < 2 {
            return;
        }
        // None of two jobs is done before the other was begun.
        let both = Barrier::new(2);
        let work = |_: &()| {
            both.wait();
            thread::current().id()
        };
        let mut threads = HashSet::new();
        let take = &mut |thread| {
            threads.insert(thread);
            Ok(())
        };
        in_order(&[(), ()], &work, take).expect("nothing fails");
        assert_eq!(threads.len(), 2);
    }

    #[test]
    fn work_ends_where_nobody_takes_more() {
        let done = AtomicUsize::new(0);
        let work = |_: &usize| done.fetch_add(1, Ordering::Relaxed);
        let jobs: Vec<usize> = (0..10_000).collect();
        assert!(in_order(&jobs, &work, &mut |_| bail!("enough")).is_err());
        let most = MAX_THREADS * (MAX_AHEAD + 2);
        assert!(done.into_inner() <= most);
    }
}
