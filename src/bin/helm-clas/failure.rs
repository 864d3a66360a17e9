//! [`Failure`]: the world did not cooperate. Exit code 2.

use std::{borrow::Cow, fmt, io};

/// What could not be done, and why.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    help: Option<Cow<'static, str>>,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), help: None }
    }

    /// For `map_err`: what was being done when the system answered with an error.
    pub(crate) fn while_doing(what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(format!("{what}: {error}"))
    }

    /// What could not be done, without what to do about it.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// What to do about it.
    pub(crate) fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    pub(crate) fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.what)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(out, "\n  = help: {help}"))
    }
}
