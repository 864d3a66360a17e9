//! [`Progress`]: a line on the terminal that says how far a long work is.

use std::{
    io::{self, IsTerminal, Write},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

/// How much of a work is done.
pub(crate) struct Progress {
    done: AtomicUsize,
    total: usize,
    what: &'static str,
}

/// How long to wait before the first line.
const PATIENCE: Duration = Duration::from_millis(500);

const PAUSE: Duration = Duration::from_millis(100);

impl Progress {
    pub(crate) fn of(total: usize, what: &'static str) -> Self {
        Self { done: AtomicUsize::new(0), total, what }
    }

    /// One more is done.
    pub(crate) fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Shows the line where there is a terminal and the work takes long, until the other end of `work` is dropped.
    pub(crate) fn show_during(&self, work: &Receiver<()>) {
        let mut stderr = io::stderr();
        if !stderr.is_terminal() {
            return;
        }
        let mut pause = PATIENCE;
        let mut width = 0;
        while work.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            let line = format!("{} of {} {}", self.done.load(Ordering::Relaxed), self.total, self.what);
            // standard error is closed; there is nowhere to report that
            let _ = write!(stderr, "\r{line}").and_then(|()| stderr.flush());
            (pause, width) = (PAUSE, line.len());
        }
        if width > 0 {
            let _ = write!(stderr, "\r{:width$}\r", "").and_then(|()| stderr.flush());
        }
    }
}
