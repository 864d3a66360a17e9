//! [`Run`]: the commands of a text, gone through in order, with what is known at each.

use super::{
    branches::{Branches, Scope, turned},
    command::{Command, goes_to, told},
    heredoc::{Heredoc, target},
    shell::{self, Part, Token},
    text::{Said, Text},
    turns::Turns,
    variables::Variables,
    written::{Files, Gets, may_change},
};

/// A line of a text, with the heredocs that it opens.
pub(super) struct Line {
    pub(super) tokens: Vec<Token>,
    /// With the number of the token that opens each.
    pub(super) heredocs: Vec<(usize, Heredoc)>,
}

/// A command of Helm, with what it gets of each of the files that it names.
pub(super) struct Given {
    pub(super) command: Command,
    pub(super) gets: Vec<Gets>,
    pub(super) text: usize,
}

/// What is known while the commands of a text are gone through.
pub(super) struct Run<'r> {
    pub(super) text: &'r Text,
    pub(super) number: usize,
    pub(super) variables: Variables,
    pub(super) files: &'r mut Files,
    pub(super) given: &'r mut Vec<Given>,
    pub(super) branches: Branches,
    /// The cluster that a command before made the current one.
    pub(super) at: Option<Said>,
    /// Of what each command is one of several turns, if so.
    pub(super) turns: Option<Said>,
    /// The folder that a command before went to, and those that it goes back to behind brackets.
    pub(super) folder: String,
    pub(super) left: Vec<String>,
}

impl Run<'_> {
    pub(super) fn all(&mut self, lines: Vec<Line>) {
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
        // the folder of the script itself
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

    /// Takes a command of Helm as it is in one turn, with what distinguishes it from those of other turns.
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

/// Whether a word is not the name of a release: an option, a file, or what an option sets.
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
