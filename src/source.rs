//! [`Source`]: a file by its name and its bytes.

use crate::{
    chart::reference::sealed,
    finding::{Finding, Position},
    rule::Rule,
};

/// A values file, or a manifest.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// Its name, as the user gave it.
    pub name: &'s str,
    /// What it holds.
    pub bytes: &'s [u8],
}

impl<'s> Source<'s> {
    /// What it holds, as text.
    ///
    /// # Errors
    ///
    /// `invalid-yaml` where it is not UTF-8, `outside-dialect` where it is UTF-16, which only some Helms read,
    /// `encrypted-file` where something else is in place of the text: a ciphertext, a pointer.
    pub fn text(&self) -> Result<&'s str, Finding> {
        if let Some((title, help)) = sealed(self.bytes) {
            return Err(Finding::new(Rule::EncryptedFile, format!("the file is {title}, so its text cannot be read"))
                .help(help));
        }
        std::str::from_utf8(self.bytes).map_err(|error| {
            if self.bytes.starts_with(&[0xff, 0xfe]) || self.bytes.starts_with(&[0xfe, 0xff]) {
                return Finding::new(Rule::OutsideDialect, "the file is UTF-16, which Helm 4 does not read")
                    .help("save it as UTF-8; PowerShell: Set-Content -Encoding utf8");
            }
            let before = String::from_utf8_lossy(&self.bytes[..error.valid_up_to()]);
            let Position { line, column } = Position::of(&before, before.len());
            Finding::new(Rule::InvalidYaml, format!("the file is not text: line {line}, column {column} is not UTF-8"))
                .help("save it as UTF-8, or pass the right file")
        })
    }
}
