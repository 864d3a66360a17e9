//! The options that set values beside the files, with the files that `--set-file` names.

use helm_clas::{
    Finding,
    overrides::{Kind, Override},
};

use crate::{args::Set, failure::Failure, outside::files};

/// What each option says, or what is wrong with it.
pub(crate) fn read(set: &Set) -> Result<Vec<Result<Override, Finding>>, Failure> {
    let file = |name: &str| -> Result<String, Failure> {
        if name == files::STDIN {
            return Err(Failure::new("--set-file does not accept `-`").help("name a file; `-f -` reads values"));
        }
        // what is not text is a certificate or a key, not a mode
        files::read(name).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let given = |(kind, text): (Kind, &String)| match Override::read(kind, text) {
        Ok(given) => given.reading(file).map(Ok),
        Err(finding) => Ok(Err(finding)),
    };
    set.given().map(given).collect()
}

/// Those that say something.
pub(crate) fn sound(overrides: &[Result<Override, Finding>]) -> Vec<Override> {
    overrides.iter().flatten().cloned().collect()
}
