//! [`Inside`]: whether a secret goes on from one line to the next.

use super::{
    line::{Extent, body, entry, indentation, name_column},
    names::is_about,
    prose::{is_count, is_empty, is_prose, is_reference, unquoted},
};

/// Why the lines behind a secret name may still be secret.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Inside {
    extent: Extent,
    /// The column of the name: what is further to the right belongs to its value.
    column: usize,
    /// There was nothing after the name, so the next line may be the value, wherever it begins.
    awaits_value: bool,
    /// It is a block scalar.
    is_block: bool,
    /// The quote that is still open; three of them are one, too.
    quote: Option<&'static str>,
    /// How many brackets are still open.
    brackets: usize,
    /// Its name is alone on the line, so the next line may be something else.
    is_guess: bool,
    /// It is a credential of the chart, below which nothing is harmless.
    is_of_chart: bool,
}

impl Inside {
    pub(super) fn of(extent: Extent, column: usize, mut value: &str) -> Self {
        // an anchor and a tag come before the value
        while value.starts_with(['&', '!']) {
            value = value.split_once([' ', '\t']).map_or("", |(_, rest)| rest.trim_start());
        }
        let quote = ["\"\"\"", "\'\'\'", "\"", "\'"].into_iter().find(|quote| value.starts_with(quote));
        let quote = quote.filter(|quote| !closes(&value[quote.len()..], quote));
        let brackets = if value.starts_with(['[', '{']) { open_brackets(0, value) } else { 0 };
        let is_block = value.starts_with(['|', '>']);
        let awaits_value = value.is_empty() || value.ends_with('\\') || is_block && extent == Extent::Comment;
        Self { extent, column, awaits_value, is_block, quote, brackets, is_guess: false, is_of_chart: false }
    }

    /// The same for a name: whether it is a credential of the chart, and whether it is alone on its line.
    pub(super) fn of_name(self, is_of_chart: bool, is_guess: bool) -> Self {
        Self { is_guess, is_of_chart, ..self }
    }

    /// What holds for the line after this one; nothing where this one does not belong to the value any more.
    pub(super) fn behind(self, line: &str) -> Option<Self> {
        if self.extent == Extent::ToNextName {
            // in a text whose quote is open a name may be none
            let is_text = self.quote.is_some() && entry(line).is_some_and(|(name, _)| !is_prose(name));
            return (is_text || name_column(line).is_none_or(|column| column > self.column)).then_some(self);
        }
        if let Some(quote) = self.quote {
            return Some(Self { quote: Some(quote).filter(|quote| !closes(line, quote)), ..self });
        }
        if self.brackets > 0 {
            return Some(Self { brackets: open_brackets(self.brackets, line), ..self });
        }
        let body = line.trim_start_matches([' ', '\t']);
        if body.is_empty() {
            return Some(self);
        }
        let column = line.len() - body.len();
        if self.extent == Extent::Comment {
            return self.behind_comment(line, body);
        }
        let is_item = body.starts_with("- ") && column >= self.column;
        let is_wrapped = self.awaits_value && !body.starts_with('#') && name_column(line).is_none();
        if self.is_guess && (is_prose(body) || !self.awaits_value) {
            return None;
        }
        (column > self.column || is_item || is_wrapped).then_some(Self { awaits_value: false, ..self })
    }
}

impl Inside {
    /// The same in a comment: what is indented deeper than its name, items, and one word on the next line.
    fn behind_comment(self, line: &str, body: &str) -> Option<Self> {
        let column = line.len() - body.len();
        let is_item = body.starts_with("- ");
        let inner = unquoted(body.trim_start_matches(['-', ' ']));
        let is_value = self.awaits_value && !inner.contains(' ') && name_column(line).is_none() && !is_prose(inner);
        let is_listed = self.awaits_value && is_item && column >= self.column;
        // the value of `? name`
        let is_explicit = self.awaits_value && body.starts_with(": ");
        let is_of_it = column > self.column && !self.is_guess || is_value || is_listed || is_explicit;
        let awaits_value = self.awaits_value && (is_item || self.is_block);
        is_of_it.then_some(Self { awaits_value, ..self })
    }

    /// Where the secret begins in a line that belongs to it: at its end where it says nothing.
    pub(super) fn secret_of(&self, line: &str) -> usize {
        // a line of a template is not a value
        let is_action = line.trim_start().starts_with("{{") && is_reference(line.trim());
        if is_action {
            return line.len();
        }
        if self.extent != Extent::Comment {
            return indentation(line);
        }
        let start = line.len() - body(line).len();
        match entry(line) {
            Some((name, value)) => {
                let said = &line[value..];
                let is_harmless = is_empty(said) || is_reference(said) || said.is_empty() || is_prose(said);
                let is_open = !self.is_of_chart && (is_about(name) || is_count(said));
                if is_harmless || is_open { line.len() } else { value }
            }
            None if is_prose(&line[start..]) => line.len(),
            None => start,
        }
    }
}

/// Whether a quoted text ends in a line.
pub(super) fn closes(line: &str, quote: &str) -> bool {
    match quote {
        "\"" => line.replace("\\\\", "").replace("\\\"", "").contains(quote),
        "'" => line.replace("''", "").contains(quote),
        _ => line.contains(quote),
    }
}

/// How many brackets are open behind a line; those in quotes are text.
pub(super) fn open_brackets(open: usize, line: &str) -> usize {
    let mut quote = None;
    line.chars().fold(open, |open, c| match (quote, c) {
        (Some(own), c) => {
            quote = (c != own).then_some(own);
            open
        }
        (None, '"' | '\'') => {
            quote = Some(c);
            open
        }
        (None, '[' | '{') => open + 1,
        (None, ']' | '}') => open.saturating_sub(1),
        (None, _) => open,
    })
}
