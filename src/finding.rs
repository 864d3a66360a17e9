//! [`Finding`]: a rule that fired, with its place and words.

mod lines;

use std::ops::Range;

use crate::{called::Help, rule::Rule};

pub use crate::rule::Severity;
pub(crate) use lines::Lines;

/// A rule that fired.
///
/// The place is kept as bytes of the text it was found in and becomes a [`Position`] only where it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Its weight here: the rule's own unless the case lowers it.
    pub severity: Severity,
    /// What is wrong: lower case first, names in backticks, no full stop at the end, no secrets.
    pub message: String,
    /// What to do about it, in the same form.
    pub help: Option<Help>,
    /// The name of the file it is about, where it is about one.
    pub file: Option<String>,
    /// The bytes of that file's text it is about.
    pub span: Option<Range<usize>>,
    /// A change that takes its cause away without asking anybody.
    pub fix: Option<Box<Fix>>,
    /// Why the mode is not known, where this finding is the reason.
    pub doubt: Option<Doubt>,
    /// The names of the files that it is about, where it is about several.
    pub related: Option<Box<Related>>,
}

/// The files that a finding is about, where it is about several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Their names, in order.
    pub files: Vec<String>,
}

/// Why a mode that is written down need not be the one that the cluster gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// An action of a template decides which lines there are.
    Lines,
    /// Something else decides the mode, whatever is here.
    Overridden,
    /// Something that was not read may say another mode.
    Elsewhere,
    /// The file is another kind of file.
    Foreign,
}

/// Where an entry is in a file: the document, then a path, then, for every text that is a document itself, the path
/// within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The bytes of the document in the file.
    pub document: Range<usize>,
    /// The paths, from the outermost to the innermost; at least one.
    pub layers: Vec<Vec<String>>,
}

impl Address {
    /// A path in a text that is one document.
    #[must_use]
    pub fn whole(text: &str, path: Vec<String>) -> Self {
        Self { document: 0..text.len(), layers: vec![path] }
    }
}

/// A safe change to one entry of a values file or a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Where the entry is.
    pub address: Address,
    /// What is done to it.
    pub change: Change,
}

/// What a [`Fix`] does to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its value becomes this text.
    Text(String),
    /// Its value becomes this word, which is not text for Helm: `false`, `1`.
    Word(String),
    /// Its key becomes this name.
    Name(String),
}

impl Finding {
    /// A finding with the severity of its rule and no place yet.
    #[must_use]
    pub fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            message: message.into(),
            help: None,
            file: None,
            span: None,
            fix: None,
            doubt: None,
            related: None,
        }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<Help>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with its place in the text.
    #[must_use]
    pub fn at(mut self, span: Range<usize>) -> Self {
        self.span = Some(span);
        self
    }

    /// The same with the name of the file it is about.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// The same, of a file unless it is of another one.
    pub(crate) fn in_file_or(self, file: &str) -> Self {
        if self.file.is_some() { self } else { self.in_file(file) }
    }

    /// The same with a change that repairs it.
    #[must_use]
    pub fn fixed_by(mut self, fix: Fix) -> Self {
        self.fix = Some(Box::new(fix));
        self
    }

    /// The same as the reason why the mode is not known.
    #[must_use]
    pub(crate) fn doubting(mut self, doubt: Doubt) -> Self {
        self.doubt = Some(doubt);
        self
    }

    /// The same with another weight.
    #[must_use]
    pub fn weighing(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// Something that a run was asked to judge and could not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unjudged {
    /// The file, where it is about one.
    pub file: Option<String>,
    /// Why: lower case first, no full stop, no secrets.
    pub message: String,
    /// What to do about it, in the same form.
    pub help: Option<String>,
}

/// A line and a column, both counted from 1; the column in characters, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The line and the column of a byte of a text. A byte order mark at the start of the text takes no column, a line
    /// ends at its line feed, and an offset past the end is the end.
    ///
    /// ```
    /// use helm_clas::Position;
    ///
    /// assert_eq!(Position::of("a: 1\né: 2\n", 9), Position { line: 2, column: 4 });
    /// ```
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Self {
        let end = (0..=byte.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        let before = &text[..end];
        let line_start = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |at| at + 1);
        let line = 1 + memchr::memchr_iter(b'\n', before.as_bytes()).count();
        let in_line = before[line_start..].strip_prefix('\u{feff}').unwrap_or(&before[line_start..]);
        Self { line, column: 1 + in_line.chars().count() }
    }
}
