//! What could not be judged, as each form says it.

use std::fmt::Write as _;

use serde::Serialize;

use super::{columns::cell, html::escaped, printable::printable};
use crate::{
    chart::secrets::{masked, masked_name},
    finding::Unjudged,
};

#[derive(Serialize)]
pub(super) struct UnjudgedJson<'a> {
    file: Option<&'a str>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl<'a> UnjudgedJson<'a> {
    pub(super) fn of(unjudged: &'a Unjudged) -> Self {
        let Unjudged { file, help, .. } = unjudged;
        let help = help.as_deref().map(|help| masked(help).into_owned());
        Self { file: file.as_deref(), message: why(unjudged), help }
    }
}

/// A line each, below what was judged; nothing where everything was.
pub(super) fn markdown(unjudged: &[Unjudged]) -> String {
    let line = |one: &Unjudged| format!("- not judged: {}\n", cell(&words(one)));
    let lines: String = unjudged.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// The same on a page.
pub(super) fn html(unjudged: &[Unjudged]) -> String {
    let mut out = String::new();
    for one in unjudged {
        let _ = writeln!(out, "<p><strong>Not judged</strong>: {}</p>", escaped(&words(one)));
    }
    out
}

fn words(unjudged: &Unjudged) -> String {
    let help = unjudged.help.as_deref().map(|help| format!(" ({})", masked(help))).unwrap_or_default();
    printable(&format!("{}{help}", why(unjudged)))
}

/// Why, without credentials. What follows the name of the file is a reason, not a value of that name.
pub(super) fn why(unjudged: &Unjudged) -> String {
    let split = unjudged.file.as_ref().and_then(|file| {
        let (before, behind) = unjudged.message.split_once(file.as_str())?;
        Some(format!("{}{}{}", masked(before), masked_name(file), masked(behind)))
    });
    split.unwrap_or_else(|| masked(&unjudged.message).into_owned())
}
