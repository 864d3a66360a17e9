//! [`Waiting`]: one line that says what is being waited for, on a terminal and nowhere else.

use std::{
    cell::Cell,
    io::{self, IsTerminal as _, Write as _},
};

/// The line. It goes away when something else is to be printed, at the latest when this is dropped.
#[derive(Debug)]
pub(crate) struct Waiting {
    is_wanted: bool,
    is_there: Cell<bool>,
}

/// Back to the first column, and nothing behind it.
const CLEAR: &str = "\r\u{1b}[K";

impl Waiting {
    /// Wanted or not, there is none where standard error is not a terminal.
    pub(crate) fn new(is_wanted: bool) -> Self {
        Self { is_wanted: is_wanted && io::stderr().is_terminal(), is_there: Cell::new(false) }
    }

    pub(crate) fn show(&self, text: &str) {
        const WIDTH: usize = 79;
        if self.is_wanted {
            let line: String = text.chars().take(WIDTH).collect();
            let _ = write!(io::stderr(), "{CLEAR}{line}");
            self.is_there.set(true);
        }
    }

    pub(crate) fn clear(&self) {
        if self.is_there.take() {
            let _ = write!(io::stderr(), "{CLEAR}");
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.clear();
    }
}
