//! Which chart a command of Helm names.

use super::command::Command;
use crate::{
    chart::{is_named_so, names_illumio},
    rendered::shell::pattern::is_open,
};

/// The chart that a command names.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::rendered) enum Named {
    /// Illumio's, or it may be: none is named, or what is filled in says which.
    Illumio,
    /// The one in this folder, from where the script began.
    Folder(String),
    /// Another one.
    Another,
}

impl Named {
    pub(in crate::rendered) fn by(command: &Command) -> Self {
        let Some(chart) = &command.chart else { return Self::Illumio };
        let name = chart.text.trim_end_matches('/');
        if is_named_so(name) || name.rsplit('/').next().is_some_and(is_open) {
            return Self::Illumio;
        }
        let folder = command.chart_at.as_deref().unwrap_or(name);
        let is_path = name.starts_with(['.', '/', ':', '~']) || is_open(name);
        let is_called_so = || command.name.as_ref().is_some_and(|name| names_illumio(&name.text));
        match () {
            () if name.contains("://") => Self::Another,
            // the name of a repository may be that of a folder
            () if is_open(folder) && !is_path && !is_called_so() => Self::Another,
            () => Self::Folder(folder.to_owned()),
        }
    }
}

/// Whether a command names Illumio's chart, in whichever repository or folder.
pub(super) fn is_of_illumio(command: &Command) -> bool {
    command.chart.as_ref().is_some_and(|chart| is_named_so(&chart.text))
}
