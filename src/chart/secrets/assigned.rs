//! Where a secret ends that was assigned with an equals sign, as Terraform does: there, what is on the next line has a
//! name of its own, too.

use super::inside::{closes, open_brackets};

/// Whether an assigned value ends with its line, as far as that shows: no bracket and no heredoc is open.
pub(super) fn is_one_line(value: &str) -> bool {
    let value = value.trim();
    let bare: String = value.replace(['(', ')'], "");
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| value.starts_with(quote));
    let is_quoted = quote.is_none_or(|quote| closes(&value[quote.len()..], quote));
    !value.is_empty()
        && is_quoted
        && !value.ends_with('\\')
        && !value.contains("<<")
        && open_brackets(0, &bare) == 0
        && value.matches('(').count() <= value.matches(')').count()
}
