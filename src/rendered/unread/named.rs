//! The values files that the lines of a script name beside the releases that are read of it: what is copied, decrypted or
//! put together there, or given to a command that is not read, may be given to Helm.

use std::ops::Range;

use crate::{
    chart::may_mention,
    rendered::{
        Shows,
        program::names_in_program,
        shell::{
            self,
            programs::{self, Does},
            text::{Said, Text},
        },
        shows,
    },
};

/// What passes on what a command shows, or runs something after it.
const PASSING_ON: &[&str] = &[">", "|", "`", "$(", "<(", "&&", " -i"];

/// Programs that make files of others.
const COPYING: &[&str] =
    &["cp", "mv", "scp", "rsync", "ln", "install", "sops", "yq", "envsubst", "cat", "sed", "gomplate", "ytt"];

/// Whether a text of a file that holds other things as well is one of commands which may bring a file to Helm.
pub(super) fn runs_commands(text: &Text) -> bool {
    let copies = |line: &str| COPYING.contains(&line.split_whitespace().next().unwrap_or_default());
    shell::mentions_helm(text.content.as_bytes()) || text.content.lines().any(copies)
}

/// The names in the lines of a text, each with its place.
pub(super) fn named_loosely(text: &Text) -> Vec<Said> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.content.len() {
        let is_comment = text.content[at..].trim_start_matches([' ', '\t']).starts_with('#');
        let end = text.content[at..].find('\n').map_or(text.content.len(), |feed| at + feed + 1);
        let range = at..if is_comment { end } else { shell::line_end(&text.content, at) };
        at = range.end;
        let line = &text.content[range.clone()];
        if ![".yaml", ".yml", ".json"].iter().any(|ending| line.contains(ending)) {
            continue;
        }
        let names = names_in_program(line);
        if is_loose(line, names.len()) {
            let place = text.place(&range).unwrap_or_else(|| text.whole.clone());
            found.extend(names.into_iter().map(|name| said_in(line, &place, name)));
        }
    }
    found
}

/// A name with its place in a line, which has one in the file.
fn said_in(line: &str, place: &Range<usize>, text: String) -> Said {
    let start = place.start + line.find(text.as_str()).unwrap_or_default();
    Said { at: start..start + text.len(), text }
}

/// Whether what a line names, so many files, may be given to Helm in a way that is not read.
fn is_loose(line: &str, count: usize) -> bool {
    let start = line.trim_start();
    if ["#", "//", "/*"].iter().any(|mark| start.starts_with(mark)) {
        return false;
    }
    let first = start.trim_start_matches(['@', '-', '+']).split([' ', '\t', '\n']).next().unwrap_or_default();
    let passes_on = PASSING_ON.iter().any(|sign| line.contains(sign));
    match programs::does(first) {
        Some(Does::Looks | Does::Searches | Does::Edits) => return line.contains("--from-file"),
        Some(Does::Shows | Does::Says) => return passes_on,
        Some(Does::Reads) if ["git", "kubectl", "oc"].contains(&first) => return line.contains("--from-file"),
        _ => {}
    }
    // what is only looked at is not installed, but files that are checked together may be
    if shows(line, "") == Some(Shows::Only) {
        return count > 1;
    }
    // one file alone is all that a release gets, whichever command of Helm is given it
    let is_of_helm = line.split_whitespace().any(|word| shell::is_helm(word.trim_start_matches(['@', '-', '+'])));
    !is_of_helm || passes_on || line.contains("--set") || may_mention(line.as_bytes()) || count > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_names_is_loose_unless_it_is_only_looked_at() {
        let names =
            |text: &str| named_loosely(&Text::whole(text)).into_iter().map(|said| said.text).collect::<Vec<_>>();
        for text in [
            "cp values.yaml /tmp/x",
            "sops -d values.yaml > plain",
            "ARGS=\"-f values.yaml\"",
            "[ -f values.yaml ] && ARGS=x",
            "helm template a b -f <(cat values.yaml; echo c)",
            "kubectl create configmap a --from-file values.yaml",
        ] {
            assert_eq!(names(text), ["values.yaml"], "{text}");
        }
        assert_eq!(names("helm lint . -f a.yaml -f b.yaml"), ["a.yaml", "b.yaml"]);
        for text in [
            "# cp values.yaml x",
            "yamllint values.yaml",
            "helm lint . -f values.yaml",
            "cat values.yaml",
            "git add a.yaml",
        ] {
            assert!(names(text).is_empty(), "{text}");
        }
    }
}
