//! Texts with commands in them, and the place of each byte of them in the file: a script, a block in a pipeline, a
//! fence in a text for people.

use std::ops::Range;

use super::{Word, parameters};
use crate::yaml::{Matrix, Spelled};

/// A text with commands in it, and the place of its bytes in the file.
#[derive(Clone)]
pub(in crate::rendered) struct Text {
    pub(in crate::rendered) content: String,
    /// The byte at which each part begins, and its bytes in the file. A part is a line, or the whole.
    parts: Vec<(usize, Range<usize>)>,
    /// The bytes of the whole.
    pub(in crate::rendered) whole: Range<usize>,
    /// Of what it is one of several turns, if so.
    pub(in crate::rendered) turns: Option<Said>,
    /// The matrix of the job, where it has one.
    pub(in crate::rendered) matrix: Option<Matrix>,
    /// The folder that it is run in, where that is set beside it.
    pub(in crate::rendered) folder: String,
    /// What may send it to another cluster than others, as it is written around it.
    pub(in crate::rendered) places: String,
    /// Why it never runs, if so.
    pub(in crate::rendered) never: Option<Said>,
    /// The cluster that is set beside it.
    pub(in crate::rendered) context: Option<Said>,
    /// The variables that are set beside it.
    pub(in crate::rendered) variables: Vec<(String, Said)>,
    /// Whether its job checks out another branch, or another repository, than that of the file.
    pub(in crate::rendered) is_of_other_branch: bool,
    /// The bytes of its job, where that has steps: what one of them does to the machine stays for the next.
    pub(in crate::rendered) job: Option<Range<usize>>,
}

/// A text, with its bytes in the file.
#[derive(Clone, Debug)]
pub(in crate::rendered) struct Said {
    pub(in crate::rendered) text: String,
    pub(in crate::rendered) at: Range<usize>,
}

impl Said {
    /// A text with its place.
    pub(in crate::rendered) fn of((text, at): (String, Range<usize>)) -> Self {
        Self { text, at }
    }
}

impl Text {
    /// A file that is one text.
    pub(in crate::rendered) fn whole(source: &str) -> Self {
        let whole = 0..source.len();
        let mut text = Self::new(source.to_owned(), vec![(0, whole.clone())], whole);
        if is_groovy(source) {
            // Jenkins runs it at the top of the checkout
            ":".clone_into(&mut text.folder);
            text.turns = parameters::of_groovy(source).map(Said::of);
        }
        text
    }

    /// A text within a YAML file.
    pub(in crate::rendered) fn of(spelled: Spelled) -> Self {
        let Spelled { text, lines, span } = spelled;
        Self::new(text, lines, span)
    }

    fn new(content: String, parts: Vec<(usize, Range<usize>)>, whole: Range<usize>) -> Self {
        Self {
            content,
            parts,
            whole,
            turns: None,
            matrix: None,
            folder: String::new(),
            places: String::new(),
            never: None,
            context: None,
            variables: Vec::new(),
            is_of_other_branch: false,
            job: None,
        }
    }

    /// The bytes in the file of some of the text; nothing where they are not written as they are read.
    pub(in crate::rendered) fn place(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let number = self.parts.partition_point(|(start, _)| *start <= range.start).checked_sub(1)?;
        let (start, file) = &self.parts[number];
        let moved = range.start - start + file.start..range.end - start + file.start;
        (moved.end <= file.end).then_some(moved)
    }

    pub(in crate::rendered) fn said(&self, word: &Word) -> Said {
        Said { text: word.said.clone(), at: self.place(&word.at).unwrap_or_else(|| self.whole.clone()) }
    }
}

/// Whether a file is a pipeline of Jenkins.
fn is_groovy(source: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| source.contains(word));
    has(&["pipeline {", "node {", "node("]) && has(&["sh '", "sh \"", "sh("])
}

/// What begins and ends the scripts in a text for people: in Markdown, in `AsciiDoc`.
pub(in crate::rendered) const MARKDOWN: &[&str] = &["```", "~~~"];
pub(in crate::rendered) const ASCIIDOC: &[&str] = &["----", "...."];

/// The fences of a text for people, each a script, without the indentation that they have together, nor the prompt of a shell.
pub(in crate::rendered) fn fences(source: &str, marks: &[&'static str]) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut open: Option<(&str, usize, Text)> = None;
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let trimmed = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - trimmed.len();
        let mark = marks.iter().copied().find(|mark| trimmed.starts_with(mark));
        match (&mut open, mark) {
            (Some((own, _, _)), Some(mark)) if *own == mark => texts.extend(open.take().map(|(_, _, text)| text)),
            (None, Some(mark)) => {
                let whole = at..at + line.len();
                open = Some((mark, indent, Text::new(String::new(), Vec::new(), whole)));
            }
            (Some((_, margin, text)), _) => {
                let prompt = if trimmed.starts_with("$ ") { indent + 2 } else { 0 };
                let skipped = indent.min(*margin).max(prompt);
                text.parts.push((text.content.len(), at + skipped..at + line.len()));
                text.content += &line[skipped..];
                text.whole.end = at + line.len();
            }
            (None, None) => {}
        }
        at += line.len();
    }
    texts
}
