//! Heredocs: text that stands in a script line by line, up to a line that holds nothing but a word.

use std::ops::Range;

use crate::yaml::Rendering;

/// A text of a script, with the bytes of the file that spell its lines.
#[derive(Clone, Debug)]
pub(super) struct Heredoc {
    /// The bytes of each line in the file, with its end, and how many bytes of it do not count.
    pub(super) lines: Vec<(Range<usize>, usize)>,
    /// Why the text is not what Helm gets, where it is not.
    pub(super) is_altered: bool,
    /// The bytes of what opens it.
    pub(super) opened: Range<usize>,
}

impl Heredoc {
    /// Adds it to the layers of a release.
    pub(super) fn render(&self, rendering: &mut Rendering, source: &str) {
        let start = self.opened.start;
        let is_blank = self.lines.iter().all(|(line, _)| source[line.clone()].trim().is_empty());
        if self.is_altered {
            rendering.push("- ", start..start);
            rendering.push("\"${a heredoc that the shell changes}\"", self.opened.clone());
            rendering.push("\n", start..start);
        } else if is_blank {
            rendering.push("- values: {}\n", self.opened.clone());
        } else {
            rendering.push("- text: |\n", self.opened.clone());
            rendering.block(source, self.lines.iter().cloned(), "    ");
        }
    }
}
