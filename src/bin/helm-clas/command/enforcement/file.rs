//! [`File`]: a file of saved modes on the disk.

use helm_clas::enforcement::Saved;

use crate::{args::described::called, failure::Failure, outside::files};

/// A file of saved modes, and the bytes in it.
pub(super) struct File {
    bytes: Vec<u8>,
    pub(super) saved: Saved,
}

impl File {
    pub(super) fn read(name: &str) -> Result<Self, Failure> {
        let bytes = files::read(name).map_err(|failure| match failure.advice() {
            None => failure.help(format!("`{} enforcement save FILE` writes it", called())),
            Some(_) => failure,
        })?;
        let text = std::str::from_utf8(&bytes).map_err(|error| unreadable(name, &error))?;
        let saved = Saved::read(text).map_err(|error| unreadable(name, &error))?;
        Ok(Self { bytes, saved })
    }

    /// Puts other content in its place, whole or not at all.
    pub(super) fn replace(&self, name: &str, saved: &Saved) -> Result<Self, Failure> {
        let bytes = saved.text().into_bytes();
        files::replace(name, &self.bytes, &bytes, files::Keep::Everything)?;
        Ok(Self { bytes, saved: saved.clone() })
    }
}

fn unreadable(name: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{name} does not contain saved modes: {error}")).help(format!(
        "use a file that `{0} enforcement save` wrote; `{0} schema enforcement` prints its schema",
        called()
    ))
}
