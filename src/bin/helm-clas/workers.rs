//! Many things done on all cores.

use std::{
    num::NonZero,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use crate::progress::Progress;

/// Fewer things than this are done sooner than threads are there.
const MANY: usize = 16;

/// How many are asked at once: each waits for another program or the network, and not for a core.
const AT_ONCE: usize = 8;

/// Asks about every item, several at once, and returns the answers in the order of the items. Meanwhile, progress shows
/// `what` they are.
pub(crate) fn each_asked<I: Sync, R: Send>(
    items: &[I],
    ask: impl Fn(&I) -> R + Sync,
    what: &'static str,
    shows_progress: bool,
) -> Vec<R> {
    let threads = items.len().min(AT_ONCE);
    on_threads(items, threads, || (), |(), item| ask(item), &Progress::of(items.len(), what), shows_progress)
}

/// Does one thing to every item and returns the results, in the order of the items.
///
/// Every worker has a tool of its own, made when it begins.
pub(crate) fn each<I: Sync, Tool, R: Send>(
    items: &[I],
    tool: impl Fn() -> Tool + Sync,
    work: impl Fn(&mut Tool, &I) -> R + Sync,
    shows_progress: bool,
) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = if items.len() < MANY { 1 } else { cores };
    on_threads(items, threads, tool, work, &Progress::of(items.len(), "files"), shows_progress)
}

fn on_threads<I: Sync, Tool, R: Send>(
    items: &[I],
    threads: usize,
    tool: impl Fn() -> Tool + Sync,
    work: impl Fn(&mut Tool, &I) -> R + Sync,
    progress: &Progress,
    shows_progress: bool,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take_items = || {
        let mut tool = tool();
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return done };
            done.push((index, work(&mut tool, item)));
            progress.advance();
        }
    };
    let mut done = thread::scope(|scope| {
        // a system that gives no thread leaves the work to this one
        let hire = |_| thread::Builder::new().spawn_scoped(scope, take_items).ok();
        let others: Vec<_> = (1..threads).map_while(hire).collect();
        let (working, work_ended) = mpsc::channel();
        if shows_progress {
            // only a line less where there is no thread for it
            let _ = thread::Builder::new().spawn_scoped(scope, move || progress.show_during(&work_ended));
        }
        let mut done = take_items();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        drop(working);
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
