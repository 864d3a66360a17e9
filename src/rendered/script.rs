//! Scripts: the heredocs that they write to files, and the commands that give Helm these files, or set values beside them.

use std::ops::Range;

use super::{
    azure,
    branches::{Branches, Scope, turned},
    command::{Command, goes_to, told},
    heredoc::{Heredoc, target},
    shell::{self, Part, Token},
    text::{Said, Text, fences},
    told::{rendered_command, rendered_heredoc},
    turns::Turns,
    variables::{Variables, assignment},
    written::{Files, Gets, may_change},
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

/// A line of a text, with the heredocs that it opens.
struct Line {
    tokens: Vec<Token>,
    /// With the number of the token that opens each.
    heredocs: Vec<(usize, Heredoc)>,
}

/// A command of Helm, with what it gets of each of the files that it names.
struct Given {
    command: Command,
    gets: Vec<Gets>,
    text: usize,
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
            // of a command in brackets no word is left
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

/// What is known while the commands of a text are gone through.
struct Run<'r> {
    text: &'r Text,
    number: usize,
    variables: Variables,
    files: &'r mut Files,
    given: &'r mut Vec<Given>,
    branches: Branches,
    /// The cluster that a command before made the current one.
    at: Option<Said>,
    /// Of what each command is one of several turns, if so.
    turns: Option<Said>,
    /// The folder that a command before went to, and those that it goes back to behind brackets.
    folder: String,
    left: Vec<String>,
}

impl Run<'_> {
    fn all(&mut self, lines: Vec<Line>) {
        // each line of a recipe of make begins in the folder of that
        let is_recipe = self.text.content.contains(":\n\t") || self.text.content.contains(".PHONY");
        for line in lines {
            let Line { tokens, heredocs } = line;
            let parts = shell::parts(&tokens);
            let has_heredoc = !heredocs.is_empty();
            let mut scopes: Vec<Vec<Scope>> = Vec::new();
            let mut all_words: Vec<Vec<Said>> = Vec::new();
            for part in &parts {
                let raw = shell::words(part.tokens);
                let skipped = self.branches.take(part, &raw).min(raw.len());
                scopes.push(self.branches.here());
                all_words.push(raw[skipped..].iter().flat_map(|word| self.put_into(&self.text.said(word))).collect());
            }
            for (number, heredoc) in heredocs {
                let token = &tokens[number];
                let is_it = |part: &Part<'_>| part.tokens.iter().any(|one| std::ptr::eq(one, token));
                let Some(place) = parts.iter().position(is_it) else { continue };
                if let Some((target, is_changed)) = target(self.text, &parts[place..]) {
                    let target = self.in_folder(&self.variables.put_file(&target));
                    let heredoc = Heredoc { is_altered: heredoc.is_altered || is_changed, ..heredoc };
                    self.files.write(target, heredoc, scopes[place].clone());
                }
            }
            let first = self.given.len();
            self.written_by_step(&all_words, scopes.first().map_or(&[], Vec::as_slice));
            for (number, part) in parts.iter().enumerate() {
                let (words, here) = (&all_words[number], &scopes[number]);
                self.go(part, words, is_recipe);
                if !has_heredoc {
                    self.changes(part, words, here);
                }
                if let Some(context) = goes_to(words) {
                    self.at = Some(context).filter(super::command::is_told);
                }
                let next = parts.get(number + 1).zip(all_words.get(number + 1));
                self.command(words, here, is_kept(part, next));
                // what runs where the other fails
                let of_line = self.given.len() - first;
                if of_line > 1 && parts[..=number].iter().any(|part| part.before.contains("||")) {
                    let several = &mut self.given[first..];
                    let are_same = several[0].command.says_same(&several[of_line - 1].command);
                    for one in several {
                        one.command.is_alternative |= !are_same;
                    }
                }
            }
        }
    }

    /// A word with its variables; of one that is options, each of these.
    fn put_into(&self, word: &Said) -> Vec<Said> {
        let put = self.variables.put_into(word);
        if put.text == word.text || !word.text.starts_with('$') || !put.text.contains(' ') {
            return vec![put];
        }
        let tokens = shell::tokens(&put.text, 0..put.text.len());
        let words = shell::words(&tokens);
        words.iter().map(|word| Said { text: word.said.clone(), at: put.at.clone() }).collect()
    }

    /// Takes the files that a step of a pipeline writes: `writeFile file: 'values.yaml', text: ...`.
    fn written_by_step(&mut self, parts: &[Vec<Said>], here: &[Scope]) {
        const STEPS: [&str; 3] = ["writeFile", "writeYaml", "writeJSON"];
        let words = || parts.iter().flatten().map(|word| word.text.trim_matches([',', '"', '\'']));
        if !words().any(|word| STEPS.contains(&word)) {
            return;
        }
        let named = words().filter(|word| word.contains('.'));
        for file in named {
            let file = self.in_folder(&self.variables.put_file(&Said { text: file.to_owned(), at: 0..0 }));
            self.files.change(&file.text, here);
        }
    }

    /// Takes what a command does to the files that it names.
    fn changes(&mut self, part: &Part<'_>, words: &[Said], here: &[Scope]) {
        for token in part.tokens {
            if let Token::Into { file, .. } = token {
                let file = self.in_folder(&self.variables.put_file(&self.text.said(file)));
                self.files.change(&file.text, here);
            }
        }
        let words: Vec<&str> =
            words.iter().map(|word| word.text.trim_start_matches('@')).skip_while(|word| is_passed(word)).collect();
        let Some(program) = words.first() else { return };
        let sets = words.iter().take(3).skip(1).any(|word| [":=", "=", "::=", "?=", "+="].contains(word));
        if !may_change(&words) || sets || program.ends_with(':') || words.iter().any(|word| shell::is_helm(word)) {
            return;
        }
        let named = words[1..].iter().map(|word| word.split_once('=').map_or(*word, |(_, value)| value));
        let named = named.filter(|word| !word.starts_with('-') && word.contains(['.', '/']));
        let is_copy = ["cp", "install", "ln"].contains(&program.rsplit('/').next().unwrap_or(program));
        let mut named: Vec<&str> = named.collect();
        // of a copy the last one is written
        named.drain(..if is_copy { named.len().saturating_sub(1) } else { 0 });
        for file in named {
            let file = self.in_folder(&Said { text: file.to_owned(), at: 0..0 });
            self.files.change(&file.text, here);
        }
    }

    /// Takes a command that goes to another folder; one in brackets goes back behind them.
    fn go(&mut self, part: &Part<'_>, words: &[Said], is_recipe: bool) {
        /// No script goes so deep.
        const DEEPEST: usize = 64;
        for sign in part.before.chars() {
            match sign {
                '(' if self.left.len() < DEEPEST => self.left.push(self.folder.clone()),
                ')' => self.folder = self.left.pop().unwrap_or_else(|| self.folder.clone()),
                _ => {}
            }
        }
        if is_recipe && part.before.is_empty() {
            self.folder.clear();
        }
        let [program, folder, ..] = words else { return };
        if !["cd", "pushd"].contains(&program.text.trim_start_matches('@')) {
            return;
        }
        let folder = folder.text.trim_end_matches('/');
        // where the script itself stands
        let is_own = ["dirname", "$0", "BASH_SOURCE", "%~dp0"].iter().any(|word| folder.contains(word));
        self.folder = match folder {
            _ if is_own => String::new(),
            folder if folder.starts_with(['/', '$', '~', '-']) => folder.to_owned(),
            folder => cleaned(&format!("{}/{folder}", self.folder)),
        };
        if self.folder.len() > 1_000 {
            "$PWD".clone_into(&mut self.folder);
        }
    }

    /// The name of a file from where the script began.
    fn in_folder(&self, file: &Said) -> Said {
        let is_away = self.folder.is_empty() || file.text == "-" || file.text.starts_with(['/', '$', '~']);
        if is_away {
            return file.clone();
        }
        Said { text: cleaned(&format!("{}/{}", self.folder, file.text)), at: file.at.clone() }
    }

    /// Takes a command of Helm: of a loop whose turns are known, one for each.
    fn command(&mut self, words: &[Said], here: &[Scope], is_kept: bool) {
        let Some(turns) = self.turns_of(words, here) else { return self.command_of_turn(words, here, is_kept, None) };
        let context = self.at.take();
        let is_only = turns.is_of_matrix && self.text.matrix.as_ref().is_some_and(|matrix| matrix.names.len() == 1);
        let matrix = self.turns.take_if(|_| is_only);
        for (item, put) in turns.each() {
            self.at = context.as_ref().map(&put);
            let of_turn: Vec<Said> = words.iter().map(&put).collect();
            let is_named =
                words.iter().zip(&of_turn).any(|(word, put)| word.text != put.text && !is_option_or_file(put));
            self.command_of_turn(&of_turn, here, is_kept, Some(item).filter(|_| !is_named));
        }
        self.at = context;
        self.turns = matrix.or_else(|| self.turns.take());
    }

    /// The turns that a command is one of, where what it takes of them is known.
    fn turns_of(&self, words: &[Said], here: &[Scope]) -> Option<Turns> {
        if !words.iter().any(|word| shell::is_helm(&word.text)) {
            return None;
        }
        let taken = |turns: &Turns| words.iter().chain(&self.at).any(|word| turns.is_in(&word.text));
        let mut all = Turns::of_loops(here, &self.variables);
        all.extend(self.text.matrix.iter().flat_map(Turns::of_matrix));
        let mut all = all.into_iter().filter(taken);
        let turns = all.next().filter(Turns::is_told)?;
        // what is written or changed in a turn is not followed, and what is written for all is one place
        let is_touched =
            |file: &Said| self.files.any(|name| name == self.in_folder(file).text.trim_start_matches("./"));
        let of_command = told(words).map(|command| command.files).unwrap_or_default();
        let is_written = of_command.iter().map(|file| self.variables.put_file(file)).any(|file| is_touched(&file));
        (all.next().is_none() && !is_written && !self.files.any(|file| turns.is_in(file))).then_some(turns)
    }

    /// Takes a command of Helm as it is in one turn, with what tells it from the others.
    fn command_of_turn(&mut self, words: &[Said], here: &[Scope], is_kept: bool, turn: Option<&str>) {
        let Some(mut command) = told(words) else { return };
        command.is_applied |= is_kept;
        command.turn = turn.map(str::to_owned);
        command.context = command.context.or_else(|| self.at.clone());
        let of_loops: Vec<&str> = turned(here).collect();
        command.turns = command.repeated(words, &of_loops).or_else(|| self.turns.clone());
        command.scopes = here.to_vec();
        for file in &mut command.files {
            *file = self.in_folder(&self.variables.put_file(file));
        }
        let gets = command.files.iter().map(|file| self.files.get(&file.text, here)).collect();
        self.given.push(Given { command, gets, text: self.number });
    }
}

/// Whether a word is no name of a release: an option, a file, or what an option sets.
fn is_option_or_file(word: &Said) -> bool {
    word.text.starts_with('-') || word.text.contains(['/', '.', '=', ','])
}

/// A path without the parts that lead nowhere, as far as its beginning is known.
fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." && !last.contains('$') => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
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

pub(super) fn is_passed(word: &str) -> bool {
    ["sudo", "time", "env", "exec", "command", "nohup", "then", "do", "else", "{", "!"].contains(&word)
        || word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains(['-', '/', '.']))
}

/// Whether what `helm template` shows is passed on: to a file, or to what brings it to a cluster.
fn is_kept(part: &Part<'_>, next: Option<(&Part<'_>, &Vec<Said>)>) -> bool {
    const BRING: [&str; 6] = ["kubectl", "oc", "kapp", "tee", "kustomize", "k3s"];
    let is_template = shell::words(part.tokens).iter().any(|word| word.said == "template");
    let into = part.tokens.iter().any(|token| matches!(token, Token::Into { file, .. } if file.said != "/dev/null"));
    let is_piped = next.is_some_and(|(part, words)| {
        part.before == "|" && words.first().is_some_and(|word| BRING.contains(&word.text.as_str()))
    });
    is_template && (into || is_piped)
}

/// Whether a mode is said in a script beside its heredocs and its commands of Helm: it may be an option of one of these.
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
