//! [`Definitions`]: the lines of a checkout that set variables to options of Helm, which commands in other files take.

use std::collections::HashMap;

use helm_clas::{Position, look::Defined};

/// What sets a variable with options, or may.
#[derive(Debug)]
pub(super) enum Adding {
    /// A line of a file.
    By { name: String, file: String, line: usize },
    /// A file that is not in the checkout.
    Missing(String),
}

/// The lines of a checkout that set variables to options of Helm, by the names of these.
#[derive(Debug, Default)]
pub(super) struct Definitions(HashMap<String, Vec<(String, Defined, Position)>>);

impl Definitions {
    /// Takes those of a file.
    pub(super) fn take(&mut self, file: &str, defined: Vec<(Defined, Position)>) {
        for (one, at) in defined {
            self.0.entry(one.name.clone()).or_default().push((file.to_owned(), one, at));
        }
    }

    /// Those of a variable, each with its file and place.
    pub(super) fn of(&self, name: &str) -> impl Iterator<Item = &(String, Defined, Position)> {
        self.0.get(name).into_iter().flatten()
    }
}

impl Adding {
    /// What may be added to a command that takes a variable, as the rest of a sentence.
    pub(super) fn shown(&self, variable: &str) -> String {
        match self {
            Self::By { name, file, line } => {
                format!("the command takes the options in `{name}`, and {file} line {line} may set another mode in it")
            }
            Self::Missing(file) => format!(
                "`{variable}` may be set in `{}`, which is not in this checkout, and may set another mode",
                file.escape_debug()
            ),
        }
    }
}
