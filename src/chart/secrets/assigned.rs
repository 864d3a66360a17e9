//! Where a secret ends that was assigned with an equals sign, as Terraform does: what stands in the next line has a name of
//! its own there, too.

use super::{
    lines::{indentation, open_brackets},
    words::unquoted,
};

/// The column of the name that a line begins with, where Terraform would read one: it is assigned, or begins a block; or
/// that behind which a bracket closes.
pub(super) fn assigned_column(line: &str) -> Option<usize> {
    let body = line.trim();
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let begins_block = || {
        let mut words = body.strip_suffix('{').unwrap_or_default().split_whitespace();
        words.next().is_some_and(is_name) && words.all(|word| word.starts_with('"') && word.ends_with('"'))
    };
    let is_assigned = |(name, value): (&str, &str)| {
        let name = unquoted(name.trim_end());
        !name.is_empty() && is_name(name) && !value.starts_with('=')
    };
    if body.starts_with([')', ']', '}']) {
        // what it closes began further to the left than what stands within
        return Some(indentation(line) + 1);
    }
    (begins_block() || body.split_once('=').is_some_and(is_assigned)).then(|| indentation(line))
}

/// Whether an assigned value ends with its line, as far as that shows: no bracket and no heredoc is open.
pub(super) fn is_one_line(value: &str) -> bool {
    let value = value.trim();
    let bare: String = value.replace(['(', ')'], "");
    !value.is_empty()
        && !value.contains("<<")
        && open_brackets(0, &bare) == 0
        && value.matches('(').count() <= value.matches(')').count()
}
