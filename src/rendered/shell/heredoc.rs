//! Heredocs: text written into a script line by line, up to a line that holds only a certain word.

use std::ops::Range;

use super::{
    Part, Token,
    pattern::paths_in,
    text::{Said, Text},
};
use crate::{rendered::shell, yaml::Rendering};

/// A text of a script, with the bytes of the file that spell its lines.
#[derive(Clone, Debug)]
pub(in crate::rendered) struct Heredoc {
    /// The bytes of each line in the file, with its end, and how many bytes of it do not count.
    pub(in crate::rendered) lines: Vec<(Range<usize>, usize)>,
    /// What it is where its text is not what Helm gets.
    pub(in crate::rendered) altered: Option<&'static str>,
    /// The bytes of what opens it.
    pub(in crate::rendered) opened: Range<usize>,
    /// The files that it names as a program, which may change them.
    pub(in crate::rendered) named: Vec<Said>,
}

/// What the shell, another command, or Terraform makes of the text of a heredoc.
pub(super) const BY_SHELL: &str = "a heredoc that the shell changes";
pub(in crate::rendered) const BY_COMMAND: &str = "a heredoc that other commands add to, or change";
pub(in crate::rendered) const BY_TERRAFORM: &str = "a heredoc with directives of Terraform";

/// A line of a text, with the heredocs that it opens.
pub(in crate::rendered) struct Line {
    pub(in crate::rendered) tokens: Vec<Token>,
    /// With the number of the token that opens each.
    pub(in crate::rendered) heredocs: Vec<(usize, Heredoc)>,
    /// Whether a tab begins it.
    pub(in crate::rendered) is_of_recipe: bool,
}

impl Heredoc {
    /// Reads the lines of one from a byte on, and returns where the next line begins; nothing where it has no end.
    pub(in crate::rendered) fn read(source: &str, text: &Text, token: &Token, from: usize) -> Option<(Self, usize)> {
        let Token::Heredoc { word, strips_tabs, is_quoted, at: opened } = token else { return None };
        let mut at = from;
        let mut lines = Vec::new();
        let mut is_altered = false;
        for line in text.content[at..].split_inclusive('\n') {
            let range = at..at + line.len();
            at = range.end;
            let content = line.trim_end_matches(['\n', '\r']);
            let tabs = if *strips_tabs { content.len() - content.trim_start_matches('\t').len() } else { 0 };
            if content[tabs..] == **word {
                let opened = text.place(opened).unwrap_or_else(|| text.whole.clone());
                return Some((Self { lines, altered: is_altered.then_some(BY_SHELL), opened, named: Vec::new() }, at));
            }
            is_altered |= !is_quoted && (content.ends_with('\\') || content.trim_start().starts_with(['$', '`']));
            match text.place(&range) {
                Some(place) => {
                    let start = source[..place.start].rfind('\n').map_or(0, |feed| feed + 1);
                    lines.push((start..place.end, place.start - start + tabs));
                }
                None => is_altered = true,
            }
        }
        None
    }

    /// The same as a program in another language.
    pub(in crate::rendered) fn into_program(mut self, source: &str) -> Self {
        let at = &self.opened;
        let names = self.lines.iter().flat_map(|(line, _)| paths_in(&source[line.clone()]));
        self.named = names.map(|text| Said { text, at: at.clone() }).collect();
        self
    }

    /// Adds it to the layers of a release.
    pub(in crate::rendered) fn render(&self, rendering: &mut Rendering, source: &str) {
        let start = self.opened.start;
        let is_blank = self.lines.iter().all(|(line, _)| source[line.clone()].trim().is_empty());
        if let Some(what) = self.altered {
            rendering.push("- words: ", start..start);
            rendering.push(what, self.opened.clone());
            rendering.push("\n", start..start);
        } else if is_blank {
            rendering.push("- values: {}\n", self.opened.clone());
        } else {
            rendering.push("- text: |\n", self.opened.clone());
            rendering.block(source, self.lines.iter().cloned(), "    ");
        }
    }
}

/// The file that a heredoc becomes, which the first of some commands opens, and whether something else is put to it, or
/// changes it; nothing where it is not a file.
pub(in crate::rendered) fn target(text: &Text, parts: &[Part<'_>]) -> Option<(Said, bool)> {
    const PASSING: [&str; 6] = ["cat", "tee", "envsubst", "sudo", "helm", "exec"];
    const LEADING: [&str; 7] = ["sudo", "then", "do", "else", "{", "!", "if"];
    let mut is_changed = false;
    let mut file = None;
    for part in parts {
        let words = shell::words(part.tokens);
        let words = &words[words.iter().take_while(|word| LEADING.contains(&word.said.as_str())).count()..];
        let first = words.first().map_or("", |word| word.said.trim_start_matches('@'));
        let is_command_of_helm = words.iter().any(|word| shell::is_helm(&word.said));
        is_changed |= !PASSING.contains(&first) && !is_command_of_helm;
        is_changed |= first == "cat" && words.iter().skip(1).any(|word| !["-", "cat"].contains(&word.said.as_str()));
        for token in part.tokens {
            if let Token::Into { file: into, appends } = token
                && into.said != "/dev/null"
            {
                is_changed |= appends;
                file = Some(text.said(into));
            }
        }
        if first == "tee" {
            is_changed |= words.iter().any(|word| word.said == "-a" || word.said == "--append");
            let named =
                words.iter().skip_while(|word| word.said != "tee").skip(1).find(|word| !word.said.starts_with('-'));
            file = named.map(|word| text.said(word)).or(file);
        }
        if is_command_of_helm {
            let first = words.first().map(|word| text.said(word));
            file = first.map(|said| Said { text: "-".to_owned(), ..said }).or(file);
        }
    }
    file.map(|file| (file, is_changed))
}
