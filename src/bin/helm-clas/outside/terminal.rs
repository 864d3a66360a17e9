//! How wide the terminal is, where there is one.

use std::io::{self, IsTerminal as _};

/// The columns of the terminal that standard output is; nothing where it is not one. A terminal that does not say has
/// 80.
pub(crate) fn width() -> Option<usize> {
    const USUAL: usize = 80;
    io::stdout().is_terminal().then(|| told().filter(|columns| *columns > 0).unwrap_or(USUAL))
}

#[cfg(unix)]
fn told() -> Option<usize> {
    rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col.into())
}

#[cfg(not(unix))]
fn told() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}
