//! Where a line ends, and where a block scalar does.

use std::ops::Range;

/// The span of a block scalar without the indentation of the line after it.
pub(super) fn without_next_indentation(source: &str, range: Range<usize>) -> Range<usize> {
    let content = source[range.clone()].trim_end_matches([' ', '\t']);
    if content.is_empty() || content.ends_with('\n') { range.start..range.start + content.len() } else { range }
}

/// The byte behind the line that holds `at`, its line feed included.
pub(super) fn line_end(source: &str, at: usize) -> usize {
    source[at..].find('\n').map_or(source.len(), |feed| at + feed + 1)
}
