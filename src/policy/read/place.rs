//! [`Unreadable`]: why a file cannot be read, with the place.

use std::fmt;

use crate::{
    finding::Position,
    policy::shown::{shortened, shown},
};

/// Why a file is not what a PCE answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The name of the file.
    pub file: String,
    /// Where in it.
    pub position: Position,
    /// The same as the way there: `$[3].rules[0].providers`.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, position: Position { line, column }, path, reason } = self;
        write!(out, "{file}:{line}:{column}: {reason} (at `{path}`)")
    }
}

impl std::error::Error for Unreadable {}

/// The most characters of a reason, which may quote what is there.
pub(super) const LONGEST_REASON: usize = 160;

/// The most characters of a key on the way to a place.
pub(in crate::policy) const LONGEST_KEY: usize = 40;

/// The most steps of the way to a place. An answer of a PCE has fewer.
pub(super) const MOST_STEPS: usize = 12;

/// The way to a byte of a JSON text, with the field that is being read there or without it. The text may be broken
/// behind that byte.
pub(super) fn way_to(json: &str, end: usize, with_field: bool) -> String {
    /// A list with the index, or an object with the key, that is being read.
    enum Level<'j> {
        Index(usize),
        Key(&'j str),
    }
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut text_start = None;
    let mut last_text = "";
    let mut is_escaped = false;
    for (at, byte) in json.bytes().enumerate().take(end) {
        if let Some(start) = text_start {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => {
                    last_text = &json[start..at];
                    text_start = None;
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => text_start = Some(at + 1),
            b'[' => levels.push(Level::Index(0)),
            b'{' => levels.push(Level::Key("")),
            b']' | b'}' => drop(levels.pop()),
            b':' => {
                if let Some(Level::Key(key)) = levels.last_mut() {
                    *key = last_text;
                }
            }
            b',' => match levels.last_mut() {
                Some(Level::Index(index)) => *index += 1,
                Some(Level::Key(key)) => *key = "",
                None => {}
            },
            _ => {}
        }
    }
    if let (Some(Level::Key(field)), false) = (levels.last_mut(), with_field) {
        *field = "";
    }
    let ellipsis = if levels.len() > MOST_STEPS { "..." } else { "" };
    let steps = levels.into_iter().take(MOST_STEPS).map(|level| match level {
        Level::Index(index) => format!("[{index}]"),
        Level::Key("") => String::new(),
        Level::Key(key) => format!(".{}", shortened(&shown(key), LONGEST_KEY)),
    });
    format!("${}{ellipsis}", steps.collect::<String>())
}
