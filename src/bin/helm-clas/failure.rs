//! [`Failure`]: the world did not cooperate. Exit code 2.

use std::{borrow::Cow, fmt, io, path::Path};

use helm_clas::{Unjudged, chart::secrets::masked};

use crate::paths;

/// What could not be done, and why.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    help: Option<Cow<'static, str>>,
    /// The file that it is about.
    file: Option<String>,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), help: None, file: None }
    }

    /// For `map_err`: what was being done when the system answered with an error.
    pub(crate) fn while_doing(what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(format!("{what}: {error}"))
    }

    /// What could not be done, without what to do about it.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// The same as what a run could not judge.
    pub(crate) fn unjudged(&self) -> Unjudged {
        Unjudged { file: self.file.clone(), message: self.what.clone(), help: self.help.as_deref().map(str::to_owned) }
    }

    /// What to do about it.
    pub(crate) fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The same about a file: its name is not masked, whatever it says.
    pub(crate) fn about(self, file: &Path) -> Self {
        Self { file: Some(paths::name(file)), ..self }
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

/// What a person needs of another program's complaints: without credentials and without the log of its attempts
/// (`E1122 22:56:23.291019 ...`), on one line, with nothing in it that moves the cursor.
pub(crate) fn complaint(said: &[u8]) -> String {
    let is_log = |line: &&str| line.starts_with(['E', 'W', 'I']) && line[1..].starts_with(|c: char| c.is_ascii_digit());
    let said = String::from_utf8_lossy(said);
    let said = masked(&said);
    let words: Vec<&str> = said.lines().filter(|line| !is_log(line)).flat_map(str::split_whitespace).collect();
    words.join(" ").chars().filter(|c| !c.is_control()).collect()
}
