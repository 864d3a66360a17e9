//! Scripts: the heredocs that they write to files, and the commands that give Helm these files, or set values beside
//! them.

use std::ops::Range;

use super::{
    azure,
    branches::{Branches, turned},
    command::Command,
    heredoc::Heredoc,
    run::{Given, Line, Run},
    shell::{self, Part, Token},
    text::{Said, Text, fences},
    told::{rendered_command, rendered_heredoc},
    variables::{Variables, assignment},
    written::{Files, Gets},
};
use crate::{
    chart::may_mention,
    yaml::{Document, Rendering, Spelled, documents},
};

/// The releases of a script.
pub(super) fn of_script(source: &str) -> Vec<Rendering> {
    releases(source, &[Text::whole(source)], &[], false)
}

/// Those of the fences of a text for people. What it says without a heredoc is an example.
pub(super) fn of_prose(source: &str) -> Vec<Rendering> {
    releases(source, &fences(source), &[], true)
}

/// Those of the commands in a YAML file: the jobs of a pipeline.
pub(super) fn of_yaml(source: &str) -> Vec<Rendering> {
    let (mut texts, mut tasks) = (Vec::new(), Vec::new());
    for range in documents(source) {
        let Ok(document) = Document::read_any(&source[range.clone()]) else { continue };
        let mut spelled: Vec<Spelled> = document.commands_with("helm ", range.start);
        spelled.extend(document.commands_with("<<", range.start));
        spelled.sort_by_key(|spelled| spelled.span.start);
        spelled.dedup_by_key(|spelled| spelled.span.clone());
        let matrices = document.matrices(range.start);
        texts.extend(spelled.into_iter().map(|spelled| {
            let span = spelled.span.clone();
            let span_start = span.start;
            let matrix = matrices.iter().find(|one| one.job.start <= span.start && span.end <= one.job.end);
            let turns = matrix.map(|_| Said { text: "the matrix of this job".to_owned(), at: span });
            let mut text = Text::of(spelled);
            text.turns = turns;
            text.matrix = matrix.cloned();
            text.folder = document.folder_of(span_start, range.start).unwrap_or_default();
            text
        }));
        tasks.extend(azure::tasks(&document, range.start));
    }
    releases(source, &texts, &tasks, false)
}

fn releases(source: &str, texts: &[Text], tasks: &[Command], only_written: bool) -> Vec<Rendering> {
    let mut files = Files::default();
    let mut given: Vec<Given> = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let lines = lines_of(source, text);
        let variables = variables_of(text, &lines);
        let (branches, folder, turns) = (Branches::default(), text.folder.clone(), text.turns.clone());
        let (files, given) = (&mut files, &mut given);
        Run { text, number, variables, files, given, branches, at: None, turns, folder, left: Vec::new() }.all(lines);
    }
    let is_loose =
        given.iter().any(|one| !one.command.unread.is_empty()) && says_mode_elsewhere(source, &given, &files);
    let mut renderings = Vec::new();
    for (number, one) in given.iter().enumerate() {
        let is_same =
            |other: &Given| other.text == one.text && other.command.is_applied && other.command.says_same(&one.command);
        if given[..number].iter().rev().take(MOST_COMPARED).any(is_same) {
            continue;
        }
        renderings.extend(rendered_command(source, &one.command, (&one.gets, &mut files), is_loose, only_written));
    }
    for task in tasks {
        let gets: Vec<Gets> = task.files.iter().map(|file| files.get(&file.text, &[])).collect();
        renderings.extend(rendered_command(source, task, (&gets, &mut files), false, only_written));
    }
    let alone = files.written.iter().filter(|one| !one.is_used && one.target.text != "-");
    renderings.extend(alone.map(|one| rendered_heredoc(source, one)));
    renderings
}

/// With so many commands before it a command is compared.
const MOST_COMPARED: usize = 50;

/// The lines of a text, up to a heredoc that has no end.
fn lines_of(source: &str, text: &Text) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < text.content.len() {
        let end = shell::line_end(&text.content, at);
        let line = at..end;
        at = end;
        let start = text.content[line.clone()].trim_start();
        if ["#", "//", "/*"].iter().any(|mark| start.starts_with(mark)) {
            continue;
        }
        let tokens = shell::tokens(&text.content, line);
        let mut heredocs = Vec::new();
        for (number, token) in tokens.iter().enumerate() {
            let Token::Heredoc { .. } = token else { continue };
            let Some((heredoc, next)) = Heredoc::read(source, text, token, at) else { return lines };
            at = next;
            heredocs.push((number, heredoc));
        }
        lines.push(Line { tokens, heredocs });
    }
    lines
}

/// The variables that a text sets once.
fn variables_of(text: &Text, lines: &[Line]) -> Variables {
    const SETTING: [&str; 6] = ["export", "local", "readonly", "declare", "typeset", "env"];
    let mut variables = Variables::new();
    let mut branches = Branches::default();
    for part in lines.iter().flat_map(|line| shell::parts(&line.tokens)) {
        let raw = shell::words(part.tokens);
        let skipped = branches.take(&part, &raw);
        let here = branches.here();
        turned(&here).for_each(|name| variables.set(name, None));
        let words: Vec<Said> = raw[skipped.min(raw.len())..].iter().map(|word| text.said(word)).collect();
        let is_certain = here.is_empty();
        if let [name, sign, value @ ..] = &words[..]
            && [":=", "=", "::=", "?=", "+="].contains(&sign.text.as_str())
        {
            let value = joined(value);
            match sign.text.as_str() {
                "?=" => variables.usual(&name.text, value),
                "+=" => variables.set(&name.text, None),
                _ => variables.set(&name.text, value.filter(|_| is_certain)),
            }
            continue;
        }
        let setting =
            words.iter().skip_while(|word| SETTING.contains(&word.text.as_str()) || word.text.starts_with('-'));
        for (name, value) in setting.map_while(assignment) {
            // of a command in brackets no word remains
            let is_written = !value.text.is_empty();
            variables.set(&name, Some(value).filter(|_| is_certain && is_written));
        }
        if words.first().is_some_and(|word| word.text == "read") {
            words[1..].iter().for_each(|word| variables.set(&word.text, None));
        }
    }
    variables
}

/// Words as one, with the spaces between them.
fn joined(words: &[Said]) -> Option<Said> {
    let (first, last) = (words.first()?, words.last()?);
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    Some(Said { text, at: first.at.start..last.at.end.max(first.at.start) })
}

/// The words of each command of a text, with the variables put in that are known.
pub(super) fn commands(text: &Text) -> Vec<Vec<Said>> {
    let lines = lines_of(&text.content, text);
    let variables = variables_of(text, &lines);
    let parts = lines.iter().flat_map(|line| shell::parts(&line.tokens));
    let said = |part: Part<'_>| {
        let words = shell::words(part.tokens).into_iter().map(|word| variables.put_into(&text.said(word)));
        words.skip_while(|word| ["do", "then", "else"].contains(&word.text.as_str())).collect()
    };
    parts.map(said).collect()
}

/// Whether a mode is set in a script outside of its heredocs and its commands of Helm: it may be an option of one of
/// these.
fn says_mode_elsewhere(source: &str, given: &[Given], files: &Files) -> bool {
    let of_commands = given.iter().map(|one| one.command.at.clone());
    let of_heredocs = files.written.iter().flat_map(|one| one.heredoc.lines.iter().map(|(line, _)| line.clone()));
    let mut taken: Vec<Range<usize>> = of_commands.chain(of_heredocs).collect();
    taken.sort_by_key(|range| range.start);
    let mut at = 0;
    for range in taken.into_iter().chain(std::iter::once(source.len()..source.len())) {
        let between = source.get(at..range.start.max(at)).unwrap_or_default();
        if between.lines().any(|line| !line.trim_start().starts_with('#') && may_mention(line.as_bytes())) {
            return true;
        }
        at = at.max(range.end);
    }
    false
}
