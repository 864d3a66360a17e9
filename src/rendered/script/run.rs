//! [`Run`]: the commands of a text, gone through in order, with what is known at each.

use super::{
    calls::Calls,
    command::{Command, goes_to},
    kept::{Kept, TakenUp},
    ran::Ran,
    together::Passing,
    written::{Files, Gets, changed, may_change},
};
use crate::rendered::shell::{
    self, Part, Token, Word,
    branches::{Branches, Scope},
    chain::Chain,
    folders::Folders,
    heredoc::{BY_COMMAND, Heredoc, Line, target},
    references::variables_in,
    text::{Said, Text},
    variables::Variables,
};

/// With so many commands before it a command is compared.
pub(super) const MOST_COMPARED: usize = 50;

/// A command of Helm, with what it gets of each of the files that it names.
pub(in crate::rendered) struct Given {
    pub(in crate::rendered) command: Command,
    pub(in crate::rendered) gets: Vec<Gets>,
    pub(in crate::rendered) text: usize,
}

impl Given {
    /// Whether another command of its text asks the same of Helm, and gets the same of the files that it names.
    pub(super) fn says_same(&self, other: &Self) -> bool {
        self.text == other.text && self.command.says_same(&other.command) && self.gets == other.gets
    }
}

/// What is known while the commands of a text are gone through.
pub(super) struct Run<'r> {
    pub(in crate::rendered) text: &'r Text,
    pub(super) number: usize,
    pub(in crate::rendered) variables: Variables,
    pub(in crate::rendered) files: &'r mut Files,
    pub(super) given: &'r mut Vec<Given>,
    pub(super) passing: &'r mut Vec<Passing>,
    pub(super) ran: &'r mut Vec<Ran>,
    pub(super) taken_up: &'r mut TakenUp,
    pub(super) calls: Calls,
    pub(super) branches: Branches,
    /// The cluster that a command before made the current one.
    pub(in crate::rendered) at: Option<Said>,
    /// Of what each command is one of several turns, if so.
    pub(in crate::rendered) turns: Option<Said>,
    /// The folder that a command before went to.
    pub(super) folders: Folders,
    /// The scripts that were read into this one.
    pub(in crate::rendered) sourced: Vec<String>,
    /// How many commands were run that may have made another cluster the current one, or may have ended the script.
    pub(super) moves: usize,
    /// The variables among the words of the command that is gone through, as they are written.
    pub(super) options: Vec<String>,
    /// The target of a makefile, or the recipe of just, that it is in.
    pub(in crate::rendered) part: String,
    /// Whether the command that is gone through need not run, as `&&` and `||` join it to others.
    pub(super) is_unsure: bool,
}

impl Run<'_> {
    pub(in crate::rendered) fn all(&mut self, lines: Vec<Line>) {
        // each line of a recipe of make begins in the folder of that
        let is_recipe = self.text.content.contains(":\n\t") || self.text.content.contains(".PHONY");
        let is_one_shell = self.text.content.contains(".ONESHELL");
        let mut chain = Chain::default();
        for line in lines {
            let Line { tokens, heredocs, is_of_recipe } = line;
            let parts = shell::parts(&tokens);
            if let Some(target) = target_of(&tokens, &self.text.content) {
                target.clone_into(&mut self.part);
                self.moves += 1;
            }
            let has_heredoc = !heredocs.is_empty();
            let (mut scopes, mut branches): (Vec<Vec<Scope>>, Vec<bool>) = Default::default();
            let mut all_words: Vec<Vec<Said>> = Vec::new();
            // what is set on the command line of make counts above what the makefile sets
            let is_make = |_: &&&Word| is_recipe;
            let mut all_options: Vec<Vec<String>> = Vec::new();
            for part in &parts {
                let raw = shell::words(part.tokens);
                let skipped = self.branches.take(part, &raw).min(raw.len());
                // what is behind a condition, or in another arm, need not run where what is before it did
                branches.push(raw[..skipped].iter().any(|word| word.said != "time"));
                scopes.push(self.branches.here());
                let function = scopes.last().and_then(|here| here.iter().rev().find_map(Scope::function));
                self.variables.function = function.map(str::to_owned);
                all_options.push(raw.iter().filter(is_make).flat_map(|word| variables_in(&word.said)).collect());
                all_words.push(raw[skipped..].iter().flat_map(|word| self.put_into(&self.text.said(word))).collect());
            }
            let program = |words: &'_ Vec<Said>| words.first().map(|word| word.text.clone());
            let mut need_not_run = |(part, words)| chain.take(part, program(words).as_deref());
            let unsure: Vec<bool> = parts.iter().zip(&all_words).map(&mut need_not_run).collect();
            for (number, heredoc) in heredocs {
                let token = &tokens[number];
                let is_it = |part: &Part<'_>| part.tokens.iter().any(|one| std::ptr::eq(one, token));
                let Some(place) = parts.iter().position(is_it) else { continue };
                let mut here = scopes[place].clone();
                here.extend(unsure[place].then(|| self.branches.choice()));
                for file in &heredoc.named {
                    let file = self.in_folder(&self.variables.put_file(file));
                    self.files.change(&file.text, &here);
                }
                if let Some((target, is_changed)) = target(self.text, &parts[place..]) {
                    let target = self.in_folder(&self.variables.put_file(&target));
                    let altered = heredoc.altered.or(is_changed.then_some(BY_COMMAND));
                    let heredoc = Heredoc { altered, ..heredoc };
                    self.files.write(target, heredoc, here);
                }
            }
            self.written_by_step(&all_words, scopes.first().map_or(&[], Vec::as_slice));
            for (number, part) in parts.iter().enumerate() {
                let (words, here) = (&all_words[number], &scopes[number]);
                if is_recipe && part.before.is_empty() && !(is_one_shell && is_of_recipe) {
                    self.folders = Folders::default();
                }
                let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
                self.is_unsure = unsure[number];
                self.moves += usize::from(may_go_elsewhere(&texts) || branches[number] || part.before.contains(";&"));
                let joins =
                    |part: &Part<'_>, sign: char| part.before.starts_with(sign) && !part.before[1..].starts_with(sign);
                let is_apart = part.before.ends_with('|') && !part.before.ends_with("||")
                    || parts.get(number + 1).is_some_and(|next| joins(next, '|') || joins(next, '&'));
                self.folders.take(part, &texts, here, is_apart);
                if let Some(file) = sourced(words).filter(|_| self.sourced.len() < SOURCED) {
                    let file = self.in_folder(&self.variables.put_file(file)).text;
                    self.sourced.push(file);
                }
                if !has_heredoc {
                    self.changes(part, words, here);
                }
                if let Some(context) = goes_to(words) {
                    self.at = Some(context).filter(super::command::is_told);
                }
                let defines = parts.get(number + 1).is_some_and(|next| next.before.starts_with("()"));
                if !defines {
                    self.called(words, here);
                    self.runs(words, here);
                }
                let into_file = |token: &Token| matches!(token, Token::Into { file, .. } if file.said != "/dev/null");
                let is_read = all_words[number..].iter().flatten().any(|word| shell::is_helm(&word.text));
                self.passed(words, is_read || part.tokens.iter().any(into_file));
                let kept = Kept::of(&parts[number..], &all_words[number..]);
                self.taken_up.take(&parts[number..], &all_words[number..]);
                self.options = std::mem::take(&mut all_options[number]);
                self.command(words, here, &kept);
            }
        }
        self.end_of_calls();
    }

    /// A word with its variables; of one that is options, each of these. Where other options may stand in its place, it
    /// stays behind those that are certain.
    fn put_into(&self, word: &Said) -> Vec<Said> {
        let choices = self.variables.choices(word).filter(|(_, perhaps)| !perhaps.is_empty());
        let (put, is_choice) = match choices {
            Some((is, _)) => (is.map(|is| self.variables.put_into(&is)), true),
            None => (Some(self.variables.put_into(word)), false),
        };
        let mut words = match put {
            Some(put) if put.text == word.text => return vec![put],
            Some(put) if word.text.starts_with('$') && (put.text.contains(' ') || put.text.is_empty()) => {
                let tokens = shell::tokens(&put.text, 0..put.text.len());
                let words = shell::words(&tokens).into_iter();
                words.map(|word| Said { text: word.said.clone(), at: put.at.clone() }).collect()
            }
            // what may be something else is not a word by itself
            Some(_) | None if is_choice => Vec::new(),
            put => put.into_iter().collect(),
        };
        words.extend(is_choice.then(|| word.clone()));
        words
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
            let file =
                self.in_folder(&self.variables.put_file(&Said { text: file.to_owned(), at: usize::MAX..usize::MAX }));
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
        let words: Vec<&str> = words
            .iter()
            .map(|word| word.text.trim_start_matches('@'))
            .skip_while(|word| shell::is_passed(word))
            .collect();
        let Some(program) = words.first() else { return };
        let sets = words.iter().take(3).skip(1).any(|word| [":=", "=", "::=", "?=", "+="].contains(word));
        // what a function that runs Helm does is read there
        if !may_change(&words)
            || sets
            || self.calls.functions.contains(*program)
            || program.ends_with(':')
            || program.starts_with('-')
            || words.iter().any(|word| shell::is_helm(word))
        {
            return;
        }
        for file in changed(&words) {
            let file = self.in_folder(&Said { text: file, at: usize::MAX..usize::MAX });
            match file.text.strip_suffix("/*").or_else(|| (file.text == "*").then_some("")) {
                Some(folder) => self.files.change_all(folder, here),
                None => self.files.change(&file.text, here),
            }
        }
    }

    /// The name of a file from where the script began.
    pub(super) fn in_folder(&self, file: &Said) -> Said {
        Said { text: self.folders.place(&file.text), at: file.at.clone() }
    }
}

/// As many scripts are kept that are read into one.
pub(super) const SOURCED: usize = 8;

/// Whether a command may make another cluster the current one, or end the script: any but those that are known not to.
fn may_go_elsewhere(words: &[&str]) -> bool {
    const STAYING: [&str; 12] =
        ["helm", "sleep", "echo", "printf", "wait", "true", ":", "date", "set", "kubectl", "cat", "grep"];
    let words = words.iter().map(|word| word.trim_start_matches('@'));
    let words: Vec<&str> = words.skip_while(|word| ["sudo", "time", "command"].contains(word)).collect();
    let is_config = words.first() == Some(&"kubectl") && words.get(1) == Some(&"config");
    words.first().is_some_and(|program| !STAYING.contains(program)) || is_config
}

/// The target that a line begins, as in a makefile: `deploy: build`.
fn target_of<'t>(tokens: &'t [Token], text: &str) -> Option<&'t str> {
    let Some(Token::Word(first)) = tokens.first() else { return None };
    let is_at_start = first.at.start == 0 || text[..first.at.start].ends_with('\n');
    let names = shell::words(tokens);
    let ends = |word: &&&Word| word.said.ends_with(':');
    let last = names.last().filter(ends).or_else(|| names.first().filter(ends));
    last.filter(|_| is_at_start).map(|_| first.said.as_str())
}

/// The script that a command reads into this one.
fn sourced(words: &[Said]) -> Option<&Said> {
    words.get(1).filter(|_| [".", "source"].contains(&words[0].text.as_str()))
}
