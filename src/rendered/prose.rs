//! Modes in texts that nothing runs: text for people, and files of which the name says nothing. A sentence about the mode
//! sets none; a command of Helm and a line of values do, for a reader who copies them.

use std::ops::Range;

use super::{
    Kind, kind_of,
    shell::{
        self,
        text::{MARKDOWN, fences},
    },
};
use crate::{
    chart::{has_own_values, is_mode_key, may_mention},
    source::Source,
};

/// Whether what a file says of the mode is only mentioned: it is text for people, or its name is not one of a file that is
/// read: an example, or a copy that is kept.
pub(crate) fn only_mentions(source: Source<'_>) -> bool {
    matches!(kind_of(source.name, source.bytes), None | Some(Kind::Prose | Kind::Note))
}

/// The lines of a text like that which set a mode: commands of Helm, and values of the chart. In text for people a block has
/// others of the chart's own values beside the mode, or it only explains one.
pub(crate) fn lines_with_mode(source: Source<'_>, text: &str) -> Vec<Range<usize>> {
    let kind = kind_of(source.name, source.bytes);
    let of_values = |block: Range<usize>| {
        let is_asked = kind.is_none() || has_own_values(&text[block.clone()]);
        Some(block).filter(|_| is_asked).into_iter().flat_map(|block| lines(text, block)).filter(|line| {
            let line = text[line.clone()].trim_start_matches([' ', '\t', '-', '{', '"', '\'']);
            line.split_once([':', '=']).is_some_and(|(name, _)| is_mode_key(name.trim_end_matches([' ', '"', '\''])))
        })
    };
    let blocks: Vec<Range<usize>> = if kind == Some(Kind::Prose) {
        fences(text, MARKDOWN).into_iter().map(|fence| fence.whole).chain(indented(text)).collect()
    } else {
        std::iter::once(0..text.len()).collect()
    };
    let values = blocks.into_iter().flat_map(of_values);
    let mut found: Vec<Range<usize>> = commands(text).chain(values).collect();
    found.sort_by_key(|line| line.start);
    found.dedup();
    found
}

/// The lines of a part of a text.
fn lines(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = part.start;
    text[part].split_inclusive('\n').map(move |line| {
        at += line.len();
        at - line.len()..at
    })
}

/// Blocks of lines that Markdown takes for code by their indentation.
fn indented(text: &str) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    for line in lines(text, 0..text.len()) {
        let is_code = text[line.clone()].starts_with(['\t']) || text[line.clone()].starts_with("    ");
        let is_blank = text[line.clone()].trim().is_empty();
        match blocks.last_mut().filter(|last| last.end == line.start) {
            Some(last) if is_code || is_blank => last.end = line.end,
            _ if is_code => blocks.push(line),
            _ => {}
        }
    }
    blocks
}

/// The commands of Helm that set a mode, each with the lines that it goes on.
fn commands(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let all = std::iter::from_fn(move || {
        let start = at;
        (start < text.len()).then(|| {
            at = shell::line_end(text, start);
            start..at
        })
    });
    all.filter(|line| {
        let line = text[line.clone()].trim_start_matches([' ', '\t', '$', '>', '-', '*', '`', '|']);
        let program = line.split_whitespace().next().unwrap_or_default();
        let is_run = |word: &str| shell::is_helm(word) || ["sudo", "RUN"].contains(&word);
        is_run(program) && line.contains("--set") && may_mention(line.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, text: &str, expected: &[&str]) {
        let source = Source { name, bytes: text.as_bytes() };
        let found: Vec<&str> = lines_with_mode(source, text).into_iter().map(|line| text[line].trim()).collect();
        assert_eq!(found, expected, "{name}: {text}");
    }

    #[test]
    fn a_command_and_a_line_of_values_set_a_mode_and_a_sentence_does_not() {
        let command = "helm upgrade illumio illumio/illumio --set clusterMode=clas";
        check("README.md", &format!("Set `clusterMode: clas`, or run\n\n    {command}\n"), &[command]);
        check("README.md", &format!("```sh\n$ {command}\n```\n"), &[&format!("$ {command}")]);
        check("notes.txt", &format!("{command}\n"), &[command]);
        check("README.md", "```yaml\npce_url: a:1\nclusterMode: clas\n```\n", &["clusterMode: clas"]);
        check("README.md", "Values:\n\n    pce_url: a:1\n    clusterMode: clas\n", &["clusterMode: clas"]);
        check("guide.adoc", "----\npce_url: a:1\nclusterMode: clas\n----\n", &["clusterMode: clas"]);
        check("values.yaml.example", "clusterMode: clas\n", &["clusterMode: clas"]);
        for text in ["```yaml\nclusterMode: clas\n```\n", "clusterMode: clas\n", "pce_url: a:1\nclusterMode: clas\n"] {
            check("README.md", text, &[]);
        }
        check("notes.txt", "clusterMode: clas is new, and helm upgrade --set clusterMode=clas sets it\n", &[]);
    }
}
