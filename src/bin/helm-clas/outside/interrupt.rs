//! [`Interrupt`]: Ctrl-C while a step is taken on a cluster. Helm ends first, so that the release says what was done.

use std::{
    io,
    process::{Child, ExitStatus},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

/// Whether the user wants to stop.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

/// The exit code of a program that was stopped by Ctrl-C.
pub(crate) const STOPPED: u8 = 130;

/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(50);

impl Interrupt {
    /// From now on the first signal is noted, and the second ends the program as it would have before.
    pub(crate) fn watched() -> Self {
        let is_there = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // a system without signals has nothing to note
            let _ = flag::register_conditional_shutdown(signal, STOPPED.into(), Arc::clone(&is_there));
            let _ = flag::register(signal, Arc::clone(&is_there));
        }
        Self(is_there)
    }

    pub(crate) fn is_there(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Sleeps, until it is there at the latest.
    pub(crate) fn sleep(&self, time: Duration) {
        let started = Instant::now();
        while !self.is_there() && started.elapsed() < time {
            thread::sleep(PAUSE.min(time.saturating_sub(started.elapsed())));
        }
    }

    /// Waits for the end of a program, and hands the signal on to it: a terminal sends it to both, `kill` only to this one.
    pub(crate) fn passed_on_to(&self, child: &mut Child) -> io::Result<ExitStatus> {
        let mut is_passed_on = false;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if self.is_there() && !is_passed_on {
                interrupt(child);
                is_passed_on = true;
            }
            thread::sleep(PAUSE);
        }
    }
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    use rustix::process::{Pid, Signal, kill_process};
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // it may have ended by now
    let _ = id.map(|id| kill_process(id, Signal::INT));
}

#[cfg(not(unix))]
fn interrupt(_: &Child) {}
